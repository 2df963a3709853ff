import assert from 'node:assert/strict';
import type { LinkyCurve, LinkyValue } from '../../../src/linky/types';
import { accept, DAILY, DAY, DETAILED, detailed, newReader, BASE, payloads } from './support';

describe('linky reader: what is new', () => {
  it('matrix 5: an older date after a newer one is new; a repeated one is not; a changed one is', () => {
    const reader = newReader();
    const send = (date: string, kWh: number): number => accept(reader, DAILY, { value: kWh, date }).messages.length;
    assert.deepEqual(
      [send('2025-02-03', 5), send('2025-02-01', 5), send('2025-02-03', 5), send('2025-02-01', 5)],
      [1, 1, 0, 0],
    );
    assert.deepEqual([send('2025-02-01', 6), send('2025-02-01', 6)], [1, 0]);
  });

  it('matrix 5: a month before its day, a duplicate delivery, and every message with onlyNew off', () => {
    const reader = newReader();
    assert.equal(accept(reader, `${BASE}/consumption/month`, payloads['month']).messages.length, 1);
    assert.equal(accept(reader, DAILY, payloads['daily']).messages.length, 1);
    assert.equal(accept(reader, DAILY, payloads['daily']).messages.length, 0);
    const all = newReader({ onlyNew: false });
    assert.equal(accept(all, DAILY, payloads['daily']).messages.length, 1);
    assert.equal(accept(all, DAILY, payloads['daily']).messages.length, 1);
  });

  it('matrix 5: a simple value has no date, so only a changed value is new', () => {
    const reader = newReader();
    const count = (text: string): number => accept(reader, DAILY, text).messages.length;
    assert.deepEqual([count('5'), count('5.0'), count('6'), count('5')], [1, 0, 1, 1]);
  });

  it('matrix 10: retained replays after a broker restart are not new', () => {
    const reader = newReader();
    const all = [
      [DAILY, payloads['daily']],
      [DETAILED, detailed(DAY, () => 0.2)],
      ['myelectricaldata/status', payloads['status']],
      [`${BASE}/max_power`, '5.27'],
    ] as const;
    for (const [topic, body] of all) assert.equal(accept(reader, topic, body).messages.length, 1);
    for (const [topic, body] of all) assert.deepEqual(accept(reader, topic, body, true).messages, []);
  });

  it('matrix 10: nor after a restart of our own, with the stored state', () => {
    const reader = newReader();
    accept(reader, DAILY, payloads['daily']);
    accept(
      reader,
      DETAILED,
      detailed(DAY, (i) => 300 + i),
    );
    const stored: unknown = JSON.parse(JSON.stringify(reader.exportState()));
    const restarted = newReader({}, stored);
    assert.deepEqual(accept(restarted, DAILY, payloads['daily'], true).messages, []);
    assert.deepEqual(
      accept(
        restarted,
        DETAILED,
        detailed(DAY, (i) => 300 + i),
        true,
      ).messages,
      [],
    );
    assert.equal(restarted.known().length, 2, 'but they are known again');
    assert.equal(accept(restarted, DAILY, { ...(payloads['daily'] as object), value: 12 }).messages.length, 1);
  });

  it('matrix 10: a curve that waits for its daily total waits across a restart', () => {
    const reader = newReader();
    accept(
      reader,
      DETAILED,
      detailed(DAY, () => 0.4),
    );
    const restarted = newReader({}, JSON.parse(JSON.stringify(reader.exportState())));
    const { messages } = accept(restarted, DAILY, { value: 9.6, date: DAY });
    assert.equal(messages[1]!.corrected, true);
    assert.equal((messages[1]!.payload as LinkyCurve).unit.source, 'kW');
    const told = newReader({ detailedUnit: 'kWh' }, JSON.parse(JSON.stringify(reader.exportState())));
    assert.equal(accept(told, DAILY, { value: 9.6, date: DAY }).messages.length, 1, 'unless the unit is told since');
  });

  it('a stored state of any shape is survived', () => {
    for (const stored of [
      null,
      5,
      'x',
      [],
      {},
      { version: 1, seen: [[1, 2], 'x', null], pending: [['k', {}]], dated: [1] },
    ]) {
      assert.equal(accept(newReader({}, stored), DAILY, '5').messages.length, 1);
    }
  });

  it('known() is the last reading of each topic', () => {
    const reader = newReader();
    accept(reader, DAILY, '5');
    accept(reader, DAILY, '6');
    accept(reader, `${BASE}/max_power`, '5');
    assert.deepEqual(
      reader.known().map(({ payload }) => (payload as LinkyValue).value),
      [6, 5],
    );
  });
});
