import assert from 'node:assert/strict';
import type { MqttClient } from 'mqtt';
import type { Connection } from '../../../src/mqtt/connection';
import { requireMosquitto, startAedes, startMosquitto, type TestBroker } from '../../support/broker';
import { createConnection, type TestConnection } from '../../support/connect';
import { until } from '../../support/until';
import { type Recorder, recorder } from './recorder';

/** The same through real brokers: aedes and mosquitto with 3.1.1 send one copy, mosquitto with 5 one per filter. */
const BROKERS: [name: string, version: 4 | 5, start: () => Promise<TestBroker>][] = [
  ['aedes', 4, () => startAedes()],
  ['mosquitto', 4, () => startMosquitto()],
  ['mosquitto', 5, () => startMosquitto()],
];
for (const [name, protocolVersion, start] of BROKERS) {
  describe(`mqtt: dispatcher over ${name}, ${protocolVersion === 4 ? '3.1.1' : '5'}`, () => {
    let broker: TestBroker;
    let test: TestConnection;
    let publisher: MqttClient;
    let ends = 0;
    let connection: Connection;

    before(function () {
      if (name === 'mosquitto') requireMosquitto(this);
    });
    beforeEach(async () => {
      broker = await start();
      test = createConnection(broker.url, { protocolVersion });
      connection = test.connection;
      connection.open();
      await test.reached('connected');
      const mqtt = await import('mqtt');
      publisher = await mqtt.connectAsync(broker.url, { protocolVersion: 4 });
    });
    afterEach(async () => {
      await publisher.endAsync();
      await connection.close();
      await broker.stop();
      assert.deepEqual(test.faults, []);
    });

    const publish = (topic: string, payload: string, retain = false, qos: 0 | 1 = 1): Promise<unknown> =>
      publisher.publishAsync(topic, payload, { retain, qos });

    /**
     * All that was asked for and published until now has been dealt with when a replay that is asked for now has come.
     * Its topic has one level, so that few of the tests' filters match it.
     */
    async function settled(): Promise<void> {
      const topic = `end${ends++}`;
      await publish(topic, 'x', true);
      const marker = recorder();
      const subscription = connection.subscribe([topic], marker);
      await until(() => marker.log.length > 0, 'the replay');
      subscription.close();
    }

    async function subscribed(filters: string[]): Promise<Recorder & { close(): void }> {
      const subscriber = recorder();
      const { close } = connection.subscribe(filters, subscriber);
      await settled();
      return Object.assign(subscriber, { close });
    }

    for (const qos of [0, 1] as const) {
      it(`hands on each live message once with overlapping filters, QoS ${qos}`, async () => {
        const subscribers = [
          await subscribed(['a/b', 'a/+', 'a/#']),
          await subscribed(['a/b']),
          await subscribed(['+/+', 'a/+']),
        ];
        const payloads = [...'abcdefgh', 'same', 'other', 'same'];
        for (const payload of payloads) await publish('a/b', payload, false, qos);
        await settled();
        for (const { log } of subscribers) {
          assert.deepEqual(
            log,
            payloads.map((payload) => `a/b=${payload}`),
          );
        }
      });
    }

    it('takes two equal messages in a row for two', async () => {
      const plain = await subscribed(['plain']);
      const overlapping = await subscribed(['a/b', 'a/+']);
      for (const payload of ['1', '1']) await publish('plain', payload);
      for (const payload of ['0', '1', '1', '2', '2']) await publish('a/b', payload);
      await settled();
      assert.deepEqual(plain.log, ['plain=1', 'plain=1']);
      assert.deepEqual(overlapping.log, ['a/b=0', 'a/b=1', 'a/b=1', 'a/b=2', 'a/b=2']);
    });

    it('goes on handing on each message once while filters come and go', async () => {
      const steady = await subscribed(['a/b', 'a/+']);
      const expected: string[] = [];
      for (let i = 0; i < 20; i++) {
        const passing = connection.subscribe(['a/#', '#'], recorder());
        for (const part of ['x', 'y', 'z']) {
          expected.push(`a/b=${i}${part}`);
          await publish('a/b', `${i}${part}`);
        }
        passing.close();
      }
      await settled();
      assert.deepEqual(steady.log, expected);
    });

    it('hands on each retained value once per subscriber, also to one that comes later', async () => {
      for (const topic of ['a/1', 'a/2', 'a/3']) await publish(topic, 'old', true);
      const early = await subscribed(['a/+', 'a/1', '#']);
      const late = await subscribed(['a/+']);
      await settled();
      for (const { log } of [early, late]) {
        assert.deepEqual(log.filter((line) => line.startsWith('~a/')).sort(), ['~a/1=old', '~a/2=old', '~a/3=old']);
      }
    });

    it('hands on retained values again after a reconnect', async () => {
      await publish('a/1', 'old', true);
      const subscriber = await subscribed(['a/+', 'a/1']);
      const lost = test.reached('disconnected');
      const { client } = connection as unknown as { client: { stream: { destroy(): void } } };
      client.stream.destroy();
      await lost;
      await test.reached('connected');
      await until(() => subscriber.log.length >= 2, 'the second replay');
      await settled();
      assert.deepEqual(subscriber.log, ['~a/1=old', '~a/1=old']);
    });

    it('stops with the last subscriber', async () => {
      const first = await subscribed(['a/b']);
      const second = await subscribed(['a/b']);
      first.close();
      await publish('a/b', '1');
      await settled();
      second.close();
      await publish('a/b', '2');
      await settled();
      assert.deepEqual([first.log, second.log], [[], ['a/b=1']]);
    });
  });
}
