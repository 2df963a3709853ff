import assert from 'node:assert/strict';
import type { LinkyCurve, LinkyValue } from '../../src/linky/types';
import { brokerNode, errorProbe } from '../support/flows';
import { hasDataset, LinkyBench, PDL, YESTERDAY } from '../support/linky';
import { at, type FlowNode, MAJOR, type NodeRed, startNodeRed } from '../support/node-red';
import { until } from '../support/until';
import * as readings from '../unit/linky/support';

const HCHP = {
  option: 'HCHP',
  periods: [
    {
      from: null,
      to: null,
      subscription: 15,
      prices: { hc: 0.1, hp: 0.2 },
      offPeak: [{ days: [], from: '22:00', to: '06:00' }],
    },
  ],
};
const TEMPO = {
  option: 'TEMPO',
  periods: [
    {
      from: null,
      to: null,
      prices: { blueHc: 0.1, blueHp: 0.2, whiteHc: 0.3, whiteHp: 0.4, redHc: 0.5, redHp: 1 },
    },
  ],
};

/** `cost` -> probe `costs`. */
const cost = (tariff: object, properties: object = {}): FlowNode[] => [
  { id: 'tariff', type: 'linky-tariff', ...tariff },
  { id: 'cost', type: 'linky-cost', tariff: 'tariff', wires: [['costs']], ...properties },
  { id: 'costs', type: 'probe' },
  ...errorProbe(),
];

const daily = (date: string, value: number, parts: Partial<LinkyValue> = {}): LinkyValue =>
  readings.daily(date, value, { pdl: PDL, ...parts });

/** A whole day of 1 kW. */
const curve = (date: string): LinkyCurve => ({ ...readings.curve(date, () => 1_000, 60), pdl: PDL });

describe(`nodes: linky-tariff and linky-cost in Node-RED ${MAJOR}`, function () {
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

  it('prices the readings of a meter and adds them up', async () => {
    await bench.simulate();
    await red.deploy([
      brokerNode(bench.broker.port),
      { id: 'linky', type: 'linky-consumption', broker: 'broker', pdl: PDL, wires: [['cost']] },
      ...cost(HCHP),
    ]);
    const priced = await red.next('costs', hasDataset('consumption/detailed'));
    assert.equal(at(priced, 'cost.complete'), true);
    assert.equal(at(priced, 'cost.currency'), 'EUR');
    const energy = at(priced, 'cost.energy') as { hc: number; hp: number };
    assert.ok(Math.abs(energy.hc + energy.hp - Number(at(priced, 'payload.total'))) < 0.001);
    assert.ok(Math.abs(energy.hc * 0.1 + energy.hp * 0.2 - Number(at(priced, 'cost.total'))) < 0.001);
    assert.equal(at(priced, 'totals.day.period'), YESTERDAY);
    const month = await red.next('costs', hasDataset('consumption/month'));
    assert.deepEqual([month['cost'], month['totals'], month['comparison']], [null, null, null], 'goes on unpriced');
    assert.deepEqual(red.received('errors'), []);
  });

  it('matrix 10: keeps its totals through a restart', async () => {
    const nodes = cost(HCHP);
    await red.deploy(nodes);
    const first = await bench.answer('costs', 'cost', {
      payload: daily('2026-01-14', 10, { hc: 4, hp: 6 }),
      topic: 't',
    });
    assert.deepEqual([first['topic'], at(first, 'cost.total'), at(first, 'totals.month.days')], ['t', 1.6, 1]);
    await red.redeploy(nodes, 'full');
    const second = await bench.answer('costs', 'cost', { payload: daily('2026-01-15', 10, { hc: 10, hp: 0 }) });
    assert.equal(at(second, 'totals.month.days'), 2);
    assert.deepEqual(at(second, 'totals.month.energy'), { hc: 14, hp: 6 });
    const again = await bench.answer('costs', 'cost', { payload: daily('2026-01-15', 10, { hc: 10, hp: 0 }) });
    assert.deepEqual([at(again, 'totals.changed'), at(again, 'totals.month.days')], [false, 2]);
  });

  it('matrix 7: prices a day again when its colour comes, with any message, also after a restart', async () => {
    const nodes = cost(TEMPO);
    await red.deploy(nodes);
    red.send('cost', { colors: { '2026-01-13': 'BLUE' } });
    const partial = await bench.answer('costs', 'cost', { payload: curve('2026-01-14'), topic: 'my/topic' });
    assert.deepEqual([at(partial, 'cost.complete'), at(partial, 'cost.unpriced')], [false, 18]);
    (partial['payload'] as { slots: unknown[] }).slots = [];
    await red.redeploy(nodes, 'full');
    const whole = await bench.answer('costs', 'cost', { colors: { '2026-01-14': 'ROUGE' } });
    assert.deepEqual(
      ['topic', 'repriced', 'payload.date', 'cost.complete', 'cost.total', 'totals.month.total'].map((path) =>
        at(whole, path),
      ),
      ['my/topic', true, '2026-01-14', true, 17.6, 17.6],
    );
    assert.equal(bench.count('costs'), 2, 'a message with colours alone goes no further');
  });

  it('tells a reading once that comes with its own colour', async () => {
    await red.deploy(cost(TEMPO));
    await bench.answer('costs', 'cost', { payload: curve('2026-01-14') });
    const whole = await bench.answer('costs', 'cost', {
      payload: curve('2026-01-14'),
      colors: { '2026-01-13': 'BLUE', '2026-01-14': 'RED' },
    });
    assert.deepEqual([whole['repriced'], at(whole, 'cost.complete')], [undefined, true]);
    await bench.answer('costs', 'cost', { payload: daily('2026-01-14', 24) });
    assert.equal(bench.count('costs'), 3);
  });

  it('takes the colours of an MQTT topic, and tells once when none can be read', async () => {
    await red.deploy([brokerNode(bench.broker.port), ...cost(TEMPO, { broker: 'broker', colors: 'tempo/today' })]);
    await until(() => bench.broker.subscribed.includes('tempo/today'), 'the subscription');
    await bench.answer('costs', 'cost', { payload: curve('2026-01-14') });
    await bench.broker.publish('tempo/today', '{"color":"BLUE","date":"2026-01-13"}');
    await bench.broker.publish('tempo/today', '{"color":"RED","date":"2026-01-14"}');
    const whole = await red.next('costs', (message) => at(message, 'cost.complete') === true);
    assert.equal(whole['repriced'], true);
    for (const junk of ['UNKNOWN', 'PINK', '{"color":']) await bench.broker.publish('tempo/today', junk);
    assert.equal(at(await red.next('errors'), 'error.code'), 'BAD_PAYLOAD');
    await bench.broker.publish('tempo/today', 'BLUE');
    await bench.broker.publish('tempo/today', 'PINK');
    await red.next('errors', () => bench.count('errors') === 2);
  });

  const refused: [string, object, string][] = [
    ['no reading', { payload: 'abc' }, 'payload'],
    ['a reading without a value', { payload: daily('2026-01-14', NaN) }, 'payload'],
    [
      'colours that are none',
      { payload: daily('2026-01-14', 1), colors: { '2026-01-14': 'GREEN' } },
      'colors.2026-01-14',
    ],
    ['colours of no date', { colors: { today: 'RED' } }, 'colors'],
    ['colours as text', { colors: 'RED' }, 'colors'],
  ];
  it('refuses what is neither a reading nor a colour', async () => {
    await red.deploy(cost(HCHP));
    for (const [what, message, path] of refused) {
      const error = at(await bench.answer('errors', 'cost', message), 'error');
      assert.equal(at(error, 'code'), 'INVALID', what);
      assert.equal(at(error, 'cause.details.0.path'), path, what);
    }
    assert.deepEqual(red.received('costs'), []);
  });

  it('takes prices from environment variables', async () => {
    process.env['LINKY_TEST_PRICE'] = '0.25';
    try {
      const periods = [{ from: '', to: '', subscription: '', prices: { base: '${LINKY_TEST_PRICE}' }, offPeak: [] }];
      await red.deploy(cost({ option: 'BASE', periods: periods.map((period) => ({ ...period, subscription: null })) }));
      assert.equal(at(await bench.answer('costs', 'cost', { payload: daily('2026-01-14', 10) }), 'cost.total'), 2.5);
    } finally {
      delete process.env['LINKY_TEST_PRICE'];
    }
  });

  const unusable: [string, object, object][] = [
    ['a contract without a price', { option: 'HCHP', periods: [{ prices: { hc: 1 } }] }, {}],
    ['a contract without a period', { option: 'BASE', periods: [] }, {}],
    ['no tariff', HCHP, { tariff: 'gone' }],
    ['a broker that is gone', HCHP, { broker: 'gone' }],
    ['colours from a broker that is gone', HCHP, { colors: 'tempo/today', broker: 'gone' }],
    ['colours without a broker', HCHP, { colors: 'tempo/today' }],
    ['colours with a wildcard', HCHP, { colors: 'tempo/+', broker: 'broker' }],
  ];
  for (const [what, tariff, properties] of unusable) {
    it(`says that it is not configured with ${what}`, async () => {
      await red.deploy([brokerNode(bench.broker.port), ...cost(tariff, properties)]);
      assert.equal(at(await red.next('errors'), 'error.code'), 'NOT_CONFIGURED');
      const again = await bench.answer('errors', 'cost', { payload: daily('2026-01-14', 1) });
      assert.equal(at(again, 'error.code'), 'NOT_CONFIGURED');
    });
  }
});
