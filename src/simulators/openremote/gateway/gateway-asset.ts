/** What the server itself puts into a Gateway V2 asset: it is the gateway's service user. */
import { randomUUID } from 'node:crypto';
import type { Asset, Attribute, Attributes } from '../model/asset';
import { descriptorsOf, GATEWAY_TYPE } from '../model/asset-types';

/** MQTT client id and user name of a gateway. */
export function clientIdOf(assetId: string): string {
  return `gateway-${assetId.toLowerCase()}`;
}

export function isDisabled(gateway: Asset): boolean {
  return gateway.attributes.get('disabled')?.value === true;
}

/** Adds the server's attributes to a new asset, if it is a gateway. A secret that was given is kept. */
export function withGatewayAttributes<T extends { id: string; type: string; attributes: Attributes }>(
  draft: T,
  now: number,
): T {
  if (draft.type !== GATEWAY_TYPE) return draft;
  const values: Readonly<Record<string, unknown>> = {
    clientId: clientIdOf(draft.id),
    clientSecret: draft.attributes.get('clientSecret')?.value ?? randomUUID(),
    gatewayStatus: 'DISCONNECTED',
    disabled: draft.attributes.get('disabled')?.value ?? false,
  };
  const attributes = new Map<string, Attribute>(draft.attributes);
  for (const [name, value] of Object.entries(values)) {
    const descriptor = descriptorsOf(draft.type).get(name);
    const meta = { ...(descriptor?.readOnly ? { readOnly: true } : {}), ...attributes.get(name)?.meta };
    attributes.set(name, { name, type: descriptor?.type, meta, value, timestamp: now });
  }
  return { ...draft, attributes };
}
