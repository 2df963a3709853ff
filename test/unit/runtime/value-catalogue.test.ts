import assert from 'node:assert/strict';
import { evcc } from '../../../src/chargers/evcc';
import { goe } from '../../../src/chargers/go-e';
import { type ValueEntry, valueCatalogue } from '../../../src/runtime/value-catalogue';
import type { CommandName } from '../../../src/shared/commands';
import { EnergyError } from '../../../src/shared/errors';

function entries(system: string): readonly ValueEntry[] {
  return valueCatalogue(system) ?? assert.fail(`${system} has no catalogue`);
}

function find(system: string, name: string): ValueEntry {
  return entries(system).find((entry) => entry.name === name) ?? assert.fail(`${name} is missing`);
}

const CONFIG = { name: '', staleAfter: null, maxCurrent: null };
const DRIVERS = {
  'go-e': { driver: goe, native: goe.create({ ...CONFIG, baseTopic: 'go-eCharger/123456/' }), parameter: 'key' },
  evcc: { driver: evcc, native: evcc.create({ ...CONFIG, baseTopic: 'evcc/loadpoints/1' }), parameter: 'topic' },
} as const;

/** Faults of the name itself, as a command's plan finds them; what else is wrong does not matter here. */
function faultsOfName(system: keyof typeof DRIVERS, command: CommandName, name: string, others = {}): string[] {
  const { driver, native, parameter } = DRIVERS[system];
  if (system === 'evcc') {
    evcc.decode(
      DRIVERS.evcc.native,
      { topic: 'evcc/vehicles/NAME/title', payload: Buffer.from('Car'), retained: true, qos: 1 },
      0,
    );
  }
  try {
    (driver.plan as (command: object, native: object, now: number) => unknown)(
      { command, params: { [parameter]: name, ...others } },
      native,
      0,
    );
    return [];
  } catch (error) {
    assert.ok(error instanceof EnergyError, String(error));
    return (error.cause.details ?? []).filter(({ path }) => path === parameter).map(({ message }) => message);
  }
}

describe('value catalogue', () => {
  it('has none for systems without one, whatever they are called', () => {
    for (const system of ['openevse', '', '__proto__', 'constructor']) assert.equal(valueCatalogue(system), undefined);
  });

  it('describes a go-e key: meaning, unit, access, range', () => {
    assert.deepEqual(find('go-e', 'amp'), {
      name: 'amp',
      access: 'R/W',
      label: 'Requested charging current',
      types: ['number'],
      unit: 'A',
      min: 6,
      max: 32,
    });
    assert.equal(find('go-e', 'ama').risky, true);
    assert.deepEqual(find('go-e', 'acs').options, [
      ['0', 'Open'],
      ['1', 'Wait'],
      ['2', 'EVCMS'],
    ]);
  });

  it('describes an evcc setter: range, words', () => {
    assert.deepEqual(find('evcc', 'site/prioritySoc'), {
      name: 'site/prioritySoc',
      access: 'R/W',
      types: ['number'],
      min: 0,
      max: 100,
    });
    const mode = find('evcc', 'site/batteryMode');
    assert.equal(mode.access, 'W');
    assert.deepEqual(
      mode.options?.map(([word]) => word),
      ['normal', 'hold', 'charge', 'holdcharge', 'none'],
    );
    assert.equal(find('evcc', 'vehicles/NAME/planSoc').access, 'W');
  });

  for (const system of ['go-e', 'evcc'] as const) {
    it(`${system}: names nothing twice, and nothing that the commands do not know`, () => {
      const names = entries(system).map(({ name }) => name);
      assert.equal(new Set(names).size, names.length);
      for (const { name, access } of entries(system)) {
        if (access !== 'W') assert.deepEqual(faultsOfName(system, 'get', name), [], `get ${name}`);
        if (access !== 'R') {
          const risk = system === 'go-e' ? { allowRisky: true } : {};
          assert.deepEqual(faultsOfName(system, 'set', name, { value: 0, ...risk }), [], `set ${name}`);
        }
      }
    });
  }
});
