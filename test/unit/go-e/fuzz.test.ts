import assert from 'node:assert/strict';
import { Buffer } from 'node:buffer';
import v8 from 'node:v8';
import vm from 'node:vm';
import { goe } from '../../../src/chargers/go-e';
import type { CommandName } from '../../../src/shared/commands';
import { goeKeys } from '../../../src/chargers/go-e/keys';
import { EnergyError } from '../../../src/shared/errors';
import { Bench, message } from './bench';

const MESSAGES = 20_000;

/** mulberry32: the same numbers in each run. */
function generator(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

const PAYLOADS = [
  '', '0', '-1', '1', '2', '4', '16.5', '1e308', '1e999', '-0', '007', 'true', 'null', 'nan', '"', '"text"', '"\\u0000"',
  '[]', '[1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16]', '[null,"x",{}]', '[[[[', '{}', '{"type":0,"value":-5}',
  '{"__proto__":{"polluted":1}}', '{"constructor":{"prototype":{"polluted":1}}}', '\ufeff1', 'success', '1'.repeat(400),
]; // prettier-ignore

const NAMES = [
  '__proto__',
  'constructor',
  'toString',
  'status',
  'hasOwnProperty',
  'amp/result',
  'amp/set',
  '/',
  '',
  ' ',
];

describe('go-e driver under a seeded flood', () => {
  const random = generator(20260114);
  const pick = <T>(items: readonly T[]): T => items[Math.floor(random() * items.length)]!;
  const payload = (): Uint8Array => {
    if (random() < 0.2) return Uint8Array.from({ length: Math.floor(random() * 40) }, () => Math.floor(random() * 256));
    return Buffer.from(pick(PAYLOADS));
  };
  const key = (): string => {
    const kind = random();
    if (kind < 0.7) return pick(goeKeys).key;
    return kind < 0.8 ? pick(NAMES) : `x${Math.floor(random() * 100_000).toString(36)}`;
  };

  it(`${MESSAGES} messages: nothing thrown, nothing endless, no prototype touched`, () => {
    const bench = new Bench();
    const commands: readonly [CommandName, Record<string, unknown>][] = [
      ['start', {}],
      ['setCurrent', { current: 10 }],
      ['feed', { grid: 100 }],
      ['set', { key: 'lot', value: 16 }],
    ];
    for (let count = 0; count < MESSAGES; count++) {
      const received = message(bench.base + key(), payload(), random() < 0.3);
      bench.now += Math.floor(random() * 2000);
      const changed = goe.decode(bench.native, received, bench.now);
      assert.ok(changed.length <= 1);
      if (random() < 0.001) goe.disconnected(bench.native);
      if (count % 20 !== 0) continue;
      const { state, power, online } = goe.project(bench.native, bench.now);
      assert.ok(power === null || Number.isFinite(power));
      if (online === null) assert.equal(state, 'unknown');
      const deadline = goe.deadline(bench.native, bench.now);
      assert.ok(deadline === null || deadline > bench.now);
      try {
        bench.step(...pick(commands)).judge?.(received);
      } catch (error) {
        assert.ok(error instanceof EnergyError, String(error));
      }
    }
    const raw = goe.raw(bench.native);
    assert.equal(Object.getPrototypeOf(raw), null);
    assert.equal(({} as { polluted?: unknown }).polluted, undefined);
    assert.ok(Object.keys(raw).length <= goeKeys.length + 256);
    assert.ok(goe.faults(bench.native).size <= goeKeys.length + 256);
    JSON.stringify(goe.project(bench.native, bench.now));
    JSON.stringify(raw);
  });

  it('a charger with 300 keys takes less than 16 kB', () => {
    v8.setFlagsFromString('--expose-gc');
    const collect = vm.runInNewContext('gc') as () => void;
    const charger = (): Bench => {
      const bench = new Bench();
      for (const { key, json } of goeKeys.slice(0, 300))
        bench.live({ [key]: json[0] === 'string' ? '"some text"' : '12.5' });
      bench.status();
      return bench;
    };
    const many = 200;
    const benches = [charger()];
    collect();
    const before = process.memoryUsage().heapUsed;
    while (benches.length <= many) benches.push(charger());
    collect();
    const each = (process.memoryUsage().heapUsed - before) / many;
    assert.ok(each > 1000 && each < 16_384, `${Math.round(each)} bytes`);
    assert.equal(benches.length, many + 1);
  });
});
