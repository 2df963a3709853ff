/**
 * JSON as the firmware's parser takes it: single quotes are accepted, whatever follows a complete value is ignored,
 * unquoted keys and texts are not accepted.
 */

export type Json = null | boolean | number | string | Json[] | JsonObject;
/** A map, because the keys come from the network. */
export type JsonObject = Map<string, Json>;

/** The parser gives up on deeper nesting. */
const DEEPEST = 10;
/** What one member or element takes in the fixed parse buffer of the 32-bit device. */
const SLOT_BYTES = 16;

const ESCAPES: Readonly<Record<string, string>> = { b: '\b', f: '\f', n: '\n', r: '\r', t: '\t' };

class Malformed extends Error {}

class Parser {
  #at = 0;
  #slots = 0;
  readonly #texts = new Set<string>();

  constructor(readonly text: string) {}

  /** Bytes the value takes in the parse buffer; equal texts are stored once. */
  get bytes(): number {
    let bytes = this.#slots * SLOT_BYTES;
    for (const text of this.#texts) bytes += Buffer.byteLength(text) + 1;
    return bytes;
  }

  value(depth = 0): Json {
    if (depth > DEEPEST) throw new Malformed();
    const next = this.#peek();
    if (next === '{') return this.#object(depth);
    if (next === '[') return this.#array(depth);
    if (next === '"' || next === "'") return this.#string();
    return this.#literal();
  }

  #peek(): string {
    while (/\s/.test(this.text[this.#at] ?? '')) this.#at++;
    return this.text[this.#at] ?? '';
  }

  #take(expected: string): boolean {
    if (this.#peek() !== expected) return false;
    this.#at++;
    return true;
  }

  #object(depth: number): JsonObject {
    this.#at++;
    const object: JsonObject = new Map();
    if (this.#take('}')) return object;
    do {
      const quote = this.#peek();
      if (quote !== '"' && quote !== "'") throw new Malformed();
      const key = this.#string();
      if (!this.#take(':')) throw new Malformed();
      this.#slots++;
      object.set(key, this.value(depth + 1));
    } while (this.#take(','));
    if (!this.#take('}')) throw new Malformed();
    return object;
  }

  #array(depth: number): Json[] {
    this.#at++;
    const array: Json[] = [];
    if (this.#take(']')) return array;
    do {
      this.#slots++;
      array.push(this.value(depth + 1));
    } while (this.#take(','));
    if (!this.#take(']')) throw new Malformed();
    return array;
  }

  #string(): string {
    const quote = this.text[this.#at++];
    let result = '';
    for (;;) {
      const char = this.text[this.#at++];
      if (char === undefined) throw new Malformed();
      if (char === quote) break;
      result += char === '\\' ? this.#escape() : char;
    }
    this.#texts.add(result);
    return result;
  }

  #escape(): string {
    const char = this.text[this.#at++] ?? '';
    if (char !== 'u') return ESCAPES[char] ?? char;
    const hex = this.text.slice(this.#at, this.#at + 4);
    if (!/^[0-9a-fA-F]{4}$/.test(hex)) throw new Malformed();
    this.#at += 4;
    return String.fromCharCode(Number.parseInt(hex, 16));
  }

  #literal(): Json {
    const word = /^[A-Za-z0-9+.-]+/.exec(this.text.slice(this.#at, this.#at + 64))?.[0] ?? '';
    this.#at += word.length;
    if (word === 'null') return null;
    if (word === 'true') return true;
    if (word === 'false') return false;
    if (/^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$/.test(word)) return Number(word);
    throw new Malformed();
  }
}

/** The value, or undefined when the text is not JSON to the firmware or takes more than `budget` bytes of parse buffer. */
export function parseLenientJson(text: string, budget = Infinity): Json | undefined {
  const parser = new Parser(text);
  try {
    const value = parser.value();
    return parser.bytes > budget ? undefined : value;
  } catch (error) {
    if (error instanceof Malformed) return undefined;
    throw error;
  }
}
