import assert from 'node:assert/strict';
import { DATASETS, type LinkyValue } from '../../../src/linky/types';
import {
  accept,
  DAILY,
  DETAILED,
  detailed,
  newReader,
  NOW,
  OTHER_PDL,
  BASE,
  payloads,
  PDL,
  valueOf,
  VALUES,
} from './support';

describe('linky reader: what cannot be read', () => {
  const garbage: Record<string, unknown> = {
    empty: '',
    blank: '  ',
    None: 'None',
    null: 'null',
    NaN: 'NaN',
    unknown: 'unknown',
    unavailable: 'unavailable',
    'a comma decimal': '11,482',
    'a unit': '11.482 kWh',
    hexadecimal: '0x10',
    Infinity: '1e999',
    'a quoted number': '"11.482"',
    'truncated JSON': '{"value": 11.4',
    'an array': '[11.482]',
    'an array of objects': [{ value: 1 }],
    HTML: '<html><body>502 Bad Gateway</body></html>',
    'an object without value': { unit: 'kWh' },
    'a null value': { value: null },
    'a boolean value': { value: true },
    'a comma in the value': { value: '11,4' },
    'an unknown unit': { value: 11, unit: 'MJ' },
    'the unit of another quantity': { value: 11, unit: 'kVA' },
    'a numeric unit': { value: 11, unit: 5 },
    '1 MB of digits': '1'.repeat(1_000_000),
    'more than 1 MB': `{"value": 1, "x": "${'x'.repeat(1_000_000)}"}`,
    'deep nesting': '['.repeat(100_000),
  };
  for (const [name, payload] of Object.entries(garbage)) {
    it(`matrix 2: ${name} is BAD_PAYLOAD once, never a number`, () => {
      const reader = newReader();
      const first = accept(reader, DAILY, payload);
      assert.deepEqual(first.messages, []);
      assert.equal(first.faults.length, 1);
      assert.equal(first.faults[0]!.code, 'BAD_PAYLOAD');
      assert.ok(!first.faults[0]!.text.includes(PDL), 'the meter number is masked');
      assert.ok(first.faults[0]!.text.length < 300);
      assert.deepEqual(accept(reader, DAILY, payload), { messages: [], notices: [], faults: [] });
    });
  }

  for (const dataset of DATASETS) {
    it(`matrix 2: each kind of garbage on ${dataset} is BAD_PAYLOAD once, and the last good value stays`, () => {
      const topic = dataset === 'status' ? 'myelectricaldata/status' : `${BASE}/${dataset}`;
      const good = VALUES[dataset] ?? payloads[dataset === 'status' ? 'status' : 'detailed'];
      const kinds = ['empty', 'None', 'a comma decimal', 'truncated JSON', 'an array', 'HTML', 'more than 1 MB'];
      for (const kind of kinds) {
        const reader = newReader();
        accept(reader, topic, good);
        const known = reader.known();
        const [first, second] = [accept(reader, topic, garbage[kind]), accept(reader, topic, garbage['null'])];
        assert.deepEqual([first.messages, first.faults.map(({ code }) => code)], [[], ['BAD_PAYLOAD']], kind);
        assert.deepEqual(second, { messages: [], notices: [], faults: [] }, kind);
        assert.deepEqual(reader.known(), known, kind);
      }
    });
  }

  it('matrix 2: bytes that are no UTF-8', () => {
    const payload = Buffer.from('{"value":5,"tariff":"?"}');
    payload[payload.indexOf('?')] = 0xff;
    const bad = { topic: DAILY, payload, retained: false, qos: 1 } as const;
    assert.equal(newReader().accept(bad, NOW).faults.length, 1);
  });

  it('matrix 2: readable again, then unreadable again is told again; the last good value stays', () => {
    const reader = newReader();
    accept(reader, DAILY, '5');
    assert.equal(accept(reader, DAILY, 'None').faults.length, 1);
    assert.deepEqual([...reader.unreadable().keys()], [DAILY]);
    assert.equal((reader.known()[0]!.payload as LinkyValue).value, 5);
    accept(reader, DAILY, '6');
    assert.equal(reader.unreadable().size, 0);
    assert.equal(accept(reader, DAILY, 'None').faults.length, 1);
  });

  it('matrix 2: a wrong meter in the body: the topic wins, the mismatch is told once and masked', () => {
    const reader = newReader();
    const body = { ...(payloads['daily'] as object), pdl: OTHER_PDL };
    const accepted = accept(reader, DAILY, body);
    assert.equal(valueOf(accepted).pdl, PDL);
    assert.deepEqual(
      accepted.notices.map(({ code }) => code),
      ['PDL_MISMATCH'],
    );
    assert.ok(!/\d{14}/.test(accepted.notices[0]!.text));
    assert.ok(accepted.notices[0]!.text.includes('09…0123'));
    assert.deepEqual(accept(reader, DAILY, { ...body, value: 11.483 }).notices, []);
  });

  it('matrix 2: curves that cannot be placed', () => {
    const day = detailed('2025-02-03', () => 0.2) as { data: unknown[] };
    const broken: Record<string, unknown> = {
      'a bare number': '5',
      'no data': { date: '2025-02-03' },
      'data that are no array': { ...day, data: {} },
      'no date': { ...day, date: undefined },
      'a date that does not exist': { ...day, date: '2025-02-30' },
      'an unknown interval': { ...day, interval: '7min' },
      'an unknown unit': { ...day, unit: 'J' },
      'labels that are none': { ...day, data: [{ time: 'noon', value: 1 }] },
      '47 items without labels': { ...day, data: new Array(47).fill({ value: 0.2 }) },
      'more items than any day has': { ...day, data: new Array(151).fill({ time: '00:00', value: 1 }) },
      'an empty array': { ...day, data: [] },
    };
    for (const [name, payload] of Object.entries(broken)) {
      const accepted = accept(newReader(), DETAILED, payload);
      assert.equal(accepted.faults.length, 1, name);
      assert.deepEqual(accepted.messages, [], name);
    }
  });

  it('matrix 2: a topic whose meter is none is noticed once, whatever the topic', () => {
    const reader = newReader();
    assert.equal(accept(reader, 'myelectricaldata/kitchen/consumption/daily', '5').notices[0]!.code, 'NOT_A_METER');
    assert.deepEqual(accept(reader, 'myelectricaldata/cellar/consumption/daily', '5').notices, []);
  });
});
