import assert from 'node:assert/strict';
import vm from 'node:vm';
import { EnergyError, invalid, toError } from '../../../src/shared/errors';

describe('shared: errors', () => {
  it('are what a Catch node can hand on', () => {
    const error = new EnergyError('REFUSED', 'Refused: no', { reply: 'no', error: 'BAD' });
    assert.ok(error instanceof Error);
    assert.deepEqual(
      { name: error.name, code: error.code, message: error.message, cause: error.cause },
      { name: 'EnergyError', code: 'REFUSED', message: 'Refused: no', cause: { reply: 'no', error: 'BAD' } },
    );
    assert.match(String(error.stack), /^EnergyError: |^Error: /);
  });

  it('always have a cause to look into', () => {
    assert.deepEqual(new EnergyError('TIMEOUT', 'x').cause, {});
  });

  it('list faults in their text and their cause', () => {
    const details = [
      { path: 'claim.charge_current', message: 'is too much' },
      { path: '', message: 'is no object' },
    ];
    const error = invalid('claim', details);
    assert.equal(error.code, 'INVALID');
    assert.equal(error.message, 'claim: claim.charge_current: is too much; is no object');
    assert.deepEqual(error.cause.details, details);
  });

  const thrown: [what: string, value: unknown, text: string | RegExp][] = [
    ['a text', 'oops', 'oops'],
    ['nothing', undefined, 'undefined'],
    ['null', null, 'null'],
    ['a symbol', Symbol('s'), 'Symbol(s)'],
    ['an object without prototype', Object.create(null), /./],
    ['an object whose text cannot be made', { toString: () => ({}), valueOf: () => ({}) }, /./],
    ['an error of another realm', vm.runInNewContext('new Error("far")'), /far/],
  ];
  for (const [what, value, text] of thrown) {
    it(`make an Error of ${what}`, () => {
      const error = toError(value);
      assert.ok(error instanceof Error);
      if (typeof text === 'string') assert.equal(error.message, text);
      else assert.match(error.message, text);
    });
  }

  it('leave an Error as it is', () => {
    const error = new TypeError('x');
    assert.equal(toError(error), error);
  });
});
