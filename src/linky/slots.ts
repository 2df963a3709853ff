/**
 * Puts the items of a load curve on the instants of their local day. Labels are local wall-clock starts without offset,
 * so they are ambiguous in October and skip an hour in March; and the local client computes them from the end of the
 * slot by naive arithmetic, which yields 02:30 for the March slot that starts at 01:30, and in October repeats
 * 01:30 and 02:00 instead of 02:00 and 02:30.
 */
import { localDay, utcOffset } from './clock';

export const INTERVALS = [10, 15, 30, 60] as const;
const MINUTE = 60_000;
/** An October day at 10 min. */
export const MAX_ITEMS = 150;

export interface CurveItem {
  /** `HH:MM` or `HH:MM:SS` of the start, null when the item has none. */
  readonly time: string | null;
  readonly value: number | null;
}

export interface Placement {
  /** One per slot of the day, null where missing. */
  readonly values: (number | null)[];
  /** Items that belong to no slot of the day: off the grid, or repeated too often. */
  readonly ignored: number;
}

/** Number of slots of a local day. */
export function slotCount(date: string, interval: number): number {
  return localDay(date).minutes / interval;
}

/** Instant (ms) at which slot `index` of a local day starts. */
export function slotStart(date: string, interval: number, index: number): number {
  return localDay(date).start + index * interval * MINUTE;
}

/** Local minute of the day (0 to 1439) at which slot `index` starts. */
export function localMinute(date: string, interval: number, index: number): number {
  const day = localDay(date);
  const elapsed = index * interval;
  if (day.minutes === 1440) return elapsed;
  return elapsed + utcOffset(day.start + elapsed * MINUTE) - utcOffset(day.start);
}

/** `30min`, `PT30M`, `PT1H` or minutes as a number; null when absent or not one the meter knows. */
export function readInterval(value: unknown): number | null {
  const match = typeof value === 'string' ? /^\s*(?:PT)?(\d{1,4})\s*(min|M|H)?\s*$/i.exec(value) : null;
  const minutes = match ? Number(match[1]) * (match[2]?.toUpperCase() === 'H' ? 60 : 1) : value;
  return INTERVALS.find((interval) => interval === minutes) ?? null;
}

/** The interval that the labels suggest: their smallest distance, 30 min when they tell none. */
export function guessInterval(items: readonly CurveItem[]): number {
  const minutes = items.flatMap(({ time }) => toMinute(time) ?? []);
  const gaps = minutes.slice(1).map((minute, i) => minute - (minutes[i] ?? 0));
  const smallest = Math.min(...gaps.filter((gap) => gap > 0));
  return INTERVALS.find((interval) => interval === smallest) ?? 30;
}

function toMinute(time: string | null): number | null {
  const match = time === null ? null : /^(\d{2}):(\d{2})(?::00)?$/.exec(time.trim());
  if (!match) return null;
  const minute = Number(match[1]) * 60 + Number(match[2]);
  return Number(match[2]) < 60 && minute <= 1440 ? minute % 1440 : null;
}

/**
 * Places items on the slots of a day: by index when the array is complete (labels of clock-change days cannot be
 * trusted), else by label, the first of a repeated label being summer time.
 */
export function placeItems(items: readonly CurveItem[], date: string, interval: number): Placement {
  const expected = slotCount(date, interval);
  const minutes = items.map(({ time }) => toMinute(time));
  if (items.length === expected && isChronological(minutes)) {
    return { values: items.map(({ value }) => value), ignored: 0 };
  }
  return placeByLabel(items, minutes, date, interval, expected);
}

/** In order but for the hour that October repeats and for midnight as an end label; a shuffled array descends often. */
function isChronological(minutes: readonly (number | null)[]): boolean {
  let descents = 0;
  let previous = -1;
  for (const minute of minutes) {
    if (minute === null) continue;
    if (minute < previous) descents += 1;
    previous = minute;
  }
  return descents <= 2;
}

function placeByLabel(
  items: readonly CurveItem[],
  minutes: readonly (number | null)[],
  date: string,
  interval: number,
  expected: number,
): Placement {
  const positions = labelPositions(minutes, date, interval, expected);
  const values = new Array<number | null>(expected).fill(null);
  let ignored = 0;
  items.forEach(({ value }, i) => {
    const minute = minutes[i];
    const position = minute === null || minute === undefined ? undefined : positions.get(minute)?.shift();
    if (position === undefined) ignored += 1;
    else values[position] = value;
  });
  return { values, ignored };
}

/** Slots by label, in order, under the labelling (true or naive) that leaves fewer items without a slot. */
function labelPositions(
  minutes: readonly (number | null)[],
  date: string,
  interval: number,
  expected: number,
): Map<number, number[]> {
  const starts = Array.from({ length: expected }, (_, i) => localMinute(date, interval, i));
  const truth = group(starts);
  if (expected * interval === 1440) return truth;
  const naive = group(starts.map((_, i) => localMinute(date, interval, i + 1) - interval));
  const labels = group(minutes);
  return homeless(labels, naive) < homeless(labels, truth) ? naive : truth;
}

function homeless(labels: ReadonlyMap<number, number[]>, positions: ReadonlyMap<number, number[]>): number {
  let count = 0;
  for (const [minute, uses] of labels) count += Math.max(0, uses.length - (positions.get(minute)?.length ?? 0));
  return count;
}

function group(minutes: readonly (number | null)[]): Map<number, number[]> {
  const positions = new Map<number, number[]>();
  minutes.forEach((minute, i) => {
    if (minute === null) return;
    const known = positions.get(minute);
    if (known) known.push(i);
    else positions.set(minute, [i]);
  });
  return positions;
}
