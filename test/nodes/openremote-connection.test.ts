import assert from 'node:assert/strict';
import type { Hub } from '../../src/runtime/broker';
import { createOpenRemoteSimulator, DEMO, type OpenRemoteSimulator } from '../../src/simulators/openremote/index';
import { freePort, startAedes } from '../support/broker';
import { at, type FlowNode, MAJOR, type NodeRed, startNodeRed } from '../support/node-red';
import {
  connected,
  deployConnected,
  failureOf,
  fromNode,
  GATEWAY_LOGIN,
  login,
  managerFlow,
  PROFILES,
  resultOf,
  shows,
  titleOf,
  UNKNOWN,
  VERSIONS,
} from '../support/openremote';
import { createConnection } from '../support/connect';
import { startProxy } from '../support/proxy';
import { until } from '../support/until';

const { realm, buildingId, chargerId } = DEMO;
const asset = (id: string, properties = {}): FlowNode => ({ id, type: 'openremote-asset', ...properties });
const attribute = (id: string, properties = {}): FlowNode => ({ id, type: 'openremote-attribute', ...properties });
const FULL = { type: 'ThingAsset', name: 'x', attributes: { notes: {}, location: {} } };

describe(`nodes: the connection to OpenRemote in Node-RED ${MAJOR}`, function () {
  this.timeout(30_000);
  let red: NodeRed;
  let manager: OpenRemoteSimulator;
  before(async () => (red = await startNodeRed()));
  after(() => red.stop());
  beforeEach(async () => {
    manager = createOpenRemoteSimulator();
    await manager.start();
  });
  afterEach(async () => {
    await red.deploy([]);
    await manager.stop();
  });

  for (const protocolVersion of VERSIONS) {
    describe(titleOf(protocolVersion), () => {
      it('fails the request that the manager refuses, says why, and never sends it again', async () => {
        manager.addUser(realm, 'reader', 'secret', ['read:assets']);
        const link = await startProxy(manager.port);
        try {
          const reader = { broker: { user: `${realm}:reader`, password: 'secret' } };
          await deployConnected(red, managerFlow(link.port, [asset('asset')], { protocolVersion }), reader);
          const error = await failureOf(red, 'asset', { operation: 'create', payload: FULL });
          assert.equal(error.code, 'REFUSED');
          assert.match(error.message, /role write:assets/);
          assert.match(error.message, protocolVersion === '4' ? /closed the connection/ : /: OpenRemote refused/);
          assert.ok(at(error.cause, 'reply'));
          await connected(red);
          // Were it sent again with 3.1.1, the connection would be closed again.
          for (let round = 0; round < 3; round += 1) {
            await resultOf(red, 'asset', { operation: 'get', assetId: buildingId });
          }
          assert.equal(link.opened(), protocolVersion === '4' ? 2 : 1);
          assert.equal(red.received('errors').filter(fromNode('asset')).length, 1);
        } finally {
          await red.deploy([]);
          await link.stop();
        }
      });

      it('keeps the connection where an unknown asset is to be changed', async () => {
        const link = await startProxy(manager.port);
        try {
          const nodes = [asset('asset'), asset('replace', { mode: 'replace' })];
          await deployConnected(red, managerFlow(link.port, nodes, { protocolVersion }));
          assert.equal((await failureOf(red, 'asset', { operation: 'delete', assetId: UNKNOWN })).code, 'REFUSED');
          const update = { operation: 'update', assetId: UNKNOWN, payload: FULL };
          assert.equal((await failureOf(red, 'replace', update)).code, 'REFUSED');
          await resultOf(red, 'asset', { operation: 'get', assetId: buildingId });
          assert.equal(link.opened(), 1);
        } finally {
          await red.deploy([]);
          await link.stop();
        }
      });

      it('takes no late answer to one node for the answer to another', async () => {
        const value = { operation: 'getValue', assetId: chargerId, attribute: 'power' };
        const nodes = [
          attribute('impatient', { ...value, timeout: '0.2' }),
          attribute('patient', value),
          attribute('write', { operation: 'update', assetId: chargerId, attribute: 'power' }),
        ];
        await deployConnected(red, managerFlow(manager.port, nodes, { protocolVersion }));
        let dropped = 0;
        manager.behaviour.lateAnswers = true;
        manager.behaviour.dropResponse = () => dropped++ === 0;
        assert.equal((await failureOf(red, 'impatient', {})).code, 'TIMEOUT');
        const answer = resultOf(red, 'patient', {});
        await resultOf(red, 'write', { payload: 7_400 });
        manager.releaseLateAnswers();
        assert.equal((await answer)['payload'], 7_400);
      });

      it('fails what is under way when the connection is lost, and what comes while it is', async () => {
        manager.behaviour.responseDelayMs = 60_000;
        await deployConnected(red, managerFlow(manager.port, [asset('asset')], { protocolVersion }));
        const { behaviour } = manager;
        const waiting = failureOf(red, 'asset', { operation: 'create', payload: FULL });
        await red.next('statuses', shows('asset', 'Gateway API'));
        manager.cutConnection('box');
        assert.equal((await waiting).code, 'NOT_CONNECTED');
        assert.equal((await failureOf(red, 'asset', { operation: 'get', assetId: buildingId })).code, 'NOT_CONNECTED');
        behaviour.responseDelayMs = 0;
      });

      it('takes answers that come before the acknowledgement of their request', async () => {
        manager.behaviour.answersBeforeAcknowledgement = true;
        await deployConnected(red, managerFlow(manager.port, [asset('asset')], { protocolVersion }));
        const created = await resultOf(red, 'asset', { operation: 'create', payload: FULL });
        const assetId = at(created, 'payload.id');
        await resultOf(red, 'asset', { operation: 'update', assetId, payload: { name: 'y' } });
        assert.equal(at(await resultOf(red, 'asset', { operation: 'get', assetId }), 'payload.name'), 'y');
      });

      it('finds out the dialect, shows it, and finds out anew with each connection', async () => {
        manager.behaviour.profile = 'classic';
        const nodes = [
          asset('asset'),
          attribute('attribute'),
          { id: 'events', type: 'openremote-events', kind: 'attribute', scope: 'asset', assetId: buildingId },
        ];
        const told = async (value: string): Promise<unknown> => {
          manager.writeAttribute(buildingId, 'city', value);
          return (await red.next('results', (message) => at(message, 'payload.value') === value))['topic'];
        };
        await red.deploy(managerFlow(manager.port, nodes, { protocolVersion }), login());
        for (const { id } of nodes) await red.next('statuses', shows(id, 'classic API'));
        await resultOf(red, 'attribute', { operation: 'update', assetId: buildingId, attribute: 'area', payload: 9 });
        assert.equal(await told('Paris'), `${realm}/box/attribute/city/${buildingId}`);
        for (const operation of ['create', 'get', 'update', 'delete']) {
          const unsupported = await failureOf(red, 'asset', { operation, assetId: buildingId, payload: FULL });
          assert.equal(unsupported.code, 'UNSUPPORTED');
          assert.match(unsupported.message, /feature\/mqtt-gateway-api.*no release up to 1\.28\.1/);
        }
        manager.behaviour.profile = 'source';
        manager.cutConnection('box');
        for (const { id } of nodes) await red.next('statuses', shows(id, 'Gateway API'));
        await resultOf(red, 'asset', { operation: 'get', assetId: buildingId });
        assert.equal(await told('Metz'), `${realm}/box/events/assets/${buildingId}/attributes`);
        await red.next('statuses', shows('asset', 'accepted'));
      });

      it('speaks the dialect that is chosen, where the server has it', async () => {
        const nodes = [
          asset('gateway', { dialect: 'gateway', operation: 'get', assetId: buildingId }),
          attribute('classic', { dialect: 'classic', operation: 'update', assetId: buildingId, attribute: 'city' }),
        ];
        await deployConnected(red, managerFlow(manager.port, nodes, { protocolVersion }));
        await resultOf(red, 'gateway', {});
        assert.equal(at(await resultOf(red, 'classic', { payload: 'Metz' }), 'payload.outcome'), 'sent');
        await red.deploy([]);
        manager.behaviour.profile = 'classic';
        await deployConnected(red, managerFlow(manager.port, nodes, { protocolVersion }));
        const refused = await failureOf(red, 'gateway', {});
        assert.equal(refused.code, 'SUBSCRIPTION_REFUSED');
        assert.equal(at(await resultOf(red, 'classic', { payload: 'Brest' }), 'payload.outcome'), 'sent');
        await red.next('statuses', shows('gateway', 'not authorised'));
      });
    });
  }

  it('asks one thing at a time below one response topic, whichever node wants to know', async () => {
    const broker = await startAedes();
    try {
      const power = { operation: 'getValue', assetId: buildingId, attribute: 'power' };
      const nodes = [
        attribute('one', power),
        attribute('two', power),
        attribute('other', { ...power, attribute: 'area' }),
      ];
      await deployConnected(red, managerFlow(broker.port, nodes, { protocolVersion: '4' }));
      const topic = (name: string): string =>
        `${realm}/box/operations/assets/${buildingId}/attributes/${name}/get-value`;
      const asked = (name: string): number =>
        broker.published.filter((message) => message.topic === topic(name)).length;
      const one = resultOf(red, 'one', {});
      const two = resultOf(red, 'two', {});
      const other = resultOf(red, 'other', {});
      await until(() => asked('area') === 1, 'the other request');
      await broker.publish(`${topic('area')}/response`, '120');
      assert.equal((await other)['payload'], 120);
      assert.equal(asked('power'), 1);
      await broker.publish(`${topic('power')}/response`, '1');
      assert.equal((await one)['payload'], 1);
      await until(() => asked('power') === 2, 'the second request');
      await broker.publish(`${topic('power')}/response`, '2');
      assert.equal((await two)['payload'], 2);
      assert.ok(broker.published.every(({ retain, qos }) => !retain && qos === 1));
    } finally {
      await red.deploy([]);
      await broker.stop();
    }
  });

  for (const protocolVersion of ['auto', '4']) {
    it(`waits for a client id that is in use, as after a lost link, with protocol ${protocolVersion}`, async () => {
      manager.behaviour.linkStealing = false;
      const username = `${realm}:${DEMO.user}`;
      const rival = createConnection(manager.url, { clientId: 'box', username, password: DEMO.secret });
      rival.connection.open();
      await rival.reached('connected');
      try {
        await red.deploy(managerFlow(manager.port, [asset('asset')], { protocolVersion }), login());
        assert.equal(at(await red.next('errors', fromNode('broker')), 'error.code'), 'NOT_CONNECTED');
      } finally {
        await rival.connection.close();
      }
      await connected(red);
      await resultOf(red, 'asset', { operation: 'get', assetId: buildingId });
      assert.equal(red.received('errors').length, 1);
      const { hub } = red.node('broker') as { hub?: Hub };
      const link = hub?.connection.state;
      assert.equal(link?.state === 'connected' && link.protocolVersion, protocolVersion === '4' ? 4 : 5);
    });
  }

  it('listens once, and answers once, after its nodes alone were deployed again', async () => {
    const city = { assetId: buildingId, attribute: 'city' };
    const flow = (name: string): FlowNode[] =>
      managerFlow(manager.port, [
        { id: 'events', type: 'openremote-events', name, kind: 'attribute', scope: 'asset', ...city },
        attribute('attribute', { name, ...city }),
      ]);
    await deployConnected(red, flow('first'));
    await resultOf(red, 'attribute', { operation: 'getValue' });
    await red.redeploy(flow('second'), 'nodes');
    await connected(red);
    await resultOf(red, 'attribute', { operation: 'getValue' });
    manager.writeAttribute(buildingId, 'city', 'Metz');
    assert.equal((await resultOf(red, 'attribute', { operation: 'getValue' }))['payload'], 'Metz');
    const told = red.received('results').filter((message) => at(message, 'payload.event') === 'attribute');
    assert.deepEqual(
      told.map((message) => at(message, 'payload.value')),
      ['Metz'],
    );
  });

  it('uses the realm that a super user names', async () => {
    manager.addUser('energy', 'someone', 'secret');
    manager.addUser(realm, 'admin', 'secret', ['admin']);
    const admin = { broker: { user: `${realm}:admin`, password: 'secret' } };
    await deployConnected(red, managerFlow(manager.port, [asset('asset', { realm: 'energy' })]), admin);
    const created = await resultOf(red, 'asset', { operation: 'create', payload: FULL });
    assert.equal(manager.getAsset(String(at(created, 'payload.id')))?.realm, 'energy');
  });

  describe('that cannot be used is told at once, and with each message', () => {
    const user = `${realm}:${DEMO.user}`;
    const unusable: [string, object, object, RegExp][] = [
      ['a user without a realm', {}, { user: 'demo', password: 'x' }, /\{realm\}:\{username\}/],
      ['no user', {}, {}, /\{realm\}:\{username\}/],
      ['a user without a password', {}, { user }, /no password/],
      ['a client id that changes topics', { clientid: 'my/box' }, { user, password: 'x' }, /cannot stand in topics/],
    ];
    for (const [what, broker, credentials, text] of unusable) {
      it(what, async () => {
        const nodes = [
          asset('asset'),
          attribute('attribute'),
          { id: 'events', type: 'openremote-events' },
          { id: 'gateway', type: 'openremote-gateway' },
        ];
        await red.deploy(managerFlow(manager.port, nodes, broker), { broker: credentials });
        for (const { id } of nodes) {
          const told = await red.next('errors', fromNode(id));
          assert.equal(at(told, 'error.code'), 'NOT_CONFIGURED');
          assert.match(String(at(told, 'error.message')), text);
          const error = await failureOf(red, id, {});
          assert.equal(error.code, 'NOT_CONFIGURED');
        }
      });
    }

    it('a broker that is not there', async () => {
      await red.deploy(managerFlow(await freePort(), [asset('asset')]), login());
      await red.next('errors', fromNode('broker'));
      const error = await failureOf(red, 'asset', { operation: 'get', assetId: buildingId });
      assert.equal(error.code, 'NOT_CONNECTED');
      assert.match(error.message, /ECONNREFUSED/);
    });

    it('a wrong secret', async () => {
      const wrong = { broker: { user, password: 'wrong' } };
      await red.deploy(managerFlow(manager.port, [asset('asset')]), wrong);
      await red.next('statuses', shows('asset', 'login refused'));
    });
  });

  describe('leaves a last will', () => {
    const standard = ['of the standard API', `writeattributevalue/city/${buildingId}`, '"unreachable"'] as const;
    const operation = [
      'that is an operation',
      `operations/assets/${buildingId}/attributes/city/update`,
      'unreachable',
    ] as const;
    for (const profile of [...PROFILES, 'classic'] as const) {
      for (const protocolVersion of VERSIONS) {
        for (const [what, tail, willPayload] of profile === 'classic' ? [standard] : [standard, operation]) {
          it(`${what}: sent when it is lost, and not when it is closed (${profile}, ${titleOf(protocolVersion)})`, async () => {
            manager.behaviour.profile = profile;
            const will = { willTopic: `${realm}/box/${tail}`, willPayload, willQos: '1' };
            const city = (): unknown => manager.getAsset(buildingId)?.attributes['city']?.value;
            const flow = managerFlow(manager.port, [attribute('attribute')], { protocolVersion, ...will });
            await deployConnected(red, flow);
            await red.deploy([]);
            await until(() => !manager.isConnected('box'), 'the end of the connection');
            assert.equal(city(), 'Lyon');
            await deployConnected(red, flow);
            manager.cutConnection('box');
            await until(() => city() === 'unreachable', 'the will');
          });
        }
      }
    }

    it('below a gateway through the operation, which the standard topic would withhold', async () => {
      const clientid = DEMO.gatewayClientId;
      const status = (): unknown => manager.getAsset(chargerId)?.attributes['status']?.value;
      for (const [tail, willPayload, written] of [
        [`writeattributevalue/status/${chargerId}`, '"lost"', null],
        [`operations/assets/${chargerId}/attributes/status/update`, 'lost', 'lost'],
      ] as const) {
        const will = { willTopic: `${realm}/${clientid}/${tail}`, willPayload, willQos: '1' };
        await deployConnected(red, managerFlow(manager.port, [asset('asset')], { clientid, ...will }), GATEWAY_LOGIN);
        manager.cutConnection(clientid);
        await until(() => !manager.isConnected(clientid), 'the loss');
        await new Promise((resolve) => setImmediate(resolve));
        assert.equal(status(), written);
        await red.deploy([]);
      }
    });
  });
});
