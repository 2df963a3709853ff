import { showDefaults } from '../../src/editor/defaults';
import { input, labelStyle, texts, valueOf } from '../../src/editor/form';
import {
  optionalAssetId,
  optionalAttribute,
  optionalRealm,
  showAddress,
  usableBroker,
} from '../../src/editor/openremote';

type Properties = Record<'name' | 'broker' | 'realm' | 'dialect' | 'kind' | 'scope' | 'assetId' | 'attribute', string>;

const _ = texts('openremote-events');

/** What the server cannot do with the present choice; empty = nothing to say. */
function hint(kind: string, scope: string, attribute: string): string {
  if (kind === 'asset' || attribute !== '') return '';
  if (scope === 'children' || scope === 'subtree') return _('hint.noFilter');
  return kind === 'value' && scope === 'asset' ? _('hint.noNames') : '';
}

/** Hides what the choice does not use, and says what the server lacks. */
function showWhatApplies(): void {
  const [kind = '', scope = '', attribute = ''] = ['kind', 'scope', 'attribute'].map((name) => valueOf(input(name)));
  $('#openremote-events-asset').toggle(scope !== 'realm' && scope !== 'roots');
  $('#openremote-events-attribute').toggle(kind !== 'asset');
  const text = hint(kind, scope, attribute.trim());
  $('#openremote-events-hint')
    .text(text)
    .toggle(text !== '');
}

RED.nodes.registerType<Properties>('openremote-events', {
  category: 'energy',
  color: '#87A980',
  icon: 'openremote-events.svg',
  defaults: {
    name: { value: '' },
    broker: {
      value: '',
      type: 'energy-broker',
      required: true,
      label: _('label.broker'),
      validate: usableBroker,
    },
    realm: { value: '', label: _('label.realm'), validate: optionalRealm },
    dialect: { value: 'auto' },
    kind: { value: 'attribute' },
    scope: { value: 'realm' },
    assetId: { value: '', label: _('label.assetId'), validate: optionalAssetId },
    attribute: { value: '', label: _('label.attribute'), validate: optionalAttribute },
  },
  inputs: 1,
  outputs: 1,
  paletteLabel: _('label.palette'),
  label() {
    return this.name || [this._(`kind.${this.kind}`), this.attribute].filter(Boolean).join(': ') || _('label.palette');
  },
  labelStyle,
  inputLabels: () => _('input.state'),
  outputLabels: () => _('output.event'),
  oneditprepare() {
    showDefaults(this);
    showAddress('openremote-events-address');
    input('kind').on('change', showWhatApplies);
    input('scope').on('change', showWhatApplies);
    input('attribute').on('change input', showWhatApplies);
    showWhatApplies();
  },
});
