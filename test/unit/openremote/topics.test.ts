import assert from 'node:assert/strict';
import { realmOf, toAddress } from '../../../src/openremote/address';
import { checkLevels, faultOf, newResponseIdentifier } from '../../../src/openremote/levels';
import { operationTopic, OPERATIONS, responseFilters, responseTopic } from '../../../src/openremote/operations';
import { TopicTree } from '../../../src/mqtt/topic-tree';
import { failsWith } from './support';

const ADDRESS = { realm: 'master', clientId: 'box-1' };
const ID = '4Y1FoulaL6ocSwl5ukKl4R';

describe('openremote: topics', () => {
  it('takes the realm from {realm}:{username}, split at the first colon', () => {
    assert.equal(realmOf('master:user'), 'master');
    assert.equal(realmOf('energy:a:b'), 'energy');
    for (const bad of [undefined, '', 'user', ':user', 'master:']) {
      assert.throws(() => realmOf(bad), failsWith('NOT_CONFIGURED'), String(bad));
    }
  });

  it('refuses realms and client ids that would change a topic', () => {
    assert.deepEqual(toAddress('master', 'gateway-a_B9'), { realm: 'master', clientId: 'gateway-a_B9' });
    for (const [realm, clientId] of [
      ['', 'box'],
      ['a/b', 'box'],
      ['+', 'box'],
      ['master', ''],
      ['master', 'a/b'],
      ['master', 'a+'],
      ['master', 'a#'],
      ['master', 'my box'],
      ['master', 'x'.repeat(256)],
    ] as const) {
      assert.throws(() => toAddress(realm, clientId), failsWith('NOT_CONFIGURED'), `${realm} ${clientId}`);
    }
  });

  const bad: [Parameters<typeof faultOf>[0], unknown][] = [
    ['assetId', ''],
    ['assetId', undefined],
    ['assetId', ID.slice(1)],
    ['assetId', `${ID}x`],
    ['assetId', `${ID.slice(1)}/`],
    ['assetId', `${ID.slice(1)}+`],
    ['assetId', `${ID}\n`],
    ['assetId', 42],
    ['attribute', ''],
    ['attribute', 'a/b'],
    ['attribute', '+'],
    ['attribute', '#'],
    ['attribute', 'a-b'],
    ['attribute', 'température'],
    ['responseIdentifier', ''],
    ['responseIdentifier', 'a/b'],
    ['responseIdentifier', 'a+'],
    ['responseIdentifier', '#'],
    ['responseIdentifier', 'a\u0000'],
    ['responseIdentifier', '\ud800'],
  ];
  for (const [name, value] of bad) {
    it(`refuses ${JSON.stringify(value)} as ${name}`, () => {
      assert.equal(faultOf(name, value)?.path, name);
      assert.throws(() => checkLevels({ [name]: value }), failsWith('INVALID'));
    });
  }

  it('makes response identifiers that can stand in a topic and differ', () => {
    const made = Array.from({ length: 100 }, newResponseIdentifier);
    assert.equal(new Set(made).size, made.length);
    for (const responseIdentifier of made) checkLevels({ responseIdentifier });
  });

  it('has the documented topic of each operation', () => {
    const levels = { assetId: ID, attribute: 'presence', responseIdentifier: 'r1' };
    const topics = (Object.keys(OPERATIONS) as (keyof typeof OPERATIONS)[]).map((operation) =>
      operationTopic(ADDRESS, operation, levels),
    );
    assert.deepEqual(topics, [
      'master/box-1/operations/assets/r1/create',
      `master/box-1/operations/assets/${ID}/get`,
      `master/box-1/operations/assets/${ID}/update`,
      `master/box-1/operations/assets/${ID}/delete`,
      `master/box-1/operations/assets/${ID}/attributes/update`,
      `master/box-1/operations/assets/${ID}/attributes/presence/get`,
      `master/box-1/operations/assets/${ID}/attributes/presence/get-value`,
    ]);
  });

  it('covers each response with exactly one of the response filters', () => {
    const tree = new TopicTree<string>();
    for (const filter of responseFilters(ADDRESS)) tree.set(filter, filter);
    const levels = { assetId: ID, attribute: 'presence', responseIdentifier: 'r1' };
    for (const operation of Object.keys(OPERATIONS) as (keyof typeof OPERATIONS)[]) {
      assert.equal(tree.match(responseTopic(operationTopic(ADDRESS, operation, levels))).length, 1, operation);
    }
  });
});
