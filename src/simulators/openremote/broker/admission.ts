/** The rules of CONNECT that need no knowledge of who else is connected (measured on Artemis 2.38.0 and 2.55.0). */
import { randomUUID } from 'node:crypto';
import type { IConnectPacket } from 'mqtt-packet';
import type { ProtocolVersion } from './types';

const MAX_KEEP_ALIVE_S = 60;
const NEVER_EXPIRES = 0xffff_ffff;
/** From about 25 days the server's arithmetic overflows, and its next scan may end the session. */
const OVERFLOW_FROM_S = 2_147_484;

export interface Terms {
  readonly version: ProtocolVersion;
  readonly clientId: string;
  /** The broker invented the client id. */
  readonly assigned: boolean;
  readonly clean: boolean;
  readonly keepAliveS: number;
  /** The client asked for another keep alive. */
  readonly keepAliveReplaced: boolean;
  readonly sessionLifetimeMs: number;
  readonly receiveMaximum: number;
  readonly maximumPacketSize: number;
  readonly topicAliasMaximum: number;
}

/** undefined: the client id is not acceptable (empty, but a session is to be kept under it). */
export function termsOf(packet: IConnectPacket): Terms | undefined {
  const version = packet.protocolVersion ?? 4;
  const clean = packet.clean ?? true;
  const assigned = packet.clientId === '';
  if (assigned && !clean) return undefined;

  const asked = packet.keepalive ?? 0;
  const keepAliveS = asked === 0 ? MAX_KEEP_ALIVE_S : Math.min(asked, MAX_KEEP_ALIVE_S);
  const properties = packet.properties ?? {};
  return {
    version,
    clientId: assigned ? randomUUID() : packet.clientId,
    assigned,
    clean,
    keepAliveS,
    keepAliveReplaced: keepAliveS !== asked,
    // A 3.1.1 session that is kept never expires: the reference commit's setting is 0, which means just that.
    sessionLifetimeMs: version === 5 ? lifetimeMs(properties.sessionExpiryInterval ?? 0) : clean ? 0 : Infinity,
    receiveMaximum: properties.receiveMaximum ?? 0xffff,
    maximumPacketSize: properties.maximumPacketSize ?? Infinity,
    topicAliasMaximum: properties.topicAliasMaximum ?? 0,
  };
}

/** ms that a session lives on, from MQTT 5's Session Expiry Interval in seconds. */
export function lifetimeMs(expiryS: number): number {
  if (expiryS === NEVER_EXPIRES) return Infinity;
  return expiryS >= OVERFLOW_FROM_S ? 1 : expiryS * 1000;
}
