/** How evcc writes values as MQTT payloads: plain text; read from its source and measured on running releases 0.300.6 and 0.313.2. */
import { compareVersions } from './version';

/** A message below the root topic. evcc sends everything retained; QoS 1 except for the deletions of a cleanup. */
export interface Message {
  /** Without the root, e.g. `loadpoints/1/mode`. */
  readonly topic: string;
  readonly payload: string;
}

/**
 * - `duration`: seconds in, whole seconds out; `time`: unix seconds, null = zero time
 * - `list`: count on the topic, elements at `/1`, `/2`, ...
 * - `phases`: sum on the topic, elements at `/l1`, `/l2`, `/l3`
 */
export type Kind = 'text' | 'bool' | 'int' | 'float' | 'duration' | 'time' | 'list' | 'phases';

export type Scalar = string | number | boolean;
export type Value = Scalar | null | readonly Scalar[];

/** Fixed notation with at most 3 decimals; a tiny negative gives `-0` as in evcc. */
function fixedFloat(value: number): string {
  // From here on toFixed would write an exponent.
  if (Math.abs(value) >= 1e21) return String(BigInt(value));
  return value.toFixed(3).replace(/\.?0+$/, '');
}

/** Five significant digits, exponent form from 100,000 on and below 0.0001: before 0.300.7. */
function shortFloat(value: number): string {
  if (value === 0) return '0';
  const [mantissa = '', exponentText = ''] = value.toExponential(4).split('e');
  const exponent = Number(exponentText);
  if (exponent >= -4 && exponent < 5) return String(Number(value.toPrecision(5)));
  const digits = String(Math.abs(exponent)).padStart(2, '0');
  return `${mantissa.replace(/\.?0+$/, '')}e${exponent < 0 ? '-' : '+'}${digits}`;
}

function nonFinite(value: number): string {
  return Number.isNaN(value) ? 'NaN' : value > 0 ? '+Inf' : '-Inf';
}

export type FloatFormat = (value: number) => string;

export function floatFormat(version: string): FloatFormat {
  const format = compareVersions(version, '0.300.7') < 0 ? shortFloat : fixedFloat;
  return (value) => (Number.isFinite(value) ? format(value) : nonFinite(value));
}

function scalar(value: Scalar, kind: Kind, float: FloatFormat): string {
  if (typeof value !== 'number') return String(value);
  return kind === 'int' || kind === 'duration' || kind === 'time' ? String(Math.trunc(value)) : float(value);
}

function elements(topic: string, value: readonly Scalar[], kind: 'list' | 'phases', float: FloatFormat): Message[] {
  const prefix = kind === 'phases' ? 'l' : '';
  const sum = value.reduce<number>((total, element) => total + Number(element), 0);
  const head = kind === 'phases' ? float(sum) : String(value.length);
  const children = value.map((element, i) => ({
    topic: `${topic}/${prefix}${i + 1}`,
    payload: scalar(element, kind, float),
  }));
  return [{ topic, payload: head }, ...children];
}

/** The messages of one value; null is a zero-length payload. */
export function encode(topic: string, value: Value, kind: Kind, float: FloatFormat): Message[] {
  if (value === null) return [{ topic, payload: '' }];
  if (kind === 'list' || kind === 'phases')
    return elements(topic, Array.isArray(value) ? value : [value as Scalar], kind, float);
  return [{ topic, payload: scalar(value as Scalar, kind, float) }];
}
