import assert from 'node:assert/strict';
import { mock } from 'node:test';
import type { SiteStatus } from '../../../src/chargers/evcc/site';
import { siteOf } from '../../../src/chargers/site-store';
import { type AedesBroker, startAedes } from '../../support/broker';
import { createConnection, type TestConnection } from '../../support/connect';
import { until } from '../../support/until';

/** A report: the paths that changed, and the state. */
type Report = readonly [changed: readonly string[], SiteStatus];

describe('site store', () => {
  let broker: AedesBroker;
  let test: TestConnection;
  let reports: Report[];
  let faults: string[];
  let ends: (() => void)[];

  const watch = (root = 'evcc', onMessage = (): void => undefined): void => {
    ends.push(
      siteOf(test.connection, root).watch({
        onChange: (status, changed) => reports.push([changed, status]),
        onMessage,
        onFault: ({ code }, topic) => faults.push(`${code} ${topic}`),
      }),
    );
  };

  const publish = async (values: Readonly<Record<string, string>>): Promise<void> => {
    for (const [tail, payload] of Object.entries(values)) await broker.publish(`evcc/${tail}`, payload);
  };

  const online = async (): Promise<void> => {
    await until(() => broker.subscribed.includes('evcc/site/grid/power'), 'the subscription');
    await publish({ status: 'online', updated: '1767000000', 'site/siteTitle': 'Home' });
    await until(() => reports.at(-1)?.[1].title === 'Home', 'the title');
  };

  beforeEach(async () => {
    broker = await startAedes();
    test = createConnection(broker.url);
    reports = [];
    faults = [];
    ends = [];
    test.connection.open();
    await test.reached('connected');
  });
  afterEach(async () => {
    for (const end of ends) end();
    mock.timers.reset();
    await test.connection.close();
    await broker.stop();
    assert.deepEqual(test.faults, []);
  });

  it('is one per root and connection, however the root is written', () => {
    const site = siteOf(test.connection, 'evcc');
    assert.equal(siteOf(test.connection, ' /evcc/ '), site);
    assert.notEqual(siteOf(test.connection, 'home/evcc'), site);
    assert.notEqual(siteOf(createConnection(broker.url).connection, 'evcc'), site);
    assert.throws(() => siteOf(test.connection, 'evcc/#'), { code: 'INVALID' });
  });

  it('subscribes once for all, never to forecasts or the optimizer, and ends with the last', async () => {
    watch();
    watch();
    await online();
    assert.equal(new Set(broker.subscribed).size, broker.subscribed.length);
    for (const filter of broker.subscribed) assert.doesNotMatch(filter, /#|site\/\+|forecast|evopt/);
    const [first, second] = ends.splice(0);
    first?.();
    await publish({ 'site/siteTitle': 'Two' });
    await until(() => reports.at(-1)?.[1].title === 'Two', 'the second one to be served');
    second?.();
    const before = reports.length;
    await publish({ 'site/siteTitle': 'Three' });
    watch('other');
    await until(() => broker.subscribed.includes('other/status'), 'a sign that the broker is done');
    assert.equal(reports.length, before);
  });

  it('tells a newcomer what is known, as a change of everything', async () => {
    watch();
    await online();
    const known = reports.length;
    watch();
    await until(() => reports.length > known, 'the snapshot');
    const [changed, status] = reports.at(-1) ?? [];
    assert.equal(status?.title, 'Home');
    assert.ok(changed?.includes('grid.power') && changed.includes('title'));
  });

  it('reports other changes at once, measurements at most once per second', async () => {
    let messages = 0;
    watch('evcc', () => messages++);
    await online();
    mock.timers.enable({ apis: ['setTimeout', 'Date'], now: Date.now() });
    const turns = async (condition: () => boolean): Promise<void> => {
      for (let turn = 0; !condition(); turn++) {
        if (turn > 200_000) assert.fail('waited in vain');
        await new Promise((resolve) => setImmediate(resolve));
      }
    };
    reports.length = messages = 0;
    await publish({ 'site/grid/power': '100', 'site/pvPower': '2000', 'site/homePower': '2100' });
    await publish({ 'site/grid/power': '200' });
    await turns(() => messages === 4);
    assert.equal(reports.length, 0);
    await publish({ 'site/currency': 'EUR' });
    await turns(() => reports.length === 1);
    const [changed, status] = reports[0] ?? [];
    assert.deepEqual(changed, ['grid.power', 'pv.power', 'home.power', 'currency']);
    assert.equal(status?.grid.power, 200);
    await publish({ 'site/grid/power': '300', 'site/greenShareHome': '0.5' });
    await turns(() => messages === 7);
    mock.timers.tick(999);
    assert.equal(reports.length, 1);
    mock.timers.tick(1);
    assert.deepEqual(reports[1]?.[0], ['grid.power', 'greenShare']);
    mock.timers.tick(10_000);
    assert.equal(reports.length, 2);
  });

  it('tells of something unreadable once, and keeps the last good value', async () => {
    watch();
    await online();
    await publish({ 'site/grid/power': '100' });
    await publish({ 'site/grid/power': 'much' });
    await publish({ 'site/grid/power': 'more' });
    await until(() => faults.length > 0, 'the fault');
    assert.equal(siteOf(test.connection, 'evcc').status().grid.power, 100);
    await publish({ 'site/grid/power': '200', 'site/siteTitle': 'Done' });
    await until(() => reports.at(-1)?.[1].title === 'Done', 'the end');
    assert.deepEqual(faults, ['BAD_PAYLOAD site/grid/power']);
  });

  it('knows nothing to be live any more when the connection is lost', async () => {
    watch();
    await online();
    assert.equal(reports.at(-1)?.[1].online, true);
    broker.cut();
    await until(() => reports.at(-1)?.[1].online === null, 'the loss');
    assert.equal(reports.at(-1)?.[1].title, 'Home');
  });

  it('goes offline with the last will', async () => {
    watch();
    await online();
    await publish({ status: 'offline' });
    await until(() => reports.at(-1)?.[1].online === false, 'offline');
  });
});
