/**
 * One charger's state, shared by all nodes that use it: folds its messages in, projects them to the one vocabulary
 * once per coalescing window, and carries out commands.
 */
import { EnergyError } from '../shared/errors';
import type { Connection } from '../mqtt/connection';
import type { Subscription } from '../mqtt/dispatcher';
import { Exchanger, type ExchangeResult, type RunOptions } from '../mqtt/exchange';
import type { Message } from '../mqtt/types';
import type { ChargerCommand } from '../shared/commands';
import { differences, isMeasurement, paths } from './differences';
import type { Directory } from './directory';
import type { ChargerConfig, NativeBase } from './driver';
import type { ChargerStatus } from './status';
import type { AnyDriver } from './systems';

/** ms between two reports of measurements. */
const MEASUREMENT_PERIOD = 1_000;

export interface ChargerListener {
  /** A report is due: at once for anything but measurements, else at most once per second. */
  onChange?(status: ChargerStatus, changed: readonly string[]): void;
  /** After each message of the charger. */
  onMessage?(): void;
  /** The broker refused a subscription, or the charger sent something unreadable (once until it is readable again). */
  onFault?(error: EnergyError, topic: string): void;
}

export class Charger {
  private readonly native: NativeBase;
  private readonly exchanger: Exchanger;
  private readonly listeners = new Set<ChargerListener>();
  private readonly ears = new Set<(message: Message) => void>();
  private readonly told = new Set<string>();
  private subscription: Subscription | undefined;
  private unfollow: (() => void) | undefined;
  private unlink: (() => void) | undefined;
  private reported: ChargerStatus | undefined;
  private reportedAt = 0;
  private soon: NodeJS.Immediate | undefined;
  private later: NodeJS.Timeout | undefined;
  private clock: NodeJS.Timeout | undefined;
  /** ms, when `clock` fires; Infinity = not armed. */
  private alarm = Infinity;
  /** Something was received, so there is something to tell. */
  private heard = false;

  constructor(
    readonly driver: AnyDriver,
    readonly config: ChargerConfig,
    private readonly connection: Connection,
    /** Where the charger is announced outside its own topics. */
    private readonly directory: Directory,
  ) {
    this.native = driver.create(config);
    this.exchanger = new Exchanger({
      assertReachable: () => this.assertReachable(),
      publish: (publication, deadline) => connection.publish(publication, deadline),
      listen: (ear) => {
        this.ears.add(ear);
        return () => this.ears.delete(ear);
      },
      onLost: (callback) =>
        connection.onState(({ state }) => {
          if (state !== 'connected') callback();
        }),
    });
  }

  /** The state now. */
  status(): ChargerStatus {
    return this.driver.project(this.native, Date.now());
  }

  /** Every raw value by its own key, sensitive ones masked. */
  raw(): Record<string, unknown> {
    return this.driver.raw(this.native);
  }

  /** What of it may be shown beside a message. */
  identity(): { system: string; id: string; name: string; baseTopic: string } {
    const { system, id, name } = this.status();
    return { system, id, name, baseTopic: this.config.baseTopic };
  }

  /** Listens until the returned function is called. What is known already is reported at once. */
  watch(listener: ChargerListener): () => void {
    this.listeners.add(listener);
    this.open();
    if (this.heard) {
      const status = this.status();
      listener.onChange?.(status, paths(status));
    }
    return () => {
      this.listeners.delete(listener);
      if (this.listeners.size === 0) this.close();
    };
  }

  /**
   * Carries out a command.
   * @throws EnergyError with any of the codes of a command.
   */
  async execute(command: ChargerCommand, options: RunOptions): Promise<ExchangeResult> {
    if (!this.driver.commands.has(command.command)) {
      throw new EnergyError('UNSUPPORTED', `${this.driver.system} chargers have no command "${command.command}"`);
    }
    const plan = (): ReturnType<AnyDriver['plan']> => this.driver.plan(command, this.native, Date.now());
    const { steps } = plan();
    if (steps.length > 0) this.assertReachable();
    return this.exchanger.run(plan, options);
  }

  private assertReachable(): void {
    const link = this.connection.state;
    if (link.state !== 'connected') {
      const reason = link.state === 'disconnected' ? `: ${link.error.message}` : '';
      throw new EnergyError('NOT_CONNECTED', `Not connected to the broker${reason}`);
    }
    if (this.status().online === false) {
      throw new EnergyError('OFFLINE', `${this.config.name || this.config.baseTopic} is offline: nothing was sent`);
    }
  }

  private open(): void {
    if (this.subscription) return;
    const { baseTopic } = this.config;
    const onMessage = (message: Message): void => this.fold(message);
    this.subscription = this.connection.subscribe(this.driver.filters(baseTopic), {
      onMessage,
      onRefused: (filter, error) => this.fault(error, filter),
    });
    if (this.driver.discovery.announces) {
      this.unfollow = this.directory.follow(this.driver.system, baseTopic, onMessage);
    }
    this.unlink = this.connection.onState(({ state }) => {
      if (state === 'connected') return;
      this.driver.disconnected(this.native);
      this.flushSoon();
    });
  }

  private close(): void {
    this.subscription?.close();
    this.unfollow?.();
    this.unlink?.();
    clearImmediate(this.soon);
    clearTimeout(this.later);
    clearTimeout(this.clock);
    this.subscription = this.unfollow = this.unlink = this.soon = this.later = this.clock = undefined;
    this.alarm = Infinity;
    this.driver.disconnected(this.native);
  }

  private fold(message: Message): void {
    const now = Date.now();
    const { native, driver } = this;
    const changed = driver.decode(native, message, now);
    this.heard = true;
    if (!message.retained) for (const ear of [...this.ears]) ear(message);
    this.tellFaults();
    if (this.reported?.online !== true || changed.some((key) => !driver.quiet.has(key))) this.flushSoon();
    else if (changed.length > 0) this.flushLater(now);
    for (const listener of this.listeners) listener.onMessage?.();
  }

  private tellFaults(): void {
    const faults = this.driver.faults(this.native);
    if (faults.size === 0 && this.told.size === 0) return;
    for (const topic of this.told) if (!faults.has(topic)) this.told.delete(topic);
    for (const [topic, text] of faults) {
      if (this.told.has(topic)) continue;
      this.told.add(topic);
      this.fault(new EnergyError('BAD_PAYLOAD', `Unreadable message on ${topic}: ${text}`), topic);
    }
  }

  private fault(error: EnergyError, topic: string): void {
    for (const listener of this.listeners) listener.onFault?.(error, topic);
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
    const status = this.driver.project(this.native, now);
    const changed = this.reported ? differences(this.reported, status) : paths(status);
    const measured = changed.every(isMeasurement);
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
    for (const listener of this.listeners) listener.onChange?.(status, changed);
  }

  /** Wakes up when the passing of time alone will change the state, e.g. to offline. */
  private arm(now: number): void {
    const deadline = this.driver.deadline(this.native, now) ?? Infinity;
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
      Math.max(1, deadline - now),
    );
  }
}
