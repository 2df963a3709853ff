/** `override/set` and `claim/set`, and their state documents. */

import { PRIORITY } from '../claims';
import { parseLenientJson } from '../lenient-json';
import { atLeast } from '../profiles';
import { PropertyMemory, type Properties, propertiesDocument } from '../properties';
import { type GatewayCore } from './core';

/** Parse buffer of both topics, in bytes. */
const BUDGET = 512;

export class ClaimTopics {
  readonly #core: GatewayCore;
  readonly #override = new PropertyMemory();
  readonly #claim = new PropertyMemory();
  #seenVersion = 0;
  #seenOverrideVersion = 0;

  constructor(core: GatewayCore) {
    this.#core = core;
  }

  /** @throws FirmwareCrash */
  override(payload: string): void {
    const { claims } = this.#core;
    if (payload === 'clear') {
      if (!claims.release('manual')) return;
      this.#override.empty();
      this.publishOverride();
    } else if (payload === 'toggle') {
      this.#toggle();
    } else if (merge(this.#override, payload)) {
      this.#override.defaultAutoRelease();
      claims.make('manual', PRIORITY.manual, this.#override.properties());
      this.publishOverride();
    }
  }

  /** @throws FirmwareCrash */
  claim(payload: string): void {
    const { claims } = this.#core;
    if (payload === 'release') {
      if (!claims.release('mqtt')) return;
      this.#claim.empty();
      this.publishClaim();
    } else if (merge(this.#claim, payload)) {
      claims.make('mqtt', PRIORITY.mqtt, this.#claim.properties());
      this.publishClaim();
    }
  }

  /** An override made over HTTP; null: released there. MQTT's memory does not learn of it. */
  web(properties: Properties | null): void {
    if (properties) this.#core.claims.make('manual', PRIORITY.manual, properties);
    else this.#core.claims.release('manual');
  }

  publishOverride(): void {
    this.#core.document('override', propertiesDocument(this.#core.claims.get('manual')));
  }

  publishClaim(): void {
    this.#core.document('claim', propertiesDocument(this.#core.claims.get('mqtt')));
  }

  /** The 100 ms loop: any change of any claim publishes `claim` again. */
  loop(): void {
    const { claims, profile } = this.#core;
    const modern = atLeast(profile, '4.2.2');
    // 4.1.7 compares with a version it only learns from the first claim: until then it publishes in a tight loop.
    if (claims.version !== this.#seenVersion || (!modern && claims.version === 0)) {
      this.#seenVersion = claims.version;
      this.publishClaim();
    }
    if (claims.overrideVersion !== this.#seenOverrideVersion) {
      this.#seenOverrideVersion = claims.overrideVersion;
      if (modern) this.publishOverride();
    }
  }

  #toggle(): void {
    const { claims } = this.#core;
    if (!claims.release('manual')) {
      const state = claims.target === 'active' ? 'disabled' : 'active';
      claims.make('manual', PRIORITY.manual, { state, autoRelease: true });
    }
    this.publishOverride();
  }
}

function merge(memory: PropertyMemory, payload: string): boolean {
  const json = parseLenientJson(payload, BUDGET);
  if (!(json instanceof Map)) return false;
  memory.merge(json);
  return true;
}
