import assert from 'node:assert/strict';
import { openevse } from '../../../src/chargers/openevse';
import { KEY_FACTS } from '../../../src/chargers/openevse/keys';
import { EnergyError } from '../../../src/shared/errors';
import { COMMANDS } from '../../../src/shared/commands';
import { BASE, charger, configOf, message, session, START } from './support';

const MESSAGES = 20_000;

/** Numerical Recipes' generator: the same hostile session each time. */
function generator(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

describe('OpenEVSE: a hostile broker', () => {
  it('never throws, never grows without bound, never pollutes a prototype', () => {
    const random = generator(7);
    const pick = <T>(choices: readonly T[]): T => choices[random(choices.length)] as T;
    const lines = session().filter((line) => line.kind === 'message');
    const topics = [...new Set(lines.map(({ topic }) => topic))];
    const tails = [
      '__proto__',
      'constructor',
      'toString',
      'claim/',
      'limit/',
      'rapi/out',
      '',
      'restart',
      'a/b/c',
      'x'.repeat(300),
    ];
    const texts = [
      '',
      'null',
      'true',
      '{}',
      '[]',
      '[[]]',
      '{"state":null}',
      '{"state":"null"}',
      '{"state":5,"auto_release":"clear"}',
      '[null,1,{"id":null}]',
      '{"type":"time","value":"x"}',
      '{"type":"soc","value":-1}',
      '1e400',
      '-0',
      '9'.repeat(40),
      '[',
      '['.repeat(9000),
      '{"__proto__":{"polluted":true}}',
      '{"constructor":{"prototype":{"polluted":true}}}',
      '{"state":"connected","id":null,"mqtt":"garage/evse-left"}',
      '{"state":"disconnected","id":"9c9c1fe57b2c"}',
      '{"state":"connected","id":"x","name":"y","mqtt":"garage/evse-left"}',
      configOf({ version: 5, divert_type: 'x', mqtt_solar: 1 }),
      '😀'.repeat(3000),
    ];
    const payload = (): Uint8Array => {
      const kind = random(4);
      if (kind === 0) return Uint8Array.from({ length: random(40) }, () => random(256));
      if (kind === 1) return Buffer.from(String(random(300) - 20));
      const text = kind === 2 ? pick(texts) : pick(lines).payload;
      return Buffer.from(random(3) === 0 ? text.slice(0, random(text.length + 1)) : text);
    };
    const topic = (): string =>
      random(3) === 0 ? `${BASE}/${random(2) ? pick(tails) : `key${random(100_000)}`}` : pick(topics);

    const native = charger();
    for (let n = 0; n < MESSAGES; n++) {
      const now = START + n * 100;
      const changed = openevse.decode(native, message(topic(), payload(), random(4) === 0), now);
      assert.ok(Array.isArray(changed));
      if (n % 10 === 0) {
        const status = openevse.project(native, now);
        assert.equal(JSON.stringify(status).includes('NaN'), false);
        for (const value of [status.power, status.current, status.energyTotal])
          assert.ok(value === null || Number.isFinite(value));
        openevse.deadline(native, now);
      }
      if (n % 100 === 0) {
        openevse.raw(native);
        const params = pick([
          {},
          { mode: 'eco' },
          { current: 16 },
          { charge_current: 10 },
          { type: 'energy', value: 5 },
          { id: 1 },
          { key: 'amp' },
          { solar: 1 },
        ]);
        for (const command of COMMANDS) {
          try {
            const exchange = openevse.plan({ command, params }, native, now);
            for (const step of exchange.steps) step.judge?.(message(topic(), payload()));
          } catch (thrown) {
            assert.ok(thrown instanceof EnergyError, String(thrown));
          }
        }
      }
      if (n % 5000 === 0) openevse.disconnected(native);
    }
    assert.ok(Object.keys(openevse.raw(native)).length <= 256 + KEY_FACTS.length);
    assert.ok(openevse.faults(native).size <= 256 + KEY_FACTS.length);
    assert.equal(({} as Record<string, unknown>)['polluted'], undefined);
  });
});
