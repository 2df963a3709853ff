import { showDefaults } from '../../src/editor/defaults';
import {
  complaint,
  configInput,
  isEnvironment,
  labelStyle,
  optionalNumber,
  texts,
  valueOf,
} from '../../src/editor/form';
import { isTopic } from '../../src/shared/topics';

type Properties = Record<'name' | 'broker' | 'system' | 'baseTopic' | 'staleAfter' | 'maxCurrent', string>;

/** What the admin endpoint tells of a charger. */
interface Found {
  readonly system: string;
  readonly name: string;
  readonly baseTopic: string;
  readonly model: string | null;
}

const _ = texts('energy-charger');

/** Only an OpenEVSE that was never saved may have an empty base topic. */
function isBaseTopic(this: Instance<Properties>, value: unknown, options?: ValidateOptions): boolean | string {
  const given = typeof value === 'string' ? value.trim() : '';
  const system = valueOf(configInput('system')) || this.system;
  const valid = given === '' ? system === 'openevse' : isTopic(given) || isEnvironment(given);
  return valid ? true : complaint(this._('validate.baseTopic'), options);
}

const FAULTS: Readonly<Record<number, string>> = {
  401: 'denied',
  403: 'denied',
  404: 'notDeployed',
  503: 'notConnected',
};

function offer(found: readonly Found[], translate: (key: string) => string): void {
  const place = $('#energy-charger-found').empty();
  if (found.length === 0) place.text(translate('find.none'));
  for (const { system, name, baseTopic, model } of found) {
    $('<a href="#" class="red-ui-button" style="display: block; margin-bottom: 4px; text-align: left"></a>')
      .text([name, model ?? system, baseTopic].filter(Boolean).join(' · '))
      .on('click', (event) => {
        event.preventDefault();
        configInput('system').val(system).trigger('change');
        configInput('baseTopic').val(baseTopic).trigger('change');
        if (valueOf(configInput('name')) === '') configInput('name').val(name);
        place.empty();
      })
      .appendTo(place);
  }
}

RED.nodes.registerType<Properties>('energy-charger', {
  category: 'config',
  color: '#87A980',
  icon: 'energy-charger.svg',
  defaults: {
    name: { value: '' },
    broker: { value: '', type: 'energy-broker', required: true, label: _('label.broker') },
    system: { value: 'openevse', required: true, label: _('label.system') },
    baseTopic: { value: '', label: _('label.baseTopic'), validate: isBaseTopic },
    staleAfter: { value: '', label: _('label.staleAfter'), validate: optionalNumber(1, 'validate.seconds') },
    maxCurrent: { value: '', label: _('label.maxCurrent'), validate: optionalNumber(1, 'validate.ampere') },
  },
  label() {
    return this.name || this.baseTopic || 'energy-charger';
  },
  labelStyle,
  oneditprepare() {
    showDefaults(this, configInput);
    configInput('system')
      .on('change', () => $('#energy-charger-tip').text(this._(`tip.${valueOf(configInput('system'))}`)))
      .trigger('change');
    $('#energy-charger-find').on('click', () => {
      const place = $('#energy-charger-found').text(this._('find.searching'));
      $.getJSON(`home-energy/chargers/${encodeURIComponent(valueOf(configInput('broker')))}`)
        .done((found: readonly Found[]) => offer(found, (key) => this._(key)))
        .fail(({ status }) => place.text(this._(`find.${FAULTS[status] ?? 'notConnected'}`)));
    });
  },
});
