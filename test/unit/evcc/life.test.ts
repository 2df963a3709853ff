import assert from 'node:assert/strict';
import { evcc } from '../../../src/chargers/evcc';
import { Loadpoint, T0, codeOf } from './support';

const seconds = (ms: number): string => String(Math.floor(ms / 1000));

describe('evcc life (1.1, 1.2)', () => {
  it('knows nothing before anything came', () => {
    const lp = new Loadpoint();
    const { online, lastSeen, stale, state } = lp.status();
    assert.deepEqual([online, lastSeen, stale, state], [null, null, true, 'unknown']);
    assert.equal(evcc.deadline(lp.native, T0), null);
  });

  it('does not take retained values for life', () => {
    const lp = new Loadpoint();
    lp.hear('status', 'online', { retained: true });
    lp.hear('updated', seconds(T0), { retained: true });
    for (const [key, value] of Object.entries({ mode: 'pv', connected: 'true', charging: 'true', chargePower: '3680' }))
      lp.hear(`loadpoints/1/${key}`, value, { retained: true });
    const { online, lastSeen, stale, state, mode, power } = lp.status();
    assert.deepEqual([online, lastSeen, stale, state, mode, power], [null, null, true, 'unknown', 'surplus', 3680]);
    // evcc speaks: what it wrote before is what it means now.
    lp.hear('loadpoints/1/chargePower', '3690');
    assert.deepEqual([lp.status().online, lp.status().stale, lp.status().state], [null, false, 'charging']);
  });

  it('makes no state of what a crashed evcc left, from its next start to its first own word', () => {
    const lp = new Loadpoint().ready().values({ connected: 'true', charging: 'true' });
    lp.hear('status', 'offline');
    lp.hear('status', 'online');
    assert.deepEqual([lp.status().online, lp.status().stale, lp.status().state], [null, true, 'unknown']);
    lp.hear('loadpoints/1/connected', '', { qos: 0 });
    lp.hear('loadpoints/1/connected', 'false');
    assert.deepEqual([lp.status().stale, lp.status().state], [false, 'disconnected']);
  });

  it('is offline at once on the will, retained or live', () => {
    for (const retained of [true, false]) {
      const lp = new Loadpoint().ready();
      lp.hear('status', 'offline', { retained });
      assert.deepEqual([lp.status().online, lp.status().state], [false, 'unavailable']);
    }
  });

  it('does not count the will as life', () => {
    const lp = new Loadpoint().ready();
    lp.now += 5000;
    lp.hear('status', 'offline');
    assert.equal(lp.status().lastSeen, new Date(T0).toISOString());
  });

  it('is ready with `online` and then a live, non-empty heartbeat, not before', () => {
    const lp = new Loadpoint();
    lp.hear('updated', '1700000000', { retained: true });
    lp.hear('status', 'online');
    assert.equal(lp.status().online, null);
    assert.equal(
      codeOf(() => lp.plan('stop')),
      'OFFLINE',
    );
    lp.hear('updated', '', { qos: 0 });
    assert.equal(
      codeOf(() => lp.plan('stop')),
      'OFFLINE',
    );
    lp.hear('updated', seconds(lp.now));
    assert.equal(lp.status().online, true);
    assert.equal(
      codeOf(() => lp.plan('stop')),
      undefined,
    );
  });

  it('refuses a set after a live `online` although a recent heartbeat was replayed: evcc has just started (step 1)', () => {
    const lp = new Loadpoint();
    lp.hear('status', 'online', { retained: true });
    lp.hear('updated', seconds(T0), { retained: true });
    assert.equal(
      codeOf(() => lp.plan('stop')),
      undefined,
    );
    lp.hear('status', 'online');
    assert.equal(
      codeOf(() => lp.plan('stop')),
      'OFFLINE',
    );
  });

  it('trusts a replayed heartbeat only while it is recent', () => {
    const lp = new Loadpoint();
    lp.hear('status', 'online', { retained: true });
    lp.hear('updated', seconds(T0 - 89_000), { retained: true });
    assert.equal(
      codeOf(() => lp.plan('stop')),
      undefined,
    );
    lp.hear('updated', seconds(T0 - 91_000), { retained: true });
    assert.equal(
      codeOf(() => lp.plan('stop')),
      'OFFLINE',
    );
  });

  it('is not ready any more once a stopping evcc emptied its tree, while its status still says online (step 4)', () => {
    const lp = new Loadpoint().ready();
    lp.hear('updated', '', { qos: 0 });
    assert.equal(lp.status().online, null);
    assert.equal(
      codeOf(() => lp.plan('stop')),
      'OFFLINE',
    );
  });

  it('wants the heartbeat after a reconnect of evcc again', () => {
    const lp = new Loadpoint().ready();
    assert.deepEqual(lp.hear('status', 'online'), ['status'], 'no longer ready');
    assert.equal(lp.status().online, null);
    assert.ok(lp.hear('updated', seconds(T0)).includes('status'), 'readiness is no measurement');
    assert.equal(lp.status().online, true);
  });

  const limits = [
    { interval: null, staleAfter: null, limit: 90 },
    { interval: '3', staleAfter: null, limit: 90 },
    { interval: '60', staleAfter: null, limit: 180 },
    { interval: '60', staleAfter: 10, limit: 10 },
    { interval: '1e9', staleAfter: null, limit: 3 * 3600 },
  ];
  for (const { interval, staleAfter, limit } of limits) {
    it(`hangs after ${limit} s without heartbeat (interval ${interval ?? 'unknown'}, staleAfter ${staleAfter ?? 'default'})`, () => {
      const lp = new Loadpoint({ staleAfter }).ready();
      if (interval !== null) lp.hear('site/interval', interval);
      assert.equal(evcc.deadline(lp.native, lp.now), T0 + limit * 1000);
      lp.now = T0 + limit * 1000 - 1;
      assert.deepEqual([lp.status().online, lp.status().stale], [true, false]);
      lp.now += 1;
      assert.deepEqual([lp.status().online, lp.status().stale, lp.status().state], [false, true, 'unavailable']);
      assert.equal(evcc.deadline(lp.native, lp.now), null);
      assert.equal(
        codeOf(() => lp.plan('stop')),
        'OFFLINE',
      );
    });
  }

  it('gives an evcc that says online one limit to be heard', () => {
    const lp = new Loadpoint();
    lp.hear('status', 'online', { retained: true });
    assert.equal(evcc.deadline(lp.native, T0), T0 + 90_000);
    lp.now = T0 + 90_000;
    assert.equal(lp.status().online, false);
  });

  it('keeps what was learnt when the broker is lost, and knows nothing of life', () => {
    const lp = new Loadpoint()
      .ready()
      .values({ title: 'Carport', name: 'lp-1', mode: 'smart', alwaysCharge: 'on', limitSoc: '80' });
    evcc.disconnected(lp.native);
    assert.equal(
      codeOf(() => lp.plan('stop')),
      'OFFLINE',
    );
    // a broker without persistence: nothing is replayed but what evcc writes again
    lp.hear('status', 'online');
    lp.hear('updated', seconds(lp.now));
    lp.values({ mode: 'smart' });
    const { online, id, name, mode, session } = lp.status();
    assert.deepEqual(
      [online, id, name, mode, session.limit],
      [true, 'lp-1', 'Carport', 'min+surplus', { type: 'soc', value: 80 }],
    );
  });

  it('has no loadpoint beyond the count', () => {
    const lp = new Loadpoint({ baseTopic: 'evcc/loadpoints/4' }).ready();
    assert.equal(lp.status().online, true);
    lp.hear('loadpoints', '3');
    assert.deepEqual(
      [lp.status().online, lp.status().state, lp.status().error?.code],
      [false, 'unavailable', 'NO_LOADPOINT'],
    );
    assert.equal(
      codeOf(() => lp.plan('stop')),
      'OFFLINE',
    );
    lp.hear('loadpoints', '4');
    assert.deepEqual([lp.status().online, lp.status().error], [true, null]);
  });

  it('waits for a slow loadpoint without calling it offline: its cycle comes n - 1 intervals after the start', () => {
    const lp = new Loadpoint({ baseTopic: 'evcc/loadpoints/3' }).ready().values({ mode: 'pv', title: 'Heat pump' });
    lp.now += 60_000;
    assert.deepEqual([lp.status().online, lp.status().state], [true, 'unknown']);
    lp.values({ connected: 'true', charging: 'false', enabled: 'true' });
    assert.equal(lp.status().state, 'connected');
  });

  it('hears no life in the sets of others, nor in deletions of QoS 0', () => {
    const lp = new Loadpoint();
    lp.hear('loadpoints/1/mode/set', 'now');
    lp.hear('loadpoints/1/mode', '', { qos: 0 });
    assert.equal(lp.status().lastSeen, null);
    lp.hear('loadpoints/1/mode/set', '');
    assert.equal(lp.status().lastSeen, new Date(T0).toISOString());
  });

  it('ignores a status and a heartbeat of no meaning', () => {
    const lp = new Loadpoint().ready();
    assert.deepEqual(lp.hear('status', 'maybe'), []);
    lp.now += 80_000;
    lp.hear('updated', 'soon');
    lp.now += 10_000;
    assert.equal(lp.status().online, false);
  });
});
