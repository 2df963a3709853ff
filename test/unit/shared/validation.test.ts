import assert from 'node:assert/strict';
import { Ajv2020 } from 'ajv/dist/2020';
import type { EnergyError, Fault } from '../../../src/shared/errors';
import { assertValid, type Validator } from '../../../src/shared/validation';

const ajv = new Ajv2020({ allErrors: true });

function faultsOf(schema: object, data: unknown): readonly Fault[] {
  const validate = ajv.compile(schema) as Validator<unknown>;
  try {
    assertValid(validate, data, 'thing');
  } catch (error) {
    const { code, message, cause } = error as EnergyError;
    assert.equal(code, 'INVALID');
    assert.ok(message.startsWith('thing: '), message);
    return cause.details ?? [];
  }
  return [];
}

describe('shared: validation', () => {
  const object = (properties: object, rest: object = {}): object => ({
    type: 'object',
    properties,
    additionalProperties: false,
    ...rest,
  });
  const cases: [what: string, schema: object, data: unknown, faults: [path: string, message: RegExp][]][] = [
    ['nothing where all is well', object({ a: { type: 'number' } }), { a: 1 }, []],
    ['the path of a value', object({ a: object({ b: { type: 'number' } }) }), { a: { b: 'x' } }, [['a.b', /number/]]],
    ['an empty path for the whole', object({}), 7, [['', /object/]]],
    ['the index in an array', { type: 'array', items: { type: 'number' } }, [1, 'x'], [['1', /number/]]],
    ['the name of what is missing', object({ a: {} }, { required: ['a'] }), {}, [['a', /required/]]],
    ['the name of what is too much', object({}), { x: 1 }, [['x', /additional/]]],
    ['the path of what is too much', object({ a: object({}) }), { a: { x: 1 } }, [['a.x', /additional/]]],
    ['what would be allowed', { enum: ['on', 1, null] }, 'off', [['', /: "on", 1, null$/]]],
    ['the one value that is allowed', object({ a: { const: 0 } }), { a: 1 }, [['a', /: 0$/]]],
    [
      'names with slashes and tildes',
      object({ 'a/b': object({ 'c~d': { type: 'number' } }) }),
      { 'a/b': { 'c~d': 'x' } },
      [['a/b.c~d', /number/]],
    ],
    ['names that look escaped', object({ '~1': { type: 'number' } }), { '~1': 'x' }, [['~1', /number/]]],
    [
      'each fault once',
      { anyOf: [{ type: 'number' }, { type: 'number', minimum: 1 }] },
      'x',
      [
        ['', /number/],
        ['', /anyOf/],
      ],
    ],
  ];
  for (const [what, schema, data, faults] of cases) {
    it(`tells ${what}`, () => {
      const found = faultsOf(schema, data);
      assert.deepEqual(
        found.map(({ path }) => path),
        faults.map(([path]) => path),
        JSON.stringify(found),
      );
      for (const [i, [, message]] of faults.entries()) assert.match(found[i]?.message ?? '', message);
    });
  }
});
