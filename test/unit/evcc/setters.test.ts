import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { SETTERS } from '../../../src/chargers/evcc/setters';
import { EnergyError } from '../../../src/shared/errors';
import { Loadpoint, answered, codeOf } from './support';

interface Documented {
  readonly scope: 'loadpoint' | 'site' | 'vehicle';
  readonly topic: string;
  readonly republished?: string;
  readonly since?: string;
  readonly needs?: string;
}

const file = path.join(process.cwd(), 'test/fixtures/evcc/topics.json');
const { settable } = JSON.parse(fs.readFileSync(file, 'utf8')) as { settable: readonly Documented[] };

function loadpoint(values: Readonly<Record<string, string>> = {}): Loadpoint {
  const lp = new Loadpoint().ready().values({ mode: 'pv', minCurrent: '6', maxCurrent: '16', ...values });
  lp.hear('vehicles/db:4/title', 'Car');
  return lp;
}

/** As `set` names a setter. */
function nameOf(topic: string): string {
  return topic
    .replace('loadpoints/{n}/', '')
    .replace('{name}', 'db:4')
    .replace(/\/set$/, '');
}

function payloadOf(lp: Loadpoint, topic: string, value: unknown): string | undefined {
  return lp.set(topic, value).steps[0]?.publications[0]?.payload;
}

const FUTURE = '2026-11-22T06:30:00Z';
const FUTURE_SECONDS = String(Date.parse(FUTURE) / 1000);

/** For each setter: a value, its payload, and how evcc reads it back (measured on 0.313.2). */
const GOOD: Readonly<
  Record<string, readonly [value: unknown, payload: string, readback: readonly (readonly [string, string])[]]>
> = {
  mode: ['Now', 'now', [['loadpoints/1/mode', 'now']]],
  alwaysCharge: ['ON', 'on', [['loadpoints/1/alwaysCharge', 'on']]],
  phasesConfigured: [1, '1', [['loadpoints/1/phasesConfigured', '1']]],
  limitSoc: [80, '80', [['loadpoints/1/limitSoc', '80']]],
  minSoc: [20, '20', [['loadpoints/1/minSoc', '20']]],
  priority: [2, '2', [['loadpoints/1/priority', '2']]],
  minCurrent: [8, '8', [['loadpoints/1/minCurrent', '8']]],
  maxCurrent: ['10.5', '10.5', [['loadpoints/1/maxCurrent', '10.5']]],
  limitEnergy: [12.5, '12.5', [['loadpoints/1/limitEnergy', '12.5']]],
  enableThreshold: [
    -1000,
    '-1000',
    [
      ['loadpoints/1/disableThreshold', '0'],
      ['loadpoints/1/enableThreshold', '-1000'],
    ],
  ],
  disableThreshold: [200, '200', [['loadpoints/1/disableThreshold', '200']]],
  enableDelay: [90, '90', [['loadpoints/1/enableDelay', '90']]],
  disableDelay: [200, '200', [['loadpoints/1/disableDelay', '200']]],
  smartCostLimit: [0.25, '0.25', [['loadpoints/1/smartCostLimit', '0.25']]],
  smartFeedInPriorityLimit: [0, '0', [['loadpoints/1/smartFeedInPriorityLimit', '0']]],
  batteryBoost: [true, 'true', [['loadpoints/1/batteryBoost', 'true']]],
  batteryBoostLimit: [50, '50', [['loadpoints/1/batteryBoostLimit', '50']]],
  planStrategy: [
    { continuous: true, precondition: 1800 },
    '{"continuous":true,"precondition":1800}',
    [
      ['loadpoints/1/planStrategy/continuous', 'true'],
      ['loadpoints/1/planStrategy/precondition', '1800'],
    ],
  ],
  planEnergy: [
    { time: FUTURE, value: 7.5 },
    `{"time":"${FUTURE}","value":7.5}`,
    [
      ['loadpoints/1/planTime', FUTURE_SECONDS],
      ['loadpoints/1/planEnergy', '7.5'],
    ],
  ],
  vehicle: [
    'db:4',
    'db:4',
    [
      ['loadpoints/1/vehicleTitle', 'Car'],
      ['loadpoints/1/vehicleName', 'db:4'],
    ],
  ],
  'site/prioritySoc': [40, '40', [['site/prioritySoc', '40']]],
  'site/bufferSoc': [50, '50', [['site/bufferSoc', '50']]],
  'site/bufferStartSoc': [80, '80', [['site/bufferStartSoc', '80']]],
  'site/residualPower': [100, '100', [['site/residualPower', '100']]],
  'site/gridExportLimit': [5000, '5000', [['site/gridExportLimit', '5000']]],
  'site/batteryDischargeControl': ['1', 'true', [['site/batteryDischargeControl', 'true']]],
  'site/batteryGridDischarge': ['f', 'false', [['site/batteryGridDischarge', 'false']]],
  'site/solarAdjusted': [true, 'true', [['site/solarAdjusted', 'true']]],
  'site/smartCostLimit': [0.2, '0.2', [['loadpoints/1/smartCostLimit', '0.2']]],
  'site/smartFeedInPriorityLimit': [0.05, '0.05', [['loadpoints/1/smartFeedInPriorityLimit', '0.05']]],
  'site/batteryGridChargeLimit': [0.15, '0.15', [['site/batteryGridChargeLimit', '0.15']]],
  'site/batteryMode': ['Hold', 'hold', [['site/batteryModeExternal', 'hold']]],
  'vehicles/db:4/minSoc': [20, '20', [['vehicles/db:4/minSoc', '20']]],
  'vehicles/db:4/limitSoc': [90, '90', [['vehicles/db:4/limitSoc', '90']]],
  'vehicles/db:4/planSoc': [
    { time: FUTURE, value: 80 },
    `{"time":"${FUTURE}","value":80}`,
    [
      ['vehicles/db:4/plan/soc', '80'],
      ['vehicles/db:4/plan/time', FUTURE_SECONDS],
    ],
  ],
  'vehicles/db:4/planStrategy': [
    { continuous: false, precondition: 900 },
    '{"continuous":false,"precondition":900}',
    [
      ['vehicles/db:4/planStrategy/continuous', 'false'],
      ['vehicles/db:4/planStrategy/precondition', '900'],
    ],
  ],
};

describe('the 36 setters of evcc', () => {
  it('are all there, each once', () => {
    assert.equal(settable.length, 36);
    const ours = SETTERS.map(({ scope, topic }) => `${scope} ${topic}`);
    const theirs = settable.map(({ scope, topic }) => `${scope} ${topic.split('/').at(-2) ?? ''}`);
    assert.deepEqual(ours, theirs);
  });

  for (const { scope, topic, republished, since, needs } of settable) {
    const name = nameOf(topic);
    const own = SETTERS.find((each) => each.scope === scope && topic.endsWith(`/${each.topic}/set`));

    it(`${name}: what it needs and how it answers`, () => {
      assert.equal(own?.answersAlways ?? false, /on success|on every success/.test(republished ?? ''));
      assert.equal(own?.needs, needs?.replace(/^a /, ''));
      const first = { '>0.313.2': '0.313.3' }[since ?? ''] ?? since;
      // the older name of phasesConfigured is sent to older versions
      assert.equal(own?.since, name === 'phasesConfigured' ? undefined : first);
    });

    const [value, payload, readback] = GOOD[name] ?? [];
    it(`${name}: a good value goes out as ${String(payload)} and is confirmed by its readback`, () => {
      const lp = loadpoint(name === 'alwaysCharge' ? { mode: 'smart', alwaysCharge: 'off' } : {});
      lp.hear('site/version', name === 'alwaysCharge' || name === 'site/gridExportLimit' ? '0.316.0' : '0.313.2');
      const exchange = lp.set(name, value);
      const base = topic.replace('{n}', '1').replace('{name}', 'db:4');
      assert.deepEqual(exchange.steps[0]?.publications, [{ topic: `evcc/${base}`, payload }]);
      assert.equal(answered(lp, exchange, [[base, '']]), 'refused', 'an acknowledgement alone is no success');
      assert.equal(answered(lp, lp.set(name, value), [...(readback ?? []), [base, '']]), 'confirmed', 'readback first');
      const again = loadpoint(name === 'alwaysCharge' ? { mode: 'smart', alwaysCharge: 'off' } : {});
      assert.equal(
        answered(again, again.set(name, value), [[base, ''], ...(readback ?? [])]),
        'confirmed',
        'readback last',
      );
      const silent = again.set(name, value);
      const silence = own?.answersAlways ? 'refused' : 'unchanged';
      assert.equal(answered(again, silent, [[base, '']]), silence, 'in force already');
      assert.equal(answered(again, silent, []), 'timeout');
    });
  }

  const refused: readonly (readonly [topic: string, values: readonly unknown[]])[] = [
    ['limitSoc', ['80.5', 80.5, '80 %', ' 80', '', '0x50', -1, 101, 150, null, true, NaN, Infinity, {}]],
    ['minSoc', [101, '1e3']],
    ['priority', [-1, 11]],
    ['maxCurrent', ['12,5', 0, -4, 81, 'NaN', 'Inf', '10 A']],
    ['limitEnergy', [-3, 'none', null]],
    ['enableDelay', ['60s', '1m', -1, 1.5]],
    ['smartCostLimit', ['off', 'None', 'NULL', '', true]],
    ['batteryBoost', ['on', 'off', 'yes', 2, 'tRUE', null]],
    ['mode', ['turbo', ' now', '"now"', 1, '']],
    ['alwaysCharge', [true, 'true', 1, 'always']],
    ['phasesConfigured', [2, '1.5', 'auto', null]],
    [
      'planStrategy',
      [
        '[]',
        [],
        { continuous: 'true', precondition: 0 },
        { continuous: true, precondition: 1.5 },
        { other: 1 },
        'x',
        {},
      ],
    ],
    [
      'planEnergy',
      [
        'none',
        '-',
        1795278876,
        { time: FUTURE },
        { time: FUTURE, value: '7' + 'x' },
        { value: 7 },
        { time: 1795278876, value: 7 },
        { time: '2024-01-01T00:00:00Z', value: 3 },
        { time: '2026-12-24 06:30', value: 3 },
        { time: '2027-02-31T06:30:00Z', value: 3 },
        { time: '2027-02-01T06:30:00', value: 3 },
        { time: FUTURE, value: 0 },
        { time: FUTURE, value: 3, soc: 4 },
        {},
      ],
    ],
    ['vehicle', ['Car', 3, 'nosuch', 'a b', '']],
    ['site/batteryMode', ['bogus', 1, true]],
    ['site/prioritySoc', [150, -1]],
    ['site/gridExportLimit', [-1]],
    ['vehicles/db:4/minSoc', [101, '20.5']],
    ['vehicles/db:4/planSoc', [{ time: FUTURE, value: 80.5 }, { time: FUTURE, value: 101 }, 'none']],
    ['vehicles/nosuch/minSoc', [20]],
    ['vehicles/a b/minSoc', [20]],
    ['title', ['x']],
    ['batteryboost', [true]],
    ['site/mode', ['now']],
    ['vehicles/db:4/mode', ['now']],
    ['loadpoints/1/mode', ['now']],
    ['', ['now']],
    ['mode/#', ['now']],
  ];
  for (const [topic, values] of refused) {
    for (const value of values) {
      it(`refuses ${topic} = ${JSON.stringify(value)}`, () => {
        const lp = loadpoint();
        assert.throws(
          () => lp.set(topic, value),
          (error: unknown) =>
            error instanceof EnergyError && error.code === 'INVALID' && (error.cause.details?.length ?? 0) > 0,
        );
      });
    }
  }

  const forms: readonly (readonly [topic: string, value: unknown, payload: string])[] = [
    ['limitSoc', '+80', '80'],
    ['limitSoc', -0, '0'],
    ['limitSoc/set', 80, '80'],
    ['maxCurrent', '.105e2', '10.5'],
    ['smartCostLimit', null, '-'],
    ['smartCostLimit', 'none', 'none'],
    ['smartCostLimit', '-', '-'],
    ['vehicle', null, '-'],
    ['vehicle', 'nil', 'nil'],
    ['site/batteryMode', null, '-'],
    ['site/batteryMode', 'unknown', 'unknown'],
    ['planEnergy', null, 'null'],
    ['planEnergy', 'null', 'null'],
    ['planEnergy', '{"time":"2026-11-22T07:30:00.9+01:00","value":7}', `{"time":"${FUTURE}","value":7}`],
    ['planStrategy', null, 'null'],
    ['batteryBoost', 'F', 'false'],
    ['mode', 'MinPV', 'minpv'],
  ];
  for (const [topic, value, payload] of forms) {
    it(`writes ${topic} = ${JSON.stringify(value)} as ${payload}`, () => {
      assert.equal(payloadOf(loadpoint(), topic, value), payload);
    });
  }

  it('sends a field of a strategy that the caller left out as it is in force', () => {
    const lp = loadpoint({ 'planStrategy/continuous': 'true', 'planStrategy/precondition': '900' });
    assert.equal(payloadOf(lp, 'planStrategy', { precondition: 60 }), '{"continuous":true,"precondition":60}');
    assert.equal(
      codeOf(() => loadpoint().set('planStrategy', { precondition: 60 })),
      'INVALID',
    );
  });

  it('names the spelling that was meant', () => {
    assert.throws(() => loadpoint().set('batteryboost', true), /batteryBoost/);
  });
});

describe('what evcc needs for a set (2.4)', () => {
  type Site = Readonly<Record<string, string>>;
  const cases: readonly (readonly [
    why: string,
    code: string | undefined,
    set: readonly [string, unknown],
    values: Readonly<Record<string, string>>,
    site?: Site,
  ])[] = [
    ['a maximum below the minimum', 'INVALID', ['maxCurrent', 5], {}],
    ['a minimum above the maximum', 'INVALID', ['minCurrent', 20], {}],
    ['a minimum as high as the maximum', undefined, ['minCurrent', 16], {}],
    ['automatic phases without a switch', 'UNSUPPORTED', ['phasesConfigured', 0], { chargerPhases1p3p: 'false' }],
    ['automatic phases with a switch', undefined, ['phasesConfigured', 0], { chargerPhases1p3p: 'true' }],
    ['three phases on a single-phase charger', 'UNSUPPORTED', ['phasesConfigured', 3], { chargerSinglePhase: 'true' }],
    ['a boost in mode now', 'REFUSED', ['batteryBoost', true], { mode: 'now' }],
    ['the end of a boost in mode now', undefined, ['batteryBoost', false], { mode: 'now' }],
    ['smart in the old generation', 'UNSUPPORTED', ['mode', 'smart'], { mode: 'pv' }],
    ['alwaysCharge in the old generation', 'UNSUPPORTED', ['alwaysCharge', 'on'], { mode: 'minpv' }],
    ['alwaysCharge by version alone', 'UNSUPPORTED', ['alwaysCharge', 'on'], { mode: 'off' }, { version: '0.315.9' }],
    ['alwaysCharge of an unknown version', undefined, ['alwaysCharge', 'on'], { mode: 'off' }, { version: '0.0.0' }],
    [
      'alwaysCharge of a nightly build',
      undefined,
      ['alwaysCharge', 'on'],
      { mode: 'off' },
      { version: '0.315.0 (1a2b3c)' },
    ],
    ['smart in the new generation', undefined, ['mode', 'smart'], { mode: 'smart', alwaysCharge: 'on' }],
    [
      'alwaysCharge of a heat pump',
      'UNSUPPORTED',
      ['alwaysCharge', 'once'],
      { mode: 'smart', alwaysCharge: 'off', chargerFeatureContinuous: 'true' },
    ],
    ['a setter newer than the version', 'UNSUPPORTED', ['site/gridExportLimit', 1], {}, { version: '0.313.2' }],
    [
      'a setter whose value is published',
      undefined,
      ['site/gridExportLimit', 1],
      {},
      { version: '0.313.2', gridExportLimit: '0' },
    ],
    ['a battery limit without a battery', 'UNSUPPORTED', ['site/prioritySoc', 20], {}, { 'battery/devices': '0' }],
    ['a battery limit where nothing is known', undefined, ['site/prioritySoc', 20], {}],
    ['a battery of before 0.301', undefined, ['site/prioritySoc', 20], {}, { battery: '1' }],
    [
      'a battery mode without control',
      'UNSUPPORTED',
      ['site/batteryMode', 'hold'],
      {},
      { 'battery/devices': '2', 'battery/devices/1/controllable': 'false', 'battery/devices/2/controllable': 'false' },
    ],
    [
      'a battery mode with one controllable battery',
      undefined,
      ['site/batteryMode', 'hold'],
      {},
      { 'battery/devices': '2', 'battery/devices/1/controllable': 'false', 'battery/devices/2/controllable': 'true' },
    ],
    ['a priority above the buffer', 'INVALID', ['site/prioritySoc', 60], {}, { bufferSoc: '50' }],
    ['a priority with the buffer off', undefined, ['site/prioritySoc', 60], {}, { bufferSoc: '0' }],
    ['a buffer above its start', 'INVALID', ['site/bufferSoc', 90], {}, { bufferStartSoc: '80', prioritySoc: '40' }],
    ['a buffer below the priority', 'INVALID', ['site/bufferSoc', 30], {}, { bufferStartSoc: '80', prioritySoc: '40' }],
    ['no buffer', undefined, ['site/bufferSoc', 0], {}, { bufferStartSoc: '80', prioritySoc: '40' }],
    ['a start below the buffer', 'INVALID', ['site/bufferStartSoc', 40], {}, { bufferSoc: '50' }],
  ];
  for (const [why, code, [topic, value], values, site] of cases) {
    it(`${code === undefined ? 'sends' : `is ${code} for`} ${why}`, () => {
      const lp = loadpoint(values);
      for (const [key, payload] of Object.entries(site ?? {})) lp.hear(`site/${key}`, payload);
      assert.equal(
        codeOf(() => lp.set(topic, value)),
        code,
      );
    });
  }

  it('never asks for more than the charger is configured for, by whichever command', () => {
    const lp = new Loadpoint({ maxCurrent: 10 }).ready();
    assert.equal(
      codeOf(() => lp.plan('setCurrent', { current: 11 })),
      'INVALID',
    );
    assert.equal(
      codeOf(() => lp.set('maxCurrent', 11)),
      'INVALID',
    );
    assert.equal(
      codeOf(() => lp.set('maxCurrent', 10)),
      undefined,
    );
  });

  it('sends to a vehicle that nothing is known of as long as no vehicle is known', () => {
    const lp = new Loadpoint().ready();
    assert.equal(
      codeOf(() => lp.set('vehicles/car/minSoc', 20)),
      undefined,
    );
    assert.equal(
      codeOf(() => lp.set('vehicle', 'car')),
      undefined,
    );
  });
});
