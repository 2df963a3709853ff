import { showDefaults } from '../../src/editor/defaults';
import { input, labelStyle, requiredNumber, texts, valueOf } from '../../src/editor/form';
import { optionalAssetId, optionalRealm, showAddress, usableBroker } from '../../src/editor/openremote';

type Properties = Record<
  'name' | 'broker' | 'realm' | 'dialect' | 'operation' | 'assetId' | 'mode' | 'template' | 'templateType' | 'timeout',
  string
>;

const _ = texts('openremote-asset');

/** Where to start from: a type with its required attributes. */
const EXAMPLE = {
  type: 'PresenceSensorAsset',
  name: 'Hallway A Presence Sensor',
  attributes: { presence: {}, notes: {}, location: {} },
};

/** Hides what the chosen operation does not use. */
function showWhatApplies(): void {
  const operation = valueOf(input('operation'));
  const uses = (...operations: string[]): boolean => operation === '' || operations.includes(operation);
  $('#openremote-asset-id').toggle(uses('get', 'update', 'delete'));
  $('#openremote-asset-mode').toggle(uses('update'));
  $('#openremote-asset-template').toggle(uses('create', 'update'));
}

RED.nodes.registerType<Properties>('openremote-asset', {
  category: 'energy',
  color: '#87A980',
  icon: 'openremote-asset.svg',
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
    operation: { value: 'get' },
    assetId: { value: '', label: _('label.assetId'), validate: optionalAssetId },
    mode: { value: 'merge' },
    template: { value: '' },
    templateType: { value: 'payload' },
    timeout: { value: '10', label: _('label.timeout'), validate: requiredNumber(1, 'validate.seconds') },
  },
  inputs: 1,
  outputs: 1,
  paletteLabel: _('label.palette'),
  label() {
    const operation = this.operation ? this._(`operation.${this.operation}`) : '';
    return this.name || operation || _('label.palette');
  },
  labelStyle,
  inputLabels: () => _('input.request'),
  outputLabels: () => _('output.asset'),
  oneditprepare() {
    // Without an operation the node takes it from the message.
    showDefaults(this, input, 'operation');
    showAddress('openremote-asset-address');
    const template = input('template');
    template.typedInput({
      types: [
        { value: 'payload', label: this._('choice.payload'), hasValue: false },
        'json',
        'msg',
        'flow',
        'global',
        'jsonata',
      ],
      default: 'payload',
      typeField: '#node-input-templateType',
    });
    $('#openremote-asset-example').on('click', (event) => {
      event.preventDefault();
      template.typedInput('type', 'json');
      template.typedInput('value', JSON.stringify(EXAMPLE));
    });
    input('operation').on('change', showWhatApplies);
    showWhatApplies();
  },
});
