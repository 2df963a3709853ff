import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import Ajv from 'ajv/dist/2020';
import { addDays, dayStart, HOUR } from '../../../../src/simulators/linky/calendar';
import type { CurveUnit, Dialect, PublisherOptions } from '../../../../src/simulators/linky/dialects/dialect';
import { documented } from '../../../../src/simulators/linky/dialects/documented';
import { exporter, exporterBatch } from '../../../../src/simulators/linky/dialects/exporter';
import { homeAssistant } from '../../../../src/simulators/linky/dialects/home-assistant';
import { importer } from '../../../../src/simulators/linky/dialects/importer';
import { Meter, type MeterOptions } from '../../../../src/simulators/linky/meter';

const PDL = '09876543210123';
const DATE = '2026-01-14';
const NOW = dayStart(addDays(DATE, 1)) + 10 * HOUR;

const schemas = JSON.parse(
  fs.readFileSync(path.join(process.cwd(), 'test/fixtures/simulators/linky/payload-schemas.json'), 'utf8'),
) as Record<string, object>;
const ajv = new Ajv({ strict: false });

function assertSchema(name: string, payload: unknown): void {
  const validate = ajv.compile(schemas[name] ?? false);
  assert.ok(
    validate(payload),
    `${name}: ${ajv.errorsText(validate.errors)} in ${JSON.stringify(payload).slice(0, 200)}`,
  );
}

interface Setup extends Partial<PublisherOptions> {
  readonly meter?: Partial<MeterOptions>;
  readonly date?: string;
}

/** One run of a dialect over one day of one meter: payloads by topic. */
function publish(dialect: Dialect, { meter: over = {}, date = DATE, ...options }: Setup = {}): Map<string, unknown> {
  const interval = options.interval ?? 30;
  const meter = new Meter({ pdl: PDL, solarPeak: 3000, ...over }, interval);
  const run = {
    options: {
      prefix: 'myelectricaldata',
      discoveryPrefix: 'homeassistant',
      format: 'json',
      curveUnit: 'kWh',
      tellsUnit: false,
      labels: 'start',
      tempo: false,
      interval,
      ...options,
    },
    now: dayStart(addDays(date, 1)) + 10 * HOUR,
    meters: [meter],
    days: new Map([[meter, [date]]]),
  } as const;
  const state = { lastSync: NOW, nextSync: NOW + HOUR, errors: [] };
  return new Map([...dialect.data(run), ...dialect.status(run, state)].map(({ topic, payload }) => [topic, payload]));
}

const DATASETS: readonly [string, string][] = [
  ['consumption/daily', 'energy_daily'],
  ['consumption/daily/hc', 'energy_part'],
  ['consumption/daily/hp', 'energy_part'],
  ['consumption/month', 'energy_month'],
  ['consumption/year', 'energy_year'],
  ['consumption/detailed', 'detailed'],
  ['max_power', 'max_power'],
  ['production/daily', 'energy_daily'],
  ['production/month', 'energy_month'],
  ['production/year', 'energy_year'],
  ['production/detailed', 'detailed'],
];

interface Curve {
  readonly interval: string;
  readonly unit?: string;
  readonly data: readonly { readonly time: string; readonly value: number | null }[];
}

interface Value {
  readonly value: number;
  readonly hc?: number;
  readonly hp?: number;
  readonly tariff?: string;
  readonly date: string;
}

describe('linky simulator: the documented tree', () => {
  const P = `myelectricaldata/${PDL}`;

  it('has the twelve topics, each payload as its schema says', () => {
    const published = publish(documented);
    assert.deepEqual(
      [...published.keys()].sort(),
      [...DATASETS.map(([tail]) => `${P}/${tail}`), 'myelectricaldata/status'].sort(),
    );
    for (const [tail, schema] of DATASETS) assertSchema(schema, published.get(`${P}/${tail}`));
    assertSchema('status', published.get('myelectricaldata/status'));
  });

  it('simple: bare numbers, but curves and status stay JSON', () => {
    const published = publish(documented, { format: 'simple' });
    for (const [tail, schema] of DATASETS) {
      const payload = published.get(`${P}/${tail}`);
      assertSchema(schema === 'detailed' ? 'detailed' : 'simple_number', payload);
    }
    assertSchema('status', published.get('myelectricaldata/status'));
    const json = publish(documented).get(`${P}/consumption/daily`) as Value;
    assert.equal(published.get(`${P}/consumption/daily`), String(json.value));
  });

  it('a prefix may contain slashes', () => {
    const topics = [...publish(documented, { prefix: 'energy/linky' }).keys()];
    assert.ok(topics.includes(`energy/linky/${PDL}/consumption/daily`));
    assert.ok(topics.includes('energy/linky/status'));
  });

  it('hc and hp come with a two-period tariff only, and add up', () => {
    const published = publish(documented);
    const { value, hc, hp, tariff } = published.get(`${P}/consumption/daily`) as Value;
    assert.equal(tariff, 'HC/HP');
    assert.equal(Number((hc! + hp!).toFixed(3)), value);
    const flat = publish(documented, { meter: { tariff: 'BASE' } });
    assert.deepEqual(Object.keys(flat.get(`${P}/consumption/daily`) as object).sort(), [
      'date',
      'pdl',
      'tariff',
      'timestamp',
      'unit',
      'value',
    ]);
    assert.equal(flat.has(`${P}/consumption/daily/hc`), false);
  });

  it('month and year are dated by the newest known day, also on the first of a month', () => {
    const published = publish(documented, { date: '2026-01-31' });
    const month = published.get(`${P}/consumption/month`) as Value;
    const year = published.get(`${P}/consumption/year`) as Value;
    assert.deepEqual([month.date, year.date, month.value], ['2026-01', '2026', year.value]);
    const daily = published.get(`${P}/consumption/daily`) as Value;
    assert.ok(month.value > 20 * daily.value);
  });

  const ratios: readonly [CurveUnit, number][] = [
    ['kWh', 1],
    ['kW', 2],
    ['Wh', 1000],
    ['W', 2000],
  ];
  for (const [curveUnit, ratio] of ratios)
    it(`detailed in ${curveUnit} adds up to ${ratio} times the day`, () => {
      const published = publish(documented, { curveUnit, tellsUnit: curveUnit === 'W' });
      const curve = published.get(`${P}/consumption/detailed`) as Curve;
      const daily = published.get(`${P}/consumption/daily`) as Value;
      const sum = curve.data.reduce((all, { value }) => all + (value ?? 0), 0);
      assert.ok(Math.abs(sum / daily.value / ratio - 1) < 0.005, String(sum / daily.value));
      assert.equal(curve.unit, curveUnit === 'W' ? 'W' : undefined);
      if (curveUnit === 'W') assert.ok(curve.data.every(({ value }) => Number.isInteger(value)));
    });

  const days: readonly [string, PublisherOptions['labels'], number][] = [
    ['2026-01-14', 'start', 48],
    ['2026-03-29', 'start', 46],
    ['2026-10-25', 'start', 50],
    ['2026-10-25', 'naive', 50],
    ['2026-10-25', 'collapsed', 48],
  ];
  for (const [date, labels, length] of days)
    it(`${date} with ${labels} labels has ${length} items`, () => {
      const curve = publish(documented, { date, labels }).get(`${P}/consumption/detailed`) as Curve;
      assert.equal(curve.data.length, length);
      assert.equal(curve.interval, '30min');
      assert.equal(curve.data[0]?.time, '00:00');
    });

  it('other intervals are told', () => {
    const curve = publish(documented, { interval: 10 }).get(`${P}/consumption/detailed`) as Curve;
    assert.deepEqual([curve.interval, curve.data.length], ['10min', 144]);
  });

  it('without a curve there is no detailed message, without panels no production', () => {
    const published = publish(documented, { meter: { solarPeak: 0, quirks: { [DATE]: { noCurve: true } } } });
    assert.ok(published.has(`${P}/consumption/daily`));
    assert.ok(![...published.keys()].some((topic) => topic.endsWith('/detailed') || topic.includes('/production/')));
  });

  it('tempo colours are an addition', () => {
    const published = publish(documented, { tempo: true });
    assertSchema('exporter_tempo', published.get('myelectricaldata/tempo/today'));
    assertSchema('exporter_tempo', published.get('myelectricaldata/tempo/tomorrow'));
    assertSchema('exporter_tempo_remaining', published.get('myelectricaldata/tempo/remaining'));
  });
});

describe('linky simulator: the newer exporters', () => {
  const P = `myelectricaldata/${PDL}`;

  it('stats and an online status, with local timestamps without offset', () => {
    const published = publish(exporter, { date: '2026-06-21' });
    assert.deepEqual(
      [...published.keys()],
      [`${P}/consumption/stats`, `${P}/production/stats`, 'myelectricaldata/status'],
    );
    for (const direction of ['consumption', 'production'])
      assertSchema('exporter_stats', published.get(`${P}/${direction}/stats`));
    assertSchema('exporter_status', published.get('myelectricaldata/status'));
    assert.match(
      (published.get(`${P}/consumption/stats`) as { timestamp: string }).timestamp,
      /^2026-06-22T10:00:00\.000000$/,
    );
  });

  it('a day that is late reads 0; without production of yesterday there is no production message', () => {
    const published = publish(exporter, { meter: { quirks: { [DATE]: { late: 2 } } } });
    assert.equal((published.get(`${P}/consumption/stats`) as { yesterday_kwh: number }).yesterday_kwh, 0);
    assert.equal(published.has(`${P}/production/stats`), false);
  });

  it('batches: Wh by day, W by slot, an October day short of an hour', () => {
    const published = publish(exporterBatch, { date: '2026-10-25' });
    const daily = published.get(`${P}/consumption/daily`) as {
      data: { date: string; value: number }[];
      records: number;
    };
    const detailed = published.get(`${P}/consumption/detailed`) as typeof daily;
    assertSchema('exporter_batch', daily);
    assertSchema('exporter_batch', detailed);
    assert.equal(daily.records, 7);
    assert.ok(daily.data.at(-1)!.value > 1000);
    assert.equal(detailed.records, 7 * 48);
    assert.equal(detailed.data.at(-1)?.date, '2026-10-25T23:30:00');
  });

  it('Home Assistant: config, state and attributes per entity, the bare word online', () => {
    const published = publish(homeAssistant, { tempo: true, discoveryPrefix: 'ha' });
    assert.equal(published.get('myelectricaldata/status'), 'online');
    const root = `ha/sensor/myelectricaldata_consumption/${PDL}`;
    const config = published.get(`${root}/config`) as Record<string, unknown>;
    assert.deepEqual(
      [config['stat_t'], config['json_attr_t'], config['unit_of_meas']],
      [`${root}/state`, `${root}/attributes`, 'kWh'],
    );
    const attributes = published.get(`${root}/attributes`) as { date: string; value_wh: number; history: unknown[] };
    assert.deepEqual([attributes.date, attributes.history.length], [DATE, 31]);
    assert.equal(published.get(`${root}/state`), String(Number((attributes.value_wh / 1000).toFixed(2))));
    assert.match(String(published.get('ha/sensor/myelectricaldata_rte/tempo_today/state')), /^(BLUE|WHITE|RED)$/);
    const days = published.get('ha/sensor/myelectricaldata_edf/tempo_days_blue/attributes');
    assert.equal((days as { remaining: number }).remaining, 0, 'counts future rows, of which there are none');
    assert.ok([...published.values()].every((payload) => typeof payload === 'object' || typeof payload === 'string'));
  });

  it('only the documented client listens to commands', () => {
    assert.deepEqual(
      [documented, exporter, exporterBatch, homeAssistant, importer].map(({ commands }) => commands),
      [true, false, false, false, false],
    );
  });
});

describe('linky simulator: the older importer', () => {
  const P = `myelectricaldata/${PDL}`;

  it('publishes bare values only, in Wh, kWh and euro', () => {
    const published = publish(importer, { tempo: true });
    assert.ok([...published.values()].every((payload) => typeof payload === 'string'));
    const year = `${P}/consumption/annual/current/thisYear`;
    const wh = Number(published.get(`${year}/base/Wh`));
    assert.equal(published.get(`${year}/base/kWh`), String(Number((wh / 1000).toFixed(2))));
    assert.equal(Number(published.get(`${year}/hc/Wh`)) + Number(published.get(`${year}/hp/Wh`)), wh);
    assert.equal(published.get(`${year}/dateBegin`), '2026-01-01');
    assert.equal(published.get(`${P}/consumption/annual/current/month/1/base/Wh`), String(wh));
    assert.ok(published.has(`${P}/production/linear/year/thisYear/base/euro`));
    assert.equal(published.has('myelectricaldata/status'), false);
  });

  it('names days in English and powers in VA', () => {
    const published = publish(importer);
    assert.equal(published.get(`${P}/power_max/Wednesday/date`), DATE);
    const value = Number(published.get(`${P}/power_max/Wednesday/value`));
    assert.ok(Number.isInteger(value) && value > 1000);
    assert.equal(published.get(`${P}/power_max/Wednesday/percentage_usage`), String(Math.round(value / 90)));
    assert.match(String(published.get(`${P}/power_max/Wednesday/event_hour`)), /^\d\d:\d\d:\d\d$/);
    assert.ok(published.has(`${P}/consumption/annual/current/week/Monday/hc/kWh`));
  });

  it('spells nothing and truth as Python does, and puts all Tempo energy into off-peak', () => {
    const published = publish(importer, { tempo: true });
    assert.equal(published.get(`${P}/status/ban`), 'False');
    assert.equal(published.get(`${P}/contract/last_activation_date`), 'None');
    assert.equal(published.get(`${P}/consumption/annual/current/thisMonth/tempo/BLUE_HP/Wh`), '0');
    assert.ok(Number(published.get(`${P}/consumption/annual/current/thisMonth/tempo/BLUE_HC/Wh`)) > 0);
    assert.match(String(published.get('myelectricaldata/tempo/color/today')), /^(BLUE|WHITE|RED)$/);
  });
});
