/** Prices readings as they come, and again those that waited for a Tempo colour. */
import { BoundedMap } from '../shared/bounded-map';
import { TempoCalendar } from './colors';
import { type Cost, colorDates, priceReading, toCost } from './cost';
import { isRecord } from './payload';
import { isPriceable, type Priceable, sourceOf } from './priceable';
import type { Tariff } from './tariff';
import { LinkyTotals, type LinkyTotalsState, type Totals } from './totals';

/** Readings that wait for a colour; a colour comes a day before the readings, so few ever do. */
const MAX_WAITING = 32;

export interface Priced {
  /** Where the reading came from, as told with it. */
  readonly topic: string;
  readonly payload: Priceable;
  readonly cost: Cost;
  /** Null for readings without a date, and for parts of a day. */
  readonly totals: Totals | null;
}

/** A reading that waits for a colour. */
interface Waiting {
  readonly topic: string;
  readonly payload: Priceable;
}

export interface LinkyPricerState {
  readonly version: 1;
  readonly colors: Readonly<Record<string, string>>;
  readonly waiting: readonly Waiting[];
  readonly totals: LinkyTotalsState;
}

export class LinkyPricer {
  readonly totals: LinkyTotals;
  private readonly colors: TempoCalendar;
  private readonly waiting = new BoundedMap<Waiting>(MAX_WAITING);

  /** @param stored what `exportState` gave earlier; what is malformed in it is ignored */
  constructor(
    private readonly tariff: Tariff,
    stored?: unknown,
  ) {
    const state = isRecord(stored) && stored['version'] === 1 ? stored : {};
    this.colors = new TempoCalendar(state['colors']);
    this.totals = new LinkyTotals(tariff, state['totals']);
    const waiting: unknown[] = Array.isArray(state['waiting']) ? state['waiting'] : [];
    for (const reading of waiting.filter(isWaiting)) this.waiting.set(keyOf(reading.payload), reading);
  }

  /**
   * Prices one reading. Null for what has no price of its own: production, running totals, power, status.
   * @param topic told again with a reading that waited for its colour
   */
  price(payload: unknown, topic = ''): Priced | null {
    if (!isPriceable(payload)) return null;
    const exact = priceReading(payload, this.tariff, this.colors);
    if (!exact) return null;
    const { pdl, date } = payload;
    const waits = colorDates(date, this.tariff).some((day) => this.colors.get(day) === undefined);
    // A copy: whoever gets the reading next may change it.
    if (waits) this.waiting.set(keyOf(payload), { topic, payload: structuredClone(payload) });
    else this.waiting.delete(keyOf(payload));
    const source = sourceOf(payload);
    const totals = source !== null && date !== null ? this.totals.upsert(pdl, date, source, exact) : null;
    return { topic, payload, cost: toCost(exact), totals };
  }

  /**
   * Takes colours in (`{'2026-01-14': 'BLUE', …}`) and prices again the readings that waited for one of them.
   * @param own a reading that came with the colours and is priced next: not told twice
   */
  learn(colors: unknown, own?: unknown): Priced[] {
    const changed = new Set(this.colors.learn(colors));
    if (changed.size === 0) return [];
    if (isPriceable(own)) this.waiting.delete(keyOf(own));
    return this.waiting
      .values()
      .filter(({ payload }) => colorDates(payload.date, this.tariff).some((day) => changed.has(day)))
      .flatMap(({ topic, payload }) => this.price(payload, topic) ?? []);
  }

  /** Plain JSON for a context store; bounded. */
  exportState(): LinkyPricerState {
    return {
      version: 1,
      colors: this.colors.export(),
      waiting: this.waiting.values(),
      totals: this.totals.exportState(),
    };
  }
}

function isWaiting(stored: unknown): stored is Waiting {
  return isRecord(stored) && typeof stored['topic'] === 'string' && isPriceable(stored['payload']);
}

function keyOf({ pdl, dataset, date }: Priceable): string {
  return `${pdl} ${dataset} ${date ?? ''}`;
}
