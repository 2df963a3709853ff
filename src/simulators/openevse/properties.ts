/** The properties of a claim or override, and what MQTT remembers of those it was sent. */

import { toBoolean, toText, toUint32 } from './conversions';
import { type Json, type JsonObject } from './lenient-json';

export type Target = 'active' | 'disabled';

export interface Properties {
  readonly state?: Target;
  /** A */
  readonly chargeCurrent?: number;
  /** A */
  readonly maxCurrent?: number;
  /** Released when the vehicle unplugs. */
  readonly autoRelease: boolean;
}

export function sameProperties(a: Properties, b: Properties): boolean {
  return (
    a.state === b.state &&
    a.chargeCurrent === b.chargeCurrent &&
    a.maxCurrent === b.maxCurrent &&
    a.autoRelease === b.autoRelease
  );
}

/** The state document; without a claim the text `null` stands where the state would be. */
export function propertiesDocument(properties: Properties | undefined): string {
  if (properties === undefined) return '{"state":"null"}';
  return JSON.stringify({
    state: properties.state,
    charge_current: properties.chargeCurrent,
    max_current: properties.maxCurrent,
    auto_release: properties.autoRelease,
  });
}

/** Only the first letter counts; another one leaves the previous value. */
export function readTarget(text: string): Target | undefined {
  if (text.startsWith('a')) return 'active';
  if (text.startsWith('d')) return 'disabled';
  return undefined;
}

/**
 * Everything that was sent on one `set` topic since boot. Each payload is merged into it, and the claim is made of the
 * whole, so that values of long ago come back. It knows nothing of claims made or released elsewhere.
 */
export class PropertyMemory {
  #state: Target | undefined;
  #chargeCurrent: number | undefined;
  #maxCurrent: number | undefined;
  #autoRelease = false;
  #autoReleaseGiven = false;

  /** @throws FirmwareCrash when `state` is no text. */
  merge(payload: JsonObject): void {
    const state = payload.get('state');
    if (state !== undefined) this.#state = readTarget(toText(state, 'state')) ?? this.#state;
    this.#chargeCurrent = readCurrent(payload.get('charge_current'), this.#chargeCurrent);
    this.#maxCurrent = readCurrent(payload.get('max_current'), this.#maxCurrent);
    const autoRelease = payload.get('auto_release');
    if (autoRelease !== undefined) {
      this.#autoRelease = toBoolean(autoRelease);
      this.#autoReleaseGiven = true;
    }
  }

  /** What the override does before it uses the set: `auto_release` is true unless it was ever given. */
  defaultAutoRelease(): void {
    if (this.#autoReleaseGiven) return;
    this.#autoRelease = true;
    this.#autoReleaseGiven = true;
  }

  /** After a release. The values go, but the mark that `auto_release` was given stays: its default is false from now on. */
  empty(): void {
    this.#state = undefined;
    this.#chargeCurrent = undefined;
    this.#maxCurrent = undefined;
    this.#autoRelease = false;
  }

  properties(): Properties {
    return {
      ...(this.#state === undefined ? {} : { state: this.#state }),
      ...(this.#chargeCurrent === undefined ? {} : { chargeCurrent: this.#chargeCurrent }),
      ...(this.#maxCurrent === undefined ? {} : { maxCurrent: this.#maxCurrent }),
      autoRelease: this.#autoRelease,
    };
  }
}

function readCurrent(value: Json | undefined, previous: number | undefined): number | undefined {
  if (value === undefined) return previous;
  return value === 'clear' ? undefined : toUint32(value);
}
