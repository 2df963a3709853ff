/** What the Linky nodes share: common properties, the tariff that a node names, errors without meter numbers. */
import type { Node, NodeAPI } from 'node-red';
import { checkTopicOptions } from '../linky/topics';
import { maskMeters } from '../linky/mask';
import type { Tariff } from '../linky/tariff';
import { EnergyError, toError } from '../shared/errors';
import { text } from './coerce';

export interface TariffNode extends Node {
  /** Absent when the node's own configuration is not usable; `problem` says why. */
  tariff?: Tariff;
  problem?: EnergyError;
}

/**
 * The contract that a node's property names.
 * @throws EnergyError NOT_CONFIGURED
 */
export function useTariff(RED: NodeAPI, id: string): Tariff {
  const found = id ? (RED.nodes.getNode(id) as TariffNode | null) : null;
  if (found?.tariff) return found.tariff;
  const reason = id ? 'The tariff is missing or disabled' : 'No tariff is chosen';
  throw found?.problem ?? new EnergyError('NOT_CONFIGURED', reason);
}

/**
 * A topic prefix, with or without a slash at its end.
 * @throws EnergyError NOT_CONFIGURED
 */
export function readPrefix(value: unknown): string {
  const given = text(value, 'myelectricaldata').replace(/\/+$/, '');
  notConfigured(() => checkTopicOptions({ prefix: given, discoveryPrefix: '', pdl: '' }));
  return given;
}

/** Runs a check of properties: what it finds invalid is a matter of configuration. */
export function notConfigured<T>(check: () => T): T {
  try {
    return check();
  } catch (thrown) {
    const { message } = toError(thrown);
    throw new EnergyError('NOT_CONFIGURED', message, thrown instanceof EnergyError ? thrown.cause : {});
  }
}

/** The same error without a meter number in its text: a topic filter may hold one. */
export function masked({ code, message, cause }: EnergyError): EnergyError {
  return new EnergyError(code, maskMeters(message), cause);
}
