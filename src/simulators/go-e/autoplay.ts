/** Cars that come and go by themselves, for demonstrations. Times in s of device time. */
import type { CarOptions } from './car';

interface Visit {
  /** Pause before the car comes. */
  readonly after: number;
  readonly stay: number;
  readonly car: CarOptions;
}

const VISITS: readonly Visit[] = [
  { after: 10, stay: 900, car: { capacity: 52_000, charged: 50_500, phases: 3, maxCurrent: 16 } },
  { after: 120, stay: 1200, car: { capacity: 38_000, charged: 37_200, phases: 1, maxCurrent: 32 } },
  { after: 60, stay: 600, car: { capacity: 77_000, charged: 30_000, phases: 3, maxCurrent: 16 } },
];

const ROUND = VISITS.reduce((sum, { after, stay }) => sum + after + stay, 0);

/** The car that stands there so long after the start; undefined = none. The same object during one visit. */
export function visitor(elapsed: number): CarOptions | undefined {
  let rest = elapsed % ROUND;
  for (const { after, stay, car } of VISITS) {
    if (rest < after) return undefined;
    if (rest < after + stay) return car;
    rest -= after + stay;
  }
  return undefined;
}
