/** The configuration as `config` shows it and `config/set` changes it: values are coerced to their kind, not checked. */

import DEFAULTS from './config-defaults.json';
import { toBoolean, toFloat, toUint32 } from './conversions';
import { type Json, type JsonObject } from './lenient-json';
import { type OpenEvseProfile, GATEWAY_VERSIONS, atLeast } from './profiles';

export type ConfigValue = string | number | boolean | readonly string[];
export type ConfigKey = keyof typeof DEFAULTS;
export type ConfigOverrides = Readonly<Partial<Record<ConfigKey, ConfigValue>>>;

const KEYS = Object.keys(DEFAULTS) as ConfigKey[];

/** Device data in the document that `config/set` does not reach. */
const READ_ONLY: ReadonlySet<ConfigKey> = new Set<ConfigKey>([
  ...KEYS.slice(0, KEYS.indexOf('evse_serial') + 1),
  'd9_support',
  'chip_id',
  'min_current_hard',
  'max_current_hard',
  'flags',
  'flags_changed',
]);

const SECRETS: ReadonlySet<ConfigKey> = new Set<ConfigKey>([
  'pass',
  'ap_pass',
  'www_password',
  'server_secret',
  'emoncms_apikey',
  'mqtt_pass',
  'ocpp_authkey',
  'tesla_access_token',
  'tesla_refresh_token',
]);
/** Stands for a secret; sent back it changes nothing. */
const DUMMY = '_DUMMY_PASSWORD';

/** Keys of the generation after 5.1.5. */
const MASTER_KEYS: ReadonlySet<ConfigKey> = new Set<ConfigKey>([
  'mqtt_vehicle_charge_limit',
  'mqtt_home_battery_soc',
  'mqtt_home_battery_power',
]);

/** Unsigned 64-bit, unset: all ones, which no JavaScript number holds. -1 stands for it here. */
const UNSIGNED_64: ReadonlySet<ConfigKey> = new Set<ConfigKey>(['tesla_created_at', 'tesla_expires_in']);

/** Texts that are stored as one flag bit. */
const TWO_VALUED: Readonly<Partial<Record<ConfigKey, readonly [string, string]>>> = {
  charge_mode: ['fast', 'eco'],
  mqtt_protocol: ['mqtt', 'mqtts'],
};

export class Config {
  readonly #keys: readonly ConfigKey[];
  readonly #values = new Map<ConfigKey, ConfigValue>();

  constructor(profile: OpenEvseProfile, overrides: ConfigOverrides) {
    this.#keys = KEYS.filter((key) => !MASTER_KEYS.has(key) || atLeast(profile, 'master'));
    for (const key of this.#keys) this.#values.set(key, overrides[key] ?? DEFAULTS[key]);
    if (overrides.version === undefined) this.#values.set('version', GATEWAY_VERSIONS[profile]);
  }

  number(key: ConfigKey): number {
    const value = this.#values.get(key);
    return typeof value === 'number' ? value : 0;
  }

  text(key: ConfigKey): string {
    const value = this.#values.get(key);
    return typeof value === 'string' ? value : '';
  }

  flag(key: ConfigKey): boolean {
    return this.#values.get(key) === true;
  }

  /** @returns the keys whose values changed; unknown and read-only ones are passed over. */
  apply(payload: JsonObject): readonly ConfigKey[] {
    return this.#keys.filter((key) => {
      const given = payload.get(key);
      const before = this.#values.get(key);
      if (given === undefined || before === undefined || READ_ONLY.has(key)) return false;
      if (SECRETS.has(key) && given === DUMMY) return false;
      const value = coerce(key, given, before);
      if (value === before) return false;
      this.#values.set(key, value);
      return true;
    });
  }

  set(key: ConfigKey, value: ConfigValue): void {
    this.#values.set(key, value);
  }

  /** Is it stored as a bit of the flag word? */
  isFlag(key: ConfigKey): boolean {
    return typeof this.#values.get(key) === 'boolean' || TWO_VALUED[key] !== undefined;
  }

  /** Secrets masked, keys in the firmware's order. */
  document(): string {
    const members = this.#keys.map((key) => `${JSON.stringify(key)}:${this.#shown(key)}`);
    return `{${members.join(',')}}`;
  }

  #shown(key: ConfigKey): string {
    const value = this.#values.get(key);
    if (UNSIGNED_64.has(key) && typeof value === 'number') return BigInt.asUintN(64, BigInt(value)).toString();
    return JSON.stringify(SECRETS.has(key) && value !== '' ? DUMMY : value);
  }
}

function coerce(key: ConfigKey, given: Json, before: ConfigValue): ConfigValue {
  const two = TWO_VALUED[key];
  if (two) return given === two[1] ? two[1] : two[0];
  if (typeof before === 'boolean') return toBoolean(given);
  if (typeof before === 'number') return Number.isInteger(DEFAULTS[key]) ? toUint32(given) : toFloat(given);
  return typeof given === 'string' ? given : JSON.stringify(given);
}
