import assert from 'node:assert/strict';
import { evcc } from '../../../src/chargers/evcc';
import { codeOf } from './support';

describe('evcc base topic', () => {
  const good = [
    ['evcc/loadpoints/1', 'evcc/loadpoints/1'],
    ['home/evcc/loadpoints/12', 'home/evcc/loadpoints/12'],
    // evcc cuts slashes at both ends of its root (1.1)
    ['/evcc/loadpoints/1/', 'evcc/loadpoints/1'],
    ['  evcc/loadpoints/2 ', 'evcc/loadpoints/2'],
    ['a/loadpoints/3/loadpoints/2', 'a/loadpoints/3/loadpoints/2'],
  ] as const;
  for (const [typed, base] of good) {
    it(`takes "${typed}"`, () => {
      assert.equal(evcc.base(typed), base);
      assert.equal(
        evcc.create({ name: '', baseTopic: base, staleAfter: null, maxCurrent: null }).config.baseTopic,
        base,
      );
    });
  }

  for (const typed of [
    '',
    '/',
    'evcc',
    'evcc/loadpoints',
    'evcc/loadpoints/0',
    'evcc/loadpoints/01',
    'evcc/loadpoints/one',
    'evcc/loadpoints/1/mode',
    'loadpoints/1',
    'evcc/+/1',
    'evcc/loadpoints/#',
    'ev\0cc/loadpoints/1',
  ]) {
    it(`refuses ${JSON.stringify(typed)}`, () =>
      assert.equal(
        codeOf(() => evcc.base(typed)),
        'INVALID',
      ));
  }

  it('says how it should look', () => {
    assert.throws(() => evcc.base('home/evcc'), /home\/evcc\/loadpoints\/1/);
    assert.throws(() => evcc.base('loadpoints/1'), /root/);
  });

  it('keeps the several levels of a root apart from the index', () => {
    const native = evcc.create({ name: '', baseTopic: 'home/evcc/loadpoints/2', staleAfter: null, maxCurrent: null });
    assert.deepEqual([native.root, native.index], ['home/evcc', 2]);
  });
});

describe('evcc filters', () => {
  const filters = evcc.filters('home/evcc/loadpoints/2');

  function matches(filter: string, topic: string): boolean {
    const pattern = filter
      .split('/')
      .map((level) => (level === '#' ? '.*' : level === '+' ? '[^/]*' : level.replaceAll('.', '\\.')))
      .join('/')
      .replace(/\/\.\*$/, '(/.*)?');
    return new RegExp(`^${pattern}$`).test(topic);
  }

  const wanted = [
    'status',
    'updated',
    'loadpoints',
    'loadpoints/2/mode',
    'loadpoints/2/chargeCurrents/l1',
    'loadpoints/2/mode/set',
    'vehicles/db:4/plan/soc',
    'vehicles/db:4/planSoc/set',
    'site/interval',
    'site/version',
    'site/batteryMode/set',
    'site/batteryModeExternal',
    'site/battery/devices/1/controllable',
  ];
  for (const topic of wanted) {
    it(`hears ${topic} exactly once`, () => {
      assert.equal(filters.filter((filter) => matches(filter, `home/evcc/${topic}`)).length, 1);
    });
  }

  for (const topic of [
    'site/evopt',
    'site/forecast/solar/timeseries',
    'site/forecast/grid',
    'loadpoints/1/mode',
    'site/homePower',
  ]) {
    it(`does not ask for ${topic}`, () => {
      assert.ok(!filters.some((filter) => matches(filter, `home/evcc/${topic}`)));
    });
  }
});
