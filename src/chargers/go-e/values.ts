/** The values of one go-e charger: JSON texts by key, checked as they come in, and typed ways to read them. */
import { Buffer } from 'node:buffer';
import type { Message } from '../../mqtt/types';
import { KeyTable, type KeyValues, type Value, parseJson, toNumber } from '../key-values';
import type { JsonObject } from '../status';
import { type JsonType, findKey, goeKeys } from './keys';
import { isPlainJson } from './plain-json';

/**
 * Keys that the status is made of. A value of another JSON type than the table's would turn it unknown without a word,
 * so it is a fault of the key. All other keys may drift: firmware changed types before (`lot`, `bac`, `tls`).
 */
const STATUS_KEYS: ReadonlySet<string> = new Set(
  (
    'acs acu adi ama amp amt car cbl cdi dwo err eto fna frc fwv lcctc lmo mca mcr modelStatus nrg pgrid pha pnp psm ' +
    'rbc rbt sch_satur sch_sund sch_week sse tma trx typ var wh'
  ).split(' '),
);

const NUMBER = /^-?(0|[1-9]\d*)(\.\d+)?([eE][+-]?\d+)?$/;
// Most texts are a name or a time without any escape: no need to parse them to know that they are JSON.
const PLAIN_STRING = /^"[ !#-[\]-\uffff]*"$/;
const MAX_EXCERPT = 40;

function jsonType(value: Value): JsonType | 'null' {
  if (typeof value === 'number') return 'number';
  switch (value.trimStart()[0]) {
    case '"':
      return 'string';
    case '[':
      return 'array';
    case '{':
      return 'object';
    case 't':
    case 'f':
      return 'boolean';
    case 'n':
      return 'null';
    default:
      return 'number';
  }
}

function excerpt(key: string, text: string): string {
  // What an unknown key is about is not known: it may be a secret.
  const entry = findKey(key);
  if (!entry || entry.sensitive) return '';
  return `: ${text.length > MAX_EXCERPT ? `${text.slice(0, MAX_EXCERPT)}…` : text}`;
}

/** Every state message is one JSON value. Says what is wrong with one that is not, else null. */
export function checkValue(key: string, value: Value): string | null {
  if (typeof value === 'string') {
    if (NUMBER.test(value)) {
      if (toNumber(value) === null) return `is out of range${excerpt(key, value)}`;
    } else if (!PLAIN_STRING.test(value)) {
      const parsed = parseJson(value);
      if (parsed === undefined) return `is nested too deeply, or not JSON${excerpt(key, value)}`;
      if (!isPlainJson(parsed)) return 'holds a number that is out of range';
    }
  }
  if (!STATUS_KEYS.has(key)) return null;
  const type = jsonType(value);
  const expected = findKey(key)?.json ?? [];
  if (type === 'null' || expected.includes(type)) return null;
  return `is ${type}, not ${expected.join(' or ')}${excerpt(key, String(value))}`;
}

/** The slots that all go-e chargers share. */
export const goeTable = new KeyTable(
  goeKeys.map((entry) => entry.key),
  checkValue,
);

/** null for null, for what is not a number, and for a key that has not been seen. */
export function numberOf(values: KeyValues, key: string): number | null {
  const number = toNumber(values.get(key));
  return number === 0 ? 0 : number;
}

export function booleanOf(values: KeyValues, key: string): boolean | null {
  const value = values.get(key);
  if (value === 'true') return true;
  return value === 'false' ? false : null;
}

export function stringOf(values: KeyValues, key: string): string | null {
  const value = values.json(key);
  return typeof value === 'string' ? value : null;
}

/** Empty for everything that is not an array. */
export function arrayOf(values: KeyValues, key: string): readonly unknown[] {
  const value = values.json(key);
  return Array.isArray(value) ? value : [];
}

export function objectOf(values: KeyValues, key: string): JsonObject | null {
  const value = values.json(key);
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as JsonObject) : null;
}

/** A finite number, or null for whatever else an array of a charger may hold. */
export function finite(value: unknown): number | null {
  if (typeof value !== 'number' || !Number.isFinite(value)) return null;
  return value === 0 ? 0 : value;
}

export function textOf({ payload }: Message): string {
  return Buffer.from(payload.buffer, payload.byteOffset, payload.byteLength).toString('utf8');
}

/** undefined for a payload that is not JSON. */
export function jsonOf(message: Message): unknown {
  return parseJson(textOf(message));
}
