/** The event filters in use on a connection: filters that overlap bring each event several times. */
import type { Selection } from './selection';

export class FilterRegistry {
  private readonly selections = new Map<symbol, Selection>();

  add(selection: Selection): () => void {
    const key = Symbol();
    this.selections.set(key, selection);
    return () => this.selections.delete(key);
  }

  /** Several different selections: each may also get what is published for another. */
  get overlapping(): boolean {
    return new Set([...this.selections.values()].map((selection) => JSON.stringify(selection))).size > 1;
  }

  /**
   * A wider selection whose events cannot be told from those of this one: an attribute's event does not say where its
   * asset stands in the tree.
   */
  widerThan(selection: Selection): Selection | undefined {
    if (selection.kind === 'asset') return undefined;
    return [...this.selections.values()].find(
      ({ kind, scope, assetId, attribute }) =>
        kind === selection.kind &&
        assetId === selection.assetId &&
        ((selection.scope === 'roots' && scope === 'realm') ||
          (selection.scope === 'children' && scope === 'subtree')) &&
        (attribute === '' || selection.attribute === '' || attribute === selection.attribute),
    );
  }
}
