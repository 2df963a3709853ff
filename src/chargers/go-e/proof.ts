/** What the charger's answer, its state and its silence prove of a write. */
import type { Silence, Step, Verdict } from '../../mqtt/exchange-types';
import type { Message } from '../../mqtt/types';
import { RESULTS_SINCE, UNKNOWN_KEYS_ANSWERED_SINCE, isOlder } from './firmware';
import { type GoeKey, MASK, masked } from './keys';
import { type GoeNative, isLive } from './native';
import { shows } from './plain-json';
import { maskReply } from './replies';
import { jsonOf, stringOf, textOf } from './values';

/** A checked write on its way. */
export interface Sent {
  readonly native: GoeNative;
  /** undefined: a key of newer firmware. */
  readonly entry: GoeKey | undefined;
  /** Of the key's state. */
  readonly topic: string;
  readonly key: string;
  readonly value: unknown;
  readonly hint: string | undefined;
}

/** ms. The charger answers within its cycle of a second; an answer that did not come in time may come just after. */
export const LATE_ANSWER = 1000;

/**
 * ms. The charger works once per second and publishes only what changed: a value that it accepted and that it had
 * already, shows no change within this time.
 */
const NO_CHANGE_AFTER = 3000;

/** Relative; a 32 bit float has 24 bits. */
const FLOAT_TOLERANCE = 1e-6;

/** Characters; the charger's answers are a line each. */
const MAX_REPLY = 2000;

/** Their topic tells nothing about a write: it shows another value (`c<n>i` = whether a tag is there), or moves away. */
const WITHOUT_ECHO = /^(c\di|mtp|mht)$/;

const BLOCKED =
  'the charger did not answer: writing over MQTT may be blocked (mcr; allow it in the go-e app), or it does not know this key';
const UNANSWERED = `firmware before ${RESULTS_SINCE} gives no answers, and the new value was not seen`;
const UNKNOWN_UNANSWERED = `firmware before ${UNKNOWN_KEYS_ANSWERED_SINCE} does not answer for keys that it does not know`;

/** From firmware 051.5 the charger answers each write; before, only the changed value tells. */
export function proofOf(sent: Sent): Omit<Step, 'publications'> {
  return isOlderThan(sent.native, RESULTS_SINCE) ? provenByEcho(sent) : provenByAnswer(sent);
}

/** Whether the firmware is known to be older. */
function isOlderThan(native: GoeNative, version: string): boolean {
  const firmware = stringOf(native.values, 'fwv');
  return firmware !== null && isOlder(firmware, version) === true;
}

function provenByEcho(sent: Sent): Omit<Step, 'publications'> {
  return {
    attainable: hasEcho(sent) ? 'confirmed' : 'sent',
    judge: (message) => judgeEcho(sent, message),
    afterSent: isAlready(sent)
      ? { within: NO_CHANGE_AFTER, then: 'unchanged' }
      : { then: 'timeout', hint: hints(UNANSWERED, tooOld(sent), sent.hint) },
  };
}

/** `success`, and nothing else, means taken; the changed value means in force. */
function provenByAnswer(sent: Sent): Omit<Step, 'publications'> {
  const { native, entry, topic, value } = sent;
  const resultTopic = `${topic}/result`;
  const unanswered = !entry && isOlderThan(native, UNKNOWN_KEYS_ANSWERED_SINCE) ? UNKNOWN_UNANSWERED : undefined;
  return {
    attainable: hasEcho(sent) ? 'confirmed' : 'accepted',
    judge: (message) => {
      if (message.topic !== resultTopic || message.payload.length === 0) return judgeEcho(sent, message);
      const reply = textOf(message).slice(0, MAX_REPLY);
      if (reply === 'success') return { stage: 'accepted', reply };
      return { refused: entry?.sensitive ? maskReply(reply, value, MASK) : reply };
    },
    afterSent: { then: 'timeout', hint: hints(BLOCKED, tooOld(sent), unanswered, sent.hint) },
    afterAccepted: afterAccepted(sent),
  };
}

function afterAccepted(sent: Sent): Silence {
  if (!isAlready(sent)) return { then: 'accepted' };
  // A value that is only known from a replay may be out of date: then its change follows.
  return { within: isLive(sent.native, sent.key) ? 0 : NO_CHANGE_AFTER, then: 'unchanged' };
}

function hasEcho({ entry, key }: Sent): boolean {
  return entry?.access !== 'W' && !WITHOUT_ECHO.test(key);
}

function judgeEcho(sent: Sent, message: Message): Verdict {
  if (message.topic !== sent.topic || !hasEcho(sent)) return undefined;
  const published = jsonOf(message);
  return showsWritten(sent, published) ? { stage: 'confirmed', value: masked(sent.key, published) } : undefined;
}

/** Whether the last known value is the wanted one already. */
function isAlready(sent: Sent): boolean {
  return hasEcho(sent) && showsWritten(sent, sent.native.values.json(sent.key));
}

/** Whether a published value shows what was written, with the detours of some setters. */
function showsWritten({ entry, key, value }: Sent, published: unknown): boolean {
  const isFloat = entry === undefined || entry.type === 'float' || entry.type === 'double';
  if (shows(published, value, isFloat ? FLOAT_TOLERANCE : 0)) return true;
  if (key === 'lot' && typeof value === 'number') return shows(published, { amp: value });
  return entry?.json.includes('boolean') === true && typeof value === 'boolean' && published === Number(value);
}

/** A key that was seen is there, whatever the tables say of its first version. */
function tooOld({ native, entry, key }: Sent): string | undefined {
  if (entry?.since === undefined || native.values.get(key) !== undefined) return undefined;
  return isOlderThan(native, entry.since) ? `${key} came with firmware ${entry.since}` : undefined;
}

function hints(...texts: readonly (string | undefined)[]): string {
  return texts.filter(Boolean).join('; ');
}
