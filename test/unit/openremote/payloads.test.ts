import assert from 'node:assert/strict';
import { validate as isTemplate } from '../../../src/generated/openremote-asset-template';
import { validate as isValues } from '../../../src/generated/openremote-attribute-values';
import { validate as isError } from '../../../src/generated/openremote-error';
import { validate as isPending } from '../../../src/generated/openremote-pending-event';
import {
  judgeAnswer,
  toAsset,
  toAssetEvent,
  toAttribute,
  toAttributeEvent,
  toAttributeEvents,
  toValue,
} from '../../../src/openremote/answers';
import { toInstant, toJson } from '../../../src/openremote/json';
import { mergeAsset } from '../../../src/openremote/merge';
import { EXAMPLES, failsWith } from './support';

function message(text: string): Parameters<typeof judgeAnswer>[0] {
  return { topic: 't', payload: Buffer.from(text), retained: false, qos: 0 };
}

describe('openremote: payloads', () => {
  it('reads every example of the documentation', () => {
    assert.ok(isTemplate(EXAMPLES['asset-template']));
    assert.ok(isValues(EXAMPLES['attribute-values']));
    assert.ok(isError(EXAMPLES['error']));
    assert.equal(toAsset(EXAMPLES['asset']).parentId, '3fwzx7lRFLyAYvjIYjTf0b');
    assert.equal(toAttributeEvent(EXAMPLES['attribute-event']).value, '1');
    for (const cause of ['create', 'update', 'delete']) {
      const event = toAssetEvent(EXAMPLES[`asset-event-${cause}`]);
      assert.equal(event.cause, cause.toUpperCase());
      for (const attribute of Object.values(event.asset.attributes ?? {})) toAttribute(attribute);
    }
  });

  it('takes the list that answers a multi-attribute update without eventType', () => {
    const [event] = toAttributeEvents([
      { ref: { id: '4Y1FoulaL6ocSwl5ukKl4R', name: 'presence' }, timestamp: 0, deleted: false },
    ]);
    assert.equal(event?.ref.name, 'presence');
    assert.throws(() => toAttributeEvents({}), failsWith('BAD_PAYLOAD'));
    assert.throws(() => toAttributeEvents([{}]), failsWith('BAD_PAYLOAD'));
  });

  it('reads a pending event', () => {
    assert.ok(isPending({ ackId: '0123456789abcdefABCDEF', event: {} }));
    assert.ok(!isPending({ ackId: 'a b', event: {} }));
    assert.ok(!isPending({ event: {} }));
  });

  it('tells an error from an asset, which has a type as well', () => {
    assert.deepEqual(judgeAnswer(message(JSON.stringify(EXAMPLES['error']))), {
      refused: EXAMPLES['error']?.['message'],
      error: 'BAD_REQUEST',
    });
    for (const code of ['CONFLICT', 'NOT_FOUND', 'FORBIDDEN', 'UNAUTHORIZED', 'INTERNAL_SERVER_ERROR']) {
      assert.deepEqual(judgeAnswer(message(JSON.stringify({ type: 'error', error: code }))), {
        refused: code,
        error: code,
      });
    }
    for (const body of [{ type: 'error', error: 'TYPE' }, { type: 'ThingAsset' }, null, 70, 'text', true]) {
      assert.deepEqual(judgeAnswer(message(JSON.stringify(body))), { stage: 'accepted', value: { body } });
    }
    assert.deepEqual(judgeAnswer(message('<html>')), { stage: 'accepted', value: { unreadable: '<html>' } });
  });

  it('recognises a null value in the attribute that the server sends instead', () => {
    assert.equal(toValue({ name: 'notes', type: 'text', meta: {}, value: null, timestamp: 1 }, 'notes'), null);
    for (const value of [70, 'text', true, null, [1], { name: 'notes', value: 1 }, { name: 'other', value: null }]) {
      assert.deepEqual(toValue(value, 'notes'), value);
    }
  });

  it('refuses values that JSON would turn into others', () => {
    const circular: Record<string, unknown> = {};
    circular['self'] = circular;
    for (const value of [undefined, NaN, Infinity, 1n, Buffer.from('x'), { a: NaN }, [undefined], circular]) {
      assert.throws(() => toJson(value, 'value'), failsWith('INVALID'));
    }
    assert.equal(
      toJson({ a: [1, 'x', null, true, new Date(0)] }, ''),
      '{"a":[1,"x",null,true,"1970-01-01T00:00:00.000Z"]}',
    );
  });

  it('takes a time of 0 for not known', () => {
    assert.equal(toInstant(0), null);
    assert.equal(toInstant(undefined), null);
    assert.equal(toInstant(8.7e15), null);
    assert.equal(toInstant(1_732_719_696_525), '2024-11-27T15:01:36.525Z');
  });
});

describe('openremote: merging an update', () => {
  const present = {
    id: '4gPRAyQLKpr41k1e0OztGu',
    version: 3,
    name: 'Hallway',
    parentId: '3fwzx7lRFLyAYvjIYjTf0b',
    realm: 'master',
    type: 'ThingAsset',
    attributes: {
      notes: { name: 'notes', type: 'text', meta: { label: 'Notes', readOnly: true }, value: 'x', timestamp: 7 },
      lit: { name: 'lit', type: 'boolean', meta: {}, value: false, timestamp: 8 },
    },
  };

  it('keeps parent, other attributes, and the meta of those it changes', () => {
    assert.deepEqual(mergeAsset(present, { attributes: { notes: { meta: { unit: 'V' }, value: 'y' } } }), {
      ...present,
      attributes: {
        lit: present.attributes.lit,
        notes: { name: 'notes', type: 'text', meta: { label: 'Notes', readOnly: true, unit: 'V' }, value: 'y' },
      },
    });
  });

  it('keeps the time of a value that it does not change', () => {
    const merged = mergeAsset(present, { attributes: { notes: { meta: { label: 'N' } } } });
    assert.equal(merged.attributes?.['notes']?.timestamp, 7);
    assert.deepEqual(merged.attributes['notes'].meta, { label: 'N', readOnly: true });
  });

  it('renames, adds, removes, and moves only when asked to', () => {
    const merged = mergeAsset(present, {
      name: 'Hall',
      parentId: null,
      attributes: { lit: null, extra: { type: 'number' } },
    });
    assert.equal(merged.name, 'Hall');
    assert.ok(!('parentId' in merged));
    assert.deepEqual(Object.keys(merged.attributes ?? {}).sort(), ['extra', 'notes']);
    assert.deepEqual(merged.attributes?.['extra'], { name: 'extra', type: 'number', meta: {} });
  });

  it('is not fooled by names of prototypes', () => {
    const changes = {
      attributes: JSON.parse('{"__proto__": {"value": 1}, "constructor": {"value": 2}}') as Record<string, object>,
    };
    const merged = mergeAsset(present, changes);
    assert.deepEqual(Object.keys(merged.attributes ?? {}).sort(), ['__proto__', 'constructor', 'lit', 'notes']);
    assert.equal(Object.getPrototypeOf(merged.attributes), Object.prototype);
  });
});
