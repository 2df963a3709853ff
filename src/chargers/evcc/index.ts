/** evcc: each loadpoint is a charger. */
import type { ChargerDriver } from '../driver';
import { normaliseBase } from './base';
import { discovery } from './discovery';
import { type EvccNative, create, decode, faults, filters, limit, raw } from './native';
import { COMMANDS, planCommand } from './plan';
import { project } from './project';

/** Measurements, countdowns and the heartbeat: they change without anything having happened. */
const QUIET: ReadonlySet<string> = new Set([
  'updated',
  'chargePower',
  ...['chargeCurrents', 'chargeVoltages'].flatMap((key) => [key, `${key}/l1`, `${key}/l2`, `${key}/l3`]),
  'chargedEnergy',
  'sessionEnergy',
  'sessionSolarPercentage',
  'sessionPrice',
  'sessionPricePerKWh',
  'sessionCo2PerKWh',
  'chargeDuration',
  'connectedDuration',
  'chargeRemainingDuration',
  'chargeRemainingEnergy',
  'chargeTotalImport',
  'todayEnergy',
  'last24hEnergy',
  'last7dEnergy',
  'vehicleSoc',
  'vehicleRange',
  'vehicleOdometer',
  'pvRemaining',
  'phaseRemaining',
  'planProjectedStart',
  'planProjectedEnd',
  'planOverrun',
]);

export const evcc: ChargerDriver<EvccNative> = {
  system: 'evcc',
  commands: COMMANDS,
  base: normaliseBase,
  create,
  filters,
  decode,
  quiet: QUIET,
  project,
  deadline: (native, now) => native.life.deadline(now, limit(native)),
  // What was learnt stays: a broker that restarts without persistence never gets limits, titles or the version again.
  disconnected: (native) => {
    native.life.forget();
    native.heard = false;
    native.count = null;
  },
  raw,
  faults,
  plan: planCommand,
  discovery,
};
