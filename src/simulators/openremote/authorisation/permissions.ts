/** Who may do what to which asset. */
import type { Client } from '../broker/types';
import type { GatewayRegistry } from '../gateway/registry';
import type { Asset } from '../model/asset';
import type { AssetStore } from '../model/asset-store';
import { hasRole, type Identity, isSuperUser, type Principal } from './users';

/** A client as the rules see it. */
export interface Caller {
  readonly principal: Principal;
  /** Of the topic; a super user's may differ from its own. */
  readonly realm: string;
  /** The gateway whose client id this client uses. */
  readonly gateway: Asset | undefined;
}

export class Permissions {
  constructor(
    private readonly store: AssetStore,
    private readonly registry: GatewayRegistry,
  ) {}

  /** Checks the first two levels that all topics share. undefined: this client may use no such topic. */
  caller(client: Client<Identity>, topic: string): Caller | undefined {
    const principal = client.identity;
    const [realm, clientId] = topic.split('/');
    if (principal === 'anonymous' || !realm || /[+#]/.test(realm) || clientId !== client.id) return undefined;
    if (realm !== principal.realm && !isSuperUser(principal)) return undefined;
    return { principal, realm, gateway: this.registry.ofClient(client.id) };
  }

  /** The asset, if it is in the caller's realm. */
  assetOf({ realm }: Caller, id: string): Asset | undefined {
    const asset = this.store.get(id);
    return asset?.realm === realm ? asset : undefined;
  }

  /** A gateway's client is confined to its descendants. */
  inReach({ gateway }: Caller, assetId: string): boolean {
    return !gateway || this.registry.isDescendant(gateway, assetId);
  }

  mayRead({ principal }: Caller): boolean {
    return hasRole(principal, 'read:assets');
  }

  mayCreateAssets({ principal }: Caller): boolean {
    return hasRole(principal, 'write:assets') && !principal.restricted;
  }

  /** Update and delete. What is below a gateway belongs to that gateway's client alone. */
  mayChangeAsset(caller: Caller, id: string): boolean {
    const asset = this.assetOf(caller, id);
    if (!asset || !this.mayCreateAssets(caller)) return false;
    return caller.gateway ? this.registry.isDescendant(caller.gateway, id) : !this.registry.above(asset);
  }

  /** Where a new or moved asset may be put. The storage, not this, complains of a parent that does not exist. */
  mayHaveParent({ gateway }: Caller, parentId: string): boolean {
    if (gateway) return parentId === gateway.id || this.registry.isDescendant(gateway, parentId);
    const parent = this.store.get(parentId);
    return !parent || !this.registry.isUnderGateway(parent);
  }

  /** A value may be written if the attribute exists; through the Gateway API a gateway's client stays in its tree. */
  mayWriteAttribute(caller: Caller, id: string, name: string): boolean {
    const { principal } = caller;
    const attribute = this.assetOf(caller, id)?.attributes.get(name);
    if (!attribute || !hasRole(principal, 'write:attributes')) return false;
    if (attribute.meta['readOnly'] === true && !isSuperUser(principal)) return false;
    return !principal.restricted || (principal.links.has(id) && attribute.meta['accessRestrictedWrite'] === true);
  }
}
