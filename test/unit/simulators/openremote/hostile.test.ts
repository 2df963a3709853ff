/** Whatever is sent, the manager stays up and answers the next client. */
import assert from 'node:assert/strict';
import { connect } from 'node:net';
import { generate } from 'mqtt-packet';
import { type AssetJson, DEMO, type OpenRemoteSimulator } from '../../../../src/simulators/openremote/index';
import { Fixture } from './support';

const { buildingId: BUILDING, chargerId: CHARGER } = DEMO;

/** Pseudo-random and repeatable: numbers below `n`. */
function random(seed: number): (n: number) => number {
  let state = seed;
  return (n) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state % n;
  };
}

describe('OpenRemote simulator: hostile input', () => {
  const fixture = new Fixture();
  let manager: OpenRemoteSimulator;

  beforeEach(async () => {
    manager = await fixture.manager();
  });
  afterEach(async () => {
    const client = await fixture.operator(manager);
    assert.equal(((await client.ask(`${BUILDING}/get`)) as AssetJson).id, BUILDING);
    await fixture.end();
  });

  const PAYLOADS = [
    '{"__proto__":{"polluted":1}}',
    '{"constructor":{"prototype":{"polluted":1}}}',
    '{"name":"x","attributes":{"__proto__":{"value":1},"notes":{},"location":{}}}',
    '{"name":"x","attributes":{"toString":{},"notes":{},"location":{}}}',
    '{"name":5}',
    '{"name":"x","attributes":{"notes":null}}',
    '{"name":"x","type":"constructor","attributes":{"notes":{},"location":{}}}',
    `${'['.repeat(100_000)}${']'.repeat(100_000)}`,
    `{"notes":${'['.repeat(5_000)}${']'.repeat(5_000)}}`,
    `{"schedule":${'{"a":'.repeat(5_000)}1${'}'.repeat(5_000)}}`,
    '\0\uffff',
    'NaN',
    '1e999',
    '{"notes":{"toString":null}}',
  ];

  it('is answered, refused or ignored', async () => {
    const client = await fixture.operator(manager);
    const gateway = await fixture.gateway(manager);
    for (const payload of PAYLOADS) {
      for (const topic of [
        'operations/assets/one/create',
        'operations/assets/__proto__/create',
        `operations/assets/${BUILDING}/update`,
        `operations/assets/${BUILDING}/attributes/update`,
        `operations/assets/${BUILDING}/attributes/notes/update`,
        `operations/assets/${BUILDING}/attributes/location/update`,
        `operations/assets/${BUILDING}/attributes/__proto__/get`,
        `writeattributevalue/notes/${BUILDING}`,
        `writeattribute/notes/${BUILDING}`,
      ]) {
        assert.equal(await client.publish(topic, payload), 'acknowledged', `${topic} ${payload.slice(0, 40)}`);
      }
      await gateway.publish(`operations/assets/${CHARGER}/attributes/update`, payload);
      await gateway.publish(`operations/assets/${CHARGER}/attributes/schedule/update`, payload);
      await gateway.publish('gateway/events/acknowledge', payload);
    }
    await client.settle();
    assert.equal(({} as { polluted?: unknown }).polluted, undefined);
  });

  for (const protocolVersion of [4, 5] as const) {
    it(`may be packets without identifier, out of turn, or of no known kind (${protocolVersion})`, async () => {
      for (const hex of [
        ...[
          '6200',
          '620100',
          '62020000',
          '8200',
          '820100',
          '82020001',
          'a200',
          'a2020001',
          '5000',
          '4000',
          '40020000',
          '7000',
        ],
        ...['3200', '32020000', '3205000161ffff', '3400', '3600', 'e00101', 'f000', 'f00100', '1000', '2000', '9000'],
      ]) {
        await sendAndLeave(manager.port, Buffer.concat([login(protocolVersion), Buffer.from(hex, 'hex')]));
      }
    });

    it(`ends a second CONNECT, and what has no topic (${protocolVersion})`, async () => {
      const nameless = Buffer.from(protocolVersion === 5 ? '3003000000' : '30020000', 'hex');
      for (const packet of [login(protocolVersion), nameless]) {
        const answer = await sendAndLeave(manager.port, Buffer.concat([login(protocolVersion), packet, packet]));
        const disconnect = answer.subarray(-4, -2);
        assert.equal(disconnect.toString('hex') === 'e002', protocolVersion === 5, answer.toString('hex'));
      }
    });
  }

  it('may be packets with any bytes changed', async () => {
    const pick = random(7);
    const options = { protocolVersion: 5 as const };
    const prefix = 'master/fuzzer';
    const packets = [
      login(5),
      generate(
        { cmd: 'subscribe', messageId: 1, subscriptions: [{ topic: `${prefix}/events/assets/#`, qos: 2 }] },
        options,
      ),
      generate(
        {
          cmd: 'publish',
          topic: `${prefix}/operations/assets/${BUILDING}/attributes/update`,
          payload: '{"notes":"x"}',
          qos: 2,
          messageId: 2,
          dup: false,
          retain: false,
          properties: { topicAlias: 1 },
        },
        options,
      ),
      generate({ cmd: 'pubrel', messageId: 2, reasonCode: 0 }, options),
      generate({ cmd: 'unsubscribe', messageId: 3, unsubscriptions: [`${prefix}/events/assets/#`] }, options),
      generate({ cmd: 'disconnect', reasonCode: 4 }, options),
    ];
    const sockets: Promise<unknown>[] = [];
    for (let round = 0; round < 1_000; round++) {
      const bytes = Buffer.from(Buffer.concat([login(5), ...packets.slice(pick(2))]));
      for (let changes = 1 + pick(4); changes > 0; changes--) bytes[pick(bytes.length)] = pick(256);
      sockets.push(sendAndLeave(manager.port, bytes.subarray(0, 1 + pick(bytes.length))));
      if (round % 50 === 49) await Promise.all(sockets.splice(0));
    }
    await Promise.all(sockets);
  });
});

function login(protocolVersion: 4 | 5): Buffer {
  return generate(
    {
      cmd: 'connect',
      clientId: 'fuzzer',
      protocolVersion,
      protocolId: 'MQTT',
      clean: true,
      keepalive: 30,
      username: `master:${DEMO.user}`,
      password: Buffer.from(DEMO.secret),
    },
    { protocolVersion },
  );
}

/** Resolves with what came back until the connection was closed. */
async function sendAndLeave(port: number, bytes: Buffer): Promise<Buffer> {
  return new Promise((resolve) => {
    const answer: Buffer[] = [];
    const socket = connect(port, '127.0.0.1', () => socket.end(bytes));
    // The manager may have cut the connection already.
    socket.on('error', () => undefined);
    socket.on('data', (data) => answer.push(data));
    socket.on('close', () => resolve(Buffer.concat(answer)));
  });
}
