/** The asset types the simulator knows, and the attributes they define. */
import table from './asset-types.json';

export interface AttributeDescriptor {
  readonly type: string;
  /** An asset without it is not valid. */
  readonly required?: boolean;
  /** Clients may not write it. */
  readonly readOnly?: boolean;
}

type Descriptors = Readonly<Record<string, AttributeDescriptor>>;

const OF_EVERY_TYPE: Descriptors = {
  notes: { type: 'text', required: true },
  location: { type: 'GEO_JSONPoint', required: true },
  email: { type: 'text' },
  manufacturer: { type: 'text' },
  model: { type: 'text' },
  tags: { type: 'text[]' },
};

const TYPES = new Map<string, ReadonlyMap<string, AttributeDescriptor>>(
  Object.entries<Descriptors>(table).map(([type, own]) => [
    type,
    new Map(Object.entries({ ...OF_EVERY_TYPE, ...own })),
  ]),
);

export const DEFAULT_TYPE = 'ThingAsset';
export const GATEWAY_TYPE = 'GatewayV2Asset';

/** A missing or unknown type becomes a ThingAsset. */
export function knownType(type: string | undefined): string {
  return type !== undefined && TYPES.has(type) ? type : DEFAULT_TYPE;
}

export function descriptorsOf(type: string): ReadonlyMap<string, AttributeDescriptor> {
  return TYPES.get(knownType(type)) ?? new Map<string, AttributeDescriptor>();
}
