/** Everything the simulated charger remembers. Times ending in `At` are ms of uptime, null = never since boot. */
import { type Car } from './car';
import { type Card, createCards } from './cards';
import { type ApiKey, keysOf } from './keys';
import { PhaseSwitch } from './phases';
import { type Profile } from './profiles';
import { Settings } from './settings';
import { SurplusFeed } from './surplus';

/** Values of `car`. */
export const CarState = { idle: 1, charging: 2, waiting: 3, complete: 4, error: 5 } as const;

export interface ChargerOptions {
  readonly profile: Profile;
  /** Six digits, leading zeros included. */
  readonly serial: string;
  /** kW: 11 (16 A) or 22 (32 A). */
  readonly variant: 11 | 22;
  /** Phases of the installation. */
  readonly installed: 1 | 3;
  /** MQTT writes blocked (`mcr`). */
  readonly readOnly: boolean;
  /** A custom base topic, used literally in front of the key; null = the firmware's default. */
  readonly prefix: string | null;
  /** What `mcu` shows. */
  readonly broker: string;
  /** Wall clock at the first boot, ms since 1970. */
  readonly now: number;
}

export type EnergySource = 'grid' | 'solar' | 'battery' | 'other';

export interface ChargerState {
  readonly profile: Profile;
  readonly keys: ReadonlyMap<string, ApiKey>;
  readonly serial: string;
  readonly variant: 11 | 22;
  readonly installed: 1 | 3;
  readonly settings: Settings;
  /** Wall clock, ms since 1970. */
  now: number;
  /** Wall clock at boot. */
  bootedAt: number;
  reboots: number;
  readonly phases: PhaseSwitch;
  readonly surplus: SurplusFeed;
  readonly cards: readonly Card[];

  car: Car | null;
  /** `trx`: null, 0 without card, 1 to 10 card slot + 1. */
  transaction: number | null;
  transactionAt: number | null;
  /** `err` */
  fault: number;

  /** `modelStatus` and whether it permits charging (`alw`). */
  reason: number;
  permits: boolean;
  permitsAt: number | null;
  reasonAt: number | null;
  /** `car` */
  carState: number;
  chargingAt: number | null;
  leftChargingAt: number | null;
  leftIdleAt: number | null;
  /** ms that the last charging lasted. */
  lastDuration: number;

  /** A per phase granted (`acu`). */
  granted: number;
  /** A per phase drawn, and on how many phases. */
  current: number;
  phasesInUse: number;
  /** W */
  power: number;
  averagePower: number;
  highestPower: number;
  /** Wh since plugged in, by source and in all. */
  session: number;
  readonly sessionBySource: Record<EnergySource, number>;
  /** W by source; null when not charging. */
  powerBySource: Readonly<Record<EnergySource, number>> | null;
  /** Wh over the charger's life. */
  total: number;

  lastCard: number | null;
  lastTag: string | null;
  lastCardAt: number | null;
  /** Uptime when the temporary limit `tcl` was written. */
  temporaryLimitAt: number | null;
  mqttConnectedAt: number | null;
}

export function createState(options: ChargerOptions): ChargerState {
  const { profile, serial, variant, installed, readOnly, prefix, broker, now } = options;
  const keys = keysOf(profile.firmware);
  const settings = new Settings(keys, profile.initial);
  settings.set('mcr', readOnly);
  settings.set('mtp', prefix);
  settings.set('mcu', broker);
  settings.set('fna', `go-echarger_${serial}`);
  settings.set('host', `go-eCharger_${serial}`);
  const limit = variant === 22 ? 32 : 16;
  settings.set('ama', limit);
  settings.set('amp', limit);
  return {
    profile,
    keys,
    serial,
    variant,
    installed,
    settings,
    now,
    bootedAt: now,
    reboots: 1,
    phases: new PhaseSwitch(installed),
    surplus: new SurplusFeed(),
    cards: createCards(),
    car: null,
    transaction: null,
    transactionAt: null,
    fault: 0,
    reason: 15,
    permits: true,
    permitsAt: 0,
    reasonAt: 0,
    carState: CarState.idle,
    chargingAt: null,
    leftChargingAt: null,
    leftIdleAt: null,
    lastDuration: 0,
    granted: limit,
    current: 0,
    phasesInUse: 0,
    power: 0,
    averagePower: 0,
    highestPower: 0,
    session: 0,
    sessionBySource: { grid: 0, solar: 0, battery: 0, other: 0 },
    powerBySource: null,
    total: 0,
    lastCard: null,
    lastTag: null,
    lastCardAt: null,
    temporaryLimitAt: null,
    mqttConnectedAt: null,
  };
}

export function uptime(state: ChargerState): number {
  return state.now - state.bootedAt;
}

/** The boot clock starts anew: everything told on it is unknown, the fed powers are gone. Settings and energy stay. */
export function reboot(state: ChargerState, now: number): void {
  state.now = now;
  state.bootedAt = now;
  state.reboots += 1;
  state.phases.reset();
  state.surplus.clear();
  state.permitsAt = 0;
  state.reasonAt = 0;
  state.chargingAt = null;
  state.leftChargingAt = null;
  state.leftIdleAt = null;
  state.lastCardAt = null;
  state.transactionAt = state.transaction === null ? null : 0;
  state.temporaryLimitAt = state.settings.optional('tcl') === null ? null : 0;
  state.mqttConnectedAt = null;
}
