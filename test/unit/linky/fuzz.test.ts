/** Hostile input: nothing throws, nothing grows without bound, nothing unreadable becomes a number. */
import assert from 'node:assert/strict';
import type { Message } from '../../../src/mqtt/types';
import { LinkyPricer } from '../../../src/linky/pricer';
import { Tariff } from '../../../src/linky/tariff';
import { newReader, NOW, payloads, PDL, random } from './support';

const next = random(20250204);
const pick = <T>(list: readonly T[]): T => list[Math.floor(next() * list.length)]!;
const int = (limit: number): number => Math.floor(next() * limit);

const TAILS = [
  'consumption/daily',
  'consumption/detailed',
  'consumption/stats',
  'consumption/month',
  'max_power',
  'production/detailed',
  'consumption/annual/current/week/Monday/base/kWh',
  'consumption/annual/2024/month/13/base/kWh',
];
const SCALARS: readonly unknown[] = [
  null,
  0,
  -0,
  1e308,
  -1e308,
  0.1,
  '',
  'None',
  '11.4',
  '2025-02-03',
  '2025-03-30',
  '9999-12-31',
  '-271821-04-20',
  '2025-10-26T02:30:00',
  true,
  [],
  {},
  '30min',
  'W',
  '__proto__',
];
const KEYS = [
  ...'value unit date timestamp pdl hc hp data interval time granularity status last_sync errors'.split(' '),
  '__proto__',
  'constructor',
  'yesterday_kwh',
  'idx',
  'svalue',
];

function body(depth: number): unknown {
  if (depth === 0 || next() < 0.3) return pick(SCALARS);
  if (next() < 0.3) return Array.from({ length: int(60) }, () => body(depth - 1));
  return Object.fromEntries(Array.from({ length: int(8) }, () => [pick(KEYS), body(depth - 1)]));
}

function bytes(): Uint8Array {
  const choice = next();
  if (choice < 0.1) return Uint8Array.from({ length: int(64) }, () => int(256));
  const text = JSON.stringify(choice < 0.5 ? pick(Object.values(payloads)) : body(2));
  if (choice > 0.8) {
    const cut = int(text.length + 1);
    return Buffer.from(text.slice(0, cut) + String.fromCharCode(int(128)) + text.slice(cut + int(3)));
  }
  return Buffer.from(text);
}

function fuzzed(): Message {
  const pdl = next() < 0.7 ? PDL : String(int(1e9)).padStart(14, '0');
  const topic = pick([
    () => `myelectricaldata/${pdl}/${pick(TAILS)}`,
    () => 'myelectricaldata/status',
    () => `homeassistant/sensor/myelectricaldata_consumption/${pdl}/${pick(['state', 'attributes'])}`,
    () => `myelectricaldata/${String.fromCharCode(int(500))}/${pick(TAILS)}`,
  ])();
  return { topic, payload: bytes(), retained: next() < 0.5, qos: 1 };
}

describe('linky reader under hostile input', () => {
  it('matrix 2: 20,000 fuzzed messages', () => {
    const reader = newReader({ onlyNew: false });
    const prices = { blueHc: 1, blueHp: 1, whiteHc: 1, whiteHp: 1, redHc: 1, redHp: 1 };
    const pricer = new LinkyPricer(new Tariff({ option: 'TEMPO', periods: [{ prices, subscription: 5 }] }));
    for (let i = 0; i < 20_000; i += 1) {
      const { messages, faults, notices } = reader.accept(fuzzed(), NOW);
      pricer.learn(body(1));
      for (const { payload } of messages) {
        pricer.price(payload);
        if ('value' in payload) assert.ok(Number.isFinite(payload.value));
        if ('slots' in payload) {
          assert.ok(payload.slots.length >= 23 && payload.slots.length <= 150);
          assert.ok(payload.total === null || Number.isFinite(payload.total));
        }
      }
      for (const { text } of [...faults, ...notices]) assert.ok(!/(?<!\d)\d{14}(?!\d)/.test(text), text);
    }
    assert.equal(({} as Record<string, unknown>)['value'], undefined);
  });

  it('what it remembers is bounded, whatever the number of meters', () => {
    const reader = newReader();
    for (let i = 0; i < 5_000; i += 1) {
      const topic = `myelectricaldata/${String(i).padStart(14, '0')}/consumption/daily`;
      reader.accept(
        {
          topic,
          payload: Buffer.from(next() < 0.5 ? '{"value":5,"date":"2025-02-03"}' : 'x y'),
          retained: false,
          qos: 1,
        },
        NOW,
      );
    }
    const state = reader.exportState();
    assert.ok(state.seen.length <= 2_048 && state.dailies.length <= 512);
    assert.ok(reader.known().length <= 512 && reader.unreadable().size <= 512);
    assert.ok(JSON.stringify(state).length < 400_000);
  });
});
