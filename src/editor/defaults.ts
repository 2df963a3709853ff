/** Dialogs of nodes whose flow was written by hand: Node-RED shows what they leave out as empty, and would save it so. */
import { input } from './form';

/** A node as the dialog has it: its definition stands beside its properties. */
interface Defined {
  readonly _def: { readonly defaults: Readonly<Record<string, { readonly value: unknown }>> };
}

/**
 * Shows the defaults of the properties that a node lacks. The first call of `oneditprepare`.
 * @param field finds the field of a property; `configInput` for a config node
 * @param except properties for which none means something else than the default of a new node
 */
export function showDefaults(node: Defined, field: (property: string) => JQuery = input, ...except: string[]): void {
  for (const [property, { value }] of Object.entries(node._def.defaults)) {
    if (property in node && (node as unknown as Record<string, unknown>)[property] !== undefined) continue;
    if (except.includes(property)) continue;
    if (typeof value === 'boolean') field(property).prop('checked', value);
    else if (typeof value === 'string' && value !== '') field(property).val(value);
  }
}
