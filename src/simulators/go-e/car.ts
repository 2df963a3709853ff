/** The vehicle at the plug: how much it takes of what it is offered. */

export interface CarOptions {
  /** Battery, Wh; default 50 000. */
  readonly capacity?: number;
  /** Energy in the battery when it arrives, Wh; default 20 000. */
  readonly charged?: number;
  /** Phases of its on-board charger; default 3. */
  readonly phases?: 1 | 3;
  /** The on-board charger's limit per phase, A; default 16. */
  readonly maxCurrent?: number;
}

export interface Car {
  readonly capacity: number;
  charged: number;
  readonly phases: 1 | 3;
  readonly maxCurrent: number;
}

/** IEC 61851: below 6 A a vehicle does not charge. */
export const LEAST_CURRENT = 6;

/** From this state of charge on the battery takes less and less. */
const TAPER_FROM = 0.95;

export function createCar({ capacity = 50_000, charged = 20_000, phases = 3, maxCurrent = 16 }: CarOptions = {}): Car {
  return { capacity, charged: Math.min(charged, capacity), phases, maxCurrent };
}

export function isFull(car: Car): boolean {
  return car.charged >= car.capacity;
}

/** The current per phase (A) it draws when offered that much; 0 when full or offered too little. */
export function drawn(car: Car, offered: number): number {
  if (isFull(car) || offered < LEAST_CURRENT) return 0;
  const most = Math.min(offered, car.maxCurrent);
  const soc = car.charged / car.capacity;
  if (soc <= TAPER_FROM) return most;
  const left = (1 - soc) / (1 - TAPER_FROM);
  return Math.min(most, LEAST_CURRENT + left * Math.max(0, car.maxCurrent - LEAST_CURRENT));
}
