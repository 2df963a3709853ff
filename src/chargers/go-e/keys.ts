/** The API keys of go-e's API v2 as typed data: 357 keys, the union of what firmware 053 to 60.4 has. */
import table from './keys.json';

export type JsonType = 'boolean' | 'number' | 'string' | 'array' | 'object';

/** The firmware's own type, as far as it matters for what a write may carry. */
export type KeyType =
  | 'bool'
  | 'uint8'
  | 'int8'
  | 'uint16'
  | 'int32'
  | 'uint32'
  | 'int64'
  | 'uint64'
  | 'float'
  | 'double'
  | 'string'
  | 'array'
  | 'object'
  | 'any';

export interface GoeKey {
  readonly key: string;
  /** `W`: can be written but is never published. */
  readonly access: 'R' | 'W' | 'R/W';
  readonly category: 'Config' | 'Constant' | 'Status' | 'Other';
  readonly type: KeyType;
  /** JSON types that the charger publishes; several where firmware versions differ. */
  readonly json: readonly JsonType[];
  /** JSON types that the setter takes, where they are not those of `json`. */
  readonly set?: readonly JsonType[];
  /** null is a value, also for a write. Any charger may publish null for any key that it has no value for. */
  readonly nullable?: boolean;
  /** English, short. */
  readonly label: string;
  readonly unit?: string;
  /** Code -> the firmware's name for it. */
  readonly enum?: Readonly<Record<string, string | undefined>>;
  /** The member of an object value that `enum` is about; absent: the value itself. */
  readonly enumField?: string;
  readonly min?: number;
  readonly max?: number;
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly minItems?: number;
  readonly maxItems?: number;
  readonly pattern?: string;
  /** First firmware that has it, where known. */
  readonly since?: string;
  /** Changes up to once per second. */
  readonly noisy?: boolean;
  /** Credentials, tag numbers, names of people: masked in everything that leaves the driver. */
  readonly sensitive?: boolean;
  /** A wrong value cuts the charger off, erases something or endangers the installation. */
  readonly risky?: boolean;
}

/** All keys, in alphabetical order. */
export const goeKeys = table as readonly GoeKey[];

const byName: ReadonlyMap<string, GoeKey> = new Map(goeKeys.map((entry) => [entry.key, entry]));

/** undefined: a key that no firmware up to 60.4 has. */
export function findKey(key: string): GoeKey | undefined {
  return byName.get(key);
}

/** What is shown instead of a sensitive value. */
export const MASK = '***';

/** The value, unless its key is sensitive. null stays null: it says only that there is none. */
export function masked(key: string, value: unknown): unknown {
  return findKey(key)?.sensitive && value !== null && value !== undefined ? MASK : value;
}
