/** Over random curves, contracts and dates: no energy is lost or made up, and sums do not depend on the order. */
import assert from 'node:assert/strict';
import { addDays } from '../../../src/linky/clock';
import { TempoCalendar } from '../../../src/linky/colors';
import { priceReading, toCost } from '../../../src/linky/cost';
import { costOfEnergy, sumOf, toEuros } from '../../../src/linky/money';
import { LinkyPricer } from '../../../src/linky/pricer';
import { Tariff } from '../../../src/linky/tariff';
import { localMinute } from '../../../src/linky/slots';
import { weekday } from '../../../src/linky/clock';
import { curve, label, PDL, random } from './support';

const CASES = 3_000;
const CLOCK_CHANGES = ['2024-03-31', '2024-10-27', '2025-03-30', '2025-10-26', '2026-03-29', '2026-10-25'];
const COLORS = ['BLUE', 'WHITE', 'RED', 'UNKNOWN'];

interface Window {
  readonly days: number[];
  readonly from: string;
  readonly to: string;
}

function generator(seed: number) {
  const next = random(seed);
  const int = (limit: number): number => Math.floor(next() * limit);
  const pick = <T>(list: readonly T[]): T => list[int(list.length)]!;
  const date = (): string => (next() < 0.25 ? pick(CLOCK_CHANGES) : addDays('2024-01-01', int(1_100)));
  const cents = (): number => int(5_000) / 10_000;
  const windows = (): Window[] =>
    Array.from({ length: int(4) }, () => ({
      days: next() < 0.5 ? [] : [1, 2, 3, 4, 5, 6, 7].filter(() => next() < 0.5),
      from: label(int(1_440)),
      to: label(int(1_440)),
    }));
  const tariff = () => {
    const option = pick(['BASE', 'HCHP', 'TEMPO'] as const);
    const names = {
      BASE: ['base'],
      HCHP: ['hc', 'hp'],
      TEMPO: ['blueHc', 'blueHp', 'whiteHc', 'whiteHp', 'redHc', 'redHp'],
    };
    const period = (from: string | null, to: string | null) => ({
      from,
      to,
      subscription: cents() * 100,
      prices: Object.fromEntries(names[option].map((name) => [name, cents()])),
      offPeak: windows(),
    });
    const edge = date();
    const start = next() < 0.3 ? '2024-06-01' : null;
    const periods = start === null || start < edge ? [period(start, edge), period(edge, null)] : [period(start, null)];
    return { option, periods };
  };
  const watts = (): ((i: number) => number | null) => {
    const holes = next() < 0.2;
    return () => (holes && next() < 0.1 ? null : int(9_000));
  };
  const colors = (day: string): Record<string, string> => ({ [addDays(day, -1)]: pick(COLORS), [day]: pick(COLORS) });
  return { next, int, pick, date, tariff, watts, colors };
}

/** Off-peak by the definition, minute by minute, without tables. */
function isOffPeak(windows: readonly Window[], day: number, minute: number): boolean {
  return windows.some(({ days, from, to }) => {
    const on = (weekDay: number): boolean => days.length === 0 || days.includes(weekDay);
    const at = label(minute);
    if (from < to) return on(day) && from <= at && at < to;
    return (on(day) && at >= from) || (on(day === 1 ? 7 : day - 1) && at < to);
  });
}

describe('linky cost properties', () => {
  it(`the buckets of ${CASES} random days add up to their energy exactly, and the amounts to their prices`, () => {
    const { date, tariff, watts, pick, colors } = generator(1);
    for (let i = 0; i < CASES; i += 1) {
      const day = date();
      const model = tariff();
      const interval = pick([10, 15, 30, 60]);
      const reading = curve(day, watts(), interval);
      const contract = new Tariff(model);
      const exact = priceReading(reading, contract, new TempoCalendar(colors(day)))!;
      const told = reading.slots.reduce((sum, { power }) => sum + (power ?? 0) * 1e6 * interval, 0);
      const buckets = [...exact.energy.values()].reduce((sum, energy) => sum + energy, exact.unpriced);
      assert.equal(buckets, told, `case ${i}: ${day}`);
      const period = contract.periodOf(day);
      assert.deepEqual([...exact.amount.keys()], [...exact.energy.keys()]);
      for (const [bucket, amount] of exact.amount) {
        assert.ok(amount.equals(costOfEnergy(period!.prices.get(bucket)!, exact.energy.get(bucket)!)));
      }
      const cost = toCost(exact);
      assert.equal(cost.total, exact.energy.size === 0 ? null : toEuros(sumOf(exact.amount.values())));
      assert.equal(cost.complete, exact.unpriced === 0 && reading.coverage.slots === reading.coverage.expected);
    }
  }).timeout(30_000);

  it('off-peak energy is that of a minute-by-minute count', () => {
    const { date, tariff, watts, pick } = generator(2);
    for (let i = 0; i < 150; i += 1) {
      const day = date();
      const { periods } = tariff();
      const offPeak = periods[0]!.offPeak;
      if (offPeak.length === 0) continue;
      const interval = pick([10, 15, 30, 60]);
      const reading = curve(day, watts(), interval);
      const model = { option: 'HCHP', periods: [{ prices: { hc: 1, hp: 2 }, offPeak }] };
      const exact = priceReading(reading, new Tariff(model), new TempoCalendar())!;
      let hc = 0;
      reading.slots.forEach(({ power }, index) => {
        for (let minute = 0; minute < interval; minute += 1) {
          const local = localMinute(day, interval, index) + minute;
          if (isOffPeak(offPeak, weekday(day), local)) hc += (power ?? 0) * 1e6;
        }
      });
      assert.equal(exact.energy.get('hc') ?? 0, hc, `case ${i}: ${day} ${JSON.stringify(offPeak)}`);
    }
  });

  it('totals do not depend on the order of days, repeats or corrections', () => {
    const { int, tariff, colors, next } = generator(3);
    for (let round = 0; round < 20; round += 1) {
      const model = tariff();
      const days = Array.from({ length: 45 }, (_, i) => addDays('2025-01-10', i));
      const known = Object.assign({}, ...days.map(colors)) as object;
      const curves = days.map((day) => curve(day, () => int(9_000)));
      const straight = new LinkyPricer(new Tariff(model));
      straight.learn(known);
      for (const reading of curves) straight.price(reading);
      const shuffled = new LinkyPricer(new Tariff(model));
      shuffled.learn(known);
      const order = curves.map((reading) => ({ reading, key: next() })).sort((a, b) => a.key - b.key);
      for (const { reading } of order) {
        if (next() < 0.3) shuffled.price(curve(reading.date, () => int(9_000)));
        shuffled.price(reading);
        if (next() < 0.3) shuffled.price(reading);
      }
      for (const day of [days[0]!, days[44]!]) {
        const sorted = (totals: LinkyPricer): unknown =>
          JSON.parse(JSON.stringify(totals.totals.get(PDL, day), sortKeys));
        assert.deepEqual(sorted(shuffled), sorted(straight), `round ${round}`);
      }
    }
  });
});

function sortKeys(_key: string, value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  return Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)));
}
