import assert from 'node:assert/strict';
import { type AssetJson, DEMO, type OpenRemoteSimulator } from '../../../../src/simulators/openremote/index';
import { EXAMPLES } from '../../openremote/support';
import { Fixture, type TestClient } from './support';

const { buildingId: BUILDING, chargerId: CHARGER } = DEMO;
const UNKNOWN = '0123456789ABCDEFGHIJKL';
const TEMPLATE = EXAMPLES['asset-template'];

/** The filters of the documentation, below `events/assets/`. */
const FILTERS = [
  '#',
  '+',
  BUILDING,
  `${BUILDING}/#`,
  `${BUILDING}/+`,
  '+/attributes/#',
  '+/attributes/+',
  '+/attributes/notes/#',
  '+/attributes/notes/+',
  `${BUILDING}/attributes`,
  `${BUILDING}/attributes/notes`,
  `${BUILDING}/attributes/notes/#`,
  `${BUILDING}/attributes/notes/+`,
];

/** Members and types, whatever the values. */
function shapeOf(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(shapeOf);
  if (typeof value !== 'object' || value === null) return value === null ? null : typeof value;
  return Object.fromEntries(Object.entries(value).map(([name, member]) => [name, shapeOf(member)]));
}

function assertShaped(answer: unknown, example: string): void {
  assert.deepEqual(shapeOf(answer), shapeOf(EXAMPLES[example]), example);
}

/** The complaints of a failed validation, in any order. */
function complaints(message: unknown): string[] {
  return String(message).replace('Asset validation failed: ', '').split(', ').sort();
}

for (const profile of ['source', 'documented'] as const) {
  for (const version of [4, 5] as const) {
    describe(`OpenRemote simulator: what the documentation shows (${profile}, ${version})`, () => {
      const fixture = new Fixture();
      let manager: OpenRemoteSimulator;
      let client: TestClient;
      beforeEach(async () => {
        manager = await fixture.manager({ profile });
        client = await fixture.operator(manager, { version });
      });
      afterEach(() => fixture.end());

      const create = (template: object): Promise<unknown> => client.ask('any-1/create', template);

      it('operations on assets', async () => {
        const created = (await create({ ...TEMPLATE, parentId: BUILDING })) as { asset: AssetJson };
        assertShaped(created, 'asset-event-create');
        const { id, name, attributes } = created.asset;
        assertShaped(await client.ask(`${id}/get`), 'asset');
        assertShaped(await client.ask(`${id}/update`, { name, attributes }), 'asset-event-update');
        await client.ask(`${id}/update`, { name, attributes, parentId: BUILDING });
        assertShaped(await client.ask(`${id}/delete`), 'asset-event-delete');
      });

      it('operations on attributes', async () => {
        const { asset } = (await create({ ...TEMPLATE })) as { asset: AssetJson };
        const of = `${asset.id}/attributes`;
        const stored = (name: string): unknown => manager.getAsset(asset.id)?.attributes[name]?.value;
        assert.deepEqual(await client.ask(`${of}/presence/update`, '1'), {
          ...EXAMPLES['attribute-event'],
          ref: { id: asset.id, name: 'presence' },
        });
        assert.equal(stored('presence'), true);
        const written = (await client.ask(`${of}/update`, EXAMPLES['attribute-values'])) as { ref: { name: string } }[];
        assert.deepEqual(
          written.map(({ ref }) => ref.name),
          ['presence', 'notes'],
        );
        assert.equal(stored('notes'), 'Motion detected');
        assert.deepEqual(await client.ask(`${of}/notes/get`), manager.getAsset(asset.id)?.attributes['notes']);
        assert.equal(await client.ask(`${of}/notes/get-value`), 'Motion detected');
        if (profile === 'documented') {
          assert.deepEqual(await client.ask(`${of}/get`), { ...manager.getAsset(asset.id)?.attributes });
        } else {
          assert.equal(await client.publish(`operations/assets/${of}/get`), version === 4 ? 'closed' : 0x87);
        }
      });

      it('error codes', async () => {
        const refused = (await create({ type: 'PresenceSensorAsset', name: 'x' })) as { message: string };
        assert.deepEqual(
          { ...refused, message: complaints(refused.message) },
          { ...EXAMPLES['error'], message: complaints(EXAMPLES['error']?.['message']) },
        );
        for (const [code, answer] of [
          ['CONFLICT', await create({ ...TEMPLATE, id: BUILDING, realm: DEMO.realm })],
          ['NOT_FOUND', await client.ask(`${UNKNOWN}/get`)],
          ['UNAUTHORIZED', await client.ask(`${BUILDING}/attributes/update`, { nothing: 1 })],
          ['INTERNAL_SERVER_ERROR', await create({ ...TEMPLATE, parentId: UNKNOWN })],
        ] as const) {
          assert.deepEqual(shapeOf(answer), { type: 'string', error: 'string', message: 'string' });
          assert.equal((answer as { error: string }).error, code);
        }
      });

      it('event filters', () => client.subscribe(...FILTERS.map((filter) => `events/assets/${filter}`)));

      it('pending writes and their acknowledgement', async () => {
        const gateway = await fixture.gateway(manager, { version });
        await gateway.subscribe('gateway/events/pending');
        assert.equal(manager.writeAttribute(CHARGER, 'maxCurrent', 10), 'pending');
        const { text } = await gateway.next('gateway/events/pending');
        const { ackId } = JSON.parse(text) as { ackId: string };
        assert.equal(manager.getAsset(CHARGER)?.attributes['maxCurrent']?.value, 16);
        assert.equal(await gateway.publish('gateway/events/acknowledge', ackId), 'acknowledged');
        assert.equal(manager.getAsset(CHARGER)?.attributes['maxCurrent']?.value, 10);
      });
    });
  }
}
