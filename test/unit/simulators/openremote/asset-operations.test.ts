import assert from 'node:assert/strict';
import { type AssetJson, DEMO, type OpenRemoteSimulator } from '../../../../src/simulators/openremote/index';
import { FakeClock, Fixture, json, type TestClient } from './support';

const { buildingId: BUILDING, gatewayId: GATEWAY } = DEMO;
const UNKNOWN = '0123456789ABCDEFGHIJKL';
const ID = /^[0-9A-Za-z]{22}$/;
const REQUIRED = { notes: {}, location: {} };

interface AssetEvent {
  readonly eventType: string;
  readonly cause: string;
  readonly asset: AssetJson;
  readonly timestamp: number;
}

function failure(error: string, message: string): object {
  return { type: 'error', error, message };
}

const INVALID_TEMPLATE = failure('BAD_REQUEST', 'Invalid asset template');
const NOT_PROCESSED = failure('INTERNAL_SERVER_ERROR', 'Failed to process asset');

for (const version of [4, 5] as const) {
  describe(`OpenRemote simulator: operations on assets (${version})`, () => {
    const fixture = new Fixture();
    let clock: FakeClock;
    let manager: OpenRemoteSimulator;
    let client: TestClient;

    beforeEach(async () => {
      clock = new FakeClock();
      manager = await fixture.manager({ clock });
      client = await fixture.operator(manager, { version });
    });
    afterEach(() => fixture.end());

    const create = async (template: unknown): Promise<AssetEvent> =>
      (await client.ask('one/create', template)) as AssetEvent;
    const stored = (id: string): AssetJson => {
      const asset = manager.getAsset(id);
      assert.ok(asset);
      return asset;
    };

    describe('asset.create', () => {
      it('answers with the asset as requested: without createdOn and path', async () => {
        const attributes = { presence: {}, ...REQUIRED };
        const { asset, ...event } = await create({
          type: 'PresenceSensorAsset',
          name: 'Hall',
          parentId: BUILDING,
          attributes,
        });
        assert.match(asset.id, ID);
        const { id, attributes: echoed, ...rest } = asset;
        const timestamp = clock.now();
        assert.deepEqual(event, { eventType: 'asset', cause: 'CREATE', timestamp: 0 });
        assert.deepEqual(rest, {
          version: 0,
          name: 'Hall',
          accessPublicRead: false,
          parentId: BUILDING,
          realm: 'master',
          type: 'PresenceSensorAsset',
        });
        assert.deepEqual(echoed['presence'], { name: 'presence', type: 'boolean', meta: {}, value: null, timestamp });
        assert.deepEqual(Object.keys(echoed).sort(), ['location', 'notes', 'presence']);
        assert.deepEqual(stored(id).path, [BUILDING, id]);
      });

      it('makes a ThingAsset of a missing and of an unknown type', async () => {
        for (const type of [undefined, 'Toaster']) {
          assert.equal((await create({ type, name: 'x', attributes: REQUIRED })).asset.type, 'ThingAsset');
        }
      });

      it('puts a fresh id wherever %UNIQUE_ID% stands', async () => {
        const { asset } = await create({ name: 'Thing %UNIQUE_ID%', attributes: REQUIRED });
        assert.match(asset.name, /^Thing [0-9A-Za-z]{22}$/);
      });

      it('coerces values to the types of the asset type, and keeps attributes of its own', async () => {
        const { asset } = await create({
          type: 'PlugAsset',
          name: 'Plug',
          attributes: { ...REQUIRED, onOff: { value: 'true', type: 'text' }, extra: { type: 'integer', value: '7' } },
        });
        assert.equal(asset.attributes['onOff']?.value, true);
        assert.equal(asset.attributes['onOff'].type, 'boolean');
        assert.equal(asset.attributes['extra']?.value, 7);
      });

      it('takes an id only together with the realm', async () => {
        const template = { id: UNKNOWN, name: 'x', attributes: REQUIRED };
        assert.deepEqual(await create(template), NOT_PROCESSED);
        assert.equal((await create({ ...template, realm: 'master' })).asset.id, UNKNOWN);
        assert.deepEqual(
          await create({ ...template, realm: 'master' }),
          failure('CONFLICT', 'Asset ID already exists'),
        );
      });

      it('keeps concurrent requests apart by their response identifier', async () => {
        const names = Array.from({ length: 20 }, (_, n) => `asset-${n}`);
        const answers = await Promise.all(
          names.map((name) => client.ask(`${name}/create`, { name, attributes: REQUIRED }) as Promise<AssetEvent>),
        );
        assert.deepEqual(
          answers.map(({ asset }) => asset.name),
          names,
        );
      });

      const parent = 'Bad request, the asset cannot be created with the provided parent ID';
      const faults: readonly [string, unknown, object][] = [
        ['an empty body', '', INVALID_TEMPLATE],
        ['null', 'null', INVALID_TEMPLATE],
        ['text that is not JSON', '{', INVALID_TEMPLATE],
        ['an array', '[]', INVALID_TEMPLATE],
        ['attributes that are no object', { name: 'x', attributes: [] }, INVALID_TEMPLATE],
        ['an attribute that is no object', { name: 'x', attributes: { ...REQUIRED, a: 5 } }, INVALID_TEMPLATE],
        [
          'a parent that is a gateway',
          { name: 'x', attributes: REQUIRED, parentId: GATEWAY },
          failure('BAD_REQUEST', parent),
        ],
        [
          'a parent below a gateway',
          { name: 'x', attributes: REQUIRED, parentId: DEMO.chargerId },
          failure('BAD_REQUEST', parent),
        ],
        ['an unknown parent', { name: 'x', attributes: REQUIRED, parentId: UNKNOWN }, NOT_PROCESSED],
        ['another realm', { id: UNKNOWN, realm: 'other', name: 'x', attributes: REQUIRED }, NOT_PROCESSED],
        [
          'missing required attributes',
          { type: 'PresenceSensorAsset', name: 'x', attributes: {} },
          failure(
            'BAD_REQUEST',
            'Asset validation failed: attributes.notes: required attribute is missing, attributes.location: required attribute is missing, ' +
              'attributes.presence: required attribute is missing, : Asset is not valid',
          ),
        ],
        [
          'a blank name',
          { name: ' ', attributes: REQUIRED },
          failure('BAD_REQUEST', 'Asset validation failed: name: must not be blank, : Asset is not valid'),
        ],
        [
          'a bad id',
          { id: 'short', realm: 'master', name: 'x', attributes: REQUIRED },
          failure('BAD_REQUEST', 'Asset validation failed: id: is not a valid asset id, : Asset is not valid'),
        ],
        [
          'a value of another type',
          { name: 'x', attributes: { ...REQUIRED, location: { value: 'home' } } },
          failure(
            'BAD_REQUEST',
            'Asset validation failed: attributes.location: value is not of type GEO_JSONPoint, : Asset is not valid',
          ),
        ],
      ];
      for (const [what, template, answer] of faults) {
        it(`answers ${what} with an error`, async () => assert.deepEqual(await create(template), answer));
      }
    });

    describe('asset.get', () => {
      it('answers the bare asset, with its path from the root', async () => {
        const child = manager.createAsset({ name: 'Child', parentId: BUILDING });
        const answer = (await client.ask(`${child.id}/get`)) as AssetJson;
        assert.deepEqual(answer, json(JSON.stringify(child)));
        assert.deepEqual(answer.path, [BUILDING, child.id]);
        assert.equal(answer.createdOn, clock.now());
      });

      it('does not care for the payload', async () => {
        assert.equal(((await client.ask(`${BUILDING}/get`, '{"x')) as AssetJson).id, BUILDING);
      });
    });

    describe('asset.update', () => {
      it('replaces name, parent and attributes, and nothing else', async () => {
        const { id } = manager.createAsset({
          name: 'Old',
          parentId: BUILDING,
          attributes: { extra: { type: 'text', value: 'x' } },
        });
        clock.advance(1_000);
        const { asset, ...event } = (await client.ask(`${id}/update`, {
          name: 'New',
          parentId: BUILDING,
          type: 'PlugAsset',
          realm: 'other',
          version: 77,
          attributes: { ...REQUIRED, notes: { value: 'hello', timestamp: 5 } },
        })) as AssetEvent;
        assert.deepEqual(event, { eventType: 'asset', cause: 'UPDATE', timestamp: 0 });
        assert.equal(asset.version, 0);
        const after = stored(id);
        assert.deepEqual(
          [after.name, after.type, after.realm, after.version, after.parentId],
          ['New', 'ThingAsset', 'master', 1, BUILDING],
        );
        assert.deepEqual(Object.keys(after.attributes).sort(), ['location', 'notes']);
        assert.deepEqual([after.attributes['notes']?.value, after.attributes['notes']?.timestamp], ['hello', 5]);
        assert.equal(after.attributes['location']?.timestamp, clock.now());
      });

      it('moves to the realm root what comes without parentId, and echoes the old path', async () => {
        const { id } = manager.createAsset({ name: 'x', parentId: BUILDING });
        const below = manager.createAsset({ name: 'y', parentId: id });
        const { asset } = (await client.ask(`${id}/update`, { name: 'x', attributes: REQUIRED })) as AssetEvent;
        assert.equal(asset.parentId, undefined);
        assert.deepEqual(asset.path, [BUILDING, id]);
        assert.deepEqual(stored(id).path, [id]);
        assert.deepEqual(stored(below.id).path, [id, below.id]);
      });

      it('is silent when the name is missing', async () => {
        for (const body of [{ attributes: REQUIRED }, { name: null, attributes: REQUIRED }]) {
          assert.equal(
            await client.publish(`operations/assets/${BUILDING}/update`, JSON.stringify(body)),
            'acknowledged',
          );
        }
        await client.settle();
        assert.deepEqual(client.drain(), []);
      });

      const faults: readonly [string, unknown, object][] = [
        ['a body that is no asset', '7', INVALID_TEMPLATE],
        ['an empty body', '', INVALID_TEMPLATE],
        [
          'a parent that is a gateway',
          { name: 'x', parentId: GATEWAY, attributes: REQUIRED },
          failure('BAD_REQUEST', 'Bad request, the asset cannot be updated with the provided parent ID'),
        ],
        ['an unknown parent', { name: 'x', parentId: UNKNOWN, attributes: REQUIRED }, NOT_PROCESSED],
        ['itself as the parent', { name: 'x', parentId: BUILDING, attributes: REQUIRED }, NOT_PROCESSED],
        [
          'a required attribute that is not listed',
          { name: 'x', attributes: { notes: {} } },
          failure(
            'BAD_REQUEST',
            'Asset validation failed: attributes.location: required attribute is missing, : Asset is not valid',
          ),
        ],
      ];
      for (const [what, body, answer] of faults) {
        it(`answers ${what} with an error, and changes nothing`, async () => {
          const before = stored(BUILDING);
          assert.deepEqual(await client.ask(`${BUILDING}/update`, body), answer);
          assert.deepEqual(stored(BUILDING), before);
        });
      }
    });

    describe('asset.delete', () => {
      it('answers the asset as it was, and removes all below it', async () => {
        const child = manager.createAsset({ name: 'Child', parentId: BUILDING });
        const grandchild = manager.createAsset({ name: 'Grandchild', parentId: child.id });
        const before = stored(BUILDING);
        const { asset, cause } = (await client.ask(`${BUILDING}/delete`)) as AssetEvent;
        assert.equal(cause, 'DELETE');
        assert.deepEqual(asset, json(JSON.stringify(before)));
        for (const id of [BUILDING, child.id, grandchild.id]) assert.equal(manager.getAsset(id), undefined);
      });
    });
  });
}
