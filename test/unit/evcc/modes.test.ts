import assert from 'node:assert/strict';
import { Loadpoint, answered, codeOf } from './support';

describe('evcc modes from 0.316.0 on (5.1)', () => {
  const smart = { mode: 'smart', alwaysCharge: 'off' };
  const mode = 'loadpoints/1/mode';
  const always = 'loadpoints/1/alwaysCharge';
  const acknowledged = [`${mode}/set`, ''] as const;
  const cases: readonly (readonly [
    why: string,
    before: Readonly<Record<string, string>>,
    wanted: string,
    answers: readonly (readonly [string, string])[],
    outcome: string,
  ])[] = [
    [
      'smart reads back, never the word sent',
      { mode: 'off', alwaysCharge: 'off' },
      'surplus',
      [[mode, 'smart'], acknowledged],
      'confirmed',
    ],
    [
      'both change',
      { mode: 'off', alwaysCharge: 'off' },
      'min+surplus',
      [[mode, 'smart'], acknowledged, [always, 'on']],
      'confirmed',
    ],
    [
      'half of it is not enough',
      { mode: 'off', alwaysCharge: 'off' },
      'min+surplus',
      [[mode, 'smart'], acknowledged],
      'refused',
    ],
    [
      'already smart: alwaysCharge answers',
      smart,
      'min+surplus',
      [acknowledged, [always, 'on'], [mode, 'smart']],
      'confirmed',
    ],
    ['already so: nothing but the empty message', smart, 'surplus', [acknowledged], 'unchanged'],
    [
      'once is not on',
      { mode: 'smart', alwaysCharge: 'once' },
      'min+surplus',
      [acknowledged, [always, 'on']],
      'confirmed',
    ],
    ['off', smart, 'off', [[mode, 'off'], acknowledged], 'confirmed'],
    ['fast', smart, 'fast', [acknowledged, [mode, 'now']], 'confirmed'],
    [
      'alwaysCharge lost with the broker: off if it does not answer',
      { mode: 'off' },
      'surplus',
      [[mode, 'smart']],
      'confirmed',
    ],
  ];
  for (const [why, before, wanted, answers, outcome] of cases) {
    it(`${wanted}: ${why}`, () => {
      const lp = new Loadpoint().ready().values(before);
      assert.equal(answered(lp, lp.plan('setMode', { mode: wanted }), answers), outcome);
    });
  }

  it('has no min+surplus on devices that refuse alwaysCharge, but surplus', () => {
    const lp = new Loadpoint().ready().values({ ...smart, chargerFeatureSwitchDevice: 'true' });
    assert.equal(
      codeOf(() => lp.plan('setMode', { mode: 'min+surplus' })),
      'UNSUPPORTED',
    );
    assert.equal(
      codeOf(() => lp.plan('setMode', { mode: 'surplus' })),
      undefined,
    );
  });

  it('has min+surplus on such devices in the old generation', () => {
    const lp = new Loadpoint().ready().values({ mode: 'pv', chargerFeatureSwitchDevice: 'true' });
    assert.equal(
      codeOf(() => lp.plan('setMode', { mode: 'min+surplus' })),
      undefined,
    );
  });
});
