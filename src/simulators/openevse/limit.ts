/** The charge limit: what it takes from `limit/set`, and when it is reached. */

import { toBoolean, toText, toUint32 } from './conversions';
import { type JsonObject } from './lenient-json';

export type LimitType = 'none' | 'time' | 'energy' | 'soc' | 'range';

export interface Limit {
  readonly type: LimitType;
  /** time: minutes, energy: Wh, soc: %, range: km or miles */
  readonly value: number;
  readonly autoRelease: boolean;
}

export const NO_LIMIT: Limit = { type: 'none', value: 0, autoRelease: true };

const BY_LETTER: Readonly<Record<string, LimitType>> = { n: 'none', t: 'time', e: 'energy', s: 'soc', r: 'range' };

/** Only the first letter counts. */
export function readLimitType(text: string): LimitType | undefined {
  return BY_LETTER[text.charAt(0)];
}

export function limitDocument(limit: Limit): string {
  return JSON.stringify({ type: limit.type, value: limit.value, auto_release: limit.autoRelease });
}

/** What was sent on `limit/set` since boot; nothing ever empties it, so that a value alone revives the old type. */
export class LimitMemory {
  #limit: Limit = NO_LIMIT;

  /**
   * The limit to set; undefined when the whole is none: it is ignored then, yet remembered.
   * @throws FirmwareCrash when `type` is no text.
   */
  merge(payload: JsonObject): Limit | undefined {
    const type = payload.get('type');
    const value = payload.get('value');
    const autoRelease = payload.get('auto_release');
    const before = this.#limit;
    this.#limit = {
      type: type === undefined ? before.type : (readLimitType(toText(type, 'type')) ?? before.type),
      value: value === undefined ? before.value : toUint32(value),
      autoRelease: autoRelease === undefined ? before.autoRelease : toBoolean(autoRelease),
    };
    return this.#limit.type !== 'none' && this.#limit.value > 0 ? this.#limit : undefined;
  }
}

export interface SessionReadings {
  readonly seconds: number;
  readonly wh: number;
  /** From the vehicle feeds; undefined: none came. */
  readonly soc: number | undefined;
  readonly range: number | undefined;
}

export function limitReached(limit: Limit, session: SessionReadings): boolean {
  switch (limit.type) {
    case 'none':
      return false;
    case 'time':
      return session.seconds >= limit.value * 60;
    case 'energy':
      return session.wh >= limit.value;
    case 'soc':
      return session.soc !== undefined && session.soc >= limit.value;
    case 'range':
      return session.range !== undefined && session.range >= limit.value;
  }
}
