import assert from 'node:assert/strict';
import { type AedesBroker, requireMosquitto, startAedes, startMosquitto } from '../support/broker';
import { brokerNode, errorProbe } from '../support/flows';
import { consumption, hasDataset, LinkyBench, PDL } from '../support/linky';
import { at, type FlowNode, MAJOR, type NodeRed, startNodeRed } from '../support/node-red';
import { until } from '../support/until';

/** `command` -> probe `results`. */
const command = (properties: object = {}): FlowNode[] => [
  { id: 'command', type: 'linky-command', broker: 'broker', command: 'sync', wires: [['results']], ...properties },
  { id: 'results', type: 'probe' },
  ...errorProbe(),
];

describe(`nodes: linky-command in Node-RED ${MAJOR}`, function () {
  this.timeout(30_000);
  let red: NodeRed;
  let bench: LinkyBench;
  before(async () => {
    red = await startNodeRed();
  });
  after(() => red.stop());
  beforeEach(async () => {
    bench = await LinkyBench.start(red);
  });
  afterEach(() => bench.end());

  const status = (parts: object): string =>
    JSON.stringify({
      status: 'ok',
      last_sync: '2026-01-14T10:00:00Z',
      next_sync: '2026-01-14T11:00:00Z',
      pdl_count: 1,
      errors: [],
      ...parts,
    });
  const commands = (): AedesBroker['published'] =>
    bench.broker.published.filter(({ topic }) => topic.includes('/command/'));
  /** The node has seen the retained status when it was told to a consumer of the same connection. */
  const deploy = async (properties: object = {}): Promise<void> => {
    await red.deploy([
      brokerNode(bench.broker.port),
      ...command(properties),
      ...consumption({ datasets: ['status'] }).slice(0, 2),
    ]);
    await bench.subscribed(1);
  };

  it('matrix 8: a sync is confirmed by a later last_sync, and never retained', async () => {
    await bench.simulate();
    await deploy();
    const known = await red.next('readings');
    const result = await bench.answer('results', 'command', { kept: true });
    assert.deepEqual(Object.keys(result['payload'] as object), ['command', 'outcome', 'elapsed', 'lastSync']);
    assert.deepEqual([at(result, 'payload.command'), at(result, 'payload.outcome')], ['sync', 'confirmed']);
    assert.ok(String(at(result, 'payload.lastSync')) > String(at(known, 'payload.lastSync')));
    assert.deepEqual(at(result, 'sync'), { mayBeScheduled: false, errors: [] });
    assert.equal(at(result, 'kept'), true);
    assert.deepEqual(commands(), [{ topic: 'myelectricaldata/command/sync', payload: '', retain: false, qos: 1 }]);
  });

  it('matrix 8: a status told again confirms nothing: sent, not confirmed, and never sent twice', async () => {
    await bench.broker.publish('myelectricaldata/status', status({}), true);
    await deploy({ timeout: '1' });
    await red.next('readings');
    red.send('command', {});
    await until(() => commands().length === 1, 'the command');
    await bench.broker.publish('myelectricaldata/status', status({}), true);
    const error = await red.next('errors');
    assert.equal(at(error, 'error.code'), 'TIMEOUT');
    assert.match(String(at(error, 'error.message')), /sent, not confirmed/);
    assert.equal(commands().length, 1);
    assert.deepEqual(red.received('results'), []);
  });

  it('matrix 8: without any status the time-out says so', async () => {
    await deploy({ timeout: '1' });
    red.send('command', {});
    assert.match(String(at(await red.next('errors'), 'error.message')), /sent, not confirmed.*never told a status/);
  });

  it('matrix 8: tells when a scheduled sync may have been the one', async () => {
    await bench.broker.publish('myelectricaldata/status', status({}), true);
    await deploy();
    await red.next('readings');
    red.send('command', {});
    await until(() => commands().length === 1, 'the command');
    await bench.broker.publish('myelectricaldata/status', status({ last_sync: '2026-01-14T11:00:01Z' }));
    assert.equal(at(await red.next('results'), 'sync.mayBeScheduled'), true);
  });

  it('matrix 8: a sync that failed is refused with the words of the client', async () => {
    const simulator = await bench.simulate();
    await deploy();
    await red.next('readings');
    simulator.failNextSync(`quota reached for ${PDL}`);
    red.send('command', {});
    const error = await red.next('errors');
    assert.equal(at(error, 'error.code'), 'REFUSED');
    assert.match(String(at(error, 'error.cause.reply')), /quota reached for 12…1234/);
  });

  it('matrix 8: a reload, and a sync that need not be confirmed, are sent', async () => {
    await bench.simulate();
    await deploy({ command: '', waitFor: 'sent' });
    await red.next('readings');
    for (const payload of ['reload', { command: 'sync' }]) {
      assert.equal(at(await bench.answer('results', 'command', { payload }), 'payload.outcome'), 'sent');
    }
    await until(() => commands().length === 2, 'both commands');
    assert.deepEqual(
      commands().map(({ topic, retain }) => [topic, retain]),
      [
        ['myelectricaldata/command/reload', false],
        ['myelectricaldata/command/sync', false],
      ],
    );
    red.send('command', { payload: 'explode' });
    assert.equal(at(await red.next('errors'), 'error.code'), 'INVALID');
  });

  it('matrix 8: with the broker down it fails, and nothing is sent later', async () => {
    await deploy();
    await bench.broker.stop();
    await red.next('errors', (message) => at(message, 'error.code') === 'NOT_CONNECTED');
    const error = await bench.answer('errors', 'command', {});
    assert.equal(at(error, 'error.code'), 'NOT_CONNECTED');
    bench.broker = await startAedes(bench.broker.port);
    await until(() => bench.broker.subscribed.includes('myelectricaldata/status'), 'the connection');
    await bench.broker.publish('myelectricaldata/status', status({}));
    await red.next('readings');
    assert.deepEqual(commands(), []);
  });

  it('matrix 8: over MQTT 5 it knows when nobody is subscribed to the command', async function () {
    requireMosquitto(this);
    const mosquitto = await startMosquitto();
    try {
      await red.deploy([
        brokerNode(mosquitto.port),
        ...command(),
        ...consumption().slice(0, 2),
        { id: 'link', type: 'status', scope: ['command'], wires: [['states']] },
        { id: 'states', type: 'probe' },
      ]);
      await red.next('states', (message) => String(at(message, 'status.text')).includes('connected'));
      const error = await bench.answer('errors', 'command', {});
      assert.equal(at(error, 'error.code'), 'REFUSED');
      assert.match(String(at(error, 'error.message')), /nobody is subscribed to myelectricaldata\/command\/sync/);
      await bench.simulate({ broker: mosquitto.url });
      await red.next('readings', hasDataset('status'));
      assert.equal(at(await bench.answer('results', 'command', {}), 'payload.outcome'), 'confirmed');
    } finally {
      await red.deploy([]);
      await bench.stopSimulators();
      await mosquitto.stop();
    }
  });
});
