/**
 * One client of a manager: the realm and client id that its topics begin with, shared by all that use the connection.
 * Finds out which dialect the server speaks, and carries requests to their answers.
 */
import { BoundedMap } from '../shared/bounded-map';
import type { Connection } from '../mqtt/connection';
import type { Subscription } from '../mqtt/dispatcher';
import { Exchanger } from '../mqtt/exchange';
import type { Step } from '../mqtt/exchange-types';
import type { Message } from '../mqtt/types';
import { EnergyError } from '../shared/errors';
import { type Address, type Dialect, type DialectChoice, toAddress } from './address';
import type { Answer } from './answers';
import { FilterRegistry } from './filter-registry';
import { responseFilters } from './operations';
import { Publisher } from './publisher';

/** ms that a response topic stays closed after an answer failed to come: it may come late. */
const QUARANTINE = 5_000;
/** Acknowledged writes remembered. */
const MOST_ACKNOWLEDGED = 10_000;

/** How long a request may take, and who ends it early. */
export interface RequestOptions {
  /** ms */
  readonly timeout: number;
  readonly signal: AbortSignal;
}

/** Steps that go one after the other with other requests of the same lane. */
export interface Plan {
  readonly lane: string;
  readonly steps: readonly Step[];
}

type DialectListener = (dialect: Dialect | null) => void;

export class Session {
  readonly publisher: Publisher;
  /** Event filters that nodes of this connection use. */
  readonly filters = new FilterRegistry();
  /** The `ackId`s of the writes that nodes of this connection acknowledged. */
  readonly acknowledged = new BoundedMap<true>(MOST_ACKNOWLEDGED);
  private readonly exchanger: Exchanger;
  private readonly ears = new Set<(message: Message) => void>();
  private readonly listeners = new Set<DialectListener>();
  private readonly granted = new Set<string>();
  private readonly holders = new Set<symbol>();
  private subscription: Subscription | undefined;
  private unlink: (() => void) | undefined;
  private found: Dialect | null = null;
  private refusal: EnergyError | undefined;

  constructor(
    readonly connection: Connection,
    readonly address: Address,
    publisher = new Publisher(connection),
  ) {
    this.publisher = publisher;
    this.exchanger = new Exchanger({
      assertReachable: () => this.assertConnected(),
      publish: (publication, deadline, signal) => publisher.publish(publication, deadline, signal),
      listen: (ear) => {
        this.ears.add(ear);
        return () => this.ears.delete(ear);
      },
      onLost: (callback) => this.onLost(callback),
    });
  }

  /** The dialect that the server speaks; null while it is not known, and always while nobody holds the session. */
  get dialect(): Dialect | null {
    return this.found;
  }

  /** Listens for responses, which also tells the dialect, until the returned function is called. */
  hold(): () => void {
    const holder = Symbol();
    this.holders.add(holder);
    this.open();
    return () => {
      this.holders.delete(holder);
      if (this.holders.size === 0) this.close();
    };
  }

  /** Calls `listener` with the dialect now and at each change, until the returned function is called. */
  onDialect(listener: DialectListener): () => void {
    this.listeners.add(listener);
    listener(this.found);
    return () => this.listeners.delete(listener);
  }

  /**
   * The dialect to speak. Somebody has to hold the session, also for requests.
   * @throws EnergyError NOT_CONNECTED | TIMEOUT | SUBSCRIPTION_REFUSED (the Gateway API is wanted and not there)
   */
  async choose(choice: DialectChoice, { timeout, signal }: RequestOptions): Promise<Dialect> {
    this.assertConnected();
    if (choice === 'classic') return choice;
    const dialect = this.found ?? (await this.discover(timeout, signal));
    if (choice === 'gateway' && dialect === 'classic') throw this.refusal ?? noGatewayApi('');
    return dialect;
  }

  /**
   * Carries out a plan and returns the answer to its last step; null when there is nothing to answer.
   * @param plan asked again when it had to wait
   * @throws EnergyError
   */
  async request(plan: () => Plan, options: RequestOptions): Promise<Answer | null> {
    try {
      const result = await this.exchanger.run(() => ({ ...plan(), quarantine: QUARANTINE }), {
        ...options,
        waitFor: 'accepted',
      });
      return result.value as Answer | null;
    } catch (thrown) {
      if (!(thrown instanceof EnergyError) || thrown.cause.error === undefined) throw thrown;
      const { error, reply } = thrown.cause;
      throw new EnergyError('REFUSED', `OpenRemote refused the request (${error}): ${reply ?? error}`, thrown.cause);
    }
  }

  /** @throws EnergyError NOT_CONNECTED */
  assertConnected(): void {
    const link = this.connection.state;
    if (link.state === 'connected') return;
    const reason = link.state === 'disconnected' ? `: ${link.error.message}` : '';
    throw new EnergyError('NOT_CONNECTED', `Not connected to the broker${reason}`);
  }

  private open(): void {
    if (this.subscription) return;
    const filters = responseFilters(this.address);
    this.subscription = this.connection.subscribe(filters, {
      onMessage: (message) => {
        if (!message.retained) for (const ear of [...this.ears]) ear(message);
      },
      onGranted: (filter) => {
        this.granted.add(filter);
        if (this.granted.size === filters.length) this.settle('gateway');
      },
      onRefused: (_, { cause }) => {
        this.refusal = noGatewayApi(cause.reply ?? '');
        this.settle('classic');
      },
    });
    this.unlink = this.connection.onState(({ state }) => {
      if (state !== 'connected') this.forget();
    });
  }

  private close(): void {
    this.subscription?.close();
    this.unlink?.();
    this.subscription = this.unlink = undefined;
    this.forget();
  }

  private forget(): void {
    this.granted.clear();
    this.settle(null);
  }

  private settle(dialect: Dialect | null): void {
    if (dialect === this.found) return;
    this.found = dialect;
    for (const listener of [...this.listeners]) listener(dialect);
  }

  private discover(timeout: number, signal: AbortSignal): Promise<Dialect> {
    return new Promise((resolve, reject) => {
      const end = (settle: () => void): void => {
        clearTimeout(timer);
        signal.removeEventListener('abort', abort);
        stop();
        lost();
        settle();
      };
      const fail = (code: 'TIMEOUT' | 'NOT_CONNECTED', text: string): void =>
        end(() => reject(new EnergyError(code, text)));
      const abort = (): void => fail('NOT_CONNECTED', 'The node was closed before the request was sent');
      const timer = setTimeout(
        () => fail('TIMEOUT', 'Not sent: the broker did not answer the subscription to responses in time'),
        timeout,
      );
      signal.addEventListener('abort', abort);
      const lost = this.onLost(() =>
        fail('NOT_CONNECTED', 'The broker connection was lost before the request was sent'),
      );
      const stop = this.onDialect((dialect) => {
        if (dialect !== null) end(() => resolve(dialect));
      });
    });
  }

  /** Later than what fails because of the loss: a publication then tells more than that the connection is gone. */
  private onLost(callback: () => void): () => void {
    let soon: NodeJS.Immediate | undefined;
    const end = this.connection.onState(({ state }) => {
      if (state !== 'connected') soon ??= setImmediate(callback);
    });
    return () => {
      end();
      clearImmediate(soon);
    };
  }
}

function noGatewayApi(reply: string): EnergyError {
  return new EnergyError(
    'SUBSCRIPTION_REFUSED',
    'The server refused the subscription to responses: it has no MQTT Gateway API, or user name and password are not those of a service user',
    reply ? { reply } : {},
  );
}

/** Of each connection: its sessions by realm, and the order of what is published. */
const shared = new WeakMap<Connection, { readonly publisher: Publisher; readonly sessions: Map<string, Session> }>();

/**
 * The session of a realm on a connection; the same one for all that ask, so that requests to one response topic wait
 * for each other whoever makes them.
 * @throws EnergyError NOT_CONFIGURED
 */
export function sessionOf(connection: Connection, realm: string): Session {
  const address = toAddress(realm, connection.clientId);
  let entry = shared.get(connection);
  if (!entry) shared.set(connection, (entry = { publisher: new Publisher(connection), sessions: new Map() }));
  let session = entry.sessions.get(realm);
  if (!session) entry.sessions.set(realm, (session = new Session(connection, address, entry.publisher)));
  return session;
}
