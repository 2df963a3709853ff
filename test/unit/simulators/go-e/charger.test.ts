import assert from 'node:assert/strict';
import type { FaultName, Firmware } from '../../../../src/simulators/go-e/profiles';
import { Bench } from './bench';

function charging(firmware: Firmware = '59.4', car = {}): Bench {
  const bench = new Bench(firmware);
  bench.charger.plugIn(car);
  bench.wait(5);
  assert.equal(bench.get('car'), 2);
  return bench;
}

describe('go-e simulator: access and force', () => {
  it('a plugged car waits, then charges: 3, 2', () => {
    const bench = new Bench();
    assert.equal(bench.get('car'), 1);
    bench.charger.plugIn();
    bench.wait(1);
    assert.equal(bench.get('car'), 3);
    bench.wait(2);
    assert.deepEqual([bench.get('car'), bench.get('modelStatus'), bench.get('alw')], [2, 15, true]);
  });

  it('a permitting reason stands without a car, too', () => {
    const bench = new Bench();
    bench.wait(1);
    assert.deepEqual(
      [bench.get('car'), bench.get('modelStatus'), bench.get('alw'), bench.get('acu')],
      [1, 15, true, 16],
    );
  });

  it('frc 2 does not charge without authorisation; trx 0 does', () => {
    const bench = new Bench();
    bench.write('acs', 1);
    bench.write('frc', 2);
    bench.charger.plugIn();
    bench.wait(5);
    assert.deepEqual([bench.get('car'), bench.get('modelStatus')], [3, 2]);
    bench.write('trx', 0);
    bench.wait(4);
    assert.deepEqual([bench.get('car'), bench.get('modelStatus')], [2, 3]);
  });

  it('frc 1 stops a half-full car, which then reads complete', () => {
    const bench = charging();
    bench.write('frc', 1);
    bench.wait(2);
    assert.deepEqual([bench.get('car'), bench.get('modelStatus'), bench.get('alw')], [4, 4, false]);
    bench.write('frc', 0);
    bench.wait(4);
    assert.equal(bench.get('car'), 2);
  });

  it('the app can authorise as well, past mcr', () => {
    const bench = new Bench('59.4', { readOnly: true });
    bench.charger.set('acs', 1);
    bench.charger.plugIn();
    bench.wait(5);
    assert.equal(bench.get('modelStatus'), 2);
    bench.charger.set('trx', 0);
    bench.wait(4);
    assert.equal(bench.get('car'), 2);
  });

  it('trx clears on unplug', () => {
    const bench = charging();
    bench.write('trx', 0);
    bench.charger.unplug();
    bench.wait(1);
    assert.deepEqual([bench.get('trx'), bench.get('car')], [null, 1]);
  });

  it('trx clears after 120 s without a car', () => {
    const bench = new Bench();
    bench.write('trx', 0);
    bench.wait(119);
    assert.equal(bench.get('trx'), 0);
    bench.wait(1);
    assert.equal(bench.get('trx'), null);
  });

  it('055 hides trx while charging is forced off', () => {
    for (const [firmware, seen] of [
      ['055', null],
      ['59.4', 0],
    ] as const) {
      const bench = charging(firmware);
      bench.write('trx', 0);
      bench.write('frc', 1);
      bench.wait(1);
      assert.equal(bench.get('trx'), seen, firmware);
    }
  });

  it('a learned card authorises and counts its energy, an unknown one does not', () => {
    const bench = new Bench('60.3');
    bench.write('acs', 1);
    bench.charger.plugIn();
    bench.charger.readCard(4, '04AABBCC');
    bench.wait(3);
    assert.deepEqual([bench.get('trx'), bench.get('lrc'), bench.get('lri')], [null, null, null]);
    bench.charger.readCard(0, '04DDEEFF');
    bench.wait(60);
    assert.deepEqual([bench.get('trx'), bench.get('lrc')], [1, 0]);
    const energy = bench.get('c0e') as number;
    assert.ok(energy > 100, String(energy));
    const cards = bench.get('cards') as { energy: number; cardId: boolean; name: string }[];
    assert.equal(cards.length, 10);
    assert.deepEqual(cards[0], { name: 'User 1', energy, cardId: true });
    assert.equal(bench.write('del', 0).result, 'success');
    assert.deepEqual([bench.get('c0e'), bench.get('c0i')], [0, false]);
    bench.write('rde', true);
    assert.equal(bench.get('lri'), '04DDEEFF');
  });
});

describe('go-e simulator: current and phases', () => {
  const clamps: readonly [string, string, number, number][] = [
    ['ama', 'ama', 10, 10],
    ['the temperature', 'amt', 8, 8],
    ['tcl', 'tcl', 7, 7],
  ];
  for (const [what, key, value, expected] of clamps)
    it(`amp is taken although ${what} limits what is granted`, () => {
      const bench = charging();
      bench.charger.set(key, value);
      assert.equal(bench.write('amp', 16).result, 'success');
      bench.wait(2);
      assert.deepEqual([bench.get('amp'), bench.get('acu')], [16, expected]);
    });

  it('tcl drops itself after 10 min', () => {
    const bench = charging();
    bench.write('tcl', 7);
    bench.wait(599);
    assert.equal(bench.get('acu'), 7);
    bench.wait(1);
    assert.deepEqual([bench.get('tcl'), bench.get('acu')], [null, 16]);
  });

  it('acu is null on a CORE that is not charging', () => {
    const bench = new Bench('60.3');
    bench.wait(1);
    assert.equal(bench.get('acu'), null);
    bench.charger.plugIn();
    bench.wait(5);
    assert.equal(bench.get('acu'), 16);
  });

  it('nrg has 16 numbers: whole up to 053.x, fractions later; three phases about 11 kW', () => {
    for (const [firmware, whole] of [
      ['053.1', true],
      ['59.4', false],
    ] as const) {
      const nrg = charging(firmware).get('nrg') as number[];
      assert.equal(nrg.length, 16);
      assert.equal(nrg.every(Number.isInteger), whole, JSON.stringify(nrg));
      assert.deepEqual(nrg.slice(4, 7), [16, 16, 16]);
      assert.ok(Math.abs(nrg[11]! - 11_040) < 250, String(nrg[11]));
      assert.ok(Math.abs(nrg[7]! + nrg[8]! + nrg[9]! - nrg[11]!) < 2);
      assert.ok(nrg[12]! > 99);
    }
  });

  it('a one-phase car draws on L1 only', () => {
    const nrg = charging('59.4', { phases: 1 }).get('nrg') as number[];
    assert.deepEqual(nrg.slice(4, 7), [16, 0, 0]);
  });

  it('without the ground check the power factors are 0', () => {
    const bench = charging();
    bench.charger.set('nmo', true);
    assert.deepEqual((bench.get('nrg') as number[]).slice(12), [0, 0, 0, 0]);
  });

  it('psm while charging pauses for psmd, then charges on one phase', () => {
    const bench = charging();
    assert.deepEqual(bench.get('pha'), [true, true, true, true, true, true]);
    bench.write('psm', 1);
    bench.wait(1);
    assert.deepEqual([bench.get('modelStatus'), bench.get('alw'), bench.get('pnp')], [23, false, 3]);
    bench.wait(9);
    assert.equal(bench.get('alw'), false);
    bench.wait(4);
    assert.deepEqual([bench.get('car'), bench.get('pnp'), bench.get('pwm'), bench.get('fsp')], [2, 1, 1, true]);
    assert.deepEqual(bench.get('pha'), [true, false, false, true, true, true]);
  });

  it('with sua a phase switch looks like an unplug for about 10 s', () => {
    const bench = charging();
    bench.charger.set('sua', true);
    bench.write('psm', 1);
    bench.wait(1);
    assert.deepEqual([bench.get('car'), bench.get('modelStatus')], [1, 22]);
    bench.wait(8);
    assert.equal(bench.get('car'), 1);
    bench.wait(5);
    assert.equal(bench.get('car'), 2);
    assert.ok((bench.get('wh') as number) > 0, 'the session goes on');
  });

  it('psm without a car acts at once; old firmware says fsp false', () => {
    const bench = new Bench('053.1');
    bench.write('psm', 1);
    bench.wait(1);
    assert.deepEqual(
      [bench.charger.snapshot().get('pha'), bench.get('fsp')],
      ['[false,false,false,true,true,true]', false],
    );
  });
});

describe('go-e simulator: energy', () => {
  it('wh counts the session, eto the life; a new car starts wh anew', () => {
    const bench = charging();
    bench.wait(3600);
    const session = bench.get('wh') as number;
    assert.ok(Math.abs(session - 11_040) < 100, String(session));
    assert.equal(bench.get('eto'), Math.floor(session));
    bench.charger.unplug();
    bench.wait(1);
    assert.ok((bench.get('wh') as number) >= session, 'stays until the next car');
    bench.charger.plugIn();
    assert.equal(bench.get('wh'), 0);
    assert.ok((bench.get('eto') as number) >= Math.floor(session));
  });

  it('dwo stops charging when reached, unless forced on', () => {
    const bench = charging();
    bench.write('dwo', 100);
    bench.wait(60);
    assert.deepEqual([bench.get('car'), bench.get('modelStatus')], [4, 6]);
    bench.write('dwo', null);
    bench.wait(4);
    assert.equal(bench.get('car'), 2);
  });

  it('a full car reads complete while charging stays permitted', () => {
    const bench = charging('59.4', { capacity: 10_000, charged: 9950 });
    bench.wait(300);
    assert.deepEqual([bench.get('car'), bench.get('alw'), bench.get('modelStatus')], [4, true, 15]);
  });

  it('cdi counts up while charging; idle it is a duration, on a CORE null', () => {
    const bench = charging();
    assert.equal((bench.get('cdi') as { type: number }).type, 0);
    bench.wait(60);
    bench.write('frc', 1);
    bench.wait(1);
    const { type, value } = bench.get('cdi') as { type: number; value: number };
    assert.equal(type, 1);
    assert.ok(value >= 60_000 && value < 65_000, String(value));
    assert.equal(new Bench('60.3').get('cdi'), null);
  });

  it('event times are on the boot clock', () => {
    const bench = new Bench();
    assert.deepEqual([bench.get('lccfi'), bench.get('lcctc'), bench.get('lccfc')], [null, null, null]);
    bench.wait(100);
    bench.charger.plugIn();
    bench.wait(10);
    assert.equal(bench.get('lccfi'), 100_000);
    assert.equal(bench.get('lcctc'), 102_000);
    assert.equal(bench.get('tab'), bench.now - (bench.get('rbt') as number));
  });
});

describe('go-e simulator: surplus', () => {
  function eco(over: Readonly<Record<string, unknown>> = {}): Bench {
    const bench = new Bench();
    for (const [key, value] of Object.entries({
      fup: true,
      lmo: 4,
      frc: 0,
      acp: true,
      pgt: 0,
      mpwst: 0,
      mptwt: 0,
      ...over,
    }))
      assert.equal(bench.write(key, value).result, 'success', key);
    bench.charger.plugIn();
    return bench;
  }

  /** A house whose meter sees the car. */
  function feed(bench: Bench, pv: number, seconds: number): void {
    for (let second = 0; second < seconds; second += 5) {
      const own = (bench.get('nrg') as number[])[11]!;
      bench.write('ids', { pGrid: own - pv, pPv: pv, pAkku: 0 });
      bench.wait(5);
    }
  }

  it('does not charge without ids, charges with export, follows it with whole amperes', () => {
    const bench = eco();
    bench.wait(10);
    assert.deepEqual([bench.get('car'), bench.get('modelStatus')], [3, 17]);
    feed(bench, 2500, 60);
    assert.deepEqual([bench.get('car'), bench.get('modelStatus'), bench.get('pnp')], [2, 12, 1]);
    assert.ok(Number.isInteger(bench.get('acu')));
    assert.equal(bench.get('acu'), 10);
  });

  it('goes to three phases when there is enough', () => {
    const bench = eco();
    feed(bench, 8000, 90);
    assert.deepEqual([bench.get('car'), bench.get('pnp'), bench.get('acu')], [2, 3, 11]);
  });

  it('mpwst delays a phase switch', () => {
    const bench = eco({ mpwst: 60_000 });
    feed(bench, 2500, 30);
    assert.equal(bench.get('pnp'), 1);
    feed(bench, 8000, 40);
    assert.equal(bench.get('pnp'), 1);
    feed(bench, 8000, 60);
    assert.equal(bench.get('pnp'), 3);
  });

  it('pgrid, ppv, pakku read null after 10 s of silence and the charger pauses', () => {
    const bench = eco();
    feed(bench, 2500, 30);
    assert.equal(typeof bench.get('pgrid'), 'number');
    assert.equal(bench.get('ppv'), 2500);
    bench.wait(6);
    assert.deepEqual([bench.get('pgrid'), bench.get('ppv'), bench.get('pakku')], [null, null, null]);
    bench.wait(1);
    assert.deepEqual([bench.get('alw'), bench.get('modelStatus')], [false, 17]);
  });

  it('only pGrid is required', () => {
    const bench = eco();
    bench.write('ids', { pGrid: -3000 });
    bench.wait(1);
    assert.deepEqual([bench.get('pgrid'), bench.get('ppv'), bench.get('pakku')], [-3000, null, null]);
  });

  it('without acp a charging car is not interrupted, but held at the minimum', () => {
    const bench = eco({ acp: false });
    feed(bench, 2500, 30);
    bench.wait(30);
    assert.deepEqual([bench.get('car'), bench.get('modelStatus'), bench.get('acu')], [2, 20, 6]);
  });

  it('in basic mode ids changes nothing', () => {
    const bench = eco({ lmo: 3 });
    feed(bench, 0, 20);
    assert.deepEqual([bench.get('car'), bench.get('modelStatus'), bench.get('acu')], [2, 15, 16]);
  });

  it('splits the energy by source', () => {
    const bench = eco();
    feed(bench, 3000, 600);
    const [grid, solar, other] = ['whg', 'whs', 'who'].map((key) => bench.get(key) as number);
    assert.ok(solar! > 300 && grid! < solar! / 10 && other === 0, `${grid} ${solar} ${other}`);
    assert.ok(Math.abs(grid! + solar! - (bench.get('wh') as number)) < 0.01);
  });
});

describe('go-e simulator: faults, reboot, held values', () => {
  const numbers: readonly [Firmware, FaultName, number][] = [
    ['053.1', 'fi-unknown', 11],
    ['053.1', 'over-temperature', 13],
    ['055', 'lock-stuck-open', 15],
    ['59.4', 'lock-stuck-open', 12],
    ['60.3', 'fi-unknown', 14],
    ['60.3', 'over-temperature', 16],
    ['60.3', 'contactor-stuck', 9],
  ];
  for (const [firmware, name, code] of numbers)
    it(`${firmware} numbers ${name} ${code}`, () => {
      const bench = charging(firmware);
      bench.charger.fault(name);
      bench.wait(1);
      assert.deepEqual([bench.get('err'), bench.get('car'), bench.get('modelStatus')], [code, 5, 26]);
      bench.charger.fault(null);
      bench.wait(4);
      assert.deepEqual([bench.get('err'), bench.get('car')], [0, 2]);
    });

  it('rst reboots: rbt starts anew, rbc grows, event times are gone, energy and settings stay', () => {
    const bench = charging();
    bench.write('amp', 10);
    bench.wait(100);
    const wh = bench.get('wh') as number;
    assert.deepEqual(bench.write('rst', true), { result: 'success', effect: 'reboot' });
    const before = bench.get('rbc') as number;
    bench.charger.reboot(bench.now);
    bench.wait(1);
    assert.deepEqual([bench.get('rbt'), bench.get('rbc'), bench.get('lccfi')], [1000, before + 1, null]);
    assert.equal(bench.get('amp'), 10);
    assert.ok((bench.get('wh') as number) >= wh);
  });

  it('holds a value against its own reckoning until it is let go', () => {
    const bench = charging();
    for (const [key, value] of [
      ['car', 4],
      ['tma', [-16843.01]],
      ['nrg', []],
      ['rssi', null],
    ] as const) {
      bench.charger.set(key, value);
      assert.equal(bench.charger.snapshot().get(key), JSON.stringify(value));
      bench.wait(1);
      assert.equal(bench.charger.snapshot().get(key), JSON.stringify(value));
      bench.charger.set(key, undefined);
      assert.notEqual(bench.charger.snapshot().get(key), JSON.stringify(value));
    }
  });

  it('base topic: leading slash before 054.6, none later; a custom prefix is used literally', () => {
    assert.equal(new Bench('053.1').charger.baseTopic, '/go-eCharger/000001/');
    assert.equal(new Bench('055').charger.baseTopic, 'go-eCharger/000001/');
    const bench = new Bench('055', { prefix: '/goe/' });
    assert.deepEqual([bench.charger.baseTopic, bench.get('mtp')], ['/goe/', '/goe/']);
    bench.write('mtp', null);
    assert.deepEqual([bench.charger.baseTopic, bench.get('mtp')], ['go-eCharger/000001/', 'go-eCharger/000001/']);
  });
});
