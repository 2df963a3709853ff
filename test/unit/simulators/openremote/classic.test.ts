import assert from 'node:assert/strict';
import { DEMO, type OpenRemoteSimulator } from '../../../../src/simulators/openremote/index';
import { FakeClock, Fixture, json, type TestClient } from './support';

const { buildingId: BUILDING } = DEMO;

for (const profile of ['source', 'classic'] as const) {
  describe(`OpenRemote simulator: standard API (profile ${profile})`, () => {
    const fixture = new Fixture();
    let clock: FakeClock;
    let manager: OpenRemoteSimulator;
    let client: TestClient;

    beforeEach(async () => {
      clock = new FakeClock();
      manager = await fixture.manager({ profile, clock });
      client = await fixture.connect(manager);
    });
    afterEach(() => fixture.end());

    const notes = (): unknown => manager.getAsset(BUILDING)?.attributes['notes']?.value;
    const timestamp = (): unknown => manager.getAsset(BUILDING)?.attributes['notes']?.timestamp;

    const values: readonly [payload: string, stored: unknown][] = [
      ['"hello"', 'hello'],
      ['7', '7'],
      ['hello', 'before'],
      ['', 'before'],
      ['{"a":1}', 'before'],
      ['null', null],
    ];
    for (const [payload, stored] of values) {
      it(`reads ${payload || 'nothing'} as JSON: ${JSON.stringify(stored)}`, async () => {
        manager.writeAttribute(BUILDING, 'notes', 'before');
        assert.equal(await client.publish(`writeattributevalue/notes/${BUILDING}`, payload), 'acknowledged');
        assert.equal(notes(), stored);
      });
    }

    const stamped: readonly [payload: (now: number) => unknown, stored: boolean][] = [
      [(now) => ({ value: 'x', timestamp: now + 5 }), true],
      [(now) => ({ value: 'x', timestamp: now - 5 }), false],
      [() => ({ value: 'x', timestamp: 0 }), false],
      [() => ({ value: 'x' }), false],
      [(now) => ({ timestamp: now + 5 }), false],
      [() => 'x', false],
      [() => null, false],
    ];
    for (const [payload, stored] of stamped) {
      it(`${stored ? 'stores' : 'drops'} a write with the time in it: ${JSON.stringify(payload(1_000))}`, async () => {
        const now = clock.now();
        const body = JSON.stringify(payload(now));
        assert.equal(await client.publish(`writeattribute/notes/${BUILDING}`, body), 'acknowledged');
        assert.deepEqual([notes(), timestamp()], stored ? ['x', now + 5] : [null, now]);
      });
    }

    it('tells an asset event, an attribute event and a value', async () => {
      const { id } = manager.createAsset({ name: 'Thing' });
      await client.subscribe(`asset/${id}`, `attribute/notes/${id}`, `attributevalue/notes/${id}`);
      manager.writeAttribute(id, 'notes', 'hello');
      assert.deepEqual(json((await client.next(`attribute/notes/${id}`)).text), {
        eventType: 'attribute',
        ref: { id, name: 'notes' },
        value: 'hello',
        realm: 'master',
        timestamp: clock.now(),
        deleted: false,
      });
      assert.equal((await client.next(`attributevalue/notes/${id}`)).text, '"hello"');
      manager.deleteAsset(id);
      const { cause } = json((await client.next(`asset/${id}`)).text) as { cause: string };
      assert.equal(cause, 'DELETE');
    });
  });
}

it('OpenRemote simulator: a released manager knows no gateways', async () => {
  const fixture = new Fixture();
  try {
    const manager = await fixture.manager({ profile: 'classic' });
    const client = await fixture.connect(manager, { id: DEMO.gatewayClientId });
    assert.deepEqual(await client.granted('gateway/events/pending', 'asset/#'), [0x87, 1]);
    assert.equal(manager.writeAttribute(DEMO.chargerId, 'power', 7), 'stored');
  } finally {
    await fixture.end();
  }
});
