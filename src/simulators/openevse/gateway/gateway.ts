/** The WiFi gateway from boot to reboot: its topics, its tasks, and what they share. Everything in it is lost at a reboot. */

import { type Clock } from '../../clock';
import { type Config, type ConfigKey } from '../config';
import { type Controller } from '../controller';
import { FirmwareCrash } from '../conversions';
import { type EnergyMeter } from '../energy';
import { parseLenientJson } from '../lenient-json';
import { type OpenEvseProfile, atLeast } from '../profiles';
import { type Properties } from '../properties';
import { type StatusValue, renderValue } from '../render';
import { type Schedule } from '../schedule';
import { Arbiter } from './arbiter';
import { ClaimTopics } from './claim-topics';
import { ConfigTopic } from './config-topic';
import { type GatewayCore } from './core';
import { DivertTopic } from './divert-topic';
import { Feeds, feedTopics } from './feeds';
import { LimitTopic } from './limit-topic';
import { Monitor } from './monitor';
import { RapiTopic } from './rapi-topic';
import { ScheduleTopic } from './schedule-topic';
import { ShaperTopic } from './shaper-topic';

/** From power-on to the controller's first answer over the serial line. */
const FIRST_ANSWER_MS = 17;
const LOOP_MS = 100;
/** Where in each second the tasks run. */
const PHASE_MS = { shaper: 0, limit: 12, schedule: 20, meter: 30, monitor: 32 } as const;
/** Between the restart command and the reboot. */
const RESTART_MS = 1000;

export interface GatewayOptions {
  readonly profile: OpenEvseProfile;
  readonly name: string;
  readonly id: string;
  /** When it was powered on, in ms; before now: it has been running, and has the controller's answer. */
  readonly bootedAt: number;
  readonly address: string;
  readonly random: () => number;
  readonly temperatures: readonly [StatusValue, StatusValue, StatusValue];
  readonly freeRam: number;
  readonly signal: number;
}

/** What outlives a reboot. */
export interface Persistent {
  readonly controller: Controller;
  readonly config: Config;
  readonly schedule: Schedule;
  readonly energy: EnergyMeter;
}

export interface GatewayPorts {
  readonly publish: (topic: string, payload: string, retain: boolean) => void;
  /** An `mqtt_*` setting changed: the link is closed with DISCONNECT and made anew. */
  readonly relink: (keys: readonly ConfigKey[]) => void;
  /** The process ends, without DISCONNECT, and starts again. */
  readonly reboot: () => void;
}

type Command = (payload: string) => void;

export class Gateway {
  readonly #options: GatewayOptions;
  readonly #stores: Persistent;
  readonly #ports: GatewayPorts;
  readonly #core: GatewayCore;
  readonly #claims: ClaimTopics;
  readonly #limit: LimitTopic;
  readonly #schedule: ScheduleTopic;
  readonly #divert: DivertTopic;
  readonly #shaper: ShaperTopic;
  readonly #config: ConfigTopic;
  readonly #monitor: Monitor;
  readonly #feeds: Feeds;
  readonly #rapi: RapiTopic;
  readonly #commands: ReadonlyMap<string, Command>;
  #controllerReady = false;

  constructor(options: GatewayOptions, stores: Persistent, clock: Clock, ports: GatewayPorts) {
    this.#options = options;
    this.#stores = stores;
    this.#ports = ports;
    const { profile } = options;
    const { config, controller, energy } = stores;
    const status = (key: string, value: StatusValue | bigint): void => {
      // 2.x retains nothing.
      const retain = config.flag('mqtt_retained') && atLeast(profile, '4.1.7');
      ports.publish(this.#topic(key), renderValue(value), retain);
    };
    const refresh = (): void => this.#monitor.refresh();
    const timers = clock.fork();
    this.#core = {
      profile,
      clock: timers,
      config,
      claims: new Arbiter({ clock: timers, config, controller, status, refresh }),
      status,
      document: (key, json) => ports.publish(this.#topic(key), json, true),
    };
    this.#claims = new ClaimTopics(this.#core);
    this.#limit = new LimitTopic(this.#core, () => ({
      vehicle: this.#monitor.vehicle,
      seconds: energy.sessionSeconds,
      wh: energy.sessionWh,
      soc: this.#feeds.soc,
      range: this.#feeds.range,
    }));
    this.#schedule = new ScheduleTopic(this.#core, stores.schedule, options.random);
    this.#divert = new DivertTopic(this.#core, () => this.#monitor);
    this.#shaper = new ShaperTopic(this.#core, () => ({
      volts: this.#monitor.voltage * this.#monitor.phases,
      chargerPower: this.#monitor.power,
      solar: this.#divert.solar,
    }));
    this.#config = new ConfigTopic(this.#core, {
      changed: (keys) => this.#configChanged(keys),
      state: () => this.#monitor.state,
    });
    this.#monitor = new Monitor(this.#core, {
      ...options,
      controller,
      energy,
      divertMode: () => this.#divert.mode,
      unplugged: () => this.#unplugged(),
    });
    this.#feeds = new Feeds(config, {
      status,
      divert: (key, watts) => this.#divert.feed(key, watts),
      livePower: (watts) => this.#shaper.feed(watts),
      voltage: (volts) => this.#monitor.feedVoltage(volts),
    });
    this.#rapi = new RapiTopic(this.#core, controller, energy, this.#monitor);
    this.#commands = this.#commandTable();
  }

  start(): void {
    const { controller, energy } = this.#stores;
    energy.endSession();
    controller.onNotice = () => this.#noticed();
    this.#divert.configChanged();
    const { clock } = this.#core;
    if (clock.now() > this.#options.bootedAt) {
      this.#monitor.readSilently();
      this.#ready();
    } else {
      clock.after(FIRST_ANSWER_MS, () => {
        this.#monitor.firstAnswer();
        this.#ready();
      });
    }
    this.#every(LOOP_MS, 0, () => this.#loop());
    this.#every(2000, PHASE_MS.shaper, () => this.#shaper.cycle());
    this.#every(1000, PHASE_MS.limit, () => this.#limit.cycle());
    this.#every(1000, PHASE_MS.schedule, () => this.#schedule.cycle());
    this.#every(1000, PHASE_MS.meter, () => this.#monitor.meter());
    this.#every(1000, PHASE_MS.monitor, () => {
      this.#monitor.second(Math.floor((clock.now() - this.#options.bootedAt) / 1000));
    });
  }

  stop(): void {
    this.#core.clock.stop();
    this.#stores.controller.onNotice = () => undefined;
  }

  /** After each connection; `subscribe` is called in its place between the publications. */
  connected(subscribe: (topic: string) => void): void {
    const { profile, clock, config, status } = this.#core;
    if (!atLeast(profile, '4.1.7')) {
      this.#ports.publish(config.text('mqtt_topic'), 'connected', false);
      for (const topic of this.#subscriptions()) subscribe(topic);
      return;
    }
    this.#ports.publish(config.text('mqtt_announce_topic'), this.#birth(), true);
    status('mqtt_connected', 1);
    if (atLeast(profile, 'master')) {
      status('mqtt_status', 'connected');
      status('mqtt_connected_since', BigInt(Math.floor(clock.now() / 1000)));
      status('mqtt_broker_version', '');
    }
    for (const topic of this.#subscriptions()) subscribe(topic);
    this.#claims.publishClaim();
    this.#claims.publishOverride();
    this.#schedule.publish();
    if (!atLeast(profile, '5.0.0')) return;
    this.#limit.publish();
    this.#config.connected();
    clock.after(1, () => this.#loop());
  }

  receive(topic: string, payload: string): void {
    try {
      const command = this.#commands.get(this.#tail(topic) ?? '');
      if (command) command(payload);
      else if (!this.#feeds.receive(topic, payload)) this.#passThrough(topic, payload);
    } catch (error) {
      if (!(error instanceof FirmwareCrash)) throw error;
      this.#ports.reboot();
    }
  }

  webOverride(properties: Properties | null): void {
    this.#claims.web(properties);
  }

  restart(): void {
    this.#core.clock.after(RESTART_MS, this.#ports.reboot);
  }

  #commandTable(): ReadonlyMap<string, Command> {
    const commands: readonly (readonly [string, OpenEvseProfile, Command])[] = [
      ['divertmode/set', '2.x', (payload) => this.#divert.set(payload)],
      ['shaper/set', '4.1.7', (payload) => this.#shaper.set(payload)],
      ['override/set', '4.1.7', (payload) => this.#claims.override(payload)],
      ['claim/set', '4.1.7', (payload) => this.#claims.claim(payload)],
      ['schedule/set', '4.1.7', (payload) => this.#schedule.set(payload)],
      ['schedule/clear', '4.1.7', (payload) => this.#schedule.clear(payload)],
      ['limit/set', '5.0.0', (payload) => this.#limit.set(payload)],
      ['config/set', '5.0.0', (payload) => this.#config.set(payload)],
      ['restart', '5.0.0', (payload) => this.#restartCommand(payload)],
    ];
    const known = commands.filter(([, since]) => atLeast(this.#options.profile, since));
    return new Map(known.map(([key, , run]) => [key, run]));
  }

  /** The retained message on the announce topic. */
  #birth(): string {
    const { name, id, address } = this.#options;
    const mqtt = this.#stores.config.text('mqtt_topic');
    return JSON.stringify({ state: 'connected', id, name, mqtt, http: `http://${address}/` });
  }

  #subscriptions(): string[] {
    const { profile } = this.#options;
    return [
      this.#topic('rapi/in/#'),
      ...feedTopics(this.#stores.config, profile),
      ...[...this.#commands.keys()].map((key) => this.#topic(key)),
      ...(atLeast(profile, 'master') ? ['$SYS/broker/version'] : []),
    ];
  }

  #topic(key: string): string {
    return `${this.#stores.config.text('mqtt_topic')}/${key}`;
  }

  #tail(topic: string): string | undefined {
    const base = this.#topic('');
    return topic.startsWith(base) ? topic.slice(base.length) : undefined;
  }

  /** Its parse buffer has room for one field: with any other beside it nothing happens. */
  #restartCommand(payload: string): void {
    const json = parseLenientJson(payload);
    if (!(json instanceof Map) || json.size !== 1) return;
    const device = json.get('device');
    if (device === undefined) return;
    if (typeof device !== 'string') throw new FirmwareCrash('device');
    if (device === 'gateway') this.restart();
    if (device === 'evse') this.#stores.controller.restart();
  }

  /** Whatever matches nothing else and has a `$` behind its first character goes to the controller. */
  #passThrough(topic: string, payload: string): void {
    const at = topic.indexOf('$');
    const answer = at > 0 ? this.#rapi.answer(topic.slice(at), payload) : undefined;
    if (answer !== undefined) this.#ports.publish(this.#topic('rapi/out'), answer, false);
  }

  #ready(): void {
    this.#controllerReady = true;
    this.#core.claims.controllerReady();
  }

  #noticed(): void {
    if (!this.#controllerReady) return;
    const { state } = this.#monitor;
    this.#monitor.refresh();
    // A restarted controller has forgotten what it was told.
    if (state === 0 && this.#monitor.state !== 0) this.#core.claims.controllerReady();
  }

  #unplugged(): void {
    this.#limit.unplugged();
    this.#core.claims.releaseAuto();
  }

  #loop(): void {
    if (!atLeast(this.#options.profile, '4.1.7')) return;
    this.#claims.loop();
    this.#schedule.loop();
    if (!atLeast(this.#options.profile, '5.0.0')) return;
    this.#limit.loop();
    this.#config.loop();
  }

  #configChanged(keys: readonly ConfigKey[]): void {
    const any = (prefix: string): boolean => keys.some((key) => key.startsWith(prefix));
    if (any('scheduler_')) this.#schedule.configChanged();
    if (any('limit_default_')) this.#limit.configChanged();
    if (any('current_shaper_')) this.#shaper.configChanged();
    if (keys.some((key) => this.#stores.config.isFlag(key))) this.#divert.configChanged();
    this.#core.claims.configChanged();
    const mqtt = keys.filter((key) => key.startsWith('mqtt_'));
    if (mqtt.length > 0) this.#ports.relink(mqtt);
  }

  /** A task that runs at `phase` of each `period` since power-on. */
  #every(period: number, phase: number, task: () => void): void {
    const since = this.#core.clock.now() - this.#options.bootedAt - phase;
    const first = period - (((since % period) + period) % period);
    this.#core.clock.every(period, task, first);
  }
}
