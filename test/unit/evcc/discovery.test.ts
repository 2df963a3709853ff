import assert from 'node:assert/strict';
import { evcc } from '../../../src/chargers/evcc';
import type { Sighting } from '../../../src/chargers/discovery-types';
import { T0, message, recording } from './support';

const options = { openevseTopic: 'openevse/announce/#', evccRoot: 'evcc' };

class Finder {
  readonly sightings = new Map<string, Sighting>();
  now = T0;

  constructor(readonly root = 'evcc') {}

  hear(tail: string, payload: string, delivery: { retained?: boolean; qos?: 0 | 1 } = {}): readonly string[] {
    const received = message(`${this.root}/${tail}`, payload, delivery);
    return evcc.discovery.fold(this.sightings, received, { ...options, evccRoot: this.root }, this.now);
  }

  /** `evcc` online with loadpoints, as a broker replays them. */
  replay(count: number | null, titles: readonly string[]): this {
    this.hear('status', 'online', { retained: true });
    if (count !== null) this.hear('loadpoints', String(count), { retained: true });
    for (const [i, title] of titles.entries()) {
      this.hear(`loadpoints/${i + 1}/name`, `lp-${i + 1}`, { retained: true });
      this.hear(`loadpoints/${i + 1}/title`, title, { retained: true });
    }
    return this;
  }

  get list(): readonly (readonly [string, string, string, boolean | null])[] {
    return [...this.sightings.values()].map(({ baseTopic, id, name, online }) => [baseTopic, id, name, online]);
  }
}

describe('evcc discovery (section 3)', () => {
  it('asks for little, and for no forecasts', () => {
    assert.deepEqual(evcc.discovery.filters({ ...options, evccRoot: '/home/evcc/' }), [
      'home/evcc/status',
      'home/evcc/updated',
      'home/evcc/loadpoints',
      'home/evcc/site/version',
      'home/evcc/loadpoints/+/name',
      'home/evcc/loadpoints/+/title',
      'home/evcc/loadpoints/+/chargePower',
    ]);
  });

  it('finds loadpoints by name and title, online once heard live', () => {
    const finder = new Finder('home/evcc').replay(2, ['Carport', 'Garage']);
    assert.deepEqual(finder.list, [
      ['home/evcc/loadpoints/1', 'lp-1', 'Carport', null],
      ['home/evcc/loadpoints/2', 'lp-2', 'Garage', null],
    ]);
    assert.deepEqual(finder.hear('updated', '1795257214'), ['home/evcc/loadpoints/1', 'home/evcc/loadpoints/2']);
    assert.deepEqual(
      finder.list.map(([, , , online]) => online),
      [true, true],
    );
    assert.deepEqual(finder.hear('updated', '1795257244'), [], 'nothing new');
    assert.equal(finder.sightings.get('home/evcc/loadpoints/1')?.lastLive, T0);
  });

  it('finds nothing of an evcc that is away, whatever it left behind', () => {
    const finder = new Finder();
    finder.hear('loadpoints', '1', { retained: true });
    finder.hear('loadpoints/1/title', 'Carport', { retained: true });
    finder.hear('status', 'offline', { retained: true });
    assert.deepEqual(finder.list, []);
  });

  it('finds them in whatever order the broker replays', () => {
    const finder = new Finder();
    finder.hear('loadpoints/1/title', 'Carport', { retained: true });
    assert.deepEqual(finder.list, []);
    finder.hear('status', 'online', { retained: true });
    assert.deepEqual(finder.list, [['evcc/loadpoints/1', 'evcc/loadpoints/1', 'Carport', null]]);
  });

  it('takes the indexes heard since online where the count is lost: chargePower names them all', () => {
    const finder = new Finder();
    finder.hear('status', 'online');
    for (const index of [1, 2, 3]) finder.hear(`loadpoints/${index}/chargePower`, '0');
    assert.deepEqual(
      finder.list,
      [1, 2, 3].map((n) => [`evcc/loadpoints/${n}`, `evcc/loadpoints/${n}`, `evcc/loadpoints/${n}`, true]),
    );
  });

  it('loses all on the will, and finds them again, in the same sightings', () => {
    const finder = new Finder().replay(2, ['Carport', 'Garage']);
    const first = finder.sightings.get('evcc/loadpoints/1');
    finder.hear('updated', '1795257214');
    assert.deepEqual(finder.hear('status', 'offline'), ['evcc/loadpoints/1', 'evcc/loadpoints/2']);
    assert.deepEqual(
      finder.list.map(([, , , online]) => online),
      [false, false],
    );
    assert.deepEqual(finder.hear('status', 'offline'), [], 'once');
    finder.hear('status', 'online');
    finder.hear('updated', '1795257300');
    assert.deepEqual(
      finder.list.map(([, , , online]) => online),
      [false, false],
      'not heard of again yet',
    );
    finder.hear('loadpoints/1/title', 'Carport');
    assert.deepEqual(
      finder.list.map(([, , , online]) => online),
      [true, false],
    );
    assert.equal(finder.sightings.get('evcc/loadpoints/1'), first);
  });

  it('loses those above a count that shrinks', () => {
    const finder = new Finder().replay(3, ['A', 'B', 'C']);
    finder.hear('updated', '1795257214');
    assert.deepEqual(finder.hear('loadpoints', '2'), ['evcc/loadpoints/3']);
    assert.deepEqual([...finder.sightings.keys()], ['evcc/loadpoints/1', 'evcc/loadpoints/2']);
  });

  it('does not list indexes above the count that others made up', () => {
    const finder = new Finder().replay(1, ['A']);
    finder.hear('loadpoints/7/title', 'x', { retained: true });
    assert.equal(finder.sightings.size, 1);
  });

  it('keeps names through the cleanup of a start', () => {
    const finder = new Finder().replay(1, ['Carport']);
    assert.deepEqual(finder.hear('loadpoints/1/title', '', { qos: 0 }), []);
    assert.deepEqual(finder.hear('loadpoints', '', { qos: 0 }), []);
    assert.deepEqual(finder.list, [['evcc/loadpoints/1', 'lp-1', 'Carport', null]]);
  });

  it('tells the version and a new title', () => {
    const finder = new Finder().replay(1, ['Carport']);
    assert.deepEqual(finder.hear('site/version', '0.313.2'), ['evcc/loadpoints/1']);
    assert.deepEqual(finder.hear('loadpoints/1/title', 'Yard'), ['evcc/loadpoints/1']);
    const { firmware, name } = finder.sightings.get('evcc/loadpoints/1') ?? {};
    assert.deepEqual([firmware, name], ['0.313.2', 'Yard']);
  });

  it('follows the heartbeat of the root', () => {
    const [sighting] = new Finder('home/evcc').replay(1, ['A']).sightings.values();
    assert.ok(sighting);
    assert.equal(evcc.discovery.heartbeat(sighting), 'home/evcc/updated');
    assert.equal(evcc.discovery.silence, 180);
  });

  it('stays bounded', () => {
    const finder = new Finder();
    finder.hear('status', 'online');
    for (let index = 1; index <= 5000; index++) finder.hear(`loadpoints/${index}/chargePower`, '0');
    finder.hear('loadpoints/1/title', 'x'.repeat(100_000));
    assert.equal(finder.sightings.size, 64);
    assert.equal(finder.sightings.get('evcc/loadpoints/1')?.name.length, 256);
  });

  it('finds and loses the loadpoints of the recording', () => {
    const sightings = new Map<string, Sighting>();
    const told: string[] = [];
    for (const row of recording()) {
      for (const base of evcc.discovery.fold(sightings, row, options, T0 + row.at)) {
        const { name, online } = sightings.get(base) ?? {};
        told.push(`${row.at} ${base} ${name ?? 'gone'} ${online ?? null}`);
      }
    }
    assert.deepEqual(
      [...sightings.values()].map(({ id, name, online, firmware }) => [id, name, online, firmware]),
      [
        ['lp-1', 'Carport', false, '0.313.2'],
        ['lp-2', 'Garage', false, '0.313.2'],
        ['lp-3', 'Heat pump', false, '0.313.2'],
      ],
    );
    const lost = told.filter((line) => line.endsWith(' false'));
    assert.deepEqual(lost, [
      '97810 evcc/loadpoints/1 Carport false',
      '97810 evcc/loadpoints/2 Garage false',
      '97810 evcc/loadpoints/3 Heat pump false',
    ]);
    assert.ok(!told.some((line) => line.includes('loadpoints/7')), 'nothing of what others left is found');
  });
});
