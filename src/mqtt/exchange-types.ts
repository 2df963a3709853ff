/** The plan of a command: what to publish, and what proves that it was taken. Pure data and pure functions. */
import type { Message, Publication } from './types';

/** How far a command got. Order matters: each is stronger than the one before. */
export type Stage = 'sent' | 'accepted' | 'confirmed';

/** How a command ended well. `unchanged`: the wanted state was in force already. */
export type Outcome = Stage | 'unchanged';

/** What one live message says about the command in flight. `reply` = the device's own words, if any. */
export type Verdict =
  | undefined
  | { readonly stage: 'accepted' | 'confirmed'; readonly reply?: string; readonly value?: unknown }
  | { readonly refused: string; readonly error?: string };

/** What to conclude when nothing more is heard. */
export interface Silence {
  /** ms after reaching the stage; absent: the rest of the command's time. */
  readonly within?: number;
  readonly then: Outcome | 'refused' | 'timeout';
  /** Told in the error's text with `refused` and `timeout`. */
  readonly hint?: string;
}

export interface Step {
  /** Published in this order, QoS 1, never retained. */
  readonly publications: readonly Publication[];
  /** The most that can ever be known of this command; a `waitFor` beyond it is satisfied by it. */
  readonly attainable: Stage;
  /** Looks at each live message of the device, after it was folded into the device's state. Never throws. */
  judge?(message: Message): Verdict;
  /** The wanted state was in force when this was planned: a confirmation then only says that it still is. */
  readonly already?: boolean;
  /** Nothing heard after the broker took the publications. Default: TIMEOUT. */
  readonly afterSent?: Silence;
  /** Accepted by the device, effect not seen. Default: TIMEOUT. */
  readonly afterAccepted?: Silence;
}

/** A command that the device forgets unless it is told again. */
export interface Repetition {
  /** ms between two publications of the command. */
  readonly every: number;
  /** ms from the command's start in which it may be repeated; null = until something ends it. */
  readonly lasting: number | null;
  /** Whether a live message of the device shows that something else is in force by now. Never throws. */
  replacedBy?(message: Message): boolean;
}

export interface Exchange {
  /** Commands of one lane go one after the other, since replies carry no correlation. Usually the reply topic. */
  readonly lane: string;
  /** A newer command of the lane replaces those that still wait (they end as SUPERSEDED). */
  readonly supersedes?: boolean;
  /** ms that the lane stays closed after a time-out or an abort, so that a late answer is not taken for the next command's. */
  readonly quarantine?: number;
  /** Done in order, each after the one before succeeded. Empty: nothing to publish, the value is known. */
  readonly steps: readonly Step[];
  /** After success all publications are repeated so, until a newer command of the lane starts. */
  readonly repeat?: Repetition;
  /** The result's `value`, where the exchange itself knows it. */
  readonly value?: unknown;
}
