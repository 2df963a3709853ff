/** The contract of a charger system. Adding a system = adding a folder that fulfils it, and a line in `systems.ts`. */
import type { Exchange } from '../mqtt/exchange-types';
import type { Message } from '../mqtt/types';
import type { ChargerCommand, CommandName } from '../shared/commands';
import type { Sighting } from './discovery-types';
import type { ChargerStatus, System } from './status';

/** What the user configured for one charger. */
export interface ChargerConfig {
  /** Empty: the device's own name. */
  readonly name: string;
  /** As normalised by the driver's `base`. */
  readonly baseTopic: string;
  /** s without a live message before the charger counts as offline; null = the system's own default. */
  readonly staleAfter: number | null;
  /** A; commands that ask for more are refused; null = no such limit. */
  readonly maxCurrent: number | null;
}

/** What all drivers keep about life, beside their own values. Times are ms since the epoch. */
export interface NativeBase {
  readonly config: ChargerConfig;
  /** Arrival of the last live message, null = none yet. */
  lastLive: number | null;
  /** A live message came since the broker connection was made. */
  heard: boolean;
}

/**
 * One charger system as pure functions over a mutable `Native` record, so that a recorded payload and its expected
 * status are a complete test. None of them throws on device input; only `base` and `plan` throw, EnergyErrors.
 */
export interface ChargerDriver<Native extends NativeBase = NativeBase> {
  readonly system: System;

  /** Commands this system has at all; `plan` may still find that this version or model of it lacks one. */
  readonly commands: ReadonlySet<CommandName>;

  /**
   * Brings what the user typed to the form the driver uses.
   * @throws EnergyError INVALID with a text that says what is wrong, e.g. a prefix that lacks its slash.
   */
  base(typed: string): string;

  create(config: ChargerConfig): Native;

  /** Topic filters of everything `decode` wants to see; they do not overlap one another. */
  filters(base: string): readonly string[];

  /**
   * Folds one message in and returns the names of the keys that changed (empty: nothing new, or not ours).
   * Retained messages fill in values but never count as life. `now` in ms.
   */
  decode(native: Native, message: Message, now: number): readonly string[];

  /** Keys whose change alone is a measurement or noise: reported at most once per second. */
  readonly quiet: ReadonlySet<string>;

  /** The state in the one vocabulary, at this moment. */
  project(native: Native, now: number): ChargerStatus;

  /** When (ms) the status will change by the passing of time alone, e.g. turn offline; null = never. */
  deadline(native: Native, now: number): number | null;

  /** The broker connection was lost: nothing is known to be live any more. */
  disconnected(native: Native): void;

  /** Every raw value by its own key, sensitive ones masked. */
  raw(native: Native): Record<string, unknown>;

  /** Topics (or keys) whose payload is unreadable now, with a reason; empty when all is readable. */
  faults(native: Native): ReadonlyMap<string, string>;

  /**
   * What to publish for a command, and what proves it.
   * @throws EnergyError INVALID | UNSUPPORTED | REFUSED, before anything is published.
   */
  plan(command: ChargerCommand, native: Native, now: number): Exchange;

  readonly discovery: DiscoveryRules;
}

export interface DiscoveryOptions {
  /** `openevse/announce/#` by default. */
  readonly openevseTopic: string;
  /** `evcc` by default. */
  readonly evccRoot: string;
}

/** How chargers of one system are found from topics alone. */
export interface DiscoveryRules {
  filters(options: DiscoveryOptions): readonly string[];

  /**
   * Folds one message into the sightings of this system (keyed by base topic).
   * Returns the base topics whose sighting changed. `now` in ms.
   */
  fold(sightings: Map<string, Sighting>, message: Message, options: DiscoveryOptions, now: number): readonly string[];

  /**
   * For chargers that are announced outside their own topics: the id that an announcement is about, null = none. The
   * announcements that name a charger's id, or lead to its base topic, go to `decode` as well.
   */
  announcedId?(message: Message): string | null;

  /** A topic below a found charger that is published regularly, to notice its silence. */
  heartbeat(sighting: Sighting): string | null;

  /** s of silence on the heartbeat after which the charger is lost. */
  readonly silence: number;
}
