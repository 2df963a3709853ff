import assert from 'node:assert/strict';
import { createServer, type Socket } from 'node:net';
import { once } from 'node:events';
import { type AddressInfo } from 'node:net';
import { readServers } from '../../../src/mqtt/servers';
import type { EnergyError } from '../../../src/shared/errors';
import { type Authority, createAuthority } from '../../support/certificates';
import {
  type AedesBroker,
  freePort,
  mosquittoPassword,
  type MosquittoBroker,
  requireMosquitto,
  startAedes,
  startMosquitto,
} from '../../support/broker';
import { createConnection, type TestConnection } from '../../support/connect';
import { startProxy } from '../../support/proxy';
import { until } from '../../support/until';

const soon = (): number => Date.now() + 5_000;

async function refusal(test: TestConnection): Promise<EnergyError> {
  test.connection.open();
  const link = await test.reached('disconnected');
  await test.connection.close();
  assert.ok(link.state === 'disconnected');
  return link.error;
}

describe('mqtt: servers', () => {
  const cases: [string, boolean, string[]][] = [
    ['localhost', false, ['mqtt://localhost:1999']],
    ['localhost', true, ['mqtts://localhost:1999']],
    ['host:1884', false, ['mqtt://host:1884']],
    ['mqtts://host', false, ['mqtts://host:8883']],
    ['tcp://host', false, ['mqtt://host:1883']],
    ['ws://host/mqtt', false, ['ws://host:80/mqtt']],
    ['wss://host:9001/a?b=c', false, ['wss://host:9001/a?b=c']],
    ['ws://host/mqtt', true, ['wss://host:80/mqtt']],
    ['::1', false, ['mqtt://[::1]:1999']],
    ['a, mqtt://b:1 ,', false, ['mqtt://a:1999', 'mqtt://b:1']],
  ];
  for (const [text, tls, urls] of cases) {
    it(`reads "${text}"${tls ? ' with TLS' : ''}`, () => {
      assert.deepEqual(
        readServers(text, 1999, tls).map(({ url }) => url),
        urls,
      );
    });
  }
  for (const text of ['', ' , ', 'http://host', 'mqtt://user:secret@host', 'mq tt://x']) {
    it(`refuses "${text}" without repeating credentials`, () => {
      assert.throws(
        () => readServers(text, 1883, false),
        (error: EnergyError) => {
          assert.equal(error.code, 'NOT_CONFIGURED');
          assert.doesNotMatch(error.message, /secret/);
          return true;
        },
      );
    });
  }
});

describe('mqtt: connection over aedes', () => {
  let broker: AedesBroker;
  let test: TestConnection;
  beforeEach(async () => {
    broker = await startAedes();
    test = createConnection(broker.url);
  });
  afterEach(async () => {
    await test.connection.close();
    await broker.stop();
    assert.deepEqual(test.faults, []);
  });

  it('falls back to 3.1.1 where the broker refuses 5', async () => {
    test.connection.open();
    const link = await test.reached('connected');
    assert.ok(link.state === 'connected');
    assert.equal(link.protocolVersion, 4);
  });

  it('refuses to publish while not connected, and never publishes it later', async () => {
    await assert.rejects(test.connection.publish({ topic: 'a', payload: '1' }, soon()), { code: 'NOT_CONNECTED' });
    test.connection.open();
    await test.reached('connected');
    await test.connection.publish({ topic: 'b', payload: '2' }, soon());
    assert.deepEqual(
      broker.published.map(({ topic }) => topic),
      ['b'],
    );
  });

  it('publishes with QoS 1 and without retain', async () => {
    test.connection.open();
    await test.reached('connected');
    await test.connection.publish({ topic: 'b', payload: '2' }, soon());
    assert.deepEqual(broker.published, [{ topic: 'b', payload: '2', retain: false, qos: 1 }]);
  });

  for (const topic of ['', 'a/+', 'a/#', 'a\u0000b']) {
    it(`refuses the topic ${JSON.stringify(topic)} before it is sent`, async () => {
      test.connection.open();
      await test.reached('connected');
      await assert.rejects(test.connection.publish({ topic, payload: '' }, soon()), { code: 'INVALID' });
      assert.deepEqual(broker.published, []);
    });
  }

  it('comes back after a cut, with all subscriptions', async () => {
    const received: string[] = [];
    test.connection.subscribe(['a/+'], { onMessage: ({ topic }) => received.push(topic) });
    test.connection.open();
    await test.reached('connected');
    await until(() => broker.subscribed.length === 1, 'the first SUBSCRIBE');
    const lost = test.reached('disconnected');
    broker.cut();
    await lost;
    await test.reached('connected');
    await until(() => broker.subscribed.length === 2, 'the second SUBSCRIBE');
    await broker.publish('a/b', 'x');
    await until(() => received.length > 0, 'the message');
    assert.deepEqual(received, ['a/b']);
  });

  it('ends its connection when closed, and can be opened again', async () => {
    test.connection.open();
    await test.reached('connected');
    await test.connection.close();
    await until(() => broker.connections() === 0, 'the end of the connection');
    test.connection.open();
    await test.reached('connected');
    assert.equal(broker.connections(), 1);
  });

  it('opens one connection when closed and opened while it is still loading', async () => {
    test.connection.open();
    await test.connection.close();
    test.connection.open();
    await test.reached('connected');
    await test.connection.publish({ topic: 'x', payload: '' }, soon());
    assert.equal(broker.connections(), 1);
  });

  it('tries the next server of the list', async () => {
    const dead = await freePort();
    const other = createConnection(`mqtt://127.0.0.1:${dead},${broker.url}`);
    other.connection.open();
    await other.reached('connected');
    await other.connection.close();
  });

  it('sends birth and close messages', async () => {
    const message = (topic: string): { topic: string; payload: string; qos: 0 | 1 | 2; retain: boolean } => ({
      topic,
      payload: topic,
      qos: 1,
      retain: true,
    });
    const other = createConnection(broker.url, { birth: message('birth'), close: message('close') });
    other.connection.open();
    await other.reached('connected');
    await until(() => broker.published.length === 1, 'the birth message');
    await other.connection.close();
    assert.deepEqual(
      broker.published.map(({ topic, retain }) => [topic, retain]),
      [
        ['birth', true],
        ['close', true],
      ],
    );
  });
});

describe('mqtt: a broker that takes messages and says nothing', () => {
  it('cuts the link at the deadline, so that nothing arrives late', async () => {
    const sockets: Socket[] = [];
    let published = 0;
    const server = createServer((socket) => {
      sockets.push(socket);
      socket.on('error', () => undefined);
      socket.once('data', () => socket.write(Buffer.from([0x20, 0x02, 0x00, 0x00])));
      socket.on('data', (data) => {
        if ((data[0] ?? 0) >> 4 === 3) published++;
      });
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const test = createConnection(`mqtt://127.0.0.1:${(server.address() as AddressInfo).port}`, { protocolVersion: 4 });
    test.connection.open();
    await test.reached('connected');
    const lost = test.reached('disconnected');
    await assert.rejects(test.connection.publish({ topic: 'a', payload: '' }, Date.now() + 100), { code: 'TIMEOUT' });
    await lost;
    await test.reached('connected');
    assert.equal(published, 1, 'it was sent once, and not again after the reconnect');
    await test.connection.close();
    for (const socket of sockets) socket.destroy();
    server.close();
  });
});

describe('mqtt: connection over mosquitto', function () {
  this.timeout(20_000);
  before(function () {
    requireMosquitto(this);
  });

  describe('open to all', () => {
    let broker: MosquittoBroker;
    before(async () => (broker = await startMosquitto()));
    after(() => broker.stop());

    for (const version of ['auto', 4, 5] as const) {
      it(`speaks MQTT ${version}`, async () => {
        const test = createConnection(broker.url, { protocolVersion: version });
        test.connection.open();
        const link = await test.reached('connected');
        assert.ok(link.state === 'connected');
        assert.equal(link.protocolVersion, version === 4 ? 4 : 5);
        await test.connection.close();
      });
    }

    it('tells that nobody listens, on MQTT 5', async () => {
      const test = createConnection(broker.url);
      test.connection.open();
      await test.reached('connected');
      const alone = await test.connection.publish({ topic: 'nobody', payload: '' }, soon());
      assert.equal(alone.unheard, true);
      const got = new Promise((resolve) => test.connection.subscribe(['somebody'], { onMessage: resolve }));
      await new Promise((resolve) => setImmediate(resolve));
      const heard = await test.connection.publish({ topic: 'somebody', payload: '' }, soon());
      await got;
      assert.equal(heard.unheard, false);
      await test.connection.close();
    });

    it('leaves the filters of a kept session that nobody has wanted since the link was lost', async () => {
      const proxy = await startProxy(Number(new URL(broker.url).port));
      const kept = { clean: false, sessionExpiry: 60, clientId: 'kept' };
      const test = createConnection(`mqtt://127.0.0.1:${proxy.port}`, kept);
      const subscription = test.connection.subscribe(['left'], { onMessage: () => undefined });
      test.connection.open();
      await test.reached('connected');
      const unheard = async (): Promise<boolean> =>
        (await test.connection.publish({ topic: 'left', payload: '' }, soon())).unheard;
      assert.equal(await unheard(), false);
      const lost = test.reached('disconnected');
      proxy.cut();
      await lost;
      subscription.close();
      await test.reached('connected');
      assert.equal(await unheard(), true);
      await test.connection.close();
      await proxy.stop();
    });

    it('fails what was under way when the broker dies, and sends none of it after its return', async () => {
      const test = createConnection(broker.url);
      const seen: string[] = [];
      const watcher = createConnection(broker.url);
      watcher.connection.subscribe(['command/#'], { onMessage: ({ topic }) => seen.push(topic) });
      for (const { connection, reached } of [test, watcher]) {
        connection.open();
        await reached('connected');
      }
      const lost = test.reached('disconnected');
      const killed = broker.kill();
      const outcome = test.connection.publish({ topic: 'command/late', payload: '' }, soon()).then(
        () => 'taken',
        (error: unknown) => (error as EnergyError).code,
      );
      await killed;
      await lost;
      const first = await outcome;
      assert.ok(first === 'taken' || first === 'NOT_CONNECTED', first);
      await assert.rejects(test.connection.publish({ topic: 'command/down', payload: '' }, soon()), {
        code: 'NOT_CONNECTED',
      });
      await broker.restart();
      await test.reached('connected');
      await watcher.reached('connected');
      await test.connection.publish({ topic: 'command/after', payload: '' }, soon());
      await until(() => seen.includes('command/after'), 'the message after the restart');
      assert.deepEqual(
        seen.filter((topic) => topic !== 'command/late' || first !== 'taken'),
        ['command/after'],
      );
      await test.connection.close();
      await watcher.connection.close();
    });
  });

  for (const protocolVersion of [4, 5] as const) {
    it(`tells a wrong password (MQTT ${protocolVersion}), and recovers when it is right`, async () => {
      const broker = await startMosquitto(['allow_anonymous false', 'password_file {dir}/passwd'], {
        passwd: mosquittoPassword('me', 'right'),
      });
      const wrong = createConnection(broker.url, { protocolVersion, username: 'me', password: 'wrong' });
      const error = await refusal(wrong);
      assert.equal(error.code, 'AUTH_FAILED');
      assert.doesNotMatch(error.message, /wrong/);
      const right = createConnection(broker.url, { protocolVersion, username: 'me', password: 'right' });
      right.connection.open();
      await right.reached('connected');
      await right.connection.close();
      await broker.stop();
    });

    it(`tells refused subscriptions and publishes (MQTT ${protocolVersion})`, async () => {
      const broker = await startMosquitto(['allow_anonymous true', 'acl_file {dir}/acl'], {
        acl: 'topic readwrite open/#\n',
      });
      const { connection, reached } = createConnection(broker.url, { protocolVersion });
      const refused: string[] = [];
      const received: string[] = [];
      connection.open();
      await reached('connected');
      connection.subscribe(['secret/#', 'open/#'], {
        onMessage: ({ topic }) => received.push(topic),
        onRefused: (filter, error) => refused.push(`${filter} ${error.code}`),
      });
      // Nodes that are deployed in one turn share their SUBSCRIBEs, which leave after it.
      await new Promise((resolve) => setImmediate(resolve));
      await connection.publish({ topic: 'open/a', payload: '' }, soon());
      // mosquitto 2.0.11 grants subscriptions and withholds the messages; later versions refuse them.
      const outcome = await connection.publish({ topic: 'secret/a', payload: '' }, soon()).then(
        () => 'taken',
        (error: unknown) => (error as EnergyError).code,
      );
      assert.equal(outcome, protocolVersion === 5 ? 'PUBLISH_REFUSED' : 'taken', 'only MQTT 5 tells');
      await until(() => received.length > 0, 'the permitted message');
      assert.deepEqual(received, ['open/a']);
      assert.ok(refused.length === 0 || refused[0] === 'secret/# SUBSCRIPTION_REFUSED', refused.join());
      await connection.close();
      await broker.stop();
    });
  }
});

describe('mqtt: TLS', function () {
  this.timeout(20_000);
  let authority: Authority;
  /** Nothing was made where the suite is skipped. */
  let remove = (): void => undefined;
  before(function () {
    requireMosquitto(this);
    authority = createAuthority();
    remove = () => authority.remove();
  });
  after(() => remove());

  async function withTls(
    options: { altName?: string; expired?: boolean; clients?: boolean },
    run: (port: number) => Promise<void>,
  ): Promise<void> {
    const server = authority.issue(`server-${Math.random()}`.replace('.', ''), options);
    const broker = await startMosquitto(
      [
        'allow_anonymous true',
        'cafile {dir}/ca',
        'certfile {dir}/cert',
        'keyfile {dir}/key',
        `require_certificate ${options.clients ? 'true' : 'false'}`,
      ],
      { ca: authority.ca, cert: server.cert, key: server.key },
    );
    try {
      await run(broker.port);
    } finally {
      await broker.stop();
    }
  }

  it('connects when the CA is known, and not when it is not', () =>
    withTls({}, async (port) => {
      const good = createConnection(`mqtts://localhost:${port}`, { tls: { ca: authority.ca } });
      good.connection.open();
      await good.reached('connected');
      await good.connection.close();
      const error = await refusal(createConnection(`mqtts://localhost:${port}`));
      assert.equal(error.code, 'TLS_FAILED');
      assert.match(error.message, /CA/);
    }));

  it('refuses an expired certificate', () =>
    withTls({ expired: true }, async (port) => {
      const error = await refusal(createConnection(`mqtts://localhost:${port}`, { tls: { ca: authority.ca } }));
      assert.equal(error.code, 'TLS_FAILED');
      assert.match(error.message, /expired/);
    }));

  it('refuses a certificate for another host, unless the server name is given', () =>
    withTls({ altName: 'DNS:broker.example' }, async (port) => {
      const url = `mqtts://localhost:${port}`;
      const error = await refusal(createConnection(url, { tls: { ca: authority.ca } }));
      assert.equal(error.code, 'TLS_FAILED');
      assert.match(error.message, /host name/);
      const named = createConnection(url, { tls: { ca: authority.ca, servername: 'broker.example' } });
      named.connection.open();
      await named.reached('connected');
      await named.connection.close();
    }));

  it('uses a client certificate; without one, and with an expired one, the broker refuses', () =>
    withTls({ clients: true }, async (port) => {
      const url = `mqtts://localhost:${port}`;
      const own = authority.issue('client');
      const good = createConnection(url, { tls: { ca: authority.ca, ...own } });
      good.connection.open();
      await good.reached('connected');
      await good.connection.close();
      assert.equal((await refusal(createConnection(url, { tls: { ca: authority.ca } }))).code, 'TLS_FAILED');
      const old = authority.issue('old', { expired: true });
      assert.equal((await refusal(createConnection(url, { tls: { ca: authority.ca, ...old } }))).code, 'TLS_FAILED');
    }));

  it('tells that a plain port does not speak TLS', async () => {
    const broker = await startMosquitto();
    const error = await refusal(createConnection(`mqtts://localhost:${broker.port}`));
    assert.ok(error.code === 'TLS_FAILED' || error.code === 'NOT_CONNECTED', error.code);
    await broker.stop();
  });
});
