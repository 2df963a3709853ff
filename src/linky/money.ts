/**
 * Exact money. An amount is a whole number (bigint) of a unit so small that a price times an energy, and a monthly amount
 * times days over the days of the month, are whole too: nothing is rounded before an amount becomes a number.
 */
import { PER_KWH } from './energy';

/** Prices are taken to the nano-euro. */
const PER_EURO = 1e9;
/** With the factors of PER_KWH, divisible by 28, 29, 30 and 31. */
const DAY_FACTOR = 7n * 29n * 31n;
const UNIT = BigInt(PER_KWH) * DAY_FACTOR;
/** Decimals of an amount as a number: more than a double holds. */
const DECIMALS = 18;

/** Whole nano-euros, per kWh or per month. */
export type Price = bigint;
export type Amount = bigint;

/** @param euros at most 9 decimals are kept */
export function toPrice(euros: number): Price {
  return BigInt(Math.round(euros * PER_EURO));
}

/** What an exact energy (see `energy.ts`) costs at a price per kWh. */
export function costOfEnergy(price: Price, energy: number): Amount {
  return price * BigInt(energy) * DAY_FACTOR;
}

/** What some days of a month cost at a price per month. */
export function costOfDays(price: Price, days: number, daysInMonth: number): Amount {
  return price * BigInt(days) * (UNIT / BigInt(daysInMonth));
}

/** The amount in euros, as the nearest number. */
export function toEuros(amount: Amount): number {
  const scaled = (amount * 10n ** BigInt(DECIMALS)) / (UNIT * BigInt(PER_EURO));
  return Number(`${scaled}e-${DECIMALS}`);
}
