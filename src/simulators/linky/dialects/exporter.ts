/**
 * The newer client's generic MQTT exporter (v1.22.0): totals under `stats`, a status that says `online` for ever, local
 * timestamps without offset, no commands. Its batch methods exist, though nothing calls them there.
 */
import { addDays, dateAt, localIso } from '../calendar';
import { labelled } from '../labels';
import type { Direction, Meter, Reading } from '../meter';
import { energyOf, kWh, monthStart, total, weekStart, yearStart } from '../totals';
import type { Dialect, Publication, Run } from './dialect';
import { tempoTopics } from './tempo-topics';

/** Python's isoformat has six digits. */
const timestamp = (now: number): string => `${localIso(now)}000`;

export const exporter: Dialect = {
  commands: false,
  qos: 0,
  replays: true,

  data(run) {
    const stats = run.meters.flatMap((meter) => [
      ...statsOf(run, meter, 'consumption'),
      ...statsOf(run, meter, 'production'),
    ]);
    return run.options.tempo ? [...stats, ...tempoTopics(run)] : stats;
  },

  status: ({ options, now, meters }) => [
    {
      topic: `${options.prefix}/status`,
      payload: { status: 'online', last_export: timestamp(now), pdls_exported: meters.length },
    },
  ],
};

export const exporterBatch: Dialect = {
  ...exporter,
  replays: false,
  data: (run) => [...exporter.data(run), ...run.meters.flatMap((meter) => batches(run, meter))],
};

/** A day that is not known yet counts as 0; without any total, and for production without one of yesterday, nothing is sent. */
function statsOf(run: Run, meter: Meter, direction: Direction): Publication[] {
  const { now, options } = run;
  const today = dateAt(now);
  const yesterday = addDays(today, -1);
  const sum = (first: string, last = today): number => kWh(total(meter, direction, first, last, now).energy, 2);
  const totals = {
    yesterday_kwh: sum(yesterday, yesterday),
    this_month_kwh: sum(monthStart(today)),
    this_year_kwh: sum(yearStart(today)),
    ...(direction === 'consumption' ? { this_week_kwh: sum(weekStart(today)) } : {}),
  };
  if (direction === 'production' && totals.yesterday_kwh === 0) return [];
  if (Object.values(totals).every((value) => value === 0)) return [];
  return [
    {
      topic: `${options.prefix}/${meter.pdl}/${direction}/stats`,
      payload: { pdl: meter.pdl, timestamp: timestamp(now), ...totals },
    },
  ];
}

/** All known days of the last week as records: Wh per day, W per slot, the slot labels without regard to the clock change. */
function batches(run: Run, meter: Meter): Publication[] {
  const today = dateAt(run.now);
  const readings = meter.between(addDays(today, -7), addDays(today, -1), run.now);
  const directions: readonly Direction[] = meter.hasProduction ? ['consumption', 'production'] : ['consumption'];
  return directions.flatMap((direction) => [
    batch(
      run,
      meter,
      direction,
      'daily',
      readings.map((reading) => ({ date: reading.date, value: energyOf(reading, direction) })),
    ),
    batch(
      run,
      meter,
      direction,
      'detailed',
      readings.flatMap((reading) => powers(run, reading, direction)),
    ),
  ]);
}

interface BatchRecord {
  readonly date: string;
  readonly value: number;
}

function powers({ options }: Run, reading: Reading, direction: Direction): BatchRecord[] {
  return labelled(reading[direction]?.curve ?? [], options.interval, 'collapsed').flatMap(({ time, power }) =>
    power === null ? [] : [{ date: `${reading.date}T${time}:00`, value: power }],
  );
}

function batch(run: Run, meter: Meter, direction: Direction, granularity: string, data: BatchRecord[]): Publication {
  return {
    topic: `${run.options.prefix}/${meter.pdl}/${direction}/${granularity}`,
    payload: { pdl: meter.pdl, granularity, records: data.length, data, timestamp: timestamp(run.now) },
  };
}
