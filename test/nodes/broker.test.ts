import assert from 'node:assert/strict';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { createOpenEvseSimulator } from '../../src/simulators/openevse';
import {
  freePort,
  mosquittoPassword,
  type MosquittoBroker,
  requireMosquitto,
  startAedes,
  startMosquitto,
} from '../support/broker';
import { createConnection } from '../support/connect';
import { brokerNode, brokerUserFlow, chargerFlow, chargerNode, isConnected, shows } from '../support/flows';
import { at, type FlowNode, MAJOR, type NodeRed, type Received, startNodeRed } from '../support/node-red';
import { requireInstalled } from '../support/requirement';
import { startProxy } from '../support/proxy';
import { until } from '../support/until';

const hasCode =
  (code: string) =>
  (message: Received): boolean =>
    at(message, 'error.code') === code;

describe(`nodes: energy-broker in Node-RED ${MAJOR}`, function () {
  this.timeout(30_000);
  let red: NodeRed;
  let dir: string;
  before(async () => {
    dir = fs.mkdtempSync(path.join(os.tmpdir(), 'broker-test-'));
    red = await startNodeRed();
  });
  after(async () => {
    await red.stop();
    fs.rmSync(dir, { recursive: true, force: true });
  });
  /** What a test started beside Node-RED. */
  const ends: (() => Promise<void>)[] = [];
  afterEach(async () => {
    await red.deploy([]);
    for (const end of ends.splice(0)) await end();
  });

  const connected = (): Promise<Received> => red.next('statuses', isConnected);

  describe('as a configuration', () => {
    const unusable: [string, FlowNode[], RegExp][] = [
      ['a broker that does not exist', [], /missing or disabled/],
      ['a disabled broker', [brokerNode(1883, { d: true })], /missing or disabled/],
      ['a server that is none', [brokerNode(1883, { broker: 'http://broker' })], /"http:\/\/" is not a broker URL/],
      ['a port that is none', [brokerNode(1883, { port: 'x' })], /"port" must be a number/],
      ['a missing TLS configuration', [brokerNode(1883, { usetls: true, tls: 'gone' })], /TLS configuration/],
    ];
    for (const [what, brokers, text] of unusable) {
      it(`is refused with the reason: ${what}`, async () => {
        await red.deploy([
          ...brokers,
          { id: 'discovery', type: 'charger-discovery', broker: 'broker', wires: [['found']] },
          { id: 'found', type: 'probe' },
          ...brokerUserFlow(),
        ]);
        for (const id of ['discovery', 'status', 'control']) {
          const told = await red.next('errors', (message) => at(message, 'error.source.id') === id);
          assert.equal(at(told, 'error.code'), 'NOT_CONFIGURED');
          assert.match(String(at(told, 'error.message')), text);
          await red.next('statuses', ({ status }) => at(status, 'source.id') === id && at(status, 'fill') === 'red');
        }
        const before = red.received('errors').length;
        red.send('control', { payload: { command: 'start' } });
        await red.next('errors', () => red.received('errors').length > before);
        assert.equal(at(red.received('errors').at(-1), 'error.code'), 'NOT_CONFIGURED');
      });
    }
  });

  describe('as one connection', () => {
    const inTab = (tab: string, nodes: FlowNode[]): FlowNode[] => [
      { id: tab, type: 'tab', label: tab },
      ...nodes.map((node) => ({ ...node, id: `${tab}-${node.id}`, z: tab })),
    ];
    const reader = (properties = {}): FlowNode => ({
      id: 'reader',
      type: 'charger-status',
      charger: 'charger',
      ...properties,
    });

    it('is shared by all flows, kept through partial deploys, and closed with its last user', async () => {
      const broker = await startAedes();
      const proxy = await startProxy(broker.port);
      try {
        const config = [brokerNode(proxy.port, { protocolVersion: '4' }), chargerNode('openevse', 'garage')];
        const [one, two] = [inTab('one', [reader()]), inTab('two', [reader()])];
        await red.deploy([...config, ...one, ...two]);
        await until(() => broker.subscribed.includes('garage/+'), 'the subscription');
        assert.equal(proxy.connections(), 1);
        assert.equal(broker.subscribed.filter((filter) => filter === 'garage/+').length, 1);

        const changed = inTab('two', [reader({ emit: 'message' })]);
        for (const type of ['flows', 'nodes'] as const) {
          await red.redeploy([...config, ...one, ...(type === 'flows' ? changed : two)], type);
          assert.equal(proxy.connections(), 1, type);
          assert.equal(proxy.opened(), 1, `${type}: the same connection`);
        }
        await red.redeploy([...config, ...one], 'flows');
        assert.equal(proxy.connections(), 1, 'one flow still uses it');
        assert.equal(proxy.opened(), 1);

        await red.redeploy([...config, ...one], 'full');
        await until(() => proxy.opened() === 2 && proxy.connections() === 1, 'a new connection after a full deploy');

        await red.redeploy(config, 'nodes');
        await until(() => proxy.connections() === 0, 'the end of the connection');

        await red.redeploy([...config, ...two], 'nodes');
        await until(() => proxy.connections() === 1, 'the connection for the new user');
        await red.redeploy(
          [
            brokerNode(proxy.port, { protocolVersion: '4', name: 'renamed' }),
            chargerNode('openevse', 'garage'),
            ...two,
          ],
          'nodes',
        );
        await until(() => proxy.opened() === 4 && proxy.connections() === 1, 'the connection of the changed broker');
      } finally {
        await red.deploy([]);
        await proxy.stop();
        await broker.stop();
      }
    });

    it('sends its birth, close and will messages', async () => {
      const broker = await startAedes();
      const proxy = await startProxy(broker.port);
      try {
        const moments = Object.fromEntries(
          ['birth', 'close', 'will'].flatMap((moment) => [
            [`${moment}Topic`, `life/${moment}`],
            [`${moment}Payload`, `${moment}!`],
            [`${moment}Qos`, '1'],
            [`${moment}Retain`, moment === 'birth' ? 'true' : 'false'],
          ]),
        );
        const seen: string[] = [];
        const watcher = createConnection(broker.url);
        watcher.connection.subscribe(['life/#'], {
          onMessage: ({ topic, payload, retained }) =>
            seen.push(`${topic} ${Buffer.from(payload).toString()}${retained ? ' retained' : ''}`),
        });
        watcher.connection.open();
        await watcher.reached('connected');
        await until(() => broker.subscribed.includes('life/#'), 'the watcher');
        await red.deploy([brokerNode(proxy.port, moments), ...brokerUserFlow()]);
        await until(() => seen.length === 1, 'the birth message');
        proxy.cut();
        await until(() => seen.length === 3, 'will and birth');
        await red.deploy([]);
        await until(() => seen.length === 4, 'the close message');
        assert.deepEqual(seen, ['life/birth birth!', 'life/will will!', 'life/birth birth!', 'life/close close!']);
        assert.deepEqual(
          broker.published.filter(({ retain }) => retain).map(({ topic }) => topic),
          ['life/birth', 'life/birth'],
        );
        await watcher.connection.close();
      } finally {
        await proxy.stop();
        await broker.stop();
      }
    });

    it('takes the first server of the list that answers', async () => {
      const broker = await startAedes();
      try {
        const dead = await freePort();
        await red.deploy([
          brokerNode(0, { broker: `127.0.0.1:${dead}, ${broker.url}, 127.0.0.1:${dead}` }),
          ...brokerUserFlow(),
        ]);
        await connected();
        assert.equal(broker.connections(), 1);
      } finally {
        await red.deploy([]);
        await broker.stop();
      }
    });
  });

  describe('over mosquitto', () => {
    before(function () {
      requireMosquitto(this);
    });

    /** mosquitto with a log of its own, which names the protocol version of each client (p2 = 3.1.1). */
    async function start(lines: string[] = [], files = {}): Promise<MosquittoBroker & { log(): string }> {
      const file = path.join(dir, `${Math.random().toString(16).slice(2)}.log`);
      const broker = await startMosquitto(
        ['log_dest stderr', `log_dest file ${file}`, ...(lines.length > 0 ? lines : ['allow_anonymous true'])],
        files,
      );
      ends.push(() => broker.stop());
      return { ...broker, log: () => fs.readFileSync(file, 'utf8') };
    }

    const versions: [string, RegExp][] = [
      ['4', /home-energy-\w+ \(p2, c1, k30/],
      ['5', /home-energy-\w+ \(p5, c1, k30/],
      ['auto', /home-energy-\w+ \(p5, c1, k30/],
    ];
    for (const [protocolVersion, logged] of versions) {
      it(`speaks the protocol version that is set: ${protocolVersion}`, async () => {
        const broker = await start();
        await red.deploy([brokerNode(broker.port, { protocolVersion }), ...brokerUserFlow()]);
        await connected();
        assert.match(broker.log(), logged);
      });
    }

    it('speaks over WebSockets', async () => {
      const port = await freePort();
      await start(['allow_anonymous true', `listener ${port} 127.0.0.1`, 'protocol websockets']);
      await red.deploy([brokerNode(0, { broker: `ws://127.0.0.1:${port}/mqtt` }), ...brokerUserFlow()]);
      await connected();
    });

    it('takes environment variables in every field', async () => {
      const environment = {
        HE_HOST: '127.0.0.1',
        HE_ID: 'its-id',
        HE_USER: 'me',
        HE_PASSWORD: 'sesame',
        HE_BASE: 'garage/box',
      };
      const broker = await start(['allow_anonymous false', 'password_file {dir}/passwd'], {
        passwd: mosquittoPassword('me', 'sesame'),
      });
      Object.assign(process.env, environment, { HE_PORT: String(broker.port), HE_NAME: 'From outside' });
      const charger = createOpenEvseSimulator({
        broker: broker.url,
        username: 'me',
        password: 'sesame',
        baseTopic: 'garage/box',
        speed: 20,
      });
      ends.unshift(() => charger.stop());
      await charger.start();
      await red.deploy(
        [
          { id: 'broker', type: 'energy-broker', broker: '${HE_HOST}', port: '${HE_PORT}', clientid: '${HE_ID}' },
          chargerNode('openevse', '${HE_BASE}', { name: '${HE_NAME}' }),
          ...chargerFlow(),
        ],
        { broker: { user: '${HE_USER}', password: '${HE_PASSWORD}' } },
      );
      const state = await red.next('states', (message) => at(message, 'payload.state') === 'disconnected');
      assert.equal(at(state, 'topic'), 'From outside');
      assert.equal(at(state, 'charger.baseTopic'), 'garage/box');
      assert.match(broker.log(), /as its-id \(/);
      for (const name of [...Object.keys(environment), 'HE_PORT', 'HE_NAME']) Reflect.deleteProperty(process.env, name);
    });

    for (const protocolVersion of ['4', '5']) {
      it(`tells a refused login once, and recovers when the broker takes it (MQTT ${protocolVersion})`, async () => {
        const passwords = path.join(dir, `passwd-${protocolVersion}`);
        const allow = (password: string): void =>
          fs.writeFileSync(passwords, mosquittoPassword('somebody', password), { mode: 0o600 });
        allow('another');
        const broker = await start(['allow_anonymous false', `password_file ${passwords}`]);
        const refusals = (): number => broker.log().split('not authorised').length - 1;
        const told = (): Received[] => red.received('errors').filter(hasCode('AUTH_FAILED'));
        await red.deploy([brokerNode(broker.port, { protocolVersion }), ...brokerUserFlow()], {
          broker: { user: 'somebody', password: 'my-secret' },
        });
        await red.next('errors', hasCode('AUTH_FAILED'));
        for (const id of ['status', 'control']) await red.next('statuses', shows(id, 'login refused'));
        await until(() => refusals() >= 2, 'the second attempt');
        assert.equal(told().length, 1, 'once, not per attempt, nor per user of the broker');
        red.send('control', { payload: { command: 'start' } });
        const refused = await red.next('errors', hasCode('NOT_CONNECTED'));
        assert.match(String(at(refused, 'error.message')), /refused user name, password or client id/);

        await broker.kill();
        allow('my-secret');
        await broker.restart();
        await connected();

        // It is the same kind of failure, but a new one.
        await broker.kill();
        allow('another');
        await broker.restart();
        await red.next('errors', () => told().length === 2);
        assert.doesNotMatch(JSON.stringify([red.received('errors'), red.received('statuses')]), /somebody|my-secret/);
      });
    }

    it('tells each kind of failure of a list once', async () => {
      const broker = await start(['allow_anonymous false']);
      const dead = await freePort();
      await red.deploy([brokerNode(0, { broker: `127.0.0.1:${dead},${broker.url}` }), ...brokerUserFlow()]);
      await until(() => broker.log().split('not authorised').length > 2, 'the second round');
      assert.deepEqual(
        red.received('errors').map((message) => at(message, 'error.code')),
        ['NOT_CONNECTED', 'AUTH_FAILED'],
      );
    });

    for (const protocolVersion of ['4', '5']) {
      it(`tells that the broker refused a command (MQTT ${protocolVersion})`, async () => {
        const broker = await start(['allow_anonymous true', 'acl_file {dir}/acl'], { acl: 'topic readwrite open/#\n' });
        await red.deploy([
          brokerNode(broker.port, { protocolVersion }),
          ...brokerUserFlow('secret/garage', { timeout: '1' }),
        ]);
        await connected();
        red.send('control', { payload: { command: 'start' } });
        const { error } = await red.next('errors');
        if (protocolVersion === '5') {
          assert.equal(at(error, 'code'), 'REFUSED');
          assert.match(String(at(error, 'message')), /broker refused a message for secret\/garage/);
          assert.match(String(at(error, 'cause.reply')), /not authorized/i);
        } else {
          // MQTT 3.1.1 has no way to refuse a message: it is taken and dropped.
          assert.equal(at(error, 'code'), 'TIMEOUT');
          assert.match(String(at(error, 'message')), /sent, not answered/);
        }
      });
    }

    it('tells a refused subscription (MQTT 5)', async function () {
      // An access list of mosquitto 2.0 grants every subscription and withholds the messages; only its plugin refuses.
      const plugin = fs
        .readdirSync('/usr/lib')
        .map((folder) => path.join('/usr/lib', folder, 'mosquitto_dynamic_security.so'))
        .find((file) => fs.existsSync(file));
      requireInstalled(this, plugin !== undefined, "mosquitto's dynamic security plugin");
      const acls = [{ acltype: 'subscribePattern', topic: 'openevse/#', allow: true }];
      const security = {
        defaultACLAccess: { publishClientSend: true, publishClientReceive: true, subscribe: false, unsubscribe: true },
        roles: [{ rolename: 'some', acls }],
        groups: [{ groupname: 'all', roles: [{ rolename: 'some' }] }],
        anonymousGroup: 'all',
        clients: [],
      };
      const broker = await start(
        ['allow_anonymous true', `plugin ${plugin}`, 'plugin_opt_config_file {dir}/security.json'],
        { 'security.json': JSON.stringify(security) },
      );
      await expectRefusal(broker.port);
      assert.match(broker.log(), /\(p5, /);
    });

    it('tells that the broker refused its birth message', async () => {
      const broker = await start(['allow_anonymous true', 'acl_file {dir}/acl'], { acl: 'topic readwrite open/#\n' });
      await red.deploy([
        brokerNode(broker.port, { birthTopic: 'secret/birth', birthPayload: 'here', birthQos: '1' }),
        ...brokerUserFlow(),
      ]);
      await red.next('errors', hasCode('PUBLISH_REFUSED'));
    });
  });

  /** Of the subscriptions below `garage`, told by error and status. */
  async function expectRefusal(port: number): Promise<void> {
    await red.deploy([brokerNode(port), ...brokerUserFlow('garage')]);
    for (const id of ['status', 'control']) {
      const told = await red.next(
        'errors',
        (message) => hasCode('SUBSCRIPTION_REFUSED')(message) && at(message, 'error.source.id') === id,
      );
      assert.match(String(at(told, 'error.message')), /subscription to garage/);
      await red.next('statuses', shows(id, 'not authorised'));
    }
    await red.deploy([]);
  }

  it('tells a refused subscription (MQTT 3.1.1)', async () => {
    const script = pathToFileURL(path.join(process.cwd(), 'scripts/embedded-broker.mjs')).href;
    const { startBroker } = (await import(script)) as {
      startBroker: () => Promise<{
        aedes: { authorizeSubscribe: unknown };
        port: number;
        stop(): Promise<void>;
      }>;
    };
    const broker = await startBroker();
    type Answer = (error: null, subscription: { topic: string } | null) => void;
    broker.aedes.authorizeSubscribe = (_client: unknown, subscription: { topic: string }, answer: Answer) =>
      answer(null, subscription.topic.startsWith('garage') ? null : subscription);
    await expectRefusal(broker.port);
    await broker.stop();
  });
});
