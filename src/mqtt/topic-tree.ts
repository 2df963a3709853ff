/** Topic filters by level: finding all that match a topic costs its number of levels, not the number of filters. */

class Level<T> {
  readonly children = new Map<string, Level<T>>();
  /** Value of the filter that ends here. */
  value: T | undefined;
  /** Value of the filter that ends in `#` below here. */
  rest: T | undefined;

  get empty(): boolean {
    return this.children.size === 0 && this.value === undefined && this.rest === undefined;
  }
}

/** A map from topic filters to values, and from topics to the values of the filters that match. */
export class TopicTree<T> {
  private readonly root = new Level<T>();

  get(filter: string): T | undefined {
    const levels = filter.split('/');
    const rest = levels.at(-1) === '#';
    if (rest) levels.pop();
    let node: Level<T> | undefined = this.root;
    for (const name of levels) {
      node = node.children.get(name);
      if (!node) return undefined;
    }
    return rest ? node.rest : node.value;
  }

  set(filter: string, value: T): void {
    const levels = filter.split('/');
    const rest = levels.at(-1) === '#';
    if (rest) levels.pop();
    let node = this.root;
    for (const name of levels) {
      let next = node.children.get(name);
      if (!next) node.children.set(name, (next = new Level<T>()));
      node = next;
    }
    if (rest) node.rest = value;
    else node.value = value;
  }

  delete(filter: string): void {
    this.remove(this.root, filter.split('/'), 0);
  }

  private remove(node: Level<T>, levels: string[], depth: number): void {
    const name = levels[depth];
    if (name === undefined) {
      node.value = undefined;
    } else if (name === '#' && depth === levels.length - 1) {
      node.rest = undefined;
    } else {
      const child = node.children.get(name);
      if (!child) return;
      this.remove(child, levels, depth + 1);
      if (child.empty) node.children.delete(name);
    }
  }

  /** The values of all filters that match `topic`, in no particular order. Wildcards do not match `$` topics. */
  match(topic: string): T[] {
    const found: T[] = [];
    const levels = topic.split('/');
    collect(this.root, levels, 0, topic.startsWith('$'), found);
    return found;
  }
}

function collect<T>(node: Level<T>, levels: string[], depth: number, system: boolean, found: T[]): void {
  const wild = !(system && depth === 0);
  if (wild && node.rest !== undefined) found.push(node.rest);
  const name = levels[depth];
  if (name === undefined) {
    if (node.value !== undefined) found.push(node.value);
    return;
  }
  const exact = name === '+' ? undefined : node.children.get(name);
  if (exact) collect(exact, levels, depth + 1, system, found);
  const any = wild ? node.children.get('+') : undefined;
  if (any) collect(any, levels, depth + 1, system, found);
}
