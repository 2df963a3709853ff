import { complaint, input, labelStyle, optionalTopic, texts, valueOf } from '../../src/editor/form';

type Properties = Record<'name' | 'tariff' | 'broker' | 'colors', string>;

const _ = texts('linky-cost');

const isTopic = optionalTopic('validate.topic');

/** A colour topic needs a broker. */
function isColors(this: Instance<Properties>, value: unknown, options?: ValidateOptions): boolean | string {
  const valid = isTopic.call(this, value, options);
  if (valid !== true || !value) return valid;
  const broker = input('colors').length > 0 ? valueOf(input('broker')) : this.broker;
  return broker && broker !== '_ADD_' ? true : complaint(this._('validate.broker'), options);
}

RED.nodes.registerType<Properties>('linky-cost', {
  category: 'energy',
  color: '#C7B565',
  icon: 'linky-cost.svg',
  defaults: {
    name: { value: '' },
    tariff: { value: '', type: 'linky-tariff', required: true, label: _('label.tariff') },
    broker: { value: '', type: 'energy-broker', required: false, label: _('label.broker') },
    colors: { value: '', label: _('label.colors'), validate: isColors },
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
