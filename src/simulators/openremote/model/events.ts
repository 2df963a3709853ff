/** What changes in the model, and its JSON. */
import { type Asset, type AssetJson, assetToJson } from './asset';

export type Cause = 'CREATE' | 'UPDATE' | 'DELETE';

export interface AssetChange {
  readonly kind: 'asset';
  readonly cause: Cause;
  /** As it is now; with DELETE as it was. */
  readonly asset: Asset;
  /** With UPDATE: the names of the changed members. */
  readonly updatedProperties?: readonly string[];
}

export interface AttributeChange {
  readonly kind: 'attribute';
  readonly asset: Asset;
  readonly name: string;
  readonly value: unknown;
  /** ms since the epoch. */
  readonly timestamp: number;
  readonly deleted: boolean;
  /** false: the same value was written again. */
  readonly changed: boolean;
}

export type ModelChange = AssetChange | AttributeChange;

/** `timestamp` is always 0. `asset` may be another view than the stored one. */
export function assetEvent(cause: Cause, asset: AssetJson, updatedProperties?: readonly string[]): object {
  return { eventType: 'asset', cause, asset, ...(updatedProperties ? { updatedProperties } : {}), timestamp: 0 };
}

interface AttributeEventFields {
  readonly id: string;
  readonly name: string;
  readonly value: unknown;
  readonly timestamp: number;
  readonly deleted?: boolean;
  /** Present in events, absent in answers. */
  readonly realm?: string;
}

/** A null value is left out. */
export function attributeEvent({ id, name, value, timestamp, deleted = false, realm }: AttributeEventFields): object {
  return {
    eventType: 'attribute',
    ref: { id, name },
    ...(value === null ? {} : { value }),
    ...(realm === undefined ? {} : { realm }),
    timestamp,
    deleted,
  };
}

export function changeToJson(change: ModelChange): object {
  if (change.kind === 'asset') return assetEvent(change.cause, assetToJson(change.asset), change.updatedProperties);
  const { asset, name, value, timestamp, deleted } = change;
  return attributeEvent({ id: asset.id, name, value, timestamp, deleted, realm: asset.realm });
}
