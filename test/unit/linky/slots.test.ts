import assert from 'node:assert/strict';
import { isDate, localDate, localDay, toInstant, toLocalDate } from '../../../src/linky/clock';
import { expectedDate, isStale } from '../../../src/linky/freshness';
import { localMinute, placeItems, readInterval, slotCount, slotStart } from '../../../src/linky/slots';
import { label } from './support';

const iso = (ms: number): string => new Date(ms).toISOString();
const SPRING = ['2024-03-31', '2025-03-30', '2026-03-29', '2027-03-28'];
const AUTUMN = ['2024-10-27', '2025-10-26', '2026-10-25', '2027-10-31'];

/** What the meter measured, with labels as a publisher writes them. Values are the slot's index, so order shows. */
const items = (date: string, interval: number, minuteOf: (index: number) => number) =>
  Array.from({ length: slotCount(date, interval) }, (_, i) => ({ time: label(minuteOf(i)), value: i }));
const trueItems = (date: string, interval = 30) => items(date, interval, (i) => localMinute(date, interval, i));
/** End of the slot on the wall clock minus the interval, as the local client computes it. */
const naiveItems = (date: string, interval = 30) =>
  items(date, interval, (i) => localMinute(date, interval, i + 1) - interval);
const inOrder = (date: string, interval = 30): number[] =>
  Array.from({ length: slotCount(date, interval) }, (_, i) => i);
const without = <T>(array: readonly T[], ...indexes: number[]): T[] => array.filter((_, i) => !indexes.includes(i));

describe('linky days and slots', () => {
  it('matrix 4: 46, 48 and 50 half hours', () => {
    for (const date of SPRING) assert.equal(slotCount(date, 30), 46, date);
    for (const date of AUTUMN) assert.equal(slotCount(date, 30), 50, date);
    for (const date of ['2024-02-29', '2024-12-31', '2025-03-29', '2025-10-27']) assert.equal(slotCount(date, 30), 48);
    assert.deepEqual(
      [10, 15, 60].map((interval) => [SPRING[0]!, AUTUMN[0]!].map((date) => slotCount(date, interval))),
      [
        [138, 150],
        [92, 100],
        [23, 25],
      ],
    );
  });

  it('matrix 4: slots follow one another without gap and end with the day', () => {
    for (const date of [...SPRING, ...AUTUMN, '2025-06-15', '2025-01-15']) {
      for (const interval of [10, 15, 30, 60]) {
        const count = slotCount(date, interval);
        assert.equal(localDate(slotStart(date, interval, 0)), date);
        assert.equal(localDate(slotStart(date, interval, count) - 1), date);
        assert.notEqual(localDate(slotStart(date, interval, count)), date);
      }
    }
    assert.equal(iso(localDay('2025-06-15').start), '2025-06-14T22:00:00.000Z');
    assert.equal(iso(localDay('2025-01-15').start), '2025-01-14T23:00:00.000Z');
  });

  it('matrix 4: true labels: no 02:00 in March, two in October', () => {
    const labels = (date: string): string[] => trueItems(date).map(({ time }) => time);
    assert.deepEqual(labels('2025-03-30').slice(2, 6), ['01:00', '01:30', '03:00', '03:30']);
    assert.deepEqual(labels('2025-10-26').slice(3, 9), ['01:30', '02:00', '02:30', '02:00', '02:30', '03:00']);
  });

  it("matrix 4: the local client's labels: 02:30 in March for 01:30, 01:30 and 02:00 twice in October", () => {
    const labels = (date: string): string[] => naiveItems(date).map(({ time }) => time);
    assert.deepEqual(labels('2025-03-30').slice(2, 5), ['01:00', '02:30', '03:00']);
    assert.deepEqual(labels('2025-10-26').slice(3, 9), ['01:30', '02:00', '01:30', '02:00', '02:30', '03:00']);
  });

  for (const date of [...SPRING, ...AUTUMN, '2025-02-03']) {
    for (const interval of [10, 15, 30, 60]) {
      it(`matrix 4: full day ${date} every ${interval} min, true and naive labels, in and out of order`, () => {
        const expected = { values: inOrder(date, interval), ignored: 0 };
        assert.deepEqual(placeItems(trueItems(date, interval), date, interval), expected);
        assert.deepEqual(placeItems(naiveItems(date, interval), date, interval), expected);
        const unlabelled = trueItems(date, interval).map(({ value }) => ({ time: null, value }));
        assert.deepEqual(placeItems(unlabelled, date, interval), expected);
      });
    }
  }

  it('matrix 4: a shuffled full day is placed by its labels', () => {
    const all = trueItems('2025-02-03');
    const shuffled = all.map((_, i) => all[(i * 29) % 48]!);
    assert.deepEqual(placeItems(shuffled, '2025-02-03', 30), { values: inOrder('2025-02-03'), ignored: 0 });
  });

  it('matrix 4: 47 items: the missing slot stays null, whatever the labelling', () => {
    for (const date of ['2025-02-03', '2025-03-30', '2025-10-26']) {
      for (const all of [trueItems(date), naiveItems(date)]) {
        const { values, ignored } = placeItems(without(all, 20), date, 30);
        assert.equal(ignored, 0);
        const expected: (number | null)[] = inOrder(date);
        expected[20] = null;
        assert.deepEqual(values, expected);
      }
    }
  });

  it('matrix 4: an October day collapsed to 48 labels is incomplete by two slots', () => {
    const collapsed = [...new Map(naiveItems('2025-10-26').map((item) => [item.time, item])).values()];
    assert.equal(collapsed.length, 48);
    const { values, ignored } = placeItems(collapsed, '2025-10-26', 30);
    assert.equal(ignored, 0);
    assert.equal(values.length, 50);
    assert.equal(values.filter((value) => value === null).length, 2);
  });

  it('matrix 4: a repeated label of an incomplete October day: first summer, then winter time', () => {
    const part = trueItems('2025-10-26').slice(0, 10);
    const { values } = placeItems(part, '2025-10-26', 30);
    assert.deepEqual(values.slice(0, 11), [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, null]);
  });

  it('matrix 4: 48 items on a March day: the two of the skipped hour belong to no slot', () => {
    const all = Array.from({ length: 48 }, (_, i) => ({ time: label(i * 30), value: i }));
    const { values, ignored } = placeItems(all, '2025-03-30', 30);
    assert.equal(ignored, 2);
    assert.deepEqual(values.slice(2, 6), [2, 3, 6, 7]);
    assert.ok(!values.includes(null));
  });

  it('matrix 4: labels off the grid, repeated too often or missing are ignored and counted', () => {
    const part = [
      { time: '00:00', value: 1 },
      { time: '00:00', value: 2 },
      { time: '00:07', value: 3 },
      { time: null, value: 4 },
      { time: '25:00', value: 5 },
      { time: '00:30:00', value: 6 },
    ];
    const { values, ignored } = placeItems(part, '2025-02-03', 30);
    assert.equal(ignored, 4);
    assert.deepEqual(values.slice(0, 3), [1, 6, null]);
  });

  it('reads intervals', () => {
    const read = ['30min', 'PT30M', 'PT1H', '60', 15, '10 min'].map(readInterval);
    assert.deepEqual(read, [30, 30, 60, 60, 15, 10]);
    assert.deepEqual(['5min', '', null, undefined, 45, {}].map(readInterval), [null, null, null, null, null, null]);
  });

  it('matrix 6: dates', () => {
    assert.ok(isDate('2024-02-29'));
    assert.ok(!isDate('2025-02-29'));
    assert.ok(!isDate('2100-02-29'));
    assert.ok(!isDate('2025-13-01'));
    assert.ok(!isDate('9999-12-31'));
    assert.equal(toLocalDate('2025-02-03T00:30:00'), '2025-02-03');
    assert.equal(toLocalDate('2025-02-03T23:30:00+00:00'), '2025-02-04');
    assert.equal(toLocalDate('2025-02-03x'), null);
    assert.equal(toInstant('2025-02-04T08:12:09.120344'), null, 'no offset, no instant');
    assert.equal(toInstant('2025-02-04T08:12:09+01:00'), '2025-02-04T07:12:09.000Z');
    assert.equal(toInstant('2025-02-04'), null);
  });

  it('freshness is judged by date: yesterday is expected from 10:00 Paris on', () => {
    assert.equal(expectedDate(Date.parse('2025-02-04T08:59:00Z')), '2025-02-02');
    assert.equal(expectedDate(Date.parse('2025-02-04T09:00:00Z')), '2025-02-03');
    assert.equal(expectedDate(Date.parse('2025-07-04T08:00:00Z')), '2025-07-03');
    const noon = Date.parse('2025-02-10T11:00:00Z');
    assert.equal(isStale('2025-02-07', noon), false);
    assert.equal(isStale('2025-02-06', noon), true);
  });
});
