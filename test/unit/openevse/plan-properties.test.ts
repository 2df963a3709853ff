import assert from 'node:assert/strict';
import { openevse, type OpenEvseNative } from '../../../src/chargers/openevse';
import { FirmwareMemory } from './firmware-memory';
import { BASE, charger, configOf, live, message, outcome, plan, published, refused, replayed, tell } from './support';

const NONE = '{"state":"null"}';
const json = (value: unknown): string => JSON.stringify(value);

function payloads(
  native: OpenEvseNative,
  ...command: Parameters<typeof plan> extends [unknown, ...infer R] ? R : never
): string[] {
  return published(native, plan(native, ...command)).map(([, payload]) => payload);
}

describe('OpenEVSE: a release without anything to release gets no answer (3.3, 3.4)', () => {
  const held = { state: 'disabled', auto_release: true };
  const none = { state: 'null' };
  for (const [what, values, silence, already] of [
    ['an override', { override: held, manual_override: 1 }, 'timeout', false],
    ['one whose end shows in its document only', { override: none, manual_override: 1 }, 'unchanged', false],
    ['none', { override: none, manual_override: 0 }, 'unchanged', true],
  ] as const) {
    it(`of ${what}: silence is ${silence}`, () => {
      const native = charger();
      tell(native, values);
      const [step] = plan(native, 'override.clear').steps;
      assert.deepEqual([step?.afterSent?.then, step?.already], [silence, already]);
    });
  }
});

describe('OpenEVSE: claims and overrides are complete objects (3.2)', () => {
  it('merges with what is in force, and clears what is not set', () => {
    const native = charger();
    tell(native, { claim: { state: 'disabled', max_current: 20, auto_release: true } });
    assert.deepEqual(payloads(native, 'claim', { charge_current: 10 }), [
      json({ state: 'disabled', charge_current: 10, max_current: 20, auto_release: true }),
    ]);
    assert.deepEqual(payloads(native, 'claim', { max_current: 'clear', auto_release: false }), [
      json({ state: 'disabled', charge_current: 'clear', max_current: 'clear', auto_release: false }),
    ]);
    assert.deepEqual(payloads(native, 'start'), [
      json({ state: 'active', charge_current: 'clear', max_current: 20, auto_release: true }),
    ]);
  });

  it("gives auto_release always, by default the firmware's: false for a claim, true for an override", () => {
    const native = charger();
    assert.deepEqual(payloads(native, 'stop'), [
      json({ state: 'disabled', charge_current: 'clear', max_current: 'clear', auto_release: false }),
    ]);
    assert.deepEqual(payloads(native, 'override', { state: 'active' }), [
      json({ state: 'active', charge_current: 'clear', max_current: 'clear', auto_release: true }),
    ]);
  });

  it('revives nothing of a claim that a leaving vehicle made void', () => {
    const native = charger();
    tell(native, {
      state: 3,
      vehicle: 1,
      status: 'active',
      claim: { state: 'disabled', charge_current: 8, auto_release: true },
    });
    tell(native, { state: 1, vehicle: 0 });
    assert.deepEqual(payloads(native, 'claim', { state: 'active' }), [
      json({ state: 'active', charge_current: 'clear', max_current: 'clear', auto_release: false }),
    ]);
  });

  it('empties the memory of a state that must not come back, in a way that switches nothing', () => {
    const native = charger();
    tell(native, { state: 3, status: 'active' });
    assert.deepEqual(payloads(native, 'setCurrent', { current: 16 }), [
      json({ state: 'active', charge_current: 'clear', max_current: 'clear', auto_release: false }),
      'release',
      json({ charge_current: 16, max_current: 'clear', auto_release: false }),
    ]);
    tell(native, {
      state: 254,
      status: 'disabled',
      override: { charge_current: 8, auto_release: true },
      manual_override: 1,
    });
    assert.deepEqual(payloads(native, 'override', { charge_current: 10 }), [
      json({ state: 'disabled', charge_current: 8, max_current: 'clear', auto_release: true }),
      'clear',
      json({ charge_current: 10, max_current: 'clear', auto_release: true }),
    ]);
  });

  it('needs no such detour for a claim whose document shows that no state is remembered', () => {
    const native = charger();
    tell(native, { state: 3, status: 'active', claim: { charge_current: 16, auto_release: false } });
    assert.deepEqual(payloads(native, 'setCurrent', { current: 10 }), [
      json({ charge_current: 10, max_current: 'clear', auto_release: false }),
    ]);
  });

  it('infers the present target from what it knows, and names none where it knows nothing', () => {
    const first = (values: Record<string, unknown>): unknown => {
      const native = charger();
      tell(native, values);
      return (JSON.parse(payloads(native, 'setCurrent', { current: 16 })[0] ?? '') as { state?: unknown }).state;
    };
    assert.equal(first({ state: 254 }), 'disabled');
    assert.equal(first({ state: 2 }), 'active');
    assert.equal(first({ state: 254, status: 'active' }), 'active');
    assert.equal(first({}), undefined);
    assert.equal(first({ state: 6 }), undefined);
  });

  it('never holds an object without properties, which would count as an override', () => {
    const native = charger();
    tell(native, { override: { charge_current: 10, auto_release: true }, manual_override: 1 });
    assert.deepEqual(payloads(native, 'override', { charge_current: 'clear' }), ['clear']);
    assert.deepEqual(payloads(charger(), 'claim', { state: 'clear' }), ['release']);
    refused(() => plan(charger(), 'claim', { auto_release: true }), 'INVALID', /auto_release/);
  });

  it('brings about exactly what is wanted, whatever the gateway remembers, and no state flickers', () => {
    let seed = 20260721;
    const random = (below: number): number => {
      seed = (Math.imul(seed, 1664525) + 1013904223) >>> 0;
      return Math.floor((seed / 2 ** 32) * below);
    };
    const pick = <T>(...choices: T[]): T => choices[random(choices.length)] as T;
    for (const key of ['claim', 'override'] as const) {
      const word = key === 'claim' ? 'release' : 'clear';
      const firmware = new FirmwareMemory(word);
      const native = charger();
      const target = (): string => firmware.inForce?.state ?? 'active';
      const show = (): void => {
        tell(native, { [key]: firmware.document });
        if (key === 'override') live(native, 'manual_override', firmware.inForce ? '1' : '0');
      };
      tell(native, { state: 3, vehicle: 1 });
      for (let round = 0; round < 3000; round++) {
        tell(native, { status: target() });
        switch (random(8)) {
          case 0: // the vehicle leaves, and another comes
            if (firmware.inForce?.auto_release) firmware.releaseSilently();
            tell(native, { state: 1, vehicle: 0 });
            tell(native, { state: 3, vehicle: 1 });
            break;
          case 1: // somebody else's change
            firmware.publish();
            show();
            break;
          case 2: // our plans meet a user's own partial payloads
            firmware.receive(
              json(
                pick<object>(
                  { state: 'disabled' },
                  { charge_current: 13 },
                  { max_current: 20 },
                  { auto_release: true },
                ),
              ),
            );
            show();
            break;
          default: {
            const patch = {
              ...pick<object>({}, { state: 'active' }, { state: 'disabled' }, { state: 'clear' }),
              ...pick<object>({}, { charge_current: 6 + random(20) }, { charge_current: 'clear' }),
              ...pick<object>(
                { max_current: 16 },
                { max_current: 'clear' },
                { auto_release: true },
                { auto_release: false },
              ),
            };
            const before = openevse.project(native, 0).control[key];
            const { auto_release: kept = key === 'override', ...held } = { ...(before ?? {}), ...patch } as Record<
              string,
              unknown
            >;
            const wanted = Object.entries(held).filter(([, value]) => value !== 'clear');
            if (wanted.length === 0) continue;
            const exchange = plan(native, key, patch);
            const sent = published(native, exchange);
            const [now, then] = [target(), wanted.find(([property]) => property === 'state')?.[1] ?? 'active'];
            const echoes = sent.map(([, payload]) => {
              firmware.receive(payload);
              assert.ok(target() === now || target() === then, `${payload} switched to ${target()}`);
              return [key, firmware.document] as const;
            });
            assert.deepEqual(
              firmware.inForce,
              { ...Object.fromEntries(wanted), auto_release: kept },
              json([patch, sent]),
            );
            assert.equal(outcome(native, exchange, echoes), 'confirmed', json([patch, firmware.document]));
            show();
          }
        }
      }
    }
  });
});

describe('OpenEVSE: claims and overrides are proven by their documents (5)', () => {
  const ACTIVE = json({ state: 'active', charge_current: 10, auto_release: false });

  it('counts only a live document that holds all of it and no more', () => {
    for (const [echo, expected] of [
      [ACTIVE, 'confirmed'],
      [json({ state: 'active', charge_current: 10, max_current: 20, auto_release: false }), 'timeout'],
      [json({ state: 'active', charge_current: 9, auto_release: false }), 'timeout'],
      [json({ charge_current: 10, auto_release: false }), 'timeout'],
      [json({ state: 'active', charge_current: 10, auto_release: true }), 'timeout'],
      [NONE, 'timeout'],
      ['{"state":', 'timeout'],
    ] as const) {
      const native = charger();
      const exchange = plan(native, 'claim', { state: 'active', charge_current: 10 });
      assert.equal(outcome(native, exchange, [['claim', echo]]), expected, echo);
    }
    const native = charger();
    const exchange = plan(native, 'claim', { state: 'active', charge_current: 10 });
    assert.equal(
      outcome(native, exchange, [message(`${BASE}/claim`, ACTIVE, true), ['pilot', '10'], ['override', ACTIVE]]),
      'timeout',
    );
    assert.equal(outcome(native, exchange, [['claim/', ACTIVE]]), 'confirmed', 'the spelling of the description');
  });

  it('takes no unreadable echo for the document of before', () => {
    const native = charger();
    tell(native, { claim: ACTIVE });
    const exchange = plan(native, 'claim', { state: 'active', charge_current: 10 });
    assert.equal(outcome(native, exchange, [['claim', '{"state":"act']]), 'timeout');
  });

  it('takes no repetition of the document in force for the end of three publications', () => {
    const native = charger();
    tell(native, { override: { charge_current: 8, auto_release: true }, manual_override: 1 });
    const again = plan(native, 'override', { charge_current: 8 });
    assert.equal(again.steps[0]?.publications.length, 3);
    const wanted = ['override', '{"charge_current":8,"auto_release":true}'] as const;
    assert.equal(outcome(native, again, [wanted]), 'timeout');
    assert.equal(outcome(native, again, [wanted, ['override', '{"state":"null"}'], wanted]), 'confirmed');
  });

  it('judges the last of three publications', () => {
    const native = charger();
    tell(native, { state: 3, status: 'active' });
    const exchange = plan(native, 'setCurrent', { current: 16 });
    const first = json({ state: 'active', auto_release: false });
    assert.equal(
      outcome(native, exchange, [
        ['claim', first],
        ['claim', NONE],
      ]),
      'timeout',
    );
    assert.equal(
      outcome(native, exchange, [['claim', json({ charge_current: 16, auto_release: false })]]),
      'confirmed',
    );
  });

  it('confirms start and stop when the arbitration follows, and accepts when something beats the claim', () => {
    const claim = json({ state: 'disabled', auto_release: false });
    const stopped = charger();
    tell(stopped, { state: 3, status: 'active' });
    const stop = plan(stopped, 'stop');
    assert.equal(
      outcome(stopped, stop, [
        ['claim', claim],
        ['state', '254'],
        ['status', 'disabled'],
      ]),
      'confirmed',
    );
    const beaten = charger();
    tell(beaten, { state: 3, status: 'active', override: { state: 'active', auto_release: true }, manual_override: 1 });
    assert.equal(
      outcome(beaten, plan(beaten, 'stop'), [
        ['claim', claim],
        ['status', 'active'],
        ['claim', claim],
      ]),
      'accepted',
    );
    const already = charger();
    tell(already, { state: 254, status: 'disabled' });
    assert.equal(outcome(already, plan(already, 'stop'), [['claim', claim]]), 'confirmed');
    assert.equal(outcome(already, plan(already, 'stop'), []), 'timeout');
  });

  it('ends a release without a claim as unchanged, since nothing answers it', () => {
    const cases: readonly (readonly [string, (native: OpenEvseNative) => void, string])[] = [
      ['nothing known', () => undefined, 'unchanged'],
      ['none', (native) => tell(native, { claim: NONE }), 'unchanged'],
      ['one that is only replayed', (native) => replayed(native, 'claim', ACTIVE), 'unchanged'],
      ['one in force', (native) => tell(native, { claim: ACTIVE }), 'timeout'],
      [
        'one from before a broken connection',
        (native) => {
          tell(native, { claim: ACTIVE });
          openevse.disconnected(native);
        },
        'unchanged',
      ],
    ];
    for (const [what, prepare, silence] of cases) {
      const native = charger();
      prepare(native);
      assert.deepEqual(published(native, plan(native, 'release')), [['claim/set', 'release']]);
      assert.equal(outcome(native, plan(native, 'release'), []), silence, what);
      assert.equal(outcome(native, plan(native, 'release'), [['claim', NONE]]), 'confirmed', what);
    }
  });

  it('expects what a toggle must bring, not the late echo of the command before', () => {
    const native = charger();
    tell(native, { override: { state: 'active', auto_release: true }, manual_override: 1 });
    const off = plan(native, 'override.toggle');
    assert.equal(outcome(native, off, [['override', json({ state: 'active', auto_release: true })]]), 'timeout');
    assert.equal(outcome(native, off, [['override', NONE]]), 'confirmed');
    live(native, 'manual_override', '0');
    assert.equal(outcome(native, plan(native, 'override.toggle'), [['override', NONE]]), 'timeout');
  });
});

describe('OpenEVSE: what a claim may not hold', () => {
  const bad: readonly (readonly [Record<string, unknown>, string])[] = [
    [{ state: 'auto' }, 'state'],
    [{ state: null }, 'state'],
    [{ state: 1 }, 'state'],
    [{ charge_current: 16.9 }, 'charge_current'],
    [{ charge_current: '16' }, 'charge_current'],
    [{ charge_current: -1 }, 'charge_current'],
    [{ charge_current: 81 }, 'charge_current'],
    [{ charge_current: null }, 'charge_current'],
    [{ charge_current: true }, 'charge_current'],
    [{ max_current: NaN }, 'max_current'],
    [{ auto_release: 'clear' }, 'auto_release'],
    [{ priority: 500, state: 'active' }, 'priority'],
    [{}, ''],
  ];
  for (const [params, at] of bad) {
    it(`refuses ${JSON.stringify(params)}`, () => {
      for (const command of ['claim', 'override'] as const) {
        const error = refused(() => plan(charger(), command, params), 'INVALID');
        assert.deepEqual([...new Set(error.cause.details?.map((fault) => fault.path))], [at]);
      }
    });
  }

  it('refuses more than the user allows for this charger', () => {
    const native = charger({ maxCurrent: 16 });
    assert.doesNotThrow(() => plan(native, 'setCurrent', { current: 16 }));
    refused(() => plan(native, 'setCurrent', { current: 17 }), 'INVALID', /16 A/);
    refused(() => plan(native, 'claim', { charge_current: 20 }), 'INVALID', /16 A/);
    refused(() => plan(native, 'override', { max_current: 20 }), 'INVALID', /16 A/);
  });

  it('refuses currents that the charger would clamp without a word', () => {
    const native = charger();
    refused(() => plan(native, 'setCurrent', { current: 5 }), 'INVALID', /minimum of 6 A/);
    refused(() => plan(native, 'setCurrent', { current: 7.5 }), 'INVALID');
    refused(() => plan(native, 'setCurrent', {}), 'INVALID', /current/);
    tell(native, { max_current: 20 });
    refused(() => plan(native, 'setCurrent', { current: 32 }), 'INVALID', /20 A/);
    replayed(native, 'config', configOf({ min_current_hard: 10 }));
    refused(() => plan(native, 'setCurrent', { current: 8 }), 'INVALID', /10 A/);
  });

  it('refuses parameters where there are none', () => {
    for (const command of ['start', 'stop', 'release', 'claim.release', 'override.clear', 'override.toggle'] as const) {
      refused(() => plan(charger(), command, { current: 3 }), 'INVALID', /current/);
    }
  });
});
