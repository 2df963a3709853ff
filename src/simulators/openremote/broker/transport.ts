/** A socket as a stream of MQTT packets. */
import type { Socket } from 'node:net';
import { generate, type IPublishPacket, type Packet, parser, writeToStream } from 'mqtt-packet';
import type { ProtocolVersion } from './types';

export interface TransportEvents {
  packet(packet: Packet): void;
  closed(): void;
}

export class Transport {
  /** Decides how packets are written; set by CONNECT. */
  version: ProtocolVersion = 4;
  /** Larger publications are dropped silently, the connection stays (measured on Artemis 2.38.0 and 2.55.0). */
  maximumPacketSize = Infinity;
  /** How many topic aliases the client takes. */
  topicAliasMaximum = 0;

  private readonly aliases = new Map<string, number>();
  private closing = false;

  constructor(
    private readonly socket: Socket,
    events: TransportEvents,
  ) {
    const packets = parser();
    packets.on('packet', (packet) => {
      if (!this.closing) events.packet(packet);
    });
    packets.on('error', () => this.destroy());
    socket.on('data', (data) => packets.parse(data));
    // A reset is followed by 'close', which is all that matters.
    socket.on('error', () => this.destroy());
    socket.on('close', () => {
      this.closing = true;
      events.closed();
    });
    socket.setNoDelay(true);
  }

  write(packet: Packet): void {
    if (!this.closing) writeToStream(packet, this.socket, { protocolVersion: this.version });
  }

  publish(packet: IPublishPacket): void {
    const size = this.maximumPacketSize;
    if (size !== Infinity && generate(packet, { protocolVersion: this.version }).length > size) return;
    this.write(this.aliased(packet));
  }

  /** Closes after what was written has gone out. */
  end(): void {
    this.closing = true;
    this.socket.destroySoon();
  }

  destroy(): void {
    this.closing = true;
    this.socket.destroy();
  }

  private aliased(packet: IPublishPacket): IPublishPacket {
    const known = this.aliases.get(packet.topic);
    if (known !== undefined) return { ...packet, topic: '', properties: { ...packet.properties, topicAlias: known } };
    if (this.aliases.size >= this.topicAliasMaximum) return packet;
    const topicAlias = this.aliases.size + 1;
    this.aliases.set(packet.topic, topicAlias);
    return { ...packet, properties: { ...packet.properties, topicAlias } };
  }
}
