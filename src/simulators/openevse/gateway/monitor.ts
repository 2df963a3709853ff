/** What the gateway knows of the controller, and the status sets it publishes of it. */

import { type Controller, FLAG, STATE } from '../controller';
import { type EnergyMeter } from '../energy';
import { isoSeconds, localDate, offsetMinutes, offsetText } from '../local-time';
import { atLeast } from '../profiles';
import { type StatusValue } from '../render';
import { type GatewayCore } from './core';
import { type StatusKey, type StatusSet, statusKeys } from './status-keys';

const CORE_S = 30;
const ENERGY_MS = 5000;
/** A voltage feed counts for so long. */
const VOLTAGE_FEED_MS = 120_000;
const FALLBACK_VOLTS = 240;

const COLOUR = { off: 0, red: 1, green: 2, yellow: 3, violet: 5, teal: 6 } as const;

export interface MonitorPorts {
  readonly controller: Controller;
  readonly energy: EnergyMeter;
  /** Constant temperatures in 0.1 degC; false: no such sensor. */
  readonly temperatures: readonly [StatusValue, StatusValue, StatusValue];
  readonly freeRam: number;
  readonly signal: number;
  readonly bootedAt: number;
  readonly divertMode: () => number;
  /** The vehicle has gone; the state set is already published. */
  readonly unplugged: () => void;
}

export class Monitor {
  readonly #core: GatewayCore;
  readonly #ports: MonitorPorts;
  #state: number = STATE.starting;
  #flags = 0;
  #milliamps = 0;
  #tempMax: StatusValue = false;
  #voltageFeed: { readonly volts: number; readonly at: number } | undefined;
  #lastMetered: number | undefined;
  #energyPublishedAt = -Infinity;
  #coreRound: number;

  constructor(core: GatewayCore, ports: MonitorPorts) {
    this.#core = core;
    this.#ports = ports;
    this.#coreRound = Math.floor((core.clock.now() - ports.bootedAt) / 1000 / CORE_S);
  }

  get state(): number {
    return this.#state;
  }

  get vehicle(): boolean {
    return (this.#flags & FLAG.vehicle) !== 0;
  }

  /** A per phase, as last measured */
  get amps(): number {
    return this.#milliamps / 1000;
  }

  /** A */
  get pilot(): number {
    return this.#ports.controller.pilot;
  }

  /** V between phase and neutral */
  get voltage(): number {
    const feed = this.#voltageFeed;
    if (feed && this.#core.clock.now() - feed.at < VOLTAGE_FEED_MS) return feed.volts;
    return this.#core.config.number('voltage') || FALLBACK_VOLTS;
  }

  get phases(): 1 | 3 {
    return this.#core.config.flag('is_threephase') ? 3 : 1;
  }

  /** W */
  get power(): number {
    return this.amps * this.voltage * this.phases;
  }

  /** `mqtt_vrms`: 60 to 300 V, kept in single precision. */
  feedVoltage(volts: number): void {
    if (!(volts >= 60 && volts <= 300)) return;
    this.#voltageFeed = { volts: Math.fround(volts), at: this.#core.clock.now() };
    this.#core.status('voltage', this.voltage);
    this.#core.status('power', this.power);
  }

  /** The controller's first answer since boot. */
  firstAnswer(): void {
    this.refresh();
    this.#publishAll();
  }

  /** As if it had answered before the network was up. */
  readSilently(): void {
    this.#read();
  }

  /** Reads the controller's state, after its notice or our command, and publishes it whether it changed or not. */
  refresh(): void {
    const { vehicle } = this;
    const switched = this.#read();
    if (switched && atLeast(this.#core.profile, '4.2.2')) {
      this.#core.status('total_switches', this.#ports.energy.totals.switches);
    }
    this.publish('state');
    if (vehicle && !this.vehicle) {
      this.#ports.energy.endSession();
      this.publish('energy');
      this.#ports.unplugged();
    }
  }

  /** Each second: counts energy with the power measured before. */
  meter(): void {
    const { energy } = this.#ports;
    const now = this.#core.clock.now();
    const ms = now - (this.#lastMetered ?? now);
    this.#lastMetered = now;
    if (this.#state !== STATE.charging) return;
    energy.count(this.power, ms, this.#localDate());
    if (now - this.#energyPublishedAt < ENERGY_MS) return;
    this.#energyPublishedAt = now;
    this.publish('energy');
  }

  /** Each second; `count` is that since boot, of which a busy host may skip some. */
  second(count: number): void {
    if (this.#state === STATE.charging) {
      this.#milliamps = this.#ports.controller.milliamps;
      this.publish('amps');
    }
    const round = Math.floor(count / CORE_S);
    if (round > this.#coreRound) this.#publishAll();
    this.#coreRound = round;
  }

  publish(set: StatusSet): void {
    for (const key of statusKeys(set, this.#core.profile)) this.#core.status(key, this.#value(key));
  }

  #publishAll(): void {
    this.publish('core');
    if (this.#state !== STATE.charging) this.publish('energy');
  }

  /** @returns whether the charger became ready or ceased to be, which is what `total_switches` counts */
  #read(): boolean {
    const { controller, energy, temperatures } = this.#ports;
    const ready = isReady(this.#state);
    const { vehicle } = this;
    this.#state = controller.state;
    // With the pilot off the controller cannot see the plug.
    this.#flags = this.#state === STATE.disabled ? this.#flags & ~FLAG.relayClosed : controller.flags;
    if (this.#state !== STATE.charging) this.#milliamps = 0;
    if (this.#tempMax === false || (this.vehicle && !vehicle)) this.#tempMax = temperatures[0];
    const switched = ready !== isReady(this.#state);
    if (switched) energy.totals.switches++;
    return switched;
  }

  #localDate(): Date {
    return localDate(this.#core.config.text('time_zone'), this.#core.clock.now());
  }

  #value(key: StatusKey): StatusValue | bigint {
    const { clock, config, claims, profile } = this.#core;
    const { energy, temperatures } = this.#ports;
    const { totals } = energy;
    switch (key) {
      case 'evse_connected':
        return 1;
      case 'amp':
        return this.#milliamps;
      case 'voltage':
        return this.voltage;
      case 'power':
        return this.power;
      case 'pilot':
        return this.pilot;
      case 'max_current':
        return config.number('max_current_soft');
      case 'temp':
        return temperatures.find((value) => value !== false) ?? false;
      case 'temp_max':
        return this.#tempMax;
      case 'temp1':
        return temperatures[0];
      case 'temp2':
        return temperatures[1];
      case 'temp3':
        return temperatures[2];
      case 'state':
        return this.#state;
      case 'status':
        return claims.target;
      case 'flags':
        return this.#flags;
      case 'vehicle':
        return this.vehicle ? 1 : 0;
      case 'colour':
        return this.#colour();
      case 'manual_override':
        return claims.get('manual') ? 1 : 0;
      case 'freeram':
        return BigInt(this.#ports.freeRam);
      case 'divertmode':
        return this.#ports.divertMode();
      case 'srssi':
        return this.#ports.signal;
      case 'time':
        return `${isoSeconds(new Date(clock.now()))}Z`;
      case 'local_time':
        return isoSeconds(this.#localDate()) + this.#offset();
      case 'offset':
        return this.#offset();
      case 'uptime':
        return Math.floor((clock.now() - this.#ports.bootedAt) / 1000);
      case 'session_elapsed':
        // Fractional in 5.0.x alone.
        return atLeast(profile, '5.0.0') && !atLeast(profile, '5.1.5') ? energy.sessionSeconds : this.#elapsed();
      case 'session_energy':
        return energy.sessionWh;
      case 'total_energy':
        return totals.total;
      case 'total_day':
        return totals.day;
      case 'total_week':
        return totals.week;
      case 'total_month':
        return totals.month;
      case 'total_year':
        return totals.year;
      case 'total_switches':
        return totals.switches;
      case 'elapsed':
        return this.#elapsed();
      case 'wattsec':
        return energy.sessionWh * 3600;
      case 'watthour':
      case 'wh':
        return totals.total * 1000;
    }
  }

  /** The device adds whole seconds tick by tick; rounding keeps timer jitter out. */
  #elapsed(): number {
    return Math.round(this.#ports.energy.sessionSeconds);
  }

  #offset(): string {
    return offsetText(offsetMinutes(this.#core.config.text('time_zone'), this.#core.clock.now()));
  }

  #colour(): number {
    switch (this.#state) {
      case STATE.starting:
        return COLOUR.off;
      case STATE.notConnected:
        return COLOUR.green;
      case STATE.connected:
        return COLOUR.yellow;
      case STATE.charging:
        return COLOUR.teal;
      case STATE.sleeping:
      case STATE.disabled:
        return this.vehicle ? COLOUR.teal : COLOUR.violet;
      default:
        return this.#state <= (atLeast(this.#core.profile, 'master') ? 17 : 11) ? COLOUR.red : COLOUR.off;
    }
  }
}

function isReady(state: number): boolean {
  return state >= STATE.notConnected && state <= STATE.charging;
}
