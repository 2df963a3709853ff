/** Readings that change by themselves: mains, temperatures, radio, clock texts. Deterministic functions of time. */

/** A smooth pseudo-random movement between -1 and 1. */
function drift(now: number, channel: number): number {
  return 0.7 * Math.sin(now / 7100 + channel * 2.1) + 0.3 * Math.sin(now / 930 + channel * 5.3);
}

function round(value: number, step: number): number {
  return Number((Math.round(value / step) * step).toFixed(3));
}

export interface MeterInput {
  readonly now: number;
  /** Phases of the installation. */
  readonly installed: 1 | 3;
  /** Phases in use. */
  readonly phases: number;
  /** A per phase in use. */
  readonly current: number;
  /** Norway mode: without the ground check there are no power factors. */
  readonly groundCheckOff: boolean;
  readonly wholeNumbers: boolean;
}

/** `nrg`: voltages L1 to L3 and N, currents L1 to L3, powers L1 to L3 and N, total, power factors L1 to L3 and N. */
export function energyArray(input: MeterInput): { readonly nrg: readonly number[]; readonly power: number } {
  const { now, installed, phases, current, groundCheckOff, wholeNumbers } = input;
  const lines = [0, 1, 2];
  const voltages = lines.map((line) => (line < installed ? 230 + 2 * drift(now, line) : 0));
  const currents = lines.map((line) => (line < phases ? current : 0));
  const powers = lines.map((line) => (voltages[line] ?? 0) * (currents[line] ?? 0));
  const factors = currents.map((value) => (value > 0 && !groundCheckOff ? 99.9 : 0));
  const power = powers.reduce((sum, value) => sum + value, 0);
  const neutral = 2.5 + 0.5 * drift(now, 3);
  const values = [...voltages, neutral, ...currents, ...powers, 0, power, ...factors, factors[0] ? 100 : 0];
  return { nrg: values.map((value) => round(value, wholeNumbers ? 1 : 0.001)), power };
}

export function frequency(now: number): number {
  return round(50 + 0.08 * drift(now, 4), 0.001);
}

export function signalStrength(now: number): number {
  return Math.round(-45 + 3 * drift(now, 5));
}

/** `tma` in degrees C: plug and board; PRO and CORE have six entries, of which those from index 2 on are sensors. */
export function temperatures(now: number, current: number, core: boolean): readonly number[] {
  const warmth = 24 + current * 0.6;
  const sensor = (channel: number): number => round(warmth + channel * 2 + 0.2 * drift(now, channel), 0.125);
  return core ? [0, 0, ...[0, 1, 2, 3].map(sensor)] : [sensor(0), sensor(2)];
}

/** `utc`: milliseconds are followed by microseconds behind a second point, so this is not ISO 8601. */
export function utcText(now: number): string {
  const micros = String(Math.floor(now * 7.919) % 1000).padStart(3, '0');
  return `${new Date(now).toISOString().slice(0, -1)}.${micros}`;
}

/** `loc`: local time of Central Europe with its offset behind a blank. */
export function localText(now: number): string {
  const hours = isSummerTime(now) ? 2 : 1;
  return `${utcText(now + hours * 3_600_000)} +0${hours}:00`;
}

/** European summer time: from the last Sunday of March to the last of October, 01:00 UTC each. */
export function isSummerTime(now: number): boolean {
  const year = new Date(now).getUTCFullYear();
  return now >= lastSunday(year, 2) && now < lastSunday(year, 9);
}

function lastSunday(year: number, month: number): number {
  const end = new Date(Date.UTC(year, month + 1, 0, 1));
  return end.getTime() - end.getUTCDay() * 86_400_000;
}

/** `awcp`: a day's course of market prices in ct/kWh, by the hour. */
export function marketPrice(now: number): {
  readonly start: number;
  readonly end: number;
  readonly marketprice: number;
} {
  const start = Math.floor(now / 3_600_000) * 3600;
  const hour = (start / 3600) % 24;
  return { start, end: start + 3600, marketprice: round(12 + 9 * Math.cos(((hour - 19) / 12) * Math.PI), 0.001) };
}
