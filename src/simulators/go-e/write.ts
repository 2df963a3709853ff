/** What the charger makes of a message on `<base><key>/set`: its answer, and the value it took. */
import type { ApiKey, Json } from './keys';

export interface Answer {
  /** The payload of `<base><key>/result`; exactly `success` when taken. */
  readonly text: string;
  /** The value to store; absent when refused. */
  readonly value?: Json;
}

/** Texts of the firmware, as shapes; none of them is JSON. */
export const TEXTS = {
  success: 'success',
  readOnly: (payload: string) => `tried to set api key without setter ${payload}`,
  unknown: (payload: string) => `tried to set unknown api key ${payload}`,
  blocked: 'api key is not allowed from mqtt',
  phaseHint: (payload: string) => `fsp can not be set, use psm instead ${payload}`,
  transaction: (number: number) => `starting transaction for ${number} is not allowed`,
} as const;

/** Judges a payload against the key's type and range. */
export function judge(key: ApiKey, payload: string): Answer {
  let value: Json;
  try {
    value = JSON.parse(payload) as Json;
  } catch {
    return { text: `invalid json ${parseError(payload)}: ${payload}` };
  }
  const types = acceptedTypes(key);
  if (!types.some((type) => hasType(value, type))) return { text: `value must be ${types[0] ?? ''} ${payload}` };
  const [min, max] = key.range ?? [];
  if (min !== undefined && max !== undefined) {
    if (typeof value === 'number' && (value < min || value > max))
      return { text: `Value ${value} exceeds range ${min} to ${max} ${payload}` };
    // The firmware counts bytes.
    const length = typeof value === 'string' ? Buffer.byteLength(value) : min;
    if (length < min || length > max)
      return { text: `String length ${length} exceeds range ${min} to ${max} ${payload}` };
  }
  return { text: TEXTS.success, value };
}

function acceptedTypes(key: ApiKey): readonly string[] {
  const types = (key.accepts ?? key.type).split('|');
  return key.null ? [...types, 'null'] : types;
}

const TYPE_CHECKS: Readonly<Record<string, (value: Json) => boolean>> = {
  any: () => true,
  null: (value) => value === null,
  bool: (value) => typeof value === 'boolean',
  integer: (value) => Number.isInteger(value),
  number: (value) => typeof value === 'number',
  string: (value) => typeof value === 'string',
  array: (value) => Array.isArray(value),
  object: (value) => typeof value === 'object' && value !== null && !Array.isArray(value),
};

function hasType(value: Json, type: string): boolean {
  return TYPE_CHECKS[type]?.(value) ?? false;
}

/** The JSON parser's error code. It takes a bare word for the start of a literal, hence `IncompleteInput`. */
function parseError(payload: string): 'EmptyInput' | 'IncompleteInput' | 'InvalidInput' {
  const text = payload.trim();
  if (text === '') return 'EmptyInput';
  return /^[A-Za-z]/.test(text) || isUnclosed(text) ? 'IncompleteInput' : 'InvalidInput';
}

function isUnclosed(text: string): boolean {
  let depth = 0;
  let inString = false;
  for (let index = 0; index < text.length; index++) {
    const char = text[index];
    if (inString) {
      if (char === '\\') index++;
      else if (char === '"') inString = false;
    } else if (char === '"') inString = true;
    else if (char === '{' || char === '[') depth++;
    else if (char === '}' || char === ']') depth--;
  }
  return inString || depth > 0;
}
