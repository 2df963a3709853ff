/**
 * Online or not. The gateway publishes its core set every 30 s, so silence tells more than the announce topic: the
 * will is missing after an orderly disconnect, and after a short cut `disconnected` and `connected` arrive within
 * 30 ms. `evse_connected` is never consulted: it is only published with fresh controller data, thus always 1.
 */
import type { OpenEvseNative } from './native';

/** s; three missed core sets. */
export const DEFAULT_STALE_AFTER = 90;
/** ms to wait after a will for a reconnection to show. */
export const WILL_WAIT = 2000;

function staleAt({ config, lastLive }: OpenEvseNative): number {
  return (lastLive ?? 0) + (config.staleAfter ?? DEFAULT_STALE_AFTER) * 1000;
}

/** null until the first live message of this broker connection, or a will. */
export function isOnline(native: OpenEvseNative, now: number): boolean | null {
  if (native.goneAt !== null && now >= native.goneAt) return false;
  return native.heard ? now < staleAt(native) : null;
}

/** The next instant at which that changes without a message. */
export function nextChange(native: OpenEvseNative, now: number): number | null {
  if (isOnline(native, now) === false) return null;
  const ahead = Math.min(native.goneAt ?? Infinity, native.heard ? staleAt(native) : Infinity);
  return ahead === Infinity ? null : ahead;
}

/** A live message of the charger. @returns whether it changed what is known of its life. */
export function seenLive(native: OpenEvseNative, now: number): boolean {
  const news = native.goneAt !== null || isOnline(native, now) !== true;
  native.lastLive = now;
  native.heard = true;
  native.goneAt = null;
  return news;
}

/**
 * The charger's will, or another word for "I am gone". A replayed one is the broker's last word: a birth, which is
 * retained on the same topic, would have replaced it. @returns whether that is news.
 */
export function seenWill(native: OpenEvseNative, retained: boolean, now: number): boolean {
  if (native.goneAt !== null || (retained && native.heard)) return false;
  native.goneAt = now + WILL_WAIT;
  return true;
}

/** The broker connection was lost; what is known to be live must be heard again. */
export function disconnected(native: OpenEvseNative): void {
  native.heard = false;
  native.goneAt = null;
  native.trust.claim.live = false;
  native.trust.override.live = false;
  // A vehicle may come and go unseen: the next report is a first one, not a change.
  native.plugged = null;
}
