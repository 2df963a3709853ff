/** One meter: what its days measured, and when the client gets to know them. */
import { addDays, dateAt, daysBetween, dayStart, HOUR, type LocalDate, type Slot, slotsOf } from './calendar';
import { consumption, type Household, peak, production } from './household';
import { offPeakShare, parseWindows, type Window } from './off-peak';
import { chance } from './random';

export type Direction = 'consumption' | 'production';
export type TariffOption = 'BASE' | 'HC/HP' | 'TEMPO';

/** What is odd about a day. */
export interface DayQuirk {
  /** Days that its data comes too late. */
  readonly late?: number;
  /** First published as an estimate of so many times the true value, corrected so many days later. */
  readonly estimate?: { readonly factor: number; readonly correctedAfter: number };
  /** Positions of slots without a value. */
  readonly holes?: readonly number[];
  /** How a hole looks; default `absent`. */
  readonly holesAs?: 'absent' | 'null' | 'zero';
  /** The curve was not collected. */
  readonly noCurve?: boolean;
  /** The daily value reads 0 although the curve is there. */
  readonly zero?: boolean;
}

export interface MeterOptions {
  /** 14 digits; leading zeros occur. */
  readonly pdl: string;
  /** Default `HC/HP`. */
  readonly tariff?: TariffOption;
  /** Off-peak windows such as `22:30-06:30`, several separated by `;`; default `22:00-06:00`. */
  readonly offPeak?: string;
  /** Default 1: about 12 kWh a day. */
  readonly size?: number;
  /** W of solar panels; default 0: the meter has no production. */
  readonly solarPeak?: number;
  /** kVA; default 9. */
  readonly subscribed?: number;
  /** By local date. */
  readonly quirks?: Readonly<Record<LocalDate, DayQuirk>>;
}

export interface CurvePoint {
  readonly slot: Slot;
  /** Average power of the slot, W; null = unknown. */
  readonly power: number | null;
}

export interface Flow {
  /** Wh */
  readonly energy: number;
  /** Slots without data may be missing. */
  readonly curve: readonly CurvePoint[];
}

export interface Reading {
  readonly date: LocalDate;
  readonly consumption: Flow;
  readonly production: Flow | null;
  /** Off-peak and peak part of the consumption, Wh; null with a flat tariff. */
  readonly offPeak: number | null;
  readonly peak: number | null;
  /** VA, and the instant of it. */
  readonly maxPower: number;
  readonly maxPowerAt: number;
}

/** Data of a day is there on the next one from about 08:00 on. */
const AVAILABLE_FROM = 8 * HOUR;

export class Meter {
  readonly pdl: string;
  readonly tariff: TariffOption;
  readonly subscribed: number;
  readonly hasProduction: boolean;
  readonly #minutes: number;
  readonly #household: Household;
  readonly #windows: readonly Window[];
  readonly #quirks: Readonly<Record<LocalDate, DayQuirk>>;
  readonly #readings = new Map<LocalDate, Reading>();
  /** Later corrections, by date: factor and number. */
  readonly #revisions = new Map<LocalDate, { readonly factor: number; readonly number: number }>();

  /** `minutes`: length of a slot. */
  constructor(options: MeterOptions, minutes: number) {
    const {
      pdl,
      tariff = 'HC/HP',
      offPeak = '22:00-06:00',
      size = 1,
      solarPeak = 0,
      subscribed = 9,
      quirks = {},
    } = options;
    this.pdl = pdl;
    this.tariff = tariff;
    this.subscribed = subscribed;
    this.hasProduction = solarPeak > 0;
    this.#minutes = minutes;
    this.#windows = parseWindows(offPeak);
    this.#household = { seed: pdl, size, offPeak: this.#windows, solarPeak };
    this.#quirks = quirks;
  }

  /** Which issue of the day's data is known at that moment; 0 = none yet, then growing with each correction. */
  issue(date: LocalDate, now: number): number {
    const due = this.#availableAt(date);
    if (now < due) return 0;
    const corrected = this.#correctedAt(date);
    return 1 + (corrected !== null && now >= corrected ? 1 : 0) + 2 * (this.#revisions.get(date)?.number ?? 0);
  }

  /** What is known of a day at that moment. */
  reading(date: LocalDate, now: number): Reading | null {
    const issue = this.issue(date, now);
    if (issue === 0) return null;
    const estimated = this.#quirk(date)?.estimate;
    const corrected = this.#correctedAt(date);
    const estimate = estimated && corrected !== null && now < corrected ? estimated.factor : 1;
    const factor = estimate * (this.#revisions.get(date)?.factor ?? 1);
    const reading = this.#measured(date);
    return factor === 1 ? reading : scaled(reading, factor);
  }

  /** The newest day known at that moment, looking back a month. */
  newest(now: number): Reading | null {
    const today = dateAt(now);
    for (let back = 1; back <= 31; back++) {
      const reading = this.reading(addDays(today, -back), now);
      if (reading) return reading;
    }
    return null;
  }

  /** The readings known at that moment between two dates, both included. */
  between(first: LocalDate, last: LocalDate, now: number): Reading[] {
    return daysBetween(first, last)
      .map((date) => this.reading(date, now))
      .filter((reading) => reading !== null);
  }

  /** Corrects a day after the fact; it becomes a new issue. */
  revise(date: LocalDate, factor: number): void {
    this.#revisions.set(date, { factor, number: (this.#revisions.get(date)?.number ?? 0) + 1 });
  }

  #quirk(date: LocalDate): DayQuirk | undefined {
    return Object.hasOwn(this.#quirks, date) ? this.#quirks[date] : undefined;
  }

  #availableAt(date: LocalDate): number {
    const day = addDays(date, 1 + (this.#quirk(date)?.late ?? 0));
    return dayStart(day) + AVAILABLE_FROM + Math.floor(chance(this.pdl, date, 'available') * HOUR);
  }

  #correctedAt(date: LocalDate): number | null {
    const estimate = this.#quirk(date)?.estimate;
    return estimate ? this.#availableAt(date) + estimate.correctedAfter * 24 * HOUR : null;
  }

  #measured(date: LocalDate): Reading {
    let reading = this.#readings.get(date);
    if (!reading) {
      reading = this.#measure(date);
      // Bounded: a simulation looks at two years.
      if (this.#readings.size > 1000) this.#readings.clear();
      this.#readings.set(date, reading);
    }
    return reading;
  }

  #measure(date: LocalDate): Reading {
    const slots = slotsOf(date, this.#minutes);
    const quirk = this.#quirk(date) ?? {};
    const powers = slots.map((slot) => consumption(this.#household, date, slot));
    const energy = this.#energy(powers);
    const split = this.tariff !== 'BASE';
    const offPeak = Math.round(
      this.#energy(
        powers.map(
          (power, index) => power * offPeakShare(slots[index]?.startMinute ?? 0, this.#minutes, this.#windows),
        ),
      ),
    );
    const busiest = powers.indexOf(Math.max(...powers));
    const made = this.hasProduction ? slots.map((slot) => production(this.#household, date, slot)) : null;
    const zero = quirk.zero ?? false;
    return {
      date,
      consumption: { energy: zero ? 0 : Math.round(energy), curve: curveOf(slots, powers, quirk) },
      production: made && { energy: Math.round(this.#energy(made)), curve: curveOf(slots, made, quirk) },
      offPeak: split ? (zero ? 0 : offPeak) : null,
      peak: split ? (zero ? 0 : Math.round(energy) - offPeak) : null,
      maxPower: peak(this.#household, date, powers[busiest] ?? 0),
      maxPowerAt: (slots[busiest]?.start ?? 0) + Math.floor(chance(this.pdl, date, 'moment') * this.#minutes) * 60_000,
    };
  }

  #energy(powers: readonly number[]): number {
    return (powers.reduce((sum, power) => sum + power, 0) * this.#minutes) / 60;
  }
}

function curveOf(slots: readonly Slot[], powers: readonly number[], quirk: DayQuirk): CurvePoint[] {
  const { holes = [], holesAs = 'absent', noCurve = false } = quirk;
  if (noCurve) return [];
  const points = slots.map((slot, index) => ({
    slot,
    power: holes.includes(index) ? (holesAs === 'zero' ? 0 : null) : (powers[index] ?? null),
  }));
  return holesAs === 'absent' ? points.filter(({ power }) => power !== null) : points;
}

function scaled(reading: Reading, factor: number): Reading {
  const times = (value: number): number => Math.round(value * factor);
  const flow = ({ energy, curve }: Flow): Flow => ({
    energy: times(energy),
    curve: curve.map(({ slot, power }) => ({ slot, power: power && times(power) })),
  });
  const total = times(reading.consumption.energy);
  const offPeak = reading.offPeak === null ? null : times(reading.offPeak);
  return {
    ...reading,
    consumption: flow(reading.consumption),
    production: reading.production && flow(reading.production),
    offPeak,
    peak: offPeak === null ? null : total - offPeak,
  };
}
