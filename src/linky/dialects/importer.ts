/**
 * myelectricaldata_import (1.0.0-rc.14 and older): one bare value per topic. A date is known only as far as the topic
 * tells it, since the separate date topics arrive in any order; `current` tells no year.
 */
import type { Payload } from '../payload';
import type { ValueDataset } from '../types';
import { type Reading, reading, type Unreadable } from './reading';
import { bareValue } from './standard';

/**
 * @param levels what stands under the wildcards of the topic: year (or `current`) and month number (or weekday)
 */
export function readImporter(
  pdl: string,
  dataset: ValueDataset,
  levels: readonly string[],
  payload: Payload,
): Reading | Unreadable {
  if (payload.kind !== 'number') return { fault: payload.kind === 'unreadable' ? payload.reason : 'not a bare number' };
  // Maximum power is always VA in this dialect, also below 50.
  const value = dataset === 'max_power' ? payload.value / 1_000 : payload.value;
  const date = dateOf(dataset, levels);
  return reading('importer', { values: [{ ...bareValue(pdl, dataset, 0), value, date }] });
}

function dateOf(dataset: ValueDataset, [year = '', month]: readonly string[]): string | null {
  if (!/^20\d{2}$/.test(year)) return null;
  if (dataset.endsWith('/year')) return year;
  const number = Number(month);
  if (!dataset.endsWith('/month') || !(Number.isInteger(number) && number >= 1 && number <= 12)) return null;
  return `${year}-${String(number).padStart(2, '0')}`;
}
