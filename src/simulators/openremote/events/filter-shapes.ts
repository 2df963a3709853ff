/**
 * The topic filters that stand for events. `+` and `#` in them are selectors with a meaning of their own: `+` is "realm
 * roots" or "direct children", not "one level"; the server substitutes them when it publishes.
 */
import { ASSET_ID, ATTRIBUTE_NAME } from '../model/ids';

/** `subtree` includes the asset itself. */
export type Scope = 'realm' | 'roots' | 'asset' | 'subtree' | 'children';

interface FilterShape {
  /** Levels that start with a colon are parameters. */
  readonly filter: string;
  readonly scope: Scope;
  /** Where the event is published: parameters as in the filter, `{id}` and `{name}` of the event. */
  readonly topic: string;
}

const PARAMETERS: ReadonlyMap<string, RegExp> = new Map([
  [':asset', ASSET_ID],
  [':name', ATTRIBUTE_NAME],
  [':nameOrAny', /^(\w+|\+)$/],
  [':attributes', /^attributes(-value)?$/],
  [':attribute', /^attribute(value)?$/],
]);

/** Gateway API; filters follow `events/assets/`. */
export const GATEWAY_API_SHAPES: readonly FilterShape[] = [
  { filter: '#', scope: 'realm', topic: '{id}' },
  { filter: '+', scope: 'roots', topic: '{id}' },
  { filter: ':asset', scope: 'asset', topic: ':asset' },
  { filter: ':asset/#', scope: 'subtree', topic: ':asset/{id}' },
  { filter: ':asset/+', scope: 'children', topic: ':asset/{id}' },
  { filter: '+/:attributes/#', scope: 'realm', topic: '{id}/:attributes/{name}' },
  { filter: '+/:attributes/+', scope: 'roots', topic: '{id}/:attributes/{name}' },
  { filter: '+/:attributes/:name/#', scope: 'realm', topic: '{id}/:attributes/:name/{id}' },
  { filter: '+/:attributes/:name/+', scope: 'roots', topic: '{id}/:attributes/:name/{id}' },
  { filter: ':asset/:attributes', scope: 'asset', topic: ':asset/:attributes' },
  { filter: ':asset/:attributes/:name', scope: 'asset', topic: ':asset/:attributes/:name' },
  { filter: ':asset/:attributes/:name/#', scope: 'subtree', topic: ':asset/:attributes/:name/{id}' },
  { filter: ':asset/:attributes/:name/+', scope: 'children', topic: ':asset/:attributes/:name/{id}' },
];

/** Standard API; filters follow `{realm}/{clientId}/`. */
export const CLASSIC_SHAPES: readonly FilterShape[] = [
  { filter: 'asset/#', scope: 'realm', topic: 'asset/{id}' },
  { filter: 'asset/+', scope: 'roots', topic: 'asset/{id}' },
  { filter: 'asset/:asset', scope: 'asset', topic: 'asset/:asset' },
  { filter: 'asset/:asset/#', scope: 'subtree', topic: 'asset/:asset/{id}' },
  { filter: 'asset/:asset/+', scope: 'children', topic: 'asset/:asset/{id}' },
  { filter: ':attribute/:nameOrAny/#', scope: 'realm', topic: ':attribute/{name}/{id}' },
  { filter: ':attribute/:nameOrAny/+', scope: 'roots', topic: ':attribute/{name}/{id}' },
  { filter: ':attribute/:nameOrAny/:asset', scope: 'asset', topic: ':attribute/{name}/:asset' },
  { filter: ':attribute/:nameOrAny/:asset/#', scope: 'subtree', topic: ':attribute/{name}/:asset/{id}' },
  { filter: ':attribute/:nameOrAny/:asset/+', scope: 'children', topic: ':attribute/{name}/:asset/{id}' },
];

/** What a filter selects. */
export interface FilterMeaning {
  readonly kind: 'asset' | 'attribute';
  readonly scope: Scope;
  /** Scope `asset`, `subtree` and `children`: of which one. */
  readonly assetId: string | undefined;
  /** undefined: every attribute. */
  readonly attribute: string | undefined;
  /** The payload is the bare value. */
  readonly valueOnly: boolean;
  topic(id: string, name: string): string;
}

/** undefined: no event has such a filter. */
export function readFilter(shapes: readonly FilterShape[], filter: string): FilterMeaning | undefined {
  for (const shape of shapes) {
    const bound = bind(shape.filter, filter);
    if (!bound) continue;
    const kind = bound.get(':attributes') ?? bound.get(':attribute');
    const name = bound.get(':name') ?? bound.get(':nameOrAny');
    const fill = (level: string): string => bound.get(level) ?? level;
    const levels = shape.topic.split('/').map(fill);
    return {
      kind: kind === undefined ? 'asset' : 'attribute',
      scope: shape.scope,
      assetId: bound.get(':asset'),
      attribute: name === '+' ? undefined : name,
      valueOnly: kind?.endsWith('value') ?? false,
      topic: (id, attribute) =>
        levels.map((level) => (level === '{id}' ? id : level === '{name}' ? attribute : level)).join('/'),
    };
  }
  return undefined;
}

function bind(shape: string, filter: string): ReadonlyMap<string, string> | undefined {
  const wanted = shape.split('/');
  const levels = filter.split('/');
  if (wanted.length !== levels.length) return undefined;
  const bound = new Map<string, string>();
  for (const [index, level] of levels.entries()) {
    const want = wanted[index] ?? '';
    const pattern = PARAMETERS.get(want);
    if (pattern ? !pattern.test(level) : want !== level) return undefined;
    if (pattern) bound.set(want, level);
  }
  return bound;
}
