/** A node's status has room for less than 20 characters, in every language. */
import assert from 'node:assert/strict';
import fs from 'node:fs';
import { age, power } from '../../../src/runtime/texts';
import { COMMANDS } from '../../../src/shared/commands';
import { ERROR_CODES } from '../../../src/shared/errors';
import { at } from '../../support/node-red';

const HOUR = 3_600_000;
/** The longest of their kinds. */
const SILENCES = [59_000, 0.99 * HOUR, 23 * HOUR, 99 * 24 * HOUR];
const POWERS = [999, -999, 99_900, -99_900];

function read(type: string, language: string): unknown {
  return JSON.parse(fs.readFileSync(`nodes/${type}/locales/${language}.json`, 'utf8'));
}

function textsBelow(catalogue: unknown, path: string): string[] {
  return Object.values(at(catalogue, path) as Record<string, string>);
}

describe('runtime: texts of statuses', () => {
  for (const language of ['en-US', 'de', 'fr']) {
    it(`are short in ${language}`, () => {
      const broker = read('energy-broker', language);
      const word = (key: string): string => String(at(broker, `common.${key}`));
      const shown = [
        ...['errors', 'outcome', 'state'].flatMap((group) => textsBelow(broker, `common.${group}`)),
        word('waiting'),
        ...SILENCES.map((silence) => `${word('offline')} ${age(silence)}`),
        ...['found_one', 'found_other'].map((key) => word(key).replace('__count__', '99')),
        ...textsBelow(read('site-status', language), 'status').flatMap((text) =>
          POWERS.map((watts) => text.replace('__power__', power(word, Math.abs(watts)))),
        ),
        ...POWERS.map((watts) => power(word, watts)),
        ...textsBelow(read('openremote-asset', language), 'status'),
        ...COMMANDS.map((command) => `… ${command}`),
      ];
      assert.deepEqual(
        shown.filter((text) => text === '' || text.includes('__') || text.length >= 20),
        [],
      );
      assert.equal(power(word, 7_240), language === 'en-US' ? '7.2 kW' : '7,2 kW');
      assert.deepEqual(Object.keys(at(broker, 'common.errors') as object), ERROR_CODES, 'one for each code');
    });
  }
});
