/**
 * What a go-eCharger V3 with firmware 053.1 and no car had published, and what that means by the documented keys: `nrg`
 * in V, A and W, `car` 1 = no car, `psm` 2 = three phases, `lmo` 3 = basic, `modelStatus` 15 = its own logic permits,
 * limit = the lowest of `ama`, 11 kW (`var`) and the 16 A adapter (`adi`), `tma` = the hottest sensor.
 */
import fs from 'node:fs';
import path from 'node:path';
import type { ChargerStatus } from '../../src/chargers/status';

export const SNAPSHOT = JSON.parse(
  fs.readFileSync(path.join(process.cwd(), 'test/fixtures/go-e/retained-053.1.json'), 'utf8'),
) as { readonly base: string; readonly values: Readonly<Record<string, string>> };

/** What it published in the three seconds after. */
export const TICKS: readonly Readonly<Record<string, string>>[] = [
  { rbt: '9564801', fhz: '49.83', nrg: '[15,0,0,221,0,0,0,0,0,0,0,0,0,0,0,0]' },
  { rbt: '9565732', fhz: '49.88', rssi: '-44' },
  { rbt: '9566730', fhz: '49.884', tma: '[24.125,28.25]' },
];

/** Before it is heard live. */
export const LAST_KNOWN: Omit<ChargerStatus, 'name'> = {
  system: 'go-e',
  id: '000001',
  online: null,
  lastSeen: null,
  stale: true,
  state: 'unknown',
  vehicle: { connected: false, name: null, soc: null, range: null, limitSoc: null },
  power: 0,
  current: 10,
  currents: [0, 0, 0],
  voltages: [15, 0, 0],
  phases: { active: null, wanted: 3 },
  limits: { min: 6, max: 16 },
  session: { energy: 0, duration: 0, limit: null },
  energyTotal: 0,
  temperature: 28.125,
  mode: 'normal',
  control: { by: 'charger', claim: null, override: null, schedule: null },
  error: null,
  firmware: '053.1',
};
