/** Tempo colours by local date. The colour of a date holds from its 06:00 to 06:00 of the next. */
import { type Fault, invalid } from '../shared/errors';
import { BoundedMap } from '../shared/bounded-map';
import { isDate, localDate, toLocalDate } from './clock';
import { isRecord, readPayload } from './payload';

export const TEMPO_COLORS = ['BLUE', 'WHITE', 'RED'] as const;
export type TempoColor = (typeof TEMPO_COLORS)[number];

/** Several publishers use the French words. */
const SPELLINGS: ReadonlyMap<string, TempoColor> = new Map([
  ['BLUE', 'BLUE'],
  ['BLEU', 'BLUE'],
  ['WHITE', 'WHITE'],
  ['BLANC', 'WHITE'],
  ['RED', 'RED'],
  ['ROUGE', 'RED'],
]);

/** A colour as anyone spells it; null for `UNKNOWN` and everything else. */
export function toColor(text: unknown): TempoColor | null {
  return typeof text === 'string' ? (SPELLINGS.get(text.trim().toUpperCase()) ?? null) : null;
}

/** Three years. */
const MAX_DATES = 1_100;

/** The colours learnt so far; bounded. */
export class TempoCalendar {
  private readonly dates: BoundedMap<TempoColor>;

  /** @param stored what `export` gave earlier, or any `{date: colour}`; what is malformed is ignored */
  constructor(stored?: unknown) {
    this.dates = new BoundedMap(MAX_DATES);
    this.learn(stored);
  }

  get(date: string): TempoColor | undefined {
    return this.dates.get(date);
  }

  /** Takes `{'2026-01-14': 'BLUE', …}` in and returns the dates that changed. An unknown colour never erases a known one. */
  learn(colors: unknown): string[] {
    if (!isRecord(colors)) return [];
    return Object.entries(colors).flatMap(([date, text]) => {
      const color = toColor(text);
      if (color === null || !isDate(date) || this.dates.get(date) === color) return [];
      this.dates.set(date, color);
      return [date];
    });
  }

  export(): Record<string, TempoColor> {
    return Object.fromEntries(this.dates.entries());
  }
}

/**
 * Checks colours that a flow hands over: `{'2026-01-14': 'BLUE', …}`, in either language, `UNKNOWN` allowed.
 * @throws EnergyError INVALID
 */
export function assertColors(colors: unknown): asserts colors is object {
  if (!isRecord(colors))
    throw invalid('colors', [{ path: 'colors', message: 'must be an object of dates and colours' }]);
  const faults = Object.entries(colors).flatMap(([date, text]): Fault[] => {
    if (!isDate(date)) return [{ path: 'colors', message: `"${date}" is no date (YYYY-MM-DD)` }];
    if (toColor(text) !== null || isUntold(text)) return [];
    return [{ path: `colors.${date}`, message: `must be one of ${[...TEMPO_COLORS, 'UNKNOWN'].join(', ')}` }];
  });
  if (faults.length > 0) throw invalid('colors', faults);
}

/** How publishers say that the colour is not known yet, or clear the topic. */
const UNTOLD = new Set(['', 'UNKNOWN', 'UNAVAILABLE', 'NONE', 'NULL']);

/**
 * What a topic that carries today's colour says: a bare word, or JSON `{color, date}`. A bare word without a date counts for
 * today only when it is live: a retained one may be days old. Returns `{}` when nothing can be concluded, null when the
 * payload is no colour message.
 */
export function readColorTopic(payload: Uint8Array, retained: boolean, now: number): Record<string, TempoColor> | null {
  const read = readPayload(payload);
  if (read.kind === 'word') {
    const color = toColor(read.word);
    return color === null ? null : retained ? {} : { [localDate(now)]: color };
  }
  if (read.kind === 'object') {
    const date = toLocalDate(read.body['date']);
    const color = toColor(read.body['color']);
    if (color !== null && date !== null) return { [date]: color };
    return isUntold(read.body['color']) ? {} : null;
  }
  return read.kind === 'unreadable' && payload.length < 32 && isUntold(Buffer.from(payload).toString()) ? {} : null;
}

function isUntold(text: unknown): boolean {
  return text === null || (typeof text === 'string' && UNTOLD.has(text.trim().toUpperCase()));
}
