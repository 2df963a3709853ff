import { showDefaults } from '../../src/editor/defaults';
import { labelStyle, requiredNumber, texts } from '../../src/editor/form';
import { optionalRealm, showAddress, usableBroker } from '../../src/editor/openremote';

type Properties = Record<'name' | 'broker' | 'realm' | 'dialect' | 'acknowledge' | 'timeout', string>;

const _ = texts('openremote-gateway');

RED.nodes.registerType<Properties>('openremote-gateway', {
  category: 'energy',
  color: '#87A980',
  icon: 'openremote-gateway.svg',
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
    acknowledge: { value: 'manual' },
    timeout: { value: '10', label: _('label.timeout'), validate: requiredNumber(1, 'validate.seconds') },
  },
  inputs: 1,
  outputs: 1,
  paletteLabel: _('label.palette'),
  label() {
    return this.name || _('label.palette');
  },
  labelStyle,
  inputLabels: () => _('input.acknowledge'),
  outputLabels: () => _('output.pending'),
  oneditprepare() {
    showDefaults(this);
    showAddress('openremote-gateway-address', true);
  },
});
