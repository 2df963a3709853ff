/** Hostile and broken traffic: nothing throws, nothing grows without bound, no prototype is reached. */
import assert from 'node:assert/strict';
import { evcc } from '../../../src/chargers/evcc';
import type { Sighting } from '../../../src/chargers/discovery-types';
import { createSite, decodeSite, projectSite } from '../../../src/chargers/evcc/site';
import { EnergyError } from '../../../src/shared/errors';
import { Loadpoint, recording } from './support';

/** mulberry32 */
function random(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
  };
}

const MESSAGES = 20_000;
const ODD_LEVELS = ['__proto__', 'constructor', 'set', '', '1', '999999', 'db:4', 'plan', 'é', 'x'.repeat(300), '$SYS'];
const ODD_PAYLOADS = [
  '',
  'NaN',
  '-0',
  '1e999',
  'null',
  '[]',
  '{"__proto__":{"x":1}}',
  'true',
  '\u0000',
  '9'.repeat(400),
  'online',
  'offline',
];

describe('evcc fuzz', () => {
  it(`stands ${MESSAGES} messages`, () => {
    const next = random(20_261_121);
    const rows = recording();
    const topics = [...new Set(rows.map(({ topic }) => topic))];
    const pick = <T>(from: readonly T[]): T => from[Math.floor(next() * from.length)] as T;
    const topic = (): string => {
      const known = pick(topics);
      if (next() < 0.5) return known;
      const levels = known.split('/');
      levels[Math.floor(next() * levels.length)] =
        next() < 0.3 ? Math.floor(next() * 1e6).toString(36) : pick(ODD_LEVELS);
      return next() < 0.1 ? `${levels.join('/')}/${pick(ODD_LEVELS)}` : levels.join('/');
    };
    const payload = (): Buffer => {
      if (next() < 0.5) return Buffer.from(pick(rows).text);
      if (next() < 0.5) return Buffer.from(pick(ODD_PAYLOADS));
      return Buffer.from(Array.from({ length: Math.floor(next() * 40) }, () => Math.floor(next() * 256)));
    };

    const lp = new Loadpoint();
    const site = createSite('evcc');
    const sightings = new Map<string, Sighting>();
    const options = { openevseTopic: '', evccRoot: 'evcc' };
    for (let i = 0; i < MESSAGES; i++) {
      const received = { topic: topic(), payload: payload(), retained: next() < 0.2, qos: pick([0, 1] as const) };
      lp.now += 10;
      lp.fold(received);
      decodeSite(site, received, lp.now);
      evcc.discovery.fold(sightings, received, options, lp.now);
      if (i % 50 > 0) continue;
      const status = lp.status();
      projectSite(site, lp.now);
      evcc.deadline(lp.native, lp.now);
      assert.ok(JSON.stringify(status).length < 40_000);
      try {
        const { steps } = lp.set(pick(['mode', 'limitSoc', 'vehicle', 'site/prioritySoc']), pick(ODD_PAYLOADS));
        for (const step of steps) step.judge?.(received);
      } catch (error) {
        assert.ok(error instanceof EnergyError);
      }
    }
    assert.ok(Object.keys(evcc.raw(lp.native)).length < 64 * 300);
    assert.ok(lp.native.vehicles.size <= 64);
    assert.ok(evcc.faults(lp.native).size <= 66 * 256);
    assert.ok(sightings.size <= 64);
    assert.equal(({} as Record<string, unknown>)['x'], undefined);
  });
});
