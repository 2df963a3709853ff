import assert from 'node:assert/strict';
import { differences, isMeasurement, paths } from '../../../src/chargers/differences';
import { type ChargerStatus, MEASUREMENTS } from '../../../src/chargers/status';

const STATUS: ChargerStatus = {
  system: 'openevse',
  id: 'id',
  name: 'name',
  online: true,
  lastSeen: '2024-01-01T00:00:00.000Z',
  stale: false,
  state: 'charging',
  vehicle: { connected: true, name: null, soc: 50, range: 200, limitSoc: null },
  power: 7_000,
  current: 32,
  currents: [30, null, null],
  voltages: [230, null, null],
  phases: { active: 1, wanted: null },
  limits: { min: 6, max: 32 },
  session: { energy: 100, duration: 10, limit: { type: 'energy', value: 1_000 } },
  energyTotal: 1_000,
  temperature: 30,
  mode: 'normal',
  control: { by: 'claim', claim: { state: 'active', nested: { a: [1, 2] } }, override: null, schedule: null },
  error: null,
  firmware: '5.1.5',
};

describe('chargers: differences of two states', () => {
  it('are none between equal states, however deep', () => {
    assert.deepEqual(differences(STATUS, structuredClone(STATUS)), []);
  });

  const cases: [change: Partial<ChargerStatus>, changed: string[]][] = [
    [{ online: false }, ['online']],
    [{ power: null }, ['power']],
    [{ power: 0, temperature: null }, ['power', 'temperature']],
    [{ currents: [30, 0, null] }, ['currents']],
    [{ error: { code: 4, text: 'x' } }, ['error']],
    [{ vehicle: { ...STATUS.vehicle, soc: 51, connected: null } }, ['vehicle.connected', 'vehicle.soc']],
    [{ session: { ...STATUS.session, limit: { type: 'energy', value: 2_000 } } }, ['session.limit']],
    [{ session: { ...STATUS.session, limit: null } }, ['session.limit']],
    [{ control: { ...STATUS.control, claim: { state: 'active', nested: { a: [1, 3] } } } }, ['control.claim']],
    [{ control: { ...STATUS.control, schedule: [] } }, ['control.schedule']],
    [{ phases: { active: 3, wanted: 'auto' } }, ['phases.active', 'phases.wanted']],
  ];
  for (const [change, changed] of cases) {
    it(`are ${changed.join(', ')}`, () => {
      assert.deepEqual(differences(STATUS, { ...STATUS, ...change }), changed);
      assert.deepEqual(differences({ ...STATUS, ...change }, STATUS), changed);
    });
  }

  it('to nothing are all paths, and each is told when it changes', () => {
    const all = paths(STATUS);
    assert.equal(new Set(all).size, all.length);
    assert.ok(all.includes('session.limit') && all.includes('power') && !all.includes('session'));
  });

  it('know all measurements by their paths', () => {
    for (const path of MEASUREMENTS) assert.ok(paths(STATUS).includes(path), path);
    for (const path of ['online', 'state', 'stale', 'session.limit', 'vehicle.connected', 'error']) {
      assert.equal(isMeasurement(path), false, path);
    }
    assert.equal(isMeasurement('session.energy'), true);
  });
});
