import assert from 'node:assert/strict';
import { DATASETS } from '../../../src/linky/types';
import {
  accept,
  curveOf,
  DAILY,
  DETAILED,
  newReader,
  only,
  OTHER_PDL,
  BASE,
  payloads,
  PDL,
  valueOf,
  VALUES,
} from './support';

describe('linky reader', () => {
  for (const [dataset, body] of Object.entries(VALUES)) {
    for (const retained of [false, true]) {
      it(`matrix 1: ${dataset} as json, retained ${retained}`, () => {
        const accepted = accept(newReader(), `${BASE}/${dataset}`, body, retained);
        const { value: number, date, timestamp, unit } = body as Record<string, unknown>;
        const { tariff = null, hc = null, hp = null } = body as Record<string, unknown>;
        const direction = dataset.startsWith('production') ? 'production' : 'consumption';
        assert.deepEqual(only(accepted), {
          pdl: PDL,
          direction,
          dataset,
          date,
          value: number,
          unit,
          timestamp,
          tariff,
          hc,
          hp,
          format: 'json',
        });
        assert.equal(accepted.messages[0]!.topic, `${BASE}/${dataset}`);
        assert.equal(accepted.messages[0]!.retain, retained);
        assert.equal(accepted.messages[0]!.dialect, 'standard');
      });

      it(`matrix 1: ${dataset} as simple, retained ${retained}`, () => {
        const read = valueOf(accept(newReader(), `${BASE}/${dataset}`, ' 5.27\n', retained));
        assert.equal(read.value, 5.27);
        assert.equal(read.unit, dataset === 'max_power' ? 'kVA' : 'kWh');
        assert.equal(read.date, null);
        assert.equal(read.timestamp, null);
        assert.equal(read.pdl, PDL);
        assert.equal(read.format, 'simple');
      });
    }
  }

  it('matrix 1: the load curve example, three quarters of the day missing', () => {
    const read = curveOf(accept(newReader(), DETAILED, payloads['detailed']));
    assert.deepEqual(read.coverage, { slots: 2, expected: 48 });
    assert.deepEqual(read.slots[0], {
      start: '2025-02-02T23:00:00.000Z',
      end: '2025-02-02T23:30:00.000Z',
      energy: 0.151,
      power: 302,
    });
    assert.equal(read.slots[2]!.energy, null);
    assert.equal(read.slots[2]!.power, null);
    assert.equal(read.total, 0.3);
  });

  it('matrix 1: the status example', () => {
    assert.deepEqual(only(accept(newReader(), 'myelectricaldata/status', payloads['status'])), {
      dataset: 'status',
      status: 'ok',
      lastSync: '2025-02-04T07:12:09Z',
      nextSync: '2025-02-04T08:12:09Z',
      pdlCount: 1,
      errors: [],
      dialect: 'standard',
    });
  });

  for (const retained of [false, true]) {
    for (const direction of ['consumption', 'production']) {
      it(`matrix 1: ${direction}/detailed, json in either format, retained ${retained}`, () => {
        const accepted = accept(newReader(), `${BASE}/${direction}/detailed`, payloads['detailed'], retained);
        const read = curveOf(accepted);
        assert.deepEqual(
          [read.pdl, read.direction, read.dataset, read.date, read.interval, read.total],
          [PDL, direction, `${direction}/detailed`, '2025-02-03', 30, 0.3],
        );
        assert.deepEqual([accepted.messages[0]!.retain, accepted.messages[0]!.dialect], [retained, 'standard']);
      });
    }

    it(`matrix 1: status, json in either format, retained ${retained}`, () => {
      const accepted = accept(newReader(), 'myelectricaldata/status', payloads['status'], retained);
      assert.equal(only(accepted).dataset, 'status');
      assert.deepEqual([accepted.messages[0]!.retain, accepted.messages[0]!.dialect], [retained, 'standard']);
    });
  }

  it('matrix 1: two meters are told apart', () => {
    const reader = newReader();
    assert.equal(valueOf(accept(reader, DAILY, '5')).pdl, PDL);
    assert.equal(valueOf(accept(reader, `myelectricaldata/${OTHER_PDL}/consumption/daily`, '5')).pdl, OTHER_PDL);
  });

  it('matrix 1: only the wanted datasets are told', () => {
    const reader = newReader({ datasets: ['consumption/month'] });
    assert.equal(accept(reader, DAILY, payloads['daily']).messages.length, 0);
    assert.equal(accept(reader, `${BASE}/consumption/month`, payloads['month']).messages.length, 1);
  });

  const numbers: [string, number][] = [
    ['11.482', 11.482],
    ['+1.5', 1.5],
    ['-0.5', -0.5],
    ['.5', 0.5],
    ['5.', 5],
    ['1.2e1', 12],
    ['  7\r\n', 7],
    ['0', 0],
    ['\ufeff3.2', 3.2],
  ];
  for (const [text, expected] of numbers) {
    it(`reads the bare number ${JSON.stringify(text)}`, () => {
      assert.equal(valueOf(accept(newReader(), DAILY, text)).value, expected);
    });
  }

  it('all datasets have a test of their own', () => {
    assert.deepEqual(
      DATASETS.filter((dataset) => !(dataset in VALUES)),
      ['consumption/detailed', 'production/detailed', 'status'],
    );
  });
});
