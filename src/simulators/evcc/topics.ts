/** Every topic that the simulator publishes: how its value is written and which releases have it. */
import { type Kind } from './encode';
import { type Lifespan } from './version';

export interface TopicFact extends Lifespan {
  readonly kind: Kind;
  /** A zero is sent as a zero-length payload. */
  readonly zeroAsEmpty?: true;
}

type Table = Readonly<Record<string, TopicFact>>;

const text = { kind: 'text' } as const;
const bool = { kind: 'bool' } as const;
const int = { kind: 'int' } as const;
const float = { kind: 'float' } as const;
const duration = { kind: 'duration' } as const;
const time = { kind: 'time' } as const;
const phases = { kind: 'phases' } as const;
const list = { kind: 'list' } as const;

export const CHARGER_FEATURES = [
  'CoarseCurrent',
  'IntegratedDevice',
  'SwitchDevice',
  'Heating',
  'Continuous',
  'Average',
  'Cacheable',
  'Offline',
  'Retryable',
  'Streaming',
  'WelcomeCharge',
  'ClimaterDisabled',
  'AutodetectDisabled',
  'WakeUpDisabled',
] as const;
export type ChargerFeature = (typeof CHARGER_FEATURES)[number];

/** Below `loadpoints/{n}/`. */
export const LOADPOINT_TOPICS = {
  name: { ...text, since: '0.307.0' },
  title: text,
  mode: text,
  alwaysCharge: { ...text, since: '0.316.0' },
  enabled: bool,
  connected: bool,
  charging: bool,
  offeredCurrent: float,
  chargePower: float,
  chargeCurrents: phases,
  chargeVoltages: phases,
  chargedEnergy: float,
  chargeDuration: duration,
  chargeTotalImport: float,
  todayEnergy: { ...float, since: '0.312.1' },
  last24hEnergy: { ...float, since: '0.312.1' },
  last7dEnergy: { ...float, since: '0.312.1' },
  connectedDuration: duration,
  chargeRemainingDuration: duration,
  chargeRemainingEnergy: float,
  sessionEnergy: float,
  sessionSolarPercentage: float,
  sessionPricePerKWh: float,
  sessionPrice: float,
  sessionCo2PerKWh: float,
  phasesConfigured: int,
  phasesActive: int,
  phaseAction: text,
  phaseRemaining: duration,
  pvAction: text,
  pvRemaining: duration,
  priority: int,
  minCurrent: float,
  maxCurrent: float,
  enableThreshold: float,
  disableThreshold: float,
  enableDelay: duration,
  disableDelay: duration,
  limitSoc: int,
  limitEnergy: float,
  minSoc: { ...int, since: '0.312.0' },
  minSocNotReached: { ...bool, since: '0.303.0' },
  batteryBoost: bool,
  batteryBoostLimit: { ...int, since: '0.301.0' },
  smartCostActive: bool,
  smartCostLimit: float,
  smartCostNextStart: time,
  smartFeedInPriorityActive: { ...bool, since: '0.205.0' },
  smartFeedInPriorityLimit: { ...float, since: '0.205.0' },
  smartFeedInPriorityNextStart: { ...time, since: '0.205.0' },
  effectivePriority: int,
  effectivePlanId: int,
  effectivePlanTime: time,
  effectivePlanSoc: int,
  'effectivePlanStrategy/continuous': { ...bool, since: '0.301.0' },
  'effectivePlanStrategy/precondition': { ...duration, since: '0.301.0' },
  effectiveMinCurrent: float,
  effectiveMaxCurrent: float,
  effectiveMinSoc: int,
  effectiveLimitSoc: int,
  plan: { ...text, since: '0.211.1' },
  planActive: bool,
  planTime: time,
  planEnergy: float,
  'planStrategy/continuous': { ...bool, since: '0.301.0' },
  'planStrategy/precondition': { ...duration, since: '0.301.0' },
  planProjectedStart: time,
  planProjectedEnd: time,
  planOverrun: duration,
  vehicleName: text,
  vehicleTitle: text,
  vehicleDetectionActive: bool,
  vehicleSoc: float,
  vehicleRange: int,
  vehicleOdometer: float,
  vehicleLimitSoc: float,
  vehicleClimaterActive: bool,
  vehicleWelcomeActive: bool,
  chargerIcon: text,
  chargerPhases1p3p: bool,
  chargerSinglePhase: bool,
  chargerStatusReason: text,
  suggestion: { ...text, since: '0.312.0' },
  'ui/minTemp': { ...float, since: '0.310.0' },
  'ui/maxTemp': { ...float, since: '0.310.0' },
} as const satisfies Table;
export type LoadpointTopic = keyof typeof LOADPOINT_TOPICS;

/** Below `vehicles/{name}/`; sent as a whole, of all vehicles, at start and after each setter of any vehicle. */
export const VEHICLE_TOPICS = {
  title: text,
  icon: text,
  capacity: { ...float, zeroAsEmpty: true },
  phases: { ...int, zeroAsEmpty: true },
  mode: text,
  minSoc: { ...int, zeroAsEmpty: true },
  limitSoc: { ...int, zeroAsEmpty: true },
  minCurrent: { ...float, zeroAsEmpty: true },
  maxCurrent: { ...float, zeroAsEmpty: true },
  priority: { ...int, zeroAsEmpty: true },
  features: list,
  plan: text,
  'plan/soc': int,
  'plan/time': time,
  repeatingPlans: int,
  'planStrategy/continuous': { ...bool, since: '0.301.0' },
  'planStrategy/precondition': { ...duration, since: '0.301.0' },
} as const satisfies Table;
export type VehicleTopic = keyof typeof VEHICLE_TOPICS;

const beforeBatteryTree = { until: '0.301.0' } as const;
const batteryTree = { since: '0.301.0' } as const;

/** Below `site/`, meters and configuration echoes excepted. */
export const SITE_TOPICS = {
  siteTitle: text,
  version: text,
  interval: duration,
  currency: text,
  apiReady: bool,
  homePower: float,
  gridConfigured: bool,
  pv: int,
  pvPower: float,
  pvEnergy: float,
  aux: int,
  ext: int,
  battery: { ...int, ...beforeBatteryTree },
  batteryPower: { ...float, ...beforeBatteryTree },
  batterySoc: { ...float, ...beforeBatteryTree },
  batteryEnergy: { ...float, ...beforeBatteryTree },
  batteryCapacity: { ...float, ...beforeBatteryTree },
  'battery/power': { ...float, ...batteryTree },
  'battery/soc': { ...float, ...batteryTree },
  'battery/energy': { ...float, ...batteryTree, zeroAsEmpty: true },
  'battery/capacity': { ...float, ...batteryTree, zeroAsEmpty: true },
  'battery/devices': { ...int, ...batteryTree },
  'battery/forecast': { ...text, since: '0.312.0' },
  batteryMode: text,
  batteryModeExternal: { ...text, since: '0.203.0' },
  batteryDischargeControl: bool,
  batteryGridDischarge: { ...bool, since: '0.313.0' },
  batteryGridChargeLimit: float,
  batteryGridChargeActive: bool,
  prioritySoc: float,
  bufferSoc: float,
  bufferStartSoc: float,
  residualPower: float,
  /** Newer than 0.313.2. */
  gridExportLimit: { ...float, since: '0.313.3' },
  solarAdjusted: { ...bool, since: '0.312.0' },
  smartCostAvailable: bool,
  smartCostType: text,
  smartFeedInPriorityAvailable: { ...bool, since: '0.205.0' },
  greenShareHome: float,
  greenShareLoadpoints: float,
  tariffGrid: float,
  tariffFeedIn: float,
  tariffCo2: float,
  tariffSolar: float,
  tariffPriceHome: float,
  tariffCo2Home: float,
  tariffPriceLoadpoints: float,
  tariffCo2Loadpoints: float,
} as const satisfies Table;
export type SiteTopic = keyof typeof SITE_TOPICS;

/** Every meter has the same fields, and only batteries fill the last four; below `site/grid/`, `site/pv/{i}/`, `site/battery/devices/{i}/`. */
export const METER_TOPICS = {
  name: text,
  title: text,
  icon: text,
  power: float,
  /** kWh */
  energy: float,
  returnEnergy: float,
  powers: list,
  currents: list,
  excessDCPower: float,
  capacity: float,
  soc: float,
  controllable: bool,
  suggestion: { ...text, since: '0.312.0' },
} as const satisfies Table;
export type MeterTopic = keyof typeof METER_TOPICS;
