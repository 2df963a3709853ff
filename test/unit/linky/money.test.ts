import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { daysInMonth } from '../../../src/linky/clock';
import { PER_KWH } from '../../../src/linky/energy';
import { costOfDays, costOfEnergy, fromText, sumOf, toEuros, toPrice, toText } from '../../../src/linky/money';
import { random } from './support';

describe('linky money', () => {
  it('a price is what is written in decimal, not the double next to it', () => {
    const prices = [0.2068, 0.1, 0.1 + 0.2, 1e-7, 0, 12.44, 100_000, 12_345.678901234];
    assert.deepEqual(
      prices.map((price) => toPrice(price).toFraction()),
      ['517/2500', '1/10', '3/10', '1/10000000', '0', '311/25', '100000', '6172839450617/500000000'],
    );
  });

  it('energy costs its exact share, however small', () => {
    const price = toPrice(0.2068);
    assert.ok(costOfEnergy(price, PER_KWH).equals(price));
    assert.equal(costOfEnergy(price, 1).toFraction(), '517/150000000000000');
    // A third of a watt-hour three times over is a watt-hour.
    const third = costOfEnergy(price, PER_KWH / 3_000);
    assert.ok(sumOf([third, third, third]).equals(costOfEnergy(price, PER_KWH / 1_000)));
  });

  it('the days of a month add up to its subscription, the months of three years to theirs', () => {
    const next = random(7);
    const years = [2023, 2024, 2025].flatMap((year) =>
      Array.from({ length: 12 }, (_, month) => `${year}-${String(month + 1).padStart(2, '0')}`),
    );
    for (let round = 0; round < 20; round += 1) {
      const price = toPrice(Math.floor(next() * 10_000) / 100);
      const months = years.map((month) => {
        const days = daysInMonth(month);
        const sum = sumOf(Array.from({ length: days }, () => costOfDays(price, 1, days)));
        assert.ok(sum.equals(price), `${month} at ${price.toFraction()}`);
        return sum;
      });
      assert.equal(toEuros(sumOf(months)), toEuros(price.mul(36)));
    }
  });

  it('the denominator of a sum is bounded, however many days there are', () => {
    const next = random(8);
    const days = Array.from({ length: 1_200 }, (_, i) =>
      sumOf([
        costOfEnergy(toPrice(Math.floor(next() * 10_000) / 10_000), Math.floor(next() * PER_KWH * 40)),
        costOfDays(toPrice(Math.floor(next() * 10_000) / 100), 1, 28 + (i % 4)),
      ]),
    );
    const { d } = sumOf(days);
    assert.equal((BigInt(PER_KWH) * 10_000n * 7n * 29n * 31n) % d, 0n, String(d));
  });

  it('a number has no digits that the amount has not', () => {
    assert.equal(toEuros(sumOf([toPrice(0.1), toPrice(0.2)])), 0.3);
    assert.equal(toEuros(sumOf(Array.from({ length: 1_000 }, () => toPrice(0.07)))), 70);
    assert.equal(toEuros(sumOf([])), 0);
    assert.equal(toEuros(costOfDays(toPrice(10), 1, 30)), 1 / 3);
  });

  it('its text brings it back; anything else is none', () => {
    for (const amount of [toPrice(0), toPrice(5), toPrice(0.2068).neg(), costOfDays(toPrice(12.44), 17, 31)])
      assert.ok(fromText(toText(amount))!.equals(amount), toText(amount));
    const junk = ['', '5', '1/0', '1/-2', '1/2/3', '0.(3)', 'NaN', '1 1/2', `1/${'9'.repeat(100)}`, 5, null, {}];
    for (const text of junk) assert.equal(fromText(text), null, JSON.stringify(text));
  });

  it('the library is loaded by the first contract, not with the nodes', () => {
    const script = `
      const loaded = () => Object.keys(require.cache).some((file) => file.includes('fraction.js'));
      require('./dist/nodes/linky-tariff.js');
      require('./dist/nodes/linky-cost.js');
      const before = loaded();
      const { Tariff } = require('./dist/src/linky/tariff.js');
      new Tariff({ option: 'BASE', periods: [{ prices: { base: 0.2 } }] });
      process.stdout.write(JSON.stringify([before, loaded()]));
    `;
    assert.equal(execFileSync(process.execPath, ['-e', script]).toString(), '[false,true]');
  });
});
