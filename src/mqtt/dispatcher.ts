/**
 * Who gets which message. Many subscribers share one SUBSCRIBE per distinct filter, and each of them gets every live
 * message once and every retained value once, whatever filters overlap and however often the broker repeats itself.
 */
import { EnergyError, toError } from '../shared/errors';
import { CopyFilter } from './copy-filter';
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
  /** The broker granted one of the filters; told anew with each connection. */
  onGranted?(filter: string): void;
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
}

interface FilterRecord {
  readonly filter: string;
  /** Empty: unsubscribed a moment ago, so messages for it may still be on their way. */
  readonly members: Set<Member>;
  /** A SUBSCRIBE is due: first use, or a newcomer that needs the retained values. */
  due: boolean;
  /** SUBSCRIBEs that the broker has not answered. */
  asked: number;
  /** Whether the broker sends messages for it; `open`: it may or may not, at this moment. */
  state: 'open' | 'granted' | 'refused';
}

export class Dispatcher {
  private readonly records = new TopicTree<FilterRecord>();
  private readonly all = new Set<FilterRecord>();
  /** Filters that everybody left while there was no connection: a session that the broker kept still has them. */
  private readonly abandoned = new Set<string>();
  private readonly copies = new CopyFilter();
  private serial = 0;
  /** ms, arrival of the last replayed value that somebody had not seen, or of the last SUBACK. */
  private lastReplay = 0;
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
      onGranted: (filter) => subscriber.onGranted?.(filter),
      onRefused: (filter, error) => subscriber.onRefused?.(filter, error),
      last: -1,
      seen: new Set(),
    };
    for (const filter of filters) {
      let record = this.records.get(filter);
      if (!record) {
        record = { filter, members: new Set(), due: true, asked: 0, state: 'open' };
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
      if (this.wire.isConnected() && (record.state === 'granted' || record.asked > 0)) {
        record.state = 'open';
        this.wire.unsubscribe(filter);
        this.sweepLater();
      } else {
        if (!this.wire.isConnected()) this.abandoned.add(filter);
        this.forget(record);
      }
    }
  }

  private forget(record: FilterRecord): void {
    this.records.delete(record.filter);
    this.all.delete(record);
  }

  /**
   * A new connection: everything has to be asked for again, and retained values are new again for everybody.
   * @param resumed the broker kept the session, with its subscriptions
   */
  connected(resumed = false): void {
    this.copies.reset();
    for (const filter of this.abandoned) if (resumed && !this.records.get(filter)) this.wire.unsubscribe(filter);
    this.abandoned.clear();
    for (const record of this.all) {
      if (record.members.size === 0) this.forget(record);
      record.due = true;
      record.state = 'open';
      for (const member of record.members) member.seen = new Set();
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
      if (!record.due || record.members.size === 0) continue;
      record.due = false;
      void this.subscribe(record);
    }
  }

  private async subscribe(record: FilterRecord): Promise<void> {
    const { filter, members } = record;
    const askers = [...members];
    const tell = (call: (member: Member) => void): void => {
      for (const member of askers) if (members.has(member)) this.guard(() => call(member));
    };
    record.asked += 1;
    try {
      await this.wire.subscribe(filter);
      if (members.size > 0) record.state = 'granted';
      tell((member) => member.onGranted?.(filter));
    } catch (thrown) {
      const error = toError(thrown);
      if (!(error instanceof EnergyError)) this.onError(error);
      else if (error.code === 'SUBSCRIPTION_REFUSED') {
        record.state = 'refused';
        tell((member) => member.onRefused?.(filter, error));
      }
    }
    record.asked -= 1;
    this.lastReplay = Date.now();
    this.sweepLater();
  }

  /** Without a connection there is nothing to wait for: `connected` starts anew. */
  private sweepLater(): void {
    if (this.wire.isConnected()) this.sweeping ??= setTimeout(() => this.sweep(), REPLAY_SILENCE).unref();
  }

  /** Frees what the replay windows remembered, and the filters that were left, once they are over. */
  private sweep(): void {
    this.sweeping = undefined;
    if (Date.now() < this.lastReplay + REPLAY_SILENCE) {
      this.sweepLater();
      return;
    }
    const open = new Set<Member>();
    for (const record of this.all) {
      if (record.members.size === 0) this.forget(record);
      else if (record.due || record.asked > 0) for (const member of record.members) open.add(member);
    }
    for (const { members } of this.all) for (const member of members) if (!open.has(member)) member.seen = null;
  }

  dispatch(message: Message): void {
    const matching = this.records.match(message.topic);
    if (!message.retained && this.isCopy(message, matching)) return;
    const serial = ++this.serial;
    for (const record of matching) {
      for (const member of record.members) {
        if (member.last === serial) continue;
        member.last = serial;
        if (message.retained) {
          if (!member.seen || member.seen.has(message.topic)) continue;
          this.lastReplay = Date.now();
        }
        member.seen?.add(message.topic);
        this.guard(() => member.onMessage(message));
      }
    }
  }

  private isCopy(message: Message, matching: readonly FilterRecord[]): boolean {
    if (matching.length < 2) {
      this.copies.end();
      return false;
    }
    let certain = 0;
    let possible = 0;
    for (const { state } of matching) {
      if (state === 'granted') certain += 1;
      if (state !== 'refused') possible += 1;
    }
    return this.copies.isCopy(message, certain, possible);
  }

  private guard(call: () => void): void {
    try {
      call();
    } catch (thrown) {
      this.onError(toError(thrown));
    }
  }
}
