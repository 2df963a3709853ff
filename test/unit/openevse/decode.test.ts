import assert from 'node:assert/strict';
import { openevse } from '../../../src/chargers/openevse';
import type { ChargerStatus } from '../../../src/chargers/status';
import { BASE, charger, configOf, live, message, refused, replayed, START, tell } from './support';

const status = (native: ReturnType<typeof charger>, now = START): ChargerStatus => openevse.project(native, now);

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
