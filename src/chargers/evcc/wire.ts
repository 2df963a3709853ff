/** evcc's plain-text encodings (measured on 0.313.2; number formats before 0.300.7 included). */
import { Buffer } from 'node:buffer';
import { type KeyValues, KeyTable, type Value, parseJson, toNumber } from '../key-values';
import { type Scope, type TopicType, fixedKeys, hasChildren, typeOf } from './catalogue';

const NONE: readonly string[] = [];

const NUMERIC: ReadonlySet<TopicType> = new Set(['float', 'int', 'duration', 'timestamp', 'phases']);

/** Go's texts for numbers that are none: legal on the wire, and no measurement. */
const NO_NUMBER: ReadonlySet<Value> = new Set(['NaN', '+Inf', '-Inf']);

function check(type: TopicType | undefined, value: Value): string | null {
  if (type === undefined) return null;
  if (NUMERIC.has(type)) return toNumber(value) !== null || NO_NUMBER.has(value) ? null : 'is not a number';
  if (type === 'json') return typeof value === 'number' || parseJson(value) !== undefined ? null : 'is not JSON';
  if (type === 'bool') return value === 'true' || value === 'false' ? null : 'is neither true nor false';
  return null;
}

/** The table of a scope's values: never infers a type from a text, a vehicle may be called `true`. */
export function keyTable(scope: Scope, keys: readonly string[] = fixedKeys(scope)): KeyTable {
  return new KeyTable(keys, (key, value) => check(typeOf(scope, key), value));
}

export function decodeText(payload: Uint8Array): string {
  return Buffer.from(payload.buffer, payload.byteOffset, payload.byteLength).toString('utf8');
}

/** Keeps or voids one value; returns the keys that changed. */
export function fold(values: KeyValues, scope: Scope, key: string, payload: Uint8Array): readonly string[] {
  if (payload.length === 0) return clear(values, scope, key);
  return values.store(key, payload) ? [key] : NONE;
}

/** null: not known, empty, or NaN. A tiny negative number is written as `-0`. */
export function number(values: KeyValues, key: string): number | null {
  const value = toNumber(values.get(key));
  return value === null ? null : value + 0;
}

/** A number for which evcc writes 0 when it does not know it. */
export function positive(values: KeyValues, key: string): number | null {
  const value = number(values, key);
  return value !== null && value > 0 ? value : null;
}

export function flag(values: KeyValues, key: string): boolean | null {
  const value = values.get(key);
  return value === 'true' ? true : value === 'false' ? false : null;
}

/** null: not known or empty, which evcc cannot tell apart. */
export function text(values: KeyValues, key: string): string | null {
  const value = values.get(key);
  return value === undefined ? null : String(value);
}

/** kWh, three decimals at most, as whole Wh. */
export function wattHours(kilowattHours: number | null): number | null {
  return kilowattHours === null ? null : Math.round(kilowattHours * 1000);
}

/** A value in the type that evcc's catalogue gives its key; text where it has none. */
export function typed(values: KeyValues, scope: Scope, key: string): unknown {
  const type = typeOf(scope, key);
  if (type === 'bool') return flag(values, key);
  if (type === 'json') return values.json(key) ?? null;
  if (type !== undefined && NUMERIC.has(type)) return number(values, key);
  return text(values, key);
}

/** A zero-length payload: the key and everything below it is void. Returns what went. */
function clear(values: KeyValues, scope: Scope, key: string): readonly string[] {
  values.readable(key);
  const gone = values.delete(key) ? [key] : NONE;
  if (!hasChildren(scope, key)) return gone;
  const below = [...values.entries()].map(([name]) => name).filter((name) => name.startsWith(`${key}/`));
  for (const name of below) values.delete(name);
  return gone.concat(below);
}
