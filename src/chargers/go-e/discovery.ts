/**
 * How go-e chargers are found: by a few keys of their own below the default base, with and without leading slash.
 * Chargers with a prefix of their own cannot be found, and API v1 devices, which publish `go-eCharger/<serial>/status`
 * only, are none of ours.
 */
import type { Message } from '../../mqtt/types';
import { isTopic } from '../../shared/topics';
import type { DiscoveryRules } from '../driver';
import type { Sighting } from '../discovery-types';
import { jsonOf } from './values';

/** `var` is present on every charger seen; the others give identity, name, model and firmware. All are retained. */
const ANNOUNCING_KEYS = ['var', 'sse', 'fna', 'typ', 'fwv'] as const;
/** Comes each second; asked for only once a charger is found, see `heartbeat`. */
const HEARTBEAT = 'rbt';
const TOPIC = new RegExp(`^(/?)go-eCharger/([^/]+)/(${[...ANNOUNCING_KEYS, HEARTBEAT].join('|')})$`);

/** s without `rbt`. */
const SILENCE = 60;
const MAX_SIGHTINGS = 10_000;
/** Names and versions are short; a serial has six digits. */
const MAX_LENGTH = 64;

const NOTHING: readonly string[] = [];

export const goeDiscovery: DiscoveryRules = {
  filters: () => ['go-eCharger', '/go-eCharger'].flatMap((root) => ANNOUNCING_KEYS.map((key) => `${root}/+/${key}`)),

  fold(sightings, message, _options, now) {
    const [, slash, serial, key] = TOPIC.exec(message.topic) ?? [];
    // An empty payload is a deleted value: it says nothing about a charger.
    if (slash === undefined || serial === undefined || key === undefined) return NOTHING;
    if (serial.length > MAX_LENGTH || !isTopic(serial) || message.payload.length === 0) return NOTHING;
    const baseTopic = `${slash}go-eCharger/${serial}`;
    const known = sightings.get(baseTopic);
    if (!known && (sightings.size >= MAX_SIGHTINGS || isLeftOver(sightings, slash, serial, message))) return NOTHING;
    const sighting = known ?? newSighting(baseTopic, serial);
    if (!known) sightings.set(baseTopic, sighting);
    const learned = learn(sighting, key, jsonOf(message));
    const appeared = !message.retained && sighting.online !== true;
    if (!message.retained) {
      sighting.online = true;
      sighting.lastLive = now;
    }
    return !known || learned || appeared ? [baseTopic] : NOTHING;
  },

  heartbeat: (sighting) => `${sighting.baseTopic}/${HEARTBEAT}`,
  silence: SILENCE,
};

/** Firmware 054.6 dropped the leading slash: what an updated charger had published before stays retained for ever. */
function isLeftOver(sightings: Map<string, Sighting>, slash: string, serial: string, message: Message): boolean {
  const other = sightings.get(`${slash === '' ? '/' : ''}go-eCharger/${serial}`);
  return message.retained && other?.online === true;
}

function newSighting(baseTopic: string, serial: string): Sighting {
  return {
    system: 'go-e',
    id: serial,
    name: serial,
    baseTopic,
    online: null,
    http: null,
    firmware: null,
    model: null,
    lastLive: null,
  };
}

/** @returns whether anything that is told of a charger changed. */
function learn(sighting: Sighting, key: string, value: unknown): boolean {
  const before = { ...sighting };
  const text = typeof value === 'string' && value !== '' && value.length <= MAX_LENGTH ? value : null;
  if (key === 'var' && typeof value === 'number') sighting.model ??= `go-eCharger ${value} kW`;
  if (text !== null) {
    if (key === 'sse') {
      if (sighting.name === sighting.id) sighting.name = text;
      sighting.id = text;
    }
    if (key === 'fna') sighting.name = text;
    if (key === 'fwv') sighting.firmware = text;
    if (key === 'typ') sighting.model = text;
  }
  return (['id', 'name', 'firmware', 'model'] as const).some((member) => sighting[member] !== before[member]);
}
