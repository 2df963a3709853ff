import assert from 'node:assert/strict';
import { DEMO } from '../../../../src/simulators/openremote/index';
import { type ConnectOptions, eventually, FakeClock, Fixture } from './support';

describe('OpenRemote simulator: last will', () => {
  const fixture = new Fixture();
  afterEach(() => fixture.end());

  const value = (topic: string, payload: string): ConnectOptions => ({
    id: 'mortal',
    will: { topic: `master/mortal/${topic}`, payload: Buffer.from(payload), qos: 1, retain: false },
  });
  const standard = `writeattributevalue/notes/${DEMO.buildingId}`;
  const cases: readonly [string, ConnectOptions, fires: unknown][] = [
    ['of the standard API, as JSON', value(standard, '"gone"'), 'gone'],
    [
      'that is a single update, as raw text',
      value(`operations/assets/${DEMO.buildingId}/attributes/notes/update`, 'gone'),
      'gone',
    ],
    [
      'that updates several attributes',
      value(`operations/assets/${DEMO.buildingId}/attributes/update`, '{"notes":"gone"}'),
      'gone',
    ],
    ['that is not permitted', value(`writeattributevalue/nothing/${DEMO.buildingId}`, '"gone"'), undefined],
    [
      'below another client id',
      { id: 'mortal', will: { ...value(standard, '"gone"').will!, topic: `master/x/${standard}` } },
      undefined,
    ],
  ];
  for (const version of [4, 5] as const) {
    for (const [what, options, fires] of cases) {
      it(`${fires ? 'fires' : 'drops'} a will ${what} (${version})`, async () => {
        const manager = await fixture.manager();
        const watcher = await fixture.operator(manager);
        await watcher.subscribe('events/assets/+/attributes-value/notes/#');
        const client = await fixture.connect(manager, { version, ...options });
        client.mqtt.stream.destroy();
        await eventually(() => !manager.isConnected('mortal'));
        if (fires) {
          const { text } = await watcher.next(
            `events/assets/${DEMO.buildingId}/attributes-value/notes/${DEMO.buildingId}`,
          );
          assert.equal(JSON.parse(text), fires);
        } else {
          await watcher.settle();
          assert.deepEqual(watcher.drain(), []);
        }
      });
    }
  }

  it('is not sent after DISCONNECT, not even with reason 0x04', async () => {
    const manager = await fixture.manager();
    for (const reasonCode of [0, 4]) {
      const client = await fixture.connect(manager, value(standard, '"gone"'));
      await client.mqtt.endAsync(false, { reasonCode });
    }
    assert.equal(manager.getAsset(DEMO.buildingId)?.attributes['notes']?.value, null);
  });

  it('waits for its Will Delay Interval, and is not sent when the client is back before', async () => {
    const clock = new FakeClock();
    const manager = await fixture.manager({ clock });
    const { will, id } = value(standard, '"gone"');
    const options = { id: id!, will: { ...will!, properties: { willDelayInterval: 3 } } };
    const notes = (): unknown => manager.getAsset(DEMO.buildingId)?.attributes['notes']?.value;

    const first = await fixture.connect(manager, options);
    manager.cutConnection('mortal');
    await first.close();
    clock.advance(2_000);
    const second = await fixture.connect(manager, options);
    clock.advance(5_000);
    assert.equal(notes(), null);

    manager.cutConnection('mortal');
    await second.close();
    clock.advance(2_500);
    assert.equal(notes(), null);
    clock.advance(1_000);
    assert.equal(notes(), 'gone');
  });

  it('fires on keep-alive timeout', async () => {
    const clock = new FakeClock();
    const manager = await fixture.manager({ clock });
    const client = await fixture.connect(manager, { ...value(standard, '"gone"'), keepalive: 6 });
    const closed = client.close();
    clock.advance(12_000);
    await closed;
    assert.equal(manager.getAsset(DEMO.buildingId)?.attributes['notes']?.value, 'gone');
  });
});
