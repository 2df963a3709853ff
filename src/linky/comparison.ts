/** Like with like: a span up to a date against the same days of an earlier month or year. */
import { addDays, daysInMonth, isDate } from './clock';
import type { ExactCost } from './buckets';
import { CostSum } from './cost-sum';

export interface Comparison {
  /** Days known on both sides; only these count. */
  readonly days: number;
  /** Days of the span that have a counterpart in the calendar. */
  readonly expected: number;
  /** kWh */
  readonly energy: Pair;
  /** Amount without subscription. */
  readonly cost: Pair;
}

export interface Pair {
  readonly current: number | null;
  readonly reference: number | null;
  /** %, null when the reference is 0 or a side is unknown. */
  readonly change: number | null;
}

export interface Comparisons {
  /** The month so far against the same days of the month before. */
  readonly month: Comparison | null;
  /** The month so far against the same days a year before. */
  readonly monthLastYear: Comparison | null;
  /** The year so far against the same days a year before. */
  readonly year: Comparison | null;
}

/** @param costAt the cost of a day, undefined where unknown */
export function compareSpans(date: string, costAt: (date: string) => ExactCost | undefined): Comparisons {
  const monthBefore = addDays(`${date.slice(0, 7)}-01`, -1).slice(0, 7);
  const yearBefore = String(Number(date.slice(0, 4)) - 1);
  const toMonthBefore = (day: string): string => `${monthBefore}-${day.slice(8)}`;
  const toYearBefore = (day: string): string => `${yearBefore}-${day.slice(5)}`;
  const month = span(`${date.slice(0, 7)}-01`, date);
  const year = span(`${date.slice(0, 4)}-01-01`, date);
  return {
    month: compare(month, toMonthBefore, costAt),
    monthLastYear: compare(month, toYearBefore, costAt),
    year: compare(year, toYearBefore, costAt),
  };
}

function span(from: string, to: string): string[] {
  const days: string[] = [];
  for (
    let month = from.slice(0, 7);
    month <= to.slice(0, 7);
    month = addDays(`${month}-01`, daysInMonth(month)).slice(0, 7)
  ) {
    for (let day = 1; day <= daysInMonth(month); day += 1) days.push(`${month}-${String(day).padStart(2, '0')}`);
  }
  return days.filter((day) => day <= to);
}

function compare(
  days: readonly string[],
  counterpart: (day: string) => string,
  costAt: (date: string) => ExactCost | undefined,
): Comparison | null {
  const current = new CostSum();
  const reference = new CostSum();
  let expected = 0;
  for (const day of days) {
    const other = counterpart(day);
    // 29 February and the 31st have no counterpart in every span.
    if (!isDate(other)) continue;
    expected += 1;
    const now = costAt(day);
    const then = costAt(other);
    if (!now || !then) continue;
    current.add(now);
    reference.add(then);
  }
  if (current.days === 0) return null;
  return {
    days: current.days,
    expected,
    energy: pair(current.totalEnergy(), reference.totalEnergy()),
    cost: pair(current.total(), reference.total()),
  };
}

function pair(current: number | null, reference: number | null): Pair {
  const change = current === null || !reference ? null : ((current - reference) / reference) * 100;
  return { current, reference, change };
}
