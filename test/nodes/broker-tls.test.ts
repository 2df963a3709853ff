import assert from 'node:assert/strict';
import { once } from 'node:events';
import { type AddressInfo, connect } from 'node:net';
import { createServer as createTlsServer } from 'node:tls';
import { freePort, type MosquittoBroker, requireMosquitto, startMosquitto } from '../support/broker';
import { type Authority, createAuthority } from '../support/certificates';
import { brokerNode, brokerUserFlow, isConnected, shows } from '../support/flows';
import { at, MAJOR, type NodeRed, startNodeRed } from '../support/node-red';

describe(`nodes: energy-broker with TLS in Node-RED ${MAJOR}`, function () {
  this.timeout(30_000);
  let red: NodeRed;
  let authority: Authority;
  let broker: MosquittoBroker;
  const ports: Record<string, number> = {};
  let own: { cert: string; key: string };
  /** Nothing was started where the suite is skipped. */
  let stop = (): Promise<void> => Promise.resolve();

  before(async function () {
    requireMosquitto(this);
    red = await startNodeRed();
    authority = createAuthority();
    own = authority.issue('client');
    const servers = {
      good: authority.issue('good'),
      expired: authority.issue('expired', { expired: true }),
      other: authority.issue('other', { altName: 'DNS:broker.example' }),
      clients: authority.issue('clients'),
    };
    const lines = ['allow_anonymous true'];
    const files: Record<string, string> = { ca: authority.ca };
    for (const [name, { cert, key }] of Object.entries(servers)) {
      const port = (ports[name] = await freePort());
      Object.assign(files, { [`${name}.crt`]: cert, [`${name}.key`]: key });
      lines.push(`listener ${port} 127.0.0.1`, `certfile {dir}/${name}.crt`, `keyfile {dir}/${name}.key`);
      if (name === 'clients') lines.push('cafile {dir}/ca', 'require_certificate true');
    }
    broker = await startMosquitto(lines, files);
    ports['plain'] = broker.port;
    stop = async () => {
      await red.stop();
      await broker.stop();
      authority.remove();
    };
  });
  afterEach(() => red.deploy([]));
  after(() => stop());

  const deploy = (port: number, tls: object | null, secrets: object): Promise<void> =>
    red.deploy(
      [
        ...(tls ? [{ id: 'tls', type: 'tls-config', cert: '', key: '', ca: '', verifyservercert: true, ...tls }] : []),
        brokerNode(port, { broker: 'localhost', usetls: true, tls: tls ? 'tls' : '' }),
        ...brokerUserFlow(),
      ],
      tls ? { tls: secrets } : {},
    );
  const ca = (): object => ({ cadata: authority.ca });
  const client = (): object => ({ cadata: authority.ca, certdata: own.cert, keydata: own.key });
  const none = (): object => ({});

  const cases: [string, string, object | null, () => object, RegExp | null][] = [
    ['a CA that is known', 'good', {}, ca, null],
    ['no TLS configuration: verification is on all the same', 'good', null, none, /CA/],
    ['a TLS configuration without the CA', 'good', {}, none, /CA/],
    ['verification switched off', 'good', { verifyservercert: false }, none, null],
    ['a certificate that has expired', 'expired', {}, ca, /expired/],
    ['a certificate for another host', 'other', {}, ca, /host name/],
    ['the server name of that host', 'other', { servername: 'broker.example' }, ca, null],
    ['a client certificate', 'clients', {}, client, null],
    ['no client certificate where one is needed', 'clients', {}, ca, /certificate/],
    ['a port without TLS', 'plain', {}, ca, /does it speak TLS on this port/],
  ];
  for (const [what, listener, tls, secrets, refused] of cases) {
    it(`${refused ? 'fails' : 'connects'}: ${what}`, async () => {
      await deploy(ports[listener] ?? 0, tls, secrets());
      if (!refused) {
        await red.next('statuses', isConnected);
        assert.deepEqual(red.received('errors'), []);
        return;
      }
      const told = await red.next('errors');
      assert.match(String(at(told, 'error.message')), refused);
      const [code, text] =
        listener === 'plain' ? ['NOT_CONNECTED', 'node-red:common.status.disconnected'] : ['TLS_FAILED', 'TLS failed'];
      assert.equal(at(told, 'error.code'), code);
      await red.next('statuses', shows('control', text));
    });
  }

  it('offers the protocol name of the TLS configuration (ALPN)', async () => {
    const { cert, key } = authority.issue('alpn');
    const chosen: unknown[] = [];
    const front = createTlsServer({ cert, key, ALPNProtocols: ['mqtt'] }, (socket) => {
      chosen.push(socket.alpnProtocol);
      const inner = connect(broker.port, '127.0.0.1');
      for (const end of [socket, inner]) end.on('error', () => undefined);
      socket.pipe(inner).pipe(socket);
    });
    front.listen(0, '127.0.0.1');
    await once(front, 'listening');
    await deploy((front.address() as AddressInfo).port, { alpnprotocol: 'mqtt' }, ca());
    await red.next('statuses', isConnected);
    assert.deepEqual(chosen, ['mqtt']);
    await red.deploy([]);
    front.close();
    await once(front, 'close');
  });
});
