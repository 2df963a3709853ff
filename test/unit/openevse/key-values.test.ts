import assert from 'node:assert/strict';
import { KeyTable, KeyValues, parseJson, toNumber } from '../../../src/chargers/key-values';

const TABLE = new KeyTable(['amp', 'doc'], (key, value) =>
  key === 'amp' && typeof value === 'string' ? 'is not a number' : null,
);
const bytes = (text: string): Uint8Array => Buffer.from(text);

describe('KeyValues', () => {
  it('keeps integers as numbers where their text round-trips, all else as text', () => {
    const values = new KeyValues(new KeyTable(['key']));
    const exact = ['0', '7', '-55', '4294967295', '123456789012345'];
    const text = ['007', '-0', '+5', '1.5', '1e3', '', '-', '1234567890123456', ' 5', 'true', '[1]', 'Grüße', '😀'];
    for (const payload of [...exact, ...text]) {
      values.store('key', bytes(payload));
      const value = values.get('key');
      assert.equal(String(value), payload);
      assert.equal(typeof value, exact.includes(payload) ? 'number' : 'string', payload);
    }
  });

  it('tells changes from repetitions', () => {
    const values = new KeyValues(TABLE);
    for (const [key, payload, changed] of [
      ['amp', '16', true],
      ['amp', '16', false],
      ['amp', '17', true],
      ['doc', '{"a":1}', true],
      ['doc', '{"a":1}', false],
      ['doc', '{"a":2}', true],
      ['other', 'Grüße', true],
      ['other', 'Grüße', false],
      ['other', 'Gr\xfc\xdfe', false],
      ['other', 'Gruße', true],
      ['other', '5', true],
      ['other', '5', false],
    ] as const) {
      assert.equal(values.store(key, bytes(payload)), changed, `${key} ${payload}`);
    }
    assert.deepEqual(
      [...values.entries()],
      [
        ['amp', 17],
        ['doc', '{"a":2}'],
        ['other', 5],
      ],
    );
    assert.deepEqual(
      [values.delete('amp'), values.delete('amp'), values.delete('other'), values.get('doc')],
      [true, false, true, '{"a":2}'],
    );
  });

  it('names a fault until the next readable payload, and keeps the value', () => {
    const values = new KeyValues(TABLE);
    values.store('amp', bytes('16'));
    for (const bad of ['abc', '']) assert.equal(values.store('amp', bytes(bad)), false);
    assert.deepEqual([...values.faults], [['amp', 'is not a number']]);
    assert.equal(values.get('amp'), 16);
    assert.equal(values.store('amp', bytes('16')), false);
    assert.equal(values.faults.size, 0);
    values.store('doc', Uint8Array.of(0xc3, 0x28));
    assert.equal(values.faults.get('doc'), 'is not UTF-8 text');
  });

  it('parses a document once per change', () => {
    const values = new KeyValues(TABLE);
    assert.equal(values.json('doc'), undefined);
    values.store('doc', bytes('{"a":[1]}'));
    const first = values.json('doc');
    assert.deepEqual(first, { a: [1] });
    values.store('doc', bytes('{"a":[1]}'));
    assert.equal(values.json('doc'), first);
    values.store('doc', bytes('{"a":'));
    assert.equal(values.json('doc'), undefined);
    values.store('doc', bytes('12'));
    assert.equal(values.json('doc'), 12);
  });

  it('is bounded: unknown keys, their names, their values, faults', () => {
    const values = new KeyValues(TABLE);
    for (let n = 0; n < 1000; n++) values.store(`key${n}`, bytes('x'));
    assert.equal([...values.entries()].length, 256);
    assert.equal(values.get('key255'), 'x');
    assert.equal(values.get('key256'), undefined);
    assert.equal(values.faults.size, 256);
    assert.equal(values.store('key1', bytes('y')), true, 'a known one still changes');
    assert.equal(values.store('key1', bytes('y'.repeat(5000))), false);
    assert.equal(values.get('key1'), 'y');
    assert.equal(values.store('doc', bytes('y'.repeat(5000))), true);
    assert.equal(values.store('doc', bytes('y'.repeat(50_000))), false);
    assert.match(values.faults.get('doc') ?? '', /50000 bytes/);
    const fresh = new KeyValues(TABLE);
    assert.equal(fresh.store('k'.repeat(65), bytes('x')), false);
    assert.equal([...fresh.faults.keys()][0]?.length, 65, 'the name in the fault is cut');
  });

  it('has no keys but those that were stored', () => {
    const values = new KeyValues(TABLE);
    assert.equal(values.get('__proto__'), undefined);
    assert.equal(values.get('constructor'), undefined);
    values.store('__proto__', bytes('1'));
    assert.equal(values.get('__proto__'), 1);
    assert.equal(({} as Record<string, unknown>)['1'], undefined);
  });

  it('reads decimal and exponent forms, nothing else', () => {
    for (const [text, number] of [
      ['1.5', 1.5],
      ['2.012722817e7', 20127228.17],
      ['1e-7', 1e-7],
      ['-3.6E+2', -360],
    ] as const) {
      assert.equal(toNumber(text), number);
    }
    for (const text of ['', ' ', '0x10', 'Infinity', 'NaN', '1,5', '1.', '.5', '1e999', 'true', undefined]) {
      assert.equal(toNumber(text), null, String(text));
    }
    assert.equal(parseJson('{"a"'), undefined);
  });
});
