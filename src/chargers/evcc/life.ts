/**
 * Whether evcc is there, and whether it takes commands.
 *
 * `online` is not enough: some 50 to 200 ms later evcc deletes the whole tree, sets included, and only then subscribes
 * to its set topics. The first live non-empty `updated` after that proves it ready, and is its heartbeat from then on:
 * it goes quiet when evcc hangs although `status` still says `online`. On a clean stop the tree is emptied while
 * `status` still says `online` (measured on 0.313.2).
 */

/** s */
const DEFAULT_INTERVAL = 30;
/** s; a longer control interval is no sane one. */
const MAX_INTERVAL = 3600;

export class Life {
  #status: 'online' | 'offline' | null = null;
  /** ms, since when the status is known and a heartbeat is due. */
  #since: number | null = null;
  /** ms, arrival of the last live heartbeat since `online`. */
  #heartbeat: number | null = null;
  /** ms, what a replayed heartbeat said; void once evcc was seen starting or stopping. */
  #replayed: number | null = null;
  /** Unix s, the last heartbeat's text, live or not. */
  #updated: number | null = null;

  /** The last words of evcc: its status, and its heartbeat in unix s (null: not known). */
  get words(): { readonly status: string | null; readonly updated: number | null } {
    return { status: this.#status, updated: this.#updated };
  }

  /** `{root}/status`; other texts change nothing. @returns whether the status changed, or evcc ceased to be ready. */
  status(payload: string, retained: boolean, now: number): boolean {
    const status = payload === 'online' || payload === 'offline' ? payload : payload === '' ? null : undefined;
    if (status === undefined) return false;
    if (status === this.#status && retained) return false;
    const changed = status !== this.#status || this.#heartbeat !== null;
    // A live `online` is a new connection: the sets before its next heartbeat are lost.
    if (status !== 'online' || !retained) this.#starting();
    this.#status = status;
    this.#since = now;
    return changed;
  }

  /** `{root}/updated`, unix s. @returns whether evcc became ready or ceased to be. */
  updated(payload: string, retained: boolean, now: number): boolean {
    const seconds = /^\d{1,12}$/.test(payload) ? Number(payload) : null;
    const before = this.#heartbeat;
    if (payload === '' || seconds !== null) this.#updated = seconds;
    if (payload === '') {
      this.#starting();
      this.#since = now;
    } else if (seconds === null) return false;
    else if (retained) this.#replayed = seconds * 1000;
    else this.#heartbeat = now;
    return (before === null) !== (this.#heartbeat === null);
  }

  /** The broker connection was lost. */
  forget(): void {
    this.#status = null;
    this.#since = null;
    this.#starting();
  }

  #starting(): void {
    this.#heartbeat = null;
    this.#replayed = null;
  }

  /** null: not known yet. `limit` = ms of silence that mean offline. */
  online(now: number, limit: number): boolean | null {
    if (this.#status === 'offline') return false;
    if (this.#heartbeat !== null) return now - this.#heartbeat < limit;
    // Says online, and nothing came for as long as a heartbeat may take: it hangs.
    if (this.#status === 'online' && this.#since !== null && now - this.#since >= limit) return false;
    return null;
  }

  /**
   * Whether a set would be heard. A client that has just connected hears the next heartbeat only within an interval;
   * until then a recent replayed one stands for it, unless evcc was seen starting or stopping.
   */
  ready(now: number, limit: number): boolean {
    if (this.online(now, limit) === true) return true;
    const recent = this.#replayed !== null && Math.abs(now - this.#replayed) < limit;
    return this.#status === 'online' && this.#heartbeat === null && recent;
  }

  /** When `online` changes by time alone; null = never. */
  deadline(now: number, limit: number): number | null {
    if (this.#status === 'offline') return null;
    const heard = this.#heartbeat ?? (this.#status === 'online' ? this.#since : null);
    return heard === null || heard + limit <= now ? null : heard + limit;
  }
}

/** ms of silence that mean offline: what the user set, else three control intervals (s), at least 90 s. */
export function silenceLimit(staleAfter: number | null, interval: number | null): number {
  const cycle = Math.min(interval ?? DEFAULT_INTERVAL, MAX_INTERVAL);
  return (staleAfter ?? Math.max(90, 3 * cycle)) * 1000;
}
