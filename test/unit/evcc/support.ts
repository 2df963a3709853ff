/** A loadpoint fed by hand or from the recording, and an exchange carried out against messages with a clock of their own. */
import { evcc } from '../../../src/chargers/evcc';
import type { EvccNative } from '../../../src/chargers/evcc/native';
import type { ChargerCommand, CommandName } from '../../../src/shared/commands';
import type { ChargerConfig } from '../../../src/chargers/driver';
import type { ChargerStatus } from '../../../src/chargers/status';
import type { Exchange, Step } from '../../../src/mqtt/exchange-types';
import type { Message } from '../../../src/mqtt/types';
import { EnergyError, type ErrorCode } from '../../../src/shared/errors';
import { recording as recorded } from '../../support/recorded-evcc';

export const T0 = Date.parse('2026-11-21T10:33:34Z');

interface Delivery {
  readonly retained?: boolean;
  readonly qos?: 0 | 1;
}

export function message(topic: string, payload: string, { retained = false, qos = 1 }: Delivery = {}): Message {
  return { topic, payload: Buffer.from(payload), retained, qos };
}

/** One recorded message: ms since the start, as it came to a client that was subscribed all the time. */
export interface Recorded extends Message {
  readonly at: number;
  readonly text: string;
}

export function recording(): Recorded[] {
  return recorded().map(({ at, topic, payload, qos }) => ({ at, text: payload, ...message(topic, payload, { qos }) }));
}

export class Loadpoint {
  readonly native: EvccNative;
  now = T0;

  constructor(config: Partial<ChargerConfig> = {}) {
    const defaults = { name: '', baseTopic: 'evcc/loadpoints/1', staleAfter: null, maxCurrent: null };
    this.native = evcc.create({ ...defaults, ...config });
  }

  get root(): string {
    return this.native.root;
  }

  /** `topic` below evcc's root. */
  hear(topic: string, payload: string, options: Delivery = {}): readonly string[] {
    return this.fold(message(`${this.root}/${topic}`, payload, options));
  }

  fold(received: Message): readonly string[] {
    return evcc.decode(this.native, received, this.now);
  }

  /** Values of the loadpoint itself, live. */
  values(values: Readonly<Record<string, string>>): this {
    for (const [key, value] of Object.entries(values)) this.hear(`loadpoints/${this.native.index}/${key}`, value);
    return this;
  }

  /** evcc is online and ready. */
  ready(): this {
    this.hear('status', 'online', { retained: true });
    this.hear('updated', String(Math.floor(this.now / 1000)));
    return this;
  }

  status(): ChargerStatus {
    return evcc.project(this.native, this.now);
  }

  plan(command: CommandName, params: ChargerCommand['params'] = {}): Exchange {
    return evcc.plan({ command, params }, this.native, this.now);
  }

  set(topic: string, value: unknown): Exchange {
    return this.plan('set', { topic, value });
  }
}

/** A loadpoint of evcc before 0.316, where nothing but `values` differs from the defaults, and a vehicle `db:4`. */
export function loadpoint(values: Readonly<Record<string, string>> = {}, version = '0.313.2'): Loadpoint {
  const defaults = {
    mode: 'pv',
    minCurrent: '6',
    maxCurrent: '16',
    limitSoc: '0',
    limitEnergy: '0',
    phasesConfigured: '3',
  };
  const lp = new Loadpoint().ready().values({ ...defaults, ...values });
  lp.hear('site/version', version);
  lp.hear('vehicles/db:4/title', 'Car');
  return lp;
}

/** What a step comes to over messages with their time since it was sent; `timeout` when nothing more can come. */
export function conclude(step: Step, lp: Loadpoint, messages: Iterable<readonly [ms: number, Message]>): string {
  let silence = step.afterSent;
  let until = Infinity;
  const start = lp.now;
  for (const [ms, received] of messages) {
    if (ms > until) break;
    lp.now = start + ms;
    lp.fold(received);
    const verdict = step.judge?.(received);
    if (verdict === undefined) continue;
    if ('refused' in verdict) return 'refused';
    if (verdict.stage === 'confirmed') return step.already === true ? 'unchanged' : 'confirmed';
    if (until !== Infinity) continue;
    silence = step.afterAccepted;
    until = ms + (silence?.within ?? Infinity);
  }
  return silence?.then ?? 'timeout';
}

/** The first set of an exchange against answers of evcc: `[topic below the root, payload, qos]`. */
export function answered(
  lp: Loadpoint,
  exchange: Exchange,
  answers: readonly (readonly [topic: string, payload: string, qos?: 0 | 1])[],
): string {
  const [step] = exchange.steps;
  if (step === undefined) return 'nothing to send';
  const echo = step.publications.map(({ topic, payload }) => [0, message(topic, payload)] as const);
  const replies = answers.map(
    ([topic, payload, qos = 1], i) => [2 + i, message(`${lp.root}/${topic}`, payload, { qos })] as const,
  );
  return conclude(step, lp, [...echo, ...replies]);
}

/** The code of the EnergyError that `run` throws; undefined when it throws none. */
export function codeOf(run: () => unknown): ErrorCode | undefined {
  try {
    run();
  } catch (error) {
    if (error instanceof EnergyError) return error.code;
    throw error;
  }
  return undefined;
}
