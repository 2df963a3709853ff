/** What the simulated evcc knows, and the physical truth behind it: plain data, changed by the functions around it. */
import { type ChargeMode, type EvccConfig, type LoadpointConfig, type VehicleConfig } from './config';
import { type BatteryMode, type Plan, type Strategy } from './grammar';
import { isAlive } from './version';

export type AlwaysCharge = 'off' | 'on' | 'once';

export interface Vehicle {
  readonly config: VehicleConfig;
  /** True SoC, %. */
  soc: number;
  minSoc: number;
  limitSoc: number;
  plan: Plan | null;
  strategy: Strategy;
}

/** A decision that waits for its delay; `since` in ms. */
export interface Pending<Action extends string> {
  readonly action: Action;
  readonly since: number;
  /** s */
  readonly delay: number;
}

export interface Session {
  /** Wh */
  energy: number;
  greenEnergy: number;
  cost: number;
  /** g */
  co2: number;
  /** Charging time, s. */
  duration: number;
  /** ms when plugged in; null = never. */
  pluggedAt: number | null;
}

/** Numbers that have a setter of their own. */
export interface LoadpointSettings {
  priority: number;
  minCurrent: number;
  maxCurrent: number;
  enableThreshold: number;
  disableThreshold: number;
  enableDelay: number;
  disableDelay: number;
  limitSoc: number;
  limitEnergy: number;
  minSoc: number;
  batteryBoostLimit: number;
}

export interface Loadpoint {
  /** From 1. */
  readonly index: number;
  readonly config: LoadpointConfig;
  readonly configuredMode: ChargeMode;
  mode: ChargeMode;
  alwaysCharge: AlwaysCharge;
  readonly settings: LoadpointSettings;
  smartCostLimit: number | null;
  smartFeedInPriorityLimit: number | null;
  batteryBoost: boolean;
  /** 0 = automatic */
  phasesConfigured: number;
  /** Phases that the charger has switched on. */
  phases: number;
  planEnergy: number;
  planTime: number | null;
  planStrategy: Strategy;
  planActive: boolean;
  /** What is in the socket; evcc notices in the loadpoint's next cycle. */
  readonly plug: { connected: boolean; vehicle: Vehicle | null };
  connected: boolean;
  /** The first update after plugging in does not wait for the enable delay. */
  justPlugged: boolean;
  vehicle: Vehicle | null;
  /** Last reading of the vehicle; 0 = unknown. */
  readonly reading: { soc: number; range: number; odometer: number; limitSoc: number };
  /** Current limits, in force since the last cycle, A. */
  readonly inForce: { minCurrent: number; maxCurrent: number };
  enabled: boolean;
  charging: boolean;
  /** A */
  offeredCurrent: number;
  /** W, A per phase: as measured. */
  power: number;
  currents: readonly [number, number, number];
  pvPending: Pending<'enable' | 'disable'> | null;
  phasePending: Pending<'scale1p' | 'scale3p'> | null;
  session: Session;
  /** kWh */
  totalImport: number;
  /** Wh since start; the simulator has no history before it. */
  chargedSinceStart: number;
  /** degC of a heating loadpoint. */
  temperature: number;
}

export interface Site {
  /** W */
  pvPower: number;
  homePower: number;
  gridPower: number;
  batteryPower: number;
  /** kWh */
  pvEnergy: number;
  gridEnergy: number;
  batteryEnergy: number;
  /** % */
  batterySoc: number;
  batteryMode: BatteryMode;
  /** null = never used since start */
  batteryModeExternal: BatteryMode | null;
  /** ms at which the external mode falls back. */
  externalUntil: number;
  batteryDischargeControl: boolean;
  batteryGridDischarge: boolean;
  /** undefined = never set, thus never published */
  batteryGridChargeLimit: number | null | undefined;
  prioritySoc: number;
  bufferSoc: number;
  bufferStartSoc: number;
  residualPower: number;
  gridExportLimit: number;
  solarAdjusted: boolean;
}

export interface State {
  readonly config: EvccConfig;
  readonly version: string;
  readonly site: Site;
  readonly loadpoints: readonly Loadpoint[];
  readonly vehicles: readonly Vehicle[];
  /** Of the last physical step, ms. */
  now: number;
}

export const NO_STRATEGY: Strategy = { continuous: false, precondition: 0 };

/** evcc's defaults, measured on a fresh 0.313.2. */
const SETTING_DEFAULTS: LoadpointSettings = {
  priority: 0,
  minCurrent: 6,
  maxCurrent: 16,
  enableThreshold: 0,
  disableThreshold: 0,
  enableDelay: 60,
  disableDelay: 180,
  limitSoc: 0,
  limitEnergy: 0,
  minSoc: 0,
  batteryBoostLimit: 100,
};

export function hasModeRedesign(version: string): boolean {
  return isAlive(version, { since: '0.316.0' });
}

/** No continuous choice of power: such devices take no minimum in smart mode. */
export function isSwitched(loadpoint: Loadpoint): boolean {
  const features = loadpoint.config.features ?? [];
  return features.includes('SwitchDevice') || (features.includes('Continuous') && features.includes('Heating'));
}

export function newSession(pluggedAt: number | null): Session {
  return { energy: 0, greenEnergy: 0, cost: 0, co2: 0, duration: 0, pluggedAt };
}

function initialMode(config: LoadpointConfig, version: string): ChargeMode {
  const mode = config.mode ?? 'pv';
  if (hasModeRedesign(version)) return mode === 'pv' || mode === 'minpv' ? 'smart' : mode;
  return mode === 'smart' ? 'pv' : mode;
}

function newLoadpoint(
  index: number,
  config: LoadpointConfig,
  vehicles: readonly Vehicle[],
  version: string,
): Loadpoint {
  const mode = initialMode(config, version);
  const wired = config.phases ?? 3;
  const vehicle = vehicles.find((candidate) => candidate.config.name === config.vehicle) ?? null;
  const settings: LoadpointSettings = {
    ...SETTING_DEFAULTS,
    ...(config.minCurrent === undefined ? {} : { minCurrent: config.minCurrent }),
    ...(config.maxCurrent === undefined ? {} : { maxCurrent: config.maxCurrent }),
    ...(config.priority === undefined ? {} : { priority: config.priority }),
  };
  return {
    index,
    config,
    configuredMode: mode,
    mode,
    alwaysCharge: hasModeRedesign(version) && config.mode === 'minpv' ? 'on' : 'off',
    settings,
    smartCostLimit: null,
    smartFeedInPriorityLimit: null,
    batteryBoost: false,
    phasesConfigured: config.phaseSwitching ? 0 : wired,
    phases: wired,
    planEnergy: 0,
    planTime: null,
    planStrategy: NO_STRATEGY,
    planActive: false,
    plug: { connected: vehicle !== null || config.heating !== undefined, vehicle },
    connected: false,
    justPlugged: false,
    vehicle,
    reading: { soc: 0, range: 0, odometer: 0, limitSoc: 0 },
    inForce: { minCurrent: settings.minCurrent, maxCurrent: settings.maxCurrent },
    enabled: false,
    charging: false,
    offeredCurrent: 0,
    power: 0,
    currents: [0, 0, 0],
    pvPending: null,
    phasePending: null,
    session: newSession(null),
    totalImport: config.totalImport ?? 0,
    chargedSinceStart: 0,
    temperature: config.heating?.temperature ?? 0,
  };
}

function newVehicle(config: VehicleConfig): Vehicle {
  return {
    config,
    soc: config.soc ?? 50,
    minSoc: config.minSoc ?? 0,
    limitSoc: config.limitSoc ?? 0,
    plan: null,
    strategy: NO_STRATEGY,
  };
}

export function newState(config: EvccConfig, version: string, now: number): State {
  const vehicles = config.vehicles.map(newVehicle);
  return {
    config,
    version,
    vehicles,
    loadpoints: config.loadpoints.map((loadpoint, i) => newLoadpoint(i + 1, loadpoint, vehicles, version)),
    site: {
      pvPower: config.pv,
      homePower: config.home,
      gridPower: 0,
      batteryPower: 0,
      pvEnergy: 4000.1,
      gridEnergy: 12_345.678,
      batteryEnergy: 900.5,
      batterySoc: config.battery?.soc ?? 0,
      batteryMode: 'unknown',
      batteryModeExternal: null,
      externalUntil: 0,
      batteryDischargeControl: false,
      batteryGridDischarge: false,
      batteryGridChargeLimit: undefined,
      prioritySoc: 0,
      bufferSoc: 0,
      bufferStartSoc: 0,
      residualPower: 0,
      gridExportLimit: 0,
      solarAdjusted: false,
    },
    now,
  };
}

/**
 * What evcc does not keep over a restart: modes, the limit of an empty loadpoint, delays (stored only together with a
 * threshold), an external battery mode, and what it knew of the plugs.
 */
export function forgetAtRestart(state: State): void {
  for (const loadpoint of state.loadpoints) {
    const { settings, plug } = loadpoint;
    loadpoint.mode = loadpoint.configuredMode;
    loadpoint.batteryBoost = false;
    loadpoint.connected = false;
    loadpoint.vehicle = plug.vehicle;
    Object.assign(loadpoint.reading, { soc: 0, range: 0, odometer: 0, limitSoc: 0 });
    if (!plug.connected) settings.limitSoc = 0;
    if (settings.enableThreshold === 0 && settings.disableThreshold === 0) {
      settings.enableDelay = SETTING_DEFAULTS.enableDelay;
      settings.disableDelay = SETTING_DEFAULTS.disableDelay;
    }
  }
  state.site.batteryMode = 'unknown';
  state.site.batteryModeExternal = null;
  state.site.batteryGridChargeLimit ??= undefined;
}
