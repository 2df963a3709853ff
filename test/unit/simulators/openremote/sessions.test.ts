import assert from 'node:assert/strict';
import { DEMO, type OpenRemoteSimulator } from '../../../../src/simulators/openremote/index';
import { type ConnectOptions, eventually, FakeClock, Fixture } from './support';

const WATCH = `events/assets/${DEMO.chargerId}/attributes/status`;

describe('OpenRemote simulator: keep alive and sessions', () => {
  const fixture = new Fixture();
  let clock: FakeClock;
  let manager: OpenRemoteSimulator;

  beforeEach(async () => {
    clock = new FakeClock();
    manager = await fixture.manager({ clock });
  });
  afterEach(() => fixture.end());

  for (const [keepalive, after] of [
    [6, 9_000],
    [60, 90_000],
    [600, 90_000],
    [0, 90_000],
  ] as const) {
    it(`closes a connection of keep alive ${keepalive} that is silent for over ${after} ms, found by a check every 2 s`, async () => {
      // Version 4: MQTT.js would take over the server's keep alive on 5.
      const client = await fixture.connect(manager, { version: 4, keepalive });
      clock.advance(after);
      assert.ok(manager.isConnected(client.id));
      const closed = client.close();
      clock.advance(2_000);
      await closed;
    });
  }

  it('closes for keep alive without a DISCONNECT packet', async () => {
    const client = await fixture.connect(manager, { keepalive: 6 });
    const closed = client.close();
    clock.advance(11_000);
    await closed;
    assert.deepEqual(
      client.packets.map((packet) => packet.cmd),
      ['connack'],
    );
  });

  const sessions: readonly [string, ConnectOptions, awayMs: number, kept: boolean][] = [
    ['a 3.1.1 session that is kept, for ever', { version: 4, clean: false }, 400 * 86_400_000, true],
    ['a clean 3.1.1 session', { version: 4, clean: true }, 0, false],
    ['an MQTT 5 session without expiry', { version: 5, clean: false }, 0, false],
    [
      'an MQTT 5 session before its expiry',
      { version: 5, clean: false, properties: { sessionExpiryInterval: 60 } },
      59_000,
      true,
    ],
    [
      'an MQTT 5 session after its expiry',
      { version: 5, clean: false, properties: { sessionExpiryInterval: 60 } },
      61_000,
      false,
    ],
    [
      'an MQTT 5 session that never expires',
      { version: 5, clean: false, properties: { sessionExpiryInterval: 0xffff_ffff } },
      400 * 86_400_000,
      true,
    ],
    [
      'an MQTT 5 session of 30 days, which overflows',
      { version: 5, clean: false, properties: { sessionExpiryInterval: 2_592_000 } },
      1_000,
      false,
    ],
  ];
  for (const [what, options, awayMs, kept] of sessions) {
    it(`${kept ? 'keeps' : 'drops'} ${what}`, async () => {
      const first = await fixture.connect(manager, { ...options, id: 'sleeper' });
      await first.subscribe('operations/assets/+/+/response');
      await first.publish(`operations/assets/${DEMO.buildingId}/get`);
      await first.next(`operations/assets/${DEMO.buildingId}/get/response`);
      manager.cutConnection('sleeper');
      await first.until(() => (first.closed ? true : undefined));
      clock.advance(awayMs);
      const second = await fixture.connect(manager, { ...options, id: 'sleeper', clean: false });
      const [packet] = second.packets;
      assert.equal(packet?.cmd === 'connack' && packet.sessionPresent, kept);
    });
  }

  it('queues messages of QoS 0 for a session that is away', async () => {
    manager.behaviour.responseDelayMs = 1_000;
    const options = { version: 4, clean: false, id: 'sleeper' } as const;
    const first = await fixture.operator(manager, options);
    await first.publish(`operations/assets/${DEMO.buildingId}/get`);
    manager.cutConnection('sleeper');
    await eventually(() => !manager.isConnected('sleeper'));
    clock.advance(1_000);
    const second = await fixture.connect(manager, options);
    const { packet } = await second.next(`operations/assets/${DEMO.buildingId}/get/response`);
    assert.equal(packet.qos, 0);
  });

  it('forgets event filters with the connection, though the session is kept', async () => {
    const options = { version: 4, clean: false, id: 'sleeper' } as const;
    const first = await fixture.operator(manager, options);
    await first.subscribe(WATCH);
    await first.end();
    const second = await fixture.connect(manager, options);
    await second.ask(`${DEMO.chargerId}/attributes/status/update`, 'charging');
    await second.settle();
    assert.deepEqual(second.drain(), []);
    await second.subscribe(WATCH);
    await second.ask(`${DEMO.chargerId}/attributes/status/update`, 'idle');
    await second.next(WATCH);
  });
});
