import assert from 'node:assert/strict';
import { encode, floatFormat, type Kind, type Value } from '../../../../src/simulators/evcc/encode';

const NEW = floatFormat('0.313.2');
const OLD = floatFormat('0.203.0');

describe('evcc simulator: encoding of values', () => {
  const floats: readonly [number, string, string][] = [
    [0, '0', '0'],
    [6.5, '6.5', '6.5'],
    [0.287, '0.287', '0.287'],
    [100, '100', '100'],
    [2345.6784, '2345.678', '2345.7'],
    [123_456.7, '123456.7', '1.2346e+05'],
    [99_999.6, '99999.6', '1e+05'],
    [100_000, '100000', '1e+05'],
    [0.0001, '0', '0.0001'],
    [0.00001234, '0', '1.234e-05'],
    [-0.0001, '-0', '-0.0001'],
    [-1000.5, '-1000.5', '-1000.5'],
    [1e22, '10000000000000000000000', '1e+22'],
    [NaN, 'NaN', 'NaN'],
    [Infinity, '+Inf', '+Inf'],
    [-Infinity, '-Inf', '-Inf'],
  ];
  for (const [value, fixed, short] of floats) {
    it(`writes the float ${value} as ${fixed}, and as ${short} before 0.300.7`, () => {
      assert.equal(NEW(value), fixed);
      assert.equal(OLD(value), short);
    });
  }

  it('changes the float format with 0.300.7', () => {
    assert.equal(floatFormat('0.300.6')(123_456.7), '1.2346e+05');
    assert.equal(floatFormat('0.300.7')(123_456.7), '123456.7');
  });

  const kinds: readonly [string, Value, Kind, readonly [string, string][]][] = [
    ['no value as an empty payload', null, 'float', [['t', '']]],
    ['an empty text as an empty payload', '', 'text', [['t', '']]],
    ['truth', true, 'bool', [['t', 'true']]],
    ['a duration in whole seconds', 59.98, 'duration', [['t', '59']]],
    ['a time in unix seconds', 1_795_278_876.4, 'time', [['t', '1795278876']]],
    [
      'a list as its length and numbered elements',
      ['a', 'b'],
      'list',
      [
        ['t', '2'],
        ['t/1', 'a'],
        ['t/2', 'b'],
      ],
    ],
    ['an empty list as 0', [], 'list', [['t', '0']]],
    [
      'phases as their sum and l1 to l3',
      [6, 0.1, 0],
      'phases',
      [
        ['t', '6.1'],
        ['t/l1', '6'],
        ['t/l2', '0.1'],
        ['t/l3', '0'],
      ],
    ],
  ];
  for (const [name, value, kind, expected] of kinds) {
    it(`writes ${name}`, () => {
      assert.deepEqual(
        encode('t', value, kind, NEW).map(({ topic, payload }) => [topic, payload]),
        expected,
      );
    });
  }
});
