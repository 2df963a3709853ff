/** The manager's database of assets: keeps the tree consistent and tells every change. */
import { isDeepStrictEqual } from 'node:util';
import type { Clock } from '../clock';
import type { Asset, Attribute, Attributes } from './asset';
import type { ModelChange } from './events';

export interface AssetDraft {
  readonly id: string;
  readonly name: string;
  readonly realm: string;
  readonly type: string;
  readonly parentId: string | undefined;
  readonly accessPublicRead: boolean;
  readonly attributes: Attributes;
}

/** What an update replaces; nothing else of an asset can be changed. */
export type AssetReplacement = Pick<AssetDraft, 'name' | 'parentId' | 'attributes'>;

export type WriteOutcome = 'stored' | 'outdated' | 'unknown';

/** The database refused: the answer is INTERNAL_SERVER_ERROR. */
export class StorageError extends Error {}

export class AssetStore {
  private readonly assets = new Map<string, Asset>();
  private readonly listeners: ((change: ModelChange) => void)[] = [];

  constructor(
    private readonly realms: ReadonlySet<string>,
    private readonly clock: Clock,
  ) {}

  onChange(listener: (change: ModelChange) => void): void {
    this.listeners.push(listener);
  }

  get(id: string): Asset | undefined {
    return this.assets.get(id);
  }

  /** @throws StorageError id in use, realm or parent unknown, parent in another realm */
  create(draft: AssetDraft): Asset {
    if (this.assets.has(draft.id)) throw new StorageError('id in use');
    if (!this.realms.has(draft.realm)) throw new StorageError('unknown realm');
    const path = [...this.parentPath(draft), draft.id];
    const asset = { ...draft, version: 0, createdOn: this.clock.now(), path };
    this.assets.set(asset.id, asset);
    this.tell({ kind: 'asset', cause: 'CREATE', asset });
    for (const attribute of asset.attributes.values()) this.tellAttribute(asset, attribute, true);
    return asset;
  }

  /**
   * Nothing changed: nothing is told, and the version stays.
   * @throws StorageError asset or parent unknown, parent below the asset itself
   */
  update(id: string, replacement: AssetReplacement): void {
    const old = this.assets.get(id);
    if (!old) throw new StorageError('unknown asset');
    const parents = this.parentPath({ ...replacement, realm: old.realm });
    if (parents.includes(id)) throw new StorageError('parent is below the asset');
    const asset: Asset = { ...old, ...replacement, version: old.version + 1, path: [...parents, id] };
    const updatedProperties = (['name', 'parentId', 'attributes'] as const).filter(
      (property) => !isDeepStrictEqual(old[property], asset[property]),
    );
    if (updatedProperties.length === 0) return;

    this.assets.set(id, asset);
    if (updatedProperties.includes('parentId')) this.moveDescendants(asset);
    this.tell({ kind: 'asset', cause: 'UPDATE', asset, updatedProperties });
    const all = updatedProperties.some((property) => property !== 'attributes');
    for (const attribute of asset.attributes.values()) {
      const before = old.attributes.get(attribute.name);
      if (!all && isDeepStrictEqual(before, attribute)) continue;
      this.tellAttribute(asset, attribute, !isDeepStrictEqual(before?.value, attribute.value));
    }
    for (const attribute of old.attributes.values()) {
      if (!asset.attributes.has(attribute.name)) this.tellDeleted(asset, attribute);
    }
  }

  /** Deletes the whole subtree, leaves first. */
  delete(id: string): void {
    const doomed = this.subtree(id).sort((a, b) => b.path.length - a.path.length);
    for (const asset of doomed) {
      this.assets.delete(asset.id);
      this.tell({ kind: 'asset', cause: 'DELETE', asset });
      for (const attribute of asset.attributes.values()) this.tellDeleted(asset, attribute);
    }
  }

  /** `value` is of the attribute's type already. A value older than the stored one changes nothing and tells nothing. */
  writeValue(id: string, name: string, value: unknown, timestamp: number): WriteOutcome {
    const old = this.assets.get(id);
    const before = old?.attributes.get(name);
    if (!old || !before) return 'unknown';
    if (timestamp < before.timestamp) return 'outdated';
    const attribute = { ...before, value, timestamp };
    const asset = { ...old, attributes: new Map(old.attributes).set(name, attribute) };
    this.assets.set(id, asset);
    this.tellAttribute(asset, attribute, !isDeepStrictEqual(before.value, value));
    return 'stored';
  }

  /** The asset itself and all below it. */
  private subtree(id: string): Asset[] {
    return [...this.assets.values()].filter((asset) => asset.path.includes(id));
  }

  private parentPath({ parentId, realm }: Pick<AssetDraft, 'parentId' | 'realm'>): readonly string[] {
    if (parentId === undefined) return [];
    const parent = this.assets.get(parentId);
    if (parent?.realm !== realm) throw new StorageError('parent unknown or in another realm');
    return parent.path;
  }

  private moveDescendants(top: Asset): void {
    for (const asset of this.subtree(top.id)) {
      if (asset.id === top.id) continue;
      const path = [...top.path, ...asset.path.slice(asset.path.indexOf(top.id) + 1)];
      this.assets.set(asset.id, { ...asset, path });
    }
  }

  private tellAttribute(asset: Asset, { name, value, timestamp }: Attribute, changed: boolean): void {
    this.tell({ kind: 'attribute', asset, name, value, timestamp, deleted: false, changed });
  }

  private tellDeleted(asset: Asset, { name }: Attribute): void {
    const timestamp = this.clock.now();
    this.tell({ kind: 'attribute', asset, name, value: null, timestamp, deleted: true, changed: true });
  }

  private tell(change: ModelChange): void {
    for (const listener of this.listeners) listener(change);
  }
}
