import assert from 'node:assert/strict';
import { createOpenEvseSimulator } from '../../src/simulators/openevse';
import {
  type AedesBroker,
  freePort,
  type MosquittoBroker,
  requireMosquitto,
  startAedes,
  startMosquitto,
} from '../support/broker';
import { type Authority, createAuthority } from '../support/certificates';
import { createConnection } from '../support/connect';
import { brokerNode, chargerNode, errorProbe } from '../support/flows';
import { at, type FlowNode, MAJOR, type NodeRed, startNodeRed } from '../support/node-red';
import { startProxy } from '../support/proxy';
import { until } from '../support/until';

const COUNT = 50;

/** Chargers `box-0` and so on, which nobody plays, so that their commands stay in flight. */
const boxes = (count: number): FlowNode[] =>
  Array.from({ length: count }, (_, n) => chargerNode('openevse', `box-${n}`, { id: `config-${n}`, name: `box-${n}` }));

/** Any charger's commands; what becomes of them reaches the probes `results`, `errors` and, when done, `done`. */
const controlFlow = (properties = {}): FlowNode[] => [
  { id: 'control', type: 'charger-control', charger: '', timeout: '5', wires: [['results']], ...properties },
  { id: 'results', type: 'probe' },
  { id: 'complete', type: 'complete', scope: ['control'], wires: [['done']] },
  { id: 'done', type: 'probe' },
  ...errorProbe(),
];

describe(`nodes: commands under faults in Node-RED ${MAJOR}`, function () {
  this.timeout(30_000);
  let red: NodeRed;
  before(async () => (red = await startNodeRed()));
  after(() => red.stop());
  /** What a test started, in the order in which it ends. */
  const ends: (() => Promise<void>)[] = [];
  afterEach(async () => {
    await red.deploy([]);
    for (const end of ends.splice(0)) await end();
  });

  const send = (n: number, charger = `box-${n}`): void =>
    red.send('control', { n, charger, payload: { command: 'setMode', mode: n % 2 ? 'eco' : 'normal' } });

  /** The numbers of the messages that reached a probe, in order of size. */
  const numbers = (probe: string): number[] =>
    red
      .received(probe)
      .filter((message) => 'n' in message)
      .map((message) => Number(message['n']))
      .sort((a, b) => a - b);

  const ended = (): number[] => [...numbers('results'), ...numbers('errors')].sort((a, b) => a - b);

  /** Waits for the outcomes of the commands 0 to `count`, and a turn of the event loop more for second ones. */
  async function eachEndedOnce(count: number): Promise<void> {
    await until(() => ended().length >= count, `${count} outcomes`, 15_000);
    await new Promise((resolve) => setImmediate(resolve));
    assert.deepEqual(
      ended(),
      Array.from({ length: count }, (_, n) => n),
    );
    assert.deepEqual(numbers('done'), numbers('results'), 'done without an error means a result');
  }

  const codes = (): unknown[] => [
    ...new Set(
      red
        .received('errors')
        .filter((message) => 'n' in message)
        .map((message) => at(message, 'error.code')),
    ),
  ];

  /** A client beside ours that notes every command it sees. */
  async function watch(broker: { url: string }): Promise<{ seen: string[]; subscribed(): number }> {
    const seen: string[] = [];
    let subscribed = 0;
    const { connection, reached } = createConnection(broker.url);
    ends.push(() => connection.close());
    const granted = new Promise<void>((resolve) =>
      connection.subscribe(['+/divertmode/set'], {
        onMessage: ({ topic }) => seen.push(topic.split('/')[0] ?? ''),
        onGranted: () => {
          subscribed += 1;
          resolve();
        },
      }),
    );
    connection.open();
    await reached('connected');
    await granted;
    return { seen, subscribed: () => subscribed };
  }

  /**
   * Sends commands of one more charger until one of them gets through, which what is late would have done before.
   * @returns how many it sent
   */
  async function reachable(seen: string[], marker: number): Promise<number> {
    let sent = 0;
    const again = setInterval(() => {
      send(marker);
      sent += 1;
    }, 200);
    try {
      await until(() => seen.includes(`box-${marker}`), 'a command that gets through', 15_000);
    } finally {
      clearInterval(again);
    }
    return sent;
  }

  describe('when the broker is killed', () => {
    let broker: MosquittoBroker;
    before(function () {
      requireMosquitto(this);
    });
    beforeEach(async () => {
      broker = await startMosquitto();
      ends.push(() => broker.stop());
    });

    const sessions = [
      { protocolVersion: '4' },
      { protocolVersion: '5' },
      { protocolVersion: '5', clientid: 'lasting', cleansession: false, sessionExpiry: '3600' },
    ];
    for (const session of sessions) {
      for (const when of ['at once', 'when some have arrived', 'when all have arrived']) {
        it(`${when}: each command ends once and none comes late (${Object.values(session).join(', ')})`, async () => {
          await red.deploy([brokerNode(broker.port, session), ...boxes(COUNT + 1), ...controlFlow()]);
          const watcher = await watch(broker);
          await reachable(watcher.seen, COUNT);
          watcher.seen.length = 0;
          for (let n = 0; n < COUNT; n++) send(n);
          const enough = { 'at once': 0, 'when some have arrived': 1, 'when all have arrived': COUNT }[when] ?? 0;
          await until(() => watcher.seen.length >= enough, 'commands');
          await broker.kill();
          // Down it is: these are not even tried.
          await until(() => codes().includes('NOT_CONNECTED'), 'the loss of the connection');
          const before = ended().length;
          for (let n = 0; n < 3; n++) send(COUNT + 1 + n, `box-${n}`);
          await until(() => ended().length >= before + 3, 'their outcomes');
          const early = [...watcher.seen];
          assert.equal(new Set(early).size, early.length, 'each command is published once');
          watcher.seen.length = 0;
          await broker.restart();
          // It is back well before the nodes, which wait for a second.
          await until(() => watcher.subscribed() === 2, 'the watcher');
          await reachable(watcher.seen, COUNT);
          assert.deepEqual(
            watcher.seen.filter((box) => box !== `box-${COUNT}`),
            [],
            'nothing is delivered after the restart',
          );
          const markers = (n: number): boolean => n !== COUNT;
          await until(() => ended().filter(markers).length >= COUNT + 3, 'all outcomes');
          assert.deepEqual(ended().filter(markers), Array.from({ length: COUNT + 4 }, (_, n) => n).filter(markers));
        });
      }
    }

    it('with a real charger and commands that wait for each other: the same', async () => {
      const charger = createOpenEvseSimulator({ broker: broker.url, speed: 20, onError: () => undefined });
      ends.push(() => charger.stop());
      await charger.start();
      charger.plugIn();
      await red.deploy([
        brokerNode(broker.port),
        chargerNode('openevse', charger.name),
        ...controlFlow({ charger: 'charger' }),
        { id: 'status', type: 'charger-status', charger: 'charger', wires: [['states']] },
        { id: 'states', type: 'probe' },
      ]);
      await red.next('states', (message) => at(message, 'payload.online') === true);
      const seen: string[] = [];
      const watcher = createConnection(broker.url);
      ends.push(() => watcher.connection.close());
      watcher.connection.subscribe([`${charger.name}/#`], {
        onMessage: ({ topic }) => {
          if (/\/(set|clear)$/.test(topic)) seen.push(topic);
        },
      });
      watcher.connection.open();
      await watcher.reached('connected');
      const payloads = (n: number): object[] => [
        { command: 'setCurrent', current: 6 + (n % 20) },
        { command: 'override', state: 'active', charge_current: 6 + (n % 20) },
        { command: 'setLimit', type: 'energy', value: 1000 + n },
        { command: 'setMode', mode: n % 2 ? 'eco' : 'normal' },
        { command: 'clearLimit' },
      ];
      for (let n = 0; n < COUNT; n++) red.send('control', { n, payload: payloads(n)[n % 5] });
      await until(() => seen.length > 0, 'the first command');
      await broker.kill();
      await eachEndedOnce(COUNT);
      seen.length = 0;
      const before = red.received('states').length;
      await broker.restart();
      await red.next(
        'states',
        (message) => red.received('states').indexOf(message) >= before && at(message, 'payload.online') === true,
      );
      await watcher.reached('connected');
      assert.deepEqual(seen, []);
      red.send('control', { n: COUNT, payload: { command: 'setCurrent', current: 31 } });
      await red.next('results', (message) => message['n'] === COUNT);
      assert.ok(seen.length > 0, 'what is sent then arrives');
      await eachEndedOnce(COUNT + 1);
    });
  });

  describe('over a half-open link', () => {
    let authority: Authority;
    /** Nothing was made where the suite is skipped. */
    let remove = (): void => undefined;
    before(function () {
      requireMosquitto(this);
      authority = createAuthority();
      remove = () => authority.remove();
    });
    after(() => remove());

    for (const scheme of ['mqtt', 'mqtts', 'ws']) {
      it(`a command ends as TIMEOUT and does not come late (${scheme})`, async () => {
        const { cert, key } = authority.issue(`half-${scheme}`);
        const port = await freePort();
        const special: Record<string, string[]> = {
          mqtts: ['certfile {dir}/cert', 'keyfile {dir}/key'],
          ws: ['protocol websockets'],
        };
        const broker = await startMosquitto(
          ['allow_anonymous true', `listener ${port} 127.0.0.1`, ...(special[scheme] ?? [])],
          { cert, key },
        );
        const proxy = await startProxy(port);
        ends.push(
          () => proxy.stop(),
          () => broker.stop(),
        );
        await red.deploy(
          [
            { id: 'tls', type: 'tls-config', cert: '', key: '', ca: '', verifyservercert: true },
            brokerNode(0, { broker: `${scheme}://localhost:${proxy.port}`, tls: 'tls' }),
            ...boxes(3),
            ...controlFlow({ timeout: '1', waitFor: 'sent' }),
          ],
          { tls: { cadata: authority.ca } },
        );
        const watcher = await watch(broker);
        const markers = await reachable(watcher.seen, 2);
        await until(() => ended().length === markers, 'the end of what was sent before');
        watcher.seen.length = 0;
        proxy.hold();
        for (const n of [0, 1]) send(n);
        await until(() => numbers('errors').filter((n) => n < 2).length === 2, 'their outcomes');
        const [first, second] = red.received('errors').filter((message) => Number(message['n']) < 2);
        assert.equal(at(first, 'error.code'), 'TIMEOUT');
        // The first to time out takes the link, which is dead, from the others.
        assert.ok(['TIMEOUT', 'NOT_CONNECTED'].includes(String(at(second, 'error.code'))));
        for (const told of [first, second]) {
          assert.match(String(at(told, 'error.message')), /broker did not/);
        }
        proxy.resume();
        await reachable(watcher.seen, 2);
        assert.deepEqual([...new Set(watcher.seen)], ['box-2']);
        assert.deepEqual(
          ended().filter((n) => n < 2),
          [0, 1],
        );
      });
    }
  });

  describe('when a node goes', () => {
    let broker: AedesBroker;
    beforeEach(async () => {
      broker = await startAedes();
      ends.push(() => broker.stop());
    });
    const commands = (): string[] =>
      broker.published.filter(({ topic }) => topic.endsWith('/divertmode/set')).map(({ topic }) => topic);
    const timers = (): number => process.getActiveResourcesInfo().filter((kind) => kind === 'Timeout').length;

    it('its commands end, each once, and it leaves nothing behind', async () => {
      const rest = controlFlow().filter(({ id }) => id !== 'control');
      const config = [brokerNode(broker.port), ...boxes(COUNT)];
      await red.deploy([...config, ...rest]);
      const before = timers();
      await red.redeploy([...config, ...rest, ...controlFlow({ timeout: '60' }).slice(0, 1)], 'nodes');
      await until(() => broker.subscribed.includes('box-0/+'), 'the connection');
      for (let n = 0; n < COUNT; n++) send(n);
      await until(() => commands().length === COUNT, 'the commands');
      await red.redeploy([...config, ...rest], 'nodes');
      await eachEndedOnce(COUNT);
      assert.deepEqual(codes(), ['NOT_CONNECTED']);
      assert.match(String(at(red.received('errors')[0], 'error.message')), /node was closed/);
      await until(() => broker.connections() === 0, 'the end of the connection');
      await until(() => timers() <= before, 'the end of its timers');
      assert.equal(commands().length, COUNT);
    });

    it('commands that wait for their turn are not sent any more', async () => {
      const goe = chargerNode('go-e', 'go-eCharger/123456');
      const nodes = controlFlow({ charger: 'charger', timeout: '60' });
      await red.deploy([brokerNode(broker.port), goe, ...nodes]);
      await until(() => broker.subscribed.length > 0, 'the connection');
      const sets = (): string[] =>
        broker.published.filter(({ topic }) => topic.endsWith('/set')).map(({ payload }) => payload);
      const ask = (n: number): void =>
        red.send('control', { n, payload: { command: 'set', key: 'amp', value: 6 + n } });
      ask(0);
      await until(() => sets().length === 1, 'the first');
      for (let n = 1; n < 5; n++) ask(n);
      await red.redeploy([brokerNode(broker.port), goe, ...nodes.filter(({ id }) => id !== 'control')], 'nodes');
      await eachEndedOnce(5);
      await red.redeploy([brokerNode(broker.port), goe, ...nodes], 'nodes');
      await until(() => broker.connections() === 1, 'the new connection');
      assert.deepEqual(sets(), ['6']);
    });

    it('an unchanged node keeps its commands through the deploy of another', async () => {
      const config = [brokerNode(broker.port), ...boxes(1)];
      const other = { id: 'other', type: 'charger-status', charger: 'config-0' };
      await red.deploy([...config, ...controlFlow({ timeout: '1' }), other]);
      await until(() => broker.subscribed.includes('box-0/+'), 'the connection');
      send(0);
      await until(() => commands().length === 1, 'the command');
      await red.redeploy([...config, ...controlFlow({ timeout: '1' }), { ...other, emit: 'message' }], 'nodes');
      assert.deepEqual(ended(), []);
      await eachEndedOnce(1);
      assert.deepEqual(codes(), ['TIMEOUT']);
    });
  });

  it('a command whose charger goes offline ends once', async () => {
    const broker = await startAedes();
    const charger = createOpenEvseSimulator({ broker: broker.url, speed: 20 });
    ends.push(
      () => charger.stop(),
      () => broker.stop(),
    );
    await charger.start();
    await red.deploy([
      brokerNode(broker.port),
      chargerNode('openevse', charger.name),
      ...controlFlow({ charger: 'charger', timeout: '2' }),
      { id: 'status', type: 'charger-status', charger: 'charger', wires: [['states']] },
      { id: 'states', type: 'probe' },
    ]);
    await red.next('states', (message) => at(message, 'payload.online') === true);
    const killed = charger.kill();
    red.send('control', { n: 0, payload: { command: 'setCurrent', current: 12 } });
    await killed;
    await eachEndedOnce(1);
    assert.ok(['OFFLINE', 'TIMEOUT'].includes(String(codes()[0])), String(codes()));
  });
});
