import assert from 'node:assert/strict';
import { type DraftFault, type DraftPeriod, draftFaults, type TariffOption } from '../../../src/shared/tariff';

const open = { from: null, to: null, prices: { base: 0.2 } };
const window = (from: string, to: string): DraftPeriod => ({ ...open, offPeak: [{ from, to }] });

describe('linky tariff as typed in its dialog', () => {
  it('a whole contract has no faults, nor has one whose prices come from the environment', () => {
    assert.deepEqual(
      draftFaults('BASE', [{ ...open, subscription: 12.44, offPeak: [{ from: '22:30', to: '24:00' }] }]),
      [],
    );
    assert.deepEqual(draftFaults('BASE', [{ ...open, subscription: null, prices: { base: '${PRICE}' } }]), []);
  });

  const faulty: [string, TariffOption, DraftPeriod[], DraftFault['rule'], string][] = [
    ['nothing', 'BASE', [], 'none', 'periods'],
    ['a price in words', 'BASE', [{ ...open, prices: { base: 'cheap' } }], 'number', 'periods.0.prices.base'],
    ['a negative price', 'BASE', [{ ...open, prices: { base: -0.2 } }], 'number', 'periods.0.prices.base'],
    ['a subscription in words', 'BASE', [{ ...open, subscription: 'x' }], 'number', 'periods.0.subscription'],
    ['a missing price', 'HCHP', [{ prices: { hc: 0.1 } }], 'missing', 'periods.0.prices.hp'],
    ['a price of another option', 'BASE', [{ prices: { base: 0.1, hc: 0.1 } }], 'foreign', 'periods.0.prices.hc'],
    ['a begin at 24:00', 'BASE', [window('24:00', '06:00')], 'time', 'periods.0.offPeak.0.from'],
    ['an end at 6:00', 'BASE', [window('22:00', '6:00')], 'time', 'periods.0.offPeak.0.to'],
    ['a day that does not exist', 'BASE', [{ ...open, from: '2026-02-29' }], 'date', 'periods.0.from'],
    ['an end before its begin', 'BASE', [{ ...open, from: '2026-02-01', to: '2026-01-01' }], 'order', 'periods.0.to'],
    ['an overlap', 'BASE', [open, open], 'overlap', 'periods.1.from'],
    [
      'a gap',
      'BASE',
      [
        { ...open, to: '2026-01-01' },
        { ...open, from: '2026-01-02' },
      ],
      'gap',
      'periods.1.from',
    ],
  ];
  for (const [what, option, periods, rule, path] of faulty) {
    it(`tells ${what} and where`, () => {
      const faults = draftFaults(option, periods).map((fault) => [fault.rule, fault.path]);
      assert.deepEqual(faults, [[rule, path]]);
    });
  }
});
