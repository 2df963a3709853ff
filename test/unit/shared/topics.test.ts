import assert from 'node:assert/strict';
import { isFilter, isTopic } from '../../../src/shared/topics';

describe('shared: topics and filters', () => {
  const cases: [text: string, topic: boolean, filter: boolean][] = [
    ['a', true, true],
    ['a/b c/é😀', true, true],
    ['/', true, true],
    ['/a//', true, true],
    ['$SYS/x', true, true],
    ['', false, false],
    ['+', false, true],
    ['#', false, true],
    ['a/+/b/#', false, true],
    ['+/+', false, true],
    ['a+', false, false],
    ['a/+b', false, false],
    ['a/#/b', false, false],
    ['a#', false, false],
    ['#/a', false, false],
    ['##', false, false],
    ['a\u0000', false, false],
    ['a\u0001b', false, false],
    ['a\nb', false, false],
    ['a\u007f', false, false],
    ['a\u0085', false, false],
    ['a\ud800', false, false],
    ['\udc00a', false, false],
    ['x'.repeat(65_535), true, true],
    ['x'.repeat(65_536), false, false],
    ['é'.repeat(32_767), true, true],
    ['é'.repeat(32_768), false, false],
    ['€'.repeat(21_845), true, true],
    ['€'.repeat(21_846), false, false],
  ];
  for (const [text, topic, filter] of cases) {
    const name = text.length > 20 ? `${text.length} times ${text[0] ?? ''}` : JSON.stringify(text);
    it(`${name}: ${topic ? 'a topic' : 'no topic'}, ${filter ? 'a filter' : 'no filter'}`, () => {
      assert.deepEqual([isTopic(text), isFilter(text)], [topic, filter]);
    });
  }
});
