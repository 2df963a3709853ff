import assert from 'node:assert/strict';
import { Claims } from '../../../../src/simulators/openevse/claims';
import { BASE, type Rig, connected, only } from './rig';

const CAR = { maxCurrent: 32, ramp: Infinity };

function last(rig: Rig, key: string): string | undefined {
  return rig.published.findLast(({ topic }) => topic === `${BASE}/${key}`)?.payload;
}

describe('OpenEVSE simulator: arbitration of claims', () => {
  it('decides property by property: the highest priority that sets it', () => {
    const claims = new Claims();
    claims.make('mqtt', 500, { state: 'active', chargeCurrent: 8, autoRelease: false });
    claims.make('manual', 1000, { state: 'disabled', maxCurrent: 12, autoRelease: true });
    assert.deepEqual(claims.arbitrate(), { state: 'disabled', chargeCurrent: 8, maxCurrent: 12 });
  });

  it('gives a tie to the earlier slot', () => {
    const claims = new Claims();
    claims.make('limit', 1100, { state: 'disabled', autoRelease: true });
    claims.make('shaper', 1100, { state: 'active', autoRelease: false });
    assert.equal(claims.arbitrate().state, 'disabled');
  });

  it('tells a change from a repetition', () => {
    const claims = new Claims();
    assert.equal(claims.make('mqtt', 500, { state: 'active', autoRelease: false }), true);
    assert.equal(claims.make('mqtt', 500, { state: 'active', autoRelease: false }), false);
    assert.equal(claims.make('mqtt', 500, { state: 'active', autoRelease: true }), true);
  });
});

describe('OpenEVSE simulator: the property fields', () => {
  const fields: readonly (readonly [string, string])[] = [
    ['{"state":"auto"}', '{"state":"active","auto_release":true}'],
    ['{"state":"abc"}', '{"state":"active","auto_release":true}'],
    ['{"state":"d"}', '{"state":"disabled","auto_release":true}'],
    ['{"state":"clear"}', '{"auto_release":true}'],
    ['{"state":"none"}', '{"auto_release":true}'],
    ['{"state":"Active"}', '{"auto_release":true}'],
    ['{"state":""}', '{"auto_release":true}'],
    ['{}', '{"auto_release":true}'],
    ['{"unknown":7}', '{"auto_release":true}'],
    ['{"charge_current":16.9}', '{"charge_current":16,"auto_release":true}'],
    ['{"charge_current":"16.5"}', '{"charge_current":16,"auto_release":true}'],
    ['{"charge_current":true}', '{"charge_current":1,"auto_release":true}'],
    ['{"charge_current":"abc"}', '{"charge_current":0,"auto_release":true}'],
    ['{"charge_current":null}', '{"charge_current":0,"auto_release":true}'],
    ['{"charge_current":-5}', '{"charge_current":0,"auto_release":true}'],
    ['{"max_current":"clear","charge_current":10}', '{"charge_current":10,"auto_release":true}'],
    ['{"auto_release":"false"}', '{"auto_release":true}'],
    ['{"auto_release":"clear"}', '{"auto_release":true}'],
    ['{"auto_release":null}', '{"auto_release":false}'],
    ['{"auto_release":0}', '{"auto_release":false}'],
    ["{'state':'active'} trailing", '{"state":"active","auto_release":true}'],
  ];
  for (const [payload, document] of fields) {
    it(`${payload} gives ${document}`, () => {
      assert.deepEqual(only(connected().send('override/set', payload), 'override'), [
        `override ${document}`,
        `override ${document}`,
      ]);
    });
  }

  const ignored = ['', '[]', '5', '"active"', '{"state":', '{state:"active"}', `{"x":"${'x'.repeat(505)}"}`];
  for (const payload of ignored) {
    it(`ignores ${payload.slice(0, 30)} without a word`, () => {
      assert.deepEqual(connected().send('override/set', payload), []);
      assert.deepEqual(connected().send('claim/set', payload), []);
    });
  }

  for (const topic of ['override/set', 'claim/set']) {
    for (const value of ['null', '1', 'true', '{}', '[]']) {
      it(`dies on ${topic} {"state":${value}} and is back after some seconds`, () => {
        const rig = connected();
        assert.deepEqual(rig.send(topic, `{"state":${value}}`, 3000), []);
        assert.deepEqual(rig.network, ['cut']);
        assert.ok(rig.during(5000).some((line) => line.startsWith('openevse/announce/7b2c {"state":"connected"')));
        assert.deepEqual(rig.network, ['cut', 'join']);
      });
    }
  }
});

describe('OpenEVSE simulator: echoes of claim and override', () => {
  it('echoes a change twice, with a new version', () => {
    assert.deepEqual(only(connected().send('claim/set', '{"state":"active"}'), 'claim', 'claims_version'), [
      'claims_version 1',
      'claim {"state":"active","auto_release":false}',
      'claim {"state":"active","auto_release":false}',
    ]);
  });

  it('echoes what changes nothing once, without a version', () => {
    const rig = connected();
    rig.send('claim/set', '{"state":"active"}');
    assert.deepEqual(rig.send('claim/set', '{"state":"active"}'), ['claim {"state":"active","auto_release":false}']);
  });

  it('says nothing when there is nothing to clear or release', () => {
    const rig = connected();
    assert.deepEqual(rig.send('override/set', 'clear'), []);
    assert.deepEqual(rig.send('claim/set', 'release'), []);
  });

  for (const payload of [' clear', 'Clear', '"clear"', 'clear\n']) {
    it(`takes ${JSON.stringify(payload)} for no clear`, () => {
      const rig = connected();
      rig.send('override/set', '{"state":"active"}');
      assert.deepEqual(rig.send('override/set', payload), []);
    });
  }

  it('publishes the claim again, unchanged, upon any change of others', () => {
    const rig = connected();
    rig.send('claim/set', '{"charge_current":9}');
    assert.deepEqual(only(rig.send('override/set', '{"state":"active"}'), 'claim'), [
      'claim {"charge_current":9,"auto_release":false}',
    ]);
  });

  it('wraps the versions at 8 bits', () => {
    const rig = connected();
    for (let current = 0; current < 255; current++) rig.send('claim/set', `{"charge_current":${current}}`, 0);
    assert.equal(last(rig, 'claims_version'), '255');
    rig.send('claim/set', '{"charge_current":300}', 0);
    assert.equal(last(rig, 'claims_version'), '0');
  });

  it('keeps state documents retained, status topics not', () => {
    const rig = connected();
    rig.send('claim/set', '{"state":"active"}');
    assert.deepEqual(
      new Set(rig.published.map(({ topic, retain }) => `${topic.slice(BASE.length + 1)} ${retain}`)),
      new Set(['claims_version false', 'claim true']),
    );
  });
});

describe('OpenEVSE simulator: the memory of MQTT', () => {
  const override = (rig: Rig, payload: string): string | undefined =>
    only(rig.send('override/set', payload), 'override').at(0)?.slice('override '.length);

  it('revives what was sent before a release elsewhere', () => {
    const rig = connected();
    rig.send('override/set', '{"state":"disabled"}');
    rig.model.webOverride(null);
    rig.during(500);
    assert.equal(
      override(rig, '{"charge_current":16}'),
      '{"state":"disabled","charge_current":16,"auto_release":true}',
    );
  });

  it('is not emptied by a clear that had nothing to clear', () => {
    const rig = connected();
    rig.send('override/set', '{"state":"disabled"}');
    rig.send('override/set', 'toggle');
    rig.send('override/set', 'clear');
    assert.equal(override(rig, '{"max_current":10}'), '{"state":"disabled","max_current":10,"auto_release":true}');
  });

  it('is emptied by a clear that cleared, after which auto_release defaults to false', () => {
    const rig = connected();
    assert.equal(override(rig, '{"state":"disabled"}'), '{"state":"disabled","auto_release":true}');
    rig.send('override/set', 'clear');
    assert.equal(override(rig, '{"charge_current":16}'), '{"charge_current":16,"auto_release":false}');
  });

  it('replaces an override made over HTTP', () => {
    const rig = connected();
    rig.model.webOverride({ state: 'disabled', chargeCurrent: 20, autoRelease: true });
    rig.during(500);
    assert.equal(last(rig, 'override'), '{"state":"disabled","charge_current":20,"auto_release":true}');
    assert.equal(override(rig, '{"max_current":10}'), '{"max_current":10,"auto_release":true}');
  });

  it('is one for overrides and another for claims, and lost at a reboot', () => {
    const rig = connected();
    rig.send('override/set', '{"state":"disabled"}');
    assert.deepEqual(
      only(rig.send('claim/set', '{"charge_current":8}'), 'claim').at(0),
      ['claim {"charge_current":8,"auto_release":false}'].at(0),
    );
    rig.model.restart();
    rig.during(10_000);
    assert.equal(override(rig, '{"charge_current":16}'), '{"charge_current":16,"auto_release":true}');
  });
});

describe('OpenEVSE simulator: toggle', () => {
  it('makes the opposite of the target, then releases', () => {
    const rig = connected();
    rig.send('override/set', 'toggle');
    assert.equal(last(rig, 'override'), '{"state":"disabled","auto_release":true}');
    assert.equal(last(rig, 'state'), '254');
    rig.send('override/set', 'toggle');
    assert.equal(last(rig, 'override'), '{"state":"null"}');
    assert.equal(last(rig, 'manual_override'), '0');
  });
});

describe('OpenEVSE simulator: the resulting current', () => {
  const pilots: readonly (readonly [number, string | undefined])[] = [
    [0, '6'],
    [1, '6'],
    [16, '16'],
    [40, undefined],
    [100, undefined],
  ];
  for (const [amps, pilot] of pilots) {
    it(`${amps} A gives pilot ${pilot ?? 'unchanged at 32'}; the echo shows ${amps}`, () => {
      const rig = connected();
      rig.send('override/set', `{"state":"active","charge_current":${amps}}`);
      assert.equal(last(rig, 'pilot'), pilot);
      assert.equal(last(rig, 'override'), `{"state":"active","charge_current":${amps},"auto_release":true}`);
    });
  }

  it('an override without a current leaves the one of the claim in force', () => {
    const rig = connected();
    rig.send('claim/set', '{"charge_current":9}');
    rig.send('override/set', '{"state":"active"}');
    assert.equal(rig.model.car, undefined);
    assert.equal(last(rig, 'pilot'), undefined);
    assert.ok(rig.during(31_000).includes('pilot 9'));
  });
});

describe('OpenEVSE simulator: unplug', () => {
  it('releases auto-released claims without a word: the retained documents go stale', () => {
    const rig = connected();
    rig.model.plugIn(CAR);
    rig.during(1000);
    rig.send('override/set', '{"state":"active","charge_current":12,"auto_release":true}');
    rig.send('claim/set', '{"charge_current":8,"auto_release":false}');
    rig.model.unplug();
    const lines = rig.during(1000);
    assert.deepEqual(only(lines, 'override', 'claim', 'claims_version', 'override_version'), []);
    assert.deepEqual(only(lines, 'manual_override', 'pilot'), ['pilot 12', 'manual_override 1', 'pilot 8']);
    assert.deepEqual(rig.send('override/set', 'clear'), []);
    assert.ok(rig.during(30_000).includes('manual_override 0'));
    rig.send('override/set', '{"max_current":20}');
    assert.equal(
      rig.lines().find((line) => line.startsWith('override ')),
      'override {"state":"active","charge_current":12,"max_current":20,"auto_release":true}',
    );
  });

  it('keeps a claim without auto_release, and the charger asleep', () => {
    const rig = connected();
    rig.model.plugIn(CAR);
    rig.during(1000);
    rig.send('claim/set', '{"state":"disabled","auto_release":false}');
    rig.model.unplug();
    rig.during(1000);
    assert.equal(last(rig, 'state'), '254');
    assert.equal(last(rig, 'vehicle'), '0');
    assert.equal(last(rig, 'colour'), '5');
  });
});

describe('OpenEVSE simulator: pausing', () => {
  it('shows 255 where pause_uses_disabled is set', () => {
    const rig = connected({ config: { pause_uses_disabled: true } });
    rig.send('override/set', '{"state":"disabled"}');
    assert.equal(last(rig, 'state'), '255');
  });

  it('passes through 0 when real hardware is enabled again', () => {
    const rig = connected({ realHardware: true });
    rig.send('override/set', '{"state":"disabled"}');
    assert.deepEqual(only(rig.send('override/set', 'clear'), 'state'), ['state 0', 'state 1']);
  });
});
