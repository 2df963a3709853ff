import assert from 'node:assert/strict';
import type { Outcome, Silence, Stage } from '../../../src/mqtt/exchange-types';
import { EnergyError } from '../../../src/shared/errors';
import { turn, step, command, ExchangeBench } from './exchange-bench';

describe('mqtt: exchange', () => {
  const bench = new ExchangeBench();

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
            const watched = bench.run(command('1', { steps: [step('1', { attainable })] }), { waitFor });
            await turn();
            for (const event of events) await (event === 'ack' ? bench.port.ack() : bench.port.say(event));
            if (ends) {
              assert.ok(rank(watched.result().outcome as Stage) >= rank(goal));
            } else {
              assert.deepEqual(watched.ends, []);
              await bench.tick(10_000);
              const { code, message } = watched.error();
              assert.equal(code, 'TIMEOUT');
              const progress = { sent: '(sent, not answered)', accepted: '(accepted, not confirmed)', confirmed: '' };
              assert.ok(message.includes(reached === null ? 'did not acknowledge' : progress[reached]), message);
            }
            await bench.port.ack(9);
            bench.assertNothingLeft();
          });
        }
      }
    }
  });

  it('waits for the state, is planned anew then, and is replaced by no command that came behind it', async () => {
    let settle = (): void => undefined;
    bench.port.settling = new Promise((resolve) => (settle = resolve));
    let known = 'old';
    const first = bench.run(() => command(known, { supersedes: true }));
    const second = bench.run(command('second', { supersedes: true }));
    const third = bench.run(command('third', { supersedes: true }));
    const reading = bench.run(command('reading', { lane: 'get', steps: [] }));
    await turn();
    assert.equal(reading.result().outcome, 'confirmed');
    assert.deepEqual(bench.port.published, []);
    assert.equal(second.error().code, 'SUPERSEDED');
    known = 'new';
    settle();
    await turn();
    assert.deepEqual(bench.port.published, ['set=new']);
    await bench.port.say('confirmed:new');
    assert.equal(first.result().outcome, 'confirmed');
    assert.deepEqual(bench.port.published, ['set=new', 'set=third']);
    await bench.port.say('confirmed:third');
    assert.equal(third.result().outcome, 'confirmed');
    await bench.port.ack(2);
    bench.assertNothingLeft();
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
            const watched = bench.run(command('1', { steps: [step('1', { [after]: silence })] }));
            await turn();
            await bench.port.ack();
            if (after === 'afterAccepted') {
              await bench.tick(1_000);
              await bench.port.say('accepted:1:ok');
            }
            const wait = within ?? (after === 'afterAccepted' ? 9_000 : 10_000);
            if (wait > 0) {
              await bench.tick(wait - 1);
              assert.deepEqual(watched.ends, []);
            }
            await bench.tick(1);
            if (end === 'REFUSED' || end === 'TIMEOUT') {
              const { code, message, cause } = watched.error();
              assert.equal(code, end);
              assert.match(message, /a hint/);
              assert.equal(cause.reply, after === 'afterAccepted' ? 'ok' : undefined);
              if (end === 'TIMEOUT') assert.match(message, new RegExp(`within ${(within ?? 10_000) / 1_000} s`));
            } else {
              assert.equal(watched.result().outcome, end);
            }
            bench.assertNothingLeft();
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
      const watched = bench.run(command('1', { steps }));
      await turn();
      await bench.port.ack();
      await bench.tick(900);
      await bench.port.say('accepted');
      await bench.tick(4_000);
      assert.deepEqual(watched.ends, []);
      await bench.tick(1_000);
      assert.equal(watched.result().outcome, 'accepted');
    });

    it('is not looked at once a stronger verdict ended the command', async () => {
      const watched = bench.run(command('1', { steps: [step('1', { afterSent: { within: 100, then: 'refused' } })] }));
      await turn();
      await bench.port.ack();
      await bench.port.say('confirmed');
      await bench.tick(10_000);
      assert.equal(watched.result().outcome, 'confirmed');
    });
  });

  it('tells the time, the value and the reply', async () => {
    const watched = bench.run(command('1', { value: 'own' }));
    await turn();
    await bench.tick(250);
    await bench.port.say('accepted:1:first');
    await bench.port.say('confirmed:1:second');
    assert.deepEqual(watched.result(), { outcome: 'confirmed', elapsed: 250, value: 'second!', reply: 'second' });
  });

  it("falls back to the exchange's own value, and to null", async () => {
    const first = bench.run(command('1', { value: 0 }));
    await turn();
    await bench.port.say('confirmed');
    assert.deepEqual([first.result().value, first.result().reply], [0, null]);
    const second = bench.run(command('2'));
    await turn();
    await bench.port.say('confirmed');
    assert.equal(second.result().value, null);
  });

  it('does not let retained messages judge', async () => {
    const watched = bench.run(command('1'));
    await turn();
    await bench.port.say('confirmed', true);
    await bench.port.say('no', true);
    assert.deepEqual(watched.ends, []);
    await bench.port.say('confirmed');
    assert.equal(watched.result().outcome, 'confirmed');
  });

  it("hands on the device's refusal, also when it comes before the PUBACK", async () => {
    const watched = bench.run(command('1'), { waitFor: 'sent' });
    await turn();
    await bench.port.say('no');
    const { code, cause } = watched.error();
    assert.deepEqual([code, cause], ['REFUSED', { reply: 'the device says no', error: 'BAD' }]);
    await bench.port.ack();
    bench.assertNothingLeft();
  });

  it("hands on the broker's refusal", async () => {
    const watched = bench.run(command('1'));
    await turn();
    await bench.port.refuse(new EnergyError('PUBLISH_REFUSED', 'not authorised'));
    assert.equal(watched.error().code, 'REFUSED');
    bench.assertNothingLeft();
  });

  it('ends, and leaves nothing behind, when publishing throws at once', async () => {
    bench.port.publish = () => {
      throw new TypeError('defect');
    };
    const watched = bench.run(command('1'));
    await turn();
    assert.equal(watched.error().code, 'INVALID');
    bench.assertNothingLeft();
  });

  it('publishes nothing when the plan fails', async () => {
    const watched = bench.run(() => {
      throw new EnergyError('UNSUPPORTED', 'no such command');
    });
    await turn();
    assert.equal(watched.error().code, 'UNSUPPORTED');
    assert.deepEqual(bench.port.published, []);
    bench.assertNothingLeft();
  });

  it('publishes nothing while the device is not reachable', async () => {
    bench.port.unreachable = new EnergyError('OFFLINE', 'gone');
    const watched = bench.run(command('1'));
    await turn();
    assert.equal(watched.error().code, 'OFFLINE');
    assert.deepEqual(bench.port.published, []);
    bench.assertNothingLeft();
  });
});
