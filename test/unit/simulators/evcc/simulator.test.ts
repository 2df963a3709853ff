import assert from 'node:assert/strict';
import { EventEmitter, once } from 'node:events';
import net, { type AddressInfo } from 'node:net';
import type { Aedes, Client } from 'aedes';
import mqtt, { type MqttClient } from 'mqtt';
import {
  createEvccSimulator,
  type EvccSimulator,
  type EvccSimulatorOptions,
} from '../../../../src/simulators/evcc/simulator';

/** As published. */
interface Published {
  readonly topic: string;
  readonly payload: string;
  readonly qos: number;
  readonly retain: boolean;
}

describe('evcc simulator on a broker', () => {
  let broker: Aedes;
  let server: net.Server;
  let url: string;
  let user: MqttClient;
  let evcc: EvccSimulator | undefined;
  let clients: Client[];
  let published: Published[];
  /** What the broker holds. */
  let tree: Map<string, string>;
  const arrivals = new EventEmitter();

  beforeEach(async () => {
    const { Aedes: Broker } = await import('aedes');
    broker = await Broker.createBroker();
    server = net.createServer({ noDelay: true }, broker.handle).listen(0, '127.0.0.1');
    await once(server, 'listening');
    url = `mqtt://127.0.0.1:${(server.address() as AddressInfo).port}`;
    user = await mqtt.connectAsync(url);
    clients = [];
    broker.on('client', (client) => clients.push(client));
    published = [];
    tree = new Map();
    // In the order of arrival, wills included; the broker's own event comes in the order of delivery.
    broker.authorizePublish = (_client, { topic, payload, qos, retain }, done) => {
      const text = payload.toString();
      published.push({ topic, payload: text, qos, retain });
      if (retain && text !== '') tree.set(topic, text);
      if (retain && text === '') tree.delete(topic);
      arrivals.emit('message');
      done(null);
    };
  });

  afterEach(async () => {
    await evcc?.kill();
    evcc = undefined;
    await user.endAsync();
    await new Promise<void>((resolve) => broker.close(resolve));
    await new Promise((resolve) => server.close(resolve));
  });

  function create(options: Partial<EvccSimulatorOptions> = {}): EvccSimulator {
    evcc = createEvccSimulator({ broker: url, speed: 20, ...options });
    return evcc;
  }

  async function start(options: Partial<EvccSimulatorOptions> = {}): Promise<EvccSimulator> {
    const simulator = create(options);
    await simulator.start();
    // The broker takes up to a hundred messages at a time, and answers the ping meanwhile.
    const { root = 'evcc' } = options;
    await seen(`${root}/site/statistics/total/avgCo2`, '0');
    return simulator;
  }

  /** Waits for a message; those already published count. */
  async function seen(topic: string, payload: string): Promise<Published> {
    for (;;) {
      const found = published.find((message) => message.topic === topic && message.payload === payload);
      if (found) return found;
      await once(arrivals, 'message');
    }
  }

  const set = (topic: string, payload: string, options: mqtt.IClientPublishOptions = { qos: 1 }): Promise<unknown> =>
    user.publishAsync(`evcc/${topic}/set`, payload, options);

  const indexOf = (topic: string, payload: string): number =>
    published.findIndex((message) => message.topic === topic && message.payload === payload);

  it('purges what is retained below its root, unread sets included, and nothing else', async () => {
    const foreign = {
      'evcc/loadpoints': '9',
      'evcc/loadpoints/7/mode': 'pv',
      'evcc/loadpoints/1/mode/set': 'now',
      'evcc/foreign/thing': 'seed',
      'other/thing': 'mine',
    };
    for (const [topic, payload] of Object.entries(foreign))
      await user.publishAsync(topic, payload, { retain: true, qos: 1 });
    await start();
    const online = indexOf('evcc/status', 'online');
    const values = indexOf('evcc/loadpoints', '2');
    for (const topic of [
      'evcc/loadpoints',
      'evcc/loadpoints/7/mode',
      'evcc/loadpoints/1/mode/set',
      'evcc/foreign/thing',
    ]) {
      const purged = indexOf(topic, '');
      assert.ok(online < purged && purged < values, topic);
      assert.deepEqual([published[purged]?.qos, published[purged]?.retain], [0, true]);
    }
    assert.equal(tree.get('evcc/loadpoints'), '2');
    assert.equal(tree.get('evcc/loadpoints/1/mode'), 'pv');
    assert.equal(tree.get('other/thing'), 'mine');
    assert.deepEqual(
      ['evcc/loadpoints/7/mode', 'evcc/foreign/thing', 'evcc/loadpoints/1/mode/set'].filter((topic) => tree.has(topic)),
      [],
    );
  });

  it('publishes values retained with QoS 1', async () => {
    await start();
    const values = published.slice(indexOf('evcc/loadpoints', '2')).filter(({ topic }) => topic.startsWith('evcc/'));
    assert.ok(values.length > 300);
    assert.ok(values.every(({ qos, retain }) => qos === 1 && retain));
    assert.match(tree.get('evcc/updated') ?? '', /^\d{10}$/);
  });

  it('swallows a set that comes during the cleanup, with an empty message of QoS 0', async () => {
    await user.publishAsync('evcc/foreign/thing', 'seed', { retain: true, qos: 1 });
    const started = create().start();
    await seen('evcc/foreign/thing', '');
    await set('loadpoints/1/mode', 'now');
    assert.equal((await seen('evcc/loadpoints/1/mode/set', '')).qos, 0);
    await started;
    assert.equal(tree.get('evcc/loadpoints/1/mode'), 'pv');
  });

  for (const ackOrder of ['before', 'after'] as const) {
    it(`acknowledges a set with an empty message of QoS 1, ${ackOrder} the readback`, async () => {
      await start({ ackOrder });
      published.length = 0;
      await set('loadpoints/1/limitSoc', '80', { qos: 0 });
      const [acknowledgement, readback] = await Promise.all([
        seen('evcc/loadpoints/1/limitSoc/set', ''),
        seen('evcc/loadpoints/1/limitSoc', '80'),
      ]);
      assert.deepEqual(
        [acknowledgement.qos, acknowledgement.retain, readback.qos, readback.retain],
        [1, true, 1, true],
      );
      assert.equal(published.indexOf(acknowledgement) < published.indexOf(readback), ackOrder === 'before');
    });
  }

  it('mixes both orders with random, and repeats the mixture with the same seed', async () => {
    const orders: string[] = [];
    for (let run = 0; run < 2; run++) {
      const simulator = await start({ seed: 7 });
      let order = '';
      for (let priority = 1; priority <= 30; priority++) {
        published.length = 0;
        await set('loadpoints/1/priority', String(priority));
        const [acknowledgement, readback] = await Promise.all([
          seen('evcc/loadpoints/1/priority/set', ''),
          seen('evcc/loadpoints/1/priority', String(priority)),
        ]);
        order += published.indexOf(acknowledgement) < published.indexOf(readback) ? 'a' : 'r';
      }
      orders.push(order);
      await simulator.kill();
    }
    assert.equal(orders[0], orders[1]);
    assert.match(orders[0] ?? '', /a/);
    assert.ok((orders[0]?.match(/r/g)?.length ?? 0) > 15, orders[0]);
  });

  it('acknowledges a refused set only, and takes a retained one like any other', async () => {
    await start();
    published.length = 0;
    await set('loadpoints/1/mode', 'turbo');
    await seen('evcc/loadpoints/1/mode/set', '');
    await set('loadpoints/1/limitSoc', '33', { qos: 1, retain: true });
    await seen('evcc/loadpoints/1/limitSoc', '33');
    await seen('evcc/loadpoints/1/limitSoc/set', '');
    assert.equal(tree.has('evcc/loadpoints/1/limitSoc/set'), false);
    assert.equal(tree.get('evcc/loadpoints/1/mode'), 'pv');
  });

  it('runs its cycles, and lets the external battery mode fall back after 60 s', async () => {
    await start({ speed: 300 });
    await set('site/batteryMode', 'hold');
    await seen('evcc/site/batteryModeExternal', 'hold');
    await seen('evcc/site/batteryMode', 'hold');
    await seen('evcc/site/batteryModeExternal', 'unknown');
    await seen('evcc/site/batteryMode', 'normal');
    assert.ok(indexOf('evcc/site/batteryModeExternal', 'unknown') < indexOf('evcc/site/batteryMode', 'normal'));
  });

  it('takes its controls: a car that is unplugged and plugged in elsewhere, and PV power', async () => {
    const simulator = await start({ speed: 300 });
    await seen('evcc/loadpoints/1/connected', 'true');
    simulator.setPv(1234);
    simulator.unplug(2);
    simulator.plugIn(2, 'golf');
    await seen('evcc/loadpoints/1/connected', 'false');
    await seen('evcc/site/pvPower', '1234');
    simulator.autoplay({ dayMinutes: 5 });
    await seen('evcc/site/homePower', tree.get('evcc/site/homePower') ?? '');
  });

  it('sends nothing but online after a lost connection, and takes sets at once', async () => {
    await start();
    published.length = 0;
    clients.find(({ id }) => id.startsWith('evcc-'))?.close();
    await seen('evcc/status', 'offline');
    await seen('evcc/status', 'online');
    await set('loadpoints/1/priority', '5');
    await seen('evcc/loadpoints/1/priority', '5');
    assert.deepEqual(
      published.filter(({ topic }) => /title|maxCurrent|^evcc\/loadpoints$/.test(topic)),
      [],
    );
  });

  it('empties the tree while still online, then goes offline by its will', async () => {
    const simulator = await start({ root: 'home/evcc', profile: '0.316' });
    assert.equal(tree.get('home/evcc/loadpoints/1/mode'), 'smart');
    published.length = 0;
    await simulator.stop();
    await seen('home/evcc/status', 'offline');
    assert.deepEqual(Object.fromEntries(tree), { 'home/evcc/status': 'offline' });
    const emptied = published.slice(0, -1);
    assert.ok(emptied.length > 200);
    assert.ok(emptied.every(({ payload, qos, retain }) => payload === '' && qos === 0 && retain));
  });

  it('leaves its values and an offline status after a crash', async () => {
    const simulator = await start();
    published.length = 0;
    await simulator.kill();
    await seen('evcc/status', 'offline');
    assert.equal(tree.get('evcc/loadpoints/1/mode'), 'pv');
    assert.deepEqual(
      published.map(({ topic }) => topic),
      ['evcc/status'],
    );
  });

  it('leaves no socket and no timer behind, however it ends, and can start again', async () => {
    const handles = (): string[] =>
      process
        .getActiveResourcesInfo()
        .filter((name) => /Timeout|TCP/.test(name))
        .sort();
    const before = handles();
    const simulator = create();
    for (const end of ['stop', 'kill'] as const) {
      await simulator.start();
      await simulator[end]();
    }
    const started = simulator.start();
    await seen('evcc/status', 'online');
    await simulator.kill();
    await started;
    await simulator.stop();
    await until(() => handles().length <= before.length);
    assert.deepEqual(handles(), before);
  });

  it('gives up when there is no broker, and wants a root topic', async () => {
    const free = net.createServer().listen(0, '127.0.0.1');
    await once(free, 'listening');
    const { port } = free.address() as AddressInfo;
    await new Promise((resolve) => free.close(resolve));
    await assert.rejects(create({ broker: `mqtt://127.0.0.1:${port}` }).start(), /ECONNREFUSED/);
    assert.throws(() => create({ root: '//' }), RangeError);
  });

  /** Lets events pass until a condition holds; the test's own time-out ends it otherwise. */
  async function until(holds: () => boolean): Promise<void> {
    while (!holds()) await new Promise((resolve) => setImmediate(resolve));
  }
});
