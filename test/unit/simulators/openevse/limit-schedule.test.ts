import assert from 'node:assert/strict';
import { type Rig, connected, only } from './rig';

const NONE = 'limit {"type":"none","value":0,"auto_release":true}';
const CAR = { maxCurrent: 32, ramp: Infinity };
const LIMIT = ['limit', 'limit_version'];

function charging(options: Parameters<typeof connected>[0] = {}): Rig {
  const rig = connected(options);
  rig.model.plugIn(CAR);
  rig.during(5000);
  return rig;
}

describe('OpenEVSE simulator: limit', () => {
  it('publishes text, version and the document twice', () => {
    assert.deepEqual(connected().send('limit/set', '{"type":"time","value":30,"auto_release":false}'), [
      'limit true',
      'limit_version 1',
      'limit {"type":"time","value":30,"auto_release":false}',
      'limit {"type":"time","value":30,"auto_release":false}',
    ]);
  });

  it('echoes clear always', () => {
    assert.deepEqual(connected().send('limit/set', 'clear'), ['limit false', 'limit_version 1', NONE, NONE]);
  });

  it('echoes clear once in 5.0.0', () => {
    assert.deepEqual(connected({ profile: '5.0.0' }).send('limit/set', 'clear'), [
      'limit false',
      'limit_version 1',
      NONE,
    ]);
  });

  const accepted: readonly (readonly [string, string])[] = [
    ['{"type":"elephant","value":1.9}', '{"type":"energy","value":1,"auto_release":true}'],
    ['{"type":"soc","value":"12"}', '{"type":"soc","value":12,"auto_release":true}'],
    ['{"type":"r","value":5,"auto_release":false}', '{"type":"range","value":5,"auto_release":false}'],
  ];
  for (const [payload, document] of accepted) {
    it(`${payload} sets ${document}`, () => {
      assert.equal(connected().send('limit/set', payload).at(-1), `limit ${document}`);
    });
  }

  for (const payload of [
    '{"type":"none"}',
    '{"type":"time","value":0}',
    '{"type":"time","value":-3}',
    '{"type":"x","value":5}',
    '[]',
    'x',
  ]) {
    it(`ignores ${payload}`, () => assert.deepEqual(connected().send('limit/set', payload), []));
  }

  for (const payload of ['{"type":null}', '{"type":5,"value":1}']) {
    it(`dies on ${payload}`, () => {
      const rig = connected();
      rig.send('limit/set', payload);
      assert.deepEqual(rig.network, ['cut']);
    });
  }

  it('remembers its type through a clear', () => {
    const rig = connected();
    rig.send('limit/set', '{"type":"energy","value":500,"auto_release":false}');
    rig.send('limit/set', 'clear');
    assert.equal(rig.send('limit/set', '{"value":9}').at(-1), 'limit {"type":"energy","value":9,"auto_release":false}');
  });

  it('reached, it beats the manual override and says nothing on its own topic', () => {
    const rig = charging();
    rig.send('override/set', '{"state":"active","auto_release":true}');
    const lines = rig.send('limit/set', '{"type":"energy","value":1,"auto_release":true}', 1500);
    assert.deepEqual(only(lines, 'limit').length, 3);
    assert.deepEqual(only(lines, 'state', 'status', 'claims_version').slice(0, 3), [
      'claims_version 2',
      'state 254',
      'status disabled',
    ]);
  });

  it('goes at unplug, published even when there was none', () => {
    const rig = charging();
    rig.model.unplug();
    assert.deepEqual(only(rig.during(500), ...LIMIT), ['limit false', 'limit_version 1', NONE]);
  });

  it('stays at unplug without auto_release, in silence', () => {
    const rig = charging();
    rig.send('limit/set', '{"type":"time","value":30,"auto_release":false}');
    rig.model.unplug();
    assert.deepEqual(only(rig.during(500), ...LIMIT), []);
  });

  it('starts a charge where the default state is disabled', () => {
    const rig = connected({ config: { default_state: false } });
    rig.model.plugIn(CAR);
    rig.during(2000);
    assert.ok(rig.send('limit/set', '{"type":"time","value":30,"auto_release":true}', 1500).includes('status active'));
    assert.ok(rig.send('limit/set', 'clear', 1500).includes('status disabled'));
  });

  it('comes from the configuration at boot, and anew when that changes', () => {
    const rig = connected({ config: { limit_default_type: 'energy', limit_default_value: 5000 } });
    assert.deepEqual(only(rig.send('config/set', '{"limit_default_value":6000}'), ...LIMIT), [
      'limit true',
      'limit_version 1',
      'limit {"type":"energy","value":6000,"auto_release":false}',
    ]);
  });

  it('ends at a state of charge from the vehicle feed', () => {
    const rig = charging({ config: { mqtt_vehicle_soc: 'car/soc', vehicle_data_src: 2 } });
    rig.send('limit/set', '{"type":"soc","value":80,"auto_release":true}', 2000);
    rig.model.receive('car/soc', '80');
    assert.ok(rig.during(1500).includes('state 254'));
  });
});

const EVENT = { id: 1, state: 'active', time: '07:00:00', days: ['monday'] };
const json = (value: unknown): string => JSON.stringify(value);

describe('OpenEVSE simulator: schedule', () => {
  const echoes = (rig: Rig, key: string, payload: string): string[] => only(rig.send(key, payload), 'schedule');

  it('echoes a good command three times', () => {
    assert.deepEqual(echoes(connected(), 'schedule/set', json(EVENT)), Array(3).fill(`schedule ${json([EVENT])}`));
  });

  for (const payload of [
    'rubbish',
    '',
    '{}',
    '5',
    json({ ...EVENT, days: undefined }),
    json({ ...EVENT, state: 'on' }),
  ]) {
    it(`echoes ${payload} once, unchanged`, () => {
      assert.deepEqual(connected().send('schedule/set', payload), ['schedule []']);
    });
  }

  it('replaces by id and keeps the others', () => {
    const rig = connected();
    rig.send('schedule/set', json([EVENT, { ...EVENT, id: 2, time: '22:15' }]));
    const changed = { ...EVENT, state: 'disabled' };
    assert.equal(
      echoes(rig, 'schedule/set', json(changed)).at(-1),
      `schedule ${json([changed, { ...EVENT, id: 2, time: '22:15:00' }])}`,
    );
  });

  const shown: readonly (readonly [object, object])[] = [
    [
      { ...EVENT, time: '25:99:00' },
      { ...EVENT, time: '26:39:00' },
    ],
    [
      { ...EVENT, days: [] },
      { ...EVENT, days: [] },
    ],
    [
      { ...EVENT, days: ['funday', 'friday'] },
      { ...EVENT, days: ['friday'] },
    ],
    [
      { ...EVENT, feature: 'current', feature_value: 12 },
      { ...EVENT, feature: 'current', feature_value: 12 },
    ],
  ];
  for (const [sent, kept] of shown) {
    it(`keeps ${json(sent)} as ${json(kept)}`, () => {
      assert.equal(echoes(connected(), 'schedule/set', json(sent)).at(-1), `schedule ${json([kept])}`);
    });
  }

  it('picks ids that it does not compare with those given: two events with id 1, and clear takes the first', () => {
    const rig = connected();
    rig.send('schedule/set', json(EVENT));
    const picked = { ...EVENT, id: undefined, time: '08:00:00' };
    assert.equal(
      echoes(rig, 'schedule/set', json(picked)).at(-1),
      `schedule ${json([EVENT, { ...EVENT, time: '08:00:00' }])}`,
    );
    assert.equal(echoes(rig, 'schedule/clear', '1').at(-1), `schedule ${json([{ ...EVENT, time: '08:00:00' }])}`);
  });

  it('stops at a bad event: the earlier ones are shown, but neither in effect nor kept through a reboot', () => {
    const rig = connected();
    const sleep = { ...EVENT, state: 'disabled' };
    const lines = rig.send('schedule/set', json([sleep, { id: 2 }]), 2000);
    assert.deepEqual(only(lines, 'schedule', 'schedule_version'), [`schedule ${json([sleep])}`]);
    rig.model.restart();
    assert.ok(rig.during(10_000).includes('schedule []'));
  });

  it('is kept through a reboot otherwise', () => {
    const rig = connected();
    rig.send('schedule/set', json(EVENT));
    rig.model.restart();
    assert.ok(rig.during(10_000).includes(`schedule ${json([EVENT])}`));
  });

  it('echoes an unknown id to clear once, and takes a word for id 0', () => {
    const rig = connected();
    assert.deepEqual(rig.send('schedule/clear', '7'), ['schedule []']);
    assert.deepEqual(rig.send('schedule/clear', 'all'), [
      'schedule_version 2',
      'schedule_plan_version 2',
      'schedule []',
      'schedule []',
      'schedule []',
    ]);
  });

  for (const field of ['state', 'time', 'feature']) {
    it(`dies on null in ${field}`, () => {
      const rig = connected();
      rig.send('schedule/set', json({ ...EVENT, [field]: null }));
      assert.deepEqual(rig.network, ['cut']);
    });
  }

  it('takes effect at once: the latest past event of the week rules', () => {
    // A Saturday: the event of last Monday rules until the next one.
    const lines = connected().send('schedule/set', json({ ...EVENT, state: 'disabled' }));
    assert.ok(lines.includes('state 254'));
  });

  const days = ['sunday', 'monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday'];
  for (const [most, of] of [
    [13, days],
    [27, ['monday']],
  ] as const) {
    it(`publishes ${most} events of ${of.length} days, and nothing at all beyond`, () => {
      const rig = connected();
      const events = Array.from({ length: most }, (_, at) => ({ ...EVENT, id: at + 1, days: of }));
      assert.equal(echoes(rig, 'schedule/set', json(events)).length, 3);
      assert.deepEqual(echoes(rig, 'schedule/set', json({ ...EVENT, id: 99, days: of })), []);
    });
  }

  it('begins plain active events within the start window', () => {
    const rig = connected({ random: () => 0.5, config: { default_state: false, scheduler_start_window: 600 } });
    rig.during(2000);
    // It is Saturday 10:58:15 and some seconds.
    rig.send('schedule/set', json({ ...EVENT, time: '10:59:00', days: ['saturday'] }));
    rig.send('schedule/set', json({ ...EVENT, id: 2, state: 'disabled', time: '00:00', days: ['saturday'] }));
    assert.ok(!rig.during(330_000).includes('status active'));
    assert.ok(rig.during(20_000).includes('status active'));
  });
});
