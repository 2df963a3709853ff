/** What a publisher puts on the broker: each generation of the client has topics and payloads of its own. */
import type { LocalDate } from '../calendar';
import type { LabelStyle } from '../labels';
import type { Meter } from '../meter';

export type CurveUnit = 'kWh' | 'kW' | 'Wh' | 'W';

export interface PublisherOptions {
  /** Front of all topics; may contain slashes. */
  readonly prefix: string;
  /** Home Assistant's discovery prefix. */
  readonly discoveryPrefix: string;
  readonly format: 'simple' | 'json';
  /** Unit of the values of `detailed`, and whether the payload tells it. */
  readonly curveUnit: CurveUnit;
  readonly tellsUnit: boolean;
  /** Minutes of a slot. */
  readonly interval: number;
  readonly labels: LabelStyle;
  /** Tempo colours are published, too. */
  readonly tempo: boolean;
}

/** One run of the publisher. Instants are ms since 1970. */
export interface Run {
  readonly options: PublisherOptions;
  readonly now: number;
  readonly meters: readonly Meter[];
  /** Days to publish per meter, oldest first. */
  readonly days: ReadonlyMap<Meter, readonly LocalDate[]>;
}

export interface SyncState {
  readonly lastSync: number | null;
  readonly nextSync: number | null;
  readonly errors: readonly string[];
}

/** Payload objects are sent as JSON. */
export interface Publication {
  readonly topic: string;
  readonly payload: string | object;
}

export interface Dialect {
  /** Listens to `command/sync` and `command/reload`. */
  readonly commands: boolean;
  /** The QoS it uses unless told otherwise. */
  readonly qos: 0 | 1;
  /** What it sends differs from day to day, so that past days are worth sending. */
  readonly replays: boolean;
  data(run: Run): Publication[];
  status(run: Run, state: SyncState): Publication[];
}
