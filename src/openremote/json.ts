/** Values to JSON without loss: what JSON would silently turn into something else is refused. */
import { invalid } from '../shared/errors';

function faultOf(value: unknown): string | undefined {
  if (typeof value === 'number' && !Number.isFinite(value)) return 'is not a finite number';
  if (value === undefined || typeof value === 'function' || typeof value === 'symbol') return 'is not a JSON value';
  if (typeof value === 'bigint') return 'is too large a number: send it as a text or a number';
  if (value instanceof Uint8Array) return 'is binary: convert it to a text, a number or an object';
  return undefined;
}

/**
 * @param path of the value, for the error
 * @throws EnergyError INVALID for what is not JSON: undefined, NaN, binary, circular.
 */
export function toJson(value: unknown, path: string): string {
  const paths = new Map<unknown, string>();
  const check = function (this: unknown, key: string, converted: unknown): unknown {
    const given: unknown = (this as Record<string, unknown>)[key];
    const here = [paths.get(this) ?? path, key].filter(Boolean).join('.');
    const message = faultOf(given);
    if (message !== undefined) throw invalid('Not a value for OpenRemote', [{ path: here, message }]);
    paths.set(converted, here);
    return converted;
  };
  try {
    return JSON.stringify(value, check);
  } catch (thrown) {
    if (thrown instanceof TypeError) {
      throw invalid('Not a value for OpenRemote', [{ path, message: 'refers to itself' }]);
    }
    throw thrown;
  }
}

/** A payload as JSON; undefined when it is none. */
export function fromJson(payload: Uint8Array): { readonly value: unknown } | undefined {
  try {
    return { value: JSON.parse(Buffer.from(payload.buffer, payload.byteOffset, payload.byteLength).toString('utf8')) };
  } catch {
    return undefined;
  }
}

/** The beginning of a payload, for error texts. */
export function excerpt(payload: Uint8Array): string {
  const text = Buffer.from(payload.subarray(0, 80)).toString('utf8');
  return payload.byteLength > 80 ? `${text}…` : text;
}

/** ms since the epoch as an instant; 0, and what is no instant, is not known. */
export function toInstant(ms: number | undefined): string | null {
  if (ms === undefined || ms <= 0) return null;
  const date = new Date(ms);
  return Number.isNaN(date.getTime()) ? null : date.toISOString();
}
