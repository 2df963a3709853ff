import assert from 'node:assert/strict';
import { DATASETS, type LinkyCurve, type LinkyPayload, type LinkyValue } from '../../../src/linky/types';
import type { Accepted, LinkyReader } from '../../../src/linky/reader';
import { detailed, label, message, newReader, NOW, OTHER_PDL, payloads, PDL } from './support';

const P = `myelectricaldata/${PDL}`;
const DAILY = `${P}/consumption/daily`;
const DETAILED = `${P}/consumption/detailed`;

const accept = (reader: LinkyReader, topic: string, payload: unknown, retained = false): Accepted =>
  reader.accept(message(topic, payload, retained), NOW);
const only = (accepted: Accepted): LinkyPayload => {
  assert.deepEqual(accepted.faults, []);
  assert.equal(accepted.messages.length, 1);
  return accepted.messages[0]!.payload;
};
const value = (accepted: Accepted): LinkyValue => only(accepted) as LinkyValue;
const curveOf = (accepted: Accepted): LinkyCurve => only(accepted) as LinkyCurve;

const JSON_OF: Record<string, unknown> = {
  'consumption/daily': payloads['daily'],
  'consumption/daily/hc': payloads['part'],
  'consumption/daily/hp': payloads['part'],
  'consumption/month': payloads['month'],
  'consumption/year': payloads['year'],
  max_power: payloads['maxPower'],
  'production/daily': payloads['part'],
  'production/month': payloads['month'],
  'production/year': payloads['year'],
};

describe('linky reader', () => {
  for (const [dataset, body] of Object.entries(JSON_OF)) {
    for (const retained of [false, true]) {
      it(`matrix 1: ${dataset} as json, retained ${retained}`, () => {
        const accepted = accept(newReader(), `${P}/${dataset}`, body, retained);
        const { value: number, date, timestamp, unit } = body as Record<string, unknown>;
        const { tariff = null, hc = null, hp = null } = body as Record<string, unknown>;
        const direction = dataset.startsWith('production') ? 'production' : 'consumption';
        assert.deepEqual(only(accepted), {
          pdl: PDL,
          direction,
          dataset,
          date,
          value: number,
          unit,
          timestamp,
          tariff,
          hc,
          hp,
          format: 'json',
        });
        assert.equal(accepted.messages[0]!.topic, `${P}/${dataset}`);
        assert.equal(accepted.messages[0]!.retain, retained);
        assert.equal(accepted.messages[0]!.dialect, 'standard');
      });

      it(`matrix 1: ${dataset} as simple, retained ${retained}`, () => {
        const read = value(accept(newReader(), `${P}/${dataset}`, ' 5.27\n', retained));
        assert.equal(read.value, 5.27);
        assert.equal(read.unit, dataset === 'max_power' ? 'kVA' : 'kWh');
        assert.equal(read.date, null);
        assert.equal(read.timestamp, null);
        assert.equal(read.pdl, PDL);
        assert.equal(read.format, 'simple');
      });
    }
  }

  it('matrix 1: the load curve example, three quarters of the day missing', () => {
    const read = curveOf(accept(newReader(), DETAILED, payloads['detailed']));
    assert.deepEqual(read.coverage, { slots: 2, expected: 48 });
    assert.deepEqual(read.slots[0], {
      start: '2025-02-02T23:00:00.000Z',
      end: '2025-02-02T23:30:00.000Z',
      energy: 0.151,
      power: 302,
    });
    assert.equal(read.slots[2]!.energy, null);
    assert.equal(read.slots[2]!.power, null);
    assert.equal(read.total, 0.3);
  });

  it('matrix 1: the status example', () => {
    assert.deepEqual(only(accept(newReader(), 'myelectricaldata/status', payloads['status'])), {
      dataset: 'status',
      status: 'ok',
      lastSync: '2025-02-04T07:12:09Z',
      nextSync: '2025-02-04T08:12:09Z',
      pdlCount: 1,
      errors: [],
      dialect: 'standard',
    });
  });

  for (const retained of [false, true]) {
    for (const direction of ['consumption', 'production']) {
      it(`matrix 1: ${direction}/detailed, json in either format, retained ${retained}`, () => {
        const accepted = accept(newReader(), `${P}/${direction}/detailed`, payloads['detailed'], retained);
        const read = curveOf(accepted);
        assert.deepEqual(
          [read.pdl, read.direction, read.dataset, read.date, read.interval, read.total],
          [PDL, direction, `${direction}/detailed`, '2025-02-03', 30, 0.3],
        );
        assert.deepEqual([accepted.messages[0]!.retain, accepted.messages[0]!.dialect], [retained, 'standard']);
      });
    }

    it(`matrix 1: status, json in either format, retained ${retained}`, () => {
      const accepted = accept(newReader(), 'myelectricaldata/status', payloads['status'], retained);
      assert.equal(only(accepted).dataset, 'status');
      assert.deepEqual([accepted.messages[0]!.retain, accepted.messages[0]!.dialect], [retained, 'standard']);
    });
  }

  it('matrix 1: two meters are told apart', () => {
    const reader = newReader();
    assert.equal(value(accept(reader, DAILY, '5')).pdl, PDL);
    assert.equal(value(accept(reader, `myelectricaldata/${OTHER_PDL}/consumption/daily`, '5')).pdl, OTHER_PDL);
  });

  it('matrix 1: only the wanted datasets are told', () => {
    const reader = newReader({ datasets: ['consumption/month'] });
    assert.equal(accept(reader, DAILY, payloads['daily']).messages.length, 0);
    assert.equal(accept(reader, `${P}/consumption/month`, payloads['month']).messages.length, 1);
  });

  const numbers: [string, number][] = [
    ['11.482', 11.482],
    ['+1.5', 1.5],
    ['-0.5', -0.5],
    ['.5', 0.5],
    ['5.', 5],
    ['1.2e1', 12],
    ['  7\r\n', 7],
    ['0', 0],
    ['\ufeff3.2', 3.2],
  ];
  for (const [text, expected] of numbers) {
    it(`reads the bare number ${JSON.stringify(text)}`, () => {
      assert.equal(value(accept(newReader(), DAILY, text)).value, expected);
    });
  }

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
      const topic = dataset === 'status' ? 'myelectricaldata/status' : `${P}/${dataset}`;
      const good = JSON_OF[dataset] ?? payloads[dataset === 'status' ? 'status' : 'detailed'];
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
    assert.equal(value(accepted).pdl, PDL);
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

  const conversions: [string, object, number][] = [
    ['consumption/daily', { value: 11482, unit: 'Wh' }, 11.482],
    ['consumption/daily', { value: '11.482', unit: 'kwh' }, 11.482],
    ['max_power', { value: 6500, unit: 'VA' }, 6.5],
    ['max_power', { value: 6.5 }, 6.5],
    ['max_power', { value: 6500 }, 6.5],
    ['max_power', { value: 36, unit: 'kVA' }, 36],
  ];
  for (const [dataset, body, expected] of conversions) {
    it(`matrix 3: ${dataset} ${JSON.stringify(body)} is ${expected}`, () => {
      assert.equal(value(accept(newReader(), `${P}/${dataset}`, body)).value, expected);
    });
  }

  it('matrix 3: hc and hp are converted with their value', () => {
    const read = value(accept(newReader(), DAILY, { value: 10_000, unit: 'Wh', hc: 4_000, hp: '6000' }));
    assert.deepEqual([read.value, read.hc, read.hp], [10, 4, 6]);
  });

  const day = '2025-02-03';
  // A day of 14.7 kWh in average W, and the same in every unit and interval.
  const watts = (i: number): number => 300 + 25 * (i % 25);
  for (const interval of [10, 15, 30, 60]) {
    const perHour = 60 / interval;
    const units = {
      W: (w: number) => w,
      kW: (w: number) => w / 1000,
      Wh: (w: number) => w / perHour,
      kWh: (w: number) => w / perHour / 1000,
    };
    const total =
      Array.from({ length: 1440 / interval }, (_, i) => watts(i)).reduce((sum, w) => sum + w, 0) / perHour / 1000;
    for (const [unit, convert] of Object.entries(units)) {
      // At 60 min kW and kWh, W and Wh are the same numbers.
      const source = interval === 60 ? ({ kW: 'kWh', W: 'Wh' }[unit] ?? unit) : unit;
      const body = detailed(day, (i) => convert(watts(i)), interval);

      it(`matrix 3: a curve in ${unit} every ${interval} min after its daily total`, () => {
        const reader = newReader();
        accept(reader, DAILY, { value: Number(total.toFixed(2)), date: day });
        const read = curveOf(accept(reader, DETAILED, body));
        assert.deepEqual(read.unit, { source, decidedBy: 'daily' });
        assert.ok(Math.abs(read.total! - total) < 1e-6);
        assert.ok(Math.abs(read.slots[7]!.power! - watts(7)) < 1e-3);
        assert.equal(read.interval, interval);
      });

      it(`matrix 5: a curve in ${unit} every ${interval} min before its daily total`, () => {
        const reader = newReader();
        const guessed = curveOf(accept(reader, DETAILED, body)).unit;
        assert.equal(guessed.decidedBy, 'guess');
        const { messages } = accept(reader, DAILY, { value: Number(total.toFixed(2)), date: day });
        assert.equal(messages[0]!.payload.dataset, 'consumption/daily');
        if (guessed.source === source) {
          assert.equal(messages.length, 1);
          return;
        }
        const again = messages[1]!;
        assert.equal(again.corrected, true);
        assert.equal(again.topic, DETAILED);
        assert.deepEqual((again.payload as LinkyCurve).unit, { source, decidedBy: 'daily' });
        assert.ok(Math.abs((again.payload as LinkyCurve).total! - total) < 1e-6);
        assert.deepEqual(accept(reader, DETAILED, body).messages, [], 'the same curve again is not new');
      });

      it(`matrix 3: a curve told to be in ${unit} every ${interval} min by property and by payload`, () => {
        const byProperty = newReader({ detailedUnit: unit as 'W' });
        assert.deepEqual(curveOf(accept(byProperty, DETAILED, body)).unit, { source: unit, decidedBy: 'property' });
        const read = curveOf(accept(newReader(), DETAILED, { ...body, unit }));
        assert.deepEqual(read.unit, { source: unit, decidedBy: 'payload' });
        assert.ok(Math.abs(read.total! - total) < 1e-6);
      });
    }
  }

  it('matrix 3: without a daily total whole numbers of 50 and more are W, everything else kWh', () => {
    const unit = (of: (i: number) => number): string =>
      curveOf(accept(newReader(), DETAILED, detailed(day, of))).unit.source;
    assert.equal(
      unit((i) => (i === 5 ? 50 : 0)),
      'W',
    );
    assert.equal(
      unit(() => 49),
      'kWh',
    );
    assert.equal(
      unit((i) => (i === 5 ? 300.5 : 300)),
      'kWh',
    );
  });

  it('matrix 3: a total that fits no unit, and a curve with holes, leave the guess', () => {
    const reader = newReader();
    accept(reader, DAILY, { value: 3, date: day });
    assert.equal(
      curveOf(
        accept(
          reader,
          DETAILED,
          detailed(day, () => 0.2),
        ),
      ).unit.decidedBy,
      'guess',
    );
    const holed = newReader();
    accept(holed, DAILY, { value: 9.6, date: day });
    const body = detailed(day, (i) => (i === 3 ? null : 0.2));
    assert.equal(curveOf(accept(holed, DETAILED, body)).unit.decidedBy, 'guess');
  });

  it('matrix 3: a full curve that misses its total by more than rounding is noticed', () => {
    const reader = newReader();
    accept(reader, DAILY, { value: 9.9, date: day });
    const { notices } = accept(
      reader,
      DETAILED,
      detailed(day, () => 0.2),
    );
    assert.deepEqual(
      notices.map(({ code }) => code),
      ['CURVE_GAP'],
    );
  });

  it('matrix 5: an older date after a newer one is new; a repeated one is not; a changed one is', () => {
    const reader = newReader();
    const send = (date: string, kWh: number): number => accept(reader, DAILY, { value: kWh, date }).messages.length;
    assert.deepEqual(
      [send('2025-02-03', 5), send('2025-02-01', 5), send('2025-02-03', 5), send('2025-02-01', 5)],
      [1, 1, 0, 0],
    );
    assert.deepEqual([send('2025-02-01', 6), send('2025-02-01', 6)], [1, 0]);
  });

  it('matrix 5: a month before its day, a duplicate delivery, and every message with onlyNew off', () => {
    const reader = newReader();
    assert.equal(accept(reader, `${P}/consumption/month`, payloads['month']).messages.length, 1);
    assert.equal(accept(reader, DAILY, payloads['daily']).messages.length, 1);
    assert.equal(accept(reader, DAILY, payloads['daily']).messages.length, 0);
    const all = newReader({ onlyNew: false });
    assert.equal(accept(all, DAILY, payloads['daily']).messages.length, 1);
    assert.equal(accept(all, DAILY, payloads['daily']).messages.length, 1);
  });

  it('matrix 5: a simple value has no date, so only a changed value is new', () => {
    const reader = newReader();
    const count = (text: string): number => accept(reader, DAILY, text).messages.length;
    assert.deepEqual([count('5'), count('5.0'), count('6'), count('5')], [1, 0, 1, 1]);
  });

  it('matrix 6: a month and a year in either spelling of their date', () => {
    const dateOf = (tail: string, body: object): string | null =>
      value(accept(newReader(), `${P}/consumption/${tail}`, { value: 1, ...body })).date;
    assert.equal(dateOf('month', { date: '2024-12' }), '2024-12');
    assert.equal(dateOf('month', { month: '2025-01' }), '2025-01');
    assert.equal(dateOf('month', { date: '2024-02-29' }), '2024-02');
    assert.equal(dateOf('year', { year: 2025 }), '2025');
    assert.equal(dateOf('year', { date: '2024-12-31' }), '2024');
    assert.equal(dateOf('daily', { date: '2024-02-29' }), '2024-02-29');
    assert.equal(dateOf('daily', { date: '2024-12-31T23:30:00Z' }), '2025-01-01', 'an instant has a Paris date');
    assert.equal(dateOf('monthly', { month: '2025-01' }), '2025-01');
    assert.equal(dateOf('yesterday', { date: '2025-01-01' }), '2025-01-01');
  });

  it('matrix 6: a date that cannot be read leaves the value, without a date, and says so', () => {
    const accepted = accept(newReader(), DAILY, { value: 5, date: '2025-02-29' });
    assert.equal(value(accepted).date, null);
    assert.equal(accepted.notices[0]!.code, 'DATE_UNREADABLE');
    assert.equal(accept(newReader(), DAILY, { value: 5, date: '2025-03-01' }).notices[0]!.code, 'FUTURE_DATE');
  });

  /** Instants by the definition: local midnight, as told, and then one interval after the other. */
  const midnights: [string, string, string, number][] = [
    ['2025-02-03', '2025-02-02T23:00:00.000Z', '2025-02-03T23:00:00.000Z', 24],
    ['2025-03-30', '2025-03-29T23:00:00.000Z', '2025-03-30T22:00:00.000Z', 23],
    ['2025-10-26', '2025-10-25T22:00:00.000Z', '2025-10-26T23:00:00.000Z', 25],
  ];
  for (const [date, start, end, hours] of midnights) {
    for (const interval of [10, 15, 30, 60]) {
      const count = (hours * 60) / interval;

      it(`matrix 4: the ${count} items of ${date} every ${interval} min stand at their instants, whatever their labels`, () => {
        const right = detailed(date, (i) => 100 + i, interval) as { data: { time: string; value: number }[] };
        // The end of each slot on the wall clock, less the interval: as the local client labels it.
        const naive = right.data.map(({ value: watts }, i) => {
          const [hour = 0, minute = 0] = (right.data[i + 1]?.time ?? '24:00').split(':').map(Number);
          return { time: label(hour * 60 + minute - interval), value: watts };
        });
        for (const data of [right.data, naive]) {
          const read = curveOf(accept(newReader({ detailedUnit: 'W' }), DETAILED, { ...right, data }));
          assert.deepEqual(read.coverage, { slots: count, expected: count });
          assert.deepEqual([read.slots[0]!.start, read.slots.at(-1)!.end], [start, end]);
          read.slots.forEach((slot, i) => {
            const at = Date.parse(start) + i * interval * 60_000;
            assert.deepEqual(
              [Date.parse(slot.start), Date.parse(slot.end), slot.power],
              [at, at + interval * 60_000, 100 + i],
            );
          });
        }
      });
    }
  }

  it('matrix 4: of 47 items the missing one is a hole in the coverage, not a zero', () => {
    const whole = detailed(day, (i) => 100 + i) as { data: unknown[] };
    const read = curveOf(accept(newReader(), DETAILED, { ...whole, data: whole.data.filter((_, i) => i !== 20) }));
    assert.deepEqual(read.coverage, { slots: 47, expected: 48 });
    assert.deepEqual(
      read.slots.flatMap(({ power }, i) => (power === null ? i : [])),
      [20],
    );
    assert.equal(read.slots[20]!.energy, null);
    assert.ok(Math.abs(read.total! - (48 * 100 + (47 * 48) / 2 - 120) / 2_000) < 1e-9, String(read.total));
  });

  it('matrix 4: nulls are holes; a day of nulls has no total', () => {
    const some = curveOf(
      accept(
        newReader(),
        DETAILED,
        detailed(day, (i) => (i % 2 ? null : 100)),
      ),
    );
    assert.deepEqual([some.coverage.slots, some.total, some.slots[1]!.energy], [24, 1.2, null]);
    const none = curveOf(
      accept(
        newReader(),
        DETAILED,
        detailed(day, () => null),
      ),
    );
    assert.deepEqual([none.coverage, none.total], [{ slots: 0, expected: 48 }, null]);
  });

  it('matrix 4: a 50-item day collapsed to 48 is short of an hour, and says so', () => {
    const whole = detailed('2025-10-26', () => 100) as { data: { time: string }[] };
    const data = [...new Map(whole.data.map((item) => [item.time, item])).values()];
    const read = curveOf(accept(newReader({ detailedUnit: 'W' }), DETAILED, { ...whole, data }));
    assert.deepEqual([data.length, read.coverage, read.total], [48, { slots: 48, expected: 50 }, 2.4]);
  });

  it('matrix 4: a consumption of zeros is noticed, a production of zeros is not', () => {
    const zeros = detailed(day, () => 0);
    assert.equal(accept(newReader(), DETAILED, zeros).notices[0]!.code, 'ALL_ZERO');
    assert.deepEqual(accept(newReader(), `${P}/production/detailed`, zeros).notices, []);
    assert.equal(accept(newReader(), DAILY, '0').notices[0]!.code, 'ALL_ZERO');
    assert.equal(accept(newReader(), DAILY, { value: 0 }).notices[0]!.code, 'ALL_ZERO');
    assert.deepEqual(accept(newReader(), `${P}/production/daily`, '0').notices, []);
  });

  it('a split that differs from its day by more than the tolerance is noticed', () => {
    assert.deepEqual(accept(newReader(), DAILY, { value: 10, hc: 4, hp: 5.81 }).notices, []);
    assert.equal(accept(newReader(), DAILY, { value: 10, hc: 4, hp: 5.7 }).notices[0]!.code, 'SPLIT_GAP');
  });

  it('matrix 10: retained replays after a broker restart are not new', () => {
    const reader = newReader();
    const all = [
      [DAILY, payloads['daily']],
      [DETAILED, detailed(day, () => 0.2)],
      ['myelectricaldata/status', payloads['status']],
      [`${P}/max_power`, '5.27'],
    ] as const;
    for (const [topic, body] of all) assert.equal(accept(reader, topic, body).messages.length, 1);
    for (const [topic, body] of all) assert.deepEqual(accept(reader, topic, body, true).messages, []);
  });

  it('matrix 10: nor after a restart of our own, with the stored state', () => {
    const reader = newReader();
    accept(reader, DAILY, payloads['daily']);
    accept(
      reader,
      DETAILED,
      detailed(day, (i) => 300 + i),
    );
    const stored: unknown = JSON.parse(JSON.stringify(reader.exportState()));
    const restarted = newReader({}, stored);
    assert.deepEqual(accept(restarted, DAILY, payloads['daily'], true).messages, []);
    assert.deepEqual(
      accept(
        restarted,
        DETAILED,
        detailed(day, (i) => 300 + i),
        true,
      ).messages,
      [],
    );
    assert.equal(restarted.known().length, 2, 'but they are known again');
    assert.equal(accept(restarted, DAILY, { ...(payloads['daily'] as object), value: 12 }).messages.length, 1);
  });

  it('matrix 10: a curve that waits for its daily total waits across a restart', () => {
    const reader = newReader();
    accept(
      reader,
      DETAILED,
      detailed(day, () => 0.4),
    );
    const restarted = newReader({}, JSON.parse(JSON.stringify(reader.exportState())));
    const { messages } = accept(restarted, DAILY, { value: 9.6, date: day });
    assert.equal(messages[1]!.corrected, true);
    assert.equal((messages[1]!.payload as LinkyCurve).unit.source, 'kW');
    const told = newReader({ detailedUnit: 'kWh' }, JSON.parse(JSON.stringify(reader.exportState())));
    assert.equal(accept(told, DAILY, { value: 9.6, date: day }).messages.length, 1, 'unless the unit is told since');
  });

  it('a stored state of any shape is survived', () => {
    for (const stored of [
      null,
      5,
      'x',
      [],
      {},
      { version: 1, seen: [[1, 2], 'x', null], pending: [['k', {}]], dated: [1] },
    ]) {
      assert.equal(accept(newReader({}, stored), DAILY, '5').messages.length, 1);
    }
  });

  it('known() is the last reading of each topic', () => {
    const reader = newReader();
    accept(reader, DAILY, '5');
    accept(reader, DAILY, '6');
    accept(reader, `${P}/max_power`, '5');
    assert.deepEqual(
      reader.known().map(({ payload }) => (payload as LinkyValue).value),
      [6, 5],
    );
  });

  it('all datasets have a test of their own', () => {
    assert.deepEqual(
      DATASETS.filter((dataset) => !(dataset in JSON_OF)),
      ['consumption/detailed', 'production/detailed', 'status'],
    );
  });
});
