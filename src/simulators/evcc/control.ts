/** The update of one loadpoint: what its mode, limits, plan and the surplus of the house make of its charger. */
import { activePhases, settle, VOLTAGE } from './energy';
import { slotOf } from './planner';
import { hasModeRedesign, isSwitched, type Loadpoint, type Pending, type State } from './state';
import { gridPrice } from './tariffs';

/** Seconds until a pending decision is taken. */
export function remaining(pending: Pending<string> | null, now: number): number {
  return pending ? Math.max(0, pending.delay - (now - pending.since) / 1000) : 0;
}

/** Keeps a pending decision while it is wanted; true once its delay has passed. */
function ripens<Action extends string>(
  pending: Pending<Action> | null,
  wanted: Action,
  delay: number,
  now: number,
): { readonly pending: Pending<Action>; readonly due: boolean } {
  const kept = pending?.action === wanted ? pending : { action: wanted, since: now, delay };
  return { pending: kept, due: now - kept.since >= kept.delay * 1000 };
}

export function effectiveLimitSoc(loadpoint: Loadpoint): number {
  return loadpoint.settings.limitSoc || (loadpoint.vehicle?.limitSoc ?? 0) || 100;
}

export function effectiveMinSoc(loadpoint: Loadpoint): number {
  return loadpoint.settings.minSoc || (loadpoint.vehicle?.minSoc ?? 0);
}

export function isMinSocMissed(loadpoint: Loadpoint): boolean {
  return loadpoint.reading.soc > 0 && loadpoint.reading.soc < effectiveMinSoc(loadpoint);
}

function isLimitReached(loadpoint: Loadpoint): boolean {
  const { settings, reading, session } = loadpoint;
  if (settings.limitEnergy > 0 && session.energy >= settings.limitEnergy * 1000) return true;
  return loadpoint.vehicle !== null && reading.soc > 0 && reading.soc >= effectiveLimitSoc(loadpoint);
}

export function isSmartCostActive(loadpoint: Loadpoint, state: State): boolean {
  const price = gridPrice(state.config.tariffs, state.now);
  return loadpoint.smartCostLimit !== null && price !== null && price <= loadpoint.smartCostLimit;
}

export function isFeedInPriorityActive(loadpoint: Loadpoint, state: State): boolean {
  const { feedIn } = state.config.tariffs;
  return (
    loadpoint.smartFeedInPriorityLimit !== null && feedIn !== undefined && feedIn >= loadpoint.smartFeedInPriorityLimit
  );
}

/** Whether surplus is topped up to the minimum current. */
function keepsMinimum(loadpoint: Loadpoint, version: string): boolean {
  return hasModeRedesign(version)
    ? loadpoint.alwaysCharge !== 'off' && !isSwitched(loadpoint)
    : loadpoint.mode === 'minpv';
}

/**
 * W that are missing (positive) or left over (negative) at the operating point. The battery's charging is surplus like any
 * other, but below `prioritySoc` it comes first, with all that it can take; above `bufferSoc` its discharging is no lack.
 */
function sitePower(loadpoint: Loadpoint, { site, config: { battery } }: State): number {
  const { gridPower, batteryPower, batterySoc, prioritySoc, bufferSoc, residualPower } = site;
  const most = battery?.power ?? 0;
  const comesFirst = batterySoc < prioritySoc ? most : 0;
  const buffered = bufferSoc > 0 && batterySoc > bufferSoc;
  const usable = buffered ? Math.min(0, batteryPower) : batteryPower;
  const { batteryBoostLimit: limit } = loadpoint.settings;
  // A limit of 100 is none.
  const boosts = loadpoint.batteryBoost && (limit >= 100 || batterySoc >= limit);
  const boost = boosts ? most - Math.max(0, batteryPower) : 0;
  return gridPower + usable + comesFirst + residualPower - boost;
}

/** Automatic switching: up when the surplus carries three phases at the minimum, down when it does not, each after its delay. */
function switchPhases(loadpoint: Loadpoint, available: number, now: number): void {
  if (!loadpoint.config.phaseSwitching || loadpoint.phasesConfigured !== 0) return;
  const enough = available >= 3 * loadpoint.inForce.minCurrent * VOLTAGE;
  const action = loadpoint.phases === 1 ? 'scale3p' : 'scale1p';
  if (enough !== (action === 'scale3p')) {
    loadpoint.phasePending = null;
    return;
  }
  const { enableDelay, disableDelay } = loadpoint.settings;
  const { pending, due } = ripens(
    loadpoint.phasePending,
    action,
    action === 'scale3p' ? enableDelay : disableDelay,
    now,
  );
  loadpoint.phasePending = due ? null : pending;
  if (due) loadpoint.phases = action === 'scale3p' ? 3 : 1;
}

/** Starts and stops after their delays; the minimum is held while a stop is pending. */
function surplusCurrent(loadpoint: Loadpoint, state: State): number {
  const { settings, inForce, enabled } = loadpoint;
  const { minCurrent, maxCurrent } = inForce;
  const balance = sitePower(loadpoint, state);
  const available = loadpoint.power - balance;
  switchPhases(loadpoint, available, state.now);
  const wanted = Math.floor(available / VOLTAGE / activePhases(loadpoint));
  if (keepsMinimum(loadpoint, state.version) || (enabled && wanted >= minCurrent)) {
    loadpoint.pvPending = null;
    return Math.min(Math.max(wanted, minCurrent), maxCurrent);
  }
  const enough = settings.enableThreshold === 0 ? wanted >= minCurrent : balance <= settings.enableThreshold;
  const tooLittle = balance > settings.disableThreshold;
  if (!(enabled ? tooLittle : enough)) {
    loadpoint.pvPending = null;
    return enabled ? minCurrent : 0;
  }
  const action = enabled ? 'disable' : 'enable';
  const enableDelay = loadpoint.justPlugged ? 0 : settings.enableDelay;
  const delay = enabled ? settings.disableDelay : enableDelay;
  const { pending, due } = ripens(loadpoint.pvPending, action, delay, state.now);
  loadpoint.pvPending = due ? null : pending;
  const charges = enabled !== due;
  return charges ? minCurrent : 0;
}

/** The current that needs no look at the surplus; null = follow the surplus. */
function fixedCurrent(loadpoint: Loadpoint, state: State): number | null {
  const { mode } = loadpoint;
  if (!loadpoint.connected || mode === 'off' || isLimitReached(loadpoint)) return 0;
  const urgent = isMinSocMissed(loadpoint) || loadpoint.planActive || isSmartCostActive(loadpoint, state);
  if (mode === 'now' || urgent) return loadpoint.inForce.maxCurrent;
  return isFeedInPriorityActive(loadpoint, state) ? 0 : null;
}

/** New limits come into force, then the charger gets its current; the powers of the house follow at once. */
export function control(loadpoint: Loadpoint, state: State): void {
  const { settings, inForce, vehicle, mode } = loadpoint;
  inForce.minCurrent = Math.max(settings.minCurrent, vehicle?.config.minCurrent ?? 0);
  inForce.maxCurrent = Math.min(settings.maxCurrent, vehicle?.config.maxCurrent ?? Infinity);
  if (loadpoint.phasesConfigured !== 0) loadpoint.phases = loadpoint.phasesConfigured;
  const slot = slotOf(loadpoint, state.now);
  loadpoint.planActive = slot !== null && slot.start * 1000 <= state.now && mode !== 'off' && mode !== 'now';
  const fixed = fixedCurrent(loadpoint, state);
  if (fixed !== null) {
    loadpoint.pvPending = null;
    loadpoint.phasePending = null;
    if (fixed > 0 && loadpoint.config.phaseSwitching) loadpoint.phases = loadpoint.phasesConfigured || 3;
  }
  loadpoint.offeredCurrent = Math.max(0, fixed ?? surplusCurrent(loadpoint, state));
  loadpoint.enabled = loadpoint.offeredCurrent > 0;
  loadpoint.justPlugged = false;
  settle(state);
}
