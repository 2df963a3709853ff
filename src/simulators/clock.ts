/** A device's own sense of time: wall clock, intervals and timeouts at a chosen speed, all ended by one `stop()`. */

/** Where real time comes from; tests put a `ManualTimeSource` here. All times in milliseconds. */
export interface TimeSource {
  now(): number;
  /** Calls back once after `ms`; returns what cancels it. */
  schedule(ms: number, callback: () => void): () => void;
}

export const systemTime: TimeSource = {
  now: () => Date.now(),
  schedule(ms, callback) {
    const timer = setTimeout(callback, ms);
    return () => clearTimeout(timer);
  },
};

/** Node fires timers above this delay at once, so longer waits are made in steps. */
const LONGEST_TIMER_MS = 2_147_483_647;

export interface ClockOptions {
  /** How much faster than real time it runs; 1 = real time. */
  readonly speed?: number;
  /** What the device's clock shows at creation, in ms since 1970; default: the present. */
  readonly startTime?: number;
  readonly source?: TimeSource;
}

/** Device time. Delays and times are in milliseconds of device time. */
export class Clock {
  readonly #source: TimeSource;
  readonly #speed: number;
  readonly #realStart: number;
  readonly #deviceStart: number;
  readonly #cancels = new Set<() => void>();

  constructor(options: ClockOptions = {}) {
    const speed = options.speed ?? 1;
    if (!Number.isFinite(speed) || speed <= 0) throw new RangeError(`speed must be above 0, not ${speed}`);
    this.#source = options.source ?? systemTime;
    this.#speed = speed;
    this.#realStart = this.#source.now();
    this.#deviceStart = options.startTime ?? this.#realStart;
  }

  /** What the device's clock shows, in ms since 1970. */
  now(): number {
    return this.#deviceStart + (this.#source.now() - this.#realStart) * this.#speed;
  }

  /** Calls back once after `delay`; returns what cancels it. */
  after(delay: number, callback: () => void): () => void {
    const due = this.now() + delay;
    let cancelTimer: () => void;
    const cancel = (): void => {
      cancelTimer();
      this.#cancels.delete(cancel);
    };
    const arm = (): void => {
      const ms = Math.min(Math.max(0, (due - this.now()) / this.#speed), LONGEST_TIMER_MS);
      cancelTimer = this.#source.schedule(ms, () => {
        if (ms === LONGEST_TIMER_MS) {
          arm();
        } else {
          this.#cancels.delete(cancel);
          callback();
        }
      });
    };
    arm();
    this.#cancels.add(cancel);
    return cancel;
  }

  /** Calls back every `period`, at first after `first`, without drift; ticks that the process slept through are left out. */
  every(period: number, callback: () => void, first = period): () => void {
    let due = this.now() + first;
    let cancelNext: () => void;
    const arm = (): void => {
      cancelNext = this.after(due - this.now(), () => {
        due += period * Math.max(1, Math.ceil((this.now() - due) / period));
        arm();
        callback();
      });
    };
    arm();
    return () => cancelNext();
  }

  /** The same time and speed, with timers of its own: for a part that ends before the whole. */
  fork(): Clock {
    return new Clock({ speed: this.#speed, startTime: this.now(), source: this.#source });
  }

  /** Cancels everything that is waiting. The clock can be used again. */
  stop(): void {
    for (const cancel of [...this.#cancels]) cancel();
  }
}

/** Time that passes only by `advance`, for tests. */
export class ManualTimeSource implements TimeSource {
  #now: number;
  #sequence = 0;
  readonly #waiting = new Map<number, { readonly due: number; readonly callback: () => void }>();

  constructor(now = 0) {
    this.#now = now;
  }

  now(): number {
    return this.#now;
  }

  schedule(ms: number, callback: () => void): () => void {
    const key = this.#sequence++;
    this.#waiting.set(key, { due: this.#now + ms, callback });
    return () => this.#waiting.delete(key);
  }

  /** How many callbacks wait: 0 after an orderly end. */
  get pending(): number {
    return this.#waiting.size;
  }

  /** Lets `ms` pass, calling back in the order of time, then of scheduling. */
  advance(ms: number): void {
    const end = this.#now + ms;
    for (let next = this.#earliest(end); next !== undefined; next = this.#earliest(end)) {
      const [key, { due, callback }] = next;
      this.#waiting.delete(key);
      this.#now = Math.max(this.#now, due);
      callback();
    }
    this.#now = end;
  }

  #earliest(end: number): [number, { readonly due: number; readonly callback: () => void }] | undefined {
    let earliest: [number, { readonly due: number; readonly callback: () => void }] | undefined;
    for (const entry of this.#waiting) {
      if (entry[1].due <= end && (earliest === undefined || entry[1].due < earliest[1].due)) earliest = entry;
    }
    return earliest;
  }
}
