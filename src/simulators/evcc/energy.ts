/** The physical house: what flows now, and what it adds up to. */
import { type Loadpoint, type State } from './state';
import { gridPrice, shared } from './tariffs';

export const VOLTAGE = 230;
/** Of the energy charged, what arrives in the vehicle's battery; evcc itself calculates with it. */
export const CHARGE_EFFICIENCY = 0.85;

/** A: what a charger can give at most, whatever evcc offers. */
const CABLE_CURRENT = 32;

const HOUR_MS = 3_600_000;

/** Phases that really carry current. */
export function activePhases(loadpoint: Loadpoint): number {
  return Math.min(loadpoint.phases, loadpoint.plug.vehicle?.config.phases ?? 3);
}

function takesEnergy(loadpoint: Loadpoint): boolean {
  const { plug, config } = loadpoint;
  if (!loadpoint.enabled || !plug.connected) return false;
  if (config.heating) return loadpoint.temperature < config.heating.limit;
  return plug.vehicle === null || plug.vehicle.soc < (plug.vehicle.config.limit ?? 100);
}

function chargePower(loadpoint: Loadpoint): number {
  if (!takesEnergy(loadpoint)) return 0;
  return (
    loadpoint.config.heating?.power ??
    Math.min(loadpoint.offeredCurrent, CABLE_CURRENT) * VOLTAGE * activePhases(loadpoint)
  );
}

function clamp(value: number, low: number, high: number): number {
  return Math.min(Math.max(value, low), high);
}

/** W, discharge positive: balances the house as far as mode, power and SoC allow. */
function batteryPower(state: State, load: number): number {
  const { battery } = state.config;
  if (!battery) return 0;
  const { batteryMode: mode, batterySoc: soc, pvPower } = state.site;
  const charge = soc < 100 && mode !== 'holdcharge' ? -battery.power : 0;
  const discharge = soc > 0 && mode !== 'hold' ? battery.power : 0;
  return mode === 'charge' ? charge : clamp(load - pvPower, charge, discharge);
}

/** Sets all powers and currents to what the present settings of the devices make of them. */
export function settle(state: State): void {
  const { site } = state;
  for (const loadpoint of state.loadpoints) {
    loadpoint.power = chargePower(loadpoint);
    const phases = activePhases(loadpoint);
    const perPhase = loadpoint.power / VOLTAGE / phases;
    loadpoint.currents = [perPhase, phases > 1 ? perPhase : 0, phases > 2 ? perPhase : 0];
  }
  const load = site.homePower + totalChargePower(state);
  site.batteryPower = batteryPower(state, load);
  site.gridPower = load - site.pvPower - site.batteryPower;
}

export function totalChargePower(state: State): number {
  return state.loadpoints.reduce((sum, loadpoint) => sum + loadpoint.power, 0);
}

/** Share (0..1) of the load between `from` and `to` (W) that PV and battery cover. */
export function greenShare(state: State, from: number, to: number): number {
  const green = Math.max(0, state.site.pvPower) + Math.max(0, state.site.batteryPower);
  const available = Math.max(0, green - from);
  const wanted = to - from;
  if (wanted <= 0) return available > 0 ? 1 : 0;
  return Math.min(available, wanted) / wanted;
}

export function loadpointsGreenShare(state: State): number {
  const { homePower } = state.site;
  return greenShare(state, homePower, homePower + totalChargePower(state));
}

function charge(loadpoint: Loadpoint, state: State, hours: number, green: number): void {
  if (loadpoint.power <= 0) return;
  const energy = loadpoint.power * hours;
  const { session, plug } = loadpoint;
  const { tariffs } = state.config;
  session.energy += energy;
  session.greenEnergy += energy * green;
  session.duration += hours * 3600;
  session.cost += (energy / 1000) * shared(gridPrice(tariffs, state.now) ?? 0, tariffs.feedIn ?? 0, green);
  session.co2 += (energy / 1000) * shared(tariffs.co2 ?? 0, 0, green);
  loadpoint.totalImport += energy / 1000;
  loadpoint.chargedSinceStart += energy;
  if (loadpoint.config.heating) loadpoint.temperature += energy / 300;
  if (plug.vehicle) {
    const stored = (energy / 1000) * CHARGE_EFFICIENCY;
    plug.vehicle.soc = Math.min(100, plug.vehicle.soc + (stored / plug.vehicle.config.capacity) * 100);
  }
}

/** Lets the powers of the last step run until `now`, then settles anew. */
export function advance(state: State, now: number): void {
  const hours = Math.max(0, now - state.now) / HOUR_MS;
  const { site } = state;
  const green = loadpointsGreenShare(state);
  for (const loadpoint of state.loadpoints) charge(loadpoint, state, hours, green);
  site.pvEnergy += (site.pvPower * hours) / 1000;
  site.gridEnergy += (Math.max(0, site.gridPower) * hours) / 1000;
  site.batteryEnergy += (Math.max(0, site.batteryPower) * hours) / 1000;
  if (state.config.battery) {
    const change = (site.batteryPower * hours) / 1000 / state.config.battery.capacity;
    site.batterySoc = clamp(site.batterySoc - change * 100, 0, 100);
  }
  state.now = Math.max(state.now, now);
  settle(state);
}
