import assert from 'node:assert/strict';
import { ManualTimeSource } from '../../../../src/simulators/clock';
import { BASE, Rig, connected, only } from './rig';

const CAR = { maxCurrent: 32, ramp: Infinity };

/** Fires each timer some other time too late. */
class LateTimeSource extends ManualTimeSource {
  #late = 0;

  override schedule(ms: number, callback: () => void): () => void {
    this.#late = (this.#late + 3) % 7;
    return super.schedule(ms + this.#late, callback);
  }
}

describe('OpenEVSE simulator: firmware generations', () => {
  const coreKeys = (profile: NonNullable<Parameters<typeof connected>[0]>['profile'] & string): string[] => {
    const rig = connected({ profile });
    return rig.during(30_000).map((line) => line.split(' ')[0] ?? '');
  };

  it('2.x announces on its base topic, unretained, and has a dozen keys', () => {
    const rig = new Rig({ profile: '2.x' });
    rig.connect();
    assert.deepEqual(
      rig.published.map(({ topic, payload, retain }) => [topic, payload, retain]),
      [[BASE, 'connected', false]],
    );
    assert.deepEqual(rig.model.will, { topic: BASE, payload: 'disconnected', qos: 1, retain: false });
    assert.deepEqual(rig.subscribed, [`${BASE}/rapi/in/#`, `${BASE}/divertmode/set`]);
    assert.deepEqual(
      rig.during(30_000).map((line) => line.split(' ')[0]),
      [...['amp', 'voltage', 'pilot', 'temp1', 'temp2', 'temp3', 'state', 'freeram', 'divertmode', 'wh']],
    );
  });

  it('4.1.7 has wh and no power, no limit and no config', () => {
    const keys = coreKeys('4.1.7');
    assert.ok(keys.includes('wh'));
    for (const key of ['power', 'watthour', 'total_day', 'uptime', 'limit', 'config'])
      assert.ok(!keys.includes(key), key);
  });

  it('4.1.7 publishes the claim in a loop until there is a first one', () => {
    const rig = connected({ profile: '4.1.7' });
    assert.equal(only(rig.during(1000), 'claim').length, 10);
    rig.send('claim/set', '{"state":"active"}');
    assert.deepEqual(only(rig.during(1000), 'claim'), []);
  });

  it('4.1.7 does not publish overrides made by others', () => {
    const rig = connected({ profile: '4.1.7' });
    rig.model.webOverride({ state: 'disabled', autoRelease: true });
    assert.deepEqual(only(rig.during(1000), 'override'), []);
  });

  it('4.2.2 has power and watthour, but neither uptime nor max_current', () => {
    const keys = coreKeys('4.2.2');
    for (const key of ['power', 'watthour', 'total_day', 'time']) assert.ok(keys.includes(key), key);
    for (const key of ['wh', 'uptime', 'max_current', 'evse_connected']) assert.ok(!keys.includes(key), key);
  });

  for (const [key, payload] of [
    ['limit/set', 'clear'],
    ['config/set', '{"sntp_enabled":true}'],
    ['restart', '{"device":"gateway"}'],
  ] as const) {
    it(`4.2.2 meets ${key} with silence`, () =>
      assert.deepEqual(connected({ profile: '4.2.2' }).send(key, payload), []));
  }

  for (const [profile, whole] of [
    ['5.0.0', false],
    ['5.1.5', true],
  ] as const) {
    it(`${profile} counts seconds ${whole ? 'whole' : 'with fractions'}`, () => {
      // A tick of the gateway that comes late, as on a busy device, brings the fraction in.
      const source = new LateTimeSource();
      const rig = new Rig({ profile }, {}, source);
      rig.connect();
      rig.model.plugIn(CAR);
      const seconds = only(rig.during(20_000), 'session_elapsed').map((line) => Number(line.split(' ')[1]));
      assert.equal(seconds.every(Number.isInteger), whole);
    });
  }

  it('master alone tells mqtt_status and knows the home battery settings', () => {
    const birth = (profile: '5.1.5' | 'master'): string[] => {
      const rig = new Rig({ profile });
      rig.connect();
      rig.source.advance(300);
      return rig.lines();
    };
    assert.ok(birth('master').includes('mqtt_status connected'));
    assert.ok(birth('master').some((line) => line.includes('mqtt_home_battery_soc')));
    assert.ok(!birth('5.1.5').some((line) => /mqtt_status|mqtt_home_battery_soc/.test(line)));
  });

  it('every profile answers an empty base topic with topics that begin with a slash', () => {
    const rig = new Rig({ baseTopic: '' });
    rig.connect();
    assert.ok(rig.published.some(({ topic }) => topic === '/claim'));
    assert.match(rig.published[0]?.payload ?? '', /"mqtt":""/);
  });

  it('retains the status topics only when mqtt_retained says so', () => {
    const rig = connected({ config: { mqtt_retained: true } });
    rig.during(30_000);
    assert.ok(rig.published.every(({ retain }) => retain));
  });
});

describe('OpenEVSE simulator: hostile payloads', () => {
  it('never throws, whatever comes', () => {
    const rig = connected();
    const topics = [
      'override/set',
      'claim/set',
      'limit/set',
      'schedule/set',
      'schedule/clear',
      'config/set',
      'restart',
    ];
    const pieces = [
      '{',
      '}',
      '[',
      ']',
      '"state"',
      ':',
      ',',
      '"type"',
      'null',
      '1e999',
      '-',
      '"__proto__"',
      '\\u12',
      "'",
      '$',
      '"days"',
    ];
    let seed = 1;
    const next = (below: number): number => {
      seed = (seed * 48_271) % 2_147_483_647;
      return seed % below;
    };
    for (let round = 0; round < 3000; round++) {
      let payload = '';
      for (let length = next(12); length > 0; length--) payload += pieces[next(pieces.length)] ?? '';
      rig.model.receive(`${BASE}/${topics[next(topics.length)] ?? ''}`, payload);
      rig.source.advance(10);
      if (rig.network.includes('cut')) {
        rig.network.length = 0;
        rig.source.advance(10_000);
      }
      rig.published.length = 0;
    }
    assert.ok(rig.send('claim/set', '{"state":"active"}').length > 0);
  });
});
