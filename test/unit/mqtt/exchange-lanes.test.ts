import assert from 'node:assert/strict';
import { setMaxListeners } from 'node:events';
import type { Exchange } from '../../../src/mqtt/exchange-types';
import { EnergyError } from '../../../src/shared/errors';
import { turn, step, command, type Watched, ExchangeBench } from './exchange-bench';

describe('mqtt: exchange after exchange', () => {
  const bench = new ExchangeBench();

  describe('lanes', () => {
    it('let one command after the other through, in their order', async () => {
      const all = ['1', '2', '3'].map((payload) => bench.run(command(payload)));
      await turn();
      for (const payload of ['1', '2', '3']) {
        assert.equal(bench.port.published.at(-1), `set=${payload}`);
        await bench.port.say(`confirmed:${payload}`);
      }
      for (const watched of all) assert.equal(watched.result().outcome, 'confirmed');
      bench.assertNothingLeft();
    });

    it('do not hold up one another', async () => {
      bench.run(command('1'));
      bench.run(command('2', { lane: 'other' }));
      await turn();
      assert.deepEqual(bench.port.published, ['set=1', 'set=2']);
    });

    it('go on after a failure', async () => {
      const first = bench.run(command('1'));
      const second = bench.run(command('2'));
      await turn();
      await bench.port.say('no:1');
      await bench.port.say('confirmed:2');
      assert.deepEqual([first.error().code, second.result().outcome], ['REFUSED', 'confirmed']);
      bench.assertNothingLeft();
    });

    it('plan a command anew that had to wait, since the state is another one by then', async () => {
      let wanted = 'old';
      bench.run(command('1'));
      const second = bench.run(() => command(wanted));
      await turn();
      wanted = 'new';
      await bench.port.say('confirmed:1');
      assert.deepEqual(bench.port.published, ['set=1', 'set=new']);
      await bench.port.say('confirmed:new');
      assert.equal(second.result().outcome, 'confirmed');
    });

    it('end a waiting command whose plan has become impossible, and serve the next', async () => {
      let problem: Error | null = null;
      const failing = (): Exchange => {
        if (problem) throw problem;
        return command('x');
      };
      bench.run(command('1'));
      const second = bench.run(failing);
      const third = bench.run(failing);
      const fourth = bench.run(command('4'));
      await turn();
      problem = new EnergyError('UNSUPPORTED', 'not any more');
      await bench.port.say('confirmed:1');
      assert.deepEqual([second.error().code, third.error().code], ['UNSUPPORTED', 'UNSUPPORTED']);
      await bench.port.say('confirmed:4');
      assert.equal(fourth.result().outcome, 'confirmed');
      bench.assertNothingLeft();
    });

    it('make an EnergyError of whatever planning anew throws', async () => {
      let broken = false;
      bench.run(command('1'));
      const second = bench.run(() => {
        if (broken) throw new TypeError('defect');
        return command('2');
      });
      await turn();
      broken = true;
      await bench.port.say('confirmed:1');
      assert.equal(second.error().code, 'INVALID');
    });

    it('end a waiting command in time, and never send it later', async () => {
      bench.run(command('1'), { timeout: 20_000 });
      const second = bench.run(command('2'), { timeout: 5_000 });
      await turn();
      await bench.tick(5_000);
      assert.equal(second.error().code, 'TIMEOUT');
      await bench.port.say('confirmed:1');
      await turn();
      assert.deepEqual(bench.port.published, ['set=1']);
      bench.assertNothingLeft();
    });

    it('count the time of waiting', async () => {
      bench.run(command('1'));
      const second = bench.run(command('2'));
      await turn();
      await bench.tick(6_000);
      await bench.port.say('confirmed:1');
      await bench.tick(1_000);
      await bench.port.say('confirmed:2');
      assert.equal(second.result().elapsed, 7_000);
    });

    it('replace the waiting by a newer command that supersedes them, never the running one', async () => {
      const newer = { supersedes: true };
      const first = bench.run(command('1', newer));
      const second = bench.run(command('2', newer));
      const third = bench.run(command('3'));
      const fourth = bench.run(command('4', newer));
      await turn();
      assert.deepEqual([second.error().code, third.error().code], ['SUPERSEDED', 'SUPERSEDED']);
      await bench.port.say('confirmed:1');
      await bench.port.say('confirmed:4');
      assert.deepEqual([first.result().outcome, fourth.result().outcome], ['confirmed', 'confirmed']);
      assert.deepEqual(bench.port.published, ['set=1', 'set=4']);
      bench.assertNothingLeft();
    });

    it('keep those that do not supersede', async () => {
      const all = ['1', '2', '3'].map((payload) => bench.run(command(payload)));
      await turn();
      for (const { ends } of all) assert.deepEqual(ends, []);
    });
  });

  describe('quarantine', () => {
    const rest = { quarantine: 2_000 };

    it('keeps the lane closed after a time-out', async () => {
      const first = bench.run(command('1', rest), { timeout: 1_000 });
      const second = bench.run(command('2', rest));
      await turn();
      await bench.tick(1_000);
      assert.equal(first.error().code, 'TIMEOUT');
      await bench.tick(1_999);
      assert.deepEqual(bench.port.published, ['set=1']);
      await bench.tick(1);
      assert.deepEqual(bench.port.published, ['set=1', 'set=2']);
      await bench.port.say('confirmed:2');
      assert.equal(second.result().outcome, 'confirmed');
      bench.assertNothingLeft();
    });

    it('ends with the late answer', async () => {
      bench.run(command('1', rest), { timeout: 1_000 });
      bench.run(command('2', rest));
      await turn();
      await bench.tick(1_000);
      await bench.port.say('accepted:1');
      assert.deepEqual(bench.port.published, ['set=1', 'set=2']);
    });

    it('ends with the connection', async () => {
      bench.run(command('1', rest), { timeout: 1_000 });
      const second = bench.run(command('2', rest));
      await turn();
      await bench.tick(1_000);
      await bench.port.lose();
      assert.equal(second.error().code, 'NOT_CONNECTED');
      bench.assertNothingLeft();
    });

    it('is kept after a command that was ended by its node, and might still be answered', async () => {
      bench.run(command('1', rest));
      await turn();
      await bench.port.ack();
      bench.aborter.abort();
      const second = bench.run(command('2', rest), { signal: new AbortController().signal });
      await turn();
      assert.deepEqual(bench.port.published, ['set=1']);
      await bench.tick(2_000);
      await bench.port.say('confirmed:2');
      assert.equal(second.result().outcome, 'confirmed');
    });

    it('is kept after a command that did not wait for its answer', async () => {
      const first = bench.run(command('1', rest), { waitFor: 'sent' });
      const second = bench.run(command('2', rest), { waitFor: 'accepted' });
      await turn();
      await bench.port.ack();
      assert.equal(first.result().outcome, 'sent');
      // The answers carry no correlation: this is the first command's.
      await bench.port.say('no');
      assert.deepEqual(second.ends, []);
      await bench.port.say('accepted:2');
      assert.equal(second.result().outcome, 'accepted');
      await bench.port.ack();
      bench.assertNothingLeft();
    });

    it('is not kept where the answer came, or none can come', async () => {
      bench.run(command('1', rest), { waitFor: 'accepted' });
      const unanswerable = bench.run(command('2', { ...rest, steps: [step('2', { attainable: 'sent' })] }));
      bench.run(command('3', rest));
      await turn();
      await bench.port.say('accepted:1');
      await bench.port.ack(2);
      assert.equal(unanswerable.result().outcome, 'sent');
      assert.deepEqual(bench.port.published, ['set=1', 'set=2', 'set=3']);
    });

    it('is not kept after a refusal', async () => {
      bench.run(command('1', rest));
      bench.run(command('2', rest));
      await turn();
      await bench.port.say('no:1');
      assert.deepEqual(bench.port.published, ['set=1', 'set=2']);
    });
  });

  describe('ends from outside', () => {
    it('the node is closed: the running and the waiting end, nothing more is sent', async () => {
      const all = [bench.run(command('1')), bench.run(command('2')), bench.run(command('3'))];
      await turn();
      bench.aborter.abort();
      await turn();
      for (const watched of all) assert.equal(watched.error().code, 'NOT_CONNECTED');
      await bench.port.ack();
      await bench.port.say('confirmed:1');
      assert.deepEqual(bench.port.published, ['set=1']);
      bench.assertNothingLeft();
    });

    it('the node is closed already: nothing is sent, and nothing waits', async () => {
      bench.aborter.abort();
      const other = new AbortController().signal;
      const first = bench.run(command('1'));
      await turn();
      assert.equal(first.error().code, 'NOT_CONNECTED');
      bench.run(command('2'), { signal: other });
      const third = bench.run(command('3'));
      await turn();
      assert.equal(third.error().code, 'NOT_CONNECTED');
      assert.deepEqual(bench.port.published, ['set=2']);
    });

    it("another node's command goes on", async () => {
      bench.run(command('1'));
      const second = bench.run(command('2'), { signal: new AbortController().signal });
      await turn();
      bench.aborter.abort();
      await turn();
      await bench.port.say('confirmed:2');
      assert.equal(second.result().outcome, 'confirmed');
      bench.assertNothingLeft();
    });

    it('the broker is lost: the running and the waiting end, nothing more is sent', async () => {
      const all = [bench.run(command('1')), bench.run(command('2')), bench.run(command('3'))];
      await turn();
      await bench.port.lose();
      for (const watched of all) assert.equal(watched.error().code, 'NOT_CONNECTED');
      assert.deepEqual(bench.port.published, ['set=1']);
      bench.assertNothingLeft();
    });

    it('the broker is lost between two steps', async () => {
      const watched = bench.run(command('', { steps: [step('1'), step('2')] }));
      await turn();
      bench.port.unreachable = new EnergyError('NOT_CONNECTED', 'down');
      await bench.port.say('confirmed:1');
      assert.equal(watched.error().code, 'NOT_CONNECTED');
      assert.deepEqual(bench.port.published, ['set=1']);
      bench.assertNothingLeft();
    });

    it('tells how far a lost command got', async () => {
      const lengths: [events: string[], text: RegExp][] = [
        [[], /did not acknowledge/],
        [['ack'], /sent, not answered/],
        [['accepted'], /accepted, not confirmed/],
      ];
      for (const [events, text] of lengths) {
        bench.port.unreachable = undefined;
        const watched = bench.run(command('1'));
        await turn();
        for (const event of events) await (event === 'ack' ? bench.port.ack() : bench.port.say(event));
        await bench.port.lose();
        assert.match(watched.error().message, text);
      }
    });

    it('many commands of one node do not look like a leak to Node.js', async () => {
      // Node.js's own default, which mocha lifts.
      setMaxListeners(10, bench.aborter.signal);
      const warnings: string[] = [];
      const onWarning = ({ name }: Error): number => warnings.push(name);
      process.on('warning', onWarning);
      for (let i = 0; i < 30; i++) bench.run(command(String(i)));
      await turn();
      process.removeListener('warning', onWarning);
      assert.deepEqual(warnings, []);
      bench.aborter.abort();
      await turn();
      bench.assertNothingLeft();
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
      bench.port.unreachable = undefined;
      const payload = String(next(4));
      const rest: Partial<Exchange> = {
        lane: String(next(3)),
        supersedes: next(3) === 0,
        ...(next(3) === 0 ? { quarantine: next(500) } : {}),
        steps: [step(payload), step(payload, { afterSent: { within: next(300), then: 'unchanged' } })].slice(next(3)),
      };
      const waitFor = (['sent', 'accepted', 'confirmed'] as const)[next(3)] ?? 'sent';
      if (next(2) === 0)
        all.push(bench.run(command(payload, rest), { waitFor, timeout: next(400), signal: controller.signal }));
      await turn();
      const event = next(9);
      if (event < 2) await bench.port.ack(1 + next(2));
      else if (event < 4) await bench.port.say(`${next(2) === 0 ? 'accepted' : 'confirmed'}:${next(4)}`);
      else if (event === 4) await bench.port.say(`no:${next(4)}`);
      else if (event < 7) await bench.tick(next(300));
      else if (event === 7 && next(5) === 0) await bench.port.lose();
      else if (event === 8 && next(5) === 0) {
        controller.abort();
        controller = new AbortController();
      }
    }
    for (let i = 0; i < 50; i++) await bench.tick(1_000);
    for (const { ends } of all) assert.equal(ends.length, 1);
    assert.ok(all.length > 1_000);
    bench.assertNothingLeft();
  });
});
