/** Which setter a topic means, and where its sets, acknowledgements and readbacks travel. */
import { invalid } from '../../shared/errors';
import type { KeyValues } from '../key-values';
import type { Scope } from './catalogue';
import type { EvccNative } from './native';
import { SETTERS, type Setter } from './setters';
import { text } from './wire';
import { olderThan } from './version';

export interface Target {
  readonly setter: Setter;
  /** Absolute; one or, where the version that decides is not known, both names of the setter. */
  readonly setTopics: readonly string[];
  /** Of the readback: its scope, absolute prefix and values (undefined: nothing known of that vehicle so far). */
  readonly scope: Scope;
  readonly prefix: string;
  readonly values: () => KeyValues | undefined;
}

const TOPIC = /^(?:(site)\/|vehicles\/([\w.:-]{1,64})\/)?([\w/]{1,64})$/;

/** `topic` as `set` takes it: below the loadpoint, or `site/…`, `vehicles/{name}/…`. */
export function target(native: EvccNative, topic: string): Target {
  const [, site, vehicle, tail] = TOPIC.exec(topic.replace(/\/set$/, '')) ?? [];
  const scope = site !== undefined ? 'site' : vehicle !== undefined ? 'vehicle' : 'loadpoint';
  // 0.300.x called it so; which name is sent depends on the version.
  const name = scope === 'loadpoint' && tail === 'phases' ? 'phasesConfigured' : tail;
  const setters = SETTERS.filter((setter) => setter.scope === scope);
  const setter = setters.find((each) => each.topic === name);
  if (setter === undefined) {
    const similar = setters.find((each) => each.topic.toLowerCase() === name?.toLowerCase());
    const known = setters.map((each) => each.topic).join(', ');
    const message = similar ? `is written ${similar.topic}` : `has no setter in evcc; for this scope it has ${known}`;
    throw invalid('set', [{ path: 'topic', message }]);
  }
  return locate(native, setter, vehicle);
}

function locate(native: EvccNative, setter: Setter, vehicle: string | undefined): Target {
  const { root, config } = native;
  const places: Readonly<Record<Setter['scope'], Pick<Target, 'prefix' | 'values'>>> = {
    loadpoint: { prefix: `${config.baseTopic}/`, values: () => native.loadpoint },
    site: { prefix: `${root}/site/`, values: () => native.site },
    vehicle: { prefix: `${root}/vehicles/${vehicle ?? ''}/`, values: () => native.vehicles.get(vehicle ?? '') },
  };
  const scope = setter.readbackScope ?? setter.scope;
  const setTopics = names(native, setter).map((name) => `${places[setter.scope].prefix}${name}/set`);
  return { setter, setTopics, scope, ...places[scope] };
}

/** `phases/set` became `phasesConfigured/set` in 0.301.2; no version listens to both. */
function names(native: EvccNative, setter: Setter): readonly string[] {
  if (setter.kind !== 'phases') return [setter.topic];
  const older = olderThan(text(native.site, 'version'), '0.301.2');
  return older === null ? [setter.topic, 'phases'] : [older ? 'phases' : setter.topic];
}
