/**
 * With overlapping filters some brokers send one copy of a live message, some one per matching filter (mosquitto 2.0.11:
 * one with 3.1.1, several with 5), and none says which it does. Copies of one message come one right after the other.
 */
import type { Message } from './types';

/** ms within which the copies of a message arrive; the same message later than that is another message. */
const TOGETHER = 500;
/** Bound of `balance`. */
const SURE = 16;
/** A missing copy tells more than a repeated message: only under load does a broker drop copies. */
const MISSING_COUNTS = 4;

/** Tells the copies of a live message from messages that repeat the one before. */
export class CopyFilter {
  /** Below 0: the broker sends one copy, so equal neighbours are messages of their own. */
  private balance = 0;
  private topic = '';
  private payload: Uint8Array = new Uint8Array();
  /** ms, end of the time in which copies of the last message may come. */
  private until = 0;
  /** Copies of the last message that may still come. */
  private possible = 0;
  /** Copies of the last message that must still come if the broker sends several. */
  private owed = 0;

  /** A new session, perhaps with another broker. */
  reset(): void {
    this.balance = this.possible = this.owed = 0;
  }

  /** A message that has no copies came: the one before has all of its own. */
  end(): void {
    this.settle();
    this.possible = this.owed = 0;
  }

  /**
   * @param certain number of matching filters that the broker granted
   * @param possible the same, with those for which it may or may not send messages at this moment
   */
  isCopy(message: Message, certain: number, possible: number): boolean {
    if (this.possible > 0 && this.repeats(message)) {
      const isCopy = this.balance >= 0;
      this.possible -= 1;
      this.owed -= 1;
      if (this.owed === 0) this.balance = Math.min(this.balance + 1, SURE);
      return isCopy;
    }
    this.settle();
    this.owed = certain - 1;
    this.possible = possible - 1;
    if (this.possible > 0) {
      this.topic = message.topic;
      this.payload = new Uint8Array(message.payload);
      this.until = Date.now() + TOGETHER;
    }
    return false;
  }

  private settle(): void {
    if (this.owed > 0) this.balance = Math.max(this.balance - MISSING_COUNTS, -SURE);
  }

  private repeats(message: Message): boolean {
    return (
      message.topic === this.topic && Date.now() < this.until && Buffer.compare(message.payload, this.payload) === 0
    );
  }
}
