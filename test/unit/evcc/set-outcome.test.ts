import assert from 'node:assert/strict';
import { answered, loadpoint, message } from './support';

const TIME = '2026-11-22T06:30:00Z';

describe('evcc outcome of a set (2.2)', () => {
  const set = 'loadpoints/1/limitSoc/set';

  it('is no success by the cleanup, whose empty message has QoS 0', () => {
    const lp = loadpoint();
    assert.equal(answered(lp, lp.plan('setLimit', { type: 'soc', value: 80 }), [[set, '', 0]]), 'timeout');
    const cost = loadpoint({ smartCostLimit: '0.2' });
    const cleanup = ['loadpoints/1/smartCostLimit', '', 0] as const;
    assert.equal(answered(cost, cost.set('smartCostLimit', null), [cleanup]), 'timeout');
  });

  it('is no success by replayed messages', () => {
    const lp = loadpoint();
    const [step] = lp.plan('setLimit', { type: 'soc', value: 80 }).steps;
    const replay = message('evcc/loadpoints/1/limitSoc', '80', { retained: true });
    lp.fold(replay);
    assert.equal(step?.judge?.(replay), undefined);
    assert.equal(step?.judge?.(message(`evcc/${set}`, '', { retained: true })), undefined);
  });

  it('compares numbers with the tolerance of three decimals', () => {
    const lp = loadpoint();
    assert.equal(answered(lp, lp.set('maxCurrent', 10.12345), [['loadpoints/1/maxCurrent', '10.123']]), 'confirmed');
    assert.equal(answered(lp, lp.set('smartCostLimit', 0.0001), [['loadpoints/1/smartCostLimit', '0']]), 'confirmed');
    assert.equal(answered(lp, lp.set('maxCurrent', 11.2), [['loadpoints/1/maxCurrent', '11.201']]), 'timeout');
  });

  it('is not confirmed by neighbours that come along', () => {
    const lp = loadpoint();
    const neighbours = [
      ['loadpoints/1/batteryBoost', 'false'],
      ['loadpoints/1/chargePower', '3680'],
      ['loadpoints/1/mode', 'pv'],
    ] as const;
    assert.equal(answered(lp, lp.plan('start'), neighbours), 'timeout');
  });

  it('is confirmed at once by a readback without an acknowledgement yet', () => {
    const lp = loadpoint();
    assert.equal(answered(lp, lp.plan('start'), [['loadpoints/1/mode', 'now']]), 'confirmed');
  });

  it('is confirmed by the acknowledgement when the value came into force before the set went out', () => {
    const lp = loadpoint();
    const exchange = lp.plan('start');
    lp.values({ mode: 'now' });
    assert.equal(answered(lp, exchange, [['loadpoints/1/mode/set', '']]), 'confirmed');
  });

  it('waits one second for the readback, and then takes it for refused', () => {
    const [step] = loadpoint().plan('start').steps;
    assert.equal(step?.afterAccepted?.within, 1000);
    assert.equal(step.afterAccepted.then, 'refused');
    assert.match(step.afterSent?.hint ?? '', /0\.313\.2/);
  });

  it('does not wait where evcc is silent about what was in force; where it always answers, silence is a refusal', () => {
    const lp = loadpoint({ limitSoc: '80' });
    assert.deepEqual(lp.set('limitSoc', 80).steps[0]?.afterAccepted, { within: 0, then: 'unchanged' });
    const always = lp.set('phasesConfigured', 3);
    assert.deepEqual([always.steps[0]?.afterAccepted?.within, always.steps[0]?.afterAccepted?.then], [1000, 'refused']);
    assert.equal(answered(lp, always, [['loadpoints/1/phasesConfigured', '3']]), 'unchanged');
  });

  const cleared: readonly (readonly [
    string,
    unknown,
    Readonly<Record<string, string>>,
    readonly (readonly [string, string])[],
  ])[] = [
    ['smartCostLimit', null, { 'loadpoints/1/smartCostLimit': '0.2' }, [['loadpoints/1/smartCostLimit', '']]],
    ['site/smartCostLimit', null, { 'loadpoints/1/smartCostLimit': '0.2' }, [['loadpoints/1/smartCostLimit', '']]],
    [
      'site/batteryGridChargeLimit',
      'none',
      { 'site/batteryGridChargeLimit': '0.15' },
      [['site/batteryGridChargeLimit', '']],
    ],
    ['site/batteryMode', 'none', { 'site/batteryModeExternal': 'hold' }, [['site/batteryModeExternal', 'unknown']]],
    [
      'vehicle',
      '-',
      { 'loadpoints/1/vehicleName': 'db:4' },
      [
        ['loadpoints/1/vehicleTitle', ''],
        ['loadpoints/1/vehicleName', ''],
      ],
    ],
    ['vehicles/db:4/minSoc', 0, { 'vehicles/db:4/minSoc': '20' }, [['vehicles/db:4/minSoc', '']]],
    [
      'vehicles/db:4/planSoc',
      null,
      { 'vehicles/db:4/plan/soc': '80', 'vehicles/db:4/plan/time': '1795278876' },
      [['vehicles/db:4/plan', '']],
    ],
    [
      'planEnergy',
      null,
      { 'loadpoints/1/planEnergy': '7.5', 'loadpoints/1/planTime': '1795278876' },
      [
        ['loadpoints/1/planTime', ''],
        ['loadpoints/1/planEnergy', '0'],
      ],
    ],
  ];
  for (const [topic, value, before, readback] of cleared) {
    it(`confirms ${topic} = ${JSON.stringify(value)} by ${readback.map(([key, text]) => `${key} "${text}"`).join(', ')} (2.3)`, () => {
      const lp = loadpoint();
      for (const [key, payload] of Object.entries(before)) lp.hear(key, payload);
      assert.equal(answered(lp, lp.set(topic, value), readback), 'confirmed');
    });
  }

  it('confirms a plan only when both its parts are there', () => {
    const lp = loadpoint();
    const exchange = lp.plan('plan', { time: TIME, energy: 7500 });
    assert.equal(answered(lp, exchange, [['loadpoints/1/planEnergy', '7.5']]), 'timeout');
    assert.equal(answered(lp, exchange, [['loadpoints/1/planTime', String(Date.parse(TIME) / 1000)]]), 'confirmed');
  });

  it('deletes a plan whose subtree is stale: evcc answers by the parent', () => {
    const lp = loadpoint();
    lp.hear('vehicles/db:4/plan/soc', '80', { retained: true });
    lp.hear('vehicles/db:4/plan/time', '1795278876', { retained: true });
    const answers = [
      ['vehicles/db:4/planSoc/set', ''],
      ['vehicles/db:4/plan', ''],
    ] as const;
    assert.equal(answered(lp, lp.plan('plan.clear', { vehicle: 'db:4' }), answers), 'confirmed');
  });
});
