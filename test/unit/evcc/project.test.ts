import assert from 'node:assert/strict';
import type { ChargerStatus } from '../../../src/chargers/status';
import { Loadpoint } from './support';

type Values = Readonly<Record<string, string>>;

function status(values: Values): ChargerStatus {
  return new Loadpoint().ready().values(values).status();
}

describe('evcc loadpoint as ChargerStatus', () => {
  it('has null for everything that is not known', () => {
    assert.deepEqual(new Loadpoint().status(), {
      system: 'evcc',
      id: 'evcc/loadpoints/1',
      name: 'evcc/loadpoints/1',
      online: null,
      lastSeen: null,
      stale: true,
      state: 'unknown',
      vehicle: { connected: null, name: null, soc: null, range: null, limitSoc: null },
      power: null,
      current: null,
      currents: [null, null, null],
      voltages: [null, null, null],
      phases: { active: null, wanted: null },
      limits: { min: null, max: null },
      session: { energy: null, duration: null, limit: null },
      energyTotal: null,
      temperature: null,
      mode: null,
      control: { by: null, claim: null, override: null, schedule: null },
      error: null,
      firmware: null,
    });
  });

  const plugged = { connected: 'true', charging: 'false', enabled: 'true' };
  const states: readonly (readonly [why: string, values: Values, state: string])[] = [
    ['nothing of the first cycle yet', { mode: 'pv' }, 'unknown'],
    ['unplugged', { connected: 'false', charging: 'false' }, 'disconnected'],
    ['energy flows', { ...plugged, charging: 'true' }, 'charging'],
    ['released, the vehicle draws nothing', plugged, 'connected'],
    ['held off by evcc', { ...plugged, enabled: 'false' }, 'paused'],
    ['held off by its mode', { ...plugged, enabled: 'false', mode: 'off' }, 'paused'],
    ['mode now, told before the charger is enabled', { ...plugged, enabled: 'false', mode: 'now' }, 'connected'],
    [
      'waiting for a permission',
      { ...plugged, enabled: 'false', chargerStatusReason: 'waitingforauthorization' },
      'connected',
    ],
    ['SoC limit reached', { ...plugged, enabled: 'false', vehicleSoc: '80', effectiveLimitSoc: '80' }, 'complete'],
    ['SoC below its limit', { ...plugged, enabled: 'false', vehicleSoc: '79.9', effectiveLimitSoc: '80' }, 'paused'],
    ['SoC 0 is unknown', { ...plugged, enabled: 'false', vehicleSoc: '0', limitSoc: '0' }, 'paused'],
    [
      'energy limit (kWh) reached by the session (Wh)',
      { ...plugged, sessionEnergy: '12500', limitEnergy: '12.5' },
      'complete',
    ],
    ['energy limit not reached', { ...plugged, sessionEnergy: '12499', limitEnergy: '12.5' }, 'connected'],
    ['enabled not known', { connected: 'true', charging: 'false' }, 'connected'],
  ];
  for (const [why, values, state] of states) {
    it(`is ${state}: ${why}`, () => assert.equal(status(values).state, state));
  }

  const modes: readonly (readonly [Values, string | null])[] = [
    [{ mode: 'off' }, 'off'],
    [{ mode: 'now' }, 'fast'],
    [{ mode: 'pv' }, 'surplus'],
    [{ mode: 'minpv' }, 'min+surplus'],
    [{ mode: 'smart', alwaysCharge: 'off' }, 'surplus'],
    [{ mode: 'smart', alwaysCharge: 'on' }, 'min+surplus'],
    [{ mode: 'smart', alwaysCharge: 'once' }, 'min+surplus'],
    [{ mode: 'smart' }, null],
    [{ mode: 'off', alwaysCharge: 'on' }, 'off'],
    [{ mode: 'novel' }, null],
    [{}, null],
  ];
  for (const [values, mode] of modes) {
    it(`calls ${JSON.stringify(values)} ${mode ?? 'unknown'} (5.1)`, () => assert.equal(status(values).mode, mode));
  }

  it('converts kWh to Wh where evcc writes kWh, and takes Wh and s as they are', () => {
    const { session, energyTotal } = status({
      chargedEnergy: '1',
      sessionEnergy: '6417.5',
      chargeDuration: '3600',
      chargeTotalImport: '2345.678',
      limitEnergy: '0.287',
    });
    assert.deepEqual(session, { energy: 6417.5, duration: 3600, limit: { type: 'energy', value: 287 } });
    assert.equal(energyTotal, 2_345_678);
  });

  it('reads the names of former days', () => {
    const { current, session } = status({ chargeCurrent: '10', chargedEnergy: '500' });
    assert.deepEqual([current, session.energy], [10, 500]);
    assert.equal(status({ chargeCurrent: '10', offeredCurrent: '11' }).current, 11);
  });

  it('prefers the effective currents, which follow a cycle later', () => {
    assert.deepEqual(status({ minCurrent: '6', maxCurrent: '16' }).limits, { min: 6, max: 16 });
    const both = { minCurrent: '8', effectiveMinCurrent: '6', maxCurrent: '20', effectiveMaxCurrent: '16' };
    assert.deepEqual(status(both).limits, { min: 6, max: 16 });
  });

  for (const [payload, wanted] of [
    ['0', 'auto'],
    ['1', 1],
    ['3', 3],
    ['2', null],
  ] as const) {
    it(`shows phasesConfigured ${payload} as ${wanted}`, () => {
      assert.deepEqual(status({ phasesConfigured: payload, phasesActive: '2' }).phases, { active: 2, wanted });
    });
  }

  it('takes 0 of a vehicle for not known, and its title before its name', () => {
    const zero = { vehicleSoc: '0', vehicleRange: '0', vehicleLimitSoc: '0', vehicleName: 'db:4' };
    assert.deepEqual(status({ ...zero, connected: 'true' }).vehicle, {
      connected: true,
      name: 'db:4',
      soc: null,
      range: null,
      limitSoc: null,
    });
    const full = { vehicleSoc: '62.1', vehicleRange: '182', vehicleLimitSoc: '90', vehicleTitle: 'blue e-Golf' };
    assert.deepEqual(status({ ...zero, ...full }).vehicle, {
      connected: null,
      name: 'blue e-Golf',
      soc: 62.1,
      range: 182,
      limitSoc: 90,
    });
  });

  it('takes the SoC of a heating loadpoint for its temperature', () => {
    const heater = { chargerFeatureHeating: 'true', vehicleSoc: '47.9', limitSoc: '55', vehicleLimitSoc: '60' };
    const { vehicle, temperature, session } = status(heater);
    assert.deepEqual([vehicle.soc, vehicle.limitSoc, temperature, session.limit], [null, null, 47.9, null]);
  });

  it('shows the limit that decides when both are set: the SoC where the vehicle tells it', () => {
    const both = { limitSoc: '80', limitEnergy: '12' };
    assert.deepEqual(status(both).session.limit, { type: 'energy', value: 12_000 });
    assert.deepEqual(status({ ...both, vehicleSoc: '50' }).session.limit, { type: 'soc', value: 80 });
  });

  const slots = '[{"start":"2026-11-21T12:00:00Z","end":"2026-11-21T13:00:00Z","value":0.25}]';
  const schedules: readonly (readonly [string, Values, number | null])[] = [
    ['a plan', { plan: slots, effectivePlanId: '1' }, 1],
    ['a plan of energy, which has no id', { plan: slots, effectivePlanId: '0', planEnergy: '7.5' }, 1],
    ['a deleted plan that stays until the next cycle (stale subtree)', { plan: slots, effectivePlanId: '0' }, null],
    ['the text null', { plan: 'null' }, null],
    ['a text that is no JSON', { plan: '[{' }, null],
  ];
  for (const [why, values, length] of schedules) {
    it(`shows ${length === null ? 'no schedule' : 'the schedule'} for ${why}`, () => {
      assert.equal(status(values).control.schedule?.length ?? null, length);
    });
  }

  const controllers: readonly (readonly [Values, string | null])[] = [
    [{ mode: 'pv' }, 'divert'],
    [{ mode: 'minpv' }, 'divert'],
    [{ mode: 'now' }, 'manual'],
    [{ mode: 'off' }, 'manual'],
    [{ mode: 'pv', planActive: 'true' }, 'schedule'],
    [{ mode: 'pv', connected: 'true', vehicleSoc: '80', limitSoc: '80' }, 'limit'],
    [{}, null],
  ];
  for (const [values, by] of controllers) {
    it(`is controlled by ${by ?? 'nobody known'} with ${JSON.stringify(values)}`, () => {
      assert.equal(status(values).control.by, by);
    });
  }

  it('is called as configured, else by its own title; its id is its own name', () => {
    const lp = new Loadpoint({ name: 'Mine' });
    assert.deepEqual([lp.status().id, lp.status().name], ['evcc/loadpoints/1', 'Mine']);
    lp.values({ name: 'lp-1', title: 'Carport' });
    assert.deepEqual([lp.status().id, lp.status().name], ['lp-1', 'Mine']);
    const unnamed = new Loadpoint({ name: '' });
    assert.deepEqual(unnamed.status().name, 'evcc/loadpoints/1');
    unnamed.values({ name: 'lp-1', title: 'Carport' });
    assert.deepEqual(unnamed.status().name, 'Carport');
  });
});
