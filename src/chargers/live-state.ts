/**
 * A state that is known from messages alone, shared by all who watch it: folds the messages in, and projects and reports
 * it once per coalescing window, not once per message.
 */
import type { Connection } from '../mqtt/connection';
import type { Subscription } from '../mqtt/dispatcher';
import type { Message } from '../mqtt/types';
import { EnergyError } from '../shared/errors';
import { differences, paths } from './differences';
import { Replay } from './replay';

/** ms between two reports of measurements. */
const MEASUREMENT_PERIOD = 1_000;
/** ms; Node.js fires timers that are to wait longer at once. */
const LONGEST_TIMER = 2 ** 31 - 1;

export interface Listener<Status> {
  /** A report is due: at once for anything but measurements, else at most once per second. */
  onChange?(status: Status, changed: readonly string[]): void;
  /** After each message that belongs to the state. */
  onMessage?(): void;
  /** The broker refused a subscription, or something unreadable came (once until it is readable again). */
  onFault?(error: EnergyError, topic: string): void;
}

export abstract class LiveState<Status extends { readonly online: boolean | null }> {
  private readonly listeners = new Set<Listener<Status>>();
  private readonly told = new Set<string>();
  protected readonly replay = new Replay();
  private subscription: Subscription | undefined;
  private unlink: (() => void) | undefined;
  private reported: Status | undefined;
  private reportedAt = 0;
  private soon: NodeJS.Immediate | undefined;
  private later: NodeJS.Timeout | undefined;
  private clock: NodeJS.Timeout | undefined;
  /** ms, when `clock` fires; Infinity = not armed. */
  private alarm = Infinity;
  /** Something was received, so there is something to tell. */
  private heard = false;

  constructor(protected readonly connection: Connection) {}

  protected abstract filters(): readonly string[];

  /** Folds one message in; returns the names of the keys that changed. */
  protected abstract decode(message: Message, now: number): readonly string[];

  /** Whether the change of a key is noise or a measurement. */
  protected abstract isQuiet(key: string): boolean;

  protected abstract project(now: number): Status;

  /** Whether a path of the status is a measurement. */
  protected abstract isMeasurement(path: string): boolean;

  /** When (ms) the status will change by the passing of time alone; null = never. */
  protected abstract deadline(now: number): number | null;

  /** The broker connection was lost: nothing is known to be live any more. */
  protected abstract disconnected(): void;

  /** Topics (or keys) whose payload is unreadable now, with a reason. */
  protected abstract faults(): ReadonlyMap<string, string>;

  /** The state now. */
  status(): Status {
    return this.project(Date.now());
  }

  /**
   * Listens until the returned function is called. What is known already is reported as soon as the nodes that are
   * being deployed in this turn are all there to receive it.
   */
  watch(listener: Listener<Status>): () => void {
    this.listeners.add(listener);
    if (!this.subscription) this.open();
    const snapshot = setImmediate(() => {
      if (!this.heard) return;
      const status = this.status();
      this.connection.guard(() => listener.onChange?.(status, paths(status)));
    });
    return () => {
      clearImmediate(snapshot);
      if (this.listeners.delete(listener) && this.listeners.size === 0) this.close();
    };
  }

  protected open(): void {
    const filters = this.filters();
    this.subscription = this.connection.subscribe(filters, {
      onMessage: (message) => this.fold(message),
      onGranted: (filter) => this.replay.answered(filter),
      onRefused: (filter, error) => {
        this.replay.answered(filter);
        this.fault(error, filter);
      },
    });
    if (this.connection.state.state === 'connected') this.replay.begin(filters);
    this.unlink = this.connection.onState(({ state }) => {
      if (state === 'connected') {
        this.replay.begin(filters);
        return;
      }
      this.replay.end();
      this.disconnected();
      this.flushSoon();
    });
  }

  protected close(): void {
    this.subscription?.close();
    this.unlink?.();
    clearImmediate(this.soon);
    clearTimeout(this.later);
    clearTimeout(this.clock);
    this.subscription = this.unlink = this.soon = this.later = this.clock = undefined;
    this.alarm = Infinity;
    // Who watches next is told anew, beginning with what is known then.
    this.reported = undefined;
    this.replay.end();
    this.disconnected();
  }

  protected fold(message: Message): void {
    const now = Date.now();
    const changed = this.decode(message, now);
    this.heard = true;
    this.tellFaults();
    if (this.reported?.online !== true || changed.some((key) => !this.isQuiet(key))) this.flushSoon();
    else if (changed.length > 0) this.flushLater(now);
    this.each((listener) => listener.onMessage?.());
  }

  protected fault(error: EnergyError, topic: string): void {
    this.each((listener) => listener.onFault?.(error, topic));
  }

  protected report(status: Status, changed: readonly string[]): void {
    this.each((listener) => listener.onChange?.(status, changed));
  }

  private each(tell: (listener: Listener<Status>) => void): void {
    for (const listener of this.listeners) this.connection.guard(() => tell(listener));
  }

  private tellFaults(): void {
    const faults = this.faults();
    if (faults.size === 0 && this.told.size === 0) return;
    for (const topic of this.told) if (!faults.has(topic)) this.told.delete(topic);
    for (const [topic, text] of faults) {
      if (this.told.has(topic)) continue;
      this.told.add(topic);
      this.fault(new EnergyError('BAD_PAYLOAD', `Unreadable message on ${topic}: ${text}`), topic);
    }
  }

  private flushSoon(): void {
    this.soon ??= setImmediate(() => {
      this.soon = undefined;
      this.flush();
    });
  }

  private flushLater(now: number): void {
    this.later ??= setTimeout(
      () => {
        this.later = undefined;
        this.flush();
      },
      Math.max(0, this.reportedAt + MEASUREMENT_PERIOD - now),
    );
  }

  private flush(): void {
    if (!this.subscription) return;
    const now = Date.now();
    this.arm(now);
    if (!this.heard) return;
    const status = this.project(now);
    const changed = this.reported ? differences(this.reported, status) : paths(status);
    const measured = changed.every((path) => this.isMeasurement(path));
    if (measured && now < this.reportedAt + MEASUREMENT_PERIOD) {
      if (changed.length > 0) this.flushLater(now);
      return;
    }
    // A new `lastSeen` alone says nothing that `online` does not.
    if (changed.every((path) => path === 'lastSeen')) return;
    clearTimeout(this.later);
    this.later = undefined;
    this.reported = status;
    this.reportedAt = now;
    this.report(status, changed);
  }

  /** Wakes up when the passing of time alone will change the state, e.g. to offline. */
  private arm(now: number): void {
    const deadline = this.deadline(now) ?? Infinity;
    if (deadline >= this.alarm && this.clock) return;
    clearTimeout(this.clock);
    this.clock = undefined;
    this.alarm = deadline;
    if (deadline === Infinity) return;
    this.clock = setTimeout(
      () => {
        this.clock = undefined;
        this.alarm = Infinity;
        this.flush();
      },
      Math.min(Math.max(1, deadline - now), LONGEST_TIMER),
    );
  }
}
