/**
 * Firmware versions as go-e writes them: `053.1`, `60.5`, `59.3-rc2`, `35.6-1-ga0d44e5`. Compared part by part as
 * numbers, so that 051.5 is 51.5; a suffix does not count.
 */

/** Answers on `/result`, and the switch that blocks writes (`mcr`), exist from here on. */
export const RESULTS_SINCE = '051.5';
/** From here on also writes to keys that the charger does not know, or that are read-only, are answered. */
export const UNKNOWN_KEYS_ANSWERED_SINCE = '054.7';
/** From here on the error codes have the newer numbering; which version in 054 or 055 began with it is not known. */
export const NEW_ERROR_CODES_SINCE = '056.0';

function parts(version: string): readonly number[] | null {
  const numbers = /^\s*v?(\d{1,9}(?:\.\d{1,9})*)/i.exec(version)?.[1];
  return numbers === undefined ? null : numbers.split('.').map(Number);
}

/** null when one of the two is not a version. */
export function isOlder(version: string, than: string): boolean | null {
  const left = parts(version);
  const right = parts(than);
  if (!left || !right) return null;
  for (let at = 0; at < Math.max(left.length, right.length); at++) {
    const difference = (left[at] ?? 0) - (right[at] ?? 0);
    if (difference !== 0) return difference < 0;
  }
  return false;
}
