/** The dated prices of a contract in its dialog: one row per period, with the fields that its option needs. */
import { valueOf } from '../../src/editor/form';
import { BUCKETS, type DraftFault, draftFaults, type TariffOption } from '../../src/shared/tariff';

interface OffPeak {
  days: number[];
  from: string;
  to: string;
}

/** As it is saved. Text where a number should be is kept: it may name an environment variable. */
export interface Period {
  from: string | null;
  to: string | null;
  subscription: number | string | null;
  prices: Record<string, number | string>;
  offPeak: OffPeak[];
}

const BLANK: Period = { from: null, to: null, subscription: null, prices: {}, offPeak: [] };

/** The periods of a flow, with what one that was written by hand may leave out. */
export function toPeriods(saved: unknown): Period[] {
  return (Array.isArray(saved) ? (saved as Partial<Period>[]) : []).map((period) => ({
    ...BLANK,
    ...period,
    offPeak: (period.offPeak ?? []).map((window: Partial<OffPeak>) => ({ days: [], from: '', to: '', ...window })),
  }));
}

function isBlank({ from, to, subscription, prices, offPeak }: Period): boolean {
  return [from, to, subscription, ...Object.values(prices), ...offPeak].every((value) => value === null);
}

type Translate = (key: string) => string;

const WEEKDAYS = [1, 2, 3, 4, 5, 6, 7];

/** A number, also with the decimal comma that a French keypad has; null for an empty field. */
function toAmount(text: string): number | string | null {
  const given = text.trim();
  if (given === '') return null;
  const amount = Number(given.replace(',', '.'));
  return Number.isFinite(amount) ? amount : given;
}

function field(name: string, type: 'text' | 'date', width: number, value: unknown): JQuery {
  const text = typeof value === 'string' || typeof value === 'number' ? String(value) : '';
  return $('<input>').attr({ type, 'data-field': name }).css({ width, margin: '0 6px' }).val(text);
}

function labelled(text: string, input: JQuery): JQuery {
  return $('<label></label>')
    .css({ display: 'inline-block', width: 'auto', margin: '0 8px 4px 0' })
    .append($('<span></span>').text(text), input);
}

function button(icon: string, text: string, onClick: () => void): JQuery {
  return $('<button type="button" class="red-ui-button red-ui-button-small"></button>')
    .append($('<i></i>').addClass(`fa ${icon}`), $('<span></span>').text(` ${text}`))
    .on('click', onClick);
}

/** One period: its fields, and what stands in them. */
class Row {
  private readonly prices = $('<div></div>');
  private readonly windows = $('<div></div>');
  private readonly offPeak = $('<div></div>');
  /** Also those of other options, so that switching back and forth loses nothing. */
  private readonly known: Record<string, number | string>;

  constructor(
    private readonly place: JQuery,
    period: Period,
    private readonly t: Translate,
    private readonly onChange: () => void,
  ) {
    this.known = { ...period.prices };
    const dates = $('<div></div>').append(
      labelled(t('label.from'), field('from', 'date', 130, period.from)),
      labelled(t('label.to'), field('to', 'date', 130, period.to)),
    );
    const subscription = labelled(t('label.subscription'), field('subscription', 'text', 70, period.subscription));
    const add = button('fa-plus', t('button.window'), () => {
      this.addWindow({ days: [], from: '22:00', to: '06:00' });
      onChange();
    });
    this.offPeak.append($('<div></div>').text(t('label.offPeak')), this.windows, add);
    place.append(dates, subscription, $('<div></div>').text(t('label.prices')), this.prices, this.offPeak);
    for (const window of period.offPeak) this.addWindow(window);
  }

  /** Shows the fields of an option. Tempo's off-peak hours are the same for everybody. */
  show(option: TariffOption): void {
    Object.assign(this.known, this.readPrices());
    const inputs = BUCKETS[option].map((bucket) =>
      labelled(this.t(`price.${bucket}`), field(`prices.${bucket}`, 'text', 70, this.known[bucket])),
    );
    this.prices.empty().append(...inputs);
    this.offPeak.toggle(option === 'HCHP');
  }

  read(): Period {
    const dates = ['from', 'to'].map((name) => valueOf(this.input(name)) || null);
    const [from = null, to = null] = dates;
    const offPeak = this.offPeak.css('display') === 'none' ? [] : this.readWindows();
    return {
      from,
      to,
      subscription: toAmount(valueOf(this.input('subscription'))),
      prices: this.readPrices(),
      offPeak,
    };
  }

  /** @param paths of the faulty fields, below the period's own */
  mark(paths: ReadonlySet<string>): void {
    this.place.find('[data-field]').each((_index, input) => {
      $(input).toggleClass('input-error', paths.has(String($(input).attr('data-field'))));
    });
  }

  private input(name: string): JQuery {
    return this.place.find(`[data-field="${name}"]`);
  }

  private readPrices(): Record<string, number | string> {
    const prices: Record<string, number | string> = {};
    this.prices.find('input').each((_index, input) => {
      const amount = toAmount(valueOf($(input)));
      const bucket = String($(input).attr('data-field')).replace('prices.', '');
      if (amount !== null) prices[bucket] = amount;
    });
    return prices;
  }

  private addWindow({ days, from, to }: OffPeak): void {
    const row = $('<div class="linky-tariff-window"></div>').css('margin-bottom', '4px');
    for (const day of WEEKDAYS) {
      const box = $('<input type="checkbox">').val(String(day)).css({ width: 'auto', margin: '0 2px 0 0' });
      box.prop('checked', days.length === 0 || days.includes(day));
      row.append(
        $('<label></label>')
          .css({ display: 'inline-block', width: 'auto', margin: '0 6px 0 0' })
          .append(box, this.t(`day.${day}`)),
      );
    }
    const remove = button('fa-remove', '', () => {
      row.remove();
      this.onChange();
    }).attr('aria-label', this.t('button.remove'));
    row.append(
      field('window.from', 'text', 60, from),
      this.t('label.until'),
      field('window.to', 'text', 60, to),
      remove,
    );
    this.windows.append(row);
  }

  private readWindows(): OffPeak[] {
    return this.windows
      .children()
      .toArray()
      .map((row, i) => {
        const days = $(row)
          .find('input:checked')
          .toArray()
          .map((box) => Number($(box).val()));
        const [from = '', to = ''] = ['from', 'to'].map((name, j) =>
          valueOf($(row).find('input[type="text"]').eq(j).attr('data-field', `offPeak.${i}.${name}`)).trim(),
        );
        return { days: days.length === WEEKDAYS.length ? [] : days, from, to };
      });
  }
}

export class PeriodList {
  /** Told after each change of a field or of the list. */
  onChange: () => void = () => undefined;

  constructor(
    private readonly element: JQuery,
    private current: TariffOption,
    t: Translate,
  ) {
    element.editableList({
      height: 'auto',
      removable: true,
      sortable: false,
      addButton: t('button.period'),
      addItem: (place: JQuery, _index: number, added: Partial<Period>) => {
        const row = new Row(place, { ...BLANK, ...added }, t, () => this.onChange());
        row.show(this.current);
        place.data('row', row);
        place.on('input change', () => this.onChange());
        this.onChange();
      },
      removeItem: () => this.onChange(),
    });
  }

  set option(option: TariffOption) {
    this.current = option;
    for (const row of this.rows()) row.show(option);
  }

  /** Shows these periods, or an empty one to begin with. */
  fill(periods: readonly Period[]): void {
    for (const period of periods.length > 0 ? periods : [BLANK]) this.element.editableList('addItem', period);
  }

  read(): Period[] {
    return this.rows().map((row) => row.read());
  }

  /** Without the rows in which nothing was entered, such as the one to begin with. */
  filled(): Period[] {
    return this.read().filter((period) => !isBlank(period));
  }

  /** Marks the faulty fields and tells what is wrong with them. */
  check(): DraftFault[] {
    const faults = draftFaults(this.current, this.read());
    this.rows().forEach((row, i) => {
      const prefix = `periods.${i}.`;
      row.mark(
        new Set(faults.filter(({ path }) => path.startsWith(prefix)).map(({ path }) => path.slice(prefix.length))),
      );
    });
    return faults;
  }

  private rows(): Row[] {
    return this.element
      .editableList('items')
      .toArray()
      .map((item) => $(item).data('row') as Row);
  }
}
