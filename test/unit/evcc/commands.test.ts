import assert from 'node:assert/strict';
import { COMMANDS } from '../../../src/shared/commands';
import { evcc } from '../../../src/chargers/evcc';
import type { ChargerCommand, CommandName } from '../../../src/shared/commands';
import type { Exchange } from '../../../src/mqtt/exchange-types';
import type { EnergyError } from '../../../src/shared/errors';
import { answered, codeOf, loadpoint } from './support';

type Params = ChargerCommand['params'];

const TIME = '2026-11-22T06:30:00Z';

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
