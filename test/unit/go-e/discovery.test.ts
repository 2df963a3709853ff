import assert from 'node:assert/strict';
import { goe } from '../../../src/chargers/go-e';
import type { Sighting } from '../../../src/chargers/discovery-types';
import { message } from './bench';

const OPTIONS = { openevseTopic: 'openevse/announce/#', evccRoot: 'evcc' };
const NOW = Date.UTC(2026, 0, 14, 12);

class Field {
  readonly sightings = new Map<string, Sighting>();

  fold(topic: string, payload: string, retained = true, now = NOW): readonly string[] {
    return goe.discovery.fold(this.sightings, message(topic, payload, retained), OPTIONS, now);
  }
}

/** Whether a filter with `+` matches a topic. */
function matches(filter: string, topic: string): boolean {
  const levels = topic.split('/');
  const pattern = filter.split('/');
  return pattern.length === levels.length && pattern.every((level, at) => level === '+' || level === levels[at]);
}

describe('go-e discovery', () => {
  it('asks for a few keys only, with and without leading slash', () => {
    const filters = goe.discovery.filters(OPTIONS);
    for (const key of ['var', 'sse', 'fna', 'typ', 'fwv'])
      for (const root of ['go-eCharger', '/go-eCharger'])
        assert.equal(filters.filter((filter) => matches(filter, `${root}/123456/${key}`)).length, 1, root + key);
    assert.ok(filters.every((filter) => !filter.includes('#')));
    assert.ok(!filters.some((filter) => matches(filter, 'go-eCharger/123456/nrg')));
  });

  it('finds a charger by its retained values, not known to be online', () => {
    const field = new Field();
    assert.deepEqual(field.fold('go-eCharger/123456/var', '22'), ['go-eCharger/123456']);
    field.fold('go-eCharger/123456/fwv', '"60.4"');
    field.fold('go-eCharger/123456/fna', '"Carport"');
    field.fold('go-eCharger/123456/typ', '"go-eCharger_V4"');
    assert.deepEqual(field.fold('go-eCharger/123456/sse', '"123456"'), []);
    assert.deepEqual(field.sightings.get('go-eCharger/123456'), {
      system: 'go-e',
      id: '123456',
      name: 'Carport',
      baseTopic: 'go-eCharger/123456',
      online: null,
      http: null,
      firmware: '60.4',
      model: 'go-eCharger_V4',
      lastLive: null,
    });
  });

  it('finds a V3 of 053.1, which sends neither serial nor type', () => {
    const field = new Field();
    field.fold('/go-eCharger/000001/var', '11');
    const sighting = field.sightings.get('/go-eCharger/000001');
    assert.equal(sighting?.id, '000001');
    assert.equal(sighting.name, '000001');
    assert.equal(sighting.model, 'go-eCharger 11 kW');
  });

  it('tells news once', () => {
    const field = new Field();
    field.fold('go-eCharger/123456/typ', '"go-eCharger_V4"');
    assert.deepEqual(field.fold('go-eCharger/123456/var', '22'), []);
    assert.deepEqual(field.fold('go-eCharger/123456/fwv', '"60.4"'), ['go-eCharger/123456']);
    assert.deepEqual(field.fold('go-eCharger/123456/fwv', '"60.4"'), []);
    assert.deepEqual(field.fold('go-eCharger/123456/fwv', '"60.5"'), ['go-eCharger/123456']);
  });

  it('knows that it is online from the first live message on, by its heartbeat', () => {
    const field = new Field();
    field.fold('go-eCharger/123456/var', '22');
    const sighting = field.sightings.get('go-eCharger/123456')!;
    const heartbeat = goe.discovery.heartbeat(sighting)!;
    assert.equal(heartbeat, 'go-eCharger/123456/rbt');
    assert.equal(goe.discovery.silence, 60);
    assert.deepEqual(field.fold(heartbeat, '1000', true), []);
    assert.equal(sighting.online, null);
    assert.deepEqual(field.fold(heartbeat, '2000', false), ['go-eCharger/123456']);
    assert.equal(sighting.online, true);
    assert.deepEqual(field.fold(heartbeat, '3000', false, NOW + 1000), []);
    assert.equal(sighting.lastLive, NOW + 1000);
  });

  it('uses the published serial and name of a topic without any', () => {
    const field = new Field();
    field.fold('go-eCharger/garage/sse', '"000042"');
    const sighting = field.sightings.get('go-eCharger/garage');
    assert.equal(sighting?.id, '000042');
    assert.equal(sighting.name, '000042');
    field.fold('go-eCharger/garage/fna', '"Carport"');
    assert.equal(sighting.name, 'Carport');
  });

  it('what a charger had published before firmware 054.6 dropped the slash is no second charger', () => {
    const field = new Field();
    field.fold('go-eCharger/123456/rbt', '1000', false);
    assert.deepEqual(field.fold('/go-eCharger/123456/var', '22'), []);
    assert.equal(field.sightings.size, 1);
  });

  const NO_CHARGERS: readonly [string, string, string][] = [
    ['API v1 device (quirk 9)', 'go-eCharger/012345/status', '{"version":"B","car":"1"}'],
    ['API v1 commands', 'go-eCharger/012345/cmd/req', 'amp=16'],
    ['controller', 'go-eController/123456/var', '11'],
    ['key of no interest', 'go-eCharger/123456/amp', '16'],
    ['command', 'go-eCharger/123456/fna/set', '"x"'],
    ['deleted value', 'go-eCharger/123456/var', ''],
    ['endless serial', `go-eCharger/${'1'.repeat(500)}/var`, '11'],
    ['serial that cannot be subscribed to', 'go-eCharger/\u0001/var', '11'],
    ['deeper tree', 'home/go-eCharger/123456/var', '11'],
  ];
  for (const [what, topic, payload] of NO_CHARGERS)
    it(`is not fooled by: ${what}`, () => {
      const field = new Field();
      assert.deepEqual(field.fold(topic, payload), []);
      assert.equal(field.sightings.size, 0);
    });

  it('keeps garbage out of what it tells', () => {
    const field = new Field();
    for (const payload of ['{', '7', '"', `"${'x'.repeat(500)}"`, 'null']) {
      for (const key of ['sse', 'fna', 'typ', 'fwv']) field.fold(`go-eCharger/123456/${key}`, payload);
      field.fold('go-eCharger/123456/var', '"22"');
    }
    const { id, name, firmware, model } = field.sightings.get('go-eCharger/123456')!;
    assert.deepEqual({ id, name, firmware, model }, { id: '123456', name: '123456', firmware: null, model: null });
  });

  it('is bounded', () => {
    const field = new Field();
    for (let serial = 0; serial < 12_000; serial++) field.fold(`go-eCharger/${serial}/var`, '11');
    assert.equal(field.sightings.size, 10_000);
  });
});
