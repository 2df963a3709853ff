import assert from 'node:assert/strict';
import {
  type SiteNative,
  createSite,
  decodeSite,
  projectSite,
  siteDeadline,
  siteDisconnected,
  siteFilters,
  siteRoot,
} from '../../../src/chargers/evcc/site';
import { T0, codeOf, message, recording } from './support';

const UNKNOWN = {
  online: null,
  grid: { power: null, energy: null, currents: [null, null, null] },
  pv: { power: null, energy: null, meters: [] },
  battery: { power: null, soc: null, mode: null, meters: [] },
  home: { power: null },
  tariffs: { grid: null, feedIn: null, co2: null, solar: null },
  greenShare: null,
  currency: null,
  title: null,
  version: null,
};

function site(values: Readonly<Record<string, string>>, native: SiteNative = createSite('evcc')): SiteNative {
  for (const [key, payload] of Object.entries(values)) decodeSite(native, message(`evcc/site/${key}`, payload), T0);
  return native;
}

/** The recording up to a moment (ms). */
function at(ms: number): SiteNative {
  const native = createSite('evcc');
  for (const row of recording()) if (row.at <= ms) decodeSite(native, row, T0 + row.at);
  return native;
}

describe('evcc site', () => {
  it('has null for everything that is not known', () => assert.deepEqual(projectSite(createSite('evcc'), T0), UNKNOWN));

  it('is read from the recording', () => {
    assert.deepEqual(projectSite(at(60_000), T0 + 60_000), {
      online: true,
      grid: { power: 29.055, energy: 12_345_678, currents: [0.042, -2, 0.3] },
      pv: {
        power: 8738.862,
        energy: 4_000_100,
        meters: [
          { name: 'pv', title: null, power: 8338.862, energy: 4_000_100 },
          { name: 'pv_2', title: null, power: 400, energy: null },
        ],
      },
      battery: {
        power: 0,
        soc: 43,
        mode: null,
        meters: [
          { name: 'battery', title: null, power: 0, energy: 900_500, soc: 43, capacity: 13_400, controllable: true },
        ],
      },
      home: { power: 900 },
      tariffs: { grid: 0.253, feedIn: 0.08, co2: 392, solar: 13_450 },
      greenShare: 1,
      currency: 'EUR',
      title: 'Demo Mode',
      version: '0.313.2',
    });
  });

  it('is unknown after the purge, before the values, and after the stop', () => {
    assert.deepEqual(projectSite(at(2500), T0 + 2500), UNKNOWN);
    assert.deepEqual(projectSite(at(96_900), T0 + 96_900), UNKNOWN);
    assert.deepEqual(projectSite(at(98_000), T0 + 98_000), { ...UNKNOWN, online: false });
  });

  it('reads batteries where they were before 0.301', () => {
    const { battery } = projectSite(
      site({
        battery: '1',
        batteryPower: '-1500',
        batterySoc: '54',
        batteryMode: 'hold',
        'battery/1/title': 'Cellar',
        'battery/1/power': '-1500',
        'battery/1/soc': '54',
        'battery/1/capacity': '13.4',
        'battery/1/controllable': 'false',
      }),
      T0,
    );
    assert.deepEqual(battery, {
      power: -1500,
      soc: 54,
      mode: 'hold',
      meters: [
        { name: null, title: 'Cellar', power: -1500, energy: null, soc: 54, capacity: 13_400, controllable: false },
      ],
    });
  });

  it('trusts the count of a list, not its stale elements', () => {
    const native = site({ pv: '2', 'pv/1/power': '100', 'pv/2/power': '200' });
    assert.deepEqual(
      projectSite(native, T0).pv.meters.map(({ power }) => power),
      [100, 200],
    );
    site({ pv: '1' }, native);
    assert.deepEqual(
      projectSite(native, T0).pv.meters.map(({ power }) => power),
      [100],
    );
    site({ pv: '999999' }, native);
    assert.equal(projectSite(native, T0).pv.meters.length, 32);
  });

  it('reads phase values of the grid as an ordinary list, and voids them with it', () => {
    const native = site({
      'grid/currents': '3',
      'grid/currents/1': '-8.238',
      'grid/currents/2': '-2',
      'grid/currents/3': '0.3',
    });
    assert.deepEqual(projectSite(native, T0).grid.currents, [-8.238, -2, 0.3]);
    site({ 'grid/currents': '' }, native);
    assert.deepEqual(projectSite(native, T0).grid.currents, [null, null, null]);
  });

  it('voids everything below an emptied parent (a nil pointer on the wire)', () => {
    const native = site({
      'grid/power': '1',
      'battery/power': '2',
      'battery/devices': '1',
      'battery/devices/1/soc': '5',
    });
    site({ grid: '', battery: '' }, native);
    assert.deepEqual(projectSite(native, T0), UNKNOWN);
  });

  for (const mode of ['unknown', 'novel', '']) {
    it(`has no battery mode for "${mode}"`, () => {
      assert.equal(projectSite(site({ batteryMode: mode }), T0).battery.mode, null);
    });
  }

  it('takes no forecast and no set for a value', () => {
    for (const tail of ['forecast/grid', 'evopt', 'batteryMode/set', 'pv/1/novelty', 'circuits/main/power']) {
      assert.deepEqual(decodeSite(createSite('evcc'), message(`evcc/site/${tail}`, '1'), T0), []);
    }
    assert.deepEqual(decodeSite(createSite('evcc'), message('evcc2/site/homePower', '1'), T0), []);
  });

  it('asks for what it reads, once, and for nothing large', () => {
    const filters = siteFilters('home/evcc');
    assert.equal(new Set(filters).size, filters.length);
    assert.ok(filters.includes('home/evcc/site/homePower'));
    assert.ok(filters.every((filter) => !filter.includes('#') && !/forecast|evopt|site\/\+$/.test(filter)));
    const read = new Set(
      recording()
        .filter(({ topic }) => filters.some((f) => new RegExp(`^${f.replaceAll('+', '[^/]+')}$`).test(`home/${topic}`)))
        .map(({ topic }) => topic),
    );
    assert.ok(read.has('evcc/site/pv/2/power') && read.has('evcc/site/battery/devices/1/controllable'));
    const whole = at(60_000);
    const filtered = createSite('evcc');
    for (const row of recording()) if (row.at <= 60_000 && read.has(row.topic)) decodeSite(filtered, row, T0 + row.at);
    assert.deepEqual(projectSite(filtered, T0 + 60_000), projectSite(whole, T0 + 60_000));
  });

  it('goes offline when the heartbeat stops, and keeps what was learnt when the broker is lost', () => {
    const native = at(60_000);
    const due = siteDeadline(native, T0 + 60_000) ?? 0;
    assert.equal(projectSite(native, due - 1).online, true);
    assert.equal(projectSite(native, due).online, false);
    siteDisconnected(native);
    const { online, home } = projectSite(native, T0 + 60_000);
    assert.deepEqual([online, home.power], [null, 900]);
  });

  it('checks its root', () => {
    assert.equal(siteRoot('/home/evcc/'), 'home/evcc');
    for (const typed of ['', '/', 'evcc/#', 'evcc/+'])
      assert.equal(
        codeOf(() => siteRoot(typed)),
        'INVALID',
      );
  });
});
