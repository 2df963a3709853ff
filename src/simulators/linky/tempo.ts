/** Tempo: the colour of each day of a season that starts on 1 September. */
import { addDays, dateAt, daysBetween, dayStart, HOUR, type LocalDate, weekday } from './calendar';
import { chance } from './random';

export type Color = 'BLUE' | 'WHITE' | 'RED';

export const COLORS: readonly Color[] = ['BLUE', 'WHITE', 'RED'];

export const QUOTA: Readonly<Record<Color, number>> = { BLUE: 300, WHITE: 43, RED: 22 };

/** Tomorrow's colour is out at about 11:00. */
const ANNOUNCED_HOUR = 11;

const seasons = new Map<number, ReadonlyMap<LocalDate, Color>>();

export function colorOf(date: LocalDate): Color {
  return season(seasonYear(date)).get(date) ?? 'BLUE';
}

/** UNKNOWN until it is announced. */
export function tomorrowsColor(now: number): Color | 'UNKNOWN' {
  const today = dateAt(now);
  return now < dayStart(today) + ANNOUNCED_HOUR * HOUR ? 'UNKNOWN' : colorOf(addDays(today, 1));
}

/** Days of each colour from the start of the season up to `date`, included. */
export function used(date: LocalDate): Record<Color, number> {
  const counts: Record<Color, number> = { BLUE: 0, WHITE: 0, RED: 0 };
  for (const day of daysBetween(`${seasonYear(date)}-09-01`, date)) counts[colorOf(day)]++;
  return counts;
}

function seasonYear(date: LocalDate): number {
  return Number(date.slice(0, 4)) - (date.slice(5) < '09-01' ? 1 : 0);
}

/** Red: 22 working days from November to March. White: 43 other days that are no Sundays. */
function season(year: number): ReadonlyMap<LocalDate, Color> {
  let colors = seasons.get(year);
  if (!colors) {
    const shuffled = daysBetween(`${year}-09-01`, `${year + 1}-08-31`)
      .map((day) => ({ day, order: chance(day, 'tempo') }))
      .sort((a, b) => a.order - b.order)
      .map(({ day }) => day);
    const cold = (day: LocalDate): boolean => day >= `${year}-11-01` && day <= `${year + 1}-03-31`;
    const red = shuffled.filter((day) => cold(day) && weekday(day) >= 1 && weekday(day) <= 5).slice(0, QUOTA.RED);
    const white = shuffled.filter((day) => weekday(day) !== 0 && !red.includes(day)).slice(0, QUOTA.WHITE);
    colors = new Map<LocalDate, Color>([
      ...red.map((day) => [day, 'RED'] as const),
      ...white.map((day) => [day, 'WHITE'] as const),
    ]);
    seasons.set(year, colors);
  }
  return colors;
}
