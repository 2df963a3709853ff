import assert from 'node:assert/strict';
import { number } from '../../../src/runtime/coerce';

describe('runtime: numbers of node properties', () => {
  it('takes numbers and their texts, and the fallback where there is none', () => {
    assert.equal(number('timeout', '2.5', 10), 2.5);
    assert.equal(number('timeout', 3, 10), 3);
    for (const empty of ['', '  ', undefined, null]) assert.equal(number('timeout', empty, 10), 10);
    assert.equal(number('staleAfter', '', null), null);
  });

  for (const bad of ['ten', '-1', 'NaN', 'Infinity', '2147484', '1e99']) {
    it(`refuses ${bad}, naming the property`, () => {
      assert.throws(() => number('timeout', bad, 10), { code: 'NOT_CONFIGURED', message: /"timeout"/ });
    });
  }

  it('takes no longer time than a timer holds, so that none fires at once', () => {
    const longest = number('timeout', '2147483', 10);
    assert.ok(longest * 1_000 <= 2 ** 31 - 1);
  });

  it('has a highest value of its own where that is another', () => {
    assert.equal(number('port', '65535', 1883, 65_535), 65_535);
    assert.throws(() => number('port', '65536', 1883, 65_535), { code: 'NOT_CONFIGURED' });
  });
});
