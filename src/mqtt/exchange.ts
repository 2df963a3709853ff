/**
 * Publish, and wait for what proves it. Each command ends in exactly one of result or error, is published at most
 * once and never after its time; commands of one lane go one after the other.
 */
import { setMaxListeners } from 'node:events';
import { EnergyError, toError } from '../shared/errors';
import type { Exchange, Outcome, Silence, Stage, Step, Verdict } from './exchange-types';
import type { Message, Publication } from './types';

/** The device at the other end, as far as an exchange needs it. */
export interface Port {
  /** @throws EnergyError NOT_CONNECTED | OFFLINE when a command would be lost. */
  assertReachable(): void;
  /** Resolves when the device's state is known as far as it can be; a command that comes earlier waits and is planned anew. */
  unsettled?(): Promise<void> | undefined;
  /**
   * @param deadline ms since the epoch.
   * @param signal aborted when nobody waits for it any more: what has not been sent then must not be.
   * @throws EnergyError
   */
  publish(publication: Publication, deadline: number, signal: AbortSignal): Promise<unknown>;
  /** Live messages of the device, after they were folded into its state. Returns the function that ends listening. */
  listen(onMessage: (message: Message) => void): () => void;
  /** Calls back when the broker connection is lost. */
  onLost(callback: () => void): () => void;
}

export interface RunOptions {
  readonly waitFor: Stage;
  /** ms */
  readonly timeout: number;
  /** Ends the command early, e.g. because its node is closed. */
  readonly signal: AbortSignal;
}

export interface ExchangeResult {
  readonly outcome: Outcome;
  /** ms from the call to the outcome. */
  readonly elapsed: number;
  readonly value: unknown;
  readonly reply: string | null;
}

const STAGES: readonly Stage[] = ['sent', 'accepted', 'confirmed'];

function reaches(stage: Stage | null, goal: Stage): boolean {
  return stage !== null && STAGES.indexOf(stage) >= STAGES.indexOf(goal);
}

/** The weaker of two goals: what a device can never tell is not waited for. */
function weaker(a: Stage, b: Stage): Stage {
  return reaches(a, b) ? b : a;
}

interface Job {
  /** What to do; planned anew when the job had to wait. */
  exchange: Exchange;
  readonly options: RunOptions;
  readonly started: number;
  /** ms since the epoch */
  readonly deadline: number;
  readonly resolve: (result: ExchangeResult) => void;
  readonly reject: (error: EnergyError) => void;
}

/** How long, and until what. */
type Timing = Pick<Job, 'options' | 'deadline'>;

/** A job whose lane is busy. */
interface Waiting {
  readonly job: Job;
  readonly plan: () => Exchange;
  readonly start: () => void;
  /** Its lane is free; it waits for the device's state alone, and nothing replaces it. */
  readonly isFirst: boolean;
  /** Ends the waiting without starting the job. */
  readonly leave: () => void;
}

interface Ended {
  readonly outcome: Outcome;
  readonly reply?: string;
  readonly value?: unknown;
}

function toEnergyError(thrown: unknown): EnergyError {
  return thrown instanceof EnergyError ? thrown : new EnergyError('INVALID', toError(thrown).message);
}

/** What the broker does not take for a device is refused, as if the device itself had said so. */
export function refused(error: unknown): unknown {
  const isRefusal = error instanceof EnergyError && error.code === 'PUBLISH_REFUSED';
  return isRefusal ? new EnergyError('REFUSED', error.message, error.cause) : error;
}

/** The device may still answer: it was asked, and what it said so far is not its answer. */
function isUnanswered(exchange: Exchange, outcome: Outcome): boolean {
  return outcome === 'sent' && exchange.steps.some((step) => step.attainable !== 'sent');
}

function seconds(ms: number): string {
  return `${Math.round(ms / 100) / 10} s`;
}

/** The lanes in use, with the jobs that wait in each. */
export type Lanes = Map<string, Set<Waiting>>;

export class Exchanger {
  /** @param lanes shared by all that may send to the same topics over one connection. */
  constructor(
    private readonly port: Port,
    private readonly lanes: Lanes = new Map(),
  ) {}

  /**
   * @param plan says what to do. Asked once now, so that a bad command fails at once, and again when it had to wait,
   * since the commands before it changed the state that it builds upon.
   * @throws EnergyError with any of the codes of a command.
   */
  run(plan: () => Exchange, options: RunOptions): Promise<ExchangeResult> {
    // Node.js takes more than ten listeners for a leak, and each command of a node listens to the node's end.
    setMaxListeners(0, options.signal);
    return new Promise((resolve, reject) => {
      const started = Date.now();
      const exchange = plan();
      const job: Job = { exchange, options, started, deadline: started + options.timeout, resolve, reject };
      const queue = this.lanes.get(exchange.lane);
      if (!queue) {
        const unsettled = exchange.steps.length > 0 ? this.port.unsettled?.() : undefined;
        const free = new Set<Waiting>();
        this.lanes.set(exchange.lane, free);
        if (unsettled) {
          this.wait(free, job, plan, true);
          void unsettled.then(() => this.next(exchange.lane));
        } else void this.perform(job);
        return;
      }
      if (exchange.supersedes) {
        for (const { job: older, isFirst, leave } of queue) {
          if (isFirst) continue;
          leave();
          older.reject(
            new EnergyError('SUPERSEDED', 'A newer command for the same thing replaced this one before it was sent'),
          );
        }
      }
      this.wait(queue, job, plan, false);
    });
  }

  private wait(queue: Set<Waiting>, job: Job, plan: () => Exchange, isFirst: boolean): void {
    const { signal, timeout } = job.options;
    const leave = (): void => {
      clearTimeout(timer);
      signal.removeEventListener('abort', abort);
      queue.delete(waiting);
    };
    const abort = (): void => {
      leave();
      job.reject(new EnergyError('NOT_CONNECTED', 'The node was closed before the command was sent'));
    };
    const timer = setTimeout(() => {
      leave();
      job.reject(new EnergyError('TIMEOUT', `Not sent within ${seconds(timeout)}: commands before it took too long`));
    }, timeout);
    const waiting: Waiting = { job, plan, start: () => void this.perform(job), isFirst, leave };
    signal.addEventListener('abort', abort);
    queue.add(waiting);
    if (signal.aborted) abort();
  }

  private async perform(job: Job): Promise<void> {
    const { exchange, options } = job;
    let unanswered: boolean;
    try {
      const result = await this.steps(job);
      job.resolve(result);
      unanswered = isUnanswered(exchange, result.outcome);
    } catch (thrown) {
      const error = toEnergyError(thrown);
      job.reject(error);
      unanswered = options.signal.aborted || error.code === 'TIMEOUT';
    }
    if (unanswered && exchange.quarantine !== undefined) await this.silence(exchange, exchange.quarantine);
    this.next(exchange.lane);
  }

  private next(lane: string): void {
    const queue = this.lanes.get(lane);
    for (const { job, plan, start, leave } of queue ?? []) {
      leave();
      try {
        job.exchange = { ...plan(), lane };
      } catch (thrown) {
        job.reject(toEnergyError(thrown));
        continue;
      }
      start();
      return;
    }
    this.lanes.delete(lane);
  }

  private async steps({ exchange, started, ...job }: Job): Promise<ExchangeResult> {
    let last: Ended = { outcome: 'confirmed' };
    let weakest: Stage = 'confirmed';
    let changed = exchange.steps.length === 0;
    for (const step of exchange.steps) {
      last = await this.step(step, job);
      if (last.outcome === 'unchanged') continue;
      changed = true;
      weakest = weaker(weakest, last.outcome);
    }
    return {
      outcome: changed ? weakest : 'unchanged',
      elapsed: Date.now() - started,
      value: last.value ?? exchange.value ?? null,
      reply: last.reply ?? null,
    };
  }

  private step(step: Step, job: Timing): Promise<Ended> {
    const { options, deadline } = job;
    if (Date.now() >= deadline) throw new EnergyError('TIMEOUT', `Not finished within ${seconds(options.timeout)}`);
    if (options.signal.aborted) {
      throw new EnergyError('NOT_CONNECTED', 'The node was closed before the command was sent');
    }
    this.port.assertReachable();
    return new Promise<Ended>((resolve, reject) => {
      const trial = new Trial(step, job, resolve, reject);
      trial.owns(this.port.listen((message) => trial.hear(message)));
      trial.owns(this.port.onLost(() => trial.lost()));
      const publish = async (publication: Publication): Promise<unknown> =>
        this.port.publish(publication, deadline, options.signal);
      Promise.all(step.publications.map(publish)).then(
        () => trial.reached('sent'),
        (error: unknown) => trial.fail(refused(error)),
      );
    });
  }

  /** Waits until a late answer came or can no longer come, so that the next command does not take it for its own. */
  private silence(exchange: Exchange, ms: number): Promise<void> {
    return new Promise((resolve) => {
      const end = (): void => {
        clearTimeout(timer);
        stop();
        lost();
        resolve();
      };
      const timer = setTimeout(end, ms);
      const stop = this.port.listen((message) => {
        if (exchange.steps.some((step) => step.judge?.(message))) end();
      });
      const lost = this.port.onLost(end);
    });
  }
}

/** One step under way: ends once, and takes all its timers and listeners with it. */
class Trial {
  private stage: Stage | null = null;
  private ended = false;
  private reply: string | undefined;
  private value: unknown;
  private silent: NodeJS.Timeout | undefined;
  private readonly owned: (() => void)[] = [];
  private readonly goal: Stage;

  constructor(
    private readonly step: Step,
    private readonly job: Timing,
    private readonly resolve: (ended: Ended) => void,
    private readonly reject: (error: unknown) => void,
  ) {
    const { options, deadline } = job;
    this.goal = weaker(options.waitFor, step.attainable);
    const timer = setTimeout(() => this.timeUp(), deadline - Date.now());
    const abort = (): void => this.fail(new EnergyError('NOT_CONNECTED', `The node was closed${this.progress()}`));
    options.signal.addEventListener('abort', abort);
    this.owns(() => {
      clearTimeout(timer);
      clearTimeout(this.silent);
      options.signal.removeEventListener('abort', abort);
    });
  }

  owns(release: () => void): void {
    this.owned.push(release);
  }

  hear(message: Message): void {
    if (this.ended || message.retained) return;
    const verdict: Verdict = this.step.judge?.(message);
    if (!verdict) return;
    if ('refused' in verdict) {
      const { refused, error } = verdict;
      this.fail(new EnergyError('REFUSED', `Refused: ${refused}`, { reply: refused, ...(error ? { error } : {}) }));
      return;
    }
    this.reply = verdict.reply ?? this.reply;
    this.value = verdict.value ?? this.value;
    this.reached(verdict.stage);
  }

  reached(stage: Stage): void {
    if (this.ended || reaches(this.stage, stage)) return;
    this.stage = stage;
    if (reaches(stage, this.goal)) {
      this.end(stage);
      return;
    }
    const silence = this.expectation();
    clearTimeout(this.silent);
    if (silence?.within === undefined) return;
    const { within } = silence;
    this.silent = setTimeout(() => this.conclude(silence, within), within);
  }

  lost(): void {
    this.fail(new EnergyError('NOT_CONNECTED', `The broker connection was lost${this.progress()}`));
  }

  fail(error: unknown): void {
    this.finish(() => this.reject(error));
  }

  private expectation(): Silence | undefined {
    return this.stage === 'sent'
      ? this.step.afterSent
      : this.stage === 'accepted'
        ? this.step.afterAccepted
        : undefined;
  }

  private timeUp(): void {
    this.conclude(this.expectation() ?? { then: 'timeout' }, this.job.options.timeout);
  }

  /** @param waited ms */
  private conclude({ then, hint }: Silence, waited: number): void {
    const tail = hint ? `: ${hint}` : '';
    if (then === 'timeout') {
      this.fail(
        new EnergyError('TIMEOUT', `No answer within ${seconds(waited)}${this.progress()}${tail}`, this.words()),
      );
    } else if (then === 'refused') {
      this.fail(new EnergyError('REFUSED', `The command had no effect${this.progress()}${tail}`, this.words()));
    } else {
      this.end(then);
    }
  }

  private words(): { reply?: string } {
    return this.reply === undefined ? {} : { reply: this.reply };
  }

  /** How far it got, for error texts. */
  private progress(): string {
    return this.stage === null
      ? ' (the broker did not acknowledge it)'
      : this.stage === 'sent'
        ? ' (sent, not answered)'
        : ' (accepted, not confirmed)';
  }

  private end(reached: Outcome): void {
    const outcome = this.step.already && reached === 'confirmed' ? 'unchanged' : reached;
    this.finish(() => this.resolve({ outcome, value: this.value, ...this.words() }));
  }

  private finish(settle: () => void): void {
    if (this.ended) return;
    this.ended = true;
    for (const release of this.owned) release();
    settle();
  }
}
