/** Off-peak minutes of a local day, from windows that may cross midnight. */

export interface OffPeakWindow {
  /** ISO weekdays on which it starts, 1 = Monday; empty or absent = all. */
  readonly days?: readonly number[];
  /** `HH:MM` local time. */
  readonly from: string;
  /** `HH:MM` or `24:00`; not later than `from`: on the next day. */
  readonly to: string;
}

const DAY = 1_440;

/**
 * Running count of the off-peak minutes of a local day: `count[b] - count[a]` of them lie in [a, b), local minutes of the
 * day. Overlapping windows count once.
 * @param today windows in force on the day, and its ISO weekday
 * @param yesterday windows in force on the day before: those that cross midnight reach into this one
 */
export function offPeakMinutes(
  today: readonly OffPeakWindow[],
  yesterday: readonly OffPeakWindow[],
  weekday: number,
): Uint16Array {
  const isOff = new Uint8Array(DAY);
  for (const window of today) {
    if (!startsOn(window, weekday)) continue;
    const [from, to] = bounds(window);
    isOff.fill(1, from, Math.min(to, DAY));
  }
  for (const window of yesterday) {
    if (!startsOn(window, weekday === 1 ? 7 : weekday - 1)) continue;
    const [, to] = bounds(window);
    if (to > DAY) isOff.fill(1, 0, to - DAY);
  }
  const count = new Uint16Array(DAY + 1);
  isOff.forEach((off, minute) => (count[minute + 1] = (count[minute] ?? 0) + off));
  return count;
}

function startsOn({ days }: OffPeakWindow, weekday: number): boolean {
  return days === undefined || days.length === 0 || days.includes(weekday);
}

/** Minutes after the midnight of the day on which the window starts. */
function bounds({ from, to }: OffPeakWindow): [number, number] {
  const start = minuteOf(from);
  const end = minuteOf(to);
  return [start, end > start ? end : end + DAY];
}

function minuteOf(time: string): number {
  return Number(time.slice(0, 2)) * 60 + Number(time.slice(3, 5));
}
