import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import path from 'node:path';
import { promisify } from 'node:util';
import { type AssetJson, createOpenRemoteSimulator, DEMO } from '../../../../src/simulators/openremote/index';
import { ANSWERS, FakeClock, Fixture, json, type TestClient } from './support';

const { buildingId: BUILDING, gatewayId: GATEWAY, chargerId: CHARGER } = DEMO;
const GET = `operations/assets/${BUILDING}/get`;
const WRITE = `operations/assets/${BUILDING}/attributes/notes/update`;

describe('OpenRemote simulator: switches', () => {
  const fixture = new Fixture();
  afterEach(() => fixture.end());

  const valueOf = ({ text }: { text: string }): unknown => (json(text) as { value: unknown }).value;

  it('responseDelayMs is the time of each operation, one after the other, for all clients', async () => {
    const clock = new FakeClock();
    const manager = await fixture.manager({ clock });
    const [one, two] = [await fixture.operator(manager), await fixture.operator(manager)];
    manager.behaviour.responseDelayMs = 1_000;
    await one.publish(GET);
    await two.publish(GET);
    clock.advance(1_000);
    await one.next(`${GET}/response`);
    assert.deepEqual(two.drain(), []);
    clock.advance(1_000);
    await two.next(`${GET}/response`);
  });

  it('dropResponse loses the answers it picks, and only those', async () => {
    const seen: string[] = [];
    const manager = await fixture.manager({
      dropResponse: ({ clientId, topic, payload }) => {
        seen.push(clientId);
        return topic.endsWith('update/response') && payload.includes('lost');
      },
    });
    const client = await fixture.operator(manager);
    await client.publish(WRITE, 'lost');
    await client.publish(WRITE, 'kept');
    assert.equal(valueOf(await client.next(`${WRITE}/response`)), 'kept');
    assert.deepEqual(seen, [client.id, client.id]);
    assert.equal(manager.getAsset(BUILDING)?.attributes['notes']?.value, 'kept');
  });

  it('lateAnswers sends a lost answer right before the next one of its topic', async () => {
    const manager = await fixture.manager({
      lateAnswers: true,
      dropResponse: ({ topic, payload }) => topic.includes('notes') && payload.includes('late'),
    });
    const client = await fixture.operator(manager);
    await client.publish(WRITE, 'late 1');
    await client.publish(GET);
    await client.next(`${GET}/response`);
    assert.deepEqual(client.drain(), []);
    await client.publish(WRITE, 'in time');
    assert.equal(valueOf(await client.next(`${WRITE}/response`)), 'late 1');
    assert.equal(valueOf(await client.next(`${WRITE}/response`)), 'in time');
    await client.publish(WRITE, 'late 2');
    await client.settle();
    manager.releaseLateAnswers();
    assert.equal(valueOf(await client.next(`${WRITE}/response`)), 'late 2');
  });

  for (const qos of [1, 2] as const) {
    for (const answersBeforeAcknowledgement of [true, false]) {
      it(`answersBeforeAcknowledgement ${answersBeforeAcknowledgement}: the order at QoS ${qos}`, async () => {
        const client = await fixture.operator(await fixture.manager({ answersBeforeAcknowledgement }));
        await client.publish(GET, '', qos);
        await client.next(`${GET}/response`);
        const order = client.packets
          .map(({ cmd }) => cmd)
          .filter((cmd) => ['publish', 'puback', 'pubrec'].includes(cmd));
        const both = ['publish', qos === 1 ? 'puback' : 'pubrec'];
        assert.deepEqual(order, answersBeforeAcknowledgement ? both : both.reverse());
      });
    }
  }

  it('cutConnection looks like a broken network', async () => {
    const manager = await fixture.manager();
    const client = await fixture.connect(manager);
    const closed = client.close();
    assert.equal(manager.cutConnection(client.id), true);
    await closed;
    assert.ok(!client.packets.some(({ cmd }) => cmd === 'disconnect'));
    assert.equal(manager.cutConnection('nobody'), false);
  });
});

describe('OpenRemote simulator: profile documented', () => {
  const fixture = new Fixture();
  let client: TestClient;
  let gateway: TestClient;
  let manager: ReturnType<typeof createOpenRemoteSimulator>;

  beforeEach(async () => {
    manager = await fixture.manager({ profile: 'documented' });
    client = await fixture.operator(manager);
    gateway = await fixture.gateway(manager);
  });
  afterEach(() => fixture.end());

  const NOT_FOUND = { type: 'error', error: 'NOT_FOUND', message: 'Asset not found' };

  it('answers attributes.get with all attributes', async () => {
    const answer = await client.ask(`${BUILDING}/attributes/get`);
    assert.deepEqual(answer, json(JSON.stringify(manager.getAsset(BUILDING)?.attributes)));
    assert.deepEqual(await client.ask('0123456789ABCDEFGHIJKL/attributes/get'), NOT_FOUND);
    assert.equal(await gateway.publish(`operations/assets/${BUILDING}/attributes/get`), 0x87);
    assert.ok(await gateway.ask(`${CHARGER}/attributes/get`));
  });

  it('confines reads to the realm and to the tree of a gateway', async () => {
    manager.addUser('other', 'someone', 'x');
    const { id } = manager.createAsset({ realm: 'other', name: 'Far away' });
    assert.deepEqual(await client.ask(`${id}/get`), NOT_FOUND);
    assert.deepEqual(await client.ask(`${id}/attributes/notes/get`), NOT_FOUND);
    assert.deepEqual(await gateway.ask(`${BUILDING}/get`), NOT_FOUND);
    for (const own of [GATEWAY, CHARGER]) assert.equal(((await gateway.ask(`${own}/get`)) as AssetJson).id, own);
  });

  it('reads the wildcards of a gateway as relative to it', async () => {
    const below = manager.createAsset({ name: 'Phase', parentId: CHARGER }).id;
    await gateway.subscribe(
      'events/assets/+/attributes-value/notes/#',
      'events/assets/+/attributes/+',
      `events/assets/${GATEWAY}/+`,
    );
    for (const id of [BUILDING, GATEWAY]) manager.writeAttribute(id, 'notes', 'outside');
    await gateway.ask(`${below}/attributes/notes/update`, 'below');
    await gateway.ask(`${CHARGER}/attributes/notes/update`, 'child');
    const published = gateway.drain().map(({ topic }) => topic);
    assert.deepEqual(
      [...new Set(published)].sort(),
      [
        gateway.topic(`events/assets/${below}/attributes-value/notes/${below}`),
        gateway.topic(`events/assets/${CHARGER}/attributes-value/notes/${CHARGER}`),
        gateway.topic(`events/assets/${CHARGER}/attributes/notes`),
      ].sort(),
    );
    manager.deleteAsset(CHARGER);
    await gateway.next(`events/assets/${GATEWAY}/${CHARGER}`);
    assert.deepEqual(
      await gateway.granted(`events/assets/${BUILDING}/#`, 'events/assets/#', 'events/assets/+'),
      [0x87, 1, 1],
    );
  });

  it('does not cache permissions', async () => {
    await client.ask(`${BUILDING}/attributes/notes/update`, 'x');
    manager.deleteAsset(BUILDING);
    assert.equal(await client.publish(WRITE, 'x'), 0x87);
  });
});

describe('OpenRemote simulator: life', () => {
  it('throws on an asset that cannot be, or has no user to be linked to', () => {
    const manager = createOpenRemoteSimulator();
    assert.throws(() => manager.createAsset({ name: ' ' }), /not valid: name/);
    assert.throws(() => manager.createAsset({ name: 'x', id: 'short' }), /asset id/);
    assert.throws(() => manager.createAsset({ name: 'x', realm: 'nowhere' }), /realm/);
    assert.throws(() => manager.createAsset({ name: 'x', id: BUILDING }), /in use/);
    assert.throws(() => manager.linkAsset('master', 'nobody', BUILDING), /no user/);
  });

  it('rejects when its port is taken', async () => {
    const first = createOpenRemoteSimulator();
    await first.start();
    const second = createOpenRemoteSimulator({ port: first.port });
    await assert.rejects(second.start(), { code: 'EADDRINUSE' });
    await first.stop();
    await second.stop();
  });

  it('serves again on its port after a restart, with its assets but without sessions', async () => {
    const fixture = new Fixture();
    try {
      const manager = await fixture.manager();
      const { url } = manager;
      const options = { version: 4, clean: false, id: 'sleeper' } as const;
      const before = await fixture.operator(manager, options);
      await before.ask(`${BUILDING}/attributes/notes/update`, 'kept');
      await manager.stop();
      await manager.start();
      assert.equal(manager.url, url);
      const after = await fixture.connect(manager, options);
      assert.equal(after.packets[0]?.cmd === 'connack' && after.packets[0].sessionPresent, false);
      await after.subscribe(...ANSWERS);
      assert.equal(await after.ask(`${BUILDING}/attributes/notes/get-value`), 'kept');
    } finally {
      await fixture.end();
    }
  });

  it('leaves no handle behind, whatever was going on: a process that stops it ends by itself', async () => {
    const script = `
      const { connect } = require('node:net');
      const { createOpenRemoteSimulator } = require(${JSON.stringify(path.join(__dirname, '../../../../src/simulators/openremote/index'))});
      const manager = createOpenRemoteSimulator({ descendantRegistrationDelayMs: 3600000, responseDelayMs: 3600000 });
      manager.start().then(() => {
        manager.createAsset({ name: 'x', parentId: '${GATEWAY}' });
        const socket = connect(manager.port, '127.0.0.1', () => setImmediate(() => manager.stop()));
        socket.on('error', () => undefined);
      });`;
    await promisify(execFile)(process.execPath, ['-e', script], { timeout: 10_000 });
  });
});
