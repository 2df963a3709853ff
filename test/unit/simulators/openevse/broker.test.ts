/** The simulated charger and the device link over a real broker. */

import assert from 'node:assert/strict';
import { once } from 'node:events';
import { type AddressInfo, type Server, createServer } from 'node:net';
import { type Aedes as Broker } from 'aedes';
import mqtt, { type MqttClient } from 'mqtt';
import { Clock } from '../../../../src/simulators/clock';
import { DeviceLink } from '../../../../src/simulators/device-link';
import { type OpenEvseSimulator, createOpenEvseSimulator } from '../../../../src/simulators/openevse';

interface Heard {
  readonly topic: string;
  readonly payload: string;
  readonly retained: boolean;
}

/**
 * aedes 1.x stores retained messages asynchronously: messages that follow in the same TCP segment overtake them, and what
 * was overtaken is then dropped as a duplicate. A store that is done at once keeps the order.
 */
function keepOrder(broker: Broker): void {
  const { persistence } = broker as Broker & { persistence: { storeRetained(packet: unknown): PromiseLike<void> } };
  const store = persistence.storeRetained.bind(persistence);
  const atOnce = { then: (done: () => void) => done() } as unknown as PromiseLike<void>;
  persistence.storeRetained = (packet) => {
    void store(packet);
    return atOnce;
  };
}

let broker: Broker;
let server: Server;
let url: string;
let client: MqttClient;
let simulator: OpenEvseSimulator | undefined;
const heard: Heard[] = [];
const waiting = new Set<() => void>();

/** Resolves with the first message that fits, heard already or not. */
async function message(fits: (heard: Heard) => boolean): Promise<Heard> {
  for (;;) {
    const found = heard.find(fits);
    if (found) return found;
    await new Promise<void>((resolve) => waiting.add(resolve));
    waiting.clear();
  }
}

const on = (topic: string, payload = /./) => message((each) => each.topic === topic && payload.test(each.payload));

describe('OpenEVSE simulator over a broker', () => {
  beforeEach(async () => {
    const { Aedes } = await import('aedes');
    broker = await Aedes.createBroker();
    keepOrder(broker);
    server = createServer(broker.handle);
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    url = `mqtt://127.0.0.1:${(server.address() as AddressInfo).port}`;
    heard.length = 0;
    client = await mqtt.connectAsync(url, { reconnectPeriod: 0 });
    client.on('message', (topic, payload, { retain }) => {
      heard.push({ topic, payload: payload.toString(), retained: retain });
      for (const resolve of waiting) resolve();
    });
    await client.subscribeAsync('#');
  });

  afterEach(async () => {
    await simulator?.stop();
    simulator = undefined;
    await client.endAsync(true);
    await new Promise<void>((resolve) => broker.close(resolve));
    await new Promise((resolve) => server.close(resolve));
  });

  it('announces itself, echoes a claim, charges a car, and leaves its will when killed', async () => {
    simulator = createOpenEvseSimulator({ broker: url, baseTopic: 'garage/left', speed: 10 });
    const connecting = once(broker, 'client') as Promise<[{ id: string }]>;
    await simulator.start();
    assert.equal((await connecting)[0].id, 'openevse-7b2c');
    const birth = await on('openevse/announce/7b2c');
    assert.deepEqual(JSON.parse(birth.payload), {
      state: 'connected',
      id: '9c9c1fe57b2c',
      name: 'openevse-7b2c',
      mqtt: 'garage/left',
      http: 'http://127.0.0.1/',
    });
    assert.deepEqual(
      heard.slice(0, 9).map(({ topic }) => topic.replace('garage/left/', '')),
      [
        'openevse/announce/7b2c',
        'mqtt_connected',
        'mqtt_status',
        'mqtt_connected_since',
        'mqtt_broker_version',
        'claim',
        'override',
        'schedule',
        'limit',
      ],
    );
    client.publish('garage/left/claim/set', '{"charge_current":10,"auto_release":false}');
    await on('garage/left/claim', /"charge_current":10/);
    await on('garage/left/pilot', /^10$/);
    simulator.plugIn({ ramp: 100 });
    await on('garage/left/amp', /^10000$/);
    await on('garage/left/uptime');

    const late = await mqtt.connectAsync(url, { reconnectPeriod: 0 });
    const retained = new Promise<boolean>((resolve) =>
      late.on('message', (_topic, _payload, { retain }) => resolve(retain)),
    );
    await late.subscribeAsync('openevse/announce/#');
    assert.equal(await retained, true);
    await late.endAsync();

    await simulator.kill();
    assert.equal(
      (await on('openevse/announce/7b2c', /"disconnected"/)).payload,
      '{"state":"disconnected","id":"9c9c1fe57b2c","name":"openevse-7b2c"}',
    );
  });

  it('comes back at once after a cut link, and after seconds from a crash', async () => {
    simulator = createOpenEvseSimulator({ broker: url, speed: 100, rebootMs: 5000 });
    await simulator.start();
    await on('openevse-7b2c/uptime');
    const births = (): number => heard.filter(({ payload }) => payload.includes('"state":"connected"')).length;
    simulator.cutLink();
    await on('openevse/announce/7b2c', /"disconnected"/);
    await message(() => births() === 2);
    client.publish('openevse-7b2c/override/set', '{"state":null}');
    await message(() => births() === 3);
    await simulator.stop();
  });

  it('plays a life of its own for a demonstration', async () => {
    simulator = createOpenEvseSimulator({
      broker: url,
      speed: 200,
      autoplay: { car: { soc: 99, capacity: 2 }, staysFull: 5, staysAway: 5 },
    });
    await simulator.start();
    await on('openevse-7b2c/state', /^3$/);
    await message(({ topic, payload }) => topic.endsWith('/session_energy') && Number(payload) > 10);
    await on('openevse-7b2c/state', /^2$/);
    await on('openevse-7b2c/state', /^1$/);
    heard.length = 0;
    await on('openevse-7b2c/state', /^3$/);
    await simulator.stop();
  });

  it('stops with a DISCONNECT: no will, no socket, no timer', async () => {
    simulator = createOpenEvseSimulator({ broker: url });
    await simulator.start();
    simulator.plugIn();
    const gone = once(broker, 'clientDisconnect');
    await simulator.stop();
    await gone;
    assert.equal(broker.connectedClients, 1);
    assert.ok(!heard.some(({ payload }) => payload.includes('"disconnected"')));
    await simulator.start();
    await simulator.stop();
  });

  it('tells when the first connection fails, and leaves nothing behind', async () => {
    const port = (server.address() as AddressInfo).port;
    const other = createServer();
    other.listen(0, '127.0.0.1');
    await once(other, 'listening');
    const free = (other.address() as AddressInfo).port;
    await new Promise((resolve) => other.close(resolve));
    assert.notEqual(free, port);
    await assert.rejects(createOpenEvseSimulator({ broker: `mqtt://127.0.0.1:${free}` }).start(), /ECONNREFUSED/);
  });

  it('a device link keeps its order, reports a retry and survives the loss of its broker', async () => {
    const clock = new Clock({ speed: 100 });
    const errors: Error[] = [];
    let connections = 0;
    const link = new DeviceLink({
      broker: url,
      clientId: 'device',
      clock,
      will: { topic: 'device/status', payload: 'offline', retain: true },
      onConnect: () => {
        connections++;
        link.subscribe('device/in');
        for (let n = 0; n < 5; n++) link.publish('device/out', `${connections}.${n}`);
      },
      onMessage: (topic, payload) => link.publish('device/echo', `${topic} ${payload.toString()}`),
      onError: (error) => errors.push(error),
    });
    assert.equal(link.publish('device/out', 'lost'), false);
    await link.connect();
    await link.flush();
    await on('device/out', /^1\.4$/);
    client.publish('device/in', 'x');
    await on('device/echo', /^device\/in x$/);
    link.cut();
    await on('device/status', /offline/);
    await on('device/out', /^2\.4$/);
    assert.deepEqual(
      heard.filter(({ topic }) => topic === 'device/out').map(({ payload }) => payload),
      ['1.0', '1.1', '1.2', '1.3', '1.4', '2.0', '2.1', '2.2', '2.3', '2.4'],
    );
    await link.stop();
    assert.equal(link.connected, false);
    clock.stop();
    assert.deepEqual(errors, []);
  });
});
