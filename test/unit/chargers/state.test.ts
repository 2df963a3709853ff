import assert from 'node:assert/strict';
import { mock } from 'node:test';
import { Directory } from '../../../src/chargers/directory';
import type { ChargerConfig, ChargerDriver, NativeBase } from '../../../src/chargers/driver';
import { evcc } from '../../../src/chargers/evcc';
import { goe } from '../../../src/chargers/go-e';
import { openevse } from '../../../src/chargers/openevse';
import { Charger, type ChargerListener } from '../../../src/chargers/state';
import type { ChargerStatus } from '../../../src/chargers/status';
import type { AnyDriver } from '../../../src/chargers/systems';
import type { Message } from '../../../src/mqtt/types';
import { EnergyError } from '../../../src/shared/errors';
import { countTimers, FakeLink, turn } from './fake-link';

const START = Date.parse('2024-01-01T00:00:00.000Z');
const OPTIONS = { openevseTopic: 'openevse/announce/#', evccRoot: 'evcc' };

interface FakeNative extends NativeBase {
  readonly values: Map<string, string>;
  readonly faults: Map<string, string>;
}

/** s; the fake charger's own default. */
const STALE_AFTER = 90;

function staleAt({ lastLive, config }: FakeNative): number {
  return (lastLive ?? Infinity) + (config.staleAfter ?? STALE_AFTER) * 1_000;
}

function numberOf({ values }: FakeNative, key: string): number | null {
  const text = values.get(key);
  return text === undefined ? null : Number(text);
}

/** The least that fulfils a driver's contract. Its keys: `power` and `noise` are quiet, `state` and `max` are not. */
class FakeDriver {
  projections = 0;

  readonly driver: ChargerDriver<FakeNative> = {
    system: 'openevse',
    commands: new Set(['setCurrent', 'get'] as const),
    base: (typed) => typed,
    create: (config) => ({ config, lastLive: null, heard: false, values: new Map(), faults: new Map() }),
    filters: (base) => [`${base}/+`],
    decode: (native, { topic, payload, retained }: Message, now) => {
      const key = topic.slice(native.config.baseTopic.length + 1);
      const text = Buffer.from(payload).toString();
      const news = !retained && !native.heard;
      if (!retained) Object.assign(native, { lastLive: now, heard: true });
      if (text === 'garbage') {
        native.faults.set(topic, 'is garbage');
        return news ? ['online'] : [];
      }
      native.faults.delete(topic);
      const changed = native.values.get(key) !== text;
      native.values.set(key, text);
      return [...(changed ? [key] : []), ...(news ? ['online'] : [])];
    },
    quiet: new Set(['power', 'noise']),
    project: (native, now) => {
      this.projections += 1;
      const { config, lastLive, heard } = native;
      return {
        system: 'openevse',
        id: config.baseTopic,
        name: config.name,
        online: heard ? now < staleAt(native) : null,
        lastSeen: lastLive === null ? null : new Date(lastLive).toISOString(),
        stale: lastLive !== null && now >= staleAt(native),
        state: native.values.get('state') === 'charging' ? 'charging' : 'unknown',
        vehicle: { connected: null, name: null, soc: null, range: null, limitSoc: null },
        power: numberOf(native, 'power'),
        current: null,
        currents: [null, null, null],
        voltages: [null, null, null],
        phases: { active: null, wanted: null },
        limits: { min: null, max: numberOf(native, 'max') },
        session: { energy: null, duration: null, limit: null },
        energyTotal: null,
        temperature: null,
        mode: null,
        control: { by: null, claim: null, override: null, schedule: null },
        error: null,
        firmware: null,
      };
    },
    deadline: (native, now) => (native.heard && staleAt(native) > now ? staleAt(native) : null),
    disconnected: (native) => void (native.heard = false),
    raw: ({ values }) => Object.fromEntries(values),
    faults: (native) => native.faults,
    plan: ({ command, params }, native) => {
      if (command === 'get') return { lane: 'get', steps: [], value: native.values.get('max') };
      const { current } = params;
      if (typeof current !== 'number') throw new EnergyError('INVALID', 'current is missing');
      const { baseTopic } = native.config;
      return {
        lane: baseTopic,
        steps: [
          {
            publications: [{ topic: `${baseTopic}/max/set`, payload: String(current) }],
            attainable: 'confirmed',
            // Judged by the state, so it proves that the message was folded in before.
            judge: () => (numberOf(native, 'max') === current ? { stage: 'confirmed' } : undefined),
          },
        ],
      };
    },
    discovery: { filters: () => [], fold: () => [], heartbeat: () => null, silence: 60 },
  };
}

interface Recorder extends ChargerListener {
  readonly reports: [status: ChargerStatus, changed: readonly string[]][];
  readonly faults: [code: string, topic: string][];
  messages: number;
}

function recorder(): Recorder {
  const listener: Recorder = {
    reports: [],
    faults: [],
    messages: 0,
    onChange: (status, changed) => listener.reports.push([status, changed]),
    onMessage: () => void (listener.messages += 1),
    onFault: ({ code }, topic) => listener.faults.push([code, topic]),
  };
  return listener;
}

describe('chargers: state', () => {
  let link: FakeLink;
  let timers: ReturnType<typeof countTimers>;
  beforeEach(() => {
    mock.timers.enable({ apis: ['Date', 'setTimeout', 'setInterval'], now: START });
    timers = countTimers();
    link = new FakeLink();
  });
  afterEach(() => {
    link.end();
    assert.deepEqual(link.errors, []);
    timers.restore();
    mock.timers.reset();
  });

  const config = (rest: Partial<ChargerConfig> = {}): ChargerConfig => ({
    name: 'garage',
    baseTopic: 'c',
    staleAfter: null,
    maxCurrent: null,
    ...rest,
  });

  const newCharger = (driver: AnyDriver, rest: Partial<ChargerConfig> = {}, directory?: Directory): Charger =>
    new Charger(driver, config(rest), link.connection, directory ?? new Directory(link.connection, OPTIONS));

  async function tick(ms: number): Promise<void> {
    mock.timers.tick(ms);
    await turn();
  }

  describe('with a small driver', () => {
    let fake: FakeDriver;
    let charger: Charger;
    let listener: Recorder;
    let unwatch: () => void;
    beforeEach(async () => {
      fake = new FakeDriver();
      charger = newCharger(fake.driver);
      listener = recorder();
      unwatch = charger.watch(listener);
      await turn();
    });
    afterEach(() => unwatch());

    /** Reports and projections since the last call. */
    function news(): { reports: Recorder['reports']; projections: number } {
      const { projections } = fake;
      fake.projections = 0;
      return { reports: listener.reports.splice(0), projections };
    }

    /** The charger is online and has reported. */
    async function online(): Promise<void> {
      link.receive('c/state', 'idle');
      await turn();
      news();
    }

    it('reports nothing as long as nothing was heard', async () => {
      await tick(10_000);
      link.lose();
      await turn();
      assert.deepEqual(news().reports, []);
    });

    it('projects once for all messages of a turn', async () => {
      for (let i = 0; i < 300; i++) link.receive(`c/key${i}`, '1', i % 2 === 0);
      link.receive('c/power', '7000');
      await turn();
      const { reports, projections } = news();
      assert.equal(projections, 1);
      assert.equal(reports.length, 1);
      assert.equal(reports[0]?.[0].power, 7_000);
      assert.equal(listener.messages, 301);
    });

    it('reports measurements once per second, with their last value', async () => {
      await online();
      for (let i = 1; i <= 30; i++) {
        await tick(100);
        link.receive('c/power', String(i));
        await turn();
      }
      const { reports, projections } = news();
      assert.deepEqual(
        reports.map(([{ power }]) => power),
        [9, 19, 29],
      );
      assert.ok(projections <= 4, `${projections} projections`);
      await tick(1_000);
      const [last] = news().reports;
      assert.equal(last?.[0].power, 30);
      assert.deepEqual(last[1], ['lastSeen', 'power']);
    });

    it('reports a lone measurement at once', async () => {
      await online();
      await tick(1_000);
      link.receive('c/power', '1');
      await tick(0);
      assert.equal(news().reports.length, 1);
    });

    it('reports everything else at once, with the measurements that wait, and these only once', async () => {
      await online();
      await tick(100);
      link.receive('c/power', '5');
      await turn();
      assert.deepEqual(news().reports, []);
      link.receive('c/state', 'charging');
      await turn();
      const [[status, changed] = []] = news().reports;
      assert.equal(status?.state, 'charging');
      assert.deepEqual(changed, ['lastSeen', 'state', 'power']);
      await tick(5_000);
      assert.deepEqual(news().reports, []);
    });

    it('reports nothing for messages that bring nothing new', async () => {
      await online();
      for (let i = 0; i < 20; i++) {
        link.receive('c/noise', String(i));
        link.receive('c/state', 'idle');
        await tick(1_000);
      }
      const { reports, projections } = news();
      assert.deepEqual(reports, []);
      assert.ok(projections <= 20, `${projections} projections`);
      assert.equal(listener.messages, 41);
    });

    it('gives a late node the present state, and the others nothing', async () => {
      await online();
      link.receive('c/max', '16');
      await turn();
      news();
      const late = recorder();
      const end = charger.watch(late);
      await turn();
      assert.deepEqual(news().reports, []);
      assert.equal(late.reports.length, 1);
      const [[status, changed] = []] = late.reports;
      assert.equal(status?.limits.max, 16);
      assert.ok(changed?.includes('limits.max') && changed.includes('firmware'));
      end();
      assert.deepEqual(link.unsubscribed, []);
    });

    it('asks the broker once, however many watch', async () => {
      for (let i = 0; i < 10; i++) charger.watch(recorder());
      await turn();
      assert.deepEqual(link.subscribed, ['c/+']);
    });

    it('turns offline when its time has come, and online again with the next message', async () => {
      await online();
      await tick(STALE_AFTER * 1_000 - 1);
      assert.deepEqual(news().reports, []);
      await tick(1);
      const [[status, changed] = []] = news().reports;
      assert.equal(status?.online, false);
      assert.deepEqual(changed, ['online', 'stale']);
      await tick(1_000_000);
      assert.deepEqual(news(), { reports: [], projections: 0 });
      link.receive('c/noise', 'x');
      await turn();
      assert.equal(news().reports[0]?.[0].online, true);
    });

    it('stays online as long as it is heard, whatever it says', async () => {
      await online();
      for (let i = 0; i < 40; i++) {
        await tick(10_000);
        link.receive('c/state', 'idle');
        await turn();
      }
      assert.deepEqual(news().reports, []);
      await tick(STALE_AFTER * 1_000);
      assert.equal(news().reports[0]?.[0].online, false);
    });

    it('never takes a replay for life', async () => {
      link.receive('c/state', 'charging', true);
      await turn();
      const [[status] = []] = news().reports;
      assert.deepEqual([status?.online, status?.lastSeen, status?.state], [null, null, 'charging']);
    });

    it('does not know whether it is online while the broker is not there', async () => {
      await online();
      link.lose();
      await turn();
      assert.deepEqual(
        news().reports.map(([status, changed]) => [status.online, changed]),
        [[null, ['online']]],
      );
      for (let i = 0; i < 5; i++) link.lose();
      await tick(STALE_AFTER * 1_000);
      for (const [status] of news().reports) assert.equal(status.online, null);
      link.restore();
      link.receive('c/state', 'idle', true);
      await turn();
      for (const [status] of news().reports) assert.equal(status.online, null);
      link.receive('c/state', 'idle');
      await turn();
      assert.equal(news().reports.at(-1)?.[0].online, true);
    });

    it('tells of an unreadable topic once, and again after it was readable', () => {
      for (const payload of ['garbage', 'garbage', 'fine', 'garbage']) link.receive('c/x', payload);
      link.receive('c/y', 'garbage');
      assert.deepEqual(listener.faults, [
        ['BAD_PAYLOAD', 'c/x'],
        ['BAD_PAYLOAD', 'c/x'],
        ['BAD_PAYLOAD', 'c/y'],
      ]);
    });

    it('keeps the last good value of an unreadable topic', async () => {
      link.receive('c/power', '5');
      link.receive('c/power', 'garbage');
      await turn();
      assert.equal(news().reports[0]?.[0].power, 5);
    });

    it('tells of a refused subscription', async () => {
      link.refused.add('c/+');
      link.restore();
      await turn();
      assert.deepEqual(listener.faults, [['SUBSCRIPTION_REFUSED', 'c/+']]);
    });

    it('leaves no timer, listener or subscription when the last watcher goes', async () => {
      await online();
      link.receive('c/power', '5');
      link.receive('c/state', 'charging');
      assert.ok(link.listeners.size > 0);
      unwatch();
      unwatch();
      await turn();
      assert.deepEqual(link.unsubscribed, ['c/+']);
      assert.equal(link.listeners.size, 0);
      link.end();
      assert.equal(timers.armed(), 0);
      assert.deepEqual(news().reports, []);
    });

    it('leaves no timer behind that offline was waiting for', async () => {
      await online();
      await tick(500);
      link.receive('c/power', '5');
      await turn();
      unwatch();
      link.end();
      assert.equal(timers.armed(), 0);
    });

    it('gives what it knows to who watches again, and does not claim to be online', async () => {
      link.receive('c/max', '16');
      await turn();
      unwatch();
      const again = recorder();
      const end = charger.watch(again);
      await turn();
      assert.deepEqual(
        again.reports.map(([{ online, limits }]) => [online, limits.max]),
        [[null, 16]],
      );
      end();
    });

    it('tells who watches again when it is online, though it was so before', async () => {
      await online();
      unwatch();
      const again = recorder();
      const end = charger.watch(again);
      await turn();
      link.receive('c/state', 'idle');
      await turn();
      assert.deepEqual(
        again.reports.map(([status]) => status.online),
        [null, true],
      );
      end();
    });

    it('copes with a watcher that leaves while it is told', async () => {
      const other = recorder();
      const leaving: ChargerListener = { onChange: () => end(), onMessage: () => end() };
      const end = charger.watch(leaving);
      const endOther = charger.watch(other);
      link.receive('c/state', 'charging');
      await turn();
      assert.equal(other.reports.length > 0, true);
      endOther();
    });

    it('has timers that Node.js can keep, however long a charger may be silent', async () => {
      const patient = newCharger(fake.driver, { baseTopic: 'p', staleAfter: 365 * 86_400 });
      const end = patient.watch(recorder());
      await turn();
      link.receive('p/state', 'idle');
      await turn();
      end();
      assert.ok(timers.longest() < 2 ** 31, `${timers.longest()} ms`);
    });

    describe('commands', () => {
      // What the broker kept has arrived.
      beforeEach(() => tick(1_000));

      const options = (timeout = 10_000): { waitFor: 'confirmed'; timeout: number; signal: AbortSignal } => ({
        waitFor: 'confirmed',
        timeout,
        signal: new AbortController().signal,
      });
      const setCurrent = (current: unknown, timeout?: number): Promise<{ outcome: string; value: unknown }> =>
        charger.execute({ command: 'setCurrent', params: { current } }, options(timeout));

      it('are confirmed by the state that a live message brings', async () => {
        await online();
        const result = setCurrent(10);
        await turn();
        assert.deepEqual(link.published, [{ topic: 'c/max/set', payload: '10' }]);
        link.receive('c/max', '10');
        assert.equal((await result).outcome, 'confirmed');
      });

      it('of one lane go one after the other, whichever node has the charger', async () => {
        await online();
        const twin = newCharger(fake.driver);
        const end = twin.watch({});
        await turn();
        await tick(1_000);
        const first = setCurrent(10);
        const second = twin.execute({ command: 'setCurrent', params: { current: 16 } }, options());
        await turn();
        assert.deepEqual(link.published, [{ topic: 'c/max/set', payload: '10' }]);
        link.receive('c/max', '10');
        assert.equal((await first).outcome, 'confirmed');
        await turn();
        assert.deepEqual(link.published.slice(1), [{ topic: 'c/max/set', payload: '16' }]);
        link.receive('c/max', '16');
        assert.equal((await second).outcome, 'confirmed');
        end();
      });

      it('are not confirmed by a replay', async () => {
        await online();
        const ended = assert.rejects(setCurrent(10, 1_000), { code: 'TIMEOUT' });
        await turn();
        link.receive('c/max', '10', true);
        await tick(1_000);
        await ended;
      });

      it('that the system lacks are unsupported', () =>
        assert.rejects(charger.execute({ command: 'plan', params: {} }, options()), { code: 'UNSUPPORTED' }));

      it('that are not valid are refused before anything is published, connected or not', async () => {
        link.lose();
        await assert.rejects(setCurrent('x'), { code: 'INVALID' });
        assert.deepEqual(link.published, []);
      });

      it('are not sent while the broker is not there', async () => {
        await online();
        link.lose();
        await assert.rejects(setCurrent(10), { code: 'NOT_CONNECTED' });
        assert.deepEqual(link.published, []);
      });

      it('are not sent to a charger that is offline', async () => {
        await online();
        await tick(STALE_AFTER * 1_000);
        await assert.rejects(setCurrent(10), { code: 'OFFLINE', message: /garage/ });
        assert.deepEqual(link.published, []);
      });

      it('are sent to a charger of which nothing is known yet', async () => {
        const result = setCurrent(10);
        await turn();
        assert.equal(link.published.length, 1);
        link.receive('c/max', '10');
        await result;
      });

      it('that only read work without a broker', async () => {
        link.receive('c/max', '12', true);
        link.lose();
        const { value } = await charger.execute({ command: 'get', params: {} }, options());
        assert.equal(value, '12');
      });

      it('end when the broker is lost, and leave no listener', async () => {
        await online();
        const before = link.listeners.size;
        const result = setCurrent(10);
        await turn();
        assert.equal(link.listeners.size, before + 1);
        link.lose();
        await assert.rejects(result, { code: 'NOT_CONNECTED' });
        assert.equal(link.listeners.size, before);
      });
    });
  });

  for (const [driver, baseTopic, key] of [
    [openevse as AnyDriver, 'evse', 'schedule'],
    [evcc as AnyDriver, 'evcc/loadpoints/1', 'plan'],
    [goe as AnyDriver, 'go-eCharger/123456', 'sch_week'],
  ] as const)
    it(`survives documents without end, and tells of them (${driver.system})`, async () => {
      const charger = newCharger(driver, { baseTopic: driver.base(baseTopic) });
      const listener = recorder();
      const end = charger.watch(listener);
      await turn();
      for (const leaf of ['1', '2']) {
        link.receive(`${baseTopic}/${key}`, '['.repeat(8_000) + leaf + ']'.repeat(8_000));
        await turn();
      }
      assert.equal(charger.status().control.schedule, null);
      assert.deepEqual(
        listener.faults.map(([code]) => code),
        ['BAD_PAYLOAD'],
      );
      end();
    });

  describe('with the OpenEVSE driver', () => {
    const ANNOUNCE = 'openevse/announce/7b2c';
    const birth = (base: string, id = '30aea47a7b2c'): string =>
      JSON.stringify({ state: 'connected', id, name: `openevse-${id}`, mqtt: base, http: 'http://192.168.1.2/' });
    const will = (id = '30aea47a7b2c'): string => JSON.stringify({ state: 'disconnected', id, name: 'x' });
    let projections: number;
    let counted: AnyDriver;
    beforeEach(() => {
      projections = 0;
      counted = {
        ...(openevse as AnyDriver),
        project: (native, now) => {
          projections += 1;
          return (openevse as AnyDriver).project(native, now);
        },
      };
    });

    it('projects a whole core set once', async () => {
      const charger = newCharger(counted, { baseTopic: 'evse' });
      const listener = recorder();
      const end = charger.watch(listener);
      await turn();
      const set = { state: '3', vehicle: '1', amp: '16000', voltage: '230', pilot: '16', temp: '251', uptime: '77' };
      for (const [key, value] of Object.entries(set)) link.receive(`evse/${key}`, value);
      await turn();
      assert.equal(projections, 1);
      const [[status] = []] = listener.reports;
      assert.deepEqual([status?.state, status?.online, status?.temperature], ['charging', true, 25.1]);
      end();
    });

    describe('a command that comes before the broker told what it kept', () => {
      const claim = (state: string): string => JSON.stringify({ state, charge_current: 16, auto_release: false });
      let charger: Charger;
      let end: () => void;
      beforeEach(() => {
        link.retain('evse/claim', claim('disabled'));
        charger = newCharger(counted, { baseTopic: 'evse' });
        end = charger.watch({});
      });
      afterEach(() => end());

      /** Asks for 12 A. @returns what was published, with a claim's `state` alone. */
      async function sent(options: { timeout?: number; signal?: AbortSignal } = {}): Promise<unknown[]> {
        const signal = options.signal ?? new AbortController().signal;
        const rest = { waitFor: 'sent', timeout: 10_000, ...options, signal } as const;
        await Promise.all([
          charger.execute({ command: 'setCurrent', params: { current: 12 } }, rest),
          turn().then(() => tick(1_000)),
        ]);
        return link.published
          .splice(0)
          .map(({ payload }) =>
            payload.startsWith('{') ? (JSON.parse(payload) as { state?: string }).state : payload,
          );
      }

      it('is planned with it: a stopped charger does not start', async () => {
        assert.deepEqual(await sent(), ['disabled']);
      });

      it('is planned with it also after the connection was lost', async () => {
        await tick(1_000);
        link.lose();
        link.retain('evse/claim', claim('active'));
        link.restore();
        assert.deepEqual(await sent(), ['active']);
      });

      it('is not sent when the connection is lost meanwhile', async () => {
        const ended = assert.rejects(sent(), { code: 'NOT_CONNECTED' });
        link.lose();
        await ended;
        link.restore();
        await tick(1_000);
        assert.deepEqual(link.published, []);
      });

      it('is not sent when its node is closed meanwhile', async () => {
        const aborter = new AbortController();
        const ended = assert.rejects(sent({ signal: aborter.signal }), { code: 'NOT_CONNECTED' });
        aborter.abort();
        await ended;
        await tick(1_000);
        assert.deepEqual(link.published, []);
      });

      it('is not sent after its time', async () => {
        await assert.rejects(sent({ timeout: 1 }), { code: 'TIMEOUT' });
        assert.deepEqual(link.published, []);
      });

      it('is sent all the same when nothing is told', async () => {
        link.refused.add('evse/+');
        assert.equal((await sent()).at(-1), undefined);
      });
    });

    it('is offline 90 s after the last live message', async () => {
      const listener = recorder();
      const end = newCharger(counted, { baseTopic: 'evse' }).watch(listener);
      await turn();
      link.receive('evse/amp', '1');
      await tick(89_999);
      assert.deepEqual(
        listener.reports.map(([{ online }]) => online),
        [true],
      );
      await tick(1);
      assert.equal(listener.reports.at(-1)?.[0].online, false);
      end();
    });

    it('is offline 2 s after its will, unless it is heard again', async () => {
      const directory = new Directory(link.connection, OPTIONS);
      const listener = recorder();
      const end = newCharger(counted, { baseTopic: 'evse' }, directory).watch(listener);
      await turn();
      link.receive(ANNOUNCE, birth('evse'));
      await turn();
      assert.deepEqual(
        listener.reports.map(([{ online, id }]) => [online, id]),
        [[true, '30aea47a7b2c']],
      );
      link.receive(ANNOUNCE, will());
      await tick(1_500);
      link.receive(ANNOUNCE, birth('evse'));
      await tick(10_000);
      assert.ok(listener.reports.every(([{ online }]) => online === true));
      link.receive(ANNOUNCE, will());
      await tick(1_999);
      assert.equal(listener.reports.at(-1)?.[0].online, true);
      await tick(1);
      assert.equal(listener.reports.at(-1)?.[0].online, false);
      end();
    });

    it('hears a will also when it was offline before the broker connection was lost', async () => {
      const directory = new Directory(link.connection, OPTIONS);
      const listener = recorder();
      const end = newCharger(counted, { baseTopic: 'evse' }, directory).watch(listener);
      await turn();
      link.receive(ANNOUNCE, birth('evse'));
      link.receive(ANNOUNCE, will());
      await tick(5_000);
      link.lose();
      // It comes back while we cannot hear it.
      link.retain(ANNOUNCE, birth('evse'));
      link.restore();
      await turn();
      link.receive('evse/amp', '1');
      await turn();
      assert.equal(listener.reports.at(-1)?.[0].online, true);
      link.receive(ANNOUNCE, will());
      await tick(2_000);
      assert.equal(listener.reports.at(-1)?.[0].online, false);
      end();
    });

    it('shares one announce subscription among 1,000 chargers, each of which gets its own announcements', async () => {
      const directory = new Directory(link.connection, OPTIONS);
      const listeners = Array.from({ length: 1_000 }, recorder);
      const ends = listeners.map((listener, i) =>
        newCharger(counted, { baseTopic: `evse${i}` }, directory).watch(listener),
      );
      await turn();
      assert.equal(link.subscribed.filter((filter) => filter === OPTIONS.openevseTopic).length, 1);
      link.receive('openevse/announce/500', birth('evse500', 'id500'));
      await turn();
      assert.deepEqual(
        listeners.flatMap(({ reports }, i) => (reports.length > 0 ? [i] : [])),
        [500],
      );
      assert.equal(projections, 1);
      for (const end of ends) end();
      assert.equal(link.unsubscribed.filter((filter) => filter === OPTIONS.openevseTopic).length, 1);
      assert.equal(link.listeners.size, 0);
      link.end();
      assert.equal(timers.armed(), 0);
    });

    for (const order of ['will first', 'configuration first', 'birth and will before anybody came'])
      it(`is offline by the will that the broker kept: ${order}`, async () => {
        const config = JSON.stringify({ wifi_serial: '30AEA47A7B2C', hostname: 'openevse-7b2c' });
        const directory = new Directory(link.connection, OPTIONS);
        const ends = [directory.follow('openevse', 'another', () => undefined)];
        await turn();
        if (order.startsWith('birth')) link.receive(ANNOUNCE, birth('evse'));
        if (order === 'configuration first') link.retain('evse/config', config);
        else link.receive(ANNOUNCE, will());
        const listener = recorder();
        ends.push(newCharger(counted, { baseTopic: 'evse' }, directory).watch(listener));
        await turn();
        if (order === 'configuration first') link.receive(ANNOUNCE, will());
        else link.receive('evse/config', config, true);
        await turn();
        await tick(2_000);
        const [status] = listener.reports.at(-1) ?? [];
        assert.deepEqual([status?.id, status?.online, status?.state], ['30aea47a7b2c', false, 'unavailable']);
        link.receive(ANNOUNCE, birth('evse'));
        await turn();
        assert.equal(listener.reports.at(-1)?.[0].online, true);
        for (const end of ends) end();
        assert.equal(link.listeners.size, 0);
      });

    it('hears of its id again after nobody watched it for a while', async () => {
      const directory = new Directory(link.connection, OPTIONS);
      link.retain('evse/config', JSON.stringify({ wifi_serial: '30AEA47A7B2C' }));
      const charger = newCharger(counted, { baseTopic: 'evse' }, directory);
      charger.watch(recorder())();
      const end = charger.watch(recorder());
      await turn();
      end();
      link.retain(ANNOUNCE, will());
      const listener = recorder();
      const last = charger.watch(listener);
      await turn();
      await tick(2_000);
      assert.equal(listener.reports.at(-1)?.[0].online, false);
      last();
      assert.equal(link.listeners.size, 0);
    });

    it('tells a charger that is deployed later what was announced before', async () => {
      const directory = new Directory(link.connection, OPTIONS);
      const ends = [newCharger(counted, { baseTopic: 'other' }, directory).watch(recorder())];
      await turn();
      link.receive(ANNOUNCE, birth('evse'));
      const listener = recorder();
      ends.push(newCharger(counted, { baseTopic: 'evse' }, directory).watch(listener));
      await turn();
      const [[status] = []] = listener.reports;
      assert.deepEqual([status?.id, status?.online], ['30aea47a7b2c', null]);
      for (const end of ends) end();
    });
  });
});
