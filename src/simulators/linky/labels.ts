/** How the slots of a curve are labelled: rightly, or the ways that the client gets it wrong. */
import { clockText } from './calendar';
import type { CurvePoint } from './meter';

/**
 * - `start`: the wall clock at the start of the slot. In March 02:00 and 02:30 are left out, in October they come twice.
 * - `naive`: the source's end label minus the interval, without regard to the clock change. In March 01:30 becomes 02:30,
 *   in October 01:30 and 02:00 come twice.
 * - `collapsed`: as `naive`, then kept by label, the last one wins: the October day loses one hour.
 */
export type LabelStyle = 'start' | 'naive' | 'collapsed';

export interface LabelledPower {
  /** `HH:MM` */
  readonly time: string;
  /** W */
  readonly power: number | null;
}

const DAY_MINUTES = 1440;

export function labelled(curve: readonly CurvePoint[], minutes: number, style: LabelStyle): LabelledPower[] {
  const items = curve.map(({ slot, power }) => ({
    time: clockText(style === 'start' ? slot.startMinute : (slot.endMinute - minutes + DAY_MINUTES) % DAY_MINUTES),
    power,
  }));
  if (style !== 'collapsed') return items;
  const byLabel = new Map(items.map((item) => [item.time, item]));
  return [...byLabel.values()].sort((a, b) => a.time.localeCompare(b.time));
}
