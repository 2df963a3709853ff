/**
 * A loadpoint in the one vocabulary.
 *
 * state: `unknown` until `connected` is there, which for loadpoint n comes n - 1 control intervals after evcc's start;
 * `disconnected`; `charging`; then, plugged in without energy flowing: `complete` when the session's SoC or energy
 * limit is reached, `paused` when evcc holds the charger off (mode off, no surplus, a plan that waits), else
 * `connected` (released, but the vehicle draws nothing, or a permission is missing). evcc tells no charger faults, so
 * `error` never occurs.
 */
import type { ChargerState, ChargerStatus, Controller, PerPhase } from '../status';
import { vitalSigns } from '../vital-signs';
import { chargerMode } from './modes';
import { type EvccNative, limit } from './native';
import { flag, number, positive, text, wattHours } from './wire';

function online(native: EvccNative, now: number): boolean | null {
  if (native.count !== null && native.index > native.count) return false;
  return native.life.online(now, limit(native));
}

function isHeating({ loadpoint }: EvccNative): boolean {
  return flag(loadpoint, 'chargerFeatureHeating') === true;
}

/** SoC, or on heating loadpoints degrees C; 0 means unknown. */
function isLimitReached({ loadpoint }: EvccNative): boolean {
  const soc = positive(loadpoint, 'vehicleSoc');
  const limitSoc = positive(loadpoint, 'effectiveLimitSoc') ?? positive(loadpoint, 'limitSoc');
  if (soc !== null && limitSoc !== null && soc >= limitSoc) return true;
  const energy = sessionEnergy(loadpoint);
  const limitEnergy = wattHours(positive(loadpoint, 'limitEnergy'));
  return energy !== null && limitEnergy !== null && energy >= limitEnergy;
}

function state(native: EvccNative): ChargerState {
  const { loadpoint } = native;
  const connected = flag(loadpoint, 'connected');
  if (connected === null) return 'unknown';
  if (!connected) return 'disconnected';
  if (flag(loadpoint, 'charging') === true) return 'charging';
  if (isLimitReached(native)) return 'complete';
  // A car that comes, and a mode that becomes `now`, may be told before the charger is enabled for it.
  const released = text(loadpoint, 'mode') === 'now';
  const waits = text(loadpoint, 'chargerStatusReason') === 'waitingforauthorization';
  return flag(loadpoint, 'enabled') === false && !waits && !released ? 'paused' : 'connected';
}

type Values = EvccNative['loadpoint'];

/** Wh. `chargedEnergy` is the twin of former days. */
function sessionEnergy(loadpoint: Values): number | null {
  return number(loadpoint, 'sessionEnergy') ?? number(loadpoint, 'chargedEnergy');
}

/** Both may be set: the SoC decides where the vehicle tells it, the energy where it does not. */
function sessionLimit(native: EvccNative): ChargerStatus['session']['limit'] {
  const { loadpoint } = native;
  const energy = wattHours(positive(loadpoint, 'limitEnergy'));
  const soc = isHeating(native) ? null : positive(loadpoint, 'limitSoc');
  if (soc !== null && (energy === null || positive(loadpoint, 'vehicleSoc') !== null))
    return { type: 'soc', value: soc };
  return energy === null ? null : { type: 'energy', value: energy };
}

function perPhase(loadpoint: Values, key: string): PerPhase {
  return [number(loadpoint, `${key}/l1`), number(loadpoint, `${key}/l2`), number(loadpoint, `${key}/l3`)];
}

function activePhases(loadpoint: Values): 1 | 2 | 3 | null {
  const phases = number(loadpoint, 'phasesActive');
  return phases === 1 || phases === 2 || phases === 3 ? phases : null;
}

function wantedPhases(loadpoint: Values): 'auto' | 1 | 3 | null {
  const phases = number(loadpoint, 'phasesConfigured');
  if (phases === 0) return 'auto';
  return phases === 1 || phases === 3 ? phases : null;
}

/** Slots `{start, end, value}`. A deleted plan's slots stay until the loadpoint's next cycle, its id is 0 at once. */
function schedule(loadpoint: Values): readonly unknown[] | null {
  const slots = loadpoint.json('plan');
  const deleted = number(loadpoint, 'effectivePlanId') === 0 && positive(loadpoint, 'planEnergy') === null;
  return Array.isArray(slots) && !deleted ? slots : null;
}

function controller(native: EvccNative): Controller | null {
  const { loadpoint } = native;
  if (flag(loadpoint, 'planActive') === true) return 'schedule';
  if (flag(loadpoint, 'connected') === true && isLimitReached(native)) return 'limit';
  const mode = chargerMode(loadpoint);
  if (mode === 'surplus' || mode === 'min+surplus') return 'divert';
  return mode === null ? null : 'manual';
}

function error(native: EvccNative): ChargerStatus['error'] {
  const { count, index } = native;
  if (count === null || index <= count) return null;
  return { code: 'NO_LOADPOINT', text: `evcc has ${count} loadpoints: there is no loadpoint ${index}` };
}

/** See `ChargerDriver.project`. */
export function project(native: EvccNative, now: number): ChargerStatus {
  const { config, identity, loadpoint, site } = native;
  const heating = isHeating(native);
  const soc = positive(loadpoint, 'vehicleSoc');
  return {
    system: 'evcc',
    id: identity.name ?? config.baseTopic,
    name: config.name || (identity.title ?? config.baseTopic),
    ...vitalSigns(native, online(native, now), state(native)),
    vehicle: {
      connected: flag(loadpoint, 'connected'),
      name: text(loadpoint, 'vehicleTitle') ?? text(loadpoint, 'vehicleName'),
      soc: heating ? null : soc,
      range: positive(loadpoint, 'vehicleRange'),
      limitSoc: heating ? null : positive(loadpoint, 'vehicleLimitSoc'),
    },
    power: number(loadpoint, 'chargePower'),
    // `chargeCurrent` before 0.203.0
    current: number(loadpoint, 'offeredCurrent') ?? number(loadpoint, 'chargeCurrent'),
    currents: perPhase(loadpoint, 'chargeCurrents'),
    voltages: perPhase(loadpoint, 'chargeVoltages'),
    phases: { active: activePhases(loadpoint), wanted: wantedPhases(loadpoint) },
    limits: {
      min: number(loadpoint, 'effectiveMinCurrent') ?? number(loadpoint, 'minCurrent'),
      max: number(loadpoint, 'effectiveMaxCurrent') ?? number(loadpoint, 'maxCurrent'),
    },
    session: {
      energy: sessionEnergy(loadpoint),
      duration: number(loadpoint, 'chargeDuration'),
      limit: sessionLimit(native),
    },
    energyTotal: wattHours(number(loadpoint, 'chargeTotalImport')),
    temperature: heating ? soc : null,
    mode: chargerMode(loadpoint),
    control: { by: controller(native), claim: null, override: null, schedule: schedule(loadpoint) },
    error: error(native),
    firmware: text(site, 'version'),
  };
}
