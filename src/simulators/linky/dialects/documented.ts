/** The client as its users' documentation describes it: one topic per dataset, bare numbers or JSON, and commands. */
import { utcIso } from '../calendar';
import { labelled } from '../labels';
import type { Direction, Meter, Reading } from '../meter';
import { kWh, monthStart, total, yearStart } from '../totals';
import type { CurveUnit, Dialect, Publication, Run } from './dialect';
import { tempoTopics } from './tempo-topics';

/** A reading's value in the unit of `detailed`, from W; four digits keep half a Wh. */
const IN_UNIT: Readonly<Record<CurveUnit, (power: number, minutes: number) => number>> = {
  kWh: (power, minutes) => Number(((power * minutes) / 60_000).toFixed(4)),
  kW: (power) => power / 1000,
  Wh: (power, minutes) => Number(((power * minutes) / 60).toFixed(1)),
  W: (power) => power,
};

export const documented: Dialect = {
  commands: true,
  qos: 1,
  replays: true,

  data(run) {
    const publications = [...run.days].flatMap(([meter, days]) => {
      const readings = days.map((date) => meter.reading(date, run.now)).filter((reading) => reading !== null);
      return [...readings.flatMap((reading) => dayTopics(run, meter, reading)), ...periodTopics(run, meter)];
    });
    return run.options.tempo ? [...publications, ...tempoTopics(run)] : publications;
  },

  status: (run, { lastSync, nextSync, errors }) => [
    {
      topic: `${run.options.prefix}/status`,
      payload: {
        status: errors.length === 0 ? 'ok' : 'error',
        last_sync: lastSync === null ? null : utcIso(lastSync),
        next_sync: nextSync === null ? null : utcIso(nextSync),
        pdl_count: run.meters.length,
        errors,
      },
    },
  ],
};

type Extras = Readonly<Record<string, string | number>>;

/** One value topic: a bare number, or an object that tells unit, meter and date. */
function value(
  run: Run,
  meter: Meter,
  tail: string,
  amount: number,
  unit: string,
  date: string,
  extras: Extras = {},
): Publication {
  const topic = `${run.options.prefix}/${meter.pdl}/${tail}`;
  if (run.options.format === 'simple') return { topic, payload: String(amount) };
  return { topic, payload: { value: amount, unit, timestamp: utcIso(run.now), pdl: meter.pdl, date, ...extras } };
}

function dayTopics(run: Run, meter: Meter, reading: Reading): Publication[] {
  const { date, offPeak, peak } = reading;
  const split = offPeak === null || peak === null ? null : { hc: kWh(offPeak), hp: kWh(peak) };
  const daily = kWh(reading.consumption.energy);
  const publications = [
    value(run, meter, 'consumption/daily', daily, 'kWh', date, { tariff: meter.tariff, ...split }),
    ...(split
      ? [
          value(run, meter, 'consumption/daily/hc', split.hc, 'kWh', date),
          value(run, meter, 'consumption/daily/hp', split.hp, 'kWh', date),
        ]
      : []),
    ...curve(run, meter, reading, 'consumption'),
    value(run, meter, 'max_power', Number((reading.maxPower / 1000).toFixed(3)), 'kVA', date),
  ];
  if (!reading.production) return publications;
  return [
    ...publications,
    value(run, meter, 'production/daily', kWh(reading.production.energy), 'kWh', date),
    ...curve(run, meter, reading, 'production'),
  ];
}

/** The load curve is JSON whatever the format; without a curve there is no message. */
function curve(run: Run, meter: Meter, reading: Reading, direction: Direction): Publication[] {
  const { prefix, interval, labels, curveUnit, tellsUnit } = run.options;
  const points = labelled(reading[direction]?.curve ?? [], interval, labels);
  if (points.length === 0) return [];
  return [
    {
      topic: `${prefix}/${meter.pdl}/${direction}/detailed`,
      payload: {
        date: reading.date,
        pdl: meter.pdl,
        interval: `${interval}min`,
        ...(tellsUnit ? { unit: curveUnit } : {}),
        data: points.map(({ time, power }) => ({
          time,
          value: power === null ? null : IN_UNIT[curveUnit](power, interval),
        })),
      },
    },
  ];
}

/** Running totals of the month and year of the newest known day. */
function periodTopics(run: Run, meter: Meter): Publication[] {
  const date = meter.newest(run.now)?.date;
  if (date === undefined) return [];
  const directions: readonly Direction[] = meter.hasProduction ? ['consumption', 'production'] : ['consumption'];
  return directions.flatMap((direction) => {
    const sum = (first: string): number => kWh(total(meter, direction, first, date, run.now).energy);
    return [
      value(run, meter, `${direction}/month`, sum(monthStart(date)), 'kWh', date.slice(0, 7)),
      value(run, meter, `${direction}/year`, sum(yearStart(date)), 'kWh', date.slice(0, 4)),
    ];
  });
}
