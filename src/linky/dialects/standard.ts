/** The documented tree: one value per topic as a bare number or a JSON object, load curves and status as JSON. */
import { toInstant, toLocalDate } from '../clock';
import { isRecord, type JsonRecord, type Payload, toNumber } from '../payload';
import { type CurveItem, guessInterval, MAX_ITEMS, placeItems, readInterval } from '../slots';
import { directionOf } from '../topics';
import type { CurveDataset, LinkyStatus, LinkyValue, ValueDataset } from '../types';
import { readCurveUnit } from '../unit';
import { divisorFor, periodOf, readPeriod, scaled, unitOf } from './periods';
import { type Reading, type Remark, reading, type Unreadable } from './reading';

/** A difference between hc + hp and the day is normal up to here: the split comes from the curve, the day from indexes. */
export const SPLIT_TOLERANCE = { kWh: 0.05, share: 0.02 } as const;

const DOMOTICZ_REMARK: Remark = {
  code: 'OTHER_DIALECT',
  text: 'the publisher uses its Domoticz format, which tells no unit and no date: set its format to json',
};

/** Longest tariff name kept. */
const MAX_TARIFF = 64;

export function readValue(pdl: string, dataset: ValueDataset, payload: Payload): Reading | Unreadable {
  switch (payload.kind) {
    case 'number':
      return reading('standard', {
        values: [bareValue(pdl, dataset, payload.value)],
        remarks: zeroRemarks(dataset, payload.value),
      });
    case 'object':
      return readValueObject(pdl, dataset, payload.body);
    case 'word':
      return { fault: `"${payload.word}" is no number` };
    case 'unreadable':
      return { fault: payload.reason };
  }
}

/** A bare number: the topic tells the meter and the unit, nothing tells the date. */
export function bareValue(pdl: string, dataset: ValueDataset, value: number): LinkyValue {
  return {
    pdl,
    direction: directionOf(dataset),
    dataset,
    date: null,
    value: value / (divisorFor(dataset, undefined, value) ?? 1),
    unit: unitOf(dataset),
    timestamp: null,
    tariff: null,
    hc: null,
    hp: null,
    format: 'simple',
  };
}

function readValueObject(pdl: string, dataset: ValueDataset, body: JsonRecord): Reading | Unreadable {
  if ('idx' in body && 'svalue' in body) return reading('standard', { remarks: [DOMOTICZ_REMARK] });
  const number = toNumber(body['value']);
  if (number === null) return { fault: '"value" is missing or no number' };
  const divisor = divisorFor(dataset, body['unit'], number);
  if (divisor === null) return { fault: `"unit" is not ${unitOf(dataset)}` };
  const { date, told } = readPeriod(dataset, body);
  const value: LinkyValue = {
    pdl,
    direction: directionOf(dataset),
    dataset,
    date,
    value: number / divisor,
    unit: unitOf(dataset),
    timestamp: toInstant(body['timestamp']),
    tariff: typeof body['tariff'] === 'string' ? body['tariff'].slice(0, MAX_TARIFF) : null,
    hc: scaled(body['hc'], divisor),
    hp: scaled(body['hp'], divisor),
    format: 'json',
  };
  const remarks: Remark[] = [...meterRemarks(pdl, body), ...splitRemarks(value), ...zeroRemarks(dataset, number)];
  if (told && date === null) remarks.push({ code: 'DATE_UNREADABLE', text: `the date is no ${periodOf(dataset)}` });
  return reading('standard', { values: [value], remarks });
}

/** The topic wins over the body; a mismatch is worth telling. */
export function meterRemarks(pdl: string, body: JsonRecord): Remark[] {
  const told = body['pdl'];
  if (told === undefined || told === null || told === pdl) return [];
  return [{ code: 'PDL_MISMATCH', text: `the body names another meter than the topic (${pdl}), which is kept` }];
}

/** A day of exactly 0 occurs where the source had none. */
function zeroRemarks(dataset: ValueDataset, value: number): Remark[] {
  if (dataset !== 'consumption/daily' || value !== 0) return [];
  return [{ code: 'ALL_ZERO', text: 'a day of exactly 0 kWh usually means that the reading is missing' }];
}

function splitRemarks({ value, hc, hp }: LinkyValue): Remark[] {
  if (hc === null || hp === null) return [];
  const gap = Math.abs(hc + hp - value);
  if (gap <= Math.max(SPLIT_TOLERANCE.kWh, value * SPLIT_TOLERANCE.share)) return [];
  return [{ code: 'SPLIT_GAP', text: `hc and hp differ from the day by ${gap.toFixed(3)} kWh` }];
}

export function readCurve(pdl: string, dataset: CurveDataset, payload: Payload): Reading | Unreadable {
  if (payload.kind === 'unreadable') return { fault: payload.reason };
  if (payload.kind !== 'object') return { fault: 'a load curve is a JSON object' };
  const { body } = payload;
  const { data } = body;
  if (!Array.isArray(data)) return { fault: '"data" is missing or no array' };
  if (data.length > MAX_ITEMS) return { fault: `${data.length} items are more than a day has` };
  const date = toLocalDate(body['date']);
  if (date === null) return { fault: '"date" is missing or no day' };
  const items = data.map(toItem);
  const interval = body['interval'] === undefined ? guessInterval(items) : readInterval(body['interval']);
  if (interval === null) return { fault: '"interval" is not 10, 15, 30 or 60 min' };
  const source = readCurveUnit(body['unit']);
  if (source === null && body['unit'] !== undefined && body['unit'] !== null) {
    return { fault: '"unit" is not kWh, kW, Wh or W' };
  }
  const { values, ignored } = placeItems(items, date, interval);
  if (ignored === items.length) return { fault: 'no item has a time of the day' };
  const remarks = [...meterRemarks(pdl, body), ...curveRemarks(dataset, values, ignored)];
  return reading('standard', {
    curves: [
      {
        raw: { pdl, dataset, date, interval, values },
        unit: source === null ? null : { source, decidedBy: 'payload' },
      },
    ],
    remarks,
  });
}

function toItem(item: unknown): CurveItem {
  if (!isRecord(item)) return { time: null, value: toNumber(item) };
  return { time: typeof item['time'] === 'string' ? item['time'] : null, value: toNumber(item['value']) };
}

/** What is odd about a placed curve. A fridge is never at 0 all day, while no production is normal. */
export function curveRemarks(dataset: CurveDataset, values: readonly (number | null)[], ignored: number): Remark[] {
  const remarks: Remark[] = [];
  if (ignored > 0) remarks.push({ code: 'SLOTS_IGNORED', text: `${ignored} items belong to no slot of the day` });
  if (dataset === 'consumption/detailed' && values.every((value) => value === 0)) {
    remarks.push({ code: 'ALL_ZERO', text: 'every slot is 0, which usually means that the readings are missing' });
  }
  return remarks;
}

export function readStatus(body: JsonRecord): LinkyStatus | null {
  const { status, errors } = body;
  if (typeof status !== 'string' || status === '') return null;
  const count = toNumber(body['pdl_count']);
  return {
    dataset: 'status',
    status,
    lastSync: toInstant(body['last_sync']),
    nextSync: toInstant(body['next_sync']),
    pdlCount: count,
    errors: Array.isArray(errors) ? (errors as unknown[]) : null,
    dialect: 'standard',
  };
}
