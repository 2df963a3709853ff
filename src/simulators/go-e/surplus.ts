/** The house's powers as `ids` feeds them, and what they leave for the car. All powers in W. */
import { LEAST_CURRENT } from './car';
import type { Json } from './keys';

const VOLTAGE = 230;
/** Without a new `ids` the values are dropped. */
const EXPIRY_MS = 10_000;
/** Weight of a new value in the averages. */
const SMOOTHING = 0.3;

export interface HousePowers {
  /** > 0 import, < 0 export */
  readonly grid: number;
  readonly solar: number | null;
  /** < 0 charging, > 0 discharging */
  readonly battery: number | null;
}

export class SurplusFeed {
  #powers: HousePowers | null = null;
  #withoutCar = 0;
  /** Uptime in ms at the last `ids`; null = never. */
  receivedAt: number | null = null;
  average = { grid: 0, solar: 0, battery: 0 };

  /** null once expired. */
  get powers(): HousePowers | null {
    return this.#powers;
  }

  /** What the house exports (W, negative = imports) apart from the car; null without data. */
  get withoutCar(): number | null {
    return this.#powers && this.#withoutCar;
  }

  /** `ownPower` is what the car draws at this moment: the grid meter sees it, too. */
  feed(powers: HousePowers, ownPower: number, uptime: number): void {
    this.#powers = powers;
    this.#withoutCar = ownPower - powers.grid;
    this.receivedAt = uptime;
    const smooth = (old: number, value: number | null): number => old + SMOOTHING * ((value ?? 0) - old);
    this.average = {
      grid: smooth(this.average.grid, powers.grid),
      solar: smooth(this.average.solar, powers.solar),
      battery: smooth(this.average.battery, powers.battery),
    };
  }

  expire(uptime: number): void {
    if (this.receivedAt !== null && uptime - this.receivedAt >= EXPIRY_MS) this.#powers = null;
  }

  clear(): void {
    this.#powers = null;
    this.receivedAt = null;
    this.average = { grid: 0, solar: 0, battery: 0 };
  }
}

/** Reads the object written to `ids`; a text tells what is wrong with it. */
export function parsePowers(value: Json): HousePowers | string {
  if (typeof value !== 'object' || value === null) return 'value must be object';
  const { pGrid, pPv, pAkku } = value as Readonly<Record<string, Json | undefined>>;
  if (typeof pGrid !== 'number') return 'pGrid must be number';
  if (pPv !== undefined && typeof pPv !== 'number') return 'pPv must be number';
  if (pAkku !== undefined && typeof pAkku !== 'number') return 'pAkku must be number';
  return { grid: pGrid, solar: pPv ?? null, battery: pAkku ?? null };
}

export interface SurplusSettings {
  /** `fst` */
  readonly start: number;
  /** `sh` */
  readonly stopHysteresis: number;
  /** `mca` in A */
  readonly minCurrent: number;
  /** `spl3` and `psh` */
  readonly threePhases: number;
  readonly phaseHysteresis: number;
}

export function isEnough(power: number, phases: number, charging: boolean, settings: SurplusSettings): boolean {
  if (!charging) return power >= settings.start;
  return power >= settings.minCurrent * VOLTAGE * phases - settings.stopHysteresis;
}

/** The whole amperes to offer, not below what a car can charge with. */
export function regulatedCurrent(power: number, phases: number, settings: SurplusSettings): number {
  return Math.max(settings.minCurrent, LEAST_CURRENT, Math.floor(power / (VOLTAGE * phases)));
}

/** How many phases this power is worth. */
export function wishedPhases(power: number, active: 1 | 3, settings: SurplusSettings): 1 | 3 {
  const threshold = settings.threePhases - (active === 3 ? settings.phaseHysteresis : 0);
  return power >= threshold ? 3 : 1;
}
