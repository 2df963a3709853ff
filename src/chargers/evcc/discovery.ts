/**
 * Loadpoints found from topics alone: 1 to the count that evcc tells, or, where a broker without persistence lost the
 * count, the indexes heard since `online` (`chargePower` names them all within one control interval). A loadpoint is
 * lost when evcc goes offline or the count shrinks below it.
 */
import type { Message } from '../../mqtt/types';
import type { DiscoveryOptions, DiscoveryRules } from '../driver';
import type { Sighting } from '../discovery-types';
import { parseBase, trimSlashes } from './base';
import { decodeText } from './wire';

/** More loadpoints than any house has. */
const MAX_LOADPOINTS = 64;
const MAX_NAME_LENGTH = 256;

/** s; three times the control interval of 60 s that slow sites use. */
const SILENCE = 180;

interface Heard {
  name: string | null;
  title: string | null;
}

/** What one search knows of the evcc below its root, beside the sightings. */
interface Search {
  root: string;
  status: string | null;
  count: number | null;
  version: string | null;
  /** By index, since `online`. */
  readonly heard: Map<number, Heard>;
}

const searches = new WeakMap<ReadonlyMap<string, Sighting>, Search>();

function searchOf(sightings: ReadonlyMap<string, Sighting>, root: string): Search {
  let search = searches.get(sightings);
  if (search?.root !== root) {
    search = { root, status: null, count: null, version: null, heard: new Map() };
    searches.set(sightings, search);
  }
  return search;
}

const LOADPOINT = /^loadpoints\/([1-9]\d{0,3})\/(name|title|chargePower)$/;

/** Notes what the message tells; returns whether it was about evcc's loadpoints at all. */
function note(search: Search, tail: string, message: Message): boolean {
  const payload = decodeText(message.payload).slice(0, MAX_NAME_LENGTH);
  if (tail === 'status') {
    // A live `online` starts a new run of evcc, whose loadpoints may be others.
    if (!message.retained) search.heard.clear();
    if (payload !== 'online' || !message.retained) search.count = null;
    search.status = payload;
    return true;
  }
  if (tail === 'loadpoints') {
    search.count = /^\d{1,4}$/.test(payload) ? Number(payload) : null;
    return true;
  }
  if (tail === 'site/version') {
    search.version = payload === '' ? search.version : payload;
    return true;
  }
  if (tail === 'updated') return true;
  const [, index, key] = LOADPOINT.exec(tail) ?? [];
  if (index === undefined || key === undefined) return false;
  // The cleanup at start and stop empties all names.
  if (payload === '') return true;
  const heard = search.heard.get(Number(index)) ?? { name: null, title: null };
  if (key !== 'chargePower') heard[key as keyof Heard] = payload;
  if (search.heard.size < MAX_LOADPOINTS) search.heard.set(Number(index), heard);
  return true;
}

function isListed({ count }: Search, index: number): boolean {
  return count === null || index <= count;
}

/** The sighting of a loadpoint, brought to what is known; changed in place, since others hold it. */
function settle(sightings: Map<string, Sighting>, search: Search, baseTopic: string, heard: Heard): Sighting {
  const sighting: Sighting = sightings.get(baseTopic) ?? {
    system: 'evcc',
    baseTopic,
    id: baseTopic,
    name: baseTopic,
    online: null,
    http: null,
    firmware: null,
    model: null,
    lastLive: null,
  };
  sightings.set(baseTopic, sighting);
  sighting.id = heard.name ?? sighting.id;
  sighting.name = heard.title ?? sighting.name;
  sighting.firmware = search.version;
  // Lost, and heard again since evcc is back.
  if (sighting.online === false) sighting.online = null;
  return sighting;
}

function digest(sighting: Sighting | undefined): string {
  const { id, name, online, firmware } = sighting ?? {};
  return JSON.stringify([id, name, online, firmware]);
}

function fold(
  sightings: Map<string, Sighting>,
  message: Message,
  options: DiscoveryOptions,
  now: number,
): readonly string[] {
  const root = trimSlashes(options.evccRoot);
  if (!message.topic.startsWith(`${root}/`)) return [];
  const search = searchOf(sightings, root);
  const tail = message.topic.slice(root.length + 1);
  if (!note(search, tail, message)) return [];

  const isLive = !message.retained && message.payload.length > 0 && tail !== 'status';
  const changed: string[] = [];
  for (const [index, heard] of search.status === 'online' ? search.heard : []) {
    if (!isListed(search, index)) continue;
    const baseTopic = `${root}/loadpoints/${index}`;
    const before = digest(sightings.get(baseTopic));
    const sighting = settle(sightings, search, baseTopic, heard);
    if (isLive) {
      sighting.online = true;
      sighting.lastLive = now;
    }
    if (digest(sighting) !== before) changed.push(baseTopic);
  }
  for (const [baseTopic, sighting] of sightings) {
    const place = parseBase(baseTopic);
    if (place !== null && !isListed(search, place.index)) {
      sightings.delete(baseTopic);
      changed.push(baseTopic);
    } else if (search.status === 'offline' && sighting.online !== false) {
      sighting.online = false;
      changed.push(baseTopic);
    }
  }
  return changed;
}

export const discovery: DiscoveryRules = {
  filters: ({ evccRoot }) => {
    const root = trimSlashes(evccRoot);
    const tails = ['status', 'updated', 'loadpoints', 'site/version'];
    const loadpoint = ['name', 'title', 'chargePower'].map((key) => `loadpoints/+/${key}`);
    return [...tails, ...loadpoint].map((tail) => `${root}/${tail}`);
  },
  fold,
  heartbeat: ({ baseTopic }) => {
    const place = parseBase(baseTopic);
    return place === null ? null : `${place.root}/updated`;
  },
  silence: SILENCE,
};
