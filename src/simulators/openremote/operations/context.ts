/** What an operation works on. */
import type { AttributeWriter } from '../attribute-writer';
import type { Caller, Permissions } from '../authorisation/permissions';
import { isSuperUser } from '../authorisation/users';
import type { Clock } from '../clock';
import type { Asset } from '../model/asset';
import type { AssetStore } from '../model/asset-store';
import type { Behaviour } from '../options';

export interface Manager {
  readonly store: AssetStore;
  readonly permissions: Permissions;
  readonly writer: AttributeWriter;
  readonly behaviour: Behaviour;
  readonly clock: Clock;
}

/**
 * The asset that a caller may read. The reference commit checks neither its realm nor whether a gateway asks for what is not
 * its own; the documentation promises both.
 */
export function readable({ store, permissions, behaviour }: Manager, caller: Caller, id: string): Asset | undefined {
  const asset = store.get(id);
  if (behaviour.profile !== 'documented' || !asset) return asset;
  const inRealm = asset.realm === caller.realm || isSuperUser(caller.principal);
  return inRealm && (asset.id === caller.gateway?.id || permissions.inReach(caller, id)) ? asset : undefined;
}
