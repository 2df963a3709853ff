import assert from 'node:assert/strict';
import { goe } from '../../../src/chargers/go-e';
import { sessionDetails } from '../../../src/chargers/go-e/session-details';
import type { ChargerStatus } from '../../../src/chargers/status';
import { LAST_KNOWN, SNAPSHOT } from '../../support/recorded-go-e';
import { Bench } from './bench';

/** A live charger with these values. */
function live(payloads: Readonly<Record<string, string>>): Bench {
  const bench = new Bench();
  bench.live({ rbt: '5000000', ...payloads });
  return bench;
}

describe('go-e status of a recorded V3 with firmware 053.1', () => {
  it('shows the retained values as last known ones, then comes alive', () => {
    const bench = new Bench({ baseTopic: SNAPSHOT.base });
    bench.retained(SNAPSHOT.values);
    assert.deepEqual(bench.status(), { ...LAST_KNOWN, name: 'garage' });
    assert.equal(goe.faults(bench.native).size, 0);
    bench.live({ rbt: '9564801' });
    assert.deepEqual(bench.status(), {
      ...LAST_KNOWN,
      name: 'garage',
      online: true,
      stale: false,
      lastSeen: '2026-01-14T12:00:00.000Z',
      state: 'disconnected',
    });
    assert.equal(bench.native.rebooted, null);
  });

  it('masks what is secret in the raw values, and keeps null', () => {
    const bench = new Bench({ baseTopic: SNAPSHOT.base });
    bench.retained(SNAPSHOT.values);
    const raw = goe.raw(bench.native);
    assert.equal(raw['ccw'], '***');
    assert.equal(raw['dll'], '***');
    assert.equal(raw['lri'], null);
    assert.equal(raw['fhz'], 49.774);
    assert.deepEqual(raw['clp'], [6, 10, 12, 14, 16]);
    assert.equal(Object.keys(raw).length, Object.keys(SNAPSHOT.values).length);
  });
});

describe('go-e state', () => {
  const CASES: readonly [string, Record<string, string>, ChargerStatus['state'], boolean | null][] = [
    ['no car', { car: '1' }, 'disconnected', false],
    ['charging', { car: '2' }, 'charging', true],
    [
      'charging without power (quirk 7: all zero on 60.4 PRO) is reported as it is',
      { car: '2', nrg: '[0]' },
      'charging',
      true,
    ],
    ['waiting for the car', { car: '3', modelStatus: '15' }, 'connected', true],
    ['waiting for solar surplus', { car: '3', modelStatus: '24' }, 'paused', true],
    ['waiting for a card', { car: '3', modelStatus: '2' }, 'connected', true],
    ['complete', { car: '4', frc: '0', modelStatus: '15' }, 'complete', true],
    ['complete without any reason', { car: '4' }, 'complete', true],
    ['4 after a forced stop (quirk 4) is a pause', { car: '4', frc: '1', modelStatus: '4' }, 'paused', true],
    ['4 after a stop by schedule is a pause', { car: '4', frc: '0', modelStatus: '5' }, 'paused', true],
    ['energy limit reached', { car: '4', modelStatus: '6' }, 'complete', true],
    ['fault without code, car connected', { car: '5', err: '0' }, 'error', true],
    ['fault with code', { car: '1', err: '8' }, 'error', false],
    ['no charge controller data (quirk 2)', { car: 'null' }, 'unknown', null],
    ['unknown', { car: '0' }, 'unknown', null],
    ['initializing (60.4)', { car: '6' }, 'unknown', null],
    ['a code of the future (quirk 1)', { car: '9' }, 'unknown', null],
    ['a reason of the future (quirk 1)', { car: '3', modelStatus: '77' }, 'connected', true],
    ['long fractions (quirk 6)', { car: '2.0' }, 'charging', true],
  ];
  for (const [what, payloads, state, connected] of CASES)
    it(`${what}: ${state}`, () => {
      const status = live(payloads).status();
      assert.equal(status.state, state);
      assert.equal(status.vehicle.connected, connected);
    });
});

describe('go-e unplugging (quirk 4: a phase switch reports "no car" for about 10 s)', () => {
  it('is believed after 15 s, and a deadline says so', () => {
    const bench = live({ car: '2', modelStatus: '15' });
    bench.wait(1000);
    bench.live({ car: '1', modelStatus: '22', rbt: '5001000' });
    assert.equal(bench.status().vehicle.connected, true);
    assert.equal(bench.status().state, 'paused');
    assert.equal(goe.deadline(bench.native, bench.now), bench.now + 15_000);
    bench.wait(14_999);
    assert.equal(bench.status().vehicle.connected, true);
    bench.wait(1);
    assert.equal(bench.status().vehicle.connected, false);
    assert.equal(bench.status().state, 'disconnected');
  });

  it('is forgotten when the car is back in time', () => {
    const bench = live({ car: '2' });
    bench.live({ car: '1' });
    bench.wait(10_000);
    bench.live({ car: '2' });
    bench.wait(5000);
    assert.equal(bench.status().state, 'charging');
    assert.equal(goe.deadline(bench.native, bench.now), bench.now + 25_000);
  });

  it('counts from the first report on', () => {
    const bench = live({ car: '3' });
    bench.live({ car: '1' });
    bench.wait(8000);
    bench.live({ car: '1' });
    bench.wait(7000);
    assert.equal(bench.status().state, 'disconnected');
  });

  it('needs no waiting when the car was only known from a replay', () => {
    const bench = new Bench();
    bench.retained({ car: '4' });
    bench.live({ car: '1' });
    assert.equal(bench.status().state, 'disconnected');
  });
});

describe('go-e nrg', () => {
  type Electrical = Pick<ChargerStatus, 'power' | 'currents' | 'voltages'>;
  const NOTHING: Electrical = { power: null, currents: [null, null, null], voltages: [null, null, null] };
  const CASES: readonly [string, string, Electrical][] = [
    [
      'floats since 054',
      '[227.54,225.99,226.61,2.79,15.314,15.39,15.466,3484.561,3471.439,3503.163,0,10459.16,100,99.8,99.95,100]',
      { power: 10459.16, currents: [15.314, 15.39, 15.466], voltages: [227.54, 225.99, 226.61] },
    ],
    [
      'integers up to 053',
      '[230,231,232,0,16,0,0,3680,0,0,0,3680,100,0,0,0]',
      { power: 3680, currents: [16, 0, 0], voltages: [230, 231, 232] },
    ],
    [
      'more numbers than 16',
      '[230,231,232,0,1,2,3,4,5,6,7,8,9,10,11,12,13,14]',
      { power: 8, currents: [1, 2, 3], voltages: [230, 231, 232] },
    ],
    ['fewer numbers', '[230,231,232,0,16]', { power: null, currents: [16, null, null], voltages: [230, 231, 232] }],
    [
      'entries that are none',
      '[null,"230",{},0,[1],true,-0.0,0,0,0,0,"x",0,0,0,0]',
      { power: null, currents: [null, null, 0], voltages: [null, null, null] },
    ],
    ['empty', '[]', NOTHING],
    ['null', 'null', NOTHING],
  ];
  for (const [what, nrg, expected] of CASES)
    it(what, () => {
      const { power, currents, voltages } = live({ nrg }).status();
      assert.deepEqual({ power, currents, voltages }, expected);
    });
});

describe('go-e readings', () => {
  const reading = <T>(
    what: string,
    payloads: Record<string, string>,
    read: (status: ChargerStatus) => T,
    expected: T,
  ): Mocha.Test => it(what, () => assert.deepEqual(read(live(payloads).status()), expected));

  describe('phases', () => {
    const active = (status: ChargerStatus): unknown => status.phases.active;
    const wanted = (status: ChargerStatus): unknown => status.phases.wanted;
    reading('pnp counts', { pnp: '1', pha: '[true,true,true,true,true,true]' }, active, 1);
    reading('else the outputs of the contactor', { pha: '[true,true,true,true,true,true]' }, active, 3);
    reading('none while idle', { pha: '[false,false,false,true,true,true]' }, active, null);
    reading('none while idle (pnp)', { pnp: '0' }, active, null);
    reading('pha null', { pha: 'null' }, active, null);
    reading('psm 0', { psm: '0' }, wanted, 'auto');
    reading('psm 1', { psm: '1' }, wanted, 1);
    reading('psm 2', { psm: '2' }, wanted, 3);
    reading('psm 7', { psm: '7' }, wanted, null);
    reading('fsp tells nothing: always false in older firmware', { fsp: 'false' }, wanted, null);
  });

  describe('limits', () => {
    const max = (status: ChargerStatus): unknown => status.limits.max;
    reading('minimum', { mca: '6' }, (status) => status.limits.min, 6);
    reading('installation', { ama: '20', var: '22' }, max, 20);
    reading('hardware', { ama: '32', var: '11' }, max, 16);
    reading('cable', { ama: '32', var: '22', cbl: '20' }, max, 20);
    reading('no cable (quirk 2)', { ama: '32', cbl: 'null' }, max, 32);
    reading('cable on PRO and CORE (quirk 5)', { ama: '32', cll: '{"cableCurrentLimit":13}' }, max, 13);
    reading('adapter', { ama: '32', adi: 'true' }, max, 16);
    reading(
      'adapter on CORE, which always reports one',
      { ama: '32', adi: 'true', typ: '"go-eCharger_Phoenix"' },
      max,
      32,
    );
    reading('temperature: amt is in ampere', { ama: '32', amt: '10' }, max, 10);
    reading('nothing known', {}, max, null);
  });

  describe('session', () => {
    const duration = (status: ChargerStatus): unknown => status.session.duration;
    const limit = (status: ChargerStatus): unknown => status.session.limit;
    reading('energy', { wh: '1234.5' }, (status) => status.session.energy, 1234.5);
    reading('duration after charging', { cdi: '{"type":1,"value":11554770}' }, duration, 11555);
    reading('duration while charging', { cdi: '{"type":0,"value":1}', lcctc: '4400000' }, duration, 600);
    reading('duration while charging, begin unknown', { cdi: '{"type":0,"value":1}' }, duration, null);
    reading('duration null on some versions', { cdi: 'null' }, duration, null);
    reading('limit', { dwo: '20000' }, limit, { type: 'energy', value: 20000 });
    reading('no limit', { dwo: 'null' }, limit, null);
  });

  describe('temperature (quirk 3)', () => {
    const temperature = (status: ChargerStatus): unknown => status.temperature;
    reading('the hotter of two', { tma: '[24.25,28.25]' }, temperature, 28.25);
    reading('one of two missing', { tma: '[24.25]' }, temperature, 24.25);
    reading('nonsense', { tma: '[-16843.01,31]' }, temperature, 31);
    reading('text for a broken sensor', { tma: '["sensor error",null]' }, temperature, null);
    reading('PRO and CORE: from the third on', { tma: '[99,98,41.5,40,0,0]' }, temperature, 41.5);
  });

  describe('mode and control', () => {
    const mode = (status: ChargerStatus): unknown => status.mode;
    const by = (status: ChargerStatus): unknown => status.control.by;
    reading('basic', { lmo: '3' }, mode, 'normal');
    reading('eco', { lmo: '4', fup: 'true' }, mode, 'eco');
    reading('next-trip has no word', { lmo: '5' }, mode, null);
    reading('forcing is no mode', { lmo: '4', frc: '1' }, mode, 'eco');
    reading('forced on', { modelStatus: '3', frc: '2' }, by, 'manual');
    reading('forced off', { modelStatus: '4', frc: '1' }, by, 'manual');
    reading('forced, but access control comes first', { modelStatus: '2', frc: '2' }, by, 'charger');
    reading('schedule', { modelStatus: '5' }, by, 'schedule');
    reading('energy limit', { modelStatus: '6' }, by, 'limit');
    reading('surplus', { modelStatus: '12' }, by, 'divert');
    reading('basic charging', { modelStatus: '15', frc: '0' }, by, 'charger');
    reading('forced, no reason published', { frc: '2' }, by, 'manual');
    reading('not forced, no reason published', { frc: '0' }, by, null);
    reading(
      'timetables',
      { sch_week: '{"control":1,"ranges":[]}', sch_sund: '{"control":0,"ranges":[]}' },
      (status) => status.control.schedule,
      [
        { key: 'sch_week', control: 1, ranges: [] },
        { key: 'sch_sund', control: 0, ranges: [] },
      ],
    );
  });

  describe('error: two numberings', () => {
    const text = (status: ChargerStatus): unknown => status.error?.text;
    reading('none', { err: '0' }, (status) => status.error, null);
    reading('null (quirk 2)', { err: 'null' }, (status) => status.error, null);
    reading('agreed code', { err: '8' }, (status) => status.error, { code: 8, text: 'ground fault' });
    reading('12 in 2022', { err: '12', fwv: '"053.1"' }, text, 'unknown fault');
    reading('12 since 56', { err: '12', fwv: '"60.4"' }, text, 'cable lock stuck open');
    reading('16 in 2022', { err: '16', fwv: '"055.7"' }, text, 'cable lock stuck locked');
    reading('16 since 56', { err: '16', fwv: '"056.1"' }, text, 'over-temperature');
    reading('16 of a firmware that is not known', { err: '16' }, text, 'unknown(16)');
    reading('a code of the future', { err: '99', fwv: '"61.0"' }, text, 'unknown(99)');
  });

  it('every phase of both numberings is a text', () => {
    for (let code = 1; code <= 10; code++) {
      const older = live({ err: String(code), fwv: '"053.1"' }).status().error?.text;
      assert.equal(older, live({ err: String(code), fwv: '"60.4"' }).status().error?.text);
      assert.doesNotMatch(older ?? '', /unknown/);
    }
  });
});

describe('go-e session details', () => {
  const card = (payloads: Record<string, string>): unknown => sessionDetails(live(payloads).native).card;
  const CARDS = '[{"name":"Anna","energy":1,"cardId":true},{"name":"Ben","energy":2,"cardId":false}]';

  it('names the card from the array up to 59.x', () => {
    assert.deepEqual(card({ trx: '2', cards: CARDS }), { slot: 1, name: 'Ben' });
  });
  it('names the card from single keys since 60.0', () => {
    assert.deepEqual(card({ trx: '1', c0n: '"Anna"', c1n: '"Ben"' }), { slot: 0, name: 'Anna' });
  });
  it('takes both at once, as 60.3 publishes them', () => {
    assert.deepEqual(card({ trx: '1', c0n: '"Anna"', cards: '[]' }), { slot: 0, name: 'Anna' });
  });
  it('knows a session without card, and none', () => {
    assert.deepEqual(card({ trx: '0' }), { slot: null, name: null });
    assert.equal(card({ trx: 'null' }), null);
    assert.equal(card({ trx: '11' }), null);
    assert.deepEqual(card({ trx: '10' }), { slot: 9, name: null });
  });
  it('tells sources and the feed, both null when there are none', () => {
    const known = sessionDetails(live({ whs: '10', whg: '20.5', whb: '0', pgrid: '-1500', ppv: '4000' }).native);
    assert.deepEqual(known.source, { solar: 10, grid: 20.5, battery: 0 });
    assert.deepEqual(known.feed, { grid: -1500, solar: 4000, battery: null });
    const expired = sessionDetails(live({ pgrid: 'null', ppv: 'null', pakku: 'null' }).native);
    assert.deepEqual(expired, { card: null, source: null, feed: null });
  });
});
