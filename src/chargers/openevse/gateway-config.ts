/**
 * The retained `config` document (since 5.0.0; 3 to 4 kB, some 100 settings). Only the few settings that the driver
 * uses are kept parsed, so that a charger stays small.
 */
import { parseJson } from '../key-values';
import type { JsonObject } from '../status';
import { isObject } from './documents';
import type { Identity, OpenEvseNative } from './native';

/** What the gateway shows instead of a secret; sent back, it leaves the secret as it is. */
export const SECRET_PLACEHOLDER = '_DUMMY_PASSWORD';

export interface GatewayConfig {
  /** Who announces itself with a birth and a will: `wifi_serial` is the announced id in capitals. */
  readonly identity: Identity | null;
  /** The gateway's firmware, e.g. `v5.1.5`. */
  readonly version: string | null;
  readonly threePhase: boolean | null;
  /** A */
  readonly minCurrent: number | null;
  /** A */
  readonly maxCurrent: number | null;
  readonly rangeInMiles: boolean;
  /** Which feed drives eco mode; null = not known. */
  readonly divertFeed: 'solar' | 'grid' | null;
  /** Topics that the charger reads; those not configured are absent. */
  readonly feeds: { readonly grid?: string; readonly solar?: string; readonly battery?: string };
}

const FEED_SETTINGS = { grid: 'mqtt_grid_ie', solar: 'mqtt_solar', battery: 'mqtt_home_battery_power' } as const;

function textOrNull(value: unknown): string | null {
  return typeof value === 'string' && value !== '' ? value : null;
}

function numberOrNull(value: unknown): number | null {
  return typeof value === 'number' ? value : null;
}

function extract(document: JsonObject): GatewayConfig {
  const threePhase = document['is_threephase'];
  const divertType = document['divert_type'];
  const feeds = Object.entries(FEED_SETTINGS).map(([name, setting]) => [name, document[setting]] as const);
  const serial = textOrNull(document['wifi_serial'])?.toLowerCase() ?? null;
  return {
    identity: serial === null ? null : { id: serial, name: textOrNull(document['hostname']) ?? serial },
    version: textOrNull(document['version']),
    threePhase: typeof threePhase === 'boolean' ? threePhase : null,
    minCurrent: numberOrNull(document['min_current_hard']),
    maxCurrent: numberOrNull(document['max_current_soft']),
    rangeInMiles: document['mqtt_vehicle_range_miles'] === true,
    divertFeed: divertType === 0 ? 'solar' : divertType === 1 ? 'grid' : null,
    feeds: Object.fromEntries(feeds.filter(([, topic]) => textOrNull(topic) !== null)),
  };
}

/** The whole document, parsed anew; null = none seen. */
export function configDocument(native: OpenEvseNative): JsonObject | null {
  const text = native.values.get('config');
  const document = typeof text === 'string' ? parseJson(text) : undefined;
  return isObject(document) ? document : null;
}

/** null = no document seen: a gateway before 5.0.0, or one that has not published it yet. */
export function gatewayConfig(native: OpenEvseNative): GatewayConfig | null {
  const text = native.values.get('config');
  if (text === undefined) return null;
  if (native.gateway?.text !== text) {
    const document = configDocument(native);
    native.gateway = document && { text, config: extract(document) };
  }
  return native.gateway?.config ?? null;
}

/** As announced; where only a will came, which names no base topic, the configuration tells whose it is. */
export function identity(native: OpenEvseNative): Identity | null {
  return native.identity ?? gatewayConfig(native)?.identity ?? null;
}

/** Settings that tell who or where somebody is, or open a door; secrets proper are placeholders already. */
const SENSITIVE_SETTING = /user|pass|secret|token|key|idtag|ssid|rfid_storage|_server$|^ohm$|^tesla_vehicle_id$/;
const MASK = '***';

/** A copy of the configuration without what must not be shown. */
export function maskConfig(document: JsonObject): JsonObject {
  return Object.fromEntries(
    Object.entries(document).map(([setting, value]) => [
      setting,
      SENSITIVE_SETTING.test(setting) && typeof value === 'string' && value !== '' && value !== SECRET_PLACEHOLDER
        ? MASK
        : value,
    ]),
  );
}

const SENSITIVE_KEYS: ReadonlySet<string> = new Set(['rfid_auth', 'rfid_input', 'tesla_vehicle_id']);

/** A value as it may be shown to a flow. */
export function masked(key: string, value: unknown): unknown {
  if (SENSITIVE_KEYS.has(key) && typeof value === 'string' && value !== '') return MASK;
  return key === 'config' && isObject(value) ? maskConfig(value) : value;
}
