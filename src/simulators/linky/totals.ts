/** Sums over calendar periods of what is known of a meter's days at a moment. Energies in Wh. */
import { addDays, type LocalDate, weekday } from './calendar';
import type { Direction, Meter, Reading } from './meter';

export interface Total {
  readonly energy: number;
  /** Off-peak and peak part of consumption; null with a flat tariff or for production. */
  readonly offPeak: number | null;
  readonly peak: number | null;
}

export function energyOf(reading: Reading, direction: Direction): number {
  return reading[direction]?.energy ?? 0;
}

export function total(meter: Meter, direction: Direction, first: LocalDate, last: LocalDate, now: number): Total {
  const readings = meter.between(first, last, now);
  const sum = (value: (reading: Reading) => number): number =>
    readings.reduce((all, reading) => all + value(reading), 0);
  const split = direction === 'consumption' && meter.tariff !== 'BASE';
  return {
    energy: sum((reading) => energyOf(reading, direction)),
    offPeak: split ? sum((reading) => reading.offPeak ?? 0) : null,
    peak: split ? sum((reading) => reading.peak ?? 0) : null,
  };
}

export function monthStart(date: LocalDate): LocalDate {
  return `${date.slice(0, 8)}01`;
}

export function monthEnd(date: LocalDate): LocalDate {
  return addDays(monthStart(addDays(monthStart(date), 31)), -1);
}

export function yearStart(date: LocalDate): LocalDate {
  return `${date.slice(0, 4)}-01-01`;
}

/** The Monday before or on that day. */
export function weekStart(date: LocalDate): LocalDate {
  return addDays(date, -((weekday(date) + 6) % 7));
}

/** Wh as kWh, without the digits that a float adds. */
export function kWh(energy: number, digits = 3): number {
  return Number((energy / 1000).toFixed(digits));
}
