import assert from 'node:assert/strict';
import { mock } from 'node:test';
import { Dispatcher, type Subscriber } from '../../../src/mqtt/dispatcher';
import type { Message } from '../../../src/mqtt/types';
import { EnergyError } from '../../../src/shared/errors';
import { recorder } from './recorder';

const live = (topic: string, payload: string): Message => ({
  topic,
  payload: Buffer.from(payload),
  retained: false,
  qos: 0,
});
const retained = (topic: string, payload: string): Message => ({ ...live(topic, payload), retained: true });

/** A broker link whose answers the test gives. */
class FakeWire {
  up = true;
  readonly subscribed: string[] = [];
  readonly unsubscribed: string[] = [];
  private readonly open: { filter: string; resolve: () => void; reject: (error: Error) => void }[] = [];

  isConnected(): boolean {
    return this.up;
  }

  subscribe(filter: string): Promise<void> {
    this.subscribed.push(filter);
    return new Promise((resolve, reject) => this.open.push({ filter, resolve, reject }));
  }

  unsubscribe(filter: string): void {
    this.unsubscribed.push(filter);
  }

  /** Answers all SUBSCRIBEs; refuses those in `bad`. */
  async answer(...bad: string[]): Promise<void> {
    for (const { filter, resolve, reject } of this.open.splice(0)) {
      if (bad.includes(filter)) reject(new EnergyError('SUBSCRIPTION_REFUSED', 'no'));
      else resolve();
    }
    await turn();
  }

  async answerOnly(filter: string): Promise<void> {
    const at = this.open.findIndex((asked) => asked.filter === filter);
    this.open.splice(at, 1)[0]?.resolve();
    await turn();
  }

  async fail(error: Error): Promise<void> {
    for (const { reject } of this.open.splice(0)) reject(error);
    await turn();
  }
}

/** Promises and immediates that are due. */
const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describe('mqtt: dispatcher', () => {
  let wire: FakeWire;
  let errors: Error[];
  let dispatcher: Dispatcher;
  beforeEach(() => {
    mock.timers.enable({ apis: ['Date', 'setTimeout'], now: 1_000_000 });
    wire = new FakeWire();
    errors = [];
    dispatcher = new Dispatcher(wire, (error) => errors.push(error));
  });
  afterEach(() => {
    dispatcher.dispose();
    mock.timers.reset();
  });

  /** Subscribes, with the SUBSCRIBE sent and answered. */
  async function added(filters: string[], subscriber: Subscriber): Promise<{ close(): void }> {
    const subscription = dispatcher.add(filters, subscriber);
    await turn();
    await wire.answer();
    return subscription;
  }

  describe('SUBSCRIBE and UNSUBSCRIBE', () => {
    it('sends one SUBSCRIBE per distinct filter for all that subscribe in one turn', async () => {
      for (let i = 0; i < 1_000; i++) dispatcher.add(['a/+', 'b/#'], recorder());
      await turn();
      assert.deepEqual(wire.subscribed, ['a/+', 'b/#']);
    });

    it('sends UNSUBSCRIBE with the last subscriber', async () => {
      const first = await added(['a'], recorder());
      const second = await added(['a', 'b'], recorder());
      first.close();
      assert.deepEqual(wire.unsubscribed, []);
      second.close();
      second.close();
      assert.deepEqual(wire.unsubscribed, ['a', 'b']);
    });

    it('unsubscribes a filter whose SUBSCRIBE is on its way, and not one that was never asked for', async () => {
      const asked = dispatcher.add(['a'], recorder());
      await turn();
      asked.close();
      dispatcher.add(['b'], recorder()).close();
      await turn();
      await wire.answer();
      assert.deepEqual(wire.unsubscribed, ['a']);
      assert.deepEqual(wire.subscribed, ['a']);
    });

    it('asks anew when a filter is left and wanted again in the same turn', async () => {
      const first = await added(['a'], recorder());
      first.close();
      const again = recorder();
      await added(['a'], again);
      assert.deepEqual(wire.subscribed, ['a', 'a']);
      dispatcher.dispatch(live('a', '1'));
      assert.deepEqual(again.log, ['a=1']);
    });

    it('asks for nothing and leaves nothing while the link is down, and for everything when it is back', async () => {
      wire.up = false;
      const gone = dispatcher.add(['a'], recorder());
      dispatcher.add(['b'], recorder());
      await turn();
      gone.close();
      assert.deepEqual([wire.subscribed, wire.unsubscribed], [[], []]);
      wire.up = true;
      dispatcher.connected();
      assert.deepEqual(wire.subscribed, ['b']);
    });

    it('does not ask for filters again that were left before the link was lost', async () => {
      const gone = await added(['a'], recorder());
      gone.close();
      dispatcher.connected();
      assert.deepEqual(wire.subscribed, ['a']);
    });

    it('leaves what was left without a link once it is back, where the broker kept the session', async () => {
      const gone = await added(['a', 'b'], recorder());
      const stays = await added(['c'], recorder());
      wire.up = false;
      gone.close();
      dispatcher.add(['b'], recorder());
      wire.up = true;
      dispatcher.connected(true);
      assert.deepEqual(wire.unsubscribed, ['a']);
      wire.up = false;
      stays.close();
      wire.up = true;
      dispatcher.connected(false);
      dispatcher.connected(true);
      assert.deepEqual(wire.unsubscribed, ['a'], 'a new session has nothing to leave');
    });

    it('serves the last subscriber of a filter that another subscriber leaves twice', async () => {
      const first = await added(['a'], recorder());
      const other = recorder();
      first.close();
      await added(['a'], other);
      first.close();
      dispatcher.dispatch(live('a', '1'));
      assert.deepEqual(other.log, ['a=1']);
    });
  });

  describe('live messages', () => {
    it('come once to each subscriber, however many of its filters match', async () => {
      const subscribers = [recorder(), recorder()];
      for (const subscriber of subscribers) await added(['a/b', 'a/+', 'a/#', '#', 'a/b'], subscriber);
      dispatcher.dispatch(live('a/b', '1'));
      dispatcher.dispatch(live('a/b', '2'));
      for (const { log } of subscribers) assert.deepEqual(log, ['a/b=1', 'a/b=2']);
    });

    it('are two messages when they are equal, one right after the other', async () => {
      const subscriber = recorder();
      await added(['a'], subscriber);
      dispatcher.dispatch(live('a', '1'));
      dispatcher.dispatch(live('a', '1'));
      assert.deepEqual(subscriber.log, ['a=1', 'a=1']);
    });

    it('do not come to a subscriber that another one closes meanwhile', async () => {
      const victim = recorder();
      await added(['a'], {
        onMessage: () => subscription.close(),
      });
      const subscription = await added(['a'], victim);
      dispatcher.dispatch(live('a', '1'));
      assert.deepEqual(victim.log, []);
    });

    it('come to the others when a subscriber throws', async () => {
      const subscriber = recorder();
      await added(['a'], {
        onMessage: () => {
          throw new Error('defect');
        },
      });
      await added(['a'], subscriber);
      dispatcher.dispatch(live('a', '1'));
      assert.deepEqual(subscriber.log, ['a=1']);
      assert.deepEqual(
        errors.map(({ message }) => message),
        ['defect'],
      );
    });

    it('are taken for copies of the broker up to the number of filters it granted', async () => {
      const subscriber = recorder();
      await added(['a/b', 'a/+', 'a/#'], subscriber);
      for (const payload of '111222') dispatcher.dispatch(live('a/b', payload));
      assert.deepEqual(subscriber.log, ['a/b=1', 'a/b=2']);
    });

    it('teach nothing about copies while a SUBSCRIBE is not answered', async () => {
      const subscriber = recorder();
      await added(['a/b'], subscriber);
      dispatcher.add(['a/+'], recorder());
      await turn();
      for (const payload of '123') dispatcher.dispatch(live('a/b', payload));
      await wire.answer();
      for (const payload of '4455') dispatcher.dispatch(live('a/b', payload));
      assert.deepEqual(
        subscriber.log,
        [...'12345'].map((payload) => `a/b=${payload}`),
      );
    });

    it('are no copies because of a filter that the broker refused', async () => {
      const subscriber = recorder();
      dispatcher.add(['a/b', '#'], subscriber);
      await turn();
      await wire.answer('#');
      for (const payload of '1122') dispatcher.dispatch(live('a/b', payload));
      assert.deepEqual(
        subscriber.log,
        [...'1122'].map((payload) => `a/b=${payload}`),
      );
    });

    it('still count as copies when the filter of one was left a moment ago', async () => {
      const subscriber = recorder();
      await added(['a/b'], subscriber);
      const other = await added(['a/+'], recorder());
      for (const payload of '11') dispatcher.dispatch(live('a/b', payload));
      other.close();
      for (const payload of '22') dispatcher.dispatch(live('a/b', payload));
      assert.deepEqual(subscriber.log, ['a/b=1', 'a/b=2']);
    });

    it('are not held for copies of a filter that was left long ago', async () => {
      const subscriber = recorder();
      await added(['a/b'], subscriber);
      (await added(['a/+'], recorder())).close();
      mock.timers.tick(5_000);
      mock.timers.tick(5_000);
      for (const payload of '11') dispatcher.dispatch(live('a/b', payload));
      assert.deepEqual(subscriber.log, ['a/b=1', 'a/b=1']);
    });
  });

  describe('retained values', () => {
    it('come once to each subscriber, however often the broker sends them', async () => {
      const subscriber = recorder();
      await added(['a/b', 'a/+'], subscriber);
      for (let i = 0; i < 3; i++) dispatcher.dispatch(retained('a/b', '1'));
      assert.deepEqual(subscriber.log, ['~a/b=1']);
    });

    it('come to a late subscriber of a known filter, and not again to the others', async () => {
      const early = recorder();
      const late = recorder();
      await added(['a/+'], early);
      dispatcher.dispatch(retained('a/b', '1'));
      await added(['a/+'], late);
      assert.deepEqual(wire.subscribed, ['a/+', 'a/+']);
      dispatcher.dispatch(retained('a/b', '1'));
      assert.deepEqual([early.log, late.log], [['~a/b=1'], ['~a/b=1']]);
    });

    it('do not come to those whose replay is over', async () => {
      const early = recorder();
      await added(['a/+'], early);
      dispatcher.dispatch(retained('a/b', '1'));
      mock.timers.tick(5_000);
      mock.timers.tick(5_000);
      await added(['a/+'], recorder());
      for (const topic of ['a/b', 'a/new']) dispatcher.dispatch(retained(topic, '1'));
      assert.deepEqual(early.log, ['~a/b=1']);
    });

    it('do not come after a live value of the topic, which is newer', async () => {
      const subscriber = recorder();
      await added(['a'], subscriber);
      dispatcher.dispatch(live('a', 'new'));
      dispatcher.dispatch(retained('a', 'old'));
      assert.deepEqual(subscriber.log, ['a=new']);
    });

    it('come again after a reconnect', async () => {
      const subscriber = recorder();
      await added(['a'], subscriber);
      dispatcher.dispatch(retained('a', '1'));
      mock.timers.tick(60_000);
      dispatcher.connected();
      await wire.answer();
      dispatcher.dispatch(retained('a', '1'));
      assert.deepEqual(subscriber.log, ['~a=1', '~a=1']);
    });

    it('are waited for as long as one of the SUBSCRIBEs is not answered', async () => {
      const subscriber = recorder();
      dispatcher.add(['quick', 'slow'], subscriber);
      await turn();
      await wire.answerOnly('quick');
      for (let i = 0; i < 4; i++) mock.timers.tick(5_000);
      dispatcher.dispatch(retained('slow', '1'));
      assert.deepEqual(subscriber.log, ['~slow=1']);
    });

    it('are waited for as long as the broker is replaying to anybody', async () => {
      const patient = recorder();
      await added(['last'], patient);
      await added(['first/#'], recorder());
      for (let i = 0; i < 10; i++) {
        mock.timers.tick(3_000);
        dispatcher.dispatch(retained(`first/${i}`, '1'));
      }
      dispatcher.dispatch(retained('last', '1'));
      assert.deepEqual(patient.log, ['~last=1']);
    });
  });

  describe('refusals', () => {
    it('are told to those who asked, and asked again with the next connection', async () => {
      const subscriber = recorder();
      dispatcher.add(['good', 'bad'], subscriber);
      await turn();
      await wire.answer('bad');
      assert.deepEqual(subscriber.refused, [['bad', 'SUBSCRIPTION_REFUSED']]);
      dispatcher.connected();
      await wire.answer('bad');
      assert.equal(subscriber.refused.length, 2);
    });

    it('are not told to those who left before the answer', async () => {
      const subscriber = recorder();
      const subscription = dispatcher.add(['bad'], subscriber);
      dispatcher.add(['bad'], recorder());
      await turn();
      subscription.close();
      await wire.answer('bad');
      assert.deepEqual(subscriber.refused, []);
    });

    it('are told apart from a lost connection and from defects', async () => {
      const subscriber = recorder();
      dispatcher.add(['a'], subscriber);
      await turn();
      await wire.fail(new EnergyError('NOT_CONNECTED', 'lost'));
      assert.deepEqual([subscriber.refused, errors], [[], []]);
      dispatcher.connected();
      await wire.fail(new TypeError('defect'));
      assert.deepEqual(
        errors.map(({ message }) => message),
        ['defect'],
      );
    });

    it('leave nothing to UNSUBSCRIBE', async () => {
      const subscription = dispatcher.add(['bad'], recorder());
      await turn();
      await wire.answer('bad');
      subscription.close();
      assert.deepEqual(wire.unsubscribed, []);
    });
  });

  it('arms no timer once the connection is closed', async () => {
    dispatcher.add(['a'], recorder());
    await turn();
    wire.up = false;
    dispatcher.dispose();
    await wire.fail(new EnergyError('NOT_CONNECTED', 'closed'));
    assert.equal((dispatcher as unknown as { sweeping: unknown }).sweeping, undefined);
  });
});
