/** Current shaper: keeps the site below a power limit, from a feed of its live power. */

export interface ShaperSettings {
  /** W; what the site may draw. */
  readonly maxPower: number;
  /** s; how slowly falling power is believed while it pauses the charge. */
  readonly smoothingSeconds: number;
  /** s; a pause lasts at least so long. */
  readonly minPauseSeconds: number;
  /** s; older data count as none. */
  readonly maxDataAgeSeconds: number;
  /** A */
  readonly minCurrent: number;
}

export interface SiteReadings {
  /** V, sum over the phases */
  readonly volts: number;
  /** W; what the charger itself draws. */
  readonly chargerPower: number;
  /** W; last value of the solar feed, which adds to the limit. */
  readonly solar: number;
}

export type ShaperClaim =
  | { readonly kind: 'current'; readonly maxCurrent: number }
  /** Too little left for the minimum current. */
  | { readonly kind: 'pause' }
  /** No data, or old ones. */
  | { readonly kind: 'stale' };

export interface ShaperResult {
  readonly claim: ShaperClaim;
  readonly livePower: number;
  readonly smoothedPower: number;
  readonly current: number;
  readonly fresh: boolean;
}

export class Shaper {
  #livePower = 0;
  #smoothedPower = 0;
  #current = 0;
  #fedAt: number | undefined;
  #newData = false;
  #claim: ShaperClaim['kind'] | undefined;
  #pausedAt = 0;
  #smoothedAt: number | undefined;

  /** W; may come at any time, enabled or not. */
  feed(watts: number, now: number): void {
    this.#livePower = watts;
    this.#fedAt = now;
    this.#newData = true;
  }

  /** Its claim is gone: the next cycle makes a new one. */
  reset(): void {
    this.#claim = undefined;
    this.#newData = this.#fedAt !== undefined;
  }

  /** Every 2 s while enabled; the result when it makes a claim. */
  cycle(settings: ShaperSettings, site: SiteReadings, now: number): ShaperResult | undefined {
    const fresh = this.#fedAt !== undefined && now - this.#fedAt <= settings.maxDataAgeSeconds * 1000;
    if (!fresh) {
      if (this.#claim === 'stale') return undefined;
      return this.#make({ kind: 'stale' }, fresh);
    }
    if (!this.#newData) return undefined;
    this.#newData = false;
    this.#smooth(settings, now);
    this.#current = (settings.maxPower - this.#smoothedPower + site.solar + site.chargerPower) / site.volts;
    return this.#make(this.#decide(settings, now), fresh);
  }

  #make(claim: ShaperClaim, fresh: boolean): ShaperResult {
    this.#claim = claim.kind;
    return {
      claim,
      livePower: this.#livePower,
      smoothedPower: this.#smoothedPower,
      current: this.#current,
      fresh,
    };
  }

  #decide(settings: ShaperSettings, now: number): ShaperClaim {
    const maxCurrent = Math.floor(this.#current);
    const enough = maxCurrent >= settings.minCurrent;
    const mayResume = this.#claim !== 'pause' || now - this.#pausedAt >= settings.minPauseSeconds * 1000;
    if (enough && mayResume) return { kind: 'current', maxCurrent };
    if (this.#claim !== 'pause') this.#pausedAt = now;
    return { kind: 'pause' };
  }

  /** Only falling power during a pause is smoothed; everything else is believed at once. */
  #smooth(settings: ShaperSettings, now: number): void {
    const seconds = this.#smoothedAt === undefined ? 0 : Math.round((now - this.#smoothedAt) / 1000);
    this.#smoothedAt = now;
    const falling = this.#claim === 'pause' && this.#livePower < this.#smoothedPower;
    const gain = falling && settings.smoothingSeconds > 0 ? 1 - Math.exp(-seconds / settings.smoothingSeconds) : 1;
    this.#smoothedPower += (this.#livePower - this.#smoothedPower) * gain;
  }
}
