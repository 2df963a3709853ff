import { showDefaults } from '../../src/editor/defaults';
import { configInput, labelStyle, texts, valueOf } from '../../src/editor/form';
import { BUCKETS, draftFaults, type TariffOption } from '../../src/shared/tariff';
import { type Period, PeriodList, toPeriods } from './periods.editor';

interface Properties {
  name: string;
  option: string;
  periods: Period[];
}

const _ = texts('linky-tariff');

function toOption(text: string): TariffOption {
  return text in BUCKETS ? (text as TariffOption) : 'BASE';
}

function isContract(this: Instance<Properties>, value: unknown, _options?: unknown): boolean | string {
  return draftFaults(toOption(this.option), toPeriods(value)).length === 0 ? true : this._('validate.periods');
}

let list: PeriodList | undefined;

RED.nodes.registerType<Properties>('linky-tariff', {
  category: 'config',
  color: '#C7B565',
  icon: 'linky-tariff.svg',
  defaults: {
    name: { value: '' },
    option: { value: 'BASE' },
    periods: { value: [], label: _('label.periods'), validate: isContract },
  },
  label() {
    return this.name || `linky-tariff ${this.option}`;
  },
  labelStyle,
  oneditprepare() {
    showDefaults(this, configInput);
    const option = configInput('option');
    const periods = new PeriodList($('#linky-tariff-periods'), toOption(valueOf(option)), (key) => this._(key));
    list = periods;
    periods.fill(toPeriods(this.periods));
    const check = (): void => {
      const rules = new Set(periods.check().map(({ rule }) => rule));
      $('#linky-tariff-faults')
        .text([...rules].map((rule) => this._(`validate.${rule}`)).join(' '))
        .toggle(rules.size > 0);
    };
    periods.onChange = check;
    option.on('change', () => {
      periods.option = toOption(valueOf(option));
      check();
    });
    check();
  },
  oneditsave() {
    if (list) this.periods = list.filled();
    list = undefined;
  },
  oneditcancel() {
    list = undefined;
  },
});
