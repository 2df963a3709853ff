/**
 * How the manager makes a written value fit the attribute's type. A value may come as JSON (`attributes/update`) or as the
 * text of the payload (`attributes/{name}/update`); the second is why so much is parsed from strings here.
 */

import { isRecord, parseJson } from './json';

/** undefined: the value does not fit. */
type Coerce = (value: unknown) => { readonly value: unknown } | undefined;

const fits = (value: unknown): { readonly value: unknown } => ({ value });

function parsed(value: unknown): unknown {
  return typeof value === 'string' ? parseJson(value)?.value : value;
}

function toNumber(value: unknown): number | undefined {
  const number = typeof value === 'string' && value.trim() !== '' ? Number(value) : value;
  return typeof number === 'number' && Number.isFinite(number) ? number : undefined;
}

/** A fraction is cut off from a JSON number, but makes text unusable. */
function whole(min: number, max: number): Coerce {
  return (value) => {
    const number = toNumber(value);
    if (number === undefined || (typeof value === 'string' && !Number.isInteger(number))) return undefined;
    const integer = Math.trunc(number);
    return integer >= min && integer <= max ? fits(integer) : undefined;
  };
}

function decimal(min: number, max: number): Coerce {
  return (value) => {
    const number = toNumber(value);
    return number !== undefined && number >= min && number <= max ? fits(number) : undefined;
  };
}

function oneOf(...words: readonly string[]): Coerce {
  return (value) => (typeof value === 'string' && words.includes(value) ? fits(value) : undefined);
}

function textLike(pattern: RegExp): Coerce {
  return (value) => (typeof value === 'string' && pattern.test(value) ? fits(value) : undefined);
}

const BOOLEANS = new Map<unknown, boolean>([
  [true, true],
  [1, true],
  ['true', true],
  ['1', true],
  [false, false],
  [0, false],
  ['false', false],
  ['0', false],
]);

function isPoint(value: unknown): boolean {
  if (!isRecord(value) || value['type'] !== 'Point') return false;
  const { coordinates } = value;
  return Array.isArray(coordinates) && coordinates.length >= 2 && coordinates.every((c) => typeof c === 'number');
}

const INT32 = 2 ** 31;

const COERCE: Readonly<Record<string, Coerce>> = {
  boolean(value) {
    const word = BOOLEANS.get(typeof value === 'string' ? value.toLowerCase() : value);
    return word === undefined ? undefined : fits(word);
  },
  integer: whole(-INT32, INT32 - 1),
  positiveInteger: whole(0, INT32 - 1),
  negativeInteger: whole(-INT32, 0),
  long: whole(-Number.MAX_SAFE_INTEGER, Number.MAX_SAFE_INTEGER),
  timestamp: whole(0, Number.MAX_SAFE_INTEGER),
  number: decimal(-Infinity, Infinity),
  positiveNumber: decimal(0, Infinity),
  negativeNumber: decimal(-Infinity, 0),
  text: (value) =>
    typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean'
      ? fits(String(value))
      : undefined,
  /** Any value; a text payload therefore stays a string and is never parsed. */
  JSON: fits,
  JSONObject(value) {
    const object = parsed(value);
    return isRecord(object) ? fits(object) : undefined;
  },
  GEO_JSONPoint(value) {
    const point = parsed(value);
    return isPoint(point) ? fits(point) : undefined;
  },
  connectionStatus: oneOf(
    'DISCONNECTED',
    'CONNECTING',
    'DISCONNECTING',
    'CONNECTED',
    'DISABLED',
    'WAITING',
    'ERROR',
    'STOPPED',
  ),
  UUID: textLike(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i),
};

const KNOWN = new Map(Object.entries(COERCE));

/**
 * Coerces to a value type, `[]` per array dimension. null always fits. An attribute of a type that is not known here, or of
 * none, takes any value.
 * @returns undefined when the value does not fit
 */
export function coerce(type: string | undefined, value: unknown): { readonly value: unknown } | undefined {
  if (value === null || value === undefined) return fits(null);
  if (!type?.endsWith('[]')) return (KNOWN.get(type ?? 'JSON') ?? fits)(value);
  const elements = parsed(value);
  if (!Array.isArray(elements)) return undefined;
  const coerced = elements.map((element: unknown) => coerce(type.slice(0, -2), element));
  return coerced.every((element) => element !== undefined) ? fits(coerced.map((element) => element.value)) : undefined;
}
