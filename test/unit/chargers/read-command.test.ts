import assert from 'node:assert/strict';
import { readCommand } from '../../../src/chargers/read-command';
import { COMMANDS } from '../../../src/shared/commands';
import type { EnergyError } from '../../../src/shared/errors';

describe('chargers: reading a command', () => {
  const cases: [
    what: string,
    args: [fixed: string, value: unknown, payload: unknown],
    command: string,
    params: object,
  ][] = [
    ['all from the message', ['', undefined, { command: 'setCurrent', current: 10 }], 'setCurrent', { current: 10 }],
    ['parameters from the message', ['setCurrent', undefined, { current: 10 }], 'setCurrent', { current: 10 }],
    ["the node's command wins", ['stop', undefined, { command: 'start' }], 'stop', {}],
    ["the node's value wins", ['setCurrent', { current: 6 }, { current: 10 }], 'setCurrent', { current: 6 }],
    [
      "the node's value, the message's command",
      ['', 8, { command: 'setCurrent', current: 10 }],
      'setCurrent',
      { current: 8 },
    ],
    ['a single value of the message', ['setPhases', undefined, 'auto'], 'setPhases', { phases: 'auto' }],
    ['a single value that is falsy', ['setCurrent', undefined, 0], 'setCurrent', { current: 0 }],
    ['a switch', ['shaper', undefined, false], 'shaper', { enabled: false }],
    ['a list', ['schedule', undefined, [{ id: 1 }]], 'schedule', { events: [{ id: 1 }] }],
    ['an id', ['schedule.clear', undefined, 3], 'schedule.clear', { id: 3 }],
    ['what to read', ['get', undefined, 'amp'], 'get', { key: 'amp' }],
    ["the node's value names what is not there", ['setCurrent', null, 32], 'setCurrent', {}],
    ['a reading', ['feed', undefined, -500], 'feed', { grid: -500 }],
    ['the payload of a timer', ['start', undefined, 1_700_000_000_000], 'start', {}],
    ['the payload of a button', ['start', undefined, true], 'start', {}],
    ['the state of a charger', ['stop', undefined, { state: 'charging', power: 7200 }], 'stop', {}],
    ["what the message's own command has no use for", ['', undefined, { command: 'stop', a: 1 }], 'stop', { a: 1 }],
    ['no payload', ['start', undefined, undefined], 'start', {}],
    ['an empty payload', ['setCurrent', undefined, ''], 'setCurrent', {}],
    ['a null payload', ['setCurrent', undefined, null], 'setCurrent', {}],
  ];
  for (const [what, args, command, params] of cases) {
    it(what, () => {
      assert.deepEqual(readCommand(...args), { command, params });
    });
  }

  const bad: [what: string, payload: unknown, text: RegExp][] = [
    ['no command', { current: 1 }, /missing/],
    ['no payload', undefined, /missing/],
    ['a text', 'start', /missing/],
    ['an unknown command', { command: 'explode' }, /unknown/],
    ['another case', { command: 'Start' }, /unknown/],
    ['a name of the prototype', { command: 'constructor' }, /unknown/],
    ['a command that is no text', { command: { toString: () => 'start' } }, /unknown/],
    ['null', { command: null }, /unknown/],
  ];
  for (const [what, payload, text] of bad) {
    it(`refuses ${what}`, () => {
      assert.throws(
        () => readCommand('', undefined, payload),
        (error: EnergyError) => {
          assert.equal(error.code, 'INVALID');
          assert.match(error.message, text);
          assert.deepEqual(
            error.cause.details?.map(({ path }) => path),
            ['command'],
          );
          return true;
        },
      );
    });
  }

  it('lists the known commands for an unknown one', () => {
    assert.throws(
      () => readCommand('x', undefined, {}),
      (error: EnergyError) => COMMANDS.every((name) => error.message.includes(name)),
    );
  });

  it('leaves the message as it is, and pollutes nothing', () => {
    const payload = JSON.parse('{"command": "set", "__proto__": {"polluted": true}, "key": "amp"}') as object;
    const before = JSON.stringify(payload);
    const { params } = readCommand('', undefined, payload);
    assert.equal(JSON.stringify(payload), before);
    assert.equal((params as { polluted?: unknown }).polluted, undefined);
    assert.equal(({} as { polluted?: unknown }).polluted, undefined);
  });
});
