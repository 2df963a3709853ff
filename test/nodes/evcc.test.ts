import assert from 'node:assert/strict';
import {
  createEvccSimulator,
  type EvccSimulator,
  type EvccSimulatorOptions,
} from '../../src/simulators/evcc/simulator';
import { type EvccProfile, PROFILES } from '../../src/simulators/evcc/version';
import { type AedesBroker, startAedes } from '../support/broker';
import { carryOut, type Told } from '../support/carry-out';
import { brokerNode, chargerFlow, chargerNode } from '../support/flows';
import { at, MAJOR, type NodeRed, type Received, startNodeRed } from '../support/node-red';
import { until } from '../support/until';

const VERSIONS = Object.keys(PROFILES) as EvccProfile[];
const BASE = 'evcc/loadpoints/1';
const TOMORROW = new Date(Date.now() + 86_400_000).toISOString().replace(/\.\d+Z$/, 'Z');

/** The first loadpoint charges from the start, and nothing but commands ends it. */
const LOADPOINTS = [
  { title: 'Carport', mode: 'now', phaseSwitching: true, currents: true, totalImport: 2345.678, vehicle: 'golf' },
  { title: 'Garage', mode: 'off' },
] as const;

const isState =
  (state: string) =>
  (message: Received): boolean =>
    at(message, 'payload.state') === state;

const isOnline = (message: Received): boolean => at(message, 'payload.online') === true;

describe(`nodes: an evcc loadpoint in Node-RED ${MAJOR}`, function () {
  this.timeout(30_000);
  let red: NodeRed;
  let broker: AedesBroker;
  let evccs: EvccSimulator[];

  before(async () => {
    red = await startNodeRed();
  });
  after(() => red.stop());
  beforeEach(async () => {
    broker = await startAedes();
    evccs = [];
  });
  afterEach(async () => {
    await red.deploy([]);
    for (const evcc of evccs) await evcc.kill();
    await broker.stop();
    assert.deepEqual(
      broker.published.filter(({ topic, payload, retain }) => topic.endsWith('/set') && payload !== '' && retain),
      [],
      'no command was retained',
    );
  });

  /** A control interval of 3 s, which pass in 0.15 s. */
  function create(options: Partial<EvccSimulatorOptions> = {}): EvccSimulator {
    const evcc = createEvccSimulator({
      broker: broker.url,
      speed: 20,
      interval: 3,
      loadpoints: LOADPOINTS,
      ...options,
    });
    evccs.push(evcc);
    return evcc;
  }

  interface Setup {
    readonly base?: string;
    readonly config?: object;
    readonly status?: object;
    readonly control?: object;
  }

  const deploy = ({ base = BASE, config = {}, status = {}, control = {} }: Setup = {}): Promise<void> =>
    red.deploy([brokerNode(broker.port), chargerNode('evcc', base, config), ...chargerFlow({ status, control })]);

  async function connect(options: Partial<EvccSimulatorOptions> = {}, setup: Setup = {}): Promise<EvccSimulator> {
    const evcc = create(options);
    await evcc.start();
    await deploy(setup);
    await red.next('states', isOnline);
    return evcc;
  }

  const command = (payload: object): Promise<Told> => carryOut(red, payload);
  const latest = (path: string): unknown => at(red.received('states').at(-1), `payload.${path}`);
  /** Commands as they came to the broker; the empty ones are evcc's acknowledgements. */
  const sets = (): string[] =>
    broker.published
      .filter(({ topic, payload }) => topic.endsWith('/set') && payload !== '')
      .map(({ topic, payload }) => `${topic} ${payload}`);

  for (const root of ['evcc', 'house/evcc'])
    it(`has its loadpoints discovered below ${root}, once, and lost with its last will`, async () => {
      const evcc = create({ root });
      await evcc.start();
      await red.deploy([
        brokerNode(broker.port),
        { id: 'discovery', type: 'charger-discovery', broker: 'broker', evccRoot: root, wires: [['found']] },
        { id: 'found', type: 'probe' },
      ]);
      const events = (topic: string): Received[] =>
        red.received('found').filter((message) => message['topic'] === topic);
      await until(() => events('charger/found').length === 2, 'two loadpoints');
      assert.deepEqual(
        events('charger/found').map(({ payload }) =>
          ['id', 'name', 'baseTopic', 'online'].map((key) => at(payload, key)),
        ),
        [
          ['lp-1', 'Carport', `${root}/loadpoints/1`, true],
          ['lp-2', 'Garage', `${root}/loadpoints/2`, true],
        ],
      );
      red.send('discovery', {});
      assert.equal(at(await red.next('found', ({ topic }) => topic === 'charger/list'), 'payload.length'), 2);
      if (root !== 'evcc') return;
      await evcc.kill();
      await until(() => events('charger/lost').length === 2, 'both to be lost');
      assert.equal(events('charger/found').length, 2);
    });

  for (const profile of VERSIONS) {
    it(`${profile}: comes from nothing to a car that charges, leaves and comes back`, async () => {
      const evcc = create({ profile });
      await deploy({ status: { native: true } });
      await until(() => broker.subscribed.includes(`${BASE}/#`), 'the subscriptions');
      await evcc.start();
      const charging = await red.next(
        'states',
        (message) => isOnline(message) && isState('charging')(message) && Number(at(message, 'payload.power')) > 1_000,
      );
      assert.deepEqual(
        ['vehicle.connected', 'vehicle.name', 'phases.wanted', 'mode', 'control.by', 'firmware'].map((key) =>
          at(charging, `payload.${key}`),
        ),
        [true, 'blue e-Golf', 'auto', 'fast', 'manual', PROFILES[profile]],
      );
      // Before 0.300.7 in five significant digits.
      assert.ok(Math.abs(Number(at(charging, 'payload.energyTotal')) - 2_345_700) < 50);
      assert.equal(at(charging, 'payload.current'), 16);
      assert.equal(at(charging, 'native.connected'), true);
      evcc.unplug(1);
      const gone = await red.next('states', isState('disconnected'));
      assert.deepEqual([at(gone, 'payload.vehicle.connected'), at(gone, 'payload.vehicle.name')], [false, null]);
      evcc.plugIn(1, 'zoe');
      await red.next('states', (message) => at(message, 'payload.vehicle.name') === 'white Zoe');
      assert.ok(
        red.received('states').every((message) => at(message, 'payload.vehicle.soc') !== 0),
        'a SoC of 0 means unknown',
      );
      assert.deepEqual(red.received('errors'), []);
    });
  }

  it('shows what the broker kept as not known to be live, and takes no command for it', async () => {
    // What a broker keeps of an evcc that hangs: its will was never sent, and nothing moves.
    const kept = { status: 'online', updated: '1600000000', loadpoints: '1' };
    const loadpoint = {
      title: 'Carport',
      vehicleName: 'golf',
      connected: 'true',
      charging: 'true',
      chargePower: '11040',
    };
    for (const [topic, payload] of Object.entries(kept)) await broker.publish(`evcc/${topic}`, payload, true);
    for (const [key, payload] of Object.entries(loadpoint)) await broker.publish(`${BASE}/${key}`, payload, true);
    await deploy();
    const replayed = await red.next('states', (message) => at(message, 'payload.vehicle.name') !== null);
    assert.deepEqual(
      ['online', 'lastSeen', 'stale', 'state'].map((key) => at(replayed, `payload.${key}`)),
      [null, null, true, 'unknown'],
    );
    assert.ok(!red.received('states').some(isOnline));
    assert.equal((await command({ command: 'start' })).end, 'OFFLINE');
    assert.deepEqual(sets(), []);
  });

  describe('carries out commands', () => {
    for (const profile of VERSIONS) {
      it(`${profile}: confirmed by the value read back, and unchanged when it was so already`, async () => {
        await connect({ profile });
        const phases = profile === '0.203' || profile === '0.301' ? 'phases' : 'phasesConfigured';
        const cases: [object, string][] = [
          [{ command: 'stop' }, `${BASE}/mode/set off`],
          [{ command: 'start' }, `${BASE}/mode/set now`],
          [{ command: 'setMode', mode: 'surplus' }, `${BASE}/mode/set pv`],
          [{ command: 'setMode', mode: 'min+surplus' }, `${BASE}/mode/set minpv`],
          [{ command: 'setMode', mode: 'fast' }, `${BASE}/mode/set now`],
          [{ command: 'setCurrent', current: 10.5 }, `${BASE}/maxCurrent/set 10.5`],
          [{ command: 'setPhases', phases: 1 }, `${BASE}/${phases}/set 1`],
          [{ command: 'setLimit', type: 'energy', value: 12_345 }, `${BASE}/limitEnergy/set 12.345`],
          [{ command: 'setLimit', type: 'soc', value: 80 }, `${BASE}/limitSoc/set 80`],
          [{ command: 'set', topic: 'priority', value: 2 }, `${BASE}/priority/set 2`],
          [{ command: 'set', topic: 'site/residualPower', value: 100 }, 'evcc/site/residualPower/set 100'],
          [{ command: 'set', topic: 'vehicles/zoe/minSoc', value: 20 }, 'evcc/vehicles/zoe/minSoc/set 20'],
        ];
        for (const [payload, published] of cases) {
          assert.equal((await command(payload)).end, 'confirmed', JSON.stringify(payload));
          assert.equal(sets().at(-1), published);
          assert.equal((await command(payload)).end, 'unchanged', JSON.stringify(payload));
        }
        assert.equal((await command({ command: 'clearLimit' })).end, 'confirmed');
        assert.deepEqual(sets().slice(-2), [`${BASE}/limitSoc/set 0`, `${BASE}/limitEnergy/set 0`]);
        assert.deepEqual(red.received('errors'), []);
      });

      it(`${profile}: plans energy for the loadpoint and a SoC for a vehicle, and clears both`, async () => {
        await connect({ profile });
        const energy = { command: 'plan', time: TOMORROW, energy: 7_500 };
        assert.equal((await command(energy)).end, 'confirmed');
        assert.equal(sets().at(-1), `${BASE}/planEnergy/set {"time":"${TOMORROW}","value":7.5}`);
        assert.equal((await command({ command: 'plan.clear' })).end, 'confirmed');
        assert.equal((await command({ command: 'plan.clear' })).end, 'unchanged');
        const soc = { command: 'plan', time: TOMORROW, soc: 80, vehicle: 'golf' };
        assert.equal((await command(soc)).end, 'confirmed');
        assert.equal(sets().at(-1), `evcc/vehicles/golf/planSoc/set {"time":"${TOMORROW}","value":80}`);
        assert.equal((await command({ command: 'plan.clear', vehicle: 'golf' })).end, 'confirmed');
        assert.equal(sets().at(-1), 'evcc/vehicles/golf/planSoc/set null');
      });
    }

    for (const [profile, pv, minpv] of [
      ['0.313', { mode: 'pv' }, { mode: 'minpv' }],
      ['0.316', { mode: 'smart', alwaysCharge: 'off' }, { mode: 'smart', alwaysCharge: 'on' }],
    ] as const)
      it(`${profile}: speaks this generation of modes, and tells the same words`, async () => {
        await connect({ profile }, { status: { native: true } });
        for (const [mode, words] of [
          ['surplus', pv],
          ['min+surplus', minpv],
          ['surplus', pv],
        ] as const) {
          const from = red.received('states').length;
          assert.equal((await command({ command: 'setMode', mode })).end, 'confirmed');
          await until(() => latest('mode') === mode && red.received('states').length > from, mode);
          for (const [key, word] of Object.entries(words))
            assert.equal(at(red.received('states').at(-1), `native.${key}`), word);
        }
      });

    it('sets the battery mode, which shows elsewhere, and releases it', async () => {
      await connect();
      const hold = { command: 'set', topic: 'site/batteryMode', value: 'hold' };
      assert.equal((await command(hold)).end, 'confirmed');
      const read = await command({ command: 'get', topic: 'site/batteryModeExternal' });
      assert.equal(at(read.result, 'value'), 'hold');
      assert.equal((await command({ ...hold, value: 'none' })).end, 'confirmed');
      assert.equal((await command({ ...hold, value: 'none' })).end, 'unchanged');
    });

    for (const ackOrder of ['before', 'after'] as const)
      it(`is sure of success with the acknowledgement ${ackOrder} the readback`, async () => {
        await connect({ ackOrder });
        for (const current of [7, 8, 9]) {
          const told = await command({ command: 'setCurrent', current });
          assert.deepEqual([told.end, at(told.result, 'value')], ['confirmed', current]);
        }
      });

    for (const waitFor of ['accepted', 'sent'])
      it(`waits for no more than ${waitFor}`, async () => {
        await connect({ ackOrder: 'before' }, { control: { waitFor } });
        assert.equal((await command({ command: 'setCurrent', current: 9 })).end, waitFor);
      });

    it('never has two sets of one topic under way, and tells those that it left out', async () => {
      await connect();
      const told = await Promise.all([7, 8, 9].map((current) => command({ command: 'setCurrent', current })));
      assert.deepEqual(
        told.map(({ end }) => end),
        ['confirmed', 'SUPERSEDED', 'confirmed'],
      );
      assert.deepEqual(sets(), [`${BASE}/maxCurrent/set 7`, `${BASE}/maxCurrent/set 9`]);
    });
  });

  describe('says why not', () => {
    it('REFUSED, where evcc took the message and nothing changed: three phases on one wire', async () => {
      await connect({ loadpoints: [{ title: 'Shed', mode: 'off', phases: 1, vehicle: 'zoe' }] });
      // Else the command is refused before it is sent.
      await broker.publish(`${BASE}/chargerSinglePhase`, '', true);
      const refused = await command({ command: 'setPhases', phases: 3 });
      assert.equal(refused.end, 'REFUSED');
      assert.match(String(at(refused.error, 'message')), /phasesConfigured did not change; its log says why/);
    });

    it('TIMEOUT, where nobody acknowledges, with what may be the reason', async () => {
      await deploy({ control: { timeout: '1' } });
      await until(() => broker.subscribed.includes(`${BASE}/#`), 'the subscriptions');
      // A heartbeat, and nobody who listens.
      await broker.publish('evcc/status', 'online', true);
      await broker.publish('evcc/updated', String(Math.floor(Date.now() / 1000)), true);
      await broker.publish(`${BASE}/connected`, 'false', true);
      await red.next('states', isState('disconnected'));
      const silent = await command({ command: 'setCurrent', current: 10 });
      assert.equal(silent.end, 'TIMEOUT');
      assert.match(String(at(silent.error, 'message')), /sent, not answered.*lacks this setter/);
    });

    const REFUSED: readonly (readonly [string, object, string, string?])[] = [
      ['a current that is text', { command: 'setCurrent', current: 'abc' }, 'INVALID', 'current'],
      ['no current', { command: 'setCurrent', current: 0 }, 'INVALID', 'current'],
      ['more than the user allows', { command: 'setCurrent', current: 15 }, 'INVALID', 'current'],
      ['less than the minimum', { command: 'setCurrent', current: 5 }, 'INVALID', 'current'],
      ['more than all', { command: 'setLimit', type: 'soc', value: 150 }, 'INVALID', 'value'],
      ['the wrong case', { command: 'set', topic: 'batteryboost', value: true }, 'INVALID', 'topic'],
      ['a value without setter', { command: 'set', topic: 'title', value: 'Shed' }, 'INVALID', 'topic'],
      ['a unit with the number', { command: 'set', topic: 'limitSoc', value: '80 %' }, 'INVALID', 'value'],
      ['a time in the past', { command: 'plan', time: '2020-01-01T06:00:00Z', energy: 5_000 }, 'INVALID', 'time'],
      ['a time without zone', { command: 'plan', time: '2099-01-01T06:00:00', energy: 5_000 }, 'INVALID', 'time'],
      ['a SoC without vehicle', { command: 'plan', time: TOMORROW, soc: 80 }, 'INVALID', 'vehicle'],
      ['an unknown vehicle', { command: 'plan', time: TOMORROW, soc: 80, vehicle: 'tesla' }, 'INVALID', 'vehicle'],
      ['a title for a vehicle', { command: 'set', topic: 'vehicle', value: 'blue e-Golf' }, 'INVALID', 'value'],
      ['batteries out of order', { command: 'set', topic: 'site/prioritySoc', value: 101 }, 'INVALID', 'value'],
      ['a mode that it lacks', { command: 'setMode', mode: 'eco' }, 'UNSUPPORTED'],
      ['smart before its time', { command: 'set', topic: 'mode', value: 'smart' }, 'UNSUPPORTED'],
      ['a limit by time', { command: 'setLimit', type: 'time', value: 600 }, 'UNSUPPORTED'],
      ['a release', { command: 'release' }, 'UNSUPPORTED'],
      ['a boost outside surplus', { command: 'set', topic: 'batteryBoost', value: true }, 'REFUSED'],
    ];
    it('INVALID and UNSUPPORTED, before anything is published', async () => {
      await connect({}, { config: { maxCurrent: '14' } });
      for (const [what, payload, code, path] of REFUSED) {
        const told = await command(payload);
        assert.equal(told.end, code, what);
        if (path !== undefined) assert.equal(at(told.error, 'cause.details.0.path'), path, what);
      }
      assert.deepEqual(sets(), []);
      assert.deepEqual(red.received('results'), []);
    });

    it('OFFLINE for a loadpoint that evcc does not have', async () => {
      await create().start();
      await deploy({ base: 'evcc/loadpoints/3' });
      const state = await red.next('states', isState('unavailable'));
      assert.equal(at(state, 'payload.error.code'), 'NO_LOADPOINT');
      assert.equal((await command({ command: 'start' })).end, 'OFFLINE');
      assert.deepEqual(sets(), []);
    });

    it('OFFLINE from the moment that evcc is killed, and sends none of it later', async () => {
      const evcc = await connect();
      await evcc.kill();
      await red.next('states', isState('unavailable'));
      assert.equal(latest('online'), false);
      assert.equal((await command({ command: 'setCurrent', current: 9 })).end, 'OFFLINE');
      await evcc.start();
      await until(() => latest('online') === true, 'its return');
      assert.deepEqual(sets(), []);
    });
  });

  describe('while evcc empties its tree', () => {
    /** What is void is unknown: the car has not left, nothing has fallen to zero. */
    function assertNothingMadeUp(states: readonly Received[]): void {
      const emptied = states.filter((state) => at(state, 'payload.limits.max') === null);
      assert.ok(emptied.length > 0, 'the tree was seen empty');
      for (const state of emptied) {
        assert.notEqual(at(state, 'payload.state'), 'disconnected');
        assert.notEqual(at(state, 'payload.vehicle.connected'), false);
        for (const path of ['power', 'current', 'session.energy', 'energyTotal'])
          assert.notEqual(at(state, `payload.${path}`), 0, path);
      }
    }

    it('at its stop, is unknown and then offline: no zeros, and no command passes for acknowledged', async () => {
      const evcc = await connect({ speed: 3 });
      await red.next(
        'states',
        (message) => isState('charging')(message) && Number(at(message, 'payload.session.energy')) > 0,
      );
      const from = red.received('states').length;
      const stopping = evcc.stop();
      await until(() => latest('online') === null, 'the cleanup');
      const [told] = await Promise.all([command({ command: 'setCurrent', current: 9 }), stopping]);
      assert.equal(told.end, 'OFFLINE');
      await until(() => latest('online') === false, 'the will');
      assertNothingMadeUp(red.received('states').slice(from));
      assert.equal(latest('id'), 'lp-1');
      assert.deepEqual(sets(), []);
    });

    it('at its start, takes no command until it listens, and shows what was kept as not live', async () => {
      const evcc = await connect({ speed: 3 });
      await red.next('states', (message) => Number(at(message, 'payload.session.energy')) > 0);
      await evcc.kill();
      await red.next('states', isState('unavailable'));
      const from = red.received('states').length;
      const starting = evcc.start();
      await until(() => latest('online') === null, 'evcc to say online');
      const [told] = await Promise.all([command({ command: 'setCurrent', current: 9 }), starting]);
      assert.equal(told.end, 'OFFLINE');
      await until(() => latest('online') === true, 'its heartbeat');
      assertNothingMadeUp(red.received('states').slice(from));
      assert.deepEqual(sets(), []);
      assert.equal((await command({ command: 'setCurrent', current: 9 })).end, 'confirmed');
    });
  });

  it('keeps what it learnt over a broker that restarts without memory', async () => {
    await connect({ profile: '0.316' });
    await command({ command: 'setMode', mode: 'surplus' });
    await command({ command: 'setCurrent', current: 10 });
    await command({ command: 'setLimit', type: 'energy', value: 9_000 });
    await broker.stop();
    await until(() => latest('online') === null, 'the loss to show');
    assert.equal((await command({ command: 'start' })).end, 'NOT_CONNECTED');
    broker = await startAedes(broker.port);
    await until(() => latest('online') === true, 'its return');
    assert.deepEqual(['name', 'id', 'vehicle.name', 'firmware', 'phases.wanted', 'mode'].map(latest), [
      'Garage',
      'lp-1',
      'blue e-Golf',
      '0.316.0',
      'auto',
      'surplus',
    ]);
    assert.deepEqual(latest('session.limit'), { type: 'energy', value: 9_000 });
    // The generation of its modes was learnt from `alwaysCharge`, which does not come back by itself.
    assert.equal((await command({ command: 'setMode', mode: 'min+surplus' })).end, 'confirmed');
    await until(() => latest('mode') === 'min+surplus', 'the new mode');
  });
});
