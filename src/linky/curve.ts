/** Builds the load curve message from placed values and a unit. */
import { PER_KWH, toKwh, toMicrowatts } from './energy';
import { slotStart } from './slots';
import type { CurveDataset, LinkyCurve, LinkySlot, UnitDecision } from './types';

/** One day's placed values in their published unit: small enough to be kept until the unit is certain. */
export interface RawCurve {
  readonly pdl: string;
  readonly dataset: CurveDataset;
  readonly date: string;
  readonly interval: number;
  readonly values: readonly (number | null)[];
}

export function buildCurve(raw: RawCurve, unit: UnitDecision): LinkyCurve {
  const { pdl, dataset, date, interval, values } = raw;
  let sum = 0;
  let known = 0;
  const instants = values.map((_, i) => new Date(slotStart(date, interval, i)).toISOString());
  instants.push(new Date(slotStart(date, interval, values.length)).toISOString());
  const slots = values.map((value, i): LinkySlot => {
    const power = value === null ? null : toMicrowatts(value, unit.source, interval);
    if (power !== null) {
      sum += power * interval;
      known += 1;
    }
    return {
      start: instants[i] ?? '',
      end: instants[i + 1] ?? '',
      energy: power === null ? null : (power * interval) / PER_KWH,
      power: power === null ? null : power / 1e6,
    };
  });
  return {
    pdl,
    direction: dataset === 'consumption/detailed' ? 'consumption' : 'production',
    dataset,
    date,
    interval,
    slots,
    total: known === 0 ? null : toKwh(sum),
    coverage: { slots: known, expected: values.length },
    unit,
  };
}
