import assert from 'node:assert/strict';
import { mock } from 'node:test';
import { evcc } from '../../../src/chargers/evcc';
import { Directory } from '../../../src/chargers/directory';
import { goe } from '../../../src/chargers/go-e';
import type { Replay } from '../../../src/chargers/replay';
import { Charger } from '../../../src/chargers/state';
import type { AnyDriver } from '../../../src/chargers/systems';
import type { ExchangeResult } from '../../../src/mqtt/exchange';
import type { CommandName } from '../../../src/shared/commands';
import { type AedesBroker, startAedes } from '../../support/broker';
import { createConnection, type TestConnection } from '../../support/connect';
import { until } from '../../support/until';
import { TOPICS } from './bench';
import { turn } from './fake-link';

describe('commands that a charger forgets', () => {
  let broker: AedesBroker;
  let test: TestConnection;
  let faults: [string, string][];
  let unwatch: () => void;

  const given = async (driver: AnyDriver, baseTopic: string): Promise<Charger> => {
    const config = { name: 'Garage', baseTopic: driver.base(baseTopic), staleAfter: 600, maxCurrent: null };
    const directory = new Directory(test.connection, TOPICS);
    const charger = new Charger(driver, config, test.connection, directory);
    unwatch = charger.watch({ onFault: ({ code }, topic) => faults.push([code, topic]) });
    const { replay } = charger as unknown as { replay: Replay };
    await until(() => replay.pending === undefined, 'what the broker kept');
    mock.timers.enable({ apis: ['setTimeout', 'Date'], now: Date.now() });
    return charger;
  };

  /** Sockets deliver while the clock stands still. */
  const eventually = async (condition: () => boolean): Promise<void> => {
    for (let turns = 0; !condition(); turns++) {
      if (turns > 200_000) assert.fail(`in vain; published: ${JSON.stringify(broker.published.slice(-5))}`);
      await turn();
    }
  };

  const sent = (topic: string): string[] =>
    broker.published.filter((each) => each.topic === topic).map(({ payload }) => payload);

  const pass = async (ms: number, topic: string, count: number): Promise<void> => {
    mock.timers.tick(ms);
    await eventually(() => sent(topic).length >= count);
    assert.equal(sent(topic).length, count);
  };

  /** Runs a command that the test answers. */
  const run = async (
    charger: Charger,
    [command, params]: readonly [CommandName, Record<string, unknown>],
    answers: readonly (readonly [string, string])[],
    signal = new AbortController().signal,
  ): Promise<ExchangeResult> => {
    const before = broker.published.length;
    const result = charger.execute({ command, params }, { waitFor: 'confirmed', timeout: 10_000, signal });
    await eventually(() => broker.published.length > before);
    for (const [topic, payload] of answers) await broker.publish(topic, payload);
    return result;
  };

  beforeEach(async () => {
    broker = await startAedes();
    test = createConnection(broker.url, { keepalive: 3_600 });
    faults = [];
    test.connection.open();
    await test.reached('connected');
  });
  afterEach(async () => {
    unwatch();
    mock.timers.reset();
    await test.connection.close();
    await broker.stop();
  });

  const IDS = 'go-eCharger/123456/ids/set';
  const feed = (charger: Charger, grid: number): Promise<ExchangeResult> =>
    run(
      charger,
      ['feed', { grid }],
      [
        ['go-eCharger/123456/ids/result', 'success'],
        ['go-eCharger/123456/pgrid', String(grid)],
      ],
    );

  it('go-e: a feed is repeated every 5 s, for 15 s after the last one of the flow', async () => {
    const charger = await given(goe, 'go-eCharger/123456');
    assert.equal((await feed(charger, -1800)).outcome, 'confirmed');
    await pass(5_000, IDS, 2);
    await pass(4_000, IDS, 2);
    await feed(charger, -900);
    await pass(5_000, IDS, 4);
    await pass(5_000, IDS, 5);
    mock.timers.tick(60_000);
    await pass(60_000, IDS, 5);
    assert.deepEqual(
      sent(IDS).map((payload) => (JSON.parse(payload) as { pGrid: number }).pGrid),
      [-1800, -1800, -900, -900, -900],
    );
    assert.ok(broker.published.every(({ retain }) => !retain));
    assert.deepEqual(faults, []);
  });

  const MODE = 'evcc/site/batteryMode/set';
  const EXTERNAL = 'evcc/site/batteryModeExternal';
  const batteryMode = (charger: Charger, value: string, signal?: AbortSignal): Promise<ExchangeResult> =>
    run(
      charger,
      ['set', { topic: 'site/batteryMode', value }],
      [
        [MODE, ''],
        [EXTERNAL, value === 'none' ? 'unknown' : value],
      ],
      signal,
    );

  const house = async (): Promise<Charger> => {
    const charger = await given(evcc, 'evcc/loadpoints/1');
    await broker.publish('evcc/status', 'online', true);
    await broker.publish('evcc/updated', String(Math.floor(Date.now() / 1_000)));
    await broker.publish('evcc/site/battery/devices', '1');
    await eventually(() => charger.status().online === true);
    return charger;
  };

  it('evcc: a battery mode is repeated every 30 s until it is released', async () => {
    const charger = await house();
    assert.equal((await batteryMode(charger, 'hold')).outcome, 'confirmed');
    await pass(30_000, MODE, 2);
    await pass(30_000, MODE, 3);
    await pass(29_000, MODE, 3);
    await batteryMode(charger, 'charge');
    await pass(30_000, MODE, 5);
    await batteryMode(charger, 'none');
    mock.timers.tick(60_000);
    await pass(60_000, MODE, 6);
    assert.deepEqual(sent(MODE), ['hold', 'hold', 'hold', 'charge', 'charge', 'none']);
    assert.deepEqual(faults, []);
  });

  it('evcc: ends when somebody else sets another mode, or the node that asked is closed', async () => {
    const charger = await house();
    await batteryMode(charger, 'hold');
    await broker.publish(EXTERNAL, 'charge');
    await eventually(() => charger.raw()['site/batteryModeExternal'] === 'charge');
    await pass(60_000, MODE, 1);
    const node = new AbortController();
    await batteryMode(charger, 'hold', node.signal);
    await pass(30_000, MODE, 3);
    node.abort();
    await pass(60_000, MODE, 3);
    assert.deepEqual(faults, []);
  });

  it('evcc: ends when evcc goes, told once to those who listen to the charger', async () => {
    const charger = await house();
    await batteryMode(charger, 'hold');
    await broker.publish('evcc/status', 'offline', true);
    await eventually(() => faults.length > 0);
    assert.deepEqual(faults, [['OFFLINE', MODE]]);
    await broker.publish('evcc/status', 'online', true);
    await pass(60_000, MODE, 1);
  });
});
