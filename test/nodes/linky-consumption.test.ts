import assert from 'node:assert/strict';
import { DATASETS } from '../../src/linky/types';
import type { LinkyDialect } from '../../src/simulators/linky/simulator';
import { startAedes } from '../support/broker';
import { brokerNode } from '../support/flows';
import { consumption, hasDataset, LinkyBench, NOON, OTHER, PDL, YESTERDAY } from '../support/linky';
import { at, MAJOR, type NodeRed, type Received, startNodeRed } from '../support/node-red';
import { until } from '../support/until';

const VALUE_KEYS = 'pdl direction dataset date value unit timestamp tariff hc hp format'.split(' ');
const CURVE_KEYS = 'pdl direction dataset date interval slots total coverage unit'.split(' ');

const whoAndWhat = (message: Received): string =>
  ['pdl', 'dataset', 'format'].map((key) => (at(message, `payload.${key}`) as string | undefined) ?? '').join(' ');

describe(`nodes: linky-consumption in Node-RED ${MAJOR}`, function () {
  this.timeout(30_000);
  let red: NodeRed;
  let bench: LinkyBench;
  before(async () => {
    red = await startNodeRed();
  });
  after(() => red.stop());
  beforeEach(async () => {
    bench = await LinkyBench.start(red);
  });
  afterEach(() => bench.end());

  it('matrix 1: tells the retained readings of two meters, leading zeros kept', async () => {
    await bench.simulate();
    await red.deploy([brokerNode(bench.broker.port), ...consumption()]);
    const day = await red.next('readings', hasDataset('consumption/daily', PDL));
    assert.equal(day['topic'], `myelectricaldata/${PDL}/consumption/daily`);
    assert.equal(day['retain'], true);
    assert.equal(day['dialect'], 'standard');
    assert.deepEqual(
      ['direction', 'unit', 'date', 'format', 'tariff'].map((key) => at(day, `payload.${key}`)),
      ['consumption', 'kWh', YESTERDAY, 'json', 'HC/HP'],
    );
    await red.next('readings', hasDataset('production/daily', OTHER));
    const detailed = await red.next('readings', hasDataset('consumption/detailed', OTHER));
    assert.equal(at(detailed, 'payload.coverage.slots'), at(detailed, 'payload.coverage.expected'));
    const status = await red.next('readings', hasDataset('status'));
    assert.equal(at(status, 'payload.pdlCount'), 2);
    const shown = await red.next('statuses', ({ status: s }) => String(at(s, 'text')).includes('kWh · '));
    assert.ok(String(at(shown, 'status.text')).length < 20, String(at(shown, 'status.text')));
    assert.deepEqual(red.received('errors'), []);
  });

  it('matrix 1: reads the simple format, whose values carry no date', async () => {
    await bench.simulate({ format: 'simple' });
    await red.deploy([brokerNode(bench.broker.port), ...consumption()]);
    const day = await red.next('readings', hasDataset('consumption/daily', PDL));
    assert.equal(typeof at(day, 'payload.value'), 'number');
    assert.deepEqual([at(day, 'payload.date'), at(day, 'payload.format')], [null, 'simple']);
    const detailed = await red.next('readings', hasDataset('consumption/detailed', PDL));
    assert.equal(at(detailed, 'payload.date'), YESTERDAY);
  });

  for (const format of ['json', 'simple'] as const) {
    it(`matrix 1: all twelve datasets of two meters in the ${format} format`, async () => {
      await bench.simulate({ format });
      await red.deploy([brokerNode(bench.broker.port), ...consumption()]);
      // Load curves and the status are JSON in either format.
      const formatOf = (dataset: string): string => (/detailed|status/.test(dataset) ? '' : format);
      const expected = DATASETS.flatMap((dataset) => [
        // No panels; a flat tariff has no parts.
        ...(/^(production|status)/.test(dataset) ? [] : [`${PDL} ${dataset} ${formatOf(dataset)}`]),
        ...(/\/h[cp]$|^status/.test(dataset) ? [] : [`${OTHER} ${dataset} ${formatOf(dataset)}`]),
      ]);
      const told = (): Set<string> => new Set(red.received('readings').map(whoAndWhat));
      await until(() => told().size >= expected.length + 1, 'a reading of each');
      assert.deepEqual([...told()].sort(), [...expected, ' status '].sort());
      assert.ok(red.received('readings').every((message) => message['dialect'] === 'standard'));
      assert.deepEqual(red.received('errors'), []);
    });
  }

  const dialects: [LinkyDialect, string, string[]][] = [
    ['exporter', 'client', ['consumption/daily', 'consumption/month', 'consumption/year']],
    ['exporter-batch', 'client', ['consumption/daily', 'consumption/detailed']],
    ['home-assistant', 'home-assistant', ['consumption/daily']],
    ['importer', 'importer', ['consumption/daily', 'consumption/month', 'consumption/year', 'max_power']],
  ];
  for (const [dialect, name, datasets] of dialects) {
    it(`matrix 9: what the ${dialect} tells comes in the same shape, as dialect ${name}`, async () => {
      const simulator = await bench.simulate({ dialect });
      await red.deploy([brokerNode(bench.broker.port), ...consumption()]);
      for (const dataset of datasets) {
        const message = await red.next('readings', hasDataset(dataset, PDL));
        assert.equal(message['dialect'], name);
        const payload = message['payload'] as object;
        assert.deepEqual(Object.keys(payload), dataset.endsWith('detailed') ? CURVE_KEYS : VALUE_KEYS, dataset);
      }
      const measured = simulator.meters[0]!.reading(YESTERDAY, NOON)!.consumption.energy / 1_000;
      const day = await red.next(
        'readings',
        (m) => hasDataset('consumption/daily', PDL)(m) && Math.abs(Number(at(m, 'payload.value')) - measured) < 0.006,
      );
      assert.equal(at(day, 'payload.unit'), 'kWh');
      assert.deepEqual(red.received('errors'), []);
    });
  }

  it('matrix 9: a dialect without a usable value says so once, and tells nothing', async () => {
    await red.deploy([brokerNode(bench.broker.port), ...consumption()]);
    await bench.subscribed(1);
    const stats = (minute: number): string =>
      JSON.stringify({
        pdl: PDL,
        timestamp: `${YESTERDAY}T08:0${minute}:00`,
        yesterday_kwh: 0,
        this_month_kwh: 0,
        this_year_kwh: 0,
      });
    for (const minute of [1, 2, 3])
      await bench.broker.publish(`myelectricaldata/${PDL}/consumption/stats`, stats(minute));
    await bench.mark(1);
    assert.equal(bench.count('readings'), 1, 'the mark alone');
    const told = bench.logged.filter((text) => text.includes('12…1234'));
    assert.equal(told.length, 2, `which dialect, and that it has no value: ${told.join(' | ')}`);
    assert.ok(
      told.some((text) => text.includes('every total is 0')),
      told.join(' | '),
    );
  });

  it('matrix 1: one meter and some datasets below a prefix with a slash, live', async () => {
    await red.deploy([
      brokerNode(bench.broker.port),
      ...consumption({ prefix: 'energy/linky/', pdl: OTHER, datasets: ['consumption/daily', 'production/daily'] }),
    ]);
    await until(() => bench.broker.subscribed.includes(`energy/linky/${OTHER}/production/daily`), 'the subscriptions');
    assert.ok(
      !bench.broker.subscribed.some((filter) => /detailed|\/status|command|#/.test(filter)),
      String(bench.broker.subscribed),
    );
    await bench.simulate({ prefix: 'energy/linky' });
    const day = await red.next(
      'readings',
      (m) => hasDataset('production/daily')(m) && at(m, 'payload.date') === YESTERDAY,
    );
    assert.equal(day['retain'], false);
    assert.deepEqual(new Set(red.received('readings').map((m) => at(m, 'payload.pdl'))), new Set([OTHER]));
    const datasets = new Set(red.received('readings').map((m) => at(m, 'payload.dataset')));
    assert.deepEqual(datasets, new Set(['consumption/daily', 'production/daily']));
  });

  it('matrix 10: neither a restart of the node nor of the connection tells anything twice', async () => {
    await bench.simulate();
    const nodes = [brokerNode(bench.broker.port), ...consumption()];
    await red.deploy(nodes);
    await red.next('readings', hasDataset('status'));
    await bench.mark(1);
    const before = bench.count('readings');
    assert.ok(before > 10);
    await red.redeploy(nodes, 'full');
    await bench.subscribed(2);
    await bench.mark(2);
    assert.equal(bench.count('readings'), before + 1, 'only the new one after a restart of the node');
    bench.broker.cut();
    await bench.subscribed(3);
    await bench.mark(3);
    const fresh = red
      .received('readings')
      .slice(before + 1)
      .filter((m) => !hasDataset('status')(m));
    assert.equal(fresh.length, 1, 'only the new one after a loss of the connection');
    red.send('linky', { asked: true });
    const known = await red.next('readings', (m) => hasDataset('consumption/daily', PDL)(m) && m['asked'] === true);
    assert.equal(at(known, 'payload.date'), YESTERDAY, 'an input message still tells what is known');
  });

  it('matrix 10: after a restart of the broker it subscribes again, and replays are no news', async () => {
    await red.deploy([brokerNode(bench.broker.port), ...consumption()]);
    await bench.subscribed(1);
    const topic = `myelectricaldata/${PDL}/max_power`;
    const peak = JSON.stringify({ value: 9.4, unit: 'kVA', date: YESTERDAY });
    await bench.broker.publish(topic, peak, true);
    await red.next('readings', hasDataset('max_power'));
    await bench.broker.stop();
    bench.broker = await startAedes(bench.broker.port);
    await bench.broker.publish(topic, peak, true);
    await bench.subscribed(1);
    await bench.mark(1);
    assert.equal(red.received('readings').filter(hasDataset('max_power')).length, 1, 'no second alarm');
  });

  it('matrix 5: tells a repeated value again only if asked to, and a corrected one always', async () => {
    const simulator = await bench.simulate();
    await red.deploy([
      brokerNode(bench.broker.port),
      ...consumption(),
      { id: 'every', type: 'linky-consumption', broker: 'broker', onlyNew: false, wires: [['all']] },
      { id: 'all', type: 'probe' },
    ]);
    const days = (probe: string): Received[] => red.received(probe).filter(hasDataset('consumption/daily', PDL));
    await until(() => days('readings').length === 1 && days('all').length === 1, 'the retained readings');
    await red.next('all', hasDataset('status'));
    simulator.sync();
    await until(() => days('all').length === 2, 'the same day again');
    assert.equal(days('readings').length, 1);
    simulator.correct(PDL, YESTERDAY, 2);
    simulator.sync();
    await until(() => days('readings').length === 2, 'the corrected day');
    const [first, second] = days('readings').map((m) => Number(at(m, 'payload.value')));
    assert.ok(Math.abs(second! / first! - 2) < 0.01, `${first} -> ${second}`);
  });

  it('matrix 2: reports a body that names another meter once, and believes the topic', async () => {
    await red.deploy([brokerNode(bench.broker.port), ...consumption()]);
    const topic = `myelectricaldata/${PDL}/consumption/daily`;
    await bench.subscribed(1);
    for (const value of [11.5, 12.5]) {
      await bench.broker.publish(topic, JSON.stringify({ pdl: OTHER, date: '2026-01-14', value }));
      const reading = await red.next('readings', (message) => at(message, 'payload.value') === value);
      assert.equal(at(reading, 'payload.pdl'), PDL);
    }
    assert.deepEqual(
      red.received('errors').map((message) => [at(message, 'error.code'), message['topic']]),
      [['BAD_PAYLOAD', topic]],
    );
  });

  it('matrix 2: reports what is unreadable once, without the meter number, and keeps the last good value', async () => {
    await red.deploy([brokerNode(bench.broker.port), ...consumption()]);
    const topic = `myelectricaldata/${PDL}/consumption/daily`;
    await bench.subscribed(1);
    await bench.broker.publish(topic, '11.5');
    await red.next('readings');
    for (const junk of ['None', '11,5', '{"value":']) await bench.broker.publish(topic, junk);
    await bench.broker.publish(topic, '12.5');
    await red.next('readings', (message) => at(message, 'payload.value') === 12.5);
    assert.equal(bench.count('errors'), 1);
    const [error] = red.received('errors');
    assert.equal(at(error, 'error.code'), 'BAD_PAYLOAD');
    assert.equal(at(error, 'topic'), topic);
    assert.ok(!String(at(error, 'error.message')).includes(PDL), String(at(error, 'error.message')));
    await bench.broker.publish(topic, 'NaN');
    await red.next('errors', () => bench.count('errors') === 2);
    const known = await bench.answer('readings', 'linky', {});
    assert.equal(at(known, 'payload.value'), 12.5);
  });

  it('keeps its readings apart from what flows do with their messages', async () => {
    await red.deploy([brokerNode(bench.broker.port), ...consumption()]);
    await bench.subscribed(1);
    await bench.broker.publish(`myelectricaldata/${PDL}/consumption/daily`, '11.5');
    const message = await red.next('readings');
    (message['payload'] as { value: number }).value = 0;
    assert.equal(at(await bench.answer('readings', 'linky', {}), 'payload.value'), 11.5);
  });

  const unusable: [string, object][] = [
    ['a prefix with a wildcard', { prefix: 'my/#' }],
    ['a control character in the prefix', { prefix: 'my\u0001data' }],
    ['a short meter number', { pdl: '123' }],
    ['an unknown dataset', { datasets: ['consumption/hourly'] }],
    ['an unknown unit', { detailedUnit: 'MWh' }],
    ['no broker', { broker: '' }],
  ];
  for (const [what, properties] of unusable) {
    it(`says that it is not configured with ${what}`, async () => {
      await red.deploy([brokerNode(bench.broker.port), ...consumption(properties)]);
      assert.equal(at(await red.next('errors'), 'error.code'), 'NOT_CONFIGURED');
    });
  }
});
