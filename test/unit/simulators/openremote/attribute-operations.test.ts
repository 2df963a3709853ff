import assert from 'node:assert/strict';
import { type AssetJson, DEMO, type OpenRemoteSimulator } from '../../../../src/simulators/openremote/index';
import { FakeClock, Fixture, json, type TestClient } from './support';

const { buildingId: BUILDING } = DEMO;
const UNKNOWN = '0123456789ABCDEFGHIJKL';

function failure(error: string, message: string): object {
  return { type: 'error', error, message };
}

for (const version of [4, 5] as const) {
  describe(`OpenRemote simulator: operations on attributes (${version})`, () => {
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

    const stored = (id: string): AssetJson => {
      const asset = manager.getAsset(id);
      assert.ok(asset);
      return asset;
    };

    describe('attribute.update', () => {
      const attributes = {
        text: { type: 'text' },
        number: { type: 'number' },
        flag: { type: 'boolean' },
        list: { type: 'text[]' },
        object: { type: 'JSONObject' },
        any: { type: 'JSON' },
      };
      const POINT = { type: 'Point', coordinates: [4.8, 45.7] };
      const writes: readonly [name: string, payload: string, value: unknown][] = [
        ['text', 'hello', 'hello'],
        ['text', '"hello"', '"hello"'],
        ['text', 'null', 'null'],
        ['text', '', ''],
        ['number', '70', 70],
        ['number', '-1.5e2', -150],
        ['flag', 'true', true],
        ['list', '["a","b"]', ['a', 'b']],
        ['object', '{"a":[1]}', { a: [1] }],
        ['location', JSON.stringify(POINT), POINT],
        ['any', '{"a":1}', '{"a":1}'],
        ['any', '7', '7'],
        ['number', 'many', null],
        ['flag', 'maybe', null],
        ['object', '[1]', null],
        ['location', '{"type":"Line"}', null],
      ];
      for (const [name, payload, value] of writes) {
        it(`reads ${JSON.stringify(payload)} for ${name} as ${JSON.stringify(value)}, and echoes it raw`, async () => {
          const { id } = manager.createAsset({ name: 'x', attributes });
          const event = await client.ask(`${id}/attributes/${name}/update`, payload);
          assert.deepEqual(event, {
            eventType: 'attribute',
            ref: { id, name },
            value: payload,
            timestamp: 0,
            deleted: false,
          });
          await client.settle();
          assert.deepEqual(stored(id).attributes[name]?.value, value);
        });
      }
    });

    describe('attributes.update', () => {
      it('takes JSON values, null too, and answers a list whose elements have no eventType', async () => {
        const { id } = manager.createAsset({
          name: 'x',
          attributes: { any: { type: 'JSON' }, n: { type: 'integer', value: 3 } },
        });
        assert.deepEqual(await client.ask(`${id}/attributes/update`, { any: { a: 1 }, n: null, notes: 'hello' }), [
          { ref: { id, name: 'any' }, value: { a: 1 }, timestamp: 0, deleted: false },
          { ref: { id, name: 'n' }, timestamp: 0, deleted: false },
          { ref: { id, name: 'notes' }, value: 'hello', timestamp: 0, deleted: false },
        ]);
        const { attributes } = stored(id);
        assert.deepEqual(
          [attributes['any']?.value, attributes['n']?.value, attributes['notes']?.value],
          [{ a: 1 }, null, 'hello'],
        );
        assert.equal(attributes['n']?.timestamp, clock.now());
      });

      it('stores what fits and drops what does not, after a success', async () => {
        const { id } = manager.createAsset({ name: 'x', attributes: { n: { type: 'integer' } } });
        const answer = (await client.ask(`${id}/attributes/update`, { n: 'many', notes: 'hello' })) as unknown[];
        assert.equal(answer.length, 2);
        assert.deepEqual([stored(id).attributes['n']?.value, stored(id).attributes['notes']?.value], [null, 'hello']);
      });

      it('writes nothing if one entry is not permitted', async () => {
        const refusal = failure('UNAUTHORIZED', 'One or more attribute updates were not authorized');
        assert.deepEqual(await client.ask(`${BUILDING}/attributes/update`, { notes: 'hello', nothing: 1 }), refusal);
        assert.deepEqual(await client.ask(`${UNKNOWN}/attributes/update`, { notes: 'hello' }), refusal);
        assert.equal(stored(BUILDING).attributes['notes']?.value, null);
      });

      it('answers an empty object with an empty list', async () => {
        assert.deepEqual(await client.ask(`${BUILDING}/attributes/update`, '{}'), []);
      });

      for (const body of ['', 'null', '{"notes"']) {
        it(`answers ${JSON.stringify(body)} with BAD_REQUEST`, async () => {
          assert.deepEqual(
            await client.ask(`${BUILDING}/attributes/update`, body),
            failure('BAD_REQUEST', 'Invalid data provided'),
          );
        });
      }

      for (const body of ['[]', '7', '"notes"', 'true']) {
        it(`is silent about ${body}`, async () => {
          assert.equal(await client.publish(`operations/assets/${BUILDING}/attributes/update`, body), 'acknowledged');
          await client.settle();
          assert.deepEqual(client.drain(), []);
        });
      }
    });

    describe('attribute.get and attribute.getValue', () => {
      const timestamp = 1_700_000_000_000;
      const attribute = { name: 'area', type: 'positiveInteger', meta: {}, value: 140, timestamp };

      it('answer the attribute, and its value', async () => {
        assert.deepEqual(await client.ask(`${BUILDING}/attributes/area/get`), attribute);
        assert.equal(await client.ask(`${BUILDING}/attributes/area/get-value`), 140);
        assert.equal(await client.ask(`${BUILDING}/attributes/city/get-value`), 'Lyon');
      });

      it('answer the whole attribute where the value is null', async () => {
        const notes = { name: 'notes', type: 'text', meta: {}, value: null, timestamp };
        assert.deepEqual(await client.ask(`${BUILDING}/attributes/notes/get-value`), notes);
      });

      for (const get of ['get', 'get-value']) {
        it(`answer an unknown attribute with NOT_FOUND, and of an unknown asset nothing (${get})`, async () => {
          assert.deepEqual(
            await client.ask(`${BUILDING}/attributes/nothing/${get}`),
            failure('NOT_FOUND', 'Attribute not found'),
          );
          assert.equal(await client.publish(`operations/assets/${UNKNOWN}/attributes/notes/${get}`), 'acknowledged');
          await client.settle();
          assert.deepEqual(client.drain(), []);
        });
      }
    });

    it('answers requests of one topic in their order', async () => {
      const topic = `operations/assets/${BUILDING}/attributes/notes/update`;
      const values = Array.from({ length: 50 }, (_, n) => `value ${n}`);
      for (const value of values) client.mqtt.publish(client.topic(topic), value, { qos: 1 });
      const answers: unknown[] = [];
      for (const _ of values)
        answers.push((json((await client.next(`${topic}/response`)).text) as { value: unknown }).value);
      assert.deepEqual(answers, values);
    });
  });
}
