import assert from 'node:assert/strict';
import type { LinkyCurve } from '../../../src/linky/types';
import { accept, curveOf, DAILY, DAY, DETAILED, detailed, newReader, BASE, valueOf } from './support';

describe('linky reader: units', () => {
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
      assert.equal(valueOf(accept(newReader(), `${BASE}/${dataset}`, body)).value, expected);
    });
  }

  it('matrix 3: hc and hp are converted with their value', () => {
    const read = valueOf(accept(newReader(), DAILY, { value: 10_000, unit: 'Wh', hc: 4_000, hp: '6000' }));
    assert.deepEqual([read.value, read.hc, read.hp], [10, 4, 6]);
  });

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
      const body = detailed(DAY, (i) => convert(watts(i)), interval);

      it(`matrix 3: a curve in ${unit} every ${interval} min after its daily total`, () => {
        const reader = newReader();
        accept(reader, DAILY, { value: Number(total.toFixed(2)), date: DAY });
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
        const { messages } = accept(reader, DAILY, { value: Number(total.toFixed(2)), date: DAY });
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
      curveOf(accept(newReader(), DETAILED, detailed(DAY, of))).unit.source;
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
    accept(reader, DAILY, { value: 3, date: DAY });
    assert.equal(
      curveOf(
        accept(
          reader,
          DETAILED,
          detailed(DAY, () => 0.2),
        ),
      ).unit.decidedBy,
      'guess',
    );
    const holed = newReader();
    accept(holed, DAILY, { value: 9.6, date: DAY });
    const body = detailed(DAY, (i) => (i === 3 ? null : 0.2));
    assert.equal(curveOf(accept(holed, DETAILED, body)).unit.decidedBy, 'guess');
  });

  it('matrix 3: a full curve that misses its total by more than rounding is noticed', () => {
    const reader = newReader();
    accept(reader, DAILY, { value: 9.9, date: DAY });
    const { notices } = accept(
      reader,
      DETAILED,
      detailed(DAY, () => 0.2),
    );
    assert.deepEqual(
      notices.map(({ code }) => code),
      ['CURVE_GAP'],
    );
  });

  it('a split that differs from its day by more than the tolerance is noticed', () => {
    assert.deepEqual(accept(newReader(), DAILY, { value: 10, hc: 4, hp: 5.81 }).notices, []);
    assert.equal(accept(newReader(), DAILY, { value: 10, hc: 4, hp: 5.7 }).notices[0]!.code, 'SPLIT_GAP');
  });
});
