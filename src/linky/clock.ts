/** Europe/Paris days. Linky days run from local midnight to local midnight and last 23, 24 or 25 hours. */
import { isDate } from '../shared/dates';

export { isDate };

const MINUTE = 60_000;
const DAY = 86_400_000;
const CACHED_DAYS = 4_096;

/** Made with the first use: it costs more than loading the rest of the package. */
let paris: Intl.DateTimeFormat | undefined;

const PARIS: Intl.DateTimeFormatOptions = {
  timeZone: 'Europe/Paris',
  hourCycle: 'h23',
  year: 'numeric',
  month: '2-digit',
  day: '2-digit',
  hour: '2-digit',
  minute: '2-digit',
  second: '2-digit',
};

/** Local wall clock at an instant, as if it were UTC (ms). */
function wallClock(instant: number): number {
  const parts: Record<string, number> = {};
  for (const { type, value } of (paris ??= new Intl.DateTimeFormat('en-GB', PARIS)).formatToParts(instant))
    parts[type] = Number(value);
  const { year = 0, month = 1, day = 1, hour = 0, minute = 0, second = 0 } = parts;
  return Date.UTC(year, month - 1, day, hour, minute, second);
}

/** Minutes that the local wall clock is ahead of UTC at an instant (ms): 60 or 120. */
export function utcOffset(instant: number): number {
  return Math.round((wallClock(instant) - instant) / MINUTE);
}

/** The local date (`YYYY-MM-DD`) at an instant (ms). */
export function localDate(instant: number): string {
  return isoDate(wallClock(instant));
}

/** The local minute of the day (0 to 1439) at an instant (ms). */
export function minuteOfDay(instant: number): number {
  return Math.floor((wallClock(instant) % DAY) / MINUTE);
}

function isoDate(utc: number): string {
  return new Date(utc).toISOString().slice(0, 10);
}

function utcMidnight(date: string): number {
  return Date.parse(`${date}T00:00:00Z`);
}

export function addDays(date: string, days: number): string {
  return isoDate(utcMidnight(date) + days * DAY);
}

/** Whole days from one date to another. */
export function daysBetween(from: string, to: string): number {
  return Math.round((utcMidnight(to) - utcMidnight(from)) / DAY);
}

/** ISO weekday: 1 (Monday) to 7. */
export function weekday(date: string): number {
  return new Date(utcMidnight(date)).getUTCDay() || 7;
}

/** Days of a month given as `YYYY-MM` (or a date in it). */
export function daysInMonth(month: string): number {
  return new Date(Date.UTC(Number(month.slice(0, 4)), Number(month.slice(5, 7)), 0)).getUTCDate();
}

/** The instant (ms) at which a local date begins. Clock changes happen at 01:00 UTC, so midnight is never ambiguous. */
function computeMidnight(date: string): number {
  const wall = utcMidnight(date);
  return wall - utcOffset(wall - utcOffset(wall) * MINUTE) * MINUTE;
}

export interface LocalDay {
  /** Instant (ms) of local midnight. */
  readonly start: number;
  /** 1380, 1440 or 1500 min. */
  readonly minutes: number;
}

const days = new Map<string, LocalDay>();

/** Begin and length of a local date. */
export function localDay(date: string): LocalDay {
  const known = days.get(date);
  if (known) return known;
  const start = computeMidnight(date);
  const day = { start, minutes: (computeMidnight(addDays(date, 1)) - start) / MINUTE };
  if (days.size >= CACHED_DAYS) days.clear();
  days.set(date, day);
  return day;
}

/**
 * The instant (ISO 8601 UTC, as it stands when it is one already) in a text that tells its offset; null otherwise. Timestamps without offset occur (local
 * client 1.22) and mean the publisher's own, unknown zone.
 */
export function toInstant(text: unknown): string | null {
  if (
    typeof text !== 'string' ||
    text.length > 40 ||
    !/^\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}.*(Z|[+-]\d{2}:?\d{2})$/.test(text)
  )
    return null;
  const instant = Date.parse(text.replace(' ', 'T'));
  if (Number.isNaN(instant)) return null;
  return /^[^ ]+Z$/.test(text) ? text : new Date(instant).toISOString();
}

/** The local date in a text: a date, a local date-time (its date), or an instant (its Paris date); null otherwise. */
export function toLocalDate(text: unknown): string | null {
  if (typeof text !== 'string') return null;
  const instant = toInstant(text);
  const date = instant === null ? text.slice(0, 10) : localDate(Date.parse(instant));
  return isDate(date) && /^(?:$|[T ])/.test(text.slice(10)) ? date : null;
}
