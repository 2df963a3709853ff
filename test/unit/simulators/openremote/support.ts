/** A manager, its clock, and real MQTT.js clients to talk to it. */
import assert from 'node:assert/strict';
import mqtt, { type IClientOptions, type IPublishPacket, type MqttClient, type Packet } from 'mqtt';
import type { ISubackPacket } from 'mqtt-packet';
import {
  type Clock,
  createOpenRemoteSimulator,
  DEMO,
  type OpenRemoteSimulator,
  type OpenRemoteSimulatorOptions,
} from '../../../../src/simulators/openremote/index';

export type Version = 3 | 4 | 5;

interface Timer {
  due: number;
  /** Absent: fires once. */
  readonly every?: number;
  readonly run: () => void;
}

/** Time that passes only when told to. */
export class FakeClock implements Clock {
  private time = 1_700_000_000_000;
  private readonly timers = new Set<Timer>();

  now(): number {
    return this.time;
  }

  after(ms: number, run: () => void): () => void {
    return this.add({ due: this.time + ms, run });
  }

  every(ms: number, run: () => void): () => void {
    return this.add({ due: this.time + ms, every: ms, run });
  }

  /** Fires single timers in their order, then each repeating one that is due once, as after a machine's sleep. */
  advance(ms: number): void {
    const end = this.time + ms;
    for (let next = this.firstDue(end); next; next = this.firstDue(end)) {
      this.timers.delete(next);
      this.time = next.due;
      next.run();
    }
    this.time = end;
    for (const timer of this.timers) {
      if (timer.every === undefined || timer.due > end) continue;
      timer.due += timer.every * Math.ceil((end + 1 - timer.due) / timer.every);
      timer.run();
    }
  }

  private firstDue(end: number): Timer | undefined {
    return [...this.timers]
      .filter((timer) => timer.every === undefined && timer.due <= end)
      .sort((a, b) => a.due - b.due)[0];
  }

  private add(timer: Timer): () => void {
    this.timers.add(timer);
    return () => this.timers.delete(timer);
  }
}

/** Resolves when the socket's events have brought it about. */
export async function eventually(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setImmediate(resolve));
}

export interface Received {
  readonly topic: string;
  readonly text: string;
  readonly packet: IPublishPacket;
}

/** What a refused or accepted publish looks like from outside. */
export type PublishOutcome = 'acknowledged' | 'closed' | number;

export class TestClient {
  readonly packets: Packet[] = [];
  private readonly inbox: Received[] = [];
  private readonly waiting = new Set<() => void>();

  constructor(
    readonly mqtt: MqttClient,
    readonly id: string,
    readonly realm: string,
    readonly version: Version,
  ) {
    // Each publish listens for a close.
    mqtt.setMaxListeners(0);
    mqtt.on('packetreceive', (packet) => {
      this.packets.push(packet);
      this.wake();
    });
    mqtt.on('message', (topic, payload, packet) => {
      this.inbox.push({ topic, text: payload.toString(), packet });
      this.wake();
    });
    mqtt.on('close', () => this.wake());
    // Refusals come as errors as well; the tests look at what arrived instead.
    mqtt.on('error', () => undefined);
  }

  topic(suffix: string): string {
    return `${this.realm}/${this.id}/${suffix}`;
  }

  get closed(): boolean {
    return !this.mqtt.connected && this.mqtt.stream.destroyed;
  }

  /** The next time the connection closes. */
  async close(): Promise<void> {
    return new Promise((resolve) => this.mqtt.once('close', () => resolve()));
  }

  async until<T>(look: () => T | undefined): Promise<T> {
    for (;;) {
      const found = look();
      if (found !== undefined) return found;
      await new Promise<void>((resolve) => this.waiting.add(resolve));
    }
  }

  /** The next message of a topic, whatever else came before it. */
  async next(suffix: string): Promise<Received> {
    const topic = this.topic(suffix);
    return this.until(() => {
      const index = this.inbox.findIndex((message) => message.topic === topic);
      return index < 0 ? undefined : this.inbox.splice(index, 1)[0];
    });
  }

  /** All that has come and was not taken, in order. */
  drain(): Received[] {
    return this.inbox.splice(0);
  }

  /** The codes of the SUBACK. */
  async granted(...suffixes: string[]): Promise<readonly number[]> {
    return this.grantedFilters(suffixes.map((suffix) => this.topic(suffix)));
  }

  async grantedFilters(
    filters: string[],
    qos: 0 | 1 | 2 = 1,
    properties?: { subscriptionIdentifier: number },
  ): Promise<readonly number[]> {
    const before = this.packets.length;
    this.mqtt.subscribe(filters, { qos, ...(properties ? { properties } : {}) }, () => undefined);
    const suback = await this.until(() =>
      this.packets.slice(before).find((packet): packet is ISubackPacket => packet.cmd === 'suback'),
    );
    return suback.granted as number[];
  }

  async subscribe(...suffixes: string[]): Promise<void> {
    const granted = await this.granted(...suffixes);
    assert.ok(
      granted.every((code) => code < 0x80),
      `refused: ${granted.join()} of ${suffixes.join()}`,
    );
  }

  async publish(suffix: string, payload = '', qos: 0 | 1 | 2 = 1): Promise<PublishOutcome> {
    return this.publishTo(this.topic(suffix), payload, qos);
  }

  async publishTo(topic: string, payload = '', qos: 0 | 1 | 2 = 1, retain = false): Promise<PublishOutcome> {
    const closed = this.close().then(() => 'closed' as const);
    const sent = this.mqtt.publishAsync(topic, payload, { qos, retain }).then(
      () => 'acknowledged' as const,
      (error: unknown) => (error as { code: number }).code,
    );
    return Promise.race([closed, sent]);
  }

  /** Publishes an operation and waits for its answer. */
  async ask(operation: string, payload: unknown = ''): Promise<unknown> {
    const text = typeof payload === 'string' ? payload : JSON.stringify(payload);
    assert.equal(await this.publish(`operations/assets/${operation}`, text), 'acknowledged');
    const { text: answer } = await this.next(`operations/assets/${operation}/response`);
    return JSON.parse(answer) as unknown;
  }

  /** The manager does one operation after the other: once this is answered, nothing sent before is still to come. */
  async settle(): Promise<void> {
    await this.ask('0000000000000000000000/get');
  }

  async end(): Promise<void> {
    await this.mqtt.endAsync(true);
  }

  private wake(): void {
    for (const resolve of this.waiting) resolve();
    this.waiting.clear();
  }
}

export const ANSWERS = [
  'operations/assets/+/+/response',
  'operations/assets/+/attributes/+/response',
  'operations/assets/+/attributes/+/+/response',
];

export interface ConnectOptions extends IClientOptions {
  readonly version?: Version;
  readonly realm?: string;
  readonly id?: string;
  /** Credentials to leave out. */
  readonly missing?: readonly ('username' | 'password')[];
}

/** Simulators and clients of one test; `end` after each. */
export class Fixture {
  private readonly managers: OpenRemoteSimulator[] = [];
  private readonly clients: TestClient[] = [];
  private serial = 0;

  async manager(options: OpenRemoteSimulatorOptions = {}): Promise<OpenRemoteSimulator> {
    const manager = createOpenRemoteSimulator(options);
    this.managers.push(manager);
    await manager.start();
    return manager;
  }

  /** A client that may not be let in. */
  open(manager: OpenRemoteSimulator, options: ConnectOptions = {}): TestClient {
    const { version = 5, realm = DEMO.realm, id = `client-${++this.serial}`, missing = [], ...more } = options;
    const full: IClientOptions = {
      protocolVersion: version,
      ...(version === 3 ? { protocolId: 'MQIsdp' } : {}),
      clientId: id,
      username: `${realm}:${DEMO.user}`,
      password: DEMO.secret,
      reconnectPeriod: 0,
      ...more,
    };
    const given = Object.entries(full).filter(([name]) => !missing.some((left) => left === name));
    const client = mqtt.connect(manager.url, Object.fromEntries(given));
    const wrapped = new TestClient(client, id, realm, version);
    this.clients.push(wrapped);
    return wrapped;
  }

  async connect(manager: OpenRemoteSimulator, options: ConnectOptions = {}): Promise<TestClient> {
    const client = this.open(manager, options);
    await client.until(() => (client.mqtt.connected || client.closed ? true : undefined));
    assert.ok(client.mqtt.connected, 'not let in');
    return client;
  }

  /** Connected, and listening to all answers. */
  async operator(manager: OpenRemoteSimulator, options: ConnectOptions = {}): Promise<TestClient> {
    const client = await this.connect(manager, options);
    await client.subscribe(...ANSWERS);
    return client;
  }

  async gateway(manager: OpenRemoteSimulator, options: ConnectOptions = {}): Promise<TestClient> {
    return this.operator(manager, {
      id: DEMO.gatewayClientId,
      username: `${DEMO.realm}:${DEMO.gatewayClientId}`,
      password: DEMO.gatewaySecret,
      ...options,
    });
  }

  async end(): Promise<void> {
    await Promise.all(this.clients.splice(0).map((client) => client.end()));
    await Promise.all(this.managers.splice(0).map((manager) => manager.stop()));
  }
}

export function json(text: string): unknown {
  return JSON.parse(text);
}
