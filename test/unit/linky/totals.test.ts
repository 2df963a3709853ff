import assert from 'node:assert/strict';
import { LinkyPricer } from '../../../src/linky/pricer';
import { Tariff } from '../../../src/linky/tariff';
import type { Totals } from '../../../src/linky/totals';
import { addDays } from '../../../src/linky/clock';
import { curve, daily, OTHER_PDL, PDL } from './support';

const BASE = { option: 'BASE', periods: [{ from: null, to: null, subscription: 31, prices: { base: 0.2 } }] };
const HCHP = {
  option: 'HCHP',
  periods: [{ from: null, to: null, prices: { hc: 0.1, hp: 0.2 }, offPeak: [{ from: '22:00', to: '06:00' }] }],
};
const pricer = (model: unknown = BASE, stored?: unknown): LinkyPricer => new LinkyPricer(new Tariff(model), stored);
const take = (from: LinkyPricer, payload: unknown): Totals => from.price(payload)!.totals!;

describe('linky totals', () => {
  it('day, month to date and year to date, with the subscription pro rata', () => {
    const all = pricer();
    take(all, daily('2026-01-01', 10));
    const { day, month, year, changed } = take(all, daily('2026-01-02', 5));
    assert.equal(changed, true);
    assert.deepEqual(day, {
      period: '2026-01-02',
      from: '2026-01-02',
      to: '2026-01-02',
      days: 1,
      expected: 1,
      currency: 'EUR',
      energy: { base: 5 },
      cost: { base: 1 },
      subscription: 1,
      total: 2,
      unpriced: 0,
      complete: true,
    });
    assert.deepEqual(
      [month.period, month.energy.base, month.subscription, month.total, month.complete],
      ['2026-01', 15, 2, 5, true],
    );
    assert.deepEqual([year.period, year.energy.base, year.total], ['2026', 15, 5]);
  });

  it('matrix 5: a repeated day changes nothing, a corrected one replaces, a late one adds', () => {
    const all = pricer();
    take(all, daily('2026-01-03', 10));
    const repeated = take(all, daily('2026-01-03', 10));
    assert.deepEqual([repeated.changed, repeated.month.energy.base, repeated.month.days], [false, 10, 1]);
    const corrected = take(all, daily('2026-01-03', 12));
    assert.deepEqual([corrected.changed, corrected.month.energy.base, corrected.month.days], [true, 12, 1]);
    const late = take(all, daily('2026-01-01', 1));
    assert.deepEqual([late.month.energy.base, late.month.days, late.month.expected], [13, 2, 3]);
    assert.equal(late.month.to, '2026-01-03', 'up to the newest day, not the latest arrival');
    assert.equal(late.month.subscription, 3, 'also for the day without a reading');
    assert.equal(late.month.complete, false);
  });

  it('matrix 6: a new month and a new year begin at nothing; 29 February counts', () => {
    const all = pricer();
    take(all, daily('2023-12-31', 7));
    const january = take(all, daily('2024-01-01', 1));
    assert.deepEqual([january.month.energy.base, january.year.energy.base, january.year.period], [1, 1, '2024']);
    take(all, daily('2024-02-29', 2));
    const march = take(all, daily('2024-03-01', 4));
    assert.deepEqual([march.month.energy.base, march.year.energy.base], [4, 7]);
    assert.equal(march.year.expected, 61);
    assert.equal(march.year.subscription, 63);
    assert.equal(all.totals.get(PDL, '2023-12-31')!.year.energy.base, 7);
    assert.equal(all.totals.get(PDL, '2024-02-28'), null);
  });

  it('two meters are summed apart', () => {
    const all = pricer();
    take(all, daily('2026-01-01', 10));
    assert.equal(take(all, daily('2026-01-01', 1, { pdl: OTHER_PDL })).month.energy.base, 1);
  });

  it('a day known by curve and by daily value counts once: the billing-grade value under BASE', () => {
    const all = pricer();
    take(all, daily('2026-01-01', 24.01));
    const both = take(
      all,
      curve('2026-01-01', () => 1000),
    );
    assert.deepEqual([both.month.energy.base, both.month.days], [24.01, 1]);
  });

  it('and the curve where energy is split, unless it has holes', () => {
    const all = pricer(HCHP);
    take(all, daily('2026-01-01', 24, { hc: 7.99, hp: 16.01 }));
    assert.deepEqual(
      take(
        all,
        curve('2026-01-01', () => 1000),
      ).month.energy,
      { hc: 8, hp: 16 },
    );
    const holed = take(
      all,
      curve('2026-01-01', (i) => (i === 5 ? null : 1000)),
    );
    assert.deepEqual(holed.month.energy, { hc: 7.99, hp: 16.01 });
    assert.equal(holed.month.complete, true);
  });

  it('a bucket that a correction leaves empty goes', () => {
    const prices = { blueHc: 1, blueHp: 1, whiteHc: 1, whiteHp: 1, redHc: 1, redHp: 1 };
    const tempo = pricer({ option: 'TEMPO', periods: [{ prices }] });
    tempo.learn({ '2026-01-13': 'BLUE', '2026-01-14': 'BLUE' });
    assert.deepEqual(
      Object.keys(
        take(
          tempo,
          curve('2026-01-14', () => 100),
        ).month.energy,
      ),
      ['blueHc', 'blueHp'],
    );
    tempo.learn({ '2026-01-13': 'RED', '2026-01-14': 'RED' });
    assert.deepEqual(
      Object.keys(
        take(
          tempo,
          curve('2026-01-14', () => 100),
        ).month.energy,
      ),
      ['redHc', 'redHp'],
    );
  });

  it('matrix 10: totals survive a restart to the last digit', () => {
    const all = pricer(HCHP);
    for (let i = 0; i < 40; i += 1)
      take(
        all,
        curve(addDays('2026-01-01', i), (slot) => 137 * slot + i),
      );
    const restarted = pricer(HCHP, JSON.parse(JSON.stringify(all.exportState())));
    assert.deepEqual(restarted.totals.get(PDL, '2026-02-09'), all.totals.get(PDL, '2026-02-09'));
    assert.equal(
      take(
        restarted,
        curve('2026-02-09', (slot) => 137 * slot + 39),
      ).changed,
      false,
    );
  });

  it('a stored state of any shape is survived', () => {
    const day = {
      date: '2026-01-01',
      daily: { energy: { base: 1, x: 2 }, amount: { base: 'x' }, unpriced: 0, complete: true },
    };
    for (const meters of [null, 5, [null], [[1, 2]], [['k', [null, {}, { date: 'x' }, day]]]]) {
      const all = pricer(BASE, { version: 1, colors: 5, waiting: {}, totals: { version: 1, meters } });
      assert.equal(take(all, daily('2026-01-02', 1)).day.energy.base, 1);
    }
  });

  it('a stored day whose amounts cannot be read is left out, not free', () => {
    const day = (amount: object): object => ({
      date: '2026-01-01',
      daily: { energy: { base: 6e11 }, amount, unpriced: 0, complete: true },
    });
    const restored = (amount: object): Totals | null => {
      const meters = [[PDL, [day(amount)]]];
      const all = pricer(BASE, { version: 1, colors: {}, waiting: [], totals: { version: 1, meters } });
      return all.totals.get(PDL, '2026-01-01') && take(all, daily('2026-01-02', 1));
    };
    assert.deepEqual(restored({ base: '2/1' })!.month.cost, { base: 2.2 });
    for (const amount of [{}, { base: '2' }, { base: 2 }, { base: '2/0' }, { hc: '2/1' }])
      assert.equal(restored(amount), null, JSON.stringify(amount));
  });

  it('the prices and the subscription of each day are those of its date', () => {
    const dated = pricer({
      option: 'BASE',
      periods: [
        { from: null, to: '2026-02-11', subscription: 14, prices: { base: 0.1 } },
        { from: '2026-02-11', to: null, subscription: 28, prices: { base: 0.3 } },
      ],
    });
    for (let day = 1; day <= 12; day += 1) take(dated, daily(`2026-02-${String(day).padStart(2, '0')}`, 10));
    const { month } = dated.totals.get(PDL, '2026-02-12')!;
    assert.deepEqual([month.cost, month.subscription, month.total], [{ base: 16 }, 7, 23]);
  });

  it('three years of the smallest amounts: nothing is rounded on the way', () => {
    const all = pricer({ option: 'BASE', periods: [{ subscription: 10, prices: { base: 0.003 } }] });
    let last = '2023-01-01';
    for (let i = 0; i < 1_096; i += 1) take(all, daily((last = addDays('2023-01-01', i)), 0.001));
    const { year } = all.totals.get(PDL, last)!;
    assert.equal(last, '2025-12-31');
    assert.deepEqual([year.cost, year.subscription, year.total], [{ base: 0.001095 }, 120, 120.001095]);
  });

  it('matrix 6: comparison takes the same days of the month and the year before', () => {
    const all = pricer();
    for (let day = 1; day <= 31; day += 1) take(all, daily(`2025-12-${String(day).padStart(2, '0')}`, 10));
    take(all, daily('2025-01-02', 4));
    for (const day of ['01', '02', '03']) take(all, daily(`2026-01-${day}`, 12));
    const { month, monthLastYear, year } = all.totals.compare(PDL, '2026-01-03');
    assert.deepEqual(month, {
      days: 3,
      expected: 3,
      energy: { current: 36, reference: 30, change: 20 },
      cost: { current: 7.2, reference: 6, change: 20.000000000000004 },
    });
    assert.deepEqual([monthLastYear!.days, monthLastYear!.expected], [1, 3]);
    assert.deepEqual(monthLastYear!.energy, { current: 12, reference: 4, change: 200 });
    assert.equal(year!.days, 1);
  });

  it('matrix 6: no history is null, not a fall to zero; 29 February and the 31st have no counterpart', () => {
    const all = pricer();
    take(all, daily('2024-02-29', 5));
    assert.deepEqual(all.totals.compare(PDL, '2024-02-29'), { month: null, monthLastYear: null, year: null });
    assert.deepEqual(all.totals.compare(OTHER_PDL, '2024-02-29'), { month: null, monthLastYear: null, year: null });
    take(all, daily('2024-02-28', 5));
    take(all, daily('2024-03-28', 5));
    take(all, daily('2024-03-31', 5));
    const { month } = all.totals.compare(PDL, '2024-03-31');
    assert.deepEqual([month!.days, month!.expected], [1, 29]);
  });

  it('at most 1,200 days per meter and 64 meters are kept', () => {
    const all = pricer();
    for (let i = 0; i < 1_300; i += 1) take(all, daily(addDays('2022-01-01', i), 1));
    const kept = all.totals.exportState().meters[0]![1];
    assert.equal(kept.length, 1_200);
    assert.equal(all.totals.get(PDL, '2022-01-01'), null);
    assert.equal(all.totals.get(PDL, addDays('2022-01-01', 1_299))!.year.complete, true);
    for (let i = 0; i < 80; i += 1) take(all, daily('2026-01-01', 1, { pdl: String(i).padStart(14, '0') }));
    assert.equal(all.totals.exportState().meters.length, 64);
  });
});
