import assert from 'node:assert/strict';
import * as grammar from '../../../../src/simulators/evcc/grammar';

const REFUSED = Symbol('refused');

function outcome<T>(parse: grammar.Parser<T>, payload: string): T | typeof REFUSED {
  const parsed = parse(payload);
  return parsed ? parsed.value : REFUSED;
}

const time = Date.parse('2026-11-21T16:34:36Z') / 1000;
const plan = (value: number, at: number | null = time): grammar.Plan => ({ value, time: at });

const CASES: Readonly<
  Record<string, { parse: grammar.Parser<unknown>; accepted: readonly [string, unknown][]; refused: readonly string[] }>
> = {
  int: {
    parse: grammar.int,
    accepted: [
      ['80', 80],
      ['+80', 80],
      ['-5', -5],
      ['007', 7],
      ['-0', 0],
    ],
    refused: ['80.0', '80 %', ' 80', '80 ', '1e1', '0x10', '1_0', '', '+', '99999999999999999999'],
  },
  float: {
    parse: grammar.float,
    accepted: [
      ['12.5', 12.5],
      ['.5e2', 50],
      ['1_6', 16],
      ['0x10p0', 16],
      ['0x1.8p1', 3],
      ['-0X1p-1', -0.5],
      ['5.', 5],
      ['+1E1', 10],
    ],
    refused: [
      '12,5',
      ' 1',
      '1 ',
      'NaN',
      'Inf',
      '+Inf',
      'infinity',
      '1e999',
      '0x10',
      '_1',
      '1_',
      '1__6',
      '1_.5',
      '.',
      'e5',
      '',
      '1.2.3',
      '0xp1',
    ],
  },
  'float or none': {
    parse: grammar.floatOrNone,
    accepted: [
      ['0.25', 0.25],
      ['0', 0],
      ['-', null],
      ['nil', null],
      ['null', null],
      ['none', null],
    ],
    refused: ['None', 'NULL', 'off', ''],
  },
  bool: {
    parse: grammar.bool,
    accepted: [
      ...['1', 't', 'T', 'true', 'True', 'TRUE'].map((word) => [word, true] as const),
      ...['0', 'f', 'F', 'false', 'False', 'FALSE'].map((word) => [word, false] as const),
    ].map(([word, value]) => [word, value]),
    refused: ['on', 'off', 'yes', '2', 'tRUE', ' true', ''],
  },
  'battery mode': {
    parse: grammar.batteryMode,
    accepted: [
      ['hold', 'hold'],
      ['HoldCharge', 'holdcharge'],
      ['unknown', 'unknown'],
      ['none', 'unknown'],
      ['-', 'unknown'],
    ],
    refused: ['bogus', 'None', '"hold"', '1', 'hold '],
  },
  vehicle: {
    parse: grammar.nameOrNone,
    accepted: [
      ['golf', 'golf'],
      ['nil', null],
      ['none', null],
      ['NONE', 'NONE'],
    ],
    refused: [],
  },
  'SoC plan': {
    parse: grammar.socPlan,
    accepted: [
      ['{"time":"2026-11-21T16:34:36Z","value":80}', plan(80)],
      ['{"TIME":"2026-11-21T18:34:36.987+02:00","Value":80,"other":1}', plan(80)],
      ['null', plan(0, null)],
      ['{}', plan(0, null)],
      ['{"value":0}', plan(0, null)],
      ['{"value":80}', plan(80, null)],
      ['{"time":null,"value":null}', plan(0, null)],
    ],
    refused: [
      '{"time":"2026-11-21T16:34:36Z","value":80.5}',
      '{"time":"2026-11-21T16:34:36Z","value":80.0}',
      '{"time":"2026-11-21T16:34:36Z","value":"80"}',
      '{"time":1795278876,"value":80}',
      '{"time":"2026-11-21 16:34:36","value":80}',
      '{"time":"2026-11-21T16:34:36","value":80}',
      '{"time":"2026-02-30T16:34:36Z","value":80}',
      '{"time":"2026-11-21T24:00:00Z","value":80}',
      'none',
      '-',
      '80',
      '[]',
      '"null"',
      '{',
      '',
    ],
  },
  'energy plan': {
    parse: grammar.energyPlan,
    accepted: [['{"time":"2026-11-21T16:34:36Z","value":7.5}', plan(7.5)]],
    refused: ['{"time":"2026-11-21T16:34:36Z","value":"7.5"}', 'none'],
  },
  strategy: {
    parse: grammar.strategy,
    accepted: [
      ['{"continuous":true,"precondition":1800}', { continuous: true, precondition: 1800 }],
      ['{"Precondition":900}', { continuous: false, precondition: 900 }],
      ['{}', { continuous: false, precondition: 0 }],
      ['null', { continuous: false, precondition: 0 }],
    ],
    refused: ['{"precondition":1.5}', '{"continuous":"true"}', '{"precondition":"1800"}', '[]', 'true', ''],
  },
};

describe('evcc simulator: grammar of set payloads', () => {
  for (const [kind, { parse, accepted, refused }] of Object.entries(CASES)) {
    for (const [payload, value] of accepted) {
      it(`${kind} takes ${payload}`, () => assert.deepEqual(outcome(parse, payload), value));
    }
    for (const payload of refused) {
      it(`${kind} refuses ${JSON.stringify(payload)}`, () => assert.equal(outcome(parse, payload), REFUSED));
    }
  }
});
