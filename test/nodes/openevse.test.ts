import assert from 'node:assert/strict';
import { createOpenEvseSimulator, type OpenEvseSimulator } from '../../src/simulators/openevse';
import type { ChargerStatus } from '../../src/chargers/status';
import { type AedesBroker, startAedes } from '../support/broker';
import { fateOf } from '../support/carry-out';
import { brokerNode, chargerFlow, chargerNode, errorProbe } from '../support/flows';
import { at, type FlowNode, MAJOR, type NodeRed, type Received, startNodeRed } from '../support/node-red';
import { isState } from '../support/states';
import { until } from '../support/until';

describe(`nodes: an OpenEVSE charger in Node-RED ${MAJOR}`, function () {
  this.timeout(30_000);
  let red: NodeRed;
  let broker: AedesBroker;
  let charger: OpenEvseSimulator;

  before(async () => {
    red = await startNodeRed();
  });
  after(() => red.stop());
  beforeEach(async () => {
    broker = await startAedes();
    charger = createOpenEvseSimulator({ broker: broker.url, speed: 20, uptime: 28 });
    await charger.start();
  });
  afterEach(async () => {
    await red.deploy([]);
    await charger.stop();
    await broker.stop();
  });

  const deploy = (status = {}, control = {}): Promise<void> =>
    red.deploy([brokerNode(broker.port), chargerNode('openevse', charger.name), ...chargerFlow({ status, control })]);

  it('is discovered once, listed on request, and lost with its last will', async () => {
    await red.deploy([
      brokerNode(broker.port),
      { id: 'discovery', type: 'charger-discovery', broker: 'broker', wires: [['found']] },
      { id: 'found', type: 'probe' },
    ]);
    const found = await red.next('found', ({ topic }) => topic === 'charger/found');
    assert.deepEqual(
      ['event', 'system', 'id', 'name', 'baseTopic'].map((key) => at(found, `payload.${key}`)),
      ['found', 'openevse', charger.id, charger.name, charger.name],
    );
    red.send('discovery', {});
    const list = await red.next('found', ({ topic }) => topic === 'charger/list');
    assert.equal(at(list, 'payload.0.id'), charger.id);
    assert.equal(at(list, 'payload.0.event'), undefined);
    await charger.kill();
    await red.next('found', ({ topic }) => topic === 'charger/lost');
    assert.equal(red.received('found').filter(({ topic }) => topic === 'charger/found').length, 1);
  });

  it('shows its state in the one vocabulary: no car, charging, no car', async () => {
    await deploy();
    const first = await red.next('states', isState('disconnected'));
    assert.equal(at(first, 'topic'), 'Garage');
    assert.equal(at(first, 'payload.online'), true);
    assert.deepEqual(at(first, 'charger'), {
      system: 'openevse',
      id: charger.id,
      name: 'Garage',
      baseTopic: charger.name,
    });
    charger.plugIn();
    const charging = await red.next(
      'states',
      (message) => isState('charging')(message) && Number(at(message, 'payload.power')) > 1000,
    );
    assert.equal(at(charging, 'payload.vehicle.connected'), true);
    assert.equal(at(charging, 'payload.current'), 32);
    assert.equal(at(charging, 'payload.control.by'), 'charger');
    charger.unplug();
    await red.next('states', (message) => isState('disconnected')(message) && message !== first);
    assert.deepEqual(red.received('errors'), []);
  });

  it('carries out neutral commands, and tells which were unchanged', async () => {
    await deploy();
    await red.next('states', isState('disconnected'));
    charger.plugIn();
    await red.next('states', isState('charging'));
    const command = async (payload: object): Promise<Received> => {
      const before = red.received('results').length;
      red.send('control', { payload });
      await red.next('results', () => red.received('results').length > before);
      return red.received('results').at(-1) ?? {};
    };
    const stopped = await command({ command: 'stop' });
    assert.equal(at(stopped, 'payload.outcome'), 'confirmed');
    assert.equal(at(stopped, 'payload.command'), 'stop');
    assert.deepEqual(at(stopped, 'payload.charger'), { system: 'openevse', id: charger.id, name: 'Garage' });
    await red.next('states', isState('paused'));
    assert.equal(at(await command({ command: 'setCurrent', current: 10 }), 'payload.outcome'), 'confirmed');
    assert.equal(at(await command({ command: 'start' }), 'payload.outcome'), 'confirmed');
    await red.next('states', (message) => isState('charging')(message) && at(message, 'payload.current') === 10);
    assert.equal(
      at(await command({ command: 'setLimit', type: 'energy', value: 10000 }), 'payload.outcome'),
      'confirmed',
    );
    assert.equal(at(await command({ command: 'clearLimit' }), 'payload.outcome'), 'confirmed');
    assert.equal(at(await command({ command: 'setMode', mode: 'eco' }), 'payload.outcome'), 'confirmed');
    assert.equal(at(await command({ command: 'setMode', mode: 'eco' }), 'payload.outcome'), 'unchanged');
    assert.equal(at(await command({ command: 'release' }), 'payload.outcome'), 'confirmed');
    for (const twice of [
      { command: 'stop' },
      { command: 'claim', state: 'active', charge_current: 9 },
      { command: 'release' },
      { command: 'override', charge_current: 8 },
      { command: 'override.clear' },
      { command: 'limit', type: 'time', value: 60 },
      { command: 'limit.clear' },
      { command: 'shaper', enabled: true },
      { command: 'shaper', enabled: false },
      { command: 'schedule', id: 1, state: 'active', time: '22:00', days: ['monday'] },
    ]) {
      assert.equal(at(await command(twice), 'payload.outcome'), 'confirmed', JSON.stringify(twice));
      // The end of an override shows in its document first.
      const isOver = (): boolean => at(red.received('states').at(-1), 'payload.control.by') !== 'manual';
      if (twice.command === 'override.clear') await until(isOver, 'the end of the override');
      assert.equal(at(await command(twice), 'payload.outcome'), 'unchanged', `${JSON.stringify(twice)}, again`);
    }
    assert.deepEqual(red.received('errors'), []);
    assert.ok(
      broker.published.every(({ topic, retain }) => !topic.endsWith('/set') || !retain),
      'no command was retained',
    );
  });

  const refused: [string, object, string, string?][] = [
    ['nothing', {}, 'INVALID', 'command'],
    ['an unknown command', { command: 'explode' }, 'INVALID', 'command'],
    ['a current that is text', { command: 'setCurrent', current: 'abc' }, 'INVALID', 'current'],
    ['a negative current', { command: 'setCurrent', current: -1 }, 'INVALID', 'current'],
    ['more than the limit current', { command: 'setCurrent', current: 17 }, 'INVALID', 'current'],
    ['a state that crashes the firmware', { command: 'claim', state: null }, 'INVALID', 'state'],
    ['a state that is misread', { command: 'override', state: 'auto' }, 'INVALID', 'state'],
    ['phases', { command: 'setPhases', phases: 3 }, 'UNSUPPORTED'],
    ['a mode it lacks', { command: 'setMode', mode: 'surplus' }, 'UNSUPPORTED'],
  ];
  it('refuses what the firmware would misread or crash on, before it is published', async () => {
    await red.deploy([
      brokerNode(broker.port),
      chargerNode('openevse', charger.name, { maxCurrent: '16' }),
      ...chargerFlow(),
    ]);
    await red.next('states', isState('disconnected'));
    for (const [what, payload, code, path] of refused) {
      const before = red.received('errors').length;
      red.send('control', { payload });
      await red.next('errors', () => red.received('errors').length > before);
      const error = at(red.received('errors').at(-1), 'error');
      assert.equal(at(error, 'code'), code, what);
      if (path) assert.equal(at(error, 'cause.details.0.path'), path, what);
    }
    assert.deepEqual(
      broker.published.filter(({ topic }) => /\/(set|clear|restart)$/.test(topic)),
      [],
    );
    assert.deepEqual(red.received('results'), []);
  });

  it('refuses commands while charger or broker are away, and sends none of them later', async () => {
    await deploy();
    await red.next('states', isState('disconnected'));
    await charger.kill();
    await red.next('states', (message) => at(message, 'payload.online') === false);
    red.send('control', { payload: { command: 'start' } });
    assert.equal(at(await red.next('errors'), 'error.code'), 'OFFLINE');
    await broker.stop();
    await red.next('errors', (message) => at(message, 'error.code') === 'NOT_CONNECTED');
    const before = red.received('errors').length;
    red.send('control', { payload: { command: 'start' } });
    await red.next('errors', () => red.received('errors').length > before);
    assert.equal(at(red.received('errors').at(-1), 'error.code'), 'NOT_CONNECTED');
    broker = await startAedes(broker.port);
    await charger.start();
    await red.next(
      'states',
      (message) => at(message, 'payload.online') === true && red.received('states').indexOf(message) > 1,
    );
    assert.deepEqual(
      broker.published.filter(({ topic }) => topic.endsWith('/set')),
      [],
    );
  });

  it('gives a node that is deployed later the present state at once, over the same connection', async () => {
    const nodes = [brokerNode(broker.port), chargerNode('openevse', charger.name), ...chargerFlow()];
    await red.deploy(nodes);
    await red.next('states', isState('disconnected'));
    await red.redeploy(
      [
        ...nodes,
        { id: 'second', type: 'charger-status', charger: 'charger', native: true, wires: [['more']] },
        { id: 'more', type: 'probe' },
      ],
      'nodes',
    );
    const snapshot = await red.next('more');
    assert.equal(at(snapshot, 'payload.state'), 'disconnected');
    assert.equal(at(snapshot, 'native.status'), 'active');
    assert.equal(broker.connections(), 2, 'the charger and one connection of ours');
  });

  it('controls the charger that msg.charger names', async () => {
    await red.deploy([
      brokerNode(broker.port),
      chargerNode('openevse', charger.name),
      { ...chargerNode('go-e', 'go-eCharger/000000'), id: 'other', name: '' },
      ...chargerFlow({ control: { charger: '', command: 'setCurrent', value: '8', valueType: 'num', timeout: '1' } }),
    ]);
    const state = await red.next('states', isState('disconnected'));
    const { system, id, name } = at(state, 'payload') as ChargerStatus;
    for (const reference of ['Garage', 'charger', at(state, 'charger'), { system, id, name }]) {
      const before = red.received('results').length;
      red.send('control', { charger: reference, kept: true });
      await until(() => red.received('results').length > before, `the result for ${JSON.stringify(reference)}`);
      const result = red.received('results').at(-1);
      assert.equal(at(result, 'kept'), true, 'the message goes on');
      assert.deepEqual(at(result, 'payload.charger'), { system, id, name });
    }
    for (const [wrong, text] of [
      ['Nowhere', /is not a deployed charger/],
      [7, /is not a deployed charger/],
      [{ system: 'openevse', id: 'ffffffffffff' }, /is not a deployed charger/],
      [{ system: 'go-e', id: charger.id }, /is not a deployed charger/],
      [undefined, /name one in msg.charger/],
      // A charger without a name is called by its base topic; this one never answered.
      ['go-eCharger/000000', /No answer/],
    ] as const) {
      const before = red.received('errors').length;
      red.send('control', { charger: wrong });
      await until(() => red.received('errors').length > before, 'the error');
      assert.match(String(at(red.received('errors').at(-1), 'error.message')), text);
    }
  });

  it('takes its parameters from its own value, however that was written into the flow', async () => {
    const variants: [id: string, properties: object, message: object, value: unknown][] = [
      ['number', { command: 'setCurrent', value: 9 }, { payload: 20 }, 9],
      ['typed number', { command: 'setCurrent', value: '10', valueType: 'num' }, { payload: 20 }, 10],
      ['object', { command: 'setCurrent', value: { current: 11 } }, {}, 11],
      ['json', { command: 'setCurrent', value: '{"current":12}', valueType: 'json' }, {}, 12],
      ['of the message', { command: 'setCurrent', value: 'amps', valueType: 'msg' }, { amps: 13, payload: 20 }, 13],
      ['empty', { command: 'setCurrent', value: '', valueType: 'payload' }, { payload: 14 }, 14],
      ['absent', { command: 'setCurrent' }, { payload: { current: 15 } }, 15],
      ['of any command', { value: 16 }, { payload: { command: 'setCurrent', current: 20 } }, 16],
      ['text', { command: 'get', value: 'max_current' }, { payload: 'status' }, 32],
      ['text of the message', { command: 'get' }, { payload: 'max_current' }, 32],
    ];
    await red.deploy([
      brokerNode(broker.port, { port: broker.port, protocolVersion: 4 }),
      chargerNode('openevse', charger.name, { staleAfter: 120, maxCurrent: 16 }),
      ...chargerFlow().filter(({ id }) => id !== 'control'),
      ...[...variants, ['missing', { command: 'setCurrent', value: 'amps', valueType: 'msg' }] as const].map(
        ([id, properties]) => ({
          id,
          type: 'charger-control',
          charger: 'charger',
          wires: [['results']],
          ...properties,
        }),
      ),
    ]);
    await red.next('states', isState('disconnected'));
    for (const [id, , message, value] of variants) {
      const { done, failed } = await fateOf(red, id, message);
      assert.deepEqual([at(done, 'payload.value'), at(failed, 'error.message')], [value, undefined], id);
    }
    const { failed } = await fateOf(red, 'missing', { payload: 8 });
    assert.deepEqual(
      [at(failed, 'error.code'), at(failed, 'error.cause.details.0.path')],
      ['INVALID', 'current'],
      'the payload is not taken for the value that is missing',
    );
  });

  it('tells its state at an interval, with each message, and when asked', async () => {
    const status = (id: string, properties: object): FlowNode[] => [
      { id, type: 'charger-status', charger: 'charger', wires: [[`${id}-states`]], ...properties },
      { id: `${id}-states`, type: 'probe' },
    ];
    await red.deploy([
      brokerNode(broker.port),
      chargerNode('openevse', charger.name),
      ...status('changes', {}),
      ...status('seconds', { emit: 'interval', interval: 1 }),
      ...status('messages', { emit: 'message' }),
      { id: 'complete', type: 'complete', scope: ['changes', 'seconds', 'messages'], wires: [['done']] },
      { id: 'done', type: 'probe' },
    ]);
    await red.next('changes-states', isState('disconnected'));
    const count = (id: string): number => red.received(`${id}-states`).length;
    for (const id of ['changes', 'seconds', 'messages']) {
      red.send(id, { payload: 'anything', topic: 'mine', kept: id });
      const asked = await red.next(`${id}-states`, ({ kept }) => kept === id);
      assert.deepEqual(
        [at(asked, 'topic'), at(asked, 'payload.state'), at(asked, 'charger.id'), Array.isArray(asked['changed'])],
        ['Garage', 'disconnected', charger.id, true],
      );
      assert.equal('native' in asked, false);
    }
    const [before, start] = [count('seconds'), Date.now()];
    await until(() => count('seconds') === before + 3, 'three seconds');
    assert.ok(Date.now() - start >= 1_900, 'not before they are over');
    assert.ok(count('messages') > count('changes'), 'each message, not each change');
    assert.deepEqual(
      red.received('done').map(({ kept }) => kept),
      ['changes', 'seconds', 'messages'],
    );
  });

  it('goes by the name of the charger where the user gave none', async () => {
    await red.deploy([brokerNode(broker.port), chargerNode('openevse', charger.name, { name: '' }), ...chargerFlow()]);
    const state = await red.next('states', isState('disconnected'));
    assert.deepEqual([state['topic'], at(state, 'payload.name')], [charger.name, charger.name]);
  });

  it('says that it is not configured with a charger or systems that cannot be', async () => {
    for (const [what, nodes] of [
      ['a base topic', [chargerNode('openevse', 'garage/#'), ...chargerFlow()]],
      ['a system', [chargerNode('wallbox', 'garage'), ...chargerFlow()]],
      ['a limit', [chargerNode('openevse', 'garage', { maxCurrent: 'much' }), ...chargerFlow()]],
      [
        'systems',
        [{ id: 'discovery', type: 'charger-discovery', broker: 'broker', systems: ['goe'] }, ...errorProbe()],
      ],
    ] as const) {
      await red.deploy([brokerNode(broker.port), ...nodes]);
      assert.equal(at(await red.next('errors'), 'error.code'), 'NOT_CONFIGURED', what);
    }
  });

  it('says what is missing when it is not configured', async () => {
    await red.deploy([
      { id: 'control', type: 'charger-control', charger: 'gone', wires: [['results']] },
      { id: 'results', type: 'probe' },
      ...errorProbe(),
    ]);
    assert.equal(at(await red.next('errors'), 'error.code'), 'NOT_CONFIGURED');
    red.send('control', { payload: { command: 'start' } });
    await red.next('errors', () => red.received('errors').length > 1);
    assert.equal(at(red.received('errors').at(-1), 'error.code'), 'NOT_CONFIGURED');
  });
});
