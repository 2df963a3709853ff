import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { addDays, localDate } from '../../src/linky/clock';
import { startAedes } from '../support/broker';
import { hasDataset, LinkyBench, PDL, YESTERDAY } from '../support/linky';
import { at, type FlowNode, MAJOR, type NodeRed, startNodeRed } from '../support/node-red';
import { until } from '../support/until';

/** A point of the charts of the example. */
interface Point {
  readonly meter: string;
  /** Of the daily charts. */
  readonly date?: string;
  readonly cost?: number;
  /** Of the half-hourly chart, ms. */
  readonly time?: number;
}

describe(`nodes: the examples of a Linky meter in Node-RED ${MAJOR}`, function () {
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

  /** The nodes of an example; what shows something is a probe. */
  const example = (name: string): FlowNode[] =>
    (JSON.parse(fs.readFileSync(path.join(process.cwd(), `examples/Linky/${name}.json`), 'utf8')) as FlowNode[])
      .filter(({ type }) => !['tab', 'ui-base', 'ui-theme', 'ui-page', 'ui-group'].includes(type))
      .map((node): FlowNode => {
        if (node.type === 'energy-broker') return { ...node, broker: '127.0.0.1', port: String(bench.broker.port) };
        const isShown = ['debug', 'ui-chart', 'ui-text'].includes(node.type);
        return { ...node, z: 'tab', ...(isShown && { type: 'probe' }) };
      });

  it('the charts of the example fill again after a restart, from the context alone and with what the broker stored', async () => {
    const nodes = example('Charts on Dashboard 2').map((node) =>
      node.type === 'inject' ? { ...node, onceDelay: 0.1 } : node,
    );
    const charts = ['Power, half-hourly (W)', 'Energy per day (kWh)', 'Cost per day, without subscription (€)'].map(
      (label) => nodes.find((node) => node['label'] === label)?.id ?? '',
    );
    const [power, energy, costs] = charts as [string, string, string];
    /** A copy: what a function node makes has prototypes of its own. */
    const points = (id: string): Point[] =>
      JSON.parse(JSON.stringify(red.received(id).at(-1)?.['payload'] ?? [])) as Point[];
    /** The days on show, of all meters. */
    const days = (id: string): string[] => {
      const day = ({ meter, date, time = NaN }: Point): string => `${meter} ${date ?? localDate(time)}`;
      return [...new Set(points(id).map(day))].sort();
    };
    const expected = (length: number): string[] =>
      ['…1234', '…8901'].flatMap((meter) =>
        Array.from({ length }, (_, i) => `${meter} ${addDays(YESTERDAY, i + 1 - length)}`),
      );
    const shows = (id: string, length: number): boolean => isDeepStrictEqual(days(id), expected(length));
    await red.deploy(nodes);
    await until(
      () => bench.broker.subscribed.some((filter) => filter.endsWith('/consumption/detailed')),
      'the subscription',
    );
    const simulator = await bench.simulate({ history: 9 });
    await until(() => shows(power, 7) && shows(energy, 9) && shows(costs, 9), 'the charts');
    await simulator.stop();
    const before = charts.map(points);
    assert.ok(before[2]!.every(({ cost = 0 }) => cost > 0.5));
    for (const stopped of [false, true]) {
      if (stopped) await bench.broker.stop();
      const seen = charts.map((id) => bench.count(id));
      await red.redeploy(nodes, 'full');
      await until(() => charts.every((id, i) => bench.count(id) > seen[i]!), 'the charts again');
      assert.deepEqual(charts.map(points), before, stopped ? 'without a broker' : 'with the broker');
    }
    bench.broker = await startAedes(bench.broker.port);
  });

  it('the example works as it stands', async () => {
    await bench.simulate();
    const nodes = example('Consumption and cost');
    const probe = (name: string): string => nodes.find((node) => node['name'] === name)?.id ?? '';
    await red.deploy(nodes);
    await red.next(probe('readings'), hasDataset('consumption/daily', PDL));
    const day = await red.next(probe('cost'), (message) => at(message, 'payload.complete') === true);
    assert.equal(at(day, 'payload.date'), YESTERDAY);
    assert.ok(Number(at(day, 'payload.cost')) > 0.5, JSON.stringify(day['payload']));
    red.send(nodes.find((node) => node['name'] === 'sync')?.id ?? '', {});
    assert.equal(at(await red.next(probe('result')), 'payload.outcome'), 'confirmed');
    assert.deepEqual(red.received(probe('error')), []);
  });
});
