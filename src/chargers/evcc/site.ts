/** The house around the loadpoints as evcc reports it, for `site-status`. Wh, W, A, %; unknown = null. */
import { invalid } from '../../shared/errors';
import { isTopic } from '../../shared/topics';
import type { Message } from '../../mqtt/types';
import { KeyValues } from '../key-values';
import type { PerPhase } from '../status';
import { trimSlashes } from './base';
import { Life, silenceLimit } from './life';
import { isLife, isSet } from './native';
import { decodeText, flag, fold, keyTable, number, text, wattHours } from './wire';

export interface MeterStatus {
  readonly name: string | null;
  readonly title: string | null;
  /** W; PV >= 0, battery + = discharge. */
  readonly power: number | null;
  /** Wh over the meter's life. */
  readonly energy: number | null;
}

export interface BatteryStatus extends MeterStatus {
  /** % */
  readonly soc: number | null;
  /** Wh */
  readonly capacity: number | null;
  /** evcc can change its mode. */
  readonly controllable: boolean | null;
}

export interface SiteStatus {
  readonly online: boolean | null;
  /** + = import. W, Wh, A. */
  readonly grid: { readonly power: number | null; readonly energy: number | null; readonly currents: PerPhase };
  readonly pv: {
    readonly power: number | null;
    readonly energy: number | null;
    readonly meters: readonly MeterStatus[];
  };
  /** + = discharge. */
  readonly battery: {
    readonly power: number | null;
    readonly soc: number | null;
    readonly mode: 'normal' | 'hold' | 'charge' | 'holdcharge' | null;
    readonly meters: readonly BatteryStatus[];
  };
  readonly home: { readonly power: number | null };
  /** In `currency` per kWh; co2 in g/kWh; solar in W, the forecast's present value. */
  readonly tariffs: {
    readonly grid: number | null;
    readonly feedIn: number | null;
    readonly co2: number | null;
    readonly solar: number | null;
  };
  /** 0..1, of what the home consumes. */
  readonly greenShare: number | null;
  readonly currency: string | null;
  readonly title: string | null;
  /** evcc's */
  readonly version: string | null;
}

/** Below `{root}/site`. What stood elsewhere before 0.301 (battery) is read where the new place is empty. */
const KEYS = [
  'interval',
  'version',
  'siteTitle',
  'currency',
  'homePower',
  'pvPower',
  'pvEnergy',
  'pv',
  'grid',
  'grid/power',
  'grid/energy',
  'grid/currents',
  'battery',
  'battery/power',
  'battery/soc',
  'battery/devices',
  'batteryPower',
  'batterySoc',
  'batteryMode',
  'greenShareHome',
  'tariffGrid',
  'tariffFeedIn',
  'tariffCo2',
  'tariffSolar',
] as const;

const METER = ['name', 'title', 'power', 'energy'] as const;
const BATTERY = [...METER, 'soc', 'capacity', 'controllable'] as const;

/** More meters than any house has; the counts come from the network. */
const MAX_METERS = 32;

const BATTERY_MODES = ['normal', 'hold', 'charge', 'holdcharge'] as const;

const TABLE = keyTable('site', [...KEYS, 'grid/currents/1', 'grid/currents/2', 'grid/currents/3']);

/** A value of one PV meter or, before and after 0.301, of one battery. */
const LISTED = new RegExp(`^(pv|battery(/devices)?)/\\d{1,3}/(${BATTERY.join('|')})$`);

/** Measurements and the heartbeat: they change without anything having happened. */
const QUIET =
  /^(updated|interval|(home|pv|battery)Power|pvEnergy|batterySoc|greenShareHome|tariffSolar|grid\/.*|.*\/(power|energy|soc))$/;

/** Paths of the status that are measurements. */
const MEASUREMENTS: ReadonlySet<string> = new Set([
  ...['grid.power', 'grid.energy', 'grid.currents', 'pv.power', 'pv.energy', 'pv.meters'],
  ...['battery.power', 'battery.soc', 'battery.meters', 'home.power', 'tariffs.solar', 'greenShare'],
]);

const NONE: readonly string[] = [];

export interface SiteNative {
  readonly root: string;
  readonly staleAfter: number | null;
  /** ms, the last live message. */
  lastLive: number | null;
  readonly life: Life;
  readonly values: KeyValues;
}

/**
 * evcc's root topic as the user typed it.
 * @throws EnergyError INVALID
 */
export function siteRoot(typed: string): string {
  const root = trimSlashes(typed);
  if (isTopic(root)) return root;
  throw invalid('evcc root', [{ path: 'root', message: 'must be a topic without wildcards, such as evcc' }]);
}

/** @param staleAfter s; null = three control intervals, at least 90 s. */
export function createSite(root: string, staleAfter: number | null = null): SiteNative {
  return { root, staleAfter, lastLive: null, life: new Life(), values: new KeyValues(TABLE) };
}

/** Selective, and without overlap: `site/+` would bring the optimizer's documents, `site/#` the forecasts. */
export function siteFilters(root: string): readonly string[] {
  const site = [
    ...KEYS,
    'grid/currents/+',
    ...METER.map((key) => `pv/+/${key}`),
    ...BATTERY.flatMap((key) => [`battery/devices/+/${key}`, `battery/+/${key}`]),
  ];
  return [`${root}/status`, `${root}/updated`, ...site.map((key) => `${root}/site/${key}`)];
}

/** Folds one message in; returns the keys that changed, below `{root}/site`, or `status`, `updated`. */
export function decodeSite(native: SiteNative, message: Message, now: number): readonly string[] {
  const { root, life, values } = native;
  if (!message.topic.startsWith(`${root}/`)) return NONE;
  const tail = message.topic.slice(root.length + 1);
  const { payload, retained } = message;
  if (isLife(message, tail)) native.lastLive = now;
  if (tail === 'status') return life.status(decodeText(payload), retained, now) ? ['status'] : NONE;
  if (tail === 'updated') return life.updated(decodeText(payload), retained, now) ? ['updated', 'status'] : ['updated'];
  if (!tail.startsWith('site/') || isSet(tail)) return NONE;
  const key = tail.slice('site/'.length);
  return TABLE.slot(key) !== undefined || LISTED.test(key) ? fold(values, 'site', key, payload) : NONE;
}

function siteLimit({ staleAfter, values }: SiteNative): number {
  return silenceLimit(staleAfter, number(values, 'interval'));
}

/** When (ms) the status changes by the passing of time alone; null = never. */
export function siteDeadline(native: SiteNative, now: number): number | null {
  return native.life.deadline(now, siteLimit(native));
}

/** The broker connection was lost: what was learnt stays, nothing is known to be live. */
export function siteDisconnected(native: SiteNative): void {
  native.life.forget();
}

/** Keys whose change alone is a measurement or noise. */
export function isQuietSiteKey(key: string): boolean {
  return QUIET.test(key);
}

export function isSiteMeasurement(path: string): boolean {
  return MEASUREMENTS.has(path);
}

/** Topics below the root whose payload is unreadable now, with a reason. */
export function siteFaults({ values }: SiteNative): ReadonlyMap<string, string> {
  if (values.faults.size === 0) return values.faults;
  return new Map([...values.faults].map(([key, reason]) => [`site/${key}`, reason]));
}

/** Lists shrink without a word about the elements that went: the count decides. */
function indexes(values: KeyValues, counts: readonly string[]): number[] {
  const count = counts.map((key) => number(values, key)).find((each) => each !== null) ?? 0;
  return Array.from({ length: Math.max(0, Math.min(Math.trunc(count), MAX_METERS)) }, (_, i) => i + 1);
}

function meter(values: KeyValues, prefix: string): MeterStatus {
  return {
    name: text(values, `${prefix}/name`),
    title: text(values, `${prefix}/title`),
    power: number(values, `${prefix}/power`),
    energy: wattHours(number(values, `${prefix}/energy`)),
  };
}

function battery(values: KeyValues, prefix: string): BatteryStatus {
  return {
    ...meter(values, prefix),
    soc: number(values, `${prefix}/soc`),
    capacity: wattHours(number(values, `${prefix}/capacity`)),
    controllable: flag(values, `${prefix}/controllable`),
  };
}

export function projectSite(native: SiteNative, now: number): SiteStatus {
  const { values, life } = native;
  const get = (key: (typeof KEYS)[number]): number | null => number(values, key);
  const current = (phase: number): number | null => number(values, `grid/currents/${phase}`);
  const isNew = values.get('battery/devices') !== undefined;
  const batteries = indexes(values, ['battery/devices', 'battery']);
  // `unknown` is what evcc writes without a battery, and before it decided.
  const mode = BATTERY_MODES.find((each) => each === text(values, 'batteryMode')) ?? null;
  return {
    online: life.online(now, siteLimit(native)),
    grid: {
      power: get('grid/power'),
      energy: wattHours(get('grid/energy')),
      currents: get('grid/currents') === null ? [null, null, null] : [current(1), current(2), current(3)],
    },
    pv: {
      power: get('pvPower'),
      energy: wattHours(get('pvEnergy')),
      meters: indexes(values, ['pv']).map((i) => meter(values, `pv/${i}`)),
    },
    battery: {
      power: get('battery/power') ?? get('batteryPower'),
      soc: get('battery/soc') ?? get('batterySoc'),
      mode,
      meters: batteries.map((i) => battery(values, isNew ? `battery/devices/${i}` : `battery/${i}`)),
    },
    home: { power: get('homePower') },
    tariffs: {
      grid: get('tariffGrid'),
      feedIn: get('tariffFeedIn'),
      co2: get('tariffCo2'),
      solar: get('tariffSolar'),
    },
    greenShare: get('greenShareHome'),
    currency: text(values, 'currency'),
    title: text(values, 'siteTitle'),
    version: text(values, 'version'),
  };
}
