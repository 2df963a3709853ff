/** Whose topics they are: all topics of OpenRemote begin with the realm and the connection's client id. */
import { EnergyError } from '../shared/errors';

export interface Address {
  readonly realm: string;
  readonly clientId: string;
}

/** Two dialects: the MQTT Gateway API (on its development branch only), and what released managers speak. */
export const DIALECTS = ['gateway', 'classic'] as const;
export type Dialect = (typeof DIALECTS)[number];

/** `auto`: as the server answers the subscription to the operations' responses. */
export type DialectChoice = Dialect | 'auto';

/** Longer ids, and those with other characters, break topics or the server's replacement of wildcards. */
const CLIENT_ID = /^[A-Za-z0-9_-]{1,255}$/;
const REALM = /^[^/+#\p{Cc}\p{Cs}]{1,255}$/u;

/** The server recognises a Gateway V2 asset's connection by its client id: this, and the asset's id in lower case. */
const GATEWAY_PREFIX = 'gateway-';

export function isGateway({ clientId }: Address): boolean {
  return clientId.startsWith(GATEWAY_PREFIX);
}

/**
 * The realm of a user name of the form `{realm}:{username}`.
 * @throws EnergyError NOT_CONFIGURED
 */
export function realmOf(username: string | undefined): string {
  const end = username?.indexOf(':') ?? -1;
  if (username === undefined || end <= 0 || end === username.length - 1) {
    throw new EnergyError(
      'NOT_CONFIGURED',
      'The user name of the broker must be {realm}:{username} of a service user of OpenRemote',
    );
  }
  return username.slice(0, end);
}

/** @throws EnergyError NOT_CONFIGURED when one of them cannot stand in a topic. */
export function toAddress(realm: string, clientId: string): Address {
  if (!REALM.test(realm)) throw new EnergyError('NOT_CONFIGURED', `"${realm}" is not a realm`);
  if (!CLIENT_ID.test(clientId)) {
    throw new EnergyError(
      'NOT_CONFIGURED',
      `The client id "${clientId}" of the broker cannot stand in topics: use letters, digits, "_" and "-" only`,
    );
  }
  return { realm, clientId };
}

/** An absolute topic from one below the address. */
export function topicBelow({ realm, clientId }: Address, tail: string): string {
  return `${realm}/${clientId}/${tail}`;
}
