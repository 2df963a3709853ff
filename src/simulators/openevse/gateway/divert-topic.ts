/** `divertmode/set`, the divert feeds, and the claim that follows them. */

import { PRIORITY } from '../claims';
import { leadingByte } from '../conversions';
import { DIVERT, Divert } from '../divert';
import { type GatewayCore } from './core';
import { type Monitor } from './monitor';

export class DivertTopic {
  readonly #core: GatewayCore;
  readonly #monitor: () => Monitor;
  readonly #divert = new Divert();
  /** 1 normal, 2 eco */
  mode: number = DIVERT.normal;
  /** W; last value of the solar feed, which the shaper counts in too. */
  solar = 0;

  constructor(core: GatewayCore, monitor: () => Monitor) {
    this.#core = core;
    this.#monitor = monitor;
  }

  /** Silent unless the mode changes. */
  set(payload: string): void {
    this.#enter(leadingByte(payload));
  }

  /** Boot, or any flag setting changed: the configured mode replaces the one set over MQTT. */
  configChanged(): void {
    const { config } = this.#core;
    const eco = config.flag('divert_enabled') && config.text('charge_mode') === 'eco';
    this.#enter(eco ? DIVERT.eco : DIVERT.normal);
  }

  /** A value of the feed that `divert_type` selects, in W: solar production, or grid import (negative: export). */
  feed(key: 'solar' | 'grid_ie', watts: number): void {
    const { status, config, clock, claims } = this.#core;
    const type = config.number('divert_type');
    if (key !== (type === 1 ? 'grid_ie' : 'solar')) return;
    if (key === 'solar') this.solar = watts;
    const monitor = this.#monitor();
    const volts = monitor.voltage * monitor.phases;
    if (this.mode !== DIVERT.eco) {
      status('divert_update', 0);
      status(key, watts);
      status('divert_active', false);
      return;
    }
    const available = key === 'solar' ? watts / volts : Math.max(0, monitor.amps - watts / volts);
    const result = this.#divert.feed(
      available,
      {
        attackSeconds: config.number('divert_attack_smoothing_time'),
        decaySeconds: config.number('divert_decay_smoothing_time'),
        minChargeSeconds: config.number('divert_min_charge_time'),
        pvRatio: config.number('divert_PV_ratio'),
        minCurrent: config.number('min_current_hard'),
      },
      clock.now(),
    );
    if (result.claim === undefined) claims.make('divert', PRIORITY.idle, { state: 'disabled', autoRelease: false });
    else {
      claims.make('divert', PRIORITY.divert, { state: 'active', chargeCurrent: result.claim, autoRelease: false });
    }
    status('divert_update', 0);
    status(key, watts);
    status('divert_active', result.active);
    status('charge_rate', result.chargeRate);
    status('trigger_current', result.triggerCurrent);
    // Three times the phase voltage on a three-phase charger, on the topic that shows the plain one each second.
    status('voltage', volts);
    status('available_current', result.availableCurrent);
    status('smoothed_available_current', result.smoothedCurrent);
    status('pilot', monitor.pilot);
    status('min_charge_end', result.minChargeEnd);
  }

  #enter(mode: number): void {
    if ((mode !== DIVERT.normal && mode !== DIVERT.eco) || mode === this.mode) return;
    const { claims, status } = this.#core;
    this.mode = mode;
    this.#divert.reset();
    if (mode === DIVERT.eco) claims.make('divert', PRIORITY.idle, { state: 'disabled', autoRelease: false });
    else claims.release('divert');
    status('divertmode', mode);
    status('divert_active', false);
    if (mode !== DIVERT.eco) return;
    for (const key of ['charge_rate', 'available_current', 'smoothed_available_current']) status(key, 0);
  }
}
