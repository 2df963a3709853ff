import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect as openSocket } from 'node:net';
import type { IConnackPacket } from 'mqtt';
import { DEMO, type OpenRemoteSimulator } from '../../../../src/simulators/openremote/index';
import { type ConnectOptions, Fixture, type TestClient } from './support';

describe('OpenRemote simulator: connections', () => {
  const fixture = new Fixture();
  let manager: OpenRemoteSimulator;

  beforeEach(async () => {
    manager = await fixture.manager();
  });
  afterEach(() => fixture.end());

  async function connack(client: TestClient): Promise<IConnackPacket> {
    return client.until(() => client.packets.find((packet): packet is IConnackPacket => packet.cmd === 'connack'));
  }

  async function answerTo(options: ConnectOptions): Promise<number | undefined> {
    const packet = await connack(fixture.open(manager, options));
    return options.version === 5 ? packet.reasonCode : packet.returnCode;
  }

  const credentials: readonly [string, ConnectOptions, ok: boolean][] = [
    ['realm:user and its secret', {}, true],
    ['a wrong secret', { password: 'wrong' }, false],
    ['an unknown user', { username: 'master:nobody' }, false],
    ['an unknown realm', { username: `other:${DEMO.user}` }, false],
    ['a user name without realm', { username: DEMO.user }, false],
    ['a user name with two colons', { username: `master:${DEMO.user}:x` }, false],
    ['an empty password', { password: '' }, false],
  ];
  for (const version of [3, 4, 5] as const) {
    for (const [what, options, ok] of credentials) {
      it(`answers ${what} with ${ok ? 'success' : 'a refusal'} (${version})`, async () => {
        assert.equal(await answerTo({ version, ...options }), ok ? 0 : version === 5 ? 0x86 : 5);
      });
    }
  }

  for (const version of [4, 5] as const) {
    it(`lets in who has no password, and refuses everything (${version})`, async () => {
      for (const missing of [['password'], ['username', 'password']] as const) {
        const client = await fixture.connect(manager, { version, missing });
        const granted = await client.granted('events/assets/#', 'operations/assets/+/+/response');
        assert.deepEqual(granted, Array(2).fill(version === 5 ? 0x87 : 0x80));
        const outcome = await client.publish(`operations/assets/${DEMO.buildingId}/get`);
        assert.equal(outcome, version === 5 ? 0x87 : 'closed');
      }
    });

    it(`invents a client id for a clean session (${version})`, async () => {
      const packet = await connack(fixture.open(manager, { version, id: '', clientId: '' }));
      assert.equal(packet.returnCode ?? packet.reasonCode, 0);
      if (version === 5) assert.match(packet.properties?.assignedClientIdentifier ?? '', /^[0-9a-f-]{36}$/);
    });

    it(`refuses an empty client id that wants a session (${version})`, async () => {
      // MQTT.js never sends this, so the packet is written by hand.
      const body = [0, 4, ...Buffer.from('MQTT'), version, 0, 0, 30, ...(version === 5 ? [0] : []), 0, 0];
      const socket = openSocket(manager.port, '127.0.0.1');
      socket.write(Buffer.from([0x10, body.length, ...body]));
      const [answer] = (await once(socket, 'data')) as [Buffer];
      assert.deepEqual([...answer.subarray(0, 1), answer[3]], [0x20, version === 5 ? 0x85 : 2]);
      socket.destroy();
    });

    it(`lets a newcomer replace the old connection when link stealing is on (${version})`, async () => {
      const topic = `master/twin/writeattributevalue/notes/${DEMO.buildingId}`;
      const will = { topic, payload: Buffer.from('"gone"'), qos: 0 as const, retain: false };
      const old = await fixture.connect(manager, { version, id: 'twin', will });
      const reasons: (number | undefined)[] = [];
      old.mqtt.on('disconnect', (packet) => reasons.push(packet.reasonCode));
      const closed = old.close();
      const next = await fixture.connect(manager, { version, id: 'twin' });
      await closed;
      assert.deepEqual(reasons, version === 5 ? [0x8e] : []);
      assert.ok(next.mqtt.connected);
      assert.equal(manager.getAsset(DEMO.buildingId)?.attributes['notes']?.value, null);
    });

    it(`closes the newcomer when link stealing is off (${version})`, async () => {
      manager.behaviour.linkStealing = false;
      const old = await fixture.connect(manager, { version, id: 'twin' });
      const next = fixture.open(manager, { version, id: 'twin' });
      await next.until(() => (next.closed ? true : undefined));
      const seen = next.packets.map((packet) => [packet.cmd, 'reasonCode' in packet ? packet.reasonCode : undefined]);
      assert.deepEqual(seen, version === 5 ? [['disconnect', 0x80]] : []);
      assert.ok(old.mqtt.connected);
    });
  }

  it('tells MQTT 5 its limits, and its keep alive only where it replaces the asked one', async () => {
    for (const [keepalive, told] of [
      [0, 60],
      [30, undefined],
      [60, undefined],
      [61, 60],
    ] as const) {
      const { properties } = await connack(fixture.open(manager, { keepalive }));
      const others = { topicAliasMaximum: 65_535, maximumPacketSize: 268_435_455 };
      assert.deepEqual({ ...properties }, told === undefined ? others : { ...others, serverKeepAlive: told });
    }
  });

  it('closes a socket that says anything before CONNECT, or nonsense', async () => {
    for (const bytes of [
      [0xc0, 0x00],
      [0x10, 0x03, 0xff, 0xff, 0xff],
      [0x10, 0xff, 0xff, 0xff, 0xff],
      [0xf0, 0x00],
    ]) {
      const socket = openSocket(manager.port, '127.0.0.1');
      socket.write(Buffer.from(bytes));
      socket.resume();
      await once(socket, 'close');
    }
  });
});
