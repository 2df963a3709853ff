/** The broker alone, for what no topic of the manager can show. */
import assert from 'node:assert/strict';
import { EventEmitter, once } from 'node:events';
import { connect } from 'node:net';
import mqtt from 'mqtt';
import { generate, type Packet, parser } from 'mqtt-packet';
import { Broker } from '../../../../src/simulators/openremote/broker/broker';
import type { BrokerPolicy } from '../../../../src/simulators/openremote/broker/types';
import { OwnedClock, systemClock } from '../../../../src/simulators/openremote/clock';

describe('OpenRemote simulator: bare broker', () => {
  const OPEN: BrokerPolicy<string> = {
    authenticate: () => 'anyone',
    connected: () => undefined,
    disconnected: () => undefined,
    maySubscribe: () => true,
    mayPublish: () => true,
    subscribed: () => undefined,
    unsubscribed: () => undefined,
    published: (_client, _message, acknowledge) => acknowledge(),
  };
  let broker: Broker<string>;
  let clock: OwnedClock;
  let url: string;
  let clients: mqtt.MqttClient[];

  beforeEach(async () => {
    clock = new OwnedClock(systemClock);
    broker = new Broker(OPEN, { linkStealing: true }, clock);
    url = `mqtt://127.0.0.1:${await broker.listen(0)}`;
    clients = [];
  });
  afterEach(async () => {
    await Promise.all(clients.map((client) => client.endAsync(true)));
    clock.cancelAll();
    await broker.close();
  });

  type Seen = [text: string, qos: number, retain: boolean];

  async function join(
    options: mqtt.IClientOptions,
    look: (packet: mqtt.Packet) => void = () => undefined,
  ): Promise<{ client: mqtt.MqttClient; next: () => Promise<Seen> }> {
    const inbox: Seen[] = [];
    const arrivals = new EventEmitter();
    const client = mqtt.connect(url, { reconnectPeriod: 0, manualConnect: true, ...options });
    client.on('packetreceive', look);
    client.on('message', (_topic, payload, { qos, retain }) => {
      inbox.push([payload.toString(), qos, retain]);
      arrivals.emit('any');
    });
    clients.push(client);
    client.connect();
    await new Promise<void>((resolve) => client.once('connect', () => resolve()));
    const next = async (): Promise<Seen> => {
      while (inbox.length === 0) await once(arrivals, 'any');
      return inbox.shift()!;
    };
    return { client, next };
  }

  for (const protocolVersion of [4, 5] as const) {
    it(`delivers in the lower of both QoS, all flows (${protocolVersion})`, async () => {
      const publisher = await join({ protocolVersion });
      for (const sent of [0, 1, 2] as const) {
        for (const wanted of [0, 1, 2] as const) {
          const { client, next } = await join({ protocolVersion });
          await client.subscribeAsync('a/+', { qos: wanted });
          await publisher.client.publishAsync('a/b', 'hello', { qos: sent });
          assert.deepEqual(await next(), ['hello', Math.min(sent, wanted), false]);
          await client.endAsync();
        }
      }
    });

    it(`keeps the last retained message of a topic, until an empty one (${protocolVersion})`, async () => {
      const { client, next } = await join({ protocolVersion });
      for (const text of ['old', 'new']) await client.publishAsync('a/b', text, { retain: true, qos: 1 });
      await client.subscribeAsync('a/#', { qos: 1 });
      assert.deepEqual(await next(), ['new', 1, true]);
      await client.publishAsync('a/b', 'live', { retain: true });
      assert.deepEqual(await next(), ['live', 0, false]);
      await client.publishAsync('a/b', '', { retain: true, qos: 1 });
      assert.deepEqual(await next(), ['', 1, false]);
      const late = await join({ protocolVersion });
      await late.client.subscribeAsync('a/#');
      await client.publishAsync('a/b', 'after');
      assert.deepEqual(await late.next(), ['after', 0, false]);
    });

    it(`keeps unacknowledged and missed messages for a session (${protocolVersion})`, async () => {
      const session = {
        protocolVersion,
        clientId: 'sleeper',
        clean: false,
        properties: { sessionExpiryInterval: 100 },
      };
      const first = await join(session);
      await first.client.subscribeAsync('a/b', { qos: 2 });
      await first.client.endAsync();
      const publisher = await join({ protocolVersion });
      for (const qos of [0, 1, 2] as const) await publisher.client.publishAsync('a/b', `at ${qos}`, { qos });
      const second = await join(session);
      for (const qos of [0, 1, 2]) assert.deepEqual(await second.next(), [`at ${qos}`, qos, false]);
    });
  }

  for (const qos of [1, 2] as const) {
    it(`sends again, with DUP, what was not acknowledged at QoS ${qos}`, async () => {
      const session = { protocolVersion: 4, clientId: 'sleeper', clean: false } as const;
      const first = await join(session);
      await first.client.subscribeAsync('a', { qos });
      // Cut off before the acknowledgement goes out.
      first.client.on('packetreceive', ({ cmd }) => cmd === 'publish' && first.client.stream.destroy());
      const publisher = await join({});
      const lost = new Promise<void>((resolve) => first.client.once('close', () => resolve()));
      await publisher.client.publishAsync('a', 'hello', { qos });
      await lost;
      const duplicates: boolean[] = [];
      const second = await join(session, (packet) => packet.cmd === 'publish' && duplicates.push(packet.dup));
      assert.deepEqual(await second.next(), ['hello', qos, false]);
      assert.deepEqual(duplicates, [true]);
    });
  }

  it('goes on with PUBREL where a QoS 2 delivery was cut off after PUBREC', async () => {
    const session = { protocolVersion: 4, clientId: 'sleeper', clean: false } as const;
    const first = await join(session);
    await first.client.subscribeAsync('a', { qos: 2 });
    first.client.on('packetreceive', ({ cmd }) => cmd === 'pubrel' && first.client.stream.destroy());
    const publisher = await join({});
    const lost = new Promise<void>((resolve) => first.client.once('close', () => resolve()));
    await publisher.client.publishAsync('a', 'hello', { qos: 2 });
    await lost;
    const kinds: string[] = [];
    const second = await join(session, ({ cmd }) => kinds.push(cmd));
    await second.client.subscribeAsync('b');
    assert.deepEqual(kinds, ['connack', 'pubrel', 'suback']);
  });

  it('honours the options of MQTT 5 subscriptions: no local, retain as published, retain handling', async () => {
    const { client, next } = await join({ protocolVersion: 5 });
    await client.publishAsync('a/b', 'kept', { retain: true, qos: 1 });
    await client.subscribeAsync('a/b', { qos: 0, nl: true, rap: true, rh: 2 });
    await client.publishAsync('a/b', 'own', { qos: 1 });
    const other = await join({ protocolVersion: 5 });
    await other.client.publishAsync('a/b', 'foreign', { retain: true });
    assert.deepEqual(await next(), ['foreign', 0, true]);
    await client.subscribeAsync('a/b', { qos: 0, rh: 1 });
    await client.subscribeAsync('a/+', { qos: 0, rh: 1 });
    assert.deepEqual(await next(), ['foreign', 0, true]);
  });

  it('never has more messages under way than the client takes', async () => {
    const options = { protocolVersion: 5 };
    const packets = parser(options);
    const socket = connect(Number(new URL(url).port), '127.0.0.1');
    socket.on('data', (data) => packets.parse(data));
    const send = (packet: Packet): void => void socket.write(generate(packet, options));
    const received: Packet[] = [];
    packets.on('packet', (packet) => received.push(packet));
    /** The payloads that have come up to the next packet of a kind. */
    const upTo = async (cmd: string): Promise<string[]> => {
      while (!received.some((packet) => packet.cmd === cmd)) await once(packets, 'packet');
      const before = received.splice(0, received.findIndex((packet) => packet.cmd === cmd) + 1);
      return before.flatMap((packet) => (packet.cmd === 'publish' ? packet.payload.toString() : []));
    };
    const properties = { receiveMaximum: 2 };
    send({
      cmd: 'connect',
      clientId: 'slow',
      protocolVersion: 5,
      protocolId: 'MQTT',
      clean: true,
      keepalive: 30,
      properties,
    });
    await upTo('connack');
    send({ cmd: 'subscribe', messageId: 1, subscriptions: [{ topic: 'a', qos: 1 }] });
    await upTo('suback');
    const publisher = await join({ protocolVersion: 5 });
    for (const text of ['1', '2', '3']) await publisher.client.publishAsync('a', text, { qos: 1 });
    send({ cmd: 'pingreq' });
    assert.deepEqual(await upTo('pingresp'), ['1', '2']);
    send({ cmd: 'puback', messageId: 1, reasonCode: 0 });
    send({ cmd: 'pingreq' });
    assert.deepEqual(await upTo('pingresp'), ['3']);
    socket.destroy();
  });
});
