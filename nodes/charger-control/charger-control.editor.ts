import { chargerName } from '../../src/editor/charger';
import { showDefaults } from '../../src/editor/defaults';
import { input, labelStyle, requiredNumber, texts, valueOf } from '../../src/editor/form';
import { COMMANDS } from '../../src/shared/commands';
import { attachValueFields } from './value-fields.editor';

type Properties = Record<'name' | 'charger' | 'command' | 'value' | 'valueType' | 'waitFor' | 'timeout', string>;

const _ = texts('charger-control');

/** Catalogue keys hold no dots. */
function keyOf(command: string): string {
  return command.replaceAll('.', '_');
}

RED.nodes.registerType<Properties>('charger-control', {
  category: 'energy',
  color: '#87A980',
  icon: 'charger-control.svg',
  defaults: {
    name: { value: '' },
    charger: { value: '', type: 'energy-charger', required: false, label: _('label.charger') },
    command: { value: '' },
    value: { value: '' },
    valueType: { value: 'payload' },
    waitFor: { value: 'confirmed' },
    timeout: { value: '10', label: _('label.timeout'), validate: requiredNumber(1, 'validate.seconds') },
  },
  inputs: 1,
  outputs: 1,
  paletteLabel: _('label.palette'),
  label() {
    const command = this.command ? this._(`command.${keyOf(this.command)}`) : '';
    return this.name || [chargerName(this.charger), command].filter(Boolean).join(': ') || _('label.palette');
  },
  labelStyle,
  inputLabels: () => _('input.command'),
  outputLabels: () => _('output.result'),
  oneditprepare() {
    // A value without a type, in a flow written by hand, is the value itself.
    const { value = '', valueType = '' } = this as Partial<Record<keyof Properties, unknown>>;
    const isPlain = valueType === '' && value !== '';
    if (typeof value === 'object') input('value').val(JSON.stringify(value));
    showDefaults(this, input, ...(isPlain ? ['valueType'] : []));
    const command = input('command');
    command.append($('<option value=""></option>').text(this._('choice.command')));
    for (const name of COMMANDS) {
      command.append(
        $('<option></option>')
          .val(name)
          .text(`${this._(`command.${keyOf(name)}`)} (${name})`),
      );
    }
    command.val(this.command);
    input('value').typedInput({
      types: [
        { value: 'payload', label: this._('choice.value'), hasValue: false },
        'num',
        'str',
        'bool',
        'json',
        'msg',
        'flow',
        'global',
        'jsonata',
        'env',
      ],
      default: !isPlain ? 'payload' : typeof value === 'string' ? 'str' : 'json',
      typeField: '#node-input-valueType',
    });
    command
      .on('change', () => {
        const chosen = valueOf(command);
        const hint = chosen ? this._(`hint.${keyOf(chosen)}`) : '';
        $('#charger-control-tip')
          .text(hint)
          .toggle(hint !== '');
      })
      .trigger('change');
    attachValueFields((key) => this._(key));
  },
});
