/** The manager's one thread for operations: first come, first served, one at a time, for all clients. */
import type { Clock } from '../clock';

export class Worker {
  private readonly queue: (() => void)[] = [];
  private busy = false;

  /** `delayMs` is looked at anew for each task. */
  constructor(
    private readonly clock: Clock,
    private readonly delayMs: () => number,
  ) {}

  add(task: () => void): void {
    this.queue.push(task);
    if (!this.busy) this.next();
  }

  /** Forgets what waits. To be called when the clock's timers have been cancelled. */
  clear(): void {
    this.queue.length = 0;
    this.busy = false;
  }

  private next(): void {
    const task = this.queue.shift();
    this.busy = task !== undefined;
    if (!task) return;
    const run = (): void => {
      task();
      this.next();
    };
    const delay = this.delayMs();
    if (delay > 0) this.clock.after(delay, run);
    else queueMicrotask(run);
  }
}
