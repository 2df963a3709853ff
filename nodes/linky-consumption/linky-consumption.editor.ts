import { showDefaults } from '../../src/editor/defaults';
import { labelStyle, optionalPattern, optionalTopic, requiredTopic, texts } from '../../src/editor/form';

type Properties = Record<'name' | 'broker' | 'prefix' | 'discoveryPrefix' | 'pdl' | 'detailedUnit', string> & {
  datasets: string[];
  onlyNew: boolean;
};

const _ = texts('linky-consumption');

const boxes = (): JQuery => $('#linky-consumption-datasets input');

RED.nodes.registerType<Properties>('linky-consumption', {
  category: 'energy',
  color: '#C7B565',
  icon: 'linky-consumption.svg',
  defaults: {
    name: { value: '' },
    broker: { value: '', type: 'energy-broker', required: true, label: _('label.broker') },
    prefix: { value: 'myelectricaldata', label: _('label.prefix'), validate: requiredTopic('validate.topic') },
    discoveryPrefix: {
      value: 'homeassistant',
      label: _('label.discoveryPrefix'),
      validate: optionalTopic('validate.topic'),
    },
    pdl: { value: '', label: _('label.pdl'), validate: optionalPattern(/^\d{14}$/, 'validate.pdl') },
    datasets: { value: [] },
    detailedUnit: { value: 'auto' },
    onlyNew: { value: true },
  },
  inputs: 1,
  outputs: 1,
  paletteLabel: _('label.palette'),
  label() {
    return this.name || _('label.palette');
  },
  labelStyle,
  inputLabels: () => _('input.now'),
  outputLabels: () => _('output.reading'),
  oneditprepare() {
    showDefaults(this);
    // A flow written by hand may leave it out.
    const { datasets = [] } = this as Partial<Properties>;
    boxes().each((_index, box) => void $(box).prop('checked', datasets.includes(String($(box).val()))));
  },
  oneditsave() {
    this.datasets = boxes()
      .filter(':checked')
      .toArray()
      .map((box) => String($(box).val()));
  },
});
