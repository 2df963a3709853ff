import assert from 'node:assert/strict';
import { Bench, readable } from './support';

const topicsOf = (messages: readonly { readonly topic: string }[]): string[] => messages.map(({ topic }) => topic);

describe('evcc simulator: life of the tree', () => {
  it('writes the counts first, then 30 legacy deletions, then values', () => {
    const { started } = new Bench();
    assert.deepEqual(started.slice(0, 2), [
      { topic: 'loadpoints', payload: '2' },
      { topic: 'vehicles', payload: '2' },
    ]);
    const legacy = started.slice(2, 32);
    assert.ok(legacy.every(({ topic, payload }) => /^site\/(pv|battery|vehicles)\/\d$/.test(topic) && payload === ''));
    assert.equal(new Set(topicsOf(legacy)).size, 30);
  });

  it('writes settings of all loadpoints at start, but connected of loadpoint n only n - 1 intervals later', () => {
    const bench = new Bench();
    for (const n of [1, 2]) assert.equal(bench.tree.get(`loadpoints/${n}/maxCurrent`), '16');
    assert.equal(bench.tree.get('loadpoints/1/connected'), 'true');
    assert.equal(bench.tree.has('loadpoints/2/connected'), false);
    bench.cycles(1);
    assert.equal(bench.tree.get('loadpoints/2/connected'), 'true');
  });

  it('updates one loadpoint per interval in turn, but measures all', () => {
    const bench = new Bench();
    for (const n of [2, 1, 2]) {
      const topics = topicsOf(bench.cycles(1));
      assert.ok(topics.includes(`loadpoints/${n}/connected`));
      assert.ok(!topics.includes(`loadpoints/${3 - n}/connected`));
      assert.ok(topics.includes('loadpoints/1/chargePower') && topics.includes('loadpoints/2/chargePower'));
      assert.ok(topics.includes('site/grid/power') && topics.includes('site/tariffGrid'));
    }
  });

  it('does not repeat settings, statistics and counts', () => {
    const bench = new Bench();
    bench.cycles(2);
    const repeated = topicsOf([...bench.cycles(1), ...bench.cycles(1)]);
    const once = [
      'loadpoints',
      'vehicles',
      'site/version',
      'site/currency',
      'loadpoints/1/title',
      'loadpoints/1/limitSoc',
      'loadpoints/1/maxCurrent',
      'site/statistics/total/avgCo2',
    ];
    assert.deepEqual(
      once.filter((topic) => repeated.includes(topic)),
      [],
    );
    assert.deepEqual(
      once.filter((topic) => !bench.tree.has(topic)),
      [],
    );
  });

  it('has one heartbeat per interval, in unix seconds, and with an answer when the last is more than a second old', () => {
    const bench = new Bench();
    const beat = (messages: readonly { topic: string; payload: string }[]): string[] =>
      messages.filter(({ topic }) => topic === 'updated').map(({ payload }) => payload);
    assert.deepEqual(beat(bench.cycles(1)), [String(bench.now / 1000)]);
    assert.deepEqual(beat(bench.set('loadpoints/1/priority', '1')?.readback ?? []), []);
    bench.now += 1001;
    assert.deepEqual(beat(bench.set('loadpoints/1/priority', '2')?.readback ?? []), [
      String(Math.floor(bench.now / 1000)),
    ]);
  });

  it('restarts with configured modes and delays, without the limit of an empty loadpoint, and with the other settings', () => {
    const bench = new Bench();
    bench.cycles(1);
    bench.set('loadpoints/1/mode', 'now');
    bench.set('loadpoints/1/enableDelay', '5');
    bench.set('loadpoints/1/limitSoc', '80');
    bench.set('loadpoints/2/limitSoc', '70');
    bench.set('loadpoints/2/disableThreshold', '200');
    bench.set('loadpoints/2/disableDelay', '7');
    bench.set('site/residualPower', '100');
    bench.set('site/batteryMode', 'hold');
    bench.model.unplug(1, bench.now);
    const again = readable(bench.model.start(bench.now + 1000));
    assert.equal(again['loadpoints/1/mode'], 'pv');
    assert.equal(again['loadpoints/1/enableDelay'], '60');
    assert.equal(again['loadpoints/1/limitSoc'], '0');
    assert.equal(again['loadpoints/2/limitSoc'], '70');
    assert.equal(again['loadpoints/2/disableDelay'], '7');
    assert.equal(again['site/residualPower'], '100');
    assert.equal(again['site/batteryModeExternal'], undefined);
  });

  it('has no battery topics without a battery, but its settings all the same', () => {
    const bench = new Bench({ battery: null });
    assert.deepEqual(
      [...bench.tree.keys()].filter((topic) => /^site\/battery\/(power|soc|devices)/.test(topic)),
      [],
    );
    assert.equal(bench.tree.get('site/batteryMode'), 'unknown');
    assert.equal(bench.tree.get('site/prioritySoc'), '0');
  });

  it('lists features, empties what is unknown and sends a zero of a vehicle as empty', () => {
    const { tree } = new Bench({
      vehicles: [{ name: 'db:4', title: '12', capacity: 0, features: ['Offline', 'Average'] }],
    });
    const vehicle = Object.fromEntries([...tree].filter(([topic]) => topic.startsWith('vehicles/db:4/')));
    assert.equal(vehicle['vehicles/db:4/features'], '2');
    assert.equal(vehicle['vehicles/db:4/features/2'], 'Average');
    for (const topic of ['capacity', 'minSoc', 'limitSoc', 'phases', 'mode', 'plan'])
      assert.equal(vehicle[`vehicles/db:4/${topic}`], '', topic);
    assert.equal(tree.get('loadpoints/1/limitSoc'), '0');
    assert.equal(tree.get('loadpoints/1/smartCostLimit'), '');
  });
});

describe('evcc simulator: schemas of the releases', () => {
  it('0.203: battery topics without a tree, no newer topics, five digits', () => {
    const bench = new Bench({}, '0.203');
    assert.equal(bench.tree.get('site/version'), '0.203.0');
    assert.equal(bench.tree.get('site/battery'), '1');
    assert.equal(bench.tree.get('site/batterySoc'), '54');
    assert.equal(bench.tree.get('site/battery/1/soc'), '54');
    assert.equal(bench.tree.get('site/grid/energy'), '12346');
    const newer =
      /^loadpoints\/1\/(name|minSoc|plan|batteryBoostLimit|suggestion|todayEnergy|smartFeedIn\w+|minSocNotReached|planStrategy.*)$|^site\/battery\/(power|devices)/;
    assert.deepEqual(
      [...bench.tree.keys()].filter((topic) => newer.test(topic)),
      [],
    );
  });

  it('0.301: the battery tree, still phases/set, no names', () => {
    const bench = new Bench({}, '0.301');
    assert.equal(bench.tree.get('site/battery/soc'), '54');
    assert.equal(bench.tree.get('site/battery/devices/1/controllable'), 'true');
    assert.equal(bench.tree.has('site/batterySoc'), false);
    assert.equal(bench.tree.has('loadpoints/1/name'), false);
    assert.equal(bench.tree.get('loadpoints/1/planStrategy/continuous'), 'false');
  });

  it('0.313: names, an empty unknown total, no alwaysCharge', () => {
    const bench = new Bench();
    assert.equal(bench.tree.get('loadpoints/2/name'), 'lp-2');
    assert.equal(bench.tree.get('site/grid/returnEnergy'), '');
    assert.equal(bench.tree.has('loadpoints/1/alwaysCharge'), false);
    assert.equal(bench.tree.get('loadpoints/1/mode'), 'pv');
  });

  it('0.316: smart and alwaysCharge at every loadpoint', () => {
    const bench = new Bench(
      {
        loadpoints: [
          { title: 'A', mode: 'pv' },
          { title: 'B', mode: 'minpv' },
          { title: 'C', mode: 'off' },
        ],
      },
      '0.316',
    );
    const modes = [1, 2, 3].map((n) => [
      bench.tree.get(`loadpoints/${n}/mode`),
      bench.tree.get(`loadpoints/${n}/alwaysCharge`),
    ]);
    assert.deepEqual(modes, [
      ['smart', 'off'],
      ['smart', 'on'],
      ['off', 'off'],
    ]);
  });
});
