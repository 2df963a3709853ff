import assert from 'node:assert/strict';
import { FilterRegistry } from '../../../src/openremote/filter-registry';
import { checkSelection, filterOf, type Kind, type Scope, type Selection } from '../../../src/openremote/selection';
import { failsWith } from './support';

const ADDRESS = { realm: 'master', clientId: 'box' };
const ID = '4Y1FoulaL6ocSwl5ukKl4R';

function selection(kind: Kind, scope: Scope, attribute = ''): Selection {
  return { kind, scope, assetId: scope === 'realm' || scope === 'roots' ? '' : ID, attribute };
}

/** Gateway API below `events/assets/`, standard API below the client id; null = the server has none. */
const TABLE: [Kind, Scope, string, string | null, string][] = [
  ['asset', 'realm', '', '#', 'asset/#'],
  ['asset', 'roots', '', '+', 'asset/+'],
  ['asset', 'asset', '', ID, `asset/${ID}`],
  ['asset', 'subtree', '', `${ID}/#`, `asset/${ID}/#`],
  ['asset', 'children', '', `${ID}/+`, `asset/${ID}/+`],
  ['attribute', 'realm', '', '+/attributes/#', 'attribute/+/#'],
  ['attribute', 'roots', '', '+/attributes/+', 'attribute/+/+'],
  ['attribute', 'realm', 'power', '+/attributes/power/#', 'attribute/power/#'],
  ['attribute', 'roots', 'power', '+/attributes/power/+', 'attribute/power/+'],
  ['attribute', 'asset', '', `${ID}/attributes`, `attribute/+/${ID}`],
  ['attribute', 'asset', 'power', `${ID}/attributes/power`, `attribute/power/${ID}`],
  ['attribute', 'subtree', 'power', `${ID}/attributes/power/#`, `attribute/power/${ID}/#`],
  ['attribute', 'children', 'power', `${ID}/attributes/power/+`, `attribute/power/${ID}/+`],
  ['attribute', 'subtree', '', null, `attribute/+/${ID}/#`],
  ['attribute', 'children', '', null, `attribute/+/${ID}/+`],
  ['value', 'realm', '', '+/attributes-value/#', 'attributevalue/+/#'],
  ['value', 'roots', 'power', '+/attributes-value/power/+', 'attributevalue/power/+'],
  ['value', 'asset', '', `${ID}/attributes-value`, `attributevalue/+/${ID}`],
  ['value', 'subtree', 'power', `${ID}/attributes-value/power/#`, `attributevalue/power/${ID}/#`],
];

describe('openremote: event filters', () => {
  for (const [kind, scope, attribute, gateway, classic] of TABLE) {
    it(`${kind} ${scope} ${attribute || '(all)'}`, () => {
      const wanted = selection(kind, scope, attribute);
      checkSelection(wanted);
      assert.equal(filterOf('classic', ADDRESS, wanted), `master/box/${classic}`);
      if (gateway === null) {
        assert.throws(() => filterOf('gateway', ADDRESS, wanted), failsWith('UNSUPPORTED'));
      } else {
        assert.equal(filterOf('gateway', ADDRESS, wanted), `master/box/events/assets/${gateway}`);
      }
    });
  }

  it('refuses ids and names that the server would refuse', () => {
    for (const bad of [
      { ...selection('asset', 'asset'), assetId: '' },
      { ...selection('asset', 'children'), assetId: '+' },
      { ...selection('attribute', 'subtree', 'power'), assetId: `${ID}/#` },
      selection('attribute', 'realm', '#'),
      selection('value', 'realm', 'a/b'),
    ]) {
      assert.throws(() => checkSelection(bad), failsWith('INVALID'), JSON.stringify(bad));
    }
  });

  it('knows the selections whose events cannot be told apart', () => {
    const registry = new FilterRegistry();
    const end = registry.add(selection('attribute', 'realm'));
    assert.equal(registry.overlapping, false);
    registry.add(selection('attribute', 'roots', 'power'));
    assert.equal(registry.overlapping, true);
    assert.equal(registry.widerThan(selection('attribute', 'roots', 'power'))?.scope, 'realm');
    assert.equal(registry.widerThan(selection('attribute', 'realm')), undefined);
    assert.equal(registry.widerThan(selection('asset', 'roots')), undefined);
    end();
    assert.equal(registry.widerThan(selection('attribute', 'roots', 'power')), undefined);
  });
});
