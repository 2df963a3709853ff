/** Commands to the publishing client, and what in its status proves that a sync was done: it never acknowledges. */
import type { Exchange, Verdict } from '../mqtt/exchange-types';
import type { Message } from '../mqtt/types';
import { EnergyError } from '../shared/errors';
import { readDialect } from './dialects';
import { maskMeters } from './mask';
import { readPayload } from './payload';
import type { LinkyStatus } from './types';

export const LINKY_COMMANDS = ['sync', 'reload'] as const;
export type LinkyCommand = (typeof LINKY_COMMANDS)[number];

/** What a confirmed sync tells; the value of the verdict. */
export interface SyncProof {
  /** ISO 8601 UTC instant, as the status tells it. */
  readonly lastSync: string;
  /** The client had a sync of its own due by then, so this may have been that one. */
  readonly mayBeScheduled: boolean;
  /** What the sync complained about, in the client's words. */
  readonly errors: readonly string[];
}

/** Reads a message of the status topic; null when it is none that can be read. */
export function readStatusMessage(message: Message): LinkyStatus | null {
  const read = readDialect({ kind: 'status' }, readPayload(message.payload));
  return 'fault' in read ? null : read.status;
}

/**
 * Judges what follows a `sync`. Make it before publishing, feed it every message of the status topic after.
 * @param baseline the last status seen before publishing, retained or live; null when none is known
 */
export class SyncJudge {
  constructor(private baseline: LinkyStatus | null) {}

  /**
   * Confirmed: a live status whose `lastSync` is later than the baseline's; without a baseline, the first live one.
   * Refused: the same `lastSync` with errors, that is, tried and failed. A retained status proves nothing.
   * @param now ms, only to tell whether the client's own schedule was due
   */
  judge(message: Message, now: number): Verdict {
    const status = readStatusMessage(message);
    if (!status) return undefined;
    if (message.retained) {
      this.baseline ??= status;
      return undefined;
    }
    const before = instant(this.baseline?.lastSync);
    const after = instant(status.lastSync);
    const errors = errorTexts(status);
    if (after !== null && status.lastSync !== null && (before === null || after > before)) {
      const due = instant(this.baseline?.nextSync);
      const mayBeScheduled = due !== null && (due <= now || due <= after);
      const value: SyncProof = { lastSync: status.lastSync, mayBeScheduled, errors };
      const words = [mayBeScheduled ? 'confirmed (may be scheduled)' : 'confirmed', ...errors];
      return { stage: 'confirmed', reply: words.join('; '), value };
    }
    if (errors.length > 0 && before !== null && after === before)
      return { refused: `tried and failed: ${errors.join('; ')}` };
    return undefined;
  }
}

function instant(text: string | null | undefined): number | null {
  return typeof text === 'string' ? Date.parse(text) : null;
}

const MAX_ERRORS = 10;
const MAX_ERROR_LENGTH = 200;

/** The status's errors as short texts without meter numbers; their element type is not defined by the client. */
function errorTexts({ errors }: LinkyStatus): string[] {
  return (errors ?? []).slice(0, MAX_ERRORS).map((error) => {
    const text = typeof error === 'string' ? error : JSON.stringify(error);
    return maskMeters(text).slice(0, MAX_ERROR_LENGTH);
  });
}

/**
 * The exchange of a command: an empty payload to its topic. `reload` changes nothing that the status is bound to show, so
 * it is only ever sent. There is no retry: the client's own source has a daily quota.
 * @param clock ms; read when a status comes in
 */
export function planLinkyCommand(
  prefix: string,
  command: LinkyCommand,
  baseline: LinkyStatus | null,
  clock: () => number,
): Exchange {
  const publications = [{ topic: `${prefix}/command/${command}`, payload: '' }];
  const lane = `${prefix}/command/${command}`;
  if (command === 'reload') return { lane, steps: [{ publications, attainable: 'sent', afterSent: { then: 'sent' } }] };
  const judge = new SyncJudge(baseline);
  const topic = `${prefix}/status`;
  return {
    lane,
    steps: [
      {
        publications,
        attainable: 'confirmed',
        judge: (message) => (message.topic === topic ? judge.judge(message, clock()) : undefined),
        afterSent: { then: 'timeout', hint: silenceHint(baseline) },
      },
    ],
  };
}

/** Why a sync may stay unconfirmed, judged by the last status. */
function silenceHint(baseline: LinkyStatus | null): string {
  const sent = 'sent, not confirmed';
  if (baseline === null) return `${sent}: the client has never told a status`;
  if (baseline.dialect !== 'standard') return `${sent}: the status is that of a client which ignores commands`;
  return `${sent}: no newer last_sync was seen; a sync can take minutes and its source has a daily quota`;
}

/**
 * What a command ends with when the broker took it and told that nobody is subscribed to it (MQTT 5, PUBACK reason 0x10;
 * a broker need not tell). Only meaningful while the consumer itself subscribes to no filter that matches the command.
 */
export function unheard(topic: string): EnergyError {
  const reply = `nobody is subscribed to ${topic}: the command is lost; is the client running, and does it know commands?`;
  return new EnergyError('REFUSED', `Refused: ${reply}`, { reply });
}
