/** Folds MQTT messages of a Linky publisher, in whatever dialect, into readings that are each told once. */
import { createHash } from 'node:crypto';
import type { Message } from '../mqtt/types';
import { BoundedMap } from '../shared/bounded-map';
import { localDate } from './clock';
import { buildCurve } from './curve';
import { readDialect } from './dialects';
import type { ReadCurve, Reading, Remark } from './dialects/reading';
import { maskMeters } from './mask';
import { readPayload } from './payload';
import { type LinkyReaderState, type PendingCurve, toReaderState } from './reader-state';
import { checkTopicOptions, directionOf, linkyFilters, type Route, TopicClassifier, type TopicOptions } from './topics';
import type {
  CurveUnit,
  Dataset,
  Dialect,
  LinkyCurve,
  LinkyMessage,
  LinkyPayload,
  LinkyValue,
  Notice,
  TopicFault,
  UnitDecision,
} from './types';
import { guessUnit, unitByDaily } from './unit';

export interface LinkyReaderOptions extends TopicOptions {
  /** Empty = all. */
  readonly datasets: readonly Dataset[];
  /** Unit of load curves; `auto`: the payload's, else what fits the daily total, else a guess. */
  readonly detailedUnit: 'auto' | CurveUnit;
  /** The same value for the same meter, dataset and date is told once. */
  readonly onlyNew: boolean;
}

export interface Accepted {
  readonly messages: readonly LinkyMessage[];
  readonly notices: readonly Notice[];
  readonly faults: readonly TopicFault[];
}

const LIMITS = { seen: 2_048, dailies: 512, pending: 32, dated: 128, latest: 512, noticed: 512, faulty: 512 } as const;
/** kWh a day by which a full curve may differ from the day's total: rounding of half hours to whole W. */
const CURVE_TOLERANCE = 0.05;

interface Outbox {
  readonly messages: LinkyMessage[];
  readonly notices: Notice[];
}

/** Pure but for what it remembers; all of that is bounded, and the part worth keeping can be exported. */
export class LinkyReader {
  private readonly classifier: TopicClassifier;
  private readonly seen: BoundedMap<string>;
  private readonly dailies: BoundedMap<number>;
  private readonly pending: BoundedMap<PendingCurve>;
  private readonly dated: BoundedMap<true>;
  private readonly latest = new BoundedMap<LinkyMessage>(LIMITS.latest);
  private readonly noticed = new BoundedMap<true>(LIMITS.noticed);
  private readonly faulty = new BoundedMap<string>(LIMITS.faulty);

  /**
   * @param stored what `exportState` gave earlier; anything else is ignored
   * @throws EnergyError INVALID for a prefix or meter number that is none
   */
  constructor(
    private readonly options: LinkyReaderOptions,
    stored?: unknown,
  ) {
    checkTopicOptions(options);
    this.classifier = new TopicClassifier(options);
    const state = toReaderState(stored);
    this.seen = new BoundedMap(LIMITS.seen, state.seen);
    this.dailies = new BoundedMap(LIMITS.dailies, state.dailies);
    this.pending = new BoundedMap(LIMITS.pending, options.detailedUnit === 'auto' ? state.pending : []);
    this.dated = new BoundedMap(
      LIMITS.dated,
      state.dated.map((key) => [key, true]),
    );
  }

  /** Topic filters to subscribe to: the wanted datasets, and the daily totals that decide the unit of curves. */
  filters(): string[] {
    const { datasets, detailedUnit } = this.options;
    const helpers =
      detailedUnit === 'auto'
        ? (['consumption', 'production'] as const)
            .filter((direction) => datasets.includes(`${direction}/detailed`))
            .map((direction): Dataset => `${direction}/daily`)
        : [];
    return linkyFilters(this.options, [...datasets, ...helpers]);
  }

  /** Folds one message in. Never throws; `now` (ms) only serves to notice dates in the future. */
  accept(message: Message, now: number): Accepted {
    const route = this.classifier.classify(message.topic);
    const out: Outbox = { messages: [], notices: [] };
    if (route === null) return { ...out, faults: [] };
    if (route === 'not-a-meter') {
      this.notice(out, message.topic, NOT_A_METER, NOT_A_METER.code);
      return { ...out, faults: [] };
    }
    const read = readDialect(route, readPayload(message.payload));
    if ('fault' in read) return { ...out, faults: this.fault(message.topic, read.fault) };
    this.faulty.delete(message.topic);
    this.fold(out, route, message, read, now);
    return { ...out, faults: [] };
  }

  /** The last reading of every topic and dataset, in order of arrival. */
  known(): LinkyMessage[] {
    return this.latest.values();
  }

  /** Topics that cannot be read at present, with the reason. */
  unreadable(): ReadonlyMap<string, string> {
    return new Map(this.faulty.entries());
  }

  /** What has to survive a restart so that retained replays are not told again. Plain JSON, bounded. */
  exportState(): LinkyReaderState {
    return {
      version: 1,
      seen: this.seen.entries(),
      dailies: this.dailies.entries(),
      pending: this.pending.entries(),
      dated: this.dated.entries().map(([key]) => key),
    };
  }

  private fold(out: Outbox, route: Route, { topic, retained: retain }: Message, read: Reading, now: number): void {
    const { dialect } = read;
    for (const remark of read.remarks) this.notice(out, topic, remark);
    if (route.kind === 'ha-attributes' && read.values.length > 0)
      this.dated.set(`${route.pdl} ${route.direction}`, true);
    // The attributes tell the same value with its date.
    if (route.kind === 'ha-state' && this.dated.has(`${route.pdl} ${route.direction}`)) return;
    const today = localDate(now);
    for (const value of read.values) {
      if (value.date !== null && value.date > today) this.notice(out, topic, FUTURE_DATE);
      this.tell(out, { topic, retain, payload: value, dialect }, valueFingerprint(value));
      this.settle(out, value);
    }
    for (const curve of read.curves) {
      if (curve.raw.date > today) this.notice(out, topic, FUTURE_DATE);
      this.foldCurve(out, topic, retain, curve, dialect);
    }
    if (read.status) {
      this.tell(out, { topic, retain, payload: read.status, dialect }, digest(JSON.stringify(read.status)));
    }
  }

  private foldCurve(
    out: Outbox,
    topic: string,
    retain: boolean,
    { raw, unit: told }: ReadCurve,
    dialect: Dialect,
  ): void {
    const key = dayKey(raw.pdl, directionOf(raw.dataset), raw.date);
    const daily = this.dailies.get(key);
    const unit = this.property() ?? told ?? unitByDaily(raw.values, raw.interval, daily) ?? guessUnit(raw.values);
    const curve = buildCurve(raw, unit);
    if (unit.decidedBy === 'guess') this.pending.set(key, { ...raw, topic, retain, dialect, guessed: unit.source });
    else this.pending.delete(key);
    this.checkTotal(out, topic, curve, daily);
    this.tell(out, { topic, retain, payload: curve, dialect }, curveFingerprint(raw.values, curve));
  }

  private property(): UnitDecision | null {
    const { detailedUnit } = this.options;
    return detailedUnit === 'auto' ? null : { source: detailedUnit, decidedBy: 'property' };
  }

  /** A daily total may decide the unit of a curve that came before it. */
  private settle(out: Outbox, value: LinkyValue): void {
    if (value.date === null || !value.dataset.endsWith('/daily')) return;
    const key = dayKey(value.pdl, value.direction, value.date);
    this.dailies.set(key, value.value);
    const pending = this.pending.get(key);
    const unit = pending && unitByDaily(pending.values, pending.interval, value.value);
    if (!pending || !unit) return;
    this.pending.delete(key);
    if (unit.source === pending.guessed) return;
    const { topic, retain, dialect } = pending;
    const curve = buildCurve(pending, unit);
    this.checkTotal(out, topic, curve, value.value);
    const message: LinkyMessage = { topic, retain, payload: curve, dialect, corrected: true };
    this.tell(out, message, curveFingerprint(pending.values, curve));
  }

  private checkTotal(out: Outbox, topic: string, { total, coverage }: LinkyCurve, daily: number | undefined): void {
    if (total === null || daily === undefined || coverage.slots < coverage.expected) return;
    const gap = Math.abs(total - daily);
    if (gap <= CURVE_TOLERANCE) return;
    this.notice(out, topic, {
      code: 'CURVE_GAP',
      text: `the load curve and the daily total differ by ${gap.toFixed(3)} kWh`,
    });
  }

  private tell(out: Outbox, message: LinkyMessage, fingerprint: string): void {
    const { topic, payload } = message;
    const { datasets, onlyNew } = this.options;
    if (datasets.length > 0 && !datasets.includes(payload.dataset)) return;
    this.latest.set(`${topic} ${payload.dataset}`, message);
    const key = identity(topic, payload);
    const isNew = this.seen.get(key) !== fingerprint;
    this.seen.set(key, fingerprint);
    if (isNew || !onlyNew) out.messages.push(message);
  }

  private notice(out: Outbox, topic: string, { code, text }: Remark, key = `${topic} ${code}`): void {
    if (this.noticed.has(key)) return;
    this.noticed.set(key, true);
    out.notices.push({ code, topic, text: maskMeters(`${topic}: ${text}`) });
  }

  private fault(topic: string, reason: string): TopicFault[] {
    const known = this.faulty.has(topic);
    this.faulty.set(topic, reason);
    return known
      ? []
      : [{ code: 'BAD_PAYLOAD', topic, text: maskMeters(`${topic}: ${reason}; the last good value is kept`) }];
  }
}

const NOT_A_METER: Remark = {
  code: 'NOT_A_METER',
  text: 'the topic has no 14-digit meter number where one is expected',
};
const FUTURE_DATE: Remark = { code: 'FUTURE_DATE', text: 'the date lies in the future' };

function dayKey(pdl: string, direction: string, date: string): string {
  return `${pdl} ${direction} ${date}`;
}

/** What a reading is about. Without a date the topic stands for it, so that only the value counts. */
function identity(topic: string, payload: LinkyPayload): string {
  if (payload.dataset === 'status') return 'status';
  return `${payload.pdl} ${payload.dataset} ${payload.date ?? topic}`;
}

function valueFingerprint({ value, hc, hp }: LinkyValue): string {
  return `${value} ${hc ?? ''} ${hp ?? ''}`;
}

function curveFingerprint(values: readonly (number | null)[], { interval, unit }: LinkyCurve): string {
  return digest(`${interval} ${unit.source} ${values.join()}`);
}

function digest(text: string): string {
  return createHash('sha1').update(text).digest('base64url');
}
