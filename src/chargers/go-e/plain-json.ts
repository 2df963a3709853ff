/** What can be sent as JSON and comes back as it was: no undefined, no NaN, no function, no cycle, nothing endless. */

const MAX_DEPTH = 32;

/** Also false for what is nested more than 32 levels deep. */
export function isPlainJson(value: unknown, depth = MAX_DEPTH): boolean {
  switch (typeof value) {
    case 'string':
    case 'boolean':
      return true;
    case 'number':
      return Number.isFinite(value);
    case 'object':
      if (value === null) return true;
      if (depth === 0) return false;
      if (Array.isArray(value)) return value.every((item) => isPlainJson(item, depth - 1));
      if (!isRecord(value)) return false;
      return Object.values(value).every((item) => isPlainJson(item, depth - 1));
    default:
      return false;
  }
}

/** An object literal or what JSON.parse makes of one: no Date, no Map, no Buffer. */
export function isRecord(value: unknown): value is Record<string, unknown> {
  if (typeof value !== 'object' || value === null) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === null || Object.getPrototypeOf(prototype) === null;
}

/**
 * Whether a published value shows a written one: members that the charger adds do not matter, and floats come back
 * with the precision of the firmware's 32 bits.
 */
export function shows(published: unknown, written: unknown, tolerance = 0): boolean {
  if (typeof published === 'number' && typeof written === 'number')
    return Math.abs(published - written) <= tolerance * Math.abs(written);
  if (Array.isArray(written))
    return (
      Array.isArray(published) &&
      published.length === written.length &&
      written.every((item, at) => shows(published[at], item, tolerance))
    );
  if (isRecord(written))
    return (
      isRecord(published) &&
      Object.entries(written).every(
        ([name, value]) => Object.hasOwn(published, name) && shows(published[name], value, tolerance),
      )
    );
  return published === written;
}
