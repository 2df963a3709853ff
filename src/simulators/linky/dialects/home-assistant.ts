/**
 * The newer client's Home Assistant exporter: for each entity retained `config`, `state` and `attributes` below the
 * discovery prefix, in groups whose names are fixed, and the bare word `online` on the status topic.
 */
import { addDays, dateAt } from '../calendar';
import type { Direction, Meter } from '../meter';
import { COLORS, colorOf, QUOTA, tomorrowsColor, used } from '../tempo';
import { energyOf, kWh, total } from '../totals';
import type { Dialect, Publication, Run } from './dialect';

const FRENCH = { BLUE: 'Bleu', WHITE: 'Blanc', RED: 'Rouge', UNKNOWN: 'Inconnu' } as const;

/** EUR/kWh; constants in the exporter, tariff of 2024. */
const PRICES: Readonly<Record<string, number>> = {
  blue_hc: 0.1296,
  blue_hp: 0.1609,
  white_hc: 0.1486,
  white_hp: 0.1894,
  red_hc: 0.1568,
  red_hp: 0.7562,
};

const HISTORY_DAYS = 31;

export const homeAssistant: Dialect = {
  commands: false,
  qos: 0,
  replays: false,

  data(run) {
    const meters = run.meters.flatMap((meter) => [
      ...energyEntities(run, meter, 'consumption'),
      ...(meter.hasProduction ? energyEntities(run, meter, 'production') : []),
    ]);
    return run.options.tempo ? [...meters, ...tempoEntities(run)] : meters;
  },

  status: ({ options }) => [{ topic: `${options.prefix}/status`, payload: 'online' }],
};

function entity(run: Run, path: string, state: string | number, attributes: object, unit?: string): Publication[] {
  const root = `${run.options.discoveryPrefix}/sensor/${path}`;
  const id = path.replaceAll('/', '_');
  return [
    {
      topic: `${root}/config`,
      payload: {
        name: id,
        uniq_id: id,
        stat_t: `${root}/state`,
        json_attr_t: `${root}/attributes`,
        ...(unit === undefined ? {} : { unit_of_meas: unit }),
      },
    },
    { topic: `${root}/state`, payload: String(state) },
    { topic: `${root}/attributes`, payload: attributes },
  ];
}

function energyEntities(run: Run, meter: Meter, direction: Direction): Publication[] {
  const newest = meter.newest(run.now);
  if (!newest) return [];
  const group = `myelectricaldata_${direction}`;
  const first = (days: number): string => addDays(newest.date, 1 - days);
  const history = meter
    .between(first(HISTORY_DAYS), newest.date, run.now)
    .map((reading) => ({ date: reading.date, value: kWh(energyOf(reading, direction), 2) }));
  const energy = energyOf(newest, direction);
  return [
    ...entity(run, `${group}/${meter.pdl}`, kWh(energy, 2), { date: newest.date, value_wh: energy, history }, 'kWh'),
    ...[7, 14, 30].flatMap((days) => {
      const sum = kWh(total(meter, direction, first(days), newest.date, run.now).energy, 2);
      return entity(run, `${group}_last_${days}_day/${meter.pdl}`, sum, { days }, 'kWh');
    }),
  ];
}

function tempoEntities(run: Run): Publication[] {
  const today = dateAt(run.now);
  const colors = { today: colorOf(today), tomorrow: tomorrowsColor(run.now) } as const;
  const days = used(today);
  return [
    ...(['today', 'tomorrow'] as const).flatMap((day) =>
      entity(run, `myelectricaldata_rte/tempo_${day}`, colors[day], { color_fr: FRENCH[colors[day]] }),
    ),
    ...COLORS.flatMap((color) =>
      entity(
        run,
        `myelectricaldata_edf/tempo_days_${color.toLowerCase()}`,
        days[color],
        // Counts future rows of its database, of which there are none.
        { used: days[color], remaining: 0, quota: QUOTA[color] },
        'jours',
      ),
    ),
    ...entity(run, 'myelectricaldata_edf/tempo_info', colors.today, { tomorrow: colors.tomorrow }),
    ...Object.entries(PRICES).flatMap(([name, price]) =>
      entity(run, `myelectricaldata_edf/tempo_price_${name}`, price, {}, 'EUR/kWh'),
    ),
    ...[0, 1, 2].flatMap((day) => entity(run, `myelectricaldata_rte/ecowatt_j${day}`, 1, { hourly_values: {} })),
  ];
}
