/** The operations of the MQTT Gateway API (development branch of 2025-01-23), as a table. */
import { type Address, topicBelow } from './address';
import { fill, type Levels } from './levels';

export const OPERATIONS = {
  createAsset: 'assets/{responseIdentifier}/create',
  getAsset: 'assets/{assetId}/get',
  updateAsset: 'assets/{assetId}/update',
  deleteAsset: 'assets/{assetId}/delete',
  updateAttributes: 'assets/{assetId}/attributes/update',
  getAttribute: 'assets/{assetId}/attributes/{attribute}/get',
  getAttributeValue: 'assets/{assetId}/attributes/{attribute}/get-value',
} as const;

export type OperationName = keyof typeof OPERATIONS;

/** @param levels checked before */
export function operationTopic(address: Address, operation: OperationName, levels: Levels): string {
  return topicBelow(address, `operations/${fill(OPERATIONS[operation], levels)}`);
}

export function responseTopic(requestTopic: string): string {
  return `${requestTopic}/response`;
}

/** Cover all responses and cannot overlap: they have 7, 8 and 9 levels. */
export function responseFilters(address: Address): readonly string[] {
  return ['+/+', '+/attributes/+', '+/attributes/+/+'].map((middle) =>
    topicBelow(address, `operations/assets/${middle}/response`),
  );
}

/** Why the server may stay silent; it does where a person would expect an error. */
export const SILENCE: Readonly<Partial<Record<OperationName, string>>> = {
  getAttribute: 'OpenRemote does not answer for an asset that it does not know',
  getAttributeValue: 'OpenRemote does not answer for an asset that it does not know',
};
