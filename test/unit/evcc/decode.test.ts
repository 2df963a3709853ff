import assert from 'node:assert/strict';
import { evcc } from '../../../src/chargers/evcc';
import { Loadpoint } from './support';

const prefix = 'loadpoints/1';

describe('evcc encodings on the wire (1.4)', () => {
  const numbers = [
    ['0', 0],
    ['6.5', 6.5],
    ['-0', 0],
    ['-5684.174', -5684.174],
    ['1.2346e+05', 123_460],
    ['2e3', 2000],
  ] as const;
  for (const [payload, expected] of numbers) {
    it(`reads the number ${payload}`, () => {
      const power = new Loadpoint().values({ chargePower: payload }).status().power;
      assert.equal(Object.is(power, expected), true);
    });
  }

  for (const payload of ['NaN', '+Inf', '-Inf', '']) {
    it(`takes ${payload || 'an empty payload'} for not known, and for no fault`, () => {
      const lp = new Loadpoint().values({ chargePower: '7', chargeDuration: '60' }).values({ chargePower: payload });
      assert.equal(lp.status().power, null);
      assert.equal(evcc.faults(lp.native).size, 0);
    });
  }

  const unreadable = [
    ['chargePower', 'much'],
    ['chargePower', '0x10'],
    ['chargePower', '7,4'],
    ['connected', 'yes'],
    ['limitSoc', 'true'],
  ] as const;
  for (const [key, payload] of unreadable) {
    it(`keeps the last good ${key} when "${payload}" comes, until it is readable again`, () => {
      const lp = new Loadpoint().values({ [key]: key === 'connected' ? 'true' : '5' });
      const before = lp.status();
      assert.deepEqual(lp.hear(`${prefix}/${key}`, payload), []);
      assert.deepEqual([...evcc.faults(lp.native).keys()], [key]);
      assert.deepEqual({ ...lp.status(), lastSeen: null }, { ...before, lastSeen: null });
      lp.values({ [key]: '' });
      assert.equal(evcc.faults(lp.native).size, 0);
    });
  }

  it('reads three phase values published directly, and not their sum', () => {
    const lp = new Loadpoint().values({
      chargeCurrents: '16.1',
      'chargeCurrents/l1': '16',
      'chargeCurrents/l2': '0.1',
      'chargeCurrents/l3': '0',
      chargeVoltages: '691.2',
      'chargeVoltages/l1': '230.1',
    });
    assert.deepEqual(lp.status().currents, [16, 0.1, 0]);
    assert.deepEqual(lp.status().voltages, [230.1, null, null]);
  });

  it('voids everything below an emptied topic', () => {
    const lp = new Loadpoint().values({
      chargeCurrents: '16.1',
      'chargeCurrents/l1': '16',
      'chargeCurrents/l2': '0.1',
    });
    assert.deepEqual(lp.hear(`${prefix}/chargeCurrents`, ''), [
      'chargeCurrents',
      'chargeCurrents/l1',
      'chargeCurrents/l2',
    ]);
    assert.deepEqual(lp.status().currents, [null, null, null]);
  });

  it('voids a vehicle plan with its parent, and unknown subtrees too', () => {
    const lp = new Loadpoint();
    lp.hear('vehicles/car/plan/soc', '80');
    lp.hear('vehicles/car/plan/time', '1795278876');
    assert.deepEqual(lp.hear('vehicles/car/plan', ''), ['vehicles/car/plan/soc', 'vehicles/car/plan/time']);
    lp.values({ 'future/a': '1', 'future/b/c': '2' });
    assert.deepEqual(lp.hear(`${prefix}/future`, ''), ['future/a', 'future/b/c']);
  });

  it('does not void topics that merely begin alike', () => {
    const lp = new Loadpoint().values({ plan: 'null', planEnergy: '7.5' });
    assert.deepEqual(lp.hear(`${prefix}/plan`, ''), ['plan']);
    assert.equal(evcc.raw(lp.native)['planEnergy'], 7.5);
    lp.values({ 'future/a': '1', 'futures/a': '1' });
    assert.deepEqual(lp.hear(`${prefix}/future`, ''), ['future/a']);
  });

  it('never infers a type from the text: a title may be 12, a vehicle may be called true', () => {
    const lp = new Loadpoint().values({ title: '12', vehicleTitle: 'true', name: '007' });
    assert.deepEqual([lp.status().name, lp.status().vehicle.name, lp.status().id], ['12', 'true', '007']);
    assert.deepEqual([evcc.raw(lp.native)['title'], evcc.raw(lp.native)['vehicleTitle']], ['12', 'true']);
  });

  it('reports only what changed', () => {
    const lp = new Loadpoint();
    assert.deepEqual(lp.hear(`${prefix}/mode`, 'pv'), ['mode']);
    assert.deepEqual(lp.hear(`${prefix}/mode`, 'pv'), []);
    assert.deepEqual(lp.hear(`${prefix}/icon`, ''), []);
  });

  it('ignores sets, those of others and its own echo, and their acknowledgements', () => {
    const lp = new Loadpoint().values({ mode: 'pv' });
    for (const [topic, payload] of [
      [`${prefix}/mode/set`, 'now'],
      [`${prefix}/mode/set`, ''],
      ['site/batteryMode/set', 'hold'],
      ['vehicles/nosuch/minSoc/set', '20'],
    ] as const) {
      assert.deepEqual(lp.hear(topic, payload), []);
    }
    assert.deepEqual(evcc.raw(lp.native), Object.assign(Object.create(null), { mode: 'pv' }));
  });

  it('ignores what is not of this evcc or this loadpoint', () => {
    const lp = new Loadpoint();
    for (const topic of ['loadpoints/2/mode', 'loadpoints/10/mode', 'loadpoints/1', 'foreign/thing', 'site']) {
      assert.deepEqual(lp.hear(topic, 'x'), []);
    }
    assert.deepEqual(
      lp.fold({ topic: 'evcc2/loadpoints/1/mode', payload: Buffer.from('pv'), retained: false, qos: 1 }),
      [],
    );
  });

  it('clears values in a cleanup, without a zero, and keeps who the loadpoint is', () => {
    const lp = new Loadpoint()
      .ready()
      .values({ title: 'Carport', name: 'lp-1', chargePower: '3680', connected: 'true' });
    for (const key of ['title', 'name', 'chargePower', 'connected']) lp.hear(`${prefix}/${key}`, '', { qos: 0 });
    const { id, name, power, vehicle, state } = lp.status();
    assert.deepEqual([id, name, power, vehicle.connected, state], ['lp-1', 'Carport', null, null, 'unknown']);
    lp.values({ title: 'Garage' }).values({ title: '' });
    assert.equal(lp.status().name, 'evcc/loadpoints/1', 'a title that was taken away is gone');
  });

  it('forgets a vehicle whose title the cleanup took', () => {
    const lp = new Loadpoint();
    lp.hear('vehicles/car/title', 'Car');
    lp.hear('vehicles/car/title', '', { qos: 0 });
    lp.hear('vehicles/car/capacity', '', { qos: 0 });
    assert.equal(lp.native.vehicles.size, 0);
  });

  it('shows raw values in their own types, and masks who charges', () => {
    const lp = new Loadpoint().ready().values({
      chargePower: '3680.5',
      connected: 'true',
      plan: '[{"start":"2026-11-21T12:00:00Z","end":"2026-11-21T13:00:00Z","value":0.25}]',
      planTime: '1795278876',
      vehicleIdentity: '04A1B2C3D4',
      novelty: 'on',
    });
    lp.hear('site/version', '0.313.2');
    lp.hear('loadpoints', '3');
    lp.hear('vehicles/car/limitSoc', '90');
    const raw = evcc.raw(lp.native);
    assert.deepEqual(raw, {
      __proto__: null,
      chargePower: 3680.5,
      connected: true,
      plan: [{ start: '2026-11-21T12:00:00Z', end: '2026-11-21T13:00:00Z', value: 0.25 }],
      planTime: 1795278876,
      vehicleIdentity: '***',
      novelty: 'on',
      'site/version': '0.313.2',
      'vehicles/car/limitSoc': 90,
      status: 'online',
      updated: 1795257214,
      loadpoints: 3,
    });
  });
});
