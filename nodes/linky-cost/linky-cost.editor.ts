import { input, labelStyle, optionalTopic, texts, valueOf } from '../../src/editor/form';

type Properties = Record<'name' | 'tariff' | 'broker' | 'colors', string>;

const _ = texts('linky-cost');

/** Only a colour topic needs a broker. */
function isBroker(this: Instance<Properties>, value: unknown, _options?: unknown): boolean | string {
  const field = input('colors');
  const colors = field.length > 0 ? valueOf(field) : this.colors;
  const chosen = typeof value === 'string' && value !== '' && value !== '_ADD_';
  return chosen || !colors ? true : this._('validate.broker');
}

RED.nodes.registerType<Properties>('linky-cost', {
  category: 'energy',
  color: '#C7B565',
  icon: 'linky-cost.svg',
  defaults: {
    name: { value: '' },
    tariff: { value: '', type: 'linky-tariff', required: true, label: _('label.tariff') },
    broker: { value: '', type: 'energy-broker', required: false, label: _('label.broker'), validate: isBroker },
    colors: { value: '', label: _('label.colors'), validate: optionalTopic('validate.topic') },
  },
  inputs: 1,
  outputs: 1,
  paletteLabel: _('label.palette'),
  label() {
    return this.name || _('label.palette');
  },
  labelStyle,
  inputLabels: () => _('input.reading'),
  outputLabels: () => _('output.cost'),
});
