/** Assets and attributes, and their JSON as the manager writes it. */

export interface Attribute {
  readonly name: string;
  readonly type: string | undefined;
  readonly meta: Readonly<Record<string, unknown>>;
  readonly value: unknown;
  /** ms since the epoch of the value. */
  readonly timestamp: number;
}

export type Attributes = ReadonlyMap<string, Attribute>;

/** Never changed in place: an event may carry it as it was. */
export interface Asset {
  readonly id: string;
  readonly version: number;
  /** ms since the epoch. */
  readonly createdOn: number;
  readonly name: string;
  readonly accessPublicRead: boolean;
  readonly parentId: string | undefined;
  readonly realm: string;
  readonly type: string;
  /** Root first, own id last. */
  readonly path: readonly string[];
  readonly attributes: Attributes;
}

export interface AttributeJson {
  readonly name: string;
  readonly type?: string;
  readonly meta: Readonly<Record<string, unknown>>;
  readonly value: unknown;
  readonly timestamp?: number;
}

export interface AssetJson {
  readonly id: string;
  readonly version: number;
  readonly createdOn?: number;
  readonly name: string;
  readonly accessPublicRead: boolean;
  readonly parentId?: string;
  readonly realm: string;
  readonly type: string;
  readonly path?: readonly string[];
  readonly attributes: Readonly<Record<string, AttributeJson>>;
}

/** null is written out as the value, but a missing type or a timestamp of 0 is left out. */
export function attributeToJson({ name, type, meta, value, timestamp }: Attribute): AttributeJson {
  return {
    name,
    ...(type === undefined ? {} : { type }),
    meta,
    value,
    ...(timestamp === 0 ? {} : { timestamp }),
  };
}

export function attributesToJson(attributes: Attributes): Readonly<Record<string, AttributeJson>> {
  const json = Object.create(null) as Record<string, AttributeJson>;
  for (const [name, attribute] of attributes) json[name] = attributeToJson(attribute);
  return json;
}

/** The answer to a create echoes the request: what the database adds is not in it. */
export function createdAssetToJson(asset: Asset): AssetJson {
  const { id, version, name, accessPublicRead, parentId, realm, type, attributes } = asset;
  return {
    id,
    version,
    name,
    accessPublicRead,
    ...(parentId === undefined ? {} : { parentId }),
    realm,
    type,
    attributes: attributesToJson(attributes),
  };
}

export function assetToJson(asset: Asset): AssetJson {
  return { ...createdAssetToJson(asset), createdOn: asset.createdOn, path: asset.path };
}
