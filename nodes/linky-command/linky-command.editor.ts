import { showDefaults } from '../../src/editor/defaults';
import { input, labelStyle, requiredNumber, requiredTopic, texts, valueOf } from '../../src/editor/form';

type Properties = Record<'name' | 'broker' | 'prefix' | 'command' | 'waitFor' | 'timeout', string>;

const _ = texts('linky-command');

RED.nodes.registerType<Properties>('linky-command', {
  category: 'energy',
  color: '#C7B565',
  icon: 'linky-command.svg',
  defaults: {
    name: { value: '' },
    broker: { value: '', type: 'energy-broker', required: true, label: _('label.broker') },
    prefix: { value: 'myelectricaldata', label: _('label.prefix'), validate: requiredTopic('validate.topic') },
    command: { value: 'sync' },
    waitFor: { value: 'confirmed' },
    timeout: { value: '120', label: _('label.timeout'), validate: requiredNumber(1, 'validate.seconds') },
  },
  inputs: 1,
  outputs: 1,
  paletteLabel: _('label.palette'),
  label() {
    return this.name || (this.command ? `Linky ${this.command}` : _('label.palette'));
  },
  labelStyle,
  inputLabels: () => _('input.command'),
  outputLabels: () => _('output.result'),
  oneditprepare() {
    // Without a command the node takes it from the message.
    showDefaults(this, input, 'command');
    const command = input('command');
    command
      .on('change', () => {
        const chosen = valueOf(command);
        $('#linky-command-tip').text(this._(`tip.${chosen || 'payload'}`));
        // A reload can only be sent.
        $('#linky-command-waiting').toggle(chosen !== 'reload');
      })
      .trigger('change');
  },
});
