import assert from 'node:assert/strict';
import { GatewayFeed, type PendingEvent } from '../../../src/openremote/gateway-feed';
import { Client } from '../../../src/openremote/client';
import type { Session } from '../../../src/openremote/session';
import type { EnergyError } from '../../../src/shared/errors';
import { startAedes } from '../../support/broker';
import { createConnection } from '../../support/connect';
import { until } from '../../support/until';
import { sessionOf } from '../../../src/openremote/session';
import { AS_GATEWAY, DEMO, failsWith, type Manager, OPTIONS, startManager, VERSIONS } from './support';

interface Feed {
  readonly feed: GatewayFeed;
  readonly pending: PendingEvent[];
  readonly faults: EnergyError[];
}

function open(session: Session): Feed {
  const feed = new GatewayFeed(session);
  const pending: PendingEvent[] = [];
  const faults: EnergyError[] = [];
  feed.open({ onPending: (event) => pending.push(event), onFault: (error) => faults.push(error) });
  return { feed, pending, faults };
}

/** A connection that is asked for later answers later. */
async function settled(session: Session): Promise<void> {
  await session.choose('auto', OPTIONS);
  await new Client(session, 'auto').getAsset(DEMO.chargerId, OPTIONS);
}

for (const profile of ['source', 'documented'] as const) {
  for (const protocolVersion of VERSIONS) {
    describe(`openremote: Gateway V2 (${profile}, MQTT ${protocolVersion === 5 ? '5' : '3.1.1'})`, () => {
      let manager: Manager;
      const stored = (name: string): unknown => manager.simulator.getAsset(DEMO.chargerId)?.attributes[name]?.value;

      beforeEach(async () => {
        manager = await startManager({ profile });
      });
      afterEach(() => manager.stop());

      it('gets pending writes in order, and each is stored when it is acknowledged, not before', async () => {
        const session = await manager.session({ protocolVersion, ...AS_GATEWAY });
        const { feed, pending, faults } = open(session);
        await settled(session);
        assert.equal(manager.simulator.writeAttribute(DEMO.chargerId, 'maxCurrent', 10), 'pending');
        manager.simulator.writeAttribute(DEMO.chargerId, 'enabled', false);
        await until(() => pending.length === 2, 'the pending events');
        assert.deepEqual(
          pending.map(({ event }) => [event.event, event.assetId, event.attribute, event.value, event.deleted]),
          [
            ['attribute', DEMO.chargerId, 'maxCurrent', 10, false],
            ['attribute', DEMO.chargerId, 'enabled', false, false],
          ],
        );
        assert.match(String(pending[0]?.event.timestamp), /^\d{4}-.*Z$/);
        assert.equal(stored('maxCurrent'), 16);
        await feed.acknowledge(pending[1]?.ackId, OPTIONS);
        await until(() => stored('enabled') === false, 'the second write');
        assert.equal(stored('maxCurrent'), 16);
        await feed.acknowledge(pending[0]?.ackId, OPTIONS);
        await until(() => stored('maxCurrent') === 10, 'the first write');
        assert.deepEqual(faults, []);
      });

      it('does not get what the gateway writes itself', async () => {
        const session = await manager.session({ protocolVersion, ...AS_GATEWAY });
        const { pending } = open(session);
        await settled(session);
        await new Client(session, 'auto').updateAttribute(DEMO.chargerId, 'power', 3_600, OPTIONS);
        await until(() => stored('power') === 3_600, 'the write');
        await settled(session);
        assert.deepEqual(pending, []);
      });

      it('creates assets below itself', async () => {
        const client = await manager.client({ protocolVersion, ...AS_GATEWAY });
        const { asset } = await client.createAsset(
          { type: 'ThingAsset', name: 'Plug', attributes: { notes: {}, location: {} } },
          OPTIONS,
        );
        assert.equal(manager.simulator.getAsset(asset.id)?.parentId, DEMO.gatewayId);
      });

      it('explains what an ordinary user lacks for pending events, and refuses its acknowledgement', async () => {
        const session = await manager.session({ protocolVersion });
        const { feed, faults } = open(session);
        await until(() => faults.length > 0, 'the refusal');
        assert.ok(failsWith('SUBSCRIPTION_REFUSED')(faults[0]));
        assert.match(String(faults[0]), /clientId/);
        const ackId = 'A'.repeat(22);
        await assert.rejects(feed.acknowledge(ackId, OPTIONS), failsWith('REFUSED'));
        assert.ok(feed.isPending(ackId), 'it may be tried again');
      });

      it('refuses what is no id before anything is sent', async () => {
        const session = await manager.session({ protocolVersion, ...AS_GATEWAY });
        const { feed } = open(session);
        for (const bad of [undefined, null, '', 'a b', 'a\n', 7, {}]) {
          await assert.rejects(feed.acknowledge(bad, OPTIONS), failsWith('INVALID'), JSON.stringify(bad));
        }
      });

      it('acknowledges once, whichever feed of the connection is told to', async () => {
        const session = await manager.session({ protocolVersion, ...AS_GATEWAY });
        const feeds = [open(session), open(session)];
        await settled(session);
        manager.simulator.writeAttribute(DEMO.chargerId, 'maxCurrent', 10);
        await until(() => feeds.every(({ pending }) => pending.length === 1), 'the pending event');
        const ackId = feeds[0]?.pending[0]?.ackId;
        await feeds[1]?.feed.acknowledge(ackId, OPTIONS);
        await until(() => stored('maxCurrent') === 10, 'the write');
        for (const { feed } of feeds) {
          await assert.rejects(
            feed.acknowledge(ackId, OPTIONS),
            (error) => failsWith('INVALID')(error) && String(error).includes('before'),
          );
        }
      });
    });
  }
}

describe('openremote: pending events as they come', () => {
  it('hands on each once, and tells an unreadable one once until it is readable again', async () => {
    const broker = await startAedes();
    const { connection, reached } = createConnection(broker.url, { clientId: 'gateway-x' });
    try {
      connection.open();
      await reached('connected');
      const { pending, faults } = open(sessionOf(connection, 'master'));
      await until(() => broker.subscribed.length > 0, 'the subscription');
      const topic = 'master/gateway-x/gateway/events/pending';
      const event = {
        eventType: 'attribute',
        ref: { id: 'A'.repeat(22), name: 'power' },
        value: 1,
        timestamp: 5,
        deleted: false,
      };
      const send = (payload: unknown): Promise<void> =>
        broker.publish(topic, typeof payload === 'string' ? payload : JSON.stringify(payload));
      await send({ ackId: 'one', event });
      await send({ ackId: 'one', event });
      await send('{');
      await send({ ackId: 'two', event: {} });
      await send({ ackId: 'three', event });
      await send('null');
      await until(() => faults.length === 2, 'the faults');
      assert.deepEqual(
        pending.map(({ ackId }) => ackId),
        ['one', 'three'],
      );
      assert.ok(faults.every(failsWith('BAD_PAYLOAD')));
    } finally {
      await connection.close();
      await broker.stop();
    }
  });
});
