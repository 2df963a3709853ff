/** Prices one reading with a contract. Exact: nothing is rounded before the result. */
import { type ExactCost, Meter, slotSorter, tempoBuckets } from './buckets';
import { addDays, localDay } from './clock';
import type { TempoCalendar } from './colors';
import { SPLIT_TOLERANCE } from './dialects/standard';
import { fromKwh, PER_KWH, toKwh, toMicrowatts } from './energy';
import { sumOf, toEuros } from './money';
import { localMinute, slotCount } from './slots';
import { type Bucket, CURRENCY, type Tariff } from './tariff';
import type { LinkyCurve, LinkyPayload, LinkySlot, LinkyValue } from './types';

/** The cost of one reading, without the subscription. */
export interface Cost {
  readonly currency: typeof CURRENCY;
  /** Sum of `cost`; null when nothing could be priced. */
  readonly total: number | null;
  /** kWh by bucket. */
  readonly energy: Partial<Record<Bucket, number>>;
  /** Amount by bucket. */
  readonly cost: Partial<Record<Bucket, number>>;
  /** kWh that belong to no known bucket: unknown colour, no price for the date, no off-peak window or split. */
  readonly unpriced: number;
  /** All the energy of the reading's period is known and priced. */
  readonly complete: boolean;
}

const MINUTE = 60_000;

/**
 * Prices a consumption reading of a day: a load curve exactly; a daily value by its split, or as a whole under BASE.
 * Null for what a purchase contract does not price by itself: production, running totals, power, status.
 */
export function priceReading(payload: LinkyPayload, tariff: Tariff, colors: TempoCalendar): ExactCost | null {
  switch (payload.dataset) {
    case 'consumption/detailed':
      return priceCurve(payload, tariff, colors);
    case 'consumption/daily':
      return priceDaily(payload, tariff, colors);
    case 'consumption/daily/hc':
    case 'consumption/daily/hp':
      return tariff.option === 'HCHP' ? pricePart(payload, tariff) : null;
    default:
      return null;
  }
}

function priceCurve({ date, interval, slots }: LinkyCurve, tariff: Tariff, colors: TempoCalendar): ExactCost {
  const meter = new Meter();
  const add = slotSorter(date, tariff, colors, meter);
  const { start, minutes } = localDay(date);
  const seen = new Set<number>();
  for (const slot of slots) {
    const power = slotPower(slot, interval);
    const index = (Date.parse(slot.start) - start) / (interval * MINUTE);
    if (power === null || !Number.isInteger(index) || index < 0 || index * interval >= minutes || seen.has(index))
      continue;
    seen.add(index);
    add(power, localMinute(date, interval, index), interval);
  }
  return meter.price(tariff.periodOf(date), seen.size === slotCount(date, interval));
}

/** Average power in microwatts: exact where 10 min of energy in kWh would not be. */
function slotPower({ power, energy }: LinkySlot, interval: number): number | null {
  if (power !== null) return toMicrowatts(power, 'W', interval);
  return energy === null ? null : toMicrowatts(energy, 'kWh', interval);
}

function priceDaily(reading: LinkyValue, tariff: Tariff, colors: TempoCalendar): ExactCost | null {
  const total = fromKwh(reading.value);
  if (total === null) return null;
  const meter = new Meter();
  const period = tariff.periodOf(reading.date);
  if (period && tariff.option === 'BASE') {
    meter.add('base', total);
    return meter.price(period, true);
  }
  const hc = reading.hc === null ? null : fromKwh(reading.hc);
  const hp = reading.hp === null ? null : fromKwh(reading.hp);
  const buckets = period && splitBuckets(reading.date, tariff, colors);
  if (hc === null || hp === null || !buckets) {
    meter.add(null, total);
    return meter.price(period, false);
  }
  meter.add(buckets.hc, hc);
  meter.add(buckets.hp, hp);
  const rest = total - hc - hp;
  const tolerated = Math.abs(rest) <= PER_KWH * Math.max(SPLIT_TOLERANCE.kWh, reading.value * SPLIT_TOLERANCE.share);
  // What the publisher's split leaves over stays unpriced; a small rest is normal and does not make the day incomplete.
  const priced = meter.price(period, tolerated);
  return rest > 0 ? { ...priced, unpriced: priced.unpriced + rest } : priced;
}

/** Buckets of a day's hc and hp; null where a colour, or one colour for both ends of the day, is not known. */
function splitBuckets(
  date: string | null,
  tariff: Tariff,
  colors: TempoCalendar,
): { readonly hc: Bucket | null; readonly hp: Bucket | null } | null {
  if (tariff.option === 'HCHP') return { hc: 'hc', hp: 'hp' };
  if (date === null) return null;
  const { night, day, evening } = tempoBuckets(date, colors);
  return { hc: night === evening ? night : null, hp: day };
}

function pricePart(reading: LinkyValue, tariff: Tariff): ExactCost | null {
  const energy = fromKwh(reading.value);
  if (energy === null) return null;
  const period = tariff.periodOf(reading.date);
  const meter = new Meter();
  meter.add(period ? (reading.dataset === 'consumption/daily/hc' ? 'hc' : 'hp') : null, energy);
  return meter.price(period, true);
}

/** The dates whose Tempo colours a reading of this date depends on; none under other options. */
export function colorDates(date: string | null, tariff: Tariff): string[] {
  return tariff.option === 'TEMPO' && date !== null ? [addDays(date, -1), date] : [];
}

/** The cost as flows see it. */
export function toCost({ energy, amount, unpriced, complete }: ExactCost): Cost {
  return {
    currency: CURRENCY,
    total: amount.size === 0 ? null : toEuros(sumOf(amount.values())),
    energy: Object.fromEntries([...energy].map(([bucket, sum]) => [bucket, toKwh(sum)])),
    cost: Object.fromEntries([...amount].map(([bucket, sum]) => [bucket, toEuros(sum)])),
    unpriced: toKwh(unpriced),
    complete,
  };
}
