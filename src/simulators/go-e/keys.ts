/** The API keys of a go-eCharger: which firmware knows and publishes them, what they accept, what they start with. */
import table from './keys.json';
import type { Firmware } from './profiles';

export type Json = string | number | boolean | null | readonly Json[] | { readonly [name: string]: Json };

/** The JSON type of a published value. */
export type ValueType = 'bool' | 'integer' | 'number' | 'string' | 'object' | 'array' | 'any';

export interface ApiKey {
  readonly access: 'R' | 'RW' | 'W';
  readonly type: ValueType;
  /** `null` is a legal value. */
  readonly null?: boolean;
  /** Types the setter takes where they differ from `type`, separated by `|`; may contain `null`. */
  readonly accepts?: string;
  /** Least and greatest number, or length of a string. */
  readonly range?: readonly number[];
  /** Value after a factory reset where it is not the plainest one of its type. */
  readonly initial?: Json;
  /** First firmware that knows the key; default: all. */
  readonly from?: string;
  /** Last firmware that knows it. */
  readonly to?: string;
  /** First firmware that publishes it, where it was settable before. */
  readonly sent?: string;
  /** Settable over HTTP, not over MQTT. */
  readonly blocked?: boolean;
}

const FIRMWARES: readonly string[] = ['050', '053.1', '055', '59.4', '60.3'] satisfies readonly Firmware[];

const ROWS: Readonly<Record<string, ApiKey>> = table as Record<string, ApiKey>;

/** The keys that a firmware knows. */
export function keysOf(firmware: Firmware): ReadonlyMap<string, ApiKey> {
  const version = FIRMWARES.indexOf(firmware);
  return new Map(
    Object.entries(ROWS).filter(
      ([, { from, to }]) =>
        (from === undefined || FIRMWARES.indexOf(from) <= version) &&
        (to === undefined || version <= FIRMWARES.indexOf(to)),
    ),
  );
}

/** Whether a key that the firmware knows has a retained topic. */
export function isPublished(key: ApiKey, firmware: Firmware): boolean {
  return key.access !== 'W' && (key.sent === undefined || FIRMWARES.indexOf(key.sent) <= FIRMWARES.indexOf(firmware));
}

const PLAINEST: Readonly<Record<ValueType, Json>> = {
  bool: false,
  integer: 0,
  number: 0,
  string: '',
  object: {},
  array: [],
  any: null,
};

export function initialValue(key: ApiKey): Json {
  if (key.initial !== undefined) return key.initial;
  return key.null ? null : PLAINEST[key.type];
}
