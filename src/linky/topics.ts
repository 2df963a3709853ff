/** The topic trees of all dialects as one table: what to subscribe to for a dataset, and what a topic is. */
import { invalid } from '../shared/errors';
import { isTopic } from '../shared/topics';
import type { CurveDataset, Dataset, Direction, ValueDataset } from './types';

/** What a topic carries, and thereby who reads it. */
export type Route =
  | { readonly kind: 'value'; readonly pdl: string; readonly dataset: ValueDataset }
  | { readonly kind: 'curve'; readonly pdl: string; readonly dataset: CurveDataset }
  | { readonly kind: 'stats'; readonly pdl: string; readonly direction: Direction }
  | { readonly kind: 'ha-state' | 'ha-attributes'; readonly pdl: string; readonly direction: Direction }
  | {
      readonly kind: 'importer';
      readonly pdl: string;
      readonly dataset: ValueDataset;
      /** The levels under the row's wildcards. */
      readonly levels: readonly string[];
    }
  | { readonly kind: 'status' };

type RowKind = Route['kind'];

interface Row {
  /** Below `prefix/pdl`, below the bare prefix, or below the Home Assistant discovery prefix. */
  readonly root: 'meter' | 'prefix' | 'discovery';
  /** `{pdl}` stands for the meter, `+` for any level. */
  readonly tail: string;
  readonly kind: RowKind;
  readonly datasets: readonly Dataset[];
}

const rowsOf = (direction: Direction): Row[] => {
  const meter = (tail: string, kind: RowKind, ...datasets: Dataset[]): Row => ({
    root: 'meter',
    tail: `${direction}/${tail}`,
    kind,
    datasets,
  });
  const discovery = (tail: string, kind: RowKind): Row => ({
    root: 'discovery',
    tail: `sensor/myelectricaldata_${direction}/{pdl}/${tail}`,
    kind,
    datasets: [`${direction}/daily`],
  });
  return [
    meter('daily', 'value', `${direction}/daily`),
    meter('month', 'value', `${direction}/month`),
    meter('year', 'value', `${direction}/year`),
    meter('detailed', 'curve', `${direction}/detailed`),
    // Spelling of later documents.
    meter('monthly', 'value', `${direction}/month`),
    // Local client 1.22.
    meter('stats', 'stats', `${direction}/daily`, `${direction}/month`, `${direction}/year`),
    discovery('state', 'ha-state'),
    discovery('attributes', 'ha-attributes'),
    // myelectricaldata_import; `base` is the whole, whatever the tariff.
    meter('annual/+/week/+/base/kWh', 'importer', `${direction}/daily`),
    meter('annual/+/thisMonth/base/kWh', 'importer', `${direction}/month`),
    meter('annual/+/month/+/base/kWh', 'importer', `${direction}/month`),
    meter('annual/+/thisYear/base/kWh', 'importer', `${direction}/year`),
  ];
};

const meterRow = (tail: string, kind: RowKind, dataset: Dataset): Row => ({
  root: 'meter',
  tail,
  kind,
  datasets: [dataset],
});

const TABLE: readonly Row[] = [
  ...rowsOf('consumption'),
  ...rowsOf('production'),
  meterRow('consumption/daily/hc', 'value', 'consumption/daily/hc'),
  meterRow('consumption/daily/hp', 'value', 'consumption/daily/hp'),
  meterRow('consumption/hc', 'value', 'consumption/daily/hc'),
  meterRow('consumption/hp', 'value', 'consumption/daily/hp'),
  meterRow('consumption/yesterday', 'value', 'consumption/daily'),
  meterRow('max_power', 'value', 'max_power'),
  meterRow('consumption/annual/+/week/+/hc/kWh', 'importer', 'consumption/daily/hc'),
  meterRow('consumption/annual/+/week/+/hp/kWh', 'importer', 'consumption/daily/hp'),
  meterRow('power_max/+/value', 'importer', 'max_power'),
  { root: 'prefix', tail: 'status', kind: 'status', datasets: ['status'] },
];

export interface TopicOptions {
  /** May contain slashes. */
  readonly prefix: string;
  /** Empty: the Home Assistant exporter is not listened to. */
  readonly discoveryPrefix: string;
  /** 14 digits; empty = every meter. */
  readonly pdl: string;
}

/** True for a meter number: 14 digits, always as text since leading zeros occur. */
export function isPdl(text: string): boolean {
  return /^\d{14}$/.test(text);
}

/** @throws EnergyError INVALID for a prefix that is no topic, or a meter number that is none. */
export function checkTopicOptions({ prefix, discoveryPrefix, pdl }: TopicOptions): void {
  const faults = [];
  if (!isBase(prefix))
    faults.push({ path: 'prefix', message: 'must be a topic without wildcards and without a trailing slash' });
  if (discoveryPrefix !== '' && !isBase(discoveryPrefix)) {
    faults.push({ path: 'discoveryPrefix', message: 'must be a topic without wildcards and without a trailing slash' });
  }
  if (pdl !== '' && !isPdl(pdl))
    faults.push({ path: 'pdl', message: 'must be the 14 digits of a meter, or empty for every meter' });
  if (faults.length > 0) throw invalid('linky topics', faults);
}

function isBase(topic: string): boolean {
  return isTopic(topic) && !topic.endsWith('/');
}

function pattern(row: Row, { prefix, discoveryPrefix, pdl }: TopicOptions): string {
  const meter = pdl || '+';
  if (row.root === 'discovery') return `${discoveryPrefix}/${row.tail.replace('{pdl}', meter)}`;
  return row.root === 'meter' ? `${prefix}/${meter}/${row.tail}` : `${prefix}/${row.tail}`;
}

/**
 * Filters for exactly the topics of some datasets (empty = all) in every dialect. None of them matches a command topic,
 * so that a broker's "no matching subscriber" stays meaningful for commands.
 */
export function linkyFilters(options: TopicOptions, datasets: readonly Dataset[] = []): string[] {
  const rows = TABLE.filter(
    (row) =>
      (row.root !== 'discovery' || options.discoveryPrefix !== '') &&
      (datasets.length === 0 || row.datasets.some((dataset) => datasets.includes(dataset))),
  );
  return [...new Set(rows.map((row) => pattern(row, options)))];
}

/** Classifies topics for one set of options. */
export class TopicClassifier {
  private readonly rows: readonly { readonly row: Row; readonly levels: readonly string[] }[];

  constructor(private readonly options: TopicOptions) {
    this.rows = TABLE.filter((row) => row.root !== 'discovery' || options.discoveryPrefix !== '').map((row) => ({
      row,
      levels: row.tail.split('/'),
    }));
  }

  /**
   * What a topic carries: a route; `not-a-meter` when the level for the meter number holds something else; null when the
   * topic belongs to no dialect or to another meter.
   */
  classify(topic: string): Route | 'not-a-meter' | null {
    const { prefix, discoveryPrefix } = this.options;
    return (
      this.below('discovery', discoveryPrefix, topic) ??
      this.below('prefix', prefix, topic) ??
      this.below('meter', prefix, topic)
    );
  }

  private below(root: Row['root'], base: string, topic: string): Route | 'not-a-meter' | null {
    if (!topic.startsWith(`${base}/`)) return null;
    const levels = topic.slice(base.length + 1).split('/');
    const meter = root === 'meter' ? levels.shift() : undefined;
    for (const { row, levels: tail } of this.rows) {
      if (row.root !== root || tail.length !== levels.length) continue;
      if (!tail.every((level, i) => level === '+' || level === '{pdl}' || level === levels[i])) continue;
      const pdl = meter ?? levels[tail.indexOf('{pdl}')] ?? '';
      if (root !== 'prefix' && !isPdl(pdl)) return 'not-a-meter';
      if (root !== 'prefix' && this.options.pdl !== '' && this.options.pdl !== pdl) return null;
      return toRoute(
        row,
        pdl,
        levels.filter((_, i) => tail[i] === '+'),
      );
    }
    return null;
  }
}

function toRoute({ kind, datasets: [dataset] }: Row, pdl: string, levels: readonly string[]): Route {
  if (dataset === undefined || dataset === 'status' || kind === 'status') return { kind: 'status' };
  if (dataset === 'consumption/detailed' || dataset === 'production/detailed') return { kind: 'curve', pdl, dataset };
  const direction = directionOf(dataset);
  switch (kind) {
    case 'stats':
    case 'ha-state':
    case 'ha-attributes':
      return { kind, pdl, direction };
    case 'importer':
      return { kind, pdl, dataset, levels };
    default:
      return { kind: 'value', pdl, dataset };
  }
}

/** Maximum power is that of consumption: there is none for production. */
export function directionOf(dataset: Dataset): Direction {
  return dataset.startsWith('production/') ? 'production' : 'consumption';
}
