import assert from 'node:assert/strict';
import { Client } from '../../../src/openremote/client';
import type { Connection } from '../../../src/mqtt/connection';
import { EnergyError } from '../../../src/shared/errors';
import { startAedes } from '../../support/broker';
import { createConnection } from '../../support/connect';
import { until } from '../../support/until';
import { sessionOf } from '../../../src/openremote/session';
import { AS_GATEWAY, DEMO, failsWith, type Manager, NEVER, OPTIONS, ROOM, startManager, VERSIONS } from './support';

const UNKNOWN = '0000000000000000000000';

/** Counts how often the connection comes up. */
function connects(connection: Connection): () => number {
  let count = 0;
  connection.onState(({ state }) => (count += state === 'connected' ? 1 : 0));
  return () => count;
}

for (const protocolVersion of VERSIONS) {
  describe(`openremote: refusals (MQTT ${protocolVersion === 5 ? '5' : '3.1.1'})`, () => {
    let manager: Manager;

    beforeEach(async () => {
      manager = await startManager();
    });
    afterEach(() => manager.stop());

    it('fails a request that the manager refuses with REFUSED and its reason, and never sends it again', async () => {
      manager.simulator.addUser(DEMO.realm, 'reader', 'secret', ['read:assets']);
      const session = await manager.session({
        protocolVersion,
        username: `${DEMO.realm}:reader`,
        password: 'secret',
      });
      const client = new Client(session, 'auto');
      const again = connects(session.connection);
      await assert.rejects(
        client.createAsset(ROOM, OPTIONS),
        (error) =>
          failsWith('REFUSED')(error) &&
          error instanceof EnergyError &&
          error.message.includes('write:assets') &&
          error.cause.reply !== undefined,
      );
      if (protocolVersion === 4) await until(() => again() === 1, 'the reconnect');
      // What was sent again would close the connection again.
      await until(() => session.dialect === 'gateway', 'the dialect');
      assert.equal((await client.getAsset(DEMO.buildingId, OPTIONS)).name, 'Home');
      assert.equal(again(), protocolVersion === 4 ? 1 : 0);
    });

    it('blames the refused one only of several requests under way', async () => {
      const session = await manager.session({ protocolVersion });
      const client = new Client(session, 'auto');
      await client.getAsset(DEMO.buildingId, OPTIONS);
      // Below a gateway: not for this user to delete.
      const [first, refused, later] = await Promise.allSettled([
        client.getAsset(DEMO.buildingId, OPTIONS),
        client.deleteAsset(DEMO.chargerId, OPTIONS),
        client.getAttribute(DEMO.buildingId, 'area', OPTIONS),
      ]);
      assert.equal(refused.status === 'rejected' && (refused.reason as EnergyError).code, 'REFUSED');
      for (const other of [first, later]) {
        if (other.status === 'rejected') assert.equal((other.reason as EnergyError).code, 'NOT_CONNECTED');
        else assert.ok(other.value);
      }
      if (protocolVersion === 5) assert.ok(first.status === 'fulfilled' && later.status === 'fulfilled');
    });

    it('keeps the connection when an unknown asset is to be updated or deleted', async () => {
      const session = await manager.session({ protocolVersion });
      const client = new Client(session, 'auto');
      const again = connects(session.connection);
      await assert.rejects(client.deleteAsset(UNKNOWN, OPTIONS), failsWith('REFUSED'));
      const template = { type: 'ThingAsset', name: 'x', attributes: {} };
      await assert.rejects(client.updateAsset(UNKNOWN, template, 'replace', OPTIONS), failsWith('REFUSED'));
      assert.equal(session.connection.state.state, 'connected');
      assert.equal(again(), 0);
    });

    it("refuses a gateway's own asset to the gateway", async () => {
      const client = await manager.client({ protocolVersion, ...AS_GATEWAY });
      await assert.rejects(client.deleteAsset(DEMO.gatewayId, OPTIONS), failsWith('REFUSED'));
    });

    it('is NOT_CONNECTED when the connection is lost while the answer is awaited', async () => {
      manager.simulator.behaviour.responseDelayMs = 60_000;
      const session = await manager.session({ protocolVersion });
      const client = new Client(session, 'auto');
      await until(() => session.dialect !== null, 'the dialect');
      const request = client.getAsset(DEMO.buildingId, OPTIONS);
      const failed = assert.rejects(request, failsWith('NOT_CONNECTED'));
      const { publisher } = session;
      await new Promise(setImmediate);
      // Acknowledged after the request was: with 3.1.1 they go in turn.
      await publisher.publish(
        { topic: `${DEMO.realm}/${session.address.clientId}/operations/assets/${UNKNOWN}/get`, payload: '' },
        Date.now() + 5_000,
        NEVER,
      );
      manager.simulator.cutConnection(session.address.clientId);
      await failed;
    });

    it('is NOT_CONNECTED at once without a connection', async () => {
      const session = await manager.session({ protocolVersion });
      await session.connection.close();
      await assert.rejects(new Client(session, 'auto').getAsset(DEMO.buildingId, OPTIONS), failsWith('NOT_CONNECTED'));
    });

    it('ends a request when its node is closed', async () => {
      manager.simulator.behaviour.dropResponse = () => true;
      const session = await manager.session({ protocolVersion });
      const node = new AbortController();
      const request = new Client(session, 'auto').getAsset(DEMO.buildingId, { ...OPTIONS, signal: node.signal });
      setImmediate(() => node.abort());
      await assert.rejects(request, failsWith('NOT_CONNECTED'));
    });

    it('takes no late answer for that of the next request', async () => {
      const session = await manager.session({ protocolVersion });
      const client = new Client(session, 'auto');
      const { behaviour } = manager.simulator;
      let dropped = 0;
      behaviour.lateAnswers = true;
      behaviour.dropResponse = () => dropped++ === 0;
      await assert.rejects(
        client.getValue(DEMO.chargerId, 'power', { ...OPTIONS, timeout: 100 }),
        failsWith('TIMEOUT'),
      );
      manager.simulator.writeAttribute(DEMO.chargerId, 'power', 7_400);
      const next = client.updateAttribute(DEMO.chargerId, 'power', 7_400, OPTIONS);
      const value = client.getValue(DEMO.chargerId, 'power', OPTIONS);
      await next;
      // The late answer ends the quarantine; the value asked for after it is the new one.
      manager.simulator.releaseLateAnswers();
      assert.equal(await value, 7_400);
    });
  });
}

describe('openremote: a broker that answers nothing', () => {
  it('publishes with 3.1.1 one at a time, and nothing that waited too long or for nobody', async () => {
    const broker = await startAedes();
    const { connection, reached } = createConnection(broker.url, { protocolVersion: 4, clientId: 'box' });
    try {
      connection.open();
      await reached('connected');
      const session = sessionOf(connection, 'master');
      const gone = new AbortController();
      gone.abort();
      const send = (payload: string, deadline: number, signal = NEVER): Promise<unknown> =>
        session.publisher.publish({ topic: 'master/box/x', payload }, deadline, signal);
      const [first, late, closed, last] = await Promise.allSettled([
        send('first', Date.now() + 5_000),
        send('late', Date.now() - 1),
        send('closed', Date.now() + 5_000, gone.signal),
        send('last', Date.now() + 5_000),
      ]);
      assert.equal(first.status, 'fulfilled');
      assert.equal(late.status === 'rejected' && (late.reason as EnergyError).code, 'TIMEOUT');
      assert.equal(closed.status === 'rejected' && (closed.reason as EnergyError).code, 'NOT_CONNECTED');
      assert.equal(last.status, 'fulfilled');
      assert.deepEqual(
        broker.published.map(({ payload }) => payload),
        ['first', 'last'],
      );
    } finally {
      await connection.close();
      await broker.stop();
    }
  });

  it('is the same session for all that use a realm of a connection', () => {
    const { connection } = createConnection('mqtt://127.0.0.1:1', { clientId: 'box' });
    assert.equal(sessionOf(connection, 'master'), sessionOf(connection, 'master'));
    assert.notEqual(sessionOf(connection, 'master'), sessionOf(connection, 'other'));
    assert.equal(sessionOf(connection, 'master').publisher, sessionOf(connection, 'other').publisher);
    assert.throws(
      () => sessionOf(createConnection('mqtt://127.0.0.1:1', { clientId: 'a b' }).connection, 'm'),
      failsWith('NOT_CONFIGURED'),
    );
  });
});
