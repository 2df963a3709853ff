/**
 * The values of one charger by key, as compact as its firmware's text allows: a slot per known key (the key table is
 * shared by all chargers of a system), integers as numbers, everything else as the text that came. Nothing is parsed
 * before somebody asks, and a message that brings no change allocates nothing.
 */
import { Buffer, isUtf8 } from 'node:buffer';

/** An integer whose text round-trips, else the payload's text. */
export type Value = number | string;

/** Keys that are not in the table: a firmware may publish any, a hostile client many. */
const MAX_UNKNOWN_KEYS = 256;
const MAX_UNKNOWN_KEY_LENGTH = 64;
/** Bytes. */
const MAX_UNKNOWN_LENGTH = 2048;
/** Bytes; the longest documents are configurations of 3 to 4 kB. */
const MAX_KNOWN_LENGTH = 16384;
/** 15 digits are always exact in a double. */
const MAX_DIGITS = 15;

/** Texts that many keys of many chargers have: kept once. */
const COMMON_TEXTS: ReadonlyMap<string, string> = new Map(['', 'true', 'false', 'null'].map((text) => [text, text]));

/** Says why a value cannot be what its key means, or null when it can. Called for changes only. */
export type Check = (key: string, value: Value) => string | null;

/** The keys of one system in the order of their slots. */
export class KeyTable {
  readonly #slots: ReadonlyMap<string, number>;

  constructor(
    readonly keys: readonly string[],
    readonly check: Check = () => null,
  ) {
    this.#slots = new Map(keys.map((key, slot) => [key, slot]));
  }

  /** undefined: a key that the table does not know. */
  slot(key: string): number | undefined {
    return this.#slots.get(key);
  }
}

/** The integer that the bytes spell in its one canonical form, else NaN. Allocates nothing. */
function integer(payload: Uint8Array): number {
  const negative = payload[0] === 0x2d;
  const start = negative ? 1 : 0;
  const digits = payload.length - start;
  if (digits < 1 || digits > MAX_DIGITS) return NaN;
  if (payload[start] === 0x30 && payload.length > 1) return NaN;
  let value = 0;
  for (let at = start; at < payload.length; at++) {
    const digit = (payload[at] ?? 0) - 0x30;
    if (digit < 0 || digit > 9) return NaN;
    value = value * 10 + digit;
  }
  return negative ? -value : value;
}

/** Compares without decoding; false for anything that is not plain ASCII. */
function sameText(text: string, payload: Uint8Array): boolean {
  if (text.length !== payload.length) return false;
  for (let at = 0; at < payload.length; at++) {
    const byte = payload[at] ?? 0;
    if (byte > 0x7f || text.charCodeAt(at) !== byte) return false;
  }
  return true;
}

function decode(payload: Uint8Array): string {
  const text = Buffer.from(payload.buffer, payload.byteOffset, payload.byteLength).toString('utf8');
  return COMMON_TEXTS.get(text) ?? text;
}

export class KeyValues {
  readonly #known: (Value | undefined)[];
  readonly #unknown = new Map<string, Value>();
  readonly #faults = new Map<string, string>();
  #documents: Map<string, { readonly text: Value; readonly value: unknown }> | undefined;

  constructor(readonly table: KeyTable) {
    this.#known = new Array<Value | undefined>(table.keys.length).fill(undefined);
  }

  /**
   * Takes a payload for a key. An unreadable or oversized one becomes a fault of the key, which ends with the next
   * readable one; the value stays as it was.
   * @returns whether the value changed.
   */
  store(key: string, payload: Uint8Array): boolean {
    const slot = this.table.slot(key);
    const present = slot === undefined ? this.#unknown.get(key) : this.#known[slot];
    const number = integer(payload);
    if (present === number || (typeof present === 'string' && sameText(present, payload))) {
      this.readable(key);
      return false;
    }
    const refusal = this.#refusal(key, slot, present, payload);
    if (refusal !== null) {
      this.fault(key, refusal);
      return false;
    }
    const value = Number.isNaN(number) ? decode(payload) : number;
    const unreadable = this.table.check(key, value);
    if (unreadable !== null) {
      this.fault(key, unreadable);
      return false;
    }
    this.readable(key);
    if (value === present) return false;
    if (slot === undefined) this.#unknown.set(key, value);
    else this.#known[slot] = value;
    return true;
  }

  #refusal(key: string, slot: number | undefined, present: Value | undefined, payload: Uint8Array): string | null {
    const most = slot === undefined ? MAX_UNKNOWN_LENGTH : MAX_KNOWN_LENGTH;
    if (payload.length > most) return `${payload.length} bytes are more than the ${most} that are kept`;
    if (!isUtf8(payload)) return 'is not UTF-8 text';
    if (slot !== undefined || present !== undefined) return null;
    if (key.length > MAX_UNKNOWN_KEY_LENGTH) return `the key is longer than ${MAX_UNKNOWN_KEY_LENGTH} characters`;
    if (this.#unknown.size >= MAX_UNKNOWN_KEYS) return `more than ${MAX_UNKNOWN_KEYS} unknown keys`;
    return null;
  }

  get(key: string): Value | undefined {
    const slot = this.table.slot(key);
    return slot === undefined ? this.#unknown.get(key) : this.#known[slot];
  }

  /** Forgets a value. @returns whether there was one. */
  delete(key: string): boolean {
    const slot = this.table.slot(key);
    this.#documents?.delete(key);
    if (slot === undefined) return this.#unknown.delete(key);
    const present = this.#known[slot] !== undefined;
    this.#known[slot] = undefined;
    return present;
  }

  /** The value as JSON, parsed once per change; undefined when there is none or it is not JSON. */
  json(key: string): unknown {
    const text = this.get(key);
    if (typeof text !== 'string') return text;
    const cached = this.#documents?.get(key);
    if (cached?.text === text) return cached.value;
    const value = parseJson(text);
    this.#documents ??= new Map();
    this.#documents.set(key, { text, value });
    return value;
  }

  /** All keys that have a value: the known ones in the table's order, then the unknown ones as they came. */
  *entries(): Generator<[string, Value]> {
    for (const [slot, key] of this.table.keys.entries()) {
      const value = this.#known[slot];
      if (value !== undefined) yield [key, value];
    }
    yield* this.#unknown;
  }

  /** Keys whose last payload was refused, with the reason. */
  get faults(): ReadonlyMap<string, string> {
    return this.#faults;
  }

  /** Notes a fault: always of a known key, of unknown ones as many as are kept. */
  fault(key: string, reason: string): void {
    const name = key.length > MAX_UNKNOWN_KEY_LENGTH ? `${key.slice(0, MAX_UNKNOWN_KEY_LENGTH)}…` : key;
    const room = this.#faults.size < MAX_UNKNOWN_KEYS || this.#faults.has(name);
    if (room || this.table.slot(key) !== undefined) this.#faults.set(name, reason);
  }

  readable(key: string): void {
    if (this.#faults.size > 0) this.#faults.delete(key);
  }
}

/** Levels; chargers use a handful. What compares, copies or shows a value recurses, and a few thousand end the process. */
const MAX_DEPTH = 32;

function isDeeper(value: unknown, levels: number): boolean {
  if (typeof value !== 'object' || value === null) return false;
  return levels === 0 || Object.values(value).some((inner) => isDeeper(inner, levels - 1));
}

/** undefined for text that is not JSON, or is nested more than 32 levels deep. */
export function parseJson(text: string): unknown {
  try {
    const value = JSON.parse(text) as unknown;
    return isDeeper(value, MAX_DEPTH) ? undefined : value;
  } catch {
    return undefined;
  }
}

const DECIMAL = /^[+-]?\d+(\.\d+)?([eE][+-]?\d+)?$/;

/** Decimal or exponent form; null for everything else (no hexadecimal, no `Infinity`, no empty text). */
export function toNumber(value: Value | undefined): number | null {
  if (typeof value === 'number') return value;
  if (value === undefined || !DECIMAL.test(value)) return null;
  const number = Number(value);
  return Number.isFinite(number) ? number : null;
}
