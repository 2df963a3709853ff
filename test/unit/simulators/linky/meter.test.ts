import assert from 'node:assert/strict';
import { addDays, dayStart, HOUR, localIso } from '../../../../src/simulators/linky/calendar';
import { type DayQuirk, Meter, type MeterOptions, type Reading } from '../../../../src/simulators/linky/meter';
import { kWh, monthEnd, total, weekStart } from '../../../../src/simulators/linky/totals';

const PDL = '00012345678901';
const LATER = Date.parse('2027-06-01T10:00:00Z');

function meter(options: Partial<MeterOptions> = {}, minutes = 30): Meter {
  return new Meter({ pdl: PDL, ...options }, minutes);
}

function reading(of: Meter, date: string, now = LATER): Reading {
  const found = of.reading(date, now);
  assert.ok(found, `nothing known of ${date}`);
  return found;
}

const curveEnergy = ({ consumption }: Reading, minutes = 30): number =>
  consumption.curve.reduce((sum, { power }) => sum + ((power ?? 0) * minutes) / 60, 0);

/** 10:00 in Paris on the day so many days after. */
const morning = (date: string, days: number): number => dayStart(addDays(date, days)) + 10 * HOUR;

describe('linky simulator: a day of a meter', () => {
  for (const date of ['2026-01-14', '2026-03-29', '2026-10-25', '2026-07-14'])
    it(`${date}: whole watts, and the curve adds up to the day`, () => {
      const day = reading(meter(), date);
      assert.ok(day.consumption.curve.every(({ power }) => Number.isInteger(power)));
      assert.ok(Math.abs(curveEnergy(day) - day.consumption.energy) <= 1);
      assert.equal(day.offPeak! + day.peak!, day.consumption.energy);
      assert.ok(day.consumption.energy > 4000 && day.consumption.energy < 40_000, String(day.consumption.energy));
    });

  it('is the same on every run, and another for another meter', () => {
    assert.deepEqual(reading(meter(), '2026-01-14'), reading(meter(), '2026-01-14'));
    assert.notEqual(
      reading(meter(), '2026-01-14').consumption.energy,
      reading(meter({ pdl: '12345678901234' }), '2026-01-14').consumption.energy,
    );
  });

  it('winter takes more than summer, the evening more than the night', () => {
    const sum = (first: string, last: string): number => total(meter(), 'consumption', first, last, LATER).energy;
    assert.ok(sum('2026-01-01', '2026-01-31') > 1.2 * sum('2026-07-01', '2026-07-31'));
    const { curve } = reading(meter(), '2026-01-14').consumption;
    const at = (slot: number): number => curve[slot]?.power ?? 0;
    assert.ok(at(39) > 2 * at(8), `${at(39)} ${at(8)}`);
  });

  for (const minutes of [10, 15, 30, 60])
    it(`knows slots of ${minutes} minutes`, () => {
      const day = reading(meter({}, minutes), '2026-01-14');
      assert.equal(day.consumption.curve.length, 1440 / minutes);
      assert.ok(Math.abs(curveEnergy(day, minutes) - day.consumption.energy) <= 1);
    });

  it('a flat tariff has no parts, a meter without panels no production', () => {
    const day = reading(meter({ tariff: 'BASE' }), '2026-01-14');
    assert.deepEqual([day.offPeak, day.peak, day.production], [null, null, null]);
  });

  it('panels feed in by day only, more in summer', () => {
    const solar = meter({ solarPeak: 3000 });
    const { production } = reading(solar, '2026-06-21');
    assert.equal(production?.curve[2]?.power, 0);
    assert.ok(
      total(solar, 'production', '2026-06-01', '2026-06-30', LATER).energy >
        2 * total(solar, 'production', '2026-12-01', '2026-12-31', LATER).energy,
    );
  });

  it('the highest power lies above the busiest slot, on the same day', () => {
    const day = reading(meter(), '2026-01-14');
    assert.ok(day.maxPower > Math.max(...day.consumption.curve.map(({ power }) => power ?? 0)));
    assert.ok(localIso(day.maxPowerAt).startsWith('2026-01-14T'));
  });
});

describe('linky simulator: when a day is known', () => {
  it('on the next day from between 08:00 and 09:00', () => {
    const of = meter();
    assert.equal(of.issue('2026-01-14', dayStart('2026-01-15') + 8 * HOUR - 1), 0);
    assert.equal(of.issue('2026-01-14', dayStart('2026-01-15') + 9 * HOUR), 1);
    assert.equal(of.reading('2026-01-14', dayStart('2026-01-15')), null);
  });

  it('a late day comes after a newer one', () => {
    const of = meter({ quirks: { '2026-01-14': { late: 2 } } });
    assert.equal(of.newest(morning('2026-01-14', 2))?.date, '2026-01-15');
    assert.equal(of.reading('2026-01-14', morning('2026-01-14', 2)), null);
    assert.equal(of.issue('2026-01-14', morning('2026-01-14', 3)), 1);
  });

  it('an estimate is corrected days later, as a new issue', () => {
    const of = meter({ quirks: { '2026-01-14': { estimate: { factor: 0.5, correctedAfter: 3 } } } });
    const truth = reading(meter(), '2026-01-14').consumption.energy;
    const early = morning('2026-01-14', 1);
    assert.deepEqual(
      [of.issue('2026-01-14', early), reading(of, '2026-01-14', early).consumption.energy],
      [1, Math.round(truth / 2)],
    );
    const late = morning('2026-01-14', 4);
    assert.deepEqual([of.issue('2026-01-14', late), reading(of, '2026-01-14', late).consumption.energy], [2, truth]);
  });

  it('a revision is a new issue and keeps the parts adding up', () => {
    const of = meter();
    const before = of.issue('2026-01-14', LATER);
    of.revise('2026-01-14', 1.1);
    const day = reading(of, '2026-01-14');
    assert.ok(of.issue('2026-01-14', LATER) > before);
    assert.equal(day.offPeak! + day.peak!, day.consumption.energy);
  });

  const holes: readonly [string, DayQuirk, number, number | null][] = [
    ['absent', { holes: [10] }, 47, null],
    ['null', { holes: [10], holesAs: 'null' }, 48, null],
    ['zero', { holes: [10], holesAs: 'zero' }, 48, 0],
    ['no curve', { noCurve: true }, 0, null],
  ];
  for (const [name, quirk, length, tenth] of holes)
    it(`holes: ${name}`, () => {
      const { curve, energy } = reading(meter({ quirks: { '2026-01-14': quirk } }), '2026-01-14').consumption;
      assert.equal(curve.length, length);
      if (length === 48) assert.equal(curve[10]?.power, tenth);
      assert.equal(energy, reading(meter(), '2026-01-14').consumption.energy, 'the day itself is known');
    });

  it('a day can read zero while its curve is there', () => {
    const day = reading(meter({ quirks: { '2026-01-14': { zero: true } } }), '2026-01-14');
    assert.deepEqual([day.consumption.energy, day.offPeak, day.peak], [0, 0, 0]);
    assert.ok(curveEnergy(day) > 1000);
  });
});

describe('linky simulator: totals', () => {
  it('sum what is known so far', () => {
    const of = meter({ quirks: { '2026-01-12': { late: 3 } } });
    const now = morning('2026-01-14', 1);
    const days = of.between('2026-01-01', '2026-01-14', now);
    assert.equal(days.length, 13);
    const sum = total(of, 'consumption', '2026-01-01', '2026-01-31', now);
    assert.equal(
      sum.energy,
      days.reduce((all, day) => all + day.consumption.energy, 0),
    );
    assert.equal(sum.offPeak! + sum.peak!, sum.energy);
  });

  it('know their bounds', () => {
    assert.equal(monthEnd('2024-02-10'), '2024-02-29');
    assert.equal(monthEnd('2026-12-31'), '2026-12-31');
    assert.equal(weekStart('2026-01-18'), '2026-01-12');
    assert.equal(weekStart('2026-01-12'), '2026-01-12');
    assert.equal(kWh(11_482), 11.482);
  });
});
