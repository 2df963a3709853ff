import assert from 'node:assert/strict';
import { mock } from 'node:test';
import { CopyFilter } from '../../../src/mqtt/copy-filter';
import type { Message } from '../../../src/mqtt/types';

function message(payload: string, topic = 't'): Message {
  return { topic, payload: Buffer.from(payload), retained: false, qos: 0 };
}

describe('mqtt: copies of overlapping filters', () => {
  let filter: CopyFilter;
  beforeEach(() => {
    mock.timers.enable({ apis: ['Date'], now: 1_000_000 });
    filter = new CopyFilter();
  });
  afterEach(() => mock.timers.reset());

  /** Those of the messages that count as messages of their own. */
  const passed = (payloads: string[], certain = 2, possible = certain): string =>
    payloads.filter((payload) => !filter.isCopy(message(payload), certain, possible)).join('');

  it('takes equal neighbours for copies where the broker sends one per filter', () => {
    assert.equal(passed([...'aabbccdd']), 'abcd');
    assert.equal(passed([...'aabb'], 2), 'ab');
    assert.equal(passed([...'aaabbb'], 3), 'ab');
  });

  it('passes a message that is sent twice by a broker that sends one per filter', () => {
    assert.equal(passed([...'aabb', ...'xxxx', ...'cc']), 'abxxc');
  });

  it('learns from the first message without a copy that the broker sends one', () => {
    assert.equal(passed([...'abccdd']), 'abccdd');
  });

  it('keeps to that when a message is repeated now and then', () => {
    assert.equal(passed([...'abcdef', ...'gghhii', ...'jkl', ...'mmnn']), 'abcdefgghhiijklmmnn');
  });

  it('recovers when a broker under load dropped a copy', () => {
    assert.equal(passed([...'aabbccddee']), 'abcde');
    assert.equal(passed([...'f', ...'gghh']), 'fgh');
  });

  it('does not take the same message later for a copy', () => {
    assert.equal(passed(['a']), 'a');
    mock.timers.tick(600);
    assert.equal(passed(['a']), 'a');
  });

  it('learns nothing from a filter that may not be in force yet', () => {
    assert.equal(passed([...'abc'], 1, 2), 'abc');
    assert.equal(passed([...'ddee'], 2), 'de');
    assert.equal(passed([...'ff'], 1, 2), 'f');
  });

  it('tells topics apart', () => {
    assert.equal(filter.isCopy(message('x', 'a'), 2, 2), false);
    assert.equal(filter.isCopy(message('x', 'b'), 2, 2), false);
  });

  it('does not look at a payload that has been overwritten since', () => {
    const bytes = Buffer.from('a');
    filter.isCopy({ ...message(''), payload: bytes }, 2, 2);
    bytes[0] = 0x62;
    assert.equal(filter.isCopy(message('a'), 2, 2), true);
  });

  it('starts anew with a new session', () => {
    assert.equal(passed([...'abc']), 'abc');
    filter.reset();
    assert.equal(passed([...'ddee']), 'de');
  });
});
