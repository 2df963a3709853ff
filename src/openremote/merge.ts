/**
 * A full asset from the present one and what is to change. The server replaces name, parent and all attributes with
 * what an update names, so everything that is to stay has to be sent along.
 */
import type { OpenRemoteAssetChanges } from '../generated/openremote-asset-changes';
import type { Asset } from './answers';

type AttributeChange = NonNullable<OpenRemoteAssetChanges['attributes']>[string];
type AssetAttribute = NonNullable<Asset['attributes']>[string];

function mergeAttribute(
  name: string,
  present: AssetAttribute | undefined,
  change: NonNullable<AttributeChange>,
): AssetAttribute {
  // A new value with the old one's time would be taken for outdated.
  const { timestamp, ...stays } = present ?? {};
  const kept = timestamp === undefined || 'value' in change ? stays : present;
  const meta = change.meta ?? {};
  return { ...kept, name, ...change, meta: { ...present?.meta, ...meta } };
}

/**
 * What the changes do not name stays, the meta of attributes included; an attribute that is null there is removed, and
 * `parentId` null moves the asset to the top of the realm.
 */
export function mergeAsset(present: Asset, changes: OpenRemoteAssetChanges): Asset {
  const { attributes = {}, parentId = present.parentId, name = present.name } = changes;
  const kept = Object.entries(present.attributes ?? {}).filter(([key]) => !Object.hasOwn(attributes, key));
  const changed = Object.entries(attributes).flatMap(([key, change]): [string, AssetAttribute][] => {
    if (change === null) return [];
    const own = present.attributes && Object.hasOwn(present.attributes, key) ? present.attributes[key] : undefined;
    return [[key, mergeAttribute(key, own, change)]];
  });
  const { parentId: _, ...rest } = present;
  return {
    ...rest,
    name,
    ...(typeof parentId === 'string' ? { parentId } : {}),
    attributes: Object.fromEntries([...kept, ...changed]),
  };
}
