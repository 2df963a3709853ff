import { showDefaults } from '../../src/editor/defaults';
import { input, labelStyle, requiredNumber, requiredTopic, texts, valueOf } from '../../src/editor/form';

type Properties = Record<'name' | 'broker' | 'root' | 'emit' | 'interval', string>;

const _ = texts('site-status');

RED.nodes.registerType<Properties>('site-status', {
  category: 'energy',
  color: '#87A980',
  icon: 'site-status.svg',
  defaults: {
    name: { value: '' },
    broker: { value: '', type: 'energy-broker', required: true, label: _('label.broker') },
    root: { value: 'evcc', label: _('label.root'), validate: requiredTopic('validate.topic') },
    emit: { value: 'change' },
    interval: { value: '10', label: _('label.interval'), validate: requiredNumber(1, 'validate.seconds') },
  },
  inputs: 1,
  outputs: 1,
  paletteLabel: _('label.palette'),
  label() {
    return this.name || _('label.palette');
  },
  labelStyle,
  inputLabels: () => _('input.now'),
  outputLabels: () => _('output.site'),
  oneditprepare() {
    showDefaults(this);
    const emit = input('emit');
    emit.on('change', () => $('#site-status-interval').toggle(valueOf(emit) === 'interval')).trigger('change');
  },
});
