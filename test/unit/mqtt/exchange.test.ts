import assert from 'node:assert/strict';
import { setMaxListeners } from 'node:events';
import { mock } from 'node:test';
import { Exchanger, type ExchangeResult, type Port, type RunOptions } from '../../../src/mqtt/exchange';
import type { Exchange, Outcome, Silence, Stage, Step, Verdict } from '../../../src/mqtt/exchange-types';
import type { Message, Publication } from '../../../src/mqtt/types';
import { EnergyError } from '../../../src/shared/errors';

const START = 1_000_000;

/** Promises that are due; immediates are not mocked. */
const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** A device and its broker, played by the test. */
class FakePort implements Port {
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
function judge(own: string): (message: Message) => Verdict {
  return ({ payload }) => {
    const [word, about = own, reply] = Buffer.from(payload).toString().split(':');
    if (about !== own) return undefined;
    if (word === 'no') return { refused: 'the device says no', error: 'BAD' };
    if (word !== 'accepted' && word !== 'confirmed') return undefined;
    return { stage: word, ...(reply === undefined ? {} : { reply, value: `${reply}!` }) };
  };
}

const step = (payload: string, rest: Partial<Step> = {}): Step => ({
  publications: [{ topic: 'set', payload }],
  attainable: 'confirmed',
  judge: judge(payload),
  ...rest,
});

const command = (payload: string, rest: Partial<Exchange> = {}): Exchange => ({
  lane: 'lane',
  steps: [step(payload)],
  ...rest,
});

/** What became of a command: each ends exactly once. */
interface Watched {
  readonly ends: (ExchangeResult | EnergyError)[];
  readonly result: () => ExchangeResult;
  readonly error: () => EnergyError;
}

describe('mqtt: exchange', () => {
  let port: FakePort;
  let exchanger: Exchanger;
  let aborter: AbortController;
  let timers: Set<unknown>;
  let restore: () => void;

  beforeEach(() => {
    mock.timers.enable({ apis: ['Date', 'setTimeout'], now: START });
    timers = new Set();
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
    restore = () => Object.assign(globalThis, { setTimeout: arm, clearTimeout: clear });
    port = new FakePort();
    exchanger = new Exchanger(port);
    aborter = new AbortController();
  });
  afterEach(() => {
    restore();
    mock.timers.reset();
  });

  /** Runs a command; looked at with `result` or `error` when it should have ended. */
  function run(plan: Exchange | (() => Exchange), options: Partial<RunOptions> = {}): Watched {
    const ends: Watched['ends'] = [];
    exchanger
      .run(typeof plan === 'function' ? plan : () => plan, {
        waitFor: 'confirmed',
        timeout: 10_000,
        signal: aborter.signal,
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

  async function tick(ms: number): Promise<void> {
    mock.timers.tick(ms);
    await turn();
  }

  function assertNothingLeft(): void {
    assert.deepEqual([port.ears.size, port.mourners.size, timers.size], [0, 0, 0], 'listeners and timers');
    assert.equal((exchanger as unknown as { lanes: Map<string, unknown> }).lanes.size, 0, 'lanes');
  }

  describe('what is waited for', () => {
    const STAGES: Stage[] = ['sent', 'accepted', 'confirmed'];
    /** What is heard, in this order, and how far the command then got. */
    const HEARD: [events: string[], reached: Stage | null][] = [
      [[], null],
      [['ack'], 'sent'],
      [['ack', 'accepted'], 'accepted'],
      [['accepted'], 'accepted'],
      [['accepted', 'ack'], 'accepted'],
      [['ack', 'confirmed'], 'confirmed'],
      [['confirmed'], 'confirmed'],
      [['accepted', 'confirmed', 'ack'], 'confirmed'],
      [['ack', 'accepted', 'accepted', 'confirmed'], 'confirmed'],
    ];
    const rank = (stage: Stage | null): number => (stage === null ? -1 : STAGES.indexOf(stage));
    for (const waitFor of STAGES) {
      for (const attainable of STAGES) {
        const goal = rank(waitFor) < rank(attainable) ? waitFor : attainable;
        for (const [events, reached] of HEARD) {
          const ends = rank(reached) >= rank(goal);
          it(`${waitFor} of at most ${attainable}, ${events.join(', ') || 'silence'}: ${ends ? 'done' : 'time-out'}`, async () => {
            const watched = run(command('1', { steps: [step('1', { attainable })] }), { waitFor });
            await turn();
            for (const event of events) await (event === 'ack' ? port.ack() : port.say(event));
            if (ends) {
              assert.ok(rank(watched.result().outcome as Stage) >= rank(goal));
            } else {
              assert.deepEqual(watched.ends, []);
              await tick(10_000);
              const { code, message } = watched.error();
              assert.equal(code, 'TIMEOUT');
              const progress = { sent: '(sent, not answered)', accepted: '(accepted, not confirmed)', confirmed: '' };
              assert.ok(message.includes(reached === null ? 'did not acknowledge' : progress[reached]), message);
            }
            await port.ack(9);
            assertNothingLeft();
          });
        }
      }
    }
  });

  it('waits for the state, is planned anew then, and is replaced by no command that came behind it', async () => {
    let settle = (): void => undefined;
    port.settling = new Promise((resolve) => (settle = resolve));
    let known = 'old';
    const first = run(() => command(known, { supersedes: true }));
    const second = run(command('second', { supersedes: true }));
    const third = run(command('third', { supersedes: true }));
    const reading = run(command('reading', { lane: 'get', steps: [] }));
    await turn();
    assert.equal(reading.result().outcome, 'confirmed');
    assert.deepEqual(port.published, []);
    assert.equal(second.error().code, 'SUPERSEDED');
    known = 'new';
    settle();
    await turn();
    assert.deepEqual(port.published, ['set=new']);
    await port.say('confirmed:new');
    assert.equal(first.result().outcome, 'confirmed');
    assert.deepEqual(port.published, ['set=new', 'set=third']);
    await port.say('confirmed:third');
    assert.equal(third.result().outcome, 'confirmed');
    await port.ack(2);
    assertNothingLeft();
  });

  describe('what silence means', () => {
    const SILENCES: [then: Silence['then'], end: Outcome | 'REFUSED' | 'TIMEOUT'][] = [
      ['sent', 'sent'],
      ['accepted', 'accepted'],
      ['confirmed', 'confirmed'],
      ['unchanged', 'unchanged'],
      ['refused', 'REFUSED'],
      ['timeout', 'TIMEOUT'],
    ];
    for (const after of ['afterSent', 'afterAccepted'] as const) {
      for (const [then, end] of SILENCES) {
        for (const within of [undefined, 0, 2_000]) {
          it(`${after}: ${then}, ${within === undefined ? 'at the end of its time' : `within ${within} ms`}`, async () => {
            const silence: Silence = { then, hint: 'a hint', ...(within === undefined ? {} : { within }) };
            const watched = run(command('1', { steps: [step('1', { [after]: silence })] }));
            await turn();
            await port.ack();
            if (after === 'afterAccepted') {
              await tick(1_000);
              await port.say('accepted:1:ok');
            }
            const wait = within ?? (after === 'afterAccepted' ? 9_000 : 10_000);
            if (wait > 0) {
              await tick(wait - 1);
              assert.deepEqual(watched.ends, []);
            }
            await tick(1);
            if (end === 'REFUSED' || end === 'TIMEOUT') {
              const { code, message, cause } = watched.error();
              assert.equal(code, end);
              assert.match(message, /a hint/);
              assert.equal(cause.reply, after === 'afterAccepted' ? 'ok' : undefined);
              if (end === 'TIMEOUT') assert.match(message, new RegExp(`within ${(within ?? 10_000) / 1_000} s`));
            } else {
              assert.equal(watched.result().outcome, end);
            }
            assertNothingLeft();
          });
        }
      }
    }

    it('starts anew with each stage', async () => {
      const steps = [
        step('1', {
          afterSent: { within: 1_000, then: 'refused' },
          afterAccepted: { within: 5_000, then: 'accepted' },
        }),
      ];
      const watched = run(command('1', { steps }));
      await turn();
      await port.ack();
      await tick(900);
      await port.say('accepted');
      await tick(4_000);
      assert.deepEqual(watched.ends, []);
      await tick(1_000);
      assert.equal(watched.result().outcome, 'accepted');
    });

    it('is not looked at once a stronger verdict ended the command', async () => {
      const watched = run(command('1', { steps: [step('1', { afterSent: { within: 100, then: 'refused' } })] }));
      await turn();
      await port.ack();
      await port.say('confirmed');
      await tick(10_000);
      assert.equal(watched.result().outcome, 'confirmed');
    });
  });

  it('tells the time, the value and the reply', async () => {
    const watched = run(command('1', { value: 'own' }));
    await turn();
    await tick(250);
    await port.say('accepted:1:first');
    await port.say('confirmed:1:second');
    assert.deepEqual(watched.result(), { outcome: 'confirmed', elapsed: 250, value: 'second!', reply: 'second' });
  });

  it("falls back to the exchange's own value, and to null", async () => {
    const first = run(command('1', { value: 0 }));
    await turn();
    await port.say('confirmed');
    assert.deepEqual([first.result().value, first.result().reply], [0, null]);
    const second = run(command('2'));
    await turn();
    await port.say('confirmed');
    assert.equal(second.result().value, null);
  });

  it('does not let retained messages judge', async () => {
    const watched = run(command('1'));
    await turn();
    await port.say('confirmed', true);
    await port.say('no', true);
    assert.deepEqual(watched.ends, []);
    await port.say('confirmed');
    assert.equal(watched.result().outcome, 'confirmed');
  });

  it("hands on the device's refusal, also when it comes before the PUBACK", async () => {
    const watched = run(command('1'), { waitFor: 'sent' });
    await turn();
    await port.say('no');
    const { code, cause } = watched.error();
    assert.deepEqual([code, cause], ['REFUSED', { reply: 'the device says no', error: 'BAD' }]);
    await port.ack();
    assertNothingLeft();
  });

  it("hands on the broker's refusal", async () => {
    const watched = run(command('1'));
    await turn();
    await port.refuse(new EnergyError('PUBLISH_REFUSED', 'not authorised'));
    assert.equal(watched.error().code, 'REFUSED');
    assertNothingLeft();
  });

  it('ends, and leaves nothing behind, when publishing throws at once', async () => {
    port.publish = () => {
      throw new TypeError('defect');
    };
    const watched = run(command('1'));
    await turn();
    assert.equal(watched.error().code, 'INVALID');
    assertNothingLeft();
  });

  it('publishes nothing when the plan fails', async () => {
    const watched = run(() => {
      throw new EnergyError('UNSUPPORTED', 'no such command');
    });
    await turn();
    assert.equal(watched.error().code, 'UNSUPPORTED');
    assert.deepEqual(port.published, []);
    assertNothingLeft();
  });

  it('publishes nothing while the device is not reachable', async () => {
    port.unreachable = new EnergyError('OFFLINE', 'gone');
    const watched = run(command('1'));
    await turn();
    assert.equal(watched.error().code, 'OFFLINE');
    assert.deepEqual(port.published, []);
    assertNothingLeft();
  });

  describe('several publications', () => {
    const twice = command('1', {
      steps: [step('1', { publications: ['1', '2'].map((payload) => ({ topic: 'set', payload })) })],
    });

    it('are sent in their order, and are sent when all are acknowledged', async () => {
      const watched = run(twice, { waitFor: 'sent' });
      await turn();
      assert.deepEqual(port.published, ['set=1', 'set=2']);
      await port.ack();
      assert.deepEqual(watched.ends, []);
      await port.ack();
      assert.equal(watched.result().outcome, 'sent');
    });

    it('fail when one is refused', async () => {
      const watched = run(twice);
      await turn();
      await port.ack();
      await port.refuse(new EnergyError('PUBLISH_REFUSED', 'not authorised'));
      assert.equal(watched.error().code, 'REFUSED');
      assertNothingLeft();
    });

    it('may be none', async () => {
      const watched = run(command('1', { steps: [step('1', { publications: [] })] }), { waitFor: 'sent' });
      await turn();
      assert.equal(watched.result().outcome, 'sent');
    });
  });

  describe('several steps', () => {
    const UNCHANGED: Partial<Step> = { afterSent: { within: 0, then: 'unchanged' } };

    it('are done one after the other', async () => {
      const watched = run(command('', { steps: [step('1'), step('2')] }));
      await turn();
      assert.deepEqual(port.published, ['set=1']);
      await port.say('confirmed:1:first');
      assert.deepEqual(port.published, ['set=1', 'set=2']);
      await port.say('confirmed:2:second');
      assert.equal(watched.result().reply, 'second');
      assertNothingLeft();
    });

    it('end with the first that fails', async () => {
      const watched = run(command('', { steps: [step('1'), step('2')] }));
      await turn();
      await port.say('no:1');
      assert.equal(watched.error().code, 'REFUSED');
      assert.deepEqual(port.published, ['set=1']);
      assertNothingLeft();
    });

    it('share the time of the command', async () => {
      const watched = run(command('', { steps: [step('1'), step('2')] }));
      await turn();
      await tick(9_000);
      await port.say('confirmed:1');
      await tick(1_000);
      assert.equal(watched.error().code, 'TIMEOUT');
      assertNothingLeft();
    });

    const OUTCOMES: [first: Partial<Step>, second: Partial<Step>, outcome: Outcome][] = [
      [UNCHANGED, UNCHANGED, 'unchanged'],
      [UNCHANGED, {}, 'confirmed'],
      [{}, UNCHANGED, 'confirmed'],
      [{ attainable: 'sent' }, {}, 'sent'],
      [{}, { attainable: 'sent' }, 'sent'],
      [{ attainable: 'sent' }, UNCHANGED, 'sent'],
    ];
    for (const [index, [first, second, outcome]] of OUTCOMES.entries()) {
      it(`got as far as the weakest of them: ${outcome} (${index + 1})`, async () => {
        const watched = run(command('', { steps: [step('1', first), step('2', second)] }));
        await turn();
        for (const [i, { attainable, afterSent }] of [first, second].entries()) {
          await port.ack();
          if (!attainable && !afterSent) await port.say(`confirmed:${i + 1}`);
          await tick(1);
        }
        assert.equal(watched.result().outcome, outcome);
        assertNothingLeft();
      });
    }

    it('may be none: the value is known', async () => {
      const watched = run(command('', { steps: [], value: 7 }), { waitFor: 'sent' });
      await turn();
      assert.deepEqual(watched.result(), { outcome: 'confirmed', elapsed: 0, value: 7, reply: null });
      assertNothingLeft();
    });
  });

  describe('lanes', () => {
    it('let one command after the other through, in their order', async () => {
      const all = ['1', '2', '3'].map((payload) => run(command(payload)));
      await turn();
      for (const payload of ['1', '2', '3']) {
        assert.equal(port.published.at(-1), `set=${payload}`);
        await port.say(`confirmed:${payload}`);
      }
      for (const watched of all) assert.equal(watched.result().outcome, 'confirmed');
      assertNothingLeft();
    });

    it('do not hold up one another', async () => {
      run(command('1'));
      run(command('2', { lane: 'other' }));
      await turn();
      assert.deepEqual(port.published, ['set=1', 'set=2']);
    });

    it('go on after a failure', async () => {
      const first = run(command('1'));
      const second = run(command('2'));
      await turn();
      await port.say('no:1');
      await port.say('confirmed:2');
      assert.deepEqual([first.error().code, second.result().outcome], ['REFUSED', 'confirmed']);
      assertNothingLeft();
    });

    it('plan a command anew that had to wait, since the state is another one by then', async () => {
      let wanted = 'old';
      run(command('1'));
      const second = run(() => command(wanted));
      await turn();
      wanted = 'new';
      await port.say('confirmed:1');
      assert.deepEqual(port.published, ['set=1', 'set=new']);
      await port.say('confirmed:new');
      assert.equal(second.result().outcome, 'confirmed');
    });

    it('end a waiting command whose plan has become impossible, and serve the next', async () => {
      let problem: Error | null = null;
      const failing = (): Exchange => {
        if (problem) throw problem;
        return command('x');
      };
      run(command('1'));
      const second = run(failing);
      const third = run(failing);
      const fourth = run(command('4'));
      await turn();
      problem = new EnergyError('UNSUPPORTED', 'not any more');
      await port.say('confirmed:1');
      assert.deepEqual([second.error().code, third.error().code], ['UNSUPPORTED', 'UNSUPPORTED']);
      await port.say('confirmed:4');
      assert.equal(fourth.result().outcome, 'confirmed');
      assertNothingLeft();
    });

    it('make an EnergyError of whatever planning anew throws', async () => {
      let broken = false;
      run(command('1'));
      const second = run(() => {
        if (broken) throw new TypeError('defect');
        return command('2');
      });
      await turn();
      broken = true;
      await port.say('confirmed:1');
      assert.equal(second.error().code, 'INVALID');
    });

    it('end a waiting command in time, and never send it later', async () => {
      run(command('1'), { timeout: 20_000 });
      const second = run(command('2'), { timeout: 5_000 });
      await turn();
      await tick(5_000);
      assert.equal(second.error().code, 'TIMEOUT');
      await port.say('confirmed:1');
      await turn();
      assert.deepEqual(port.published, ['set=1']);
      assertNothingLeft();
    });

    it('count the time of waiting', async () => {
      run(command('1'));
      const second = run(command('2'));
      await turn();
      await tick(6_000);
      await port.say('confirmed:1');
      await tick(1_000);
      await port.say('confirmed:2');
      assert.equal(second.result().elapsed, 7_000);
    });

    it('replace the waiting by a newer command that supersedes them, never the running one', async () => {
      const newer = { supersedes: true };
      const first = run(command('1', newer));
      const second = run(command('2', newer));
      const third = run(command('3'));
      const fourth = run(command('4', newer));
      await turn();
      assert.deepEqual([second.error().code, third.error().code], ['SUPERSEDED', 'SUPERSEDED']);
      await port.say('confirmed:1');
      await port.say('confirmed:4');
      assert.deepEqual([first.result().outcome, fourth.result().outcome], ['confirmed', 'confirmed']);
      assert.deepEqual(port.published, ['set=1', 'set=4']);
      assertNothingLeft();
    });

    it('keep those that do not supersede', async () => {
      const all = ['1', '2', '3'].map((payload) => run(command(payload)));
      await turn();
      for (const { ends } of all) assert.deepEqual(ends, []);
    });
  });

  describe('quarantine', () => {
    const rest = { quarantine: 2_000 };

    it('keeps the lane closed after a time-out', async () => {
      const first = run(command('1', rest), { timeout: 1_000 });
      const second = run(command('2', rest));
      await turn();
      await tick(1_000);
      assert.equal(first.error().code, 'TIMEOUT');
      await tick(1_999);
      assert.deepEqual(port.published, ['set=1']);
      await tick(1);
      assert.deepEqual(port.published, ['set=1', 'set=2']);
      await port.say('confirmed:2');
      assert.equal(second.result().outcome, 'confirmed');
      assertNothingLeft();
    });

    it('ends with the late answer', async () => {
      run(command('1', rest), { timeout: 1_000 });
      run(command('2', rest));
      await turn();
      await tick(1_000);
      await port.say('accepted:1');
      assert.deepEqual(port.published, ['set=1', 'set=2']);
    });

    it('ends with the connection', async () => {
      run(command('1', rest), { timeout: 1_000 });
      const second = run(command('2', rest));
      await turn();
      await tick(1_000);
      await port.lose();
      assert.equal(second.error().code, 'NOT_CONNECTED');
      assertNothingLeft();
    });

    it('is kept after a command that was ended by its node, and might still be answered', async () => {
      run(command('1', rest));
      await turn();
      await port.ack();
      aborter.abort();
      const second = run(command('2', rest), { signal: new AbortController().signal });
      await turn();
      assert.deepEqual(port.published, ['set=1']);
      await tick(2_000);
      await port.say('confirmed:2');
      assert.equal(second.result().outcome, 'confirmed');
    });

    it('is kept after a command that did not wait for its answer', async () => {
      const first = run(command('1', rest), { waitFor: 'sent' });
      const second = run(command('2', rest), { waitFor: 'accepted' });
      await turn();
      await port.ack();
      assert.equal(first.result().outcome, 'sent');
      // The answers carry no correlation: this is the first command's.
      await port.say('no');
      assert.deepEqual(second.ends, []);
      await port.say('accepted:2');
      assert.equal(second.result().outcome, 'accepted');
      await port.ack();
      assertNothingLeft();
    });

    it('is not kept where the answer came, or none can come', async () => {
      run(command('1', rest), { waitFor: 'accepted' });
      const unanswerable = run(command('2', { ...rest, steps: [step('2', { attainable: 'sent' })] }));
      run(command('3', rest));
      await turn();
      await port.say('accepted:1');
      await port.ack(2);
      assert.equal(unanswerable.result().outcome, 'sent');
      assert.deepEqual(port.published, ['set=1', 'set=2', 'set=3']);
    });

    it('is not kept after a refusal', async () => {
      run(command('1', rest));
      run(command('2', rest));
      await turn();
      await port.say('no:1');
      assert.deepEqual(port.published, ['set=1', 'set=2']);
    });
  });

  describe('ends from outside', () => {
    it('the node is closed: the running and the waiting end, nothing more is sent', async () => {
      const all = [run(command('1')), run(command('2')), run(command('3'))];
      await turn();
      aborter.abort();
      await turn();
      for (const watched of all) assert.equal(watched.error().code, 'NOT_CONNECTED');
      await port.ack();
      await port.say('confirmed:1');
      assert.deepEqual(port.published, ['set=1']);
      assertNothingLeft();
    });

    it('the node is closed already: nothing is sent, and nothing waits', async () => {
      aborter.abort();
      const other = new AbortController().signal;
      const first = run(command('1'));
      await turn();
      assert.equal(first.error().code, 'NOT_CONNECTED');
      run(command('2'), { signal: other });
      const third = run(command('3'));
      await turn();
      assert.equal(third.error().code, 'NOT_CONNECTED');
      assert.deepEqual(port.published, ['set=2']);
    });

    it("another node's command goes on", async () => {
      run(command('1'));
      const second = run(command('2'), { signal: new AbortController().signal });
      await turn();
      aborter.abort();
      await turn();
      await port.say('confirmed:2');
      assert.equal(second.result().outcome, 'confirmed');
      assertNothingLeft();
    });

    it('the broker is lost: the running and the waiting end, nothing more is sent', async () => {
      const all = [run(command('1')), run(command('2')), run(command('3'))];
      await turn();
      await port.lose();
      for (const watched of all) assert.equal(watched.error().code, 'NOT_CONNECTED');
      assert.deepEqual(port.published, ['set=1']);
      assertNothingLeft();
    });

    it('the broker is lost between two steps', async () => {
      const watched = run(command('', { steps: [step('1'), step('2')] }));
      await turn();
      port.unreachable = new EnergyError('NOT_CONNECTED', 'down');
      await port.say('confirmed:1');
      assert.equal(watched.error().code, 'NOT_CONNECTED');
      assert.deepEqual(port.published, ['set=1']);
      assertNothingLeft();
    });

    it('tells how far a lost command got', async () => {
      const lengths: [events: string[], text: RegExp][] = [
        [[], /did not acknowledge/],
        [['ack'], /sent, not answered/],
        [['accepted'], /accepted, not confirmed/],
      ];
      for (const [events, text] of lengths) {
        port.unreachable = undefined;
        const watched = run(command('1'));
        await turn();
        for (const event of events) await (event === 'ack' ? port.ack() : port.say(event));
        await port.lose();
        assert.match(watched.error().message, text);
      }
    });

    it('many commands of one node do not look like a leak to Node.js', async () => {
      // Node.js's own default, which mocha lifts.
      setMaxListeners(10, aborter.signal);
      const warnings: string[] = [];
      const onWarning = ({ name }: Error): number => warnings.push(name);
      process.on('warning', onWarning);
      for (let i = 0; i < 30; i++) run(command(String(i)));
      await turn();
      process.removeListener('warning', onWarning);
      assert.deepEqual(warnings, []);
      aborter.abort();
      await turn();
      assertNothingLeft();
    });
  });

  it('ends each of many commands exactly once, whatever happens to them', async () => {
    let state = 7;
    const next = (below: number): number => {
      state = (state * 48_271) % 2_147_483_647;
      return state % below;
    };
    const all: Watched[] = [];
    let controller = new AbortController();
    for (let i = 0; i < 3_000; i++) {
      port.unreachable = undefined;
      const payload = String(next(4));
      const rest: Partial<Exchange> = {
        lane: String(next(3)),
        supersedes: next(3) === 0,
        ...(next(3) === 0 ? { quarantine: next(500) } : {}),
        steps: [step(payload), step(payload, { afterSent: { within: next(300), then: 'unchanged' } })].slice(next(3)),
      };
      const waitFor = (['sent', 'accepted', 'confirmed'] as const)[next(3)] ?? 'sent';
      if (next(2) === 0)
        all.push(run(command(payload, rest), { waitFor, timeout: next(400), signal: controller.signal }));
      await turn();
      const event = next(9);
      if (event < 2) await port.ack(1 + next(2));
      else if (event < 4) await port.say(`${next(2) === 0 ? 'accepted' : 'confirmed'}:${next(4)}`);
      else if (event === 4) await port.say(`no:${next(4)}`);
      else if (event < 7) await tick(next(300));
      else if (event === 7 && next(5) === 0) await port.lose();
      else if (event === 8 && next(5) === 0) {
        controller.abort();
        controller = new AbortController();
      }
    }
    for (let i = 0; i < 50; i++) await tick(1_000);
    for (const { ends } of all) assert.equal(ends.length, 1);
    assert.ok(all.length > 1_000);
    assertNothingLeft();
  });
});
