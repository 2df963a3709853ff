/** Reads and validates the asset that a create or update request carries. */
import type { Attribute, Attributes } from './asset';
import { descriptorsOf, knownType } from './asset-types';
import { ASSET_ID, ATTRIBUTE_NAME } from './ids';
import { isRecord, parseJson } from './json';
import { coerce } from './value-types';

/** An asset as a client may send it. */
export interface AssetTemplate {
  readonly id?: string | undefined;
  readonly realm?: string | undefined;
  readonly name?: string | undefined;
  readonly type?: string | undefined;
  readonly parentId?: string | undefined;
  readonly accessPublicRead?: boolean | undefined;
  readonly attributes?: Readonly<Record<string, AttributeTemplate>> | undefined;
}

export interface AttributeTemplate {
  readonly type?: string;
  readonly meta?: Readonly<Record<string, unknown>>;
  readonly value?: unknown;
  readonly timestamp?: number;
}

const MAX_NAME_LENGTH = 1023;

function isAbsentOr(type: 'string' | 'number' | 'boolean', value: unknown): boolean {
  return value === undefined || value === null || typeof value === type;
}

function isAttributeTemplate(value: unknown): boolean {
  return (
    isRecord(value) &&
    isAbsentOr('string', value['type']) &&
    isAbsentOr('number', value['timestamp']) &&
    (value['meta'] === undefined || value['meta'] === null || isRecord(value['meta']))
  );
}

function isTemplate(value: unknown): value is Readonly<Record<string, unknown>> {
  if (!isRecord(value)) return false;
  const attributes = value['attributes'] ?? {};
  return (
    ['id', 'realm', 'name', 'type', 'parentId'].every((member) => isAbsentOr('string', value[member])) &&
    isAbsentOr('boolean', value['accessPublicRead']) &&
    isRecord(attributes) &&
    Object.values(attributes).every(isAttributeTemplate)
  );
}

/** Members that are null count as absent. undefined: not an asset. */
export function parseTemplate(text: string): AssetTemplate | undefined {
  const json = parseJson(text)?.value;
  if (!isTemplate(json)) return undefined;
  return Object.fromEntries(Object.entries(json).filter(([, value]) => value !== null));
}

/** What `readAttributes` could not use, in the server's words. */
export type Violations = string[];

/**
 * The attributes of a template, typed by the asset type. An attribute that the type defines has the type's value type
 * whatever the request says; a value without timestamp gets `now`.
 */
export function readAttributes(template: AssetTemplate, type: string, now: number, violations: Violations): Attributes {
  const descriptors = descriptorsOf(knownType(type));
  const given = new Map(Object.entries(template.attributes ?? {}));
  for (const [name, { required }] of descriptors) {
    if (required && !given.has(name)) violations.push(`attributes.${name}: required attribute is missing`);
  }
  const attributes = new Map<string, Attribute>();
  for (const [name, attribute] of given) {
    const descriptor = descriptors.get(name);
    const valueType = descriptor?.type ?? attribute.type ?? undefined;
    const coerced = coerce(valueType, attribute.value);
    if (!ATTRIBUTE_NAME.test(name)) violations.push(`attributes.${name}: name is not valid`);
    else if (!coerced) violations.push(`attributes.${name}: value is not of type ${valueType ?? 'JSON'}`);
    else {
      attributes.set(name, {
        name,
        type: valueType,
        meta: { ...(descriptor?.readOnly ? { readOnly: true } : {}), ...attribute.meta },
        value: coerced.value,
        timestamp: attribute.timestamp ?? now,
      });
    }
  }
  return attributes;
}

export function checkName(name: string | undefined, violations: Violations): void {
  if (!name?.trim()) violations.push('name: must not be blank');
  else if (name.length > MAX_NAME_LENGTH) violations.push(`name: size must be between 1 and ${MAX_NAME_LENGTH}`);
}

export function checkId(id: string, violations: Violations): void {
  if (!ASSET_ID.test(id)) violations.push('id: is not a valid asset id');
}
