/** How current daily data can be: a day is available on the next one from about 08:00 to 10:00 Paris. */
import { addDays, daysBetween, localDate, minuteOfDay } from './clock';

/** Local minute of the day. */
const AVAILABLE_FROM = 10 * 60;
const TOLERATED_DAYS = 2;

/** The newest date that a healthy publisher should have told at this moment (ms). */
export function expectedDate(now: number): string {
  return addDays(localDate(now), minuteOfDay(now) >= AVAILABLE_FROM ? -1 : -2);
}

/** True when a newest known date is more than two days behind what is expected. Judged by date, never by arrival. */
export function isStale(date: string, now: number): boolean {
  return daysBetween(date, expectedDate(now)) > TOLERATED_DAYS;
}
