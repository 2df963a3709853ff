/** Whether a value may be written to a key: what the charger would refuse, misread or suffer from is found here. */
import { validate as validatePowerInput } from '../../generated/goe-power-input';
import { validate as validateSchedule } from '../../generated/goe-schedule';
import { EnergyError, type Fault } from '../../shared/errors';
import { type Validator, assertValid } from '../../shared/validation';
import type { GoeKey, KeyType } from './keys';
import { isPlainJson, isRecord } from './plain-json';

/** What else bounds a value. */
export interface WriteLimits {
  /** A, of the hardware; null = not known. */
  readonly ratedCurrent: number | null;
  /** A, set by the user for this charger; null = none. */
  readonly maxCurrent: number | null;
  /** Lets codes through that an enum does not list: newer firmware has more. */
  readonly allowUnknown: boolean;
}

const INTEGER_RANGE: Readonly<Partial<Record<KeyType, readonly [number, number]>>> = {
  uint8: [0, 0xff],
  int8: [-0x80, 0x7f],
  uint16: [0, 0xffff],
  int32: [-0x8000_0000, 0x7fff_ffff],
  uint32: [0, 0xffff_ffff],
  int64: [Number.MIN_SAFE_INTEGER, Number.MAX_SAFE_INTEGER],
  uint64: [0, Number.MAX_SAFE_INTEGER],
};
const FLOAT_MAX = 3.4028234663852886e38;

/** Objects whose members are known. The charger takes the whole object, so a missing member would be lost. */
const DOCUMENTS: ReadonlyMap<string, Validator<unknown>> = new Map<string, Validator<unknown>>([
  ['ids', validatePowerInput],
  ['sch_week', validateSchedule],
  ['sch_satur', validateSchedule],
  ['sch_sund', validateSchedule],
]);

/** The faults of a value, with paths below `path`; empty when it may be written. */
export function writeFaults(
  entry: GoeKey | undefined,
  value: unknown,
  limits: WriteLimits,
  path: string,
): readonly Fault[] {
  const message = isPlainJson(value) ? (entry ? keyFault(entry, value, limits) : null) : 'is not a JSON value';
  if (message !== null) return [{ path, message }];
  const document = entry && value !== null ? DOCUMENTS.get(entry.key) : undefined;
  return document ? documentFaults(document, value, path) : [];
}

function keyFault(entry: GoeKey, value: unknown, limits: WriteLimits): string | null {
  if (value === null) return entry.nullable ? null : `must be ${settable(entry)}, not null`;
  if (!settableTypes(entry).includes(jsonTypeOf(value))) return `must be ${settable(entry)}`;
  if (typeof value === 'number') return numberFault(entry, value, limits);
  if (typeof value === 'string') return stringFault(entry, value);
  return Array.isArray(value) ? arrayFault(entry, value) : null;
}

function settableTypes(entry: GoeKey): readonly string[] {
  return entry.set ?? entry.json;
}

function settable(entry: GoeKey): string {
  return [...settableTypes(entry), ...(entry.nullable ? ['null'] : [])].join(' or ');
}

function jsonTypeOf(value: unknown): string {
  return Array.isArray(value) ? 'array' : typeof value;
}

function numberFault(entry: GoeKey, value: number, limits: WriteLimits): string | null {
  const range = INTEGER_RANGE[entry.type];
  if (range && !Number.isInteger(value)) return 'must be a whole number';
  const least = entry.min ?? range?.[0] ?? (entry.type === 'float' ? -FLOAT_MAX : -Number.MAX_VALUE);
  const most = entry.max ?? range?.[1] ?? (entry.type === 'float' ? FLOAT_MAX : Number.MAX_VALUE);
  if (value < least || value > most) return `must be ${least} to ${most}`;
  if (entry.key === 'amp') return currentFault(value, limits);
  if (!entry.enum || entry.enumField !== undefined || limits.allowUnknown || Object.hasOwn(entry.enum, value))
    return null;
  const codes = Object.entries(entry.enum).map(([code, name]) => `${code} (${name ?? ''})`);
  return `must be one of ${codes.join(', ')}`;
}

function currentFault(value: number, { ratedCurrent, maxCurrent }: WriteLimits): string | null {
  if (ratedCurrent !== null && value > ratedCurrent) return `is more than the ${ratedCurrent} A of this hardware`;
  if (maxCurrent !== null && value > maxCurrent) return `is more than the ${maxCurrent} A set for this charger`;
  return null;
}

function stringFault(entry: GoeKey, value: string): string | null {
  const least = entry.minLength ?? 0;
  const most = entry.maxLength ?? Infinity;
  if (value.length < least || value.length > most) return `must have ${least} to ${most} characters`;
  if (entry.key === 'mtp' && !value.endsWith('/'))
    return 'must end with a slash: the charger would subscribe to an illegal topic and lose the broker';
  if (entry.key === 'mtp' && /[+#\0]/.test(value)) return 'must not contain + or #';
  if (entry.pattern !== undefined && !new RegExp(entry.pattern).test(value)) return `must match ${entry.pattern}`;
  return null;
}

function arrayFault(entry: GoeKey, value: readonly unknown[]): string | null {
  const least = entry.minItems ?? 0;
  const most = entry.maxItems ?? Infinity;
  if (value.length < least || value.length > most)
    return least === most ? `must have ${least} items` : `must have ${least} to ${most} items`;
  return null;
}

function documentFaults(validate: Validator<unknown>, value: unknown, path: string): readonly Fault[] {
  if (!isRecord(value)) return [];
  try {
    assertValid(validate, value, path);
    return [];
  } catch (error) {
    if (!(error instanceof EnergyError)) throw error;
    return (error.cause.details ?? []).map((fault) => ({
      ...fault,
      path: [path, fault.path].filter(Boolean).join('.'),
    }));
  }
}
