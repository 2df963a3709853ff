/** The simulator's pure parts, as tables. */
import assert from 'node:assert/strict';
import { BoundedMap } from '../../../../src/simulators/openremote/bounded-map';
import { isTopicFilter, isTopicName, matches, withoutShare } from '../../../../src/simulators/openremote/broker/topics';
import { OwnedClock } from '../../../../src/simulators/openremote/clock';
import { uniqueId } from '../../../../src/simulators/openremote/model/ids';
import { coerce } from '../../../../src/simulators/openremote/model/value-types';
import { FakeClock } from './support';

describe('OpenRemote simulator: topics', () => {
  const pairs: readonly [filter: string, topic: string, hit: boolean][] = [
    ['a/b', 'a/b', true],
    ['a/b', 'a/b/c', false],
    ['a/b/c', 'a/b', false],
    ['a/+', 'a/b', true],
    ['a/+', 'a/', true],
    ['a/+', 'a', false],
    ['a/+', 'a/b/c', false],
    ['+/b', 'a/b', true],
    ['a/#', 'a/b/c', true],
    ['a/#', 'a', true],
    ['#', 'a/b', true],
    ['a/+/#', 'a/b', true],
    ['a/+/#', 'a', false],
  ];
  for (const [filter, topic, hit] of pairs) {
    it(`${filter} ${hit ? 'matches' : 'does not match'} ${topic}`, () => assert.equal(matches(filter, topic), hit));
  }

  it('knows filters and names', () => {
    for (const filter of ['a', '#', '+', 'a/#', '+/+', 'a//b', '/']) assert.ok(isTopicFilter(filter), filter);
    for (const filter of ['', 'a#', '#/a', 'a/b+', '++', 'a\0']) assert.ok(!isTopicFilter(filter), filter);
    for (const name of ['', '+', 'a/#', 'a\0']) assert.ok(!isTopicName(name), name);
    assert.ok(isTopicName('a/b'));
    assert.equal(withoutShare('$share/group/a/#'), 'a/#');
    assert.equal(withoutShare('a/#'), 'a/#');
  });
});

describe('OpenRemote simulator: value types', () => {
  const point = { type: 'Point', coordinates: [1, 2] };
  const table: readonly [type: string | undefined, given: unknown, coerced: unknown][] = [
    ['boolean', true, true],
    ['boolean', 'FALSE', false],
    ['boolean', 1, true],
    ['boolean', '0', false],
    ['boolean', 2, undefined],
    ['boolean', {}, undefined],
    ['integer', '70', 70],
    ['integer', 70.9, 70],
    ['integer', '70.9', undefined],
    ['integer', 2 ** 31, undefined],
    ['integer', true, undefined],
    ['integer', '', undefined],
    ['long', 2 ** 40, 2 ** 40],
    ['positiveInteger', -1, undefined],
    ['number', '1e3', 1000],
    ['number', 'NaN', undefined],
    ['number', [], undefined],
    ['negativeNumber', 0.5, undefined],
    ['timestamp', 1_700_000_000_000, 1_700_000_000_000],
    ['text', 'a', 'a'],
    ['text', 7, '7'],
    ['text', {}, undefined],
    ['JSON', '{"a":1}', '{"a":1}'],
    ['JSON', { a: 1 }, { a: 1 }],
    ['JSONObject', '{"a":1}', { a: 1 }],
    ['JSONObject', '7', undefined],
    ['JSONObject', '{', undefined],
    ['GEO_JSONPoint', point, point],
    ['GEO_JSONPoint', { type: 'Point', coordinates: ['1', 2] }, undefined],
    ['connectionStatus', 'CONNECTED', 'CONNECTED'],
    ['connectionStatus', 'AWAY', undefined],
    ['UUID', '6f1b9a52-3c0d-4e8f-9a77-2d5c8e4b1f03', '6f1b9a52-3c0d-4e8f-9a77-2d5c8e4b1f03'],
    ['UUID', 'x', undefined],
    ['text[]', '["a",7]', ['a', '7']],
    ['text[]', 'a', undefined],
    ['integer[][]', [[1], ['2']], [[1], [2]]],
    ['integer[]', [1, 'x'], undefined],
    ['integer', null, null],
    ['colourRGB', '#fff', '#fff'],
    ['constructor', 'x', 'x'],
    [undefined, [1], [1]],
  ];
  for (const [type, given, coerced] of table) {
    it(`${type}: ${JSON.stringify(given)} ${coerced === undefined ? 'does not fit' : `becomes ${JSON.stringify(coerced)}`}`, () => {
      const result = coerce(type, given);
      if (coerced === undefined) assert.equal(result, undefined);
      else assert.deepEqual(result, { value: coerced });
    });
  }
});

describe('OpenRemote simulator: small parts', () => {
  it('makes ids of 22 letters and digits, never twice', () => {
    const ids = Array.from({ length: 1000 }, uniqueId);
    assert.ok(ids.every((id) => /^[0-9A-Za-z]{22}$/.test(id)));
    assert.equal(new Set(ids).size, ids.length);
  });

  it('forgets the oldest entry of a full map', () => {
    const map = new BoundedMap<string, number>(2);
    map.set('a', 1).set('b', 2).set('a', 3).set('c', 4);
    assert.deepEqual(
      [...map],
      [
        ['b', 2],
        ['c', 4],
      ],
    );
  });

  it('fires no timer after its owner has stopped', () => {
    const fake = new FakeClock();
    const clock = new OwnedClock(fake);
    let fired = 0;
    clock.after(1, () => fired++);
    fake.advance(1);
    assert.equal(fired, 1);
    clock.after(1, () => fired++);
    clock.every(1, () => fired++);
    clock.after(1, () => fired++)();
    clock.cancelAll();
    fake.advance(10);
    assert.equal(fired, 1);
  });
});
