/** What must be read back for a set to have taken effect. */
import type { KeyValues } from '../key-values';
import type { Scope } from './catalogue';
import { typed } from './wire';

/** null: empty or absent, which is the same on the wire. */
export type Expected = number | string | boolean | null;

/** All of these keys have these values. */
export type Expectation = readonly (readonly [key: string, expected: Expected])[];

/** Any of these holds: versions and devices answer differently. */
export type Proof = readonly Expectation[];

/** evcc writes three decimals. The rest is for the binary form of decimal fractions. */
const TOLERANCE = 0.0005 + 1e-9;

function equal(actual: unknown, expected: Expected): boolean {
  if (typeof actual === 'number' && typeof expected === 'number') return Math.abs(actual - expected) <= TOLERANCE;
  return actual === expected;
}

export function proven(proof: Proof, values: KeyValues, scope: Scope): boolean {
  return proof.some((all) => all.every(([key, expected]) => equal(typed(values, scope, key), expected)));
}
