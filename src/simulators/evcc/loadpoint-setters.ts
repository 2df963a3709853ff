/** The setters of a loadpoint, by the name of their topic. Measured on a running evcc 0.313.2; the mode redesign on its development branch. */
import { type ChargeMode } from './config';
import { bool, energyPlan, float, floatOrNone, int, nameOf, nameOrNone, type Parser, strategy } from './grammar';
import { type Effect, type Setter } from './setters';
import {
  type AlwaysCharge,
  hasModeRedesign,
  isSwitched,
  type Loadpoint,
  type LoadpointSettings,
  type State,
} from './state';
import { LOADPOINT_BURSTS } from './bursts';
import { type LoadpointTopic } from './topics';
import { type Lifespan } from './version';

type LoadpointSetter = Setter<Loadpoint>;

function answer(loadpoint: Loadpoint, topics: readonly LoadpointTopic[], update: boolean): Effect {
  return { loadpoints: [{ loadpoint, topics }], ...(update ? { update: loadpoint } : {}) };
}

interface SettingOptions {
  /** Whether an extra update of the loadpoint follows. */
  readonly update?: true;
  /** Topics sent back; default: its own. */
  readonly readback?: readonly LoadpointTopic[];
  readonly accepts?: (value: number, loadpoint: Loadpoint) => boolean;
}

/** A number without range check: evcc takes a `limitSoc` of 150 and a `minCurrent` of -4. */
function setting(
  key: keyof LoadpointSettings,
  parse: Parser<number>,
  { update, readback, accepts }: SettingOptions = {},
): LoadpointSetter {
  return (loadpoint, payload) => {
    const parsed = parse(payload);
    if (!parsed || parsed.value === loadpoint.settings[key]) return null;
    if (accepts && !accepts(parsed.value, loadpoint)) return null;
    loadpoint.settings[key] = parsed.value;
    return answer(loadpoint, readback ?? [key], update ?? false);
  };
}

function limit(key: 'smartCostLimit' | 'smartFeedInPriorityLimit'): LoadpointSetter {
  return (loadpoint, payload) => {
    const parsed = floatOrNone(payload);
    if (!parsed || parsed.value === loadpoint[key]) return null;
    loadpoint[key] = parsed.value;
    return answer(loadpoint, [key], false);
  };
}

interface ModeChoice {
  readonly mode: ChargeMode;
  readonly alwaysCharge?: AlwaysCharge;
}

const MODES: Readonly<Record<string, ModeChoice>> = {
  off: { mode: 'off' },
  now: { mode: 'now' },
  minpv: { mode: 'minpv' },
  pv: { mode: 'pv' },
};

/** From 0.316.0 on the old words are still taken, and read back as `smart`. */
const REDESIGNED_MODES: Readonly<Record<string, ModeChoice>> = {
  off: { mode: 'off' },
  now: { mode: 'now' },
  smart: { mode: 'smart' },
  minpv: { mode: 'smart', alwaysCharge: 'on' },
  pv: { mode: 'smart', alwaysCharge: 'off' },
};

/** Returns the topics to send back: none if all of it is in force already. */
function applyMode(loadpoint: Loadpoint, word: string, version: string): readonly LoadpointTopic[] {
  const modes = hasModeRedesign(version) ? REDESIGNED_MODES : MODES;
  const choice = Object.hasOwn(modes, word) ? modes[word] : undefined;
  if (!choice) return [];
  const topics: LoadpointTopic[] = [];
  if (choice.alwaysCharge !== undefined && choice.alwaysCharge !== loadpoint.alwaysCharge && !isSwitched(loadpoint)) {
    loadpoint.alwaysCharge = choice.alwaysCharge;
    topics.push('alwaysCharge');
  }
  if (choice.mode !== loadpoint.mode) {
    loadpoint.mode = choice.mode;
    loadpoint.batteryBoost = false;
    topics.push('mode', 'batteryBoost');
  }
  return topics;
}

const mode: LoadpointSetter = (loadpoint, payload, { version }) => {
  const topics = applyMode(loadpoint, payload.toLowerCase(), version);
  return topics.length > 0 ? answer(loadpoint, topics, true) : null;
};

const alwaysChargeWord = nameOf(['off', 'on', 'once'] as const);

const alwaysCharge: LoadpointSetter = (loadpoint, payload) => {
  const parsed = alwaysChargeWord(payload);
  if (!parsed || isSwitched(loadpoint) || parsed.value === loadpoint.alwaysCharge) return null;
  loadpoint.alwaysCharge = parsed.value;
  return answer(loadpoint, ['alwaysCharge'], true);
};

/** Always answered. Automatic (0) only where the charger can switch. */
const phasesConfigured: LoadpointSetter = (loadpoint, payload) => {
  const parsed = int(payload);
  const { phaseSwitching = false, phases: wired = 3 } = loadpoint.config;
  const possible = [...(phaseSwitching ? [0] : []), 1, ...(wired === 3 ? [3] : [])];
  if (!parsed || !possible.includes(parsed.value)) return null;
  loadpoint.phasesConfigured = parsed.value;
  return answer(loadpoint, ['phasesConfigured'], true);
};

const batteryBoost: LoadpointSetter = (loadpoint, payload) => {
  const parsed = bool(payload);
  if (!parsed || parsed.value === loadpoint.batteryBoost) return null;
  if (parsed.value && !['pv', 'minpv', 'smart'].includes(loadpoint.mode)) return null;
  loadpoint.batteryBoost = parsed.value;
  return answer(loadpoint, ['batteryBoost'], true);
};

/** A time in the past is refused, also where the plan is to be deleted; no time at all is taken. */
const planEnergy: LoadpointSetter = (loadpoint, payload, { now }) => {
  const parsed = energyPlan(payload);
  if (!parsed) return null;
  const { value, time } = parsed.value;
  if (time !== null && time * 1000 < now) return null;
  const wanted = value === 0 ? null : time;
  if (value === loadpoint.planEnergy && wanted === loadpoint.planTime) return null;
  loadpoint.planEnergy = value;
  loadpoint.planTime = wanted;
  return answer(loadpoint, ['planTime', 'planEnergy'], true);
};

/** Always answered. */
const planStrategy: LoadpointSetter = (loadpoint, payload) => {
  const parsed = strategy(payload);
  if (!parsed) return null;
  loadpoint.planStrategy = parsed.value;
  const topics = [
    'planStrategy/continuous',
    'planStrategy/precondition',
    'effectivePlanStrategy/continuous',
    'effectivePlanStrategy/precondition',
  ] as const;
  return answer(loadpoint, topics, true);
};

/** Always answered. Another vehicle is unknown until the next cycle reads it, and brings its mode along. */
const vehicle: LoadpointSetter = (loadpoint, payload, state) => {
  const name = nameOrNone(payload)?.value ?? null;
  const wanted = name === null ? null : state.vehicles.find(({ config }) => config.name === name);
  if (wanted === undefined) return null;
  const modeTopics = assignVehicle(loadpoint, wanted, state);
  return answer(
    loadpoint,
    [...LOADPOINT_BURSTS.vehicle, ...LOADPOINT_BURSTS.effective, 'vehicleDetectionActive', ...modeTopics],
    false,
  );
};

/** Puts a vehicle (or none) in the place of the present one; returns the topics of a mode that came with it. */
export function assignVehicle(
  loadpoint: Loadpoint,
  next: Loadpoint['vehicle'],
  { version }: State,
): readonly LoadpointTopic[] {
  if (next === loadpoint.vehicle) return [];
  loadpoint.vehicle = next;
  Object.assign(loadpoint.reading, { soc: 0, range: 0, odometer: 0, limitSoc: 0 });
  return next?.config.mode === undefined ? [] : applyMode(loadpoint, next.config.mode, version);
}

export interface LoadpointSetterFact extends Lifespan {
  readonly set: LoadpointSetter;
}

const thresholds = { update: true, readback: ['enableThreshold', 'disableThreshold'] } as const;

export const LOADPOINT_SETTERS: Readonly<Record<string, LoadpointSetterFact>> = {
  mode: { set: mode },
  alwaysCharge: { set: alwaysCharge, since: '0.316.0' },
  phases: { set: phasesConfigured, until: '0.301.2' },
  phasesConfigured: { set: phasesConfigured, since: '0.301.2' },
  limitSoc: { set: setting('limitSoc', int, { update: true }) },
  minSoc: { set: setting('minSoc', int, { update: true }), since: '0.312.0' },
  priority: { set: setting('priority', int) },
  minCurrent: { set: setting('minCurrent', float, { accepts: (value, { settings }) => value <= settings.maxCurrent }) },
  maxCurrent: { set: setting('maxCurrent', float, { accepts: (value, { settings }) => value >= settings.minCurrent }) },
  limitEnergy: { set: setting('limitEnergy', float, { update: true }) },
  enableThreshold: { set: setting('enableThreshold', float, thresholds) },
  disableThreshold: { set: setting('disableThreshold', float, thresholds) },
  enableDelay: { set: setting('enableDelay', int) },
  disableDelay: { set: setting('disableDelay', int) },
  smartCostLimit: { set: limit('smartCostLimit') },
  smartFeedInPriorityLimit: { set: limit('smartFeedInPriorityLimit'), since: '0.205.0' },
  batteryBoost: { set: batteryBoost },
  batteryBoostLimit: { set: setting('batteryBoostLimit', int), since: '0.301.0' },
  planStrategy: { set: planStrategy, since: '0.300.2' },
  planEnergy: { set: planEnergy },
  vehicle: { set: vehicle },
};
