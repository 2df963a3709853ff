import assert from 'node:assert/strict';
import { openevse, type OpenEvseNative } from '../../../src/chargers/openevse';
import type { Exchange } from '../../../src/mqtt/exchange-types';
import { COMMANDS, type Expected, type Line, shown, STATUSES } from '../../support/recorded-openevse';
import { BASE, charger, configOf, message, plan, session, START } from './support';

/** Where the user gave no name. */
const NAMED: Expected = [439, 'name', { name: 'openevse-7b2c' }];

/** What depends on the time that passed. */
const LATE: readonly Expected[] = [
  [429520, 'last life', { lastSeen: new Date(START + 420276).toISOString() }],
  [431519, 'will, within the wait', { online: true, state: 'disconnected' }],
  [431521, 'will, after the wait', { online: false, state: 'unavailable', stale: true }],
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
    const due = [NAMED, ...STATUSES, ...LATE];
    const check = (before: number): void => {
      for (let next = due[0]; next && next[0] <= before; next = due[0]) {
        const [ms, what, expected] = next;
        assert.deepEqual(shown(openevse.project(native, START + ms), expected), expected, `${what}, ${ms} ms`);
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
    const deadline = START + 429520 + 2000;
    assert.equal(openevse.deadline(native, START + 429521), deadline);
    assert.equal(openevse.deadline(native, deadline), null);
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
    assert.deepEqual([status.online, status.lastSeen, status.stale], [null, null, true]);
    assert.deepEqual([status.state, status.control.by], ['unknown', null]);
    assert.equal(status.id, '9c9c1fe57b2c');
    assert.deepEqual(status.control.claim, { state: 'active', charge_current: 8, auto_release: true });
  });
});
