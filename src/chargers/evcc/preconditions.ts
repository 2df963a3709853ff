/**
 * What a set needs beyond its grammar: evcc checks some of it and tells a refusal only to its own log, the rest not at
 * all. A value that is not known refuses nothing.
 */
import { EnergyError, invalid } from '../../shared/errors';
import type { Encoded } from './grammar';
import { generation, refusesAlwaysCharge } from './modes';
import type { EvccNative } from './native';
import type { Target } from './target';
import { olderThan } from './version';
import { flag, number, text } from './wire';

function unsupported(message: string): EnergyError {
  return new EnergyError('UNSUPPORTED', message);
}

function bad(target: Target, message: string): EnergyError {
  return invalid(`set ${target.setter.topic}`, [{ path: 'value', message }]);
}

type Check = (native: EvccNative, target: Target, encoded: Encoded) => void;

const checkVersion: Check = (native, { setter, values }) => {
  const version = text(native.site, 'version');
  // A value that is published proves the setter, whatever the version calls itself.
  const evident = setter.readback.some((key) => values()?.get(key) !== undefined);
  if (setter.since === undefined || evident || olderThan(version, setter.since) !== true) return;
  throw unsupported(`${setter.topic} needs evcc ${setter.since} or newer; this is ${version ?? ''}`);
};

/** Without a battery evcc publishes these values all the same; the list of devices decides. */
const checkBattery: Check = (native, { setter }) => {
  if (setter.needs === undefined) return;
  // Before 0.301 the number of batteries stood on `battery` itself.
  const devices = number(native.site, 'battery/devices') ?? number(native.site, 'battery');
  if (devices === 0) throw unsupported(`${setter.topic} needs a ${setter.needs}; this site has none`);
  if (setter.needs === 'battery' || devices === null) return;
  const controllable = Array.from({ length: Math.min(devices, 64) }, (_, i) => controllableBattery(native, i + 1));
  if (controllable.every((each) => each === false)) {
    throw unsupported(`${setter.topic} needs a controllable battery; none of this site's is`);
  }
};

function controllableBattery(native: EvccNative, index: number): boolean | null {
  return (
    flag(native.site, `battery/devices/${index}/controllable`) ?? flag(native.site, `battery/${index}/controllable`)
  );
}

/** prioritySoc <= bufferSoc <= bufferStartSoc, where 0 means off. */
const checkBatterySocs: Check = (native, target, { value }) => {
  const { setter } = target;
  if (setter.group !== 'battery' || typeof value !== 'number') return;
  const order = ['prioritySoc', 'bufferSoc', 'bufferStartSoc'];
  const at = order.indexOf(setter.topic);
  for (const [i, key] of order.entries()) {
    const other = number(native.site, key);
    if (i === at || other === null || other === 0 || value === 0) continue;
    if (i < at ? value < other : value > other) {
      throw bad(target, `must not be ${i < at ? 'below' : 'above'} ${key}, which is ${other} %: change that one first`);
    }
  }
};

/** evcc refuses a minimum above the maximum, message by message; its bounds do not know what the cable can bear. */
const checkCurrents: Check = (native, target, { value }) => {
  const { topic, scope } = target.setter;
  if (scope !== 'loadpoint' || typeof value !== 'number' || (topic !== 'minCurrent' && topic !== 'maxCurrent')) return;
  const most = native.config.maxCurrent;
  if (most !== null && value > most) throw bad(target, `${value} A are more than the ${most} A set for this charger`);
  const min = number(native.loadpoint, 'minCurrent');
  const max = number(native.loadpoint, 'maxCurrent');
  if (topic === 'maxCurrent' && min !== null && value < min) {
    throw bad(target, `${value} A are below minCurrent, which is ${min} A: lower that one first`);
  }
  if (topic === 'minCurrent' && max !== null && value > max) {
    throw bad(target, `${value} A are above maxCurrent, which is ${max} A: raise that one first`);
  }
};

const checkPhases: Check = (native, { setter }, { value }) => {
  if (setter.kind !== 'phases') return;
  if (value === 0 && flag(native.loadpoint, 'chargerPhases1p3p') === false) {
    throw unsupported('this charger cannot switch phases, so automatic phases are not possible');
  }
  if (value === 3 && flag(native.loadpoint, 'chargerSinglePhase') === true) {
    throw unsupported('this charger has a single phase');
  }
};

const checkMode: Check = (native, { setter }, { value }) => {
  const known = generation(native.loadpoint, text(native.site, 'version'));
  if (setter.kind === 'alwaysCharge' && known === 'old') throw unsupported('alwaysCharge needs evcc 0.316.0 or newer');
  if (setter.kind === 'mode' && value === 'smart' && known === 'old') {
    throw unsupported('mode smart needs evcc 0.316.0 or newer; before it is pv or minpv');
  }
  const charges = value === 'minpv' || (setter.kind === 'alwaysCharge' && value !== 'off');
  if ((setter.kind === 'mode' || setter.kind === 'alwaysCharge') && charges) {
    if (known === 'new' && refusesAlwaysCharge(native.loadpoint)) {
      throw unsupported('evcc does not keep a minimum power on devices that can only be switched and on heat pumps');
    }
  }
};

const checkBoost: Check = (native, { setter }, { value }) => {
  if (setter.topic !== 'batteryBoost' || value !== true) return;
  const mode = text(native.loadpoint, 'mode');
  if (mode === 'off' || mode === 'now') {
    throw new EnergyError('REFUSED', `evcc boosts from the battery only in a surplus mode; the mode is ${mode}`);
  }
};

/** Only vehicles that evcc knew at its start have setters. */
const checkVehicle: Check = (native, target, { value }) => {
  if (native.vehicles.size === 0) return;
  if (target.setter.scope === 'vehicle' && target.values() === undefined) {
    throw invalid(`set ${target.setter.topic}`, [{ path: 'vehicle', message: `is unknown; ${names(native)}` }]);
  }
  if (target.setter.kind === 'vehicle' && typeof value === 'string' && !native.vehicles.has(value)) {
    throw bad(target, `is unknown; ${names(native)}`);
  }
};

function names(native: EvccNative): string {
  const known = [...native.vehicles].map(([name, values]) => `${name} (${text(values, 'title') ?? 'no title'})`);
  return `evcc knows ${known.join(', ')}`;
}

const CHECKS: readonly Check[] = [
  checkVersion,
  checkBattery,
  checkBatterySocs,
  checkCurrents,
  checkPhases,
  checkMode,
  checkBoost,
  checkVehicle,
];

/** @throws EnergyError INVALID | UNSUPPORTED | REFUSED. */
export function checkPreconditions(native: EvccNative, target: Target, encoded: Encoded): void {
  for (const check of CHECKS) check(native, target, encoded);
}
