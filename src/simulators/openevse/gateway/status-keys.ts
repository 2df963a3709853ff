/** Which status keys are published together, in the firmware's order, and since when each exists. */

import { type OpenEvseProfile, atLeast } from '../profiles';

const STATE = [
  'state',
  'flags',
  'vehicle',
  'colour',
  'pilot',
  'max_current',
  'manual_override',
  'status',
  'elapsed',
  'amp',
  'voltage',
  'power',
] as const;

const AMPS = ['amp', 'voltage', 'power'] as const;

const ENERGY = [
  'session_elapsed',
  'session_energy',
  'total_energy',
  'total_day',
  'total_week',
  'total_month',
  'total_year',
  'total_switches',
] as const;

const CORE = [
  'evse_connected',
  ...AMPS,
  'pilot',
  'max_current',
  'temp',
  'temp_max',
  'temp1',
  'temp2',
  'temp3',
  'state',
  'status',
  'flags',
  'vehicle',
  'colour',
  'manual_override',
  'freeram',
  'divertmode',
  'srssi',
  'time',
  'local_time',
  'offset',
  'uptime',
  ...ENERGY,
  'elapsed',
  'wattsec',
  'watthour',
  'wh',
] as const;

export type StatusKey = (typeof CORE)[number];
export type StatusSet = 'state' | 'amps' | 'energy' | 'core';

const SETS: Readonly<Record<StatusSet, readonly StatusKey[]>> = {
  state: STATE,
  amps: AMPS,
  energy: ENERGY,
  core: CORE,
};

const SINCE: Readonly<Partial<Record<StatusKey, OpenEvseProfile>>> = {
  flags: '4.1.7',
  vehicle: '4.1.7',
  colour: '4.1.7',
  manual_override: '4.1.7',
  status: '4.1.7',
  elapsed: '4.1.7',
  temp: '4.1.7',
  temp_max: '4.1.7',
  srssi: '4.1.7',
  time: '4.1.7',
  local_time: '4.1.7',
  offset: '4.1.7',
  session_energy: '4.1.7',
  total_energy: '4.1.7',
  power: '4.2.2',
  session_elapsed: '4.2.2',
  total_day: '4.2.2',
  total_week: '4.2.2',
  total_month: '4.2.2',
  total_year: '4.2.2',
  total_switches: '4.2.2',
  wattsec: '4.2.2',
  watthour: '4.2.2',
  max_current: '5.0.0',
  evse_connected: '5.0.0',
  uptime: '5.0.0',
};

/** The one key that went: replaced by `watthour` and `wattsec`. */
const UNTIL: Readonly<Partial<Record<StatusKey, OpenEvseProfile>>> = { wh: '4.2.2' };

export function statusKeys(set: StatusSet, profile: OpenEvseProfile): readonly StatusKey[] {
  return SETS[set].filter((key) => {
    const until = UNTIL[key];
    return atLeast(profile, SINCE[key] ?? '2.x') && (until === undefined || !atLeast(profile, until));
  });
}
