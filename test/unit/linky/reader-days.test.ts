import assert from 'node:assert/strict';
import { accept, curveOf, DAILY, DAY, DETAILED, detailed, label, newReader, BASE, valueOf } from './support';

describe('linky reader: days', () => {
  it('matrix 6: a month and a year in either spelling of their date', () => {
    const dateOf = (tail: string, body: object): string | null =>
      valueOf(accept(newReader(), `${BASE}/consumption/${tail}`, { value: 1, ...body })).date;
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
    assert.equal(valueOf(accepted).date, null);
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
    const whole = detailed(DAY, (i) => 100 + i) as { data: unknown[] };
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
        detailed(DAY, (i) => (i % 2 ? null : 100)),
      ),
    );
    assert.deepEqual([some.coverage.slots, some.total, some.slots[1]!.energy], [24, 1.2, null]);
    const none = curveOf(
      accept(
        newReader(),
        DETAILED,
        detailed(DAY, () => null),
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
    const zeros = detailed(DAY, () => 0);
    assert.equal(accept(newReader(), DETAILED, zeros).notices[0]!.code, 'ALL_ZERO');
    assert.deepEqual(accept(newReader(), `${BASE}/production/detailed`, zeros).notices, []);
    assert.equal(accept(newReader(), DAILY, '0').notices[0]!.code, 'ALL_ZERO');
    assert.equal(accept(newReader(), DAILY, { value: 0 }).notices[0]!.code, 'ALL_ZERO');
    assert.deepEqual(accept(newReader(), `${BASE}/production/daily`, '0').notices, []);
  });
});
