/** What is known of one day's cost, from its load curve and from its daily value, and its stored form. */
import { isDate } from './clock';
import type { ExactCost } from './buckets';
import { fromText, toText } from './money';
import { isRecord, type JsonRecord } from './payload';
import { type Bucket, isBucket, type TariffOption } from './tariff';

export type DaySource = 'curve' | 'daily';
export type DayRecord = Readonly<Partial<Record<DaySource, ExactCost>>>;

/** Plain JSON; amounts as fractions in text. */
export interface StoredCost {
  readonly energy: Readonly<Record<string, number>>;
  readonly amount: Readonly<Record<string, string>>;
  readonly unpriced: number;
  readonly complete: boolean;
}

export interface StoredDay {
  readonly date: string;
  readonly curve?: StoredCost;
  readonly daily?: StoredCost;
}

/**
 * The cost that counts: a complete one before an incomplete one; between equals the daily value under BASE, since it is
 * the billing-grade figure, and the curve where energy is split by the hour.
 */
export function costOf({ curve, daily }: DayRecord, option: TariffOption): ExactCost | undefined {
  if (!curve || !daily) return curve ?? daily;
  if (curve.complete !== daily.complete) return curve.complete ? curve : daily;
  return option === 'BASE' ? daily : curve;
}

export function sameCost(a: ExactCost, b: ExactCost): boolean {
  return (
    a.unpriced === b.unpriced &&
    a.complete === b.complete &&
    a.energy.size === b.energy.size &&
    [...a.energy].every(([bucket, energy]) => b.energy.get(bucket) === energy) &&
    [...a.amount].every(([bucket, amount]) => b.amount.get(bucket)?.equals(amount) === true)
  );
}

export function toStoredDay(date: string, { curve, daily }: DayRecord): StoredDay {
  return { date, ...(curve && { curve: toStored(curve) }), ...(daily && { daily: toStored(daily) }) };
}

function toStored({ energy, amount, unpriced, complete }: ExactCost): StoredCost {
  return {
    energy: Object.fromEntries(energy),
    amount: Object.fromEntries([...amount].map(([bucket, sum]) => [bucket, toText(sum)])),
    unpriced,
    complete,
  };
}

/** A stored day, or null when it is none: a context store may hold anything. */
export function toDayRecord(stored: unknown): { readonly date: string; readonly record: DayRecord } | null {
  if (!isRecord(stored) || typeof stored['date'] !== 'string' || !isDate(stored['date'])) return null;
  const curve = toExact(stored['curve']);
  const daily = toExact(stored['daily']);
  if (!curve && !daily) return null;
  return { date: stored['date'], record: { ...(curve && { curve }), ...(daily && { daily }) } };
}

function toExact(stored: unknown): ExactCost | null {
  if (!isRecord(stored) || typeof stored['unpriced'] !== 'number' || typeof stored['complete'] !== 'boolean')
    return null;
  if (!isRecord(stored['energy']) || !isRecord(stored['amount'])) return null;
  const energy = entries(stored['energy'], (value) => (Number.isSafeInteger(value) ? (value as number) : null));
  const amount = entries(stored['amount'], fromText);
  // A bucket without its amount would count as free.
  if ([...energy.keys()].some((bucket) => !amount.has(bucket))) return null;
  return { energy, amount, unpriced: stored['unpriced'], complete: stored['complete'] };
}

function entries<V>(record: JsonRecord, convert: (value: unknown) => V | null): Map<Bucket, V> {
  const map = new Map<Bucket, V>();
  for (const [key, item] of Object.entries(record)) {
    const value = convert(item);
    if (isBucket(key) && value !== null) map.set(key, value);
  }
  return map;
}
