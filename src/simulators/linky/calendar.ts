/** Days and times of the meter: Europe/Paris, midnight to midnight. Instants are ms since 1970. */

/** `YYYY-MM-DD` */
export type LocalDate = string;

export const MINUTE = 60_000;
export const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

const PARIS = new Intl.DateTimeFormat('en-GB', {
  timeZone: 'Europe/Paris',
  hourCycle: 'h23',
  year: 'numeric',
  month: '2-digit',
  day: '2-digit',
  hour: '2-digit',
  minute: '2-digit',
  second: '2-digit',
});

/** The wall clock in Paris at an instant, as if it were UTC. */
function wallClock(instant: number): number {
  const parts = new Map(PARIS.formatToParts(instant).map(({ type, value }) => [type, Number(value)]));
  const part = (type: Intl.DateTimeFormatPartTypes): number => parts.get(type) ?? 0;
  return Date.UTC(part('year'), part('month') - 1, part('day'), part('hour'), part('minute'), part('second'));
}

/** How far Paris is ahead of UTC, in ms. */
export function offsetAt(instant: number): number {
  const seconds = Math.floor(instant / 1000) * 1000;
  return wallClock(seconds) - seconds;
}

const dayStarts = new Map<LocalDate, number>();

/** The instant of local midnight. The clock changes at 01:00 UTC, so the offset of the evening before holds. */
export function dayStart(date: LocalDate): number {
  let start = dayStarts.get(date);
  if (start === undefined) {
    const midnight = Date.parse(`${date}T00:00:00Z`);
    start = midnight - offsetAt(midnight - 2 * HOUR);
    // Bounded: a simulation looks at a few years.
    if (dayStarts.size > 5000) dayStarts.clear();
    dayStarts.set(date, start);
  }
  return start;
}

export function dateAt(instant: number): LocalDate {
  return localIso(instant).slice(0, 10);
}

/** Local time without offset, `YYYY-MM-DDTHH:MM:SS.mmm`. */
export function localIso(instant: number): string {
  return new Date(instant + offsetAt(instant)).toISOString().slice(0, -1);
}

/** UTC instant with whole seconds, `YYYY-MM-DDTHH:MM:SSZ`. */
export function utcIso(instant: number): string {
  return `${new Date(instant).toISOString().slice(0, 19)}Z`;
}

export function addDays(date: LocalDate, days: number): LocalDate {
  return new Date(Date.parse(`${date}T00:00:00Z`) + days * DAY).toISOString().slice(0, 10);
}

/** All days from `first` to `last`, both included. */
export function daysBetween(first: LocalDate, last: LocalDate): LocalDate[] {
  const days: LocalDate[] = [];
  for (let day = first; day <= last; day = addDays(day, 1)) days.push(day);
  return days;
}

/** 0 = Sunday */
export function weekday(date: LocalDate): number {
  return new Date(`${date}T00:00:00Z`).getUTCDay();
}

/** 1 = 1 January */
export function dayOfYear(date: LocalDate): number {
  return (Date.parse(`${date}T00:00:00Z`) - Date.parse(`${date.slice(0, 4)}-01-01T00:00:00Z`)) / DAY + 1;
}

export interface Slot {
  readonly start: number;
  /** Minutes since midnight on the wall clock, at the start and at the end. */
  readonly startMinute: number;
  readonly endMinute: number;
}

/** The slots of a day: 48 half hours, 46 and 50 on the days when the clock changes. */
export function slotsOf(date: LocalDate, minutes: number): Slot[] {
  const begin = dayStart(date);
  const end = dayStart(addDays(date, 1));
  const before = offsetAt(begin);
  const changes = end - begin !== DAY;
  const minuteAt = (instant: number): number => {
    const offset = changes ? offsetAt(instant) : before;
    return ((((instant + offset) % DAY) + DAY) % DAY) / MINUTE;
  };
  const slots: Slot[] = [];
  for (let start = begin; start < end; start += minutes * MINUTE)
    slots.push({ start, startMinute: minuteAt(start), endMinute: minuteAt(start + minutes * MINUTE) });
  return slots;
}

/** `HH:MM` */
export function clockText(minute: number): string {
  const hour = Math.floor(minute / 60);
  return `${String(hour).padStart(2, '0')}:${String(minute % 60).padStart(2, '0')}`;
}

export function parseClock(text: string): number {
  const [hour = 0, minute = 0] = text.split(':').map(Number);
  return hour * 60 + minute;
}
