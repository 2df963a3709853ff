import assert from 'node:assert/strict';
import { openevse } from '../../../src/chargers/openevse';
import type { ChargerStatus } from '../../../src/chargers/status';
import { BASE, charger, configOf, live, message, refused, replayed, START, tell } from './support';

const status = (native: ReturnType<typeof charger>, now = START): ChargerStatus => openevse.project(native, now);

const BIRTH = { state: 'connected', id: '9c9c1fe57b2c', name: 'openevse-7b2c', mqtt: BASE, http: 'http://192.0.2.10/' };
const WILL = { state: 'disconnected', id: '9c9c1fe57b2c', name: 'openevse-7b2c' };
const ANNOUNCE = 'openevse/announce/7b2c';
const announced = (payload: unknown, retained = false) => message(ANNOUNCE, JSON.stringify(payload), retained);

const matches = (filter: string, topic: string): boolean => {
  const [levels, parts] = [filter.split('/'), topic.split('/')];
  return levels.length === parts.length && levels.every((level, i) => level === '+' || level === parts[i]);
};

describe('OpenEVSE: topics', () => {
  const bases = [BASE, 'openevse-7b2c', 'emon/openevse-55ad', ''];
  for (const base of bases) {
    it(`below "${base}": status and documents, never our own set topics`, () => {
      const filters = openevse.filters(base);
      const seen = (tail: string): number => filters.filter((filter) => matches(filter, `${base}/${tail}`)).length;
      for (const tail of ['amp', 'state', 'override', 'config', 'override/', 'claim/', 'schedule/', 'limit/']) {
        assert.equal(seen(tail), 1, tail);
      }
      for (const tail of ['override/set', 'claim/set', 'schedule/set', 'schedule/clear', 'limit/set', 'rapi/in/$GC']) {
        assert.equal(seen(tail), 0, tail);
      }
      assert.ok(!filters.includes(''), 'an empty filter is none');
    });
  }

  it('reads the empty base topic of a unit whose settings were never saved', () => {
    const native = charger({ baseTopic: openevse.base('') });
    assert.deepEqual(openevse.decode(native, message('/amp', '16000'), START), ['amp', 'online']);
    assert.equal(status(native).currents[0], 16);
  });

  it('normalises what the user typed, and refuses what is no topic', () => {
    assert.deepEqual(
      ['openevse-7b2c/', ' emon/openevse ', '/'].map((typed) => openevse.base(typed)),
      ['openevse-7b2c', 'emon/openevse', ''],
    );
    for (const typed of ['openevse/+', '#', 'a\0b']) refused(() => openevse.base(typed), 'INVALID');
  });

  it('understands the trailing slashes of the description', () => {
    const native = charger();
    tell(native, { state: 2 });
    assert.deepEqual(live(native, 'claim/', '{"state":"active","auto_release":false}'), ['claim']);
    assert.deepEqual(status(native).control.claim, { state: 'active', auto_release: false });
  });

  it('takes its own restart command for no status', () => {
    const native = charger();
    assert.deepEqual(live(native, 'restart', '{"device":"gateway"}'), []);
    assert.equal(status(native).online, null);
    assert.deepEqual(Object.keys(openevse.raw(native)), []);
  });

  it('names what changed, and nothing twice', () => {
    const native = charger();
    assert.deepEqual(live(native, 'pilot', '16'), ['pilot', 'online']);
    assert.deepEqual(live(native, 'pilot', '16'), []);
    assert.deepEqual(live(native, 'pilot', '17'), ['pilot']);
  });

  it('tolerates unknown keys, since anything posted to the gateway is published again', () => {
    const native = charger();
    assert.deepEqual(live(native, 'my_sensor', '12.5'), ['my_sensor', 'online']);
    assert.equal(openevse.raw(native)['my_sensor'], 12.5);
  });
});

describe('OpenEVSE: numbers (2.1, 2.2)', () => {
  const cases: readonly (readonly [string, string, (one: ChargerStatus) => unknown, unknown])[] = [
    ['amp', '15987.25', ({ currents }) => currents[0], 15.987],
    ['amp', 'null', ({ currents }) => currents[0], null],
    ['power', '3.68e3', ({ power }) => power, 3680],
    ['power', 'NaN', ({ power }) => power, null],
    ['watthour', '2.012722817e7', ({ energyTotal }) => energyTotal, 20127228.17],
    ['wh', '1234567', ({ energyTotal }) => energyTotal, 1234567],
    ['total_energy', '20127.22817', ({ energyTotal }) => energyTotal, 20127228.17],
    ['wattsec', '3.6e7', (one) => one.session.energy, 10000],
    ['session_energy', '1e-7', (one) => one.session.energy, 0],
    ['session_elapsed', '12.75', (one) => one.session.duration, 12.75],
    ['elapsed', '90', (one) => one.session.duration, 90],
    ['temp', '253', ({ temperature }) => temperature, 25.3],
    ['temp', '-55', ({ temperature }) => temperature, -5.5],
    ['temp', 'false', ({ temperature }) => temperature, null],
    ['temp1', '310', ({ temperature }) => temperature, 31],
    ['voltage', '231.3999939', ({ voltages }) => voltages[0], 231.4],
    ['pilot', '', ({ current }) => current, null],
    ['battery_level', '57', ({ vehicle }) => vehicle.soc, 57],
    ['vehicle_charge_limit', '80', ({ vehicle }) => vehicle.limitSoc, 80],
  ];
  for (const [key, payload, pick, expected] of cases) {
    it(`${key} "${payload}" is ${String(expected)}`, () => {
      const native = charger();
      live(native, key, payload);
      assert.equal(pick(status(native)), expected);
      assert.equal(openevse.faults(native).size, 0);
    });
  }

  it('keeps the last good value and names the fault until the topic is readable again', () => {
    const native = charger();
    live(native, 'amp', '16000');
    for (const bad of ['abc', '0x10', 'Infinity', '1,5', '{}']) {
      assert.deepEqual(live(native, 'amp', bad), []);
      assert.equal(status(native).currents[0], 16);
      assert.deepEqual([...openevse.faults(native).keys()], ['amp']);
    }
    assert.equal(openevse.decode(native, message(`${BASE}/amp`, Uint8Array.of(0xff, 0xfe)), START).length, 0);
    assert.match(openevse.faults(native).get('amp') ?? '', /UTF-8/);
    live(native, 'amp', '16000');
    assert.equal(openevse.faults(native).size, 0);
  });

  it('takes change counters of 8 bits for values like others', () => {
    const native = charger();
    live(native, 'claims_version', '255');
    assert.deepEqual(live(native, 'claims_version', '0'), ['claims_version']);
  });

  it('holds the documents that name none, in both spellings', () => {
    for (const [key, none] of [
      ['claim', '{"state":"null"}'],
      ['override', '{"state":"null"}'],
      ['schedule', '[]'],
      ['schedule', '{"state":"null"}'],
      ['limit', '{"type":"none","value":0,"auto_release":true}'],
      ['limit', '{"state":"null"}'],
      ['limit', '[]'],
    ] as const) {
      const native = charger();
      tell(native, { state: 1, [key]: none });
      const { control, session } = status(native);
      assert.deepEqual([control.claim, control.override, session.limit], [null, null, null], `${key} ${none}`);
      assert.deepEqual(control.schedule, key === 'schedule' ? [] : null);
      assert.equal(openevse.faults(native).size, 0);
    }
  });

  it('finds unreadable documents: the last good one stays', () => {
    const native = charger();
    tell(native, { state: 3, claim: { state: 'active', auto_release: true } });
    for (const bad of ['{"state":', 'true', '[1]', '"x"', '12']) live(native, 'claim', bad);
    assert.equal(status(native).control.by, 'claim');
    assert.equal(openevse.faults(native).has('claim'), true);
  });
});

describe('OpenEVSE: the limit topic carries two kinds of payload (3.5)', () => {
  it('takes the text for a sign of life and the document for the limit', () => {
    const native = charger();
    assert.deepEqual(live(native, 'limit', 'true'), ['online']);
    live(native, 'limit', '{"type":"time","value":90,"auto_release":true}');
    live(native, 'limit', 'false');
    assert.deepEqual(status(native).session.limit, { type: 'time', value: 5400 });
    assert.equal(openevse.faults(native).size, 0);
  });

  it('gives ranges in km, however the charger counts', () => {
    const native = charger();
    tell(native, { limit: { type: 'range', value: 100, auto_release: true }, battery_range: 200 });
    assert.equal(status(native).session.limit?.value, 100);
    replayed(native, 'config', configOf({ mqtt_vehicle_range_miles: true }));
    assert.equal(status(native).session.limit?.value, 160.934);
    assert.equal(status(native).vehicle.range, 321.869);
  });
});

describe('OpenEVSE: states (2.4)', () => {
  const cases: readonly (readonly [Record<string, unknown>, string, string])[] = [
    [{ state: 1 }, 'disconnected', 'no vehicle'],
    [{ state: 2, vehicle: 1 }, 'connected', 'a vehicle that does not charge'],
    [{ state: 3 }, 'charging', 'charging'],
    [{ state: 254, vehicle: 1 }, 'paused', 'asleep with a vehicle'],
    [{ state: 254, vehicle: 0 }, 'disconnected', 'asleep without one: nothing to pause'],
    [{ state: 254 }, 'paused', 'asleep, vehicle unknown'],
    [{ state: 255, vehicle: 0 }, 'paused', 'disabled: the controller cannot see the plug'],
    [{ state: 3, vehicle: 1 }, 'charging', 'transient states keep the one before'],
    [{ state: 0 }, 'unknown', 'only the transient state known'],
    [{ state: 99 }, 'unknown', 'a code of a later controller'],
    [{ state: 254, vehicle: 1, flags: 0x0104 }, 'complete', "the controller's own limit"],
    [
      { state: 254, vehicle: 1, session_energy: 10000, limit: { type: 'energy', value: 10000, auto_release: true } },
      'complete',
      'Wh reached',
    ],
    [
      { state: 255, session_elapsed: 3600, limit: { type: 'time', value: 60, auto_release: true } },
      'complete',
      'minutes reached',
    ],
    [
      { state: 254, vehicle: 1, battery_level: 80, limit: { type: 'soc', value: 80, auto_release: true } },
      'complete',
      '% reached',
    ],
    [
      { state: 254, vehicle: 1, session_energy: 9999, limit: { type: 'energy', value: 10000, auto_release: true } },
      'paused',
      'Wh not reached',
    ],
    [
      { state: 3, session_energy: 10001, limit: { type: 'energy', value: 10000, auto_release: true } },
      'charging',
      'reached a moment ago',
    ],
  ];
  for (const [values, expected, why] of cases) {
    it(`${JSON.stringify(values)} is ${expected} (${why})`, () => {
      const native = charger();
      tell(native, values);
      assert.equal(status(native).state, expected);
    });
  }

  for (let code = 4; code <= 17; code++) {
    it(`${code} is an error with its text`, () => {
      const native = charger();
      tell(native, { state: code });
      const { state, error } = status(native);
      assert.equal(state, 'error');
      assert.equal(error?.code, code);
      assert.ok(error.text.length > 5);
    });
  }

  it('keeps the state before the transient 0', () => {
    const native = charger();
    tell(native, { state: 254, vehicle: 1 });
    live(native, 'state', '0');
    assert.equal(status(native).state, 'paused');
  });

  it('knows nothing of the plug in state 255', () => {
    const native = charger();
    tell(native, { state: 2, vehicle: 1 });
    tell(native, { state: 255, vehicle: 0 });
    assert.equal(status(native).vehicle.connected, null);
    tell(native, { state: 2 });
    assert.equal(status(native).vehicle.connected, true);
  });
});

describe('OpenEVSE: three phases (2.7)', () => {
  it('divides the sum of voltages that eco mode publishes on the same topic', () => {
    const native = charger();
    replayed(native, 'config', configOf({ is_threephase: true }));
    for (const [payload, volts] of [
      ['720', 240],
      ['240', 240],
      ['231.4', 231.4],
    ] as const) {
      live(native, 'voltage', payload);
      assert.equal(status(native).voltages[0], volts);
    }
    assert.equal(status(native).phases.active, 3);
  });
});

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

describe('OpenEVSE: raw values', () => {
  it('are of their type, with what is sensitive masked', () => {
    const native = charger();
    tell(native, { rfid_auth: '04a1b2c3', offset: '+0000', temp3: false, divert_active: true, pilot: 16 });
    live(native, '__proto__', '1');
    replayed(
      native,
      'config',
      configOf({ mqtt_user: 'anna', www_username: 'bert', rfid_storage: '04a1b2c3,04ffee11', ssid: 'home' }),
    );
    const raw = openevse.raw(native);
    assert.deepEqual(
      [raw['rfid_auth'], raw['offset'], raw['temp3'], raw['divert_active'], raw['pilot']],
      ['***', '+0000', null, true, 16],
    );
    const shown = JSON.stringify(raw);
    for (const secret of ['anna', 'bert', '04a1b2c3', '04ffee11', '127.0.0.1', '"home"'])
      assert.ok(!shown.includes(secret), secret);
    assert.equal((raw['config'] as Record<string, unknown>)['server_secret'], '_DUMMY_PASSWORD');
    assert.equal(Object.getPrototypeOf(raw), null);
  });
});
