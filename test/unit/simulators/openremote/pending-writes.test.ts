import assert from 'node:assert/strict';
import { DEMO, type OpenRemoteSimulator } from '../../../../src/simulators/openremote/index';
import { eventually, FakeClock, Fixture, json, type TestClient } from './support';

const { gatewayId: GATEWAY, chargerId: CHARGER } = DEMO;
const PENDING = 'gateway/events/pending';
const ACKNOWLEDGE = 'gateway/events/acknowledge';

interface Pending {
  readonly ackId: string;
  readonly event: { readonly value?: unknown; readonly timestamp: number };
}

describe('OpenRemote simulator: pending and acknowledge', () => {
  const fixture = new Fixture();
  let clock: FakeClock;
  let manager: OpenRemoteSimulator;

  beforeEach(async () => {
    clock = new FakeClock();
    manager = await fixture.manager({ clock });
  });
  afterEach(() => fixture.end());

  const value = (id: string, name: string): unknown => manager.getAsset(id)?.attributes[name]?.value;
  const nextPending = async (client: TestClient): Promise<Pending> =>
    json((await client.next(PENDING)).text) as Pending;

  /** Each acknowledge is done once this client's next answer is here. */
  async function acknowledge(client: TestClient, ackId: string): Promise<void> {
    assert.equal(await client.publish(ACKNOWLEDGE, ackId), 'acknowledged');
  }

  describe('pending writes', () => {
    let client: TestClient;
    beforeEach(async () => {
      client = await fixture.gateway(manager);
      await client.subscribe(PENDING, `events/assets/${CHARGER}/attributes`);
    });

    it('withhold what others write, until it is acknowledged, and keep its time', async () => {
      const written = clock.now();
      assert.equal(manager.writeAttribute(CHARGER, 'power', '7.4'), 'pending');
      const { text, packet } = await client.next(PENDING);
      const { ackId, event } = json(text) as Pending;
      assert.deepEqual([packet.qos, packet.retain], [1, false]);
      assert.match(ackId, /^[0-9A-Za-z]{22}$/);
      assert.deepEqual(event, {
        eventType: 'attribute',
        ref: { id: CHARGER, name: 'power' },
        value: 7.4,
        realm: 'master',
        timestamp: written,
        deleted: false,
      });
      clock.advance(60_000);
      assert.equal(value(CHARGER, 'power'), 0);
      await acknowledge(client, ackId);
      assert.equal(value(CHARGER, 'power'), 7.4);
      const told = json((await client.next(`events/assets/${CHARGER}/attributes`)).text) as { timestamp: number };
      assert.equal(told.timestamp, written);
    });

    it('are raised by standard MQTT writes as well', async () => {
      const other = await fixture.operator(manager);
      await other.publish(`writeattributevalue/power/${CHARGER}`, '3');
      assert.equal((await nextPending(client)).event.value, 3);
      await other.publish(`writeattribute/power/${CHARGER}`, `{"value":4,"timestamp":${clock.now()}}`);
      assert.equal((await nextPending(client)).event.value, 4);
    });

    it("are not raised by the gateway's own updates, nor by changes of assets, nor on the gateway itself", async () => {
      await client.ask(`${CHARGER}/attributes/power/update`, '5');
      assert.equal(value(CHARGER, 'power'), 5);
      manager.createAsset({ name: 'New', parentId: GATEWAY });
      assert.equal(manager.writeAttribute(GATEWAY, 'notes', 'x'), 'stored');
      await client.settle();
      assert.deepEqual(
        client.drain().map(({ topic }) => topic),
        [client.topic(`events/assets/${CHARGER}/attributes`)],
      );
    });

    it('take no value that does not fit', () => {
      assert.equal(manager.writeAttribute(CHARGER, 'power', 'much'), 'misfit');
      assert.equal(manager.writeAttribute(CHARGER, 'nothing', 1), 'unknown');
    });

    it('take the id as bare text: quotes and line ends make it another one', async () => {
      manager.writeAttribute(CHARGER, 'power', 7);
      const { ackId } = await nextPending(client);
      for (const wrong of [`"${ackId}"`, `${ackId}\n`, `{"ackId":"${ackId}"}`, '']) await acknowledge(client, wrong);
      assert.equal(value(CHARGER, 'power'), 0);
      await acknowledge(client, ackId);
      assert.equal(value(CHARGER, 'power'), 7);
    });

    it('take each id once, and ignore others', async () => {
      manager.writeAttribute(CHARGER, 'power', 7);
      const { ackId } = await nextPending(client);
      for (const id of [ackId, ackId, '0123456789ABCDEFGHIJKL']) await acknowledge(client, id);
      await client.settle();
      const topics = client.drain().map(({ topic }) => topic);
      assert.deepEqual(topics, [client.topic(`events/assets/${CHARGER}/attributes`)]);
    });

    it('go to the nearest gateway above', async () => {
      const inner = manager.createAsset({ name: 'Inner gateway', type: 'GatewayV2Asset', parentId: GATEWAY });
      const { id } = manager.createAsset({ name: 'Deep', parentId: inner.id });
      const clientId = `gateway-${inner.id.toLowerCase()}`;
      const password = String(inner.attributes['clientSecret']?.value);
      const other = await fixture.connect(manager, { id: clientId, username: `master:${clientId}`, password });
      await other.subscribe(PENDING);
      manager.writeAttribute(id, 'notes', 'x');
      assert.equal((await nextPending(other)).event.value, 'x');
    });

    it('may be acknowledged by any gateway', async () => {
      const { id, attributes } = manager.createAsset({ name: 'Second gateway', type: 'GatewayV2Asset' });
      const clientId = `gateway-${id.toLowerCase()}`;
      const password = String(attributes['clientSecret']?.value);
      const other = await fixture.connect(manager, { id: clientId, username: `master:${clientId}`, password });
      manager.writeAttribute(CHARGER, 'power', 7);
      await acknowledge(other, (await nextPending(client)).ackId);
      assert.equal(value(CHARGER, 'power'), 7);
    });

    it('are discarded when the attribute is newer by then', async () => {
      manager.writeAttribute(CHARGER, 'power', 7);
      const { ackId } = await nextPending(client);
      clock.advance(1);
      await client.ask(`${CHARGER}/attributes/power/update`, '6.9');
      await acknowledge(client, ackId);
      assert.equal(value(CHARGER, 'power'), 6.9);
    });

    for (const [hours, stored] of [
      [23.99, true],
      [24, false],
    ] as const) {
      it(`are ${stored ? 'still good' : 'gone'} after ${hours} hours`, async () => {
        manager.writeAttribute(CHARGER, 'power', 7);
        const { ackId } = await nextPending(client);
        const closed = client.close();
        clock.advance(hours * 3_600_000);
        await closed;
        const again = await fixture.gateway(manager);
        await acknowledge(again, ackId);
        assert.equal(value(CHARGER, 'power'), stored ? 7 : 0);
      });
    }

    it('are lost while the gateway is away, and withheld for ever', async () => {
      await client.end();
      assert.equal(manager.writeAttribute(CHARGER, 'power', 7), 'pending');
      const again = await fixture.gateway(manager);
      await again.subscribe(PENDING);
      await again.settle();
      assert.deepEqual(again.drain(), []);
      assert.equal(value(CHARGER, 'power'), 0);
    });

    it('are lost when the manager restarts', async () => {
      manager.writeAttribute(CHARGER, 'power', 7);
      const { ackId } = await nextPending(client);
      const { port } = manager;
      await manager.stop();
      await manager.start();
      assert.equal(manager.port, port);
      const again = await fixture.gateway(manager);
      await acknowledge(again, ackId);
      assert.equal(value(CHARGER, 'power'), 0);
    });
  });

  it('withholds a standard last will of the gateway, but stores one through the Gateway API', async () => {
    for (const [topic, payload, stored] of [
      [`writeattributevalue/status/${CHARGER}`, '"lost"', null],
      [`operations/assets/${CHARGER}/attributes/status/update`, 'lost', 'lost'],
    ] as const) {
      const will = {
        topic: `master/${DEMO.gatewayClientId}/${topic}`,
        payload: Buffer.from(payload),
        qos: 0 as const,
        retain: false,
      };
      await fixture.gateway(manager, { will });
      manager.cutConnection(DEMO.gatewayClientId);
      await eventually(() => !manager.isConnected(DEMO.gatewayClientId));
      const probe = await fixture.operator(manager);
      await probe.settle();
      assert.equal(value(CHARGER, 'status'), stored);
    }
  });
});
