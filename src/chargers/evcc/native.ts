/** What is kept of one loadpoint and of the evcc around it, and how messages are folded into it. */
import type { Message } from '../../mqtt/types';
import type { ChargerConfig, NativeBase } from '../driver';
import { KeyValues } from '../key-values';
import { parseBase } from './base';
import { type Scope, typeOf } from './catalogue';
import { Life, silenceLimit } from './life';
import { SETTERS } from './setters';
import { decodeText, fold, keyTable, number, text, typed } from './wire';

/** More vehicles than any house has; a hostile client could make up any number. */
const MAX_VEHICLES = 64;
const VEHICLE = /^vehicles\/([\w.:-]{1,64})\/(.+)$/s;

/** Facts of the site that the loadpoint's commands and liveness depend on, beside what its setters read back. */
const SITE_FACTS = ['interval', 'version', 'battery', 'battery/devices'] as const;

const SITE_KEYS: readonly string[] = [
  ...SITE_FACTS,
  ...SETTERS.filter(({ scope, readbackScope = scope }) => readbackScope === 'site').flatMap(({ readback }) => readback),
];

const LOADPOINT_TABLE = keyTable('loadpoint');
const VEHICLE_TABLE = keyTable('vehicle');
const SITE_TABLE = keyTable('site', SITE_KEYS);

/** Below a battery, before and after 0.301: whether evcc can change its mode. */
const CONTROLLABLE = /^battery\/(devices\/)?\d{1,3}\/controllable$/;

function isFollowed(key: string): boolean {
  return SITE_TABLE.slot(key) !== undefined || CONTROLLABLE.test(key);
}

const NONE: readonly string[] = [];
const NO_FAULTS: ReadonlyMap<string, string> = new Map();

/** What tells who is charging: not for everybody who reads a flow's messages. */
const SENSITIVE: ReadonlySet<string> = new Set(['vehicleIdentity']);

export interface EvccNative extends NativeBase {
  readonly root: string;
  /** From 1. */
  readonly index: number;
  readonly life: Life;
  /** Number of loadpoints as evcc told, null = not told; a broker that restarts without persistence loses it. */
  count: number | null;
  readonly loadpoint: KeyValues;
  readonly site: KeyValues;
  readonly vehicles: Map<string, KeyValues>;
  /** The loadpoint's own name and title, kept while evcc is stopped and its tree is empty. */
  readonly identity: { name: string | null; title: string | null };
}

export function create(config: ChargerConfig): EvccNative {
  const place = parseBase(config.baseTopic) ?? { root: config.baseTopic, index: 1 };
  return {
    config,
    lastLive: null,
    heard: false,
    ...place,
    life: new Life(),
    count: null,
    loadpoint: new KeyValues(LOADPOINT_TABLE),
    site: new KeyValues(SITE_TABLE),
    vehicles: new Map(),
    identity: { name: null, title: null },
  };
}

/** Selective: forecasts and the optimizer's documents are hundreds of kB per control interval. */
export function filters(base: string): readonly string[] {
  const place = parseBase(base);
  if (place === null) return NONE;
  const { root } = place;
  return [
    `${root}/status`,
    `${root}/updated`,
    `${root}/loadpoints`,
    `${base}/#`,
    `${root}/vehicles/#`,
    `${root}/site/+/set`,
    ...SITE_KEYS.map((key) => `${root}/site/${key}`),
    `${root}/site/battery/devices/+/controllable`,
    `${root}/site/battery/+/controllable`,
  ];
}

/** ms of silence that mean offline. */
export function limit(native: EvccNative): number {
  return silenceLimit(native.config.staleAfter, number(native.site, 'interval'));
}

/** A cleanup deletes with QoS 0; what evcc means to say comes with QoS 1, empty values and acknowledgements included. */
export function isCleanup(message: Message): boolean {
  return message.payload.length === 0 && message.qos === 0;
}

/** Sets, those of others and our own echoes, are no values; nor are their acknowledgements. */
export function isSet(tail: string): boolean {
  return tail.endsWith('/set');
}

function prefixed(prefix: string, keys: readonly string[]): readonly string[] {
  return keys.length === 0 ? NONE : keys.map((key) => prefix + key);
}

function foldLoadpoint(native: EvccNative, key: string, message: Message): readonly string[] {
  const changed = fold(native.loadpoint, 'loadpoint', key, message.payload);
  // At start and stop evcc's cleanup empties the whole tree; the loadpoint is still the same one then.
  if ((key === 'name' || key === 'title') && changed.length > 0 && !isCleanup(message)) {
    native.identity[key] = text(native.loadpoint, key);
  }
  return changed;
}

function foldVehicle(native: EvccNative, tail: string, message: Message): readonly string[] {
  const [, name, key] = VEHICLE.exec(tail) ?? [];
  if (name === undefined || key === undefined) return NONE;
  let values = native.vehicles.get(name);
  if (values === undefined) {
    if (message.payload.length === 0 || native.vehicles.size >= MAX_VEHICLES) return NONE;
    values = new KeyValues(VEHICLE_TABLE);
    native.vehicles.set(name, values);
  }
  const changed = fold(values, 'vehicle', key, message.payload);
  if (key === 'title' && isCleanup(message)) native.vehicles.delete(name);
  return prefixed(`vehicles/${name}/`, changed);
}

function foldRoot(native: EvccNative, tail: string, message: Message, now: number): readonly string[] {
  const payload = decodeText(message.payload);
  if (tail === 'status') {
    // evcc came or went: what the broker holds now is of its last run, until evcc has purged it and speaks.
    if (!message.retained) native.heard = false;
    return native.life.status(payload, message.retained, now) ? ['status'] : NONE;
  }
  if (tail === 'updated') {
    const turned = native.life.updated(payload, message.retained, now);
    return turned ? ['updated', 'status'] : ['updated'];
  }
  if (tail === 'loadpoints') {
    const count = /^\d{1,4}$/.test(payload) ? Number(payload) : null;
    if (count === native.count) return NONE;
    native.count = count;
    return ['loadpoints'];
  }
  return NONE;
}

/** Whether a live message is evcc's own word. */
export function isLife(message: Message, tail: string): boolean {
  if (message.retained || isCleanup(message)) return false;
  // The will is the broker's word, and a set with a payload is that of some client.
  return tail !== 'status' && (message.payload.length === 0 || !isSet(tail));
}

/** See `ChargerDriver.decode`. Keys are those of `get` and `set`: below the loadpoint, or `site/…`, `vehicles/…`. */
export function decode(native: EvccNative, message: Message, now: number): readonly string[] {
  const { root, config } = native;
  const { topic } = message;
  if (!topic.startsWith(root) || topic[root.length] !== '/') return NONE;
  const tail = topic.slice(root.length + 1);
  if (isLife(message, tail)) {
    native.lastLive = now;
    native.heard = true;
  }
  if (isSet(tail)) return NONE;
  const base = config.baseTopic;
  if (topic.startsWith(base) && topic[base.length] === '/') {
    return foldLoadpoint(native, topic.slice(base.length + 1), message);
  }
  if (tail.startsWith('vehicles/')) return foldVehicle(native, tail, message);
  if (tail.startsWith('site/')) {
    const key = tail.slice('site/'.length);
    return isFollowed(key) ? prefixed('site/', fold(native.site, 'site', key, message.payload)) : NONE;
  }
  return foldRoot(native, tail, message, now);
}

interface Part {
  readonly scope: Scope;
  readonly prefix: string;
  readonly values: KeyValues;
}

function parts(native: EvccNative): Part[] {
  return [
    { scope: 'loadpoint', prefix: '', values: native.loadpoint },
    { scope: 'site', prefix: 'site/', values: native.site },
    ...[...native.vehicles].map(([name, values]): Part => ({ scope: 'vehicle', prefix: `vehicles/${name}/`, values })),
  ];
}

function rootValues({ life, count }: EvccNative): Readonly<Record<string, string | number | null>> {
  return { ...life.words, loadpoints: count };
}

export function raw(native: EvccNative): Record<string, unknown> {
  const all = Object.create(null) as Record<string, unknown>;
  for (const { scope, prefix, values } of parts(native)) {
    for (const [key] of values.entries()) {
      all[prefix + key] = scope === 'loadpoint' && SENSITIVE.has(key) ? '***' : typed(values, scope, key);
    }
  }
  for (const [key, value] of Object.entries(rootValues(native))) if (value !== null) all[key] = value;
  return all;
}

export function faults(native: EvccNative): ReadonlyMap<string, string> {
  const faulty = parts(native).filter((part) => part.values.faults.size > 0);
  if (faulty.length === 0) return NO_FAULTS;
  return new Map(faulty.flatMap(({ prefix, values }) => [...values.faults].map(([key, why]) => [prefix + key, why])));
}

/**
 * The value of a key as `get` and `set` name it, in its own type; null = not known, undefined = no key that is
 * followed here.
 */
export function lookUp(native: EvccNative, key: string): unknown {
  const root = new Map(Object.entries(rootValues(native))).get(key);
  if (root !== undefined) return root;
  const vehicle = VEHICLE.exec(key);
  if (vehicle?.[1] !== undefined && vehicle[2] !== undefined) {
    const values = native.vehicles.get(vehicle[1]);
    return values === undefined ? undefined : typed(values, 'vehicle', vehicle[2]);
  }
  if (key.startsWith('site/')) {
    const tail = key.slice('site/'.length);
    return isFollowed(tail) ? typed(native.site, 'site', tail) : undefined;
  }
  const followed = typeOf('loadpoint', key) !== undefined || native.loadpoint.get(key) !== undefined;
  return followed ? typed(native.loadpoint, 'loadpoint', key) : undefined;
}
