/** Folds one message into the charger's state. */
import { Buffer } from 'node:buffer';
import type { Message } from '../../mqtt/types';
import { parseJson, toNumber } from '../key-values';
import { identity } from './gateway-config';
import { DOCUMENT_KEYS, flag, StateCode } from './keys';
import { documentObject } from './documents';
import { seenLive, seenWill } from './liveness';
import type { OpenEvseNative } from './native';

const NOTHING: readonly string[] = [];

/** The pseudo key of a change in `online`. */
export const ONLINE = 'online';
/** The pseudo key of a change in id or name. */
export const IDENTITY = 'identity';

/** The firmware's description puts a slash behind these topics; no known version does, but a bridge may. */
const SLASHED: ReadonlyMap<string, string> = new Map(
  ['override', 'claim', 'schedule', 'limit'].map((key) => [`${key}/`, key]),
);

/** Command topics that the filter for status keys matches too. */
const OWN_COMMANDS: ReadonlySet<string> = new Set(['restart']);

/** Bytes; announces have about 150. */
const MAX_ANNOUNCE = 2048;
/** ms in which the burst of an unplugging still carries the old `manual_override`. */
const UNPLUG_BURST = 1000;

export function filters(base: string): readonly string[] {
  const below = [`${base}/+`, ...[...SLASHED.keys()].map((tail) => `${base}/${tail}`)];
  // 2.x gateways say `connected` on the base topic itself. An empty one is no topic.
  return base === '' ? below : [base, ...below];
}

export function decode(native: OpenEvseNative, message: Message, now: number): readonly string[] {
  const { topic } = message;
  if (topic.startsWith(native.prefix)) {
    const tail = topic.slice(native.prefix.length);
    if (!tail.includes('/')) return decodeKey(native, tail, message, now);
    const key = SLASHED.get(tail);
    if (key !== undefined) return decodeKey(native, key, message, now);
  }
  return topic === native.config.baseTopic ? decodePlain(native, message, now) : decodeAnnounce(native, message, now);
}

function decodeKey(native: OpenEvseNative, key: string, message: Message, now: number): readonly string[] {
  const { payload, retained } = message;
  if (OWN_COMMANDS.has(key)) return NOTHING;
  if (DOCUMENT_KEYS.has(key)) {
    // Somebody removed the retained document: that is neither a document nor life.
    if (payload.length === 0) return native.values.delete(key) ? [key] : NOTHING;
    // `limit` carries plain `true` or `false` too, always followed by the document.
    if (key === 'limit' && isFlagText(payload)) return lifeSign(native, retained, now) ? [ONLINE] : NOTHING;
  }
  const news = lifeSign(native, retained, now);
  const changed = native.values.store(key, payload);
  const consequences = native.values.faults.has(key) ? NOTHING : follow(native, key, retained, now);
  if (!news && consequences.length === 0) return changed ? [key] : NOTHING;
  return [...(changed ? [key] : []), ...(news ? [ONLINE] : []), ...consequences];
}

function lifeSign(native: OpenEvseNative, retained: boolean, now: number): boolean {
  return !retained && seenLive(native, now);
}

function isFlagText(payload: Uint8Array): boolean {
  return payload.length <= 5 && (payload[0] === 0x74 || payload[0] === 0x66);
}

/** What a message says beyond its own value. @returns the keys that changed thereby. */
function follow(native: OpenEvseNative, key: string, retained: boolean, now: number): readonly string[] {
  switch (key) {
    case 'claim':
      native.trust.claim = { live: !retained, voidSince: null };
      return NOTHING;
    case 'override': {
      // A replayed override is void if the charger said since that there is none.
      const isVoid = retained && flag(native.values, 'manual_override') === false;
      native.trust.override = { live: !retained, voidSince: isVoid ? now : null };
      return NOTHING;
    }
    case 'manual_override':
      return followManualOverride(native, now);
    case 'state':
    case 'vehicle':
      return followVehicle(native, retained, now);
    default:
      return NOTHING;
  }
}

/** `manual_override` is the truth about the override, which its document is not after an unplugging. */
function followManualOverride(native: OpenEvseNative, now: number): readonly string[] {
  const { override } = native.trust;
  const active = flag(native.values, 'manual_override');
  if (active === false && override.voidSince === null) {
    override.voidSince = now;
    return documentObject(native, 'override') === null ? NOTHING : ['override'];
  }
  if (active === true && override.voidSince !== null && now - override.voidSince > UNPLUG_BURST) {
    override.voidSince = null;
    return ['override'];
  }
  return NOTHING;
}

/** Follows the plug through `state` and `vehicle`; state 255 switches the pilot off, which makes the controller blind. */
function followVehicle(native: OpenEvseNative, retained: boolean, now: number): readonly string[] {
  const code = toNumber(native.values.get('state'));
  if (code !== null && code !== StateCode.starting) native.settledState = code;
  if (code === StateCode.disabled || code === StateCode.starting) return NOTHING;
  const before = native.plugged;
  native.plugged = pluggedBy(code) ?? flag(native.values, 'vehicle');
  return !retained && before === true && native.plugged === false ? unplugged(native, now) : NOTHING;
}

function pluggedBy(code: number | null): boolean | null {
  if (code === StateCode.notConnected) return false;
  return code === StateCode.connected || code === StateCode.charging ? true : null;
}

/** Auto-released claims vanish with the vehicle, and nothing is published. */
function unplugged(native: OpenEvseNative, now: number): readonly string[] {
  const gone = (['claim', 'override'] as const).filter(
    (key) => native.trust[key].voidSince === null && documentObject(native, key)?.['auto_release'] === true,
  );
  for (const key of gone) native.trust[key].voidSince = now;
  return gone;
}

/** 2.x: plain words on the base topic. */
function decodePlain(native: OpenEvseNative, message: Message, now: number): readonly string[] {
  const word = shortText(message.payload, 32);
  if (word !== 'connected' && word !== 'disconnected') return NOTHING;
  native.legacy = true;
  const news = word === 'connected' ? lifeSign(native, message.retained, now) : seenWill(native, message.retained, now);
  return news ? [ONLINE] : NOTHING;
}

/** A birth names the base topic; a will has only `state`, `id` and `name`. */
function decodeAnnounce(native: OpenEvseNative, message: Message, now: number): readonly string[] {
  const { payload, retained } = message;
  if (payload[0] !== 0x7b) return NOTHING;
  const announce = parseJson(shortText(payload, MAX_ANNOUNCE)) as Readonly<Record<string, unknown>> | undefined;
  if (announce === undefined) return NOTHING;
  const { state, id, name, mqtt } = announce;
  const here = mqtt === native.config.baseTopic;
  if (!here && (typeof id !== 'string' || id !== identity(native)?.id)) return NOTHING;
  const changed = here && typeof id === 'string' && typeof name === 'string' && identify(native, id, name);
  // A birth with another base topic: the charger was reconfigured and no longer publishes here.
  const alive = state === 'connected' && here;
  const news = alive ? born(native, retained, now) : seenWill(native, retained, now);
  return [...(news ? [ONLINE] : []), ...(changed ? [IDENTITY] : [])];
}

function born(native: OpenEvseNative, retained: boolean, now: number): boolean {
  if (!retained) return seenLive(native, now);
  const news = native.goneAt !== null;
  native.goneAt = null;
  return news;
}

function identify(native: OpenEvseNative, id: string, name: string): boolean {
  if (id === '' || (native.identity?.id === id && native.identity.name === name)) return false;
  native.identity = { id, name };
  return true;
}

/** Empty for what is longer than it may be. */
function shortText(payload: Uint8Array, most: number): string {
  if (payload.length > most) return '';
  return Buffer.from(payload.buffer, payload.byteOffset, payload.byteLength).toString('utf8');
}
