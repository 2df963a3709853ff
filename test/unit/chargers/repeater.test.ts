import assert from 'node:assert/strict';
import { mock } from 'node:test';
import { Repeater, type Turn, type Turns } from '../../../src/chargers/repeater';
import type { Port } from '../../../src/mqtt/exchange';
import type { Exchange, Repetition } from '../../../src/mqtt/exchange-types';
import type { Message, Publication } from '../../../src/mqtt/types';
import { EnergyError } from '../../../src/shared/errors';
import { turn as settled } from './fake-link';

const FEED: Repetition = { every: 5_000, lasting: 15_000 };
const HOLD: Repetition = { every: 30_000, lasting: null };

function exchange(repeat?: Repetition, payload = 'value'): Exchange {
  return {
    lane: 'lane',
    steps: [{ publications: [{ topic: 'topic/set', payload }], attainable: 'sent' }],
    ...(repeat ? { repeat } : {}),
  };
}

function message(topic: string, payload: string): Message {
  return { topic, payload: Buffer.from(payload), retained: false, qos: 1 };
}

class FakePort implements Port {
  /** ms since the test began, and what was published then. */
  readonly published: [number, string][] = [];
  readonly deadlines: number[] = [];
  reachable: EnergyError | null = null;
  refusal: EnergyError | null = null;
  readonly ears = new Set<(message: Message) => void>();
  readonly losses = new Set<() => void>();
  private readonly start = Date.now();

  assertReachable(): void {
    if (this.reachable) throw this.reachable;
  }

  publish({ payload }: Publication, deadline: number): Promise<void> {
    this.published.push([Date.now() - this.start, payload]);
    this.deadlines.push(deadline - Date.now());
    return this.refusal ? Promise.reject(this.refusal) : Promise.resolve();
  }

  listen(ear: (message: Message) => void): () => void {
    this.ears.add(ear);
    return () => this.ears.delete(ear);
  }

  onLost(callback: () => void): () => void {
    this.losses.add(callback);
    return () => this.losses.delete(callback);
  }
}

describe('repeater', () => {
  let port: FakePort;
  let repeater: Repeater;
  let asker: AbortController;
  let lapses: [string, string][];

  beforeEach(() => {
    mock.timers.enable({ apis: ['setTimeout', 'Date'], now: 1_000_000 });
    port = new FakePort();
    repeater = new Repeater(port);
    asker = new AbortController();
    lapses = [];
  });
  afterEach(() => {
    repeater.end();
    assert.equal(port.ears.size + port.losses.size, 0, 'a listener was left behind');
    mock.timers.reset();
  });

  const turn = (): Turn =>
    repeater.turn('lane', { signal: asker.signal, onLapse: ({ code }, topic) => lapses.push([code, topic]) });

  const repeated = (repeat: Repetition): Turn => {
    const started = turn();
    started.repeat(exchange(repeat));
    return started;
  };

  const times = (): number[] => port.published.map(([at]) => at);

  /** In steps, as time passes: each timer fires at its own moment. */
  const pass = (ms: number): void => {
    for (let passed = 0; passed < ms; passed += 500) mock.timers.tick(500);
  };

  it('repeats at its pace, counted from the start of the command, until its time is over', () => {
    const started = turn();
    pass(2_000);
    started.repeat(exchange(FEED));
    pass(60_000);
    assert.deepEqual(times(), [5_000, 10_000]);
    assert.deepEqual(lapses, []);
  });

  it('gives the broker a short time for each', () => {
    repeated(FEED);
    pass(10_000);
    assert.deepEqual(port.deadlines, [4_000, 4_000]);
  });

  it('goes on until further notice when nothing limits its time', () => {
    repeated(HOLD);
    pass(3_600_000);
    assert.equal(times().length, 120);
    assert.deepEqual(times().slice(0, 3), [30_000, 60_000, 90_000]);
  });

  it('makes up for a late success with one repetition, not with a burst', () => {
    const started = turn();
    pass(100_000);
    started.repeat(exchange(HOLD));
    pass(31_000);
    // `pass` looks at the clock every half second.
    assert.deepEqual(times(), [100_500, 130_000]);
  });

  it('publishes nothing when its time was over before the success, or while the machine slept', () => {
    const late = turn();
    pass(20_000);
    late.repeat(exchange(FEED));
    pass(20_000);
    repeated(FEED);
    mock.timers.setTime(Date.now() + 3_600_000);
    pass(20_000);
    assert.deepEqual(times(), []);
  });

  it('repeats nothing for a command without repetition', () => {
    turn().repeat(exchange());
    pass(100_000);
    assert.deepEqual(times(), []);
  });

  const ends: [string, (started: Turn) => void][] = [
    ['a newer command of the lane starts', () => void turn()],
    ['the node that asked is closed', () => asker.abort()],
    ['nobody uses the charger any more', () => repeater.end()],
    ['the command fails after all', (started) => started.end()],
  ];
  for (const [what, end] of ends) {
    it(`ends without a word when ${what}`, async () => {
      const started = repeated(HOLD);
      pass(31_000);
      end(started);
      pass(100_000);
      await settled();
      assert.deepEqual(times(), [30_000]);
      assert.deepEqual(lapses, []);
    });
  }

  it('is ended by the command of another charger to the same topic, but not with that charger', () => {
    const turns: Turns = new Map();
    const [first, second] = [new Repeater(port, turns), new Repeater(new FakePort(), turns)];
    const ask = (who: Repeater): Turn =>
      who.turn('lane', { signal: asker.signal, onLapse: ({ code }, topic) => lapses.push([code, topic]) });
    ask(first).repeat(exchange(HOLD));
    second.end();
    second.lost(new EnergyError('OFFLINE', 'away'));
    pass(30_000);
    ask(second).end();
    pass(100_000);
    assert.deepEqual(times(), [30_000]);
    assert.deepEqual(lapses, []);
  });

  it('leaves other lanes alone', () => {
    repeated(HOLD);
    repeater.turn('another lane', { signal: asker.signal, onLapse: () => assert.fail() }).repeat(exchange());
    pass(30_000);
    assert.deepEqual(times(), [30_000]);
  });

  it('does not start when a newer command came before the success', () => {
    const older = turn();
    const newer = turn();
    newer.repeat(exchange(HOLD, 'newer'));
    older.repeat(exchange(HOLD, 'older'));
    pass(30_000);
    assert.deepEqual(port.published, [[30_000, 'newer']]);
  });

  it('does not start when the node that asked was closed before the success', () => {
    const started = turn();
    asker.abort();
    started.repeat(exchange(HOLD));
    pass(100_000);
    assert.deepEqual(times(), []);
  });

  it('ends when the device shows that something else is in force', () => {
    repeated({
      ...HOLD,
      replacedBy: ({ topic, payload }) => topic === 'mode' && Buffer.from(payload).toString() !== 'hold',
    });
    const hear = (topic: string, payload: string): void => port.ears.forEach((ear) => ear(message(topic, payload)));
    hear('mode', 'hold');
    hear('other', 'charge');
    pass(31_000);
    hear('mode', 'charge');
    pass(100_000);
    assert.deepEqual(times(), [30_000]);
    assert.deepEqual(lapses, []);
  });

  it('ends with the first that fails, and says so once', async () => {
    repeated(HOLD);
    pass(31_000);
    port.refusal = new EnergyError('PUBLISH_REFUSED', 'no');
    pass(30_000);
    await settled();
    pass(100_000);
    assert.deepEqual(times(), [30_000, 60_000]);
    assert.deepEqual(lapses, [['REFUSED', 'topic/set']]);
  });

  it('says so also of the last one before its end', async () => {
    repeated(FEED);
    pass(6_000);
    port.refusal = new EnergyError('TIMEOUT', 'no answer');
    pass(4_000);
    await settled();
    assert.deepEqual(lapses, [['TIMEOUT', 'topic/set']]);
  });

  const losses: [string, () => void, string][] = [
    ['the broker', () => [...port.losses].forEach((callback) => callback()), 'NOT_CONNECTED'],
    ['the charger', () => repeater.lost(new EnergyError('OFFLINE', 'away')), 'OFFLINE'],
    [
      'the charger, found when a repetition is due',
      () => (port.reachable = new EnergyError('OFFLINE', 'away')),
      'OFFLINE',
    ],
  ];
  for (const [what, lose, code] of losses) {
    it(`ends with the loss of ${what}, and says so once where the flow does not notice by itself`, () => {
      repeated(HOLD);
      lose();
      pass(30_000);
      port.reachable = null;
      pass(100_000);
      assert.deepEqual(times(), []);
      assert.deepEqual(lapses, [[code, 'topic/set']]);
    });

    it(`ends a feed without a word with the loss of ${what}`, () => {
      repeated(FEED);
      lose();
      pass(5_000);
      port.reachable = null;
      pass(100_000);
      assert.deepEqual(times(), []);
      assert.deepEqual(lapses, []);
    });
  }
});
