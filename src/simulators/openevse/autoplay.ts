/** A life for demonstrations: a car comes, charges until it is full, leaves, and comes again. */

import { type Clock } from '../clock';
import { type CarOptions } from './car';
import { type OpenEvseModel } from './model';

export interface AutoplayOptions {
  /** The car that comes, each time anew. */
  readonly car?: CarOptions;
  /** From start to the first plug-in, in s of device time; default 2. */
  readonly comesAfter?: number;
  /** From full to unplug, in s; default 300. */
  readonly staysFull?: number;
  /** From unplug to the next plug-in, in s; default 600. */
  readonly staysAway?: number;
}

const LOOK_MS = 1000;

/** Runs until the clock is stopped. */
export function autoplay(model: OpenEvseModel, clock: Clock, options: AutoplayOptions): void {
  const { car = {}, comesAfter = 2, staysFull = 300, staysAway = 600 } = options;
  const come = (): void => {
    model.plugIn(car);
    const cancel = clock.every(LOOK_MS, () => {
      if (model.car?.asksForCharge) return;
      cancel();
      clock.after(staysFull * 1000, leave);
    });
  };
  const leave = (): void => {
    model.unplug();
    clock.after(staysAway * 1000, come);
  };
  clock.after(comesAfter * 1000, come);
}
