/**
 * The Home Assistant exporter of the local client 1.22: per entity a bare `state` without a date, and `attributes` with
 * `date` and `value_wh`. It writes the bare word `online` to the status topic and never takes it back.
 */
import { toLocalDate } from '../clock';
import { type Payload, toNumber } from '../payload';
import type { Direction, LinkyStatus } from '../types';
import { type Reading, reading, type Remark, type Unreadable } from './reading';
import { bareValue, readValue } from './standard';

const STATUS_REMARK: Remark = {
  code: 'OTHER_DIALECT',
  text: 'the publisher is the Home Assistant exporter of the local client: its "online" is never taken back, and it ignores commands',
};

/** The previous day's kWh, without its date. */
export function readState(pdl: string, direction: Direction, payload: Payload): Reading | Unreadable {
  const read = readValue(pdl, `${direction}/daily`, payload);
  return 'fault' in read ? read : { ...read, dialect: 'home-assistant' };
}

export function readAttributes(pdl: string, direction: Direction, payload: Payload): Reading | Unreadable {
  if (payload.kind !== 'object') {
    return { fault: payload.kind === 'unreadable' ? payload.reason : 'attributes are a JSON object' };
  }
  const date = toLocalDate(payload.body['date']);
  const energy = toNumber(payload.body['value_wh']);
  if (date === null || energy === null) {
    const text = 'the attributes tell no date and value_wh: only the state, without a date, can be used';
    return reading('home-assistant', { remarks: [{ code: 'NO_VALUE', text }] });
  }
  const value = { ...bareValue(pdl, `${direction}/daily`, energy / 1_000), date, format: 'json' as const };
  return reading('home-assistant', { values: [value] });
}

const STATUS_WORDS: ReadonlySet<string> = new Set(['online', 'offline']);

export function readStatusWord(word: string): Reading | Unreadable {
  if (!STATUS_WORDS.has(word)) return { fault: `"${word}" is no known status` };
  const status: LinkyStatus = {
    dataset: 'status',
    status: word,
    lastSync: null,
    nextSync: null,
    pdlCount: null,
    errors: null,
    dialect: 'home-assistant',
  };
  return reading('home-assistant', { status, remarks: [STATUS_REMARK] });
}
