import assert from 'node:assert/strict';
import { once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { createServer as createTlsServer } from 'node:tls';
import type { EnergyError } from '../../../src/shared/errors';
import { type Authority, createAuthority } from '../../support/certificates';
import { freePort, type MosquittoBroker, requireMosquitto, startMosquitto } from '../../support/broker';
import { createConnection } from '../../support/connect';
import { type Proxy, startProxy } from '../../support/proxy';
import { until } from '../../support/until';

describe('mqtt: a half-open link', function () {
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

  for (const scheme of ['mqtt', 'mqtts', 'ws', 'wss']) {
    describe(`over ${scheme}`, () => {
      const isSecure = ['mqtts', 'wss'].includes(scheme);
      let broker: MosquittoBroker;
      let proxy: Proxy;
      const tls = (): { tls?: { ca: string } } =>
        scheme.slice(-1).endsWith('s') && scheme !== 'ws' ? { tls: { ca: authority.ca } } : {};

      before(async () => {
        const server = authority.issue(`server-${scheme}`);
        const port = await freePort();
        broker = await startMosquitto(
          [
            'allow_anonymous true',
            `listener ${port} 127.0.0.1`,
            ...(scheme.startsWith('ws') ? ['protocol websockets'] : []),
            ...(isSecure ? ['certfile {dir}/cert', 'keyfile {dir}/key'] : []),
          ],
          { cert: server.cert, key: server.key },
        );
        proxy = await startProxy(port);
      });
      after(async () => {
        await proxy.stop();
        await broker.stop();
      });

      for (const version of [4, 5] as const) {
        it(`delivers nothing late (MQTT ${version})`, async () => {
          const seen: string[] = [];
          const watcher = createConnection(broker.url);
          watcher.connection.subscribe(['#'], { onMessage: ({ topic }) => seen.push(topic) });
          const test = createConnection(`${scheme}://localhost:${proxy.port}`, { protocolVersion: version, ...tls() });
          for (const { connection, reached } of [watcher, test]) {
            connection.open();
            await reached('connected');
          }
          await new Promise((resolve) => setImmediate(resolve));
          const soon = Date.now() + 5_000;
          await test.connection.publish({ topic: 'before', payload: '' }, soon);
          const lost = test.reached('disconnected');
          proxy.hold();
          await assert.rejects(test.connection.publish({ topic: 'late', payload: '' }, Date.now() + 100), {
            code: 'TIMEOUT',
          });
          await lost;
          proxy.resume();
          await test.reached('connected');
          await test.connection.publish({ topic: 'after', payload: '' }, Date.now() + 5_000);
          await until(() => seen.includes('after'), 'the message after it');
          assert.deepEqual(seen, ['before', 'after']);
          await test.connection.close();
          await watcher.connection.close();
        });
      }
    });
  }
});

describe('mqtt: a broker that takes no more data', () => {
  for (const scheme of ['mqtt', 'mqtts']) {
    it(`loses its connection at the deadline, whatever is still to be written (${scheme})`, async () => {
      const authority = createAuthority();
      const sockets: Socket[] = [];
      const serve = (socket: Socket): void => {
        sockets.push(socket);
        socket.on('error', () => undefined);
        socket.once('data', () => {
          socket.write(Buffer.from([0x20, 0x02, 0x00, 0x00]));
          socket.pause();
        });
      };
      const server = scheme === 'mqtts' ? createTlsServer(authority.issue('deaf'), serve) : createServer(serve);
      server.listen(0, '127.0.0.1');
      await once(server, 'listening');
      const test = createConnection(`${scheme}://localhost:${(server.address() as AddressInfo).port}`, {
        protocolVersion: 4,
        tls: { ca: authority.ca },
      });
      test.connection.open();
      await test.reached('connected');
      const lost = test.reached('disconnected');
      const payload = 'x'.repeat(1_000_000);
      const outcomes = await Promise.all(
        Array.from({ length: 30 }, () =>
          test.connection.publish({ topic: 'a', payload }, Date.now() + 200).then(
            () => 'taken',
            (error: unknown) => (error as EnergyError).code,
          ),
        ),
      );
      assert.deepEqual(
        [...new Set(outcomes)].filter((outcome) => outcome !== 'NOT_CONNECTED'),
        ['TIMEOUT'],
      );
      await lost;
      await test.connection.close();
      for (const socket of sockets) socket.destroy();
      server.close();
      authority.remove();
      assert.deepEqual(test.faults, []);
    });
  }
});

describe('mqtt: an encrypted link that does not come about', () => {
  for (const scheme of ['mqtts', 'wss']) {
    it(`tells that nobody listens (${scheme})`, async () => {
      const test = createConnection(`${scheme}://127.0.0.1:${await freePort()}`);
      test.connection.open();
      const link = await test.reached('disconnected');
      assert.ok(link.state === 'disconnected');
      assert.equal(link.error.code, 'NOT_CONNECTED');
      assert.match(link.error.message, /ECONNREFUSED/);
      await test.connection.close();
    });

    it(`tells that there is no such host (${scheme})`, async () => {
      const test = createConnection(`${scheme}://no-such-host.invalid`);
      test.connection.open();
      const link = await test.reached('disconnected');
      assert.ok(link.state === 'disconnected');
      assert.equal(link.error.code, 'NOT_CONNECTED');
      await test.connection.close();
    });

    it(`leaves no socket when it is closed on the way (${scheme})`, async () => {
      const sockets = new Set<Socket>();
      const mute = createServer((socket) => {
        sockets.add(socket);
        socket.on('error', () => undefined);
        socket.on('close', () => sockets.delete(socket));
        socket.resume();
      });
      mute.listen(0, '127.0.0.1');
      await once(mute, 'listening');
      const test = createConnection(`${scheme}://127.0.0.1:${(mute.address() as AddressInfo).port}`);
      test.connection.open();
      await until(() => sockets.size === 1, 'its socket');
      await test.connection.close();
      await until(() => sockets.size === 0, 'the end of its socket');
      mute.close();
    });
  }

  it('leaves no socket when its certificates are unreadable', async () => {
    const sockets = new Set<Socket>();
    const server = createServer((socket) => {
      sockets.add(socket);
      socket.on('error', () => undefined);
      socket.on('close', () => sockets.delete(socket));
      socket.resume();
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const test = createConnection(`mqtts://127.0.0.1:${(server.address() as AddressInfo).port}`, {
      tls: { cert: 'x', key: 'y' },
    });
    test.connection.open();
    const link = await test.reached('disconnected');
    assert.ok(link.state === 'disconnected');
    assert.equal(link.error.code, 'TLS_FAILED');
    await test.connection.close();
    await until(() => sockets.size === 0, 'the end of its socket');
    server.close();
  });
});
