/** The charger's state in the one vocabulary. */
import { toNumber } from '../key-values';
import type { ChargerState, ChargerStatus, Controller, LimitType, PerPhase } from '../status';
import { vitalSigns } from '../vital-signs';
import { hasOverride, inForce, type Limit, toLimit, toSchedule } from './documents';
import { type GatewayConfig, gatewayConfig, identity } from './gateway-config';
import { DIVERT_MODES, flag, FLAG_SLEEPING_AFTER_LIMIT, reading, round, StateCode, STATES, text } from './keys';
import { isOnline } from './liveness';
import type { OpenEvseNative } from './native';

const KM_PER_MILE = 1.609344;
/** V; feeds above it are refused by the gateway, so that a higher value is the sum of three phases. */
const MAX_PHASE_VOLTAGE = 300;

/** The controller's state; the transient 0 (passed at each enabling) keeps the one before. */
function settledCode(native: OpenEvseNative): number | null {
  const code = toNumber(native.values.get('state'));
  return code === StateCode.starting ? native.settledState : code;
}

function isPaused(code: number | null): boolean {
  return code === StateCode.sleeping || code === StateCode.disabled;
}

/**
 * 254 and 255 stand for every pause, whoever ordered it. Without a vehicle there is nothing to pause: `disconnected`,
 * as the other systems have it. With a reached limit: `complete`.
 */
function projectState(native: OpenEvseNative, code: number | null): ChargerState {
  const state = code === null ? undefined : STATES.get(code)?.state;
  if (state === undefined || state === 'transient') return 'unknown';
  if (state !== 'paused') return state as ChargerState;
  if (vehicleConnected(native, code) === false) return 'disconnected';
  return limitReached(native, code) ? 'complete' : 'paused';
}

/** null in 255, where the pilot is off and the controller cannot see the plug. */
function vehicleConnected(native: OpenEvseNative, code: number | null): boolean | null {
  if (code === StateCode.disabled) return null;
  return native.plugged ?? flag(native.values, 'vehicle');
}

/** Distances come as the charger is configured. */
function toKm(distance: number | null, gateway: GatewayConfig | null): number | null {
  return distance !== null && gateway?.rangeInMiles ? round(distance * KM_PER_MILE) : distance;
}

/** How far the session is, in the limit's own unit (minutes for `time`); null = not known. */
function progress(native: OpenEvseNative, type: Limit['type']): number | null {
  const { values } = native;
  switch (type) {
    case 'energy':
      return sessionEnergy(native);
    case 'time': {
      const seconds = sessionDuration(native);
      return seconds === null ? null : seconds / 60;
    }
    case 'soc':
      return reading(values, 'battery_level');
    case 'range':
      return reading(values, 'battery_range');
  }
}

/** The limit document does not change when the limit is reached; a pause and the figures tell. */
function limitReached(native: OpenEvseNative, code: number | null): boolean {
  if (!isPaused(code)) return false;
  const flags = toNumber(native.values.get('flags')) ?? 0;
  if (flags & FLAG_SLEEPING_AFTER_LIMIT) return true;
  const limit = toLimit(native.values.json('limit'));
  const done = limit && progress(native, limit.type);
  return limit !== null && done !== null && done >= limit.value;
}

function sessionEnergy(native: OpenEvseNative): number | null {
  return reading(native.values, 'session_energy') ?? reading(native.values, 'wattsec');
}

function sessionDuration(native: OpenEvseNative): number | null {
  return reading(native.values, 'session_elapsed') ?? reading(native.values, 'elapsed');
}

function sessionLimit(native: OpenEvseNative): { type: LimitType; value: number } | null {
  const limit = toLimit(native.values.json('limit'));
  if (limit === null) return null;
  const { type, value } = limit;
  if (type === 'time') return { type, value: value * 60 };
  return { type, value: type === 'range' ? (toKm(value, gatewayConfig(native)) ?? value) : value };
}

/**
 * Who decides, by the arbitration's priorities as far as topics tell: reached limit 1100, manual override 1000,
 * MQTT's claim 500, schedule 100 (its `disabled` events 10), divert 50 (10 while it holds charging off). A shaper
 * without data (1100) and faults are the charger's own affair. Claims made over HTTP, RFID or OCPP show on no topic.
 */
function controller(native: OpenEvseNative, code: number | null): Controller | null {
  const { values } = native;
  if (code === null && text(values, 'status') === null) return null;
  if (limitReached(native, code)) return 'limit';
  const shaperHolds = flag(values, 'shaper') === true && flag(values, 'shaper_updated') === false;
  if (shaperHolds && isPaused(code)) return 'charger';
  if (hasOverride(native)) return 'manual';
  if (inForce(native, 'claim')) return 'claim';
  const scheduled = (toSchedule(values.json('schedule'))?.length ?? 0) > 0;
  if (toNumber(values.get('divertmode')) === DIVERT_MODES.eco) {
    const scheduleCharges = scheduled && flag(values, 'divert_active') !== true && text(values, 'status') === 'active';
    return scheduleCharges ? 'schedule' : 'divert';
  }
  return scheduled ? 'schedule' : 'charger';
}

/** In eco mode with three phases the sum of the voltages is published on the same topic, with each feed. */
function phaseVoltage(native: OpenEvseNative): number | null {
  const volts = reading(native.values, 'voltage');
  return volts !== null && volts > MAX_PHASE_VOLTAGE ? round(volts / 3) : volts;
}

/** Versions before 4.2.0 publish no power; it is current x voltage, as later ones compute it. */
function power(native: OpenEvseNative): number | null {
  const measured = reading(native.values, 'power');
  if (measured !== null) return measured;
  const amperes = reading(native.values, 'amp');
  const volts = phaseVoltage(native);
  return amperes === null || volts === null ? null : round(amperes * volts);
}

/** The controller measures one conductor; nothing is known of the others. */
function firstPhase(value: number | null): PerPhase {
  return [value, null, null];
}

/** Known from the configuration alone: the charger switches all its phases together. */
function activePhases(gateway: GatewayConfig | null): 1 | 3 | null {
  const threePhase = gateway?.threePhase ?? null;
  return threePhase === null ? null : threePhase ? 3 : 1;
}

function firstReading(native: OpenEvseNative, keys: readonly string[]): number | null {
  for (const key of keys) {
    const value = reading(native.values, key);
    if (value !== null) return value;
  }
  return null;
}

function projectError(code: number | null): ChargerStatus['error'] {
  const fact = code === null ? undefined : STATES.get(code);
  return code !== null && fact?.state === 'error' ? { code, text: fact.text } : null;
}

function projectMode(native: OpenEvseNative): 'normal' | 'eco' | null {
  const mode = toNumber(native.values.get('divertmode'));
  if (mode === DIVERT_MODES.eco) return 'eco';
  return mode === DIVERT_MODES.normal ? 'normal' : null;
}

export function project(native: OpenEvseNative, now: number): ChargerStatus {
  const { values, config } = native;
  const gateway = gatewayConfig(native);
  const who = identity(native);
  const code = settledCode(native);
  const id = who?.id ?? config.baseTopic;
  return {
    system: 'openevse',
    id,
    name: config.name || (who?.name ?? id),
    ...vitalSigns(native, isOnline(native, now), projectState(native, code)),
    vehicle: {
      connected: vehicleConnected(native, code),
      name: text(values, 'tesla_vehicle_name'),
      soc: reading(values, 'battery_level'),
      range: toKm(reading(values, 'battery_range'), gateway),
      limitSoc: firstReading(native, ['vehicle_charge_limit', 'charge_limit_soc']),
    },
    power: power(native),
    current: reading(values, 'pilot'),
    currents: firstPhase(reading(values, 'amp')),
    voltages: firstPhase(phaseVoltage(native)),
    phases: { active: activePhases(gateway), wanted: null },
    limits: { min: gateway?.minCurrent ?? null, max: reading(values, 'max_current') ?? gateway?.maxCurrent ?? null },
    session: { energy: sessionEnergy(native), duration: sessionDuration(native), limit: sessionLimit(native) },
    energyTotal: firstReading(native, ['total_energy', 'watthour', 'wh']),
    temperature: firstReading(native, ['temp', 'temp1', 'temp2', 'temp3', 'temp4']),
    mode: projectMode(native),
    control: {
      by: controller(native, code),
      claim: inForce(native, 'claim'),
      override: inForce(native, 'override'),
      schedule: toSchedule(values.json('schedule')),
    },
    error: projectError(code),
    firmware: gateway?.version ?? null,
  };
}
