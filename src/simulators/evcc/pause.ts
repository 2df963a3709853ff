/** Waiting in device time. */
import { type Clock } from '../clock';

/** Resolves after `ms` of device time, or as soon as it is aborted. */
export function pause(clock: Clock, ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const finish = (): void => {
      cancel();
      signal.removeEventListener('abort', finish);
      resolve();
    };
    const cancel = clock.after(ms, finish);
    signal.addEventListener('abort', finish);
    if (signal.aborted) finish();
  });
}
