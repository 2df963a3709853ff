import assert from 'node:assert/strict';
import { createOpenRemoteSimulator, DEMO, type OpenRemoteSimulator } from '../../src/simulators/openremote/index';
import { at, MAJOR, type NodeRed, type Received, startNodeRed } from '../support/node-red';
import {
  deployConnected,
  failureOf,
  managerFlow,
  PROFILES,
  resultOf,
  titleOf,
  UNKNOWN,
  VERSIONS,
} from '../support/openremote';
import { type Proxy, startProxy } from '../support/proxy';
import { EXAMPLES, ROOM } from '../unit/openremote/support';

const TEMPLATE = EXAMPLES['asset-template'];
const REQUIRED = { notes: {}, location: {} };

describe(`nodes: openremote-asset in Node-RED ${MAJOR}`, function () {
  this.timeout(30_000);
  let red: NodeRed;
  before(async () => (red = await startNodeRed()));
  after(() => red.stop());

  for (const profile of PROFILES) {
    for (const protocolVersion of VERSIONS) {
      describe(`${profile}, ${titleOf(protocolVersion)}`, () => {
        let manager: OpenRemoteSimulator;
        let link: Proxy;
        /** Topics that the manager answered below. */
        let answered: string[];
        let room: string;

        before(async () => {
          manager = createOpenRemoteSimulator({ profile });
          await manager.start();
          link = await startProxy(manager.port);
          manager.behaviour.dropResponse = ({ topic }) => {
            answered.push(topic);
            return false;
          };
          const asset = (id: string, properties = {}): { id: string; type: string } => ({
            id,
            type: 'openremote-asset',
            ...properties,
          });
          await deployConnected(
            red,
            managerFlow(
              link.port,
              [
                asset('any'),
                asset('replace', { mode: 'replace' }),
                asset('get building', { operation: 'get', assetId: DEMO.buildingId }),
                asset('fixed template', {
                  operation: 'create',
                  template: JSON.stringify({ type: 'ThingAsset', name: 'Fixed', attributes: REQUIRED }),
                  templateType: 'json',
                }),
                asset('impatient', { timeout: '0.2' }),
              ],
              { protocolVersion },
            ),
          );
        });
        after(async () => {
          await red.deploy([]);
          await link.stop();
          await manager.stop();
        });
        beforeEach(() => {
          answered = [];
          room = manager.createAsset(ROOM).id;
        });

        const stored = (id = room): Received => ({ ...manager.getAsset(id) });

        it('creates: the asset is the payload, the whole answer the event, and the message is the one that came', async () => {
          const created = await resultOf(red, 'any', {
            operation: 'create',
            payload: TEMPLATE,
            topic: 'mine',
            own: [1],
          });
          assert.equal(at(created, 'payload.name'), 'Hallway A Presence Sensor');
          assert.equal(at(created, 'event.eventType'), 'asset');
          assert.equal(at(created, 'event.cause'), 'CREATE');
          assert.deepEqual(at(created, 'event.asset'), created['payload']);
          assert.equal(created['topic'], 'mine');
          assert.deepEqual(created['own'], [1]);
          assert.equal(stored(String(at(created, 'payload.id')))['type'], 'PresenceSensorAsset');
        });

        it('creates from its own template, below the identifier that the message gives the answer', async () => {
          const created = await resultOf(red, 'fixed template', {
            payload: 'not a template',
            responseIdentifier: 'mine-1',
          });
          assert.equal(at(created, 'payload.name'), 'Fixed');
          assert.deepEqual(answered, [`${DEMO.realm}/box/operations/assets/mine-1/create/response`]);
        });

        it('gets, by its own property before that of the message', async () => {
          const got = await resultOf(red, 'any', { operation: 'get', assetId: room });
          assert.equal(at(got, 'payload.name'), 'Kitchen');
          assert.deepEqual(got['event'], got['payload']);
          const fixed = await resultOf(red, 'get building', { operation: 'delete', assetId: room });
          assert.equal(at(fixed, 'payload.name'), 'Home');
          assert.ok(manager.getAsset(room));
        });

        it('merges an update: what the template does not name stays, with parent, values and meta', async () => {
          const temperature = { value: 22, meta: { label: 'Warmth' } };
          const changes = { name: 'Galley', attributes: { lit: { value: true }, temperature } };
          const updated = await resultOf(red, 'any', { operation: 'update', assetId: room, payload: changes });
          assert.equal(at(updated, 'event.cause'), 'UPDATE');
          assert.equal(at(updated, 'payload.name'), 'Galley');
          const asset = stored();
          assert.equal(asset['name'], 'Galley');
          assert.equal(asset['parentId'], DEMO.buildingId);
          assert.equal(at(asset, 'attributes.lit.value'), true);
          assert.equal(at(asset, 'attributes.temperature.value'), 22);
          assert.deepEqual(at(asset, 'attributes.temperature.meta'), {
            ...ROOM.attributes.temperature.meta,
            label: 'Warmth',
          });
          assert.equal(at(asset, 'attributes.remark.type'), 'text');
        });

        it('replaces where that is chosen: what is not named goes, the parent too', async () => {
          const payload = { type: 'ThingAsset', name: 'Shed', attributes: REQUIRED };
          await resultOf(red, 'replace', { operation: 'update', assetId: room, payload });
          assert.equal(stored()['parentId'], undefined);
          assert.deepEqual(Object.keys(at(stored(), 'attributes') as object).sort(), ['location', 'notes']);
        });

        it('deletes, and tells the asset as it was', async () => {
          const gone = await resultOf(red, 'any', { operation: 'delete', assetId: room });
          assert.equal(at(gone, 'event.cause'), 'DELETE');
          assert.equal(at(gone, 'payload.name'), 'Kitchen');
          assert.equal(manager.getAsset(room), undefined);
        });

        it("hands on the server's refusals with its code and words", async () => {
          const id = 'A'.repeat(22);
          const full = { type: 'ThingAsset', name: 'x', attributes: REQUIRED };
          manager.createAsset({ ...full, id });
          const refused: [string, object][] = [
            ['NOT_FOUND', { operation: 'get', assetId: UNKNOWN }],
            ['NOT_FOUND', { operation: 'update', assetId: UNKNOWN, payload: { name: 'x' } }],
            ['BAD_REQUEST', { operation: 'create', payload: { type: 'PresenceSensorAsset', name: 'x' } }],
            ['CONFLICT', { operation: 'create', payload: { ...full, id } }],
            ['INTERNAL_SERVER_ERROR', { operation: 'create', payload: { ...full, parentId: UNKNOWN } }],
          ];
          for (const [code, message] of refused) {
            const error = await failureOf(red, 'any', message);
            assert.equal(error.code, 'REFUSED');
            assert.equal(at(error.cause, 'error'), code);
            assert.ok(error.message.includes(code) && error.message.includes(String(at(error.cause, 'reply'))));
          }
          manager.deleteAsset(id);
          assert.equal(link.opened(), 1, 'none of these costs the connection');
        });

        it('refuses what cannot be meant before anything is sent, and says where it is wrong', async () => {
          const bad: [string, object][] = [
            ['operation', {}],
            ['operation', { operation: 'read' }],
            ['assetId', { operation: 'get' }],
            ['assetId', { operation: 'get', assetId: '+' }],
            ['assetId', { operation: 'delete', assetId: `${room}/x` }],
            ['responseIdentifier', { operation: 'create', payload: TEMPLATE, responseIdentifier: 'a/b' }],
            ['type', { operation: 'create', payload: { name: 'x' } }],
            ['', { operation: 'create', payload: 'text' }],
            ['', { operation: 'update', assetId: room, payload: [] }],
            ['name', { operation: 'update', assetId: room, payload: { name: '' } }],
            [
              'attributes.lit.value',
              { operation: 'update', assetId: room, payload: { attributes: { lit: { value: NaN } } } },
            ],
          ];
          for (const [path, message] of bad) {
            const error = await failureOf(red, 'any', message);
            assert.equal(error.code, 'INVALID', JSON.stringify(message));
            assert.equal(at(error.cause, 'details.0.path'), path, JSON.stringify(message));
          }
          assert.equal(
            (await failureOf(red, 'replace', { operation: 'update', assetId: room, payload: {} })).code,
            'INVALID',
          );
          await resultOf(red, 'get building', {});
          assert.deepEqual(answered, [`${DEMO.realm}/box/operations/assets/${DEMO.buildingId}/get/response`]);
          assert.equal(link.opened(), 1);
        });

        it('gives up in its time when no answer comes', async () => {
          const { dropResponse } = manager.behaviour;
          manager.behaviour.dropResponse = () => true;
          const error = await failureOf(red, 'impatient', { operation: 'get', assetId: room });
          manager.behaviour.dropResponse = dropResponse;
          assert.equal(error.code, 'TIMEOUT');
          assert.match(error.message, /0\.2 s.*sent, not answered/);
        });
      });
    }
  }
});
