/** Readings that a purchase contract prices, recognised among whatever a flow or a context store hands over. */
import { invalid } from '../shared/errors';
import { isDate } from './clock';
import { isRecord } from './payload';
import { isPdl } from './topics';
import { INTERVALS } from './slots';
import type { DaySource } from './day-record';
import { DATASETS, type LinkyCurve, type LinkySlot, type LinkyValue } from './types';

/** What each priced dataset tells of its day; null: only a part of it. */
const SOURCES: ReadonlyMap<string, DaySource | null> = new Map([
  ['consumption/detailed', 'curve'],
  ['consumption/daily', 'daily'],
  ['consumption/daily/hc', null],
  ['consumption/daily/hp', null],
]);

export type Priceable = LinkyCurve | LinkyValue;

export function sourceOf({ dataset }: Priceable): DaySource | null {
  return SOURCES.get(dataset) ?? null;
}

/** True for a well-formed reading of one day's consumption: a load curve, a daily value or one of its parts. */
export function isPriceable(payload: unknown): payload is Priceable {
  if (!isRecord(payload) || typeof payload['dataset'] !== 'string' || !SOURCES.has(payload['dataset'])) return false;
  const { pdl, date } = payload;
  if (typeof pdl !== 'string' || !isPdl(pdl)) return false;
  const dated = typeof date === 'string' && isDate(date);
  return payload['dataset'] === 'consumption/detailed'
    ? dated && INTERVALS.some((minutes) => minutes === payload['interval']) && isSlots(payload['slots'])
    : (dated || date === null) && isFinite(payload['value']) && isPart(payload['hc']) && isPart(payload['hp']);
}

/** True for a priceable reading, and for any other of the datasets, whatever else it holds: those have no price. */
export function isReading(payload: unknown): boolean {
  if (!isRecord(payload)) return false;
  const dataset = DATASETS.find((name) => name === payload['dataset']);
  return dataset !== undefined && (isPriceable(payload) || !SOURCES.has(dataset));
}

/** @throws EnergyError INVALID for what is no reading. */
export function assertReading(payload: unknown): void {
  if (isReading(payload)) return;
  throw invalid('linky-cost', [{ path: 'payload', message: 'must be a reading as linky-consumption sends it' }]);
}

function isFinite(value: unknown): value is number {
  return typeof value === 'number' && Number.isFinite(value);
}

function isPart(value: unknown): boolean {
  return value === null || isFinite(value);
}

function isSlots(slots: unknown): slots is LinkySlot[] {
  return (
    Array.isArray(slots) &&
    slots.every(
      (slot) => isRecord(slot) && typeof slot['start'] === 'string' && isPart(slot['energy']) && isPart(slot['power']),
    )
  );
}
