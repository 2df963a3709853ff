/** The operation topics: what is asked for, of what. */

export type OperationName =
  | 'asset.create'
  | 'asset.get'
  | 'asset.update'
  | 'asset.delete'
  | 'attribute.update'
  | 'attribute.get'
  | 'attribute.getValue'
  | 'attributes.update'
  | 'attributes.get';

export interface Request {
  readonly operation: OperationName;
  /** The asset's; with asset.create any text that the client chose. */
  readonly id: string;
  /** Empty where the operation names no attribute. */
  readonly attribute: string;
}

/** By the levels after `operations/assets/{id}`; the attribute's name stands where `{name}` does. */
const OPERATIONS: ReadonlyMap<string, OperationName> = new Map([
  ['create', 'asset.create'],
  ['get', 'asset.get'],
  ['update', 'asset.update'],
  ['delete', 'asset.delete'],
  ['attributes/{name}/update', 'attribute.update'],
  ['attributes/{name}/get', 'attribute.get'],
  ['attributes/{name}/get-value', 'attribute.getValue'],
  ['attributes/update', 'attributes.update'],
  ['attributes/get', 'attributes.get'],
]);

/** `levels` follow `{realm}/{clientId}/`. undefined: not an operation. */
export function parseRequest(levels: readonly string[]): Request | undefined {
  const [area, assets, id, ...rest] = levels;
  if (area !== 'operations' || assets !== 'assets' || !id) return undefined;
  const attribute = rest.length === 3 ? (rest[1] ?? '') : '';
  const operation = OPERATIONS.get(rest.length === 3 ? [rest[0], '{name}', rest[2]].join('/') : rest.join('/'));
  return operation && { operation, id, attribute };
}
