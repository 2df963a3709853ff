import assert from 'node:assert/strict';
import { TopicTree } from '../../../src/mqtt/topic-tree';

/** The words of MQTT 5, section 4.7, level by level. */
function naiveMatch(filter: string, topic: string): boolean {
  const wanted = filter.split('/');
  const levels = topic.split('/');
  if (topic.startsWith('$') && (wanted[0] === '+' || wanted[0] === '#')) return false;
  for (const [i, level] of wanted.entries()) {
    if (level === '#') return true;
    if (i >= levels.length || (level !== '+' && level !== levels[i])) return false;
  }
  return wanted.length === levels.length;
}

/** Mulberry32: the same numbers in every run. */
function random(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return Math.floor((((t ^ (t >>> 14)) >>> 0) / 4_294_967_296) * below);
  };
}

function treeOf(filters: readonly string[]): TopicTree<string> {
  const tree = new TopicTree<string>();
  for (const filter of filters) tree.set(filter, filter);
  return tree;
}

/** Levels in the tree, the root included. */
function size(tree: TopicTree<unknown>): number {
  interface Level {
    readonly children: ReadonlyMap<string, Level>;
  }
  const count = (level: Level): number => [...level.children.values()].reduce((sum, child) => sum + count(child), 1);
  return count((tree as unknown as { readonly root: Level }).root);
}

describe('mqtt: topic tree', () => {
  const cases: [topic: string, matching: string[], others: string[]][] = [
    ['a', ['a', '+', '#', 'a/#', '+/#'], ['/a', 'a/', 'a/+', 'b', '/+']],
    ['a/b', ['a/b', 'a/+', '+/b', '+/+', 'a/#', 'a/b/#', '#', '+/#'], ['a', '+', 'a/b/c', 'a/b/+', '/a/b']],
    ['/a', ['/a', '/+', '+/+', '+/a', '/#', '#'], ['a', '+', 'a/#']],
    ['a/', ['a/', 'a/+', 'a/#', '+/'], ['a', '+', 'a/b']],
    ['a//b', ['a//b', 'a/+/b', '+//+', 'a//#'], ['a/b', 'a/+']],
    ['/', ['/', '+/+', '+/', '/+', '#', '/#'], ['', '+', '//']],
    ['', ['', '+', '#'], ['/']],
    ['$SYS/x', ['$SYS/x', '$SYS/+', '$SYS/#'], ['#', '+/x', '+/+', '+/#']],
    ['$SYS', ['$SYS', '$SYS/#'], ['#', '+', '+/#']],
    ['a/$b', ['a/$b', 'a/+', '#'], []],
    ['constructor/__proto__', ['constructor/__proto__', '+/__proto__', 'constructor/#'], ['constructor', '__proto__']],
    ['é/😀', ['é/😀', 'é/+'], ['e/😀', 'é/?']],
  ];
  for (const [topic, matching, others] of cases) {
    it(`matches ${JSON.stringify(topic)}`, () => {
      const tree = treeOf([...matching, ...others]);
      assert.deepEqual(tree.match(topic).sort(), [...matching].sort());
    });
  }

  it('keeps a filter and the same filter with /# apart', () => {
    const tree = treeOf(['a', 'a/#', '#']);
    tree.delete('a');
    assert.equal(tree.get('a'), undefined);
    assert.equal(tree.get('a/#'), 'a/#');
    tree.delete('a/#');
    assert.deepEqual(tree.match('a'), ['#']);
  });

  it('replaces the value of a filter', () => {
    const tree = new TopicTree<number>();
    tree.set('a/+', 1);
    tree.set('a/+', 2);
    assert.equal(tree.get('a/+'), 2);
    assert.deepEqual(tree.match('a/b'), [2]);
  });

  it('keeps values that are falsy', () => {
    const tree = new TopicTree<number>();
    tree.set('a/b', 0);
    tree.set('a/c', 1);
    tree.delete('a/c');
    assert.deepEqual(tree.match('a/b'), [0]);
  });

  it('deletes what it does not have without harm', () => {
    const tree = treeOf(['a/b']);
    for (const filter of ['a', 'a/#', 'a/b/c', 'x', '#', '+/b']) tree.delete(filter);
    assert.deepEqual(tree.match('a/b'), ['a/b']);
    assert.equal(size(tree), 3);
  });

  it('is empty again when all its filters are deleted', () => {
    const filters = ['a/b/c', 'a/b', 'a/b/#', '#', '+/+/x', '', '/', 'a/b/c/d/e/#'];
    const tree = treeOf(filters);
    for (const filter of filters) tree.delete(filter);
    assert.equal(size(tree), 1);
    assert.deepEqual(tree.match('a/b/c'), []);
  });

  it('takes filters of a thousand levels', () => {
    const deep = 'a/'.repeat(1_000) + 'a';
    const tree = treeOf([deep]);
    assert.deepEqual(tree.match(deep), [deep]);
    tree.delete(deep);
    assert.equal(size(tree), 1);
  });

  it('agrees with a naive matcher on 100,000 random pairs, with filters coming and going', () => {
    const next = random(20_240_601);
    const names = ['', 'a', 'b', 'c', '$SYS', '$a', 'x'];
    const pick = <T>(list: readonly T[]): T => list[next(list.length)] as T;
    const levels = (wild: readonly string[]): string[] =>
      Array.from({ length: 1 + next(4) }, () => pick([...names, ...wild]));
    const newFilter = (): string => [...levels(['+', '+']), ...(next(4) === 0 ? ['#'] : [])].join('/');
    const tree = new TopicTree<string>();
    const present = new Set<string>();
    for (let round = 0; round < 2_000; round++) {
      const filter = newFilter();
      if (present.size > 50) {
        const gone = pick([...present]);
        present.delete(gone);
        tree.delete(gone);
      }
      present.add(filter);
      tree.set(filter, filter);
      const topic = levels([]).join('/');
      const expected = [...present].filter((candidate) => naiveMatch(candidate, topic));
      assert.deepEqual(tree.match(topic).sort(), expected.sort(), `topic ${topic}`);
    }
    for (const filter of present) tree.delete(filter);
    assert.equal(size(tree), 1);
  });
});
