/**
 * Which unit a load curve is in. The documented payload does not say; the source is average W, and kWh, kW and Wh are all
 * met. A daily total of the same date decides; without one it is a guess that may be corrected later.
 */
import type { CurveUnit, UnitDecision } from './types';

const TOLERANCE = 0.05;
/** Whole numbers up to here could be Wh of an idle slot; a household's maximum in W is above. */
const LOWEST_MAXIMUM_W = 50;

const SPELLINGS: ReadonlyMap<string, CurveUnit> = new Map([
  ['kwh', 'kWh'],
  ['kw', 'kW'],
  ['wh', 'Wh'],
  ['w', 'W'],
]);

/** A unit as written in a payload; null when unknown. */
export function readCurveUnit(text: unknown): CurveUnit | null {
  return typeof text === 'string' ? (SPELLINGS.get(text.trim().toLowerCase()) ?? null) : null;
}

/**
 * The unit that makes a complete curve add up to the day's total (kWh) within 5 %; null when none does, the curve has
 * holes, or the total is not positive.
 */
export function unitByDaily(
  values: readonly (number | null)[],
  interval: number,
  daily: number | undefined,
): UnitDecision | null {
  if (daily === undefined || daily <= 0) return null;
  let sum = 0;
  for (const value of values) {
    if (value === null) return null;
    sum += value;
  }
  const perHour = 60 / interval;
  const ratios: readonly (readonly [CurveUnit, number])[] = [
    ['kWh', 1],
    ['kW', perHour],
    ['Wh', 1_000],
    ['W', 1_000 * perHour],
  ];
  const match = ratios.find(([, ratio]) => Math.abs(sum / daily / ratio - 1) <= TOLERANCE);
  return match ? { source: match[0], decidedBy: 'daily' } : null;
}

/** Whole numbers with a maximum of 50 or more are W, anything else kWh per slot. */
export function guessUnit(values: readonly (number | null)[]): UnitDecision {
  const known = values.filter((value) => value !== null);
  const watts = known.every(Number.isInteger) && known.some((value) => value >= LOWEST_MAXIMUM_W);
  return { source: watts ? 'W' : 'kWh', decidedBy: 'guess' };
}
