/** The traffic of a running evcc 0.313.2 with three loadpoints, step by step. */
import assert from 'node:assert/strict';
import { evcc } from '../../../src/chargers/evcc';
import { SETTERS } from '../../../src/chargers/evcc/setters';
import { EXCHANGES, picked, REWORDED, STATUSES } from '../../support/recorded-evcc';
import { Loadpoint, T0, codeOf, conclude, recording } from './support';

const rows = recording();

/** A loadpoint that heard everything up to a moment of the recording (ms). */
function at(ms: number, index = 1): Loadpoint {
  const lp = new Loadpoint({ baseTopic: `evcc/loadpoints/${index}` });
  for (const row of rows) {
    if (row.at > ms) break;
    lp.now = T0 + row.at;
    lp.fold(row);
  }
  lp.now = T0 + ms;
  return lp;
}

describe('the recorded traffic of evcc 0.313.2', () => {
  for (const [why, ms, index, expected] of STATUSES) {
    it(`loadpoint ${index} at ${ms} ms: ${why}`, () => {
      assert.deepEqual(picked(at(ms, index).status(), expected), expected);
    });
  }

  it('was last heard at 58,129 ms, a minute after the start', () => {
    assert.equal(at(60_000).status().lastSeen, new Date(T0 + 58_129).toISOString());
  });

  it('has no unreadable message', () => {
    for (const index of [1, 2, 3]) {
      const lp = at(-1, index);
      for (const row of rows) {
        lp.now = T0 + row.at;
        lp.fold(row);
        assert.deepEqual([...evcc.faults(lp.native)], []);
      }
    }
  });

  it('leaves nothing behind after the stop but who the loadpoint was', () => {
    assert.deepEqual(Object.keys(evcc.raw(at(98_000).native)), ['status']);
    assert.equal(at(98_000).native.vehicles.size, 0);
  });

  it('lists all commands of the recording', () => {
    const commands = rows.filter(({ topic, text }) => topic.endsWith('/set') && text !== '');
    assert.deepEqual(
      EXCHANGES.map(([ms]) => ms),
      commands.map((row) => row.at),
    );
  });

  for (const [ms, name, value, expected] of EXCHANGES) {
    it(`${ms} ms: ${name} = ${JSON.stringify(value)} is ${expected}`, () => {
      const sent = rows.findIndex((row) => row.at === ms && row.topic.endsWith('/set') && row.text !== '');
      const [, index = '1', topic = ''] = /^(?:(\d) )?(.*)$/.exec(name) ?? [];
      const command = rows[sent];
      const lp = at(ms - 1, Number(index));
      lp.now = T0 + ms;
      if (/^[A-Z]+$/.test(expected)) {
        assert.equal(
          codeOf(() => lp.set(topic, value)),
          expected,
        );
        return;
      }
      const [step] = lp.set(topic, value).steps;
      assert.deepEqual(step?.publications, [{ topic: command?.topic, payload: REWORDED[ms] ?? command?.text }]);
      const until = rows.findIndex((row, i) => i > sent && row.topic === command?.topic && row.text !== '');
      const answers = rows.slice(sent, until < 0 ? undefined : until).map((row) => [row.at - ms, row] as const);
      assert.ok(step);
      assert.equal(conclude(step, lp, answers), expected);
    });
  }

  it('shows what else a set sends, which is no command of somebody else', () => {
    for (const { scope, topic, alsoSends = [] } of SETTERS) {
      const set = new RegExp(`^evcc/(loadpoints/\\d/|vehicles/[^/]+/|site/)${topic}/set$`);
      const sent = rows.filter((row) => row.text !== '' && set.test(row.topic) && row.topic.includes(scope));
      const heard = new Set(
        sent
          .flatMap(({ at: from }) => rows.filter((row) => row.at >= from && row.at < from + 3500))
          .map((row) => row.topic),
      );
      const place = scope === 'site' ? 'evcc/site' : 'evcc/loadpoints/1';
      // only a vehicle that has a mode brings it; none of the recording has
      for (const key of alsoSends.filter((each) => topic !== 'vehicle' || each !== 'mode'))
        assert.ok(heard.has(`${place}/${key}`), `${topic} sends ${key}`);
    }
  });

  const refusals = rows
    .map((row, i) => [row, i] as const)
    .filter(([row]) => row.topic.endsWith('/maxCurrent/set') && row.text === '5');
  it('takes an acknowledgement without readback for refused, had the set gone out', () => {
    const [row, sent] = refusals[0] ?? assert.fail('the recording has a refused current');
    const lp = at(row.at - 1);
    // a client that does not know minCurrent cannot refuse it itself
    lp.values({ minCurrent: '' });
    lp.now = T0 + row.at;
    const [step] = lp.plan('setCurrent', { current: 5 }).steps;
    assert.ok(step);
    const answers = rows.slice(sent, sent + 3).map((each) => [each.at - row.at, each] as const);
    assert.equal(conclude(step, lp, answers), 'refused');
  });

  it('answers nothing for a loadpoint that does not exist', () => {
    const sent = rows.findIndex(({ topic }) => topic === 'evcc/loadpoints/9/mode/set');
    const lp = new Loadpoint({ baseTopic: 'evcc/loadpoints/9' }).ready();
    const [step] = lp.plan('start').steps;
    assert.ok(step);
    const answers = rows.slice(sent).map((each) => [each.at - (rows[sent]?.at ?? 0), each] as const);
    assert.equal(conclude(step, lp, answers), 'timeout');
  });
});
