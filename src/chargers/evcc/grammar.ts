/**
 * Writes values the way evcc reads them, and refuses what it would misread: it takes the payload raw, without trimming,
 * and tells a refusal only to its own log (measured on 0.313.2).
 */
import { invalid } from '../../shared/errors';
import { parseJson } from '../key-values';
import { MODE_WORDS } from './modes';
import type { Expected, Proof } from './proof';
import { type Kind, NONE_WORDS, type Setter } from './setters';

export interface Encoded {
  readonly payload: string;
  readonly proof: Proof;
  /** What the payload says, for checks against the charger's state. */
  readonly value: Expected;
}

/** The value in force for a key of the setter's scope: fields that the caller left out keep it. */
export type Current = (key: string) => unknown;

interface Input {
  readonly setter: Setter;
  readonly value: unknown;
  readonly current: Current;
  /** ms */
  readonly now: number;
}

const DECIMAL = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i;
const RFC3339 = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$/i;
const TRUE_WORDS: ReadonlySet<unknown> = new Set([true, 1, '1', 't', 'T', 'true', 'True', 'TRUE']);
const FALSE_WORDS: ReadonlySet<unknown> = new Set([false, 0, '0', 'f', 'F', 'false', 'False', 'FALSE']);
export const ALWAYS_CHARGE_WORDS = ['off', 'on', 'once'] as const;
export const BATTERY_MODE_WORDS = ['normal', 'hold', 'charge', 'holdcharge'] as const;
const VEHICLE_NAME = /^[\w.:-]{1,64}$/;

function refuse({ setter }: Input, message: string, path = 'value'): never {
  throw invalid(`set ${setter.topic}`, [{ path, message }]);
}

function isNone(value: unknown): boolean {
  return value === null || (typeof value === 'string' && NONE_WORDS.includes(value));
}

/** The word as typed, so that what the user wrote is what evcc's log shows. */
function noneWord(value: unknown): string {
  return typeof value === 'string' ? value : '-';
}

function toNumber(input: Input, value: unknown, path?: string): number {
  const number = typeof value === 'string' && DECIMAL.test(value) ? Number(value) : value;
  if (typeof number !== 'number' || !Number.isFinite(number)) {
    const alternative = input.setter.kind === 'floatOrNone' ? ', or null for no limit' : '';
    return refuse(input, `must be a number${alternative}`, path);
  }
  const { min = -Infinity, max = Infinity } = input.setter;
  if (number < min || number > max) return refuse(input, `must be from ${min} to ${max}`, path);
  return number;
}

function toInteger(input: Input, value: unknown, path?: string): number {
  const number = toNumber(input, value, path);
  return Number.isInteger(number) ? number : refuse(input, 'must be a whole number', path);
}

function word<T extends string>(input: Input, words: readonly T[]): T {
  const lower = typeof input.value === 'string' ? input.value.toLowerCase() : '';
  return words.find((each) => each === lower) ?? refuse(input, `must be one of ${words.join(', ')}`);
}

function plain(setter: Setter, payload: string, value: Expected): Encoded {
  const readback = (expected: Expected): Proof => setter.readback.map((key) => [[key, expected] as const]);
  // A vehicle's 0 is written as an empty payload.
  const absent = setter.scope === 'vehicle' && value === 0 ? readback(null) : [];
  return { payload, value, proof: [...readback(value), ...absent] };
}

function number(input: Input, value: number): Encoded {
  return plain(input.setter, String(value), value);
}

function mode(input: Input): Encoded {
  const sent = word(input, MODE_WORDS);
  const smart = (alwaysCharge: Expected): Proof[number] => [
    ['mode', 'smart'],
    ['alwaysCharge', alwaysCharge],
  ];
  const replaced: Proof = sent === 'pv' ? [smart('off'), smart(null)] : sent === 'minpv' ? [smart('on')] : [];
  return { payload: sent, value: sent, proof: [[['mode', sent]], ...replaced] };
}

function batteryMode(input: Input): Encoded {
  const { setter, value } = input;
  if (isNone(value) || value === 'unknown') {
    const [key = ''] = setter.readback;
    return { payload: noneWord(value), value: null, proof: [[[key, 'unknown']], [[key, null]]] };
  }
  const sent = word(input, BATTERY_MODE_WORDS);
  return plain(setter, sent, sent);
}

function vehicle(input: Input): Encoded {
  const { setter, value } = input;
  if (isNone(value)) return plain(setter, noneWord(value), null);
  if (typeof value !== 'string' || !VEHICLE_NAME.test(value)) {
    return refuse(input, "must be a vehicle's configuration name (not its title), or null for none");
  }
  return plain(setter, value, value);
}

/** An object, or the JSON text of one. */
function record(input: Input): Readonly<Record<string, unknown>> {
  const value = typeof input.value === 'string' ? parseJson(input.value) : input.value;
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    return refuse(input, 'must be an object, or null');
  }
  return value as Readonly<Record<string, unknown>>;
}

function onlyKeys(input: Input, given: Readonly<Record<string, unknown>>, known: readonly string[]): void {
  const other = Object.keys(given).find((key) => !known.includes(key));
  if (other !== undefined) refuse(input, `is unknown; known are ${known.join(', ')}`, `value.${other}`);
}

/** JavaScript takes the 31st of February for the 3rd of March. */
function isDay(date: string): boolean {
  const parsed = Date.parse(date);
  return !Number.isNaN(parsed) && new Date(parsed).toISOString().startsWith(date);
}

/** Unix s; evcc cuts fractions. */
function future(input: Input, time: unknown): number {
  const parsed = typeof time === 'string' && RFC3339.test(time) && isDay(time.slice(0, 10)) ? Date.parse(time) : NaN;
  if (Number.isNaN(parsed)) {
    return refuse(input, 'must be an instant with its offset, e.g. 2030-01-31T06:30:00Z', 'value.time');
  }
  const seconds = Math.floor(parsed / 1000);
  return seconds * 1000 > input.now ? seconds : refuse(input, 'lies in the past', 'value.time');
}

/** A plan without a time would be taken and be of no use; one of 0 is refused with a time in the past: `null` deletes. */
function plan(input: Input, amountKey: string, timeKey: string): Encoded {
  if (input.value === null || input.value === 'null') {
    const gone = (amount: Expected): Proof[number] => [
      [amountKey, amount],
      [timeKey, null],
    ];
    return { payload: 'null', value: null, proof: [gone(null), gone(0)] };
  }
  const given = record(input);
  onlyKeys(input, given, ['time', 'value']);
  const parse = input.setter.kind === 'planSoc' ? toInteger : toNumber;
  const value = parse(input, given['value'], 'value.value');
  if (value <= 0) refuse(input, 'must be above 0; null deletes the plan', 'value.value');
  const seconds = future(input, given['time']);
  const time = new Date(seconds * 1000).toISOString().replace('.000Z', 'Z');
  const proof: Proof = [
    [
      [amountKey, value],
      [timeKey, seconds],
    ],
  ];
  return { payload: JSON.stringify({ time, value }), value, proof };
}

function strategyProof(setter: Setter, continuous: boolean, precondition: number): Proof {
  const pairs: Proof = [
    [
      ['planStrategy/continuous', continuous],
      ['planStrategy/precondition', precondition],
    ],
    // 0.300.x
    [
      ['planContinuous', continuous],
      ['planPrecondition', precondition],
    ],
  ];
  return pairs.filter((all) => all.every(([key]) => setter.readback.includes(key)));
}

/** evcc replaces both fields; what the caller left out is sent as it is in force, so that it does not change. */
function strategy(input: Input): Encoded {
  const { setter, current } = input;
  if (input.value === null || input.value === 'null') {
    return { payload: 'null', value: null, proof: strategyProof(setter, false, 0) };
  }
  const given = record(input);
  onlyKeys(input, given, ['continuous', 'precondition']);
  const continuous = given['continuous'] ?? current('planStrategy/continuous') ?? current('planContinuous');
  const precondition = given['precondition'] ?? current('planStrategy/precondition') ?? current('planPrecondition');
  if (typeof continuous !== 'boolean') {
    return refuse(input, 'must be true or false (its present value is not known)', 'value.continuous');
  }
  if (typeof precondition !== 'number' || !Number.isInteger(precondition) || precondition < 0) {
    return refuse(input, 'must be whole seconds (its present value is not known)', 'value.precondition');
  }
  return {
    payload: JSON.stringify({ continuous, precondition }),
    value: null,
    proof: strategyProof(setter, continuous, precondition),
  };
}

const ENCODERS: Readonly<Record<Kind, (input: Input) => Encoded>> = {
  int: (input) => number(input, toInteger(input, input.value)),
  float: (input) => number(input, toNumber(input, input.value)),
  floatOrNone: (input) =>
    isNone(input.value)
      ? plain(input.setter, noneWord(input.value), null)
      : number(input, toNumber(input, input.value)),
  bool: (input) => {
    if (TRUE_WORDS.has(input.value)) return plain(input.setter, 'true', true);
    if (FALSE_WORDS.has(input.value)) return plain(input.setter, 'false', false);
    return refuse(input, 'must be true or false');
  },
  mode,
  alwaysCharge: (input) => {
    const sent = word(input, ALWAYS_CHARGE_WORDS);
    return plain(input.setter, sent, sent);
  },
  batteryMode,
  planEnergy: (input) => plan(input, 'planEnergy', 'planTime'),
  planSoc: (input) => plan(input, 'plan/soc', 'plan/time'),
  strategy,
  vehicle,
  phases: (input) => {
    const value = toInteger(input, input.value);
    if (value !== 0 && value !== 1 && value !== 3) return refuse(input, 'must be 0 (automatic), 1 or 3');
    return number(input, value);
  },
};

/**
 * The payload for a setter.
 * @throws EnergyError INVALID where evcc would refuse or misread the value.
 */
export function encode(setter: Setter, value: unknown, current: Current, now: number): Encoded {
  return ENCODERS[setter.kind]({ setter, value, current, now });
}
