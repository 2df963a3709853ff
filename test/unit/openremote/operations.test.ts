import assert from 'node:assert/strict';
import type { Client } from '../../../src/openremote/client';
import { DEMO, EXAMPLES, failsWith, type Manager, OPTIONS, ROOM, startManager, VERSIONS } from './support';

const UNKNOWN = '0000000000000000000000';

for (const profile of ['source', 'documented'] as const) {
  for (const protocolVersion of VERSIONS) {
    describe(`openremote: operations (${profile}, MQTT ${protocolVersion === 5 ? '5' : '3.1.1'})`, () => {
      let manager: Manager;
      let client: Client;
      let room: string;

      before(async () => {
        manager = await startManager({ profile });
        client = await manager.client({ protocolVersion });
      });
      after(() => manager.stop());
      beforeEach(() => {
        room = manager.simulator.createAsset(ROOM).id;
      });

      it('creates an asset from the documented template', async () => {
        const event = await client.createAsset(EXAMPLES['asset-template'], OPTIONS);
        assert.equal(event.cause, 'CREATE');
        assert.equal(event.asset.name, 'Hallway A Presence Sensor');
        assert.equal(manager.simulator.getAsset(event.asset.id)?.type, 'PresenceSensorAsset');
      });

      it('creates assets at the same time without mixing up their answers', async () => {
        const names = Array.from({ length: 20 }, (_, i) => `Thing ${i}`);
        const attributes = { notes: {}, location: {} };
        const events = await Promise.all(
          names.map((name) => client.createAsset({ type: 'ThingAsset', name, attributes }, OPTIONS)),
        );
        assert.deepEqual(
          events.map(({ asset }) => asset.name),
          names,
        );
      });

      it('creates with an id, for which the server wants the realm as well', async () => {
        const id = 'A'.repeat(21) + String(protocolVersion);
        const template = { ...EXAMPLES['asset-template'], id };
        assert.equal((await client.createAsset(template, OPTIONS)).asset.id, id);
        await assert.rejects(client.createAsset(template, OPTIONS), failsWith('REFUSED', 'CONFLICT'));
      });

      it('gets an asset', async () => {
        const asset = await client.getAsset(room, OPTIONS);
        assert.equal(asset.name, 'Kitchen');
        assert.equal(asset.parentId, DEMO.buildingId);
      });

      it('merges an update: parent, other attributes and meta stay', async () => {
        const event = await client.updateAsset(
          room,
          { name: 'Galley', attributes: { lit: { value: true } } },
          'merge',
          OPTIONS,
        );
        assert.equal(event.cause, 'UPDATE');
        const asset = manager.simulator.getAsset(room);
        assert.equal(asset?.name, 'Galley');
        assert.equal(asset.parentId, DEMO.buildingId);
        assert.equal(asset.attributes['lit']?.value, true);
        assert.equal(asset.attributes['temperature']?.value, 21.5);
        assert.deepEqual(asset.attributes['temperature'].meta, ROOM.attributes.temperature.meta);
      });

      it('loses none of many updates of one asset at the same time', async () => {
        const names = Array.from({ length: 10 }, (_, i) => `extra${i}`);
        await Promise.all(
          names.map((name) =>
            client.updateAsset(room, { attributes: { [name]: { type: 'number', value: 1 } } }, 'merge', OPTIONS),
          ),
        );
        const attributes = manager.simulator.getAsset(room)?.attributes ?? {};
        for (const name of names) assert.equal(attributes[name]?.value, 1, name);
      });

      it('replaces when told to: no parent named moves it to the top of the realm', async () => {
        const attributes = { notes: {}, location: {} };
        await client.updateAsset(room, { type: 'ThingAsset', name: 'Shed', attributes }, 'replace', OPTIONS);
        const asset = manager.simulator.getAsset(room);
        assert.equal(asset?.parentId, undefined);
        assert.deepEqual(Object.keys(asset?.attributes ?? {}).sort(), ['location', 'notes']);
      });

      it('refuses an update without name before the server would stay silent', async () => {
        for (const template of [{ type: 'ThingAsset', attributes: {} }, [], 'x', null, undefined]) {
          await assert.rejects(client.updateAsset(room, template, 'replace', OPTIONS), failsWith('INVALID'));
        }
        await assert.rejects(client.updateAsset(room, { name: '' }, 'merge', OPTIONS), failsWith('INVALID'));
      });

      it('deletes an asset, and tells it as it was', async () => {
        const event = await client.deleteAsset(room, OPTIONS);
        assert.equal(event.cause, 'DELETE');
        assert.equal(event.asset.name, 'Kitchen');
        assert.equal(manager.simulator.getAsset(room), undefined);
      });

      it('updates one attribute, typed, null included', async () => {
        for (const [attribute, value] of [
          ['temperature', 19.25],
          ['lit', true],
          ['remark', 'say "hello"'],
          ['remark', ''],
          ['remark', null],
        ] as const) {
          const written = await client.updateAttribute(room, attribute, value, OPTIONS);
          assert.equal(written.assetId, room);
          assert.equal(written.attribute, attribute);
          assert.equal(written.outcome, 'accepted');
          assert.equal(await client.getValue(room, attribute, OPTIONS), value);
        }
      });

      it('updates many attributes at once', async () => {
        const written = await client.updateAttributes(room, { temperature: 5, lit: true }, OPTIONS);
        assert.deepEqual(written.map(({ attribute }) => attribute).sort(), ['lit', 'temperature']);
        assert.equal(await client.getValue(room, 'temperature', OPTIONS), 5);
        assert.deepEqual(await client.updateAttributes(room, {}, OPTIONS), []);
      });

      it('gets an attribute, a value, and all attributes', async () => {
        const attribute = await client.getAttribute(room, 'temperature', OPTIONS);
        assert.equal(attribute.name, 'temperature');
        assert.equal(attribute.value, 21.5);
        assert.equal(await client.getValue(room, 'temperature', OPTIONS), 21.5);
        assert.equal(await client.getValue(room, 'remark', OPTIONS), null);
        const all = await client.getAttributes(room, OPTIONS);
        assert.deepEqual(
          Object.keys(all).sort(),
          Object.keys(manager.simulator.getAsset(room)?.attributes ?? {}).sort(),
        );
      });

      it('hands on the error codes of the server', async () => {
        const thing = { type: 'ThingAsset', name: 'x', attributes: { notes: {}, location: {} } };
        await assert.rejects(
          client.createAsset({ type: 'PresenceSensorAsset', name: 'x' }, OPTIONS),
          (error) => failsWith('REFUSED', 'BAD_REQUEST')(error) && String(error).includes('BAD_REQUEST'),
        );
        await assert.rejects(
          client.createAsset({ ...thing, parentId: UNKNOWN }, OPTIONS),
          failsWith('REFUSED', 'INTERNAL_SERVER_ERROR'),
        );
        await assert.rejects(client.getAsset(UNKNOWN, OPTIONS), failsWith('REFUSED', 'NOT_FOUND'));
        await assert.rejects(client.getAttribute(room, 'nope', OPTIONS), failsWith('REFUSED', 'NOT_FOUND'));
        await assert.rejects(client.getValue(room, 'nope', OPTIONS), failsWith('REFUSED', 'NOT_FOUND'));
        await assert.rejects(client.updateAttribute(room, 'nope', 1, OPTIONS), failsWith('REFUSED', 'UNAUTHORIZED'));
        await assert.rejects(client.updateAttributes(UNKNOWN, { a: 1 }, OPTIONS), failsWith('REFUSED', 'UNAUTHORIZED'));
        await assert.rejects(
          client.updateAsset(UNKNOWN, { name: 'x' }, 'merge', OPTIONS),
          failsWith('REFUSED', 'NOT_FOUND'),
        );
      });

      it('refuses values and names before anything is sent', async () => {
        await assert.rejects(client.updateAttribute(room, 'a/b', 1, OPTIONS), failsWith('INVALID'));
        await assert.rejects(client.updateAttribute(room, 'temperature', NaN, OPTIONS), failsWith('INVALID'));
        await assert.rejects(client.updateAttribute(room, 'temperature', undefined, OPTIONS), failsWith('INVALID'));
        await assert.rejects(client.updateAttributes(room, [1], OPTIONS), failsWith('INVALID'));
        await assert.rejects(client.updateAttributes(room, { 'a#': 1 }, OPTIONS), failsWith('INVALID'));
        await assert.rejects(client.getAsset('+', OPTIONS), failsWith('INVALID'));
        await assert.rejects(client.createAsset({ name: 'x' }, OPTIONS), failsWith('INVALID'));
        await assert.rejects(client.createAsset(ROOM, OPTIONS, 'a/b'), failsWith('INVALID'));
      });

      if (profile === 'source') {
        it('says that the server may not know the asset when an attribute is not answered for', async () => {
          const brief = { ...OPTIONS, timeout: 150 };
          await assert.rejects(
            client.getAttribute(UNKNOWN, 'x', brief),
            (error) => failsWith('TIMEOUT')(error) && String(error).includes('does not know'),
          );
        });
      }
    });
  }
}
