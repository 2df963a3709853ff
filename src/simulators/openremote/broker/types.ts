/** What the broker asks of, and tells, whoever gives its topics a meaning. */
import type { QoS } from 'mqtt-packet';

export type ProtocolVersion = 3 | 4 | 5;

export interface BrokerMessage {
  readonly topic: string;
  readonly payload: Buffer;
  readonly qos: QoS;
  readonly retain: boolean;
}

export interface Credentials {
  readonly username: string | undefined;
  readonly password: string | undefined;
}

/** One connected client. A new object for each connection; `Identity` is what `authenticate` made of its credentials. */
export interface Client<Identity> {
  readonly id: string;
  readonly identity: Identity;
  /** Closes the network connection without a word. */
  disconnect(): void;
}

export interface BrokerPolicy<Identity> {
  /** undefined: bad credentials. */
  authenticate(credentials: Credentials): Identity | undefined;
  connected(client: Client<Identity>): void;
  disconnected(client: Client<Identity>): void;
  maySubscribe(client: Client<Identity>, filter: string): boolean;
  mayPublish(client: Client<Identity>, topic: string): boolean;
  /** Called for each grant, also when the filter was subscribed already. */
  subscribed(client: Client<Identity>, filter: string): void;
  unsubscribed(client: Client<Identity>, filter: string): void;
  /** A permitted publish or last will. `acknowledge` sends the PUBACK or PUBREC, and has to be called once. */
  published(client: Client<Identity>, message: BrokerMessage, acknowledge: () => void): void;
}

/** MQTT 5 reason codes that this broker sends. */
export const REASON = {
  success: 0x00,
  noSubscriptionExisted: 0x11,
  unspecified: 0x80,
  malformedPacket: 0x81,
  protocolError: 0x82,
  clientIdentifierNotValid: 0x85,
  badCredentials: 0x86,
  notAuthorized: 0x87,
  sessionTakenOver: 0x8e,
  packetIdentifierNotFound: 0x92,
  topicAliasInvalid: 0x94,
} as const;

/** CONNACK return codes of MQTT 3.1 and 3.1.1. */
export const RETURN_CODE = { identifierRejected: 2, notAuthorized: 5 } as const;
