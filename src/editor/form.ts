/** What several dialogs need: texts, validators, the fields as they stand in the open form. */
import { isFilter, isTopic } from '../shared/topics';

/** The texts of one node's catalogue, for use outside of the definition's functions. */
export function texts(type: string): (key: string) => string {
  return (key) => RED._(`@jouleflow/node-red-home-energy/${type}:${key}`);
}

/** Italic when named, as in Node-RED's own nodes. */
export function labelStyle(this: { readonly name: string }): string {
  return this.name ? 'node_label_italic' : '';
}

/** A validator of a property; Node-RED shows the text that it returns. */
export type Validate = (
  this: { readonly _: (key: string) => string },
  value: unknown,
  options?: ValidateOptions,
) => boolean | string;

/** The message of a validator: Node-RED lists those of all properties of a node in one place. */
export function complaint(text: string, { label = '' }: ValidateOptions = {}): string {
  return label ? `${label}: ${text}` : text;
}

/** A value that Node-RED replaces before the node sees it passes. */
export function isEnvironment(value: string): boolean {
  return /^\$\{[^}]+\}$/.test(value);
}

/** Node-RED counts the declared parameters: with two, a returned text is an error message. */
function validator(isValid: (value: string) => boolean, key: string): Validate {
  return function (value, options) {
    // A flow that was written by hand may leave out a property: the node takes its default.
    if (value === undefined) return true;
    const given = typeof value === 'string' || typeof value === 'number' ? String(value).trim() : '';
    return isEnvironment(given) || isValid(given) ? true : complaint(this._(key), options);
  };
}

function isNumber(value: string, minimum: number): boolean {
  return Number.isFinite(Number(value)) && Number(value) >= minimum;
}

/** A number of at least `minimum`, or empty. */
export function optionalNumber(minimum: number, key: string): Validate {
  return validator((value) => value === '' || isNumber(value, minimum), key);
}

/** A number of at least `minimum`. */
export function requiredNumber(minimum: number, key: string): Validate {
  return validator((value) => value !== '' && isNumber(value, minimum), key);
}

export function optionalPattern(pattern: RegExp, key: string): Validate {
  return validator((value) => value === '' || pattern.test(value), key);
}

export function optionalTopic(key: string): Validate {
  return validator((value) => value === '' || isTopic(value), key);
}

export function requiredTopic(key: string): Validate {
  return validator(isTopic, key);
}

export function requiredFilter(key: string): Validate {
  return validator(isFilter, key);
}

/** The field of a property in the open dialog of an ordinary node. */
export function input(property: string): JQuery {
  return $(`#node-input-${property}`);
}

/** The field of a property in the open dialog of a config node. */
export function configInput(property: string): JQuery {
  return $(`#node-config-input-${property}`);
}

/** The text that stands in a field. */
export function valueOf(field: JQuery): string {
  const value = field.val();
  return typeof value === 'string' ? value : '';
}
