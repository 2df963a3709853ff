import assert from 'node:assert/strict';
import { PROFILES } from '../../src/simulators/evcc/version';
import { startAedes } from '../support/broker';
import { EVCC_PROFILES, EvccBench, LOADPOINT } from '../support/evcc';
import { brokerNode } from '../support/flows';
import { at, MAJOR, type NodeRed, type Received, startNodeRed } from '../support/node-red';
import { isOnline, isState } from '../support/states';
import { until } from '../support/until';

describe(`nodes: an evcc loadpoint in Node-RED ${MAJOR}`, function () {
  this.timeout(30_000);
  let red: NodeRed;
  let bench: EvccBench;

  before(async () => {
    red = await startNodeRed();
  });
  after(() => red.stop());
  beforeEach(async () => {
    bench = await EvccBench.start(red);
  });
  afterEach(() => bench.end());

  for (const root of ['evcc', 'house/evcc'])
    it(`has its loadpoints discovered below ${root}, once, and lost with its last will`, async () => {
      const evcc = bench.create({ root });
      await evcc.start();
      await red.deploy([
        brokerNode(bench.broker.port),
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

  for (const profile of EVCC_PROFILES) {
    it(`${profile}: comes from nothing to a car that charges, leaves and comes back`, async () => {
      const evcc = bench.create({ profile });
      await bench.deploy({ status: { native: true } });
      await until(() => bench.broker.subscribed.includes(`${LOADPOINT}/#`), 'the subscriptions');
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
    for (const [topic, payload] of Object.entries(kept)) await bench.broker.publish(`evcc/${topic}`, payload, true);
    for (const [key, payload] of Object.entries(loadpoint))
      await bench.broker.publish(`${LOADPOINT}/${key}`, payload, true);
    await bench.deploy();
    const replayed = await red.next('states', (message) => at(message, 'payload.vehicle.name') !== null);
    assert.deepEqual(
      ['online', 'lastSeen', 'stale', 'state'].map((key) => at(replayed, `payload.${key}`)),
      [null, null, true, 'unknown'],
    );
    assert.ok(!red.received('states').some(isOnline));
    assert.equal((await bench.command({ command: 'start' })).end, 'OFFLINE');
    assert.deepEqual(bench.sets(), []);
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
      const evcc = await bench.connect({ speed: 3 });
      await red.next(
        'states',
        (message) => isState('charging')(message) && Number(at(message, 'payload.session.energy')) > 0,
      );
      const from = red.received('states').length;
      const stopping = evcc.stop();
      await until(() => bench.latest('online') === null, 'the cleanup');
      const [told] = await Promise.all([bench.command({ command: 'setCurrent', current: 9 }), stopping]);
      assert.equal(told.end, 'OFFLINE');
      await until(() => bench.latest('online') === false, 'the will');
      assertNothingMadeUp(red.received('states').slice(from));
      assert.equal(bench.latest('id'), 'lp-1');
      assert.deepEqual(bench.sets(), []);
    });

    it('at its start, takes no command until it listens, and shows what was kept as not live', async () => {
      const evcc = await bench.connect({ speed: 3 });
      await red.next('states', (message) => Number(at(message, 'payload.session.energy')) > 0);
      await evcc.kill();
      await red.next('states', isState('unavailable'));
      const from = red.received('states').length;
      const starting = evcc.start();
      await until(() => bench.latest('online') === null, 'evcc to say online');
      const [told] = await Promise.all([bench.command({ command: 'setCurrent', current: 9 }), starting]);
      assert.equal(told.end, 'OFFLINE');
      await until(() => bench.latest('online') === true, 'its heartbeat');
      assertNothingMadeUp(red.received('states').slice(from));
      assert.deepEqual(bench.sets(), []);
      assert.equal((await bench.command({ command: 'setCurrent', current: 9 })).end, 'confirmed');
    });
  });

  it('keeps what it learnt over a broker that restarts without memory', async () => {
    await bench.connect({ profile: '0.316' });
    await bench.command({ command: 'setMode', mode: 'surplus' });
    await bench.command({ command: 'setCurrent', current: 10 });
    await bench.command({ command: 'setLimit', type: 'energy', value: 9_000 });
    await bench.broker.stop();
    await until(() => bench.latest('online') === null, 'the loss to show');
    assert.equal((await bench.command({ command: 'start' })).end, 'NOT_CONNECTED');
    bench.broker = await startAedes(bench.broker.port);
    await until(() => bench.latest('online') === true, 'its return');
    assert.deepEqual(
      ['name', 'id', 'vehicle.name', 'firmware', 'phases.wanted', 'mode'].map((path) => bench.latest(path)),
      ['Garage', 'lp-1', 'blue e-Golf', '0.316.0', 'auto', 'surplus'],
    );
    assert.deepEqual(bench.latest('session.limit'), { type: 'energy', value: 9_000 });
    // The generation of its modes was learnt from `alwaysCharge`, which does not come back by itself.
    assert.equal((await bench.command({ command: 'setMode', mode: 'min+surplus' })).end, 'confirmed');
    await until(() => bench.latest('mode') === 'min+surplus', 'the new mode');
  });
});
