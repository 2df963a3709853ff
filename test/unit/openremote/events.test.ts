import assert from 'node:assert/strict';
import { EventReader, placeOf } from '../../../src/openremote/event-reader';
import { EventSource } from '../../../src/openremote/event-source';
import type { OpenRemoteEvent } from '../../../src/openremote/events';
import { fromState } from '../../../src/openremote/events';
import type { Kind, Scope, Selection } from '../../../src/openremote/selection';
import type { Session } from '../../../src/openremote/session';
import { EnergyError } from '../../../src/shared/errors';
import { until } from '../../support/until';
import {
  AS_GATEWAY,
  DEMO,
  EXAMPLES,
  failsWith,
  type Manager,
  plant,
  PLACES,
  SELECTIONS,
  startManager,
  type Tree,
  VERSIONS,
} from './support';

interface Watch {
  readonly events: OpenRemoteEvent[];
  readonly faults: EnergyError[];
  readonly source: EventSource;
}

function selectionOf(kind: Kind, scope: Scope, assetId = '', attribute = ''): Selection {
  return { kind, scope, assetId, attribute };
}

function watch(session: Session, selection: Selection, choice: 'auto' | 'gateway' | 'classic' = 'auto'): Watch {
  const events: OpenRemoteEvent[] = [];
  const faults: EnergyError[] = [];
  const source = new EventSource(session, choice, selection, {
    onEvent: (event) => events.push(event),
    onFault: (error) => faults.push(error),
  });
  return { events, faults, source };
}

/** Resolves when the broker has answered all subscriptions made before. */
async function settled(session: Session, topic = 'operations/assets/+/settled/response'): Promise<void> {
  await new Promise<void>((resolve) => {
    const { realm, clientId } = session.address;
    const end = (): void => resolve();
    session.connection.subscribe([`${realm}/${clientId}/${topic}`], { onMessage: end, onGranted: end, onRefused: end });
  });
}

for (const profile of ['source', 'documented', 'classic'] as const) {
  for (const protocolVersion of VERSIONS) {
    describe(`openremote: events (${profile}, MQTT ${protocolVersion === 5 ? '5' : '3.1.1'})`, () => {
      let manager: Manager;
      let tree: Tree;
      let temperature = 0;

      before(async () => {
        manager = await startManager({ profile });
        tree = plant(manager.simulator);
      });
      after(() => manager.stop());

      for (const [kind, scope, at, attribute, expected] of SELECTIONS) {
        it(`${kind} ${scope} ${at} ${attribute || '(all)'}`, async () => {
          const session = await manager.session({ protocolVersion });
          const planted = kind === 'asset' ? plant(manager.simulator) : tree;
          const seen = watch(session, selectionOf(kind, scope, at && planted[at], attribute));
          await until(() => session.dialect !== null, 'the dialect');
          await settled(session);
          temperature += 1;
          for (const place of PLACES) {
            if (kind === 'asset') manager.simulator.deleteAsset(planted[place]);
            else manager.simulator.writeAttribute(planted[place], 'temperature', temperature);
          }
          await until(() => seen.events.length >= expected.length, 'the events');
          await settled(session, 'operations/assets/+/after/response');
          // The server does not name the attribute where one filter stands for all values of an asset.
          const unnamed = kind === 'value' && scope === 'asset' && attribute === '' && profile !== 'classic';
          const name = kind === 'asset' || unnamed ? null : 'temperature';
          assert.deepEqual(
            seen.events.map((event) => [event.event, event.cause, event.assetId, event.attribute, event.value]),
            expected.map((place) =>
              kind === 'asset'
                ? ['asset', 'DELETE', planted[place], name, null]
                : [kind, null, planted[place], name, temperature],
            ),
          );
          assert.deepEqual(seen.faults, []);
          seen.source.close();
        });
      }

      it('tells creations, changes and deletions of assets, each once', async () => {
        const session = await manager.session({ protocolVersion });
        const all = watch(session, selectionOf('asset', 'realm'));
        const children = watch(session, selectionOf('asset', 'children', tree.room));
        const subtree = watch(session, selectionOf('asset', 'subtree', tree.room));
        await until(() => session.dialect !== null, 'the dialect');
        await settled(session);
        const child = manager.simulator.createAsset({ type: 'ThingAsset', name: 'Child', parentId: tree.room });
        const grandchild = manager.simulator.createAsset({
          type: 'ThingAsset',
          name: 'Grandchild',
          parentId: child.id,
        });
        manager.simulator.deleteAsset(grandchild.id);
        manager.simulator.deleteAsset(child.id);
        const four: [string, string][] = [
          ['CREATE', 'Child'],
          ['CREATE', 'Grandchild'],
          ['DELETE', 'Grandchild'],
          ['DELETE', 'Child'],
        ];
        const told = ({ events }: Watch): unknown[] => events.map(({ cause, asset }) => [cause, asset?.name]);
        await until(() => all.events.length >= 4 && subtree.events.length >= 4, 'the events');
        await settled(session, 'operations/assets/+/after/response');
        assert.deepEqual(told(all), four);
        assert.deepEqual(told(subtree), four);
        assert.deepEqual(told(children), [four[0], four[3]]);
        assert.deepEqual(
          all.events.map(({ deleted }) => deleted),
          [false, false, true, true],
        );
      });

      it('brings each event once to each node although their filters overlap', async () => {
        const session = await manager.session({ protocolVersion });
        const watches = [
          watch(session, selectionOf('attribute', 'realm')),
          watch(session, selectionOf('attribute', 'realm', '', 'temperature')),
          watch(session, selectionOf('attribute', 'asset', tree.room)),
          watch(session, selectionOf('attribute', 'asset', tree.room, 'temperature')),
          watch(session, selectionOf('attribute', 'subtree', tree.room, 'temperature')),
          watch(session, selectionOf('value', 'realm')),
          watch(session, selectionOf('value', 'realm', '', 'temperature')),
          watch(session, selectionOf('value', 'subtree', tree.room, 'temperature')),
        ];
        const assets = watch(session, selectionOf('asset', 'realm'));
        await until(() => session.dialect !== null, 'the dialect');
        await settled(session);
        const values = [101, 102, 103, 104, 105];
        for (const value of values) manager.simulator.writeAttribute(tree.room, 'temperature', value);
        await until(() => watches.every(({ events }) => events.length >= values.length), 'the events');
        await settled(session, 'operations/assets/+/after/response');
        for (const { events } of watches)
          assert.deepEqual(
            events.map(({ value }) => value),
            values,
          );
        assert.deepEqual(assets.events, []);
      });

      it('listens again after the connection was lost', async () => {
        const session = await manager.session({ protocolVersion });
        const seen = watch(session, selectionOf('attribute', 'asset', tree.shed, 'temperature'));
        await until(() => session.dialect !== null, 'the dialect');
        manager.simulator.cutConnection(session.address.clientId);
        await until(() => session.dialect === null, 'the loss');
        await until(() => session.dialect !== null, 'the dialect again');
        await settled(session);
        manager.simulator.writeAttribute(tree.shed, 'temperature', 77);
        await until(() => seen.events.length > 0, 'the event');
        assert.deepEqual(
          seen.events.map(({ value }) => value),
          [77],
        );
        assert.deepEqual(seen.faults, []);
      });

      it('hears that a subscription is refused, and why', async () => {
        const session = await manager.session({ protocolVersion });
        const seen = watch(session, selectionOf('attribute', 'asset', '0000000000000000000000'));
        await until(() => seen.faults.length > 0, 'the refusal');
        assert.ok(failsWith('SUBSCRIPTION_REFUSED')(seen.faults[0]));
        assert.match(String(seen.faults[0]), /no asset of that id/);
      });

      it('says when the server has no filter for a selection', async () => {
        const session = await manager.session({ protocolVersion });
        const seen = watch(session, selectionOf('attribute', 'subtree', tree.room));
        await until(() => session.dialect !== null, 'the dialect');
        assert.deepEqual(
          seen.faults.map(({ code }) => code),
          profile === 'classic' ? [] : ['UNSUPPORTED'],
        );
      });
    });
  }
}

describe("openremote: a gateway's events", () => {
  let manager: Manager;
  afterEach(() => manager.stop());

  it('explains that it may not watch the realm or itself', async () => {
    manager = await startManager();
    const session = await manager.session(AS_GATEWAY);
    const realm = watch(session, selectionOf('attribute', 'realm'));
    const itself = watch(session, selectionOf('asset', 'asset', DEMO.gatewayId));
    const below = watch(session, selectionOf('attribute', 'asset', DEMO.chargerId));
    await until(() => realm.faults.length > 0 && itself.faults.length > 0, 'the refusals');
    assert.match(String(realm.faults[0]), /below itself only/);
    await settled(session);
    manager.simulator.writeAttribute(DEMO.chargerId, 'power', 1);
    assert.deepEqual(below.faults, []);
  });

  it('gets its children as roots where its wildcards are relative to it, as documented', async () => {
    manager = await startManager({ profile: 'documented' });
    const session = await manager.session(AS_GATEWAY);
    const seen = watch(session, selectionOf('asset', 'roots'));
    await until(() => session.dialect !== null, 'the dialect');
    await settled(session);
    const child = manager.simulator.createAsset({ type: 'ThingAsset', name: 'Plug', parentId: DEMO.gatewayId });
    await until(() => seen.events.length > 0, 'the event');
    assert.equal(seen.events[0]?.assetId, child.id);
  });
});

describe('openremote: reading events', () => {
  const ADDRESS = { realm: 'master', clientId: 'box' };
  const ID = '4Y1FoulaL6ocSwl5ukKl4R';
  const event = EXAMPLES['attribute-event'];

  function reader(
    selection: Selection,
    overlapping = false,
  ): (topic: string, payload: unknown, now?: number) => unknown {
    const made = new EventReader(ADDRESS, selection, () => overlapping);
    return (topic, payload, now = 0) =>
      made.read(
        {
          topic: `master/box/${topic}`,
          payload: Buffer.from(typeof payload === 'string' ? payload : JSON.stringify(payload)),
          retained: false,
          qos: 0,
        },
        now,
      );
  }

  it('has null for what the server does not tell', () => {
    assert.deepEqual(reader(selectionOf('attribute', 'realm'))(`events/assets/${ID}/attributes/presence`, event), {
      event: 'attribute',
      cause: null,
      assetId: ID,
      attribute: 'presence',
      value: '1',
      timestamp: null,
      deleted: false,
      asset: null,
    });
    assert.deepEqual(reader(selectionOf('value', 'realm'))(`events/assets/${ID}/attributes-value/presence`, 'null'), {
      event: 'value',
      cause: null,
      assetId: ID,
      attribute: 'presence',
      value: null,
      timestamp: null,
      deleted: null,
      asset: null,
    });
  });

  it('leaves to others what was published for them', () => {
    const assets = reader(selectionOf('asset', 'realm'));
    assert.equal(assets(`events/assets/${ID}/attributes/presence`, event), undefined);
    assert.equal(assets(`events/assets/${ID}/attributes-value/presence`, '1'), undefined);
    const values = reader(selectionOf('value', 'realm'));
    assert.equal(values(`events/assets/${ID}/attributes-value`, '1'), undefined);
    assert.equal(values(`events/assets/${ID}/attributes/presence`, event), undefined);
    const roots = reader(selectionOf('attribute', 'roots', '', 'presence'));
    assert.equal(roots(`events/assets/${'A'.repeat(22)}/attributes/presence/${ID}`, event), undefined);
    assert.ok(roots(`events/assets/${ID}/attributes/presence/${ID}`, event));
  });

  it('keeps equal values apart, unless other filters may have repeated them', () => {
    const topic = `events/assets/${ID}/attributes-value/power/${ID}`;
    const alone = reader(selectionOf('value', 'realm', '', 'power'));
    assert.ok(alone(topic, '1'));
    assert.ok(alone(topic, '1'));
    const among = reader(selectionOf('value', 'realm', '', 'power'), true);
    assert.ok(among(topic, '1', 0));
    assert.equal(among(topic, '1', 100), undefined);
    assert.ok(among(topic, '2', 100));
    assert.ok(among(topic, '1', 1_000));
  });

  it('tells an unreadable event once per topic until it is readable again', () => {
    const read = reader(selectionOf('attribute', 'realm'));
    const topic = `events/assets/${ID}/attributes/presence`;
    assert.ok(failsWith('BAD_PAYLOAD')(read(topic, '{')));
    assert.equal(read(topic, '{"ref":1}'), undefined);
    assert.ok(read(topic, event));
    assert.ok(failsWith('BAD_PAYLOAD')(read(topic, 'x')));
  });

  it('makes the present state look like events', () => {
    const asset = EXAMPLES['asset'] as unknown as Parameters<typeof fromState>[0];
    const [whole] = fromState(asset, 'asset', '');
    assert.equal(whole?.cause, 'READ');
    assert.equal(whole.asset, asset);
    const [notes, ...others] = fromState(asset, 'attribute', 'notes');
    assert.deepEqual(others, []);
    assert.equal(notes?.timestamp, '2024-11-27T15:01:36.521Z');
    assert.equal(fromState(asset, 'value', '').length, 3);
  });

  it('survives anything on any topic', () => {
    const readers = (['asset', 'attribute', 'value'] as const).map((kind) => reader(selectionOf(kind, 'realm')));
    const topics = [
      'events',
      'events/assets',
      'events/assets/a/b/c/d/e',
      'asset',
      'asset/x',
      'attribute/a',
      'attribute/a/b',
      'attributevalue/a/b/c/d',
      '',
    ];
    const payloads = [
      '',
      '{',
      '[]',
      'null',
      '1',
      '"x"',
      '{"eventType":"asset"}',
      '{"ref":{}}',
      '{"__proto__":{"x":1}}',
    ];
    for (const topic of topics) {
      for (const payload of payloads) {
        for (const read of readers) {
          const result = read(topic, payload);
          assert.ok(result === undefined || result instanceof EnergyError || typeof result === 'object');
        }
      }
    }
    assert.equal(placeOf(ADDRESS, 'other/box/asset/x'), undefined);
    assert.equal(({} as Record<string, unknown>)['x'], undefined);
  });
});
