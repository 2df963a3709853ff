/** The rules of an electricity contract that its schema cannot tell: for the dialog and at run time alike. */
import { isDate } from './dates';
import type { Fault } from './errors';

/** What a kWh can be counted as, by option of the contract. */
export const BUCKETS = {
  BASE: ['base'],
  HCHP: ['hc', 'hp'],
  TEMPO: ['blueHc', 'blueHp', 'whiteHc', 'whiteHp', 'redHc', 'redHp'],
} as const;

export type TariffOption = keyof typeof BUCKETS;
export type Bucket = (typeof BUCKETS)[TariffOption][number];

export interface DatedPrices {
  /** First local day; null = open. */
  readonly from?: string | null;
  /** First local day no longer in it; null = open. */
  readonly to?: string | null;
  readonly prices: Readonly<Record<string, unknown>>;
}

export interface TariffFault extends Fault {
  readonly rule: 'date' | 'order' | 'missing' | 'foreign' | 'overlap' | 'gap';
}

/** A period as a form holds it: what should be a number may still be text. */
export interface DraftPeriod extends DatedPrices {
  readonly subscription?: unknown;
  readonly offPeak?: readonly { readonly from: string; readonly to: string }[];
}

export interface DraftFault {
  readonly rule: TariffFault['rule'] | 'none' | 'number' | 'time';
  readonly path: string;
}

/** Before and after every date, as text. */
export const FIRST_DAY = '0000-00-00';
export const LAST_DAY = '9999-99-99';

export function byStart(a: DatedPrices, b: DatedPrices): number {
  return (a.from ?? FIRST_DAY) < (b.from ?? FIRST_DAY) ? -1 : 1;
}

/** Dates that do not exist, prices that lack or do not belong to the option, periods that overlap or leave days out. */
export function tariffFaults(option: TariffOption, periods: readonly DatedPrices[]): TariffFault[] {
  return [...periods.flatMap((period, i) => periodFaults(period, option, i)), ...sequenceFaults(periods)];
}

/** Beyond `tariffFaults` what the schema refuses and a person may type. A `${NAME}` stands for a number to come. */
export function draftFaults(option: TariffOption, periods: readonly DraftPeriod[]): DraftFault[] {
  if (periods.length === 0) return [{ rule: 'none', path: 'periods' }];
  const typed = periods.flatMap(({ prices, subscription, offPeak = [] }, i): DraftFault[] => {
    const amounts: [string, unknown][] = [
      ['subscription', subscription ?? 0],
      ...Object.entries(prices).map(([key, price]): [string, unknown] => [`prices.${key}`, price]),
    ];
    const times = offPeak.flatMap((window, j) => [
      { path: `offPeak.${j}.from`, isTime: FROM.test(window.from) },
      { path: `offPeak.${j}.to`, isTime: TO.test(window.to) },
    ]);
    return [
      ...amounts
        .filter(([, amount]) => !isAmount(amount))
        .map(([path]): DraftFault => ({ rule: 'number', path: `periods.${i}.${path}` })),
      ...times
        .filter(({ isTime }) => !isTime)
        .map(({ path }): DraftFault => ({ rule: 'time', path: `periods.${i}.${path}` })),
    ];
  });
  return [...typed, ...tariffFaults(option, periods)];
}

const FROM = /^([01]\d|2[0-3]):[0-5]\d$/;
const TO = /^(([01]\d|2[0-3]):[0-5]\d|24:00)$/;

function isAmount(value: unknown): boolean {
  return typeof value === 'number'
    ? value >= 0 && value <= 100_000
    : typeof value === 'string' && /^\$\{[^}]+\}$/.test(value);
}

function periodFaults(period: DatedPrices, option: TariffOption, index: number): TariffFault[] {
  const faults: TariffFault[] = [];
  const fault = (rule: TariffFault['rule'], path: string, message: string): void =>
    void faults.push({ rule, path: `periods.${index}.${path}`, message });
  for (const edge of ['from', 'to'] as const) {
    const date = period[edge] ?? null;
    if (date !== null && !isDate(date)) fault('date', edge, `${date} is no date (YYYY-MM-DD)`);
  }
  if ((period.from ?? FIRST_DAY) >= (period.to ?? LAST_DAY)) fault('order', 'to', 'must be later than from');
  const wanted: readonly string[] = BUCKETS[option];
  for (const bucket of wanted)
    if (!(bucket in period.prices)) fault('missing', `prices.${bucket}`, `is missing, ${option} needs it`);
  for (const bucket of Object.keys(period.prices))
    if (!wanted.includes(bucket)) fault('foreign', `prices.${bucket}`, `does not belong to ${option}`);
  return faults;
}

function sequenceFaults(periods: readonly DatedPrices[]): TariffFault[] {
  const indexed = periods.map((period, index) => ({ period, index })).sort((a, b) => byStart(a.period, b.period));
  return indexed.slice(1).flatMap(({ period, index }, i): TariffFault[] => {
    const before = indexed[i];
    const end = before?.period.to ?? LAST_DAY;
    const start = period.from ?? FIRST_DAY;
    if (start === end || before === undefined) return [];
    const path = `periods.${index}.from`;
    if (start > end) return [{ rule: 'gap', path, message: `leaves the days from ${end} without a price` }];
    const until = before.period.to ?? 'further notice';
    return [{ rule: 'overlap', path, message: `overlaps period ${before.index}, which lasts until ${until}` }];
  });
}
