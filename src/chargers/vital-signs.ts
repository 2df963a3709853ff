/**
 * What a status says of a charger's life, by one rule for all systems: nothing is shown as current before a live
 * message came over this broker connection. What a broker replays may be of a charger that was switched off long ago;
 * such values stay visible, marked stale, but they make no state: it is `unknown`, and `unavailable` when the charger
 * is known to be gone.
 */
import type { NativeBase } from './driver';
import type { ChargerState, ChargerStatus } from './status';

type VitalSigns = Pick<ChargerStatus, 'online' | 'lastSeen' | 'stale' | 'state'>;

/** @param state as the values tell it, however old they are. */
export function vitalSigns({ heard, lastLive }: NativeBase, online: boolean | null, state: ChargerState): VitalSigns {
  return {
    online,
    lastSeen: lastLive === null ? null : new Date(lastLive).toISOString(),
    stale: online === false || !heard,
    state: online === false ? 'unavailable' : heard ? state : 'unknown',
  };
}
