/** The charge controller behind the gateway's serial line: pilot, relay, vehicle, faults. It keeps running when the gateway reboots. */

import { Car, type CarOptions } from './car';

export const STATE = { starting: 0, notConnected: 1, connected: 2, charging: 3, sleeping: 254, disabled: 255 } as const;

export const FLAG = {
  hardFault: 0x0002,
  noGround: 0x0020,
  relayClosed: 0x0040,
  gfci: 0x0080,
  vehicle: 0x0100,
  sessionEnded: 0x0200,
} as const;

/** How long a restarted controller tests itself. */
const SELF_TEST_MS = 1000;

export interface ControllerOptions {
  /** A; where the pilot starts. */
  readonly softLimit: number;
  /** V between phase and neutral. */
  readonly voltage: number;
  readonly phases: 1 | 3;
  /** false: as the emulator of the firmware's own tests: idle flags 0, and no short state 0 when enabled again. Default true. */
  readonly realHardware?: boolean;
}

export class Controller {
  /** The asynchronous notice to the gateway that something changed. */
  onNotice: () => void = () => undefined;

  readonly #options: ControllerOptions;
  #state: number = STATE.notConnected;
  #paused: 254 | 255 | undefined;
  #fault: number | undefined;
  #car: Car | undefined;
  #pilot: number;
  #noticeDue = false;
  #noticed = '';
  #selfTestMs = 0;

  constructor(options: ControllerOptions) {
    this.#options = options;
    this.#pilot = options.softLimit;
    this.#noticed = `${this.#state} ${this.flags}`;
  }

  get state(): number {
    return this.#state;
  }

  /** A */
  get pilot(): number {
    return this.#pilot;
  }

  /** mA per phase, as measured */
  get milliamps(): number {
    return Math.round((this.#car?.amps ?? 0) * 1000);
  }

  get car(): Car | undefined {
    return this.#car;
  }

  get paused(): boolean {
    return this.#paused !== undefined;
  }

  get flags(): number {
    let flags = 0;
    if (this.#car) flags |= FLAG.vehicle;
    else if (this.#options.realHardware ?? true) flags |= FLAG.sessionEnded;
    if (this.#state === STATE.charging) flags |= FLAG.relayClosed;
    if (this.#fault !== undefined) flags |= FLAG.hardFault;
    if (this.#fault === 6) flags |= FLAG.gfci;
    if (this.#fault === 7) flags |= FLAG.noGround;
    return flags;
  }

  plugIn(car: CarOptions): void {
    this.#car = new Car(car);
  }

  unplug(): void {
    this.#car = undefined;
  }

  /** A fault state, 4 to 17; null: it is gone. */
  fault(code: number | null): void {
    this.#fault = code ?? undefined;
  }

  setPilot(amps: number): void {
    this.#pilot = amps;
  }

  /** By command of the gateway: at once, and noticed again with the next tick. */
  pause(state: 254 | 255): void {
    this.#paused = state;
    this.#enter(this.#settled());
    this.#noticeDue = true;
  }

  /** By command of the gateway. The relay may close only a tick after the notice. */
  resume(): void {
    this.#paused = undefined;
    const ready = this.#car ? STATE.connected : STATE.notConnected;
    const passesZero = (this.#options.realHardware ?? true) && this.#fault === undefined;
    this.#enter(passesZero ? STATE.starting : (this.#fault ?? ready));
    this.#noticeDue = !passesZero;
  }

  /** Starts anew, enabled, with the full pilot; the vehicle stays plugged. */
  restart(): void {
    this.#paused = undefined;
    this.#pilot = this.#options.softLimit;
    this.#selfTestMs = SELF_TEST_MS;
  }

  /** Lets `ms` pass; to be called every 100 ms. */
  tick(ms: number): void {
    const { voltage, phases } = this.#options;
    if (this.#state === STATE.charging) this.#car?.charge(this.#pilot, voltage * phases, ms / 1000);
    const due = this.#noticeDue;
    this.#noticeDue = false;
    if (!due) this.#enter(this.#step(ms));
    const now = `${this.#state} ${this.flags}`;
    if (!due && now === this.#noticed) return;
    this.#noticed = now;
    this.onNotice();
  }

  #enter(state: number): void {
    this.#state = state;
    if (state !== STATE.charging) this.#car?.rest();
  }

  /** One state further: vehicle found, then relay closed. */
  #step(ms: number): number {
    if (this.#selfTestMs > 0) {
      this.#selfTestMs -= ms;
      return STATE.starting;
    }
    const goal = this.#settled();
    const ready = this.#state === STATE.connected || this.#state === STATE.charging;
    return goal === STATE.charging && !ready ? STATE.connected : goal;
  }

  #settled(): number {
    if (this.#fault !== undefined) return this.#fault;
    if (this.#paused !== undefined) return this.#paused;
    if (this.#car === undefined) return STATE.notConnected;
    return this.#car.asksForCharge ? STATE.charging : STATE.connected;
  }
}
