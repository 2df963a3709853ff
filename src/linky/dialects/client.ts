/**
 * The MQTT exporter of the local client 1.22: totals in one `stats` object, batches in Wh and W, its own status. It
 * publishes on a manual export only, its timestamps have no offset, and a total that it does not know reads 0.
 */
import { addDays, toInstant, toLocalDate } from '../clock';
import { isRecord, type JsonRecord, type Payload, toNumber } from '../payload';
import { type CurveItem, guessInterval, MAX_ITEMS, placeItems } from '../slots';
import { directionOf } from '../topics';
import type { CurveDataset, Direction, LinkyStatus, LinkyValue, ValueDataset } from '../types';
import { type ReadCurve, type Reading, reading, type Remark, type Unreadable } from './reading';
import { curveRemarks, meterRemarks } from './standard';

/** Three years of days, or of half hours with the clock changes. */
const MAX_DAYS = 1_200;
const MAX_READINGS = 60_000;

export const CLIENT_REMARK: Remark = {
  code: 'OTHER_DIALECT',
  text: 'the publisher is the local client 1.22 or newer: it publishes on a manual export only and ignores commands',
};

function dayTotal(pdl: string, dataset: ValueDataset, date: string | null, value: number): LinkyValue {
  return {
    pdl,
    direction: directionOf(dataset),
    dataset,
    date,
    value,
    unit: 'kWh',
    timestamp: null,
    tariff: null,
    hc: null,
    hp: null,
    format: 'json',
  };
}

/** `yesterday_kwh` is the day before the (host-local) timestamp's date, the other totals are those of its month and year. */
export function readStats(pdl: string, direction: Direction, payload: Payload): Reading | Unreadable {
  if (payload.kind !== 'object')
    return { fault: payload.kind === 'unreadable' ? payload.reason : 'stats are a JSON object' };
  const { body } = payload;
  const told = body['timestamp'];
  const exported = typeof told === 'string' ? toLocalDate(told) : null;
  const timestamp = toInstant(told);
  const totals = [
    ['daily', 'yesterday_kwh', exported && addDays(exported, -1)],
    ['month', 'this_month_kwh', exported?.slice(0, 7) ?? null],
    ['year', 'this_year_kwh', exported?.slice(0, 4) ?? null],
  ] as const;
  if (!totals.some(([, key]) => key in body)) return { fault: 'stats without any of their totals' };
  const values = totals.flatMap(([period, key, date]) => {
    const value = toNumber(body[key]);
    return value === null || value === 0
      ? []
      : [{ ...dayTotal(pdl, `${direction}/${period}`, date, value), timestamp }];
  });
  const remarks: Remark[] = [CLIENT_REMARK, ...meterRemarks(pdl, body)];
  if (values.length === 0)
    remarks.push({ code: 'NO_VALUE', text: 'every total is 0, which this publisher uses for unknown' });
  return reading('client', { values, remarks });
}

/** Recognised by its array: the documented `daily` has a `value` instead. */
export function isBatch(payload: Payload): payload is Payload & { kind: 'object' } {
  return payload.kind === 'object' && Array.isArray(payload.body['data']) && 'granularity' in payload.body;
}

/** `[{date: YYYY-MM-DD, value: Wh}]` */
export function readDailyBatch(pdl: string, dataset: ValueDataset, body: JsonRecord): Reading | Unreadable {
  const rows = rowsOf(body);
  if (rows.length > MAX_DAYS) return { fault: `a batch of ${rows.length} days is more than ${MAX_DAYS}` };
  const values = rows.flatMap((row) => {
    const date = toLocalDate(row['date']);
    const value = toNumber(row['value']);
    return date === null || value === null ? [] : [dayTotal(pdl, dataset, date, value / 1_000)];
  });
  if (values.length === 0) return { fault: 'a batch without any readable day' };
  return reading('client', { values, remarks: [CLIENT_REMARK, ...meterRemarks(pdl, body)] });
}

/** `[{date: YYYY-MM-DDTHH:MM:00, value: W}]`, several days in one array. */
export function readCurveBatch(pdl: string, dataset: CurveDataset, body: JsonRecord): Reading | Unreadable {
  const rows = rowsOf(body);
  if (rows.length > MAX_READINGS) return { fault: `a batch of ${rows.length} readings is more than ${MAX_READINGS}` };
  const days = new Map<string, CurveItem[]>();
  for (const row of rows) {
    const label = row['date'];
    const date = toLocalDate(label);
    if (typeof label !== 'string' || date === null) continue;
    const item = { time: label.slice(11, 16), value: toNumber(row['value']) };
    const items = days.get(date);
    if (items) items.push(item);
    else days.set(date, [item]);
  }
  const remarks: Remark[] = [CLIENT_REMARK, ...meterRemarks(pdl, body)];
  const curves = [...days].flatMap(([date, items]): ReadCurve[] => {
    if (items.length > MAX_ITEMS) return [];
    const interval = guessInterval(items);
    const { values, ignored } = placeItems(items, date, interval);
    remarks.push(...curveRemarks(dataset, values, ignored));
    if (ignored === items.length) return [];
    return [{ raw: { pdl, dataset, date, interval, values }, unit: { source: 'W', decidedBy: 'payload' } }];
  });
  return curves.length === 0 ? { fault: 'a batch without any readable day' } : reading('client', { curves, remarks });
}

function rowsOf(body: JsonRecord): JsonRecord[] {
  const { data } = body;
  return Array.isArray(data) ? data.filter(isRecord) : [];
}

/** `{status: "online", last_export, pdls_exported}` after an export, `{status: "online", timestamp}` after a test. */
export function isClientStatus(body: JsonRecord): boolean {
  return body['status'] === 'online' && !('last_sync' in body);
}

export function readClientStatus(body: JsonRecord): Reading {
  const status: LinkyStatus = {
    dataset: 'status',
    status: 'online',
    lastSync: toInstant(body['last_export']),
    nextSync: null,
    pdlCount: toNumber(body['pdls_exported']),
    errors: null,
    dialect: 'client',
  };
  return reading('client', { status, remarks: [CLIENT_REMARK] });
}
