import assert from 'node:assert/strict';
import type { Outcome, Step } from '../../../src/mqtt/exchange-types';
import { EnergyError } from '../../../src/shared/errors';
import { turn, step, command, ExchangeBench } from './exchange-bench';

describe('mqtt: exchange of several steps', () => {
  const bench = new ExchangeBench();

  describe('several publications', () => {
    const twice = command('1', {
      steps: [step('1', { publications: ['1', '2'].map((payload) => ({ topic: 'set', payload })) })],
    });

    it('are sent in their order, and are sent when all are acknowledged', async () => {
      const watched = bench.run(twice, { waitFor: 'sent' });
      await turn();
      assert.deepEqual(bench.port.published, ['set=1', 'set=2']);
      await bench.port.ack();
      assert.deepEqual(watched.ends, []);
      await bench.port.ack();
      assert.equal(watched.result().outcome, 'sent');
    });

    it('fail when one is refused', async () => {
      const watched = bench.run(twice);
      await turn();
      await bench.port.ack();
      await bench.port.refuse(new EnergyError('PUBLISH_REFUSED', 'not authorised'));
      assert.equal(watched.error().code, 'REFUSED');
      bench.assertNothingLeft();
    });

    it('may be none', async () => {
      const watched = bench.run(command('1', { steps: [step('1', { publications: [] })] }), { waitFor: 'sent' });
      await turn();
      assert.equal(watched.result().outcome, 'sent');
    });
  });

  describe('several steps', () => {
    const UNCHANGED: Partial<Step> = { afterSent: { within: 0, then: 'unchanged' } };

    it('are done one after the other', async () => {
      const watched = bench.run(command('', { steps: [step('1'), step('2')] }));
      await turn();
      assert.deepEqual(bench.port.published, ['set=1']);
      await bench.port.say('confirmed:1:first');
      assert.deepEqual(bench.port.published, ['set=1', 'set=2']);
      await bench.port.say('confirmed:2:second');
      assert.equal(watched.result().reply, 'second');
      bench.assertNothingLeft();
    });

    it('end with the first that fails', async () => {
      const watched = bench.run(command('', { steps: [step('1'), step('2')] }));
      await turn();
      await bench.port.say('no:1');
      assert.equal(watched.error().code, 'REFUSED');
      assert.deepEqual(bench.port.published, ['set=1']);
      bench.assertNothingLeft();
    });

    it('share the time of the command', async () => {
      const watched = bench.run(command('', { steps: [step('1'), step('2')] }));
      await turn();
      await bench.tick(9_000);
      await bench.port.say('confirmed:1');
      await bench.tick(1_000);
      assert.equal(watched.error().code, 'TIMEOUT');
      bench.assertNothingLeft();
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
        const watched = bench.run(command('', { steps: [step('1', first), step('2', second)] }));
        await turn();
        for (const [i, { attainable, afterSent }] of [first, second].entries()) {
          await bench.port.ack();
          if (!attainable && !afterSent) await bench.port.say(`confirmed:${i + 1}`);
          await bench.tick(1);
        }
        assert.equal(watched.result().outcome, outcome);
        bench.assertNothingLeft();
      });
    }

    it('may be none: the value is known', async () => {
      const watched = bench.run(command('', { steps: [], value: 7 }), { waitFor: 'sent' });
      await turn();
      assert.deepEqual(watched.result(), { outcome: 'confirmed', elapsed: 0, value: 7, reply: null });
      bench.assertNothingLeft();
    });
  });
});
