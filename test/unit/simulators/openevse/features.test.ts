import assert from 'node:assert/strict';
import { BASE, Rig, connected, only } from './rig';

const CAR = { maxCurrent: 32, ramp: Infinity };

describe('OpenEVSE simulator: divertmode/set', () => {
  for (const payload of ['1', '257', '3', 'eco', '']) {
    it(`says nothing to ${JSON.stringify(payload)} in mode 1`, () => {
      assert.deepEqual(connected().send('divertmode/set', payload), []);
    });
  }

  it('reads 258 as 2, and pauses at once without a feed', () => {
    assert.deepEqual(only(connected().send('divertmode/set', '258'), 'divertmode', 'state', 'claims_version'), [
      'claims_version 1',
      'divertmode 2',
      'state 254',
      'state 254',
    ]);
  });

  it('is recomputed by a change of any flag setting', () => {
    const rig = connected();
    rig.send('divertmode/set', '2');
    assert.ok(rig.send('config/set', '{"sntp_enabled":true}').includes('divertmode 1'));
  });

  it('is lost at a reboot', () => {
    const rig = connected();
    rig.send('divertmode/set', '2');
    rig.model.restart();
    rig.during(10_000);
    assert.ok(rig.during(30_000).includes('divertmode 1'));
  });

  it('publishes three times the voltage with each feed in eco mode on three phases', () => {
    const rig = connected({ threePhase: true, config: { mqtt_solar: 'home/solar', divert_enabled: true } });
    rig.send('divertmode/set', '2');
    rig.model.receive('home/solar', '5000');
    assert.deepEqual(only(rig.lines(), 'voltage').at(-1), 'voltage 720');
  });

  it('ends a charge only after the minimum time', () => {
    const rig = connected({
      config: { mqtt_solar: 'home/solar', divert_enabled: true, divert_decay_smoothing_time: 1 },
    });
    rig.model.plugIn(CAR);
    rig.send('divertmode/set', '2');
    const feed = (watts: string): void => {
      rig.model.receive('home/solar', watts);
      rig.source.advance(60_000);
    };
    for (const watts of ['4000', '4000', '0', '0']) feed(watts);
    assert.ok(rig.published.findLast(({ topic }) => topic === `${BASE}/state`)?.payload === '3');
    for (let minute = 0; minute < 10; minute++) feed('0');
    assert.ok(rig.published.findLast(({ topic }) => topic === `${BASE}/state`)?.payload === '254');
  });
});

describe('OpenEVSE simulator: shaper/set', () => {
  for (const [payload, echo] of [
    ['1', 'shaper 1'],
    ['0', 'shaper 0'],
    ['257', 'shaper 1'],
    ['on', 'shaper 0'],
    ['true', 'shaper 0'],
    ['', 'shaper 0'],
  ] as const) {
    it(`${JSON.stringify(payload)} is echoed as ${echo}, each time`, () => {
      const rig = connected();
      assert.deepEqual(rig.send('shaper/set', payload, 0), [echo]);
      assert.deepEqual(rig.send('shaper/set', payload, 0), [echo]);
    });
  }

  it('ignores 2', () => assert.deepEqual(connected().send('shaper/set', '2'), []));

  const settings = {
    mqtt_live_pwr: 'home/live',
    current_shaper_max_pwr: 6000,
    current_shaper_data_maxinterval: 10,
  };

  it('without data pauses at the next 2 s cycle', () => {
    const rig = connected({ config: settings });
    const lines = rig.send('shaper/set', '1', 2000);
    assert.deepEqual(only(lines, 'shaper_updated', 'state').slice(0, 2), ['shaper_updated false', 'state 254']);
  });

  it('with data runs on until they are too old', () => {
    const rig = connected({ config: settings });
    rig.model.receive('home/live', '1000');
    const lines = rig.send('shaper/set', '1', 9000);
    assert.deepEqual(only(lines, 'shaper_updated', 'state'), ['shaper_updated true']);
    assert.deepEqual(only(rig.during(4000), 'shaper_updated', 'state').slice(0, 2), [
      'shaper_updated false',
      'state 254',
    ]);
  });

  it('smooths falling power while it pauses', () => {
    const rig = connected({ config: { ...settings, current_shaper_min_pause_time: 0 } });
    rig.model.receive('home/live', '9000');
    rig.send('shaper/set', '1', 2000);
    rig.during(4000);
    rig.model.receive('home/live', '2000');
    assert.deepEqual(only(rig.during(2000), 'shaper_smoothed_live_pwr'), ['shaper_smoothed_live_pwr 8333.861926']);
  });

  it('is temporary: a change of its settings brings the configured state back', () => {
    const rig = connected({ config: settings });
    rig.send('shaper/set', '1');
    assert.ok(rig.send('config/set', '{"current_shaper_max_pwr":7000}').includes('shaper 0'));
  });
});

describe('OpenEVSE simulator: feeds', () => {
  const config = { mqtt_vrms: 'home/vrms', mqtt_vehicle_soc: 'car/soc', vehicle_data_src: 2 };
  const feed = (rig: Rig, topic: string, payload: string): string[] => {
    rig.published.length = 0;
    rig.model.receive(topic, payload);
    return rig.lines();
  };

  it('publishes rubbish as a true 0', () => {
    assert.deepEqual(feed(connected({ config }), 'car/soc', 'abc'), ['battery_level 0']);
  });

  it('takes vehicle data only from the configured source', () => {
    assert.deepEqual(feed(connected({ config: { ...config, vehicle_data_src: 0 } }), 'car/soc', '50'), []);
  });

  it('takes voltages from 60 to 300 V in single precision, for 120 s', () => {
    const rig = connected({ config });
    for (const volts of ['59', '301', 'x']) assert.deepEqual(feed(rig, 'home/vrms', volts), []);
    assert.deepEqual(feed(rig, 'home/vrms', '231.4'), ['voltage 231.3999939', 'power 0']);
    rig.model.plugIn(CAR);
    assert.ok(only(rig.during(110_000), 'voltage').at(-1) === 'voltage 231.3999939');
    assert.ok(only(rig.during(15_000), 'voltage').at(-1) === 'voltage 240');
  });

  it('subscribes divert and shaper feeds up to 5.1.5 only while they are on', () => {
    const topics = { mqtt_solar: 'home/solar', mqtt_live_pwr: 'home/live' };
    const subscribed = (profile: '5.1.5' | 'master', on: boolean): string[] =>
      connected({ profile, config: { ...topics, divert_enabled: on } }).subscribed.filter((topic) =>
        topic.startsWith('home/'),
      );
    assert.deepEqual(subscribed('5.1.5', false), []);
    assert.deepEqual(subscribed('5.1.5', true), ['home/solar']);
    assert.deepEqual(subscribed('master', false), ['home/solar', 'home/live']);
  });
});

describe('OpenEVSE simulator: config', () => {
  const changes = ['config', 'config_version'];

  it('is published at connect, with a retained config_version 1', () => {
    const rig = new Rig();
    rig.connect();
    rig.during(300);
    assert.deepEqual(
      rig.published.filter(({ topic }) => topic.includes('/config')).map(({ topic, retain }) => `${topic} ${retain}`),
      [`${BASE}/config true`, `${BASE}/config_version true`],
    );
  });

  for (const payload of [
    '{"unknown":1}',
    '{"firmware":"9"}',
    '{"scheduler_start_window":600}',
    'x',
    '[]',
    '{"server_secret":"_DUMMY_PASSWORD"}',
  ]) {
    it(`says nothing to ${payload}`, () =>
      assert.deepEqual(only(connected().send('config/set', payload), ...changes), []));
  }

  it('publishes an unretained version and the new document', () => {
    const rig = connected({ config: { factory_write_lock: true } });
    const lines = rig.send('config/set', '{"max_current_soft":"16","www_password":"secret"}');
    assert.equal(lines[0], 'config_version 2');
    const document = only(lines, 'config').at(-1) ?? '';
    assert.match(document, /"max_current_soft":16,/);
    assert.match(document, /"www_password":"_DUMMY_PASSWORD"/);
    assert.ok(lines.includes('pilot 16'));
    assert.ok(!rig.published.find(({ topic }) => topic.endsWith('/config_version'))?.retain);
  });

  it('drops and re-makes the link with DISCONNECT when an mqtt_* key changes, and does not echo the version', () => {
    const rig = connected();
    const lines = rig.send('config/set', '{"mqtt_retained":true}');
    assert.deepEqual(rig.network, ['leave', 'join']);
    assert.match(lines[0] ?? '', /^openevse\/announce\/7b2c \{"state":"connected"/);
    assert.deepEqual(only(lines, 'config_version'), []);
  });

  it('coerces: a port that is no number sends the charger away for good', () => {
    const rig = connected();
    rig.send('config/set', '{"mqtt_port":"x"}', 60_000);
    assert.deepEqual(rig.network, ['leave']);
  });

  it('is not published while the controller starts: lost from 5.1.5 on, tried again in 5.0.0', () => {
    const cold = (profile: '5.0.0' | '5.1.5'): string[] => {
      const rig = new Rig({ profile, uptime: 0 });
      rig.connect();
      return only(rig.during(1000), ...changes).map((line) => line.split(' ')[0] ?? '');
    };
    assert.deepEqual(cold('5.1.5'), []);
    assert.deepEqual(cold('5.0.0'), changes);
  });
});

describe('OpenEVSE simulator: restart', () => {
  for (const payload of ['{"device":"gateway","x":1}', '{"device":"both"}', '{}', 'gateway', '{"unit":null}']) {
    it(`ignores ${payload}`, () => {
      const rig = connected();
      assert.deepEqual(rig.send('restart', payload, 2000), []);
      assert.deepEqual(rig.network, []);
    });
  }

  it('reboots the gateway a second later without DISCONNECT', () => {
    const rig = connected();
    rig.send('restart', '{"device":"gateway"}', 900);
    assert.deepEqual(rig.network, []);
    rig.during(200);
    assert.deepEqual(rig.network, ['cut']);
    assert.ok(rig.during(40_000).includes('uptime 30'));
  });

  it('dies on null', () => {
    const rig = connected();
    rig.send('restart', '{"device":null}', 0);
    assert.deepEqual(rig.network, ['cut']);
  });

  it('takes the controller through 0, which forgets that it was paused and is told again', () => {
    const rig = connected();
    rig.send('override/set', '{"state":"disabled"}');
    const states = only(rig.send('restart', '{"device":"evse"}', 3000), 'state');
    assert.deepEqual(states.slice(0, 3), ['state 0', 'state 1', 'state 254']);
  });
});

describe('OpenEVSE simulator: RAPI passthrough', () => {
  for (const [command, answer] of [
    ['$GC', ['rapi/out $OK 6 80 32 32^1E']],
    ['$F0', ['rapi/out $OK^20']],
    ['$FB', ['rapi/out $OK^20']],
    ['$GX', ['rapi/out $NK^21']],
    ['$SC', []],
    ['$XX', []],
    ['GC', []],
  ] as const) {
    it(`${command} is answered by ${answer.join() || 'silence'}`, () => {
      assert.deepEqual(connected().send(`rapi/in/${command}`, ''), answer);
    });
  }
});

describe('OpenEVSE simulator: faults and sessions', () => {
  it('shows a fault as state, colour and flags, with the target still active', () => {
    const rig = connected({ realHardware: true });
    rig.model.fault(9);
    assert.deepEqual(only(rig.during(300), 'state', 'colour', 'flags', 'status'), [
      'state 9',
      'flags 514',
      'colour 1',
      'status active',
    ]);
    rig.model.fault(null);
    assert.deepEqual(only(rig.during(300), 'state'), ['state 1']);
  });

  it('colours the fault states 12 to 17 only in the newest generation', () => {
    const colour = (profile: '5.1.5' | 'master'): string | undefined => {
      const rig = connected({ profile });
      rig.model.fault(15);
      return only(rig.during(300), 'colour').at(0);
    };
    assert.deepEqual([colour('5.1.5'), colour('master')], ['colour 0', 'colour 1']);
  });

  it('ramps the current up and stops when the car is full', () => {
    const rig = connected();
    rig.model.plugIn({ soc: 99, capacity: 1, ramp: 4 });
    const amps = only(rig.during(60_000), 'amp').map((line) => Number(line.split(' ')[1]));
    assert.ok(amps.some((amp) => amp > 0 && amp < 16_000) && amps.includes(32_000));
    assert.equal(only(rig.during(30_000), 'state').at(-1), 'state 2');
  });

  it('offers a car that does not ask nothing but its pilot', () => {
    const rig = connected();
    rig.model.plugIn({ asksForCharge: false });
    assert.deepEqual(only(rig.during(5000), 'state'), ['state 2']);
  });

  it('keeps the totals through a reboot and begins a new day at local midnight', () => {
    const rig = new Rig({ config: { time_zone: 'Europe/Paris|CET' } }, { time: Date.UTC(2026, 10, 21, 22, 55) });
    rig.connect();
    rig.model.plugIn(CAR);
    const kwh = (key: string): number =>
      Number(rig.published.findLast(({ topic }) => topic === `${BASE}/${key}`)?.payload);
    rig.during(290_000);
    assert.equal(kwh('total_day'), kwh('total_energy'));
    rig.during(60_000);
    const total = kwh('total_energy');
    assert.ok(kwh('total_day') > 0 && kwh('total_day') < total / 2);
    // That Sunday begins a week, but no month.
    assert.equal(kwh('total_week'), kwh('total_day'));
    assert.equal(kwh('total_month'), total);
    rig.model.restart();
    rig.during(40_000);
    assert.ok(kwh('total_energy') >= total);
    assert.ok(kwh('session_energy') < 1000 * total);
  });
});
