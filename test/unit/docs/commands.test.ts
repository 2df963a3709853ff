import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import type { NativeBase } from '../../../src/chargers/driver';
import type { System } from '../../../src/chargers/status';
import { DRIVERS } from '../../../src/chargers/systems';
import type { Exchange, Silence } from '../../../src/mqtt/exchange-types';
import { COMMANDS, type CommandName } from '../../../src/shared/commands';

const TEXT = fs.readFileSync(path.join(process.cwd(), 'docs/commands.md'), 'utf8');
const NOW = Date.UTC(2026, 10, 21, 11);
const NONE = '-';

const HEADINGS: Readonly<Record<System, string>> = { openevse: 'OpenEVSE', 'go-e': 'go-e', evcc: 'evcc' };
const SYSTEMS = Object.keys(HEADINGS) as System[];

/** The cells of the tables below a heading, header rows left out. */
function rows(heading: string): string[][] {
  const section = TEXT.split(/^## /m).find((part) => part.startsWith(`${heading}\n`));
  assert.ok(section, heading);
  return section
    .split('\n')
    .filter((line) => line.startsWith('| `'))
    .map((line) =>
      line
        .slice(1, -1)
        .split('|')
        .map((cell) => cell.trim()),
    );
}

function codes(cell = ''): string[] {
  return [...cell.matchAll(/`([^`]+)`/g)].map((match) => match[1] ?? '');
}

/** The state that the page describes above each table: key by key, as the charger publishes it. */
const STATES: Readonly<Record<System, { readonly base: string; readonly values: Readonly<Record<string, string>> }>> = {
  openevse: {
    base: 'openevse-7b2c',
    values: {
      state: '3',
      status: 'active',
      vehicle: '1',
      divertmode: '1',
      shaper: '0',
      max_current: '32',
      claim: '{"state":"active","charge_current":16,"auto_release":false}',
      override: '{"state":"disabled","auto_release":true}',
      limit: '{"type":"energy","value":5000,"auto_release":true}',
      schedule: '[{"id":1,"state":"active","time":"21:00:00","days":["monday"]}]',
      config: JSON.stringify({
        firmware: '7.1.3',
        max_current_soft: 32,
        mqtt_grid_ie: 'home/grid',
        mqtt_solar: 'home/solar',
        mqtt_home_battery_power: 'home/battery',
        divert_enabled: true,
        divert_type: 1,
      }),
    },
  },
  'go-e': { base: 'go-eCharger/123456', values: { fwv: '"60.3"', var: '22', mcr: 'false' } },
  evcc: {
    base: 'evcc/loadpoints/1',
    values: {
      '../../status': 'online',
      '../../updated': String(NOW / 1000),
      '../../loadpoints': '1',
      '../../site/version': '0.313.2',
      '../../vehicles/golf/title': 'e-Golf',
      '../../vehicles/golf/plan/soc': '60',
      minCurrent: '6',
      maxCurrent: '16',
      limitSoc: '90',
      limitEnergy: '20',
      planEnergy: '5',
      planTime: '1900000000',
    },
  },
};

function charger(system: System): NativeBase {
  const { base, values } = STATES[system];
  const driver = DRIVERS[system];
  const baseTopic = driver.base(base);
  const native = driver.create({ name: '', baseTopic, staleAfter: null, maxCurrent: null });
  for (const [key, text] of Object.entries(values)) {
    const topic = path.posix.join(base, key);
    driver.decode(native, { topic, payload: Buffer.from(text), retained: false, qos: 1 }, NOW);
  }
  return native;
}

const WORDS: Readonly<Record<Silence['then'], string>> = {
  timeout: 'TIMEOUT',
  refused: 'REFUSED',
  sent: 'sent',
  accepted: 'accepted',
  confirmed: 'confirmed',
  unchanged: 'unchanged',
};

/** Best, nothing heard, taken but not seen; alike for all steps. */
function ends({ steps }: Exchange): string[] {
  const [first, ...others] = steps.map(({ attainable, afterSent, afterAccepted }) => [
    attainable,
    WORDS[afterSent?.then ?? 'timeout'],
    afterAccepted ? WORDS[afterAccepted.then] : NONE,
  ]);
  for (const other of others) assert.deepEqual(other, first);
  return first ?? ['confirmed', NONE, NONE];
}

describe('docs: the table of commands', () => {
  it('lists all commands, and which system has which, as the drivers have them', () => {
    const table = rows('Which system has which').map(([command, ...cells]) => [...codes(command), ...cells]);
    const expected = COMMANDS.map((command) => [
      command,
      ...SYSTEMS.map((system) => (DRIVERS[system].commands.has(command) ? 'yes' : NONE)),
    ]);
    assert.deepEqual(table, expected);
  });

  for (const system of SYSTEMS) {
    const table = rows(HEADINGS[system]);

    it(`${system}: has a row for each command of the driver, and for no other`, () => {
      const listed = new Set(table.map(([command]) => codes(command)[0]));
      assert.deepEqual([...listed].sort(), [...DRIVERS[system].commands].sort());
    });

    for (const [command, example, published, proof, best, silent, taken] of table) {
      it(`${system}: ${codes(command).join()} ${codes(example).join()} is what is published, and ends as told`, () => {
        const [name] = codes(command) as CommandName[];
        assert.ok(name);
        const params = JSON.parse(codes(example)[0] ?? '') as Record<string, unknown>;
        const exchange = DRIVERS[system].plan({ command: name, params }, charger(system), NOW);
        assert.deepEqual(
          codes(published),
          exchange.steps.flatMap((step) => step.publications.map(({ topic, payload }) => `${topic} ${payload}`)),
        );
        assert.ok(exchange.steps.length > 0 || published === 'nothing');
        assert.ok(proof, 'says what proves it');
        const word = (cell: string | undefined): string => codes(cell)[0] ?? cell ?? '';
        assert.deepEqual([best, silent, taken].map(word), ends(exchange));
      });
    }
  }
});
