import assert from 'node:assert/strict';
import { mock } from 'node:test';
import { Directory, type Explorer } from '../../../src/chargers/directory';
import type { Sighting } from '../../../src/chargers/discovery-types';
import { type System, SYSTEMS } from '../../../src/chargers/status';
import { countTimers, FakeLink, turn } from './fake-link';

const START = Date.parse('2024-01-01T00:00:00.000Z');
const ANNOUNCE = 'openevse/announce/#';

/** The announcements of one OpenEVSE gateway. */
function gateway(id: string, base = `base-${id}`): { topic: string; birth: string; will: string } {
  return {
    topic: `openevse/announce/${id}`,
    birth: JSON.stringify({ state: 'connected', id, name: `name-${id}`, mqtt: base, http: `http://${id}/` }),
    will: JSON.stringify({ state: 'disconnected', id, name: `name-${id}` }),
  };
}

interface Recorder extends Explorer {
  /** `event base online` */
  readonly log: string[];
  readonly sightings: Sighting[];
  readonly faults: [code: string, filter: string][];
}

function recorder(systems: readonly System[] = ['openevse']): Recorder {
  const explorer: Recorder = {
    systems: new Set(systems),
    log: [],
    sightings: [],
    faults: [],
    onEvent: (event, sighting) => {
      explorer.log.push(`${event} ${sighting.baseTopic} ${sighting.online}`);
      explorer.sightings.push(sighting);
    },
    onFault: ({ code }, filter) => explorer.faults.push([code, filter]),
  };
  return explorer;
}

describe('chargers: directory', () => {
  let link: FakeLink;
  let directory: Directory;
  let timers: ReturnType<typeof countTimers>;
  let ends: (() => void)[];
  beforeEach(() => {
    mock.timers.enable({ apis: ['Date', 'setTimeout', 'setInterval'], now: START });
    timers = countTimers();
    link = new FakeLink();
    directory = new Directory(link.connection, { openevseTopic: ANNOUNCE, evccRoot: 'evcc' });
    ends = [];
  });
  afterEach(() => {
    for (const end of ends) end();
    link.end();
    assert.deepEqual(link.errors, []);
    assert.deepEqual([timers.armed(), link.listeners.size], [0, 0], 'timers and listeners');
    timers.restore();
    mock.timers.reset();
  });

  /** Steps of at most a second, as time passes in reality. */
  async function tick(ms: number): Promise<void> {
    for (let left = ms; left > 0; left -= 1_000) {
      mock.timers.tick(Math.min(left, 1_000));
      await turn();
    }
  }

  async function exploring(...systems: System[]): Promise<Recorder> {
    const explorer = recorder(systems.length > 0 ? systems : ['openevse']);
    ends.push(directory.explore(explorer));
    await turn();
    return explorer;
  }

  const a = gateway('a');
  const b = gateway('b');
  const heartbeat = (id: string): void => link.receive(`base-${id}/time`, new Date().toISOString());

  it('finds a charger once, 2 s after its first announcement', async () => {
    const { log, sightings } = await exploring();
    link.receive(a.topic, a.birth);
    await tick(1_999);
    assert.deepEqual(log, []);
    await tick(1);
    for (let i = 0; i < 5; i++) link.receive(a.topic, a.birth);
    await tick(10_000);
    assert.deepEqual(log, ['found base-a true']);
    const { system, id, name, http } = sightings[0]!;
    assert.deepEqual([system, id, name, http], ['openevse', 'a', 'name-a', 'http://a/']);
  });

  it('does not know whether a charger is online of which it saw a replay', async () => {
    link.retain(a.topic, a.birth);
    const { log } = await exploring();
    await tick(2_000);
    assert.deepEqual(log, ['found base-a null']);
    heartbeat('a');
    await tick(2_000);
    assert.deepEqual(log, ['found base-a null', 'updated base-a true']);
  });

  it('tells what changed', async () => {
    const { log, sightings } = await exploring();
    link.receive(a.topic, a.birth);
    await tick(2_000);
    link.receive(a.topic, a.birth.replace('name-a', 'garage'));
    await tick(2_000);
    assert.deepEqual(log, ['found base-a true', 'updated base-a true']);
    assert.equal(sightings[1]?.name, 'garage');
  });

  describe('loss', () => {
    it('is the last will', async () => {
      const { log } = await exploring();
      link.receive(a.topic, a.birth);
      await tick(2_000);
      link.receive(a.topic, a.will);
      await tick(1_999);
      assert.deepEqual(log, ['found base-a true']);
      await tick(1);
      link.receive(a.topic, a.will);
      await tick(200_000);
      assert.deepEqual(log, ['found base-a true', 'lost base-a false']);
    });

    it('is no will that a birth follows within 2 s', async () => {
      const { log } = await exploring();
      link.receive(a.topic, a.birth);
      await tick(2_000);
      for (let i = 0; i < 3; i++) {
        link.receive(a.topic, a.will);
        await tick(1_900);
        link.receive(a.topic, a.birth);
        await tick(50);
      }
      await tick(2_000);
      assert.deepEqual(log, ['found base-a true']);
    });

    it('is no such will either while another charger is being found', async () => {
      const { log } = await exploring();
      link.receive(a.topic, a.birth);
      await tick(2_000);
      link.receive(b.topic, b.birth);
      await tick(1_900);
      link.receive(a.topic, a.will);
      await tick(500);
      link.receive(a.topic, a.birth);
      await tick(5_000);
      assert.deepEqual(log, ['found base-a true', 'found base-b true']);
    });

    it('of a charger that was never told is not told', async () => {
      const { log } = await exploring();
      link.receive(a.topic, a.birth);
      link.receive(a.topic, a.will);
      await tick(10_000);
      assert.deepEqual(log, []);
    });

    it('is silence: 90 s without a heartbeat', async () => {
      const { log } = await exploring();
      link.receive(a.topic, a.birth);
      await tick(2_000);
      for (let i = 0; i < 10; i++) {
        await tick(30_000);
        heartbeat('a');
      }
      assert.deepEqual(log, ['found base-a true']);
      await tick(89_000);
      assert.deepEqual(log, ['found base-a true']);
      await tick(7_000);
      assert.deepEqual(log, ['found base-a true', 'lost base-a false']);
    });

    it('is over when the charger is heard again', async () => {
      const { log } = await exploring();
      link.receive(a.topic, a.birth);
      await tick(100_000);
      heartbeat('a');
      await tick(2_000);
      link.receive(a.topic, a.will);
      await tick(2_000);
      link.receive(a.topic, a.birth);
      await tick(2_000);
      assert.deepEqual(log, [
        'found base-a true',
        'lost base-a false',
        'found base-a true',
        'lost base-a false',
        'found base-a true',
      ]);
    });

    it('is not the loss of our own connection', async () => {
      const { log } = await exploring();
      link.receive(a.topic, a.birth);
      await tick(2_000);
      link.lose();
      await tick(600_000);
      link.retain(a.topic, a.birth);
      link.restore();
      await tick(20_000);
      heartbeat('a');
      await tick(20_000);
      assert.deepEqual(log, ['found base-a true']);
      await tick(95_000);
      assert.deepEqual(log, ['found base-a true', 'lost base-a false']);
    });

    it('while our connection was away is told afterwards', async () => {
      const { log } = await exploring();
      link.receive(a.topic, a.birth);
      await tick(2_000);
      link.lose();
      link.retain(a.topic, a.will);
      link.restore();
      await tick(3_000);
      assert.deepEqual(log, ['found base-a true', 'lost base-a false']);
    });
  });

  it('takes a charger that moves to another base topic for lost and found', async () => {
    const { log } = await exploring();
    link.receive(a.topic, a.birth);
    await tick(2_000);
    link.receive(a.topic, gateway('a', 'moved').birth);
    await tick(5_000);
    assert.deepEqual(log, ['found base-a true', 'lost base-a false', 'found moved true']);
    assert.deepEqual(
      directory.list(new Set(SYSTEMS)).map(({ baseTopic }) => baseTopic),
      ['moved'],
    );
  });

  describe('several that look', () => {
    it('share the subscriptions; the last one ends them', async () => {
      const first = directory.explore(recorder());
      const second = directory.explore(recorder());
      await turn();
      link.receive(a.topic, a.birth);
      await turn();
      assert.deepEqual(link.subscribed, [ANNOUNCE, 'base-a/time']);
      first();
      assert.deepEqual(link.unsubscribed, []);
      second();
      second();
      assert.deepEqual([...link.unsubscribed].sort(), ['base-a/time', ANNOUNCE].sort());
    });

    it('are each told what is known, and then the same', async () => {
      const early = await exploring();
      link.receive(a.topic, a.birth);
      await tick(2_000);
      const late = await exploring();
      link.receive(b.topic, b.birth);
      await tick(2_000);
      assert.deepEqual(early.log, ['found base-a true', 'found base-b true']);
      assert.deepEqual(late.log, early.log);
    });

    it('are told of their systems only', async () => {
      const all = await exploring(...SYSTEMS);
      const goe = await exploring('go-e');
      link.receive(a.topic, a.birth);
      link.receive('go-eCharger/123456/var', '11');
      link.receive('evcc/status', 'online');
      link.receive('evcc/loadpoints', '1');
      link.receive('evcc/loadpoints/1/chargePower', '0');
      await tick(2_000);
      assert.deepEqual(goe.log, ['found go-eCharger/123456 true']);
      assert.deepEqual([...all.log].sort(), [
        'found base-a true',
        'found evcc/loadpoints/1 true',
        'found go-eCharger/123456 true',
      ]);
    });

    it('are told of refused filters, also when they come later', async () => {
      link.refused.add(ANNOUNCE);
      const early = await exploring();
      const late = await exploring();
      for (const { faults } of [early, late]) assert.deepEqual(faults, [['SUBSCRIPTION_REFUSED', ANNOUNCE]]);
      link.refused.clear();
      link.lose();
      link.restore();
      await turn();
      assert.deepEqual((await exploring()).faults, []);
    });
  });

  it('lists what was found and not lost', async () => {
    await exploring();
    const bases = (): string[] => directory.list(new Set(['openevse'])).map(({ baseTopic }) => baseTopic);
    link.receive(a.topic, a.birth);
    assert.deepEqual(bases(), []);
    link.receive(b.topic, b.birth);
    await tick(2_000);
    assert.deepEqual(bases(), ['base-a', 'base-b']);
    assert.deepEqual(directory.list(new Set(['evcc'])), []);
    link.receive(a.topic, a.will);
    await tick(2_000);
    assert.deepEqual(bases(), ['base-b']);
  });

  describe('followers', () => {
    function follow(base: string): string[] {
      const heard: string[] = [];
      ends.push(
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
      ends.push(directory.follow('openevse', 'a', follower), directory.follow('openevse', 'base-a', follower));
      await turn();
      link.receive(b.topic, b.will);
      link.receive(a.topic, a.will);
      link.receive(a.topic, a.birth);
      link.receive(a.topic, a.will);
      assert.deepEqual(heard, [a.will, a.birth, a.will]);
      assert.deepEqual([follow('a'), follow('base-a'), follow('b')], [[`~${a.will}`], [`~${a.will}`], [`~${b.will}`]]);
    });

    it('get the will of a charger that had only been silent', async () => {
      await exploring();
      const heard = follow('base-a');
      link.receive(a.topic, a.birth);
      await tick(100_000);
      link.receive(a.topic, a.will);
      assert.deepEqual(heard, [a.birth, a.will]);
    });

    it('alone subscribe to no heartbeats', async () => {
      follow('base-a');
      await turn();
      link.receive(a.topic, a.birth);
      await turn();
      assert.deepEqual(link.subscribed, [ANNOUNCE]);
    });

    it('do not keep from being found what was announced before somebody looked', async () => {
      follow('base-a');
      await turn();
      link.receive(a.topic, a.birth);
      await tick(60_000);
      const { log } = await exploring();
      await tick(2_000);
      assert.deepEqual(log, ['found base-a true']);
    });

    it('do not make chargers look silent that nobody listened to for a while', async () => {
      follow('base-a');
      const end = directory.explore(recorder());
      await turn();
      link.receive(a.topic, a.birth);
      await tick(3_000);
      end();
      await tick(600_000);
      const { log } = await exploring();
      await tick(20_000);
      heartbeat('a');
      await tick(20_000);
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

  it('follows a loadpoint that evcc withdraws and tells again within 2 s', async () => {
    const { log } = await exploring('evcc');
    const receive = (tail: string, payload: string): void => link.receive(`evcc/${tail}`, payload);
    receive('status', 'online');
    receive('loadpoints', '2');
    for (const index of [1, 2]) receive(`loadpoints/${index}/chargePower`, '0');
    await tick(2_000);
    assert.deepEqual(log, ['found evcc/loadpoints/1 true', 'found evcc/loadpoints/2 true']);
    receive('loadpoints', '1');
    receive('loadpoints', '2');
    receive('loadpoints/2/chargePower', '0');
    await tick(2_000);
    receive('loadpoints/2/title', 'Carport');
    await tick(2_000);
    assert.deepEqual(log.slice(2), ['updated evcc/loadpoints/2 true']);
    receive('loadpoints', '1');
    await tick(2_000);
    assert.deepEqual(log.slice(3), ['lost evcc/loadpoints/2 false']);
  });

  it('forgets everything when nobody looks any more', async () => {
    const end = directory.explore(recorder());
    await turn();
    link.receive(a.topic, a.birth);
    await tick(2_000);
    end();
    const { log } = await exploring();
    await tick(5_000);
    assert.deepEqual(log, []);
  });

  it('finds five thousand chargers that are announced at once', async () => {
    const { log } = await exploring();
    for (let i = 0; i < 5_000; i++) {
      const { topic, birth } = gateway(String(i));
      link.receive(topic, birth);
    }
    await tick(2_000);
    assert.equal(log.length, 5_000);
  });
});
