/** Plays a recorded device on a broker: publishes what it published, and hears what clients send it. */
import mqtt, { type MqttClient } from 'mqtt';
import { until } from './until';

/** A message as the device published it. */
export interface Played {
  readonly topic: string;
  readonly payload: string;
  readonly retain: boolean;
  readonly qos: 0 | 1;
}

/** A command as it reached the device. */
export interface Sent {
  readonly topic: string;
  readonly payload: string;
}

interface PlayerOptions {
  /** Filters of what the device is sent; it publishes nothing but empty payloads there itself. */
  readonly commands: readonly string[];
  /** Only MQTT 5 tells which commands were published to be retained. */
  readonly protocolVersion: 4 | 5;
  /** Resolves when the listener has dealt with everything that was published before. */
  readonly caughtUp: (publish: (topic: string, payload: string) => void) => Promise<void>;
}

/** Messages between two waits for the listener: mosquitto drops what is queued for a slow one beyond 1,000. */
const BATCH = 100;

export class Player {
  private readonly sent: Sent[] = [];
  /** Commands that were published to be retained. */
  readonly retained: Sent[] = [];
  /** How many messages the device itself published to be retained. */
  kept = 0;

  private constructor(
    private readonly client: MqttClient,
    private readonly caughtUp: PlayerOptions['caughtUp'],
  ) {}

  static async connect(url: string, { commands, protocolVersion, caughtUp }: PlayerOptions): Promise<Player> {
    const client = await mqtt.connectAsync(url, { protocolVersion });
    const player = new Player(client, caughtUp);
    client.on('message', (topic, payload, { retain }) => {
      if (payload.length === 0) return;
      const command = { topic, payload: payload.toString() };
      player.sent.push(command);
      if (retain) player.retained.push(command);
    });
    await client.subscribeAsync([...commands], protocolVersion === 5 ? { qos: 1, rap: true } : { qos: 1 });
    return player;
  }

  /** Publishes what is there before anybody listens; resolves when the broker has it all. */
  async keep(messages: readonly Played[]): Promise<void> {
    for (const message of messages) this.publish(message);
    await this.client.publishAsync('kept', '', { qos: 1 });
  }

  private publish({ topic, payload, retain, qos }: Played): void {
    this.client.publish(topic, payload, { retain, qos });
    if (retain) this.kept += 1;
  }

  async play(messages: readonly Played[]): Promise<void> {
    for (let from = 0; from < messages.length; from += BATCH) {
      for (const message of messages.slice(from, from + BATCH)) this.publish(message);
      await this.caughtUp((topic, payload) => this.client.publish(topic, payload, { qos: 1 }));
    }
  }

  /** The next command that was not asked for yet. */
  async command(): Promise<Sent> {
    await until(() => this.sent.length > 0, 'a command');
    const [next] = this.sent.splice(0, 1);
    if (next === undefined) throw new Error('somebody else took the command');
    return next;
  }

  /** Commands that nobody asked for. */
  get unexpected(): readonly Sent[] {
    return this.sent;
  }

  async end(): Promise<void> {
    await this.client.endAsync();
  }
}
