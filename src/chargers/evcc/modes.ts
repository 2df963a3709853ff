/**
 * evcc's charge modes in both generations. Up to 0.315 `mode` is off, pv, minpv or now; from 0.316.0 on it is off, smart
 * or now, and `alwaysCharge` (off, on, once until unplugged) tells what pv and minpv told. The old words are still taken
 * there and mean smart with alwaysCharge off or on, but never read back.
 */
import type { KeyValues } from '../key-values';
import type { ChargerMode } from '../status';
import { flag, text } from './wire';
import { olderThan } from './version';

export const MODE_WORDS = ['off', 'now', 'pv', 'minpv', 'smart'] as const;
export type ModeWord = (typeof MODE_WORDS)[number];

/** The word to send, which both generations take. */
export const MODE_TO_WORD: Readonly<Partial<Record<ChargerMode, ModeWord>>> = {
  off: 'off',
  fast: 'now',
  surplus: 'pv',
  'min+surplus': 'minpv',
};

/** null: nothing tells, as long as the mode is off or now and the version is no release. */
export function generation(loadpoint: KeyValues, version: string | null): 'old' | 'new' | null {
  const mode = text(loadpoint, 'mode');
  if (mode === 'pv' || mode === 'minpv') return 'old';
  if (mode === 'smart' || text(loadpoint, 'alwaysCharge') !== null) return 'new';
  const older = olderThan(version, '0.316.0');
  return older === null ? null : older ? 'old' : 'new';
}

/** null: not known; in smart mode also as long as alwaysCharge is not. */
export function chargerMode(loadpoint: KeyValues): ChargerMode | null {
  switch (text(loadpoint, 'mode')) {
    case 'off':
      return 'off';
    case 'now':
      return 'fast';
    case 'pv':
      return 'surplus';
    case 'minpv':
      return 'min+surplus';
    case 'smart':
      return smartMode(text(loadpoint, 'alwaysCharge'));
    default:
      return null;
  }
}

function smartMode(alwaysCharge: string | null): ChargerMode | null {
  if (alwaysCharge === 'off') return 'surplus';
  return alwaysCharge === 'on' || alwaysCharge === 'once' ? 'min+surplus' : null;
}

/** Devices that can only be switched, and continuous heat pumps: from 0.316.0 on alwaysCharge stays off there. */
export function refusesAlwaysCharge(loadpoint: KeyValues): boolean {
  return flag(loadpoint, 'chargerFeatureSwitchDevice') === true || flag(loadpoint, 'chargerFeatureContinuous') === true;
}
