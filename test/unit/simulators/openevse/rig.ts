/** An OpenEVSE model on a manual clock, with everything it publishes written down. */

import { Clock, ManualTimeSource } from '../../../../src/simulators/clock';
import { OpenEvseModel, type ModelOptions } from '../../../../src/simulators/openevse/model';

export interface Published {
  readonly ms: number;
  readonly topic: string;
  readonly payload: string;
  readonly retain: boolean;
}

/** From the decision to connect to the broker's answer. */
const HANDSHAKE_MS = 30;

export const BASE = 'garage/evse-left';

/** As the emulated hardware behind the recorded firmware run. */
const DEFAULTS: ModelOptions = {
  profile: 'master',
  id: '9c9c1fe57b2c',
  name: 'openevse-7b2c',
  baseTopic: BASE,
  announceTopic: 'openevse/announce/7b2c',
  address: '127.0.0.1',
  voltage: 240,
  threePhase: false,
  realHardware: false,
  controllerTickMs: 100,
  uptime: 5,
  networkMs: 3000,
  rebootMs: 4000,
  temperatures: [250, 250, 0],
  freeRam: 100_000,
  signal: -55,
  random: () => 0,
};

export class Rig {
  readonly source: ManualTimeSource;
  readonly clock: Clock;
  readonly model: OpenEvseModel;
  readonly published: Published[] = [];
  readonly subscribed: string[] = [];
  /** `cut`, `join`, `leave` in the order they happened. */
  readonly network: string[] = [];
  /** Publications without a connection are lost, as on the wire. */
  online = false;

  constructor(
    options: Partial<ModelOptions> = {},
    start: { readonly ms?: number; readonly time?: number } = {},
    source = new ManualTimeSource(start.ms ?? 0),
  ) {
    this.source = source;
    this.clock = new Clock({ source: this.source, startTime: start.time ?? Date.UTC(2026, 10, 21, 10, 58, 15) });
    this.model = new OpenEvseModel({ ...DEFAULTS, ...options }, this.clock, {
      publish: (topic, payload, retain) => {
        if (this.online) this.published.push({ ms: this.source.now(), topic, payload, retain });
      },
      cut: () => {
        this.network.push('cut');
        this.online = false;
      },
      leave: () => {
        this.network.push('leave');
        this.online = false;
      },
      join: () => {
        this.network.push('join');
        this.source.schedule(HANDSHAKE_MS, () => this.connect());
      },
    });
    this.model.start();
  }

  connect(): void {
    this.online = true;
    this.model.connected((topic) => this.subscribed.push(topic));
  }

  /** Advances to an absolute time of the manual source. */
  until(ms: number): void {
    this.source.advance(ms - this.source.now());
  }

  /** Lets `ms` pass and returns what was published on keys of the base topic meanwhile, as `key payload`. */
  during(ms: number): string[] {
    this.published.length = 0;
    this.source.advance(ms);
    return this.lines();
  }

  /** Sends a command below the base topic and returns what followed within `ms`. */
  send(key: string, payload: string, ms = 250): string[] {
    this.published.length = 0;
    this.model.receive(`${BASE}/${key}`, payload);
    this.source.advance(ms);
    return this.lines();
  }

  lines(): string[] {
    return this.published.map(({ topic, payload }) => `${topic.replace(`${BASE}/`, '')} ${payload}`);
  }
}

/** Of `key payload` lines those of the given keys. */
export function only(lines: readonly string[], ...keys: readonly string[]): string[] {
  return lines.filter((line) => keys.includes(line.split(' ')[0] ?? ''));
}

/** A rig that is connected and has nothing left to say. */
export function connected(options: Partial<ModelOptions> = {}): Rig {
  const rig = new Rig(options);
  rig.connect();
  rig.during(300);
  return rig;
}
