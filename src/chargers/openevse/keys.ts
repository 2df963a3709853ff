/** What the gateway publishes below its base topic: the key table, and how a payload of each type reads. */
import { type Check, KeyTable, type KeyValues, toNumber, type Value, parseJson } from '../key-values';
import keyFacts from './keys.json';
import stateFacts from './states.json';

/** value in `unit` = payload x `scale` (1 if absent). Versions are those of the gateway's firmware. */
export interface KeyFact {
  readonly key: string;
  readonly type: 'number' | 'temperature' | 'flag' | 'text' | 'document';
  readonly unit?: string;
  readonly scale?: number;
  /** Changes all the time; see the driver's `quiet`. */
  readonly quiet?: boolean;
  readonly since?: string;
  readonly until?: string;
}

export const KEY_FACTS = keyFacts as readonly KeyFact[];
const FACTS: ReadonlyMap<string, KeyFact> = new Map(KEY_FACTS.map((fact) => [fact.key, fact]));

export const QUIET_KEYS: ReadonlySet<string> = new Set(KEY_FACTS.filter((fact) => fact.quiet).map((fact) => fact.key));

/** The retained JSON documents. */
export const DOCUMENT_KEYS: ReadonlySet<string> = new Set(
  KEY_FACTS.filter((fact) => fact.type === 'document').map((fact) => fact.key),
);

/** Controller states by code. */
export const STATES: ReadonlyMap<number, { readonly text: string; readonly state: string }> = new Map(
  Object.entries(stateFacts).map(([code, fact]) => [Number(code), fact]),
);

/** Codes of the controller's `state` that the driver's rules name. */
export const StateCode = {
  starting: 0,
  notConnected: 1,
  connected: 2,
  charging: 3,
  sleeping: 254,
  disabled: 255,
} as const;

/** `divertmode`, as status and as command. */
export const DIVERT_MODES = { normal: 1, eco: 2 } as const;
export type DivertMode = keyof typeof DIVERT_MODES;

/** Bit of `flags`: the controller sleeps because one of its own limits was reached. */
export const FLAG_SLEEPING_AFTER_LIMIT = 0x0004;

/** How the gateway prints "no value" for numbers. */
const NO_NUMBER: ReadonlySet<Value> = new Set(['', 'null', 'nan', 'NaN']);
const FLAG_VALUES: ReadonlyMap<Value, boolean> = new Map<Value, boolean>([
  [0, false],
  ['false', false],
  [1, true],
  ['true', true],
]);

function checkDocument(key: string, value: Value): string | null {
  const parsed = typeof value === 'string' ? parseJson(value) : value;
  if (typeof parsed !== 'object' || parsed === null) return 'is not a JSON document';
  if (!Array.isArray(parsed)) return null;
  // An empty list stands for "none" wherever the firmware or its description says so.
  return key === 'schedule' || parsed.length === 0 ? null : 'is a list, not an object';
}

const CHECKS: Record<KeyFact['type'], Check> = {
  number: (_key, value) => (NO_NUMBER.has(value) || toNumber(value) !== null ? null : 'is not a number'),
  temperature: (_key, value) =>
    value === 'false' || NO_NUMBER.has(value) || toNumber(value) !== null ? null : 'is not a temperature',
  flag: (_key, value) => (NO_NUMBER.has(value) || FLAG_VALUES.has(value) ? null : 'is neither 0 nor 1'),
  text: () => null,
  document: checkDocument,
};

/** One table for all chargers. */
export const KEY_TABLE = new KeyTable(
  KEY_FACTS.map((fact) => fact.key),
  (key, value) => {
    const fact = FACTS.get(key);
    return fact ? CHECKS[fact.type](key, value) : null;
  },
);

/** The gateway's values went through single precision (`231.3999939`) and scaling: three decimals are what they hold. */
export function round(value: number): number {
  return Math.round(value * 1000) / 1000;
}

/** A number in the unit of the key table; null = unknown. */
export function reading(values: KeyValues, key: string): number | null {
  const number = toNumber(values.get(key));
  return number === null ? null : round(number * (FACTS.get(key)?.scale ?? 1));
}

/** A 0/1 or true/false value; null = unknown. */
export function flag(values: KeyValues, key: string): boolean | null {
  const value = values.get(key);
  return value === undefined ? null : (FLAG_VALUES.get(value) ?? null);
}

/** A text; null = unknown or empty. */
export function text(values: KeyValues, key: string): string | null {
  const value = values.get(key);
  return value === undefined || value === '' || value === 'null' ? null : String(value);
}

/** A value as a flow wants it: numbers, booleans and documents of their type, "no value" as null. */
export function typed(key: string, value: Value): unknown {
  const type = FACTS.get(key)?.type;
  if (type === 'text') return String(value);
  if (NO_NUMBER.has(value) || (type === 'temperature' && value === 'false')) return null;
  if (value === 'true') return true;
  if (value === 'false') return false;
  if (type === 'document') return typeof value === 'string' ? parseJson(value) : value;
  return toNumber(value) ?? value;
}
