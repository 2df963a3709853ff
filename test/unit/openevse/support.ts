/** Drives the driver with messages, as the store does. */
import assert from 'node:assert/strict';
import { openevse, type OpenEvseNative } from '../../../src/chargers/openevse';
import type { ChargerConfig } from '../../../src/chargers/driver';
import type { ChargerCommand, CommandName } from '../../../src/shared/commands';
import type { Exchange, Outcome } from '../../../src/mqtt/exchange-types';
import type { Message } from '../../../src/mqtt/types';
import { EnergyError } from '../../../src/shared/errors';
import { BASE } from '../../support/recorded-openevse';

export { BASE, configOf, session } from '../../support/recorded-openevse';

export const START = Date.UTC(2026, 10, 21, 10, 58, 14);

export function charger(config: Partial<ChargerConfig> = {}): OpenEvseNative {
  return openevse.create({ name: '', baseTopic: BASE, staleAfter: null, maxCurrent: null, ...config });
}

export function message(topic: string, payload: string | Uint8Array, retained = false): Message {
  return { topic, payload: typeof payload === 'string' ? Buffer.from(payload) : payload, retained, qos: 0 };
}

/** A live message below the base topic. */
export function live(native: OpenEvseNative, tail: string, payload: string, now = START): readonly string[] {
  return openevse.decode(native, message(`${native.config.baseTopic}/${tail}`, payload), now);
}

export function replayed(native: OpenEvseNative, tail: string, payload: string, now = START): readonly string[] {
  return openevse.decode(native, message(`${native.config.baseTopic}/${tail}`, payload, true), now);
}

/** Several live messages: `{ state: 3, amp: 16000 }`. */
export function tell(native: OpenEvseNative, values: Readonly<Record<string, unknown>>, now = START): void {
  for (const [key, value] of Object.entries(values)) {
    live(native, key, typeof value === 'string' ? value : JSON.stringify(value), now);
  }
}

export function plan(native: OpenEvseNative, command: CommandName, params: ChargerCommand['params'] = {}): Exchange {
  return openevse.plan({ command, params }, native, START);
}

/** Topics below the base and payloads of all steps. */
export function published(native: OpenEvseNative, exchange: Exchange): (readonly [string, string])[] {
  return exchange.steps.flatMap((step) =>
    step.publications.map(({ topic, payload }) => [topic.replace(`${native.config.baseTopic}/`, ''), payload] as const),
  );
}

/** Folds the messages in and says how the exchange's one step ends over them. */
export function outcome(
  native: OpenEvseNative,
  exchange: Exchange,
  messages: readonly (Message | readonly [string, string])[],
): Outcome | 'refused' | 'timeout' {
  const [step] = exchange.steps;
  assert.ok(step);
  let accepted = false;
  for (const heard of messages) {
    const one = 'topic' in heard ? heard : message(`${native.config.baseTopic}/${heard[0]}`, heard[1]);
    openevse.decode(native, one, START);
    const verdict = step.judge?.(one);
    if (verdict && 'refused' in verdict) return 'refused';
    if (verdict?.stage === 'confirmed') return 'confirmed';
    accepted ||= verdict?.stage === 'accepted';
  }
  return (accepted ? step.afterAccepted : step.afterSent)?.then ?? 'timeout';
}

/** Asserts an EnergyError of that code; returns it for a look at its details. */
export function refused(action: () => unknown, code: EnergyError['code'], text?: RegExp): EnergyError {
  try {
    action();
  } catch (thrown) {
    assert.ok(thrown instanceof EnergyError, String(thrown));
    assert.equal(thrown.code, code, thrown.message);
    if (text) assert.match(thrown.message, text);
    return thrown;
  }
  return assert.fail(`no ${code}`);
}
