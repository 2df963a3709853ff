import assert from 'node:assert/strict';
import { openevse } from '../../../src/chargers/openevse';
import type { ChargerStatus } from '../../../src/chargers/status';
import { BASE, charger, live, message, replayed, START, tell } from './support';

const status = (native: ReturnType<typeof charger>, now = START): ChargerStatus => openevse.project(native, now);

const BIRTH = { state: 'connected', id: '9c9c1fe57b2c', name: 'openevse-7b2c', mqtt: BASE, http: 'http://192.0.2.10/' };
const WILL = { state: 'disconnected', id: '9c9c1fe57b2c', name: 'openevse-7b2c' };
const ANNOUNCE = 'openevse/announce/7b2c';
const announced = (payload: unknown, retained = false) => message(ANNOUNCE, JSON.stringify(payload), retained);

describe('OpenEVSE: life (1)', () => {
  it('is unknown until the first live message, whatever was replayed', () => {
    const native = charger();
    openevse.decode(native, announced(BIRTH, true), START);
    replayed(native, 'state', '3');
    replayed(native, 'evse_connected', '1');
    assert.deepEqual([status(native).online, status(native).lastSeen], [null, null]);
    live(native, 'state', '3', START + 5);
    assert.deepEqual([status(native).online, status(native).lastSeen], [true, new Date(START + 5).toISOString()]);
  });

  it('is lost after 90 s of silence, whatever evse_connected says, and after staleAfter if given', () => {
    for (const [staleAfter, ms] of [
      [null, 90_000],
      [10, 10_000],
    ] as const) {
      const native = charger({ staleAfter });
      live(native, 'evse_connected', '1');
      assert.equal(openevse.deadline(native, START), START + ms);
      assert.equal(status(native, START + ms - 1).online, true);
      const late = status(native, START + ms);
      assert.deepEqual([late.online, late.stale, late.state], [false, true, 'unavailable']);
      assert.equal(openevse.deadline(native, START + ms), null);
      assert.deepEqual(live(native, 'evse_connected', '1', START + ms), ['online']);
    }
  });

  it('believes a will of three fields after two seconds', () => {
    const native = charger();
    openevse.decode(native, announced(BIRTH), START);
    assert.deepEqual(openevse.decode(native, announced(WILL), START), ['online']);
    assert.equal(openevse.deadline(native, START), START + 2000);
    assert.equal(status(native, START + 1999).online, true);
    assert.equal(status(native, START + 2000).online, false);
  });

  it('believes no will that a birth or any live message follows', () => {
    for (const next of [announced(BIRTH), message(`${BASE}/uptime`, '5')]) {
      const native = charger();
      openevse.decode(native, announced(BIRTH), START);
      openevse.decode(native, announced(WILL), START);
      assert.ok(openevse.decode(native, next, START + 30).includes('online'));
      assert.equal(status(native, START + 2000).online, true);
    }
  });

  it('makes no state of what a broker kept (`mqtt_retained`) until the charger speaks', () => {
    const native = charger();
    for (const [key, value] of Object.entries({ state: '3', power: '7392' })) replayed(native, key, value);
    const { online, stale, state, power } = status(native);
    assert.deepEqual([online, stale, state, power], [null, true, 'unknown', 7392]);
    live(native, 'uptime', '5');
    assert.deepEqual([status(native).stale, status(native).state], [false, 'charging']);
  });

  it('is offline by a will that is the last word which the broker has, whose id the configuration tells', () => {
    for (const order of ['will, config', 'config, will']) {
      const native = charger();
      const messages = {
        will: announced(WILL, true),
        config: message(`${BASE}/config`, `{"wifi_serial":"${WILL.id.toUpperCase()}","hostname":"evse"}`, true),
      };
      for (const name of order.split(', ')) openevse.decode(native, messages[name as keyof typeof messages], START);
      // As the store does as soon as it knows the id.
      assert.deepEqual([status(native).id, status(native).name], [WILL.id, 'evse']);
      openevse.decode(native, messages.will, START);
      assert.deepEqual([status(native, START + 1999).online, status(native, START + 1999).state], [null, 'unknown']);
      assert.equal(openevse.deadline(native, START), START + 2000);
      const { online, stale, state } = status(native, START + 2000);
      assert.deepEqual([online, stale, state], [false, true, 'unavailable']);
      openevse.decode(native, announced(BIRTH), START + 5000);
      assert.equal(status(native, START + 5000).online, true);
    }
  });

  it('does not believe a replayed will once it was heard live, nor one that a replayed birth replaced', () => {
    const native = charger();
    openevse.decode(native, announced(BIRTH), START);
    assert.deepEqual(openevse.decode(native, announced(WILL, true), START), []);
    assert.equal(status(native, START + 2000).online, true);
    const other = charger();
    for (const payload of [BIRTH, WILL, BIRTH]) openevse.decode(other, announced(payload, true), START);
    assert.equal(status(other, START + 2000).online, null);
  });

  it('takes a birth with another base topic for a farewell', () => {
    const native = charger();
    openevse.decode(native, announced(BIRTH), START);
    openevse.decode(native, announced({ ...BIRTH, mqtt: 'elsewhere' }), START);
    assert.equal(status(native, START + 2000).online, false);
  });

  it('ignores the announces of others, and rubbish', () => {
    const native = charger();
    openevse.decode(native, announced(BIRTH), START);
    for (const payload of [{ ...WILL, id: 'other' }, { ...BIRTH, id: 'other', mqtt: 'other' }, [], 1]) {
      assert.deepEqual(openevse.decode(native, announced(payload), START), []);
    }
    assert.deepEqual(openevse.decode(native, message(ANNOUNCE, '{"state":"disc'), START), []);
    assert.deepEqual(openevse.decode(native, message(ANNOUNCE, `{"x":"${'y'.repeat(5000)}"}`), START), []);
    assert.equal(status(native, START + 2000).online, true);
    assert.equal(status(native).id, BIRTH.id);
  });

  it('reads an announce that lies below the base topic', () => {
    const native = charger({ baseTopic: 'openevse' });
    openevse.decode(native, announced({ ...BIRTH, mqtt: 'openevse' }), START);
    assert.equal(status(native).name, 'openevse-7b2c');
  });

  it('follows the plain words of 2.x gateways on the base topic', () => {
    const native = charger({ baseTopic: 'openevse' });
    openevse.decode(native, message('openevse', 'connected'), START);
    assert.equal(status(native).online, true);
    openevse.decode(native, message('openevse', 'disconnected'), START);
    assert.equal(status(native, START + 2000).online, false);
    assert.deepEqual(openevse.decode(native, message('openevse', 'something'), START), []);
  });

  it('forgets life, not values, with the broker connection', () => {
    const native = charger();
    tell(native, { state: 3, amp: 16000 });
    openevse.disconnected(native);
    const { online, lastSeen, currents } = status(native);
    assert.deepEqual([online, lastSeen, currents[0]], [null, new Date(START).toISOString(), 16]);
  });

  it('does not take a removed retained document for life', () => {
    const native = charger();
    replayed(native, 'claim', '{"state":"active","auto_release":true}');
    assert.deepEqual(live(native, 'claim', ''), ['claim']);
    assert.deepEqual([status(native).online, status(native).control.claim], [null, null]);
  });
});

describe('OpenEVSE: documents that a leaving vehicle made void (5)', () => {
  const plugged = (auto_release: boolean): ReturnType<typeof charger> => {
    const native = charger();
    tell(native, {
      state: 3,
      vehicle: 1,
      claim: { state: 'active', charge_current: 8, auto_release },
      override: { state: 'active', charge_current: 12, auto_release },
      manual_override: 1,
    });
    return native;
  };
  // The state set of an unplugging still carries the old `manual_override`.
  const unplug = { state: 1, vehicle: 0, manual_override: 1, status: 'active' };

  it('drops claim and override that release themselves, at once', () => {
    const native = plugged(true);
    assert.ok(live(native, 'state', '1').includes('claim'));
    tell(native, unplug);
    const { control } = status(native);
    assert.deepEqual([control.claim, control.override, control.by], [null, null, 'charger']);
  });

  it('keeps those that do not', () => {
    const native = plugged(false);
    tell(native, unplug);
    assert.deepEqual(status(native).control.by, 'manual');
    assert.deepEqual(status(native).control.claim, { state: 'active', charge_current: 8, auto_release: false });
  });

  it('believes a later manual_override again, and a new document', () => {
    const native = plugged(true);
    tell(native, unplug);
    live(native, 'manual_override', '1', START + 30_000);
    assert.equal(status(native).control.by, 'manual');
    live(native, 'claim', '{"charge_current":8,"auto_release":true}');
    assert.deepEqual(status(native).control.claim, { charge_current: 8, auto_release: true });
  });

  it('stays void through an unreadable message', () => {
    const native = plugged(true);
    tell(native, unplug);
    live(native, 'claim', '{"state":');
    assert.equal(status(native).control.claim, null);
  });

  it('counts a leaving only when it happens before our eyes', () => {
    const told = plugged(true);
    replayed(told, 'state', '1');
    assert.notEqual(status(told).control.claim, null);
    const away = plugged(true);
    openevse.disconnected(away);
    tell(away, { state: 1, vehicle: 0 });
    assert.notEqual(status(away).control.claim, null);
  });

  it('sees the plug pulled from a sleeping charger, but trusts no plug in state 255', () => {
    const sleeping = plugged(true);
    tell(sleeping, { state: 254, vehicle: 1 });
    live(sleeping, 'vehicle', '0');
    assert.equal(status(sleeping).control.claim, null);
    const disabled = plugged(true);
    tell(disabled, { state: 255, vehicle: 0 });
    assert.notEqual(status(disabled).control.claim, null);
  });

  it('lets manual_override 0 void an override, live or replayed', () => {
    const native = charger();
    replayed(native, 'override', '{"state":"disabled","auto_release":true}');
    assert.notEqual(status(native).control.override, null);
    assert.deepEqual(live(native, 'manual_override', '0'), ['manual_override', 'online', 'override']);
    assert.equal(status(native).control.override, null);
    replayed(native, 'override', '{"state":"disabled","auto_release":true}');
    assert.equal(status(native).control.override, null);
    live(native, 'override', '{"state":"active","auto_release":true}');
    assert.deepEqual(status(native).control.override, { state: 'active', auto_release: true });
  });
});

describe('OpenEVSE: who decides (3.1)', () => {
  const cases: readonly (readonly [Record<string, unknown>, string | null])[] = [
    [{}, null],
    [{ state: 1 }, 'charger'],
    [{ state: 3, manual_override: 1 }, 'manual'],
    [{ state: 3, manual_override: 1, claim: { state: 'active', auto_release: false } }, 'manual'],
    [{ state: 3, claim: { charge_current: 8, auto_release: false }, divertmode: 2, divert_active: true }, 'claim'],
    [{ state: 3, divertmode: 2, divert_active: true }, 'divert'],
    [{ state: 254, divertmode: 2, divert_active: false, status: 'disabled' }, 'divert'],
    [{ state: 3, divertmode: 2, divert_active: false, status: 'active', schedule: [{ id: 1 }] }, 'schedule'],
    [{ state: 3, divertmode: 1, schedule: [{ id: 1 }] }, 'schedule'],
    [
      {
        state: 254,
        vehicle: 1,
        manual_override: 1,
        session_energy: 20,
        limit: { type: 'energy', value: 20, auto_release: true },
      },
      'limit',
    ],
    [{ state: 254, shaper: 1, shaper_updated: false }, 'charger'],
  ];
  for (const [values, by] of cases) {
    it(`${JSON.stringify(values)}: ${String(by)}`, () => {
      const native = charger();
      tell(native, values);
      assert.equal(status(native).control.by, by);
    });
  }
});
