/**
 * The older importer (1.0): one bare value per topic below years, months, weeks and weekdays, powers in VA, Python's
 * spelling of nothing and truth. No day by day topic, no curve, no commands.
 */
import { addDays, dateAt, dayOfYear, type LocalDate, localIso, weekday } from '../calendar';
import type { Direction, Meter, Reading } from '../meter';
import { COLORS, colorOf, QUOTA, tomorrowsColor, used } from '../tempo';
import { kWh, monthEnd, monthStart, type Total, total, weekStart, yearStart } from '../totals';
import type { Dialect, Publication, Run } from './dialect';

const WEEKDAYS = ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday'] as const;

/** EUR/kWh */
const PRICE = { base: 0.2, hp: 0.21, hc: 0.16 } as const;

export const importer: Dialect = {
  commands: false,
  qos: 0,
  replays: false,

  data(run) {
    const publications = run.meters.flatMap((meter) => [
      ...directionsOf(meter).flatMap((direction) => [
        ...annual(run, meter, direction),
        ...linear(run, meter, direction),
        ...weekdays(run, meter, direction),
      ]),
      ...maxPower(run, meter),
      ...account(run, meter),
    ]);
    return run.options.tempo ? [...publications, ...tempo(run)] : publications;
  },

  status: () => [],
};

function directionsOf(meter: Meter): readonly Direction[] {
  return meter.hasProduction ? ['consumption', 'production'] : ['consumption'];
}

function bare(topic: string, payload: string | number): Publication {
  return { topic, payload: String(payload) };
}

/** The topics of one period: base, hp and hc in Wh, kWh and euro. */
function amounts(root: string, { energy, offPeak, peak }: Total): Publication[] {
  const buckets = { base: energy, hp: peak ?? 0, hc: offPeak ?? 0 };
  return (['base', 'hp', 'hc'] as const).flatMap((bucket) => {
    const value = buckets[bucket];
    return [
      bare(`${root}/${bucket}/Wh`, value),
      bare(`${root}/${bucket}/kWh`, kWh(value, 2)),
      bare(`${root}/${bucket}/euro`, Number(((value / 1000) * PRICE[bucket]).toFixed(2))),
    ];
  });
}

function period(
  run: Run,
  meter: Meter,
  direction: Direction,
  root: string,
  first: LocalDate,
  last: LocalDate,
): Publication[] {
  return [
    ...amounts(root, total(meter, direction, first, last, run.now)),
    bare(`${root}/dateBegin`, first),
    bare(`${root}/dateEnd`, last),
  ];
}

function annual(run: Run, meter: Meter, direction: Direction): Publication[] {
  const today = dateAt(run.now);
  const root = `${run.options.prefix}/${meter.pdl}/${direction}/annual/current`;
  const months = Array.from({ length: Number(today.slice(5, 7)) }, (_, index) => index + 1);
  return [
    ...period(run, meter, direction, `${root}/thisYear`, yearStart(today), today),
    ...period(run, meter, direction, `${root}/thisMonth`, monthStart(today), today),
    ...period(run, meter, direction, `${root}/thisWeek`, weekStart(today), today),
    ...months.flatMap((month) => {
      const first = `${today.slice(0, 5)}${String(month).padStart(2, '0')}-01`;
      return amounts(`${root}/month/${month}`, total(meter, direction, first, monthEnd(first), run.now));
    }),
    ...(direction === 'consumption' && run.options.tempo
      ? [
          ...tempoAmounts(run, meter, `${root}/thisYear`, yearStart(today), today),
          ...tempoAmounts(run, meter, `${root}/thisMonth`, monthStart(today), today),
        ]
      : []),
  ];
}

/** The sliding year. */
function linear(run: Run, meter: Meter, direction: Direction): Publication[] {
  const today = dateAt(run.now);
  const root = `${run.options.prefix}/${meter.pdl}/${direction}/linear/year`;
  return period(run, meter, direction, `${root}/thisYear`, addDays(today, -365), today);
}

/** The last seven days, by English weekday. */
function lastWeek(run: Run, meter: Meter): Reading[] {
  const today = dateAt(run.now);
  return meter.between(addDays(today, -7), addDays(today, -1), run.now);
}

function weekdays(run: Run, meter: Meter, direction: Direction): Publication[] {
  const root = `${run.options.prefix}/${meter.pdl}/${direction}/annual/current/week`;
  return lastWeek(run, meter).flatMap(({ date }) =>
    amounts(`${root}/${WEEKDAYS[weekday(date)] ?? ''}`, total(meter, direction, date, date, run.now)),
  );
}

/** The peak test compares hours with 600 and 2200, so that everything lands in off-peak. */
function tempoAmounts(run: Run, meter: Meter, root: string, first: LocalDate, last: LocalDate): Publication[] {
  const readings = meter.between(first, last, run.now);
  return COLORS.flatMap((color) => {
    const energy = readings
      .filter(({ date }) => colorOf(date) === color)
      .reduce((sum, { consumption }) => sum + consumption.energy, 0);
    return [
      bare(`${root}/tempo/${color}_HC/Wh`, energy),
      bare(`${root}/tempo/${color}_HC/kWh`, kWh(energy, 2)),
      bare(`${root}/tempo/${color}_HP/Wh`, 0),
      bare(`${root}/tempo/${color}_HP/kWh`, 0),
    ];
  });
}

function maxPower(run: Run, meter: Meter): Publication[] {
  return lastWeek(run, meter).flatMap(({ date, maxPower: value, maxPowerAt }) => {
    const root = `${run.options.prefix}/${meter.pdl}/power_max/${WEEKDAYS[weekday(date)] ?? ''}`;
    const share = Math.round(value / (meter.subscribed * 10));
    return [
      bare(`${root}/date`, date),
      bare(`${root}/event_hour`, localIso(maxPowerAt).slice(11, 19)),
      bare(`${root}/value`, value),
      bare(`${root}/threshold_exceeded`, share > 100 ? 1 : 0),
      bare(`${root}/percentage_usage`, share),
    ];
  });
}

function account(run: Run, meter: Meter): Publication[] {
  const root = `${run.options.prefix}/${meter.pdl}`;
  return [
    bare(`${root}/status/consentement_expiration`, `${Number(dateAt(run.now).slice(0, 4)) + 1}-06-30T00:00:00`),
    bare(`${root}/status/call_number`, (dayOfYear(dateAt(run.now)) * 3) % 50),
    bare(`${root}/status/quota_reached`, 'False'),
    bare(`${root}/status/quota_limit`, 50),
    bare(`${root}/status/quota_reset_at`, `${addDays(dateAt(run.now), 1)}T00:00:00`),
    bare(`${root}/status/last_call`, localIso(run.now)),
    bare(`${root}/status/ban`, 'False'),
    bare(`${root}/contract/subscribed_power`, `${meter.subscribed} kVA`),
    bare(`${root}/contract/last_activation_date`, 'None'),
  ];
}

function tempo(run: Run): Publication[] {
  const root = `${run.options.prefix}/tempo`;
  const today = dateAt(run.now);
  const days = used(today);
  return [
    bare(`${root}/color/today`, colorOf(today)),
    bare(`${root}/color/tomorrow`, tomorrowsColor(run.now)),
    ...COLORS.map((color) => bare(`${root}/days/${color.toLowerCase()}`, QUOTA[color] - days[color])),
  ];
}
