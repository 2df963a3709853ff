/** A subscriber that writes down what it gets. */
import type { Subscriber } from '../../../src/mqtt/dispatcher';

export interface Recorder extends Subscriber {
  /** `topic=payload`, with a leading `~` where the message was retained. */
  readonly log: string[];
  readonly refused: [filter: string, code: string][];
}

export function recorder(): Recorder {
  const log: string[] = [];
  const refused: [string, string][] = [];
  return {
    log,
    refused,
    onMessage: ({ topic, payload, retained }) =>
      log.push(`${retained ? '~' : ''}${topic}=${Buffer.from(payload).toString()}`),
    onRefused: (filter, error) => refused.push([filter, error.code]),
  };
}
