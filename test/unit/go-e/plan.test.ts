import assert from 'node:assert/strict';
import { Buffer } from 'node:buffer';
import { goe } from '../../../src/chargers/go-e';
import { FEED_INTERVAL } from '../../../src/chargers/go-e/feed';
import type { CommandName } from '../../../src/shared/commands';
import type { Verdict } from '../../../src/mqtt/exchange-types';
import { BASE, Bench, message } from './bench';

type Params = Record<string, unknown>;

describe('go-e commands: what is published', () => {
  const CASES: readonly [CommandName, Params, string, string][] = [
    ['start', {}, 'frc', '2'],
    ['stop', {}, 'frc', '1'],
    ['release', {}, 'frc', '0'],
    ['setCurrent', { current: 16 }, 'amp', '16'],
    ['setPhases', { phases: 'auto' }, 'psm', '0'],
    ['setPhases', { phases: 1 }, 'psm', '1'],
    ['setPhases', { phases: 3 }, 'psm', '2'],
    ['setLimit', { type: 'energy', value: 20000 }, 'dwo', '20000'],
    ['clearLimit', {}, 'dwo', 'null'],
    ['setMode', { mode: 'normal' }, 'lmo', '3'],
    ['setMode', { mode: 'eco' }, 'lmo', '4'],
    ['feed', { grid: -1500.4, solar: 4000.5, battery: -200 }, 'ids', '{"pGrid":-1500,"pPv":4001,"pAkku":-200}'],
    ['feed', { grid: -0.2, solar: null }, 'ids', '{"pGrid":0}'],
    ['set', { key: 'fna', value: 'Garage "A"' }, 'fna', '"Garage \\"A\\""'],
    ['set', { key: 'acp', value: true }, 'acp', 'true'],
    ['set', { key: 'trx', value: null }, 'trx', 'null'],
    ['set', { key: 'awp', value: -1.5 }, 'awp', '-1.5'],
  ];
  for (const [command, params, key, payload] of CASES)
    it(`${command} ${JSON.stringify(params)}: ${key} ${payload}`, () => {
      const { lane, supersedes, steps } = new Bench().plan(command, params);
      assert.deepEqual(
        steps.map((step) => step.publications),
        [[{ topic: `${BASE}${key}/set`, payload }]],
      );
      assert.equal(lane, `${BASE}${key}/result`);
      assert.equal(supersedes, true);
      assert.ok(goe.commands.has(command));
    });

  it('goes to the base topic as configured, leading slash included', () => {
    const bench = new Bench({ baseTopic: '/go-eCharger/000001/' });
    assert.equal(bench.step('stop').publications[0]?.topic, '/go-eCharger/000001/frc/set');
  });
});

describe('go-e commands: refused before anything is published', () => {
  const CASES: readonly [string, CommandName, Params, string, RegExp][] = [
    ['a parameter that stop does not have', 'stop', { current: 10 }, 'INVALID', /current: must NOT have/],
    ['half an ampere', 'setCurrent', { current: 10.5 }, 'INVALID', /current: must be integer/],
    ['too little', 'setCurrent', { current: 5 }, 'INVALID', /current/],
    ['too much', 'setCurrent', { current: 33 }, 'INVALID', /current/],
    ['text for a number', 'setCurrent', { current: '16' }, 'INVALID', /current/],
    ['no current', 'setCurrent', {}, 'INVALID', /current/],
    ['a typing error', 'setCurrent', { current: 10, curent: 16 }, 'INVALID', /curent/],
    ['two phases', 'setPhases', { phases: 2 }, 'INVALID', /"auto", 1, 3/],
    ['limit of 0 Wh', 'setLimit', { type: 'energy', value: 0 }, 'INVALID', /value/],
    ['limit without value', 'setLimit', { type: 'energy' }, 'INVALID', /value/],
    ['limit in %', 'setLimit', { type: 'soc', value: 80 }, 'UNSUPPORTED', /no soc limit/],
    ['limit in s', 'setLimit', { type: 'time', value: 3600 }, 'UNSUPPORTED', /no time limit/],
    ['limit in km', 'setLimit', { type: 'range', value: 100 }, 'UNSUPPORTED', /no range limit/],
    ['limit in apples', 'setLimit', { type: 'apples', value: 1 }, 'INVALID', /type/],
    ['mode off', 'setMode', { mode: 'off' }, 'UNSUPPORTED', /use stop/],
    ['mode fast', 'setMode', { mode: 'fast' }, 'UNSUPPORTED', /use start/],
    ['mode surplus', 'setMode', { mode: 'surplus' }, 'UNSUPPORTED', /only normal and eco/],
    ['mode min+surplus', 'setMode', { mode: 'min+surplus' }, 'UNSUPPORTED', /only normal and eco/],
    ['no mode at all', 'setMode', { mode: 'turbo' }, 'INVALID', /mode/],
    ['feed without grid', 'feed', { solar: 1000 }, 'INVALID', /grid/],
    ['feed of an unknown grid power', 'feed', { grid: null }, 'INVALID', /grid/],
    ['feed of NaN', 'feed', { grid: NaN }, 'INVALID', /grid/],
    ['feed beyond any house', 'feed', { grid: 1e9 }, 'INVALID', /grid/],
    ['a command of others', 'claim', { state: 'active' }, 'UNSUPPORTED', /claim/],
    ['set without value', 'set', { key: 'amp' }, 'INVALID', /value/],
    ['get of nothing', 'get', {}, 'INVALID', /key/],
    ['get of an unknown key', 'get', { key: 'nope' }, 'INVALID', /not a known key/],
    ['get of a write-only key', 'get', { key: 'ids' }, 'INVALID', /pgrid, ppv and pakku/],
  ];
  for (const [what, command, params, code, text] of CASES)
    it(`${what}: ${code}`, () => {
      const error = new Bench().refusal(command, params);
      assert.equal(error.code, code);
      assert.match(error.message, text);
      if (code === 'INVALID') assert.ok((error.cause.details?.length ?? 0) > 0);
    });

  it('more than the hardware has (var 11 = 16 A)', () => {
    const bench = new Bench();
    bench.live({ var: '11' });
    const error = bench.refusal('setCurrent', { current: 20 });
    assert.equal(error.code, 'INVALID');
    assert.deepEqual(error.cause.details, [{ path: 'current', message: 'is more than the 16 A of this hardware' }]);
    bench.live({ var: '22' });
    assert.equal(bench.step('setCurrent', { current: 20 }).publications[0]?.payload, '20');
  });

  it('more than the user allows, also by way of set', () => {
    const bench = new Bench({ maxCurrent: 13 });
    assert.match(bench.refusal('setCurrent', { current: 14 }).message, /13 A set for this charger/);
    assert.match(bench.refusal('set', { key: 'amp', value: 14 }).message, /13 A set for this charger/);
    assert.equal(bench.step('setCurrent', { current: 13 }).publications[0]?.payload, '13');
  });

  it('everything, when the charger is known to be read-only (mcr)', () => {
    const bench = new Bench();
    bench.retained({ mcr: 'true' });
    for (const command of ['start', 'clearLimit'] as const) {
      const error = bench.refusal(command);
      assert.equal(error.code, 'REFUSED');
      assert.match(error.message, /mcr/);
    }
    assert.equal(bench.refusal('set', { key: 'mcr', value: false, allowRisky: true }).code, 'REFUSED');
    bench.live({ mcr: 'false' });
    assert.equal(bench.plan('start').steps.length, 1);
  });
});

describe('go-e answers', () => {
  const judge = (bench: Bench, command: CommandName, params: Params, topic: string, payload: string): Verdict =>
    bench.step(command, params).judge?.(message(bench.base + topic, payload));

  it('exactly "success" is an acceptance', () => {
    assert.deepEqual(judge(new Bench(), 'setCurrent', { current: 16 }, 'amp/result', 'success'), {
      stage: 'accepted',
      reply: 'success',
    });
  });

  const REFUSALS = [
    'invalid json IncompleteInput: new_name',
    'value must be string 0',
    'String length 2 exceeds range 4 to 64 "ab"',
    'Value 40 exceeds range 6 to 32',
    'tried to set api key without setter',
    'api key is not allowed from mqtt',
    'starting transaction for 1 is not allowed',
    'Success',
    'success ',
    'success: true',
  ];
  for (const text of REFUSALS)
    it(`"${text}" is a refusal, word by word`, () => {
      assert.deepEqual(judge(new Bench(), 'setCurrent', { current: 16 }, 'amp/result', text), { refused: text });
    });

  it('answers and values of other keys are not ours', () => {
    const bench = new Bench();
    for (const topic of ['frc/result', 'frc', 'amp/set', 'amp/result/x'])
      assert.equal(judge(bench, 'setCurrent', { current: 16 }, topic, '16'), undefined, topic);
    assert.equal(judge(bench, 'setCurrent', { current: 16 }, 'amp/result', ''), undefined);
  });

  const ECHOES: readonly [string, CommandName, Params, string, string, boolean][] = [
    ['the wanted value', 'setCurrent', { current: 16 }, 'amp', '16', true],
    ['another value', 'setCurrent', { current: 16 }, 'amp', '10', false],
    ['the wanted value as fraction (quirk 6)', 'setCurrent', { current: 16 }, 'amp', '16.0', true],
    ['garbage', 'setCurrent', { current: 16 }, 'amp', '{', false],
    ['text', 'setCurrent', { current: 16 }, 'amp', '"16"', false],
    ['null for a cleared limit', 'clearLimit', {}, 'dwo', 'null', true],
    ['a limit that stayed', 'clearLimit', {}, 'dwo', '20000', false],
    ['a name', 'set', { key: 'fna', value: 'Carport' }, 'fna', '"Carport"', true],
    ['a float with 32 bits', 'set', { key: 'awp', value: 3.3 }, 'awp', '3.29999995', true],
    ['another float', 'set', { key: 'awp', value: 3.3 }, 'awp', '3.31', false],
    ['a large integer is compared exactly', 'set', { key: 'c0e', value: 100_000_000 }, 'c0e', '100000001', false],
    ['0 of a float', 'set', { key: 'awp', value: 0 }, 'awp', '0', true],
    ['a number for a boolean (quirk 6: loty)', 'set', { key: 'loty', value: true }, 'loty', '1', true],
    [
      'the object that lot became (quirk 6)',
      'set',
      { key: 'lot', value: 32 },
      'lot',
      '{"amp":32,"dyn":0,"sta":0,"ts":1}',
      true,
    ],
    ['lot as it was', 'set', { key: 'lot', value: 32 }, 'lot', '32', true],
    ['another lot', 'set', { key: 'lot', value: 32 }, 'lot', '{"amp":16}', false],
    ['an array', 'set', { key: 'clp', value: [6, 10] }, 'clp', '[6,10]', true],
    ['a longer array', 'set', { key: 'clp', value: [6, 10] }, 'clp', '[6,10,16]', false],
    [
      'a timetable with what newer firmware adds',
      'set',
      { key: 'sch_week', value: { control: 1, ranges: [] } },
      'sch_week',
      '{"control":1,"ranges":[],"name":"x"}',
      true,
    ],
    ['an unknown key', 'set', { key: 'mfw', value: [1], allowUnknown: true }, 'mfw', '[1]', true],
  ];
  for (const [what, command, params, topic, payload, confirms] of ECHOES)
    it(`echo of ${what}: ${confirms ? 'confirmed' : 'nothing'}`, () => {
      const verdict = judge(new Bench(), command, params, topic, payload);
      assert.deepEqual(verdict, confirms ? { stage: 'confirmed', value: JSON.parse(payload) as unknown } : undefined);
    });

  describe('with secrets', () => {
    const URL = 'mqtt://user:hunter2@broker:1883';
    const refused = (key: string, value: unknown, reply: string): string => {
      const verdict = judge(new Bench(), 'set', { key, value, allowRisky: true }, `${key}/result`, reply);
      assert.ok(verdict && 'refused' in verdict);
      return verdict.refused;
    };
    it('are masked where an answer repeats them', () => {
      assert.equal(refused('mcu', URL, `value must be string "${URL}"`), 'value must be string ***');
      assert.equal(refused('mcu', URL, `invalid json: ${URL}`), 'invalid json: ***');
      assert.equal(refused('mcu', URL, `invalid json: ${URL.slice(0, 20)}`), 'invalid json: ***');
    });
    it('are masked inside of documents, too', () => {
      const reply = refused('wifis', [{ ssid: 'home', key: 'hunter2' }], 'value must be array [{ "key": "hunter2" }]');
      assert.ok(!reply.includes('hunter2'), reply);
    });
    it('never show in results and plans', () => {
      const set = { key: 'mck', value: 'hunter2' };
      assert.equal(new Bench().plan('set', set).value, '***');
      const verdict = judge(new Bench(), 'set', set, 'mck', '"hunter2"');
      assert.deepEqual(verdict, { stage: 'confirmed', value: '***' });
    });
    it('never show in refusals of our own', () => {
      const error = new Bench().refusal('set', { key: 'mcu', value: [URL], allowRisky: true });
      assert.ok(!JSON.stringify([error.message, error.cause]).includes('hunter2'));
    });
  });

  it('long answers are cut', () => {
    const verdict = judge(new Bench(), 'stop', {}, 'frc/result', 'x'.repeat(100_000));
    assert.ok(verdict && 'refused' in verdict && verdict.refused.length === 2000);
  });
});

describe('go-e silence', () => {
  const known = (payloads: Record<string, string>): Bench => {
    const bench = new Bench();
    bench.live({ rbt: '1000', fwv: '"60.4"', ...payloads });
    return bench;
  };

  it('without an answer ends as TIMEOUT, whose first suspect is mcr', () => {
    const { afterSent, attainable } = known({}).step('stop');
    assert.equal(attainable, 'confirmed');
    assert.equal(afterSent?.then, 'timeout');
    assert.equal(afterSent.within, undefined);
    assert.match(afterSent.hint ?? '', /^the charger did not answer: .*mcr/);
  });

  it('after "success" ends as accepted', () => {
    assert.deepEqual(known({ frc: '0' }).step('stop').afterAccepted, { then: 'accepted' });
    assert.deepEqual(known({}).step('stop').afterAccepted, { then: 'accepted' });
  });

  it('after "success" ends as unchanged at once, when the value was heard live to be so already', () => {
    const bench = known({ frc: '1' });
    const { publications, afterAccepted } = bench.step('stop');
    assert.equal(publications.length, 1);
    assert.deepEqual(afterAccepted, { within: 0, then: 'unchanged' });
  });

  it('waits for a change, when only a replay tells that the value is so already', () => {
    const bench = known({});
    bench.retained({ frc: '1' });
    assert.deepEqual(bench.step('stop').afterAccepted, { within: 3000, then: 'unchanged' });
  });

  it('write-only keys are accepted at most', () => {
    for (const key of ['lrn', 'ocppao'])
      assert.equal(known({}).step('set', { key, value: key === 'lrn' ? 1 : true }).attainable, 'accepted');
  });

  it('keys whose topic shows something else are accepted at most', () => {
    const bench = known({});
    assert.equal(bench.step('set', { key: 'c0i', value: '04aabbcc' }).attainable, 'accepted');
    assert.equal(bench.step('set', { key: 'mtp', value: null, allowRisky: true }).attainable, 'accepted');
    assert.equal(
      bench.step('set', { key: 'c0i', value: '04aabbcc' }).judge?.(message(`${BASE}c0i`, 'true')),
      undefined,
    );
  });

  it('before 051.5 only the echo tells, and no answer is waited for', () => {
    const bench = known({ fwv: '"050.2"', frc: '0' });
    const step = bench.step('stop');
    assert.equal(step.attainable, 'confirmed');
    assert.equal(step.afterAccepted, undefined);
    assert.equal(step.afterSent?.then, 'timeout');
    assert.match(step.afterSent.hint ?? '', /051.5 gives no answers/);
    assert.doesNotMatch(step.afterSent.hint ?? '', /mcr/);
    assert.equal(step.judge?.(message(`${BASE}frc/result`, 'success')), undefined);
    assert.deepEqual(step.judge?.(message(`${BASE}frc`, '1')), { stage: 'confirmed', value: 1 });
  });

  it('before 051.5 an equal value is unchanged after 3 s, and a write-only key is sent at most', () => {
    const bench = known({ fwv: '"050.2"', frc: '1' });
    assert.deepEqual(bench.step('stop').afterSent, { within: 3000, then: 'unchanged' });
    assert.equal(bench.step('set', { key: 'lrn', value: 1 }).attainable, 'sent');
  });

  it('before 054.7 keys that the charger does not know stay unanswered', () => {
    const set = { key: 'mfw', value: 1, allowUnknown: true };
    assert.match(known({ fwv: '"053.1"' }).step('set', set).afterSent?.hint ?? '', /054.7/);
    assert.doesNotMatch(known({ fwv: '"054.7"' }).step('set', set).afterSent?.hint ?? '', /054.7/);
  });

  it('of a key that came with newer firmware says so, unless it was seen', () => {
    const bench = known({ fwv: '"051.6"' });
    const hint = (command: CommandName, params: Params): string => bench.step(command, params).afterSent?.hint ?? '';
    assert.match(hint('setPhases', { phases: 1 }), /mcr.*psm came with firmware 051.8/);
    assert.match(hint('feed', { grid: 0 }), /mcr.*ids came with firmware 055/);
    bench.live({ psm: '0' });
    assert.doesNotMatch(hint('setPhases', { phases: 1 }), /051.8/);
    bench.live({ fwv: '"60.4"' });
    assert.doesNotMatch(hint('feed', { grid: 0 }), /055/);
  });

  it('of a start that waits for a card says so (acs 1: frc comes after access control)', () => {
    assert.match(known({ acs: '1', trx: 'null' }).step('start').afterSent?.hint ?? '', /set trx to 0/);
    assert.doesNotMatch(known({ acs: '1', trx: '0' }).step('start').afterSent?.hint ?? '', /trx/);
    assert.doesNotMatch(known({ acs: '0', trx: 'null' }).step('start').afterSent?.hint ?? '', /trx/);
  });
});

describe('go-e feed', () => {
  const params = { grid: -1500, solar: 4000 };

  it('is confirmed by a live pgrid, not by another', () => {
    const step = new Bench().step('feed', params);
    assert.equal(step.attainable, 'confirmed');
    assert.deepEqual(new Bench().plan('feed', params).value, params, 'in our words');
    const judge = (topic: string, payload: string): Verdict => step.judge?.(message(BASE + topic, payload));
    assert.deepEqual(judge('pgrid', '-1500.0'), { stage: 'confirmed' });
    for (const payload of ['-1499', 'null', '"x"', '{']) assert.equal(judge('pgrid', payload), undefined, payload);
    assert.deepEqual(judge('ids/result', 'success'), { stage: 'accepted', reply: 'success' });
    assert.deepEqual(judge('ids/result', 'value must be object'), { refused: 'value must be object' });
  });

  it('never holds up the next one, which is due 5 s later', () => {
    const bench = new Bench();
    const { steps, quarantine = 0 } = bench.plan('feed', params);
    const [step] = steps;
    assert.equal(FEED_INTERVAL, 5000);
    assert.ok((step?.afterSent?.within ?? Infinity) + quarantine <= FEED_INTERVAL);
    assert.equal(step?.afterSent?.then, 'timeout');
    assert.deepEqual(step.afterAccepted, { within: 2000, then: 'accepted' });
  });

  it('is unchanged when the same readings are in force', () => {
    const bench = new Bench();
    bench.live({ pgrid: '-1500', ppv: '4000' });
    assert.deepEqual(bench.step('feed', params).afterAccepted, { within: 0, then: 'unchanged' });
    bench.live({ ppv: '3900' });
    assert.deepEqual(bench.step('feed', params).afterAccepted, { within: 2000, then: 'accepted' });
    bench.live({ ppv: '4000', pgrid: 'null' });
    assert.deepEqual(bench.step('feed', params).afterAccepted, { within: 2000, then: 'accepted' });
  });
});

describe('go-e get', () => {
  const get = (bench: Bench, params: Params): unknown => {
    const { steps, value } = bench.plan('get', params);
    assert.deepEqual(steps, []);
    return value;
  };
  it('tells the last value, null when there is none', () => {
    const bench = new Bench();
    bench.live({ amp: '16', clp: '[6,10]', mcu: '"mqtt://user:hunter2@broker"', lri: 'null', mfw: '"1.2"' });
    assert.equal(get(bench, { key: 'amp' }), 16);
    assert.deepEqual(get(bench, { key: 'clp' }), [6, 10]);
    assert.equal(get(bench, { key: 'mcu' }), '***');
    assert.equal(get(bench, { key: 'lri' }), null);
    assert.equal(get(bench, { key: 'ama' }), null);
    assert.equal(get(bench, { key: 'mfw' }), '1.2');
    assert.equal(get(bench, { key: 'ss', allowUnknown: true }), null);
  });
  it('publishes nothing, so that mcr does not matter', () => {
    const bench = new Bench();
    bench.live({ mcr: 'true' });
    assert.equal(get(bench, { key: 'mcr' }), true);
  });
});

describe('go-e payloads', () => {
  it('are JSON that the charger can read again', () => {
    for (const value of ['ä€😀', '\ud800', 'a\nb\u0000c', '\u2028'.repeat(4)]) {
      const text = new Bench().step('set', { key: 'ocpptt', value }).publications[0]?.payload ?? '';
      const wire = Buffer.from(text).toString('utf8');
      assert.equal(JSON.parse(wire), value);
    }
  });
});
