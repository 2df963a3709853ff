/** The whole charger without a network: controller, car, and a gateway that may reboot. */

import { type Clock } from '../clock';
import { type CarOptions } from './car';
import { type ConfigKey, type ConfigOverrides, Config } from './config';
import { Controller } from './controller';
import { EnergyMeter } from './energy';
import { Gateway, type Persistent } from './gateway/gateway';
import { type OpenEvseProfile, atLeast } from './profiles';
import { type Properties } from './properties';
import { type StatusValue } from './render';
import { Schedule } from './schedule';

export interface ModelOptions {
  readonly profile: OpenEvseProfile;
  /** Long id: the MAC as lower-case hex. */
  readonly id: string;
  /** Host name and client id. */
  readonly name: string;
  readonly baseTopic: string;
  readonly announceTopic: string;
  readonly config?: ConfigOverrides;
  /** IP address in the announced URL. */
  readonly address: string;
  /** V between phase and neutral. */
  readonly voltage: number;
  readonly threePhase: boolean;
  /** See `ControllerOptions`. */
  readonly realHardware: boolean;
  /** Period of its own loop, in ms of the gateway's time: the two run on clocks of their own. */
  readonly controllerTickMs: number;
  /** s since power-on at `start`; 0: the controller has not answered yet. */
  readonly uptime: number;
  /** From power-on to the network, in ms. */
  readonly networkMs: number;
  /** How long it is off between crash or restart and power-on, in ms. */
  readonly rebootMs: number;
  readonly temperatures: readonly [StatusValue, StatusValue, StatusValue];
  readonly freeRam: number;
  readonly signal: number;
  /** For the schedule's start window; 0 to 1. */
  readonly random: () => number;
}

export interface ModelPorts {
  readonly publish: (topic: string, payload: string, retain: boolean) => void;
  /** The network goes away without DISCONNECT. */
  readonly cut: () => void;
  /** The network is there: connect. */
  readonly join: () => void;
  /** Close the link with DISCONNECT. */
  readonly leave: () => void;
}

export interface LastWill {
  readonly topic: string;
  readonly payload: string;
  readonly qos: 0 | 1;
  readonly retain: boolean;
}

/** Changed, these lead to another broker or to none: the charger does not come back to this one. */
const OTHER_BROKER: ReadonlySet<ConfigKey> = new Set<ConfigKey>(['mqtt_server', 'mqtt_port', 'mqtt_protocol']);

export class OpenEvseModel {
  readonly #options: ModelOptions;
  readonly #clock: Clock;
  readonly #ports: ModelPorts;
  readonly #stores: Persistent;
  #gateway: Gateway | undefined;

  constructor(options: ModelOptions, clock: Clock, ports: ModelPorts) {
    this.#options = options;
    this.#clock = clock;
    this.#ports = ports;
    const { profile, name, baseTopic, announceTopic, voltage, threePhase, id } = options;
    const config = new Config(profile, {
      hostname: name,
      mqtt_topic: baseTopic,
      mqtt_announce_topic: announceTopic,
      is_threephase: threePhase,
      wifi_serial: id.toUpperCase(),
      ...options.config,
    });
    this.#stores = {
      config,
      schedule: new Schedule(profile),
      energy: new EnergyMeter(),
      controller: new Controller({
        softLimit: config.number('max_current_soft'),
        voltage,
        phases: threePhase ? 3 : 1,
        realHardware: options.realHardware,
      }),
    };
  }

  get car(): Persistent['controller']['car'] {
    return this.#stores.controller.car;
  }

  /** Three fields only: it does not say which base topic went away. 2.x announces on the base topic itself. */
  get will(): LastWill {
    const { id, name, profile } = this.#options;
    const { config } = this.#stores;
    if (!atLeast(profile, '4.1.7')) {
      return { topic: config.text('mqtt_topic'), payload: 'disconnected', qos: 1, retain: false };
    }
    const payload = JSON.stringify({ state: 'disconnected', id, name });
    return { topic: config.text('mqtt_announce_topic'), payload, qos: 0, retain: true };
  }

  start(): void {
    const { controller } = this.#stores;
    let last = this.#clock.now();
    this.#clock.every(this.#options.controllerTickMs, () => {
      const now = this.#clock.now();
      controller.tick(now - last);
      last = now;
    });
    this.#powerOn(this.#options.uptime);
  }

  stop(): void {
    this.#gateway?.stop();
    this.#gateway = undefined;
    this.#clock.stop();
  }

  /** The link is up. */
  connected(subscribe: (topic: string) => void): void {
    this.#gateway?.connected(subscribe);
  }

  receive(topic: string, payload: string): void {
    this.#gateway?.receive(topic, payload);
  }

  plugIn(car: CarOptions): void {
    this.#stores.controller.plugIn(car);
  }

  unplug(): void {
    this.#stores.controller.unplug();
  }

  fault(code: number | null): void {
    this.#stores.controller.fault(code);
  }

  webOverride(properties: Properties | null): void {
    this.#gateway?.webOverride(properties);
  }

  restart(): void {
    this.#gateway?.restart();
  }

  #powerOn(uptime: number): void {
    this.#gateway = new Gateway(
      { ...this.#options, bootedAt: this.#clock.now() - uptime * 1000 },
      this.#stores,
      this.#clock,
      {
        publish: this.#ports.publish,
        relink: (keys) => this.#relink(keys),
        reboot: () => this.#reboot(),
      },
    );
    this.#gateway.start();
  }

  #reboot(): void {
    this.#gateway?.stop();
    this.#gateway = undefined;
    this.#ports.cut();
    const { rebootMs, networkMs } = this.#options;
    this.#clock.after(rebootMs, () => {
      this.#powerOn(0);
      this.#clock.after(networkMs, this.#ports.join);
    });
  }

  #relink(keys: readonly ConfigKey[]): void {
    this.#ports.leave();
    if (!keys.some((key) => OTHER_BROKER.has(key)) && this.#stores.config.flag('mqtt_enabled')) this.#ports.join();
  }
}
