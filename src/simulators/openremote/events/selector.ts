/** Which changes of the model an event filter gets to see. */
import type { Asset } from '../model/asset';
import type { ModelChange } from '../model/events';
import type { FilterMeaning } from './filter-shapes';

export interface Selector {
  readonly meaning: FilterMeaning;
  readonly realm: string;
  /** The assets whose subtrees count with scope `subtree`; more than one where the server over-delivers. */
  readonly roots: readonly string[];
  /** Leave out this asset itself. */
  readonly except?: string;
  /** A value that was written again is not an event. */
  readonly changedValuesOnly: boolean;
  /** The levels before those of `meaning`. */
  readonly prefix: string;
}

export function selects({ meaning, realm, roots, except, changedValuesOnly }: Selector, change: ModelChange): boolean {
  const { asset } = change;
  if (change.kind !== meaning.kind || asset.realm !== realm || asset.id === except) return false;
  if (change.kind === 'attribute') {
    if (meaning.attribute !== undefined && meaning.attribute !== change.name) return false;
    if (changedValuesOnly && !change.changed) return false;
  }
  return inScope(meaning, roots, asset);
}

function inScope({ scope, assetId }: FilterMeaning, roots: readonly string[], asset: Asset): boolean {
  switch (scope) {
    case 'realm':
      return true;
    case 'roots':
      return asset.parentId === undefined;
    case 'asset':
      return asset.id === assetId;
    case 'subtree':
      return roots.some((root) => asset.path.includes(root));
    case 'children':
      return asset.parentId === assetId;
  }
}

export function topicOf({ prefix, meaning }: Selector, change: ModelChange): string {
  return prefix + meaning.topic(change.asset.id, change.kind === 'attribute' ? change.name : '');
}
