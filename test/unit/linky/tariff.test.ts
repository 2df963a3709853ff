import assert from 'node:assert/strict';
import { offPeakMinutes } from '../../../src/linky/off-peak';
import { readColorTopic, TempoCalendar } from '../../../src/linky/colors';
import { toEuros } from '../../../src/linky/money';
import { Tariff } from '../../../src/linky/tariff';
import type { EnergyError } from '../../../src/shared/errors';
import { NOW } from './support';

const off = (windows: Parameters<typeof offPeakMinutes>[0], weekday: number, from: number, to: number): number => {
  const count = offPeakMinutes(windows, windows, weekday);
  return count[to]! - count[from]!;
};
const base = { from: null, to: null, prices: { base: 0.2 } };

describe('linky tariff', () => {
  it('off-peak windows: several, across midnight, off the half hour', () => {
    const windows = [
      { from: '21:08', to: '05:08' },
      { from: '12:30', to: '14:00' },
    ];
    assert.equal(off(windows, 3, 0, 1440), 5 * 60 + 8 + 90 + (24 * 60 - 21 * 60 - 8));
    assert.equal(off(windows, 3, 300, 330), 8, 'the half hour of 05:00');
    assert.equal(off(windows, 3, 1260, 1290), 22, 'the half hour of 21:00');
  });

  it('a window across midnight belongs to the day on which it starts', () => {
    const friday = [{ days: [5], from: '22:00', to: '06:00' }];
    assert.equal(off(friday, 5, 0, 1440), 120);
    assert.equal(off(friday, 6, 0, 1440), 360);
    assert.equal(off(friday, 7, 0, 1440), 0);
    const sunday = [{ days: [7], from: '22:00', to: '06:00' }];
    assert.equal(off(sunday, 1, 0, 1440), 360, 'Sunday reaches into Monday');
  });

  it('whole days, overlapping windows, the end of the day', () => {
    assert.equal(off([{ days: [6, 7], from: '00:00', to: '24:00' }], 6, 0, 1440), 1440);
    assert.equal(off([{ days: [6, 7], from: '00:00', to: '00:00' }], 6, 0, 1440), 1440);
    assert.equal(off([{ days: [6, 7], from: '00:00', to: '00:00' }], 1, 0, 1440), 0);
    const overlapping = [
      { from: '22:00', to: '24:00' },
      { from: '23:00', to: '23:30' },
    ];
    assert.equal(off(overlapping, 1, 0, 1440), 120);
    assert.equal(off([], 1, 0, 1440), 0);
  });

  it('periods: from inclusive, to exclusive; an unknown date only fits an open contract', () => {
    const tariff = new Tariff({
      option: 'BASE',
      periods: [
        { from: '2025-02-01', to: null, prices: { base: 0.3 } },
        { from: '2024-02-01', to: '2025-02-01', prices: { base: 0.2 } },
      ],
    });
    const price = (date: string | null): number | undefined => tariff.periodOf(date)?.prices.get('base')?.valueOf();
    assert.deepEqual(['2024-01-31', '2024-02-01', '2025-01-31', '2025-02-01', '2031-01-01', null].map(price), [
      undefined,
      0.2,
      0.2,
      0.3,
      0.3,
      undefined,
    ]);
    assert.ok(new Tariff({ option: 'BASE', periods: [base] }).periodOf(null));
  });

  it('a window over the midnight at which a period begins keeps its own set', () => {
    const tariff = new Tariff({
      option: 'HCHP',
      periods: [
        { from: '2025-01-01', to: '2025-02-01', prices: { hc: 1, hp: 2 }, offPeak: [{ from: '23:00', to: '07:00' }] },
        { from: '2025-02-01', to: null, prices: { hc: 1, hp: 2 }, offPeak: [{ from: '22:00', to: '06:00' }] },
      ],
    });
    assert.equal(tariff.offPeak('2025-02-01')[720], 420, 'the window of 31 January lasts until 07:00');
    assert.equal(tariff.offPeak('2025-02-02')[720], 360);
    assert.equal(tariff.offPeak('2025-01-01')[720], 420, 'before the contract its own windows are taken');
  });

  it('subscription: pro rata by day, whole months to the cent, dated amounts', () => {
    const tariff = new Tariff({
      option: 'BASE',
      periods: [
        { from: '2025-01-10', to: '2025-02-15', subscription: 12.44, prices: { base: 0.2 } },
        { from: '2025-02-15', to: null, subscription: 14, prices: { base: 0.2 } },
      ],
    });
    const amount = (month: string, day: number): number => toEuros(tariff.subscription(month, day));
    assert.equal(amount('2025-03', 31), 14);
    assert.equal(amount('2025-03', 0), 0);
    assert.equal(amount('2025-01', 31), (12.44 * 22) / 31);
    assert.equal(amount('2025-02', 28), 13.22, 'half of either');
    assert.equal(amount('2025-01', 9), 0);
  });

  const refused: Record<string, [object, string]> = {
    'an overlap': [
      {
        option: 'BASE',
        periods: [
          { from: null, to: '2025-02-02', prices: { base: 1 } },
          { from: '2025-02-01', to: null, prices: { base: 1 } },
        ],
      },
      'periods.1.from',
    ],
    'two open periods': [{ option: 'BASE', periods: [base, base] }, 'periods.1.from'],
    'a gap': [
      {
        option: 'BASE',
        periods: [
          { from: '2025-03-01', to: null, prices: { base: 1 } },
          { from: null, to: '2025-02-01', prices: { base: 1 } },
        ],
      },
      'periods.0.from',
    ],
    'an end before its begin': [
      { option: 'BASE', periods: [{ from: '2025-02-01', to: '2025-02-01', prices: { base: 1 } }] },
      'periods.0.to',
    ],
    'a date that does not exist': [{ option: 'BASE', periods: [{ ...base, from: '2025-02-30' }] }, 'periods.0.from'],
    'a missing price': [{ option: 'HCHP', periods: [{ prices: { hc: 1 } }] }, 'periods.0.prices.hp'],
    'a price of another option': [
      { option: 'HCHP', periods: [{ prices: { hc: 1, hp: 1, base: 1 } }] },
      'periods.0.prices.base',
    ],
    'a negative price': [{ option: 'BASE', periods: [{ prices: { base: -1 } }] }, 'periods.0.prices.base'],
    'a price as text': [{ option: 'BASE', periods: [{ prices: { base: '0.2' } }] }, 'periods.0.prices.base'],
    'no period': [{ option: 'BASE', periods: [] }, 'periods'],
    'an unknown option': [{ option: 'EJP', periods: [base] }, 'option'],
    'a window at 25:00': [
      { option: 'BASE', periods: [{ ...base, offPeak: [{ from: '25:00', to: '06:00' }] }] },
      'periods.0.offPeak.0.from',
    ],
    'an eighth weekday': [
      { option: 'BASE', periods: [{ ...base, offPeak: [{ days: [8], from: '22:00', to: '06:00' }] }] },
      'periods.0.offPeak.0.days.0',
    ],
  };
  for (const [name, [model, path]] of Object.entries(refused)) {
    it(`refuses ${name} and says where`, () => {
      assert.throws(
        () => new Tariff(model),
        (error: EnergyError) =>
          error.code === 'INVALID' && (error.cause.details ?? []).some((fault) => fault.path === path),
      );
    });
  }

  it('Tempo colours in both languages; an unknown one erases nothing', () => {
    const calendar = new TempoCalendar({ '2026-01-14': 'bleu', '2026-01-15': 'ROUGE', '2026-02-30': 'RED', x: 'RED' });
    assert.deepEqual(calendar.export(), { '2026-01-14': 'BLUE', '2026-01-15': 'RED' });
    assert.deepEqual(calendar.learn({ '2026-01-14': 'UNKNOWN', '2026-01-15': 'RED', '2026-01-16': 'WHITE' }), [
      '2026-01-16',
    ]);
    assert.equal(calendar.get('2026-01-14'), 'BLUE');
    for (const junk of [null, 5, [], 'RED', { '2026-01-14': 5 }]) assert.deepEqual(calendar.learn(junk), []);
  });

  it("a colour topic: JSON tells its date; a bare word is today's only when live", () => {
    const read = (text: string, retained: boolean) => readColorTopic(Buffer.from(text), retained, NOW);
    assert.deepEqual(read('RED', false), { '2025-02-04': 'RED' });
    assert.deepEqual(read('RED', true), {});
    assert.deepEqual(read('UNKNOWN', false), {});
    assert.deepEqual(read('{"color":"BLANC","date":"2025-02-05"}', true), { '2025-02-05': 'WHITE' });
    assert.deepEqual(read('{"color":"UNKNOWN","date":"2025-02-05"}', false), {});
    assert.deepEqual(read('', false), {});
    for (const junk of ['{"color":"RED"}', '{"color":"PINK","date":"2025-02-05"}', 'PINK', '5', '{', '<html>'])
      assert.equal(read(junk, false), null, junk);
  });
});
