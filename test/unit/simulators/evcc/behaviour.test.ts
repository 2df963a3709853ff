import assert from 'node:assert/strict';
import { type EvccConfig } from '../../../../src/simulators/evcc/config';
import { homeFactor, isAway, sunPower } from '../../../../src/simulators/evcc/scenario';
import { Bench, readable } from './support';

const ONE: Partial<EvccConfig> = {
  interval: 10,
  battery: null,
  home: 500,
  pv: 0,
  loadpoints: [{ title: 'Carport', vehicle: 'car', currents: true }],
  vehicles: [{ name: 'car', title: 'Car', capacity: 50, soc: 40 }],
};

/** 3 phases at 6 A. */
const MINIMUM = 6 * 230 * 3;

function withPv(power: number, config: Partial<EvccConfig> = ONE): Bench {
  const bench = new Bench({ ...config, pv: power });
  bench.cycles(20);
  return bench;
}

describe('evcc simulator: charging', () => {
  it('follows the surplus in pv mode', () => {
    const bench = withPv(500 + MINIMUM);
    assert.equal(bench.tree.get('loadpoints/1/offeredCurrent'), '6');
    for (const current of [8, 12, 16, 10, 7]) {
      bench.model.setPv(500 + current * 690 + 100, bench.now);
      bench.cycles(2);
      assert.equal(bench.tree.get('loadpoints/1/offeredCurrent'), String(current));
      assert.equal(bench.number('loadpoints/1/chargePower'), current * 690);
      assert.equal(bench.number('site/grid/power'), -100);
    }
    bench.model.setPv(30_000, bench.now);
    bench.cycles(2);
    assert.equal(bench.tree.get('loadpoints/1/offeredCurrent'), '16');
  });

  it('stops only after the disable delay, starts after the enable delay, and tells the time left', () => {
    const bench = withPv(8000);
    bench.model.setPv(1000, bench.now);
    bench.cycles(2);
    assert.equal(bench.tree.get('loadpoints/1/pvAction'), 'disable');
    assert.equal(bench.tree.get('loadpoints/1/offeredCurrent'), '6');
    assert.equal(bench.number('loadpoints/1/pvRemaining'), 170);
    bench.cycles(17);
    assert.equal(bench.tree.get('loadpoints/1/enabled'), 'false');
    assert.equal(bench.tree.get('loadpoints/1/pvAction'), 'inactive');
    bench.model.setPv(8000, bench.now);
    bench.cycles(2);
    assert.equal(bench.tree.get('loadpoints/1/pvAction'), 'enable');
    assert.equal(bench.tree.get('loadpoints/1/enabled'), 'false');
    bench.cycles(5);
    assert.equal(bench.tree.get('loadpoints/1/enabled'), 'true');
  });

  it('keeps the minimum in minpv, gives all in now, nothing in off', () => {
    const bench = withPv(0);
    assert.equal(bench.tree.get('loadpoints/1/charging'), 'false');
    bench.set('loadpoints/1/mode', 'minpv');
    bench.cycles(1);
    assert.deepEqual(
      [bench.tree.get('loadpoints/1/offeredCurrent'), bench.tree.get('loadpoints/1/charging')],
      ['6', 'true'],
    );
    bench.set('loadpoints/1/mode', 'now');
    bench.cycles(1);
    assert.equal(bench.number('loadpoints/1/chargePower'), 16 * 690);
    assert.equal(bench.number('loadpoints/1/chargeCurrents'), 48);
    assert.equal(bench.number('site/grid/power'), 500 + 16 * 690);
    bench.set('loadpoints/1/mode', 'off');
    bench.cycles(1);
    assert.deepEqual(
      [bench.tree.get('loadpoints/1/enabled'), bench.tree.get('loadpoints/1/chargePower')],
      ['false', '0'],
    );
  });

  it('offers what it is told, but no charger gives more than 32 A', () => {
    const bench = withPv(0);
    bench.set('loadpoints/1/maxCurrent', '1e300');
    bench.set('loadpoints/1/mode', 'now');
    bench.cycles(1);
    assert.match(bench.tree.get('loadpoints/1/offeredCurrent') ?? '', /^1\d{300}$/);
    assert.equal(bench.number('loadpoints/1/chargePower'), 32 * 690);
  });

  it('keeps the minimum with alwaysCharge in 0.316, and once ends with unplugging', () => {
    const bench = new Bench(ONE, '0.316');
    bench.set('loadpoints/1/alwaysCharge', 'once');
    bench.cycles(1);
    assert.equal(bench.tree.get('loadpoints/1/offeredCurrent'), '6');
    bench.model.unplug(1, bench.now);
    bench.cycles(1);
    assert.equal(bench.tree.get('loadpoints/1/alwaysCharge'), 'off');
  });

  it('counts energy, SoC, time and cost of a session', () => {
    const bench = withPv(0, { ...ONE, tariffs: { grid: 0.3, feedIn: 0.1, co2: 400 } });
    bench.set('loadpoints/1/mode', 'now');
    bench.cycles(360);
    const kWh = (16 * 690) / 1000;
    const near = (topic: string, value: number): void =>
      assert.ok(Math.abs(bench.number(topic) / value - 1) < 0.01, `${topic} ${bench.number(topic)} ${value}`);
    near('loadpoints/1/sessionEnergy', kWh * 1000);
    near('loadpoints/1/chargedEnergy', kWh * 1000);
    near('loadpoints/1/vehicleSoc', 40 + (kWh * 0.85 * 100) / 50);
    near('loadpoints/1/chargeDuration', 3600);
    near('loadpoints/1/sessionPrice', kWh * 0.3);
    near('loadpoints/1/sessionPricePerKWh', 0.3);
    near('loadpoints/1/sessionCo2PerKWh', 400);
    assert.equal(bench.tree.get('loadpoints/1/sessionSolarPercentage'), '0');
  });

  for (const [limit, value, reached] of [
    ['limitSoc', '41', 'vehicleSoc'],
    ['limitEnergy', '1', 'sessionEnergy'],
  ] as const) {
    it(`stops at ${limit}`, () => {
      const bench = withPv(0);
      bench.set('loadpoints/1/mode', 'now');
      bench.set(`loadpoints/1/${limit}`, value);
      bench.cycles(2);
      assert.equal(bench.tree.get('loadpoints/1/charging'), 'true');
      assert.ok(bench.number('loadpoints/1/chargeRemainingEnergy') > 0);
      bench.cycles(60);
      assert.equal(bench.tree.get('loadpoints/1/enabled'), 'false');
      assert.equal(bench.tree.get('loadpoints/1/connected'), 'true');
      assert.ok(bench.number(`loadpoints/1/${reached}`) >= (limit === 'limitSoc' ? 41 : 1000));
      assert.ok(bench.number(`loadpoints/1/${reached}`) < (limit === 'limitSoc' ? 42 : 1100));
    });
  }

  it('charges at full power below the minimum SoC, in pv mode without sun', () => {
    const bench = withPv(0);
    bench.set('vehicles/car/minSoc', '45');
    bench.cycles(2);
    assert.equal(bench.tree.get('loadpoints/1/minSocNotReached'), 'true');
    assert.equal(bench.tree.get('loadpoints/1/offeredCurrent'), '16');
  });

  it('charges at full power where energy costs less than the limit', () => {
    const bench = withPv(0);
    bench.set('loadpoints/1/smartCostLimit', '0.26');
    bench.cycles(1);
    assert.deepEqual(
      [bench.tree.get('loadpoints/1/smartCostActive'), bench.tree.get('loadpoints/1/offeredCurrent')],
      ['true', '16'],
    );
  });

  it('starts for a plan as late as possible, and drops it when its time has passed', () => {
    const bench = withPv(0);
    const target = bench.now + 3_600_000;
    bench.set('vehicles/car/planSoc', JSON.stringify({ time: new Date(target).toISOString(), value: 50 }));
    bench.cycles(1);
    const start = bench.number('loadpoints/1/planProjectedStart');
    const needed = ((10 / 100) * 50_000) / 0.85;
    assert.ok(Math.abs(start - (target / 1000 - (needed / (16 * 690)) * 3600)) < 2);
    const [slot] = JSON.parse(bench.tree.get('loadpoints/1/plan') ?? '') as {
      start: string;
      end: string;
      value: number;
    }[];
    assert.ok(slot);
    assert.ok(Math.abs(Date.parse(slot.start) / 1000 - start) <= 1);
    assert.equal(slot.value, 0.253);
    assert.equal(bench.tree.get('loadpoints/1/planActive'), 'false');
    while (bench.now < target) bench.cycles(1);
    assert.ok(bench.number('loadpoints/1/vehicleSoc') >= 49.5);
    bench.cycles(1);
    assert.equal(bench.tree.get('loadpoints/1/effectivePlanId'), '0');
    assert.equal(bench.tree.get('loadpoints/1/plan'), 'null');
    assert.equal(bench.tree.get('vehicles/car/plan'), '');
  });

  it('switches phases with the surplus, and as told', () => {
    const bench = withPv(8000, { ...ONE, loadpoints: [{ title: 'Carport', vehicle: 'car', phaseSwitching: true }] });
    assert.equal(bench.tree.get('loadpoints/1/phasesActive'), '3');
    bench.model.setPv(500 + 10 * 230, bench.now);
    bench.cycles(2);
    assert.equal(bench.tree.get('loadpoints/1/phaseAction'), 'scale1p');
    bench.cycles(19);
    assert.deepEqual(
      [bench.tree.get('loadpoints/1/phasesActive'), bench.tree.get('loadpoints/1/offeredCurrent')],
      ['1', '10'],
    );
    bench.model.setPv(9000, bench.now);
    bench.cycles(10);
    assert.equal(bench.tree.get('loadpoints/1/phasesActive'), '3');
    bench.set('loadpoints/1/phasesConfigured', '1');
    assert.equal(bench.tree.get('loadpoints/1/phasesActive'), '1');
  });
});

describe('evcc simulator: home battery', () => {
  const battery = { capacity: 10, power: 3000, soc: 50, controllable: true };

  it('has its charging power used for vehicles above prioritySoc, and kept below', () => {
    const bench = withPv(500 + MINIMUM + 100, { ...ONE, battery });
    assert.equal(bench.tree.get('loadpoints/1/charging'), 'true');
    bench.set('site/prioritySoc', '90');
    bench.cycles(25);
    assert.equal(bench.tree.get('loadpoints/1/charging'), 'false');
    assert.equal(bench.number('site/battery/power'), -3000);
  });

  it('balances the house, charges and holds as told', () => {
    const bench = withPv(0, { ...ONE, battery });
    assert.deepEqual([bench.number('site/battery/power'), bench.number('site/grid/power')], [500, 0]);
    bench.set('site/batteryMode', 'hold');
    bench.cycles(2);
    assert.deepEqual([bench.number('site/battery/power'), bench.number('site/grid/power')], [0, 500]);
    bench.set('site/batteryMode', 'charge');
    bench.cycles(2);
    assert.deepEqual([bench.number('site/battery/power'), bench.number('site/grid/power')], [-3000, 3500]);
  });

  it('is drained for a vehicle above bufferSoc, not below', () => {
    const bench = withPv(500 + 0.5 * MINIMUM, { ...ONE, battery });
    assert.equal(bench.tree.get('loadpoints/1/charging'), 'false');
    bench.set('loadpoints/1/mode', 'minpv');
    bench.cycles(1);
    bench.set('site/bufferSoc', '20');
    bench.set('loadpoints/1/mode', 'pv');
    bench.cycles(25);
    assert.equal(bench.tree.get('loadpoints/1/charging'), 'true');
    assert.ok(bench.number('site/battery/power') > 2000);
  });

  it('boosts a vehicle down to the boost limit, where 100 is none', () => {
    const bench = withPv(500 + 0.5 * MINIMUM, { ...ONE, battery });
    for (const [limit, charging] of [
      ['90', 'false'],
      ['100', 'true'],
      ['40', 'true'],
    ] as const) {
      bench.set('loadpoints/1/batteryBoost', 'false');
      bench.set('loadpoints/1/mode', 'off');
      bench.set('loadpoints/1/mode', 'pv');
      bench.set('loadpoints/1/batteryBoostLimit', limit);
      bench.set('loadpoints/1/batteryBoost', 'true');
      bench.cycles(10);
      assert.equal(bench.tree.get('loadpoints/1/charging'), charging, limit);
    }
  });

  it('holds while a vehicle charges fast under discharge control', () => {
    const bench = withPv(0, { ...ONE, battery });
    bench.set('site/batteryDischargeControl', 'true');
    bench.set('loadpoints/1/mode', 'now');
    bench.cycles(2);
    assert.equal(bench.tree.get('site/batteryMode'), 'hold');
    bench.set('loadpoints/1/mode', 'off');
    bench.cycles(2);
    assert.equal(bench.tree.get('site/batteryMode'), 'normal');
  });

  it('shares the sun: house first, then loadpoints', () => {
    const bench = withPv(500 + 0.5 * MINIMUM, {
      ...ONE,
      loadpoints: [{ title: 'Carport', vehicle: 'car', mode: 'minpv' }],
    });
    assert.equal(bench.number('site/greenShareHome'), 1);
    assert.equal(bench.number('site/greenShareLoadpoints'), 0.5);
    assert.equal(bench.number('site/tariffPriceHome'), 0.08);
    assert.equal(bench.number('site/tariffPriceLoadpoints'), 0.167);
    assert.equal(bench.number('site/tariffCo2Loadpoints'), 196);
  });
});

describe('evcc simulator: plugs', () => {
  it('notices unplugging in the cycle of the loadpoint, and resets limits, boost and mode in that burst', () => {
    const bench = new Bench();
    bench.cycles(1);
    bench.set('loadpoints/1/mode', 'minpv');
    bench.set('loadpoints/1/batteryBoost', 'true');
    bench.set('loadpoints/1/limitSoc', '80');
    bench.set('loadpoints/1/limitEnergy', '9');
    bench.set('loadpoints/1/maxCurrent', '12');
    bench.cycles(2);
    bench.model.unplug(1, bench.now);
    assert.equal(bench.tree.get('loadpoints/1/connected'), 'true');
    const burst = readable(bench.cycles(1));
    const expected = {
      connected: 'false',
      charging: 'false',
      enabled: 'false',
      limitSoc: '0',
      limitEnergy: '0',
      batteryBoost: 'false',
      mode: 'pv',
      vehicleName: '',
      vehicleTitle: '',
      vehicleSoc: '0',
      connectedDuration: '120',
    };
    for (const [topic, value] of Object.entries(expected)) assert.equal(burst[`loadpoints/1/${topic}`], value, topic);
    assert.equal('loadpoints/1/maxCurrent' in burst, false);
    assert.equal(bench.tree.get('loadpoints/1/maxCurrent'), '12');
  });

  it('keeps a limit that is set while nothing is plugged in', () => {
    const bench = new Bench({ ...ONE, loadpoints: [{ title: 'Carport' }] });
    bench.set('loadpoints/1/limitSoc', '80');
    bench.cycles(2);
    bench.model.plugIn(1, 'car', bench.now);
    bench.cycles(1);
    assert.equal(bench.tree.get('loadpoints/1/effectiveLimitSoc'), '80');
    assert.equal(bench.tree.get('loadpoints/1/limitSoc'), '80');
  });

  it('begins a session at the plug, with the vehicle, or a guest without name and SoC', () => {
    const bench = new Bench({ ...ONE, loadpoints: [{ title: 'Carport', mode: 'now' }] });
    bench.model.plugIn(1, null, bench.now);
    const burst = readable(bench.cycles(1));
    assert.deepEqual(
      [burst['loadpoints/1/connectedDuration'], burst['loadpoints/1/vehicleName'], burst['loadpoints/1/vehicleSoc']],
      ['0', '', '0'],
    );
    bench.cycles(6);
    assert.ok(bench.number('loadpoints/1/sessionEnergy') > 0);
    bench.model.unplug(1, bench.now);
    bench.cycles(1);
    bench.model.plugIn(1, 'car', bench.now);
    const next = readable(bench.cycles(1));
    assert.deepEqual(
      [next['loadpoints/1/vehicleName'], next['loadpoints/1/vehicleSoc'], next['loadpoints/1/sessionEnergy']],
      ['car', '40', '0'],
    );
  });

  it('takes a car out of its other socket, and knows its sockets and cars', () => {
    const bench = new Bench();
    bench.model.plugIn(2, 'golf', bench.now);
    bench.cycles(2);
    assert.equal(bench.tree.get('loadpoints/1/connected'), 'false');
    assert.throws(() => bench.model.plugIn(3, null, bench.now), RangeError);
    assert.throws(() => bench.model.unplug(0, bench.now), RangeError);
    assert.throws(() => bench.model.plugIn(1, 'nosuch', bench.now), RangeError);
  });

  it('never tells the SoC of an offline vehicle, and degrees for a heat pump', () => {
    const bench = new Bench({
      loadpoints: [
        { title: 'Garage', vehicle: 'old' },
        { title: 'Heat pump', features: ['Heating'], heating: { temperature: 47.9, limit: 65, power: 2000 } },
      ],
      vehicles: [{ name: 'old', title: 'Old', capacity: 8, soc: 30, features: ['Offline'] }],
    });
    bench.cycles(2);
    assert.equal(bench.tree.get('loadpoints/1/vehicleSoc'), '0');
    assert.equal(bench.tree.get('loadpoints/2/vehicleSoc'), '47.9');
    assert.equal(bench.tree.get('loadpoints/2/vehicleLimitSoc'), '65');
    assert.equal(bench.tree.get('loadpoints/2/chargerFeatureHeating'), 'true');
  });
});

describe('evcc simulator: autoplay', () => {
  it('has a sun that rises, peaks and sets', () => {
    const curve = Array.from({ length: 100 }, (_, i) => sunPower(i / 100, 9000));
    assert.ok(curve.slice(0, 25).every((power) => power === 0) && curve.slice(81).every((power) => power === 0));
    assert.ok(Math.max(...curve) > 8500 && Math.max(...curve) <= 9000);
    assert.ok(curve.every((power) => power >= 0));
    assert.ok(homeFactor(0.8) > 2 * homeFactor(0.5));
  });

  it('has cars that leave and return once a day', () => {
    for (const index of [1, 2, 3]) {
      const away = Array.from({ length: 200 }, (_, i) => isAway(index, i / 200));
      assert.equal(away.filter((now, i) => now !== (away[i - 1] ?? false)).length, 2);
    }
  });

  it('plays a day: surplus charging, empty and full sockets', () => {
    const bench = new Bench({ interval: 10 });
    bench.model.autoplay({ dayMinutes: 10, startAt: 0.2 }, bench.now);
    const seen = { connected: new Set<string>(), charging: new Set<string>(), pv: new Set<boolean>() };
    const soc = bench.number('loadpoints/1/vehicleSoc');
    for (let i = 0; i < 60; i++) {
      bench.cycles(1);
      seen.connected.add(bench.tree.get('loadpoints/1/connected') ?? '');
      seen.charging.add(bench.tree.get('loadpoints/1/charging') ?? '');
      seen.pv.add(bench.number('site/pvPower') > 5000);
    }
    assert.deepEqual([seen.connected.size, seen.charging.size, seen.pv.size], [2, 2, 2]);
    assert.ok(bench.number('loadpoints/1/vehicleSoc') < soc);
    bench.model.setPv(1234, bench.now);
    bench.cycles(30);
    assert.equal(bench.number('site/pvPower'), 1234);
  });
});
