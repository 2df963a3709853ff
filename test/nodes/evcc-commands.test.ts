import assert from 'node:assert/strict';
import { EVCC_PROFILES, EvccBench, LOADPOINT } from '../support/evcc';
import { at, MAJOR, type NodeRed, startNodeRed } from '../support/node-red';
import { isState } from '../support/states';
import { until } from '../support/until';

const TOMORROW = new Date(Date.now() + 86_400_000).toISOString().replace(/\.\d+Z$/, 'Z');

describe(`nodes: commands to an evcc loadpoint in Node-RED ${MAJOR}`, function () {
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

  describe('carries out commands', () => {
    for (const profile of EVCC_PROFILES) {
      it(`${profile}: confirmed by the value read back, and unchanged when it was so already`, async () => {
        await bench.connect({ profile });
        const phases = profile === '0.203' || profile === '0.301' ? 'phases' : 'phasesConfigured';
        const cases: [object, string][] = [
          [{ command: 'stop' }, `${LOADPOINT}/mode/set off`],
          [{ command: 'start' }, `${LOADPOINT}/mode/set now`],
          [{ command: 'setMode', mode: 'surplus' }, `${LOADPOINT}/mode/set pv`],
          [{ command: 'setMode', mode: 'min+surplus' }, `${LOADPOINT}/mode/set minpv`],
          [{ command: 'setMode', mode: 'fast' }, `${LOADPOINT}/mode/set now`],
          [{ command: 'setCurrent', current: 10.5 }, `${LOADPOINT}/maxCurrent/set 10.5`],
          [{ command: 'setPhases', phases: 1 }, `${LOADPOINT}/${phases}/set 1`],
          [{ command: 'setLimit', type: 'energy', value: 12_345 }, `${LOADPOINT}/limitEnergy/set 12.345`],
          [{ command: 'setLimit', type: 'soc', value: 80 }, `${LOADPOINT}/limitSoc/set 80`],
          [{ command: 'set', topic: 'priority', value: 2 }, `${LOADPOINT}/priority/set 2`],
          [{ command: 'set', topic: 'site/residualPower', value: 100 }, 'evcc/site/residualPower/set 100'],
          [{ command: 'set', topic: 'vehicles/zoe/minSoc', value: 20 }, 'evcc/vehicles/zoe/minSoc/set 20'],
        ];
        for (const [payload, published] of cases) {
          assert.equal((await bench.command(payload)).end, 'confirmed', JSON.stringify(payload));
          assert.equal(bench.sets().at(-1), published);
          assert.equal((await bench.command(payload)).end, 'unchanged', JSON.stringify(payload));
        }
        assert.equal((await bench.command({ command: 'clearLimit' })).end, 'confirmed');
        assert.deepEqual(bench.sets().slice(-2), [`${LOADPOINT}/limitSoc/set 0`, `${LOADPOINT}/limitEnergy/set 0`]);
        assert.deepEqual(red.received('errors'), []);
      });

      it(`${profile}: plans energy for the loadpoint and a SoC for a vehicle, and clears both`, async () => {
        await bench.connect({ profile });
        const energy = { command: 'plan', time: TOMORROW, energy: 7_500 };
        assert.equal((await bench.command(energy)).end, 'confirmed');
        assert.equal(bench.sets().at(-1), `${LOADPOINT}/planEnergy/set {"time":"${TOMORROW}","value":7.5}`);
        assert.equal((await bench.command({ command: 'plan.clear' })).end, 'confirmed');
        assert.equal((await bench.command({ command: 'plan.clear' })).end, 'unchanged');
        const soc = { command: 'plan', time: TOMORROW, soc: 80, vehicle: 'golf' };
        assert.equal((await bench.command(soc)).end, 'confirmed');
        assert.equal(bench.sets().at(-1), `evcc/vehicles/golf/planSoc/set {"time":"${TOMORROW}","value":80}`);
        assert.equal((await bench.command({ command: 'plan.clear', vehicle: 'golf' })).end, 'confirmed');
        assert.equal(bench.sets().at(-1), 'evcc/vehicles/golf/planSoc/set null');
      });
    }

    for (const [profile, pv, minpv] of [
      ['0.313', { mode: 'pv' }, { mode: 'minpv' }],
      ['0.316', { mode: 'smart', alwaysCharge: 'off' }, { mode: 'smart', alwaysCharge: 'on' }],
    ] as const)
      it(`${profile}: speaks this generation of modes, and tells the same words`, async () => {
        await bench.connect({ profile }, { status: { native: true } });
        for (const [mode, words] of [
          ['surplus', pv],
          ['min+surplus', minpv],
          ['surplus', pv],
        ] as const) {
          const from = red.received('states').length;
          assert.equal((await bench.command({ command: 'setMode', mode })).end, 'confirmed');
          await until(() => bench.latest('mode') === mode && red.received('states').length > from, mode);
          for (const [key, word] of Object.entries(words))
            assert.equal(at(red.received('states').at(-1), `native.${key}`), word);
        }
      });

    it('sets the battery mode, which shows elsewhere, and releases it', async () => {
      await bench.connect();
      const hold = { command: 'set', topic: 'site/batteryMode', value: 'hold' };
      assert.equal((await bench.command(hold)).end, 'confirmed');
      const read = await bench.command({ command: 'get', topic: 'site/batteryModeExternal' });
      assert.equal(at(read.result, 'value'), 'hold');
      assert.equal((await bench.command({ ...hold, value: 'none' })).end, 'confirmed');
      assert.equal((await bench.command({ ...hold, value: 'none' })).end, 'unchanged');
    });

    for (const ackOrder of ['before', 'after'] as const)
      it(`is sure of success with the acknowledgement ${ackOrder} the readback`, async () => {
        await bench.connect({ ackOrder });
        for (const current of [7, 8, 9]) {
          const told = await bench.command({ command: 'setCurrent', current });
          assert.deepEqual([told.end, at(told.result, 'value')], ['confirmed', current]);
        }
      });

    for (const waitFor of ['accepted', 'sent'])
      it(`waits for no more than ${waitFor}`, async () => {
        await bench.connect({ ackOrder: 'before' }, { control: { waitFor } });
        assert.equal((await bench.command({ command: 'setCurrent', current: 9 })).end, waitFor);
      });

    it('never has two sets of one topic under way, and tells those that it left out', async () => {
      await bench.connect();
      const told = await Promise.all([7, 8, 9].map((current) => bench.command({ command: 'setCurrent', current })));
      assert.deepEqual(
        told.map(({ end }) => end),
        ['confirmed', 'SUPERSEDED', 'confirmed'],
      );
      assert.deepEqual(bench.sets(), [`${LOADPOINT}/maxCurrent/set 7`, `${LOADPOINT}/maxCurrent/set 9`]);
    });
  });

  describe('says why not', () => {
    it('REFUSED, where evcc took the message and nothing changed: three phases on one wire', async () => {
      await bench.connect({ loadpoints: [{ title: 'Shed', mode: 'off', phases: 1, vehicle: 'zoe' }] });
      // Else the command is refused before it is sent.
      await bench.broker.publish(`${LOADPOINT}/chargerSinglePhase`, '', true);
      const refused = await bench.command({ command: 'setPhases', phases: 3 });
      assert.equal(refused.end, 'REFUSED');
      assert.match(String(at(refused.error, 'message')), /phasesConfigured did not change; its log says why/);
    });

    it('TIMEOUT, where nobody acknowledges, with what may be the reason', async () => {
      await bench.deploy({ control: { timeout: '1' } });
      await until(() => bench.broker.subscribed.includes(`${LOADPOINT}/#`), 'the subscriptions');
      // A heartbeat, and nobody who listens.
      await bench.broker.publish('evcc/status', 'online', true);
      await bench.broker.publish('evcc/updated', String(Math.floor(Date.now() / 1000)), true);
      await bench.broker.publish(`${LOADPOINT}/connected`, 'false', true);
      await red.next('states', isState('disconnected'));
      const silent = await bench.command({ command: 'setCurrent', current: 10 });
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
      await bench.connect({}, { config: { maxCurrent: '14' } });
      for (const [what, payload, code, path] of REFUSED) {
        const told = await bench.command(payload);
        assert.equal(told.end, code, what);
        if (path !== undefined) assert.equal(at(told.error, 'cause.details.0.path'), path, what);
      }
      assert.deepEqual(bench.sets(), []);
      assert.deepEqual(red.received('results'), []);
    });

    it('OFFLINE for a loadpoint that evcc does not have', async () => {
      await bench.create().start();
      await bench.deploy({ base: 'evcc/loadpoints/3' });
      const state = await red.next('states', isState('unavailable'));
      assert.equal(at(state, 'payload.error.code'), 'NO_LOADPOINT');
      assert.equal((await bench.command({ command: 'start' })).end, 'OFFLINE');
      assert.deepEqual(bench.sets(), []);
    });

    it('OFFLINE from the moment that evcc is killed, and sends none of it later', async () => {
      const evcc = await bench.connect();
      await evcc.kill();
      await red.next('states', isState('unavailable'));
      assert.equal(bench.latest('online'), false);
      assert.equal((await bench.command({ command: 'setCurrent', current: 9 })).end, 'OFFLINE');
      await evcc.start();
      await until(() => bench.latest('online') === true, 'its return');
      assert.deepEqual(bench.sets(), []);
    });
  });
});
