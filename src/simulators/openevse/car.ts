/** A vehicle at the cable: how much it draws, and when it has enough. */

export interface CarOptions {
  /** State of charge at plug-in in %, 0 to 100; default 40. */
  readonly soc?: number;
  /** Usable battery in kWh; default 52. */
  readonly capacity?: number;
  /** false: plugged in only. Default true. */
  readonly asksForCharge?: boolean;
  /** What its charger can take per phase, in A; default 32. */
  readonly maxCurrent?: number;
  /** How fast it changes its current, in A per second; default 4. */
  readonly ramp?: number;
}

export class Car {
  #wh: number;
  #amps = 0;
  readonly #capacityWh: number;
  readonly #asks: boolean;
  readonly #maxCurrent: number;
  readonly #ramp: number;

  constructor(options: CarOptions = {}) {
    this.#capacityWh = (options.capacity ?? 52) * 1000;
    this.#wh = (this.#capacityWh * (options.soc ?? 40)) / 100;
    this.#asks = options.asksForCharge ?? true;
    this.#maxCurrent = options.maxCurrent ?? 32;
    this.#ramp = options.ramp ?? 4;
  }

  get asksForCharge(): boolean {
    return this.#asks && this.#wh < this.#capacityWh;
  }

  /** % */
  get soc(): number {
    return (100 * this.#wh) / this.#capacityWh;
  }

  /** A per phase */
  get amps(): number {
    return this.#amps;
  }

  /** Lets `seconds` pass with `pilot` A on offer; `volts` is the sum over the phases. */
  charge(pilot: number, volts: number, seconds: number): void {
    const goal = Math.min(pilot, this.#maxCurrent);
    const change = this.#ramp * seconds;
    this.#amps = goal > this.#amps ? Math.min(goal, this.#amps + change) : goal;
    this.#wh = Math.min(this.#capacityWh, this.#wh + (this.#amps * volts * seconds) / 3600);
  }

  /** The relay opened. */
  rest(): void {
    this.#amps = 0;
  }
}
