/** Which plan is in force at a loadpoint, and when charging has to start for it: one slot that ends at the target. */
import { CHARGE_EFFICIENCY, VOLTAGE } from './energy';
import { type Strategy } from './grammar';
import { type Loadpoint, type State } from './state';
import { gridPrice } from './tariffs';

export interface Goal {
  /** 0 none, 1 one-off (repeating plans cannot be set over MQTT). */
  readonly id: 0 | 1;
  /** Unix seconds; null = none, or a plan without time, which has no effect. */
  readonly time: number | null;
  /** %, 0 for an energy plan. */
  readonly soc: number;
  readonly strategy: Strategy;
}

export interface Slot {
  /** Unix seconds */
  readonly start: number;
  readonly end: number;
  /** s by which the target is missed. */
  readonly overrun: number;
}

/** A vehicle that tells its SoC is planned by SoC; the loadpoint's energy plan then has no effect. */
function plansBySoc(loadpoint: Loadpoint): boolean {
  return loadpoint.vehicle !== null && !(loadpoint.vehicle.config.features ?? []).includes('Offline');
}

export function goalOf(loadpoint: Loadpoint): Goal {
  const { vehicle } = loadpoint;
  if (vehicle && plansBySoc(loadpoint)) {
    const { plan, strategy } = vehicle;
    return { id: plan ? 1 : 0, time: plan?.time ?? null, soc: plan?.value ?? 0, strategy };
  }
  return { id: loadpoint.planEnergy > 0 ? 1 : 0, time: loadpoint.planTime, soc: 0, strategy: loadpoint.planStrategy };
}

/** Wh still to charge for the plan in force. */
function missingEnergy(loadpoint: Loadpoint): number {
  const { vehicle } = loadpoint;
  if (!vehicle || !plansBySoc(loadpoint)) return Math.max(0, loadpoint.planEnergy * 1000 - loadpoint.session.energy);
  const goal = vehicle.plan?.value ?? 0;
  return Math.max(0, ((goal - vehicle.soc) / 100) * vehicle.config.capacity * 1000) / CHARGE_EFFICIENCY;
}

/** null = nothing to plan. */
export function slotOf(loadpoint: Loadpoint, now: number): Slot | null {
  const { time } = goalOf(loadpoint);
  const energy = missingEnergy(loadpoint);
  if (time === null || !loadpoint.connected || energy <= 0) return null;
  const power = loadpoint.inForce.maxCurrent * VOLTAGE * loadpoint.phases;
  const seconds = (energy / power) * 3600;
  const present = now / 1000;
  const start = Math.max(Math.min(time - seconds, time), present);
  return { start, end: start + seconds, overrun: Math.max(0, start + seconds - time) };
}

function rfc3339(unixSeconds: number): string {
  return new Date(Math.round(unixSeconds) * 1000).toISOString().replace('.000Z', 'Z');
}

/** The `plan` topic: a JSON array of slots, or the text `null`. */
export function planJson(state: State, slot: Slot | null): string {
  if (!slot) return 'null';
  const value = gridPrice(state.config.tariffs, state.now) ?? 0;
  return JSON.stringify([{ start: rfc3339(slot.start), end: rfc3339(slot.end), value }]);
}

/** Plans whose time has passed are over; tells whose. */
export function dropPastPlans(
  loadpoint: Loadpoint,
  now: number,
): { readonly vehicle: boolean; readonly loadpoint: boolean } {
  const isPast = (time: number | null | undefined): boolean => typeof time === 'number' && time * 1000 < now;
  const past = { vehicle: isPast(loadpoint.vehicle?.plan?.time), loadpoint: isPast(loadpoint.planTime) };
  if (loadpoint.vehicle && past.vehicle) loadpoint.vehicle.plan = null;
  if (past.loadpoint) {
    loadpoint.planEnergy = 0;
    loadpoint.planTime = null;
  }
  return past;
}
