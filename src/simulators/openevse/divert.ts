/** Solar divert: from a feed value to the current that the charger may use. */

export const DIVERT = { normal: 1, eco: 2 } as const;

export interface DivertSettings {
  /** s; how fast it follows more power. */
  readonly attackSeconds: number;
  /** s; how slowly it follows less. */
  readonly decaySeconds: number;
  /** s; a charge once begun goes on for it. */
  readonly minChargeSeconds: number;
  /** Share of the minimum current that must be solar; above 1 counts as 1. */
  readonly pvRatio: number;
  /** A; the least a vehicle can be offered. */
  readonly minCurrent: number;
}

/** What one feed value led to; the numbers as published. */
export interface DivertResult {
  readonly active: boolean;
  readonly chargeRate: number;
  readonly triggerCurrent: number;
  readonly availableCurrent: number;
  readonly smoothedCurrent: number;
  readonly minChargeEnd: number;
  /** A to charge with from now on; undefined: pause. */
  readonly claim: number | undefined;
}

export class Divert {
  #smoothed = 0;
  #lastFeed: number | undefined;
  /** When its claim became an active one, in ms. */
  #startedAt: number | undefined;
  #feedsSinceStart = 0;

  reset(): void {
    this.#smoothed = 0;
    this.#lastFeed = undefined;
    this.#startedAt = undefined;
    this.#feedsSinceStart = 0;
  }

  /** Folds in one feed value, converted to the current that is to be had, in A. `now` in ms. */
  feed(availableCurrent: number, settings: DivertSettings, now: number): DivertResult {
    const { attackSeconds, decaySeconds, minChargeSeconds, minCurrent, pvRatio } = settings;
    // Whole seconds; the first value after a mode change only starts the filter.
    const seconds = this.#lastFeed === undefined ? 0 : Math.round((now - this.#lastFeed) / 1000);
    this.#lastFeed = now;
    const tau = availableCurrent > this.#smoothed ? attackSeconds : decaySeconds;
    const gain = tau > 0 ? 1 - Math.exp(-seconds / tau) : 1;
    this.#smoothed += (availableCurrent - this.#smoothed) * gain;

    // Both signs come late by a feed or two: active with the first feed after the start, the time left with the second.
    const startedBefore = this.#startedAt;
    if (startedBefore !== undefined) this.#feedsSinceStart++;
    const left = startedBefore === undefined ? 0 : startedBefore / 1000 + minChargeSeconds - now / 1000;
    const triggerCurrent = minCurrent * Math.min(1, pvRatio);
    if (this.#smoothed >= triggerCurrent) this.#startedAt ??= now;
    else if (left <= 0) this.#startedAt = undefined;
    if (this.#startedAt === undefined) this.#feedsSinceStart = 0;

    const chargeRate = Math.floor(availableCurrent);
    return {
      active: startedBefore !== undefined,
      chargeRate,
      triggerCurrent,
      availableCurrent,
      smoothedCurrent: this.#smoothed,
      minChargeEnd: this.#feedsSinceStart >= 2 ? Math.max(0, Math.round(left)) : 0,
      claim: this.#startedAt === undefined ? undefined : Math.max(chargeRate, minCurrent),
    };
  }
}
