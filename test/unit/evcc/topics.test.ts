import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { typeOf } from '../../../src/chargers/evcc/catalogue';
import { keyTable, typed } from '../../../src/chargers/evcc/wire';
import { evcc } from '../../../src/chargers/evcc';
import { KeyValues } from '../../../src/chargers/key-values';
import { Loadpoint } from './support';

interface Documented {
  readonly scope: 'root' | 'loadpoint' | 'vehicle' | 'site' | 'circuit';
  readonly topic: string;
  readonly type: string;
  readonly enum?: readonly (string | number)[];
}

const file = path.join(process.cwd(), 'test/fixtures/evcc/topics.json');
const { published } = JSON.parse(fs.readFileSync(file, 'utf8')) as { published: readonly Documented[] };

/** A payload of each type as evcc writes it, and its value. */
const SAMPLES: Readonly<Record<string, readonly (readonly [payload: string, value: unknown])[]>> = {
  float: [
    ['0.287', 0.287],
    ['-0', 0],
    ['1.2346e+05', 123_460],
    ['NaN', null],
    ['', null],
  ],
  int: [
    ['80', 80],
    ['0', 0],
    ['', null],
  ],
  bool: [
    ['true', true],
    ['false', false],
    ['', null],
  ],
  enum: [
    ['pv', 'pv'],
    ['', null],
  ],
  string: [
    ['12', '12'],
    ['true', 'true'],
    ['Carport €', 'Carport €'],
    ['', null],
  ],
  duration: [
    ['9223372036', 9_223_372_036],
    ['60', 60],
    ['', null],
  ],
  timestamp: [
    ['1795278876', 1_795_278_876],
    ['', null],
  ],
  phases: [
    ['16.1', 16.1],
    ['', null],
  ],
  json: [
    ['[{"value":1}]', [{ value: 1 }]],
    ['null', null],
    ['', null],
  ],
  empty: [['', null]],
  tree: [
    ['anything', 'anything'],
    ['', null],
  ],
};

/** Concrete topics of a documented one. */
function concrete(topic: string): string[] {
  const filled = topic
    .replace('{name}', 'db:4')
    .replace(/\{n\}|\{i\}|\{j\}|\{0\.\.9\}/g, '1')
    .replace('/...', '/some/thing');
  return filled.includes('{1..3}') ? [1, 2, 3].map((phase) => filled.replace('{1..3}', String(phase))) : [filled];
}

const PREFIXES: Readonly<Record<Documented['scope'], string>> = {
  root: '',
  loadpoint: 'loadpoints/1/',
  vehicle: 'vehicles/db:4/',
  site: 'site/',
  circuit: 'site/',
};

describe('the 361 topics of evcc', () => {
  it('are all here', () => assert.equal(published.length, 361));

  for (const { scope, topic, type } of published) {
    const ours = scope === 'circuit' ? 'site' : scope;
    const samples = SAMPLES[type.replace('?', '').replace('json|int', 'json')];
    for (const each of concrete(topic)) {
      it(`${each} is ${type}`, () => {
        assert.ok(samples);
        const key = each.slice(PREFIXES[scope].length);
        // `site/pv/1` carries children and, at start, an empty payload
        assert.ok(typeOf(ours, key), 'known to the catalogue');
        const values = new KeyValues(keyTable(ours));
        for (const [payload, value] of samples) {
          if (payload === '') values.delete(key);
          else values.store(key, Buffer.from(payload));
          assert.equal(values.faults.size, 0);
          assert.deepEqual(typed(values, ours, key), value);
        }
      });
    }
    if (scope !== 'loadpoint' && scope !== 'vehicle') continue;
    it(`${topic} goes through the driver`, () => {
      const lp = new Loadpoint();
      for (const each of concrete(topic)) {
        const key: string = scope === 'vehicle' ? each : each.slice(PREFIXES[scope].length);
        for (const [payload] of samples ?? []) {
          if (payload === '') continue;
          assert.deepEqual(lp.hear(each, payload), [key]);
          if (key !== 'vehicleIdentity')
            assert.deepEqual(evcc.raw(lp.native)[key], lp.plan('get', { topic: key }).value);
        }
        const isValued = samples?.some(([payload]) => payload !== '') ?? false;
        assert.deepEqual(lp.hear(each, ''), isValued ? [key] : []);
        assert.deepEqual(Object.keys(evcc.raw(lp.native)), []);
      }
    });
  }

  it('has no type for what evcc does not publish', () => {
    for (const key of ['novelty', 'mode/x', 'pv/1/novelty']) assert.equal(typeOf('loadpoint', key), undefined);
  });
});
