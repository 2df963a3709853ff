import assert from 'node:assert/strict';
import {
  addDays,
  dateAt,
  dayStart,
  localIso,
  offsetAt,
  slotsOf,
  clockText,
  utcIso,
} from '../../../../src/simulators/linky/calendar';
import { labelled, type LabelStyle } from '../../../../src/simulators/linky/labels';
import { isOffPeak, offPeakShare, parseWindows } from '../../../../src/simulators/linky/off-peak';
import { colorOf, QUOTA, tomorrowsColor, used } from '../../../../src/simulators/linky/tempo';

const SPRING = ['2024-03-31', '2025-03-30', '2026-03-29', '2027-03-28'];
const AUTUMN = ['2024-10-27', '2025-10-26', '2026-10-25', '2027-10-31'];

describe('linky simulator: calendar of Europe/Paris', () => {
  for (const [dates, slots] of [
    [SPRING, 46],
    [AUTUMN, 50],
    [['2026-01-14', '2024-02-29', '2026-07-14', '2026-12-31'], 48],
  ] as const)
    for (const date of dates)
      it(`${date} has ${slots} half hours, contiguous, from midnight to midnight`, () => {
        const all = slotsOf(date, 30);
        assert.equal(all.length, slots);
        assert.equal(all[0]?.start, dayStart(date));
        assert.equal(all.at(-1)!.start + 1_800_000, dayStart(addDays(date, 1)));
        for (const { start } of all) assert.equal(dateAt(start), date);
      });

  const starts: readonly [string, string][] = [
    ['2026-01-14', '2026-01-13T23:00:00.000Z'],
    ['2026-07-14', '2026-07-13T22:00:00.000Z'],
    ['2026-03-29', '2026-03-28T23:00:00.000Z'],
    ['2026-03-30', '2026-03-29T22:00:00.000Z'],
    ['2026-10-25', '2026-10-24T22:00:00.000Z'],
    ['2026-10-26', '2026-10-25T23:00:00.000Z'],
  ];
  for (const [date, instant] of starts)
    it(`${date} starts at ${instant}`, () => assert.equal(new Date(dayStart(date)).toISOString(), instant));

  it('tells offsets and texts', () => {
    assert.equal(offsetAt(Date.parse('2026-03-29T00:59:59.999Z')), 3_600_000);
    assert.equal(offsetAt(Date.parse('2026-03-29T01:00:00Z')), 7_200_000);
    assert.equal(localIso(Date.parse('2025-02-04T07:12:09.120Z')), '2025-02-04T08:12:09.120');
    assert.equal(utcIso(Date.parse('2025-02-04T07:12:09.120Z')), '2025-02-04T07:12:09Z');
    assert.equal(addDays('2024-02-28', 1), '2024-02-29');
  });

  it('start labels: 02:00 and 02:30 are missing in March and doubled in October', () => {
    const labels = (date: string): string[] => slotsOf(date, 30).map(({ startMinute }) => clockText(startMinute));
    assert.deepEqual(labels('2026-03-29').slice(2, 6), ['01:00', '01:30', '03:00', '03:30']);
    assert.deepEqual(labels('2026-10-25').slice(3, 9), ['01:30', '02:00', '02:30', '02:00', '02:30', '03:00']);
  });
});

describe('linky simulator: labels', () => {
  const curve = (date: string): { slot: ReturnType<typeof slotsOf>[number]; power: number }[] =>
    slotsOf(date, 30).map((slot, power) => ({ slot, power }));
  const times = (date: string, style: LabelStyle): string[] => labelled(curve(date), 30, style).map(({ time }) => time);

  it('naive: in March the slot from 01:30 is labelled 02:30', () => {
    assert.deepEqual(times('2026-03-29', 'naive').slice(2, 6), ['01:00', '02:30', '03:00', '03:30']);
  });

  it('naive: in October 01:30 and 02:00 come twice', () => {
    assert.deepEqual(times('2026-10-25', 'naive').slice(2, 9), [
      '01:00',
      '01:30',
      '02:00',
      '01:30',
      '02:00',
      '02:30',
      '03:00',
    ]);
  });

  it('collapsed: October keeps 48 of 50 slots, the last of each label', () => {
    const items = labelled(curve('2026-10-25'), 30, 'collapsed');
    assert.equal(items.length, 48);
    assert.equal(new Set(items.map(({ time }) => time)).size, 48);
    assert.equal(items.find(({ time }) => time === '01:30')?.power, 5);
    assert.equal(labelled(curve('2026-03-29'), 30, 'collapsed').length, 46);
  });

  it('all styles agree on a normal day', () => {
    assert.deepEqual(times('2026-01-14', 'naive'), times('2026-01-14', 'start'));
    assert.deepEqual(times('2026-01-14', 'collapsed'), times('2026-01-14', 'start'));
    assert.equal(times('2026-01-14', 'start')[0], '00:00');
    assert.equal(times('2026-01-14', 'start')[47], '23:30');
  });
});

describe('linky simulator: off-peak windows', () => {
  const windows = parseWindows('21:08-05:08;12:30-14:30');

  for (const [minute, inside] of [
    [21 * 60 + 7, false],
    [21 * 60 + 8, true],
    [0, true],
    [5 * 60 + 8, false],
    [13 * 60, true],
    [14 * 60 + 30, false],
  ] as const)
    it(`${clockText(minute)} is ${inside ? '' : 'not '}off-peak`, () =>
      assert.equal(isOffPeak(minute, windows), inside));

  it('prorates a slot that straddles', () => {
    assert.equal(offPeakShare(21 * 60, 30, windows), 22 / 30);
    assert.equal(offPeakShare(5 * 60, 30, windows), 8 / 30);
    assert.equal(offPeakShare(12 * 60, 30, windows), 0);
  });
});

describe('linky simulator: tempo', () => {
  it('a season has its quota of each colour, no red at weekends, no white on Sundays', () => {
    assert.deepEqual(used('2026-08-31'), QUOTA);
    for (let day = '2025-09-01'; day <= '2026-08-31'; day = addDays(day, 1)) {
      const weekday = new Date(`${day}T12:00:00Z`).getUTCDay();
      if (colorOf(day) === 'RED')
        assert.ok(weekday >= 1 && weekday <= 5 && !(day > '2026-03-31' || day < '2025-11-01'), day);
      if (colorOf(day) === 'WHITE') assert.notEqual(weekday, 0, day);
    }
  });

  it("tomorrow's colour is unknown until 11:00", () => {
    assert.equal(tomorrowsColor(Date.parse('2026-01-14T09:59:00Z')), 'UNKNOWN');
    assert.equal(tomorrowsColor(Date.parse('2026-01-14T10:00:00Z')), colorOf('2026-01-15'));
  });
});
