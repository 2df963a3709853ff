/** The firmware's readings of values that it does not check. */

import { type Json } from './lenient-json';

/** A read through a null pointer: the process dies. On the device the gateway reboots. */
export class FirmwareCrash extends Error {
  constructor(field: string) {
    super(`${field} is not a string`);
  }
}

const UINT32_MAX = 0xffff_ffff;

/** Truncated towards zero; numeric texts count, `true` is 1; anything else, negative or beyond 32 bit is 0. */
export function toUint32(value: Json): number {
  const number = Math.trunc(toFloat(value));
  return number >= 0 && number <= UINT32_MAX ? number : 0;
}

/** As a number; what is none is 0. */
export function toFloat(value: Json): number {
  if (typeof value === 'number') return value;
  if (typeof value === 'boolean') return value ? 1 : 0;
  if (typeof value === 'string' && /^[+-]?\d+(\.\d*)?([eE][+-]?\d+)?$/.test(value)) return Number(value);
  return 0;
}

/** Any text is true, `"false"` included. */
export function toBoolean(value: Json): boolean {
  return typeof value === 'object' ? value !== null : value !== false && value !== 0;
}

/** A text where the firmware follows a pointer without looking: anything else is the crash. */
export function toText(value: Json, field: string): string {
  if (typeof value !== 'string') throw new FirmwareCrash(field);
  return value;
}

/** Leading digits only, like C's `atoi`: `1.9kW` is 1, `abc` is 0, `1e3` is 1. */
export function leadingInteger(text: string): number {
  return Number(/^\s*([+-]?\d+)/.exec(text)?.[1] ?? 0);
}

/** The same, cut to 8 bits: 257 is 1. */
export function leadingByte(text: string): number {
  return Number(BigInt.asUintN(8, BigInt(leadingInteger(text))));
}
