/** OpenEVSE chargers through the MQTT interface of their WiFi gateway, firmware 2.x to 5.1.5 and its successors. */
import { invalid } from '../../shared/errors';
import { isTopic } from '../../shared/topics';
import type { ChargerDriver } from '../driver';
import { decode, filters } from './decode';
import { discovery } from './discovery';
import { masked } from './gateway-config';
import { QUIET_KEYS, typed } from './keys';
import { disconnected, nextChange } from './liveness';
import { create, type OpenEvseNative } from './native';
import { COMMANDS, plan } from './plan';
import { project } from './project';

/**
 * The base topic as the gateway's MQTT page and its announce (`mqtt`) have it: it may be empty and may contain slashes.
 * @throws EnergyError INVALID for what cannot be a topic.
 */
function base(typed: string): string {
  const topic = typed.trim().replace(/\/+$/, '');
  if (topic !== '' && !isTopic(topic)) {
    throw invalid('base topic', [{ path: 'baseTopic', message: 'must not contain +, # or control characters' }]);
  }
  return topic;
}

/** A record without a prototype: the keys come from the network. */
function raw(native: OpenEvseNative): Record<string, unknown> {
  const record = Object.create(null) as Record<string, unknown>;
  for (const [key, value] of native.values.entries()) record[key] = masked(key, typed(key, value));
  return record;
}

export type { OpenEvseNative } from './native';

export const openevse: ChargerDriver<OpenEvseNative> = {
  system: 'openevse',
  commands: COMMANDS,
  base,
  create,
  filters,
  decode,
  quiet: QUIET_KEYS,
  project,
  deadline: nextChange,
  disconnected,
  raw,
  faults: (native) => native.values.faults,
  plan,
  discovery,
};
