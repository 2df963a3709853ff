import assert from 'node:assert/strict';
import { COMMANDS } from '../../../src/shared/commands';
import { evcc } from '../../../src/chargers/evcc';
import type { ChargerCommand, CommandName } from '../../../src/shared/commands';
import type { Exchange } from '../../../src/mqtt/exchange-types';
import type { EnergyError } from '../../../src/shared/errors';
import { Loadpoint, answered, codeOf, message } from './support';

type Params = ChargerCommand['params'];

const old = { mode: 'pv', minCurrent: '6', maxCurrent: '16', limitSoc: '0', limitEnergy: '0', phasesConfigured: '3' };
const TIME = '2026-11-22T06:30:00Z';

function loadpoint(values: Readonly<Record<string, string>> = {}, version = '0.313.2'): Loadpoint {
  const lp = new Loadpoint().ready().values({ ...old, ...values });
  lp.hear('site/version', version);
  lp.hear('vehicles/db:4/title', 'Car');
  return lp;
}

function sent({ steps }: Exchange): readonly (readonly [string, string])[] {
  return steps.flatMap((step) => step.publications.map(({ topic, payload }) => [topic, payload] as const));
}

describe('evcc commands', () => {
  const good: readonly (readonly [CommandName, Params, readonly (readonly [string, string])[], unknown])[] = [
    ['start', {}, [['evcc/loadpoints/1/mode/set', 'now']], 'fast'],
    ['stop', {}, [['evcc/loadpoints/1/mode/set', 'off']], 'off'],
    ['setMode', { mode: 'off' }, [['evcc/loadpoints/1/mode/set', 'off']], 'off'],
    ['setMode', { mode: 'fast' }, [['evcc/loadpoints/1/mode/set', 'now']], 'fast'],
    ['setMode', { mode: 'surplus' }, [['evcc/loadpoints/1/mode/set', 'pv']], 'surplus'],
    ['setMode', { mode: 'min+surplus' }, [['evcc/loadpoints/1/mode/set', 'minpv']], 'min+surplus'],
    ['setCurrent', { current: 10 }, [['evcc/loadpoints/1/maxCurrent/set', '10']], 10],
    ['setCurrent', { current: 6.5 }, [['evcc/loadpoints/1/maxCurrent/set', '6.5']], 6.5],
    ['setPhases', { phases: 'auto' }, [['evcc/loadpoints/1/phasesConfigured/set', '0']], 'auto'],
    ['setPhases', { phases: 1 }, [['evcc/loadpoints/1/phasesConfigured/set', '1']], 1],
    [
      'setLimit',
      { type: 'energy', value: 12_500 },
      [['evcc/loadpoints/1/limitEnergy/set', '12.5']],
      { type: 'energy', value: 12_500 },
    ],
    ['setLimit', { type: 'soc', value: 80 }, [['evcc/loadpoints/1/limitSoc/set', '80']], { type: 'soc', value: 80 }],
    [
      'clearLimit',
      {},
      [
        ['evcc/loadpoints/1/limitSoc/set', '0'],
        ['evcc/loadpoints/1/limitEnergy/set', '0'],
      ],
      null,
    ],
    ['set', { topic: 'site/residualPower', value: 100 }, [['evcc/site/residualPower/set', '100']], 100],
    [
      'plan',
      { time: TIME, soc: 80, vehicle: 'db:4' },
      [['evcc/vehicles/db:4/planSoc/set', `{"time":"${TIME}","value":80}`]],
      { time: TIME, soc: 80, vehicle: 'db:4' },
    ],
    [
      'plan',
      { time: TIME, energy: 7500 },
      [['evcc/loadpoints/1/planEnergy/set', `{"time":"${TIME}","value":7.5}`]],
      { time: TIME, energy: 7500 },
    ],
    ['plan.clear', { vehicle: 'db:4' }, [['evcc/vehicles/db:4/planSoc/set', 'null']], null],
    ['plan.clear', {}, [['evcc/loadpoints/1/planEnergy/set', 'null']], null],
  ];
  for (const [command, params, publications, value] of good) {
    it(`${command} ${JSON.stringify(params)}`, () => {
      const exchange = loadpoint().plan(command, params);
      assert.deepEqual(sent(exchange), publications);
      assert.deepEqual(exchange.value, value);
    });
  }

  const bad: readonly (readonly [CommandName, Params, string])[] = [
    ['start', { mode: 'now' }, 'INVALID'],
    ['setCurrent', {}, 'INVALID'],
    ['setCurrent', { current: '10' }, 'INVALID'],
    ['setCurrent', { current: 5 }, 'INVALID'],
    ['setCurrent', { current: 81 }, 'INVALID'],
    ['setPhases', { phases: 2 }, 'INVALID'],
    ['setLimit', { type: 'energy', value: 0 }, 'INVALID'],
    ['setLimit', { type: 'soc', value: 101 }, 'INVALID'],
    ['setLimit', { type: 'soc', value: 80.5 }, 'INVALID'],
    ['setLimit', { type: 'time', value: 3600 }, 'UNSUPPORTED'],
    ['setLimit', { type: 'range', value: 100 }, 'UNSUPPORTED'],
    ['setMode', { mode: 'pv' }, 'INVALID'],
    ['setMode', { mode: 'normal' }, 'UNSUPPORTED'],
    ['setMode', { mode: 'eco' }, 'UNSUPPORTED'],
    ['plan', { time: TIME }, 'INVALID'],
    ['plan', { time: TIME, soc: 80 }, 'INVALID'],
    ['plan', { time: TIME, soc: 80, energy: 7500, vehicle: 'db:4' }, 'INVALID'],
    ['plan', { time: TIME, energy: 7500, vehicle: 'db:4' }, 'INVALID'],
    ['plan', { time: '2026-11-21T10:33:33Z', energy: 7500 }, 'INVALID'],
    ['plan', { time: '2027-01-01', energy: 7500 }, 'INVALID'],
    ['plan', { time: TIME, soc: 80, vehicle: 'Car' }, 'INVALID'],
    ['plan', { soc: 80, vehicle: 'db:4' }, 'INVALID'],
    ['get', {}, 'INVALID'],
    ['get', { topic: 'site/homePower' }, 'INVALID'],
    ['get', { topic: 'vehicles/nosuch/title' }, 'INVALID'],
    ['set', { topic: 'mode' }, 'INVALID'],
  ];
  for (const [command, params, code] of bad) {
    it(`${command} ${JSON.stringify(params)} is ${code}`, () => {
      assert.equal(
        codeOf(() => loadpoint().plan(command, params)),
        code,
      );
    });
  }

  for (const command of COMMANDS.filter((each) => !evcc.commands.has(each))) {
    it(`${command} is UNSUPPORTED`, () =>
      assert.equal(
        codeOf(() => loadpoint().plan(command)),
        'UNSUPPORTED',
      ));
  }

  it('knows its commands', () => {
    assert.deepEqual([...evcc.commands].sort(), [
      'clearLimit',
      'get',
      'plan',
      'plan.clear',
      'set',
      'setCurrent',
      'setLimit',
      'setMode',
      'setPhases',
      'start',
      'stop',
    ]);
  });

  it('refuses a SoC limit on a loadpoint that heats: its limit is a temperature', () => {
    const lp = loadpoint({ chargerFeatureHeating: 'true' });
    assert.equal(
      codeOf(() => lp.plan('setLimit', { type: 'soc', value: 55 })),
      'UNSUPPORTED',
    );
    assert.equal(
      codeOf(() => lp.set('limitSoc', 55)),
      undefined,
    );
  });

  const values: readonly (readonly [topic: string, value: unknown])[] = [
    ['mode', 'pv'],
    ['maxCurrent', 16],
    ['limitSoc', 0],
    ['connected', null],
    ['site/version', '0.313.2'],
    ['site/bufferSoc', null],
    ['vehicles/db:4/title', 'Car'],
    ['status', 'online'],
    ['loadpoints', null],
  ];
  for (const [topic, value] of values) {
    it(`get ${topic} gives ${JSON.stringify(value)} without a message`, () => {
      const exchange = loadpoint().plan('get', { topic });
      assert.deepEqual([exchange.steps, exchange.value], [[], value]);
    });
  }

  it('gets by the word that the other systems have for it', () => {
    assert.equal(loadpoint().plan('get', { key: 'mode' }).value, 'pv');
  });

  const faults: readonly (readonly [CommandName, Params, path: string])[] = [
    ['setCurrent', { current: 81 }, 'current'],
    ['setLimit', { type: 'soc', value: 101 }, 'value'],
    ['plan', { time: '2027-01-01', energy: 7500 }, 'time'],
    ['plan', { time: TIME, energy: 7_500_000 }, 'energy'],
    ['plan', { time: TIME, soc: 80 }, 'vehicle'],
    ['set', { topic: 'planEnergy', value: { time: '2027-01-01', value: 7 } }, 'value.time'],
  ];
  for (const [command, params, path] of faults) {
    it(`${command} ${JSON.stringify(params)} is wrong at ${path}`, () => {
      assert.throws(
        () => loadpoint().plan(command, params),
        (error: EnergyError) => error.cause.details?.[0]?.path === path,
      );
    });
  }

  it('gets what is known also while evcc is away', () => {
    const lp = loadpoint();
    lp.hear('status', 'offline');
    assert.equal(lp.plan('get', { topic: 'mode' }).value, 'pv');
    assert.equal(
      codeOf(() => lp.plan('stop')),
      'OFFLINE',
    );
  });

  it('has one set of a topic in flight at a time, whichever command sends it; a newer one replaces what waits', () => {
    const lp = loadpoint();
    const lanes = [lp.plan('start'), lp.plan('stop'), lp.plan('setMode', { mode: 'surplus' }), lp.set('mode', 'pv')];
    assert.equal(new Set(lanes.map(({ lane }) => lane)).size, 1);
    assert.ok(lanes.every(({ supersedes }) => supersedes));
    assert.notEqual(lp.set('minCurrent', 6).lane, lp.set('maxCurrent', 16).lane);
  });

  it('lets limits wait for one another, and replaces none by another', () => {
    const lp = loadpoint();
    const limits = [lp.plan('clearLimit'), lp.plan('setLimit', { type: 'soc', value: 80 }), lp.set('limitEnergy', 3)];
    assert.equal(new Set(limits.map(({ lane }) => lane)).size, 1);
    assert.ok(limits.every(({ supersedes }) => supersedes !== true));
  });

  const phaseTopics = [
    ['0.300.6', ['phases']],
    ['0.301.2', ['phasesConfigured']],
    ['0.313.2', ['phasesConfigured']],
    // an own build: no version listens to both names
    ['0.0.0', ['phasesConfigured', 'phases']],
  ] as const;
  for (const [version, names] of phaseTopics) {
    it(`sets phases of ${version} at ${names.join(' and ')}, read back at phasesConfigured in either (5.2)`, () => {
      const lp = loadpoint({}, version);
      const exchange = lp.plan('setPhases', { phases: 1 });
      assert.deepEqual(
        sent(exchange),
        names.map((name) => [`evcc/loadpoints/1/${name}/set`, '1']),
      );
      const acknowledged = `loadpoints/1/${names.at(-1) ?? ''}/set`;
      assert.equal(answered(lp, exchange, [[acknowledged, '']]), 'refused');
      const readback = ['loadpoints/1/phasesConfigured', '1'] as const;
      assert.equal(answered(lp, lp.plan('setPhases', { phases: 1 }), [[acknowledged, ''], readback]), 'confirmed');
    });
  }

  it('reads the strategy of 0.300.x back under its old names', () => {
    const lp = loadpoint({}, '0.300.6');
    const exchange = lp.set('planStrategy', { continuous: true, precondition: 60 });
    const readback = [
      ['loadpoints/1/planContinuous', 'true'],
      ['loadpoints/1/planPrecondition', '60'],
    ] as const;
    assert.equal(answered(lp, exchange, readback), 'confirmed');
  });
});

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

describe('evcc modes from 0.316.0 on (5.1)', () => {
  const smart = { mode: 'smart', alwaysCharge: 'off' };
  const mode = 'loadpoints/1/mode';
  const always = 'loadpoints/1/alwaysCharge';
  const acknowledged = [`${mode}/set`, ''] as const;
  const cases: readonly (readonly [
    why: string,
    before: Readonly<Record<string, string>>,
    wanted: string,
    answers: readonly (readonly [string, string])[],
    outcome: string,
  ])[] = [
    [
      'smart reads back, never the word sent',
      { mode: 'off', alwaysCharge: 'off' },
      'surplus',
      [[mode, 'smart'], acknowledged],
      'confirmed',
    ],
    [
      'both change',
      { mode: 'off', alwaysCharge: 'off' },
      'min+surplus',
      [[mode, 'smart'], acknowledged, [always, 'on']],
      'confirmed',
    ],
    [
      'half of it is not enough',
      { mode: 'off', alwaysCharge: 'off' },
      'min+surplus',
      [[mode, 'smart'], acknowledged],
      'refused',
    ],
    [
      'already smart: alwaysCharge answers',
      smart,
      'min+surplus',
      [acknowledged, [always, 'on'], [mode, 'smart']],
      'confirmed',
    ],
    ['already so: nothing but the empty message', smart, 'surplus', [acknowledged], 'unchanged'],
    [
      'once is not on',
      { mode: 'smart', alwaysCharge: 'once' },
      'min+surplus',
      [acknowledged, [always, 'on']],
      'confirmed',
    ],
    ['off', smart, 'off', [[mode, 'off'], acknowledged], 'confirmed'],
    ['fast', smart, 'fast', [acknowledged, [mode, 'now']], 'confirmed'],
    [
      'alwaysCharge lost with the broker: off if it does not answer',
      { mode: 'off' },
      'surplus',
      [[mode, 'smart']],
      'confirmed',
    ],
  ];
  for (const [why, before, wanted, answers, outcome] of cases) {
    it(`${wanted}: ${why}`, () => {
      const lp = new Loadpoint().ready().values(before);
      assert.equal(answered(lp, lp.plan('setMode', { mode: wanted }), answers), outcome);
    });
  }

  it('has no min+surplus on devices that refuse alwaysCharge, but surplus', () => {
    const lp = new Loadpoint().ready().values({ ...smart, chargerFeatureSwitchDevice: 'true' });
    assert.equal(
      codeOf(() => lp.plan('setMode', { mode: 'min+surplus' })),
      'UNSUPPORTED',
    );
    assert.equal(
      codeOf(() => lp.plan('setMode', { mode: 'surplus' })),
      undefined,
    );
  });

  it('has min+surplus on such devices in the old generation', () => {
    const lp = new Loadpoint().ready().values({ mode: 'pv', chargerFeatureSwitchDevice: 'true' });
    assert.equal(
      codeOf(() => lp.plan('setMode', { mode: 'min+surplus' })),
      undefined,
    );
  });
});
