import assert from 'node:assert/strict';
import { Client } from '../../../src/openremote/client';
import { until } from '../../support/until';
import { DEMO, failsWith, type Manager, OPTIONS, startManager, VERSIONS } from './support';

for (const protocolVersion of VERSIONS) {
  describe(`openremote: dialects (MQTT ${protocolVersion === 5 ? '5' : '3.1.1'})`, () => {
    let manager: Manager;

    before(async () => {
      manager = await startManager();
    });
    after(() => manager.stop());

    it('knows the dialect by the answer to the subscription to responses', async () => {
      for (const [profile, dialect] of [
        ['source', 'gateway'],
        ['documented', 'gateway'],
        ['classic', 'classic'],
      ] as const) {
        manager.simulator.behaviour.profile = profile;
        const session = await manager.session({ protocolVersion });
        assert.equal(await session.choose('auto', OPTIONS), dialect);
        assert.equal(session.dialect, dialect);
      }
    });

    it('asks again with each connection: servers are upgraded', async () => {
      manager.simulator.behaviour.profile = 'classic';
      const session = await manager.session({ protocolVersion });
      const told: unknown[] = [];
      session.onDialect((dialect) => told.push(dialect));
      await until(() => session.dialect === 'classic', 'the classic dialect');
      manager.simulator.behaviour.profile = 'source';
      manager.simulator.cutConnection(session.address.clientId);
      await until(() => session.dialect === 'gateway', 'the Gateway API');
      assert.deepEqual(told, [null, 'classic', null, 'gateway']);
    });

    it('says which server has the operation that a released manager lacks', async () => {
      manager.simulator.behaviour.profile = 'classic';
      const client = await manager.client({ protocolVersion });
      const { chargerId } = DEMO;
      const lacking = [
        client.getAsset(chargerId, OPTIONS),
        client.createAsset({ type: 'ThingAsset', name: 'x' }, OPTIONS),
        client.updateAsset(chargerId, { name: 'x' }, 'merge', OPTIONS),
        client.deleteAsset(chargerId, OPTIONS),
        client.getAttribute(chargerId, 'power', OPTIONS),
        client.getValue(chargerId, 'power', OPTIONS),
        client.getAttributes(chargerId, OPTIONS),
      ];
      for (const request of lacking) {
        await assert.rejects(
          request,
          (error) => failsWith('UNSUPPORTED')(error) && String(error).includes('feature/mqtt-gateway-api'),
        );
      }
    });

    it('is refused when the Gateway API is demanded of a released manager', async () => {
      manager.simulator.behaviour.profile = 'classic';
      const client = await manager.client({ protocolVersion }, 'gateway');
      await assert.rejects(client.getAsset(DEMO.chargerId, OPTIONS), failsWith('SUBSCRIPTION_REFUSED'));
    });

    it('writes attributes to a released manager, as JSON and with the time where one is given', async () => {
      manager.simulator.behaviour.profile = 'classic';
      const client = await manager.client({ protocolVersion });
      const { buildingId } = DEMO;
      const stored = (name: string): Record<string, unknown> => ({
        ...manager.simulator.getAsset(buildingId)?.attributes[name],
      });
      assert.deepEqual(await client.updateAttribute(buildingId, 'city', 'Paris', OPTIONS), {
        assetId: buildingId,
        attribute: 'city',
        value: 'Paris',
        timestamp: null,
        outcome: 'sent',
      });
      await until(() => stored('city')['value'] === 'Paris', 'the city');
      const at = Date.now() + 1_000;
      const [written] = await client.updateAttributes(buildingId, { area: 150 }, OPTIONS, at);
      assert.equal(written?.timestamp, new Date(at).toISOString());
      await until(() => stored('area')['value'] === 150, 'the area');
      assert.equal(stored('area')['timestamp'], at);
      await client.updateAttribute(buildingId, 'city', null, OPTIONS, at + 1);
      await until(() => stored('city')['value'] === null, 'no city');
    });

    it('hears of a refused write', async () => {
      manager.simulator.behaviour.profile = 'classic';
      const session = await manager.session({ protocolVersion });
      const client = new Client(session, 'auto');
      await assert.rejects(client.updateAttribute(DEMO.buildingId, 'nope', 1, OPTIONS), failsWith('REFUSED'));
    });
  });
}
