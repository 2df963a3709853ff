import assert from 'node:assert/strict';
import { createOpenRemoteSimulator, DEMO, type OpenRemoteSimulator } from '../../src/simulators/openremote/index';
import { startAedes } from '../support/broker';
import { brokerNode } from '../support/flows';
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
import { plant, PLACES, ROOM, SELECTIONS } from '../unit/openremote/support';

type Profile = 'source' | 'documented' | 'classic';

/** An events node, whose events reach a probe of its own. */
const events = (id: string, properties: object): FlowNode[] => [
  { id, type: 'openremote-events', wires: [[`${id} seen`]], ...properties },
  { id: `${id} seen`, type: 'probe' },
];
const attributeNode = (id: string, properties = {}): FlowNode => ({ id, type: 'openremote-attribute', ...properties });

describe(`nodes: openremote-events in Node-RED ${MAJOR}`, function () {
  this.timeout(30_000);
  let red: NodeRed;
  let manager: OpenRemoteSimulator;
  before(async () => (red = await startNodeRed()));
  after(() => red.stop());
  afterEach(async () => {
    await red.deploy([]);
    await manager.stop();
  });

  async function start(profile: Profile): Promise<void> {
    manager = createOpenRemoteSimulator({ profile });
    await manager.start();
  }

  const payloads = (id: string): Received[] => red.received(`${id} seen`).map(({ payload }) => payload as Received);

  /**
   * A round trip on the connection of an attribute node: what was subscribed before is granted, and what was published
   * before has arrived. It raises no event: a released manager tells none of a value that stays.
   */
  async function settled(id = 'settle'): Promise<void> {
    const city = manager.getAsset(DEMO.buildingId)?.attributes['city']?.value;
    const operation = manager.behaviour.profile === 'classic' ? 'update' : 'getValue';
    await resultOf(red, id, { operation, assetId: DEMO.buildingId, attribute: 'city', payload: city });
  }

  for (const profile of ['source', 'documented', 'classic'] as const) {
    for (const protocolVersion of VERSIONS) {
      describe(`${profile}, ${titleOf(protocolVersion)}`, () => {
        beforeEach(() => start(profile));

        it('tells the events of each selection and no others', async () => {
          const tree = plant(manager);
          const doomed = plant(manager);
          const rows = SELECTIONS.map(([kind, scope, place, attribute, expected], index) => {
            const assetId = place && (kind === 'asset' ? doomed : tree)[place];
            return { index, kind, scope, attribute, assetId, expected, id: `${kind} ${scope} ${place} ${attribute}` };
          });
          const brokers = rows.map(({ index }) => `broker-${index}`);
          await deployConnected(
            red,
            [
              ...brokers.map((id) =>
                brokerNode(manager.port, { id, clientid: id.replace('broker', 'box'), protocolVersion }),
              ),
              ...managerFlow(
                manager.port,
                rows.flatMap(({ index, id, kind, scope, attribute, assetId }) => {
                  const broker = `broker-${index}`;
                  const selection = { broker, kind, scope, attribute, assetId };
                  return [...events(id, selection), attributeNode(broker.replace('broker', 'settle'), { broker })];
                }),
              ),
            ],
            login(brokers),
          );
          const allSettled = (): Promise<unknown> => Promise.all(rows.map(({ index }) => settled(`settle-${index}`)));
          await allSettled();

          for (const place of PLACES) manager.writeAttribute(tree[place], 'temperature', 30);
          await allSettled();
          for (const { id, kind, scope, attribute, expected } of rows.filter((row) => row.kind !== 'asset')) {
            // The Gateway API does not name the attribute where one filter stands for all values of an asset.
            const unnamed = kind === 'value' && scope === 'asset' && attribute === '' && profile !== 'classic';
            assert.deepEqual(
              payloads(id).map((event) => ({ ...event, timestamp: typeof event['timestamp'] })),
              expected.map((place) => ({
                event: kind,
                cause: null,
                assetId: tree[place],
                attribute: unnamed ? null : 'temperature',
                value: 30,
                timestamp: kind === 'value' ? 'object' : 'string',
                deleted: kind === 'value' ? null : false,
                asset: null,
              })),
              id,
            );
          }

          for (const place of PLACES) manager.deleteAsset(doomed[place]);
          await allSettled();
          for (const { id, expected } of rows.filter((row) => row.kind === 'asset')) {
            assert.deepEqual(
              payloads(id).map(({ event, cause, assetId, attribute, value, deleted, asset }) => [
                [event, cause, assetId, attribute, value, deleted],
                at(asset, 'id'),
              ]),
              expected.map((place) => [['asset', 'DELETE', doomed[place], null, null, true], doomed[place]]),
              id,
            );
          }
          // With an asset go its attributes, which is told as well.
          assert.deepEqual(
            payloads('attribute realm  temperature')
              .filter(({ deleted }) => deleted === true)
              .map(({ assetId, attribute, value }) => [assetId, attribute, value]),
            PLACES.map((place) => [doomed[place], 'temperature', null]),
          );
          assert.deepEqual(red.received('errors'), []);
        });

        it('tells each event once to each node although their filters overlap', async () => {
          const { room } = plant(manager);
          const selections: Record<string, object> = {
            all: { kind: 'attribute', scope: 'realm' },
            named: { kind: 'attribute', scope: 'realm', attribute: 'temperature' },
            room: { kind: 'attribute', scope: 'asset', assetId: room },
            same: { kind: 'attribute', scope: 'asset', assetId: room },
            subtree: { kind: 'attribute', scope: 'subtree', assetId: room, attribute: 'temperature' },
            values: { kind: 'value', scope: 'realm' },
            value: { kind: 'value', scope: 'realm', attribute: 'temperature' },
          };
          const nodes = Object.entries(selections).flatMap(([id, selection]) => events(id, selection));
          const assets = [
            ...events('assets', { kind: 'asset', scope: 'realm' }),
            ...events('below', { kind: 'asset', scope: 'subtree', assetId: DEMO.buildingId }),
            ...events('children', { kind: 'asset', scope: 'children', assetId: DEMO.buildingId }),
          ];
          const city = { kind: 'attribute', assetId: DEMO.buildingId, attribute: 'city' };
          const cities = [
            ...events('city below', { ...city, scope: 'subtree' }),
            ...events('city of children', { ...city, scope: 'children' }),
          ];
          const rename = { id: 'rename', type: 'openremote-asset', operation: 'update' };
          const flow = managerFlow(manager.port, [...nodes, ...assets, ...cities, attributeNode('settle'), rename], {
            protocolVersion,
          });
          await deployConnected(red, flow);
          await settled();
          const values = [1, 2, 3];
          for (const value of values) manager.writeAttribute(room, 'temperature', value);
          const child = manager.createAsset({ ...ROOM, name: 'Pantry', parentId: room, attributes: {} });
          // Released managers change no assets over MQTT.
          const changes = profile === 'classic' ? [] : [{ assetId: child.id, payload: { name: 'Larder' } }];
          for (const change of changes) await resultOf(red, 'rename', change);
          manager.deleteAsset(child.id);
          manager.writeAttribute(DEMO.buildingId, 'city', 'Paris');
          await settled();
          for (const id of Object.keys(selections)) {
            const told = payloads(id).filter(
              ({ attribute }) => attribute === 'temperature' || id === 'room' || id === 'same',
            );
            assert.deepEqual(
              told.map(({ value }) => value),
              values,
              id,
            );
          }
          assert.deepEqual(
            payloads('assets').map(({ cause, assetId, asset }) => [cause, assetId, at(asset, 'name')]),
            [
              ['CREATE', child.id, 'Pantry'],
              ...changes.map(() => ['UPDATE', child.id, 'Larder']),
              ['DELETE', child.id, changes.length > 0 ? 'Larder' : 'Pantry'],
            ],
          );
          assert.equal(payloads('below').length, payloads('assets').length);
          assert.deepEqual(payloads('children'), []);
          assert.deepEqual(
            payloads('city below').map(({ value }) => value),
            ['Paris'],
          );
          assert.deepEqual(payloads('city of children'), []);
        });

        it('listens again after the connection was lost', async () => {
          const { shed } = plant(manager);
          const selection = { kind: 'attribute', scope: 'asset', assetId: shed, attribute: 'temperature' };
          const flow = managerFlow(manager.port, [...events('events', selection), attributeNode('settle')], {
            protocolVersion,
          });
          await deployConnected(red, flow);
          await settled();
          manager.cutConnection('box');
          await red.next('errors', fromNode('broker'));
          await connected(red);
          await settled();
          manager.writeAttribute(shed, 'temperature', 77);
          await settled();
          assert.deepEqual(
            payloads('events').map(({ value }) => value),
            [77],
          );
          assert.deepEqual(red.received('errors').filter(fromNode('events')), []);
        });

        it('makes a refused subscription visible, with the reason', async () => {
          const selection = { kind: 'attribute', scope: 'asset', assetId: UNKNOWN };
          await red.deploy(managerFlow(manager.port, events('events', selection), { protocolVersion }), login());
          const refused = await red.next('errors', fromNode('events'));
          assert.equal(at(refused, 'error.code'), 'SUBSCRIPTION_REFUSED');
          assert.match(String(at(refused, 'error.message')), /no asset of that id/);
          await red.next('statuses', shows('events', 'not authorised'));
        });

        it('says where the server has no filter', async () => {
          const { room } = plant(manager);
          const selection = { kind: 'attribute', scope: 'children', assetId: DEMO.buildingId };
          const flow = managerFlow(manager.port, [...events('events', selection), attributeNode('settle')], {
            protocolVersion,
          });
          await deployConnected(red, flow);
          await settled();
          manager.writeAttribute(room, 'temperature', 5);
          await settled();
          const classic = profile === 'classic';
          assert.deepEqual(
            payloads('events').map(({ value }) => value),
            classic ? [5] : [],
          );
          assert.deepEqual(
            red.received('errors').map((message) => at(message, 'error.code')),
            classic ? [] : ['UNSUPPORTED'],
          );
        });
      });
    }
  }

  for (const profile of PROFILES) {
    for (const protocolVersion of VERSIONS) {
      it(`tells the present state when asked (${profile}, ${titleOf(protocolVersion)})`, async () => {
        await start(profile);
        const { room, shed } = plant(manager);
        const node = (id: string, properties: object): FlowNode => ({ id, type: 'openremote-events', ...properties });
        const one = { assetId: room, attribute: 'temperature' };
        await deployConnected(
          red,
          managerFlow(
            manager.port,
            [
              node('asset', { kind: 'asset', scope: 'asset', assetId: room }),
              node('value', { kind: 'value', scope: 'asset', ...one }),
              node('realm', { kind: 'attribute', scope: 'realm', attribute: 'temperature' }),
            ],
            { protocolVersion },
          ),
        );
        const asset = await resultOf(red, 'asset', { topic: 'mine' });
        assert.deepEqual(
          [at(asset, 'payload.cause'), at(asset, 'payload.asset.name'), asset['topic']],
          ['READ', 'Kitchen', 'mine'],
        );
        const value = await resultOf(red, 'value', {});
        assert.deepEqual(
          [at(value, 'payload.event'), at(value, 'payload.cause'), at(value, 'payload.value')],
          ['value', 'READ', 21.5],
        );
        red.send('realm', { assetId: [room, shed] });
        await red.next('results', (message) => at(message, 'payload.assetId') === shed);
        assert.deepEqual(
          red
            .received('results')
            .slice(-2)
            .map((message) => [at(message, 'payload.assetId'), at(message, 'payload.attribute')]),
          [
            [room, 'temperature'],
            [shed, 'temperature'],
          ],
        );
        assert.equal((await failureOf(red, 'realm', {})).code, 'INVALID');
        const unknown = await failureOf(red, 'realm', { assetId: UNKNOWN });
        assert.equal(at(unknown.cause, 'error'), 'NOT_FOUND');
      });
    }
  }

  it('cannot tell the present state of a released manager', async () => {
    await start('classic');
    const { room } = plant(manager);
    await deployConnected(
      red,
      managerFlow(manager.port, events('events', { kind: 'asset', scope: 'asset', assetId: room })),
    );
    assert.equal((await failureOf(red, 'events', {})).code, 'UNSUPPORTED');
  });

  for (const profile of PROFILES) {
    it(`below a gateway: what it may watch (${profile})`, async () => {
      await start(profile);
      const child = { kind: 'attribute', scope: 'asset', assetId: DEMO.chargerId };
      await deployConnected(
        red,
        managerFlow(
          manager.port,
          [
            ...events('child', child),
            ...events('realm', { kind: 'attribute', scope: 'realm' }),
            ...events('itself', { kind: 'asset', scope: 'asset', assetId: DEMO.gatewayId }),
            attributeNode('settle', { operation: 'update', assetId: DEMO.chargerId, attribute: 'power' }),
          ],
          { clientid: DEMO.gatewayClientId },
        ),
        GATEWAY_LOGIN,
      );
      await resultOf(red, 'settle', { payload: 1 });
      await resultOf(red, 'settle', { payload: 2 });
      await until(() => payloads('child').some(({ value }) => value === 2), 'the event');
      const refused = red
        .received('errors')
        .map((message) => [at(message, 'error.source.id'), at(message, 'error.code')]);
      if (profile === 'documented') {
        // Wildcards are relative to the gateway there.
        assert.deepEqual(refused, []);
        assert.ok(payloads('realm').some(({ value }) => value === 2));
      } else {
        assert.deepEqual(refused.sort(), [
          ['itself', 'SUBSCRIPTION_REFUSED'],
          ['realm', 'SUBSCRIPTION_REFUSED'],
        ]);
        assert.match(String(at(red.received('errors')[0], 'error.message')), /below itself only/);
      }
    });
  }

  it('tells an unreadable event once until it is readable again', async () => {
    await start('source');
    const broker = await startAedes();
    try {
      const topic = `${DEMO.realm}/box/events/assets/${UNKNOWN}/attributes/power`;
      const filter = `${DEMO.realm}/box/events/assets/${UNKNOWN}/attributes/power`;
      const selection = { kind: 'attribute', scope: 'asset', assetId: UNKNOWN, attribute: 'power' };
      await red.deploy(managerFlow(broker.port, events('events', selection), { protocolVersion: '4' }), login());
      await until(() => broker.subscribed.includes(filter), 'the subscription');
      const event = { eventType: 'attribute', ref: { id: UNKNOWN, name: 'power' }, timestamp: 5, deleted: false };
      await broker.publish(topic, '{');
      await broker.publish(topic, '{"ref":1}');
      await broker.publish(topic, JSON.stringify({ ...event, value: 1 }));
      await broker.publish(topic, 'x');
      await broker.publish(topic, JSON.stringify({ ...event, value: 2 }));
      await until(() => payloads('events').length === 2, 'the events');
      await until(() => red.received('errors').length >= 2, 'the errors');
      assert.equal(red.received('errors').length, 2);
      for (const message of red.received('errors')) {
        assert.equal(at(message, 'error.code'), 'BAD_PAYLOAD');
        assert.equal(at(message, 'topic'), topic);
      }
      assert.deepEqual(
        payloads('events').map(({ value }) => value),
        [1, 2],
      );
    } finally {
      await red.deploy([]);
      await broker.stop();
    }
  });
});
