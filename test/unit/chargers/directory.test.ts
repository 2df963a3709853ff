import assert from 'node:assert/strict';
import type { Directory } from '../../../src/chargers/directory';
import { SYSTEMS } from '../../../src/chargers/status';
import { TOPICS } from './bench';
import { DirectoryBench, explorer, gateway } from './directory-bench';
import { type FakeLink, turn } from './fake-link';

describe('chargers: directory', () => {
  let bench: DirectoryBench;
  let directory: Directory;
  let link: FakeLink;
  beforeEach(() => {
    bench = new DirectoryBench();
    ({ directory, link } = bench);
  });
  afterEach(() => bench.end());

  const a = gateway('a');
  const b = gateway('b');

  it('finds a charger once, 2 s after its first announcement', async () => {
    const { log, sightings } = await bench.exploring();
    link.receive(a.topic, a.birth);
    await bench.pass(1_999);
    assert.deepEqual(log, []);
    await bench.pass(1);
    for (let i = 0; i < 5; i++) link.receive(a.topic, a.birth);
    await bench.pass(10_000);
    assert.deepEqual(log, ['found base-a true']);
    const { system, id, name, http } = sightings[0]!;
    assert.deepEqual([system, id, name, http], ['openevse', 'a', 'name-a', 'http://a/']);
  });

  it('does not know whether a charger is online of which it saw a replay', async () => {
    link.retain(a.topic, a.birth);
    const { log } = await bench.exploring();
    await bench.pass(2_000);
    assert.deepEqual(log, ['found base-a null']);
    bench.heartbeat('a');
    await bench.pass(2_000);
    assert.deepEqual(log, ['found base-a null', 'updated base-a true']);
  });

  it('tells what changed', async () => {
    const { log, sightings } = await bench.exploring();
    link.receive(a.topic, a.birth);
    await bench.pass(2_000);
    link.receive(a.topic, a.birth.replace('name-a', 'garage'));
    await bench.pass(2_000);
    assert.deepEqual(log, ['found base-a true', 'updated base-a true']);
    assert.equal(sightings[1]?.name, 'garage');
  });

  describe('loss', () => {
    it('is the last will', async () => {
      const { log } = await bench.exploring();
      link.receive(a.topic, a.birth);
      await bench.pass(2_000);
      link.receive(a.topic, a.will);
      await bench.pass(1_999);
      assert.deepEqual(log, ['found base-a true']);
      await bench.pass(1);
      link.receive(a.topic, a.will);
      await bench.pass(200_000);
      assert.deepEqual(log, ['found base-a true', 'lost base-a false']);
    });

    it('is no will that a birth follows within 2 s', async () => {
      const { log } = await bench.exploring();
      link.receive(a.topic, a.birth);
      await bench.pass(2_000);
      for (let i = 0; i < 3; i++) {
        link.receive(a.topic, a.will);
        await bench.pass(1_900);
        link.receive(a.topic, a.birth);
        await bench.pass(50);
      }
      await bench.pass(2_000);
      assert.deepEqual(log, ['found base-a true']);
    });

    it('is no such will either while another charger is being found', async () => {
      const { log } = await bench.exploring();
      link.receive(a.topic, a.birth);
      await bench.pass(2_000);
      link.receive(b.topic, b.birth);
      await bench.pass(1_900);
      link.receive(a.topic, a.will);
      await bench.pass(500);
      link.receive(a.topic, a.birth);
      await bench.pass(5_000);
      assert.deepEqual(log, ['found base-a true', 'found base-b true']);
    });

    it('of a charger that was never told is not told', async () => {
      const { log } = await bench.exploring();
      link.receive(a.topic, a.birth);
      link.receive(a.topic, a.will);
      await bench.pass(10_000);
      assert.deepEqual(log, []);
    });

    it('is silence: 90 s without a heartbeat', async () => {
      const { log } = await bench.exploring();
      link.receive(a.topic, a.birth);
      await bench.pass(2_000);
      for (let i = 0; i < 10; i++) {
        await bench.pass(30_000);
        bench.heartbeat('a');
      }
      assert.deepEqual(log, ['found base-a true']);
      await bench.pass(89_000);
      assert.deepEqual(log, ['found base-a true']);
      await bench.pass(7_000);
      assert.deepEqual(log, ['found base-a true', 'lost base-a false']);
    });

    it('is over when the charger is heard again', async () => {
      const { log } = await bench.exploring();
      link.receive(a.topic, a.birth);
      await bench.pass(100_000);
      bench.heartbeat('a');
      await bench.pass(2_000);
      link.receive(a.topic, a.will);
      await bench.pass(2_000);
      link.receive(a.topic, a.birth);
      await bench.pass(2_000);
      assert.deepEqual(log, [
        'found base-a true',
        'lost base-a false',
        'found base-a true',
        'lost base-a false',
        'found base-a true',
      ]);
    });

    it('is not the loss of our own connection', async () => {
      const { log } = await bench.exploring();
      link.receive(a.topic, a.birth);
      await bench.pass(2_000);
      link.lose();
      await bench.pass(600_000);
      link.retain(a.topic, a.birth);
      link.restore();
      await bench.pass(20_000);
      bench.heartbeat('a');
      await bench.pass(20_000);
      assert.deepEqual(log, ['found base-a true']);
      await bench.pass(95_000);
      assert.deepEqual(log, ['found base-a true', 'lost base-a false']);
    });

    it('while our connection was away is told afterwards', async () => {
      const { log } = await bench.exploring();
      link.receive(a.topic, a.birth);
      await bench.pass(2_000);
      link.lose();
      link.retain(a.topic, a.will);
      link.restore();
      await bench.pass(3_000);
      assert.deepEqual(log, ['found base-a true', 'lost base-a false']);
    });
  });

  it('takes a charger that moves to another base topic for lost and found', async () => {
    const { log } = await bench.exploring();
    link.receive(a.topic, a.birth);
    await bench.pass(2_000);
    link.receive(a.topic, gateway('a', 'moved').birth);
    await bench.pass(5_000);
    assert.deepEqual(log, ['found base-a true', 'lost base-a false', 'found moved true']);
    assert.deepEqual(
      directory.list(new Set(SYSTEMS)).map(({ baseTopic }) => baseTopic),
      ['moved'],
    );
  });

  describe('several that look', () => {
    it('share the subscriptions; the last one ends them', async () => {
      const first = directory.explore(explorer());
      const second = directory.explore(explorer());
      await turn();
      link.receive(a.topic, a.birth);
      await turn();
      assert.deepEqual(link.subscribed, [TOPICS.openevseTopic, 'base-a/time']);
      first();
      assert.deepEqual(link.unsubscribed, []);
      second();
      second();
      assert.deepEqual([...link.unsubscribed].sort(), ['base-a/time', TOPICS.openevseTopic].sort());
    });

    it('are each told what is known, and then the same', async () => {
      const early = await bench.exploring();
      link.receive(a.topic, a.birth);
      await bench.pass(2_000);
      const late = await bench.exploring();
      link.receive(b.topic, b.birth);
      await bench.pass(2_000);
      assert.deepEqual(early.log, ['found base-a true', 'found base-b true']);
      assert.deepEqual(late.log, early.log);
    });

    it('are told of their systems only', async () => {
      const all = await bench.exploring(...SYSTEMS);
      const goe = await bench.exploring('go-e');
      link.receive(a.topic, a.birth);
      link.receive('go-eCharger/123456/var', '11');
      link.receive('evcc/status', 'online');
      link.receive('evcc/loadpoints', '1');
      link.receive('evcc/loadpoints/1/chargePower', '0');
      await bench.pass(2_000);
      assert.deepEqual(goe.log, ['found go-eCharger/123456 true']);
      assert.deepEqual([...all.log].sort(), [
        'found base-a true',
        'found evcc/loadpoints/1 true',
        'found go-eCharger/123456 true',
      ]);
    });

    it('are told of refused filters, also when they come later', async () => {
      link.refused.add(TOPICS.openevseTopic);
      const early = await bench.exploring();
      const late = await bench.exploring();
      for (const { faults } of [early, late])
        assert.deepEqual(faults, [['SUBSCRIPTION_REFUSED', TOPICS.openevseTopic]]);
      link.refused.clear();
      link.lose();
      link.restore();
      await turn();
      assert.deepEqual((await bench.exploring()).faults, []);
    });
  });

  it('lists what was found and not lost', async () => {
    await bench.exploring();
    const bases = (): string[] => directory.list(new Set(['openevse'])).map(({ baseTopic }) => baseTopic);
    link.receive(a.topic, a.birth);
    assert.deepEqual(bases(), []);
    link.receive(b.topic, b.birth);
    await bench.pass(2_000);
    assert.deepEqual(bases(), ['base-a', 'base-b']);
    assert.deepEqual(directory.list(new Set(['evcc'])), []);
    link.receive(a.topic, a.will);
    await bench.pass(2_000);
    assert.deepEqual(bases(), ['base-b']);
  });

  it('follows a loadpoint that evcc withdraws and tells again within 2 s', async () => {
    const { log } = await bench.exploring('evcc');
    const receive = (tail: string, payload: string): void => link.receive(`evcc/${tail}`, payload);
    receive('status', 'online');
    receive('loadpoints', '2');
    for (const index of [1, 2]) receive(`loadpoints/${index}/chargePower`, '0');
    await bench.pass(2_000);
    assert.deepEqual(log, ['found evcc/loadpoints/1 true', 'found evcc/loadpoints/2 true']);
    receive('loadpoints', '1');
    receive('loadpoints', '2');
    receive('loadpoints/2/chargePower', '0');
    await bench.pass(2_000);
    receive('loadpoints/2/title', 'Carport');
    await bench.pass(2_000);
    assert.deepEqual(log.slice(2), ['updated evcc/loadpoints/2 true']);
    receive('loadpoints', '1');
    await bench.pass(2_000);
    assert.deepEqual(log.slice(3), ['lost evcc/loadpoints/2 false']);
  });

  it('forgets everything when nobody looks any more', async () => {
    const end = directory.explore(explorer());
    await turn();
    link.receive(a.topic, a.birth);
    await bench.pass(2_000);
    end();
    const { log } = await bench.exploring();
    await bench.pass(5_000);
    assert.deepEqual(log, []);
  });

  it('finds five thousand chargers that are announced at once', async () => {
    const { log } = await bench.exploring();
    for (let i = 0; i < 5_000; i++) {
      const { topic, birth } = gateway(String(i));
      link.receive(topic, birth);
    }
    await bench.pass(2_000);
    assert.equal(log.length, 5_000);
  });
});
