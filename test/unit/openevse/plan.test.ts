import assert from 'node:assert/strict';
import { openevse, type OpenEvseNative } from '../../../src/chargers/openevse';
import { COMMANDS } from '../../../src/shared/commands';
import { BASE, charger, configOf, message, outcome, plan, published, refused, replayed, START, tell } from './support';

const LIMIT_NONE = '{"type":"none","value":0,"auto_release":true}';

/** The end of a core set as that version publishes it. */
const CORE = {
  state: 1,
  status: 'active',
  manual_override: 0,
  freeram: 1000,
  time: '2026-01-01T00:00:00Z',
  watthour: 5,
};
const versions = {
  '4.2.2': (native: OpenEvseNative) => tell(native, { claim: { state: 'null' }, override: { state: 'null' }, ...CORE }),
  '2.x': (native: OpenEvseNative) =>
    openevse.decode(
      native,
      { topic: 'garage/evse-left', payload: Buffer.from('connected'), retained: false, qos: 0 },
      0,
    ),
  '5.1.5': (native: OpenEvseNative) => replayed(native, 'config', configOf({ version: 'v5.1.5' })),
  master: (native: OpenEvseNative) => replayed(native, 'config', configOf()),
};
function gateway(version: keyof typeof versions): OpenEvseNative {
  const native = charger();
  versions[version](native);
  return native;
}

describe('OpenEVSE: limits (3.5)', () => {
  it('sends all three members, in the units of the firmware', () => {
    const native = charger();
    const cases = [
      ['limit', { type: 'time', value: 90 }, '{"type":"time","value":90,"auto_release":true}'],
      ['limit', { type: 'soc', value: 80, auto_release: false }, '{"type":"soc","value":80,"auto_release":false}'],
      ['setLimit', { type: 'time', value: 5400 }, '{"type":"time","value":90,"auto_release":true}'],
      ['setLimit', { type: 'range', value: 100 }, '{"type":"range","value":100,"auto_release":true}'],
      ['limit.clear', {}, 'clear'],
      ['clearLimit', {}, 'clear'],
    ] as const;
    for (const [command, params, payload] of cases) {
      assert.deepEqual(published(native, plan(native, command, params)), [['limit/set', payload]]);
    }
    replayed(native, 'config', configOf({ mqtt_vehicle_range_miles: true }));
    assert.deepEqual(published(native, plan(native, 'setLimit', { type: 'range', value: 100 })), [
      ['limit/set', '{"type":"range","value":62,"auto_release":true}'],
    ]);
  });

  it('refuses what would be cut, ignored or a crash', () => {
    for (const params of [
      { type: 'time', value: 90 },
      { type: 'energy', value: 1.9 },
      { type: 'energy', value: 0 },
      { type: 'energy', value: -5 },
      { type: 'soc', value: 101 },
      { type: 'none', value: 1 },
      { type: null, value: 1 },
      { type: 'energy', value: '12' },
      { value: 12 },
    ]) {
      refused(() => plan(charger(), 'setLimit', params), 'INVALID');
    }
    refused(() => plan(charger(), 'limit', { type: 'time', value: 1.5 }), 'INVALID');
    refused(() => plan(charger(), 'limit', { type: 'time', value: 5, auto_release: 'false' }), 'INVALID');
  });

  it('tells what it set in the units of the command', () => {
    const native = charger();
    const set = plan(native, 'setLimit', { type: 'time', value: 5400 });
    assert.deepEqual(set.value, { type: 'time', value: 5400 });
    const echo = message(`${BASE}/limit`, '{"type":"time","value":90,"auto_release":true}');
    openevse.decode(native, echo, START);
    assert.deepEqual(set.steps[0]?.judge?.(echo), { stage: 'confirmed', value: { type: 'time', value: 5400 } });
  });

  it('is proven by the document, not by the text on the same topic', () => {
    const native = charger();
    const set = plan(native, 'setLimit', { type: 'energy', value: 10000 });
    assert.equal(
      outcome(native, set, [
        ['limit', 'true'],
        ['limit', LIMIT_NONE],
      ]),
      'timeout',
    );
    assert.equal(
      outcome(native, set, [
        ['limit', 'true'],
        ['limit', '{"type":"energy","value":10000,"auto_release":true}'],
      ]),
      'confirmed',
    );
    // The document of before is still known when the text comes.
    assert.equal(outcome(native, set, [['limit', 'true']]), 'timeout');
    const clear = plan(native, 'clearLimit');
    assert.equal(outcome(native, clear, [['limit', 'false']]), 'timeout');
    assert.equal(
      outcome(native, clear, [
        ['limit', 'false'],
        ['limit', LIMIT_NONE],
      ]),
      'confirmed',
    );
    assert.equal(outcome(native, clear, [['limit/', '{"state":"null"}']]), 'confirmed');
  });
});

describe('OpenEVSE: schedules (3.6)', () => {
  const EVENT = { id: 1, state: 'active', time: '07:00:00', days: ['monday', 'tuesday'] };
  const WEEK = ['sunday', 'monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday'];
  const events = (count: number, days: readonly string[]): unknown[] =>
    Array.from({ length: count }, (_, at) => ({ ...EVENT, id: at + 1, days }));

  it('takes one event, a list, or the members of one', () => {
    const native = charger();
    for (const params of [{ events: [EVENT] }, { event: EVENT }, EVENT, { ...EVENT, time: '07:00' }]) {
      assert.deepEqual(published(native, plan(native, 'schedule', params)), [
        ['schedule/set', JSON.stringify([EVENT])],
      ]);
    }
  });

  it('compares contents, since anything is echoed', () => {
    const native = charger();
    const exchange = plan(native, 'schedule', EVENT);
    const other = { ...EVENT, id: 2 };
    for (const [echo, expected] of [
      [[], 'timeout'],
      [[other], 'timeout'],
      [[{ ...EVENT, time: '08:00:00' }], 'timeout'],
      [[{ ...EVENT, days: ['monday'] }], 'timeout'],
      [[{ ...EVENT, feature: 'divert' }], 'timeout'],
      [[other, { ...EVENT, days: ['tuesday', 'monday'] }], 'confirmed'],
    ] as const) {
      assert.equal(outcome(native, exchange, [['schedule', JSON.stringify(echo)]]), expected, JSON.stringify(echo));
    }
  });

  it('compares features too, which are absent where they are not set', () => {
    const native = gateway('master');
    const plain = plan(native, 'schedule', { ...EVENT, feature: 'none', limit: 'none', limit_value: 0 });
    assert.equal(outcome(native, plain, [['schedule', JSON.stringify([EVENT])]]), 'confirmed');
    const current = { ...EVENT, feature: 'current', feature_value: 10 };
    assert.equal(
      outcome(native, plan(native, 'schedule', current), [['schedule', JSON.stringify([EVENT])]]),
      'timeout',
    );
    assert.equal(
      outcome(native, plan(native, 'schedule', current), [['schedule', JSON.stringify([current])]]),
      'confirmed',
    );
  });

  it('refuses what would be stored wrong, and what would crash the gateway', () => {
    for (const [event, at] of [
      [{ ...EVENT, time: '25:99:00' }, 'events.0.time'],
      [{ ...EVENT, days: ['Monday'] }, 'events.0.days.0'],
      [{ ...EVENT, days: [] }, 'events.0.days'],
      [{ ...EVENT, state: null }, 'events.0.state'],
      [{ ...EVENT, id: 0 }, 'events.0.id'],
      [{ id: 1, state: 'active' }, 'events.0.time'],
    ] as const) {
      const error = refused(() => plan(charger(), 'schedule', event), 'INVALID');
      assert.ok(
        error.cause.details?.some((fault) => fault.path === at),
        error.message,
      );
    }
    refused(() => plan(charger(), 'schedule', { events: [EVENT, EVENT] }), 'INVALID', /twice/);
  });

  it('refuses a schedule that the charger could not publish any more', () => {
    for (const [most, days] of [
      [13, WEEK],
      [27, ['monday']],
    ] as const) {
      const native = charger();
      assert.doesNotThrow(() => plan(native, 'schedule', { events: events(most, days) }));
      refused(() => plan(native, 'schedule', { events: events(most + 1, days) }), 'INVALID', /cannot publish/);
      tell(native, { schedule: events(most, days) });
      refused(() => plan(native, 'schedule', { ...EVENT, id: 99 }), 'INVALID', /cannot publish/);
      assert.doesNotThrow(() => plan(native, 'schedule', { ...EVENT, days: ['friday'] }), 'replaces event 1');
    }
  });

  it("knows features on gateways after 5.1.5 only, and holds their current to the user's limit", () => {
    const event = { ...EVENT, feature: 'current', feature_value: 20 };
    refused(() => plan(gateway('5.1.5'), 'schedule', event), 'UNSUPPORTED', /5\.1\.5/);
    assert.doesNotThrow(() => plan(gateway('master'), 'schedule', event));
    assert.doesNotThrow(() => plan(charger(), 'schedule', event), 'the version is not known');
    refused(() => plan(charger({ maxCurrent: 16 }), 'schedule', event), 'INVALID', /16 A/);
  });

  it('removes by id, of two with one id the first', () => {
    const native = charger();
    tell(native, { schedule: [EVENT, { ...EVENT, time: '08:00:00' }] });
    const clear = plan(native, 'schedule.clear', { id: 1 });
    assert.deepEqual(published(native, clear), [['schedule/clear', '1']]);
    assert.equal(outcome(native, clear, [['schedule', JSON.stringify([EVENT, EVENT])]]), 'timeout');
    assert.equal(outcome(native, clear, [['schedule', JSON.stringify([EVENT])]]), 'confirmed');
    assert.equal(outcome(native, plan(native, 'schedule.clear', { id: 7 }), [['schedule', '[]']]), 'confirmed');
    assert.equal(clear.steps[0]?.already, false);
    assert.equal(plan(native, 'schedule.clear', { id: 7 }).steps[0]?.already, true, 'there was none');
    assert.equal(plan(charger(), 'schedule.clear', { id: 7 }).steps[0]?.already, false, 'nobody knows');
    for (const id of ['word', 0, 1.5, '1', null]) refused(() => plan(native, 'schedule.clear', { id }), 'INVALID');
  });
});

describe('OpenEVSE: divert mode, shaper, restart (4.1 to 4.3)', () => {
  it('sets the divert mode by number or name, and knows the silence of an unchanged one', () => {
    const native = charger();
    tell(native, { divertmode: 1 });
    for (const mode of [2, 'eco'])
      assert.deepEqual(published(native, plan(native, 'divertmode', { mode })), [['divertmode/set', '2']]);
    assert.deepEqual(published(native, plan(native, 'setMode', { mode: 'normal' })), [['divertmode/set', '1']]);
    assert.equal(outcome(native, plan(native, 'setMode', { mode: 'normal' }), []), 'unchanged');
    assert.equal(outcome(native, plan(native, 'setMode', { mode: 'eco' }), []), 'timeout');
    assert.equal(outcome(native, plan(native, 'setMode', { mode: 'eco' }), [['divertmode', '2']]), 'confirmed');
    for (const mode of ['off', 'fast', 'surplus', 'min+surplus'])
      refused(() => plan(native, 'setMode', { mode }), 'UNSUPPORTED');
    for (const mode of ['Eco', 3, '2', null]) refused(() => plan(native, 'divertmode', { mode }), 'INVALID');
    refused(() => plan(native, 'setMode', { mode: 'turbo' }), 'INVALID');
  });

  it('sends nothing to the shaper but 0 and 1, since any word switches it off', () => {
    const native = charger();
    for (const [enabled, payload] of [
      [true, '1'],
      [1, '1'],
      [false, '0'],
      [0, '0'],
    ] as const) {
      assert.deepEqual(published(native, plan(native, 'shaper', { enabled })), [['shaper/set', payload]]);
    }
    for (const enabled of ['on', 'true', '1', '', null, 2])
      refused(() => plan(native, 'shaper', { enabled }), 'INVALID');
    const off = plan(native, 'shaper', { enabled: false });
    assert.equal(outcome(native, off, [['shaper', '1']]), 'timeout');
    assert.equal(outcome(native, off, [['shaper', '0']]), 'confirmed');
  });

  it('restarts with a single member, and is content with having sent it', () => {
    const native = charger();
    tell(native, { uptime: 5000 });
    const restart = plan(native, 'restart', { device: 'gateway' });
    assert.deepEqual(published(native, restart), [['restart', '{"device":"gateway"}']]);
    assert.equal(outcome(native, restart, [['uptime', '5030']]), 'sent');
    assert.equal(outcome(native, restart, [['uptime', '3']]), 'confirmed');
    assert.equal(outcome(native, restart, [['mqtt_connected', '1']]), 'confirmed');
    const controller = plan(native, 'restart', { device: 'evse' });
    assert.equal(
      outcome(native, controller, [
        ['state', '1'],
        ['uptime', '3'],
      ]),
      'sent',
    );
    assert.equal(outcome(native, controller, [['state', '0']]), 'confirmed');
    for (const device of [null, 'all', 1]) refused(() => plan(native, 'restart', { device }), 'INVALID');
  });
});

describe('OpenEVSE: configuration (4.4)', () => {
  const native = gateway('master');

  it('guards the settings that can cut the charger off', () => {
    for (const setting of ['mqtt_server', 'mqtt_port', 'mqtt_retained', 'ssid', 'pass', 'hostname']) {
      refused(() => plan(native, 'config', { [setting]: 'x' }), 'INVALID', /allowRisky/);
    }
    const risky = plan(native, 'config', { mqtt_retained: true, allowRisky: true });
    assert.deepEqual(published(native, risky), [['config/set', '{"mqtt_retained":true}']]);
    assert.equal(outcome(native, risky, []), 'sent', 'the link drops');
  });

  it('refuses what the gateway would coerce or ignore', () => {
    refused(() => plan(native, 'config', { scheduler_start_window: '120' }), 'INVALID', /number/);
    refused(() => plan(native, 'config', { divert_enabled: 1 }), 'INVALID', /boolean/);
    refused(() => plan(native, 'config', { no_such_setting: 1 }), 'INVALID', /not a setting/);
    refused(() => plan(native, 'config', { toString: 1 }), 'INVALID', /not a setting/);
    refused(() => plan(native, 'config', { scheduler_start_window: null }), 'INVALID');
    refused(() => plan(native, 'config', {}), 'INVALID');
    refused(() => plan(native, 'config', { allowRisky: true }), 'INVALID');
    refused(() => plan(charger({ maxCurrent: 16 }), 'config', { max_current_soft: 32 }), 'INVALID', /16 A/);
  });

  it('is accepted by the counter, confirmed by the document, unchanged by silence', () => {
    const change = { divert_PV_ratio: 1.3 };
    const exchange = plan(native, 'config', change);
    assert.equal(outcome(native, exchange, []), 'timeout');
    assert.equal(outcome(native, exchange, [['config_version', '3']]), 'accepted');
    assert.equal(
      outcome(native, exchange, [
        ['config_version', '3'],
        ['config', configOf({ divert_PV_ratio: 1.299999952 })],
      ]),
      'confirmed',
    );
    assert.equal(outcome(native, plan(native, 'config', { scheduler_start_window: 120 }), []), 'unchanged');
    assert.equal(outcome(native, plan(native, 'config', { server_secret: '_DUMMY_PASSWORD' }), []), 'unchanged');
  });

  it('recognises a secret by its placeholder', () => {
    const exchange = plan(native, 'config', { www_password: 'hidden' });
    assert.equal(outcome(native, exchange, []), 'timeout');
    assert.equal(outcome(native, exchange, [['config', configOf({ www_password: '_DUMMY_PASSWORD' })]]), 'confirmed');
  });
});

describe('OpenEVSE: feeds (4.7)', () => {
  const feeds = (settings: Record<string, unknown>): OpenEvseNative => {
    const native = charger();
    replayed(native, 'config', configOf(settings));
    return native;
  };

  it("publishes integers on the charger's own topics", () => {
    const native = feeds({ mqtt_grid_ie: '/emon/grid', divert_type: 1 });
    const exchange = plan(native, 'feed', { grid: -1234.5678, solar: 57.9, battery: -0.2 });
    assert.deepEqual(published(native, exchange), [
      ['/emon/grid', '-1235'],
      ['home/solar', '58'],
      ['home/battery/power', '0'],
    ]);
  });

  it('leaves out what is not known', () => {
    const native = feeds({ mqtt_grid_ie: 'grid' });
    assert.deepEqual(published(native, plan(native, 'feed', { grid: 1, solar: null, battery: null })), [['grid', '1']]);
    refused(() => plan(native, 'feed', { grid: null }), 'INVALID', /at least one/);
  });

  it('is confirmed where the gateway repeats the feed, else sent', () => {
    const native = feeds({});
    assert.equal(outcome(native, plan(native, 'feed', { solar: 500 }), [['solar', '500']]), 'confirmed');
    assert.equal(outcome(native, plan(native, 'feed', { solar: 500 }), [['solar', '499']]), 'sent');
    const grid = plan(feeds({ mqtt_grid_ie: 'grid' }), 'feed', { grid: 1 });
    assert.equal(grid.steps[0]?.attainable, 'sent', 'grid does not drive divert here');
    assert.equal(grid.supersedes, true);
  });

  it('says which feeds it took, and refuses when the charger has a topic for none', () => {
    const native = feeds({});
    assert.deepEqual(plan(native, 'feed', { grid: 100, solar: 200 }).value, { solar: 200 });
    refused(() => plan(native, 'feed', { grid: 100 }), 'UNSUPPORTED', /no topic for grid/);
    refused(() => plan(charger(), 'feed', { solar: 100 }), 'UNSUPPORTED', /config/);
  });

  it('refuses what is no power, and topics that cannot be published to', () => {
    const native = feeds({});
    for (const params of [{ solar: -1 }, { solar: NaN }, { solar: '500' }, { solar: 1e12 }, { wind: 1 }, {}]) {
      refused(() => plan(native, 'feed', params), 'INVALID');
    }
    for (const topic of ['home/+', 'home/#', '$SYS/x', 'a\0b']) {
      refused(() => plan(feeds({ mqtt_solar: topic }), 'feed', { solar: 1 }), 'UNSUPPORTED');
    }
  });
});

describe('OpenEVSE: get', () => {
  it('returns a value and publishes nothing', () => {
    const native = charger();
    tell(native, { amp: 16000, temp3: false, claim: { state: 'active', auto_release: true }, rfid_auth: '04a1' });
    const get = (key: string): unknown => {
      const exchange = plan(native, 'get', { key });
      assert.equal(exchange.steps.length, 0);
      return exchange.value;
    };
    assert.deepEqual([get('amp'), get('temp3'), get('never'), get('rfid_auth')], [16000, null, null, '***']);
    assert.deepEqual(get('claim'), { state: 'active', auto_release: true });
    for (const params of [{}, { key: '' }, { key: 'a/b' }, { key: 5 }])
      refused(() => plan(native, 'get', params), 'INVALID');
  });
});

describe('OpenEVSE: versions (6.2)', () => {
  const needs: readonly (readonly [Parameters<typeof plan>[1], Record<string, unknown>, number])[] = [
    ['start', {}, 4],
    ['setCurrent', { current: 10 }, 4],
    ['claim', { state: 'active' }, 4],
    ['override', { state: 'active' }, 4],
    ['override.toggle', {}, 4],
    ['schedule.clear', { id: 1 }, 4],
    ['shaper', { enabled: true }, 4],
    ['setLimit', { type: 'energy', value: 1 }, 5],
    ['limit', { type: 'energy', value: 1 }, 5],
    ['clearLimit', {}, 5],
    ['restart', { device: 'evse' }, 5],
    ['config', { scheduler_start_window: 1 }, 5],
    ['divertmode', { mode: 1 }, 2],
  ];
  for (const [command, params, since] of needs) {
    it(`${command} needs ${since}.x, and is not refused while the version is unknown`, () => {
      for (const [version, major] of [
        ['2.x', 2],
        ['4.2.2', 4],
        ['5.1.5', 5],
        ['master', 5],
      ] as const) {
        const attempt = (): unknown => plan(gateway(version), command, params);
        if (major < since) refused(attempt, 'UNSUPPORTED', new RegExp(`${major}\\.x`));
        else assert.doesNotThrow(attempt, version);
      }
      assert.doesNotThrow(() => plan(charger(), command, params));
    });
  }

  it('takes a 5.x gateway without a config document (5.1.3 and later, after a cold start) for what it is', () => {
    const native = charger();
    tell(native, { claim: { state: 'null' }, ...CORE, uptime: 20 });
    assert.doesNotThrow(() => plan(native, 'setLimit', { type: 'energy', value: 1 }));
  });

  it('has no command of the other systems', () => {
    const others = COMMANDS.filter((command) => !openevse.commands.has(command));
    assert.deepEqual(others, ['setPhases', 'set', 'plan', 'plan.clear']);
    for (const command of others) refused(() => plan(charger(), command, {}), 'UNSUPPORTED');
  });
});
