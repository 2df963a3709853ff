import assert from 'node:assert/strict';
import { evcc } from '../../../src/chargers/evcc';
import { goe } from '../../../src/chargers/go-e';
import { openevse } from '../../../src/chargers/openevse';
import type { Charger, ChargerListener } from '../../../src/chargers/state';
import type { AnyDriver } from '../../../src/chargers/systems';
import { Bench, type Recorder, recorder } from './bench';
import { FakeDriver, STALE_AFTER } from './fake-driver';
import { type FakeLink, turn } from './fake-link';

describe('chargers: state', () => {
  let bench: Bench;
  let link: FakeLink;
  beforeEach(() => {
    bench = new Bench();
    link = bench.link;
  });
  afterEach(() => bench.end());

  describe('with a small driver', () => {
    let fake: FakeDriver;
    let charger: Charger;
    let listener: Recorder;
    let unwatch: () => void;
    beforeEach(async () => {
      fake = new FakeDriver();
      charger = bench.charger(fake.driver);
      listener = recorder();
      unwatch = charger.watch(listener);
      await turn();
    });
    afterEach(() => unwatch());

    /** Reports and projections since the last call. */
    function news(): { reports: Recorder['reports']; projections: number } {
      const { projections } = fake;
      fake.projections = 0;
      return { reports: listener.reports.splice(0), projections };
    }

    /** The charger is online and has reported. */
    async function online(): Promise<void> {
      link.receive('c/state', 'idle');
      await turn();
      news();
    }

    it('reports nothing as long as nothing was heard', async () => {
      await bench.tick(10_000);
      link.lose();
      await turn();
      assert.deepEqual(news().reports, []);
    });

    it('projects once for all messages of a turn', async () => {
      for (let i = 0; i < 300; i++) link.receive(`c/key${i}`, '1', i % 2 === 0);
      link.receive('c/power', '7000');
      await turn();
      const { reports, projections } = news();
      assert.equal(projections, 1);
      assert.equal(reports.length, 1);
      assert.equal(reports[0]?.[0].power, 7_000);
      assert.equal(listener.messages, 301);
    });

    it('reports measurements once per second, with their last value', async () => {
      await online();
      for (let i = 1; i <= 30; i++) {
        await bench.tick(100);
        link.receive('c/power', String(i));
        await turn();
      }
      const { reports, projections } = news();
      assert.deepEqual(
        reports.map(([{ power }]) => power),
        [9, 19, 29],
      );
      assert.ok(projections <= 4, `${projections} projections`);
      await bench.tick(1_000);
      const [last] = news().reports;
      assert.equal(last?.[0].power, 30);
      assert.deepEqual(last[1], ['lastSeen', 'power']);
    });

    it('reports a lone measurement at once', async () => {
      await online();
      await bench.tick(1_000);
      link.receive('c/power', '1');
      await bench.tick(0);
      assert.equal(news().reports.length, 1);
    });

    it('reports everything else at once, with the measurements that wait, and these only once', async () => {
      await online();
      await bench.tick(100);
      link.receive('c/power', '5');
      await turn();
      assert.deepEqual(news().reports, []);
      link.receive('c/state', 'charging');
      await turn();
      const [[status, changed] = []] = news().reports;
      assert.equal(status?.state, 'charging');
      assert.deepEqual(changed, ['lastSeen', 'state', 'power']);
      await bench.tick(5_000);
      assert.deepEqual(news().reports, []);
    });

    it('reports nothing for messages that bring nothing new', async () => {
      await online();
      for (let i = 0; i < 20; i++) {
        link.receive('c/noise', String(i));
        link.receive('c/state', 'idle');
        await bench.tick(1_000);
      }
      const { reports, projections } = news();
      assert.deepEqual(reports, []);
      assert.ok(projections <= 20, `${projections} projections`);
      assert.equal(listener.messages, 41);
    });

    it('gives a late node the present state, and the others nothing', async () => {
      await online();
      link.receive('c/max', '16');
      await turn();
      news();
      const late = recorder();
      const end = charger.watch(late);
      await turn();
      assert.deepEqual(news().reports, []);
      assert.equal(late.reports.length, 1);
      const [[status, changed] = []] = late.reports;
      assert.equal(status?.limits.max, 16);
      assert.ok(changed?.includes('limits.max') && changed.includes('firmware'));
      end();
      assert.deepEqual(link.unsubscribed, []);
    });

    it('asks the broker once, however many watch', async () => {
      for (let i = 0; i < 10; i++) charger.watch(recorder());
      await turn();
      assert.deepEqual(link.subscribed, ['c/+']);
    });

    it('turns offline when its time has come, and online again with the next message', async () => {
      await online();
      await bench.tick(STALE_AFTER * 1_000 - 1);
      assert.deepEqual(news().reports, []);
      await bench.tick(1);
      const [[status, changed] = []] = news().reports;
      assert.equal(status?.online, false);
      assert.deepEqual(changed, ['online', 'stale']);
      await bench.tick(1_000_000);
      assert.deepEqual(news(), { reports: [], projections: 0 });
      link.receive('c/noise', 'x');
      await turn();
      assert.equal(news().reports[0]?.[0].online, true);
    });

    it('stays online as long as it is heard, whatever it says', async () => {
      await online();
      for (let i = 0; i < 40; i++) {
        await bench.tick(10_000);
        link.receive('c/state', 'idle');
        await turn();
      }
      assert.deepEqual(news().reports, []);
      await bench.tick(STALE_AFTER * 1_000);
      assert.equal(news().reports[0]?.[0].online, false);
    });

    it('never takes a replay for life', async () => {
      link.receive('c/state', 'charging', true);
      await turn();
      const [[status] = []] = news().reports;
      assert.deepEqual([status?.online, status?.lastSeen, status?.state], [null, null, 'charging']);
    });

    it('does not know whether it is online while the broker is not there', async () => {
      await online();
      link.lose();
      await turn();
      assert.deepEqual(
        news().reports.map(([status, changed]) => [status.online, changed]),
        [[null, ['online']]],
      );
      for (let i = 0; i < 5; i++) link.lose();
      await bench.tick(STALE_AFTER * 1_000);
      for (const [status] of news().reports) assert.equal(status.online, null);
      link.restore();
      link.receive('c/state', 'idle', true);
      await turn();
      for (const [status] of news().reports) assert.equal(status.online, null);
      link.receive('c/state', 'idle');
      await turn();
      assert.equal(news().reports.at(-1)?.[0].online, true);
    });

    it('tells of an unreadable topic once, and again after it was readable', () => {
      for (const payload of ['garbage', 'garbage', 'fine', 'garbage']) link.receive('c/x', payload);
      link.receive('c/y', 'garbage');
      assert.deepEqual(listener.faults, [
        ['BAD_PAYLOAD', 'c/x'],
        ['BAD_PAYLOAD', 'c/x'],
        ['BAD_PAYLOAD', 'c/y'],
      ]);
    });

    it('keeps the last good value of an unreadable topic', async () => {
      link.receive('c/power', '5');
      link.receive('c/power', 'garbage');
      await turn();
      assert.equal(news().reports[0]?.[0].power, 5);
    });

    it('tells of a refused subscription', async () => {
      link.refused.add('c/+');
      link.restore();
      await turn();
      assert.deepEqual(listener.faults, [['SUBSCRIPTION_REFUSED', 'c/+']]);
    });

    it('leaves no timer, listener or subscription when the last watcher goes', async () => {
      await online();
      link.receive('c/power', '5');
      link.receive('c/state', 'charging');
      assert.ok(link.listeners.size > 0);
      unwatch();
      unwatch();
      await turn();
      assert.deepEqual(link.unsubscribed, ['c/+']);
      assert.equal(link.listeners.size, 0);
      link.end();
      assert.equal(bench.timers.armed(), 0);
      assert.deepEqual(news().reports, []);
    });

    it('leaves no timer behind that offline was waiting for', async () => {
      await online();
      await bench.tick(500);
      link.receive('c/power', '5');
      await turn();
      unwatch();
      link.end();
      assert.equal(bench.timers.armed(), 0);
    });

    it('gives what it knows to who watches again, and does not claim to be online', async () => {
      link.receive('c/max', '16');
      await turn();
      unwatch();
      const again = recorder();
      const end = charger.watch(again);
      await turn();
      assert.deepEqual(
        again.reports.map(([{ online, limits }]) => [online, limits.max]),
        [[null, 16]],
      );
      end();
    });

    it('tells who watches again when it is online, though it was so before', async () => {
      await online();
      unwatch();
      const again = recorder();
      const end = charger.watch(again);
      await turn();
      link.receive('c/state', 'idle');
      await turn();
      assert.deepEqual(
        again.reports.map(([status]) => status.online),
        [null, true],
      );
      end();
    });

    it('copes with a watcher that leaves while it is told', async () => {
      const other = recorder();
      const leaving: ChargerListener = { onChange: () => end(), onMessage: () => end() };
      const end = charger.watch(leaving);
      const endOther = charger.watch(other);
      link.receive('c/state', 'charging');
      await turn();
      assert.equal(other.reports.length > 0, true);
      endOther();
    });

    it('has timers that Node.js can keep, however long a charger may be silent', async () => {
      const patient = bench.charger(fake.driver, { baseTopic: 'p', staleAfter: 365 * 86_400 });
      const end = patient.watch(recorder());
      await turn();
      link.receive('p/state', 'idle');
      await turn();
      end();
      assert.ok(bench.timers.longest() < 2 ** 31, `${bench.timers.longest()} ms`);
    });
  });

  for (const [driver, baseTopic, key] of [
    [openevse as AnyDriver, 'evse', 'schedule'],
    [evcc as AnyDriver, 'evcc/loadpoints/1', 'plan'],
    [goe as AnyDriver, 'go-eCharger/123456', 'sch_week'],
  ] as const)
    it(`survives documents without end, and tells of them (${driver.system})`, async () => {
      const charger = bench.charger(driver, { baseTopic: driver.base(baseTopic) });
      const listener = recorder();
      const end = charger.watch(listener);
      await turn();
      for (const leaf of ['1', '2']) {
        link.receive(`${baseTopic}/${key}`, '['.repeat(8_000) + leaf + ']'.repeat(8_000));
        await turn();
      }
      assert.equal(charger.status().control.schedule, null);
      assert.deepEqual(
        listener.faults.map(([code]) => code),
        ['BAD_PAYLOAD'],
      );
      end();
    });
});
