/** What flows get of an event, whichever dialect it came in. */
import type { Asset, AssetEvent, AttributeEvent } from './answers';
import { toInstant } from './json';

/** Members that the server does not tell are null. */
export interface OpenRemoteEvent {
  readonly event: 'asset' | 'attribute' | 'value';
  /** READ: not an event but the present state, which somebody asked for. */
  readonly cause: 'CREATE' | 'READ' | 'UPDATE' | 'DELETE' | null;
  readonly assetId: string;
  readonly attribute: string | null;
  readonly value: unknown;
  /** Instant in UTC. */
  readonly timestamp: string | null;
  readonly deleted: boolean | null;
  readonly asset: Asset | null;
}

const NOTHING = { cause: null, attribute: null, value: null, timestamp: null, deleted: null, asset: null } as const;

export function fromAssetEvent({ cause, asset }: Pick<AssetEvent, 'cause' | 'asset'>): OpenRemoteEvent {
  return { event: 'asset', ...NOTHING, cause, assetId: asset.id, deleted: cause === 'DELETE', asset };
}

export function fromAttributeEvent({ ref, value, timestamp, deleted }: AttributeEvent): OpenRemoteEvent {
  return {
    event: 'attribute',
    ...NOTHING,
    assetId: ref.id,
    attribute: ref.name,
    value: value ?? null,
    timestamp: toInstant(timestamp),
    deleted: deleted ?? null,
  };
}

/** @param attribute null: the topic does not tell. */
export function fromValue(assetId: string, attribute: string | null, value: unknown): OpenRemoteEvent {
  return { event: 'value', ...NOTHING, assetId, attribute, value };
}

/** The present state of an asset in the form of the events that a selection brings. */
export function fromState(asset: Asset, kind: OpenRemoteEvent['event'], attribute: string): OpenRemoteEvent[] {
  if (kind === 'asset') return [fromAssetEvent({ cause: 'READ', asset })];
  return Object.entries(asset.attributes ?? {})
    .filter(([name]) => attribute === '' || name === attribute)
    .map(([name, { value, timestamp }]) => ({
      event: kind,
      ...NOTHING,
      cause: 'READ',
      assetId: asset.id,
      attribute: name,
      value: value ?? null,
      timestamp: toInstant(timestamp),
      deleted: false,
    }));
}
