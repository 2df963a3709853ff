/** The bench for exchanges: a device and its broker played by the test, a fake clock, and what was left behind. */
import assert from 'node:assert/strict';
import { mock } from 'node:test';
import { Exchanger, type ExchangeResult, type Port, type RunOptions } from '../../../src/mqtt/exchange';
import type { Exchange, Step, Verdict } from '../../../src/mqtt/exchange-types';
import type { Message, Publication } from '../../../src/mqtt/types';
import { EnergyError } from '../../../src/shared/errors';

export const START = 1_000_000;

/** Promises that are due; immediates are not mocked. */
export const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** A device and its broker, played by the test. */
export class FakePort implements Port {
  readonly published: string[] = [];
  /** PUBACKs that are due, in the order of the publications. */
  private readonly acks: { resolve: () => void; reject: (error: Error) => void }[] = [];
  readonly ears = new Set<(message: Message) => void>();
  readonly mourners = new Set<() => void>();
  unreachable: EnergyError | undefined;
  /** What the state waits for. */
  settling: Promise<void> | undefined;

  unsettled(): Promise<void> | undefined {
    return this.settling;
  }

  assertReachable(): void {
    if (this.unreachable) throw this.unreachable;
  }

  publish({ topic, payload }: Publication): Promise<void> {
    this.published.push(`${topic}=${payload}`);
    return new Promise((resolve, reject) => this.acks.push({ resolve, reject }));
  }

  listen(ear: (message: Message) => void): () => void {
    this.ears.add(ear);
    return () => this.ears.delete(ear);
  }

  onLost(callback: () => void): () => void {
    this.mourners.add(callback);
    return () => this.mourners.delete(callback);
  }

  /** The broker acknowledges the next publications. */
  async ack(count = 1): Promise<void> {
    for (const { resolve } of this.acks.splice(0, count)) resolve();
    await turn();
  }

  async refuse(error: Error): Promise<void> {
    this.acks.shift()?.reject(error);
    await turn();
  }

  /** The device says something; the tests' judges read the payload. */
  async say(payload: string, retained = false): Promise<void> {
    for (const ear of [...this.ears]) ear({ topic: 'device', payload: Buffer.from(payload), retained, qos: 0 });
    await turn();
  }

  async lose(): Promise<void> {
    this.unreachable = new EnergyError('NOT_CONNECTED', 'down');
    for (const callback of [...this.mourners]) callback();
    for (const { reject } of this.acks.splice(0)) reject(this.unreachable);
    await turn();
  }
}

/** `accepted`, `confirmed` and `no` are verdicts; with `:` behind them, on the publication of that payload only. */
export function judge(own: string): (message: Message) => Verdict {
  return ({ payload }) => {
    const [word, about = own, reply] = Buffer.from(payload).toString().split(':');
    if (about !== own) return undefined;
    if (word === 'no') return { refused: 'the device says no', error: 'BAD' };
    if (word !== 'accepted' && word !== 'confirmed') return undefined;
    return { stage: word, ...(reply === undefined ? {} : { reply, value: `${reply}!` }) };
  };
}

export const step = (payload: string, rest: Partial<Step> = {}): Step => ({
  publications: [{ topic: 'set', payload }],
  attainable: 'confirmed',
  judge: judge(payload),
  ...rest,
});

export const command = (payload: string, rest: Partial<Exchange> = {}): Exchange => ({
  lane: 'lane',
  steps: [step(payload)],
  ...rest,
});

/** What became of a command: each ends exactly once. */
export interface Watched {
  readonly ends: (ExchangeResult | EnergyError)[];
  readonly result: () => ExchangeResult;
  readonly error: () => EnergyError;
}

/** Set up before and put away after each test of the suite that makes it. */
export class ExchangeBench {
  port = new FakePort();
  exchanger = new Exchanger(this.port);
  aborter = new AbortController();
  private timers = new Set<unknown>();
  private restore = (): void => undefined;

  constructor() {
    beforeEach(() => this.start());
    afterEach(() => {
      this.restore();
      mock.timers.reset();
    });
  }

  private start(): void {
    mock.timers.enable({ apis: ['Date', 'setTimeout'], now: START });
    const timers = (this.timers = new Set());
    // What is armed and neither fired nor cleared, to see that nothing is left behind.
    const { setTimeout: arm, clearTimeout: clear } = globalThis;
    const counting = (callback: () => void, ms?: number): unknown => {
      const timer: unknown = arm(() => {
        timers.delete(timer);
        callback();
      }, ms);
      timers.add(timer);
      return timer;
    };
    globalThis.setTimeout = counting as typeof setTimeout;
    globalThis.clearTimeout = ((timer: NodeJS.Timeout | undefined) => {
      timers.delete(timer);
      clear(timer);
    }) as typeof clearTimeout;
    this.restore = () => Object.assign(globalThis, { setTimeout: arm, clearTimeout: clear });
    this.port = new FakePort();
    this.exchanger = new Exchanger(this.port);
    this.aborter = new AbortController();
  }

  /** Runs a command; looked at with `result` or `error` when it should have ended. */
  run(plan: Exchange | (() => Exchange), options: Partial<RunOptions> = {}): Watched {
    const ends: Watched['ends'] = [];
    this.exchanger
      .run(typeof plan === 'function' ? plan : () => plan, {
        waitFor: 'confirmed',
        timeout: 10_000,
        signal: this.aborter.signal,
        ...options,
      })
      .then(
        (result) => ends.push(result),
        (error: unknown) => {
          assert.ok(error instanceof EnergyError, String(error));
          ends.push(error);
        },
      );
    const only = (): ExchangeResult | EnergyError => {
      const [end, ...more] = ends;
      assert.ok(end && more.length === 0, `ended ${ends.length} times`);
      return end;
    };
    return {
      ends,
      result: () => {
        const end = only();
        if (end instanceof EnergyError) throw end;
        return end;
      },
      error: () => {
        const end = only();
        assert.ok(end instanceof EnergyError, JSON.stringify(end));
        return end;
      },
    };
  }

  async tick(ms: number): Promise<void> {
    mock.timers.tick(ms);
    await turn();
  }

  assertNothingLeft(): void {
    assert.deepEqual(
      [this.port.ears.size, this.port.mourners.size, this.timers.size],
      [0, 0, 0],
      'listeners and timers',
    );
    assert.equal((this.exchanger as unknown as { lanes: Map<string, unknown> }).lanes.size, 0, 'lanes');
  }
}
