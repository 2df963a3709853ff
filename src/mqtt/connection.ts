/**
 * One connection to one broker (or to the first of a failover list that answers), kept up as long as somebody uses it.
 * Every attempt gets a new client, so nothing that was published before a loss can be sent again after it.
 */
import type { SecureContextOptions } from 'node:tls';
import type * as Mqtt from 'mqtt';
import type { IPublishPacket, MqttClient } from 'mqtt';
import { EnergyError, type ErrorCode, toError } from '../shared/errors';
import { isFilter, isTopic } from '../shared/topics';
import { Dispatcher, type Subscriber, type Subscription } from './dispatcher';
import { isVersionRefusal, toConnectError } from './refusal';
import type { Server } from './servers';
import type { Publication } from './types';
import { Underlay } from './underlay';

/** A message of the connection's own life: birth, close, will. */
export interface LifeMessage {
  readonly topic: string;
  readonly payload: string;
  readonly qos: 0 | 1 | 2;
  readonly retain: boolean;
}

/** What Node.js's TLS takes, as far as a `tls-config` node sets it. */
export interface TlsOptions extends Pick<SecureContextOptions, 'ca' | 'cert' | 'key' | 'pfx' | 'passphrase'> {
  readonly rejectUnauthorized?: boolean;
  readonly servername?: string;
  readonly ALPNProtocols?: string[];
}

export interface ConnectionOptions {
  /** Tried in this order, again from the start after the last. */
  readonly servers: readonly Server[];
  readonly tls?: TlsOptions;
  /** `auto` tries 5 first and falls back to 4 (3.1.1) where the server refuses it. */
  readonly protocolVersion: 'auto' | 4 | 5;
  readonly clientId: string;
  readonly username?: string;
  readonly password?: string;
  /** s */
  readonly keepalive: number;
  readonly clean: boolean;
  /** s, MQTT 5 */
  readonly sessionExpiry?: number;
  readonly will?: LifeMessage;
  readonly birth?: LifeMessage;
  readonly close?: LifeMessage;
  /** ms: longest pause between two rounds of attempts; the first is a second. */
  readonly maxBackoff?: number;
}

export type LinkState =
  | { readonly state: 'closed' }
  | { readonly state: 'connecting' }
  | { readonly state: 'connected'; readonly server: string; readonly protocolVersion: 4 | 5 }
  | { readonly state: 'disconnected'; readonly error: EnergyError };

export interface Receipt {
  /** MQTT 5: nobody is subscribed to the topic (reason 16). Brokers need not tell. */
  readonly unheard: boolean;
}

const CONNECT_TIMEOUT = 10_000;
const FIRST_BACKOFF = 1_000;
const MAX_BACKOFF = 30_000;
/** ms that an orderly end may take before it is forced. */
const END_GRACE = 2_000;
const NO_MATCHING_SUBSCRIBERS = 0x10;
const REFUSED_FROM = 0x80;

/** Longer than a minute of pause would look like a hang, shorter than a quarter of a second would be a flood. */
function jitter(ms: number): number {
  return ms * (0.75 + Math.random() / 2);
}

function refusal(code: ErrorCode, text: string, error: Error | null): EnergyError {
  const reply = error?.message ?? 'not authorised';
  return new EnergyError(code, `${text}: ${reply}`, { reply });
}

export class Connection {
  private client: MqttClient | undefined;
  /** Of the present client, or of the last. */
  private underlay = new Underlay();
  private link: LinkState = { state: 'closed' };
  private readonly listeners = new Set<(link: LinkState) => void>();
  private readonly dispatcher: Dispatcher;
  /** Rejections of publications and subscriptions that the broker has not answered. */
  private readonly pending = new Set<(error: EnergyError) => void>();
  /** Message ids whose PUBACK said that nobody is subscribed; the client's own callback does not tell. */
  private readonly unheard = new Set<number>();
  private retry: NodeJS.Timeout | undefined;
  private wanted = false;
  private server = 0;
  /** Full rounds through the server list that failed in a row. */
  private rounds = 0;
  /** Servers that refused MQTT 5. */
  private readonly legacy = new Set<string>();

  /** @param onFault told of defects and of refusals that belong to no caller, e.g. of the birth message. */
  constructor(
    private readonly options: ConnectionOptions,
    private readonly onFault: (error: Error) => void,
  ) {
    this.dispatcher = new Dispatcher(
      {
        isConnected: () => this.link.state === 'connected',
        subscribe: (filter) => this.sendSubscribe(filter),
        unsubscribe: (filter) => this.client?.unsubscribe(filter),
      },
      onFault,
    );
  }

  get state(): LinkState {
    return this.link;
  }

  get clientId(): string {
    return this.options.clientId;
  }

  /** undefined: none is sent. */
  get username(): string | undefined {
    return this.options.username;
  }

  /** Some servers take a user without one for anonymous instead of refusing it. */
  get hasPassword(): boolean {
    return this.options.password !== undefined && this.options.password !== '';
  }

  /** Calls `listener` at each change of state until the returned function is called. */
  onState(listener: (link: LinkState) => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  /** Calls what others gave us; what it throws is a defect that must not hurt anybody else, and is reported. */
  guard(call: () => void): void {
    try {
      call();
    } catch (thrown) {
      this.onFault(toError(thrown));
    }
  }

  open(): void {
    if (this.wanted) return;
    this.wanted = true;
    this.server = this.rounds = 0;
    this.settle({ state: 'connecting' });
    // Loaded with the first connection: it costs 30 ms and 15 MB that a package without a deployed broker need not pay.
    void import('mqtt').then((mqtt) => this.attempt(mqtt));
  }

  /** Publishes the close message and disconnects; resolves within two seconds, whatever the broker does. */
  async close(): Promise<void> {
    if (!this.wanted) return;
    this.wanted = false;
    clearTimeout(this.retry);
    const { client, underlay } = this;
    const connected = this.link.state === 'connected';
    this.client = undefined;
    this.settle({ state: 'closed' });
    this.dispatcher.dispose();
    if (!client) return;
    await new Promise<void>((resolve) => {
      const force = setTimeout(() => {
        underlay.cut(client.stream);
        resolve();
      }, END_GRACE);
      const done = (): void => {
        clearTimeout(force);
        resolve();
      };
      const end = (): void => void client.end(!connected, {}, done);
      const last = this.options.close;
      if (connected && last) client.publish(last.topic, last.payload, { qos: last.qos, retain: last.retain }, end);
      else end();
    });
  }

  /**
   * Subscribes now and after every reconnect. The handler may be called before the broker's SUBACK arrives.
   * @throws EnergyError INVALID for a filter that brokers refuse.
   */
  subscribe(filters: readonly string[], subscriber: Subscriber): Subscription {
    const bad = filters.find((filter) => !isFilter(filter));
    if (bad !== undefined) throw new EnergyError('INVALID', `"${bad}" is not a topic filter`);
    return this.dispatcher.add(filters, subscriber);
  }

  /**
   * Publishes with QoS 1, never retained; resolves when the broker acknowledged.
   * Not acknowledged by `deadline` (ms since the epoch): the link counts as dead and is cut, so that nothing of it
   * arrives late.
   * @throws EnergyError NOT_CONNECTED | PUBLISH_REFUSED | INVALID | TIMEOUT
   */
  publish({ topic, payload }: Publication, deadline: number): Promise<Receipt> {
    if (!isTopic(topic)) {
      return Promise.reject(new EnergyError('INVALID', `"${topic}" is not a topic that can be published to`));
    }
    const what = `publishing to ${topic}`;
    return this.answered(what, deadline - Date.now(), (client, resolve, reject) => {
      let id = 0;
      client.publish(topic, payload, { qos: 1, retain: false }, (error) => {
        if (!error) resolve({ unheard: this.unheard.delete(id) });
        else if ('code' in error)
          reject(refusal('PUBLISH_REFUSED', `The broker refused a message for ${topic}`, error));
        else reject(new EnergyError('NOT_CONNECTED', `The broker connection was lost when ${what}`));
      });
      id = client.getLastMessageId();
    });
  }

  private sendSubscribe(filter: string): Promise<void> {
    const what = `subscribing to ${filter}`;
    return this.answered(what, CONNECT_TIMEOUT, (client, resolve, reject) => {
      client.subscribe(filter, { qos: 1 }, (error, granted) => {
        if (!error && !granted?.some(({ qos }) => qos >= REFUSED_FROM)) resolve(undefined);
        else if (!client.connected)
          reject(new EnergyError('NOT_CONNECTED', `The broker connection was lost when ${what}`));
        else reject(refusal('SUBSCRIPTION_REFUSED', `The broker refused the subscription to ${filter}`, error));
      });
    });
  }

  /** Asks the broker something; answered by it, by the loss of the link, or by a time-out that cuts the link. */
  private answered<T>(
    what: string,
    timeout: number,
    ask: (client: MqttClient, resolve: (value: T) => void, reject: (error: EnergyError) => void) => void,
  ): Promise<T> {
    const { client, underlay } = this;
    if (this.link.state !== 'connected' || !client?.connected) return Promise.reject(this.notConnected());
    return new Promise<T>((resolve, reject) => {
      const finish = (end: () => void): void => {
        if (!this.pending.delete(fail)) return;
        clearTimeout(timer);
        end();
      };
      const fail = (error: EnergyError): void => finish(() => reject(error));
      const timer = setTimeout(
        () => {
          fail(new EnergyError('TIMEOUT', `The broker did not answer in time when ${what}`));
          underlay.cut(client.stream);
        },
        Math.max(0, timeout),
      );
      this.pending.add(fail);
      ask(client, (value) => finish(() => resolve(value)), fail);
    });
  }

  private notConnected(): EnergyError {
    const reason = this.link.state === 'disconnected' ? `: ${this.link.error.message}` : '';
    return new EnergyError('NOT_CONNECTED', `Not connected to the broker${reason}`);
  }

  private attempt(mqtt: typeof Mqtt): void {
    if (!this.wanted || this.client) return;
    const server = this.options.servers[this.server];
    if (!server) return;
    const versions = this.options.protocolVersion;
    const version = versions !== 'auto' ? versions : this.legacy.has(server.url) ? 4 : 5;
    const underlay = new Underlay();
    let client: MqttClient;
    try {
      client = mqtt.connect(server.url, this.clientOptions(server, version, underlay));
    } catch (thrown) {
      underlay.cut();
      this.failed(mqtt, server, thrown);
      return;
    }
    this.client = client;
    this.underlay = underlay;
    let cause: unknown;
    let answered = false;
    const remember = (error: unknown): void => void (cause ??= error);
    client.on('error', remember);
    client.stream.on('error', remember);
    client.on('disconnect', (packet) => {
      answered = true;
      remember(new Error(`the broker ended the connection, reason ${packet.reasonCode ?? 0}`));
    });
    client.on('packetreceive', (packet) => {
      if (packet.cmd === 'puback' && packet.reasonCode === NO_MATCHING_SUBSCRIBERS && packet.messageId !== undefined) {
        this.unheard.add(packet.messageId);
      }
    });
    client.on('connect', ({ sessionPresent }) => this.opened(client, server, version, sessionPresent));
    client.on('message', (topic, payload, packet: IPublishPacket) => {
      this.dispatcher.dispatch({ topic, payload, retained: packet.retain, qos: packet.qos });
    });
    client.once('close', () => {
      if (this.client !== client) return;
      this.client = undefined;
      client.end(true);
      const silent = cause === undefined && !answered;
      const fallBack = versions === 'auto' && version === 5 && (isVersionRefusal(cause) || silent);
      const opened = this.link.state === 'connected';
      if (!opened && fallBack) {
        this.legacy.add(server.url);
        this.attempt(mqtt);
      } else {
        // A server that answers neither version may just be starting: ask for 5 again next time.
        if (!opened) this.legacy.delete(server.url);
        this.failed(mqtt, server, cause ?? new Error('the connection was closed'));
      }
    });
  }

  private clientOptions(server: Server, version: 4 | 5, underlay: Underlay): Mqtt.IClientOptions {
    const { clientId, username, password, keepalive, clean, sessionExpiry, will } = this.options;
    // Verification is on whenever TLS is, unless a TLS configuration switches it off.
    const tls = { rejectUnauthorized: true, ...this.options.tls };
    return {
      ...underlay.options(server, tls),
      clientId,
      ...(username ? { username } : {}),
      ...(password ? { password } : {}),
      ...(will ? { will: { ...will, payload: Buffer.from(will.payload) } } : {}),
      ...(version === 5 && sessionExpiry ? { properties: { sessionExpiryInterval: sessionExpiry } } : {}),
      keepalive,
      clean,
      protocolVersion: version,
      connectTimeout: CONNECT_TIMEOUT,
      reconnectPeriod: 0,
      resubscribe: false,
      queueQoSZero: false,
    };
  }

  private opened(client: MqttClient, server: Server, protocolVersion: 4 | 5, resumed: boolean): void {
    this.rounds = 0;
    this.unheard.clear();
    const { birth } = this.options;
    if (birth) {
      client.publish(birth.topic, birth.payload, { qos: birth.qos, retain: birth.retain }, (error) => {
        if (error)
          this.onFault(new EnergyError('PUBLISH_REFUSED', `The broker refused the birth message: ${error.message}`));
      });
    }
    this.settle({ state: 'connected', server: server.url, protocolVersion });
    this.dispatcher.connected(resumed);
  }

  private failed(mqtt: typeof Mqtt, server: Server, cause: unknown): void {
    this.settle({ state: 'disconnected', error: toConnectError(cause, server.url) });
    if (!this.wanted) return;
    this.server = (this.server + 1) % this.options.servers.length;
    const pause =
      this.server === 0 ? Math.min(FIRST_BACKOFF * 2 ** this.rounds++, this.options.maxBackoff ?? MAX_BACKOFF) : 0;
    this.retry = setTimeout(() => this.attempt(mqtt), jitter(pause));
  }

  private settle(link: LinkState): void {
    const lost = this.link.state === 'connected' && link.state !== 'connected';
    this.link = link;
    if (lost) {
      const error = this.notConnected();
      for (const reject of [...this.pending]) reject(error);
    }
    for (const listener of [...this.listeners]) this.guard(() => listener(link));
  }
}
