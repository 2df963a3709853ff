/** `limit/set`, the two kinds of payload on `limit`, and the claim of a reached limit. */

import { PRIORITY } from '../claims';
import { parseLenientJson } from '../lenient-json';
import {
  type Limit,
  LimitMemory,
  NO_LIMIT,
  type SessionReadings,
  limitDocument,
  limitReached,
  readLimitType,
} from '../limit';
import { atLeast } from '../profiles';
import { type GatewayCore, next8 } from './core';

/** Parse buffer, in bytes. */
const BUDGET = 512;

export class LimitTopic {
  readonly #core: GatewayCore;
  readonly #session: () => SessionReadings & { readonly vehicle: boolean };
  readonly #memory = new LimitMemory();
  #limit: Limit = NO_LIMIT;
  #version = 0;
  #republish = false;

  constructor(core: GatewayCore, session: () => SessionReadings & { readonly vehicle: boolean }) {
    this.#core = core;
    this.#session = session;
    this.#limit = this.#configured();
  }

  /** @throws FirmwareCrash */
  set(payload: string): void {
    if (payload === 'clear') {
      this.#change(NO_LIMIT);
      this.publish();
      // 5.0.0 echoes a clear only once.
      if (!atLeast(this.#core.profile, '5.1.5')) this.#republish = false;
      return;
    }
    const json = parseLenientJson(payload, BUDGET);
    if (!(json instanceof Map)) return;
    const limit = this.#memory.merge(json);
    if (!limit) return;
    this.#change(limit);
    this.publish();
  }

  publish(): void {
    this.#core.document('limit', limitDocument(this.#limit));
  }

  /** A `limit_default_*` setting changed: it applies at once. */
  configChanged(): void {
    this.#change(this.#configured());
  }

  /** Publishes even when there was no limit, unless one stays. */
  unplugged(): void {
    if (this.#limit.type === 'none' || this.#limit.autoRelease) this.#change(NO_LIMIT);
  }

  /** Each second. */
  cycle(): void {
    const { claims, config, profile } = this.#core;
    const session = this.#session();
    if (session.vehicle && limitReached(this.#limit, session)) {
      claims.make('limit', PRIORITY.limit, { state: 'disabled', autoRelease: true });
      return;
    }
    // Where the default is disabled, a limit is meant to start the charge that it ends.
    const starts =
      this.#limit.type !== 'none' &&
      this.#limit.autoRelease &&
      !config.flag('default_state') &&
      atLeast(profile, '5.1.5');
    if (starts) claims.make('limit', PRIORITY.limit, { state: 'active', autoRelease: true });
    else claims.release('limit');
  }

  /** The 100 ms loop. */
  loop(): void {
    if (!this.#republish) return;
    this.#republish = false;
    this.publish();
  }

  #configured(): Limit {
    const { config } = this.#core;
    const type = readLimitType(config.text('limit_default_type')) ?? 'none';
    const value = config.number('limit_default_value');
    return type === 'none' || value === 0 ? NO_LIMIT : { type, value, autoRelease: false };
  }

  #change(limit: Limit): void {
    this.#limit = limit;
    this.#version = next8(this.#version);
    this.#republish = true;
    // Over MQTT since 5.0.0 only.
    if (!atLeast(this.#core.profile, '5.0.0')) return;
    this.#core.status('limit', limit.type !== 'none');
    this.#core.status('limit_version', this.#version);
  }
}
