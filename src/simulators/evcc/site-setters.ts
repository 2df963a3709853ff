/** The setters of the site, by the name of their topic. Measured on a running evcc 0.313.2. */
import { batteryMode, bool, float, floatOrNone, type Parser } from './grammar';
import { LOADPOINT_SETTERS } from './loadpoint-setters';
import { type Effect, type Setter } from './setters';
import { type Site, type State } from './state';
import { type SiteTopic } from './topics';
import { type Lifespan } from './version';

export type SiteSetter = Setter<Site>;

/** Without repetition the external battery mode falls back after this time. */
export const EXTERNAL_MODE_MS = 60_000;

const hasBattery = (state: State): boolean => state.config.battery !== null;
const hasControllableBattery = (state: State): boolean => state.config.battery?.controllable ?? false;
const always = (): boolean => true;

/** A value of its own topic: silent if in force already. `Key` names the fields that can hold what `parse` yields. */
function value<T extends Site[Key], Key extends keyof Site & SiteTopic>(
  key: Key,
  parse: Parser<T>,
  needs: (state: State) => boolean = always,
  accepts: (wanted: T, site: Site) => boolean = always,
): SiteSetter {
  return (site, payload, state) => {
    const parsed = parse(payload);
    if (!parsed || !needs(state) || parsed.value === (site[key] ?? null) || !accepts(parsed.value, site)) return null;
    site[key] = parsed.value;
    return { site: [key] };
  };
}

/** prioritySoc <= bufferSoc <= bufferStartSoc, where 0 is off. */
function inOrder(...socs: readonly number[]): boolean {
  const set = socs.filter((soc) => soc !== 0);
  return set.every((soc, i) => i === 0 || soc >= (set[i - 1] ?? 0));
}

/** The limit of that name on every loadpoint; there is no such topic of the site. */
function everywhere(key: 'smartCostLimit' | 'smartFeedInPriorityLimit'): SiteSetter {
  return (_site, payload, state) => {
    const effects = state.loadpoints.map((loadpoint) => LOADPOINT_SETTERS[key]?.set(loadpoint, payload, state));
    const loadpoints = effects.flatMap((effect) => effect?.loadpoints ?? []);
    return loadpoints.length > 0 ? { loadpoints } : null;
  };
}

/** A dead-man switch, read back on another topic; repeats prolong it in silence. */
const external: SiteSetter = (site, payload, state): Effect | null => {
  const parsed = batteryMode(payload);
  if (!parsed || !hasControllableBattery(state)) return null;
  site.externalUntil = state.now + EXTERNAL_MODE_MS;
  if (parsed.value === (site.batteryModeExternal ?? 'unknown')) return null;
  site.batteryModeExternal = parsed.value;
  return { site: ['batteryModeExternal'] };
};

export interface SiteSetterFact extends Lifespan {
  readonly set: SiteSetter;
}

export const SITE_SETTERS: Readonly<Record<string, SiteSetterFact>> = {
  prioritySoc: { set: value('prioritySoc', float, hasBattery, (soc, { bufferSoc }) => inOrder(soc, bufferSoc)) },
  bufferSoc: {
    set: value(
      'bufferSoc',
      float,
      hasBattery,
      (soc, { prioritySoc, bufferStartSoc }) => soc === 0 || inOrder(prioritySoc, soc, bufferStartSoc),
    ),
  },
  bufferStartSoc: { set: value('bufferStartSoc', float, hasBattery, (soc, { bufferSoc }) => inOrder(bufferSoc, soc)) },
  residualPower: { set: value('residualPower', float) },
  gridExportLimit: { set: value('gridExportLimit', float, always, (power) => power >= 0), since: '0.313.3' },
  batteryDischargeControl: { set: value('batteryDischargeControl', bool, hasControllableBattery) },
  batteryGridDischarge: { set: value('batteryGridDischarge', bool, hasControllableBattery), since: '0.313.0' },
  batteryGridChargeLimit: { set: value('batteryGridChargeLimit', floatOrNone, hasControllableBattery) },
  solarAdjusted: { set: value('solarAdjusted', bool), since: '0.312.0' },
  smartCostLimit: { set: everywhere('smartCostLimit') },
  smartFeedInPriorityLimit: { set: everywhere('smartFeedInPriorityLimit'), since: '0.205.0' },
  batteryMode: { set: external, since: '0.203.0' },
};
