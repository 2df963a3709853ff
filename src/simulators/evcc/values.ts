/** What each topic says now. */
import { CHARGER_FEATURES, type LoadpointTopic, type MeterTopic, type SiteTopic, type VehicleTopic } from './topics';
import {
  effectiveLimitSoc,
  effectiveMinSoc,
  isFeedInPriorityActive,
  isMinSocMissed,
  isSmartCostActive,
  remaining,
} from './control';
import { type Value } from './encode';
import { activePhases, CHARGE_EFFICIENCY, greenShare, loadpointsGreenShare, VOLTAGE } from './energy';
import { goalOf, planJson, slotOf } from './planner';
import { hasModeRedesign, type Loadpoint, type State, type Vehicle } from './state';
import { gridPrice, isDynamic, shared } from './tariffs';

/** undefined = this installation does not publish the topic. */
export type Values<Topic extends string> = Readonly<Record<Topic, Value | undefined>>;

/** Wire value of `connectedDuration` when nothing was ever plugged in: the largest duration, in seconds. */
const NEVER = 9_223_372_036;

/** Wh until the limit in force is reached. */
function remainingEnergy(loadpoint: Loadpoint): number {
  const { vehicle, reading, settings, session } = loadpoint;
  if (settings.limitEnergy > 0) return Math.max(0, settings.limitEnergy * 1000 - session.energy);
  if (!vehicle || reading.soc === 0) return 0;
  const percent = effectiveLimitSoc(loadpoint) - reading.soc;
  return Math.max(0, (percent / 100) * vehicle.config.capacity * 1000) / CHARGE_EFFICIENCY;
}

function sessionValues({
  session,
}: Loadpoint): Pick<
  Values<LoadpointTopic>,
  | 'sessionEnergy'
  | 'chargedEnergy'
  | 'sessionSolarPercentage'
  | 'sessionPrice'
  | 'sessionPricePerKWh'
  | 'sessionCo2PerKWh'
  | 'chargeDuration'
> {
  const kWh = session.energy / 1000;
  return {
    sessionEnergy: session.energy,
    chargedEnergy: session.energy,
    sessionSolarPercentage: kWh > 0 ? (session.greenEnergy / session.energy) * 100 : 0,
    sessionPrice: kWh > 0 ? session.cost : null,
    sessionPricePerKWh: kWh > 0 ? session.cost / kWh : null,
    sessionCo2PerKWh: kWh > 0 ? session.co2 / kWh : null,
    chargeDuration: session.duration,
  };
}

export function loadpointValues(loadpoint: Loadpoint, state: State): Values<LoadpointTopic> {
  const { config, settings, session, vehicle, reading } = loadpoint;
  const slot = slotOf(loadpoint, state.now);
  const goal = goalOf(loadpoint);
  const energy = remainingEnergy(loadpoint);
  return {
    ...settings,
    ...sessionValues(loadpoint),
    name: config.name ?? `lp-${loadpoint.index}`,
    title: config.title,
    mode: loadpoint.mode,
    alwaysCharge: loadpoint.alwaysCharge,
    enabled: loadpoint.enabled,
    connected: loadpoint.connected,
    charging: loadpoint.charging,
    offeredCurrent: loadpoint.offeredCurrent,
    chargePower: loadpoint.power,
    chargeCurrents: config.currents ? loadpoint.currents : undefined,
    chargeVoltages: config.currents ? [VOLTAGE + 0.1, VOLTAGE + 1.2, VOLTAGE - 0.1] : undefined,
    chargeTotalImport: config.totalImport === undefined ? undefined : loadpoint.totalImport,
    todayEnergy: Math.round(loadpoint.chargedSinceStart),
    last24hEnergy: Math.round(loadpoint.chargedSinceStart),
    last7dEnergy: Math.round(loadpoint.chargedSinceStart),
    connectedDuration: session.pluggedAt === null ? NEVER : (state.now - session.pluggedAt) / 1000,
    chargeRemainingEnergy: energy,
    chargeRemainingDuration: loadpoint.power > 0 ? (energy / loadpoint.power) * 3600 : 0,
    phasesConfigured: loadpoint.phasesConfigured,
    phasesActive: activePhases(loadpoint),
    phaseAction: loadpoint.phasePending?.action ?? 'inactive',
    phaseRemaining: remaining(loadpoint.phasePending, state.now),
    pvAction: loadpoint.pvPending?.action ?? 'inactive',
    pvRemaining: remaining(loadpoint.pvPending, state.now),
    minSocNotReached: isMinSocMissed(loadpoint),
    batteryBoost: loadpoint.batteryBoost,
    smartCostActive: isSmartCostActive(loadpoint, state),
    smartCostLimit: loadpoint.smartCostLimit,
    smartCostNextStart: null,
    smartFeedInPriorityActive: isFeedInPriorityActive(loadpoint, state),
    smartFeedInPriorityLimit: loadpoint.smartFeedInPriorityLimit,
    smartFeedInPriorityNextStart: null,
    effectivePriority: vehicle?.config.priority ?? settings.priority,
    effectivePlanId: goal.id,
    effectivePlanTime: goal.time,
    effectivePlanSoc: goal.soc,
    'effectivePlanStrategy/continuous': goal.strategy.continuous,
    'effectivePlanStrategy/precondition': goal.strategy.precondition,
    effectiveMinCurrent: loadpoint.inForce.minCurrent,
    effectiveMaxCurrent: loadpoint.inForce.maxCurrent,
    effectiveMinSoc: effectiveMinSoc(loadpoint),
    effectiveLimitSoc: effectiveLimitSoc(loadpoint),
    plan: planJson(state, slot),
    planActive: loadpoint.planActive,
    planTime: loadpoint.planTime,
    planEnergy: loadpoint.planEnergy,
    'planStrategy/continuous': loadpoint.planStrategy.continuous,
    'planStrategy/precondition': loadpoint.planStrategy.precondition,
    planProjectedStart: slot?.start ?? null,
    planProjectedEnd: slot?.end ?? null,
    planOverrun: slot?.overrun ?? 0,
    vehicleName: vehicle?.config.name ?? '',
    vehicleTitle: vehicle?.config.title ?? '',
    vehicleDetectionActive: false,
    vehicleSoc: reading.soc,
    vehicleRange: reading.range,
    vehicleOdometer: reading.odometer,
    vehicleLimitSoc: reading.limitSoc,
    vehicleClimaterActive: null,
    vehicleWelcomeActive: false,
    chargerIcon: config.icon ?? '',
    chargerPhases1p3p: config.phaseSwitching ?? false,
    chargerSinglePhase: config.phases === 1,
    chargerStatusReason: loadpoint.enabled ? 'unknown' : undefined,
    suggestion: null,
    'ui/minTemp': config.heating ? 30 : 0,
    'ui/maxTemp': config.heating ? 70 : 0,
  };
}

/** `chargerFeature...` topics. */
export function featureValues(loadpoint: Loadpoint): ReadonlyMap<string, boolean> {
  const features = loadpoint.config.features ?? [];
  return new Map(CHARGER_FEATURES.map((feature) => [`chargerFeature${feature}`, features.includes(feature)]));
}

export function vehicleValues({ config, plan, strategy, ...vehicle }: Vehicle, version: string): Values<VehicleTopic> {
  const mode = hasModeRedesign(version) && (config.mode === 'pv' || config.mode === 'minpv') ? 'smart' : config.mode;
  const planned = typeof plan?.time === 'number';
  return {
    title: config.title,
    icon: config.icon ?? '',
    capacity: config.capacity,
    phases: config.phases ?? null,
    mode: mode ?? '',
    minSoc: vehicle.minSoc,
    limitSoc: vehicle.limitSoc,
    minCurrent: config.minCurrent ?? null,
    maxCurrent: config.maxCurrent ?? null,
    priority: config.priority ?? null,
    features: config.features ?? [],
    // Without a plan only the parent is emptied: `plan/soc` and `plan/time` stay retained.
    plan: planned ? undefined : null,
    'plan/soc': planned ? plan.value : undefined,
    'plan/time': planned ? plan.time : undefined,
    repeatingPlans: 0,
    'planStrategy/continuous': strategy.continuous,
    'planStrategy/precondition': strategy.precondition,
  };
}

const UNKNOWN_METER: Values<MeterTopic> = {
  name: '',
  title: '',
  icon: '',
  power: 0,
  energy: null,
  returnEnergy: null,
  powers: null,
  currents: null,
  excessDCPower: null,
  capacity: null,
  soc: null,
  controllable: null,
  suggestion: null,
};

export function gridMeter({ site }: State): Values<MeterTopic> {
  const currents = [site.gridPower / 3, site.gridPower / 3, site.gridPower / 3].map((power) => power / VOLTAGE);
  return { ...UNKNOWN_METER, name: 'grid', power: site.gridPower, energy: site.gridEnergy, currents };
}

export function pvMeter({ site }: State): Values<MeterTopic> {
  return { ...UNKNOWN_METER, name: 'pv', power: site.pvPower, energy: site.pvEnergy };
}

/** null without a battery. */
export function batteryMeter({ site, config: { battery } }: State): Values<MeterTopic> | null {
  if (!battery) return null;
  return {
    ...UNKNOWN_METER,
    name: 'battery',
    power: site.batteryPower,
    energy: site.batteryEnergy,
    capacity: battery.capacity,
    soc: Math.round(site.batterySoc),
    controllable: battery.controllable,
  };
}

function tariffValues(
  state: State,
): Pick<
  Values<SiteTopic>,
  | 'tariffGrid'
  | 'tariffFeedIn'
  | 'tariffCo2'
  | 'tariffSolar'
  | 'tariffPriceHome'
  | 'tariffCo2Home'
  | 'tariffPriceLoadpoints'
  | 'tariffCo2Loadpoints'
> {
  const { tariffs } = state.config;
  const price = gridPrice(tariffs, state.now) ?? undefined;
  const { feedIn, co2 } = tariffs;
  const home = greenShare(state, 0, state.site.homePower);
  const loadpoints = loadpointsGreenShare(state);
  return {
    tariffGrid: price,
    tariffFeedIn: feedIn,
    tariffCo2: co2,
    tariffSolar: state.site.pvPower,
    tariffPriceHome: price === undefined ? undefined : shared(price, feedIn ?? 0, home),
    tariffCo2Home: co2 === undefined ? undefined : shared(co2, 0, home),
    tariffPriceLoadpoints: price === undefined ? undefined : shared(price, feedIn ?? 0, loadpoints),
    tariffCo2Loadpoints: co2 === undefined ? undefined : shared(co2, 0, loadpoints),
  };
}

export function isGridChargeActive({ site, config, now }: State): boolean {
  const limit = site.batteryGridChargeLimit ?? null;
  const price = gridPrice(config.tariffs, now);
  return config.battery !== null && limit !== null && price !== null && price <= limit;
}

export function siteValues(state: State): Values<SiteTopic> {
  const { site, config } = state;
  const { battery } = config;
  const of = (value: number): number | undefined => (battery ? value : undefined);
  const soc = of(Math.round(site.batterySoc));
  return {
    ...tariffValues(state),
    siteTitle: config.title,
    version: state.version,
    interval: config.interval,
    currency: config.currency,
    apiReady: true,
    homePower: site.homePower,
    gridConfigured: true,
    pv: 1,
    pvPower: site.pvPower,
    pvEnergy: site.pvEnergy,
    aux: 0,
    ext: 0,
    battery: battery ? 1 : 0,
    batteryPower: of(site.batteryPower),
    batterySoc: soc,
    batteryEnergy: of(site.batteryEnergy),
    batteryCapacity: of(battery?.capacity ?? 0),
    'battery/power': of(site.batteryPower),
    'battery/soc': soc,
    'battery/energy': of(site.batteryEnergy),
    'battery/capacity': of(battery?.capacity ?? 0),
    'battery/devices': of(1),
    'battery/forecast': battery ? null : undefined,
    batteryMode: site.batteryMode,
    batteryModeExternal: site.batteryModeExternal ?? undefined,
    batteryDischargeControl: site.batteryDischargeControl,
    batteryGridDischarge: site.batteryGridDischarge,
    batteryGridChargeLimit: site.batteryGridChargeLimit,
    batteryGridChargeActive: isGridChargeActive(state),
    prioritySoc: site.prioritySoc,
    bufferSoc: site.bufferSoc,
    bufferStartSoc: site.bufferStartSoc,
    residualPower: site.residualPower,
    gridExportLimit: site.gridExportLimit,
    solarAdjusted: site.solarAdjusted,
    smartCostAvailable: isDynamic(config.tariffs),
    smartCostType: isDynamic(config.tariffs) ? 'priceforecast' : 'pricestatic',
    smartFeedInPriorityAvailable: false,
    greenShareHome: greenShare(state, 0, site.homePower),
    greenShareLoadpoints: loadpointsGreenShare(state),
  };
}
