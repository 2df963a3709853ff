/** Topics of other devices that the gateway listens to; which ones, the configuration says. */

import { type Config, type ConfigKey } from '../config';
import { leadingInteger } from '../conversions';
import { type OpenEvseProfile, atLeast } from '../profiles';

/** In the order in which the firmware subscribes. */
const FEEDS = [
  'mqtt_solar',
  'mqtt_grid_ie',
  'mqtt_live_pwr',
  'mqtt_vehicle_soc',
  'mqtt_vehicle_range',
  'mqtt_vehicle_eta',
  'mqtt_vehicle_charge_limit',
  'mqtt_home_battery_soc',
  'mqtt_home_battery_power',
  'mqtt_vrms',
] as const satisfies readonly ConfigKey[];

export type Feed = (typeof FEEDS)[number];

/** The feeds that are only passed on, and the status key each appears as. */
const PASSED_ON: Readonly<Partial<Record<Feed, string>>> = {
  mqtt_vehicle_soc: 'battery_level',
  mqtt_vehicle_range: 'battery_range',
  mqtt_vehicle_eta: 'time_to_full_charge',
  mqtt_vehicle_charge_limit: 'vehicle_charge_limit',
  mqtt_home_battery_soc: 'home_battery_soc',
  mqtt_home_battery_power: 'home_battery_power',
};

/** `vehicle_data_src`: only then the vehicle feeds count. */
const VEHICLE_BY_MQTT = 2;

/** Until 5.1.5 these are subscribed only while their feature is on. */
const NEEDS: Readonly<Partial<Record<Feed, ConfigKey>>> = {
  mqtt_solar: 'divert_enabled',
  mqtt_grid_ie: 'divert_enabled',
  mqtt_live_pwr: 'current_shaper_enabled',
};

export function feedTopics(config: Config, profile: OpenEvseProfile): string[] {
  return FEEDS.filter((feed) => {
    const need = NEEDS[feed];
    return config.text(feed) !== '' && (atLeast(profile, 'master') || need === undefined || config.flag(need));
  }).map((feed) => config.text(feed));
}

export interface FeedSinks {
  readonly status: (key: string, value: number) => void;
  readonly divert: (key: 'solar' | 'grid_ie', watts: number) => void;
  readonly livePower: (watts: number) => void;
  readonly voltage: (volts: number) => void;
}

/** The vehicle values that limits look at. */
export class Feeds {
  soc: number | undefined;
  range: number | undefined;

  constructor(
    readonly config: Config,
    readonly sinks: FeedSinks,
  ) {}

  /** One topic may feed several uses. Texts count by their leading digits, rubbish as a true 0. @returns whether it is a feed */
  receive(topic: string, payload: string): boolean {
    const feeds = FEEDS.filter((feed) => this.config.text(feed) === topic);
    for (const feed of feeds) this.#receive(feed, payload);
    return feeds.length > 0;
  }

  #receive(feed: Feed, payload: string): void {
    const value = leadingInteger(payload);
    const key = PASSED_ON[feed];
    if (feed === 'mqtt_solar') this.sinks.divert('solar', value);
    else if (feed === 'mqtt_grid_ie') this.sinks.divert('grid_ie', value);
    else if (feed === 'mqtt_live_pwr') this.sinks.livePower(value);
    else if (feed === 'mqtt_vrms') this.sinks.voltage(Number.parseFloat(payload));
    else if (key !== undefined) {
      if (feed.startsWith('mqtt_vehicle') && this.config.number('vehicle_data_src') !== VEHICLE_BY_MQTT) return;
      if (feed === 'mqtt_vehicle_soc') this.soc = value;
      if (feed === 'mqtt_vehicle_range') this.range = value;
      this.sinks.status(key, value);
    }
  }
}
