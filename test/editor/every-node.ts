/** A flow with one node of each type of this package. */
import { type Editor, TYPES } from '../support/browser';
import type { FlowNode } from '../support/node-red';

export interface Property {
  readonly name: string;
  readonly value: unknown;
  /** The config node type it refers to. */
  readonly reference: string | null;
  readonly label: string | null;
  readonly hasValidator: boolean;
}

export interface Definition {
  readonly type: string;
  readonly isConfig: boolean;
  readonly properties: readonly Property[];
}

interface Registered {
  readonly category: string;
  readonly defaults: Readonly<
    Record<string, { value: unknown; type?: string; label?: unknown; validate?: (value: unknown) => unknown }>
  >;
}
declare const RED: { readonly nodes: { getType(type: string): Registered | undefined } };

/** What the package's nodes register in the editor. */
export function definitions(editor: Editor): Promise<Definition[]> {
  return editor.page.evaluate(
    (types) =>
      types.map((type) => {
        const registered = RED.nodes.getType(type);
        if (!registered) throw new Error(`${type} is not registered`);
        return {
          type,
          isConfig: registered.category === 'config',
          properties: Object.entries(registered.defaults).map(
            ([name, { value, type: reference, label, validate }]) => ({
              name,
              value,
              reference: reference ?? null,
              label: typeof label === 'string' ? label : null,
              hasValidator: validate !== undefined,
            }),
          ),
        };
      }),
    [...TYPES],
  );
}

/** The id of the node of a type in that flow. */
export function idOf(type: string): string {
  return `the-${type}`;
}

/** What a node needs beyond references and defaults. */
const COMPLETION: Readonly<Record<string, object>> = {
  // Nothing listens at this port: the nodes stay offline.
  'energy-broker': { broker: '127.0.0.1', port: '9' },
  'energy-charger': { system: 'openevse', baseTopic: 'openevse-7b2c' },
  'linky-tariff': {
    periods: [{ from: null, to: null, subscription: 12.6, prices: { base: 0.2516 }, offPeak: [] }],
  },
};

/** By node id. Without any, Node-RED counts the empty fields of a dialog as a change. */
export const CREDENTIALS: Readonly<Record<string, object>> = {
  [idOf('energy-broker')]: { user: 'house', password: 'secret' },
};

/** All properties with their defaults, all references set. */
export function everyNode(all: readonly Definition[]): FlowNode[] {
  return all.map((definition, index) => ({
    ...Object.fromEntries(definition.properties.map(({ name, value }) => [name, value])),
    ...bareNode(definition, index),
  }));
}

/** Only what has no default, as in a flow that was written by hand. */
export function bareNodes(all: readonly Definition[]): FlowNode[] {
  return all.map(bareNode);
}

function isOwn(reference: string | null): reference is string {
  return reference !== null && TYPES.includes(reference);
}

function bareNode({ type, isConfig, properties }: Definition, index: number): FlowNode {
  const references = properties.flatMap(({ name, reference }) => (isOwn(reference) ? [[name, idOf(reference)]] : []));
  return {
    id: idOf(type),
    type,
    ...(isConfig ? {} : { x: 200 + 300 * (index % 3), y: 60 + 60 * Math.floor(index / 3) }),
    ...(Object.fromEntries(references) as object),
    ...COMPLETION[type],
  };
}
