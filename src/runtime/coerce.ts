/** Node properties as typed values: an environment variable or an old flow may bring anything. */
import { EnergyError } from '../shared/errors';

/** Text, trimmed; anything else counts as empty. */
export function text(value: unknown, fallback = ''): string {
  if (typeof value === 'number' || typeof value === 'boolean') return String(value);
  return typeof value === 'string' && value.trim() !== '' ? value.trim() : fallback;
}

/** `true` and the text `true` (as environment variables bring it). */
export function flag(value: unknown, fallback = false): boolean {
  if (value === undefined || value === null || value === '') return fallback;
  return value === true || value === 'true';
}

/** s that a timer of Node.js can hold (2^31 - 1 ms); one that is longer would fire at once. */
const LONGEST = 2_147_483;

/**
 * A number of at least 0 from a number or its text; empty = `fallback`.
 * @param highest default: the longest time in seconds
 * @throws EnergyError NOT_CONFIGURED, naming the property.
 */
export function number<T extends number | null>(
  property: string,
  value: unknown,
  fallback: T,
  highest = LONGEST,
): number | T {
  const given = text(value);
  if (given === '') return fallback;
  const parsed = Number(given);
  if (!(parsed >= 0 && parsed <= highest)) {
    throw new EnergyError('NOT_CONFIGURED', `"${property}" must be a number from 0 to ${highest}, not "${given}"`);
  }
  return parsed;
}

/**
 * One of the allowed words; empty = `fallback`.
 * @throws EnergyError NOT_CONFIGURED, naming the property.
 */
export function oneOf<T extends string>(property: string, value: unknown, allowed: readonly T[], fallback: T): T {
  const given = text(value, fallback);
  const found = allowed.find((word) => word === given);
  if (found === undefined) {
    throw new EnergyError('NOT_CONFIGURED', `"${property}" must be one of ${allowed.join(', ')}, not "${given}"`);
  }
  return found;
}
