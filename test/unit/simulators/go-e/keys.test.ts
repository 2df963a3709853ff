import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { isPublished, keysOf, type ValueType } from '../../../../src/simulators/go-e/keys';
import type { Firmware } from '../../../../src/simulators/go-e/profiles';
import { Bench } from './bench';

interface Recording {
  readonly base: string;
  readonly types: Readonly<Record<string, string>>;
}

const file = path.join(process.cwd(), 'test/fixtures/simulators/go-e/firmware-053.1-types.json');
const recorded = JSON.parse(fs.readFileSync(file, 'utf8')) as Recording;

function jsonType(payload: string): string {
  const value: unknown = JSON.parse(payload);
  return value === null ? 'null' : Array.isArray(value) ? 'array' : typeof value;
}

const WIRE: Readonly<Record<ValueType, string | undefined>> = {
  bool: 'boolean',
  integer: 'number',
  number: 'number',
  string: 'string',
  object: 'object',
  array: 'array',
  any: undefined,
};

describe('go-e simulator: keys', () => {
  it('053.1 publishes the topics of a recorded V3 with values of the same JSON types', () => {
    const { charger } = new Bench('053.1');
    assert.equal(charger.baseTopic, recorded.base);
    const types = Object.fromEntries([...charger.snapshot()].map(([key, payload]) => [key, jsonType(payload)]));
    assert.deepEqual(types, recorded.types);
  });

  const counts: readonly [Firmware, number][] = [
    ['050', 66],
    ['053.1', 67],
    ['055', 256],
    ['59.4', 272],
    ['60.3', 300],
  ];
  for (const [firmware, count] of counts)
    it(`${firmware} publishes ${count} keys, each with the type of its table row`, () => {
      const bench = new Bench(firmware);
      bench.charger.plugIn();
      bench.wait(5);
      const snapshot = bench.charger.snapshot();
      assert.equal(snapshot.size, count);
      const drifting = new Set(['bac', 'sdp', 'lot', 'tls']);
      for (const [key, payload] of snapshot) {
        const row = keysOf(firmware).get(key)!;
        assert.ok(isPublished(row, firmware), key);
        if (drifting.has(key) && firmware !== '59.4' && firmware !== '60.3') continue;
        if (row.null && payload === 'null') continue;
        assert.equal(jsonType(payload), WIRE[row.type] ?? jsonType(payload), `${key}: ${payload}`);
        if (row.type === 'integer') assert.ok(Number.isInteger(JSON.parse(payload)), `${key}: ${payload}`);
      }
    });

  const presence: readonly [string, readonly Firmware[]][] = [
    ['psm', ['053.1', '055', '59.4', '60.3']],
    ['cards', ['050', '053.1', '055', '59.4', '60.3']],
    ['c5i', ['60.3']],
    ['sse', ['055', '59.4', '60.3']],
    ['cus', ['055', '59.4']],
    ['whs', ['59.4', '60.3']],
    ['pgt', ['59.4', '60.3']],
    ['sua', ['59.4', '60.3']],
    ['ids', []],
    ['rst', []],
  ];
  for (const [key, firmwares] of presence)
    it(`${key} is published by ${firmwares.join(', ') || 'none'}`, () => {
      const publishing = counts
        .map(([firmware]) => firmware)
        .filter((firmware) => new Bench(firmware).charger.snapshot().has(key));
      assert.deepEqual(publishing, firmwares);
    });

  it('types drift: booleans and a plain number before they became numbers and an object', () => {
    const values = (firmware: Firmware): unknown[] => ['bac', 'sdp', 'lot'].map((key) => new Bench(firmware).get(key));
    assert.deepEqual(values('055'), [true, true, 32]);
    assert.deepEqual(values('59.4'), [0, 0, { amp: 32, dyn: 0, sta: 32, ts: 0 }]);
  });

  it('publishes only what changed: the clock keys each second, the settings not again', () => {
    const bench = new Bench('59.4');
    bench.charger.snapshot();
    const changed = bench.wait(1);
    for (const key of ['rbt', 'utc', 'loc', 'fhz', 'nrg']) assert.ok(changed.has(key), key);
    for (const key of ['amp', 'fna', 'car', 'wh', 'eto']) assert.ok(!changed.has(key), key);
    assert.ok(changed.size < 12, [...changed.keys()].join());
  });

  it('utc and loc carry microseconds behind a second point and an offset behind a blank', () => {
    const bench = new Bench('053.1');
    assert.match(String(bench.get('utc')), /^2022-02-16T19:27:34\.042\.\d{3}$/);
    assert.match(String(bench.get('loc')), /^2022-02-16T20:27:34\.042\.\d{3} \+01:00$/);
    const summer = new Bench('053.1', { now: Date.UTC(2022, 6, 1, 10) });
    assert.match(String(summer.get('loc')), /^2022-07-01T12:00:00\.000\.\d{3} \+02:00$/);
  });
});
