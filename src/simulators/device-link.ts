/** The MQTT 3.1.1 connection of a simulated device: one socket at a time, re-made as small devices do. */

import mqtt, { type MqttClient } from 'mqtt';
import { type Clock } from './clock';

export interface Will {
  readonly topic: string;
  readonly payload: string;
  readonly qos?: 0 | 1 | 2;
  readonly retain?: boolean;
}

export interface LinkOptions {
  /** `mqtt://127.0.0.1:1883` */
  readonly broker: string;
  readonly clientId: string;
  readonly username?: string;
  readonly password?: string;
  /** The clean session flag; default true. */
  readonly clean?: boolean;
  /** In real seconds; default 60. */
  readonly keepalive?: number;
  /** As a function: asked anew for each connection. */
  readonly will?: Will | (() => Will);
  /** Between attempts after the first, in ms of device time; default 5000. The first attempt after a loss comes at once. */
  readonly retryMs?: number;
  /** A connection that lasted less is not re-made at once but after `retryMs`; default 1000. */
  readonly stableMs?: number;
  /** Retries are timed by it, so that they follow its speed. */
  readonly clock: Clock;
  /** After each successful connection: publish and subscribe here; the order of the calls is the order on the wire. */
  readonly onConnect: () => void;
  readonly onMessage: (topic: string, payload: Buffer, retained: boolean) => void;
  /** Refused or broken connections and refused publications; a device itself would be silent. */
  readonly onError?: (error: Error) => void;
}

/** Two devices with one client id would evict each other in a tight loop without it. */
const STABLE_MS = 1000;

export interface PublishOptions {
  readonly retain?: boolean;
  readonly qos?: 0 | 1 | 2;
}

export class DeviceLink {
  readonly #options: LinkOptions;
  #client: MqttClient | undefined;
  #cancelRetry: (() => void) | undefined;
  #running = false;
  #everConnected = false;
  #waiting: { readonly resolve: () => void; readonly reject: (error: Error) => void } | undefined;

  constructor(options: LinkOptions) {
    this.#options = options;
  }

  get connected(): boolean {
    return this.#client?.connected ?? false;
  }

  /**
   * Resolves when connected and `onConnect` has run. Rejects when the very first attempt fails, and gives up then: a
   * wrong address or password shall be seen. Once it was up, the link is re-made until `stop` or `kill`.
   */
  connect(): Promise<void> {
    if (this.#running) return Promise.resolve();
    this.#running = true;
    return new Promise((resolve, reject) => {
      this.#waiting = { resolve, reject };
      this.#attempt();
    });
  }

  /** Publishes at once, in the order of the calls. Without a connection it is lost, as on the device; false tells so. */
  publish(topic: string, payload: string | Buffer, options: PublishOptions = {}): boolean {
    const client = this.#client;
    if (!client?.connected) return false;
    client.publish(topic, payload, { retain: options.retain ?? false, qos: options.qos ?? 0 }, (error) => {
      if (error) this.#options.onError?.(error);
    });
    return true;
  }

  /** One SUBSCRIBE packet; has to be repeated in each `onConnect`, whatever the clean flag. */
  subscribe(filters: string | readonly string[], qos: 0 | 1 | 2 = 0): void {
    const client = this.#client;
    if (!client?.connected) return;
    client.subscribe(typeof filters === 'string' ? filters : [...filters], { qos }, (error) => {
      if (error && this.#running) this.#options.onError?.(error);
    });
  }

  /** Resolves when the broker has got everything published so far: it answers in order, so a ping tells. */
  async flush(): Promise<void> {
    const client = this.#client;
    if (!client?.connected) return;
    await new Promise<void>((resolve) => {
      const done = (): void => {
        client.off('packetreceive', onPacket);
        client.off('close', done);
        resolve();
      };
      const onPacket = (packet: { readonly cmd?: string }): void => {
        if (packet.cmd === 'pingresp') done();
      };
      client.on('packetreceive', onPacket);
      client.on('close', done);
      client.sendPing();
    });
  }

  /** Cuts the socket without DISCONNECT, as a lost network would: the broker sends the will, the device comes back at once. */
  cut(): void {
    this.#client?.stream.destroy();
  }

  /** Cuts the socket without DISCONNECT and stays away until `connect`: a lost supply. */
  async kill(): Promise<void> {
    await this.#end(true);
  }

  /** Sends what is left, then DISCONNECT: the broker does not send the will. */
  async stop(): Promise<void> {
    await this.#end(false);
  }

  async #end(abrupt: boolean): Promise<void> {
    this.#running = false;
    this.#cancelRetry?.();
    this.#cancelRetry = undefined;
    const client = this.#client;
    this.#client = undefined;
    this.#waiting?.reject(new Error('ended before it was connected'));
    this.#waiting = undefined;
    await client?.endAsync(abrupt || !client.connected);
  }

  #attempt(): void {
    const { broker, clientId, clean = true, keepalive = 60, username, password } = this.#options;
    const will = typeof this.#options.will === 'function' ? this.#options.will() : this.#options.will;
    let connectedAt: number | undefined;
    let lastError: Error | undefined;
    const client = mqtt.connect(broker, {
      protocolVersion: 4,
      clientId,
      clean,
      keepalive,
      ...(username === undefined ? {} : { username }),
      ...(password === undefined ? {} : { password }),
      ...(will && {
        will: {
          topic: will.topic,
          payload: Buffer.from(will.payload),
          qos: will.qos ?? 0,
          retain: will.retain ?? false,
        },
      }),
      connectTimeout: 10_000,
      // The retries are ours: at once, then at a fixed pace. Nothing may wait in a queue and be sent later.
      reconnectPeriod: 0,
      resubscribe: false,
      queueQoSZero: false,
    });
    this.#client = client;
    client.on('error', (error) => {
      lastError = error;
      if (this.#everConnected) this.#options.onError?.(error);
    });
    client.on('connect', () => {
      connectedAt = this.#options.clock.now();
      this.#everConnected = true;
      this.#options.onConnect();
      this.#waiting?.resolve();
      this.#waiting = undefined;
    });
    client.on('message', (topic, payload, packet) => this.#options.onMessage(topic, payload, packet.retain));
    client.once('close', () => {
      client.end(true);
      if (this.#client !== client) return;
      this.#client = undefined;
      if (!this.#everConnected) {
        this.#running = false;
        this.#waiting?.reject(lastError ?? new Error(`no connection to ${broker}`));
        this.#waiting = undefined;
      } else if (this.#running) {
        const lasted = connectedAt === undefined ? 0 : this.#options.clock.now() - connectedAt;
        this.#retry(lasted >= (this.#options.stableMs ?? STABLE_MS) ? 0 : (this.#options.retryMs ?? 5000));
      }
    });
  }

  #retry(delay: number): void {
    this.#cancelRetry = this.#options.clock.after(delay, () => {
      this.#cancelRetry = undefined;
      this.#attempt();
    });
  }
}
