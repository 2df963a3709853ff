/** Exact money: fractions of a euro, so that nothing is rounded before an amount becomes a number. */
import { createRequire } from 'node:module';
import type Fraction from 'fraction.js';
import { PER_KWH } from './energy';

/** Euros, immutable. */
export type Amount = InstanceType<typeof Fraction>;
/** Euros per kWh or per month. */
export type Price = Amount;

const load = createRequire(__filename);

/** Loaded with the first contract: it costs half of what the rest of the package does. */
let library: typeof Fraction | undefined;

function fraction(value: number | string): Amount {
  library ??= load('fraction.js') as typeof Fraction;
  return new library(value);
}

/** Decimals of a price that a double of this size still holds as typed. */
const PRICE_DECIMALS = 9;

/** The price as it is written in decimal: 0.2068 is 517/2500, not the double next to it. At most 9 decimals are kept. */
export function toPrice(euros: number): Price {
  return fraction(euros.toFixed(PRICE_DECIMALS));
}

/** What an exact energy (see `energy.ts`) costs at a price per kWh. */
export function costOfEnergy(price: Price, energy: number): Amount {
  return price.mul(energy, PER_KWH);
}

/** What some days of a month cost at a price per month. */
export function costOfDays(price: Price, days: number, daysInMonth: number): Amount {
  return price.mul(days, daysInMonth);
}

/** The sum; 0 of none. */
export function sumOf(amounts: Iterable<Amount>): Amount {
  let sum = fraction(0);
  for (const amount of amounts) sum = sum.add(amount);
  return sum;
}

/** The amount in euros as a number. */
export function toEuros(amount: Amount): number {
  return amount.valueOf();
}

/** `n/d`, for a store. */
export function toText(amount: Amount): string {
  return `${amount.s * amount.n}/${amount.d}`;
}

/** What `toText` gave; null for anything else. */
export function fromText(text: unknown): Amount | null {
  return typeof text === 'string' && /^-?\d{1,60}\/[1-9]\d{0,59}$/.test(text) ? fraction(text) : null;
}
