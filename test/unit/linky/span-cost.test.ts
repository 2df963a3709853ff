import assert from 'node:assert/strict';
import { TempoCalendar } from '../../../src/linky/colors';
import { type EnergySpan, priceSpans } from '../../../src/linky/span-cost';
import { Tariff } from '../../../src/linky/tariff';

const HCHP = new Tariff({
  option: 'HCHP',
  periods: [
    { from: null, to: '2026-02-01', prices: { hc: 0.1, hp: 0.2 }, offPeak: [{ from: '22:00', to: '06:00' }] },
    { from: '2026-02-01', to: null, prices: { hc: 0.3, hp: 0.4 }, offPeak: [{ from: '22:00', to: '06:00' }] },
  ],
});
const TEMPO = new Tariff({
  option: 'TEMPO',
  periods: [{ prices: { blueHc: 0.1, blueHp: 0.2, whiteHc: 0.3, whiteHp: 0.4, redHc: 0.5, redHp: 0.6 } }],
});
const span = (start: string, end: string, energy: number): EnergySpan => ({
  start: Date.parse(start),
  end: Date.parse(end),
  energy,
});

describe('linky cost of spans', () => {
  it('splits a session where the off-peak window begins', () => {
    // 21:00 to 23:00 Paris at 7.2 kW.
    const cost = priceSpans([span('2026-01-14T20:00:00Z', '2026-01-14T22:00:00Z', 14_400)], HCHP, new TempoCalendar());
    assert.deepEqual(cost, {
      currency: 'EUR',
      total: 2.16,
      energy: { hp: 7.2, hc: 7.2 },
      cost: { hp: 1.44, hc: 0.72 },
      unpriced: 0,
      complete: true,
    });
  });

  it('takes the price of each side of midnight', () => {
    const cost = priceSpans([span('2026-01-31T22:00:00Z', '2026-02-01T00:00:00Z', 2_000)], HCHP, new TempoCalendar());
    assert.deepEqual([cost.energy, cost.cost], [{ hc: 2 }, { hc: 0.4 }]);
  });

  it('matrix 7: the night keeps the colour of the day before until 06:00', () => {
    const colors = new TempoCalendar({ '2026-01-13': 'BLUE', '2026-01-14': 'RED' });
    const cost = priceSpans([span('2026-01-14T04:00:00Z', '2026-01-14T06:00:00Z', 2_000)], TEMPO, colors);
    assert.deepEqual(cost.cost, { blueHc: 0.1, redHp: 0.6 });
    const unknown = priceSpans([span('2026-01-15T04:00:00Z', '2026-01-15T06:00:00Z', 2_000)], TEMPO, colors);
    assert.deepEqual([unknown.energy, unknown.unpriced, unknown.complete], [{ redHc: 1 }, 1, false]);
  });

  it('spans of seconds add up without loss, and one without length counts', () => {
    const start = Date.parse('2026-01-14T20:59:30.500Z');
    const spans = Array.from({ length: 600 }, (_, i) => ({
      start: start + i * 7_001,
      end: start + (i + 1) * 7_001,
      energy: 1.1,
    }));
    const cost = priceSpans([...spans, { start, end: start, energy: 40 }], HCHP, new TempoCalendar());
    assert.equal(Number((cost.energy.hp! + cost.energy.hc!).toFixed(9)), 0.7);
    assert.ok(cost.complete);
  });

  it('no span costs nothing that is known', () => {
    assert.deepEqual(priceSpans([], HCHP, new TempoCalendar()).total, null);
  });
});
