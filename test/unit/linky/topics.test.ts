import assert from 'node:assert/strict';
import { isDeepStrictEqual } from 'node:util';
import { linkyFilters, TopicClassifier, type TopicOptions } from '../../../src/linky/topics';
import { DATASETS } from '../../../src/linky/types';
import { newReader, OTHER_PDL, PDL } from './support';

const options = (parts: Partial<TopicOptions> = {}): TopicOptions => ({
  prefix: 'myelectricaldata',
  discoveryPrefix: 'homeassistant',
  pdl: '',
  ...parts,
});

/** MQTT topic matching, for filters without `#`. */
const matches = (filter: string, topic: string): boolean => {
  const levels = topic.split('/');
  const parts = filter.split('/');
  return parts.length === levels.length && parts.every((part, i) => part === '+' || part === levels[i]);
};

describe('linky topics', () => {
  const prefixes = ['myelectricaldata', 'linky', 'energy/linky', '/energy/my home/linky'];

  for (const prefix of prefixes) {
    it(`matrix 1: every documented topic below the prefix "${prefix}"`, () => {
      const classifier = new TopicClassifier(options({ prefix }));
      for (const dataset of DATASETS) {
        const topic = dataset === 'status' ? `${prefix}/status` : `${prefix}/${PDL}/${dataset}`;
        const route = classifier.classify(topic);
        const kind = dataset === 'status' ? 'status' : dataset.endsWith('detailed') ? 'curve' : 'value';
        const expected = kind === 'status' ? { kind } : { kind, pdl: PDL, dataset };
        assert.ok(isDeepStrictEqual(route, expected), `${topic}: ${JSON.stringify(route)}`);
        assert.ok(linkyFilters(options({ prefix }), [dataset]).some((filter) => matches(filter, topic)));
      }
    });
  }

  it('matrix 1: a meter number is text, its leading zeros stay', () => {
    const route = new TopicClassifier(options()).classify('myelectricaldata/00000000000001/max_power');
    assert.deepEqual(route, { kind: 'value', pdl: '00000000000001', dataset: 'max_power' });
  });

  it('matrix 1: one meter of two', () => {
    const one = options({ pdl: PDL });
    const filters = linkyFilters(one);
    assert.ok(filters.every((filter) => !filter.startsWith('myelectricaldata/+')));
    const classifier = new TopicClassifier(one);
    assert.equal(classifier.classify(`myelectricaldata/${OTHER_PDL}/consumption/daily`), null);
    assert.notEqual(classifier.classify(`myelectricaldata/${PDL}/consumption/daily`), null);
  });

  it('no filter catches a command, so that "no matching subscribers" stays meaningful', () => {
    const topics = ['sync', 'reload'].map((command) => `myelectricaldata/command/${command}`);
    for (const filter of linkyFilters(options())) {
      assert.ok(!filter.includes('#'), filter);
      for (const topic of topics) assert.ok(!matches(filter, topic), `${filter} matches ${topic}`);
    }
  });

  it('filters of one dataset leave the others out', () => {
    assert.deepEqual(linkyFilters(options(), ['status']), ['myelectricaldata/status']);
    assert.deepEqual(linkyFilters(options(), ['consumption/detailed']), ['myelectricaldata/+/consumption/detailed']);
    assert.deepEqual(linkyFilters(options({ discoveryPrefix: '', pdl: PDL }), ['production/daily']), [
      `myelectricaldata/${PDL}/production/daily`,
      `myelectricaldata/${PDL}/production/stats`,
      `myelectricaldata/${PDL}/production/annual/+/week/+/base/kWh`,
    ]);
  });

  it('load curves alone still need the daily total that decides their unit', () => {
    const auto = newReader({ datasets: ['production/detailed'] }).filters();
    assert.ok(auto.includes('myelectricaldata/+/production/daily'));
    assert.ok(!auto.includes('myelectricaldata/+/consumption/daily'));
    const fixed = newReader({ datasets: ['production/detailed'], detailedUnit: 'W' }).filters();
    assert.deepEqual(fixed, ['myelectricaldata/+/production/detailed']);
  });

  const others: [string, unknown][] = [
    ['myelectricaldata/command/sync', null],
    ['myelectricaldata/notifications', null],
    ['myelectricaldata/tempo/today', null],
    [`myelectricaldata/${PDL}/address/street`, null],
    [`other/${PDL}/consumption/daily`, null],
    [`myelectricaldata2/${PDL}/consumption/daily`, null],
    ['myelectricaldata/kitchen/consumption/daily', 'not-a-meter'],
    ['myelectricaldata/1234/max_power', 'not-a-meter'],
    [`myelectricaldata/${PDL}0/max_power`, 'not-a-meter'],
  ];
  for (const [topic, expected] of others) {
    it(`${topic} is ${String(expected)}`, () => {
      assert.deepEqual(new TopicClassifier(options()).classify(topic), expected);
    });
  }

  for (const [name, parts] of Object.entries({
    'an empty prefix': { prefix: '' },
    'a wildcard': { prefix: 'a/+' },
    'a trailing slash': { prefix: 'linky/' },
    'a wildcard in the discovery prefix': { discoveryPrefix: '#' },
    'a short meter number': { pdl: '123' },
  })) {
    it(`refuses ${name}`, () => {
      assert.throws(() => newReader(parts), { code: 'INVALID' });
    });
  }
});
