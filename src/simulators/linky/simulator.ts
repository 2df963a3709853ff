/** A MyElectricalData client on an MQTT broker: past days at start, then a new day each morning of its own time. */
import { Clock, type TimeSource } from '../clock';
import { DeviceLink } from '../device-link';
import type { Simulator, SimulatorOptions } from '../simulator';
import { addDays, dateAt, daysBetween, dayStart, HOUR, type LocalDate } from './calendar';
import type { CurveUnit, Dialect, Publication, PublisherOptions, Run } from './dialects/dialect';
import { exporter, exporterBatch } from './dialects/exporter';
import { homeAssistant } from './dialects/home-assistant';
import { importer } from './dialects/importer';
import { documented } from './dialects/documented';
import type { LabelStyle } from './labels';
import { Meter, type MeterOptions } from './meter';

const DIALECTS = {
  documented,
  exporter,
  'exporter-batch': exporterBatch,
  'home-assistant': homeAssistant,
  importer,
} as const satisfies Readonly<Record<string, Dialect>>;

export type LinkyDialect = keyof typeof DIALECTS;

/**
 * With `speed` 86400 / N a new day comes every N seconds.
 */
export interface LinkySimulatorOptions extends SimulatorOptions {
  /** Default: one meter with HC/HP and one with leading zeros, a flat tariff and solar panels. */
  readonly meters?: readonly MeterOptions[];
  /** Which generation of the client; default `documented`, the only one with commands. */
  readonly dialect?: LinkyDialect;
  /** Front of all topics, slashes allowed; default `myelectricaldata`. */
  readonly prefix?: string;
  /** Default `homeassistant`. */
  readonly discoveryPrefix?: string;
  /** Default `json`. */
  readonly format?: 'simple' | 'json';
  /** Default: the dialect's own. */
  readonly qos?: 0 | 1 | 2;
  /** Default true. */
  readonly retain?: boolean;
  /** Unit of the values of `detailed`; default kWh per slot. */
  readonly curveUnit?: CurveUnit;
  /** `detailed` tells its unit; the documented client does not. Default false. */
  readonly tellsUnit?: boolean;
  /** Minutes of a slot; default 30. */
  readonly interval?: 10 | 15 | 30 | 60;
  /** Default `start`: right labels. */
  readonly labels?: LabelStyle;
  readonly tempo?: boolean;
  /** Past days published at start, oldest first; default 35. */
  readonly history?: number;
  /** Between syncs, ms of device time; default one hour. */
  readonly syncInterval?: number;
  /** What a commanded sync takes, ms of device time; default 5000. */
  readonly syncDuration?: number;
  /** Wall clock at start, ms since 1970; default: the present. */
  readonly startTime?: number;
  /** Where time comes from; for tests. */
  readonly time?: TimeSource;
  readonly onError?: (error: Error) => void;
}

export interface LinkySimulator extends Simulator {
  readonly prefix: string;
  readonly meters: readonly Meter[];
  /** As the command: a sync, after the time it takes. */
  sync(): void;
  /** The next sync fails: `last_sync` stays, `errors` names this. */
  failNextSync(error: string): void;
  /** A known day turns out to be so many times as much; the next sync publishes it again. */
  correct(pdl: string, date: LocalDate, factor: number): void;
}

/** Data may come late or be corrected for so long. */
const LOOK_BACK_DAYS = 92;

const DEFAULT_METERS: readonly MeterOptions[] = [
  { pdl: '12345678901234', tariff: 'HC/HP', offPeak: '22:30-06:30' },
  { pdl: '00012345678901', tariff: 'BASE', size: 0.7, solarPeak: 3000, subscribed: 6 },
];

/** A client that connects when started. */
export function createLinkySimulator(options: LinkySimulatorOptions): LinkySimulator {
  const {
    prefix = 'myelectricaldata',
    interval = 30,
    syncInterval = HOUR,
    syncDuration = 5000,
    retain = true,
  } = options;
  const dialect: Dialect = DIALECTS[options.dialect ?? 'documented'];
  const qos = options.qos ?? dialect.qos;
  const publisher: PublisherOptions = {
    prefix,
    discoveryPrefix: options.discoveryPrefix ?? 'homeassistant',
    format: options.format ?? 'json',
    curveUnit: options.curveUnit ?? 'kWh',
    tellsUnit: options.tellsUnit ?? false,
    interval,
    labels: options.labels ?? 'start',
    tempo: options.tempo ?? false,
  };
  const meters = (options.meters ?? DEFAULT_METERS).map((meter) => new Meter(meter, interval));
  const clock = new Clock({
    speed: options.speed ?? 1,
    ...(options.startTime === undefined ? {} : { startTime: options.startTime }),
    ...(options.time && { source: options.time }),
  });

  /** Issues published so far, by meter and date. */
  const published = new Map<string, number>();
  const firstDay = addDays(dateAt(clock.now()), -(options.history ?? 35));
  let running = false;
  let lastSync: number | null = null;
  let nextSync: number | null = null;
  let failure: string | undefined;
  let cancelCommand: (() => void) | undefined;
  let cancelSchedule: (() => void) | undefined;

  const link = new DeviceLink({
    broker: options.broker,
    clientId: `myelectricaldata-${prefix.replaceAll('/', '-')}`,
    ...(options.username === undefined ? {} : { username: options.username }),
    ...(options.password === undefined ? {} : { password: options.password }),
    clock,
    onConnect() {
      if (dialect.commands) link.subscribe([`${prefix}/command/sync`, `${prefix}/command/reload`], 1);
    },
    onMessage(topic) {
      if (topic === `${prefix}/command/sync`) commandSync();
      // The configuration is what it was; all that shows is the status, published again.
      else publishStatus([]);
    },
    ...(options.onError && { onError: options.onError }),
  });

  function publish(publications: readonly Publication[]): void {
    for (const { topic, payload } of publications)
      link.publish(topic, typeof payload === 'string' ? payload : JSON.stringify(payload), { qos, retain });
  }

  function run(now: number, days: Run['days'] = new Map()): Run {
    return { options: publisher, now, meters, days };
  }

  function publishStatus(errors: readonly string[]): void {
    publish(dialect.status(run(clock.now()), { lastSync, nextSync, errors }));
  }

  /** Days of a meter, of the last months, that have a new issue at that moment, oldest first. */
  function news(meter: Meter, now: number): LocalDate[] {
    const today = dateAt(now);
    const oldest = addDays(today, -LOOK_BACK_DAYS);
    return daysBetween(oldest > firstDay ? oldest : firstDay, addDays(today, -1)).filter((date) => {
      const issue = meter.issue(date, now);
      const key = `${meter.pdl}/${date}`;
      if (issue === (published.get(key) ?? 0)) return false;
      published.set(key, issue);
      return true;
    });
  }

  /** What is new; where nothing is, the newest day once more, as the client publishes at each sync. */
  function publishData(now: number): void {
    const days = new Map(
      meters.map((meter) => {
        const fresh = news(meter, now);
        const newest = meter.newest(now)?.date;
        return [meter, fresh.length === 0 && newest !== undefined ? [newest] : fresh];
      }),
    );
    publish(dialect.data(run(now, days)));
  }

  function syncNow(): void {
    cancelCommand = undefined;
    const now = clock.now();
    schedule();
    if (failure !== undefined) {
      const errors = [failure];
      failure = undefined;
      publishStatus(errors);
      return;
    }
    publishData(now);
    lastSync = now;
    publishStatus([]);
  }

  function schedule(): void {
    cancelSchedule?.();
    nextSync = clock.now() + syncInterval;
    cancelSchedule = clock.after(syncInterval, syncNow);
  }

  /** Commands during a sync are served by it. */
  function commandSync(): void {
    cancelCommand ??= clock.after(syncDuration, syncNow);
  }

  /** The mornings of the past, as if the client had run all along. */
  function publishHistory(): void {
    const today = dateAt(clock.now());
    for (const day of daysBetween(addDays(firstDay, 1), today)) {
      const morning = dayStart(day) + 10 * HOUR;
      if (morning < clock.now()) publishData(morning);
    }
  }

  function rest(): void {
    running = false;
    clock.stop();
    cancelCommand = undefined;
    cancelSchedule = undefined;
  }

  return {
    prefix,
    meters,
    sync: commandSync,
    failNextSync: (error) => void (failure = error),
    correct(pdl, date, factor) {
      meters.find((meter) => meter.pdl === pdl)?.revise(date, factor);
    },

    async start() {
      if (running) return;
      running = true;
      try {
        await link.connect();
        if (published.size === 0 && dialect.replays) publishHistory();
        syncNow();
        await link.flush();
      } catch (error) {
        rest();
        throw error;
      }
    },
    async stop() {
      rest();
      await link.stop();
    },
    async kill() {
      rest();
      await link.kill();
    },
  };
}
