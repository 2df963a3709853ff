/** One charger, shared by all nodes that use it: its state in the one vocabulary, and its commands. */
import { EnergyError } from '../shared/errors';
import type { Connection } from '../mqtt/connection';
import { Exchanger, type ExchangeResult, type Lanes, type Port, type RunOptions } from '../mqtt/exchange';
import type { Message } from '../mqtt/types';
import type { ChargerCommand } from '../shared/commands';
import { isMeasurement } from './differences';
import type { Directory } from './directory';
import type { ChargerConfig, NativeBase } from './driver';
import { type Listener, LiveState } from './live-state';
import { type OnLapse, Repeater, type Turns } from './repeater';
import type { ChargerStatus } from './status';
import type { AnyDriver } from './systems';

export type ChargerListener = Listener<ChargerStatus>;

export interface CommandOptions extends RunOptions {
  /** Told when the command could not be kept in force any longer; without it the charger's listeners are. */
  readonly onLapse?: OnLapse;
}

/**
 * What goes on in the lanes of each connection. Several chargers may share a lane: two nodes for one device, or two
 * loadpoints of one evcc, whose site and vehicles are set through either.
 */
const traffic = new WeakMap<Connection, { readonly lanes: Lanes; readonly turns: Turns }>();

function trafficOf(connection: Connection): { readonly lanes: Lanes; readonly turns: Turns } {
  const known = traffic.get(connection) ?? { lanes: new Map(), turns: new Map() };
  traffic.set(connection, known);
  return known;
}

export class Charger extends LiveState<ChargerStatus> {
  private readonly native: NativeBase;
  private readonly exchanger: Exchanger;
  private readonly repeater: Repeater;
  private readonly ears = new Set<(message: Message) => void>();
  private readonly onAnnouncement = (message: Message): void => this.fold(message);
  private unfollowBase: (() => void) | undefined;
  private unfollowId: (() => void) | undefined;
  /** The device's own id, once the driver knows it. */
  private id: string | undefined;
  /** Told the device's own id when it becomes known, and when it is another. */
  onIdentified: ((id: string) => void) | undefined;

  constructor(
    readonly driver: AnyDriver,
    readonly config: ChargerConfig,
    connection: Connection,
    /** Where the charger is announced outside its own topics. */
    private readonly directory: Directory,
  ) {
    super(connection);
    this.native = driver.create(config);
    const port: Port = {
      assertReachable: () => this.assertReachable(),
      unsettled: () => this.replay.pending,
      publish: (publication, deadline) => connection.publish(publication, deadline),
      listen: (ear) => {
        this.ears.add(ear);
        return () => this.ears.delete(ear);
      },
      onLost: (callback) =>
        connection.onState(({ state }) => {
          if (state !== 'connected') callback();
        }),
    };
    const { lanes, turns } = trafficOf(connection);
    this.exchanger = new Exchanger(port, lanes);
    this.repeater = new Repeater(port, turns);
  }

  /** Every raw value by its own key, sensitive ones masked. */
  raw(): Record<string, unknown> {
    return this.driver.raw(this.native);
  }

  /** As users write it: go-e's own form ends with a slash. */
  get baseTopic(): string {
    return this.config.baseTopic.replace(/\/$/, '');
  }

  /** What of it may be shown beside a message. */
  identity({ system, id, name } = this.status()): { system: string; id: string; name: string; baseTopic: string } {
    return { system, id, name, baseTopic: this.baseTopic };
  }

  /**
   * Carries out a command, and says it again where the device would forget it: until a newer one for the same thing
   * comes, its time is over, or `options.signal` is aborted.
   * @throws EnergyError with any of the codes of a command.
   */
  async execute(command: ChargerCommand, options: CommandOptions): Promise<ExchangeResult> {
    if (!this.driver.commands.has(command.command)) {
      throw new EnergyError('UNSUPPORTED', `${this.driver.system} chargers have no command "${command.command}"`);
    }
    const plan = (): ReturnType<AnyDriver['plan']> => this.plan(command);
    let exchange = plan();
    if (exchange.steps.length > 0) this.assertReachable();
    const { signal, onLapse = (error: EnergyError, topic: string) => this.fault(error, topic) } = options;
    const turn = this.repeater.turn(exchange.lane, { signal, onLapse });
    try {
      const result = await this.exchanger.run(() => (exchange = plan()), options);
      turn.repeat(exchange);
      return result;
    } catch (thrown) {
      turn.end();
      throw thrown;
    }
  }

  private plan(command: ChargerCommand): ReturnType<AnyDriver['plan']> {
    try {
      return this.driver.plan(command, this.native, Date.now());
    } catch (thrown) {
      // A driver that cannot reach its device does not know that it is the link that is down.
      if (thrown instanceof EnergyError && thrown.code === 'OFFLINE') this.assertReachable();
      throw thrown;
    }
  }

  private assertReachable(): void {
    const link = this.connection.state;
    if (link.state !== 'connected') {
      const reason = link.state === 'disconnected' ? `: ${link.error.message}` : '';
      throw new EnergyError('NOT_CONNECTED', `Not connected to the broker${reason}`);
    }
    if (this.status().online === false) throw this.offline(': nothing was sent');
  }

  private offline(consequence = ''): EnergyError {
    return new EnergyError('OFFLINE', `${this.config.name || this.config.baseTopic} is offline${consequence}`);
  }

  protected override open(): void {
    super.open();
    this.unfollowBase = this.follow(this.config.baseTopic);
    this.unfollowId = this.follow(this.id);
  }

  private follow(key: string | undefined): (() => void) | undefined {
    if (key === undefined || !this.driver.discovery.announcedId) return undefined;
    return this.directory.follow(this.driver.system, key, this.onAnnouncement);
  }

  /** A will names the id alone: before a birth was announced, the base topic does not lead to it. */
  private identify(id: string): void {
    if (id === this.id || id === this.config.baseTopic) return;
    this.unfollowId?.();
    this.id = id;
    this.unfollowId = this.follow(id);
    this.onIdentified?.(id);
  }

  protected override close(): void {
    this.unfollowBase?.();
    this.unfollowId?.();
    this.unfollowBase = this.unfollowId = undefined;
    this.repeater.end();
    super.close();
  }

  protected override report(status: ChargerStatus, changed: readonly string[]): void {
    if (status.online === false) this.repeater.lost(this.offline());
    super.report(status, changed);
    this.identify(status.id);
  }

  protected filters(): readonly string[] {
    return this.driver.filters(this.config.baseTopic);
  }

  protected decode(message: Message, now: number): readonly string[] {
    const changed = this.driver.decode(this.native, message, now);
    if (!message.retained) for (const ear of [...this.ears]) ear(message);
    return changed;
  }

  protected isQuiet(key: string): boolean {
    return this.driver.quiet.has(key);
  }

  protected project(now: number): ChargerStatus {
    return this.driver.project(this.native, now);
  }

  protected isMeasurement(path: string): boolean {
    return isMeasurement(path);
  }

  protected deadline(now: number): number | null {
    return this.driver.deadline(this.native, now);
  }

  protected disconnected(): void {
    this.driver.disconnected(this.native);
  }

  protected faults(): ReadonlyMap<string, string> {
    return this.driver.faults(this.native);
  }
}
