/** What all plans share: topics, echoes, limits of versions and of the user's configuration. */
import type { Exchange, Silence, Step } from '../../../mqtt/exchange-types';
import type { Message, Publication } from '../../../mqtt/types';
import { EnergyError, type Fault, invalid } from '../../../shared/errors';
import { type Validator, assertValid } from '../../../shared/validation';
import type { OpenEvseNative } from '../native';
import { majorVersion } from '../version';

export type Params = Readonly<Record<string, unknown>>;
export type Planner = (params: Params, native: OpenEvseNative, now: number) => Exchange;

/** ms; echoes come within 6 ms of a command's arrival, so that two seconds leave the network ample time. */
const ECHO_TIME = 2000;

/** Nothing heard, because the wanted state was in force already: the gateway then says nothing. */
export const UNCHANGED_BY_SILENCE: Silence = { within: ECHO_TIME, then: 'unchanged' };
/** Nothing heard, and nothing more to be expected. */
export const SENT_BY_SILENCE: Silence = { within: ECHO_TIME, then: 'sent' };

export function timeout(hint: string): Silence {
  return { then: 'timeout', hint };
}

export function publication(native: OpenEvseNative, tail: string, payload: string): Publication {
  return { topic: native.prefix + tail, payload };
}

export function oneStep(native: OpenEvseNative, lane: string, step: Step): Exchange {
  return { lane: native.prefix + lane, steps: [step] };
}

/** Whether the message is a live, readable one of that key. */
export function isEcho(native: OpenEvseNative, key: string, message: Message): boolean {
  if (message.retained || !message.topic.startsWith(native.prefix)) return false;
  const tail = message.topic.slice(native.prefix.length);
  return (tail === key || tail === `${key}/`) && !native.values.faults.has(key);
}

export function checked<T>(validate: Validator<T>, params: Params, command: string): T {
  assertValid(validate, params, command);
  return params;
}

/** @throws EnergyError UNSUPPORTED when the gateway is known to be older than that major version. */
export function since(major: number, native: OpenEvseNative, command: string): void {
  const known = majorVersion(native);
  if (known === null || known >= major) return;
  throw new EnergyError(
    'UNSUPPORTED',
    `${command} needs gateway firmware ${major}.x or newer; this charger has ${known}.x`,
  );
}

/** @throws EnergyError INVALID when one of the currents (A) is more than the user allows for this charger. */
export function withinMaxCurrent(
  native: OpenEvseNative,
  currents: Readonly<Record<string, unknown>>,
  what: string,
): void {
  const most = native.config.maxCurrent;
  if (most === null) return;
  const faults: Fault[] = Object.entries(currents)
    .filter(([, current]) => typeof current === 'number' && current > most)
    .map(([path]) => ({ path, message: `is more than the ${most} A configured for this charger` }));
  if (faults.length > 0) throw invalid(what, faults);
}
