/** The simulated evcc on its broker: the life of its topic tree from start to stop, crash or lost connection. */
import { randomUUID } from 'node:crypto';
import { Clock } from '../clock';
import { DeviceLink, type LinkOptions } from '../device-link';
import { type Simulator, type SimulatorOptions } from '../simulator';
import { configOf, type EvccConfig } from './config';
import { type Message } from './encode';
import { type Answer, EvccModel } from './model';
import { pause } from './pause';
import { purge } from './purge';
import { type ScenarioOptions } from './scenario';
import { type EvccProfile, PROFILES } from './version';

/** Whether the acknowledgement of a set comes before or after its readback; `random`: after it in 34 of 40 cases, as measured. */
export type AckOrder = 'before' | 'after' | 'random';

export interface EvccSimulatorOptions extends SimulatorOptions, Partial<EvccConfig> {
  /** Root topic, slashes at both ends are cut off; default `evcc`. */
  readonly root?: string;
  /** Default `0.313`. */
  readonly profile?: EvccProfile;
  /** Default `random`. */
  readonly ackOrder?: AckOrder;
  /** Of the random order; default 1. */
  readonly seed?: number;
}

export interface EvccSimulator extends Simulator {
  /**
   * Puts a vehicle (configuration name; none = a guest) into the socket of loadpoint `n`, from 1. evcc notices in that
   * loadpoint's next cycle.
   * @throws RangeError unknown loadpoint or vehicle
   */
  plugIn(n: number, vehicle?: string): void;
  /** @throws RangeError unknown loadpoint */
  unplug(n: number): void;
  /** PV power in W; ends `autoplay`. */
  setPv(power: number): void;
  /** A day in some minutes: the sun moves, cars come and go. */
  autoplay(options?: ScenarioOptions): void;
}

/** Between `online` and the cleanup, ms (50 to 200 measured). */
const CLEANUP_DELAY_MS = 100;
/** s, real time. */
const KEEPALIVE = 30;
/** Of 40 sets, those whose acknowledgement came first. */
const ACK_FIRST_SHARE = 6 / 40;

/** Reproducible numbers in 0..1 (mulberry32). */
function randomNumbers(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

function connectionOf({
  broker,
  username,
  password,
}: EvccSimulatorOptions): Pick<LinkOptions, 'broker' | 'username' | 'password'> {
  return { broker, ...(username === undefined ? {} : { username }), ...(password === undefined ? {} : { password }) };
}

class EvccDevice implements EvccSimulator {
  readonly #options: EvccSimulatorOptions;
  readonly #root: string;
  readonly #config: EvccConfig;
  readonly #clock: Clock;
  readonly #link: DeviceLink;
  readonly #model: EvccModel;
  readonly #random: () => number;
  readonly #clientId = `evcc-${randomUUID()}`;
  /** Ends whatever start has begun. */
  #life: AbortController | null = null;
  #starting: Promise<void> | null = null;
  #listening = false;
  #purging: Promise<void> = Promise.resolve();
  #cancelCycles = (): void => undefined;
  #cancelExpiry = (): void => undefined;

  constructor(options: EvccSimulatorOptions) {
    const { root = 'evcc', profile = '0.313', seed = 1, speed = 1 } = options;
    this.#options = options;
    this.#root = root.replace(/^\/+|\/+$/g, '');
    if (!Object.hasOwn(PROFILES, profile)) throw new RangeError(`no profile ${profile}`);
    if (this.#root === '') throw new RangeError('without a root topic evcc has no MQTT API');
    this.#config = configOf(options);
    this.#clock = new Clock({ speed });
    this.#model = new EvccModel(this.#config, PROFILES[profile], this.#clock.now());
    this.#random = randomNumbers(seed);
    this.#link = new DeviceLink({
      ...connectionOf(options),
      clientId: this.#clientId,
      keepalive: KEEPALIVE,
      clock: this.#clock,
      will: { topic: `${this.#root}/status`, payload: 'offline', qos: 1, retain: true },
      onConnect: () => this.#connected(),
      onMessage: (topic, payload) => this.#received(topic, payload),
    });
  }

  start(): Promise<void> {
    this.#starting ??= this.#begin();
    return this.#starting;
  }

  async #begin(): Promise<void> {
    const life = new AbortController();
    this.#life = life;
    try {
      await this.#link.connect();
      await pause(this.#clock, CLEANUP_DELAY_MS, life.signal);
      await this.#cleanup(life.signal);
    } catch (error) {
      if (life.signal.aborted) return;
      await this.kill();
      throw error;
    }
    if (life.signal.aborted) return;
    this.#listening = true;
    this.#subscribe();
    this.#publish(this.#model.start(this.#clock.now()));
    this.#cancelCycles = this.#clock.every(this.#config.interval * 1000, () =>
      this.#publish(this.#model.cycle(this.#clock.now())),
    );
    await this.#link.flush();
  }

  /** The whole tree is emptied while `status` is still `online`; then the connection is dropped, and the will says `offline`. */
  async stop(): Promise<void> {
    if (this.#listening && this.#link.connected) {
      this.#rest();
      await this.#link.flush();
      const signal = this.#life?.signal ?? AbortSignal.abort();
      // A broker that is lost meanwhile ends the cleanup, not the stop.
      await this.#cleanup(signal, this.#config.interval * 1000).catch(() => undefined);
    }
    await this.kill();
  }

  async kill(): Promise<void> {
    this.#rest();
    this.#life?.abort();
    this.#life = null;
    this.#starting = null;
    await this.#link.kill();
    await this.#purging.catch(() => undefined);
    this.#clock.stop();
  }

  plugIn(n: number, vehicle?: string): void {
    this.#model.plugIn(n, vehicle ?? null, this.#clock.now());
  }

  unplug(n: number): void {
    this.#model.unplug(n, this.#clock.now());
  }

  setPv(power: number): void {
    this.#model.setPv(power, this.#clock.now());
  }

  autoplay(options: ScenarioOptions = {}): void {
    this.#model.autoplay(options, this.#clock.now());
  }

  /** Also after a lost connection: nothing else is sent again, and set topics work at once. */
  #connected(): void {
    this.#publish([{ topic: 'status', payload: 'online' }]);
    if (this.#listening) this.#subscribe();
  }

  #subscribe(): void {
    this.#link.subscribe(
      this.#model.setTopics.map((topic) => `${this.#root}/${topic}`),
      1,
    );
  }

  #received(topic: string, payload: Buffer): void {
    if (!this.#listening || !topic.startsWith(`${this.#root}/`)) return;
    const answer = this.#model.command(topic.slice(this.#root.length + 1), payload.toString(), this.#clock.now());
    if (!answer) return;
    this.#publish(this.#inOrder(answer));
    this.#watchExternalMode();
  }

  #inOrder({ acknowledgement, readback, update }: Answer): readonly Message[] {
    const { ackOrder = 'random' } = this.#options;
    const ackFirst = ackOrder === 'before' || (ackOrder === 'random' && this.#random() < ACK_FIRST_SHARE);
    return ackFirst ? [acknowledgement, ...readback, ...update] : [...readback, acknowledgement, ...update];
  }

  #watchExternalMode(): void {
    this.#cancelExpiry();
    const until = this.#model.externalModeUntil;
    if (until === null) return;
    this.#cancelExpiry = this.#clock.after(until - this.#clock.now(), () => {
      this.#publish(this.#model.expireExternalMode(this.#clock.now()));
      this.#watchExternalMode();
    });
  }

  /** While the connection is down values are lost, not queued. */
  #publish(messages: readonly Message[]): void {
    for (const { topic, payload } of messages)
      this.#link.publish(`${this.#root}/${topic}`, payload, { retain: true, qos: 1 });
  }

  #rest(): void {
    this.#listening = false;
    this.#cancelCycles();
    this.#cancelExpiry();
  }

  #cleanup(signal: AbortSignal, limit = Infinity): Promise<void> {
    if (signal.aborted) return Promise.resolve();
    const { speed = 1 } = this.#options;
    const connection = { ...connectionOf(this.#options), clientId: this.#clientId };
    this.#purging = purge({ ...connection, root: this.#root, speed, limit }, this.#clock, signal);
    return this.#purging;
  }
}

/**
 * A simulated evcc: site, loadpoints and vehicles, with the topics, encodings, setters and quirks of the chosen release.
 * Device time runs `speed` times as fast as real time from the moment of creation.
 * @throws RangeError empty root topic, unknown profile, or a speed that is not positive
 */
export function createEvccSimulator(options: EvccSimulatorOptions): EvccSimulator {
  return new EvccDevice(options);
}
