import assert from 'node:assert/strict';
import { TempoCalendar } from '../../../src/linky/colors';
import { type Cost, priceReading, toCost } from '../../../src/linky/cost';
import { LinkyPricer } from '../../../src/linky/pricer';
import { Tariff } from '../../../src/linky/tariff';
import type { LinkyPayload } from '../../../src/linky/types';
import { curve, daily, PDL } from './support';

export const BASE = { option: 'BASE', periods: [{ from: null, to: null, prices: { base: 0.2516 } }] };
export const HCHP = {
  option: 'HCHP',
  periods: [{ from: null, to: null, prices: { hc: 0.2068, hp: 0.27 }, offPeak: [{ from: '22:00', to: '06:00' }] }],
};
const TEMPO_PRICES = { blueHc: 0.1, blueHp: 0.2, whiteHc: 0.3, whiteHp: 0.4, redHc: 0.5, redHp: 0.6 };
export const TEMPO = { option: 'TEMPO', periods: [{ from: null, to: null, prices: TEMPO_PRICES }] };

const price = (model: unknown, payload: LinkyPayload, colors: object = {}): Cost | null => {
  const exact = priceReading(payload, new Tariff(model), new TempoCalendar(colors));
  return exact && toCost(exact);
};
const DAY = '2026-01-14';
const BEFORE = '2026-01-13';

describe('linky cost', () => {
  it('BASE: a daily value, exactly', () => {
    assert.deepEqual(price(BASE, daily(DAY, 11.482)), {
      currency: 'EUR',
      total: 2.8888712,
      energy: { base: 11.482 },
      cost: { base: 2.8888712 },
      unpriced: 0,
      complete: true,
    });
    assert.equal(price(BASE, daily(null, 10))!.total, 2.516, 'an open contract needs no date');
  });

  it('BASE: a curve of a thousand watts costs the hours of its day', () => {
    for (const [date, hours] of [
      ['2026-01-14', 24],
      ['2026-03-29', 23],
      ['2026-10-25', 25],
    ] as const) {
      const cost = price(
        BASE,
        curve(date, () => 1000),
      )!;
      assert.equal(cost.energy.base, hours);
      assert.equal(cost.total, Number((hours * 0.2516).toFixed(4)));
      assert.ok(cost.complete);
    }
  });

  it('HCHP: a curve by its windows, on days of 23, 24 and 25 hours', () => {
    const split = (date: string) =>
      price(
        HCHP,
        curve(date, () => 1000),
      )!.energy;
    assert.deepEqual(split('2026-01-14'), { hc: 8, hp: 16 });
    assert.deepEqual(split('2026-03-29'), { hc: 7, hp: 16 });
    assert.deepEqual(split('2026-10-25'), { hc: 9, hp: 16 });
  });

  it('HCHP: a slot that straddles a window is prorated by the minute', () => {
    const model = { ...HCHP, periods: [{ ...HCHP.periods[0], offPeak: [{ from: '21:08', to: '05:08' }] }] };
    // Only the half hours of 05:00 and 21:00 draw power: 600 W, that is 10 Wh a minute.
    const cost = price(
      model,
      curve(DAY, (i) => (i === 10 || i === 42 ? 600 : 0)),
    )!;
    assert.deepEqual(cost.energy, { hc: 0.3, hp: 0.3 });
    assert.equal(cost.cost.hc, 0.06204);
    assert.equal(cost.cost.hp, 0.081);
    assert.equal(cost.total, 0.14304);
  });

  it('HCHP: a daily value by its split', () => {
    const cost = price(HCHP, daily(DAY, 11.482, { hc: 4.1, hp: 7.382 }))!;
    assert.deepEqual(cost.cost, { hc: 0.84788, hp: 1.99314 });
    assert.equal(cost.total, 2.84102);
    assert.ok(cost.complete);
  });

  it('HCHP: the rest of a split is unpriced; within the tolerance the day is complete', () => {
    const small = price(HCHP, daily(DAY, 11.482, { hc: 4.1, hp: 7.372 }))!;
    assert.deepEqual([small.unpriced, small.complete], [0.01, true]);
    const large = price(HCHP, daily(DAY, 11.482, { hc: 4.1, hp: 6.382 }))!;
    assert.deepEqual([large.unpriced, large.complete], [1, false]);
  });

  it('HCHP: nothing to split by leaves everything unpriced, never free and never guessed', () => {
    const bare = price(HCHP, daily(DAY, 11.482))!;
    assert.deepEqual(bare, { currency: 'EUR', total: null, energy: {}, cost: {}, unpriced: 11.482, complete: false });
    const noWindows = { ...HCHP, periods: [{ ...HCHP.periods[0], offPeak: [] }] };
    assert.equal(
      price(
        noWindows,
        curve(DAY, () => 1000),
      )!.unpriced,
      24,
    );
  });

  it('HCHP: the parts of a day have a price of their own', () => {
    assert.equal(price(HCHP, daily(DAY, 4.1, { dataset: 'consumption/daily/hc' }))!.cost.hc, 0.84788);
    assert.equal(price(BASE, daily(DAY, 4.1, { dataset: 'consumption/daily/hc' })), null);
  });

  it('matrix 7: blue to red: until 06:00 the night still has the colour of the day before', () => {
    const colors = { [BEFORE]: 'BLUE', [DAY]: 'RED' };
    const cost = price(
      TEMPO,
      curve(DAY, () => 1000),
      colors,
    )!;
    assert.deepEqual(cost.energy, { blueHc: 6, redHp: 16, redHc: 2 });
    assert.deepEqual(cost.cost, { blueHc: 0.6, redHp: 9.6, redHc: 1 });
    assert.equal(cost.total, 11.2);
    assert.ok(cost.complete);
    // The last half hour before 06:00 and the first after it; midnight changes nothing.
    const at = (index: number): object =>
      price(
        TEMPO,
        curve(DAY, (i) => (i === index ? 1000 : 0)),
        colors,
      )!.cost;
    assert.equal((at(0) as { blueHc: number }).blueHc, 0.05);
    assert.equal((at(11) as { blueHc: number }).blueHc, 0.05);
    assert.equal((at(12) as { redHp: number }).redHp, 0.3);
    assert.equal((at(44) as { redHc: number }).redHc, 0.25);
  });

  it('matrix 7: an unknown colour, own or of the missing day before, is unpriced, not blue', () => {
    const own = price(
      TEMPO,
      curve(DAY, () => 1000),
      { [BEFORE]: 'BLUE' },
    )!;
    assert.deepEqual([own.energy, own.unpriced, own.complete], [{ blueHc: 6 }, 18, false]);
    const before = price(
      TEMPO,
      curve(DAY, () => 1000),
      { [DAY]: 'RED' },
    )!;
    assert.deepEqual([before.energy, before.unpriced, before.complete], [{ redHp: 16, redHc: 2 }, 6, false]);
    assert.equal(
      price(
        TEMPO,
        curve(DAY, () => 1000),
        { [DAY]: 'UNKNOWN' },
      )!.unpriced,
      24,
    );
  });

  it('matrix 7: a Tempo day known by hc and hp only is priced where one colour holds', () => {
    const reading = daily(DAY, 11.5, { hc: 4, hp: 7.5 });
    const same = price(TEMPO, reading, { [BEFORE]: 'RED', [DAY]: 'RED' })!;
    assert.deepEqual([same.cost, same.complete], [{ redHc: 2, redHp: 4.5 }, true]);
    const change = price(TEMPO, reading, { [BEFORE]: 'BLUE', [DAY]: 'RED' })!;
    assert.deepEqual([change.cost, change.unpriced, change.complete], [{ redHp: 4.5 }, 4, false]);
    assert.equal(price(TEMPO, daily(DAY, 11.5), { [BEFORE]: 'RED', [DAY]: 'RED' })!.unpriced, 11.5);
  });

  it('matrix 7: clock-change days of Tempo', () => {
    const colors = (day: string, before: string) => ({ [before]: 'WHITE', [day]: 'BLUE' });
    const split = (day: string, before: string) =>
      price(
        TEMPO,
        curve(day, () => 1000),
        colors(day, before),
      )!.energy;
    assert.deepEqual(split('2026-03-29', '2026-03-28'), { whiteHc: 5, blueHp: 16, blueHc: 2 });
    assert.deepEqual(split('2026-10-25', '2026-10-24'), { whiteHc: 7, blueHp: 16, blueHc: 2 });
  });

  it('a date outside every period is unpriced', () => {
    const model = { option: 'BASE', periods: [{ from: '2026-02-01', to: null, prices: { base: 1 } }] };
    for (const payload of [curve(DAY, () => 1000), daily(DAY, 24), daily(null, 24)]) {
      assert.deepEqual(price(model, payload), {
        currency: 'EUR',
        total: null,
        energy: {},
        cost: {},
        unpriced: 24,
        complete: false,
      });
    }
  });

  it('matrix 4: missing slots make a cost incomplete', () => {
    const cost = price(
      BASE,
      curve(DAY, (i) => (i < 47 ? 1000 : null)),
    )!;
    assert.deepEqual([cost.energy.base, cost.unpriced, cost.complete], [23.5, 0, false]);
  });

  it('slots that a flow removed, repeated or moved to another day do not count twice', () => {
    const whole = curve(DAY, () => 1000);
    const strange = {
      ...whole,
      slots: [...whole.slots.slice(0, 2), whole.slots[0]!, ...curve(BEFORE, () => 1000).slots],
    };
    assert.equal(price(BASE, strange)!.energy.base, 1);
    const byEnergy = { ...whole, slots: whole.slots.map((slot) => ({ ...slot, power: null })) };
    assert.equal(price(BASE, byEnergy)!.energy.base, 24);
  });

  it('10-minute slots of whole watts are exact, though their kWh are not', () => {
    const cost = price(
      BASE,
      curve(DAY, () => 1, 10),
    )!;
    assert.equal(cost.energy.base, 0.024);
    assert.equal(cost.total, 0.0060384);
  });

  it('production, running totals and power have no price', () => {
    for (const dataset of ['consumption/month', 'consumption/year', 'max_power', 'production/daily'] as const) {
      assert.equal(price(BASE, daily('2026-01', 5, { dataset })), null, dataset);
    }
    assert.equal(price(BASE, { ...curve(DAY, () => 1), dataset: 'production/detailed' }), null);
  });

  it('matrix 7: a curve that waited for its colour is priced again when it comes, also after a restart', () => {
    const first = new LinkyPricer(new Tariff(TEMPO));
    first.learn({ [BEFORE]: 'BLUE' });
    const partial = first.price(
      curve(DAY, () => 1000),
      'energy/linky/detailed',
    )!;
    assert.equal(partial.cost.complete, false);
    const restarted = new LinkyPricer(new Tariff(TEMPO), JSON.parse(JSON.stringify(first.exportState())));
    assert.deepEqual(restarted.learn({ '2026-01-16': 'RED' }), [], 'a colour that nothing waits for');
    const again = restarted.learn({ [DAY]: 'RED' });
    assert.equal(again.length, 1);
    assert.equal(again[0]!.cost.total, 11.2);
    assert.equal(again[0]!.topic, 'energy/linky/detailed');
    assert.equal(again[0]!.totals!.changed, true);
    assert.equal(again[0]!.totals!.month.total, 11.2);
    assert.deepEqual(restarted.learn({ [DAY]: 'WHITE' }), [], 'it waits no longer');
  });

  it('what is no reading of consumption is left alone', () => {
    const pricer = new LinkyPricer(new Tariff(BASE));
    const whole = curve(DAY, () => 1);
    const junk = [null, 5, 'x', [], {}, { dataset: 'consumption/daily' }, { ...daily(DAY, 5), value: NaN }];
    const curves = [
      { ...whole, slots: null },
      { ...whole, slots: [null] },
      { ...whole, date: 'x' },
      { ...whole, interval: 7 },
    ];
    for (const payload of [...junk, ...curves, { ...daily(DAY, 5), pdl: '1' }])
      assert.equal(pricer.price(payload), null);
    assert.equal(pricer.price(daily(DAY, 1e9)), null, 'no household draws that');
    assert.equal(pricer.totals.get(PDL, DAY), null);
  });

  it('at most 32 curves wait', () => {
    const pricer = new LinkyPricer(new Tariff(TEMPO));
    for (let i = 0; i < 40; i += 1) pricer.price(daily(`2026-0${1 + (i % 9)}-${10 + i}`.slice(0, 10), 5));
    for (let i = 10; i < 30; i += 1) for (const month of ['01', '02']) pricer.price(daily(`2026-${month}-${i}`, 5));
    assert.equal(pricer.exportState().waiting.length, 32);
  });
});
