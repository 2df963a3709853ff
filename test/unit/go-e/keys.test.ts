import assert from 'node:assert/strict';
import { goe } from '../../../src/chargers/go-e';
import { type GoeKey, findKey, goeKeys, masked } from '../../../src/chargers/go-e/keys';
import { Bench, message } from './bench';

const RANGES: Partial<Record<GoeKey['type'], readonly [number, number]>> = {
  uint8: [0, 255],
  int8: [-128, 127],
  uint16: [0, 65535],
  int32: [-(2 ** 31), 2 ** 31 - 1],
  uint32: [0, 2 ** 32 - 1],
  int64: [-(2 ** 53) + 1, 2 ** 53 - 1],
  uint64: [0, 2 ** 53 - 1],
};

const TIMETABLE = {
  control: 1,
  ranges: [{ begin: { hour: 22, minute: 0 }, end: { hour: 6, minute: 30 } }],
};
const SPECIAL: Readonly<Record<string, unknown>> = {
  ids: { pGrid: -100 },
  sch_week: TIMETABLE,
  sch_satur: TIMETABLE,
  sch_sund: TIMETABLE,
  map: [1, 2, 3],
  mtp: 'garage/',
  cch: '#00FF00',
  cfi: '#00ff00',
  cid: '#0000FF',
  cwc: '#FFFF00',
  rst: true,
};

function good(entry: GoeKey): unknown {
  if (entry.key in SPECIAL) return SPECIAL[entry.key];
  const [first] = entry.set ?? entry.json;
  if (first === 'number') return entry.enum ? Number(Object.keys(entry.enum)[0]) : (entry.min ?? 1);
  return { boolean: true, string: 'garage', array: [1], object: { a: 1 } }[first as 'boolean'];
}

/** A value of a JSON type that the key's setter does not take. */
function bad(entry: GoeKey): unknown {
  const types = entry.set ?? entry.json;
  const candidates: readonly [string, unknown][] = [
    ['string', 'text'],
    ['boolean', true],
    ['number', 1],
    ['object', {}],
  ];
  return candidates.find(([type]) => !types.includes(type as 'string'))?.[1];
}

const writable = goeKeys.filter((entry) => entry.access !== 'R');
const consent = { allowRisky: true };

describe('go-e key table', () => {
  it('has 357 keys, each once, in order, with a label and a type', () => {
    assert.equal(goeKeys.length, 357);
    assert.equal(new Set(goeKeys.map((entry) => entry.key)).size, 357);
    for (const entry of goeKeys) {
      assert.ok(entry.label.length > 0 && entry.label.length <= 60, entry.key);
      assert.ok(entry.json.length > 0, entry.key);
      assert.equal(findKey(entry.key), entry);
    }
  });

  it('is looked up by exact names only', () => {
    for (const key of ['AMP', 'amp ', '', 'toString', '__proto__', 'constructor'])
      assert.equal(findKey(key), undefined);
  });

  it('marks the dangerous writes (quirk 11)', () => {
    for (const key of 'rst oct del delw wifis mce mcu mtp mcr nmo hsa ama'.split(' '))
      assert.equal(findKey(key)?.risky, true, key);
  });

  it('marks the secrets (quirk 10)', () => {
    for (const key of 'mcu wifis mck ocppck data dll'.split(' ')) assert.equal(findKey(key)?.sensitive, true, key);
  });

  it('amt is a current, psm can be written, fsp cannot (3.1, 3.2)', () => {
    assert.equal(findKey('amt')?.unit, 'A');
    assert.equal(findKey('psm')?.access, 'R/W');
    assert.equal(findKey('fsp')?.access, 'R');
  });
});

describe('go-e writable keys', () => {
  for (const entry of writable)
    it(`${entry.key}: takes ${JSON.stringify(good(entry))}, refuses another type`, () => {
      const bench = new Bench();
      const value = good(entry);
      const step = bench.step('set', { key: entry.key, value, ...consent });
      assert.deepEqual(JSON.parse(step.publications[0]?.payload ?? ''), value);
      if (step.attainable === 'confirmed') {
        const payload = JSON.stringify(value);
        assert.deepEqual(step.judge?.(message(`${bench.base}${entry.key}`, payload)), {
          stage: 'confirmed',
          value: masked(entry.key, value),
        });
      }
      const wrong = bad(entry);
      if (wrong !== undefined) {
        const error = bench.refusal('set', { key: entry.key, value: wrong, ...consent });
        assert.equal(error.code, 'INVALID');
        assert.deepEqual(
          error.cause.details?.map((fault) => fault.path),
          ['value'],
        );
      }
      if (!entry.nullable)
        assert.equal(bench.refusal('set', { key: entry.key, value: null, ...consent }).code, 'INVALID');
      else
        assert.equal(bench.step('set', { key: entry.key, value: null, ...consent }).publications[0]?.payload, 'null');
    });

  it('integers keep to the range of their type and to whole numbers', () => {
    for (const entry of writable) {
      const range = RANGES[entry.type];
      const takesNumbers = (entry.set ?? entry.json).includes('number');
      if (!range || !takesNumbers) continue;
      const [least, most] = range;
      for (const value of [least - 1, most + 1, 1.5]) {
        const error = new Bench().refusal('set', { key: entry.key, value, ...consent });
        assert.equal(error.code, 'INVALID', `${entry.key} ${value}`);
      }
    }
  });

  it('risky ones need consent', () => {
    for (const entry of writable.filter(({ risky }) => risky)) {
      const error = new Bench().refusal('set', { key: entry.key, value: good(entry) });
      assert.equal(error.code, 'INVALID');
      assert.match(error.message, /allowRisky/);
    }
  });

  it('codes of newer firmware need consent', () => {
    assert.match(new Bench().refusal('set', { key: 'lmo', value: 6 }).message, /3 \(Default\), 4 \(Awattar\)/);
    const step = new Bench().step('set', { key: 'lmo', value: 6, allowUnknown: true });
    assert.equal(step.publications[0]?.payload, '6');
  });
});

describe('go-e set: what is refused', () => {
  const CASES: readonly [string, Record<string, unknown>, RegExp][] = [
    ['a read-only key', { key: 'car', value: 2 }, /read-only/],
    ['alw, with what to use', { key: 'alw', value: true }, /use frc/],
    ['fsp, with what to use', { key: 'fsp', value: true }, /use psm/],
    ['a read-only key, consent or not', { key: 'nrg', value: [], allowUnknown: true, allowRisky: true }, /read-only/],
    ['an unknown key', { key: 'mfw', value: 1 }, /allowUnknown/],
    ['a key that is no topic level', { key: 'amp/set', value: 6, allowUnknown: true }, /not the name/],
    ['a key with a wildcard', { key: '+', value: 6, allowUnknown: true }, /not the name/],
    ['a key without end', { key: 'x'.repeat(100), value: 6, allowUnknown: true }, /not the name/],
    ['a prefix without slash (1.2)', { key: 'mtp', value: 'wallbox', allowRisky: true }, /end with a slash/],
    ['a prefix with a wildcard', { key: 'mtp', value: 'wallbox/+/', allowRisky: true }, /\+ or #/],
    ['a short name (fna 4 to 64)', { key: 'fna', value: 'ab' }, /4 to 64/],
    ['a long name', { key: 'fna', value: 'x'.repeat(65) }, /4 to 64/],
    ['a colour without #', { key: 'cch', value: '00FF00' }, /#/],
    ['an enum code that is none', { key: 'frc', value: 3 }, /0 \(Neutral\)/],
    ['a boolean for acs (2.1)', { key: 'acs', value: true }, /number/],
    ['a number for a boolean (2.1)', { key: 'acp', value: 1 }, /boolean/],
    ['a card slot', { key: 'lrn', value: 10 }, /0 to 9/],
    ['six presets', { key: 'clp', value: [6, 7, 8, 9, 10, 11] }, /0 to 5 items/],
    ['two phases mapped', { key: 'map', value: [1, 2] }, /3 items/],
    ['a power input without grid', { key: 'ids', value: { pPv: 1 } }, /value\.pGrid/],
    ['a power input with a text', { key: 'ids', value: { pGrid: '1' } }, /value\.pGrid/],
    ['a timetable with half an hour', { key: 'sch_week', value: { control: 1 } }, /value\.ranges/],
    [
      'a timetable with minute 75',
      {
        key: 'sch_sund',
        value: { control: 1, ranges: [{ begin: { hour: 1, minute: 75 }, end: { hour: 2, minute: 0 } }] },
      },
      /value\.ranges\.0\.begin\.minute/,
    ],
    ['a float out of range', { key: 'awp', value: 1e39 }, /must be/],
    ['an unsafe integer', { key: 'c0e', value: 2 ** 60 }, /must be/],
    ['NaN', { key: 'awp', value: NaN }, /JSON/],
    ['undefined inside', { key: 'smd', value: { a: undefined } }, /JSON/],
    ['a function', { key: 'smd', value: { toJSON: () => 1 } }, /JSON/],
    ['a date', { key: 'smd', value: new Date(0) }, /JSON/],
    ['a flag that is no boolean', { key: 'amp', value: 6, allowRisky: 'yes' }, /allowRisky/],
  ];
  for (const [what, params, text] of CASES)
    it(what, () => {
      const error = new Bench().refusal('set', params);
      assert.equal(error.code, 'INVALID');
      assert.match(error.message, text);
    });

  it('a value without end', () => {
    const endless: Record<string, unknown> = {};
    endless['again'] = endless;
    assert.equal(new Bench().refusal('set', { key: 'smd', value: endless }).code, 'INVALID');
  });
});

describe('go-e secrets', () => {
  for (const entry of goeKeys.filter(({ sensitive }) => sensitive))
    it(`${entry.key} is masked in raw and by get`, () => {
      const bench = new Bench();
      const value = {
        string: '"hunter2"',
        boolean: 'true',
        array: '["hunter2"]',
        object: '{"a":"hunter2"}',
        number: '7',
      };
      bench.live({ [entry.key]: value[entry.json[0] ?? 'string'] });
      assert.equal(goe.raw(bench.native)[entry.key], '***');
      assert.equal(bench.plan('get', { key: entry.key }).value, '***');
      bench.live({ [entry.key]: 'null' });
      assert.equal(goe.raw(bench.native)[entry.key], null);
    });
});
