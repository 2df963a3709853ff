import assert from 'node:assert/strict';
import { once } from 'node:events';
import net, { type AddressInfo } from 'node:net';
import type { Aedes, AedesPublishPacket } from 'aedes';
import mqtt, { type MqttClient } from 'mqtt';
import { ManualTimeSource } from '../../../../src/simulators/clock';
import { addDays, HOUR } from '../../../../src/simulators/linky/calendar';
import {
  createLinkySimulator,
  type LinkySimulator,
  type LinkySimulatorOptions,
} from '../../../../src/simulators/linky/simulator';

interface Received {
  readonly topic: string;
  readonly payload: string;
  readonly retained: boolean;
}

interface Status {
  readonly status: string;
  readonly last_sync: string | null;
  readonly next_sync: string;
  readonly errors: readonly string[];
}

/** 11:00 in Paris. */
const START = Date.parse('2026-01-15T10:00:00Z');
const PDL = '00012345678901';

describe('linky simulator on a broker', () => {
  let broker: Aedes;
  let server: net.Server;
  let url: string;
  let user: MqttClient;
  let time: ManualTimeSource;
  let client: LinkySimulator | undefined;
  const received: Received[] = [];
  const packets: AedesPublishPacket[] = [];

  beforeEach(async () => {
    const { Aedes: Broker } = await import('aedes');
    broker = await Broker.createBroker();
    broker.on('publish', (packet, from) => {
      if (from && from.id !== user.options.clientId) packets.push(packet);
    });
    server = net.createServer(broker.handle).listen(0, '127.0.0.1');
    await once(server, 'listening');
    url = `mqtt://127.0.0.1:${(server.address() as AddressInfo).port}`;
    user = await mqtt.connectAsync(url);
    received.length = packets.length = 0;
    user.on('message', (topic, payload, { retain }) =>
      received.push({ topic, payload: payload.toString(), retained: retain }),
    );
    time = new ManualTimeSource(START);
  });

  afterEach(async () => {
    await client?.stop();
    client = undefined;
    await user.endAsync();
    await new Promise<void>((resolve) => broker.close(resolve));
    await new Promise((resolve) => server.close(resolve));
  });

  async function start(options: Partial<LinkySimulatorOptions> = {}): Promise<LinkySimulator> {
    client = createLinkySimulator({ broker: url, time, meters: [{ pdl: PDL }], history: 3, ...options });
    await client.start();
    return client;
  }

  /** Waits until the broker has seen what satisfies `check`. */
  async function published(check: () => boolean): Promise<void> {
    while (!check()) await once(broker, 'publish');
  }

  const statusIs = (part: string) => (): boolean =>
    packets.some(({ topic, payload }) => topic === 'myelectricaldata/status' && payload.toString().includes(part));
  const synced = statusIs('last_sync');

  async function seen(match: (message: Received) => boolean): Promise<Received> {
    for (;;) {
      const found = received.find(match);
      if (found) return found;
      await new Promise<void>((resolve) => user.once('message', () => resolve()));
    }
  }

  const status = ({ payload }: Received): Status => JSON.parse(payload) as Status;
  const isStatus = ({ topic }: Received): boolean => topic === 'myelectricaldata/status';
  const daily = `myelectricaldata/${PDL}/consumption/daily`;
  const dates = (messages: readonly { topic: string; payload: string | Buffer }[]): string[] =>
    messages
      .filter(({ topic }) => topic === daily)
      .map(({ payload }) => (JSON.parse(payload.toString()) as { date: string }).date);

  it('publishes the past days oldest first, then the newest again, all retained with QoS 1', async () => {
    await start();
    await published(synced);
    assert.deepEqual(dates(packets), ['2026-01-12', '2026-01-13', '2026-01-14', '2026-01-14']);
    assert.ok(packets.every(({ qos, retain }) => qos === 1 && retain));
    await user.subscribeAsync(['myelectricaldata/+/consumption/#', 'myelectricaldata/status']);
    await seen(isStatus);
    assert.deepEqual(dates(received), ['2026-01-14']);
    assert.ok(received.every(({ retained }) => retained));
  });

  it('tells when it synced, and when it will again', async () => {
    await start();
    await published(synced);
    await user.subscribeAsync('myelectricaldata/status');
    const first = status(await seen(isStatus));
    assert.deepEqual(
      [first.status, first.last_sync, first.next_sync, first.errors],
      ['ok', '2026-01-15T10:00:00Z', '2026-01-15T11:00:00Z', []],
    );
    received.length = 0;
    time.advance(HOUR);
    assert.equal(status(await seen(isStatus)).last_sync, '2026-01-15T11:00:00Z');
  });

  it('sync: a later last_sync after the time that a sync takes', async () => {
    await start();
    await published(synced);
    await user.subscribeAsync('myelectricaldata/status');
    await seen(({ topic, retained }) => topic === 'myelectricaldata/status' && retained);
    time.advance(60_000);
    received.length = packets.length = 0;
    await commanded('sync');
    assert.equal(received.length, 0);
    time.advance(5000);
    const after = await seen(isStatus);
    assert.equal(after.retained, false);
    assert.equal(status(after).last_sync, '2026-01-15T10:01:05Z');
    assert.equal(status(after).next_sync, '2026-01-15T11:01:05Z');
    assert.deepEqual(dates(packets), ['2026-01-14']);
  });

  /** Publishes a command and waits until the client has got it. */
  async function commanded(command: string): Promise<void> {
    const taken = new Promise<void>((resolve) => {
      broker.on('ack', (_packet, to) => {
        if (to.id.startsWith('myelectricaldata')) resolve();
      });
    });
    await user.publishAsync(`myelectricaldata/command/${command}`, '', { qos: 1 });
    await taken;
  }

  it('reload: the status once more, nothing in it changed', async () => {
    await start();
    await published(synced);
    await user.subscribeAsync('myelectricaldata/status');
    const before = await seen(isStatus);
    received.length = 0;
    time.advance(60_000);
    await commanded('reload');
    const after = await seen(isStatus);
    assert.equal(after.retained, false);
    assert.equal(after.payload, before.payload);
  });

  it('a failed sync keeps last_sync and tells errors', async () => {
    const simulator = await start();
    await published(synced);
    await user.subscribeAsync('myelectricaldata/status');
    await seen(isStatus);
    received.length = 0;
    simulator.failNextSync('quota reached');
    simulator.sync();
    time.advance(5000);
    const failed = status(await seen(isStatus));
    assert.deepEqual([failed.last_sync, failed.errors], ['2026-01-15T10:00:00Z', ['quota reached']]);
  });

  it('at speed a new day comes every N seconds', async () => {
    await start({ speed: 8640, history: 1, syncInterval: 2 * HOUR });
    time.advance(30_000);
    await published(() => dates(packets).includes('2026-01-17'));
    assert.deepEqual([...new Set(dates(packets))], ['2026-01-14', '2026-01-15', '2026-01-16', '2026-01-17']);
  });

  it('a late day comes after a newer one, a corrected day comes again', async () => {
    const quirks = { '2026-01-14': { late: 1 }, '2026-01-13': { estimate: { factor: 0.5, correctedAfter: 2 } } };
    const simulator = await start({ meters: [{ pdl: PDL, quirks }], syncInterval: 24 * HOUR });
    await published(synced);
    assert.deepEqual(dates(packets), ['2026-01-12', '2026-01-13', '2026-01-13', '2026-01-13']);
    packets.length = 0;
    time.advance(24 * HOUR);
    await published(synced);
    assert.deepEqual(dates(packets), ['2026-01-13', '2026-01-14', '2026-01-15']);
    packets.length = 0;
    simulator.correct(PDL, '2026-01-14', 1.2);
    simulator.sync();
    time.advance(5000);
    await published(synced);
    assert.deepEqual(dates(packets), ['2026-01-14']);
  });

  it('a meter keeps its leading zeros, two meters share one status', async () => {
    client = createLinkySimulator({ broker: url, time, history: 1 });
    await client.start();
    await published(synced);
    const meters = new Set(packets.map(({ topic }) => topic.split('/')[1]));
    assert.deepEqual([...meters].sort(), ['00012345678901', '12345678901234', 'status']);
    const last = packets.filter(({ topic }) => topic === 'myelectricaldata/status').at(-1);
    assert.equal((JSON.parse(String(last?.payload)) as { pdl_count: number }).pdl_count, 2);
  });

  for (const dialect of ['exporter', 'exporter-batch', 'home-assistant', 'importer'] as const)
    it(`${dialect} publishes with QoS 0 and ignores commands`, async () => {
      const subscribed: unknown[] = [];
      broker.on('subscribe', (subscriptions) => subscribed.push(...subscriptions));
      await start({ dialect, tempo: true, prefix: 'energy/linky' });
      await published(() => packets.some(({ topic }) => topic.includes('tempo')));
      assert.ok(packets.every(({ qos, retain }) => qos === 0 && retain));
      assert.deepEqual(subscribed, []);
    });

  it('qos and retain can be chosen', async () => {
    await start({ qos: 2, retain: false });
    await published(synced);
    assert.ok(packets.length > 10 && packets.every(({ qos, retain }) => qos === 2 && !retain));
  });

  it('kill leaves the status, stop leaves no timer', async () => {
    const simulator = await start();
    await published(synced);
    const gone = once(broker, 'clientDisconnect');
    await simulator.kill();
    await gone;
    assert.equal(time.pending, 0);
    await user.subscribeAsync('myelectricaldata/status');
    assert.equal(status(await seen(isStatus)).status, 'ok');
    time.advance(24 * HOUR);
    packets.length = 0;
    await simulator.start();
    await published(synced);
    assert.deepEqual(dates(packets), [addDays('2026-01-14', 1)], 'the days missed, not the past again');
    await simulator.stop();
    assert.equal(time.pending, 0);
  });

  it('start rejects without a broker', async () => {
    client = createLinkySimulator({ broker: 'mqtt://127.0.0.1:1', time });
    await assert.rejects(client.start());
    assert.equal(time.pending, 0);
  });
});
