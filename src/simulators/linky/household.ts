/** Average power of a household per slot, in whole W as the meter reports it; the same on every run. */
import { dayOfYear, type LocalDate, type Slot, weekday } from './calendar';
import { isOffPeak, type Window } from './off-peak';
import { chance } from './random';

export interface Household {
  /** Distinguishes households. */
  readonly seed: string;
  /** 1 = a flat with electric water heating, about 12 kWh a day. */
  readonly size: number;
  /** The water heater runs in these. */
  readonly offPeak: readonly Window[];
  /** Peak power of the solar panels, W; 0 = none. */
  readonly solarPeak: number;
}

/** Habits: around these hours people use so many W more, on working days and at weekends. */
const HABITS: readonly {
  readonly hour: number;
  readonly width: number;
  readonly week: number;
  readonly weekend: number;
}[] = [
  { hour: 7.25, width: 0.8, week: 500, weekend: 150 },
  { hour: 9.5, width: 1.2, week: 100, weekend: 450 },
  { hour: 12.5, width: 1, week: 350, weekend: 700 },
  { hour: 19.5, width: 1.6, week: 900, weekend: 850 },
];

const STANDBY_W = 140;
const WATER_HEATER_W = 1800;
/** The water heater needs so long after its window opens. */
const HEATING_MINUTES = 120;

export function consumption(household: Household, date: LocalDate, slot: Slot): number {
  const { seed, size, offPeak } = household;
  const hour = slot.startMinute / 60;
  const day = weekday(date);
  const atHome = day === 0 || day === 6;
  const habits = HABITS.reduce((sum, { hour: around, width, week, weekend }) => {
    return sum + (atHome ? weekend : week) * Math.exp(-(((hour - around) / width) ** 2));
  }, 0);
  const heated = isOffPeak(slot.startMinute, offPeak) && !isOffPeak(back(slot.startMinute, HEATING_MINUTES), offPeak);
  const noise = 0.7 + 0.6 * chance(seed, date, slot.start);
  const awayFactor = chance(seed, date, 'away') < 0.05 ? 0.3 : 1;
  const people = (STANDBY_W + habits * awayFactor + winter(date) * 350) * noise;
  return Math.round(size * (people + (heated ? WATER_HEATER_W * awayFactor * (0.8 + 0.2 * noise) : 0)));
}

/** What the panels leave for the grid. */
export function production(household: Household, date: LocalDate, slot: Slot): number {
  const { seed, solarPeak } = household;
  const dayLength = 12 - 4 * winter(date) + 2 * (1 - winter(date));
  const fromNoon = slot.startMinute / 60 - 13;
  if (solarPeak === 0 || Math.abs(fromNoon) > dayLength / 2) return 0;
  const clear = 0.3 + 0.7 * chance(seed, date, 'sky');
  const clouds = 0.8 + 0.2 * chance(seed, date, slot.start, 'cloud');
  const sun = Math.cos((fromNoon / dayLength) * Math.PI) * (1 - 0.6 * winter(date));
  return Math.max(0, Math.round(solarPeak * sun * clear * clouds - 300 * household.size));
}

/** Highest apparent power of a day in VA, above the mean of its busiest slot. */
export function peak(household: Household, date: LocalDate, busiest: number): number {
  return Math.round(busiest * (1.3 + 0.5 * chance(household.seed, date, 'peak')));
}

/** 1 in mid January, 0 in mid July. */
function winter(date: LocalDate): number {
  return 0.5 + 0.5 * Math.cos(((dayOfYear(date) - 15) / 365) * 2 * Math.PI);
}

function back(minute: number, by: number): number {
  return (minute - by + 1440) % 1440;
}
