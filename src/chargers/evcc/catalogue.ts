/** What evcc publishes, by scope and key, and the type of each value (evcc 0.313.2, plus the mode redesign of 0.316.0). */
import topics from './topics.json';

/** `root`: below the root topic; `loadpoint` and `vehicle`: below one of them; `site`: below `{root}/site`. */
export type Scope = keyof typeof topics;

/**
 * float, int, duration (s) and timestamp (unix s) are decimal text; phases: the sum, with l1 to l3 below; empty: only
 * ever a zero-length payload, which voids what is below; tree: configuration echoes of no fixed layout.
 */
export type TopicType =
  'float' | 'int' | 'duration' | 'timestamp' | 'phases' | 'bool' | 'enum' | 'string' | 'json' | 'empty' | 'tree';

interface Node {
  type?: TopicType;
  readonly children: Map<string, Node>;
  any?: Node;
}

/** Keys of versions before 0.301, still read where a newer one is missing. */
const LEGACY: Readonly<Record<string, TopicType>> = {
  chargeCurrent: 'float',
  planContinuous: 'bool',
  planPrecondition: 'duration',
};

function definitions(scope: Scope): readonly (readonly [string, TopicType])[] {
  const entries = Object.entries(scope === 'loadpoint' ? { ...topics.loadpoint, ...LEGACY } : topics[scope]);
  return entries.flatMap(([key, type]): (readonly [string, TopicType])[] =>
    key.endsWith('l{1..3}')
      ? [1, 2, 3].map((phase) => [key.replace('{1..3}', String(phase)), type as TopicType])
      : [[key, type as TopicType]],
  );
}

function build(scope: Scope): Node {
  const root: Node = { children: new Map() };
  for (const [key, type] of definitions(scope)) {
    let node = root;
    for (const level of key.split('/')) {
      if (level === '...') break;
      let next = level.startsWith('{') ? node.any : node.children.get(level);
      if (next === undefined) {
        next = { children: new Map() };
        if (level.startsWith('{')) node.any = next;
        else node.children.set(level, next);
      }
      node = next;
    }
    node.type = type;
  }
  return root;
}

const TREES: Readonly<Record<Scope, Node>> = {
  root: build('root'),
  loadpoint: build('loadpoint'),
  vehicle: build('vehicle'),
  site: build('site'),
};

function find(node: Node, levels: readonly string[], at: number): Node | undefined {
  const level = levels[at];
  if (level === undefined || node.type === 'tree') return node;
  const literal = node.children.get(level);
  const found = literal && find(literal, levels, at + 1);
  return found?.type ? found : ((node.any && find(node.any, levels, at + 1)) ?? found);
}

/** The type of a concrete key such as `battery/devices/1/soc`; undefined where evcc's catalogue has no such topic. */
export function typeOf(scope: Scope, key: string): TopicType | undefined {
  return find(TREES[scope], key.split('/'), 0)?.type;
}

/** Whether other keys may hang below this one, so that its empty payload voids them too. */
export function hasChildren(scope: Scope, key: string): boolean {
  const node = find(TREES[scope], key.split('/'), 0);
  return node === undefined || node.children.size > 0 || node.any !== undefined;
}

/** The keys of a scope that are always called the same, without list indexes and names. */
export function fixedKeys(scope: Scope): string[] {
  return definitions(scope)
    .filter(([key, type]) => !key.includes('{') && type !== 'tree')
    .map(([key]) => key);
}
