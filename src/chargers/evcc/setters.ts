/**
 * The 36 setters of evcc as data: what each takes, where its effect can be read, and what it needs. evcc itself checks
 * next to nothing (a SoC of 150 % or a current of -4 A is taken), so the ranges here are ours (measured on 0.313.2).
 */

/** How a value is written. `orNone`: also the word that removes a limit. */
export type Kind =
  | 'int'
  | 'float'
  | 'floatOrNone'
  | 'bool'
  | 'mode'
  | 'alwaysCharge'
  | 'batteryMode'
  | 'planEnergy'
  | 'planSoc'
  | 'strategy'
  | 'vehicle'
  | 'phases';

export interface Setter {
  readonly scope: 'loadpoint' | 'site' | 'vehicle';
  /** Below its scope, without `/set`. */
  readonly topic: string;
  readonly kind: Kind;
  readonly min?: number;
  readonly max?: number;
  /** Where the effect shows, below the same scope unless `readbackScope` says otherwise. */
  readonly readback: readonly string[];
  readonly readbackScope?: 'loadpoint';
  /** Reads back on every success; the others are silent when the value was in force already. */
  readonly answersAlways?: true;
  /** First release that has it. */
  readonly since?: string;
  readonly needs?: 'battery' | 'controllable battery';
  /** Setters that are checked against one another, or that one command sets together, wait for one another. */
  readonly group?: string;
  /** What else evcc changes or publishes with it: no command of somebody else. */
  readonly alsoSends?: readonly string[];
  /** ms between repetitions of a value that evcc takes back when nobody says it again. */
  readonly repeat?: number;
}

/**
 * evcc takes its battery mode back when nobody repeats it for 60 s (a dead-man switch); repeats only get the empty
 * acknowledgement. ms between repetitions of `site/batteryMode`.
 */
export const BATTERY_MODE_REPEAT = 30_000;

const PERCENT = { min: 0, max: 100 } as const;
/** A; evcc's own dialog goes from 0.1 (heaters) to 64. */
const CURRENT = { min: 0.1, max: 80 } as const;
/** W */
const POWER = { min: -1_000_000, max: 1_000_000 } as const;
/** s */
const DELAY = { min: 0, max: 86_400 } as const;
/** Per kWh in the site's currency, or g of CO2 per kWh, as `site/smartCostType` says. */
const PRICE = { min: -10_000, max: 10_000 } as const;
const EFFECTIVE_PLAN = ['effectivePlanId', 'effectivePlanSoc', 'effectivePlanTime'] as const;

/** In what unit a limit of energy is set, kWh. */
const ENERGY = { min: 0, max: 1000 } as const;

type Row = Omit<Setter, 'scope' | 'topic' | 'kind' | 'readback'> & { readonly readback?: readonly string[] };

function setter(scope: Setter['scope'], topic: string, kind: Kind, row: Row = {}): Setter {
  return { scope, topic, kind, readback: [topic], ...row };
}

export const SETTERS: readonly Setter[] = [
  setter('loadpoint', 'mode', 'mode', { readback: ['mode', 'alwaysCharge'], alsoSends: ['batteryBoost'] }),
  setter('loadpoint', 'alwaysCharge', 'alwaysCharge', { since: '0.316.0' }),
  setter('loadpoint', 'phasesConfigured', 'phases', { answersAlways: true }),
  setter('loadpoint', 'limitSoc', 'int', { ...PERCENT, group: 'limits' }),
  setter('loadpoint', 'minSoc', 'int', { ...PERCENT, since: '0.312.0' }),
  setter('loadpoint', 'priority', 'int', { min: 0, max: 10 }),
  setter('loadpoint', 'minCurrent', 'float', CURRENT),
  setter('loadpoint', 'maxCurrent', 'float', CURRENT),
  setter('loadpoint', 'limitEnergy', 'float', { ...ENERGY, group: 'limits' }),
  setter('loadpoint', 'enableThreshold', 'float', { ...POWER, alsoSends: ['disableThreshold'] }),
  setter('loadpoint', 'disableThreshold', 'float', { ...POWER, alsoSends: ['enableThreshold'] }),
  setter('loadpoint', 'enableDelay', 'int', { ...DELAY, since: '0.131.0' }),
  setter('loadpoint', 'disableDelay', 'int', { ...DELAY, since: '0.131.0' }),
  setter('loadpoint', 'smartCostLimit', 'floatOrNone', PRICE),
  setter('loadpoint', 'smartFeedInPriorityLimit', 'floatOrNone', { ...PRICE, since: '0.205.0' }),
  setter('loadpoint', 'batteryBoost', 'bool', { since: '0.131.0' }),
  setter('loadpoint', 'batteryBoostLimit', 'int', { ...PERCENT, since: '0.301.0' }),
  setter('loadpoint', 'planStrategy', 'strategy', {
    readback: ['planStrategy/continuous', 'planStrategy/precondition', 'planContinuous', 'planPrecondition'],
    answersAlways: true,
    since: '0.300.2',
  }),
  setter('loadpoint', 'planEnergy', 'planEnergy', { ...ENERGY, readback: ['planEnergy', 'planTime'] }),
  setter('loadpoint', 'vehicle', 'vehicle', {
    readback: ['vehicleName'],
    answersAlways: true,
    alsoSends: ['vehicleTitle', 'vehicleSoc', 'vehicleRange', 'vehicleOdometer', 'vehicleLimitSoc', 'mode'],
  }),

  setter('site', 'prioritySoc', 'float', { ...PERCENT, needs: 'battery', group: 'battery' }),
  setter('site', 'bufferSoc', 'float', { ...PERCENT, needs: 'battery', group: 'battery' }),
  setter('site', 'bufferStartSoc', 'float', { ...PERCENT, needs: 'battery', group: 'battery' }),
  setter('site', 'residualPower', 'float', POWER),
  setter('site', 'gridExportLimit', 'float', { min: 0, max: POWER.max, since: '0.313.3' }),
  setter('site', 'batteryDischargeControl', 'bool', { needs: 'controllable battery' }),
  setter('site', 'batteryGridDischarge', 'bool', { needs: 'controllable battery', since: '0.313.0' }),
  setter('site', 'solarAdjusted', 'bool', { since: '0.312.0' }),
  setter('site', 'smartCostLimit', 'floatOrNone', { ...PRICE, readbackScope: 'loadpoint' }),
  setter('site', 'smartFeedInPriorityLimit', 'floatOrNone', {
    ...PRICE,
    readbackScope: 'loadpoint',
    since: '0.205.0',
  }),
  setter('site', 'batteryGridChargeLimit', 'floatOrNone', { ...PRICE, needs: 'controllable battery' }),
  setter('site', 'batteryMode', 'batteryMode', {
    readback: ['batteryModeExternal'],
    needs: 'controllable battery',
    since: '0.203.0',
    alsoSends: ['batteryMode'],
    repeat: BATTERY_MODE_REPEAT,
  }),

  setter('vehicle', 'minSoc', 'int', { ...PERCENT, answersAlways: true }),
  setter('vehicle', 'limitSoc', 'int', { ...PERCENT, answersAlways: true }),
  setter('vehicle', 'planSoc', 'planSoc', {
    ...PERCENT,
    readback: ['plan', 'plan/soc', 'plan/time'],
    answersAlways: true,
    alsoSends: EFFECTIVE_PLAN,
  }),
  setter('vehicle', 'planStrategy', 'strategy', {
    readback: ['planStrategy/continuous', 'planStrategy/precondition'],
    answersAlways: true,
    since: '0.300.2',
  }),
];

/** evcc's words for "no limit", "no vehicle", "release"; before 0.131.6 only the first. */
export const NONE_WORDS: readonly string[] = ['-', 'nil', 'null', 'none'];
