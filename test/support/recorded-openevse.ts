/**
 * A session of the OpenEVSE gateway's own MQTT code (master of July 2026, firmware 5.1.5-395) with an
 * emulated controller: what it published and what it was sent, and what both mean. The meaning is written down from the
 * firmware's semantics (units, arbitration of claims, silent release at unplugging), not from what the driver said.
 */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import type { ChargerStatus } from '../../src/chargers/status';
import type { CommandName } from '../../src/shared/commands';
import { at } from './node-red';
import type { Played } from './player';

export const BASE = 'garage/evse-left';

export type Line =
  | (Played & { readonly kind: 'message'; readonly ms: number })
  | { readonly kind: 'command'; readonly ms: number; readonly topic: string; readonly payload: string }
  | { readonly kind: 'note'; readonly ms: number; readonly text: string };

type Row = [number, string, boolean, number, string] | ['cmd', number, string, string] | ['note', number, string];

function toLine(row: Row): Line {
  switch (row[0]) {
    case 'cmd':
      return { kind: 'command', ms: row[1], topic: row[2], payload: row[3] };
    case 'note':
      return { kind: 'note', ms: row[1], text: row[2] };
    default:
      return { kind: 'message', ms: row[0], topic: row[1], payload: row[4], retain: row[2], qos: 0 };
  }
}

/** One session of the gateway's own MQTT code (July 2026) with an emulated controller; messages in the order they came. */
export function session(): Line[] {
  const file = path.join(process.cwd(), 'test/fixtures/openevse/firmware-session.jsonl');
  return readFileSync(file, 'utf8')
    .trimEnd()
    .split('\n')
    .map((line) => toLine(JSON.parse(line) as Row));
}

/** The configuration document of that session, with other settings. */
export function configOf(settings: Readonly<Record<string, unknown>> = {}): string {
  const line = session().find((one) => one.kind === 'message' && one.topic === `${BASE}/config`);
  assert.ok(line?.kind === 'message');
  return JSON.stringify({ ...(JSON.parse(line.payload) as object), ...settings });
}

const AUTO = { auto_release: true };

/** What the status holds just before that instant of the session, by dotted path. */
export type Expected = readonly [ms: number, what: string, members: Readonly<Record<string, unknown>>];

function core(ms: number, what: string, state: string, by: string, current: number, mode = 'normal'): Expected {
  return [ms, what, { online: true, stale: false, state, 'control.by': by, current, mode }];
}

export const STATUSES: readonly Expected[] = [
  core(439, 'ready, no car', 'disconnected', 'charger', 32),
  [439, 'identity', { id: '9c9c1fe57b2c' }],
  [439, 'first values', { temperature: 25, energyTotal: 0, power: 0, 'limits.max': 32 }],
  [439, 'no documents', { 'control.claim': null, 'control.override': null, 'control.schedule': [] }],
  core(90500, 'plugged in', 'connected', 'charger', 32),
  [90500, 'the plug', { 'vehicle.connected': true }],
  core(91000, 'charging begins', 'charging', 'charger', 32),
  [92000, 'mA and W', { currents: [30.8, null, null], voltages: [240, null, null], power: 7392 }],
  core(155000, 'claim of 10 A', 'charging', 'claim', 10),
  [155000, 'the claim', { 'control.claim': { state: 'active', charge_current: 10, ...AUTO } }],
  core(165000, 'claim disabled', 'paused', 'claim', 10),
  core(175000, 'claim released', 'charging', 'charger', 32),
  [177300, 'session', { 'session.energy': 148.434, 'session.duration': 78, energyTotal: 148.434 }],
  core(185000, 'override disabled', 'paused', 'manual', 32),
  [185000, 'the override', { 'control.override': { state: 'disabled', ...AUTO } }],
  core(190000, 'toggled off', 'charging', 'charger', 32),
  core(200000, 'toggled on', 'paused', 'manual', 32),
  core(210000, 'override cleared', 'charging', 'charger', 32),
  [216000, 'limit', { 'session.limit': { type: 'energy', value: 10000 } }],
  [220000, 'limit cleared', { 'session.limit': null }],
  core(223000, 'a limit that is reached in a second', 'charging', 'charger', 32),
  core(230000, 'limit reached', 'complete', 'limit', 32),
  core(240000, 'limit cleared', 'charging', 'charger', 32),
  core(246000, 'a schedule takes effect at once', 'paused', 'schedule', 32),
  [246000, 'the schedule', { 'control.schedule.length': 2 }],
  core(255000, 'schedule removed', 'charging', 'charger', 32),
  core(258000, 'eco without a feed', 'paused', 'divert', 32, 'eco'),
  core(283000, 'eco with sun', 'charging', 'divert', 16, 'eco'),
  core(295000, 'back to normal', 'charging', 'charger', 32),
  core(301000, 'the shaper has no data', 'paused', 'charger', 32),
  core(306000, 'the shaper leaves 11 A', 'charging', 'charger', 11),
  [340000, 'a voltage feed in single precision', { 'voltages.0': 231.4 }],
  [346000, 'vehicle data', { 'vehicle.soc': 57, 'vehicle.range': 212 }],
  [355000, 'configuration', { firmware: 'v5.1.5-395-g1797b7a3', 'phases.active': 1, 'limits.min': 6 }],
  core(360000, 'fault', 'error', 'charger', 32),
  [360000, 'fault code', { error: { code: 6, text: 'GFCI fault' } }],
  core(366000, 'fault cleared', 'charging', 'charger', 32),
  [366000, 'no fault', { error: null }],
  core(372000, 'override of 12 A', 'charging', 'manual', 12),
  core(376000, 'the override beats a claim', 'charging', 'manual', 12),
  [380000, 'minutes become seconds', { 'session.limit': { type: 'time', value: 36000 } }],
  core(381530, 'a will is not believed at once', 'charging', 'manual', 12),
  core(384000, 'a will that a birth followed', 'charging', 'manual', 12),
  core(389600, 'unplugged', 'disconnected', 'charger', 32),
  [389600, 'silently released', { 'control.claim': null, 'control.override': null }],
  [389600, 'session over', { 'session.energy': 0, 'session.limit': null }],
  core(391000, 'after the next core set', 'disconnected', 'charger', 32),
];

/** The members of a status that are expected of it. */
export function shown(status: ChargerStatus, members: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(Object.keys(members).map((path) => [path, at(status, path)]));
}

type Ending = 'confirmed' | 'unchanged' | 'sent';

/** The session's commands by ours; null = none of ours makes it. */
export const COMMANDS: readonly (readonly [CommandName, Record<string, unknown>, Ending] | null)[] = [
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
