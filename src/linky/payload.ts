/** First look at a payload: a number, a JSON object, a word, or unreadable. Decided per message, not per configuration. */

/** A batch of two years of half hours is below this. */
const MAX_BYTES = 1_000_000;
const NUMBER = /^[+-]?(\d+(\.\d*)?|\.\d+)(e[+-]?\d+)?$/i;
const WORD = /^[a-z][\w-]{0,31}$/i;
/** How publishers spell the absence of a value. */
const ABSENT = new Set(['none', 'null', 'nan', 'unknown', 'unavailable', 'undefined', 'true', 'false']);

export type JsonRecord = Readonly<Record<string, unknown>>;

export type Payload =
  | { readonly kind: 'number'; readonly value: number }
  | { readonly kind: 'object'; readonly body: JsonRecord }
  /** A bare word such as the Home Assistant exporter's `online`; never one that stands for an absent value. */
  | { readonly kind: 'word'; readonly word: string }
  | { readonly kind: 'unreadable'; readonly reason: string };

const utf8 = new TextDecoder('utf-8', { fatal: true });

const unreadable = (reason: string): Payload => ({ kind: 'unreadable', reason });

/** Never throws. Nothing unreadable becomes a number. */
export function readPayload(bytes: Uint8Array): Payload {
  if (bytes.length > MAX_BYTES) return unreadable(`${bytes.length} bytes are more than the ${MAX_BYTES} allowed`);
  let text: string;
  try {
    text = utf8.decode(bytes).trim();
  } catch {
    return unreadable('not UTF-8 text');
  }
  if (text === '') return unreadable('empty, as when a retained topic is cleared');
  if (text.startsWith('{') || text.startsWith('[')) return readJson(text);
  const value = readNumber(text);
  if (value !== null) return { kind: 'number', value };
  if (ABSENT.has(text.toLowerCase())) return unreadable(`"${text}" is no value`);
  if (WORD.test(text)) return { kind: 'word', word: text };
  if (/^[+-]?\d+,\d+$/.test(text))
    return unreadable('a decimal comma is not allowed, the decimal separator is a point');
  return unreadable('neither a decimal number nor JSON');
}

function readJson(text: string): Payload {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    return unreadable('broken JSON');
  }
  return isRecord(json) ? { kind: 'object', body: json } : unreadable('a JSON array where an object is expected');
}

export function isRecord(value: unknown): value is JsonRecord {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function readNumber(text: string): number | null {
  if (!NUMBER.test(text)) return null;
  const value = Number(text);
  return Number.isFinite(value) ? value : null;
}

/** A finite number, or one written as text; null otherwise. */
export function toNumber(value: unknown): number | null {
  if (typeof value === 'number') return Number.isFinite(value) ? value : null;
  return typeof value === 'string' && value.length <= 32 ? readNumber(value.trim()) : null;
}
