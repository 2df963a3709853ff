import { showDefaults } from '../../src/editor/defaults';
import { labelStyle, requiredFilter, requiredTopic, texts } from '../../src/editor/form';

type Properties = Record<'name' | 'broker' | 'openevseTopic' | 'evccRoot', string> & { systems: string[] };

const _ = texts('charger-discovery');

const SYSTEMS = ['openevse', 'go-e', 'evcc'];

const boxes = (): JQuery => $('#charger-discovery-systems input');

RED.nodes.registerType<Properties>('charger-discovery', {
  category: 'energy',
  color: '#87A980',
  icon: 'charger-discovery.svg',
  defaults: {
    name: { value: '' },
    broker: { value: '', type: 'energy-broker', required: true, label: _('label.broker') },
    systems: { value: SYSTEMS },
    openevseTopic: {
      value: 'openevse/announce/#',
      label: _('label.openevseTopic'),
      validate: requiredFilter('validate.filter'),
    },
    evccRoot: { value: 'evcc', label: _('label.evccRoot'), validate: requiredTopic('validate.topic') },
  },
  inputs: 1,
  outputs: 1,
  paletteLabel: _('label.palette'),
  label() {
    return this.name || _('label.palette');
  },
  labelStyle,
  inputLabels: () => _('input.list'),
  outputLabels: () => _('output.charger'),
  oneditprepare() {
    showDefaults(this);
    // A flow that was written by hand may leave them out.
    const { systems = SYSTEMS } = this as Partial<Properties>;
    boxes().each((_index, box) => void $(box).prop('checked', systems.includes(String($(box).val()))));
  },
  oneditsave() {
    this.systems = boxes()
      .filter(':checked')
      .toArray()
      .map((box) => String($(box).val()));
  },
});
