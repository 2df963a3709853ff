/** A go-eCharger on an MQTT broker, as its firmware connects and publishes: one retained topic per API key. */
import { Clock, type TimeSource } from '../clock';
import { DeviceLink } from '../device-link';
import type { Simulator, SimulatorOptions } from '../simulator';
import { visitor } from './autoplay';
import { isLegalBase } from './base-topic';
import type { CarOptions } from './car';
import { Charger } from './charger';
import type { Json } from './keys';
import { type FaultName, type Firmware, PROFILES } from './profiles';

export interface GoESimulatorOptions extends SimulatorOptions {
  /** Six digits, leading zeros included; default `000001`. */
  readonly serial?: string;
  /** Default `60.3`. */
  readonly firmware?: Firmware;
  /** kW: 11 (16 A, default) or 22 (32 A). */
  readonly variant?: 11 | 22;
  /** Phases of the installation; default 3. */
  readonly installed?: 1 | 3;
  /** Key `mcr`: MQTT writes are blocked, as ex works since 051.5; default false. */
  readonly readOnly?: boolean;
  /** Key `mtp`: replaces the default base topic, serial included; used literally. */
  readonly prefix?: string;
  /** Cars come and go by themselves. */
  readonly autoplay?: boolean;
  /** Wall clock at start, ms since 1970; default: the present. */
  readonly startTime?: number;
  /** Where time comes from; for tests. */
  readonly time?: TimeSource;
  /** Connection trouble, which a charger itself keeps quiet about. */
  readonly onError?: (error: Error) => void;
}

export interface GoESimulator extends Simulator {
  /** The text in front of each key, with its trailing slash unless a custom prefix lacks it. */
  readonly baseTopic: string;
  readonly serial: string;
  plugIn(car?: CarOptions): void;
  unplug(): void;
  /** `rbt` starts at 0, `rbc` grows, the connection is cut and made anew. */
  reboot(): void;
  /**
   * Takes a value as from the app, past permission, type and range. One that has no setter is held against what the
   * charger works out (`car`, `nrg`, `tma`, ...) until `undefined` is set; `err` raises a fault.
   */
  setKey(key: string, value: Json | undefined): void;
  /** What a key holds, published or not; undefined = this firmware does not know it. */
  getKey(key: string): Json | undefined;
  /** Writes to these keys are answered `success` without effect, as 60.3 did with `frc` and `amp`; empty = none. */
  ignoreWrites(keys: readonly string[]): void;
  /** Raises a fault, under the code that this firmware has for it; null clears it. */
  fault(name: FaultName | null): void;
  /** Holds an RFID card to the reader; a learned one (slot 0 ex works) starts a transaction. */
  readCard(slot: number, tag: string): void;
}

/** The charging logic runs, and changed values go out, once per second. */
const TICK_MS = 1000;

/** A charger that connects when started. Protocol as of API v2, firmware 050 to 60.3. */
export function createGoESimulator(options: GoESimulatorOptions): GoESimulator {
  const { serial = '000001', firmware = '60.3', speed = 1 } = options;
  const clock = new Clock({
    speed,
    ...(options.startTime === undefined ? {} : { startTime: options.startTime }),
    ...(options.time && { source: options.time }),
  });
  const charger = new Charger({
    profile: PROFILES[firmware],
    serial,
    variant: options.variant ?? 11,
    installed: options.installed ?? 3,
    readOnly: options.readOnly ?? false,
    prefix: options.prefix ?? null,
    broker: options.broker,
    now: clock.now(),
  });
  /** The base in use on this connection; a new `mtp` takes effect with the next. */
  let base = charger.baseTopic;
  let booted = false;
  let running = false;
  let bootTime = clock.now();
  let guest: CarOptions | undefined;

  const link = new DeviceLink({
    broker: options.broker,
    clientId: `go-echarger_${serial}`,
    ...(options.username === undefined ? {} : { username: options.username }),
    ...(options.password === undefined ? {} : { password: options.password }),
    clean: true,
    keepalive: 120,
    clock,
    onConnect,
    onMessage,
    ...(options.onError && { onError: options.onError }),
  });

  function publishAll(payloads: ReadonlyMap<string, string>): void {
    for (const [key, payload] of payloads) link.publish(`${base}${key}`, payload, { retain: true });
  }

  function onConnect(): void {
    base = charger.baseTopic;
    charger.connected();
    publishAll(charger.snapshot());
    if (isLegalBase(base)) link.subscribe(`${base}+/set`);
    // The charger asks for an illegal filter, which a broker answers by closing the connection.
    else void link.flush().then(() => link.cut());
  }

  function onMessage(topic: string, payload: Buffer): void {
    const key = topic.slice(base.length, -'/set'.length);
    const { result, effect } = charger.write(key, payload.toString('utf8'));
    if (result !== null) link.publish(`${base}${key}/result`, result);
    if (effect === 'reboot') void link.flush().then(reboot);
    else if (charger.baseTopic !== base) void link.flush().then(() => link.cut());
  }

  function reboot(): void {
    bootTime = clock.now();
    charger.reboot(bootTime);
    link.cut();
  }

  function tick(): void {
    if (options.autoplay) play();
    if (!link.connected) charger.disconnected();
    publishAll(charger.tick(clock.now()));
  }

  function play(): void {
    const next = visitor((clock.now() - bootTime) / 1000);
    if (next === guest) return;
    guest = next;
    if (next) charger.plugIn(next);
    else charger.unplug();
  }

  return {
    get baseTopic() {
      return charger.baseTopic;
    },
    serial,
    plugIn: (car) => charger.plugIn(car),
    unplug: () => charger.unplug(),
    reboot,
    setKey(key, value) {
      charger.set(key, value);
      if (charger.baseTopic !== base) link.cut();
    },
    getKey: (key) => charger.get(key),
    ignoreWrites: (keys) => charger.ignoreWrites(keys),
    fault: (name) => charger.fault(name),
    readCard: (slot, tag) => charger.readCard(slot, tag),

    async start() {
      if (running) return;
      if (booted) charger.reboot(clock.now());
      running = booted = true;
      charger.tick(clock.now());
      clock.every(TICK_MS, tick);
      try {
        await link.connect();
        await link.flush();
      } catch (error) {
        running = false;
        clock.stop();
        throw error;
      }
    },
    async stop() {
      running = false;
      clock.stop();
      await link.stop();
    },
    async kill() {
      running = false;
      clock.stop();
      await link.kill();
    },
  };
}
