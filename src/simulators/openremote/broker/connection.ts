/** One network connection: the order of its packets, the quality-of-service flows, and how it ends. */
import type { Socket } from 'node:net';
import type { IConnectPacket, IPublishPacket, ISubscribePacket, IUnsubscribePacket, Packet } from 'mqtt-packet';
import type { Terms } from './admission';
import type { Session } from './session';
import { isTopicName } from './topics';
import { Transport } from './transport';
import { type BrokerMessage, REASON } from './types';

type Will = NonNullable<IConnectPacket['will']>;

/** What a connection asks of its broker. */
export interface ConnectionHost {
  now(): number;
  connect(connection: Connection, packet: IConnectPacket): void;
  subscribe(connection: Connection, packet: ISubscribePacket): readonly number[];
  unsubscribe(connection: Connection, packet: IUnsubscribePacket): readonly number[];
  mayPublish(connection: Connection, topic: string): boolean;
  publish(connection: Connection, message: BrokerMessage, acknowledge: () => void): void;
  /** `expiryS`: the client changed the life of its session with DISCONNECT. */
  disconnect(connection: Connection, expiryS: number | undefined): void;
  closed(connection: Connection): void;
}

const KEEP_ALIVE_GRACE = 1.5;
/** A socket that never sends CONNECT is held to the largest keep alive. */
const CONNECT_TIMEOUT_S = 60;

export class Connection {
  readonly transport: Transport;
  receiveMaximum = 0xffff;
  session: Session | undefined;
  /** Published if the connection ends in any way but DISCONNECT or a takeover. */
  will: Will | undefined;

  private lastHeard: number;
  private keepAliveS = CONNECT_TIMEOUT_S;
  private greeted = false;
  private readonly aliases = new Map<number, string>();

  constructor(
    socket: Socket,
    private readonly host: ConnectionHost,
  ) {
    this.lastHeard = host.now();
    this.transport = new Transport(socket, {
      packet: (packet) => this.receive(packet),
      closed: () => host.closed(this),
    });
  }

  /** Puts the terms in force and answers CONNECT. */
  accept(terms: Terms, session: Session, will: Will | undefined, sessionPresent: boolean): void {
    this.session = session;
    this.will = will;
    this.keepAliveS = terms.keepAliveS;
    this.receiveMaximum = terms.receiveMaximum;
    this.transport.maximumPacketSize = terms.maximumPacketSize;
    this.transport.topicAliasMaximum = terms.topicAliasMaximum;
    this.transport.write({
      cmd: 'connack',
      sessionPresent,
      returnCode: 0,
      reasonCode: 0,
      properties: {
        topicAliasMaximum: 0xffff,
        maximumPacketSize: 268_435_455,
        ...(terms.assigned ? { assignedClientIdentifier: terms.clientId } : {}),
        ...(terms.keepAliveReplaced ? { serverKeepAlive: terms.keepAliveS } : {}),
      },
    });
  }

  refuse(returnCode: number, reasonCode: number): void {
    this.transport.write({ cmd: 'connack', sessionPresent: false, returnCode, reasonCode });
    this.transport.end();
  }

  /** Closes; only MQTT 5 can be told why. */
  end(reasonCode: number): void {
    if (this.transport.version === 5) this.transport.write({ cmd: 'disconnect', reasonCode });
    this.transport.end();
  }

  /** No packet within 1.5 times the keep alive: closed without a DISCONNECT packet, on MQTT 5 too. */
  closeIfSilent(): void {
    if (this.host.now() - this.lastHeard > this.keepAliveS * KEEP_ALIVE_GRACE * 1000) this.transport.destroy();
  }

  private receive(packet: Packet): void {
    this.lastHeard = this.host.now();
    // The parser makes -1 of a packet identifier that is cut off.
    if ((packet.messageId ?? 1) < 1) this.end(REASON.malformedPacket);
    else if (packet.cmd === 'connect') this.receiveConnect(packet);
    else if (this.session) this.dispatch(packet, this.session);
    else this.transport.destroy();
  }

  private receiveConnect(packet: IConnectPacket): void {
    if (this.greeted) {
      this.end(REASON.protocolError);
      return;
    }
    this.greeted = true;
    this.transport.version = packet.protocolVersion ?? 4;
    this.host.connect(this, packet);
  }

  private dispatch(packet: Packet, session: Session): void {
    const messageId = packet.messageId ?? 0;
    switch (packet.cmd) {
      case 'publish':
        this.receivePublish(packet, session);
        break;
      case 'pubrel': {
        const reasonCode = session.received.delete(messageId) ? REASON.success : REASON.packetIdentifierNotFound;
        this.transport.write({ cmd: 'pubcomp', messageId, reasonCode });
        break;
      }
      case 'puback':
      case 'pubcomp':
        session.settle(messageId);
        break;
      case 'pubrec':
        if ((packet.reasonCode ?? 0) >= REASON.unspecified) session.settle(messageId);
        else session.release(messageId);
        break;
      case 'subscribe':
        this.transport.write({ cmd: 'suback', messageId, granted: [...this.host.subscribe(this, packet)] });
        break;
      case 'unsubscribe':
        this.transport.write({ cmd: 'unsuback', messageId, granted: [...this.host.unsubscribe(this, packet)] });
        break;
      case 'pingreq':
        this.transport.write({ cmd: 'pingresp' });
        break;
      case 'disconnect':
        // No will, not even with MQTT 5's "disconnect with will message" (measured).
        this.will = undefined;
        this.host.disconnect(this, packet.properties?.sessionExpiryInterval);
        this.transport.end();
        break;
      default:
        this.end(REASON.protocolError);
    }
  }

  private receivePublish(packet: IPublishPacket, session: Session): void {
    const topic = this.resolveTopic(packet);
    if (topic === undefined) return;
    const { qos, retain } = packet;
    const messageId = packet.messageId ?? 0;
    if (qos === 2 && session.received.has(messageId)) {
      this.acknowledge(packet, REASON.success);
    } else if (this.host.mayPublish(this, topic)) {
      if (qos === 2) session.received.add(messageId);
      const message = { topic, payload: Buffer.from(packet.payload), qos, retain };
      this.host.publish(this, message, () => this.acknowledge(packet, REASON.success));
    } else {
      this.refusePublish(packet);
    }
  }

  /** Ends the connection if there is no usable topic, neither written out nor behind an alias. */
  private resolveTopic(packet: IPublishPacket): string | undefined {
    const alias = packet.properties?.topicAlias;
    if (alias !== undefined && packet.topic !== '') this.aliases.set(alias, packet.topic);
    const topic = packet.topic === '' && alias !== undefined ? this.aliases.get(alias) : packet.topic;
    if (alias === 0) this.end(REASON.topicAliasInvalid);
    else if (topic === undefined) this.end(REASON.protocolError);
    else if (!isTopicName(topic)) this.end(REASON.malformedPacket);
    else return topic;
    return undefined;
  }

  /** MQTT 3.1 is told nothing, 3.1.1 is thrown out, 5 gets a reason code (measured). */
  private refusePublish(packet: IPublishPacket): void {
    if (this.transport.version === 4) this.transport.end();
    else this.acknowledge(packet, REASON.notAuthorized);
  }

  private acknowledge(packet: IPublishPacket, reasonCode: number): void {
    const messageId = packet.messageId ?? 0;
    if (packet.qos === 1) this.transport.write({ cmd: 'puback', messageId, reasonCode });
    else if (packet.qos === 2) this.transport.write({ cmd: 'pubrec', messageId, reasonCode });
  }
}
