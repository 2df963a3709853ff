import { showDefaults } from '../../src/editor/defaults';
import { input, labelStyle, requiredNumber, texts, valueOf } from '../../src/editor/form';
import {
  optionalAssetId,
  optionalAttribute,
  optionalRealm,
  showAddress,
  usableBroker,
} from '../../src/editor/openremote';

type Properties = Record<
  'name' | 'broker' | 'realm' | 'dialect' | 'operation' | 'assetId' | 'attribute' | 'timeout',
  string
>;

const _ = texts('openremote-attribute');

/** Hides what the chosen operation does not use. */
function showWhatApplies(): void {
  const operation = valueOf(input('operation'));
  $('#openremote-attribute-name').toggle(operation !== 'updateMany' && operation !== 'getAll');
}

RED.nodes.registerType<Properties>('openremote-attribute', {
  category: 'energy',
  color: '#87A980',
  icon: 'openremote-attribute.svg',
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
    operation: { value: 'update' },
    assetId: { value: '', label: _('label.assetId'), validate: optionalAssetId },
    attribute: { value: '', label: _('label.attribute'), validate: optionalAttribute },
    timeout: { value: '10', label: _('label.timeout'), validate: requiredNumber(1, 'validate.seconds') },
  },
  inputs: 1,
  outputs: 1,
  paletteLabel: _('label.palette'),
  label() {
    const operation = this.operation ? this._(`operation.${this.operation}`) : '';
    return this.name || [operation, this.attribute].filter(Boolean).join(': ') || _('label.palette');
  },
  labelStyle,
  inputLabels: () => _('input.request'),
  outputLabels: () => _('output.result'),
  oneditprepare() {
    // Without an operation the node takes it from the message.
    showDefaults(this, input, 'operation');
    showAddress('openremote-attribute-address');
    input('operation').on('change', showWhatApplies);
    showWhatApplies();
  },
});
