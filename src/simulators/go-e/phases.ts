/** Switching between one and three phases, with the pause that it costs. Times are ms of uptime or durations in ms. */

export interface PhaseSettings {
  /** `psm`: 0 auto, 1 one phase, 2 three phases. */
  readonly forced: number;
  /** What the surplus logic would like; null = it has no say. */
  readonly wish: 1 | 3 | null;
  /** Phases of the installation. */
  readonly installed: 1 | 3;
  readonly charging: boolean;
  /** `psmd` */
  readonly pause: number;
  /** `mpwst`: how long a wish has to last. */
  readonly minWish: number;
  /** `mptwt`: between two switches. */
  readonly minWait: number;
}

export class PhaseSwitch {
  active: 1 | 3;
  /** Uptime of the last switch; null = none since boot. */
  switchedAt: number | null = null;
  /** Uptime since which the logic wants other phases. */
  wishedSince: number | null = null;
  /** Uptime at which the running pause began; null = none running. */
  pausedAt: number | null = null;
  #target: 1 | 3;

  constructor(installed: 1 | 3) {
    this.active = installed;
    this.#target = installed;
  }

  get switching(): boolean {
    return this.pausedAt !== null;
  }

  /** The logic wants one phase (`fsp`). */
  get wantsOne(): boolean {
    return this.#target === 1;
  }

  step(uptime: number, settings: PhaseSettings): void {
    if (this.pausedAt !== null) {
      if (uptime - this.pausedAt < settings.pause) return;
      this.pausedAt = null;
      this.#complete(uptime);
    }
    this.#target = this.#wanted(settings);
    if (this.#target === this.active) {
      this.wishedSince = null;
      return;
    }
    this.wishedSince ??= uptime;
    if (settings.forced === 0 && settings.charging && !this.#mayFollowWish(uptime, settings)) return;
    if (settings.charging) this.pausedAt = uptime;
    else this.#complete(uptime);
  }

  /** After a reboot the clock starts anew. */
  reset(): void {
    this.switchedAt = null;
    this.wishedSince = null;
    this.pausedAt = null;
  }

  #complete(uptime: number): void {
    this.active = this.#target;
    this.switchedAt = uptime;
    this.wishedSince = null;
  }

  #wanted({ forced, wish, installed }: PhaseSettings): 1 | 3 {
    if (installed === 1 || forced === 1) return 1;
    return forced === 2 ? 3 : (wish ?? 3);
  }

  #mayFollowWish(uptime: number, { minWish, minWait }: PhaseSettings): boolean {
    const lasted = this.wishedSince === null ? 0 : uptime - this.wishedSince;
    return lasted >= minWish && (this.switchedAt === null || uptime - this.switchedAt >= minWait);
  }
}
