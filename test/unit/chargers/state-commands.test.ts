import assert from 'node:assert/strict';
import { openevse } from '../../../src/chargers/openevse';
import type { Charger } from '../../../src/chargers/state';
import { Bench } from './bench';
import { FakeDriver, STALE_AFTER } from './fake-driver';
import { type FakeLink, turn } from './fake-link';

describe('chargers: commands', () => {
  let bench: Bench;
  let link: FakeLink;
  let fake: FakeDriver;
  let charger: Charger;
  let unwatch: () => void;
  beforeEach(async () => {
    bench = new Bench();
    link = bench.link;
    fake = new FakeDriver();
    charger = bench.charger(fake.driver);
    unwatch = charger.watch({});
    await turn();
    // What the broker kept has arrived.
    await bench.tick(1_000);
  });
  afterEach(() => {
    unwatch();
    bench.end();
  });

  async function online(): Promise<void> {
    link.receive('c/state', 'idle');
    await turn();
  }

  const options = (timeout = 10_000): { waitFor: 'confirmed'; timeout: number; signal: AbortSignal } => ({
    waitFor: 'confirmed',
    timeout,
    signal: new AbortController().signal,
  });
  const setCurrent = (current: unknown, timeout?: number): Promise<{ outcome: string; value: unknown }> =>
    charger.execute({ command: 'setCurrent', params: { current } }, options(timeout));

  it('are confirmed by the state that a live message brings', async () => {
    await online();
    const result = setCurrent(10);
    await turn();
    assert.deepEqual(link.published, [{ topic: 'c/max/set', payload: '10' }]);
    link.receive('c/max', '10');
    assert.equal((await result).outcome, 'confirmed');
  });

  it('of one lane go one after the other, whichever node has the charger', async () => {
    await online();
    const twin = bench.charger(fake.driver);
    const end = twin.watch({});
    await turn();
    await bench.tick(1_000);
    const first = setCurrent(10);
    const second = twin.execute({ command: 'setCurrent', params: { current: 16 } }, options());
    await turn();
    assert.deepEqual(link.published, [{ topic: 'c/max/set', payload: '10' }]);
    link.receive('c/max', '10');
    assert.equal((await first).outcome, 'confirmed');
    await turn();
    assert.deepEqual(link.published.slice(1), [{ topic: 'c/max/set', payload: '16' }]);
    link.receive('c/max', '16');
    assert.equal((await second).outcome, 'confirmed');
    end();
  });

  it('are not confirmed by a replay', async () => {
    await online();
    const ended = assert.rejects(setCurrent(10, 1_000), { code: 'TIMEOUT' });
    await turn();
    link.receive('c/max', '10', true);
    await bench.tick(1_000);
    await ended;
  });

  it('that the system lacks are unsupported', () =>
    assert.rejects(charger.execute({ command: 'plan', params: {} }, options()), { code: 'UNSUPPORTED' }));

  it('that are not valid are refused before anything is published, connected or not', async () => {
    link.lose();
    await assert.rejects(setCurrent('x'), { code: 'INVALID' });
    assert.deepEqual(link.published, []);
  });

  it('are not sent while the broker is not there', async () => {
    await online();
    link.lose();
    await assert.rejects(setCurrent(10), { code: 'NOT_CONNECTED' });
    assert.deepEqual(link.published, []);
  });

  it('are not sent to a charger that is offline', async () => {
    await online();
    await bench.tick(STALE_AFTER * 1_000);
    await assert.rejects(setCurrent(10), { code: 'OFFLINE', message: /garage/ });
    assert.deepEqual(link.published, []);
  });

  it('are sent to a charger of which nothing is known yet', async () => {
    const result = setCurrent(10);
    await turn();
    assert.equal(link.published.length, 1);
    link.receive('c/max', '10');
    await result;
  });

  it('that only read work without a broker', async () => {
    link.receive('c/max', '12', true);
    link.lose();
    const { value } = await charger.execute({ command: 'get', params: {} }, options());
    assert.equal(value, '12');
  });

  it('end when the broker is lost, and leave no listener', async () => {
    await online();
    const before = link.listeners.size;
    const result = setCurrent(10);
    await turn();
    assert.equal(link.listeners.size, before + 1);
    link.lose();
    await assert.rejects(result, { code: 'NOT_CONNECTED' });
    assert.equal(link.listeners.size, before);
  });
});

describe('chargers: a command that comes before the broker told what it kept', () => {
  const claim = (state: string): string => JSON.stringify({ state, charge_current: 16, auto_release: false });
  let bench: Bench;
  let link: FakeLink;
  let charger: Charger;
  let end: () => void;
  beforeEach(() => {
    bench = new Bench();
    link = bench.link;
    link.retain('evse/claim', claim('disabled'));
    charger = bench.charger(openevse, { baseTopic: 'evse' });
    end = charger.watch({});
  });
  afterEach(() => {
    end();
    bench.end();
  });

  /** Asks for 12 A. @returns what was published, with a claim's `state` alone. */
  async function sent(options: { timeout?: number; signal?: AbortSignal } = {}): Promise<unknown[]> {
    const signal = options.signal ?? new AbortController().signal;
    const rest = { waitFor: 'sent', timeout: 10_000, ...options, signal } as const;
    await Promise.all([
      charger.execute({ command: 'setCurrent', params: { current: 12 } }, rest),
      turn().then(() => bench.tick(1_000)),
    ]);
    return link.published
      .splice(0)
      .map(({ payload }) => (payload.startsWith('{') ? (JSON.parse(payload) as { state?: string }).state : payload));
  }

  it('is planned with it: a stopped charger does not start', async () => {
    assert.deepEqual(await sent(), ['disabled']);
  });

  it('is planned with it also after the connection was lost', async () => {
    await bench.tick(1_000);
    link.lose();
    link.retain('evse/claim', claim('active'));
    link.restore();
    assert.deepEqual(await sent(), ['active']);
  });

  it('is not sent when the connection is lost meanwhile', async () => {
    const ended = assert.rejects(sent(), { code: 'NOT_CONNECTED' });
    link.lose();
    await ended;
    link.restore();
    await bench.tick(1_000);
    assert.deepEqual(link.published, []);
  });

  it('is not sent when its node is closed meanwhile', async () => {
    const aborter = new AbortController();
    const ended = assert.rejects(sent({ signal: aborter.signal }), { code: 'NOT_CONNECTED' });
    aborter.abort();
    await ended;
    await bench.tick(1_000);
    assert.deepEqual(link.published, []);
  });

  it('is not sent after its time', async () => {
    await assert.rejects(sent({ timeout: 1 }), { code: 'TIMEOUT' });
    assert.deepEqual(link.published, []);
  });

  it('is sent all the same when nothing is told', async () => {
    link.refused.add('evse/+');
    assert.equal((await sent()).at(-1), undefined);
  });
});
