/** Sorts the energy of a local day into the buckets of its contract, and prices them. */
import { addDays } from './clock';
import type { TempoCalendar, TempoColor } from './colors';
import { type Amount, costOfEnergy } from './money';
import type { Bucket, Tariff, TariffPeriod } from './tariff';

/** A cost before rounding: energies in `PER_KWH`ths of a kWh, amounts as fractions. Each bucket has both. */
export interface ExactCost {
  readonly energy: ReadonlyMap<Bucket, number>;
  readonly amount: ReadonlyMap<Bucket, Amount>;
  readonly unpriced: number;
  readonly complete: boolean;
}

/** Tempo: off-peak of the day before's colour until 06:00, peak until 22:00, off-peak of the day's own colour after. */
const TEMPO_PEAK = { from: 360, to: 1_320 } as const;

const TEMPO_BUCKETS: Readonly<Record<TempoColor, { readonly hc: Bucket; readonly hp: Bucket }>> = {
  BLUE: { hc: 'blueHc', hp: 'blueHp' },
  WHITE: { hc: 'whiteHc', hp: 'whiteHp' },
  RED: { hc: 'redHc', hp: 'redHp' },
};

/** Gathers energy by bucket; `null` stands for no known bucket. */
export class Meter {
  readonly energy = new Map<Bucket, number>();
  unpriced = 0;

  add(bucket: Bucket | null, energy: number): void {
    if (bucket === null) this.unpriced += energy;
    else this.energy.set(bucket, (this.energy.get(bucket) ?? 0) + energy);
  }

  /** One date has one period, hence one price per bucket. */
  price(period: TariffPeriod | null, covered: boolean): ExactCost {
    const { energy, unpriced } = this;
    const amount = new Map<Bucket, Amount>();
    for (const [bucket, sum] of energy) {
      const price = period?.prices.get(bucket);
      if (price) amount.set(bucket, costOfEnergy(price, sum));
    }
    return { energy, amount, unpriced, complete: covered && unpriced === 0 };
  }
}

/** Adds so many minutes of an average power (microwatts), from a local minute of the day on. */
export type SlotSorter = (power: number, minute: number, minutes: number) => void;

/** Spreads slots of a local date over the buckets of their minutes. A slot does not reach into the next day. */
export function slotSorter(date: string, tariff: Tariff, colors: TempoCalendar, meter: Meter): SlotSorter {
  const period = tariff.periodOf(date);
  const unpriced: SlotSorter = (power, _minute, minutes) => meter.add(null, power * minutes);
  if (!period) return unpriced;
  switch (tariff.option) {
    case 'BASE':
      return (power, _minute, minutes) => meter.add('base', power * minutes);
    case 'HCHP': {
      if (!period.hasWindows) return unpriced;
      const count = tariff.offPeak(date);
      return (power, minute, minutes) => {
        const off = (count[minute + minutes] ?? 0) - (count[minute] ?? 0);
        if (off > 0) meter.add('hc', power * off);
        if (off < minutes) meter.add('hp', power * (minutes - off));
      };
    }
    case 'TEMPO': {
      const { night, day, evening } = tempoBuckets(date, colors);
      // Slots of 10 to 60 min never straddle 06:00 or 22:00.
      return (power, minute, minutes) => {
        const bucket = minute < TEMPO_PEAK.from ? night : minute < TEMPO_PEAK.to ? day : evening;
        meter.add(bucket, power * minutes);
      };
    }
  }
}

/** Buckets of the three parts of a local date under Tempo; null where the colour is not known. */
export function tempoBuckets(date: string, colors: TempoCalendar): Record<'night' | 'day' | 'evening', Bucket | null> {
  const before = colors.get(addDays(date, -1));
  const own = colors.get(date);
  return {
    night: before ? TEMPO_BUCKETS[before].hc : null,
    day: own ? TEMPO_BUCKETS[own].hp : null,
    evening: own ? TEMPO_BUCKETS[own].hc : null,
  };
}
