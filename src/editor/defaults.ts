/** Dialogs of nodes whose flow was written by hand: Node-RED shows what they leave out as empty, and would save it so. */
import { input } from './form';

/**
 * Shows what the node takes for the properties that it lacks. To be called from `oneditprepare`.
 * @param field finds the field of a property; `configInput` for a config node
 */
export function showDefaults(
  node: object,
  defaults: Readonly<Record<string, string | boolean>>,
  field: (property: string) => JQuery = input,
): void {
  for (const [property, value] of Object.entries(defaults)) {
    if ((node as Readonly<Record<string, unknown>>)[property] !== undefined) continue;
    if (typeof value === 'boolean') field(property).prop('checked', value);
    else field(property).val(value);
  }
}
