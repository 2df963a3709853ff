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

function staleAt(native: OpenEvseNative): number | null {
  const seconds = native.config.staleAfter ?? DEFAULT_STALE_AFTER;
  const from = native.lastLive ?? native.heardAt;
  return from === null ? null : from + seconds * 1000;
}

function goneAt(native: OpenEvseNative): number | null {
  return native.willAt === null ? null : native.willAt + WILL_WAIT;
}

function reached(instant: number | null, now: number): boolean {
  return instant !== null && now >= instant;
}

export function isStale(native: OpenEvseNative, now: number): boolean {
  return reached(staleAt(native), now);
}

/** null until the first live message of this broker connection. */
export function isOnline(native: OpenEvseNative, now: number): boolean | null {
  if (reached(goneAt(native), now)) return false;
  if (!native.live) return null;
  return !isStale(native, now);
}

/** The next instant at which one of the above changes without a message. */
export function nextChange(native: OpenEvseNative, now: number): number | null {
  const ahead = [staleAt(native), goneAt(native)].filter((instant) => instant !== null && instant > now);
  return ahead.length === 0 ? null : Math.min(...(ahead as number[]));
}

/** A live message of the charger. @returns whether it changed what is known of its life. */
export function seenLive(native: OpenEvseNative, now: number): boolean {
  const news = !native.live || native.willAt !== null || native.willReplayed || isStale(native, now);
  native.lastLive = now;
  native.live = true;
  native.willAt = null;
  native.willReplayed = false;
  return news;
}

/** The charger's will, or another word for "I am gone". @returns whether that is news. */
export function seenWill(native: OpenEvseNative, retained: boolean, now: number): boolean {
  if (retained) {
    if (native.live || native.willReplayed) return false;
    native.willReplayed = true;
    return true;
  }
  if (native.willAt !== null) return false;
  native.willAt = now;
  return true;
}

/** The broker connection was lost; what is known to be live must be heard again. */
export function disconnected(native: OpenEvseNative): void {
  native.live = false;
  native.willAt = null;
  native.willReplayed = false;
  native.trust.claim.live = false;
  native.trust.override.live = false;
  // A vehicle may come and go unseen: the next report is a first one, not a change.
  native.plugged = null;
}
