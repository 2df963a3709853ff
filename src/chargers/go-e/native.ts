/** One go-e charger as it is known from its messages: what each message does to it. */
import type { Message } from '../../mqtt/types';
import type { ChargerConfig, NativeBase } from '../driver';
import { KeyValues, type Value, parseJson, toNumber } from '../key-values';
import { MASK, findKey, goeKeys, masked } from './keys';
import { API_V1_TEXT } from './topics';
import { goeTable, numberOf } from './values';

/** s. `rbt` comes each second; slow links (LTE, weak WiFi) leave gaps. */
const DEFAULT_STALE_AFTER = 30;
/** A reboot shows in `rbt` and in `rbc`, within seconds of each other; it is noted once. */
const ONE_REBOOT = 60_000;
/** ms. A phase switch with simulated unplugging reports "no car" for about 10 s. */
const UNPLUG_DEBOUNCE = 15_000;

/** `car` codes. 5 is a fault with a car connected. */
export const CAR = { none: 1, charging: 2, waiting: 3, complete: 4, fault: 5 } as const;

export interface GoeNative extends NativeBase {
  readonly values: KeyValues;
  /** Per slot: 1 = heard live since the connection or the charger's start; what is not, is only a replay. */
  readonly live: Uint8Array;
  /** ms, when a connected car was last reported gone; null = not so. */
  unplugged: number | null;
  /** ms, when the charger was last noticed to have restarted (`rbt` went back, `rbc` up); null = never. */
  rebooted: number | null;
}

export function createNative(config: ChargerConfig): GoeNative {
  return {
    config,
    lastLive: null,
    values: new KeyValues(goeTable),
    live: new Uint8Array(goeKeys.length),
    heard: false,
    unplugged: null,
    rebooted: null,
  };
}

const NOTHING: readonly string[] = [];
/** What `foldMessage` returns for each slot: made once, so that a changed value allocates nothing for it. */
const CHANGED: readonly (readonly string[])[] = goeKeys.map((entry) => Object.freeze([entry.key]));

/**
 * Folds one message in.
 * @returns the changed key; also a key that did not change, when its message turned the charger online.
 */
export function foldMessage(native: GoeNative, message: Message, now: number): readonly string[] {
  const { topic, payload, retained } = message;
  const base = native.config.baseTopic;
  if (topic.length <= base.length || !topic.startsWith(base)) return NOTHING;
  const key = topic.slice(base.length);
  const slash = key.indexOf('/');
  if (slash !== -1) {
    const answer = !retained && key.endsWith('/result') && slash === key.length - '/result'.length;
    return answer && becomesLive(native, now) ? [key.slice(0, slash)] : NOTHING;
  }
  const slot = goeTable.slot(key);
  const names = slot === undefined ? [key] : (CHANGED[slot] ?? NOTHING);
  const known = slot !== undefined && native.live[slot] === 1;
  // A broker replays at each new subscription; what was heard live since then is at least as new.
  if (retained && known) return NOTHING;
  // Not a value: somebody deletes the retained message.
  if (payload.length === 0) return !known && native.values.delete(key) ? names : NOTHING;
  if (slot === undefined && isApiV1(key, payload)) {
    native.values.fault(key, API_V1_TEXT);
    return NOTHING;
  }
  const before = native.values.get(key);
  const changed = native.values.store(key, payload);
  if (retained) {
    if (changed && key === 'car') native.unplugged = null;
    return changed ? names : NOTHING;
  }
  const revived = becomesLive(native, now);
  if (changed) noteChange(native, key, before, known, now);
  if (slot !== undefined && !native.values.faults.has(key)) native.live[slot] = 1;
  return changed || revived ? names : NOTHING;
}

/** API v1 publishes one document of all its values at `<base>status`, and nothing else. */
function isApiV1(key: string, payload: Uint8Array): boolean {
  return key === 'status' && payload[0] === 0x7b;
}

function noteChange(native: GoeNative, key: string, before: Value | undefined, wasLive: boolean, now: number): void {
  switch (key) {
    case 'car': {
      const gone = numberOf(native.values, key) === CAR.none;
      if (gone && wasLive && carConnected(toNumber(before)) === true) native.unplugged = now;
      else if (!gone) native.unplugged = null;
      break;
    }
    case 'rbt':
    case 'rbc': {
      const from = toNumber(before);
      const to = numberOf(native.values, key);
      if (from !== null && to !== null && (key === 'rbt' ? to < from : to > from)) noteReboot(native, now);
    }
  }
}

/** After a restart the charger sends everything again; until then nothing is known to be as it was. */
function noteReboot(native: GoeNative, now: number): void {
  const same = native.rebooted !== null && now - native.rebooted < ONE_REBOOT;
  native.rebooted = now;
  if (!same) native.live.fill(0);
}

/** @returns whether the charger was not online before. */
function becomesLive(native: GoeNative, now: number): boolean {
  const before = isOnline(native, now);
  native.heard = true;
  native.lastLive = now;
  return before !== true;
}

/** Nothing is live any more; the values stay as the last known ones. */
export function forgetLife(native: GoeNative): void {
  native.heard = false;
  native.unplugged = null;
  native.live.fill(0);
}

/** Whether the value was heard live, so that the charger is sure to have it now. */
export function isLive(native: GoeNative, key: string): boolean {
  const slot = goeTable.slot(key);
  return slot !== undefined && native.live[slot] === 1;
}

function staleAt(native: GoeNative): number {
  return (native.lastLive ?? 0) + (native.config.staleAfter ?? DEFAULT_STALE_AFTER) * 1000;
}

/** There is no last will, and `mcc` stays true after a power cut: only the age of the last live message tells. */
export function isOnline(native: GoeNative, now: number): boolean | null {
  return native.heard ? now < staleAt(native) : null;
}

/** null for codes that tell nothing about a plug: 0 unknown, 6 initializing, newer ones. */
export function carConnected(car: number | null): boolean | null {
  switch (car) {
    case CAR.none:
      return false;
    case CAR.charging:
    case CAR.waiting:
    case CAR.complete:
    case CAR.fault:
      return true;
    default:
      return null;
  }
}

/** A car that was reported gone moments ago may be back at once: it counts as connected for 15 s. */
export function isUnplugging(native: GoeNative, now: number): boolean {
  return native.unplugged !== null && now < native.unplugged + UNPLUG_DEBOUNCE;
}

/** When the status changes by the passing of time alone. */
export function nextDeadline(native: GoeNative, now: number): number | null {
  const due = [
    ...(native.heard ? [staleAt(native)] : []),
    ...(native.unplugged === null ? [] : [native.unplugged + UNPLUG_DEBOUNCE]),
  ].filter((at) => at > now);
  return due.length === 0 ? null : Math.min(...due);
}

/** Every value by its key, in a record without prototype; sensitive ones masked. */
export function rawValues(native: GoeNative): Record<string, unknown> {
  const raw = Object.create(null) as Record<string, unknown>;
  for (const [key, text] of native.values.entries())
    raw[key] = findKey(key)?.sensitive && text !== 'null' ? MASK : typeof text === 'number' ? text : parseJson(text);
  return raw;
}

/** One value as it may be shown; null when it has not been seen. */
export function shownValue(native: GoeNative, key: string): unknown {
  return masked(key, native.values.json(key) ?? null);
}
