/** The state of a go-e charger in the one vocabulary. */
import type { ChargerMode, ChargerState, ChargerStatus, Controller, PerPhase } from '../status';
import { vitalSigns } from '../vital-signs';
import { faultText } from './fault-texts';
import { CAR, type GoeNative, carConnected, isOnline, isUnplugging } from './native';
import { REASON, reasonOf } from './reasons';
import { serialOf } from './topics';
import { arrayOf, booleanOf, finite, numberOf, objectOf, stringOf } from './values';

/** `frc`: the charger's own logic decides, or charging is forced off or on. */
export const FORCE = { neutral: 0, off: 1, on: 2 } as const;

/**
 * `lmo` and the words of `ChargerStatus.mode`: basic = normal, eco (tariff and solar surplus) = eco. Next-trip (5) has
 * no word and shows as null. `frc` is not part of the mode: it overrides each of them (`start`, `stop`, `release`).
 */
export const LOGIC_MODES = { normal: 3, eco: 4 } as const satisfies Partial<Record<ChargerMode, number>>;

/** `psm` and `phases.wanted`. */
export const PHASE_MODES = [
  [0, 'auto'],
  [1, 1],
  [2, 3],
] as const;

/** `nrg`: 16 numbers, integers up to firmware 053, floats since. */
const NRG = { voltage: 0, current: 4, totalPower: 11 } as const;

/** A; hardware variant (`var`, in kW) -> its rating. */
const RATED_CURRENT: Readonly<Record<number, number | undefined>> = { 11: 16, 22: 32 };
const ADAPTER_LIMIT = 16;
/** degrees C; broken sensors report -16843.01 and the like. */
const PLAUSIBLE_TEMPERATURE = { min: -50, max: 150 } as const;

export function projectStatus(native: GoeNative, now: number): ChargerStatus {
  const { values, config } = native;
  const car = numberOf(values, 'car');
  const connected = isUnplugging(native, now) ? true : carConnected(car);
  const nrg = arrayOf(values, 'nrg');
  const id = chargerId(native);
  const dwo = numberOf(values, 'dwo');
  const error = faultOf(native, car);
  return {
    system: 'go-e',
    id,
    name: firstText(config.name, stringOf(values, 'fna')) ?? id,
    ...vitalSigns(native, isOnline(native, now), stateOf(native, car, connected, error !== null)),
    vehicle: { connected, name: null, soc: null, range: null, limitSoc: null },
    power: finite(nrg[NRG.totalPower]),
    current: numberOf(values, 'acu'),
    currents: perPhase(nrg, NRG.current),
    voltages: perPhase(nrg, NRG.voltage),
    phases: { active: activePhases(native), wanted: wantedPhases(native) },
    limits: { min: numberOf(values, 'mca'), max: maximumCurrent(native) },
    session: {
      energy: numberOf(values, 'wh'),
      duration: chargingSeconds(native),
      limit: dwo === null ? null : { type: 'energy', value: dwo },
    },
    energyTotal: numberOf(values, 'eto'),
    temperature: temperature(native),
    mode: modeOf(numberOf(values, 'lmo')),
    control: { by: controller(native), claim: null, override: null, schedule: schedules(native) },
    error,
    firmware: stringOf(values, 'fwv'),
  };
}

/** The serial: as published (`sse`), else from the default topic, else the base topic itself. */
export function chargerId(native: GoeNative): string {
  const { values, config } = native;
  return firstText(stringOf(values, 'sse'), serialOf(config.baseTopic)) ?? config.baseTopic;
}

function firstText(...texts: readonly (string | null)[]): string | null {
  return texts.find((text) => text !== null && text !== '') ?? null;
}

/** A rating for the hardware variant, null when it is not known. */
export function ratedCurrent(native: GoeNative): number | null {
  return RATED_CURRENT[numberOf(native.values, 'var') ?? 0] ?? null;
}

function perPhase(nrg: readonly unknown[], from: number): PerPhase {
  return [finite(nrg[from]), finite(nrg[from + 1]), finite(nrg[from + 2])];
}

function stateOf(native: GoeNative, car: number | null, connected: boolean | null, faulty: boolean): ChargerState {
  if (faulty) return 'error';
  if (connected === false) return 'disconnected';
  if (car === CAR.charging) return 'charging';
  // Also while a car that was reported gone is waited for: a phase switch says 22 or 23 then.
  return connected === null ? 'unknown' : restingState(native, car);
}

/** A connected car that is not charging: "complete" (4) also follows a stop by the charger or by force. */
function restingState(native: GoeNative, car: number | null): ChargerState {
  const modelStatus = numberOf(native.values, 'modelStatus');
  const resting = car === CAR.complete ? 'complete' : 'connected';
  if (numberOf(native.values, 'frc') === FORCE.off) return 'paused';
  if (modelStatus === REASON.energyLimit) return 'complete';
  if (modelStatus === REASON.accessControl) return resting;
  return reasonOf(modelStatus)?.permits === false ? 'paused' : resting;
}

function faultOf(native: GoeNative, car: number | null): ChargerStatus['error'] {
  const code = numberOf(native.values, 'err');
  if (code !== null && code !== 0) return { code, text: faultText(code, stringOf(native.values, 'fwv')) };
  return car === CAR.fault ? { code: 'car-5', text: 'the charger reports a fault without a code' } : null;
}

/** Phases that carry current: the charger's own count, else the contactor's outputs. */
function activePhases(native: GoeNative): 1 | 2 | 3 | null {
  const behindContactor = arrayOf(native.values, 'pha').slice(0, 3);
  const count = numberOf(native.values, 'pnp') ?? behindContactor.filter((on) => on === true).length;
  return count === 1 || count === 2 || count === 3 ? count : null;
}

function wantedPhases(native: GoeNative): ChargerStatus['phases']['wanted'] {
  const psm = numberOf(native.values, 'psm');
  return PHASE_MODES.find(([code]) => code === psm)?.[1] ?? null;
}

/** The lowest of what installation, hardware, cable, adapter and temperature permit. CORE always reports an adapter. */
function maximumCurrent(native: GoeNative): number | null {
  const { values } = native;
  const isCore = /phoenix|core/i.test(stringOf(values, 'typ') ?? '');
  const limits = [
    numberOf(values, 'ama'),
    ratedCurrent(native),
    numberOf(values, 'cbl'),
    finite(objectOf(values, 'cll')?.['cableCurrentLimit']),
    booleanOf(values, 'adi') === true && !isCore ? ADAPTER_LIMIT : null,
    numberOf(values, 'amt'),
  ].filter((limit) => limit !== null && limit > 0);
  return limits.length === 0 ? null : Math.min(...(limits as number[]));
}

/**
 * `cdi` is a duration (type 1, ms) when charging is over. While it goes on (type 0) its value counts from a moment that
 * no document names, so the duration is the time since `lcctc`, when charging last began, on the clock of `rbt`.
 */
function chargingSeconds(native: GoeNative): number | null {
  const { values } = native;
  const info = objectOf(values, 'cdi');
  const ms = finite(info?.['value']);
  if (info?.['type'] === 1) return ms === null ? null : Math.round(ms / 1000);
  const began = numberOf(values, 'lcctc');
  const clock = numberOf(values, 'rbt');
  if (info?.['type'] !== 0 || began === null || clock === null || clock < began) return null;
  return Math.round((clock - began) / 1000);
}

/** The hottest sensor. PRO and CORE have up to six, useful from the third on; V3 and V4 two. */
function temperature(native: GoeNative): number | null {
  const sensors = arrayOf(native.values, 'tma');
  const readings = (sensors.length > 2 ? sensors.slice(2) : sensors)
    .map(finite)
    .filter((value) => value !== null && value >= PLAUSIBLE_TEMPERATURE.min && value <= PLAUSIBLE_TEMPERATURE.max);
  return readings.length === 0 ? null : Math.max(...(readings as number[]));
}

function modeOf(lmo: number | null): ChargerMode | null {
  if (lmo === LOGIC_MODES.normal) return 'normal';
  return lmo === LOGIC_MODES.eco ? 'eco' : null;
}

/** The reason that the charger gives; without one, a forced state is somebody's will. */
function controller(native: GoeNative): Controller | null {
  const reason = reasonOf(numberOf(native.values, 'modelStatus'));
  if (reason) return reason.by;
  const frc = numberOf(native.values, 'frc');
  return frc === FORCE.on || frc === FORCE.off ? 'manual' : null;
}

/** The charger's own three timetables, each with its `key`; null when it has published none. */
function schedules(native: GoeNative): readonly unknown[] | null {
  const tables = ['sch_week', 'sch_satur', 'sch_sund'].flatMap((key) => {
    const table = objectOf(native.values, key);
    return table ? [{ key, ...table }] : [];
  });
  return tables.length === 0 ? null : tables;
}
