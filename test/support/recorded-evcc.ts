/**
 * The traffic of a running evcc 0.313.2 (three loadpoints, four vehicles, a control interval of 3 s): what it published,
 * what it was sent, and what both mean by evcc's own rules (life of its tree, units, readback and acknowledgement).
 */
import fs from 'node:fs';
import path from 'node:path';
import type { ChargerStatus } from '../../src/chargers/status';
import type { Played } from './player';

/** One recorded message; those on set topics with a payload are the commands sent. */
export interface Recorded extends Played {
  /** ms since the start */
  readonly at: number;
}

export function recording(): Recorded[] {
  const file = path.join(process.cwd(), 'test/fixtures/evcc/recorded-0.313.2.jsonl');
  return fs
    .readFileSync(file, 'utf8')
    .split('\n')
    .filter(Boolean)
    .map((line) => {
      const [at, topic, retain, qos, payload] = JSON.parse(line) as [number, string, boolean, 0 | 1, string];
      return { at, topic, retain, qos, payload };
    });
}

export function isCommand({ topic, payload }: Played): boolean {
  return topic.endsWith('/set') && payload !== '';
}

/** The members of the status that are expected of it. */
export function picked(status: ChargerStatus, expected: Partial<ChargerStatus>): Partial<ChargerStatus> {
  return Object.fromEntries(Object.entries(status).filter(([key]) => key in expected));
}

/** The time of all plans. */
export const PLAN_TIME = '2026-11-21T16:34:36Z';

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

export const STATUSES: readonly (readonly [
  why: string,
  ms: number,
  index: number,
  expected: Partial<ChargerStatus>,
])[] = [
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
  ['mode now', 65_440, 1, { mode: 'fast', control: { by: 'manual', claim: null, override: null, schedule: null } }],
  ['refused: turbo', 66_043, 1, { mode: 'fast' }],
  ['mode MinPV', 66_348, 1, { mode: 'min+surplus' }],
  ['mode pv', 66_650, 1, { mode: 'surplus', control: { by: 'divert', claim: null, override: null, schedule: null } }],
  ['a SoC limit', 67_300, 1, { session: { energy: 0, duration: 64, limit: { type: 'soc', value: 80 } } }],
  ['no limit any more', 68_462, 1, { state: 'charging', session: { energy: 0, duration: 65, limit: null } }],
  [
    'an energy limit, kWh on the wire',
    71_500,
    1,
    { session: { energy: 0, duration: 68, limit: { type: 'energy', value: 12_500 } } },
  ],
  ['one phase for loadpoint 2', 79_050, 2, { phases: { active: 1, wanted: 1 } }],
  ['refused: two phases', 79_355, 2, { phases: { active: 1, wanted: 1 } }],
  ['automatic phases', 79_660, 2, { phases: { active: 1, wanted: 'auto' } }],
  [
    'another vehicle: what was known of the one before is void',
    82_396,
    1,
    { vehicle: { connected: true, name: 'green Honda e', soc: null, range: null, limitSoc: null } },
  ],
  ['no vehicle', 82_697, 1, { vehicle: { connected: true, name: null, soc: null, range: null, limitSoc: null } }],
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
export const EXCHANGES: readonly (readonly [ms: number, topic: string, value: unknown, expected: string])[] = [
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
  // answered always, by a readback here
  [79_662, '2 phasesConfigured', 0, 'unchanged'],
  [79_965, 'planEnergy', { time: PLAN_TIME, value: 7.5 }, 'confirmed'],
  [80_268, 'planEnergy', { time: '2024-01-01T00:00:00Z', value: 3 }, 'INVALID'],
  [80_570, 'planEnergy', 'none', 'INVALID'],
  [80_876, 'planEnergy', null, 'confirmed'],
  [81_186, 'planStrategy', { continuous: true, precondition: 1800 }, 'confirmed'],
  [81_489, 'planStrategy', { continuous: false, precondition: 0 }, 'confirmed'],
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
  [84_813, 'vehicles/vehicle_1/planSoc', null, 'confirmed'],
  [85_115, 'vehicles/vehicle_1/planStrategy', { continuous: true, precondition: 900 }, 'confirmed'],
  [85_420, 'vehicles/vehicle_1/planStrategy', { continuous: false, precondition: 0 }, 'confirmed'],
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
  [89_339, 'site/batteryDischargeControl', false, 'confirmed'],
  [89_641, 'site/batteryGridDischarge', true, 'confirmed'],
  [89_941, 'site/batteryGridDischarge', false, 'confirmed'],
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

/** Payloads of ours that say the same in other words than the recorded client's. */
export const REWORDED: Readonly<Record<number, string>> = {
  66_044: 'minpv',
  81_489: '{"continuous":false,"precondition":0}',
  84_813: 'null',
  85_420: '{"continuous":false,"precondition":0}',
  89_339: 'false',
  89_641: 'true',
  89_941: 'false',
};
