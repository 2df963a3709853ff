/** What the Linky tests share: payloads, messages, curves, a seeded random number generator. */
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import type { Message } from '../../../src/mqtt/types';
import { buildCurve } from '../../../src/linky/curve';
import { type Accepted, LinkyReader, type LinkyReaderOptions } from '../../../src/linky/reader';
import { localMinute, slotCount } from '../../../src/linky/slots';
import type { LinkyCurve, LinkyPayload, LinkyValue } from '../../../src/linky/types';

export const PDL = '09876543210123';
export const OTHER_PDL = '12345678901234';
export const NOW = Date.parse('2025-02-04T09:00:00Z');

/** The topics of the meter. */
export const BASE = `myelectricaldata/${PDL}`;
export const DAILY = `${BASE}/consumption/daily`;
export const DETAILED = `${BASE}/consumption/detailed`;

/** A winter day of 24 hours. */
export const DAY = '2025-02-03';

export const payloads = JSON.parse(
  fs.readFileSync(path.join(process.cwd(), 'test/fixtures/linky/payloads.json'), 'utf8'),
) as Record<string, unknown>;

/** A documented JSON body of each dataset with a single value. */
export const VALUES: Record<string, unknown> = {
  'consumption/daily': payloads['daily'],
  'consumption/daily/hc': payloads['part'],
  'consumption/daily/hp': payloads['part'],
  'consumption/month': payloads['month'],
  'consumption/year': payloads['year'],
  max_power: payloads['maxPower'],
  'production/daily': payloads['part'],
  'production/month': payloads['month'],
  'production/year': payloads['year'],
};

export function message(topic: string, payload: unknown, retained = false): Message {
  const text = typeof payload === 'string' ? payload : JSON.stringify(payload);
  return { topic, payload: Buffer.from(text), retained, qos: 1 };
}

export function newReader(options: Partial<LinkyReaderOptions> = {}, stored?: unknown): LinkyReader {
  return new LinkyReader(
    {
      prefix: 'myelectricaldata',
      discoveryPrefix: 'homeassistant',
      pdl: '',
      datasets: [],
      detailedUnit: 'auto',
      onlyNew: true,
      ...options,
    },
    stored,
  );
}

export const accept = (reader: LinkyReader, topic: string, payload: unknown, retained = false): Accepted =>
  reader.accept(message(topic, payload, retained), NOW);
/** The payload of the only message of a topic that could be read. */
export const only = (accepted: Accepted): LinkyPayload => {
  assert.deepEqual(accepted.faults, []);
  assert.equal(accepted.messages.length, 1);
  return accepted.messages[0]!.payload;
};
export const valueOf = (accepted: Accepted): LinkyValue => only(accepted) as LinkyValue;
export const curveOf = (accepted: Accepted): LinkyCurve => only(accepted) as LinkyCurve;

export const label = (minute: number): string =>
  `${String(Math.floor(minute / 60)).padStart(2, '0')}:${String(minute % 60).padStart(2, '0')}`;

/** A documented `detailed` payload with true start labels. */
export function detailed(date: string, value: (index: number) => unknown, interval = 30, extra: object = {}): object {
  const data = Array.from({ length: slotCount(date, interval) }, (_, i) => ({
    time: label(localMinute(date, interval, i)),
    value: value(i),
  }));
  return { date, pdl: PDL, interval: `${interval}min`, data, ...extra };
}

/** A load curve in W. */
export function curve(date: string, watts: (index: number) => number | null, interval = 30): LinkyCurve {
  const values = Array.from({ length: slotCount(date, interval) }, (_, i) => watts(i));
  return buildCurve(
    { pdl: PDL, dataset: 'consumption/detailed', date, interval, values },
    { source: 'W', decidedBy: 'payload' },
  );
}

export function daily(date: string | null, value: number, parts: Partial<LinkyValue> = {}): LinkyValue {
  return {
    pdl: PDL,
    direction: 'consumption',
    dataset: 'consumption/daily',
    date,
    value,
    unit: 'kWh',
    timestamp: null,
    tariff: null,
    hc: null,
    hp: null,
    format: 'json',
    ...parts,
  };
}

/** Mulberry32: the same numbers for the same seed. */
export function random(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}
