import { chargerName } from '../../src/editor/charger';
import { showDefaults } from '../../src/editor/defaults';
import { input, labelStyle, requiredNumber, texts, valueOf } from '../../src/editor/form';

type Properties = Record<'name' | 'charger' | 'emit' | 'interval', string> & { native: boolean };

const _ = texts('charger-status');

RED.nodes.registerType<Properties>('charger-status', {
  category: 'energy',
  color: '#87A980',
  icon: 'charger-status.svg',
  defaults: {
    name: { value: '' },
    charger: { value: '', type: 'energy-charger', required: true, label: _('label.charger') },
    emit: { value: 'change' },
    interval: { value: '10', label: _('label.interval'), validate: requiredNumber(1, 'validate.seconds') },
    native: { value: false },
  },
  inputs: 1,
  outputs: 1,
  paletteLabel: _('label.palette'),
  label() {
    return this.name || chargerName(this.charger) || _('label.palette');
  },
  labelStyle,
  inputLabels: () => _('input.now'),
  outputLabels: () => _('output.status'),
  oneditprepare() {
    showDefaults(this);
    const emit = input('emit');
    emit.on('change', () => $('#charger-status-interval').toggle(valueOf(emit) === 'interval')).trigger('change');
  },
});
