/** The charger's error codes (`err`) in words. From 11 on two numberings exist, told apart by the firmware. */
import { NEW_ERROR_CODES_SINCE, isOlder } from './firmware';

const COMMON: Readonly<Record<number, string | undefined>> = {
  1: 'residual current (AC)',
  2: 'residual current (DC)',
  3: 'phase fault',
  4: 'over-voltage',
  5: 'over-current',
  6: 'diode fault of the vehicle',
  7: 'proximity pilot invalid',
  8: 'ground fault',
  9: 'contactor stuck',
  10: 'contactor missing',
};

/** As exported by firmware 59.4 to 60.4. */
const NEWER: Readonly<Record<number, string | undefined>> = {
  12: 'cable lock stuck open',
  13: 'cable lock stuck locked',
  14: 'residual current sensor: unknown fault',
  15: 'unknown fault',
  16: 'over-temperature',
  17: 'no communication inside the charger',
  18: 'control pilot invalid',
  23: 'residual current sensor: self-test failed',
};

/** As documented in 2022. */
const OLDER: Readonly<Record<number, string | undefined>> = {
  11: 'residual current sensor: unknown fault',
  12: 'unknown fault',
  13: 'over-temperature',
  14: 'no communication inside the charger',
  15: 'cable lock stuck open',
  16: 'cable lock stuck locked',
};

/** `unknown(<code>)` for a code without meaning, or whose meaning depends on a firmware that is not known. */
export function faultText(code: number, firmware: string | null): string {
  const older = firmware === null ? null : isOlder(firmware, NEW_ERROR_CODES_SINCE);
  const table = older === null ? null : older ? OLDER : NEWER;
  return COMMON[code] ?? table?.[code] ?? `unknown(${code})`;
}
