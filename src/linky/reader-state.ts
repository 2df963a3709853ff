/** What a reader remembers across restarts, as plain JSON for a context store. */
import { isDate } from './clock';
import { isRecord } from './payload';
import type { RawCurve } from './curve';
import { INTERVALS, slotCount } from './slots';
import { CURVE_UNITS, type CurveUnit, type Dialect } from './types';

/** A curve that went out with a guessed unit and waits for the daily total of its date. */
export interface PendingCurve extends RawCurve {
  readonly topic: string;
  readonly retain: boolean;
  readonly dialect: Dialect;
  readonly guessed: CurveUnit;
}

export interface LinkyReaderState {
  readonly version: 1;
  /** `pdl dataset date` (the topic where there is no date) -> fingerprint of the last value. */
  readonly seen: readonly (readonly [string, string])[];
  /** `pdl direction date` -> kWh. */
  readonly dailies: readonly (readonly [string, number])[];
  readonly pending: readonly (readonly [string, PendingCurve])[];
  /** `pdl direction` of meters whose Home Assistant attributes tell dates. */
  readonly dated: readonly string[];
}

export const EMPTY_READER_STATE: LinkyReaderState = { version: 1, seen: [], dailies: [], pending: [], dated: [] };

/** A stored state, or as much of it as is well-formed: a context store may hold anything. */
export function toReaderState(stored: unknown): LinkyReaderState {
  if (!isRecord(stored) || stored['version'] !== 1) return EMPTY_READER_STATE;
  return {
    version: 1,
    seen: pairs(stored['seen'], (value) => typeof value === 'string'),
    dailies: pairs(stored['dailies'], (value) => typeof value === 'number'),
    pending: pairs(stored['pending'], isPending),
    dated: list(stored['dated']).filter((item) => typeof item === 'string'),
  };
}

function list(value: unknown): unknown[] {
  return Array.isArray(value) ? (value as unknown[]) : [];
}

function pairs<V>(value: unknown, isValue: (value: unknown) => value is V): [string, V][] {
  return list(value).flatMap((pair): [string, V][] => {
    const [key, item] = list(pair);
    return typeof key === 'string' && isValue(item) ? [[key, item]] : [];
  });
}

function isPending(value: unknown): value is PendingCurve {
  if (!isRecord(value) || typeof value['date'] !== 'string' || !isDate(value['date'])) return false;
  const values = list(value['values']);
  const interval = INTERVALS.find((minutes) => minutes === value['interval']);
  return (
    interval !== undefined &&
    values.length === slotCount(value['date'], interval) &&
    values.every((item) => item === null || typeof item === 'number') &&
    CURVE_UNITS.some((unit) => unit === value['guessed']) &&
    (value['dataset'] === 'consumption/detailed' || value['dataset'] === 'production/detailed') &&
    typeof value['retain'] === 'boolean' &&
    ['topic', 'pdl', 'dialect'].every((key) => typeof value[key] === 'string')
  );
}
