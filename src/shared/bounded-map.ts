/** A Map that forgets what was not written for longest, for keys that come from the network. */

export class BoundedMap<V> {
  private readonly map = new Map<string, V>();

  constructor(
    private readonly limit: number,
    entries: Iterable<readonly [string, V]> = [],
  ) {
    for (const [key, value] of entries) this.set(key, value);
  }

  get size(): number {
    return this.map.size;
  }

  get(key: string): V | undefined {
    return this.map.get(key);
  }

  has(key: string): boolean {
    return this.map.has(key);
  }

  /** Writing makes the key the newest; the oldest goes when the limit is exceeded. */
  set(key: string, value: V): void {
    this.map.delete(key);
    this.map.set(key, value);
    if (this.map.size <= this.limit) return;
    const oldest = this.map.keys().next();
    if (!oldest.done) this.map.delete(oldest.value);
  }

  delete(key: string): boolean {
    return this.map.delete(key);
  }

  /** Oldest first. */
  entries(): [string, V][] {
    return [...this.map];
  }

  values(): V[] {
    return [...this.map.values()];
  }
}
