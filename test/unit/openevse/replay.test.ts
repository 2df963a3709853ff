import assert from 'node:assert/strict';
import { openevse, type OpenEvseNative } from '../../../src/chargers/openevse';
import type { Exchange } from '../../../src/mqtt/exchange-types';
import type { ChargerStatus } from '../../../src/chargers/status';
import type { CommandName } from '../../../src/shared/commands';
import { BASE, charger, configOf, type Line, message, plan, session, START } from './support';

const AUTO = { auto_release: true };

/** What the status holds just before that instant of the session. */
type Expected = readonly [ms: number, what: string, pick: (status: ChargerStatus) => unknown, expected: unknown];

const core = ({ online, state, control, current, mode }: ChargerStatus): unknown => ({
  online,
  state,
  by: control.by,
  current,
  mode,
});

function at(ms: number, what: string, state: string, by: string, current: number, mode = 'normal'): Expected {
  return [ms, what, core, { online: true, state, by, current, mode }];
}

const EXPECTED: readonly Expected[] = [
  at(439, 'ready, no car', 'disconnected', 'charger', 32),
  [439, 'identity', ({ id, name }) => [id, name], ['9c9c1fe57b2c', 'openevse-7b2c']],
  [
    439,
    'first values',
    ({ temperature, energyTotal, power, limits }) => [temperature, energyTotal, power, limits.max],
    [25, 0, 0, 32],
  ],
  [439, 'no documents', ({ control }) => [control.claim, control.override, control.schedule], [null, null, []]],
  at(90500, 'plugged in', 'connected', 'charger', 32),
  [90500, 'the plug', ({ vehicle }) => vehicle.connected, true],
  at(91000, 'charging begins', 'charging', 'charger', 32),
  [
    92000,
    'mA and W',
    ({ currents, voltages, power }) => [currents, voltages, power],
    [[30.8, null, null], [240, null, null], 7392],
  ],
  at(155000, 'claim of 10 A', 'charging', 'claim', 10),
  [155000, 'the claim', ({ control }) => control.claim, { state: 'active', charge_current: 10, ...AUTO }],
  at(165000, 'claim disabled', 'paused', 'claim', 10),
  at(175000, 'claim released', 'charging', 'charger', 32),
  [
    177300,
    'session',
    ({ session: { energy, duration }, energyTotal }) => [energy, duration, energyTotal],
    [148.434, 78, 148.434],
  ],
  at(185000, 'override disabled', 'paused', 'manual', 32),
  [185000, 'the override', ({ control }) => control.override, { state: 'disabled', ...AUTO }],
  at(190000, 'toggled off', 'charging', 'charger', 32),
  at(200000, 'toggled on', 'paused', 'manual', 32),
  at(210000, 'override cleared', 'charging', 'charger', 32),
  [216000, 'limit', (status) => status.session.limit, { type: 'energy', value: 10000 }],
  [220000, 'limit cleared', (status) => status.session.limit, null],
  at(223000, 'a limit that is reached in a second', 'charging', 'charger', 32),
  at(230000, 'limit reached', 'complete', 'limit', 32),
  at(240000, 'limit cleared', 'charging', 'charger', 32),
  at(246000, 'a schedule takes effect at once', 'paused', 'schedule', 32),
  [246000, 'the schedule', ({ control }) => control.schedule?.length, 2],
  at(255000, 'schedule removed', 'charging', 'charger', 32),
  at(258000, 'eco without a feed', 'paused', 'divert', 32, 'eco'),
  at(283000, 'eco with sun', 'charging', 'divert', 16, 'eco'),
  at(295000, 'back to normal', 'charging', 'charger', 32),
  at(301000, 'the shaper has no data', 'paused', 'charger', 32),
  at(306000, 'the shaper leaves 11 A', 'charging', 'charger', 11),
  [340000, 'a voltage feed in single precision', ({ voltages }) => voltages[0], 231.4],
  [346000, 'vehicle data', ({ vehicle }) => [vehicle.soc, vehicle.range], [57, 212]],
  [
    355000,
    'configuration',
    ({ firmware, phases, limits }) => [firmware, phases.active, limits.min],
    ['v5.1.5-395-g1797b7a3', 1, 6],
  ],
  at(360000, 'fault', 'error', 'charger', 32),
  [360000, 'fault code', ({ error }) => error, { code: 6, text: 'GFCI fault' }],
  at(366000, 'fault cleared', 'charging', 'charger', 32),
  [366000, 'no fault', ({ error }) => error, null],
  at(372000, 'override of 12 A', 'charging', 'manual', 12),
  at(376000, 'the override beats a claim', 'charging', 'manual', 12),
  [380000, 'minutes become seconds', (status) => status.session.limit, { type: 'time', value: 36000 }],
  at(381530, 'a will is not believed at once', 'charging', 'manual', 12),
  at(384000, 'a will that a birth followed', 'charging', 'manual', 12),
  at(389600, 'unplugged', 'disconnected', 'charger', 32),
  [389600, 'silently released', ({ control }) => [control.claim, control.override], [null, null]],
  [389600, 'session over', (status) => [status.session.energy, status.session.limit], [0, null]],
  at(391000, 'after the next core set', 'disconnected', 'charger', 32),
  [429520, 'last life', ({ lastSeen }) => lastSeen, new Date(START + 420276).toISOString()],
  [431519, 'will, within the wait', ({ online, state }) => [online, state], [true, 'disconnected']],
  [431521, 'will, after the wait', ({ online, state, stale }) => [online, state, stale], [false, 'unavailable', false]],
];

type Ending = 'confirmed' | 'unchanged' | 'sent';

/** The session's commands by ours; null = none of ours makes it. */
const COMMANDS: readonly (readonly [CommandName, Record<string, unknown>, Ending] | null)[] = [
  ['claim', { state: 'active', charge_current: 10, auto_release: true }, 'confirmed'],
  ['stop', {}, 'confirmed'],
  ['release', {}, 'confirmed'],
  ['claim.release', {}, 'unchanged'],
  ['override', { state: 'disabled' }, 'confirmed'],
  ['override.toggle', {}, 'confirmed'],
  ['override.toggle', {}, 'confirmed'],
  ['override.clear', {}, 'confirmed'],
  ['override.clear', {}, 'unchanged'],
  ['setLimit', { type: 'energy', value: 10000 }, 'confirmed'],
  ['clearLimit', {}, 'confirmed'],
  ['limit', { type: 'energy', value: 20, auto_release: true }, 'confirmed'],
  ['limit.clear', {}, 'confirmed'],
  [
    'schedule',
    {
      events: [
        { id: 1, state: 'active', time: '07:00', days: ['monday', 'tuesday'] },
        { id: 2, state: 'disabled', time: '09:30:00', days: ['monday', 'tuesday'] },
      ],
    },
    'confirmed',
  ],
  ['schedule.clear', { id: 1 }, 'confirmed'],
  ['schedule.clear', { id: 2 }, 'confirmed'],
  ['setMode', { mode: 'eco' }, 'confirmed'],
  ...[500, 2500, 4000, 4100, 4050, 4000].map((solar) => ['feed', { solar }, 'confirmed'] as const),
  ['divertmode', { mode: 1 }, 'confirmed'],
  ['shaper', { enabled: true }, 'confirmed'],
  ...[7200, 8400, 8300, 5000].map(() => null), // the shaper's feed
  ['shaper', { enabled: false }, 'confirmed'],
  null, // voltage
  null, // vehicle: charge, range, time to full
  null,
  null,
  null, // house battery's charge
  ['feed', { battery: -1250.4 }, 'confirmed'],
  null, // RAPI
  null,
  ['config', { scheduler_start_window: 120 }, 'confirmed'],
  ['config', { scheduler_start_window: 120 }, 'unchanged'],
  ['override', { state: 'active', charge_current: 12 }, 'confirmed'],
  ['claim', { state: 'active', charge_current: 8, auto_release: true }, 'confirmed'],
  ['setLimit', { type: 'time', value: 36000 }, 'confirmed'],
];

function endOf(native: OpenEvseNative, exchange: Exchange, rest: readonly Line[]): string {
  const [step] = exchange.steps;
  assert.ok(step);
  for (const line of rest) {
    if (line.kind !== 'message') break;
    const heard = message(line.topic, line.payload);
    openevse.decode(native, heard, START + line.ms);
    const verdict = step.judge?.(heard);
    if (verdict && 'stage' in verdict && verdict.stage === 'confirmed') return 'confirmed';
  }
  return step.afterSent?.then ?? 'timeout';
}

describe('OpenEVSE: a recorded firmware session', () => {
  const lines = session();

  it('is projected as expected at every noted step', () => {
    const native = charger();
    const due = [...EXPECTED];
    const check = (before: number): void => {
      for (let next = due[0]; next && next[0] <= before; next = due[0]) {
        const [ms, what, pick, expected] = next;
        assert.deepEqual(pick(openevse.project(native, START + ms)), expected, `${what}, ${ms} ms`);
        due.shift();
      }
    };
    for (const line of lines) {
      check(line.ms - 1);
      if (line.kind === 'message') openevse.decode(native, message(line.topic, line.payload), START + line.ms);
    }
    check(Infinity);
    assert.equal(openevse.faults(native).size, 0, 'all of it is readable');
  });

  it('wakes up for the will', () => {
    const native = charger();
    for (const line of lines) {
      if (line.kind === 'message') openevse.decode(native, message(line.topic, line.payload), START + line.ms);
    }
    const [deadline, staleness] = [START + 429520 + 2000, START + 420276 + 90_000];
    assert.equal(openevse.deadline(native, START + 429521), deadline);
    assert.equal(openevse.deadline(native, deadline), staleness);
    assert.equal(openevse.deadline(native, staleness), null);
  });

  it('is what the plans publish, and its answers are judged right', () => {
    const native = charger();
    openevse.decode(native, message(`${BASE}/config`, configOf({ scheduler_start_window: 600 }), true), START);
    const wanted = [...COMMANDS];
    lines.forEach((line, index) => {
      const now = START + line.ms;
      if (line.kind === 'message') openevse.decode(native, message(line.topic, line.payload), now);
      if (line.kind !== 'command') return;
      const ours = wanted.shift();
      if (ours === undefined) assert.fail(`unexpected ${line.topic}`);
      if (ours === null) return;
      const [command, params, ending] = ours;
      const exchange = plan(native, command, params);
      assert.deepEqual(
        exchange.steps.flatMap((step) => step.publications),
        [{ topic: line.topic, payload: line.payload }],
        `${command} at ${line.ms} ms`,
      );
      assert.equal(endOf(native, exchange, lines.slice(index + 1)), ending, `${command} at ${line.ms} ms`);
    });
    assert.equal(wanted.length, 0);
  });

  it('heard late, as replays only, is values without life', () => {
    const native = charger();
    const documents = new Map<string, string>();
    for (const line of lines.filter(({ ms }) => ms < 381000)) {
      const isDocument = line.kind === 'message' && /\/(claim|override|schedule|limit|config|7b2c)$/.test(line.topic);
      if (isDocument && /^[[{]/.test(line.payload)) documents.set(line.topic, line.payload);
    }
    for (const [topic, payload] of documents) openevse.decode(native, message(topic, payload, true), START);
    const status = openevse.project(native, START);
    assert.deepEqual([status.online, status.lastSeen, status.stale], [null, null, false]);
    assert.deepEqual([status.state, status.control.by], ['unknown', null]);
    assert.equal(status.id, '9c9c1fe57b2c');
    assert.deepEqual(status.control.claim, { state: 'active', charge_current: 8, ...AUTO });
    assert.equal(openevse.project(native, START + 90_000).stale, true, 'nothing live for the whole time');
  });
});
