/** What can be configured about the simulated installation, and its defaults. */
import { type ChargerFeature } from './topics';

export type ChargeMode = 'off' | 'pv' | 'minpv' | 'smart' | 'now';

export interface LoadpointConfig {
  readonly title: string;
  /** Default `lp-{n}`. */
  readonly name?: string;
  /** Configured mode, to which unplugging returns; default `pv` (`smart` from 0.316.0 on). */
  readonly mode?: ChargeMode;
  /** Wired phases; default 3. */
  readonly phases?: 1 | 3;
  /** Whether the charger can switch between one and three phases; default false. */
  readonly phaseSwitching?: boolean;
  /** A; default 6. */
  readonly minCurrent?: number;
  /** A; default 16. */
  readonly maxCurrent?: number;
  readonly priority?: number;
  /** Whether the charge meter tells currents and voltages; default false. */
  readonly currents?: boolean;
  /** Total of the charge meter at start, kWh; default: the meter has no total. */
  readonly totalImport?: number;
  readonly features?: readonly ChargerFeature[];
  readonly icon?: string;
  /** Vehicle plugged in at start (configuration name). */
  readonly vehicle?: string;
  /** A heat pump or rod instead of a vehicle: degC now and wanted, W while it runs. */
  readonly heating?: { readonly temperature: number; readonly limit: number; readonly power: number };
}

export interface VehicleConfig {
  /** Configuration name, part of the topics. */
  readonly name: string;
  readonly title: string;
  readonly icon?: string;
  /** kWh */
  readonly capacity: number;
  /** Phases it charges on; default: not told, 3. */
  readonly phases?: 1 | 2 | 3;
  /** % at start; default 50. */
  readonly soc?: number;
  /** km with a full battery; default 300. */
  readonly range?: number;
  /** km; default 0 = unknown. */
  readonly odometer?: number;
  /** Limit set in the vehicle itself, %; default none. */
  readonly limit?: number;
  /** Mode that a loadpoint takes over with it. */
  readonly mode?: ChargeMode;
  readonly minSoc?: number;
  readonly limitSoc?: number;
  readonly minCurrent?: number;
  readonly maxCurrent?: number;
  readonly priority?: number;
  /** `Offline`: never tells its SoC. */
  readonly features?: readonly string[];
}

export interface BatteryConfig {
  /** kWh */
  readonly capacity: number;
  /** Most it charges and discharges with, W. */
  readonly power: number;
  /** % at start */
  readonly soc: number;
  readonly controllable: boolean;
}

export interface TariffConfig {
  /** Price of energy from the grid per kWh: one price, or 24 by hour (UTC). */
  readonly grid?: number | readonly number[];
  /** Per kWh */
  readonly feedIn?: number;
  /** g/kWh */
  readonly co2?: number;
}

export interface EvccConfig {
  readonly title: string;
  readonly currency: string;
  /** Control interval, s. */
  readonly interval: number;
  readonly loadpoints: readonly LoadpointConfig[];
  readonly vehicles: readonly VehicleConfig[];
  /** null = none */
  readonly battery: BatteryConfig | null;
  readonly tariffs: TariffConfig;
  /** PV power at start, W. */
  readonly pv: number;
  /** What the house takes besides the loadpoints, W. */
  readonly home: number;
}

export const DEFAULT_CONFIG: EvccConfig = {
  title: 'Home',
  currency: 'EUR',
  interval: 30,
  loadpoints: [
    { title: 'Carport', phaseSwitching: true, currents: true, totalImport: 2345.678, vehicle: 'golf' },
    { title: 'Garage', mode: 'off', vehicle: 'zoe' },
  ],
  vehicles: [
    { name: 'golf', title: 'blue e-Golf', icon: 'car', capacity: 36, phases: 2, soc: 62, range: 230 },
    { name: 'zoe', title: 'white Zoe', icon: 'car', capacity: 52, phases: 3, soc: 31, range: 380, limit: 90 },
  ],
  battery: { capacity: 13.4, power: 5000, soc: 54, controllable: true },
  tariffs: { grid: 0.253, feedIn: 0.08, co2: 392 },
  pv: 4000,
  home: 450,
};

/** The defaults, with what is given in their place. */
export function configOf(given: Partial<EvccConfig>): EvccConfig {
  return {
    title: given.title ?? DEFAULT_CONFIG.title,
    currency: given.currency ?? DEFAULT_CONFIG.currency,
    interval: given.interval ?? DEFAULT_CONFIG.interval,
    loadpoints: given.loadpoints ?? DEFAULT_CONFIG.loadpoints,
    vehicles: given.vehicles ?? DEFAULT_CONFIG.vehicles,
    battery: given.battery === undefined ? DEFAULT_CONFIG.battery : given.battery,
    tariffs: given.tariffs ?? DEFAULT_CONFIG.tariffs,
    pv: given.pv ?? DEFAULT_CONFIG.pv,
    home: given.home ?? DEFAULT_CONFIG.home,
  };
}
