import assert from 'node:assert/strict';
import { type AssetJson, DEMO, type OpenRemoteSimulator } from '../../../../src/simulators/openremote/index';
import { eventually, FakeClock, Fixture } from './support';

const { buildingId: BUILDING, gatewayId: GATEWAY, chargerId: CHARGER } = DEMO;
const REQUIRED = { notes: {}, location: {} };
const PENDING = 'gateway/events/pending';
const ACKNOWLEDGE = 'gateway/events/acknowledge';

describe('OpenRemote simulator: Gateway V2', () => {
  const fixture = new Fixture();
  let clock: FakeClock;
  let manager: OpenRemoteSimulator;

  beforeEach(async () => {
    clock = new FakeClock();
    manager = await fixture.manager({ clock });
  });
  afterEach(() => fixture.end());

  const value = (id: string, name: string): unknown => manager.getAsset(id)?.attributes[name]?.value;
  describe('asset', () => {
    it('is its own service user: generated client id and secret', async () => {
      const { id, attributes } = manager.createAsset({ name: 'Second gateway', type: 'GatewayV2Asset' });
      const clientId = `gateway-${id.toLowerCase()}`;
      assert.equal(attributes['clientId']?.value, clientId);
      assert.match(String(attributes['clientSecret']?.value), /^[0-9a-f-]{36}$/);
      const password = String(attributes['clientSecret']?.value);
      await fixture.connect(manager, { id: clientId, username: `master:${clientId}`, password });
      const wrong = fixture.open(manager, { id: 'x', username: `master:${clientId}`, password: 'wrong' });
      const connack = await wrong.until(() => wrong.packets[0]);
      assert.equal(connack.cmd === 'connack' && connack.reasonCode, 0x86);
    });

    it('shows whether the gateway is connected', async () => {
      const watcher = await fixture.connect(manager);
      const topic = `events/assets/${GATEWAY}/attributes-value/gatewayStatus`;
      await watcher.subscribe(topic);
      const client = await fixture.gateway(manager);
      assert.equal((await watcher.next(topic)).text, '"CONNECTED"');
      await client.end();
      assert.equal((await watcher.next(topic)).text, '"DISCONNECTED"');
      const lost = await fixture.gateway(manager);
      assert.equal((await watcher.next(topic)).text, '"CONNECTED"');
      lost.mqtt.stream.destroy();
      assert.equal((await watcher.next(topic)).text, '"DISCONNECTED"');
    });

    it('throws out a gateway that is disabled', async () => {
      manager.writeAttribute(GATEWAY, 'disabled', true);
      const client = fixture.open(manager, {
        id: DEMO.gatewayClientId,
        username: `master:${DEMO.gatewayClientId}`,
        password: DEMO.gatewaySecret,
      });
      await client.until(() => (client.closed ? true : undefined));
      assert.deepEqual(
        client.packets.map((packet) => packet.cmd),
        ['connack'],
      );
      assert.equal(value(GATEWAY, 'gatewayStatus'), 'DISCONNECTED');
    });

    it('refuses everything of a gateway that is disabled meanwhile', async () => {
      const client = await fixture.gateway(manager);
      manager.writeAttribute(GATEWAY, 'disabled', true);
      assert.equal(await client.publish(`operations/assets/${CHARGER}/get`), 0x87);
      assert.equal(await client.publish(`operations/assets/${CHARGER}/attributes/update`, '{}'), 0x87);
      assert.equal(await client.publish(ACKNOWLEDGE, 'x'), 0x87);
      assert.deepEqual(await client.granted(PENDING, 'operations/assets/+/+/response'), [0x87, 0x87]);
    });
  });

  describe('identity', () => {
    it("is the MQTT client id: the gateway's user under another id is an ordinary one", async () => {
      const client = await fixture.gateway(manager, { id: 'somebody' });
      assert.deepEqual(await client.granted(PENDING, 'events/assets/#'), [0x87, 1]);
      assert.equal(await client.publish(ACKNOWLEDGE, 'x'), 0x87);
      assert.ok(await client.ask(`${BUILDING}/attributes/update`, {}));
      assert.equal(await client.publish(`operations/assets/${CHARGER}/update`, '{}'), 0x87);
    });

    it("is the MQTT client id: another user under the gateway's id is the gateway", async () => {
      const client = await fixture.operator(manager, { id: DEMO.gatewayClientId });
      assert.deepEqual(await client.granted(PENDING, 'events/assets/#'), [1, 0x87]);
      assert.equal(value(GATEWAY, 'gatewayStatus'), 'CONNECTED');
    });
  });

  describe('tree', () => {
    const filters: readonly [string, granted: boolean][] = [
      [PENDING, true],
      ['events/assets/#', false],
      ['events/assets/+', false],
      ['events/assets/+/attributes/#', false],
      ['events/assets/+/attributes-value/power/+', false],
      [`events/assets/${GATEWAY}`, false],
      [`events/assets/${GATEWAY}/#`, false],
      [`events/assets/${GATEWAY}/attributes/disabled`, false],
      [`events/assets/${BUILDING}`, false],
      [`events/assets/${BUILDING}/#`, false],
      [`events/assets/${CHARGER}`, true],
      [`events/assets/${CHARGER}/#`, true],
      [`events/assets/${CHARGER}/+`, true],
      [`events/assets/${CHARGER}/attributes`, true],
      [`events/assets/${CHARGER}/attributes-value/power/#`, true],
    ];
    it('is all that a gateway may subscribe to, descendant by descendant', async () => {
      const client = await fixture.gateway(manager);
      const granted = await client.granted(...filters.map(([filter]) => filter));
      assert.deepEqual(
        filters.map(([filter], index) => [filter, granted[index] === 1]),
        filters.map(([filter, ok]) => [filter, ok]),
      );
    });

    for (const version of [4, 5] as const) {
      for (const [what, id] of [
        ['the gateway itself', GATEWAY],
        ['an asset beside it', BUILDING],
      ] as const) {
        it(`keeps a gateway away from ${what} (${version})`, async () => {
          for (const operation of [
            'update',
            'delete',
            'attributes/notes/update',
            'attributes/notes/get',
            'attributes/notes/get-value',
          ]) {
            const client = await fixture.gateway(manager, { version });
            const outcome = await client.publish(`operations/assets/${id}/${operation}`, '{}');
            assert.equal(outcome, version === 5 ? 0x87 : 'closed', operation);
          }
          const client = await fixture.gateway(manager, { version });
          const answer = (await client.ask(`${id}/attributes/update`, { notes: 'x' })) as { error: string };
          assert.equal(answer.error, 'UNAUTHORIZED');
        });
      }
    }

    it('does not confine asset.get', async () => {
      const client = await fixture.gateway(manager);
      assert.equal(((await client.ask(`${BUILDING}/get`)) as AssetJson).name, 'Home');
    });

    it('gets what a gateway creates, and lets go what it updates without parentId', async () => {
      const client = await fixture.gateway(manager);
      const { asset } = (await client.ask('one/create', { name: 'Meter', attributes: REQUIRED })) as {
        asset: AssetJson;
      };
      assert.equal(asset.parentId, GATEWAY);
      const below = (await client.ask('two/create', { name: 'Phase', parentId: asset.id, attributes: REQUIRED })) as {
        asset: AssetJson;
      };
      assert.equal(below.asset.parentId, asset.id);
      await client.ask(`${asset.id}/update`, { name: 'Meter', parentId: GATEWAY, attributes: REQUIRED });
      await client.ask(`${asset.id}/update`, { name: 'Meter', attributes: REQUIRED });
      assert.deepEqual(await client.granted(`events/assets/${asset.id}`), [0x87]);
    });

    it('is where a gateway has to create, and to move to', async () => {
      const client = await fixture.gateway(manager);
      const verbs = [
        ['one/create', 'created'],
        [`${CHARGER}/update`, 'updated'],
      ] as const;
      for (const [operation, verb] of verbs) {
        assert.deepEqual(await client.ask(operation, { name: 'x', parentId: BUILDING, attributes: REQUIRED }), {
          type: 'error',
          error: 'BAD_REQUEST',
          message: `Bad request, the asset cannot be ${verb} with the provided parent ID`,
        });
      }
    });

    it('over-delivers: the subtree of one descendant is the whole tree', async () => {
      const client = await fixture.gateway(manager);
      const other = manager.createAsset({ name: 'Other', parentId: GATEWAY }).id;
      await client.subscribe(`events/assets/${CHARGER}/attributes-value/notes/#`, `events/assets/${CHARGER}/+`);
      await client.ask(`${other}/attributes/notes/update`, 'other');
      assert.equal((await client.next(`events/assets/${CHARGER}/attributes-value/notes/${other}`)).text, '"other"');
      manager.deleteAsset(other);
      await client.ask(`${CHARGER}/attributes/notes/update`, 'own');
      assert.equal((await client.next(`events/assets/${CHARGER}/attributes-value/notes/${CHARGER}`)).text, '"own"');
    });

    it('can be written by ordinary users through the Gateway API, past the gateway', async () => {
      const gateway = await fixture.gateway(manager);
      await gateway.subscribe(PENDING);
      const client = await fixture.operator(manager);
      await client.ask(`${CHARGER}/attributes/update`, { power: 11 });
      assert.equal(value(CHARGER, 'power'), 11);
      await gateway.settle();
      assert.deepEqual(gateway.drain(), []);
    });
  });

  describe('registration of descendants', () => {
    it('leaves a new descendant to ordinary users for a while, as long as they leave it where it is', async () => {
      manager.behaviour.descendantRegistrationDelayMs = 500;
      const { id } = manager.createAsset({ name: 'Meter', parentId: GATEWAY });
      const client = await fixture.operator(manager);
      const { cause } = (await client.ask(`${id}/update`, { name: 'x', parentId: GATEWAY, attributes: REQUIRED })) as {
        cause: string;
      };
      assert.equal(cause, 'UPDATE');
    });

    for (const version of [4, 5] as const) {
      it(`takes its time after a create (${version})`, async () => {
        manager.behaviour.descendantRegistrationDelayMs = 500;
        const client = await fixture.gateway(manager, { version });
        const { asset } = (await client.ask('one/create', { name: 'Meter', attributes: REQUIRED })) as {
          asset: AssetJson;
        };
        const write = `operations/assets/${asset.id}/attributes/notes/update`;
        assert.deepEqual(await client.granted(`events/assets/${asset.id}`), [version === 5 ? 0x87 : 0x80]);
        assert.equal(await client.publish(write, 'x'), version === 5 ? 0x87 : 'closed');
        assert.equal(manager.writeAttribute(asset.id, 'notes', 'x'), 'stored');
        clock.advance(500);
        await eventually(() => version === 5 || !manager.isConnected(client.id));
        const later = await fixture.gateway(manager, { version });
        await later.subscribe(`events/assets/${asset.id}`);
        assert.equal(await later.publish(write, 'x'), 'acknowledged');
        assert.equal(manager.writeAttribute(asset.id, 'notes', 'x'), 'pending');
      });
    }
  });
});
