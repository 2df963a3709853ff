/** evcc's cleanup: deletes everything retained below its root, other clients' messages and unread sets included. */
import { type Clock } from '../clock';
import { pause } from './pause';
import { DeviceLink, type LinkOptions } from '../device-link';

/** Ends after this time without a non-empty message. */
const SILENCE_MS = 1000;
/** At a high speed the broker still needs some real time to hand out what it holds. */
const LEAST_REAL_SILENCE_MS = 100;
const LEAST_REAL_LIMIT_MS = 2000;

export interface PurgeOptions extends Pick<LinkOptions, 'broker' | 'clientId' | 'username' | 'password'> {
  readonly root: string;
  readonly speed: number;
  /** Cut short after this time, ms of device time. */
  readonly limit: number;
}

/**
 * Answers each non-empty message but `status` with an empty retained one of QoS 0. Resolves when a second has passed
 * without any, at the latest after `limit`. It runs on a connection of its own, which has the whole tree subscribed only
 * as long as the cleanup lasts.
 */
export async function purge(options: PurgeOptions, clock: Clock, signal: AbortSignal): Promise<void> {
  const { root, speed, limit, ...connection } = options;
  const silence = Math.max(SILENCE_MS, LEAST_REAL_SILENCE_MS * speed);
  const deadline = clock.now() + Math.max(limit, LEAST_REAL_LIMIT_MS * speed);
  let last = clock.now();
  const link = new DeviceLink({
    ...connection,
    clientId: `${connection.clientId}-cleanup`,
    clock,
    onConnect: () => link.subscribe(`${root}/#`, 1),
    onMessage: (topic, payload) => {
      if (payload.length === 0 || topic === `${root}/status`) return;
      last = clock.now();
      link.publish(topic, '', { retain: true });
    },
  });
  try {
    await link.connect();
    last = clock.now();
    const end = (): number => Math.min(last + silence, deadline);
    while (clock.now() < end() && !signal.aborted) {
      await pause(clock, end() - clock.now(), signal);
      // What the broker has on its way counts, too.
      await link.flush();
    }
  } finally {
    await link.stop();
  }
}
