import assert from 'node:assert/strict';
import { DEMO, type OpenRemoteSimulator, type Role } from '../../../../src/simulators/openremote/index';
import { FakeClock, Fixture, type TestClient } from './support';

const { buildingId: BUILDING, gatewayId: GATEWAY, chargerId: CHARGER } = DEMO;
const UNKNOWN = '0123456789ABCDEFGHIJKL';

describe('OpenRemote simulator: permitted filters', () => {
  const fixture = new Fixture();
  afterEach(() => fixture.end());

  const FILTERS: readonly [string, granted: boolean][] = [
    ['operations/assets/+/+/response', true],
    ['operations/assets/+/attributes/+/response', true],
    ['operations/assets/+/attributes/+/+/response', true],
    [`operations/assets/${BUILDING}/get/response`, true],
    ['operations/#', false],
    ['operations/assets/+/get', false],
    ['events/assets/#', true],
    ['events/assets/+', true],
    [`events/assets/${BUILDING}`, true],
    [`events/assets/${BUILDING}/#`, true],
    [`events/assets/${BUILDING}/+`, true],
    ...['attributes', 'attributes-value'].flatMap((attributes): [string, boolean][] => [
      [`events/assets/+/${attributes}/#`, true],
      [`events/assets/+/${attributes}/+`, true],
      [`events/assets/+/${attributes}/notes/#`, true],
      [`events/assets/+/${attributes}/notes/+`, true],
      [`events/assets/${BUILDING}/${attributes}`, true],
      [`events/assets/${BUILDING}/${attributes}/notes`, true],
      [`events/assets/${BUILDING}/${attributes}/notes/#`, true],
      [`events/assets/${BUILDING}/${attributes}/notes/+`, true],
      [`events/assets/${BUILDING}/${attributes}/#`, false],
      [`events/assets/${BUILDING}/${attributes}/+`, false],
      [`events/assets/+/${attributes}`, false],
      [`events/assets/+/${attributes}/notes`, false],
      [`events/assets/${UNKNOWN}/${attributes}`, false],
      [`events/assets/${UNKNOWN}/${attributes}/notes`, false],
      [`events/assets/${UNKNOWN}/${attributes}/notes/#`, true],
    ]),
    ['events/#', false],
    ['events/assets/short', false],
    [`events/assets/${UNKNOWN}`, false],
    [`events/assets/${UNKNOWN}/#`, true],
    [`events/assets/${UNKNOWN}/+`, true],
    ['gateway/events/pending', false],
    ['gateway/events/acknowledge', false],
    ['asset/#', true],
    ['asset/+', true],
    [`asset/${BUILDING}`, true],
    [`asset/${BUILDING}/#`, true],
    [`asset/${BUILDING}/+`, true],
    [`asset/${UNKNOWN}`, false],
    ...['attribute', 'attributevalue'].flatMap((attribute): [string, boolean][] =>
      ['notes', '+'].flatMap((name): [string, boolean][] => [
        [`${attribute}/${name}/#`, true],
        [`${attribute}/${name}/+`, true],
        [`${attribute}/${name}/${BUILDING}`, true],
        [`${attribute}/${name}/${BUILDING}/#`, true],
        [`${attribute}/${name}/${BUILDING}/+`, true],
        [`${attribute}/${name}/${UNKNOWN}`, false],
      ]),
    ),
    [`attribute/${BUILDING}`, false],
    ['attribute/#', false],
    ['#', false],
    ['+/+', false],
  ];

  for (const version of [4, 5] as const) {
    it(`grants the filters of both APIs, and no other (${version})`, async () => {
      const client = await fixture.connect(await fixture.manager(), { version });
      const granted = await client.granted(...FILTERS.map(([filter]) => filter));
      const seen = FILTERS.map(([filter], index) => [filter, granted[index]]);
      const bad = version === 5 ? 0x87 : 0x80;
      assert.deepEqual(
        seen,
        FILTERS.map(([filter, ok]) => [filter, ok ? 1 : bad]),
      );
    });
  }

  it('grants the standard API only on a released manager', async () => {
    const client = await fixture.connect(await fixture.manager({ profile: 'classic' }));
    for (const [filter, ok] of FILTERS) {
      const standard = /^(asset|attribute)/.test(filter);
      assert.deepEqual(await client.granted(filter), [ok && standard ? 1 : 0x87], filter);
    }
    assert.equal(await client.publish(`operations/assets/${BUILDING}/get`), 0x87);
    assert.equal(await client.publish(`writeattributevalue/notes/${BUILDING}`, '"x"'), 'acknowledged');
  });

  it('wants the client id and the realm in front', async () => {
    const manager = await fixture.manager();
    manager.addUser('other', 'someone', 'secret');
    const client = await fixture.connect(manager);
    const granted = await client.grantedFilters([
      'master/another/events/assets/#',
      `other/${client.id}/events/assets/#`,
      `+/${client.id}/events/assets/#`,
      'master/+/events/assets/#',
      'master/#',
      '#',
    ]);
    assert.deepEqual(granted, Array(6).fill(0x87));
  });
});

describe('OpenRemote simulator: permitted publishes', () => {
  const fixture = new Fixture();
  let manager: OpenRemoteSimulator;

  beforeEach(async () => {
    manager = await fixture.manager();
  });
  afterEach(() => fixture.end());

  const REFUSED: readonly [string, topic: string][] = [
    ['an operation that is documented only', `operations/assets/${BUILDING}/attributes/get`],
    ['an operation that does not exist', `operations/assets/${BUILDING}/rename`],
    ['an operation with a level too many', `operations/assets/${BUILDING}/get/now`],
    ['the answers themselves', `operations/assets/${BUILDING}/get/response`],
    ['an event', `events/assets/${BUILDING}`],
    ['an update of an unknown asset', `operations/assets/${UNKNOWN}/update`],
    ['an update of what is no asset id', 'operations/assets/short/update'],
    ['a deletion of an unknown asset', `operations/assets/${UNKNOWN}/delete`],
    ["an update of a gateway's descendant", `operations/assets/${CHARGER}/update`],
    ["a deletion of a gateway's descendant", `operations/assets/${CHARGER}/delete`],
    ['an attribute of an unknown asset', `operations/assets/${UNKNOWN}/attributes/notes/update`],
    ['an unknown attribute', `operations/assets/${BUILDING}/attributes/nothing/update`],
    ['a read-only attribute', `operations/assets/${GATEWAY}/attributes/gatewayStatus/update`],
    ['an acknowledge of no gateway', 'gateway/events/acknowledge'],
    ['a standard write of an unknown asset', `writeattributevalue/notes/${UNKNOWN}`],
    ['a standard write of an unknown attribute', `writeattribute/nothing/${BUILDING}`],
    ['a standard write with id and name exchanged', `writeattributevalue/${BUILDING}/notes`],
    ['any other topic', 'hello'],
  ];
  for (const version of [4, 5] as const) {
    for (const [what, topic] of REFUSED) {
      it(`refuses ${what} (${version})`, async () => {
        const client = await fixture.connect(manager, { version });
        assert.equal(await client.publish(topic, '{}'), version === 5 ? 0x87 : 'closed');
      });
    }

    it(`refuses another client id and another realm (${version})`, async () => {
      manager.addUser('other', 'someone', 'secret');
      for (const prefix of ['master/another', 'other/self']) {
        const client = await fixture.connect(manager, { version, id: 'self' });
        const outcome = await client.publishTo(`${prefix}/operations/assets/${BUILDING}/get`);
        assert.equal(outcome, version === 5 ? 0x87 : 'closed');
      }
    });
  }

  it('never refuses the probe: asset.get of any id', async () => {
    const client = await fixture.operator(manager);
    for (const id of [UNKNOWN, 'short']) {
      assert.deepEqual(await client.ask(`${id}/get`), {
        type: 'error',
        error: 'NOT_FOUND',
        message: 'Asset not found',
      });
    }
  });

  const USES: readonly [Role, topic: string][] = [
    ['read:assets', `operations/assets/${BUILDING}/get`],
    ['read:assets', `operations/assets/${BUILDING}/attributes/notes/get`],
    ['read:assets', `operations/assets/${BUILDING}/attributes/notes/get-value`],
    ['write:assets', 'operations/assets/one/create'],
    ['write:assets', `operations/assets/${BUILDING}/update`],
    ['write:assets', `operations/assets/${BUILDING}/delete`],
    ['write:attributes', `operations/assets/${BUILDING}/attributes/notes/update`],
    ['write:attributes', `writeattributevalue/notes/${BUILDING}`],
    ['write:attributes', `writeattribute/notes/${BUILDING}`],
  ];
  for (const role of ['read:assets', 'write:assets', 'write:attributes'] as const) {
    it(`lets role ${role} do its part and nothing else`, async () => {
      manager.addUser('master', 'limited', 'x', [role]);
      const client = await fixture.connect(manager, { username: 'master:limited', password: 'x' });
      for (const [wanted, topic] of [...USES].sort(
        ([, a], [, b]) => Number(a.endsWith('delete')) - Number(b.endsWith('delete')),
      )) {
        assert.equal(await client.publish(topic, 'null'), wanted === role ? 'acknowledged' : 0x87, topic);
      }
      const [events] = await client.granted('events/assets/#');
      assert.equal(events, role === 'read:assets' ? 1 : 0x87);
    });
  }

  it('answers UNAUTHORIZED, and does not refuse, when attributes.update lacks the role', async () => {
    manager.addUser('master', 'reader', 'x', ['read:assets']);
    const client = await fixture.operator(manager, { username: 'master:reader', password: 'x' });
    assert.deepEqual(await client.ask(`${BUILDING}/attributes/update`, { notes: 'x' }), {
      type: 'error',
      error: 'UNAUTHORIZED',
      message: 'One or more attribute updates were not authorized',
    });
  });

  it('lets a super user into other realms', async () => {
    manager.addUser('other', 'someone', 'x');
    manager.addUser('master', 'root', 'x', ['admin']);
    const { id } = manager.createAsset({ realm: 'other', name: 'Far away' });
    const client = await fixture.connect(manager, {
      username: 'master:root',
      password: 'x',
      realm: 'other',
      id: 'root',
    });
    await client.subscribe('operations/assets/+/attributes/+/+/response');
    assert.ok(await client.ask(`${id}/attributes/notes/update`, 'hello'));
    assert.equal(manager.getAsset(id)?.attributes['notes']?.value, 'hello');
  });

  it('confines writes to the realm of the topic, but not reads', async () => {
    manager.addUser('other', 'someone', 'x');
    const { id } = manager.createAsset({ realm: 'other', name: 'Far away' });
    const client = await fixture.operator(manager);
    assert.equal(((await client.ask(`${id}/get`)) as { name: string }).name, 'Far away');
    assert.equal(await client.publish(`operations/assets/${id}/update`, '{}'), 0x87);
    assert.equal(await client.publish(`operations/assets/${id}/attributes/notes/update`), 0x87);
    assert.deepEqual(await client.granted(`events/assets/${id}`), [0x87]);
  });

  describe('of a restricted user', () => {
    let client: TestClient;
    beforeEach(async () => {
      manager.addUser('master', 'guest', 'x', ['read:assets', 'write:assets', 'write:attributes'], true);
      client = await fixture.operator(manager, { username: 'master:guest', password: 'x' });
    });

    it('are no creations, updates and deletions of assets', async () => {
      for (const topic of ['one/create', `${BUILDING}/update`, `${BUILDING}/delete`]) {
        assert.equal(await client.publish(`operations/assets/${topic}`, '{}'), 0x87, topic);
      }
    });

    it('are writes of linked assets, where the attribute says so', async () => {
      const meta = { accessRestrictedWrite: true };
      const attributes = { open: { type: 'text', meta }, shut: { type: 'text' } };
      const linked = manager.createAsset({ name: 'Linked', attributes }).id;
      const other = manager.createAsset({ name: 'Other', attributes }).id;
      manager.linkAsset('master', 'guest', linked);
      for (const [id, name, ok] of [
        [linked, 'open', true],
        [linked, 'shut', false],
        [other, 'open', false],
      ] as const) {
        const outcome = await client.publish(`operations/assets/${id}/attributes/${name}/update`, 'x');
        assert.equal(outcome, ok ? 'acknowledged' : 0x87, `${id} ${name}`);
      }
    });
  });
});

describe('OpenRemote simulator: authorisation cache', () => {
  const fixture = new Fixture();
  afterEach(() => fixture.end());

  async function withDeleted(authorisationCache: boolean, waitMs: number): Promise<[TestClient, string]> {
    const clock = new FakeClock();
    const manager = await fixture.manager({ authorisationCache, clock });
    const { id } = manager.createAsset({ name: 'Short-lived' });
    const client = await fixture.operator(manager);
    await client.ask(`${id}/attributes/notes/update`, 'first');
    await client.ask(`${id}/update`, { name: 'Renamed', attributes: { notes: {}, location: {} } });
    await client.ask(`${id}/delete`);
    clock.advance(waitMs);
    return [client, id];
  }

  for (const waitMs of [0, 20_000]) {
    it(`shows a deleted asset as false success, silence and NOT_FOUND ${waitMs} ms later`, async () => {
      const [client, id] = await withDeleted(true, waitMs);
      const event = (await client.ask(`${id}/attributes/notes/update`, 'second')) as { value: string };
      assert.equal(event.value, 'second');
      assert.equal(await client.publish(`operations/assets/${id}/update`, '{"name":"x"}'), 'acknowledged');
      assert.deepEqual(await client.ask(`${id}/delete`), {
        type: 'error',
        error: 'NOT_FOUND',
        message: 'Asset not found',
      });
      assert.deepEqual(client.drain(), []);
    });
  }

  it('does not when it is switched off', async () => {
    const [client, id] = await withDeleted(false, 0);
    for (const topic of [`${id}/attributes/notes/update`, `${id}/update`, `${id}/delete`]) {
      assert.equal(await client.publish(`operations/assets/${topic}`, '{}'), 0x87, topic);
    }
  });

  it('lasts five minutes', async () => {
    const clock = new FakeClock();
    const manager = await fixture.manager({ clock });
    const { id } = manager.createAsset({ name: 'Short-lived' });
    const client = await fixture.operator(manager);
    const write = `operations/assets/${id}/attributes/notes/update`;
    await client.publish(write);
    manager.deleteAsset(id);
    for (let minute = 1; minute <= 5; minute++) {
      assert.equal(await client.publish(write), 'acknowledged');
      clock.advance(60_000);
    }
    assert.equal(await client.publish(write), 0x87);
  });
});
