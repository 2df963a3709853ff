import assert from 'node:assert/strict';
import { once } from 'node:events';
import net, { type AddressInfo } from 'node:net';
import type { Aedes, ConnectPacket } from 'aedes';
import mqtt, { type MqttClient } from 'mqtt';
import { ManualTimeSource } from '../../../../src/simulators/clock';
import {
  createGoESimulator,
  type GoESimulator,
  type GoESimulatorOptions,
} from '../../../../src/simulators/go-e/simulator';

interface Received {
  readonly topic: string;
  readonly payload: string;
  readonly retained: boolean;
}

describe('go-e simulator on a broker', () => {
  let broker: Aedes;
  let server: net.Server;
  let url: string;
  let user: MqttClient;
  let time: ManualTimeSource;
  let charger: GoESimulator | undefined;
  const received: Received[] = [];

  beforeEach(async () => {
    const { Aedes: Broker } = await import('aedes');
    broker = await Broker.createBroker();
    server = net.createServer(broker.handle).listen(0, '127.0.0.1');
    await once(server, 'listening');
    url = `mqtt://127.0.0.1:${(server.address() as AddressInfo).port}`;
    user = await mqtt.connectAsync(url);
    received.length = 0;
    user.on('message', (topic, payload, { retain }) =>
      received.push({ topic, payload: payload.toString(), retained: retain }),
    );
    time = new ManualTimeSource(Date.UTC(2022, 1, 16, 19, 27));
  });

  afterEach(async () => {
    await charger?.stop();
    charger = undefined;
    await user.endAsync();
    await new Promise<void>((resolve) => broker.close(resolve));
    await new Promise((resolve) => server.close(resolve));
  });

  async function start(options: Partial<GoESimulatorOptions> = {}): Promise<GoESimulator> {
    charger = createGoESimulator({ broker: url, firmware: '59.4', serial: '012345', time, ...options });
    await charger.start();
    return charger;
  }

  /** Waits until a message satisfies `match`; those already received count. */
  async function seen(match: (message: Received) => boolean): Promise<Received> {
    for (;;) {
      const found = received.find(match);
      if (found) return found;
      await new Promise<void>((resolve) => user.once('message', () => resolve()));
    }
  }

  const at =
    (topic: string, payload?: string) =>
    (message: Received): boolean =>
      message.topic === topic && (payload === undefined || message.payload === payload);

  /** Device time passes in seconds, so that each tick comes and its messages get away. */
  async function pass(seconds: number): Promise<void> {
    for (let second = 0; second < seconds; second++) {
      time.advance(1000);
      await new Promise((resolve) => setImmediate(resolve));
    }
  }

  /** Lets the device's retry timer fire as soon as it is set. */
  async function retried(): Promise<void> {
    const back = new Promise<boolean>((resolve) => broker.once('clientReady', () => resolve(true)));
    while (!(await Promise.race([back, new Promise<boolean>((resolve) => setImmediate(resolve, false))])))
      time.advance(100);
  }

  it('connects as the firmware does: client id, clean session, keepalive 120, no will, one wildcard subscription', async () => {
    let connect: ConnectPacket | undefined;
    broker.preConnect = (_client, packet, done) => {
      connect = packet;
      done(null, true);
    };
    let filters: string[] = [];
    broker.on('subscribe', (subscriptions) => (filters = subscriptions.map(({ topic }) => topic)));
    await start();
    assert.equal(connect?.clientId, 'go-echarger_012345');
    assert.equal(connect.protocolVersion, 4);
    assert.equal(connect.clean, true);
    assert.equal(connect.keepalive, 120);
    assert.equal(connect.will ?? null, null);
    assert.deepEqual(filters, ['go-eCharger/012345/+/set']);
  });

  it('publishes all keys retained with QoS 0, and changes each second', async () => {
    const packets: { topic: string; qos: number; retain: boolean }[] = [];
    broker.on('publish', (packet, client) => {
      if (client?.id === 'go-echarger_012345')
        packets.push({ topic: packet.topic, qos: packet.qos, retain: packet.retain });
    });
    const simulator = await start();
    await user.subscribeAsync('go-eCharger/012345/+');
    await seen(at('go-eCharger/012345/sse', '"012345"'));
    await seen(at('go-eCharger/012345/zfo'));
    assert.equal(received.length, 272);
    assert.ok(received.every(({ retained }) => retained));
    assert.ok(packets.every(({ qos, retain }) => qos === 0 && retain));
    simulator.plugIn();
    await pass(3);
    assert.equal((await seen(at('go-eCharger/012345/car', '2'))).retained, false);
    await seen(at('go-eCharger/012345/rbt', '3000'));
  });

  it('answers a /set on /result, not retained, and echoes the change on the next tick', async () => {
    await start();
    await user.subscribeAsync(['go-eCharger/012345/+', 'go-eCharger/012345/+/result']);
    await seen(at('go-eCharger/012345/amp', '16'));
    await user.publishAsync('go-eCharger/012345/amp/set', '10', { qos: 1 });
    assert.equal((await seen(at('go-eCharger/012345/amp/result'))).payload, 'success');
    assert.equal(received.some(at('go-eCharger/012345/amp', '10')), false);
    await pass(1);
    assert.equal((await seen(at('go-eCharger/012345/amp', '10'))).retained, false);
    await user.publishAsync('go-eCharger/012345/fna/set', 'new_name', { qos: 1 });
    assert.equal((await seen(at('go-eCharger/012345/fna/result'))).payload, 'invalid json IncompleteInput: new_name');
    await user.unsubscribeAsync('go-eCharger/012345/+/result');
    received.length = 0;
    await user.subscribeAsync('go-eCharger/012345/+/result');
    await user.subscribeAsync('go-eCharger/012345/var');
    await seen(at('go-eCharger/012345/var'));
    assert.equal(
      received.some(({ topic }) => topic.endsWith('/result')),
      false,
      'no retained result',
    );
  });

  it('gets a retained /set again with each connection', async () => {
    await user.publishAsync('go-eCharger/012345/amp/set', '8', { qos: 1, retain: true });
    await user.subscribeAsync('go-eCharger/012345/+/result');
    await start();
    await seen(at('go-eCharger/012345/amp/result', 'success'));
    received.length = 0;
    await pass(2);
    charger?.reboot();
    // The first attempt after a loss comes at once, on the device's clock.
    await once(broker, 'clientDisconnect');
    await retried();
    await seen(at('go-eCharger/012345/amp/result', 'success'));
  });

  it('rst reboots: connection cut without DISCONNECT, boot clock anew, everything published again', async () => {
    await start();
    await pass(30);
    await user.subscribeAsync(['go-eCharger/012345/rbt', 'go-eCharger/012345/rbc', 'go-eCharger/012345/rst/result']);
    await seen(at('go-eCharger/012345/rbc', '1'));
    const gone = once(broker, 'clientDisconnect');
    await user.publishAsync('go-eCharger/012345/rst/set', 'true', { qos: 1 });
    await seen(at('go-eCharger/012345/rst/result', 'success'));
    await gone;
    await retried();
    await seen(at('go-eCharger/012345/rbc', '2'));
    await seen(({ topic, payload }) => topic.endsWith('/rbt') && Number(payload) < 5000);
  });

  it('a prefix without its slash makes an illegal filter: the broker drops the charger again and again', async () => {
    await user.subscribeAsync('wallbox/#');
    await user.subscribeAsync('#');
    await start({ prefix: 'wallbox' });
    await once(broker, 'clientDisconnect');
    await retried();
    await once(broker, 'clientDisconnect');
    assert.ok(received.some(at('wallboxamp', '16')));
  });

  it('a new mtp moves the charger', async () => {
    await start();
    await user.subscribeAsync('/goe/+');
    const gone = once(broker, 'clientDisconnect');
    await user.publishAsync('go-eCharger/012345/mtp/set', '"/goe/"', { qos: 1 });
    await gone;
    await retried();
    await seen(at('/goe/amp', '16'));
    assert.equal(charger?.baseTopic, '/goe/');
  });

  it('kill leaves the retained values as they were, mcc included; stop leaves no timer', async () => {
    const simulator = await start();
    await user.subscribeAsync('go-eCharger/012345/mcc');
    const gone = once(broker, 'clientDisconnect');
    await simulator.kill();
    await gone;
    assert.equal((await seen(at('go-eCharger/012345/mcc'))).payload, 'true');
    assert.equal(time.pending, 0);
    await simulator.start();
    await simulator.stop();
    assert.equal(time.pending, 0);
  });

  it('autoplay lets cars come and go', async () => {
    await start({ autoplay: true });
    await user.subscribeAsync('go-eCharger/012345/car');
    await pass(15);
    await seen(at('go-eCharger/012345/car', '2'));
    received.length = 0;
    await pass(900);
    await seen(at('go-eCharger/012345/car', '1'));
  });

  it('start rejects when there is no broker, and leaves nothing behind', async () => {
    charger = createGoESimulator({ broker: 'mqtt://127.0.0.1:1', time });
    await assert.rejects(charger.start());
    assert.equal(time.pending, 0);
  });
});
