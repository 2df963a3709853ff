/** `shaper/set`, the live power feed, and the shaper's claim. */

import { PRIORITY } from '../claims';
import { leadingByte } from '../conversions';
import { Shaper, type ShaperClaim, type SiteReadings } from '../shaper';
import { type GatewayCore } from './core';

export class ShaperTopic {
  readonly #core: GatewayCore;
  readonly #site: () => SiteReadings;
  readonly #shaper = new Shaper();
  #enabled: boolean;

  constructor(core: GatewayCore, site: () => SiteReadings) {
    this.#core = core;
    this.#site = site;
    this.#enabled = core.config.flag('current_shaper_enabled');
  }

  /** `on` and any other text is 0 and switches it off. */
  set(payload: string): void {
    const value = leadingByte(payload);
    if (value <= 1) this.#enable(value === 1);
  }

  /** A `current_shaper_*` setting changed: it replaces what was set over MQTT. */
  configChanged(): void {
    this.#enable(this.#core.config.flag('current_shaper_enabled'));
  }

  feed(watts: number): void {
    this.#shaper.feed(watts, this.#core.clock.now());
  }

  /** Each 2 s. */
  cycle(): void {
    if (!this.#enabled) return;
    const { config, clock, status } = this.#core;
    const result = this.#shaper.cycle(
      {
        maxPower: config.number('current_shaper_max_pwr'),
        smoothingSeconds: config.number('current_shaper_smoothing_time'),
        minPauseSeconds: config.number('current_shaper_min_pause_time'),
        maxDataAgeSeconds: config.number('current_shaper_data_maxinterval'),
        minCurrent: config.number('min_current_hard'),
      },
      this.#site(),
      clock.now(),
    );
    if (!result) return;
    this.#claim(result.claim);
    status('shaper', 1);
    status('shaper_live_pwr', result.livePower);
    status('shaper_smoothed_live_pwr', result.smoothedPower);
    status('shaper_max_pwr', config.number('current_shaper_max_pwr'));
    status('shaper_cur', result.current);
    status('shaper_updated', result.fresh);
  }

  #enable(enabled: boolean): void {
    this.#enabled = enabled;
    if (!enabled) this.#core.claims.release('shaper');
    this.#shaper.reset();
    this.#core.status('shaper', enabled ? 1 : 0);
  }

  #claim(claim: ShaperClaim): void {
    const { claims } = this.#core;
    if (claim.kind === 'current') {
      claims.make('shaper', PRIORITY.safety, { maxCurrent: claim.maxCurrent, autoRelease: false });
    } else {
      const priority = claim.kind === 'stale' ? PRIORITY.limit : PRIORITY.safety;
      claims.make('shaper', priority, { state: 'disabled', autoRelease: false });
    }
  }
}
