/** Whether the values that the broker kept for some filters have arrived: what is planned before rests on nothing, or on old values. */

/** ms; the broker sends them right behind the answer to the SUBSCRIBE. */
const ARRIVES_WITHIN = 200;

export class Replay {
  private readonly unanswered = new Set<string>();
  private timer: NodeJS.Timeout | undefined;
  private resolve: (() => void) | undefined;
  /** Resolves when they have arrived, or can no longer; undefined: that is so. */
  pending: Promise<void> | undefined;

  /** The filters are asked for, on a connection that is up. */
  begin(filters: readonly string[]): void {
    this.end();
    for (const filter of filters) this.unanswered.add(filter);
    this.pending = new Promise((resolve) => (this.resolve = resolve));
  }

  /** The broker granted the filter or refused it. */
  answered(filter: string): void {
    if (!this.unanswered.delete(filter) || this.unanswered.size > 0) return;
    this.timer = setTimeout(() => this.end(), ARRIVES_WITHIN);
  }

  end(): void {
    clearTimeout(this.timer);
    this.unanswered.clear();
    this.pending = undefined;
    this.resolve?.();
  }
}
