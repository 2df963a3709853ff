import assert from 'node:assert/strict';
import { goe } from '../../../src/chargers/go-e';
import { isOlder } from '../../../src/chargers/go-e/firmware';
import { EnergyError } from '../../../src/shared/errors';
import { BASE, Bench, message } from './bench';

describe('go-e base topic', () => {
  const GOOD: readonly [string, string, string][] = [
    ['default since 054.6', 'go-eCharger/123456', 'go-eCharger/123456/'],
    ['default before 054.6: leading slash kept', '/go-eCharger/000001/', '/go-eCharger/000001/'],
    ['exactly one trailing slash', 'go-eCharger/123456///', 'go-eCharger/123456/'],
    ['prefix of the user, no serial', '/goe/', '/goe/'],
    ['prefix without trailing slash', 'wallbox', 'wallbox/'],
    ['prefix named like a key', 'home/map', 'home/map/'],
    ['serial not at a fixed level', 'home/ground floor/go-e/000001', 'home/ground floor/go-e/000001/'],
    ['blanks around', '  go-eCharger/123456 ', 'go-eCharger/123456/'],
  ];
  for (const [what, typed, base] of GOOD) it(what, () => assert.equal(goe.base(typed), base));

  const BAD: readonly [string, string, RegExp][] = [
    ['empty prefix', ' ', /go-eCharger\/<serial>/],
    ['wildcards', 'go-eCharger/#', /one charger/],
    ['wildcards inside', 'go-eCharger/+/', /one charger/],
    ['address of a broker', 'mqtt://broker', /address of a broker/],
    ['topic of a key', 'go-eCharger/123456/amp', /key amp.*: go-eCharger\/123456$/],
    ['command topic', '/go-eCharger/123456/amp/set', /key amp.*: \/go-eCharger\/123456$/],
    ['answer topic below a prefix', 'wallbox/frc/result', /key frc.*: wallbox$/],
    ['API v1 device', 'go-eCharger/012345/status', /API v1/],
    ['API v1 commands', '/go-eCharger/012345/cmd/req', /API v1/],
    ['controller', 'go-eController/123456', /not a charger/],
    ['control characters', 'gar\tage/', /control characters/],
    ['half a surrogate pair', 'garage\ud83d/', /control characters/],
  ];
  for (const [what, typed, text] of BAD)
    it(`refuses and explains: ${what}`, () => {
      assert.throws(
        () => goe.base(typed),
        (error) => error instanceof EnergyError && error.code === 'INVALID' && text.test(error.message),
      );
    });

  it('subscribes to state and answers, never to our own commands', () => {
    assert.deepEqual(goe.filters(BASE), ['go-eCharger/123456/+', 'go-eCharger/123456/+/result']);
  });
});

describe('go-e identity', () => {
  const CASES: readonly [string, string, Record<string, string>, string][] = [
    ['published serial, zeros kept', '/goe/', { sse: '"000042"' }, '000042'],
    ['serial from the default topic', 'go-eCharger/000001/', {}, '000001'],
    ['serial from the topic with leading slash', '/go-eCharger/000001/', {}, '000001'],
    ['base topic where no serial is known', '/goe/', {}, '/goe/'],
  ];
  for (const [what, baseTopic, payloads, id] of CASES)
    it(what, () => {
      const bench = new Bench({ baseTopic });
      bench.live({ rbt: '1', ...payloads });
      assert.equal(bench.status().id, id);
    });

  it('is named by the user, else by the charger, else by its serial', () => {
    const bench = new Bench({ name: '' });
    assert.equal(bench.status().name, '123456');
    bench.live({ fna: '"Carport"' });
    assert.equal(bench.status().name, 'Carport');
    assert.equal(new Bench().status().name, 'garage');
  });

  it('ignores topics of others, deeper ones and the base itself', () => {
    const bench = new Bench();
    for (const topic of ['go-eCharger/1234567/amp', 'go-eCharger/123456', BASE, `${BASE}amp/set`, `${BASE}a/b/result`])
      assert.deepEqual(goe.decode(bench.native, message(topic, '16'), bench.now), [], topic);
    assert.equal(bench.status().online, null);
    assert.deepEqual({ ...goe.raw(bench.native) }, {});
  });
});

describe('go-e firmware versions', () => {
  const CASES: readonly [string, string, boolean | null][] = [
    ['051.5', '51.5', false],
    ['51.4', '051.5', true],
    ['053.1', '051.5', false],
    ['35.6-1-ga0d44e5', '051.5', true],
    ['59.3-rc2', '59.3', false],
    ['59.3-rc2', '59.4', true],
    ['60.5', '60.10', true],
    ['60', '60.0', false],
    ['', '051.5', null],
    ['beta', '051.5', null],
  ];
  for (const [version, than, older] of CASES)
    it(`${version || '(empty)'} older than ${than}: ${String(older)}`, () =>
      assert.equal(isOlder(version, than), older));
});
