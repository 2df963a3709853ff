/** From a topic filter to what it selects, for the client that asks: the realm's tree, or a gateway's. */
import type { Caller, Permissions } from '../authorisation/permissions';
import type { Profile } from '../options';
import { CLASSIC_SHAPES, type FilterMeaning, GATEWAY_API_SHAPES, readFilter } from './filter-shapes';
import type { Selector } from './selector';

const GATEWAY_API_AREA = 'events/assets/';

/** undefined: not an event filter, or not one that this caller may have. */
export function selectorOf(
  filter: string,
  caller: Caller,
  permissions: Permissions,
  profile: Profile,
): Selector | undefined {
  if (!permissions.mayRead(caller)) return undefined;
  const levels = filter.split('/');
  const own = `${levels.slice(0, 2).join('/')}/`;
  const rest = levels.slice(2).join('/');
  const classic = readFilter(CLASSIC_SHAPES, rest);
  if (classic) return exists(classic, caller, permissions) ? plain(classic, caller, own, true) : undefined;

  if (profile === 'classic' || !rest.startsWith(GATEWAY_API_AREA)) return undefined;
  const meaning = readFilter(GATEWAY_API_SHAPES, rest.slice(GATEWAY_API_AREA.length));
  if (!meaning || !exists(meaning, caller, permissions)) return undefined;
  const selector = plain(meaning, caller, own + GATEWAY_API_AREA, false);
  if (!caller.gateway) return selector;
  return profile === 'documented'
    ? relativeTo(caller.gateway.id, selector, caller, permissions)
    : widened(caller.gateway.id, selector, caller, permissions);
}

/** A filter pinned to one asset needs that asset; subtree and children filters do not. */
function exists({ scope, assetId }: FilterMeaning, caller: Caller, permissions: Permissions): boolean {
  return scope !== 'asset' || (assetId !== undefined && permissions.assetOf(caller, assetId) !== undefined);
}

function plain(meaning: FilterMeaning, { realm }: Caller, prefix: string, changedValuesOnly: boolean): Selector {
  const roots = meaning.assetId === undefined ? [] : [meaning.assetId];
  return { meaning, realm, roots, changedValuesOnly, prefix };
}

/**
 * The reference commit: a gateway has to name a descendant, and a subtree filter matches the gateway's whole tree because
 * the gateway's path is added to the filter as an alternative.
 */
function widened(
  gatewayId: string,
  selector: Selector,
  caller: Caller,
  permissions: Permissions,
): Selector | undefined {
  const { assetId } = selector.meaning;
  if (assetId === undefined || !permissions.inReach(caller, assetId)) return undefined;
  return { ...selector, roots: [assetId, gatewayId] };
}

/** The documentation: "realm" means the gateway's descendants, "realm roots" its children. */
function relativeTo(
  gatewayId: string,
  selector: Selector,
  caller: Caller,
  permissions: Permissions,
): Selector | undefined {
  const { meaning } = selector;
  if (meaning.assetId !== undefined) {
    return meaning.assetId === gatewayId || permissions.inReach(caller, meaning.assetId) ? selector : undefined;
  }
  const scope = meaning.scope === 'realm' ? 'subtree' : 'children';
  return { ...selector, meaning: { ...meaning, scope, assetId: gatewayId }, roots: [gatewayId], except: gatewayId };
}
