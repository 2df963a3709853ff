import assert from 'node:assert/strict';
import { createOpenRemoteSimulator, DEMO, type OpenRemoteSimulator } from '../../src/simulators/openremote/index';
import { at, type FlowNode, MAJOR, type NodeRed, startNodeRed } from '../support/node-red';
import {
  connected,
  deployConnected,
  failureOf,
  managerFlow,
  PROFILES,
  resultOf,
  titleOf,
  UNKNOWN,
  VERSIONS,
} from '../support/openremote';
import { until } from '../support/until';
import { EXAMPLES, ROOM } from '../unit/openremote/support';

const attribute = (id: string, properties = {}): FlowNode => ({ id, type: 'openremote-attribute', ...properties });

const NODES = [
  attribute('any'),
  attribute('city', { operation: 'update', assetId: DEMO.buildingId, attribute: 'city' }),
  attribute('impatient', { timeout: '0.2' }),
];

describe(`nodes: openremote-attribute in Node-RED ${MAJOR}`, function () {
  this.timeout(30_000);
  let red: NodeRed;
  let manager: OpenRemoteSimulator;
  before(async () => (red = await startNodeRed()));
  after(() => red.stop());

  async function start(profile: 'source' | 'documented' | 'classic', protocolVersion: string): Promise<void> {
    manager = createOpenRemoteSimulator({ profile });
    await manager.start();
    await deployConnected(red, managerFlow(manager.port, NODES, { protocolVersion }));
  }
  async function stop(): Promise<void> {
    await red.deploy([]);
    await manager.stop();
  }
  const stored = (assetId: string, name: string): unknown => manager.getAsset(assetId)?.attributes[name]?.value;

  for (const profile of PROFILES) {
    for (const protocolVersion of VERSIONS) {
      describe(`${profile}, ${titleOf(protocolVersion)}`, () => {
        let room: string;
        before(() => start(profile, protocolVersion));
        after(stop);
        beforeEach(() => {
          room = manager.createAsset(ROOM).id;
        });

        it('updates one, typed, and null: the result names what the server took', async () => {
          for (const [name, payload] of [
            ['temperature', 19.25],
            ['lit', true],
            ['remark', 'say "hello"'],
            ['remark', ''],
            ['remark', null],
          ] as const) {
            const message = { operation: 'update', assetId: room, attribute: name, payload };
            const written = await resultOf(red, 'any', { ...message, topic: 'mine' });
            assert.deepEqual(written['payload'], {
              assetId: room,
              attribute: name,
              value: payload,
              timestamp: null,
              outcome: 'accepted',
            });
            assert.equal(written['topic'], 'mine');
            assert.equal(stored(room, name), payload);
          }
        });

        it('takes operation, asset and attribute from its own properties before those of the message', async () => {
          await resultOf(red, 'city', { operation: 'get', assetId: room, attribute: 'lit', payload: 'Nantes' });
          assert.equal(stored(DEMO.buildingId, 'city'), 'Nantes');
        });

        it('updates several with the documented payload, which the server fits to their types', async () => {
          const { id } = manager.createAsset(EXAMPLES['asset-template'] ?? {});
          const payload = EXAMPLES['attribute-values'];
          const written = await resultOf(red, 'any', { operation: 'updateMany', assetId: id, payload });
          assert.deepEqual(
            (written['payload'] as object[]).map((one) => [
              at(one, 'assetId'),
              at(one, 'attribute'),
              at(one, 'outcome'),
            ]),
            [
              [id, 'presence', 'accepted'],
              [id, 'notes', 'accepted'],
            ],
          );
          assert.equal(stored(id, 'presence'), true);
          assert.equal(stored(id, 'notes'), 'Motion detected');
        });

        it('gets an attribute, a bare value, null for none, and all by name', async () => {
          const one = { assetId: room, attribute: 'temperature' };
          const got = await resultOf(red, 'any', { operation: 'get', ...one });
          assert.equal(at(got, 'payload.name'), 'temperature');
          assert.equal(at(got, 'payload.value'), 21.5);
          assert.deepEqual(at(got, 'payload.meta'), ROOM.attributes.temperature.meta);
          assert.equal((await resultOf(red, 'any', { operation: 'getValue', ...one }))['payload'], 21.5);
          const none = await resultOf(red, 'any', { operation: 'getValue', assetId: room, attribute: 'remark' });
          assert.equal(none['payload'], null);
          const all = await resultOf(red, 'any', { operation: 'getAll', assetId: room });
          assert.deepEqual(
            Object.keys(all['payload'] as object).sort(),
            Object.keys(manager.getAsset(room)?.attributes ?? {}).sort(),
          );
        });

        it("hands on the server's refusals", async () => {
          const refused: [string, object][] = [
            ['UNAUTHORIZED', { operation: 'update', attribute: 'nope', payload: 1 }],
            ['UNAUTHORIZED', { operation: 'updateMany', payload: { lit: true, nope: 1 } }],
            ['UNAUTHORIZED', { operation: 'updateMany', assetId: UNKNOWN, payload: { lit: true } }],
            ['NOT_FOUND', { operation: 'get', attribute: 'nope' }],
            ['NOT_FOUND', { operation: 'getValue', attribute: 'nope' }],
            ['NOT_FOUND', { operation: 'getAll', assetId: UNKNOWN }],
          ];
          for (const [code, message] of refused) {
            const error = await failureOf(red, 'any', { assetId: room, ...message });
            assert.equal(error.code, 'REFUSED');
            assert.equal(at(error.cause, 'error'), code);
          }
          assert.equal(stored(room, 'lit'), false, 'all or none');
        });

        it('refuses what cannot be meant before anything is sent', async () => {
          const answers: string[] = [];
          manager.behaviour.dropResponse = ({ topic }) => answers.push(topic) < 0;
          const bad: [string, object][] = [
            ['operation', { operation: 'set' }],
            ['assetId', { operation: 'get', assetId: 'x' }],
            ['attribute', { operation: 'get' }],
            ['attribute', { operation: 'update', attribute: 'a/b', payload: 1 }],
            ['lit', { operation: 'update', attribute: 'lit', payload: undefined }],
            ['lit', { operation: 'update', attribute: 'lit', payload: Buffer.from('1') }],
            ['lit.a.1', { operation: 'update', attribute: 'lit', payload: { a: [1, NaN] } }],
            ['', { operation: 'updateMany', payload: [1] }],
            ['timestamp', { operation: 'update', attribute: 'lit', payload: 1, timestamp: 'yesterday' }],
            ['timestamp', { operation: 'updateMany', payload: { lit: 1 }, timestamp: -1 }],
          ];
          for (const [path, message] of bad) {
            const error = await failureOf(red, 'any', { assetId: room, ...message });
            assert.equal(error.code, 'INVALID', JSON.stringify(message));
            assert.equal(at(error.cause, 'details.0.path'), path, JSON.stringify(message));
          }
          await resultOf(red, 'any', { operation: 'getAll', assetId: room });
          assert.deepEqual(answers, [`${DEMO.realm}/box/operations/assets/${room}/get/response`]);
        });

        it('gives up in its time when no answer comes', async () => {
          manager.behaviour.dropResponse = () => true;
          const error = await failureOf(red, 'impatient', { operation: 'get', assetId: room, attribute: 'lit' });
          assert.equal(error.code, 'TIMEOUT');
          assert.match(error.message, /does not answer for an asset that it does not know/);
        });
      });
    }
  }

  for (const protocolVersion of VERSIONS) {
    describe(`a released manager, ${titleOf(protocolVersion)}`, () => {
      before(() => start('classic', protocolVersion));
      after(stop);

      const { buildingId } = DEMO;
      const city = (): { value?: unknown; timestamp?: number } => ({
        ...manager.getAsset(buildingId)?.attributes['city'],
      });

      it('is written to without an answer', async () => {
        const written = await resultOf(red, 'city', { payload: 'Paris' });
        assert.deepEqual(written['payload'], {
          assetId: buildingId,
          attribute: 'city',
          value: 'Paris',
          timestamp: null,
          outcome: 'sent',
        });
        await until(() => city().value === 'Paris', 'the city');
        const payload = { city: 'Metz', area: 120 };
        const both = await resultOf(red, 'any', { operation: 'updateMany', assetId: buildingId, payload });
        assert.deepEqual(
          (both['payload'] as object[]).map((one) => [at(one, 'attribute'), at(one, 'outcome')]),
          [
            ['city', 'sent'],
            ['area', 'sent'],
          ],
        );
        await until(() => city().value === 'Metz' && stored(buildingId, 'area') === 120, 'both');
      });

      it("is told the value's time where the message has one, in any usual form", async () => {
        const now = Date.now() + 1_000;
        for (const [index, form] of [
          (ms: number) => ms,
          (ms: number) => new Date(ms),
          (ms: number) => new Date(ms).toISOString(),
        ].entries()) {
          const ms = now + index;
          const written = await resultOf(red, 'city', { payload: `City ${index}`, timestamp: form(ms) });
          assert.equal(at(written, 'payload.timestamp'), new Date(ms).toISOString());
          await until(() => city().value === `City ${index}`, 'the city');
          assert.equal(city().timestamp, ms);
        }
        const error = await failureOf(red, 'city', { payload: 'x', timestamp: {} });
        assert.equal(error.code, 'INVALID');
      });

      it('refuses what it does not know, and lacks what only the Gateway API has', async () => {
        const error = await failureOf(red, 'any', {
          operation: 'update',
          assetId: buildingId,
          attribute: 'nope',
          payload: 1,
        });
        assert.equal(error.code, 'REFUSED');
        await connected(red);
        for (const operation of ['get', 'getValue', 'getAll']) {
          const message = { operation, assetId: buildingId, attribute: 'city' };
          const unsupported = await failureOf(red, 'any', message);
          assert.equal(unsupported.code, 'UNSUPPORTED');
          assert.match(unsupported.message, /feature\/mqtt-gateway-api.*no release up to 1\.28\.1/);
        }
      });
    });
  }
});
