/** A broker connection played by the test: real subscriptions and replays, no network. */
import type { Connection, LinkState } from '../../../src/mqtt/connection';
import { Dispatcher, type Subscriber, type Subscription } from '../../../src/mqtt/dispatcher';
import { TopicTree } from '../../../src/mqtt/topic-tree';
import type { Publication } from '../../../src/mqtt/types';
import { EnergyError } from '../../../src/shared/errors';

/** Promises and immediates that are due; timers are the test's. */
export const turn = async (): Promise<void> => {
  for (let i = 0; i < 3; i++) await new Promise((resolve) => setImmediate(resolve));
};

export class FakeLink {
  state: LinkState = { state: 'connected', server: 'fake', protocolVersion: 4 };
  readonly subscribed: string[] = [];
  readonly unsubscribed: string[] = [];
  readonly published: Publication[] = [];
  readonly refused = new Set<string>();
  readonly errors: Error[] = [];
  readonly listeners = new Set<(state: LinkState) => void>();
  private readonly retained = new Map<string, string>();
  private readonly dispatcher = new Dispatcher(
    {
      isConnected: () => this.state.state === 'connected',
      subscribe: (filter) => this.replay(filter),
      unsubscribe: (filter) => void this.unsubscribed.push(filter),
    },
    (error) => this.errors.push(error),
  );

  /** The link as the code under test knows it. */
  get connection(): Connection {
    return this as unknown as Connection;
  }

  guard(call: () => void): void {
    try {
      call();
    } catch (thrown) {
      this.errors.push(thrown as Error);
    }
  }

  subscribe(filters: readonly string[], subscriber: Subscriber): Subscription {
    return this.dispatcher.add(filters, subscriber);
  }

  publish(publication: Publication): Promise<object> {
    this.published.push(publication);
    return Promise.resolve({});
  }

  onState(listener: (state: LinkState) => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  receive(topic: string, payload: string, retained = false): void {
    this.dispatcher.dispatch({ topic, payload: Buffer.from(payload), retained, qos: 0 });
  }

  /** Left in the broker for whoever subscribes. */
  retain(topic: string, payload: string): void {
    this.retained.set(topic, payload);
  }

  /** Several states in a row are failed attempts to connect again. */
  lose(): void {
    this.settle({ state: 'disconnected', error: new EnergyError('NOT_CONNECTED', 'lost') });
  }

  restore(): void {
    this.settle({ state: 'connected', server: 'fake', protocolVersion: 4 });
    this.dispatcher.connected();
  }

  end(): void {
    this.dispatcher.dispose();
  }

  private settle(state: LinkState): void {
    this.state = state;
    for (const listener of [...this.listeners]) listener(state);
  }

  private replay(filter: string): Promise<void> {
    this.subscribed.push(filter);
    if (this.refused.has(filter)) return Promise.reject(new EnergyError('SUBSCRIPTION_REFUSED', 'no'));
    const tree = new TopicTree<true>();
    tree.set(filter, true);
    setImmediate(() => {
      for (const [topic, payload] of this.retained) {
        if (tree.match(topic).length > 0) this.receive(topic, payload, true);
      }
    });
    return Promise.resolve();
  }
}

/** Replaces setTimeout and setInterval by ones that tell what is armed; `restore` puts the present ones back. */
export function countTimers(): { armed: () => number; longest: () => number; restore: () => void } {
  const { setTimeout: arm, clearTimeout: clear, setInterval: repeat, clearInterval: stop } = globalThis;
  const timers = new Set<unknown>();
  let longest = 0;
  const forget =
    (end: (timer: NodeJS.Timeout | undefined) => void) =>
    (timer: NodeJS.Timeout | undefined): void => {
      timers.delete(timer);
      end(timer);
    };
  Object.assign(globalThis, {
    setTimeout: (callback: () => void, ms = 0): unknown => {
      longest = Math.max(longest, ms);
      const timer: unknown = arm(() => {
        timers.delete(timer);
        callback();
      }, ms);
      timers.add(timer);
      return timer;
    },
    setInterval: (callback: () => void, ms: number): unknown => {
      const timer = repeat(callback, ms);
      timers.add(timer);
      return timer;
    },
    clearTimeout: forget(clear),
    clearInterval: forget(stop),
  });
  return {
    armed: () => timers.size,
    longest: () => longest,
    restore: () =>
      Object.assign(globalThis, { setTimeout: arm, clearTimeout: clear, setInterval: repeat, clearInterval: stop }),
  };
}
