/**
 * Cost and energy per day, month to date and year to date of each meter. Days are upserts: a late or corrected one changes
 * its totals, a repeated one does not.
 */
import { BoundedMap } from '../shared/bounded-map';
import { daysBetween, daysInMonth } from './clock';
import { type Comparisons, compareSpans } from './comparison';
import type { ExactCost } from './buckets';
import { CostSum } from './cost-sum';
import {
  costOf,
  type DayRecord,
  type DaySource,
  sameCost,
  type StoredDay,
  toDayRecord,
  toStoredDay,
} from './day-record';
import { type Amount, sumOf, toEuros } from './money';
import { isRecord } from './payload';
import { type Bucket, CURRENCY, type Tariff } from './tariff';

export interface Total {
  /** `2025-02-03`, `2025-02` or `2025`. */
  readonly period: string;
  /** First and last local day counted for, inclusive; the last is the newest one with a reading. */
  readonly from: string;
  readonly to: string;
  /** Days with a reading, of those from `from` to `to`. */
  readonly days: number;
  readonly expected: number;
  readonly currency: typeof CURRENCY;
  /** kWh by bucket. */
  readonly energy: Partial<Record<Bucket, number>>;
  /** Amount by bucket. */
  readonly cost: Partial<Record<Bucket, number>>;
  /** Amount, pro rata by day, also for days without a reading. */
  readonly subscription: number;
  /** Energy and subscription; null when no energy could be priced. */
  readonly total: number | null;
  /** kWh */
  readonly unpriced: number;
  /** Every day has a reading, and all of it is priced. */
  readonly complete: boolean;
}

export interface Totals {
  /** False: the same day was told again. */
  readonly changed: boolean;
  readonly day: Total;
  readonly month: Total;
  readonly year: Total;
}

export interface LinkyTotalsState {
  readonly version: 1;
  readonly meters: readonly (readonly [string, readonly StoredDay[]])[];
}

/** Three years and a bit, per meter. */
const MAX_DAYS = 1_200;
const MAX_METERS = 64;

interface MeterDays {
  readonly days: Map<string, DayRecord>;
  readonly months: Map<string, MonthSum>;
}

interface MonthSum {
  readonly sum: CostSum;
  /** Newest date with a reading. */
  last: string;
}

export class LinkyTotals {
  private readonly meters = new BoundedMap<MeterDays>(MAX_METERS);

  /** @param stored what `exportState` gave earlier; what is malformed in it is ignored */
  constructor(
    private readonly tariff: Tariff,
    stored?: unknown,
  ) {
    if (!isRecord(stored) || stored['version'] !== 1 || !Array.isArray(stored['meters'])) return;
    for (const entry of stored['meters'] as unknown[]) {
      const [pdl, days] = Array.isArray(entry) ? (entry as unknown[]) : [];
      if (typeof pdl !== 'string' || !Array.isArray(days)) continue;
      for (const day of days as unknown[]) {
        const restored = toDayRecord(day);
        if (restored) this.put(this.meter(pdl), restored.date, restored.record);
      }
    }
  }

  /** Takes a day's cost in; a day may be known both from its load curve and from its daily value. */
  upsert(pdl: string, date: string, source: DaySource, cost: ExactCost): Totals {
    const meter = this.meter(pdl);
    const before = meter.days.get(date);
    const known = before?.[source];
    const changed = !known || !sameCost(known, cost);
    if (changed) this.put(meter, date, { ...before, [source]: cost });
    return { changed, ...this.around(meter, date) };
  }

  /** What is known around a date; null for a day without a reading. */
  get(pdl: string, date: string): Omit<Totals, 'changed'> | null {
    const meter = this.meters.get(pdl);
    return meter?.days.has(date) ? this.around(meter, date) : null;
  }

  /**
   * Compares the month and the year up to a date with the same days of the month and the year before. Only days known on
   * both sides count; null without any, since no history is not a fall to zero.
   */
  compare(pdl: string, date: string): Comparisons {
    const days = this.meters.get(pdl)?.days;
    return compareSpans(date, (day) => {
      const record = days?.get(day);
      return record && costOf(record, this.tariff.option);
    });
  }

  /** Plain JSON for a context store; bounded. */
  exportState(): LinkyTotalsState {
    return {
      version: 1,
      meters: this.meters
        .entries()
        .map(([pdl, { days }]) => [pdl, [...days].map(([date, record]) => toStoredDay(date, record))]),
    };
  }

  private meter(pdl: string): MeterDays {
    const meter = this.meters.get(pdl) ?? { days: new Map<string, DayRecord>(), months: new Map<string, MonthSum>() };
    this.meters.set(pdl, meter);
    return meter;
  }

  private put({ days, months }: MeterDays, date: string, record: DayRecord): void {
    const key = date.slice(0, 7);
    const month = months.get(key) ?? { sum: new CostSum(), last: date };
    months.set(key, month);
    const before = days.get(date);
    const old = before && costOf(before, this.tariff.option);
    const now = costOf(record, this.tariff.option);
    if (old) month.sum.remove(old);
    if (now) month.sum.add(now);
    if (date > month.last) month.last = date;
    days.set(date, record);
    if (days.size > MAX_DAYS) this.forgetOldest(days, months);
  }

  private forgetOldest(days: Map<string, DayRecord>, months: Map<string, MonthSum>): void {
    const oldest = [...days.keys()].reduce((a, b) => (a < b ? a : b));
    const month = months.get(oldest.slice(0, 7));
    const record = days.get(oldest);
    const cost = record && costOf(record, this.tariff.option);
    if (cost) month?.sum.remove(cost);
    if (month?.sum.days === 0) months.delete(oldest.slice(0, 7));
    days.delete(oldest);
  }

  private around({ days, months }: MeterDays, date: string): Omit<Totals, 'changed'> {
    const record = days.get(date);
    const cost = record && costOf(record, this.tariff.option);
    const day = cost ? new CostSum().add(cost) : new CostSum();
    const inYear = [...months].filter(([key]) => key.startsWith(date.slice(0, 4)));
    const year = inYear.reduce((sum, [, month]) => sum.merge(month.sum), new CostSum());
    const yearEnd = inYear.reduce((last, [, month]) => (month.last > last ? month.last : last), date);
    const month = months.get(date.slice(0, 7));
    return {
      day: this.total(date, date, date, day),
      month: this.total(date.slice(0, 7), `${date.slice(0, 7)}-01`, month?.last ?? date, month?.sum ?? day),
      year: this.total(date.slice(0, 4), `${date.slice(0, 4)}-01-01`, yearEnd, year),
    };
  }

  private total(period: string, from: string, to: string, sum: CostSum): Total {
    const subscription = this.subscription(from, to);
    const expected = daysBetween(from, to) + 1;
    return {
      period,
      from,
      to,
      days: sum.days,
      expected,
      currency: CURRENCY,
      energy: sum.energies(),
      cost: sum.costs(),
      subscription: toEuros(subscription),
      total: sum.total(subscription),
      unpriced: sum.unpriced,
      complete: sum.complete && sum.days === expected,
    };
  }

  /** Pro rata from one day to another of the same year, inclusive. */
  private subscription(from: string, to: string): Amount {
    const parts: Amount[] = [];
    for (let month = Number(from.slice(5, 7)); month <= Number(to.slice(5, 7)); month += 1) {
      const key = `${from.slice(0, 4)}-${String(month).padStart(2, '0')}`;
      const first = key === from.slice(0, 7) ? Number(from.slice(8)) : 1;
      const last = key === to.slice(0, 7) ? Number(to.slice(8)) : daysInMonth(key);
      parts.push(this.tariff.subscription(key, last).sub(this.tariff.subscription(key, first - 1)));
    }
    return sumOf(parts);
  }
}
