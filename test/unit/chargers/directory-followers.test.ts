import assert from 'node:assert/strict';
import type { Directory } from '../../../src/chargers/directory';
import { TOPICS } from './bench';
import { DirectoryBench, explorer, gateway } from './directory-bench';
import { type FakeLink, turn } from './fake-link';

describe('chargers: directory followers', () => {
  let bench: DirectoryBench;
  let directory: Directory;
  let link: FakeLink;
  beforeEach(() => {
    bench = new DirectoryBench();
    ({ directory, link } = bench);
  });
  afterEach(() => bench.end());

  const a = gateway('a');
  const b = gateway('b');

  function follow(base: string): string[] {
    const heard: string[] = [];
    bench.ends.push(
      directory.follow('openevse', base, ({ payload, retained }) =>
        heard.push(`${retained ? '~' : ''}${Buffer.from(payload).toString()}`),
      ),
    );
    return heard;
  }

  it('get the announcements of their charger, and no other', async () => {
    const heard = follow('base-a');
    await turn();
    link.receive(a.topic, a.birth);
    link.receive(b.topic, b.birth);
    link.receive(a.topic, a.will);
    assert.deepEqual(heard, [a.birth, a.will]);
  });

  it('get the last announcement when they come later, as a replay, and whole', async () => {
    follow('other');
    await turn();
    const payload = Buffer.from(a.birth);
    // As the socket's buffer may be overwritten after the call.
    const { dispatcher } = link as unknown as { dispatcher: { dispatch(message: object): void } };
    dispatcher.dispatch({ topic: a.topic, payload, retained: false, qos: 0 });
    payload.fill(0);
    assert.deepEqual(follow('base-a'), [`~${a.birth}`]);
  });

  it('get a will by the id, whether or not the base topic is known, and each announcement once', async () => {
    const heard: string[] = [];
    const follower = ({ payload }: { payload: Uint8Array }): number => heard.push(Buffer.from(payload).toString());
    bench.ends.push(directory.follow('openevse', 'a', follower), directory.follow('openevse', 'base-a', follower));
    await turn();
    link.receive(b.topic, b.will);
    link.receive(a.topic, a.will);
    link.receive(a.topic, a.birth);
    link.receive(a.topic, a.will);
    assert.deepEqual(heard, [a.will, a.birth, a.will]);
    assert.deepEqual([follow('a'), follow('base-a'), follow('b')], [[`~${a.will}`], [`~${a.will}`], [`~${b.will}`]]);
  });

  it('get the will of a charger that had only been silent', async () => {
    await bench.exploring();
    const heard = follow('base-a');
    link.receive(a.topic, a.birth);
    await bench.pass(100_000);
    link.receive(a.topic, a.will);
    assert.deepEqual(heard, [a.birth, a.will]);
  });

  it('alone subscribe to no heartbeats', async () => {
    follow('base-a');
    await turn();
    link.receive(a.topic, a.birth);
    await turn();
    assert.deepEqual(link.subscribed, [TOPICS.openevseTopic]);
  });

  it('do not keep from being found what was announced before somebody looked', async () => {
    follow('base-a');
    await turn();
    link.receive(a.topic, a.birth);
    await bench.pass(60_000);
    const { log } = await bench.exploring();
    await bench.pass(2_000);
    assert.deepEqual(log, ['found base-a true']);
  });

  it('do not make chargers look silent that nobody listened to for a while', async () => {
    follow('base-a');
    const end = directory.explore(explorer());
    await turn();
    link.receive(a.topic, a.birth);
    await bench.pass(3_000);
    end();
    await bench.pass(600_000);
    const { log } = await bench.exploring();
    await bench.pass(20_000);
    bench.heartbeat('a');
    await bench.pass(20_000);
    assert.deepEqual(log, ['found base-a true']);
  });

  it('go on when another follower of the same charger goes', async () => {
    const heard = follow('base-a');
    await turn();
    directory.follow('openevse', 'base-a', () => undefined)();
    link.receive(a.topic, a.birth);
    assert.deepEqual(heard, [a.birth]);
    assert.deepEqual(link.unsubscribed, []);
  });
});
