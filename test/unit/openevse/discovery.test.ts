import assert from 'node:assert/strict';
import { openevse } from '../../../src/chargers/openevse';
import type { Sighting } from '../../../src/chargers/discovery-types';
import { message, START } from './support';

const { discovery } = openevse;
const OPTIONS = { openevseTopic: 'openevse/announce/#', evccRoot: 'evcc' };
const BIRTH = {
  state: 'connected',
  id: '9c9c1fe57b2c',
  name: 'openevse-7b2c',
  mqtt: 'emon/left',
  http: 'http://192.0.2.10/',
};
const WILL = { state: 'disconnected', id: '9c9c1fe57b2c', name: 'openevse-7b2c' };

class Search {
  readonly sightings = new Map<string, Sighting>();

  hear(payload: unknown, retained = false, now = START): readonly string[] {
    const text = typeof payload === 'string' ? payload : JSON.stringify(payload);
    return discovery.fold(this.sightings, message('openevse/announce/7b2c', text, retained), OPTIONS, now);
  }

  get(base: string): Sighting {
    const sighting = this.sightings.get(base);
    assert.ok(sighting, base);
    return sighting;
  }
}

describe('OpenEVSE: discovery (1)', () => {
  it('listens where chargers announce themselves, which the user may have changed', () => {
    assert.deepEqual(discovery.filters({ ...OPTIONS, openevseTopic: 'my/evses/+' }), ['my/evses/+']);
    assert.equal(discovery.silence, 90);
  });

  it('finds a charger by the base topic in its birth, not by its name', () => {
    const search = new Search();
    assert.deepEqual(search.hear(BIRTH), ['emon/left']);
    const { id, name, http, online, lastLive } = search.get('emon/left');
    assert.deepEqual([id, name, http, online, lastLive], [BIRTH.id, BIRTH.name, BIRTH.http, true, START]);
    assert.equal(discovery.heartbeat(search.get('emon/left')), 'emon/left/time');
  });

  it('does not take a replayed birth for life', () => {
    const search = new Search();
    search.hear(BIRTH, true);
    assert.deepEqual([search.get('emon/left').online, search.get('emon/left').lastLive], [null, null]);
    assert.deepEqual(search.hear(BIRTH), ['emon/left'], 'now it lives');
    assert.deepEqual(search.hear(BIRTH), [], 'nothing new');
    assert.deepEqual(search.hear(BIRTH, true), []);
    assert.equal(search.get('emon/left').online, true);
  });

  it('reports the empty base topic too', () => {
    const search = new Search();
    assert.deepEqual(search.hear({ ...BIRTH, mqtt: '' }), ['']);
    assert.equal(discovery.heartbeat(search.get('')), '/time');
  });

  it('knows from the id whose will of three fields it is', () => {
    const search = new Search();
    assert.deepEqual(search.hear(WILL, true), [], 'a will alone names no base topic');
    search.hear(BIRTH);
    search.hear({ ...BIRTH, id: 'aa', mqtt: 'right' });
    assert.deepEqual(search.hear(WILL), ['emon/left']);
    assert.deepEqual([search.get('emon/left').online, search.get('right').online], [false, true]);
    assert.deepEqual(search.hear(WILL), []);
    assert.deepEqual(search.hear(BIRTH), ['emon/left']);
    assert.equal(search.get('emon/left').online, true);
  });

  it('sees a charger move to another base topic, and change its name', () => {
    const search = new Search();
    search.hear(BIRTH);
    assert.deepEqual(search.hear({ ...BIRTH, mqtt: 'emon/right', name: 'right' }), ['emon/left', 'emon/right']);
    assert.deepEqual([search.get('emon/left').online, search.get('emon/right').name], [false, 'right']);
    assert.deepEqual(search.hear({ ...BIRTH, mqtt: 'emon/right', name: 'carport' }), ['emon/right']);
  });

  it('ignores what is no announce', () => {
    const search = new Search();
    for (const payload of [
      '',
      'connected',
      '[]',
      'null',
      '{"state":"connected"',
      { ...BIRTH, id: 5 },
      { ...BIRTH, id: '' },
      { ...BIRTH, mqtt: null },
      { ...BIRTH, mqtt: 'a/+' },
      { ...BIRTH, mqtt: 'a\0b' },
      { ...BIRTH, state: 'other' },
      { ...BIRTH, pad: 'x'.repeat(3000) },
    ]) {
      assert.deepEqual(search.hear(payload), []);
    }
    assert.equal(search.sightings.size, 0);
    search.hear({ ...BIRTH, http: 'javascript:alert(1)' });
    assert.equal(search.get('emon/left').http, null);
  });

  it('starts anew when the search was cleared', () => {
    const search = new Search();
    search.hear(BIRTH);
    search.sightings.clear();
    assert.deepEqual(search.hear(WILL), []);
    assert.deepEqual(search.hear(BIRTH), ['emon/left']);
  });

  it('is bounded', () => {
    const search = new Search();
    for (let n = 0; n < 20_500; n++) {
      discovery.fold(
        search.sightings,
        message('x', JSON.stringify({ ...BIRTH, id: `id${n % 3}`, mqtt: `base${n}` })),
        OPTIONS,
        START,
      );
    }
    assert.ok(search.sightings.size <= 20_000);
  });
});
