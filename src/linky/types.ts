/** What a Linky meter's data look like once read, whatever the publisher's dialect. */

export const DATASETS = [
  'consumption/daily',
  'consumption/daily/hc',
  'consumption/daily/hp',
  'consumption/month',
  'consumption/year',
  'consumption/detailed',
  'max_power',
  'production/daily',
  'production/month',
  'production/year',
  'production/detailed',
  'status',
] as const;

export type Dataset = (typeof DATASETS)[number];
export type CurveDataset = 'consumption/detailed' | 'production/detailed';
export type ValueDataset = Exclude<Dataset, CurveDataset | 'status'>;
export type Direction = 'consumption' | 'production';

/**
 * Who published: `standard` is the documented topic tree (formats simple and json); `client` the MQTT exporter and
 * `home-assistant` the Home Assistant exporter of the local client 1.22; `importer` the older myelectricaldata_import.
 */
export type Dialect = 'standard' | 'client' | 'home-assistant' | 'importer';

/** One figure of one period. */
export interface LinkyValue {
  /** 14 digits, leading zeros kept. */
  readonly pdl: string;
  readonly direction: Direction;
  readonly dataset: ValueDataset;
  /** Local: `YYYY-MM-DD`, for a month `YYYY-MM`, for a year `YYYY`; null where the message carries none. */
  readonly date: string | null;
  readonly value: number;
  readonly unit: 'kWh' | 'kVA';
  /** ISO 8601 UTC instant of publication; null where the message carries none, or one without offset. */
  readonly timestamp: string | null;
  /** As published: `BASE`, `HC/HP`, ... */
  readonly tariff: string | null;
  /** kWh, off-peak part. */
  readonly hc: number | null;
  /** kWh, peak part. */
  readonly hp: number | null;
  readonly format: 'simple' | 'json';
}

/** One interval of a load curve. `energy` and `power` are null where the meter's reading is missing. */
export interface LinkySlot {
  /** ISO 8601 UTC instants. */
  readonly start: string;
  readonly end: string;
  /** kWh over the slot. */
  readonly energy: number | null;
  /** W, average over the slot. */
  readonly power: number | null;
}

export const CURVE_UNITS = ['kWh', 'kW', 'Wh', 'W'] as const;
/** kWh and Wh are energy per slot, kW and W the average power over it. */
export type CurveUnit = (typeof CURVE_UNITS)[number];

export interface UnitDecision {
  readonly source: CurveUnit;
  readonly decidedBy: 'property' | 'payload' | 'daily' | 'guess';
}

/** The load curve of one local day. */
export interface LinkyCurve {
  readonly pdl: string;
  readonly direction: Direction;
  readonly dataset: CurveDataset;
  /** `YYYY-MM-DD`, a Europe/Paris day. */
  readonly date: string;
  /** min per slot: 10, 15, 30 or 60. */
  readonly interval: number;
  /** Every slot of the day in order: 46, 48 or 50 of them at 30 min. */
  readonly slots: readonly LinkySlot[];
  /** kWh, sum of the known slots; null when none is known. */
  readonly total: number | null;
  readonly coverage: { readonly slots: number; readonly expected: number };
  readonly unit: UnitDecision;
}

/** The publishing client's own state. */
export interface LinkyStatus {
  readonly dataset: 'status';
  /** In the client's words: `ok`, `online`, ... */
  readonly status: string;
  /** ISO 8601 UTC instants; null where unknown or told without offset. */
  readonly lastSync: string | null;
  readonly nextSync: string | null;
  readonly pdlCount: number | null;
  /** Strings or objects, as published; null where the dialect has no such list. */
  readonly errors: readonly unknown[] | null;
  readonly dialect: Dialect;
}

export type LinkyPayload = LinkyValue | LinkyCurve | LinkyStatus;

/** A reading, ready to be sent. */
export interface LinkyMessage {
  /** The MQTT topic it came from. */
  readonly topic: string;
  readonly retain: boolean;
  readonly payload: LinkyPayload;
  readonly dialect: Dialect;
  /** Replaces an earlier message of the same curve whose unit had been guessed wrongly. */
  readonly corrected?: true;
}

export type NoticeCode =
  | 'PDL_MISMATCH'
  | 'NOT_A_METER'
  | 'OTHER_DIALECT'
  | 'NO_VALUE'
  | 'DATE_UNREADABLE'
  | 'FUTURE_DATE'
  | 'SPLIT_GAP'
  | 'CURVE_GAP'
  | 'SLOTS_IGNORED'
  | 'ALL_ZERO';

/** Something the user should know about readable data. Told once per topic and code; meter numbers are masked. */
export interface Notice {
  readonly code: NoticeCode;
  readonly topic: string;
  readonly text: string;
}

/** A topic whose payload cannot be read. Told once per topic until it is readable again; meter numbers are masked. */
export interface TopicFault {
  readonly code: 'BAD_PAYLOAD';
  readonly topic: string;
  readonly text: string;
}
