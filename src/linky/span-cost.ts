/** Prices energy that was metered over arbitrary spans of time, such as a charging session. */
import { Meter, slotSorter } from './buckets';
import { localDate, minuteOfDay } from './clock';
import type { TempoCalendar } from './colors';
import type { Cost } from './cost';
import { CostSum } from './cost-sum';
import { fromKwh } from './energy';
import { CURRENCY, type Tariff } from './tariff';

export interface EnergySpan {
  /** ms; `end` is not before `start`. */
  readonly start: number;
  readonly end: number;
  /** Wh, taken to be spread evenly over the span. */
  readonly energy: number;
}

const MINUTE = 60_000;

/** The cost of some spans, each split at the minute at which its bucket, its colour or its price changes. */
export function priceSpans(spans: Iterable<EnergySpan>, tariff: Tariff, colors: TempoCalendar): Cost {
  const days = new Map<string, { readonly meter: Meter; readonly add: ReturnType<typeof slotSorter> }>();
  for (const span of spans) {
    for (const { at, energy } of byMinute(span)) {
      const date = localDate(at);
      let day = days.get(date);
      if (!day) {
        const meter = new Meter();
        day = { meter, add: slotSorter(date, tariff, colors, meter) };
        days.set(date, day);
      }
      day.add(energy, minuteOfDay(at), 1);
    }
  }
  const sum = new CostSum();
  for (const [date, { meter }] of days) sum.add(meter.price(tariff.periodOf(date), true));
  return {
    currency: CURRENCY,
    total: sum.total(),
    energy: sum.energies(),
    cost: sum.costs(),
    unpriced: sum.unpriced,
    complete: sum.complete,
  };
}

/** The exact energy of each clock minute of a span; their sum is that of the span. */
function* byMinute({ start, end, energy }: EnergySpan): Generator<{ at: number; energy: number }> {
  const total = fromKwh(energy / 1_000) ?? 0;
  let at = start;
  let told = 0;
  do {
    const next = Math.min(end, (Math.floor(at / MINUTE) + 1) * MINUTE);
    const upTo = end > start ? Math.round(total * ((next - start) / (end - start))) : total;
    yield { at, energy: upTo - told };
    told = upTo;
    at = next;
  } while (at < end);
}
