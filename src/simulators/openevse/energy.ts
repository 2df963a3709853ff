/** Energy and time counters of session, calendar and life. */

export interface EnergyTotals {
  /** kWh */
  total: number;
  day: number;
  week: number;
  month: number;
  year: number;
  /** Times the charger became ready or ceased to be. */
  switches: number;
}

/** The local calendar periods that a moment belongs to. */
interface Periods {
  readonly day: string;
  readonly week: number;
  readonly month: string;
  readonly year: string;
}

const DAY_MS = 86_400_000;
/** 1970-01-04 was a Sunday; the firmware's weeks begin on Sundays. */
const FIRST_SUNDAY_MS = 3 * DAY_MS;

function periods(local: Date): Periods {
  const iso = local.toISOString();
  return {
    day: iso.slice(0, 10),
    week: Math.floor((local.getTime() - FIRST_SUNDAY_MS) / (7 * DAY_MS)),
    month: iso.slice(0, 7),
    year: iso.slice(0, 4),
  };
}

export class EnergyMeter {
  /** Outlive a reboot. */
  readonly totals: EnergyTotals = { total: 0, day: 0, week: 0, month: 0, year: 0, switches: 0 };
  #sessionWh = 0;
  #sessionMs = 0;
  #started = false;
  #periods: Periods | undefined;

  /** Wh */
  get sessionWh(): number {
    return this.#sessionWh;
  }

  /** Time spent charging, in s. */
  get sessionSeconds(): number {
    return this.#sessionMs / 1000;
  }

  /** One tick while charging, with the power last measured. The first tick of a session only starts it. */
  count(watts: number, ms: number, local: Date): void {
    this.#turn(local);
    if (!this.#started) {
      this.#started = true;
      return;
    }
    const wh = (watts * ms) / 3_600_000;
    this.#sessionMs += ms;
    this.#sessionWh += wh;
    const { totals } = this;
    for (const key of ['total', 'day', 'week', 'month', 'year'] as const) totals[key] += wh / 1000;
  }

  /** At unplug, and at boot. */
  endSession(): void {
    this.#started = false;
    this.#sessionWh = 0;
    this.#sessionMs = 0;
  }

  #turn(local: Date): void {
    const now = periods(local);
    const before = this.#periods ?? now;
    for (const key of ['day', 'week', 'month', 'year'] as const) {
      if (before[key] !== now[key]) this.totals[key] = 0;
    }
    this.#periods = now;
  }
}
