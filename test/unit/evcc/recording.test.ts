/** The traffic of a running evcc 0.313.2 with three loadpoints, step by step. */
import assert from 'node:assert/strict';
import { evcc } from '../../../src/chargers/evcc';
import { SETTERS } from '../../../src/chargers/evcc/setters';
import type { ChargerStatus } from '../../../src/chargers/status';
import { Loadpoint, T0, codeOf, conclude, recording } from './support';

const rows = recording();
const PLAN_TIME = '2026-11-21T16:34:36Z';

/** A loadpoint that heard everything up to a moment of the recording (ms). */
function at(ms: number, index = 1): Loadpoint {
  const lp = new Loadpoint({ baseTopic: `evcc/loadpoints/${index}` });
  for (const row of rows) {
    if (row.at > ms) break;
    lp.now = T0 + row.at;
    lp.fold(row);
  }
  lp.now = T0 + ms;
  return lp;
}

const UNKNOWN: Partial<ChargerStatus> = {
  power: null,
  current: null,
  currents: [null, null, null],
  voltages: [null, null, null],
  limits: { min: null, max: null },
  session: { energy: null, duration: null, limit: null },
  energyTotal: null,
  mode: null,
  firmware: null,
};

function pick(status: ChargerStatus, expected: Partial<ChargerStatus>): Partial<ChargerStatus> {
  return Object.fromEntries(Object.entries(status).filter(([key]) => key in expected));
}

const points: readonly (readonly [why: string, ms: number, index: number, expected: Partial<ChargerStatus>])[] = [
  ['evcc is away', 1100, 1, { online: false, state: 'unavailable' }],
  ['connected, no values yet', 1138, 1, { ...UNKNOWN, online: null, state: 'unknown' }],
  ['purging what others left', 2500, 1, { ...UNKNOWN, online: null, state: 'unknown' }],
  ['purging, seen from an index that others had made up', 1300, 7, { online: null, mode: 'surplus' }],
  ['and the made-up value is gone', 2500, 7, { ...UNKNOWN, online: null }],
  ['ready, and without values', 3100, 1, { ...UNKNOWN, online: true, state: 'unknown', error: null }],
  ['no such loadpoint', 3100, 7, { online: false, state: 'unavailable' }],
  [
    'loadpoint 2 before its first cycle: settings only',
    7000,
    2,
    { id: 'lp-2', name: 'Garage', online: true, state: 'unknown', mode: 'off', phases: { active: 3, wanted: 'auto' } },
  ],
  ['loadpoint 2 after its first cycle', 8200, 2, { online: true, state: 'paused', mode: 'off', power: 0 }],
  [
    'loadpoint 1 in steady running',
    60_000,
    1,
    {
      id: 'lp-1',
      name: 'Carport',
      online: true,
      stale: false,
      lastSeen: '2026-11-21T10:34:32.129Z',
      state: 'charging',
      vehicle: { connected: true, name: 'blue e-Golf', soc: 62.4, range: 183, limitSoc: null },
      power: 3680,
      current: 16,
      currents: [16, 0.1, 0],
      voltages: [230.1, 231.2, 229.9],
      phases: { active: 1, wanted: 3 },
      limits: { min: 6, max: 16 },
      session: { energy: 0, duration: 45, limit: null },
      energyTotal: 2_345_678,
      temperature: null,
      mode: 'surplus',
      control: { by: 'divert', claim: null, override: null, schedule: null },
      error: null,
      firmware: '0.313.2',
    },
  ],
  [
    'loadpoint 2 in steady running',
    60_000,
    2,
    {
      state: 'paused',
      vehicle: { connected: true, name: 'white Model 3', soc: 21, range: 98, limitSoc: 90 },
      energyTotal: null,
    },
  ],
  [
    'loadpoint 3, which heats',
    60_000,
    3,
    {
      name: 'Heat pump',
      state: 'charging',
      temperature: 48.5,
      vehicle: { connected: true, name: null, soc: null, range: null, limitSoc: null },
      power: 4187.917,
      current: 6.202,
      session: { energy: 34.565, duration: 30, limit: null },
    },
  ],
  ['a SoC limit', 67_300, 1, { session: { energy: 0, duration: 64, limit: { type: 'soc', value: 80 } } }],
  [
    'an energy limit, kWh on the wire',
    71_500,
    1,
    { session: { energy: 0, duration: 68, limit: { type: 'energy', value: 12_500 } } },
  ],
  [
    'a limit below the SoC',
    94_480,
    1,
    { state: 'charging', control: { by: 'limit', claim: null, override: null, schedule: null } },
  ],
  ['before the stop', 96_700, 1, { online: true, state: 'paused', name: 'Carport', power: 0 }],
  [
    'the tree is emptied while the status still says online',
    96_900,
    1,
    { ...UNKNOWN, online: null, state: 'unknown', name: 'Carport' },
  ],
  ['stopped', 98_000, 1, { ...UNKNOWN, online: false, state: 'unavailable', id: 'lp-1', name: 'Carport' }],
];

/**
 * Every command of the recording: what the same wish comes to here. What evcc refused is refused here, before it is
 * sent; for what it took, the outcome over the messages that followed.
 */
const exchanges: readonly (readonly [ms: number, topic: string, value: unknown, expected: string])[] = [
  [93, 'mode', 'now', 'OFFLINE'],
  [1183, '2 mode', 'now', 'OFFLINE'],
  [1484, '2 mode', 'now', 'OFFLINE'],
  [1785, '2 mode', 'now', 'OFFLINE'],
  [2087, '2 mode', 'now', 'OFFLINE'],
  [65_139, 'mode', 'now', 'confirmed'],
  [65_441, 'mode', 'now', 'unchanged'],
  [65_742, 'mode', 'turbo', 'INVALID'],
  [66_044, 'mode', 'MinPV', 'confirmed'],
  [66_349, 'mode', 'pv', 'confirmed'],
  [66_651, 'mode', 'smart', 'UNSUPPORTED'],
  [66_952, 'alwaysCharge', 'on', 'UNSUPPORTED'],
  [67_257, 'limitSoc', 80, 'confirmed'],
  [67_559, 'limitSoc', 80, 'unchanged'],
  [67_861, 'limitSoc', '80.5', 'INVALID'],
  [68_163, 'limitSoc', 0, 'confirmed'],
  [68_463, 'minSoc', 20, 'confirmed'],
  [68_765, 'minSoc', 0, 'confirmed'],
  [69_066, 'priority', 2, 'confirmed'],
  [69_369, 'priority', 0, 'confirmed'],
  [69_671, 'maxCurrent', 20, 'confirmed'],
  [69_972, 'maxCurrent', '12,5', 'INVALID'],
  [70_277, 'maxCurrent', 5, 'INVALID'],
  [70_579, 'maxCurrent', 16, 'confirmed'],
  [70_881, 'minCurrent', 8, 'confirmed'],
  [71_182, 'minCurrent', 6, 'confirmed'],
  [71_488, 'limitEnergy', 12.5, 'confirmed'],
  [71_791, 'limitEnergy', 0, 'confirmed'],
  [72_098, 'enableThreshold', -1000, 'confirmed'],
  [72_406, 'disableThreshold', 200, 'confirmed'],
  [72_707, 'enableThreshold', 0, 'confirmed'],
  [73_012, 'disableThreshold', 0, 'confirmed'],
  [73_314, 'enableDelay', 90, 'confirmed'],
  [73_615, 'enableDelay', '60s', 'INVALID'],
  [73_917, 'enableDelay', 60, 'confirmed'],
  [74_219, 'disableDelay', 200, 'confirmed'],
  [74_520, 'disableDelay', 180, 'confirmed'],
  [74_822, 'smartCostLimit', 0.25, 'confirmed'],
  [75_124, 'smartCostLimit', 'off', 'INVALID'],
  [75_425, 'smartCostLimit', 'none', 'confirmed'],
  [75_726, 'smartFeedInPriorityLimit', 0.1, 'confirmed'],
  [76_028, 'smartFeedInPriorityLimit', null, 'confirmed'],
  [76_333, 'batteryBoost', true, 'confirmed'],
  [76_634, 'batteryBoost', 'on', 'INVALID'],
  [76_940, 'mode', 'now', 'confirmed'],
  [77_243, 'batteryBoost', true, 'REFUSED'],
  [77_545, 'mode', 'pv', 'confirmed'],
  [77_846, 'batteryBoostLimit', 50, 'confirmed'],
  [78_147, 'batteryBoostLimit', 100, 'confirmed'],
  [78_449, 'phasesConfigured', 0, 'UNSUPPORTED'],
  [78_750, '2 phasesConfigured', 1, 'confirmed'],
  [79_051, '2 phasesConfigured', 2, 'INVALID'],
  [79_356, '2 phasesConfigured', 0, 'confirmed'],
  // always answered
  [79_662, '2 phasesConfigured', 0, 'confirmed'],
  [79_965, 'planEnergy', { time: PLAN_TIME, value: 7.5 }, 'confirmed'],
  [80_268, 'planEnergy', { time: '2024-01-01T00:00:00Z', value: 3 }, 'INVALID'],
  [80_570, 'planEnergy', 'none', 'INVALID'],
  [80_876, 'planEnergy', null, 'confirmed'],
  [81_186, 'planStrategy', { continuous: true, precondition: 1800 }, 'confirmed'],
  [81_489, 'planStrategy', { continuous: false, precondition: 0 }, 'confirmed rewritten'],
  [81_792, 'vehicle', 'vehicle_3', 'confirmed'],
  [82_094, 'vehicle', 'green Honda e', 'INVALID'],
  [82_397, 'vehicle', '-', 'confirmed'],
  [82_698, 'vehicle', 'vehicle_1', 'confirmed'],
  [83_001, 'vehicles/vehicle_1/minSoc', 20, 'confirmed'],
  [83_303, 'vehicles/vehicle_1/minSoc', 0, 'confirmed'],
  [83_605, 'vehicles/vehicle_1/limitSoc', 90, 'confirmed'],
  [83_907, 'vehicles/vehicle_1/limitSoc', 0, 'confirmed'],
  [84_209, 'vehicles/vehicle_1/planSoc', { time: PLAN_TIME, value: 80 }, 'confirmed'],
  [84_510, 'vehicles/vehicle_1/planSoc', { time: PLAN_TIME, value: 80.5 }, 'INVALID'],
  [84_813, 'vehicles/vehicle_1/planSoc', null, 'confirmed rewritten'],
  [85_115, 'vehicles/vehicle_1/planStrategy', { continuous: true, precondition: 900 }, 'confirmed'],
  [85_420, 'vehicles/vehicle_1/planStrategy', { continuous: false, precondition: 0 }, 'confirmed rewritten'],
  [85_720, 'site/bufferSoc', 50, 'confirmed'],
  [86_022, 'site/prioritySoc', 60, 'INVALID'],
  [86_324, 'site/prioritySoc', 40, 'confirmed'],
  [86_626, 'site/bufferStartSoc', 80, 'confirmed'],
  [86_927, 'site/bufferStartSoc', 0, 'confirmed'],
  [87_229, 'site/bufferSoc', 0, 'confirmed'],
  [87_531, 'site/prioritySoc', 0, 'confirmed'],
  [87_832, 'site/residualPower', 100, 'confirmed'],
  [88_133, 'site/residualPower', 0, 'confirmed'],
  [88_434, 'site/gridExportLimit', 5000, 'UNSUPPORTED'],
  [88_737, 'site/gridExportLimit', 0, 'UNSUPPORTED'],
  [89_038, 'site/batteryDischargeControl', true, 'confirmed'],
  [89_339, 'site/batteryDischargeControl', false, 'confirmed rewritten'],
  [89_641, 'site/batteryGridDischarge', true, 'confirmed rewritten'],
  [89_941, 'site/batteryGridDischarge', false, 'confirmed rewritten'],
  [90_243, 'site/solarAdjusted', true, 'confirmed'],
  [90_545, 'site/solarAdjusted', false, 'confirmed'],
  [90_846, 'site/smartCostLimit', 0.2, 'confirmed'],
  [91_148, 'site/smartCostLimit', 'null', 'confirmed'],
  [91_450, 'site/smartFeedInPriorityLimit', 0.05, 'confirmed'],
  [91_751, 'site/smartFeedInPriorityLimit', 'nil', 'confirmed'],
  [92_053, 'site/batteryGridChargeLimit', 0.15, 'confirmed'],
  [92_354, 'site/batteryGridChargeLimit', 'none', 'confirmed'],
  [92_656, 'site/batteryMode', 'hold', 'confirmed'],
  // a repetition for the dead-man switch
  [92_957, 'site/batteryMode', 'hold', 'unchanged'],
  [93_259, 'site/batteryMode', 'bogus', 'INVALID'],
  [93_561, 'site/batteryMode', 'none', 'confirmed'],
  [93_861, '9 mode', 'now', 'OFFLINE'],
  [94_162, 'vehicles/nosuch/minSoc', 20, 'INVALID'],
  [94_465, 'limitSoc', 33, 'confirmed'],
  [94_767, 'limitSoc', 0, 'confirmed'],
];

describe('the recorded traffic of evcc 0.313.2', () => {
  for (const [why, ms, index, expected] of points) {
    it(`loadpoint ${index} at ${ms} ms: ${why}`, () => {
      const status = at(ms, index).status();
      assert.deepEqual(pick(status, expected), expected);
    });
  }

  it('has no unreadable message', () => {
    for (const index of [1, 2, 3]) {
      const lp = at(-1, index);
      for (const row of rows) {
        lp.now = T0 + row.at;
        lp.fold(row);
        assert.deepEqual([...evcc.faults(lp.native)], []);
      }
    }
  });

  it('leaves nothing behind after the stop but who the loadpoint was', () => {
    assert.deepEqual(Object.keys(evcc.raw(at(98_000).native)), ['status']);
    assert.equal(at(98_000).native.vehicles.size, 0);
  });

  it('lists all commands of the recording', () => {
    const commands = rows.filter(({ topic, text }) => topic.endsWith('/set') && text !== '');
    assert.deepEqual(
      exchanges.map(([ms]) => ms),
      commands.map((row) => row.at),
    );
  });

  for (const [ms, name, value, expected] of exchanges) {
    it(`${ms} ms: ${name} = ${JSON.stringify(value)} is ${expected}`, () => {
      const sent = rows.findIndex((row) => row.at === ms && row.topic.endsWith('/set') && row.text !== '');
      const [, index = '1', topic = ''] = /^(?:(\d) )?(.*)$/.exec(name) ?? [];
      const command = rows[sent];
      const lp = at(ms - 1, Number(index));
      lp.now = T0 + ms;
      if (/^[A-Z]+$/.test(expected)) {
        assert.equal(
          codeOf(() => lp.set(topic, value)),
          expected,
        );
        return;
      }
      const [step] = lp.set(topic, value).steps;
      const [outcome, rewritten] = expected.split(' ');
      assert.equal(step?.publications[0]?.topic, command?.topic);
      const same = step?.publications[0]?.payload === command?.text;
      assert.equal(same, rewritten === undefined && value !== 'MinPV', step?.publications[0]?.payload);
      const until = rows.findIndex((row, i) => i > sent && row.topic === command?.topic && row.text !== '');
      const answers = rows.slice(sent, until < 0 ? undefined : until).map((row) => [row.at - ms, row] as const);
      assert.ok(step);
      assert.equal(conclude(step, lp, answers), outcome);
    });
  }

  it('shows what else a set sends, which is no command of somebody else', () => {
    for (const { scope, topic, alsoSends = [] } of SETTERS) {
      const set = new RegExp(`^evcc/(loadpoints/\\d/|vehicles/[^/]+/|site/)${topic}/set$`);
      const sent = rows.filter((row) => row.text !== '' && set.test(row.topic) && row.topic.includes(scope));
      const heard = new Set(
        sent
          .flatMap(({ at: from }) => rows.filter((row) => row.at >= from && row.at < from + 3500))
          .map((row) => row.topic),
      );
      const place = scope === 'site' ? 'evcc/site' : 'evcc/loadpoints/1';
      // only a vehicle that has a mode brings it; none of the recording has
      for (const key of alsoSends.filter((each) => topic !== 'vehicle' || each !== 'mode'))
        assert.ok(heard.has(`${place}/${key}`), `${topic} sends ${key}`);
    }
  });

  const refusals = rows
    .map((row, i) => [row, i] as const)
    .filter(([row]) => row.topic.endsWith('/maxCurrent/set') && row.text === '5');
  it('takes an acknowledgement without readback for refused, had the set gone out', () => {
    const [row, sent] = refusals[0] ?? assert.fail('the recording has a refused current');
    const lp = at(row.at - 1);
    // a client that does not know minCurrent cannot refuse it itself
    lp.values({ minCurrent: '' });
    lp.now = T0 + row.at;
    const [step] = lp.plan('setCurrent', { current: 5 }).steps;
    assert.ok(step);
    const answers = rows.slice(sent, sent + 3).map((each) => [each.at - row.at, each] as const);
    assert.equal(conclude(step, lp, answers), 'refused');
  });

  it('answers nothing for a loadpoint that does not exist', () => {
    const sent = rows.findIndex(({ topic }) => topic === 'evcc/loadpoints/9/mode/set');
    const lp = new Loadpoint({ baseTopic: 'evcc/loadpoints/9' }).ready();
    const [step] = lp.plan('start').steps;
    assert.ok(step);
    const answers = rows.slice(sent).map((each) => [each.at - (rows[sent]?.at ?? 0), each] as const);
    assert.equal(conclude(step, lp, answers), 'timeout');
  });
});
