/** Finds chargers by their announce messages; 2.x gateways have none. */
import { Buffer } from 'node:buffer';
import type { Message } from '../../mqtt/types';
import type { DiscoveryRules } from '../driver';
import type { Sighting } from '../discovery-types';
import { isTopic } from '../../shared/topics';
import { parseJson } from '../key-values';
import { isObject } from './documents';
import { DEFAULT_STALE_AFTER } from './liveness';

/** Bytes; announces have about 150. */
const MAX_ANNOUNCE = 2048;
/** A broker full of forged announces must not fill the memory. */
const MAX_SIGHTINGS = 20000;

interface Birth {
  readonly id: string;
  readonly name: string;
  readonly mqtt: string;
  readonly http: string | null;
}

function parse(payload: Uint8Array): Readonly<Record<string, unknown>> | null {
  if (payload[0] !== 0x7b || payload.length > MAX_ANNOUNCE) return null;
  const text = Buffer.from(payload.buffer, payload.byteOffset, payload.byteLength).toString('utf8');
  const announce = parseJson(text);
  return isObject(announce) ? announce : null;
}

/** The default base topic is the empty one. */
function isBase(mqtt: string): boolean {
  return mqtt === '' || isTopic(mqtt);
}

function toBirth(announce: Readonly<Record<string, unknown>>): Birth | null {
  const { id, name, mqtt, http } = announce;
  if (typeof id !== 'string' || id === '' || typeof mqtt !== 'string' || !isBase(mqtt)) return null;
  const url = typeof http === 'string' && URL.canParse(http) && /^https?:/.test(http) ? http : null;
  return { id, name: typeof name === 'string' && name !== '' ? name : id, mqtt, http: url };
}

/** Base topics by id, for each search: a will names no base topic. */
const basesOf = new WeakMap<ReadonlyMap<string, Sighting>, Map<string, string>>();

function bases(sightings: ReadonlyMap<string, Sighting>): Map<string, string> {
  const known = sightings.size === 0 ? undefined : basesOf.get(sightings);
  if (known !== undefined) return known;
  const fresh = new Map<string, string>();
  basesOf.set(sightings, fresh);
  return fresh;
}

function gone(sightings: ReadonlyMap<string, Sighting>, id: string, base: string | undefined): readonly string[] {
  const sighting = base === undefined ? undefined : sightings.get(base);
  if (base === undefined || sighting?.id !== id || sighting.online === false) return [];
  sighting.online = false;
  return [base];
}

function born(sightings: Map<string, Sighting>, birth: Birth, retained: boolean, now: number): readonly string[] {
  const { id, name, http, mqtt: baseTopic } = birth;
  const index = bases(sightings);
  const known = sightings.get(baseTopic);
  if (known === undefined && sightings.size >= MAX_SIGHTINGS) return [];
  // The same charger with another base topic: it no longer publishes below the old one.
  const moved = index.get(id) === baseTopic ? [] : gone(sightings, id, index.get(id));
  if (known !== undefined && known.id !== id) index.delete(known.id);
  index.set(id, baseTopic);
  const online = retained ? (known?.online ?? null) : true;
  const lastLive = retained ? (known?.lastLive ?? null) : now;
  const sighting: Sighting = known ?? {
    system: 'openevse',
    id,
    name,
    baseTopic,
    online,
    http,
    firmware: null,
    model: null,
    lastLive,
  };
  const news =
    sighting !== known || known.id !== id || known.name !== name || known.http !== http || known.online !== online;
  sightings.set(baseTopic, Object.assign(sighting, { id, name, http, online, lastLive }));
  return news ? [...moved, baseTopic] : moved;
}

export const discovery: DiscoveryRules = {
  filters: (options) => [options.openevseTopic],

  fold(sightings: Map<string, Sighting>, message: Message, _options, now) {
    const announce = parse(message.payload);
    if (announce === null) return [];
    const { state, id } = announce;
    if (state === 'disconnected') return typeof id === 'string' ? gone(sightings, id, bases(sightings).get(id)) : [];
    const birth = state === 'connected' ? toBirth(announce) : null;
    return birth === null ? [] : born(sightings, birth, message.retained, now);
  },

  announcedId({ payload }) {
    const id = parse(payload)?.['id'];
    return typeof id === 'string' && id !== '' ? id : null;
  },

  /** Part of the core set (30 s) in all versions, unlike `uptime`. */
  heartbeat: (sighting) => `${sighting.baseTopic}/time`,

  silence: DEFAULT_STALE_AFTER,
};
