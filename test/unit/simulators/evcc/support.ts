/** A started model with a clock of its own, and views on what it sent. */
import { configOf, type EvccConfig } from '../../../../src/simulators/evcc/config';
import { type Message } from '../../../../src/simulators/evcc/encode';
import { type Answer, EvccModel } from '../../../../src/simulators/evcc/model';
import { type EvccProfile, PROFILES } from '../../../../src/simulators/evcc/version';

export class Bench {
  now = Date.parse('2026-06-21T10:00:00Z');
  readonly model: EvccModel;
  /** The retained tree: last payload by topic. */
  readonly tree = new Map<string, string>();
  readonly started: readonly Message[];
  readonly #config: EvccConfig;

  constructor(config: Partial<EvccConfig> = {}, profile: EvccProfile = '0.313') {
    this.#config = configOf(config);
    this.model = new EvccModel(this.#config, PROFILES[profile], this.now);
    this.started = this.keep(this.model.start(this.now));
  }

  keep(messages: readonly Message[]): readonly Message[] {
    for (const { topic, payload } of messages) this.tree.set(topic, payload);
    return messages;
  }

  set(topic: string, payload: string): Answer | null {
    const answer = this.model.command(`${topic}/set`, payload, this.now);
    if (answer) this.keep([...answer.readback, ...answer.update]);
    return answer;
  }

  /** What came back at once, heartbeat left out; undefined = no such setter. */
  readback(topic: string, payload: string): Record<string, string> | undefined {
    const answer = this.set(topic, payload);
    return answer ? readable(answer.readback) : undefined;
  }

  /** Lets control intervals pass and returns the messages of the last one. */
  cycles(count: number): readonly Message[] {
    let last: readonly Message[] = [];
    for (let i = 0; i < count; i++) {
      this.now += this.#config.interval * 1000;
      last = this.keep(this.model.cycle(this.now));
    }
    return last;
  }

  number(topic: string): number {
    return Number(this.tree.get(topic) ?? NaN);
  }
}

export function readable(messages: readonly Message[]): Record<string, string> {
  return Object.fromEntries(
    messages.filter(({ topic }) => topic !== 'updated').map(({ topic, payload }) => [topic, payload]),
  );
}
