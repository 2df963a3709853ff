import assert from 'node:assert/strict';
import { type LoadpointConfig } from '../../../../src/simulators/evcc/config';
import { type EvccProfile } from '../../../../src/simulators/evcc/version';
import { Bench, readable } from './support';

const FUTURE = '2026-06-22T06:00:00Z';
const FUTURE_UNIX = String(Date.parse(FUTURE) / 1000);

/** Commands one after the other, and what each is answered with: topics and payloads, {} = only acknowledged, undefined = no such setter. */
type Script = readonly [topic: string, payload: string, readback: Record<string, string> | undefined][];

const LOADPOINTS: readonly LoadpointConfig[] = [
  { title: 'Carport', phaseSwitching: true, currents: true, vehicle: 'golf' },
  { title: 'Garage', phases: 1, mode: 'off' },
  {
    title: 'Heat pump',
    features: ['Heating', 'Continuous', 'SwitchDevice'],
    heating: { temperature: 40, limit: 60, power: 2000 },
  },
];

function play(
  script: Script,
  profile: EvccProfile = '0.313',
  config: ConstructorParameters<typeof Bench>[0] = {},
): Bench {
  const bench = new Bench({ loadpoints: LOADPOINTS, ...config }, profile);
  bench.cycles(2);
  script.forEach(([topic, payload, expected], i) =>
    assert.deepEqual(bench.readback(topic, payload), expected, `${i + 1}: ${topic} ${payload}`),
  );
  return bench;
}

const lp = (n: number, values: Record<string, string>): Record<string, string> =>
  Object.fromEntries(Object.entries(values).map(([topic, value]) => [`loadpoints/${n}/${topic}`, value]));

const SCRIPTS: Readonly<
  Record<string, { script: Script; profile?: EvccProfile; config?: ConstructorParameters<typeof Bench>[0] }>
> = {
  'a zero-length payload, an unknown index, name or setter gets no answer at all': {
    script: [
      ['loadpoints/1/mode', '', undefined],
      ['loadpoints/9/mode', 'now', undefined],
      ['loadpoints/1/batteryboost', 'true', undefined],
      ['loadpoints/1/constructor', '1', undefined],
      ['vehicles/Golf/minSoc', '20', undefined],
      ['site/gridExportLimit', '5000', undefined],
      ['loadpoints/1/alwaysCharge', 'on', undefined],
    ],
  },
  'SoC, priority, energy and delay are not checked': {
    script: [
      ['loadpoints/1/limitSoc', '150', lp(1, { limitSoc: '150' })],
      ['loadpoints/1/limitEnergy', '-3', lp(1, { limitEnergy: '-3' })],
      ['loadpoints/1/batteryBoostLimit', '101', lp(1, { batteryBoostLimit: '101' })],
      ['loadpoints/1/enableDelay', '-1', lp(1, { enableDelay: '-1' })],
      ['loadpoints/1/minCurrent', '-4', lp(1, { minCurrent: '-4' })],
      ['site/prioritySoc', '150', { 'site/prioritySoc': '150' }],
    ],
  },
  'minimum and maximum current hold each other': {
    script: [
      ['loadpoints/1/minCurrent', '17', {}],
      ['loadpoints/1/maxCurrent', '5', {}],
      ['loadpoints/1/maxCurrent', '32', lp(1, { maxCurrent: '32' })],
      ['loadpoints/1/minCurrent', '17', lp(1, { minCurrent: '17' })],
    ],
  },
  'a limit of zero is not none': {
    script: [
      ['loadpoints/1/smartCostLimit', '0', lp(1, { smartCostLimit: '0' })],
      ['loadpoints/1/smartCostLimit', '-', lp(1, { smartCostLimit: '' })],
      ['loadpoints/1/smartCostLimit', 'none', {}],
    ],
  },
  'a set value is read back with three decimals': {
    script: [['loadpoints/1/limitEnergy', '0.0001', lp(1, { limitEnergy: '0' })]],
  },
  'phases: automatic only with a switching charger, never two, no more than wired; always answered': {
    script: [
      ['loadpoints/1/phasesConfigured', '0', lp(1, { phasesConfigured: '0' })],
      ['loadpoints/1/phasesConfigured', '2', {}],
      ['loadpoints/2/phasesConfigured', '0', {}],
      ['loadpoints/2/phasesConfigured', '3', {}],
      ['loadpoints/2/phasesConfigured', '1', lp(2, { phasesConfigured: '1' })],
      ['loadpoints/1/phases', '1', undefined],
    ],
  },
  'before 0.301.2 the setter is phases, read back as phasesConfigured': {
    profile: '0.301',
    script: [
      ['loadpoints/1/phases', '1', lp(1, { phasesConfigured: '1' })],
      ['loadpoints/1/phasesConfigured', '1', undefined],
    ],
  },
  'setters that 0.203 does not have': {
    profile: '0.203',
    script: [
      ['loadpoints/1/phases', '3', lp(1, { phasesConfigured: '3' })],
      ['loadpoints/1/minSoc', '20', undefined],
      ['loadpoints/1/batteryBoostLimit', '50', undefined],
      ['loadpoints/1/planStrategy', '{}', undefined],
      ['loadpoints/1/smartFeedInPriorityLimit', '1', undefined],
      ['site/solarAdjusted', 'true', undefined],
      ['site/batteryGridDischarge', 'true', undefined],
      ['site/batteryMode', 'hold', { 'site/batteryModeExternal': 'hold' }],
    ],
  },
  'a changed mode ends the boost; smart is refused before 0.316': {
    script: [
      ['loadpoints/1/batteryBoost', 'true', lp(1, { batteryBoost: 'true' })],
      ['loadpoints/1/mode', 'NOW', lp(1, { mode: 'now', batteryBoost: 'false' })],
      ['loadpoints/1/mode', 'now', {}],
      ['loadpoints/1/mode', 'smart', {}],
      ['loadpoints/1/mode', '"pv"', {}],
      ['loadpoints/1/mode', ' pv', {}],
      ['loadpoints/1/batteryBoost', 'true', {}],
    ],
  },
  '0.316: the old words mean smart, and are never read back': {
    profile: '0.316',
    script: [
      ['loadpoints/1/mode', 'minpv', lp(1, { alwaysCharge: 'on' })],
      ['loadpoints/1/mode', 'MinPV', {}],
      ['loadpoints/1/mode', 'now', lp(1, { mode: 'now', batteryBoost: 'false' })],
      ['loadpoints/1/mode', 'smart', lp(1, { mode: 'smart', batteryBoost: 'false' })],
      ['loadpoints/1/mode', 'pv', lp(1, { alwaysCharge: 'off' })],
      ['loadpoints/1/mode', 'off', lp(1, { mode: 'off', batteryBoost: 'false' })],
      ['loadpoints/1/mode', 'minpv', lp(1, { mode: 'smart', batteryBoost: 'false', alwaysCharge: 'on' })],
      ['loadpoints/1/batteryBoost', 'true', lp(1, { batteryBoost: 'true' })],
    ],
  },
  '0.316: alwaysCharge takes three words, no truth words, and not at a switched device': {
    profile: '0.316',
    script: [
      ['loadpoints/1/alwaysCharge', 'Once', lp(1, { alwaysCharge: 'once' })],
      ['loadpoints/1/alwaysCharge', 'once', {}],
      ['loadpoints/1/alwaysCharge', 'true', {}],
      ['loadpoints/1/alwaysCharge', '1', {}],
      ['loadpoints/3/alwaysCharge', 'on', {}],
      ['loadpoints/3/mode', 'now', lp(3, { mode: 'now', batteryBoost: 'false' })],
      ['loadpoints/3/mode', 'minpv', lp(3, { mode: 'smart', batteryBoost: 'false' })],
      ['site/gridExportLimit', '-1', {}],
      ['site/gridExportLimit', '5000', { 'site/gridExportLimit': '5000' }],
    ],
  },
  'battery SoC limits keep their order, 0 is off': {
    script: [
      ['site/prioritySoc', '60', { 'site/prioritySoc': '60' }],
      ['site/bufferSoc', '50', {}],
      ['site/bufferSoc', '60', { 'site/bufferSoc': '60' }],
      ['site/bufferStartSoc', '59.5', {}],
      ['site/bufferStartSoc', '90', { 'site/bufferStartSoc': '90' }],
      ['site/bufferSoc', '95', {}],
      ['site/prioritySoc', '70', {}],
      ['site/bufferSoc', '80', { 'site/bufferSoc': '80' }],
      ['site/bufferSoc', '0', { 'site/bufferSoc': '0' }],
    ],
  },
  'without a battery its setters only acknowledge': {
    config: { battery: null },
    script: [
      ['site/prioritySoc', '60', {}],
      ['site/bufferSoc', '60', {}],
      ['site/batteryMode', 'hold', {}],
      ['site/batteryDischargeControl', 'true', {}],
      ['site/batteryGridChargeLimit', '0.1', {}],
      ['site/residualPower', '-100', { 'site/residualPower': '-100' }],
    ],
  },
  'without control over the battery its modes only acknowledge, its SoC limits work': {
    config: { battery: { capacity: 10, power: 3000, soc: 50, controllable: false } },
    script: [
      ['site/prioritySoc', '60', { 'site/prioritySoc': '60' }],
      ['site/batteryMode', 'hold', {}],
      ['site/batteryDischargeControl', 'true', {}],
      ['site/batteryGridDischarge', 'true', {}],
    ],
  },
  'battery mode is read back as external, and repeats are silent': {
    script: [
      ['site/batteryMode', 'unknown', {}],
      ['site/batteryMode', 'Charge', { 'site/batteryModeExternal': 'charge' }],
      ['site/batteryMode', 'charge', {}],
      ['site/batteryMode', 'eco', {}],
      ['site/batteryMode', 'nil', { 'site/batteryModeExternal': 'unknown' }],
      ['site/batteryGridChargeLimit', 'none', {}],
    ],
  },
  'site limits set the loadpoints, of those that differ': {
    script: [
      ['loadpoints/2/smartCostLimit', '0.2', lp(2, { smartCostLimit: '0.2' })],
      ['site/smartCostLimit', '0.2', { ...lp(1, { smartCostLimit: '0.2' }), ...lp(3, { smartCostLimit: '0.2' }) }],
      ['site/smartCostLimit', 'off', {}],
    ],
  },
  'energy plan: past times are refused even to delete, the text null deletes, no time is taken': {
    script: [
      [
        'loadpoints/2/planEnergy',
        `{"time":"${FUTURE}","value":7.5}`,
        lp(2, { planEnergy: '7.5', planTime: FUTURE_UNIX }),
      ],
      ['loadpoints/2/planEnergy', `{"time":"${FUTURE}","value":7.5}`, {}],
      ['loadpoints/2/planEnergy', '{"time":"2024-01-01T00:00:00Z","value":0}', {}],
      ['loadpoints/2/planEnergy', 'none', {}],
      ['loadpoints/2/planEnergy', 'null', lp(2, { planEnergy: '0', planTime: '' })],
      ['loadpoints/2/planEnergy', '{"value":4}', lp(2, { planEnergy: '4', planTime: '' })],
    ],
  },
  'a strategy is replaced as a whole and always answered': {
    script: [
      [
        'loadpoints/2/planStrategy',
        '{"continuous":true,"precondition":1800}',
        lp(2, {
          'planStrategy/continuous': 'true',
          'planStrategy/precondition': '1800',
          'effectivePlanStrategy/continuous': 'true',
          'effectivePlanStrategy/precondition': '1800',
        }),
      ],
      [
        'loadpoints/2/planStrategy',
        '{"continuous":true}',
        lp(2, {
          'planStrategy/continuous': 'true',
          'planStrategy/precondition': '0',
          'effectivePlanStrategy/continuous': 'true',
          'effectivePlanStrategy/precondition': '0',
        }),
      ],
    ],
  },
};

describe('evcc simulator: setters', () => {
  for (const [name, { script, profile, config }] of Object.entries(SCRIPTS)) {
    it(name, () => void play(script, profile, config));
  }

  it('acknowledges good and bad payloads alike, with an empty message on the set topic', () => {
    const bench = new Bench();
    for (const payload of ['80', '80 %']) {
      assert.deepEqual(bench.set('loadpoints/1/limitSoc', payload)?.acknowledgement, {
        topic: 'loadpoints/1/limitSoc/set',
        payload: '',
      });
    }
  });

  it('gives an extra update to the loadpoint whose action a set needs, and to no other', () => {
    const bench = play([]);
    const update = (topic: string, payload: string): boolean => {
      const topics = bench.set(topic, payload)?.update.map((message) => message.topic) ?? [];
      assert.ok(!topics.includes('loadpoints/2/connected'));
      return topics.includes('loadpoints/1/connected');
    };
    assert.equal(update('loadpoints/1/mode', 'now'), true);
    assert.equal(update('loadpoints/1/limitSoc', '90'), true);
    assert.equal(update('loadpoints/1/maxCurrent', '20'), false);
    assert.equal(update('loadpoints/1/smartCostLimit', '0.1'), false);
    assert.equal(update('loadpoints/1/limitSoc', '90'), false);
  });

  it('shows new currents as effective in the next cycle of the loadpoint only', () => {
    const bench = play([['loadpoints/1/maxCurrent', '20', lp(1, { maxCurrent: '20' })]]);
    assert.equal(bench.tree.get('loadpoints/1/effectiveMaxCurrent'), '16');
    bench.cycles(1);
    assert.equal(bench.tree.get('loadpoints/1/effectiveMaxCurrent'), '20');
  });

  it('lets the external battery mode fall back 60 s after the last repetition, and the mode in the interval after it', () => {
    const bench = new Bench({ interval: 30 });
    bench.set('site/batteryMode', 'hold');
    bench.cycles(1);
    assert.equal(bench.tree.get('site/batteryMode'), 'hold');
    assert.deepEqual(bench.readback('site/batteryMode', 'hold'), {});
    assert.equal(bench.model.externalModeUntil, bench.now + 60_000);
    assert.deepEqual(bench.model.expireExternalMode(bench.now + 59_999), []);
    bench.now += 60_000;
    assert.deepEqual(readable(bench.keep(bench.model.expireExternalMode(bench.now))), {
      'site/batteryModeExternal': 'unknown',
    });
    assert.equal(bench.tree.get('site/batteryMode'), 'hold');
    bench.cycles(1);
    assert.equal(bench.tree.get('site/batteryMode'), 'normal');
    assert.equal(bench.model.externalModeUntil, null);
  });

  it('resets readings with another vehicle, takes over its mode, refuses titles', () => {
    const vehicles = [
      { name: 'golf', title: 'blue e-Golf', capacity: 36, soc: 62 },
      { name: 'zoe', title: 'white Zoe', capacity: 52, mode: 'now' },
    ] as const;
    const bench = new Bench({ loadpoints: LOADPOINTS, vehicles });
    assert.equal(bench.tree.get('loadpoints/1/vehicleSoc'), '62');
    const answer = bench.readback('loadpoints/1/vehicle', 'zoe') ?? {};
    for (const topic of ['vehicleSoc', 'vehicleRange', 'vehicleOdometer', 'vehicleLimitSoc'])
      assert.equal(answer[`loadpoints/1/${topic}`], '0');
    assert.equal(answer['loadpoints/1/vehicleName'], 'zoe');
    assert.equal(answer['loadpoints/1/mode'], 'now');
    assert.deepEqual(bench.readback('loadpoints/1/vehicle', 'white Zoe'), {});
    bench.cycles(3);
    assert.equal(bench.tree.get('loadpoints/1/vehicleSoc'), '50');
    assert.equal(bench.readback('loadpoints/1/vehicle', 'zoe')?.['loadpoints/1/vehicleSoc'], '50');
    const removed = bench.readback('loadpoints/1/vehicle', 'none') ?? {};
    assert.deepEqual([removed['loadpoints/1/vehicleName'], removed['loadpoints/1/vehicleTitle']], ['', '']);
  });

  it('answers every vehicle setter with all vehicles and the effective values of their loadpoints', () => {
    const bench = new Bench();
    bench.set('vehicles/golf/limitSoc', '80');
    const answer = bench.readback('vehicles/golf/limitSoc', '80') ?? {};
    assert.equal(answer['vehicles/golf/limitSoc'], '80');
    assert.equal(answer['vehicles/zoe/title'], 'white Zoe');
    assert.equal(answer['loadpoints/1/effectiveLimitSoc'], '80');
    assert.equal(bench.readback('vehicles/golf/limitSoc', '0')?.['vehicles/golf/limitSoc'], '');
  });

  it('leaves the stale children of a deleted vehicle plan retained', () => {
    const bench = new Bench();
    bench.set('vehicles/golf/planSoc', `{"time":"${FUTURE}","value":80}`);
    assert.deepEqual(
      ['effectivePlanId', 'effectivePlanSoc', 'effectivePlanTime'].map((topic) =>
        bench.tree.get(`loadpoints/1/${topic}`),
      ),
      ['1', '80', FUTURE_UNIX],
    );
    const answer = bench.readback('vehicles/golf/planSoc', 'null') ?? {};
    assert.equal(answer['vehicles/golf/plan'], '');
    assert.equal('vehicles/golf/plan/soc' in answer, false);
    assert.equal(bench.tree.get('vehicles/golf/plan/soc'), '80');
    assert.equal(bench.tree.get('loadpoints/1/effectivePlanId'), '0');
  });

  it('takes a vehicle plan without time, empty and yet in force', () => {
    const bench = new Bench();
    const answer = bench.readback('vehicles/golf/planSoc', '{"value":80}') ?? {};
    assert.equal(answer['vehicles/golf/plan'], '');
    assert.equal(answer['loadpoints/1/effectivePlanId'], '1');
    assert.equal(answer['loadpoints/1/effectivePlanTime'], '');
  });

  it('survives 20,000 random payloads on all its set topics', () => {
    const bench = new Bench();
    let seed = 1;
    const next = (below: number): number => (seed = (seed * 48_271) % 2_147_483_647) % below;
    const pieces = [
      '1',
      '-',
      '.',
      'e',
      '"',
      '{',
      '}',
      '[',
      ']',
      ':',
      'null',
      'true',
      'now',
      'value',
      'time',
      ',',
      '0x',
      '_',
      ' ',
      '\u0000',
      'é',
      '9'.repeat(40),
      '__proto__',
    ];
    const size = bench.tree.size;
    for (let i = 0; i < 20_000; i++) {
      const topic = bench.model.setTopics[next(bench.model.setTopics.length)] ?? '';
      const payload = Array.from({ length: 1 + next(5) }, () => pieces[next(pieces.length)] ?? '').join('');
      assert.ok(bench.set(topic.replace(/\/set$/, ''), payload));
    }
    const grown = [...bench.tree.keys()]
      .slice(size)
      .filter(
        (topic) =>
          !/plan|batteryModeExternal|batteryGridChargeLimit|chargeRemaining|connected|loadpoints\/2/.test(topic),
      );
    assert.deepEqual(grown, []);
  });
});
