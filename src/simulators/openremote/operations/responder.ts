/** Sends answers, loses them, or sends them too late. */
import { BoundedMap } from '../bounded-map';
import type { Behaviour } from '../options';

const MAX_LATE_TOPICS = 1000;
const MAX_LATE_PER_TOPIC = 100;

export class Responder {
  private readonly late = new BoundedMap<string, readonly string[]>(MAX_LATE_TOPICS);

  constructor(
    private readonly behaviour: Behaviour,
    private readonly publish: (topic: string, payload: string) => void,
  ) {}

  answer(clientId: string, requestTopic: string, body: unknown): void {
    const topic = `${requestTopic}/response`;
    const payload = JSON.stringify(body);
    this.release(topic);
    if (!this.behaviour.dropResponse({ clientId, topic, payload })) this.publish(topic, payload);
    else if (this.behaviour.lateAnswers) {
      this.late.set(topic, [...(this.late.get(topic) ?? []), payload].slice(-MAX_LATE_PER_TOPIC));
    }
  }

  /** Sends all answers that are late. */
  releaseAll(): void {
    for (const topic of [...this.late.keys()]) this.release(topic);
  }

  private release(topic: string): void {
    const payloads = this.late.get(topic) ?? [];
    this.late.delete(topic);
    for (const payload of payloads) this.publish(topic, payload);
  }
}
