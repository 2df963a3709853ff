/**
 * Who gets which message. Many subscribers share one SUBSCRIBE per distinct filter, and each of them gets every live
 * message once and every retained value once, whatever filters overlap and however often the broker repeats itself.
 */
import { EnergyError, toError } from '../shared/errors';
import { TopicTree } from './topic-tree';
import type { Message } from './types';

/** The connection, as far as subscribing goes. */
export interface Wire {
  isConnected(): boolean;
  /** @throws EnergyError SUBSCRIPTION_REFUSED | NOT_CONNECTED */
  subscribe(filter: string): Promise<void>;
  unsubscribe(filter: string): void;
}

export interface Subscriber {
  /** Called for each message; `message.payload` is only valid during the call. */
  onMessage(message: Message): void;
  /** The broker refused one of the filters. It is asked again with the next connection. */
  onRefused?(filter: string, error: EnergyError): void;
}

export interface Subscription {
  /** Ends it; the filter is unsubscribed when nobody else wants it. */
  close(): void;
}

/** ms without a replayed message after which the broker is done with replaying retained values. */
const REPLAY_SILENCE = 5_000;

interface Member extends Subscriber {
  /** Number of the last message it was given: it may be listed under several matching filters. */
  last: number;
  /** Topics it has seen since it subscribed; null once replaying is over: retained messages are then for others. */
  seen: Set<string> | null;
  /** ms; Infinity while the broker has not answered all its SUBSCRIBEs. */
  lastReplay: number;
}

interface FilterRecord {
  readonly filter: string;
  readonly members: Set<Member>;
  /** A SUBSCRIBE is due: first use, or a newcomer that needs the retained values. */
  due: boolean;
  /** The broker sends messages for it. */
  active: boolean;
}

export class Dispatcher {
  private readonly records = new TopicTree<FilterRecord>();
  private readonly all = new Set<FilterRecord>();
  private readonly copies = new CopyFilter();
  private serial = 0;
  private flushing: NodeJS.Immediate | undefined;
  private sweeping: NodeJS.Timeout | undefined;

  /** @param onError told when a subscriber throws, which is a defect of ours that must not hurt the others. */
  constructor(
    private readonly wire: Wire,
    private readonly onError: (error: Error) => void,
  ) {}

  add(filters: readonly string[], subscriber: Subscriber): Subscription {
    const member: Member = {
      onMessage: (message) => subscriber.onMessage(message),
      onRefused: (filter, error) => subscriber.onRefused?.(filter, error),
      last: -1,
      seen: new Set(),
      lastReplay: Infinity,
    };
    for (const filter of filters) {
      let record = this.records.get(filter);
      if (!record) {
        record = { filter, members: new Set(), due: true, active: false };
        this.records.set(filter, record);
        this.all.add(record);
      }
      record.members.add(member);
      record.due = true;
    }
    this.flushSoon();
    return { close: () => this.remove(filters, member) };
  }

  private remove(filters: readonly string[], member: Member): void {
    for (const filter of filters) {
      const record = this.records.get(filter);
      if (!record?.members.delete(member) || record.members.size > 0) continue;
      this.records.delete(filter);
      this.all.delete(record);
      if (record.active && this.wire.isConnected()) this.wire.unsubscribe(filter);
    }
  }

  /** A new session: everything has to be asked for again, and retained values are new again for everybody. */
  connected(): void {
    this.copies.reset();
    for (const record of this.all) {
      record.due = true;
      record.active = false;
      for (const member of record.members) {
        member.seen = new Set();
        member.lastReplay = Infinity;
      }
    }
    this.flush();
  }

  /** Ends its timers; the subscriptions are void. */
  dispose(): void {
    clearImmediate(this.flushing);
    clearTimeout(this.sweeping);
    this.flushing = this.sweeping = undefined;
  }

  /** Waits for the nodes that are being deployed right now, so that they share one SUBSCRIBE. */
  private flushSoon(): void {
    this.flushing ??= setImmediate(() => this.flush());
  }

  private flush(): void {
    clearImmediate(this.flushing);
    this.flushing = undefined;
    if (!this.wire.isConnected()) return;
    for (const record of this.all) {
      if (!record.due) continue;
      record.due = false;
      record.active = true;
      void this.subscribe(record);
    }
  }

  private async subscribe(record: FilterRecord): Promise<void> {
    const askers = [...record.members];
    try {
      await this.wire.subscribe(record.filter);
    } catch (thrown) {
      const error = toError(thrown);
      if (!(error instanceof EnergyError) || error.code === 'SUBSCRIPTION_REFUSED') record.active = false;
      if (error instanceof EnergyError && error.code === 'SUBSCRIPTION_REFUSED') {
        for (const member of askers) this.guard(() => member.onRefused?.(record.filter, error));
      }
    }
    const now = Date.now();
    for (const member of askers) member.lastReplay = now;
    this.sweeping ??= setTimeout(() => this.sweep(), REPLAY_SILENCE).unref();
  }

  /** Frees what the replay windows remembered, once they are over. */
  private sweep(): void {
    this.sweeping = undefined;
    const limit = Date.now() - REPLAY_SILENCE;
    let open = false;
    for (const record of this.all) {
      for (const member of record.members) {
        if (member.seen && member.lastReplay <= limit) member.seen = null;
        else if (member.seen) open = true;
      }
    }
    if (open) this.sweeping = setTimeout(() => this.sweep(), REPLAY_SILENCE).unref();
  }

  dispatch(message: Message): void {
    const matching = this.records.match(message.topic);
    if (!message.retained && this.copies.isCopy(message, matching.length)) return;
    const serial = ++this.serial;
    for (const record of matching) {
      for (const member of record.members) {
        if (member.last === serial) continue;
        member.last = serial;
        if (message.retained) {
          if (!member.seen || member.seen.has(message.topic)) continue;
          if (member.lastReplay !== Infinity) member.lastReplay = Date.now();
        }
        member.seen?.add(message.topic);
        this.guard(() => member.onMessage(message));
      }
    }
  }

  private guard(call: () => void): void {
    try {
      call();
    } catch (thrown) {
      this.onError(toError(thrown));
    }
  }
}

/**
 * With overlapping filters some brokers send one copy of a live message, some one per matching filter, and none says
 * which it does. Copies of one message come one right after the other. So: as long as a broker has not once sent
 * fewer copies than filters, equal neighbours count as copies; after that it is known to send one.
 */
class CopyFilter {
  private single = false;
  private topic = '';
  private payload: Uint8Array = new Uint8Array();
  /** Copies of the last message that may still come. */
  private expected = 0;

  reset(): void {
    this.single = false;
    this.expected = 0;
  }

  isCopy(message: Message, filters: number): boolean {
    if (this.single) return false;
    if (this.expected > 0) {
      if (message.topic === this.topic && Buffer.compare(message.payload, this.payload) === 0) {
        this.expected -= 1;
        return true;
      }
      this.single = true;
      this.expected = 0;
      return false;
    }
    if (filters > 1) {
      this.topic = message.topic;
      this.payload = message.payload.slice();
      this.expected = filters - 1;
    }
    return false;
  }
}
