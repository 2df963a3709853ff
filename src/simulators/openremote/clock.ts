/** Time as the simulator sees it, so that a test can move it by hand. */

export type Cancel = () => void;

export interface Clock {
  /** ms since the epoch. */
  now(): number;
  /** Runs once, `ms` from now. */
  after(ms: number, run: () => void): Cancel;
  /** Runs again and again, every `ms`. */
  every(ms: number, run: () => void): Cancel;
}

export const systemClock: Clock = {
  now: () => Date.now(),
  after(ms, run) {
    const timer = setTimeout(run, ms);
    return () => clearTimeout(timer);
  },
  every(ms, run) {
    const timer = setInterval(run, ms);
    return () => clearInterval(timer);
  },
};

/** A clock whose timers all end with `cancelAll`: nothing fires after its owner stopped. */
export class OwnedClock implements Clock {
  private readonly running = new Set<Cancel>();

  constructor(private readonly clock: Clock) {}

  now(): number {
    return this.clock.now();
  }

  after(ms: number, run: () => void): Cancel {
    const cancel = this.own(
      this.clock.after(ms, () => {
        this.running.delete(cancel);
        run();
      }),
    );
    return cancel;
  }

  every(ms: number, run: () => void): Cancel {
    return this.own(this.clock.every(ms, run));
  }

  cancelAll(): void {
    for (const cancel of this.running) cancel();
  }

  private own(stop: Cancel): Cancel {
    const cancel = (): void => {
      this.running.delete(cancel);
      stop();
    };
    this.running.add(cancel);
    return cancel;
  }
}
