/** Dates of the periods that datasets are about, and units of their values. */
import { isDate, toLocalDate } from '../clock';
import { type JsonRecord, toNumber } from '../payload';
import type { ValueDataset } from '../types';

type Period = 'day' | 'month' | 'year';

export function periodOf(dataset: ValueDataset): Period {
  if (dataset.endsWith('/month')) return 'month';
  return dataset.endsWith('/year') ? 'year' : 'day';
}

/** `2025-02` or a longer date in it. */
function toMonth(text: unknown): string | null {
  if (typeof text !== 'string') return null;
  if (/^\d{4}-\d{2}$/.test(text)) return isDate(`${text}-01`) ? text : null;
  return toLocalDate(text)?.slice(0, 7) ?? null;
}

/** `2025`, the number 2025, or a longer date in it. */
function toYear(value: unknown): string | null {
  const text = typeof value === 'number' ? String(value) : value;
  if (typeof text === 'string' && /^\d{4}$/.test(text)) return isDate(`${text}-01-01`) ? text : null;
  return toMonth(text)?.slice(0, 4) ?? null;
}

/** The period of a JSON body: `date`, or `month` and `year` as later documents have it. `told`: there was a date. */
export function readPeriod(dataset: ValueDataset, body: JsonRecord): { date: string | null; told: boolean } {
  const period = periodOf(dataset);
  const told = (period === 'day' ? undefined : body[period]) ?? body['date'];
  const convert = { day: toLocalDate, month: toMonth, year: toYear }[period];
  return { date: convert(told), told: told !== undefined && told !== null };
}

const DIVISORS: Readonly<Record<'kWh' | 'kVA', ReadonlyMap<string, number>>> = {
  kWh: new Map([
    ['kwh', 1],
    ['wh', 1_000],
  ]),
  kVA: new Map([
    ['kva', 1],
    ['va', 1_000],
  ]),
};

/** Above the 36 kVA of the largest household contract by enough: without a unit it is VA, as at the source. */
const LARGEST_KVA = 50;

/** The unit in which values of a dataset are told. */
export function unitOf(dataset: ValueDataset): 'kWh' | 'kVA' {
  return dataset === 'max_power' ? 'kVA' : 'kWh';
}

/** What to divide a value by; null for a unit that does not fit the dataset. */
export function divisorFor(dataset: ValueDataset, unit: unknown, value: number): number | null {
  const wanted = unitOf(dataset);
  if (unit === undefined || unit === null || unit === '') return wanted === 'kVA' && value > LARGEST_KVA ? 1_000 : 1;
  return typeof unit === 'string' ? (DIVISORS[wanted].get(unit.trim().toLowerCase()) ?? null) : null;
}

/** An optional part (`hc`, `hp`) in the unit of its value. */
export function scaled(value: unknown, divisor: number): number | null {
  const number = toNumber(value);
  return number === null ? null : number / divisor;
}
