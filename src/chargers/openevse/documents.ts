/** The gateway's retained documents, as what they mean. */
import type { JsonObject } from '../status';
import type { OpenEvseNative } from './native';

/** What a claim or an override decides; each property only where it is set. Currents in A. */
export interface Properties {
  readonly state?: 'active' | 'disabled';
  readonly charge_current?: number;
  readonly max_current?: number;
  readonly auto_release: boolean;
}

/** A session limit in the firmware's units: minutes, Wh, %, km or miles. */
export interface Limit {
  readonly type: 'time' | 'energy' | 'soc' | 'range';
  readonly value: number;
  readonly auto_release: boolean;
}

const LIMIT_TYPES: ReadonlySet<unknown> = new Set<Limit['type']>(['time', 'energy', 'soc', 'range']);

export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** "None" is `{"state":"null"}` for claim and override, and wherever the firmware's description says so. */
export function isNone(document: unknown): boolean {
  return Array.isArray(document) ? document.length === 0 : isObject(document) && document['state'] === 'null';
}

/** The document as published; null = none, or not known. */
export function documentObject(native: OpenEvseNative, key: 'claim' | 'override'): JsonObject | null {
  const document = native.values.json(key);
  return isObject(document) && !isNone(document) ? document : null;
}

/** The claim or override that is in force; null = none, or not known. */
export function inForce(native: OpenEvseNative, key: 'claim' | 'override'): JsonObject | null {
  return native.trust[key].voidSince === null ? documentObject(native, key) : null;
}

/** Whether any override is in force, also one whose document never came (4.1.7 publishes only MQTT's own). */
export function hasOverride(native: OpenEvseNative): boolean {
  if (native.trust.override.voidSince !== null) return false;
  return documentObject(native, 'override') !== null || native.values.get('manual_override') === 1;
}

function amperes(value: unknown): number | undefined {
  return typeof value === 'number' && Number.isFinite(value) ? value : undefined;
}

/** The properties in a claim or override document. */
export function toProperties(document: JsonObject): Properties {
  const { state } = document;
  const charge = amperes(document['charge_current']);
  const most = amperes(document['max_current']);
  return {
    ...(state === 'active' || state === 'disabled' ? { state } : {}),
    ...(charge === undefined ? {} : { charge_current: charge }),
    ...(most === undefined ? {} : { max_current: most }),
    auto_release: document['auto_release'] === true,
  };
}

/** null = no limit, or none that this driver knows. */
export function toLimit(document: unknown): Limit | null {
  if (!isObject(document)) return null;
  const { type, value, auto_release } = document;
  if (!LIMIT_TYPES.has(type) || typeof value !== 'number' || !(value > 0)) return null;
  return { type: type as Limit['type'], value, auto_release: auto_release === true };
}

/** null = not known; empty = none. */
export function toSchedule(document: unknown): readonly unknown[] | null {
  if (isNone(document)) return [];
  return Array.isArray(document) ? (document as unknown[]) : null;
}
