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

/**
 * A number from a number or its text; empty = `fallback`.
 * @throws EnergyError NOT_CONFIGURED, naming the property.
 */
export function number<T extends number | null>(property: string, value: unknown, fallback: T): number | T {
  const given = text(value);
  if (given === '') return fallback;
  const parsed = Number(given);
  if (!Number.isFinite(parsed) || parsed < 0) {
    throw new EnergyError('NOT_CONFIGURED', `"${property}" must be a number of at least 0, not "${given}"`);
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
