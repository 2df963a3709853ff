import assert from 'node:assert/strict';
import { EventEmitter } from 'node:events';
import fs from 'node:fs';
import path from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { addDays, localDate } from '../../src/linky/clock';
import { DATASETS } from '../../src/linky/types';
import {
  createLinkySimulator,
  type LinkyDialect,
  type LinkySimulator,
  type LinkySimulatorOptions,
} from '../../src/simulators/linky/simulator';
import { type AedesBroker, requireMosquitto, startAedes, startMosquitto } from '../support/broker';
import { brokerNode, errorProbe } from '../support/flows';
import { at, type FlowNode, MAJOR, type NodeRed, type Received, startNodeRed } from '../support/node-red';
import { until } from '../support/until';

const PDL = '12345678901234';
const OTHER = '00012345678901';
const TODAY = localDate(Date.now());
const YESTERDAY = addDays(TODAY, -1);
/** When the data of the day before are there, whatever the hour at which the tests run. */
const NOON = Date.parse(`${TODAY}T11:00:00Z`);

/** `linky` -> probe `readings`, what fails -> `errors`, statuses -> `statuses`. */
const consumption = (properties: object = {}): FlowNode[] => [
  { id: 'linky', type: 'linky-consumption', broker: 'broker', wires: [['readings']], ...properties },
  { id: 'readings', type: 'probe' },
  { id: 'status', type: 'status', scope: null, wires: [['statuses']] },
  { id: 'statuses', type: 'probe' },
  ...errorProbe(),
];

/** `command` -> probe `results`. */
const command = (properties: object = {}): FlowNode[] => [
  { id: 'command', type: 'linky-command', broker: 'broker', command: 'sync', wires: [['results']], ...properties },
  { id: 'results', type: 'probe' },
  ...errorProbe(),
];

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

const daily = (date: string, value: number, parts: object = {}): object => ({
  pdl: PDL,
  direction: 'consumption',
  dataset: 'consumption/daily',
  date,
  value,
  unit: 'kWh',
  timestamp: null,
  tariff: null,
  hc: null,
  hp: null,
  format: 'json',
  ...parts,
});

/** A whole day of 1 kW. */
const curve = (date: string): object => ({
  pdl: PDL,
  direction: 'consumption',
  dataset: 'consumption/detailed',
  date,
  interval: 60,
  slots: Array.from({ length: 24 }, (_, hour) => {
    const start = Date.parse(`${date}T00:00:00+01:00`) + hour * 3_600_000;
    return {
      start: new Date(start).toISOString(),
      end: new Date(start + 3_600_000).toISOString(),
      energy: 1,
      power: 1000,
    };
  }),
  total: 24,
  coverage: { slots: 24, expected: 24 },
  unit: { source: 'W', decidedBy: 'payload' },
});

/** A point of the charts of the example. */
interface Point {
  readonly meter: string;
  /** Of the daily charts. */
  readonly date?: string;
  readonly cost?: number;
  /** Of the half-hourly chart, ms. */
  readonly time?: number;
}

const VALUE_KEYS = 'pdl direction dataset date value unit timestamp tariff hc hp format'.split(' ');
const CURVE_KEYS = 'pdl direction dataset date interval slots total coverage unit'.split(' ');

const whoAndWhat = (message: Received): string =>
  ['pdl', 'dataset', 'format'].map((key) => (at(message, `payload.${key}`) as string | undefined) ?? '').join(' ');

const hasDataset =
  (dataset: string, pdl?: string) =>
  (message: Received): boolean =>
    at(message, 'payload.dataset') === dataset && (pdl === undefined || at(message, 'payload.pdl') === pdl);

/** What the log of Node-RED offers. */
interface Logging {
  readonly log: { addHandler(handler: EventEmitter): void };
}

describe(`nodes: a Linky meter in Node-RED ${MAJOR}`, function () {
  this.timeout(30_000);
  let red: NodeRed;
  let broker: AedesBroker;
  let simulators: LinkySimulator[] = [];
  /** All that Node-RED and its nodes write into the log. */
  let logged: string[] = [];
  const log = new EventEmitter().on('log', ({ msg }: { msg: unknown }) => void logged.push(String(msg)));

  before(async () => {
    red = await startNodeRed();
    const { default: runtime } = (await import(`node-red-${MAJOR}`)) as { default: Logging };
    runtime.log.addHandler(log);
  });
  after(() => red.stop());
  beforeEach(() => void (logged = []));
  afterEach('no meter number in the log or in a status', () => {
    const shown = red.received('statuses').map((message) => String(at(message, 'status.text')));
    for (const text of [...logged, ...shown]) assert.ok(!text.includes(PDL) && !text.includes(OTHER), text);
  });
  beforeEach(async () => {
    broker = await startAedes();
    simulators = [];
  });
  afterEach(async () => {
    await red.deploy([]);
    for (const simulator of simulators) await simulator.stop();
    await broker.stop();
  });

  const simulate = async (options: Partial<LinkySimulatorOptions> = {}): Promise<LinkySimulator> => {
    const simulator = createLinkySimulator({
      broker: broker.url,
      history: 5,
      startTime: Math.max(NOON, Date.now()),
      // Its status tells whole seconds: a sync must take some, of its own time.
      speed: 100,
      syncDuration: 3_000,
      ...options,
    });
    simulators.push(simulator);
    await simulator.start();
    return simulator;
  };
  const count = (id: string): number => red.received(id).length;
  /** The next message of a probe after sending something to a node. */
  const after1 = async (probe: string, node: string, message: object): Promise<Received> => {
    const before = count(probe);
    red.send(node, message);
    await until(() => count(probe) > before, `a message at ${probe}`);
    return red.received(probe)[before]!;
  };
  /** Resolves when a node has subscribed so many times; the status is the last of its filters. */
  const subscribed = (times: number): Promise<void> =>
    until(
      () => broker.subscribed.filter((filter) => filter === 'myelectricaldata/status').length === times,
      `${times} subscriptions`,
    );
  /** A new value, which shows that everything published before it has been dealt with. */
  const mark = async (value: number): Promise<void> => {
    const payload = JSON.stringify({ value, unit: 'kWh', date: YESTERDAY });
    await broker.publish(`myelectricaldata/${OTHER}/consumption/daily/hc`, payload);
    await red.next('readings', (message) => at(message, 'payload.value') === value);
  };

  describe('linky-consumption', () => {
    it('matrix 1: tells the retained readings of two meters, leading zeros kept', async () => {
      await simulate();
      await red.deploy([brokerNode(broker.port), ...consumption()]);
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
      await simulate({ format: 'simple' });
      await red.deploy([brokerNode(broker.port), ...consumption()]);
      const day = await red.next('readings', hasDataset('consumption/daily', PDL));
      assert.equal(typeof at(day, 'payload.value'), 'number');
      assert.deepEqual([at(day, 'payload.date'), at(day, 'payload.format')], [null, 'simple']);
      const detailed = await red.next('readings', hasDataset('consumption/detailed', PDL));
      assert.equal(at(detailed, 'payload.date'), YESTERDAY);
    });

    for (const format of ['json', 'simple'] as const) {
      it(`matrix 1: all twelve datasets of two meters in the ${format} format`, async () => {
        await simulate({ format });
        await red.deploy([brokerNode(broker.port), ...consumption()]);
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
        const simulator = await simulate({ dialect });
        await red.deploy([brokerNode(broker.port), ...consumption()]);
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
      await red.deploy([brokerNode(broker.port), ...consumption()]);
      await subscribed(1);
      const stats = (minute: number): string =>
        JSON.stringify({
          pdl: PDL,
          timestamp: `${YESTERDAY}T08:0${minute}:00`,
          yesterday_kwh: 0,
          this_month_kwh: 0,
          this_year_kwh: 0,
        });
      for (const minute of [1, 2, 3]) await broker.publish(`myelectricaldata/${PDL}/consumption/stats`, stats(minute));
      await mark(1);
      assert.equal(count('readings'), 1, 'the mark alone');
      const told = logged.filter((text) => text.includes('12…1234'));
      assert.equal(told.length, 2, `which dialect, and that it has no value: ${told.join(' | ')}`);
      assert.ok(
        told.some((text) => text.includes('every total is 0')),
        told.join(' | '),
      );
    });

    it('matrix 1: one meter and some datasets below a prefix with a slash, live', async () => {
      await red.deploy([
        brokerNode(broker.port),
        ...consumption({ prefix: 'energy/linky/', pdl: OTHER, datasets: ['consumption/daily', 'production/daily'] }),
      ]);
      await until(() => broker.subscribed.includes(`energy/linky/${OTHER}/production/daily`), 'the subscriptions');
      assert.ok(
        !broker.subscribed.some((filter) => /detailed|\/status|command|#/.test(filter)),
        String(broker.subscribed),
      );
      await simulate({ prefix: 'energy/linky' });
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
      await simulate();
      const nodes = [brokerNode(broker.port), ...consumption()];
      await red.deploy(nodes);
      await red.next('readings', hasDataset('status'));
      await mark(1);
      const before = count('readings');
      assert.ok(before > 10);
      await red.redeploy(nodes, 'full');
      await subscribed(2);
      await mark(2);
      assert.equal(count('readings'), before + 1, 'only the new one after a restart of the node');
      broker.cut();
      await subscribed(3);
      await mark(3);
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
      await red.deploy([brokerNode(broker.port), ...consumption()]);
      await subscribed(1);
      const topic = `myelectricaldata/${PDL}/max_power`;
      const peak = JSON.stringify({ value: 9.4, unit: 'kVA', date: YESTERDAY });
      await broker.publish(topic, peak, true);
      await red.next('readings', hasDataset('max_power'));
      await broker.stop();
      broker = await startAedes(broker.port);
      await broker.publish(topic, peak, true);
      await subscribed(1);
      await mark(1);
      assert.equal(red.received('readings').filter(hasDataset('max_power')).length, 1, 'no second alarm');
    });

    it('matrix 5: tells a repeated value again only if asked to, and a corrected one always', async () => {
      const simulator = await simulate();
      await red.deploy([
        brokerNode(broker.port),
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
      await red.deploy([brokerNode(broker.port), ...consumption()]);
      const topic = `myelectricaldata/${PDL}/consumption/daily`;
      await subscribed(1);
      for (const value of [11.5, 12.5]) {
        await broker.publish(topic, JSON.stringify({ pdl: OTHER, date: '2026-01-14', value }));
        const reading = await red.next('readings', (message) => at(message, 'payload.value') === value);
        assert.equal(at(reading, 'payload.pdl'), PDL);
      }
      assert.deepEqual(
        red.received('errors').map((message) => [at(message, 'error.code'), message['topic']]),
        [['BAD_PAYLOAD', topic]],
      );
    });

    it('matrix 2: reports what is unreadable once, without the meter number, and keeps the last good value', async () => {
      await red.deploy([brokerNode(broker.port), ...consumption()]);
      const topic = `myelectricaldata/${PDL}/consumption/daily`;
      await subscribed(1);
      await broker.publish(topic, '11.5');
      await red.next('readings');
      for (const junk of ['None', '11,5', '{"value":']) await broker.publish(topic, junk);
      await broker.publish(topic, '12.5');
      await red.next('readings', (message) => at(message, 'payload.value') === 12.5);
      assert.equal(count('errors'), 1);
      const [error] = red.received('errors');
      assert.equal(at(error, 'error.code'), 'BAD_PAYLOAD');
      assert.equal(at(error, 'topic'), topic);
      assert.ok(!String(at(error, 'error.message')).includes(PDL), String(at(error, 'error.message')));
      await broker.publish(topic, 'NaN');
      await red.next('errors', () => count('errors') === 2);
      const known = await after1('readings', 'linky', {});
      assert.equal(at(known, 'payload.value'), 12.5);
    });

    it('keeps its readings apart from what flows do with their messages', async () => {
      await red.deploy([brokerNode(broker.port), ...consumption()]);
      await subscribed(1);
      await broker.publish(`myelectricaldata/${PDL}/consumption/daily`, '11.5');
      const message = await red.next('readings');
      (message['payload'] as { value: number }).value = 0;
      assert.equal(at(await after1('readings', 'linky', {}), 'payload.value'), 11.5);
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
        await red.deploy([brokerNode(broker.port), ...consumption(properties)]);
        assert.equal(at(await red.next('errors'), 'error.code'), 'NOT_CONFIGURED');
      });
    }
  });

  describe('linky-command', () => {
    const status = (parts: object): string =>
      JSON.stringify({
        status: 'ok',
        last_sync: '2026-01-14T10:00:00Z',
        next_sync: '2026-01-14T11:00:00Z',
        pdl_count: 1,
        errors: [],
        ...parts,
      });
    const commands = (): AedesBroker['published'] =>
      broker.published.filter(({ topic }) => topic.includes('/command/'));
    /** The node has seen the retained status when it was told to a consumer of the same connection. */
    const deploy = async (properties: object = {}): Promise<void> => {
      await red.deploy([
        brokerNode(broker.port),
        ...command(properties),
        ...consumption({ datasets: ['status'] }).slice(0, 2),
      ]);
      await subscribed(1);
    };

    it('matrix 8: a sync is confirmed by a later last_sync, and never retained', async () => {
      await simulate();
      await deploy();
      const known = await red.next('readings');
      const result = await after1('results', 'command', { kept: true });
      assert.deepEqual(Object.keys(result['payload'] as object), ['command', 'outcome', 'elapsed', 'lastSync']);
      assert.deepEqual([at(result, 'payload.command'), at(result, 'payload.outcome')], ['sync', 'confirmed']);
      assert.ok(String(at(result, 'payload.lastSync')) > String(at(known, 'payload.lastSync')));
      assert.deepEqual(at(result, 'sync'), { mayBeScheduled: false, errors: [] });
      assert.equal(at(result, 'kept'), true);
      assert.deepEqual(commands(), [{ topic: 'myelectricaldata/command/sync', payload: '', retain: false, qos: 1 }]);
    });

    it('matrix 8: a status told again confirms nothing: sent, not confirmed, and never sent twice', async () => {
      await broker.publish('myelectricaldata/status', status({}), true);
      await deploy({ timeout: '1' });
      await red.next('readings');
      red.send('command', {});
      await until(() => commands().length === 1, 'the command');
      await broker.publish('myelectricaldata/status', status({}), true);
      const error = await red.next('errors');
      assert.equal(at(error, 'error.code'), 'TIMEOUT');
      assert.match(String(at(error, 'error.message')), /sent, not confirmed/);
      assert.equal(commands().length, 1);
      assert.deepEqual(red.received('results'), []);
    });

    it('matrix 8: without any status the time-out says so', async () => {
      await deploy({ timeout: '1' });
      red.send('command', {});
      assert.match(String(at(await red.next('errors'), 'error.message')), /sent, not confirmed.*never told a status/);
    });

    it('matrix 8: tells when a scheduled sync may have been the one', async () => {
      await broker.publish('myelectricaldata/status', status({}), true);
      await deploy();
      await red.next('readings');
      red.send('command', {});
      await until(() => commands().length === 1, 'the command');
      await broker.publish('myelectricaldata/status', status({ last_sync: '2026-01-14T11:00:01Z' }));
      assert.equal(at(await red.next('results'), 'sync.mayBeScheduled'), true);
    });

    it('matrix 8: a sync that failed is refused with the words of the client', async () => {
      const simulator = await simulate();
      await deploy();
      await red.next('readings');
      simulator.failNextSync(`quota reached for ${PDL}`);
      red.send('command', {});
      const error = await red.next('errors');
      assert.equal(at(error, 'error.code'), 'REFUSED');
      assert.match(String(at(error, 'error.cause.reply')), /quota reached for 12…1234/);
    });

    it('matrix 8: a reload, and a sync that need not be confirmed, are sent', async () => {
      await simulate();
      await deploy({ command: '', waitFor: 'sent' });
      await red.next('readings');
      for (const payload of ['reload', { command: 'sync' }]) {
        assert.equal(at(await after1('results', 'command', { payload }), 'payload.outcome'), 'sent');
      }
      await until(() => commands().length === 2, 'both commands');
      assert.deepEqual(
        commands().map(({ topic, retain }) => [topic, retain]),
        [
          ['myelectricaldata/command/reload', false],
          ['myelectricaldata/command/sync', false],
        ],
      );
      red.send('command', { payload: 'explode' });
      assert.equal(at(await red.next('errors'), 'error.code'), 'INVALID');
    });

    it('matrix 8: with the broker down it fails, and nothing is sent later', async () => {
      await deploy();
      await broker.stop();
      await red.next('errors', (message) => at(message, 'error.code') === 'NOT_CONNECTED');
      const error = await after1('errors', 'command', {});
      assert.equal(at(error, 'error.code'), 'NOT_CONNECTED');
      broker = await startAedes(broker.port);
      await until(() => broker.subscribed.includes('myelectricaldata/status'), 'the connection');
      await broker.publish('myelectricaldata/status', status({}));
      await red.next('readings');
      assert.deepEqual(commands(), []);
    });

    it('matrix 8: over MQTT 5 it knows when nobody is subscribed to the command', async function () {
      requireMosquitto(this);
      const mosquitto = await startMosquitto();
      try {
        await red.deploy([
          brokerNode(mosquitto.port),
          ...command(),
          ...consumption().slice(0, 2),
          { id: 'link', type: 'status', scope: ['command'], wires: [['states']] },
          { id: 'states', type: 'probe' },
        ]);
        await red.next('states', (message) => String(at(message, 'status.text')).includes('connected'));
        const error = await after1('errors', 'command', {});
        assert.equal(at(error, 'error.code'), 'REFUSED');
        assert.match(String(at(error, 'error.message')), /nobody is subscribed to myelectricaldata\/command\/sync/);
        await simulate({ broker: mosquitto.url });
        await red.next('readings', hasDataset('status'));
        assert.equal(at(await after1('results', 'command', {}), 'payload.outcome'), 'confirmed');
      } finally {
        await red.deploy([]);
        for (const simulator of simulators.splice(0)) await simulator.stop();
        await mosquitto.stop();
      }
    });
  });

  describe('linky-tariff and linky-cost', () => {
    it('prices the readings of a meter and adds them up', async () => {
      await simulate();
      await red.deploy([
        brokerNode(broker.port),
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
      const first = await after1('costs', 'cost', { payload: daily('2026-01-14', 10, { hc: 4, hp: 6 }), topic: 't' });
      assert.deepEqual([first['topic'], at(first, 'cost.total'), at(first, 'totals.month.days')], ['t', 1.6, 1]);
      await red.redeploy(nodes, 'full');
      const second = await after1('costs', 'cost', { payload: daily('2026-01-15', 10, { hc: 10, hp: 0 }) });
      assert.equal(at(second, 'totals.month.days'), 2);
      assert.deepEqual(at(second, 'totals.month.energy'), { hc: 14, hp: 6 });
      const again = await after1('costs', 'cost', { payload: daily('2026-01-15', 10, { hc: 10, hp: 0 }) });
      assert.deepEqual([at(again, 'totals.changed'), at(again, 'totals.month.days')], [false, 2]);
    });

    it('matrix 7: prices a day again when its colour comes, with any message, also after a restart', async () => {
      const nodes = cost(TEMPO);
      await red.deploy(nodes);
      red.send('cost', { colors: { '2026-01-13': 'BLUE' } });
      const partial = await after1('costs', 'cost', { payload: curve('2026-01-14'), topic: 'my/topic' });
      assert.deepEqual([at(partial, 'cost.complete'), at(partial, 'cost.unpriced')], [false, 18]);
      (partial['payload'] as { slots: unknown[] }).slots = [];
      await red.redeploy(nodes, 'full');
      const whole = await after1('costs', 'cost', { colors: { '2026-01-14': 'ROUGE' } });
      assert.deepEqual(
        ['topic', 'repriced', 'payload.date', 'cost.complete', 'cost.total', 'totals.month.total'].map((path) =>
          at(whole, path),
        ),
        ['my/topic', true, '2026-01-14', true, 17.6, 17.6],
      );
      assert.equal(count('costs'), 2, 'a message with colours alone goes no further');
    });

    it('tells a reading once that comes with its own colour', async () => {
      await red.deploy(cost(TEMPO));
      await after1('costs', 'cost', { payload: curve('2026-01-14') });
      const whole = await after1('costs', 'cost', {
        payload: curve('2026-01-14'),
        colors: { '2026-01-13': 'BLUE', '2026-01-14': 'RED' },
      });
      assert.deepEqual([whole['repriced'], at(whole, 'cost.complete')], [undefined, true]);
      await after1('costs', 'cost', { payload: daily('2026-01-14', 24) });
      assert.equal(count('costs'), 3);
    });

    it('takes the colours of an MQTT topic, and tells once when none can be read', async () => {
      await red.deploy([brokerNode(broker.port), ...cost(TEMPO, { broker: 'broker', colors: 'tempo/today' })]);
      await until(() => broker.subscribed.includes('tempo/today'), 'the subscription');
      await after1('costs', 'cost', { payload: curve('2026-01-14') });
      await broker.publish('tempo/today', '{"color":"BLUE","date":"2026-01-13"}');
      await broker.publish('tempo/today', '{"color":"RED","date":"2026-01-14"}');
      const whole = await red.next('costs', (message) => at(message, 'cost.complete') === true);
      assert.equal(whole['repriced'], true);
      for (const junk of ['UNKNOWN', 'PINK', '{"color":']) await broker.publish('tempo/today', junk);
      assert.equal(at(await red.next('errors'), 'error.code'), 'BAD_PAYLOAD');
      await broker.publish('tempo/today', 'BLUE');
      await broker.publish('tempo/today', 'PINK');
      await red.next('errors', () => count('errors') === 2);
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
        const error = at(await after1('errors', 'cost', message), 'error');
        assert.equal(at(error, 'code'), 'INVALID', what);
        assert.equal(at(error, 'cause.details.0.path'), path, what);
      }
      assert.deepEqual(red.received('costs'), []);
    });

    it('takes prices from environment variables', async () => {
      process.env['LINKY_TEST_PRICE'] = '0.25';
      try {
        const periods = [{ from: '', to: '', subscription: '', prices: { base: '${LINKY_TEST_PRICE}' }, offPeak: [] }];
        await red.deploy(
          cost({ option: 'BASE', periods: periods.map((period) => ({ ...period, subscription: null })) }),
        );
        assert.equal(at(await after1('costs', 'cost', { payload: daily('2026-01-14', 10) }), 'cost.total'), 2.5);
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
        await red.deploy([brokerNode(broker.port), ...cost(tariff, properties)]);
        assert.equal(at(await red.next('errors'), 'error.code'), 'NOT_CONFIGURED');
        const again = await after1('errors', 'cost', { payload: daily('2026-01-14', 1) });
        assert.equal(at(again, 'error.code'), 'NOT_CONFIGURED');
      });
    }
  });

  /** The nodes of an example; what shows something is a probe. */
  const example = (name: string): FlowNode[] =>
    (JSON.parse(fs.readFileSync(path.join(process.cwd(), `examples/Linky/${name}.json`), 'utf8')) as FlowNode[])
      .filter(({ type }) => !['tab', 'ui-base', 'ui-theme', 'ui-page', 'ui-group'].includes(type))
      .map((node): FlowNode => {
        if (node.type === 'energy-broker') return { ...node, broker: '127.0.0.1', port: String(broker.port) };
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
    await until(() => broker.subscribed.some((filter) => filter.endsWith('/consumption/detailed')), 'the subscription');
    const simulator = await simulate({ history: 9 });
    await until(() => shows(power, 7) && shows(energy, 9) && shows(costs, 9), 'the charts');
    await simulator.stop();
    const before = charts.map(points);
    assert.ok(before[2]!.every(({ cost = 0 }) => cost > 0.5));
    for (const stopped of [false, true]) {
      if (stopped) await broker.stop();
      const seen = charts.map(count);
      await red.redeploy(nodes, 'full');
      await until(() => charts.every((id, i) => count(id) > seen[i]!), 'the charts again');
      assert.deepEqual(charts.map(points), before, stopped ? 'without a broker' : 'with the broker');
    }
    broker = await startAedes(broker.port);
  });

  it('the example works as it stands', async () => {
    await simulate();
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
