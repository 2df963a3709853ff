/** What evcc's setters accept as payload: raw text, nothing trimmed, no quotes. Measured on a running evcc 0.313.2. */

/** null = refused: evcc writes to its log and acknowledges all the same. */
export type Parsed<T> = { readonly value: T } | null;
export type Parser<T> = (payload: string) => Parsed<T>;

const NONE_WORDS: ReadonlySet<string> = new Set(['-', 'nil', 'null', 'none']);
const TRUE_WORDS: ReadonlySet<string> = new Set(['1', 't', 'T', 'true', 'True', 'TRUE']);
const FALSE_WORDS: ReadonlySet<string> = new Set(['0', 'f', 'F', 'false', 'False', 'FALSE']);

/** Optional sign and digits, 64 bits. */
export const int: Parser<number> = (payload) => {
  if (!/^[+-]?\d+$/.test(payload)) return null;
  const value = Number(payload);
  return Math.abs(value) < 2 ** 63 ? { value: value + 0 } : null;
};

const DECIMAL = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i;
const HEXADECIMAL = /^([+-]?)0x([\da-f]*)\.?([\da-f]*)p([+-]?\d+)$/i;

/** Go's float syntax allows underscores between digits, and after a base prefix. */
function withoutUnderscores(payload: string): string | null {
  if (!payload.includes('_')) return payload;
  const stray = /(^|[^\da-fx])_|_([^\da-f]|$)/i.test(payload);
  return stray ? null : payload.replaceAll('_', '');
}

function hexadecimal(text: string): number {
  const [, sign, whole = '', fraction = '', exponent] = HEXADECIMAL.exec(text) ?? [];
  const digits = whole + fraction;
  if (digits === '') return NaN;
  const value = parseInt(digits, 16) * 2 ** (Number(exponent) - 4 * fraction.length);
  return sign === '-' ? -value : value;
}

/** Decimal dot, exponent, underscores, hexadecimal with exponent; no NaN, no infinity, also not by overflow. */
export const float: Parser<number> = (payload) => {
  const text = withoutUnderscores(payload);
  if (text === null) return null;
  const value = DECIMAL.test(text) ? Number(text) : hexadecimal(text);
  return Number.isFinite(value) ? { value } : null;
};

/** A float, or one of the (lower case) words for none; 0 is a limit of zero. */
export const floatOrNone: Parser<number | null> = (payload) =>
  NONE_WORDS.has(payload) ? { value: null } : float(payload);

/** Go's words for a truth value: no `on`, no `yes`. */
export const bool: Parser<boolean> = (payload) => {
  if (TRUE_WORDS.has(payload)) return { value: true };
  return FALSE_WORDS.has(payload) ? { value: false } : null;
};

/** One of the names, in any letter case. */
export function nameOf<T extends string>(names: readonly T[]): Parser<T> {
  return (payload) => {
    const value = names.find((name) => name === payload.toLowerCase());
    return value === undefined ? null : { value };
  };
}

export const BATTERY_MODES = ['unknown', 'normal', 'hold', 'charge', 'holdcharge'] as const;
export type BatteryMode = (typeof BATTERY_MODES)[number];

/** `unknown` and the words for none release the battery. */
export const batteryMode: Parser<BatteryMode> = (payload) =>
  NONE_WORDS.has(payload) ? { value: 'unknown' } : nameOf(BATTERY_MODES)(payload);

/** A configuration name, or a word for none; whether the name exists is the caller's to check. */
export const nameOrNone: Parser<string | null> = (payload) => ({ value: NONE_WORDS.has(payload) ? null : payload });

/** Fields of a JSON object by lower-cased name, as Go matches them; the text `null` is an empty object. */
function jsonFields(payload: string): Map<string, unknown> | null {
  let parsed: unknown;
  try {
    parsed = JSON.parse(payload);
  } catch {
    return null;
  }
  if (parsed === null) return new Map();
  if (typeof parsed !== 'object' || Array.isArray(parsed)) return null;
  return new Map(Object.entries(parsed).map(([key, value]) => [key.toLowerCase(), value]));
}

const RFC3339 = /^(\d{4}-\d\d-(\d\d))T([01]\d|2[0-3]):[0-5]\d:[0-5]\d(\.\d+)?(Z|[+-]([01]\d|2[0-3]):[0-5]\d)$/;

/** Unix seconds of an RFC 3339 time with any offset, fractions cut. */
function unixSeconds(text: unknown): number | null {
  const match = typeof text === 'string' ? RFC3339.exec(text) : null;
  if (!match) return null;
  const [whole, date, day] = match;
  const lenient = new Date(`${date ?? ''}T00:00:00Z`);
  if (lenient.getUTCDate() !== Number(day)) return null;
  return Math.floor(Date.parse(whole) / 1000);
}

export interface Plan {
  /** % for a vehicle, kWh for a loadpoint; 0 deletes. */
  readonly value: number;
  /** Unix seconds; null = none given: taken by evcc, and useless. */
  readonly time: number | null;
}

/** `{"time": RFC 3339, "value": number}`; missing fields and null are zero, unknown ones ignored. */
function plan(whole: boolean): Parser<Plan> {
  return (payload) => {
    const fields = jsonFields(payload);
    if (!fields) return null;
    const value = fields.get('value') ?? 0;
    const timeText = fields.get('time') ?? null;
    const time = unixSeconds(timeText);
    if (typeof value !== 'number' || (timeText !== null && time === null)) return null;
    const written = !whole || (Number.isSafeInteger(value) && !/"value"\s*:\s*-?\d+[.e]/i.test(payload));
    return written ? { value: { value, time } } : null;
  };
}

/** SoC plan of a vehicle: a whole number. */
export const socPlan = plan(true);
/** Energy plan of a loadpoint: kWh. */
export const energyPlan = plan(false);

export interface Strategy {
  readonly continuous: boolean;
  /** s */
  readonly precondition: number;
}

/** Replaces both fields; a missing one becomes false or 0. */
export const strategy: Parser<Strategy> = (payload) => {
  const fields = jsonFields(payload);
  if (!fields) return null;
  const continuous = fields.get('continuous') ?? false;
  const precondition = fields.get('precondition') ?? 0;
  if (typeof continuous !== 'boolean' || !Number.isSafeInteger(precondition)) return null;
  return { value: { continuous, precondition: Number(precondition) } };
};
