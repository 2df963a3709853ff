/**
 * A small MQTT broker for 3.1, 3.1.1 and 5 that behaves on the wire as the manager's embedded Artemis does. What topics
 * mean, and who may use them, is its policy's business.
 */
import { type AddressInfo, createServer, type Server } from 'node:net';
import type { IConnectPacket, ISubscribePacket, IUnsubscribePacket, QoS } from 'mqtt-packet';
import { BoundedMap } from '../bounded-map';
import type { Clock } from '../clock';
import { lifetimeMs, type Terms, termsOf } from './admission';
import { Connection, type ConnectionHost } from './connection';
import { Session, type Subscription } from './session';
import { isTopicFilter, isTopicName, matches, withoutShare } from './topics';
import { type BrokerMessage, type BrokerPolicy, type Client, REASON, RETURN_CODE } from './types';

const KEEP_ALIVE_CHECK_MS = 2000;
const SESSION_SCAN_MS = 500;
const MAX_RETAINED = 10_000;

export interface BrokerSettings {
  /** true: a newcomer with a client id in use replaces the old connection. false: the newcomer is closed. */
  linkStealing: boolean;
}

interface DelayedWill<Identity> {
  readonly client: Client<Identity>;
  readonly message: BrokerMessage;
  readonly dueAt: number;
}

export class Broker<Identity> implements ConnectionHost {
  private server: Server | undefined;
  private readonly connections = new Set<Connection>();
  private readonly clients = new Map<Connection, Client<Identity>>();
  private readonly online = new Map<string, Connection>();
  private readonly sessions = new Map<string, Session>();
  private readonly retained = new BoundedMap<string, BrokerMessage>(MAX_RETAINED);
  private readonly delayedWills = new Map<string, DelayedWill<Identity>>();

  constructor(
    private readonly policy: BrokerPolicy<Identity>,
    private readonly settings: BrokerSettings,
    private readonly clock: Clock,
  ) {}

  /** Listens on 127.0.0.1; resolves with the port. */
  async listen(port: number): Promise<number> {
    const server = createServer((socket) => this.connections.add(new Connection(socket, this)));
    this.server = server;
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen(port, '127.0.0.1', resolve);
    });
    this.clock.every(KEEP_ALIVE_CHECK_MS, () => this.connections.forEach((connection) => connection.closeIfSilent()));
    this.clock.every(SESSION_SCAN_MS, () => this.scan());
    return (server.address() as AddressInfo).port;
  }

  /** Cuts all connections, without a will, and forgets all sessions and messages: nothing is kept on disk. */
  async close(): Promise<void> {
    const server = this.server;
    this.server = undefined;
    if (!server) return;
    const closed = new Promise((resolve) => server.close(resolve));
    for (const connection of this.connections) {
      connection.will = undefined;
      connection.transport.destroy();
    }
    await closed;
    this.sessions.clear();
    this.retained.clear();
    this.delayedWills.clear();
  }

  /** Cuts a client's connection as a broken network would. false: no such client. */
  cut(clientId: string): boolean {
    const connection = this.online.get(clientId);
    connection?.transport.destroy();
    return connection !== undefined;
  }

  isOnline(clientId: string): boolean {
    return this.online.has(clientId);
  }

  /**
   * Delivers to every matching filter one copy, in the QoS of that filter. With MQTT 5 each copy carries the identifiers of
   * all matching filters of its client (measured).
   */
  route(message: BrokerMessage, from?: string): void {
    for (const session of this.sessions.values()) {
      const hits = [...session.subscriptions].filter(([filter]) => matches(withoutShare(filter), message.topic));
      const identifiers = hits.flatMap(([, { identifier }]) => identifier ?? []);
      for (const [, subscription] of hits) {
        if (subscription.noLocal && from === session.clientId) continue;
        const retain = message.retain && subscription.retainAsPublished;
        session.deliver({ ...message, retain }, lower(message.qos, subscription.qos), identifiers);
      }
    }
  }

  now(): number {
    return this.clock.now();
  }

  connect(connection: Connection, packet: IConnectPacket): void {
    const terms = termsOf(packet);
    const identity = this.policy.authenticate({ username: packet.username, password: packet.password?.toString() });
    if (!terms) connection.refuse(RETURN_CODE.identifierRejected, REASON.clientIdentifierNotValid);
    else if (identity === undefined) connection.refuse(RETURN_CODE.notAuthorized, REASON.badCredentials);
    // The newcomer gets DISCONNECT in the place of CONNACK, and 3.1.1 nothing at all (measured on 2.55.0).
    else if (this.online.has(terms.clientId) && !this.settings.linkStealing) connection.end(REASON.unspecified);
    else this.welcome(connection, terms, identity, packet.will);
  }

  subscribe(connection: Connection, packet: ISubscribePacket): readonly number[] {
    const { version } = connection.transport;
    const { session, client } = this.of(connection);
    return packet.subscriptions.map(({ topic: filter, qos, nl, rap, rh }) => {
      if (!isTopicFilter(filter) || !this.policy.maySubscribe(client, withoutShare(filter))) {
        // MQTT 3.1 has no code for it: it is granted, and nothing ever comes (measured).
        return version === 3 ? qos : version === 4 ? 0x80 : REASON.notAuthorized;
      }
      const known = session.subscriptions.has(filter);
      const subscription: Subscription = {
        qos,
        noLocal: nl ?? false,
        retainAsPublished: rap ?? false,
        identifier: packet.properties?.subscriptionIdentifier,
      };
      session.subscriptions.set(filter, subscription);
      this.policy.subscribed(client, filter);
      if (rh !== 2 && !(rh === 1 && known)) this.replay(session, filter, subscription);
      return qos;
    });
  }

  unsubscribe(connection: Connection, packet: IUnsubscribePacket): readonly number[] {
    const { session, client } = this.of(connection);
    return packet.unsubscriptions.map((filter) => {
      this.policy.unsubscribed(client, filter);
      return session.subscriptions.delete(filter) ? REASON.success : REASON.noSubscriptionExisted;
    });
  }

  mayPublish(connection: Connection, topic: string): boolean {
    return this.policy.mayPublish(this.of(connection).client, topic);
  }

  publish(connection: Connection, message: BrokerMessage, acknowledge: () => void): void {
    this.take(this.of(connection).client, message, acknowledge);
  }

  disconnect(connection: Connection, expiryS: number | undefined): void {
    const { session } = this.of(connection);
    if (expiryS !== undefined && session.lifetimeMs > 0) session.lifetimeMs = lifetimeMs(expiryS);
    this.leave(connection);
  }

  closed(connection: Connection): void {
    this.connections.delete(connection);
    this.leave(connection);
  }

  private of(connection: Connection): { session: Session; client: Client<Identity> } {
    const client = this.clients.get(connection);
    if (!client || !connection.session) throw new Error('packet of a client that is not connected');
    return { session: connection.session, client };
  }

  private welcome(connection: Connection, terms: Terms, identity: Identity, will: Connection['will']): void {
    const { clientId } = terms;
    const rival = this.online.get(clientId);
    if (rival) this.takeOver(rival);
    const kept = terms.clean ? undefined : this.sessions.get(clientId);
    const session = kept ?? new Session(clientId, 0);
    session.lifetimeMs = terms.sessionLifetimeMs;
    const client: Client<Identity> = { id: clientId, identity, disconnect: () => connection.transport.end() };
    this.sessions.set(clientId, session);
    this.delayedWills.delete(clientId);
    this.online.set(clientId, connection);
    this.clients.set(connection, client);
    connection.accept(terms, session, will, kept !== undefined);
    this.policy.connected(client);
    session.attach({
      publish: (publish) => connection.transport.publish(publish),
      write: (other) => connection.transport.write(other),
      receiveMaximum: connection.receiveMaximum,
    });
  }

  private takeOver(rival: Connection): void {
    rival.will = undefined;
    this.leave(rival);
    rival.end(REASON.sessionTakenOver);
  }

  /** The client is gone, whatever becomes of its socket. Its will goes out under its own rights. */
  private leave(connection: Connection): void {
    const client = this.clients.get(connection);
    const { session, will } = connection;
    if (!client || !session) return;
    this.clients.delete(connection);
    this.online.delete(client.id);
    session.detach(this.now());
    if (session.lifetimeMs === 0) this.sessions.delete(client.id);
    this.policy.disconnected(client);
    if (!will) return;
    const { topic, qos = 0, retain = false } = will;
    const message = { topic, payload: Buffer.from(will.payload), qos, retain };
    const delayS = will.properties?.willDelayInterval ?? 0;
    if (delayS === 0) this.fire(client, message);
    else this.delayedWills.set(client.id, { client, message, dueAt: this.now() + delayS * 1000 });
  }

  private fire(client: Client<Identity>, message: BrokerMessage): void {
    const permitted = isTopicName(message.topic) && this.policy.mayPublish(client, message.topic);
    if (permitted) this.take(client, message, () => undefined);
  }

  private take(client: Client<Identity>, message: BrokerMessage, acknowledge: () => void): void {
    if (message.retain && message.payload.length === 0) this.retained.delete(message.topic);
    else if (message.retain) this.retained.set(message.topic, message);
    this.policy.published(client, message, acknowledge);
    this.route(message, client.id);
  }

  private replay(session: Session, filter: string, { qos, identifier }: Subscription): void {
    for (const message of this.retained.values()) {
      if (!matches(filter, message.topic)) continue;
      session.deliver(message, lower(message.qos, qos), identifier === undefined ? [] : [identifier]);
    }
  }

  /** Ends sessions whose time is over, and sends the wills that waited. */
  private scan(): void {
    const now = this.now();
    for (const session of this.sessions.values()) {
      if (!session.online && now - session.offlineSince >= session.lifetimeMs) this.sessions.delete(session.clientId);
    }
    for (const [id, { client, message, dueAt }] of this.delayedWills) {
      if (now < dueAt) continue;
      this.delayedWills.delete(id);
      this.fire(client, message);
    }
  }
}

function lower(a: QoS, b: QoS): QoS {
  return a < b ? a : b;
}
