/**
 * Arbitration: clients claim state and currents; the highest priority wins, property by property. The firmware has ten
 * slots, which the six clients of the simulator never fill.
 */

import { type Properties, type Target, sameProperties } from './properties';

/** Client names stand for the firmware's numeric client ids. */
export type ClaimClient = 'manual' | 'divert' | 'schedule' | 'limit' | 'mqtt' | 'shaper';

export const PRIORITY = {
  idle: 10,
  divert: 50,
  schedule: 100,
  mqtt: 500,
  manual: 1000,
  limit: 1100,
  safety: 5000,
} as const;

const SLOTS = 10;

interface Claim {
  readonly client: ClaimClient;
  readonly priority: number;
  readonly properties: Properties;
}

export interface Arbitrated {
  readonly state: Target | undefined;
  readonly chargeCurrent: number | undefined;
  readonly maxCurrent: number | undefined;
}

export class Claims {
  readonly #slots: (Claim | undefined)[] = new Array<undefined>(SLOTS).fill(undefined);

  /** Claims, or replaces the client's claim. @returns whether anything changed */
  make(client: ClaimClient, priority: number, properties: Properties): boolean {
    const own = this.#slots.findIndex((claim) => claim?.client === client);
    const held = this.#slots[own];
    if (held?.priority === priority && sameProperties(held.properties, properties)) return false;
    this.#slots[own === -1 ? this.#slots.indexOf(undefined) : own] = { client, priority, properties };
    return true;
  }

  /** false: there was nothing to release. */
  release(client: ClaimClient): boolean {
    const slot = this.#slots.findIndex((claim) => claim?.client === client);
    if (slot === -1) return false;
    this.#slots[slot] = undefined;
    return true;
  }

  /** At unplug; the firmware neither counts a version nor publishes for it. */
  releaseAuto(): void {
    for (const [slot, claim] of this.#slots.entries()) {
      if (claim?.properties.autoRelease) this.#slots[slot] = undefined;
    }
  }

  get(client: ClaimClient): Properties | undefined {
    return this.#slots.find((claim) => claim?.client === client)?.properties;
  }

  arbitrate(): Arbitrated {
    return {
      state: this.#winner('state'),
      chargeCurrent: this.#winner('chargeCurrent'),
      maxCurrent: this.#winner('maxCurrent'),
    };
  }

  /** Ties go to the earlier slot. */
  #winner<Key extends keyof Properties>(key: Key): Properties[Key] | undefined {
    let best: Claim | undefined;
    for (const claim of this.#slots) {
      if (claim?.properties[key] !== undefined && (best === undefined || claim.priority > best.priority)) best = claim;
    }
    return best?.properties[key];
  }
}
