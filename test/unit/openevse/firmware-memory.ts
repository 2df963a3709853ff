/** The gateway's memory of what MQTT sent on one of the two topics (3.2), as a model for tests. */

export interface Held {
  state?: string;
  charge_current?: number;
  max_current?: number;
  auto_release?: boolean;
}

export class FirmwareMemory {
  /** What MQTT sent since boot. */
  private memory: Held = {};
  /** The claim or override in force; null = none. */
  inForce: Held | null = null;
  /** The retained document. */
  document = '{"state":"null"}';

  constructor(private readonly releaseWord: string) {}

  receive(payload: string): void {
    if (payload === this.releaseWord) {
      if (this.inForce === null) return;
      this.memory = {};
      this.inForce = null;
    } else {
      const sent = JSON.parse(payload) as Record<string, unknown>;
      const { state } = sent;
      if (state === 'active' || state === 'disabled') this.memory.state = state;
      for (const key of ['charge_current', 'max_current'] as const) {
        if (sent[key] === 'clear') Reflect.deleteProperty(this.memory, key);
        else if (sent[key] !== undefined) this.memory[key] = Number(sent[key]);
      }
      if (sent['auto_release'] !== undefined) this.memory.auto_release = Boolean(sent['auto_release']);
      this.inForce = { ...this.memory };
    }
    this.publish();
  }

  /** Another client's change makes the gateway publish what is in force once more. */
  publish(): void {
    this.document = JSON.stringify(this.inForce ?? { state: 'null' });
  }

  /** A vehicle left, or another client released it: nothing is published, and the memory stays. */
  releaseSilently(): void {
    this.inForce = null;
  }
}
