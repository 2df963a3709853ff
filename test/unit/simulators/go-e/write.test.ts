import assert from 'node:assert/strict';
import type { Firmware } from '../../../../src/simulators/go-e/profiles';
import { Bench } from './bench';

/** firmware, key, payload, answer (null = silence) */
type Case = readonly [Firmware, string, string, string | null];

const CASES: readonly Case[] = [
  // As the vendor shows them.
  ['59.4', 'fna', 'new_name', 'invalid json IncompleteInput: new_name'],
  ['59.4', 'fna', '0', 'value must be string 0'],
  ['59.4', 'fna', '"mein charger"', 'success'],
  // Not JSON
  ['59.4', 'fna', '', 'invalid json EmptyInput: '],
  ['59.4', 'fna', '"open', 'invalid json IncompleteInput: "open'],
  ['59.4', 'ids', '{"pGrid":1', 'invalid json IncompleteInput: {"pGrid":1'],
  ['59.4', 'amp', '#00FF00', 'invalid json InvalidInput: #00FF00'],
  ['59.4', 'amp', '16 A', 'invalid json InvalidInput: 16 A'],
  // Types
  ['59.4', 'amp', '"16"', 'value must be integer "16"'],
  ['59.4', 'amp', '10.5', 'value must be integer 10.5'],
  ['59.4', 'acs', 'true', 'value must be integer true'],
  ['59.4', 'awe', '1', 'value must be bool 1'],
  ['59.4', 'amp', 'null', 'value must be integer null'],
  ['59.4', 'loty', 'true', 'success'],
  ['59.4', 'c0i', 'true', 'tried to set unknown api key true'],
  ['60.3', 'c0i', 'true', 'value must be string true'],
  // Null where it is legal
  ['59.4', 'dwo', 'null', 'success'],
  ['59.4', 'trx', 'null', 'success'],
  ['59.4', 'mtp', 'null', 'success'],
  ['59.4', 'tcl', 'null', 'success'],
  ['59.4', 'mcpea', 'null', 'success'],
  // Ranges
  ['59.4', 'fna', '"abc"', 'String length 3 exceeds range 4 to 64 "abc"'],
  ['59.4', 'amp', '5', 'Value 5 exceeds range 6 to 16 5'],
  ['59.4', 'amp', '17', 'Value 17 exceeds range 6 to 16 17'],
  ['59.4', 'amp', '16.0', 'success'],
  ['59.4', 'frc', '3', 'Value 3 exceeds range 0 to 2 3'],
  // Without setter, unknown, not over MQTT, refused
  ['59.4', 'alw', 'true', 'tried to set api key without setter true'],
  ['59.4', 'fsp', 'true', 'tried to set api key without setter true'],
  ['60.3', 'fsp', 'true', 'fsp can not be set, use psm instead true'],
  ['59.4', 'nope', '1', 'tried to set unknown api key 1'],
  ['59.4', '__proto__', '1', 'tried to set unknown api key 1'],
  ['59.4', 'wda', 'true', 'api key is not allowed from mqtt'],
  ['59.4', 'trx', '6', 'starting transaction for 6 is not allowed'],
  ['59.4', 'trx', '1', 'success'],
  ['59.4', 'ids', '{"pPv":1}', 'pGrid must be number {"pPv":1}'],
  // Before 054.7 there is one subscription per settable key.
  ['053.1', 'fna', '0', 'value must be string 0'],
  ['053.1', 'alw', 'true', null],
  ['053.1', 'nope', '1', null],
  ['053.1', 'ids', '{"pGrid":1}', null],
  // Before 051.5 there are no answers at all.
  ['050', 'fna', '"mein charger"', null],
  ['050', 'fna', '0', null],
];

describe('go-e simulator: /set and /result', () => {
  for (const [firmware, key, payload, result] of CASES)
    it(`${firmware}: ${key} <- ${payload || 'nothing'}: ${result ?? 'silence'}`, () => {
      assert.equal(new Bench(firmware).charger.write(key, payload).result, result);
    });

  it('an accepted value shows on the next tick, a refused one does not', () => {
    const bench = new Bench();
    bench.charger.snapshot();
    bench.write('amp', 10);
    bench.write('frc', 7);
    const changed = bench.wait(1);
    assert.equal(changed.get('amp'), '10');
    assert.equal(changed.has('frc'), false);
  });

  it('a value that was so already is answered and not published again', () => {
    const bench = new Bench();
    bench.charger.snapshot();
    assert.equal(bench.write('amp', 16).result, 'success');
    assert.equal(bench.wait(1).has('amp'), false);
  });

  it('ignored writes are answered success and never echoed', () => {
    const bench = new Bench('60.3');
    bench.charger.snapshot();
    bench.charger.ignoreWrites(['amp']);
    assert.equal(bench.write('amp', 10).result, 'success');
    assert.equal(bench.write('amp', 99).result, 'Value 99 exceeds range 6 to 16 99');
    assert.equal(bench.wait(1).has('amp'), false);
    bench.charger.ignoreWrites([]);
    bench.write('amp', 10);
    assert.equal(bench.wait(1).get('amp'), '10');
  });

  it('mcr blocks writes in silence and cannot be lifted over MQTT', () => {
    const bench = new Bench('59.4', { readOnly: true });
    assert.equal(bench.write('amp', 10).result, null);
    assert.equal(bench.write('mcr', false).result, null);
    assert.equal(bench.get('amp'), 16);
    assert.equal(bench.charger.snapshot().get('mcr'), 'true');
    bench.charger.set('mcr', false);
    assert.equal(bench.write('amp', 10).result, 'success');
  });

  it('050 takes writes whatever mcr says', () => {
    const bench = new Bench('050', { readOnly: true });
    bench.write('amp', 10);
    assert.equal(bench.get('amp'), 10);
  });

  it('a write-only key is never stored', () => {
    const bench = new Bench();
    assert.equal(bench.write('ids', { pGrid: -500 }).result, 'success');
    assert.equal(bench.charger.snapshot().has('ids'), false);
  });

  it('a number written to the lot object sets its amp only', () => {
    const bench = new Bench();
    bench.write('lot', 20);
    assert.deepEqual(bench.get('lot'), { amp: 20, dyn: 0, sta: 32, ts: 0 });
    const old = new Bench('055');
    old.write('lot', 20);
    assert.equal(old.get('lot'), 20);
  });

  it('survives any bytes on any key', () => {
    const bench = new Bench('60.3');
    const payloads = [
      '',
      '{',
      '[[[[',
      '\u0000',
      '{"__proto__":{"x":1}}',
      'NaN',
      '-',
      '1e999',
      '"\\ud800"',
      '[null]',
      '{}',
    ];
    for (const key of [...bench.charger.snapshot().keys(), 'ids', 'lrn', 'del', 'awpl', 'constructor', '', 'c10n']) {
      for (const payload of payloads) assert.doesNotThrow(() => bench.charger.write(key, payload), `${key} ${payload}`);
    }
    assert.doesNotThrow(() => bench.wait(2));
    assert.equal(({} as Record<string, unknown>)['x'], undefined);
  });
});
