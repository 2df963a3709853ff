import assert from 'node:assert/strict';
import { DEMO, type OpenRemoteSimulator } from '../../../../src/simulators/openremote/index';
import { Fixture, type Version } from './support';

const CREATE = JSON.stringify({ name: 'Thing', attributes: { notes: {}, location: {} } });
const WATCH = `events/assets/${DEMO.chargerId}/attributes/status`;

describe('OpenRemote simulator: packets', () => {
  const fixture = new Fixture();
  let manager: OpenRemoteSimulator;

  beforeEach(async () => {
    manager = await fixture.manager();
  });
  afterEach(() => fixture.end());

  const refused = `operations/assets/${DEMO.buildingId}/attributes/get`;
  const outcomes: readonly [Version, 0 | 1 | 2, outcome: string | number, stays: boolean][] = [
    [3, 0, 'acknowledged', true],
    [3, 1, 'acknowledged', true],
    [3, 2, 'acknowledged', true],
    [4, 0, 'acknowledged', false],
    [4, 1, 'closed', false],
    [4, 2, 'closed', false],
    [5, 0, 'acknowledged', true],
    [5, 1, 0x87, true],
    [5, 2, 0x87, true],
  ];
  for (const [version, qos, outcome, stays] of outcomes) {
    it(`refuses a publish of MQTT ${version} at QoS ${qos}: ${outcome}, the connection ${stays ? 'stays' : 'is closed'}`, async () => {
      const client = await fixture.operator(manager, { version });
      const closed = client.close();
      assert.equal(await client.publish(refused, '', qos), outcome);
      if (stays) await client.settle();
      else await closed;
      if (version === 5 && qos === 2) assert.ok(!client.packets.some((packet) => packet.cmd === 'pubcomp'));
      assert.deepEqual(client.drain(), []);
    });
  }

  for (const version of [4, 5] as const) {
    it(`closes on a wildcard in a published topic (${version})`, async () => {
      const client = await fixture.connect(manager, { version });
      const closed = client.close();
      // MQTT.js checks topics itself, so the packet goes past it.
      client.mqtt.stream.write(publishPacket(client.topic('operations/assets/+/get'), version));
      await closed;
      const [reason] = client.packets.filter((packet) => packet.cmd === 'disconnect');
      assert.equal(reason?.reasonCode, version === 5 ? 0x81 : undefined);
    });

    it(`refuses filter by filter, and grants the others in the QoS asked for (${version})`, async () => {
      const client = await fixture.connect(manager, { version });
      const bad = version === 5 ? 0x87 : 0x80;
      const filters = ['events/assets/#', 'operations/#', 'events/assets/nonsense', 'operations/assets/+/+/response'];
      for (const qos of [0, 1, 2] as const) {
        const granted = await client.grantedFilters(
          filters.map((filter) => client.topic(filter)),
          qos,
        );
        assert.deepEqual(granted, [qos, bad, bad, qos]);
      }
      await client.ask(`${DEMO.buildingId}/get`);
    });

    for (const qos of [0, 1, 2] as const) {
      it(`takes operations at QoS ${qos}, and answers once at QoS 0, not retained (${version})`, async () => {
        const client = await fixture.operator(manager, { version });
        assert.equal(await client.publish('operations/assets/one/create', CREATE, qos), 'acknowledged');
        const { packet } = await client.next('operations/assets/one/create/response');
        assert.deepEqual([packet.qos, packet.retain], [0, false]);
        await client.settle();
        assert.deepEqual(client.drain(), []);
      });
    }

    it(`authorises a shared filter like the filter itself (${version})`, async () => {
      const client = await fixture.connect(manager, { version });
      const granted = await client.grantedFilters([
        `$share/group/${client.topic('operations/assets/+/+/response')}`,
        `$share/group/${client.topic('operations/#')}`,
      ]);
      assert.deepEqual(granted, [1, version === 5 ? 0x87 : 0x80]);
      await client.ask(`${DEMO.buildingId}/get`);
    });

    it(`unsubscribes (${version})`, async () => {
      const client = await fixture.operator(manager, { version });
      await client.subscribe(WATCH);
      await client.mqtt.unsubscribeAsync(client.topic(WATCH));
      await client.ask(`${DEMO.chargerId}/attributes/status/update`, 'idle');
      await client.settle();
      assert.deepEqual(client.drain(), []);
    });

    it(`takes 500 filters in one packet (${version})`, async () => {
      const client = await fixture.connect(manager, { version });
      const filters = Array.from({ length: 500 }, (_, n) => client.topic(`operations/assets/r${n}/create/response`));
      assert.equal((await client.grantedFilters(filters)).length, 500);
    });

    it(`carries 1 MB both ways (${version})`, async () => {
      const client = await fixture.operator(manager, { version });
      const notes = 'x'.repeat(1_000_000);
      await client.ask(`${DEMO.buildingId}/attributes/notes/update`, notes);
      assert.equal(await client.ask(`${DEMO.buildingId}/attributes/notes/get-value`), notes);
    });
  }

  it('grants everything to MQTT 3.1, and never delivers what it would have refused', async () => {
    const client = await fixture.operator(manager, { version: 3 });
    assert.deepEqual(await client.granted(`events/assets/${DEMO.chargerId}/attributes/+`, 'operations/#'), [1, 1]);
    await client.ask(`${DEMO.chargerId}/attributes/status/update`, 'idle');
    await client.settle();
    assert.deepEqual(client.drain(), []);
  });

  it('drops a message over the maximum packet size of an MQTT 5 client, and stays', async () => {
    const client = await fixture.operator(manager, { properties: { maximumPacketSize: 300 } });
    assert.equal(await client.publish(`operations/assets/${DEMO.buildingId}/get`), 'acknowledged');
    await client.settle();
    assert.deepEqual(client.drain(), []);
  });

  it('uses topic aliases towards a client that takes them, and understands its own', async () => {
    const client = await fixture.operator(manager, {
      properties: { topicAliasMaximum: 1 },
      autoAssignTopicAlias: true,
    });
    const operation = `operations/assets/${DEMO.buildingId}/get`;
    for (let n = 0; n < 3; n++) {
      await client.publish(operation);
      await client.next(`${operation}/response`);
    }
    const sent = client.packets.filter((packet) => packet.cmd === 'publish');
    assert.deepEqual(
      sent.map((packet) => packet.properties?.topicAlias),
      [1, 1, 1],
    );
  });

  it('delivers a copy per matching filter, each with the identifiers of all of them', async () => {
    const client = await fixture.operator(manager);
    const asset = `operations/assets/${DEMO.buildingId}/get`;
    await client.grantedFilters([client.topic(`${asset}/response`)], 1, { subscriptionIdentifier: 7 });
    await client.grantedFilters([client.topic('operations/assets/+/get/response')], 0, { subscriptionIdentifier: 9 });
    await client.publish(asset);
    await client.settle();
    const copies = client.drain().filter(({ topic }) => topic === client.topic(`${asset}/response`));
    const identifiers = copies.map(({ packet }) => packet.properties?.subscriptionIdentifier);
    assert.deepEqual(identifiers, Array(3).fill([7, 9]));
  });
});

function publishPacket(topic: string, version: 4 | 5): Buffer {
  const body = [topic.length >> 8, topic.length & 0xff, ...Buffer.from(topic), ...(version === 5 ? [0] : [])];
  return Buffer.from([0x30, body.length, ...body]);
}
