import assert from 'node:assert/strict';
import { type AssetJson, DEMO, type OpenRemoteSimulator } from '../../../../src/simulators/openremote/index';
import { FakeClock, Fixture, json, type Received, type TestClient } from './support';

const REQUIRED = { notes: {}, location: {} };

/** `Root/Child/Grandchild`, and `Other` beside `Root`. */
interface Tree {
  readonly root: string;
  readonly child: string;
  readonly grandchild: string;
  readonly other: string;
}

describe('OpenRemote simulator: events', () => {
  const fixture = new Fixture();
  let clock: FakeClock;
  let manager: OpenRemoteSimulator;
  let client: TestClient;
  let tree: Tree;

  beforeEach(async () => {
    clock = new FakeClock();
    manager = await fixture.manager({ clock, demo: false });
    manager.addUser('master', DEMO.user, DEMO.secret);
    const thing = (name: string, parentId?: string): string =>
      manager.createAsset({
        name,
        ...(parentId === undefined ? {} : { parentId }),
        attributes: { power: { type: 'number' }, state: { type: 'text' } },
      }).id;
    const root = thing('Root');
    const child = thing('Child', root);
    tree = { root, child, grandchild: thing('Grandchild', child), other: thing('Other') };
    client = await fixture.operator(manager);
  });
  afterEach(() => fixture.end());

  /** What has been delivered, as `name of asset -> topic after the client id`, sorted. */
  async function seen(): Promise<string[]> {
    await client.settle();
    const names = new Map(Object.entries(tree).map(([name, id]: [string, string]) => [id, name]));
    const label = (topic: string): string => topic.replace(/[0-9A-Za-z]{22}/g, (id) => names.get(id) ?? id);
    const prefix = client.topic('');
    return client
      .drain()
      .map(({ topic }) => label(topic.slice(prefix.length)))
      .sort();
  }

  const ASSET_FILTERS: readonly [filter: (tree: Tree) => string, delivered: string[]][] = [
    [() => 'events/assets/#', ['root', 'child', 'grandchild', 'other']],
    [() => 'events/assets/+', ['root', 'other']],
    [({ child }) => `events/assets/${child}`, ['child']],
    [({ child }) => `events/assets/${child}/#`, ['child/child', 'child/grandchild']],
    [({ root }) => `events/assets/${root}/#`, ['root/child', 'root/grandchild', 'root/root']],
    [({ root }) => `events/assets/${root}/+`, ['root/child']],
    [({ grandchild }) => `events/assets/${grandchild}/+`, []],
    [() => 'asset/#', ['root', 'child', 'grandchild', 'other']],
    [() => 'asset/+', ['root', 'other']],
    [({ child }) => `asset/${child}`, ['child']],
    [({ child }) => `asset/${child}/#`, ['child/child', 'child/grandchild']],
    [({ root }) => `asset/${root}/+`, ['root/child']],
  ];
  for (const [filter, delivered] of ASSET_FILTERS) {
    it(`selects assets by ${filter({ root: 'root', child: 'child', grandchild: 'grandchild', other: 'other' })}`, async () => {
      const text = filter(tree);
      await client.subscribe(text);
      const area = text.startsWith('asset') ? 'asset' : 'events/assets';
      for (const id of Object.values(tree) as string[]) {
        const { parentId } = manager.getAsset(id)!;
        await client.ask(`${id}/update`, { name: 'Renamed', parentId, attributes: REQUIRED });
      }
      await client.settle();
      assert.deepEqual(
        (await seen()).filter((topic) => topic.startsWith(area)),
        delivered.map((topic) => `${area}/${topic}`).sort(),
      );
    });
  }

  const ATTRIBUTE_FILTERS: readonly [filter: (tree: Tree) => string, delivered: string[]][] = [
    ...['attributes', 'attributes-value'].flatMap((a): [filter: (tree: Tree) => string, delivered: string[]][] => [
      [
        () => `events/assets/+/${a}/#`,
        ['child', 'grandchild', 'other', 'root'].flatMap((id) => [
          `events/assets/${id}/${a}/power`,
          `events/assets/${id}/${a}/state`,
        ]),
      ],
      [
        () => `events/assets/+/${a}/+`,
        ['other', 'root'].flatMap((id) => [`events/assets/${id}/${a}/power`, `events/assets/${id}/${a}/state`]),
      ],
      [
        () => `events/assets/+/${a}/power/#`,
        ['child', 'grandchild', 'other', 'root'].map((id) => `events/assets/${id}/${a}/power/${id}`),
      ],
      [() => `events/assets/+/${a}/power/+`, ['other', 'root'].map((id) => `events/assets/${id}/${a}/power/${id}`)],
      [({ child }) => `events/assets/${child}/${a}`, [`events/assets/child/${a}`, `events/assets/child/${a}`]],
      [({ child }) => `events/assets/${child}/${a}/power`, [`events/assets/child/${a}/power`]],
      [
        ({ child }) => `events/assets/${child}/${a}/power/#`,
        [`events/assets/child/${a}/power/child`, `events/assets/child/${a}/power/grandchild`],
      ],
      [({ root }) => `events/assets/${root}/${a}/power/+`, [`events/assets/root/${a}/power/child`]],
    ]),
    ...['attribute', 'attributevalue'].flatMap((a): [filter: (tree: Tree) => string, delivered: string[]][] => [
      [() => `${a}/power/#`, ['child', 'grandchild', 'other', 'root'].map((id) => `${a}/power/${id}`)],
      [() => `${a}/+/+`, ['other', 'root'].flatMap((id) => [`${a}/power/${id}`, `${a}/state/${id}`]).sort()],
      [({ child }) => `${a}/+/${child}`, [`${a}/power/child`, `${a}/state/child`]],
      [({ child }) => `${a}/power/${child}`, [`${a}/power/child`]],
      [({ child }) => `${a}/power/${child}/#`, [`${a}/power/child/child`, `${a}/power/child/grandchild`]],
      [({ root }) => `${a}/power/${root}/+`, [`${a}/power/root/child`]],
    ]),
  ];
  for (const [filter, delivered] of ATTRIBUTE_FILTERS) {
    it(`selects attributes by ${filter({ root: 'root', child: 'child', grandchild: 'grandchild', other: 'other' })}`, async () => {
      await client.subscribe(filter(tree));
      for (const id of Object.values(tree) as string[]) {
        manager.writeAttribute(id, 'power', 7);
        manager.writeAttribute(id, 'state', 'on');
      }
      assert.deepEqual(await seen(), [...delivered].sort());
    });
  }

  it('keeps realms apart', async () => {
    manager.addUser('elsewhere', 'someone', 'x');
    const { id } = manager.createAsset({ realm: 'elsewhere', name: 'Far away' });
    await client.subscribe('events/assets/#', 'events/assets/+/attributes/#', 'asset/#', 'attribute/+/#');
    manager.writeAttribute(id, 'notes', 'x');
    manager.deleteAsset(id);
    assert.deepEqual(await seen(), []);
  });

  async function events(suffix: string, count: number): Promise<unknown[]> {
    const all: unknown[] = [];
    while (all.length < count) all.push(json((await client.next(suffix)).text));
    return all;
  }

  it('tells an attribute event with the coerced value, the realm and the real time', async () => {
    const topic = `events/assets/${tree.child}/attributes/power`;
    await client.subscribe(topic);
    clock.advance(5_000);
    await client.ask(`${tree.child}/attributes/power/update`, '7.5');
    await client.ask(`${tree.child}/attributes/update`, { power: null });
    const ref = { id: tree.child, name: 'power' };
    const common = { eventType: 'attribute', ref, realm: 'master', timestamp: clock.now(), deleted: false };
    assert.deepEqual(await events(topic, 2), [{ ...common, value: 7.5 }, common]);
  });

  it('tells the bare value where only that is wanted, null too', async () => {
    const topic = `events/assets/${tree.child}/attributes-value/power`;
    await client.subscribe(topic);
    await client.ask(`${tree.child}/attributes/update`, { power: 7 });
    await client.ask(`${tree.child}/attributes/update`, { power: null });
    assert.deepEqual(await events(topic, 2), [7, null]);
  });

  it('tells unchanged values on the Gateway API, but not on the standard API', async () => {
    await client.subscribe(`events/assets/${tree.child}/attributes/power`, `attribute/power/${tree.child}`);
    for (const power of [1, 1, 2]) manager.writeAttribute(tree.child, 'power', power);
    assert.deepEqual(await seen(), [
      'attribute/power/child',
      'attribute/power/child',
      ...Array<string>(3).fill('events/assets/child/attributes/power'),
    ]);
  });

  it('tells nothing of a value older than the stored one', async () => {
    await client.subscribe(`events/assets/${tree.child}/attributes/power`);
    assert.equal(manager.writeAttribute(tree.child, 'power', 1, clock.now() - 1), 'outdated');
    assert.deepEqual(await seen(), []);
  });

  it('tells no asset event of a plain value', async () => {
    await client.subscribe('events/assets/#');
    await client.ask(`${tree.child}/attributes/power/update`, '1');
    await client.ask(`${tree.child}/get`);
    assert.deepEqual(await seen(), []);
  });

  it('tells a creation, with one event per attribute', async () => {
    await client.subscribe('events/assets/#', 'events/assets/+/attributes/#');
    const { id } = manager.createAsset({ name: 'New' });
    const [event] = (await events(`events/assets/${id}`, 1)) as [
      { cause: string; asset: AssetJson; timestamp: number },
    ];
    assert.deepEqual([event.cause, event.asset.name, event.asset.path, event.timestamp], ['CREATE', 'New', [id], 0]);
    for (const name of ['notes', 'location']) await client.next(`events/assets/${id}/attributes/${name}`);
  });

  it('tells which members an update changed, and the attributes that did', async () => {
    const { id } = manager.createAsset({ name: 'New', attributes: { a: { type: 'text', value: 'x' } } });
    const current = (): AssetJson => manager.getAsset(id)!;
    await client.subscribe(`events/assets/${id}`, `events/assets/${id}/attributes`);
    const update = async (change: object): Promise<[unknown, string[]]> => {
      const { name, attributes } = current();
      clock.advance(1);
      await client.ask(`${id}/update`, { name, attributes, ...change });
      await client.settle();
      const received = client.drain().filter(({ topic }) => topic.includes('events'));
      const [asset] = received.filter(({ topic }) => topic.endsWith(id)).map(({ text }) => json(text));
      return [
        (asset as { updatedProperties?: unknown } | undefined)?.updatedProperties,
        received
          .filter(({ topic }) => topic.endsWith('attributes'))
          .map(attributeOf)
          .sort(),
      ];
    };
    const { attributes } = current();
    assert.deepEqual(await update({}), [undefined, []]);
    assert.deepEqual(await update({ attributes: { ...attributes, a: { ...attributes['a'], value: 'y' } } }), [
      ['attributes'],
      ['a'],
    ]);
    assert.deepEqual(await update({ name: 'Renamed' }), [['name'], ['a', 'location', 'notes']]);
    assert.deepEqual(await update({ attributes: REQUIRED }), [
      ['attributes'],
      ['a deleted', 'location', 'notes'].sort(),
    ]);
  });

  function attributeOf({ text }: Received): string {
    const { ref, deleted } = json(text) as { ref: { name: string }; deleted: boolean };
    return ref.name + (deleted ? ' deleted' : '');
  }

  it('tells a deletion of the whole subtree, with deleted attributes that have no value', async () => {
    manager.writeAttribute(tree.grandchild, 'power', 7);
    await client.subscribe('events/assets/#', `events/assets/${tree.root}/attributes/power/#`);
    manager.deleteAsset(tree.root);
    for (const id of [tree.grandchild, tree.child, tree.root]) {
      const [event] = (await events(`events/assets/${id}`, 1)) as [{ cause: string; asset: AssetJson }];
      assert.deepEqual([event.cause, event.asset.id], ['DELETE', id]);
    }
    const [power] = await events(`events/assets/${tree.root}/attributes/power/${tree.grandchild}`, 1);
    assert.deepEqual(power, {
      eventType: 'attribute',
      ref: { id: tree.grandchild, name: 'power' },
      realm: 'master',
      timestamp: clock.now(),
      deleted: true,
    });
  });

  it('publishes once for each filter, and delivers each to all filters that match: n x n', async () => {
    const one = `events/assets/${tree.root}`;
    const filters = ['events/assets/#', 'events/assets/+', one];
    for (const [index, filter] of filters.entries()) {
      await client.grantedFilters([client.topic(filter)], 1, { subscriptionIdentifier: index + 1 });
    }
    await client.ask(`${tree.root}/update`, { name: 'Renamed', attributes: REQUIRED });
    await client.settle();
    const copies = client.drain().filter(({ topic }) => topic === client.topic(one));
    assert.equal(copies.length, 9);
    for (const { packet } of copies) {
      assert.equal(packet.qos, 0);
      assert.deepEqual(packet.properties?.subscriptionIdentifier, [1, 2, 3]);
    }
  });

  it('delivers attribute events to the realm-wide asset filter as well', async () => {
    await client.subscribe('events/assets/#', `events/assets/${tree.child}/attributes/power`);
    manager.writeAttribute(tree.child, 'power', 7);
    assert.deepEqual(await seen(), Array(2).fill('events/assets/child/attributes/power'));
  });

  it('has one subscription per filter, however often it is subscribed', async () => {
    const topic = `events/assets/${tree.child}/attributes/power`;
    await client.subscribe(topic);
    await client.subscribe(topic);
    manager.writeAttribute(tree.child, 'power', 7);
    assert.deepEqual(await seen(), ['events/assets/child/attributes/power']);
  });

  it('over-delivers to a restricted user', async () => {
    manager.addUser('master', 'guest', 'x', ['read:assets'], true);
    const guest = await fixture.connect(manager, { username: 'master:guest', password: 'x' });
    await guest.subscribe(`events/assets/${tree.child}/attributes/power`);
    manager.writeAttribute(tree.child, 'power', 7);
    await guest.next(`events/assets/${tree.child}/attributes/power`);
  });
});
