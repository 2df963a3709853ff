import assert from 'node:assert/strict';
import { goe } from '../../../src/chargers/go-e';
import { Bench, message } from './bench';

describe('go-e life', () => {
  it('never comes from retained messages, which stay after a power cut (mcc true, car 2)', () => {
    const bench = new Bench();
    bench.retained({ mcc: 'true', car: '2', rbt: '1000' });
    const { online, lastSeen, stale, state } = bench.status();
    assert.deepEqual(
      { online, lastSeen, stale, state },
      { online: null, lastSeen: null, stale: true, state: 'unknown' },
    );
    assert.equal(goe.deadline(bench.native, bench.now), null);
  });

  it('begins with the first live message, even one that brings nothing new', () => {
    const bench = new Bench();
    bench.retained({ car: '2', rbt: '1000' });
    assert.deepEqual(bench.live({ rbt: '1000' }), ['rbt']);
    const { online, lastSeen, stale, state } = bench.status();
    assert.deepEqual(
      { online, lastSeen, stale, state },
      { online: true, lastSeen: '2026-01-14T12:00:00.000Z', stale: false, state: 'charging' },
    );
  });

  it('ends 30 s after the last live message, and a deadline says so', () => {
    const bench = new Bench();
    bench.live({ rbt: '1000', car: '2', nrg: '[230,230,230,0,16,16,16,3680,3680,3680,0,11040,100,100,100,0]' });
    assert.equal(goe.deadline(bench.native, bench.now), bench.now + 30_000);
    bench.wait(29_999);
    assert.equal(bench.status().online, true);
    bench.wait(1);
    const { online, stale, state, power } = bench.status();
    assert.deepEqual(
      { online, stale, state, power },
      { online: false, stale: true, state: 'unavailable', power: 11040 },
    );
    assert.equal(goe.deadline(bench.native, bench.now), null);
    assert.deepEqual(bench.live({ rbt: '1000' }), ['rbt']);
    assert.equal(bench.status().online, true);
  });

  it('takes the time that the user set for it', () => {
    const bench = new Bench({ staleAfter: 120 });
    bench.live({ rbt: '1000' });
    bench.wait(119_999);
    assert.equal(bench.status().online, true);
    bench.wait(1);
    assert.equal(bench.status().online, false);
  });

  it('is unknown again after the broker connection was lost, the time of the last message is kept', () => {
    const bench = new Bench();
    bench.live({ rbt: '1000', car: '1' });
    goe.disconnected(bench.native);
    bench.wait(1000);
    bench.retained({ car: '2' });
    const { online, stale, state, lastSeen, vehicle } = bench.status();
    assert.deepEqual({ online, stale, state }, { online: null, stale: true, state: 'unknown' });
    assert.equal(lastSeen, '2026-01-14T12:00:00.000Z');
    assert.equal(vehicle.connected, true);
    assert.equal(goe.deadline(bench.native, bench.now), null);
  });

  it('shows in an answer, too, but not in a retained one', () => {
    const bench = new Bench();
    const answer = (retained: boolean): readonly string[] =>
      goe.decode(bench.native, message(`${bench.base}amp/result`, 'success', retained), bench.now);
    assert.deepEqual(answer(true), []);
    assert.equal(bench.status().online, null);
    assert.deepEqual(answer(false), ['amp']);
    assert.equal(bench.status().online, true);
    assert.deepEqual(answer(false), []);
  });

  it('is not lent by a later replay: what was heard live stays', () => {
    const bench = new Bench();
    bench.live({ amp: '16' });
    assert.deepEqual(bench.retained({ amp: '6' }), []);
    assert.equal(goe.raw(bench.native)['amp'], 16);
  });

  it('names each key that changed, once', () => {
    const bench = new Bench();
    bench.live({ rbt: '1' });
    assert.deepEqual(bench.live({ amp: '16' }), ['amp']);
    assert.deepEqual(bench.live({ amp: '16' }), []);
    assert.deepEqual(bench.live({ tma: '[24.125,28.25]', brandNew: '{"a":1}' }), ['tma', 'brandNew']);
    assert.ok(goe.quiet.has('rbt') && goe.quiet.has('nrg') && goe.quiet.has('fhz') && !goe.quiet.has('car'));
  });
});

describe('go-e restart', () => {
  // `frc` is known live, so an accepted write of the same value is at once known to change nothing.
  const within = (bench: Bench): number | undefined => bench.step('stop').afterAccepted?.within;
  const started = (): Bench => {
    const bench = new Bench();
    bench.live({ rbt: '900000', rbc: '7', frc: '1' });
    assert.equal(within(bench), 0);
    return bench;
  };

  it('shows in rbt going back: nothing counts as known live any more', () => {
    const bench = started();
    bench.live({ rbt: '2500' });
    assert.equal(bench.native.rebooted, bench.now);
    assert.equal(within(bench), 3000);
  });

  it('shows in rbc going up', () => {
    const bench = started();
    bench.live({ rbc: '8' });
    assert.equal(bench.native.rebooted, bench.now);
    assert.equal(within(bench), 3000);
  });

  it('is noted once: what came between the two signs is known', () => {
    const bench = started();
    bench.live({ rbt: '2500', frc: '1', rbc: '8' });
    assert.equal(within(bench), 0);
  });

  it('is not read into an ordinary tick, a replay or garbage', () => {
    const bench = started();
    bench.live({ rbt: '901000', rbc: '7' });
    bench.live({ rbt: 'garbage' });
    bench.live({ rbt: 'null' });
    bench.live({ rbt: '902000' });
    bench.retained({ rbt: '1' });
    assert.equal(bench.native.rebooted, null);
  });
});

describe('go-e unreadable payloads', () => {
  const CASES: readonly [string, string, string | Uint8Array, RegExp][] = [
    ['no JSON', 'amp', 'sixteen', /not JSON: sixteen/],
    ['JSON cut off', 'nrg', '[230,230', /not JSON/],
    ['text without quotes', 'fna', 'my charger', /not JSON/],
    ['leading zeros', 'amp', '016', /not JSON/],
    ['a number that is none', 'amp', 'NaN', /not JSON/],
    ['beyond any double', 'eto', '1e999', /out of range/],
    ['not UTF-8', 'fna', Uint8Array.of(0x22, 0xff, 0xfe, 0x22), /UTF-8/],
    ['number as text', 'car', '"2"', /string, not number/],
    ['object for an array', 'nrg', '{"0":230}', /object, not array/],
    ['boolean for a number', 'amp', 'true', /boolean, not number/],
    ['nested without end', 'ccu', `${'['.repeat(500)}${']'.repeat(500)}`, /nested too deeply/],
    ['a number beyond any double inside', 'nrg', '[1e999]', /out of range/],
    ['longer than any document', 'wsl', `"${'x'.repeat(20_000)}"`, /bytes/],
  ];
  for (const [what, key, payload, text] of CASES)
    it(`${what}: told, the last good value stays`, () => {
      const good = key === 'fna' ? '"garage"' : key === 'nrg' ? '[1]' : '10';
      const bench = new Bench();
      bench.live({ [key]: good });
      goe.decode(bench.native, message(bench.base + key, payload), bench.now);
      assert.match(goe.faults(bench.native).get(key) ?? '', text);
      assert.deepEqual(goe.raw(bench.native)[key], JSON.parse(good));
      bench.live({ [key]: good });
      assert.equal(goe.faults(bench.native).size, 0);
    });

  it('of secrets are not quoted', () => {
    const bench = new Bench();
    bench.live({ mcu: 'mqtt://user:hunter2@broker', newSecret: 'hunter2' });
    const told = [...goe.faults(bench.native).values()];
    assert.equal(told.length, 2);
    assert.ok(!told.join().includes('hunter2'));
  });

  it('an empty payload deletes what only a replay told, and is no sign of life', () => {
    const bench = new Bench();
    bench.retained({ wh: '1200' });
    assert.deepEqual(bench.live({ wh: '' }), ['wh']);
    assert.equal(bench.status().session.energy, null);
    assert.equal(bench.status().online, null);
    bench.live({ wh: '1300' });
    assert.deepEqual(bench.live({ wh: '' }), []);
    assert.equal(bench.status().session.energy, 1300);
  });

  it('an API v1 device (quirk 9) is told and never comes alive', () => {
    const bench = new Bench();
    bench.live({ status: '{"version":"B","car":"1","amp":"16","alw":"1"}' });
    assert.match(goe.faults(bench.native).get('status') ?? '', /API v1/);
    assert.equal(bench.status().online, null);
    assert.deepEqual({ ...goe.raw(bench.native) }, {});
  });
});
