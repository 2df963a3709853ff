/** evcc's cleanup: deletes everything retained below its root, other clients' messages and unread sets included. */
import { type Clock } from '../clock';
import { DeviceLink, type LinkOptions } from '../device-link';

/** Ends after this time without a non-empty message. */
const SILENCE_MS = 1000;
/** At a high speed the broker still needs some real time to hand out what it holds. */
const LEAST_REAL_SILENCE_MS = 100;

export interface PurgeOptions extends Pick<LinkOptions, 'broker' | 'clientId' | 'username' | 'password'> {
  readonly root: string;
  readonly speed: number;
  /** Cut short after this time, ms of device time. */
  readonly limit: number;
}

/**
 * Resolves when a second has passed without a message. It runs on a connection of its own, which has the whole tree
 * subscribed only as long as the cleanup lasts. Each non-empty message but `status` is answered by an empty retained
 * one of QoS 0.
 */
export async function purge(options: PurgeOptions, clock: Clock, signal: AbortSignal): Promise<void> {
  const { root, speed, limit, ...connection } = options;
  const silence = Math.max(SILENCE_MS, LEAST_REAL_SILENCE_MS * speed);
  const deadline = clock.now() + Math.max(limit, silence);
  let finish = (): void => undefined;
  const quiet = new Promise<void>((resolve) => {
    finish = resolve;
  });
  let cancel = (): void => undefined;
  const wait = (): void => {
    cancel();
    const rest = Math.min(silence, deadline - clock.now());
    cancel = clock.after(rest, finish);
  };
  const link = new DeviceLink({
    ...connection,
    clientId: `${connection.clientId}-cleanup`,
    clock,
    onConnect: () => link.subscribe(`${root}/#`, 1),
    onMessage: (topic, payload) => {
      if (payload.length === 0 || topic === `${root}/status`) return;
      link.publish(topic, '', { retain: true });
      wait();
    },
  });
  signal.addEventListener('abort', finish);
  try {
    await link.connect();
    await link.flush();
    wait();
    if (signal.aborted) finish();
    await quiet;
    await link.flush();
  } finally {
    cancel();
    signal.removeEventListener('abort', finish);
    await link.stop();
  }
}
