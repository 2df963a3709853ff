import assert from 'node:assert/strict';
import { createOpenRemoteSimulator, DEMO, type OpenRemoteSimulator } from '../../src/simulators/openremote/index';
import { startAedes } from '../support/broker';
import { at, type FlowNode, MAJOR, type NodeRed, type Received, startNodeRed } from '../support/node-red';
import {
  connected,
  deployConnected,
  failureOf,
  fromNode,
  GATEWAY_LOGIN,
  login,
  managerFlow,
  PROFILES,
  resultOf,
  shows,
  titleOf,
  UNKNOWN,
  VERSIONS,
} from '../support/openremote';
import { until } from '../support/until';

const gateway = (id: string, properties = {}): FlowNode[] => [
  { id, type: 'openremote-gateway', wires: [[`${id} seen`]], ...properties },
  { id: `${id} seen`, type: 'probe' },
];
const settle: FlowNode = { id: 'settle', type: 'openremote-asset', operation: 'get', assetId: DEMO.chargerId };

describe(`nodes: openremote-gateway in Node-RED ${MAJOR}`, function () {
  this.timeout(30_000);
  let red: NodeRed;
  let manager: OpenRemoteSimulator;
  before(async () => (red = await startNodeRed()));
  after(() => red.stop());
  afterEach(async () => {
    await red.deploy([]);
    await manager.stop();
  });

  const stored = (name: string): unknown => manager.getAsset(DEMO.chargerId)?.attributes[name]?.value;
  const write = (name: string, value: unknown): unknown => manager.writeAttribute(DEMO.chargerId, name, value);
  const pending = (id = 'gateway'): readonly Received[] => red.received(`${id} seen`);
  const attributesOf = (messages: readonly Received[]): unknown[] =>
    messages.map((message) => at(message, 'payload.attribute'));
  const settled = (): Promise<unknown> => resultOf(red, 'settle', {});
  /** Has a node acknowledge, which ends without a message. */
  async function acknowledge(ackId: unknown, id = 'gateway'): Promise<void> {
    const own = Symbol('own');
    red.send(id, { ackId, own, payload: 'anything' });
    await red.next('done', (message) => message['own'] === own);
  }

  for (const profile of PROFILES) {
    for (const protocolVersion of VERSIONS) {
      describe(`${profile}, ${titleOf(protocolVersion)}`, () => {
        beforeEach(async () => {
          manager = createOpenRemoteSimulator({ profile });
          await manager.start();
        });

        const flow = (...nodes: FlowNode[]): FlowNode[] =>
          managerFlow(manager.port, [...nodes, settle], { protocolVersion, clientid: DEMO.gatewayClientId });
        async function start(...nodes: FlowNode[]): Promise<void> {
          await deployConnected(red, flow(...nodes), GATEWAY_LOGIN);
          await settled();
        }

        it('sends pending writes in order, and acknowledges those it is told to', async () => {
          await start(...gateway('gateway'));
          assert.equal(write('maxCurrent', 10), 'pending');
          write('enabled', false);
          write('status', 'busy');
          await settled();
          assert.deepEqual(attributesOf(pending()), ['maxCurrent', 'enabled', 'status']);
          const { timestamp, ...event } = pending()[0]?.['payload'] as Received;
          assert.match(String(timestamp), /^\d{4}-.*Z$/);
          assert.deepEqual(event, {
            event: 'attribute',
            cause: null,
            assetId: DEMO.chargerId,
            attribute: 'maxCurrent',
            value: 10,
            deleted: false,
            asset: null,
          });
          assert.equal(pending()[0]?.['topic'], `${DEMO.realm}/${DEMO.gatewayClientId}/gateway/events/pending`);
          assert.deepEqual([stored('maxCurrent'), stored('enabled')], [16, true]);

          await acknowledge(pending()[1]?.['ackId']);
          await settled();
          assert.deepEqual([stored('maxCurrent'), stored('enabled')], [16, false]);
          await acknowledge(pending()[0]?.['ackId']);
          await settled();
          assert.equal(stored('maxCurrent'), 10);
          assert.equal(stored('status'), null);
          assert.equal(pending().length, 3, 'nothing is sent on for an acknowledgement');
          assert.deepEqual(red.received('errors'), []);
        });

        it('takes no id twice, and none that is missing or is no id', async () => {
          await start(...gateway('gateway'));
          write('maxCurrent', 10);
          await settled();
          const ackId = pending()[0]?.['ackId'];
          await acknowledge(ackId);
          for (const [bad, text] of [
            [ackId, /was acknowledged before/],
            ['two words', /is not the id of a pending write/],
            [7, /is not the id of a pending write/],
            [undefined, /is missing/],
          ] as const) {
            const error = await failureOf(red, 'gateway', { ackId: bad });
            assert.equal(error.code, 'INVALID');
            assert.equal(at(error.cause, 'details.0.path'), 'ackId');
            assert.match(error.message, text);
          }
          assert.equal(pending().length, 1);
        });

        it('acknowledges by itself what it has handed on, where that is chosen', async () => {
          await start(...gateway('gateway', { acknowledge: 'auto' }));
          write('maxCurrent', 10);
          write('maxCurrent', 12);
          await until(() => stored('maxCurrent') === 12, 'the writes');
          assert.deepEqual(
            pending().map((message) => [at(message, 'payload.value'), typeof message['ackId']]),
            [
              [10, 'string'],
              [12, 'string'],
            ],
          );
          const again = await failureOf(red, 'gateway', { ackId: pending()[0]?.['ackId'] });
          assert.match(again.message, /was acknowledged before/);
        });

        it('acknowledges by itself nothing that came before a deployment, yet does so when it is told to', async () => {
          await start(...gateway('gateway'));
          write('maxCurrent', 10);
          await settled();
          const ackId = pending()[0]?.['ackId'];
          await start(...gateway('gateway', { acknowledge: 'auto' }));
          assert.deepEqual(pending(), [], 'the manager does not send it again');
          assert.equal(stored('maxCurrent'), 16);
          await acknowledge(ackId);
          await settled();
          assert.equal(stored('maxCurrent'), 10);
        });

        it('works beside another one: each is told, one acknowledges', async () => {
          await start(...gateway('gateway'), ...gateway('other'));
          write('maxCurrent', 10);
          await settled();
          assert.deepEqual(attributesOf(pending()), ['maxCurrent']);
          assert.deepEqual(attributesOf(pending('other')), ['maxCurrent']);
          const ackId = pending()[0]?.['ackId'];
          await acknowledge(ackId, 'other');
          await settled();
          assert.equal(stored('maxCurrent'), 10);
          assert.match((await failureOf(red, 'gateway', { ackId })).message, /was acknowledged before/);
        });

        it('acknowledges once where two are to do it by themselves', async () => {
          await start(...gateway('one', { acknowledge: 'auto' }), ...gateway('two', { acknowledge: 'auto' }));
          write('maxCurrent', 10);
          await until(() => stored('maxCurrent') === 10, 'the write');
          await settled();
          assert.deepEqual([pending('one').length, pending('two').length], [1, 1]);
          assert.deepEqual(red.received('errors'), []);
        });

        it('hears again after the connection was lost, and acknowledges what came before', async () => {
          await start(...gateway('gateway'));
          write('maxCurrent', 10);
          await settled();
          manager.cutConnection(DEMO.gatewayClientId);
          await red.next('errors', fromNode('broker'));
          const ackId = pending()[0]?.['ackId'];
          assert.equal((await failureOf(red, 'gateway', { ackId })).code, 'NOT_CONNECTED');
          await connected(red);
          await settled();
          write('enabled', false);
          await settled();
          assert.deepEqual(attributesOf(pending()), ['maxCurrent', 'enabled']);
          await acknowledge(ackId);
          await settled();
          assert.equal(stored('maxCurrent'), 10);
        });

        it('says what an ordinary user lacks', async () => {
          await deployConnected(red, managerFlow(manager.port, gateway('gateway'), { protocolVersion }), login());
          const refused = await red.next('errors', fromNode('gateway'));
          assert.equal(at(refused, 'error.code'), 'SUBSCRIPTION_REFUSED');
          assert.match(String(at(refused, 'error.message')), /client id = the asset's attribute clientId/);
          await red.next('statuses', shows('gateway', 'not authorised'));
        });
      });
    }
  }

  it('is refused where the dialect is that of released managers', async () => {
    manager = createOpenRemoteSimulator({ profile: 'classic' });
    await manager.start();
    const nodes = gateway('gateway', { dialect: 'classic' });
    await red.deploy(managerFlow(manager.port, nodes, { clientid: DEMO.gatewayClientId }), GATEWAY_LOGIN);
    assert.equal(at(await red.next('errors', fromNode('gateway')), 'error.code'), 'UNSUPPORTED');
    assert.equal((await failureOf(red, 'gateway', { ackId: UNKNOWN })).code, 'UNSUPPORTED');
  });

  it('tells an unreadable pending write once until one is readable again', async () => {
    manager = createOpenRemoteSimulator();
    await manager.start();
    const broker = await startAedes();
    try {
      const topic = `${DEMO.realm}/box/gateway/events/pending`;
      await red.deploy(managerFlow(broker.port, gateway('gateway'), { protocolVersion: '4' }), login());
      await until(() => broker.subscribed.includes(topic), 'the subscription');
      const event = {
        eventType: 'attribute',
        ref: { id: UNKNOWN, name: 'power' },
        value: 1,
        timestamp: 5,
        deleted: false,
      };
      const readable = (ackId: string): string => JSON.stringify({ ackId, event });
      for (const payload of ['{', '{"ackId":"one"}', readable('two'), 'x', readable('two'), readable('three')]) {
        await broker.publish(topic, payload);
      }
      await until(() => pending().length >= 2 && red.received('errors').length >= 2, 'all of it');
      assert.deepEqual(
        red.received('errors').map((message) => at(message, 'error.code')),
        ['BAD_PAYLOAD', 'BAD_PAYLOAD'],
      );
      assert.deepEqual(
        pending().map(({ ackId }) => ackId),
        ['two', 'three'],
      );
    } finally {
      await red.deploy([]);
      await broker.stop();
    }
  });
});
