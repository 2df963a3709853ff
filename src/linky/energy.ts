/**
 * Exact energy: whole microwatt-minutes. A load curve gives average power per slot, and slots and off-peak windows are
 * whole minutes, so power x minutes stays an integer where kWh would need rounding (1/3 of a slot, 10 min intervals).
 */
import type { CurveUnit } from './types';

/** 1 kWh = 1000 W x 60 min x 10^6. */
export const PER_KWH = 6e10;

/** Above this a reading is no household's: 1 MW. It also keeps a day's sum below 2^53. */
const MAX_MICROWATTS = 1e12;
/** kWh; 2^53 / PER_KWH is about 150,000. */
const MAX_KWH = 150_000;

/** Microwatts (or microwatt-hours) in a unit, and whether it counts energy per slot rather than power. */
const UNITS: Readonly<Record<CurveUnit, { readonly micro: number; readonly perSlot: boolean }>> = {
  W: { micro: 1e6, perSlot: false },
  kW: { micro: 1e9, perSlot: false },
  Wh: { micro: 1e6, perSlot: true },
  kWh: { micro: 1e9, perSlot: true },
};

/**
 * Average power over a slot in whole microwatts, from a value in its published unit; null when it is no household's.
 * Energies are taken to the microwatt-hour.
 */
export function toMicrowatts(value: number, unit: CurveUnit, minutes: number): number | null {
  const { micro, perSlot } = UNITS[unit];
  const power = Math.round(value * micro) * (perSlot ? 60 / minutes : 1);
  return Math.abs(power) <= MAX_MICROWATTS ? power : null;
}

/** kWh as exact energy; null when beyond any household. */
export function fromKwh(kWh: number): number | null {
  return Math.abs(kWh) <= MAX_KWH ? Math.round(kWh * PER_KWH) : null;
}

export function toKwh(energy: number): number {
  return energy / PER_KWH;
}
