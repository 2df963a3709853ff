/** Off-peak windows in minutes of the wall clock; they may cross midnight and start off the half hour. */
import { parseClock } from './calendar';

export interface Window {
  readonly from: number;
  readonly to: number;
}

/** `22:30-6:30`; several separated by `;`. */
export function parseWindows(text: string): Window[] {
  return text.split(';').map((part) => {
    const [from = '', to = ''] = part.split('-');
    return { from: parseClock(from), to: parseClock(to) };
  });
}

export function isOffPeak(minute: number, windows: readonly Window[]): boolean {
  return windows.some(({ from, to }) => (from <= to ? minute >= from && minute < to : minute >= from || minute < to));
}

/** Which part of a slot lies in the windows, from 0 to 1. */
export function offPeakShare(startMinute: number, minutes: number, windows: readonly Window[]): number {
  let inside = 0;
  for (let minute = 0; minute < minutes; minute++) if (isOffPeak((startMinute + minute) % 1440, windows)) inside++;
  return inside / minutes;
}
