/** A day that plays by itself: the sun rises and sets, the house wakes, cars leave in the morning and come back empty. */
import { type Loadpoint, type State, type Vehicle } from './state';

export interface ScenarioOptions {
  /** Length of a day in minutes of device time; default 10. */
  readonly dayMinutes?: number;
  /** W at noon; default 9000. */
  readonly peakPower?: number;
  /** Where the day starts, 0..1 from midnight; default 0.3. */
  readonly startAt?: number;
}

const SUNRISE = 0.25;
const SUNSET = 0.8;

/** W; a clear morning, and clouds that pass after noon. */
export function sunPower(dayFraction: number, peakPower: number): number {
  const height = (dayFraction - SUNRISE) / (SUNSET - SUNRISE);
  if (height <= 0 || height >= 1) return 0;
  const clouds = height > 0.55 ? 0.6 * Math.max(0, Math.sin(height * 40)) : 0;
  return peakPower * Math.sin(Math.PI * height) ** 1.3 * (1 - clouds);
}

/** Factor of the house's base load: low at night, peaks in the morning and in the evening. */
export function homeFactor(dayFraction: number): number {
  const peak = (at: number, width: number): number => Math.exp(-(((dayFraction - at) / width) ** 2));
  return 0.6 + 1.5 * peak(0.31, 0.04) + 2.5 * peak(0.8, 0.06);
}

/** Absence of the car of loadpoint `index`: each leaves a little later and stays away longer than the one before. */
export function isAway(index: number, dayFraction: number): boolean {
  const leaves = 0.3 + 0.03 * index;
  const returns = Math.min(0.3 + 0.17 * index + 0.05, 0.9);
  return dayFraction >= leaves && dayFraction < returns;
}

/** % that a trip takes from a battery. */
const TRIP_SOC = 30;

interface Parking {
  readonly loadpoint: Loadpoint;
  readonly vehicle: Vehicle;
  away: boolean;
}

export class Scenario {
  readonly #start: number;
  readonly #dayMs: number;
  readonly #peakPower: number;
  readonly #startAt: number;
  readonly #homePower: number;
  readonly #parking: Parking[];

  constructor(state: State, { dayMinutes = 10, peakPower = 9000, startAt = 0.3 }: ScenarioOptions, now: number) {
    this.#start = now;
    this.#dayMs = dayMinutes * 60_000;
    this.#peakPower = peakPower;
    this.#startAt = startAt;
    this.#homePower = state.config.home;
    this.#parking = state.loadpoints.flatMap((loadpoint) => {
      const vehicle = loadpoint.plug.vehicle;
      return vehicle ? [{ loadpoint, vehicle, away: false }] : [];
    });
  }

  /** Sets sun, house and plugs as they are at `state.now`. */
  play(state: State): void {
    const dayFraction = (this.#startAt + (state.now - this.#start) / this.#dayMs) % 1;
    state.site.pvPower = sunPower(dayFraction, this.#peakPower);
    state.site.homePower = this.#homePower * homeFactor(dayFraction);
    for (const parking of this.#parking) this.#drive(parking, isAway(parking.loadpoint.index, dayFraction));
  }

  /** Only departures and returns touch the plug, so that a hand on it in between counts. */
  #drive(parking: Parking, away: boolean): void {
    if (away === parking.away) return;
    parking.away = away;
    const { loadpoint, vehicle } = parking;
    if (!away) vehicle.soc = Math.max(10, vehicle.soc - TRIP_SOC);
    Object.assign(loadpoint.plug, away ? { connected: false, vehicle: null } : { connected: true, vehicle });
  }
}
