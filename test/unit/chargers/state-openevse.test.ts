import assert from 'node:assert/strict';
import { openevse } from '../../../src/chargers/openevse';
import type { AnyDriver } from '../../../src/chargers/systems';
import { Bench, recorder, TOPICS } from './bench';
import { type FakeLink, turn } from './fake-link';

describe('chargers: state with the OpenEVSE driver', () => {
  let bench: Bench;
  let link: FakeLink;
  const ANNOUNCE = 'openevse/announce/7b2c';
  const birth = (base: string, id = '30aea47a7b2c'): string =>
    JSON.stringify({ state: 'connected', id, name: `openevse-${id}`, mqtt: base, http: 'http://192.168.1.2/' });
  const will = (id = '30aea47a7b2c'): string => JSON.stringify({ state: 'disconnected', id, name: 'x' });
  let projections: number;
  let counted: AnyDriver;
  beforeEach(() => {
    bench = new Bench();
    link = bench.link;
    projections = 0;
    counted = {
      ...(openevse as AnyDriver),
      project: (native, now) => {
        projections += 1;
        return (openevse as AnyDriver).project(native, now);
      },
    };
  });
  afterEach(() => bench.end());

  it('projects a whole core set once', async () => {
    const charger = bench.charger(counted, { baseTopic: 'evse' });
    const listener = recorder();
    const end = charger.watch(listener);
    await turn();
    const set = { state: '3', vehicle: '1', amp: '16000', voltage: '230', pilot: '16', temp: '251', uptime: '77' };
    for (const [key, value] of Object.entries(set)) link.receive(`evse/${key}`, value);
    await turn();
    assert.equal(projections, 1);
    const [[status] = []] = listener.reports;
    assert.deepEqual([status?.state, status?.online, status?.temperature], ['charging', true, 25.1]);
    end();
  });

  it('is offline 90 s after the last live message', async () => {
    const listener = recorder();
    const end = bench.charger(counted, { baseTopic: 'evse' }).watch(listener);
    await turn();
    link.receive('evse/amp', '1');
    await bench.tick(89_999);
    assert.deepEqual(
      listener.reports.map(([{ online }]) => online),
      [true],
    );
    await bench.tick(1);
    assert.equal(listener.reports.at(-1)?.[0].online, false);
    end();
  });

  it('is offline 2 s after its will, unless it is heard again', async () => {
    const directory = bench.newDirectory();
    const listener = recorder();
    const end = bench.charger(counted, { baseTopic: 'evse' }, directory).watch(listener);
    await turn();
    link.receive(ANNOUNCE, birth('evse'));
    await turn();
    assert.deepEqual(
      listener.reports.map(([{ online, id }]) => [online, id]),
      [[true, '30aea47a7b2c']],
    );
    link.receive(ANNOUNCE, will());
    await bench.tick(1_500);
    link.receive(ANNOUNCE, birth('evse'));
    await bench.tick(10_000);
    assert.ok(listener.reports.every(([{ online }]) => online === true));
    link.receive(ANNOUNCE, will());
    await bench.tick(1_999);
    assert.equal(listener.reports.at(-1)?.[0].online, true);
    await bench.tick(1);
    assert.equal(listener.reports.at(-1)?.[0].online, false);
    end();
  });

  it('hears a will also when it was offline before the broker connection was lost', async () => {
    const directory = bench.newDirectory();
    const listener = recorder();
    const end = bench.charger(counted, { baseTopic: 'evse' }, directory).watch(listener);
    await turn();
    link.receive(ANNOUNCE, birth('evse'));
    link.receive(ANNOUNCE, will());
    await bench.tick(5_000);
    link.lose();
    // It comes back while we cannot hear it.
    link.retain(ANNOUNCE, birth('evse'));
    link.restore();
    await turn();
    link.receive('evse/amp', '1');
    await turn();
    assert.equal(listener.reports.at(-1)?.[0].online, true);
    link.receive(ANNOUNCE, will());
    await bench.tick(2_000);
    assert.equal(listener.reports.at(-1)?.[0].online, false);
    end();
  });

  it('shares one announce subscription among 1,000 chargers, each of which gets its own announcements', async () => {
    const directory = bench.newDirectory();
    const listeners = Array.from({ length: 1_000 }, recorder);
    const ends = listeners.map((listener, i) =>
      bench.charger(counted, { baseTopic: `evse${i}` }, directory).watch(listener),
    );
    await turn();
    assert.equal(link.subscribed.filter((filter) => filter === TOPICS.openevseTopic).length, 1);
    link.receive('openevse/announce/500', birth('evse500', 'id500'));
    await turn();
    assert.deepEqual(
      listeners.flatMap(({ reports }, i) => (reports.length > 0 ? [i] : [])),
      [500],
    );
    assert.equal(projections, 1);
    for (const end of ends) end();
    assert.equal(link.unsubscribed.filter((filter) => filter === TOPICS.openevseTopic).length, 1);
    assert.equal(link.listeners.size, 0);
    link.end();
    assert.equal(bench.timers.armed(), 0);
  });

  for (const order of ['will first', 'configuration first', 'birth and will before anybody came'])
    it(`is offline by the will that the broker kept: ${order}`, async () => {
      const config = JSON.stringify({ wifi_serial: '30AEA47A7B2C', hostname: 'openevse-7b2c' });
      const directory = bench.newDirectory();
      const ends = [directory.follow('openevse', 'another', () => undefined)];
      await turn();
      if (order.startsWith('birth')) link.receive(ANNOUNCE, birth('evse'));
      if (order === 'configuration first') link.retain('evse/config', config);
      else link.receive(ANNOUNCE, will());
      const listener = recorder();
      ends.push(bench.charger(counted, { baseTopic: 'evse' }, directory).watch(listener));
      await turn();
      if (order === 'configuration first') link.receive(ANNOUNCE, will());
      else link.receive('evse/config', config, true);
      await turn();
      await bench.tick(2_000);
      const [status] = listener.reports.at(-1) ?? [];
      assert.deepEqual([status?.id, status?.online, status?.state], ['30aea47a7b2c', false, 'unavailable']);
      link.receive(ANNOUNCE, birth('evse'));
      await turn();
      assert.equal(listener.reports.at(-1)?.[0].online, true);
      for (const end of ends) end();
      assert.equal(link.listeners.size, 0);
    });

  it('hears of its id again after nobody watched it for a while', async () => {
    const directory = bench.newDirectory();
    link.retain('evse/config', JSON.stringify({ wifi_serial: '30AEA47A7B2C' }));
    const charger = bench.charger(counted, { baseTopic: 'evse' }, directory);
    charger.watch(recorder())();
    const end = charger.watch(recorder());
    await turn();
    end();
    link.retain(ANNOUNCE, will());
    const listener = recorder();
    const last = charger.watch(listener);
    await turn();
    await bench.tick(2_000);
    assert.equal(listener.reports.at(-1)?.[0].online, false);
    last();
    assert.equal(link.listeners.size, 0);
  });

  it('tells a charger that is deployed later what was announced before', async () => {
    const directory = bench.newDirectory();
    const ends = [bench.charger(counted, { baseTopic: 'other' }, directory).watch(recorder())];
    await turn();
    link.receive(ANNOUNCE, birth('evse'));
    const listener = recorder();
    ends.push(bench.charger(counted, { baseTopic: 'evse' }, directory).watch(listener));
    await turn();
    const [[status] = []] = listener.reports;
    assert.deepEqual([status?.id, status?.online], ['30aea47a7b2c', null]);
    for (const end of ends) end();
  });
});
