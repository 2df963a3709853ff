/** The simulated OpenEVSE charger at a broker. */

import { Clock } from '../clock';
import { DeviceLink } from '../device-link';
import { type Simulator, type SimulatorOptions } from '../simulator';
import { type AutoplayOptions, autoplay } from './autoplay';
import { type CarOptions } from './car';
import { type ConfigKey, type ConfigOverrides } from './config';
import { OpenEvseModel } from './model';
import { type OpenEvseProfile, atLeast } from './profiles';
import { type Target } from './properties';

/** Topics of other devices that the charger listens to. */
export interface OpenEvseFeeds {
  /** W, produced */
  readonly solar?: string;
  /** W, positive import, negative export */
  readonly gridIe?: string;
  /** W, of the whole site */
  readonly livePower?: string;
  /** V, 60 to 300 */
  readonly voltage?: string;
  /** % */
  readonly vehicleSoc?: string;
  readonly vehicleRange?: string;
  /** s */
  readonly vehicleEta?: string;
  /** % */
  readonly vehicleChargeLimit?: string;
  /** % */
  readonly homeBatterySoc?: string;
  /** W */
  readonly homeBatteryPower?: string;
}

export interface OpenEvseSimulatorOptions extends SimulatorOptions {
  /** Long id, the MAC as lower-case hex; default `9c9c1fe57b2c`. */
  readonly id?: string;
  /** Host name and client id; default `openevse-` and the last four digits of the id. */
  readonly name?: string;
  /** Default: the name. May be empty, as on a unit where it was never saved. */
  readonly baseTopic?: string;
  /** Default `openevse/announce/` and the last four digits of the id. */
  readonly announceTopic?: string;
  /** Firmware generation; default `master`. */
  readonly profile?: OpenEvseProfile;
  /** Retains the status topics too; default false, as on the device. */
  readonly mqttRetained?: boolean;
  readonly threePhase?: boolean;
  /** V between phase and neutral; default 240. */
  readonly voltage?: number;
  /** What its clock shows at creation, in ms since 1970; default: the present. */
  readonly startTime?: number;
  /** Replaces `speed` and `startTime`. */
  readonly clock?: Clock;
  /** Any key of the configuration document. */
  readonly config?: ConfigOverrides;
  readonly feeds?: OpenEvseFeeds;
  /** s since power-on when it first connects; default 28: its first full status follows 2 s later. 0: a cold start. */
  readonly uptime?: number;
  /** How long a crash or restart keeps it off the network, in ms of device time; default 8000. */
  readonly rebootMs?: number;
  /** A car that comes, charges, fills and leaves, in a loop. */
  readonly autoplay?: boolean | AutoplayOptions;
  /** Broken or refused connections after the first. */
  readonly onError?: (error: Error) => void;
}

/** An override as the web page makes it. */
export interface WebOverride {
  readonly state?: Target;
  /** A */
  readonly chargeCurrent?: number;
  /** A */
  readonly maxCurrent?: number;
  /** Default true. */
  readonly autoRelease?: boolean;
}

export interface OpenEvseSimulator extends Simulator {
  readonly id: string;
  readonly name: string;
  /** Default `{ soc: 40, capacity: 52, asksForCharge: true }`. */
  plugIn(car?: CarOptions): void;
  unplug(): void;
  /** A fault state of the controller, 4 to 17; null: it is gone. */
  fault(code: number | null): void;
  /** An override made over HTTP, of which MQTT's memory does not learn; null releases it. */
  webOverride(override: WebOverride | null): void;
  /** Reboots the gateway, as the command does. */
  restart(): void;
  /** Loses the network for a moment: no DISCONNECT, so the broker sends the will; then it comes back at once. */
  cutLink(): void;
}

const FEED_KEYS: Readonly<Record<keyof OpenEvseFeeds, ConfigKey>> = {
  solar: 'mqtt_solar',
  gridIe: 'mqtt_grid_ie',
  livePower: 'mqtt_live_pwr',
  voltage: 'mqtt_vrms',
  vehicleSoc: 'mqtt_vehicle_soc',
  vehicleRange: 'mqtt_vehicle_range',
  vehicleEta: 'mqtt_vehicle_eta',
  vehicleChargeLimit: 'mqtt_vehicle_charge_limit',
  homeBatterySoc: 'mqtt_home_battery_soc',
  homeBatteryPower: 'mqtt_home_battery_power',
};

/** From power-on to the network, in ms. */
const NETWORK_MS = 3000;
const RETRY_MS = 5000;

export function createOpenEvseSimulator(options: OpenEvseSimulatorOptions): OpenEvseSimulator {
  return new SimulatedCharger(options);
}

class SimulatedCharger implements OpenEvseSimulator {
  readonly id: string;
  readonly name: string;
  readonly #options: OpenEvseSimulatorOptions;
  readonly #clock: Clock;
  readonly #model: OpenEvseModel;
  readonly #link: DeviceLink;
  /** The link's last ending, which a new connection has to wait for. */
  #ending: Promise<void> = Promise.resolve();
  #running = false;

  constructor(options: OpenEvseSimulatorOptions) {
    const { broker, profile = 'master', id = '9c9c1fe57b2c', username, password } = options;
    const short = id.slice(-4);
    this.id = id;
    this.name = options.name ?? `openevse-${short}`;
    this.#options = options;
    const { speed = 1, startTime } = options;
    const clock = options.clock ?? new Clock({ speed, ...(startTime === undefined ? {} : { startTime }) });
    this.#clock = clock.fork();
    this.#model = new OpenEvseModel(
      {
        profile,
        id,
        name: this.name,
        baseTopic: options.baseTopic ?? this.name,
        announceTopic: options.announceTopic ?? `openevse/announce/${short}`,
        config: configOf(options),
        address: '127.0.0.1',
        voltage: options.voltage ?? 240,
        threePhase: options.threePhase ?? false,
        realHardware: true,
        controllerTickMs: 100,
        uptime: options.uptime ?? 28,
        networkMs: NETWORK_MS,
        rebootMs: Math.max(0, (options.rebootMs ?? 8000) - NETWORK_MS),
        temperatures: [287, false, false],
        freeRam: 148_320,
        signal: -61,
        random: Math.random,
      },
      this.#clock,
      {
        publish: (topic, payload, retain) => this.#link.publish(topic, payload, { retain }),
        cut: () => this.#end(this.#link.kill()),
        leave: () => this.#end(this.#link.stop()),
        join: () => this.#join(),
      },
    );
    this.#link = new DeviceLink({
      broker,
      clientId: this.name,
      ...(username === undefined ? {} : { username }),
      ...(password === undefined ? {} : { password }),
      clean: false,
      keepalive: 60,
      will: () => this.#model.will,
      retryMs: RETRY_MS,
      // Up to 5.0.0 a lost link is not re-made within 5 s of the last attempt.
      stableMs: atLeast(profile, '5.1.5') ? 1000 : RETRY_MS,
      clock: this.#clock,
      onConnect: () => this.#model.connected((topic) => this.#link.subscribe(topic)),
      onMessage: (topic, payload) => this.#model.receive(topic, payload.toString()),
      ...(options.onError && { onError: options.onError }),
    });
  }

  async start(): Promise<void> {
    if (this.#running) return;
    this.#running = true;
    await this.#ending;
    this.#model.start();
    try {
      await this.#link.connect();
    } catch (error) {
      this.#running = false;
      this.#model.stop();
      throw error;
    }
    const script = this.#options.autoplay ?? false;
    if (script !== false) autoplay(this.#model, this.#clock, script === true ? {} : script);
    await this.#link.flush();
  }

  async stop(): Promise<void> {
    this.#running = false;
    this.#model.stop();
    this.#end(this.#link.stop());
    await this.#ending;
  }

  async kill(): Promise<void> {
    this.#running = false;
    this.#model.stop();
    this.#end(this.#link.kill());
    await this.#ending;
  }

  plugIn(car: CarOptions = {}): void {
    this.#model.plugIn(car);
  }

  unplug(): void {
    this.#model.unplug();
  }

  fault(code: number | null): void {
    this.#model.fault(code);
  }

  webOverride(override: WebOverride | null): void {
    this.#model.webOverride(override && { ...override, autoRelease: override.autoRelease ?? true });
  }

  restart(): void {
    this.#model.restart();
  }

  cutLink(): void {
    this.#link.cut();
  }

  #end(ending: Promise<void>): void {
    this.#ending = Promise.all([this.#ending, ending]).then(() => undefined);
  }

  #join(): void {
    const joined = this.#ending.then(() => this.#link.connect());
    joined.catch((error: unknown) => {
      if (error instanceof Error) this.#options.onError?.(error);
    });
  }
}

/** The settings that the simulator's options stand for; `config` has the last word. */
function configOf(options: OpenEvseSimulatorOptions): ConfigOverrides {
  const feeds = options.feeds ?? {};
  const short = (options.id ?? '9c9c1fe57b2c').slice(-4).toUpperCase();
  const config: Partial<Record<ConfigKey, string | number | boolean>> = {
    evse_serial: `OpenEVSE03A${short}`,
    chip_id: `OpenEVSE03A${short}D`,
    mqtt_retained: options.mqttRetained ?? false,
    divert_enabled: feeds.solar !== undefined || feeds.gridIe !== undefined,
    divert_type: feeds.gridIe === undefined ? 0 : 1,
    vehicle_data_src: (feeds.vehicleSoc ?? feeds.vehicleRange ?? feeds.vehicleEta) ? 2 : 0,
    voltage: options.voltage ?? 0,
  };
  const broker = /^\w+:\/\/(?:[^@/]*@)?([^:/]+)(?::(\d+))?/.exec(options.broker);
  if (broker) {
    config.mqtt_server = broker[1] ?? '';
    config.mqtt_port = Number(broker[2] ?? 1883);
  }
  for (const [feed, topic] of Object.entries(feeds)) config[FEED_KEYS[feed as keyof OpenEvseFeeds]] = String(topic);
  return { ...config, ...options.config };
}
