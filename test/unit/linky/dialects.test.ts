import assert from 'node:assert/strict';
import type { Accepted } from '../../../src/linky/reader';
import type { LinkyCurve, LinkyStatus, LinkyValue } from '../../../src/linky/types';
import { localMinute, slotCount } from '../../../src/linky/slots';
import { accept, BASE, label, newReader, OTHER_PDL, payloads, PDL } from './support';

const HA = `homeassistant/sensor/myelectricaldata_consumption/${PDL}`;
const summary = ({ messages }: Accepted): unknown[] =>
  messages.map(({ payload, dialect }) => {
    const { dataset, date, value } = payload as LinkyValue;
    return [dialect, dataset, date, value];
  });
const codes = ({ notices }: Accepted): string[] => notices.map(({ code }) => code);

describe('linky dialects', () => {
  it('matrix 9: stats are the previous day, the month and the year of their timestamp', () => {
    const accepted = accept(newReader(), `${BASE}/consumption/stats`, payloads['clientStats']);
    assert.deepEqual(summary(accepted), [
      ['client', 'consumption/daily', '2025-02-03', 11.48],
      ['client', 'consumption/month', '2025-02', 34.91],
      ['client', 'consumption/year', '2025', 412.73],
    ]);
    assert.deepEqual(codes(accepted), ['OTHER_DIALECT']);
    assert.equal((accepted.messages[0]!.payload as LinkyValue).timestamp, null, 'no offset, no instant');
  });

  it('matrix 9: a total of 0 in stats means unknown', () => {
    const reader = newReader();
    const body = { ...(payloads['clientStats'] as object), yesterday_kwh: 0, this_month_kwh: 0 };
    assert.deepEqual(summary(accept(reader, `${BASE}/production/stats`, body)), [
      ['client', 'production/year', '2025', 412.73],
    ]);
    const none = accept(newReader(), `${BASE}/consumption/stats`, { pdl: PDL, timestamp: 'x', yesterday_kwh: 0 });
    assert.deepEqual(none.messages, []);
    assert.deepEqual(codes(none), ['OTHER_DIALECT', 'NO_VALUE']);
    assert.equal(accept(newReader(), `${BASE}/consumption/stats`, { pdl: PDL }).faults.length, 1);
  });

  it('matrix 9: on 1 January the previous day lies in the old year', () => {
    const body = { ...(payloads['clientStats'] as object), timestamp: '2025-01-01T08:00:00' };
    const [day] = summary(accept(newReader(), `${BASE}/consumption/stats`, body));
    assert.deepEqual(day, ['client', 'consumption/daily', '2024-12-31', 11.48]);
  });

  it('matrix 9: a daily batch in Wh on the documented topic', () => {
    const body = {
      ...(payloads['clientDailyBatch'] as object),
      data: [
        { date: '2025-02-02', value: 9000 },
        { date: '2025-02-03', value: 11482 },
        { date: 'never', value: 5 },
        { date: '2025-02-01', value: null },
      ],
    };
    assert.deepEqual(summary(accept(newReader(), `${BASE}/consumption/daily`, body)), [
      ['client', 'consumption/daily', '2025-02-02', 9],
      ['client', 'consumption/daily', '2025-02-03', 11.482],
    ]);
    assert.equal(accept(newReader(), `${BASE}/consumption/daily`, { ...body, data: [] }).faults.length, 1);
  });

  it('matrix 9: a detailed batch in W, split into its days', () => {
    const rows = ['2025-03-29', '2025-03-30', '2025-03-31'].flatMap((date) =>
      Array.from({ length: slotCount(date, 30) }, (_, i) => ({
        date: `${date}T${label(localMinute(date, 30, i + 1) - 30)}:00`,
        value: 100 + i,
      })),
    );
    const body = { pdl: PDL, granularity: 'detailed', records: rows.length, data: rows, timestamp: 'x' };
    const { messages } = accept(newReader(), `${BASE}/consumption/detailed`, body);
    const curves = messages.map(({ payload }) => payload as LinkyCurve);
    assert.deepEqual(
      curves.map(({ date, coverage, unit }) => [date, coverage.slots, coverage.expected, unit.source, unit.decidedBy]),
      [
        ['2025-03-29', 48, 48, 'W', 'payload'],
        ['2025-03-30', 46, 46, 'W', 'payload'],
        ['2025-03-31', 48, 48, 'W', 'payload'],
      ],
    );
    assert.deepEqual(
      curves[1]!.slots.map(({ power }) => power),
      Array.from({ length: 46 }, (_, i) => 100 + i),
    );
  });

  it('matrix 9: the JSON status "online", after an export and after a connection test', () => {
    const reader = newReader();
    const accepted = accept(reader, 'myelectricaldata/status', payloads['clientStatus']);
    assert.deepEqual(accepted.messages[0]!.payload, {
      dataset: 'status',
      status: 'online',
      lastSync: null,
      nextSync: null,
      pdlCount: 1,
      errors: null,
      dialect: 'client',
    });
    assert.deepEqual(codes(accepted), ['OTHER_DIALECT']);
    const test = accept(reader, 'myelectricaldata/status', { status: 'online', timestamp: '2025-02-04T08:12:09' });
    assert.equal((test.messages[0]!.payload as LinkyStatus).pdlCount, null);
    assert.deepEqual(codes(test), [], 'said once');
  });

  it('matrix 9: the bare word "online" on the same topic', () => {
    const accepted = accept(newReader(), 'myelectricaldata/status', 'online', true);
    const status = accepted.messages[0]!.payload as LinkyStatus;
    assert.deepEqual([status.status, status.lastSync, status.dialect], ['online', null, 'home-assistant']);
    assert.deepEqual(codes(accepted), ['OTHER_DIALECT']);
    for (const word of ['5', 'None', 'hello', '', '{}', '[]']) {
      assert.equal(accept(newReader(), 'myelectricaldata/status', word).faults.length, 1, word);
    }
  });

  it('matrix 9: Home Assistant attributes tell date and Wh, the state is then left out', () => {
    const reader = newReader();
    assert.deepEqual(summary(accept(reader, `${HA}/attributes`, payloads['homeAssistantAttributes'])), [
      ['home-assistant', 'consumption/daily', '2025-02-03', 11.482],
    ]);
    assert.deepEqual(accept(reader, `${HA}/state`, '11.48').messages, []);
    const restarted = newReader({}, JSON.parse(JSON.stringify(reader.exportState())));
    assert.deepEqual(accept(restarted, `${HA}/state`, '11.48', true).messages, []);
  });

  it('matrix 9: a Home Assistant state without attributes is told without a date', () => {
    const topic = `homeassistant/sensor/myelectricaldata_production/${PDL}/state`;
    assert.deepEqual(summary(accept(newReader(), topic, '3.2')), [['home-assistant', 'production/daily', null, 3.2]]);
    assert.equal(accept(newReader(), topic, 'unknown').faults.length, 1);
    const bare = accept(newReader(), `${HA}/attributes`, { unit: 'kWh' });
    assert.deepEqual([bare.messages, codes(bare)], [[], ['NO_VALUE']]);
  });

  it('matrix 9: another discovery prefix, and none', () => {
    const topic = `ha/sensor/myelectricaldata_consumption/${PDL}/state`;
    assert.equal(accept(newReader({ discoveryPrefix: 'ha' }), topic, '3').messages.length, 1);
    assert.equal(accept(newReader({ discoveryPrefix: '' }), topic, '3').messages.length, 0);
    assert.equal(accept(newReader({ pdl: OTHER_PDL }), `${HA}/state`, '3').messages.length, 0);
  });

  const importer: [string, string, unknown[]][] = [
    ['consumption/annual/2024/thisYear/base/kWh', '4200.5', ['importer', 'consumption/year', '2024', 4200.5]],
    ['consumption/annual/current/thisYear/base/kWh', '412.7', ['importer', 'consumption/year', null, 412.7]],
    ['consumption/annual/current/thisMonth/base/kWh', '34.9', ['importer', 'consumption/month', null, 34.9]],
    ['production/annual/2024/month/3/base/kWh', '88', ['importer', 'production/month', '2024-03', 88]],
    ['consumption/annual/current/month/3/base/kWh', '88', ['importer', 'consumption/month', null, 88]],
    ['consumption/annual/current/week/Monday/base/kWh', '11.4', ['importer', 'consumption/daily', null, 11.4]],
    ['consumption/annual/current/week/Monday/hc/kWh', '4.1', ['importer', 'consumption/daily/hc', null, 4.1]],
    ['power_max/Monday/value', '5270', ['importer', 'max_power', null, 5.27]],
    ['power_max/Monday/value', '45', ['importer', 'max_power', null, 0.045]],
  ];
  for (const [tail, text, expected] of importer) {
    it(`matrix 9: the older importer's ${tail}`, () => {
      assert.deepEqual(summary(accept(newReader(), `${BASE}/${tail}`, text)), [expected]);
    });
  }

  it('matrix 9: weekdays of the importer do not pass for one another', () => {
    const reader = newReader();
    const count = (day: string, kWh: string): number =>
      accept(reader, `${BASE}/consumption/annual/current/week/${day}/base/kWh`, kWh).messages.length;
    assert.deepEqual(
      [count('Monday', '5'), count('Tuesday', '6'), count('Monday', '5'), count('Tuesday', '6')],
      [1, 1, 0, 0],
    );
    assert.equal(accept(reader, `${BASE}/consumption/annual/current/week/Monday/base/kWh`, 'None').faults.length, 1);
  });

  it('the Domoticz format is named, not guessed at', () => {
    const accepted = accept(newReader(), `${BASE}/consumption/daily`, { idx: 1, nvalue: 0, svalue: '11482;0' });
    assert.deepEqual([accepted.messages, accepted.faults, codes(accepted)], [[], [], ['OTHER_DIALECT']]);
  });
});
