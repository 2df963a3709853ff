/** What the broker remembers of a client: its subscriptions and the messages on their way to it. */
import type { IPublishPacket, Packet, QoS } from 'mqtt-packet';
import type { BrokerMessage } from './types';

export interface Subscription {
  readonly qos: QoS;
  readonly noLocal: boolean;
  readonly retainAsPublished: boolean;
  /** MQTT 5 Subscription Identifier. */
  readonly identifier: number | undefined;
}

/** One copy of a message for this client. */
interface Delivery extends BrokerMessage {
  readonly identifiers: readonly number[];
}

/** The network connection that a session writes to. */
export interface Outlet {
  publish(packet: IPublishPacket): void;
  write(packet: Packet): void;
  /** The most QoS 1 and 2 messages the client takes at a time. */
  readonly receiveMaximum: number;
}

const MAX_QUEUED = 10_000;

export class Session {
  /** By topic filter. */
  readonly subscriptions = new Map<string, Subscription>();
  /** Packet identifiers of QoS 2 publishes whose PUBREL is still to come. */
  readonly received = new Set<number>();
  /** When the last connection ended. */
  offlineSince = 0;

  private outlet: Outlet | undefined;
  private readonly queue: Delivery[] = [];
  /** By packet identifier; 'released' after PUBREC. */
  private readonly inFlight = new Map<number, Delivery | 'released'>();
  private lastIdentifier = 0;

  constructor(
    readonly clientId: string,
    /** How long it outlives its connection; 0: not at all. */
    public lifetimeMs: number,
  ) {}

  get online(): boolean {
    return this.outlet !== undefined;
  }

  /** Sends again what was never acknowledged, then what came while away. */
  attach(outlet: Outlet): void {
    this.outlet = outlet;
    for (const [messageId, delivery] of this.inFlight) {
      if (delivery === 'released') outlet.write({ cmd: 'pubrel', messageId, reasonCode: 0 });
      else outlet.publish({ ...toPacket(delivery), messageId, dup: true });
    }
    this.drain();
  }

  detach(now: number): void {
    this.outlet = undefined;
    this.offlineSince = now;
  }

  /** Messages of every QoS wait for a client that is away, QoS 0 included (measured on Artemis). */
  deliver(message: BrokerMessage, qos: QoS, identifiers: readonly number[]): void {
    this.queue.push({ ...message, qos, identifiers });
    if (this.queue.length > MAX_QUEUED) this.queue.shift();
    this.drain();
  }

  /** PUBACK, PUBCOMP, or a PUBREC that refuses. */
  settle(messageId: number): void {
    this.inFlight.delete(messageId);
    this.drain();
  }

  /** PUBREC. */
  release(messageId: number): void {
    if (this.inFlight.has(messageId)) this.inFlight.set(messageId, 'released');
    this.outlet?.write({ cmd: 'pubrel', messageId, reasonCode: 0 });
  }

  private drain(): void {
    const outlet = this.outlet;
    while (outlet) {
      const next = this.queue[0];
      if (!next || (next.qos > 0 && this.inFlight.size >= outlet.receiveMaximum)) return;
      this.queue.shift();
      if (next.qos === 0) {
        outlet.publish(toPacket(next));
      } else {
        const messageId = this.freeIdentifier();
        this.inFlight.set(messageId, next);
        outlet.publish({ ...toPacket(next), messageId });
      }
    }
  }

  private freeIdentifier(): number {
    do {
      this.lastIdentifier = (this.lastIdentifier % 0xffff) + 1;
    } while (this.inFlight.has(this.lastIdentifier));
    return this.lastIdentifier;
  }
}

function toPacket({ topic, payload, qos, retain, identifiers }: Delivery): IPublishPacket {
  const properties = identifiers.length > 0 ? { properties: { subscriptionIdentifier: [...identifiers] } } : {};
  return { cmd: 'publish', topic, payload, qos, retain, dup: false, ...properties };
}
