import assert from 'node:assert/strict';
import { leadingByte, leadingInteger, toBoolean, toUint32 } from '../../../../src/simulators/openevse/conversions';
import { type Json, parseLenientJson } from '../../../../src/simulators/openevse/lenient-json';
import { type StatusValue, renderValue } from '../../../../src/simulators/openevse/render';

describe('OpenEVSE simulator: how values are printed', () => {
  const cases: readonly (readonly [StatusValue | bigint, string, string])[] = [
    [16000, '16000', 'an integer as digits'],
    [15987.25, '15987.25', 'no trailing zeros'],
    [1234.56789, '1234.56789', 'a float as it is'],
    [7127.11981211853, '7127.119812', 'ten digits in all'],
    [7392 * (5.002 / 3600), '10.27077333', 'eight decimals after two digits'],
    [0.010270773333, '0.010270773', 'nine decimals at most'],
    [Math.fround(231.4), '231.3999939', 'single precision shows'],
    [3.6e7, '3.6e7', 'exponent from 1e7 up'],
    [20127228.17, '2.012722817e7', 'exponent with nine decimals'],
    [1e7, '1e7', 'exponent at 1e7'],
    [9999999, '9999999', 'no exponent just below 1e7'],
    [1e-7, '1e-7', 'exponent for tiny values'],
    [1e-5, '1e-5', 'exponent at 1e-5'],
    [1.1e-5, '0.000011', 'no exponent just above 1e-5'],
    [-3.6e7, '-3.6e7', 'negative'],
    [-1.25, '-1.25', 'negative float'],
    [0, '0', 'zero'],
    [4_294_967_295n, '4294967295', 'a counter never has an exponent'],
    [NaN, 'null', 'NaN'],
    [null, 'null', 'null'],
    [true, 'true', 'boolean'],
    ['active', 'active', 'text without quotes'],
  ];
  for (const [value, text, what] of cases) it(`${what}: ${text}`, () => assert.equal(renderValue(value), text));
});

describe('OpenEVSE simulator: how numbers are read', () => {
  const integers: readonly (readonly [Json, number])[] = [
    [16, 16],
    [16.9, 16],
    ['16', 16],
    ['16.5', 16],
    ['12', 12],
    [true, 1],
    [false, 0],
    [-1, 0],
    [4_294_967_296, 0],
    [4_294_967_295, 4_294_967_295],
    [null, 0],
    ['abc', 0],
    ['16A', 0],
  ];
  for (const [value, number] of integers) {
    it(`${JSON.stringify(value)} is ${number}`, () => assert.equal(toUint32(value), number));
  }

  const booleans: readonly (readonly [Json, boolean])[] = [
    [true, true],
    [false, false],
    [0, false],
    [2, true],
    [null, false],
    ['false', true],
    ['clear', true],
    ['', true],
  ];
  for (const [value, flag] of booleans) {
    it(`${JSON.stringify(value)} as a flag is ${flag}`, () => assert.equal(toBoolean(value), flag));
  }

  const texts: readonly (readonly [string, number])[] = [
    ['1.9kW', 1],
    ['abc', 0],
    ['1e3', 1],
    ['57.9', 57],
    ['-1250', -1250],
    ['', 0],
  ];
  for (const [text, number] of texts) {
    it(`the text "${text}" is ${number}`, () => assert.equal(leadingInteger(text), number));
  }

  it('cuts to 8 bits: 257 is 1, 258 is 2', () => {
    assert.deepEqual(['257', '258', '256', 'on'].map(leadingByte), [1, 2, 0, 0]);
  });
});

describe('OpenEVSE simulator: JSON as the firmware takes it', () => {
  const accepted: readonly (readonly [string, Json])[] = [
    ['{"a":1} and more', new Map([['a', 1]])],
    ["{'a':'b'}", new Map([['a', 'b']])],
    ['{}', new Map()],
    [' [1, "x", null, true] ', [1, 'x', null, true]],
    ['{"a":{"b":[]}}', new Map<string, Json>([['a', new Map<string, Json>([['b', []]])]])],
    ['"\\u00e9\\n\\""', 'é\n"'],
    ['{"__proto__":1}', new Map([['__proto__', 1]])],
  ];
  for (const [text, value] of accepted) it(`takes ${text}`, () => assert.deepEqual(parseLenientJson(text), value));

  const refused = ['', '{', '{a:1}', '{"a":b}', '{"a"}', '{"a":1', '[1,', 'clear', '"open', '['.repeat(12)];
  for (const text of refused) it(`refuses ${text}`, () => assert.equal(parseLenientJson(text), undefined));

  it('counts the parse buffer: a payload of 449 bytes passes 512, one of 509 does not', () => {
    const padded = (size: number): string => {
      const head = '{"state":"active","x":"';
      return `${head}${'x'.repeat(size - head.length - 2)}"}`;
    };
    assert.ok(parseLenientJson(padded(449), 512));
    assert.equal(parseLenientJson(padded(509), 512), undefined);
  });
});
