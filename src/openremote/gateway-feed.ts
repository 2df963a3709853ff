/** Writes to assets below a Gateway V2 asset: the server withholds each until its gateway acknowledges it. */
import { BoundedMap } from '../shared/bounded-map';
import type { Subscription } from '../mqtt/dispatcher';
import type { Message } from '../mqtt/types';
import { validate as isPending } from '../generated/openremote-pending-event';
import { EnergyError, invalid, toError } from '../shared/errors';
import { assertValid } from '../shared/validation';
import { topicBelow } from './address';
import { toAttributeEvent } from './answers';
import { fromAttributeEvent, type OpenRemoteEvent } from './events';
import { excerpt, fromJson } from './json';
import type { RequestOptions, Session } from './session';

export interface PendingEvent {
  readonly ackId: string;
  readonly event: OpenRemoteEvent;
}

export interface PendingListener {
  /** In the order of the server; each once. */
  onPending(pending: PendingEvent, topic: string): void;
  /** SUBSCRIPTION_REFUSED, or BAD_PAYLOAD once until it is readable again. */
  onFault(error: EnergyError, topic: string): void;
}

/** Ids remembered, since QoS 1 may deliver twice. */
const REMEMBERED = 1_024;
const ACK_ID = /^[^\s\p{Cc}]{1,255}$/u;

export class GatewayFeed {
  private readonly seen = new BoundedMap<true>(REMEMBERED);
  private faulty = false;

  constructor(private readonly session: Session) {}

  /** Listens until the returned subscription is closed. */
  open(listener: PendingListener): Subscription {
    const { connection, address } = this.session;
    return connection.subscribe([topicBelow(address, 'gateway/events/pending')], {
      onMessage: (message) => {
        if (!message.retained) this.take(message, listener);
      },
      onRefused: (filter, { message, cause }) => {
        const reason =
          'only the connection of a Gateway V2 asset gets pending events: client id = the asset\'s attribute clientId ("gateway-…"), user name = {realm}:{clientId}, password = clientSecret; released managers have no Gateway V2 (it is in builds of the branch feature/mqtt-gateway-api)';
        listener.onFault(new EnergyError('SUBSCRIPTION_REFUSED', `${message}: ${reason}`, cause), filter);
      },
    });
  }

  /** Has no node of the connection acknowledged it yet? */
  isPending(ackId: string): boolean {
    return !this.session.acknowledged.has(ackId);
  }

  /**
   * Tells the server that the write was carried out, so that it stores the value. It never answers, and ignores an id
   * that it does not know. Each id is sent once; after a failure it may be tried again. Ids that came before a restart
   * are taken as well: the server keeps them for 24 h.
   * @throws EnergyError INVALID | REFUSED | NOT_CONNECTED | TIMEOUT
   */
  async acknowledge(ackId: unknown, { timeout, signal }: RequestOptions): Promise<void> {
    const fault = (message: string): EnergyError => invalid('Nothing to acknowledge', [{ path: 'ackId', message }]);
    if (ackId === undefined) throw fault('is missing');
    if (typeof ackId !== 'string' || !ACK_ID.test(ackId)) throw fault('is not the id of a pending write');
    if (!this.isPending(ackId)) throw fault('was acknowledged before');
    const { publisher, address, acknowledged } = this.session;
    acknowledged.set(ackId, true);
    try {
      const topic = topicBelow(address, 'gateway/events/acknowledge');
      await publisher.publish({ topic, payload: ackId }, Date.now() + timeout, signal);
    } catch (thrown) {
      acknowledged.delete(ackId);
      throw thrown;
    }
  }

  private take({ topic, payload }: Message, listener: PendingListener): void {
    let pending: PendingEvent;
    try {
      pending = readPending(payload);
    } catch (thrown) {
      if (!this.faulty) {
        listener.onFault(new EnergyError('BAD_PAYLOAD', `Unreadable pending event: ${toError(thrown).message}`), topic);
      }
      this.faulty = true;
      return;
    }
    this.faulty = false;
    if (this.seen.has(pending.ackId)) return;
    this.seen.set(pending.ackId, true);
    listener.onPending(pending, topic);
  }
}

function readPending(payload: Uint8Array): PendingEvent {
  const json = fromJson(payload);
  if (!json) throw new EnergyError('BAD_PAYLOAD', `not JSON: ${excerpt(payload)}`);
  assertValid(isPending, json.value, 'not a pending event');
  return { ackId: json.value.ackId, event: fromAttributeEvent(toAttributeEvent(json.value.event)) };
}
