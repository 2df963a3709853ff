/** Where an evcc loadpoint lives: `{root}/loadpoints/{n}`, with a root of one or more levels. */
import { invalid } from '../../shared/errors';
import { isTopic } from '../../shared/topics';

const EXAMPLE = 'evcc/loadpoints/1';

export interface Place {
  readonly root: string;
  /** From 1, in evcc's configuration order. */
  readonly index: number;
}

/** evcc itself cuts slashes at both ends of its root. */
export function trimSlashes(typed: string): string {
  return typed.trim().replace(/^\/+|\/+$/g, '');
}

/** null for a topic that is no loadpoint's base topic. */
export function parseBase(base: string): Place | null {
  const match = /^(.+)\/loadpoints\/([1-9]\d{0,3})$/s.exec(base);
  return match?.[1] === undefined ? null : { root: match[1], index: Number(match[2]) };
}

/** @throws EnergyError INVALID that says what the base topic of a loadpoint looks like. */
export function normaliseBase(typed: string): string {
  const base = trimSlashes(typed);
  const fault = (message: string): Error => invalid('evcc base topic', [{ path: 'baseTopic', message }]);
  if (base === '') throw fault(`is empty; it looks like ${EXAMPLE}`);
  if (!isTopic(base)) throw fault('must be a topic without wildcards or control characters');
  if (parseBase(base) !== null) return base;
  if (base === 'loadpoints' || base.startsWith('loadpoints/')) throw fault(`lacks evcc's root topic: ${EXAMPLE}`);
  if (/(^|\/)loadpoints\/[^/]*$/.test(base)) throw fault(`the loadpoint is a number from 1 on, as in ${EXAMPLE}`);
  throw fault(`"${base}" is no loadpoint; it looks like ${base.split('/loadpoints')[0] ?? 'evcc'}/loadpoints/1`);
}
