/** A contract ready for pricing: checked, its prices exact, its off-peak minutes looked up by date. */
import { type LinkyTariff, validate } from '../generated/linky-tariff';
import { invalid } from '../shared/errors';
import { type Bucket, BUCKETS, byStart, FIRST_DAY, LAST_DAY, tariffFaults, type TariffOption } from '../shared/tariff';
import { assertValid } from '../shared/validation';
import { addDays, daysInMonth, weekday } from './clock';
import { type Amount, costOfDays, type Price, sumOf, toPrice } from './money';
import { offPeakMinutes } from './off-peak';

export type { Bucket, TariffOption };
export const CURRENCY = 'EUR';

export function isBucket(text: string): text is Bucket {
  return Object.values(BUCKETS).some((buckets) => (buckets as readonly string[]).includes(text));
}

type Period = LinkyTariff['periods'][number];

export interface TariffPeriod {
  /** First local day; null = open. */
  readonly from: string | null;
  /** First local day no longer in it; null = open. */
  readonly to: string | null;
  /** Amount per kWh. */
  readonly prices: ReadonlyMap<Bucket, Price>;
  /** Amount per month. */
  readonly subscription: Price;
  /** False where the period has no off-peak window, so that only a given split can be priced. */
  readonly hasWindows: boolean;
}

const CACHED_TABLES = 256;
const CACHED_MONTHS = 1_024;

export class Tariff {
  readonly option: TariffOption;
  private readonly periods: readonly (TariffPeriod & { readonly model: Period })[];
  private readonly tables = new Map<string, Uint16Array>();
  private readonly months = new Map<string, Amount>();

  /**
   * @param model `{option, periods}` as in `schemas/linky-tariff.json`
   * @throws EnergyError INVALID: what the schema refuses, dates that do not exist, prices that do not belong to the option
   *   or lack, periods that overlap or leave days between them without a price
   */
  constructor(model: unknown) {
    assertValid(validate, model, 'linky-tariff');
    const faults = tariffFaults(model.option, model.periods).map(({ path, message }) => ({ path, message }));
    if (faults.length > 0) throw invalid('linky-tariff', faults);
    this.option = model.option;
    this.periods = [...model.periods].sort(byStart).map((period) => ({
      model: period,
      from: period.from ?? null,
      to: period.to ?? null,
      prices: new Map(BUCKETS[model.option].map((bucket) => [bucket, toPrice(period.prices[bucket] ?? 0)])),
      subscription: toPrice(period.subscription ?? 0),
      hasWindows: (period.offPeak ?? []).length > 0,
    }));
  }

  /** The period of a local date; for an unknown date (null) the only period if it is open on both sides. */
  periodOf(date: string | null): TariffPeriod | null {
    if (date !== null) return this.at(date) ?? null;
    const [only, ...others] = this.periods;
    return only && others.length === 0 && only.from === null && only.to === null ? only : null;
  }

  /**
   * Running count of the off-peak minutes of a local date (see `offPeakMinutes`). Before the first period its own windows
   * are taken to have been in force, so that a window over the midnight at which a contract starts is whole.
   */
  offPeak(date: string): Uint16Array {
    const today = this.at(date);
    const yesterday = this.at(addDays(date, -1)) ?? today;
    const day = weekday(date);
    const key = `${today?.from ?? ''} ${yesterday?.from ?? ''} ${day}`;
    let table = this.tables.get(key);
    if (!table) {
      table = offPeakMinutes(today?.model.offPeak ?? [], yesterday?.model.offPeak ?? [], day);
      if (this.tables.size >= CACHED_TABLES) this.tables.clear();
      this.tables.set(key, table);
    }
    return table;
  }

  /** Subscription from the first of a month (`YYYY-MM`) to one of its days, inclusive: 1/n of the month's amount per day. */
  subscription(month: string, lastDay: number): Amount {
    const key = `${month} ${lastDay}`;
    const known = this.months.get(key);
    if (known !== undefined) return known;
    const days = daysInMonth(month);
    const inForce = new Map<TariffPeriod, number>();
    for (let day = 1; day <= Math.min(lastDay, days); day += 1) {
      const period = this.at(`${month}-${String(day).padStart(2, '0')}`);
      if (period) inForce.set(period, (inForce.get(period) ?? 0) + 1);
    }
    const amount = sumOf([...inForce].map(([{ subscription }, count]) => costOfDays(subscription, count, days)));
    if (this.months.size >= CACHED_MONTHS) this.months.clear();
    this.months.set(key, amount);
    return amount;
  }

  private at(date: string): (TariffPeriod & { readonly model: Period }) | undefined {
    return this.periods.find((period) => date >= (period.from ?? FIRST_DAY) && date < (period.to ?? LAST_DAY));
  }
}
