/** How a simulated manager is to behave. */
import type { Clock } from './clock';

/**
 * `source`: as the reference commit behaves, its faults included. `documented`: as the documentation promises (`attributes/get`
 * answers, a gateway's wildcards are relative to it, reads are confined to the realm and the gateway's tree). `classic`: a
 * released manager, which has the standard API only.
 */
export type Profile = 'source' | 'documented' | 'classic';

export interface Answer {
  readonly clientId: string;
  /** Ends with `/response`. */
  readonly topic: string;
  readonly payload: string;
}

/** All of it may be changed while the simulator runs. */
export interface Behaviour {
  profile: Profile;
  /**
   * A newcomer with a client id in use replaces the old connection (true: the reference commit, and releases up to 1.6.4), or
   * is closed itself (false: from 1.6.5). Default true.
   */
  linkStealing: boolean;
  /** ms that each operation takes; they are done one at a time, whoever asks. Default 0. */
  responseDelayMs: number;
  /** true: this answer is lost. Default: none is. */
  dropResponse: (answer: Answer) => boolean;
  /**
   * Lost answers are only late: they arrive right before the answer to the next request of the same topic, and so would be
   * taken for it. Default false.
   */
  lateAnswers: boolean;
  /** The answer arrives before the PUBACK or PUBREC of its request, as 1 to 8 % do in practice. Default false. */
  answersBeforeAcknowledgement: boolean;
  /** ms until a new asset is recognised as a gateway's descendant. Default 0. */
  descendantRegistrationDelayMs: number;
  /** A permitted publish stays permitted for 5 minutes. Default true, but false with profile `documented`. */
  authorisationCache: boolean;
}

export interface OpenRemoteSimulatorOptions extends Partial<Behaviour> {
  /** Default 0: any free port. */
  readonly port?: number;
  /** Default: real time. */
  readonly clock?: Clock;
  /** Start with the demo's user and assets. Default true. */
  readonly demo?: boolean;
}

export function behaviourOf(options: OpenRemoteSimulatorOptions): Behaviour {
  const profile = options.profile ?? 'source';
  return {
    profile,
    linkStealing: options.linkStealing ?? true,
    responseDelayMs: options.responseDelayMs ?? 0,
    dropResponse: options.dropResponse ?? (() => false),
    lateAnswers: options.lateAnswers ?? false,
    answersBeforeAcknowledgement: options.answersBeforeAcknowledgement ?? false,
    descendantRegistrationDelayMs: options.descendantRegistrationDelayMs ?? 0,
    authorisationCache: options.authorisationCache ?? profile !== 'documented',
  };
}
