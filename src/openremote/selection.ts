/** Which events are wanted, and the topic filter that stands for them in each dialect, as a table. */
import { EnergyError, invalid } from '../shared/errors';
import { type Address, type Dialect, topicBelow } from './address';
import { faultOf, fill } from './levels';

export const KINDS = ['asset', 'attribute', 'value'] as const;
export const SCOPES = ['realm', 'roots', 'asset', 'children', 'subtree'] as const;

export type Kind = (typeof KINDS)[number];
export type Scope = (typeof SCOPES)[number];

export interface Selection {
  readonly kind: Kind;
  /** `subtree` includes the asset itself, `roots` are the assets without parent. */
  readonly scope: Scope;
  /** Empty with `realm` and `roots`. */
  readonly assetId: string;
  /** Empty = all. */
  readonly attribute: string;
}

/**
 * `+` and `#` are selectors with a meaning of their own, which the server replaces in the topics of the events: `+` is
 * "without parent" or "direct children", not "one level". Other filters that look as good are refused.
 */
type Filters = Readonly<Record<Scope, string | null>>;

const GATEWAY: Readonly<Record<'asset' | 'named' | 'all', Filters>> = {
  asset: {
    realm: '#',
    roots: '+',
    asset: '{assetId}',
    children: '{assetId}/+',
    subtree: '{assetId}/#',
  },
  named: {
    realm: '+/{kind}/{attribute}/#',
    roots: '+/{kind}/{attribute}/+',
    asset: '{assetId}/{kind}/{attribute}',
    children: '{assetId}/{kind}/{attribute}/+',
    subtree: '{assetId}/{kind}/{attribute}/#',
  },
  all: {
    realm: '+/{kind}/#',
    roots: '+/{kind}/+',
    asset: '{assetId}/{kind}',
    children: null,
    subtree: null,
  },
};

const CLASSIC: Readonly<Record<Scope, string>> = {
  realm: '#',
  roots: '+',
  asset: '{assetId}',
  children: '{assetId}/+',
  subtree: '{assetId}/#',
};

export const GATEWAY_KIND = { attribute: 'attributes', value: 'attributes-value' } as const;
export const CLASSIC_KIND = { asset: 'asset', attribute: 'attribute', value: 'attributevalue' } as const;

/** @throws EnergyError INVALID when an id or a name is missing or not valid. */
export function checkSelection({ kind, scope, assetId, attribute }: Selection): void {
  const needsAsset = scope !== 'realm' && scope !== 'roots';
  const faults = [
    needsAsset ? faultOf('assetId', assetId) : undefined,
    kind !== 'asset' && attribute !== '' ? faultOf('attribute', attribute) : undefined,
  ].filter((fault) => fault !== undefined);
  if (faults.length > 0) throw invalid('Not a selection of events', faults);
}

function gatewayTail({ kind, scope, assetId, attribute }: Selection): string {
  const filter = GATEWAY[kind === 'asset' ? 'asset' : attribute === '' ? 'all' : 'named'][scope];
  if (filter === null) {
    throw new EnergyError(
      'UNSUPPORTED',
      `The MQTT Gateway API has no filter for all attributes of the ${scope} of an asset: enter an attribute (released managers have one, over their standard MQTT API)`,
    );
  }
  const named = kind === 'asset' ? filter : filter.replace('{kind}', GATEWAY_KIND[kind]);
  return `events/assets/${fill(named, { assetId, attribute })}`;
}

function classicTail({ kind, scope, assetId, attribute }: Selection): string {
  const name = kind === 'asset' ? '' : `${attribute || '+'}/`;
  return `${CLASSIC_KIND[kind]}/${name}${fill(CLASSIC[scope], { assetId })}`;
}

/**
 * @param selection checked before
 * @throws EnergyError UNSUPPORTED when the dialect has no filter for it.
 */
export function filterOf(dialect: Dialect, address: Address, selection: Selection): string {
  return topicBelow(address, dialect === 'gateway' ? gatewayTail(selection) : classicTail(selection));
}
