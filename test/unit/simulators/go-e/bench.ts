/** A charger with a stopwatch instead of a connection. */
import { Charger, type Reaction } from '../../../../src/simulators/go-e/charger';
import { type Firmware, PROFILES } from '../../../../src/simulators/go-e/profiles';
import type { ChargerOptions } from '../../../../src/simulators/go-e/state';

export const T0 = Date.UTC(2022, 1, 16, 19, 27, 34, 42);

export class Bench {
  readonly charger: Charger;
  now = T0;

  constructor(firmware: Firmware = '59.4', over: Partial<ChargerOptions> = {}) {
    this.charger = new Charger({
      profile: PROFILES[firmware],
      serial: '000001',
      variant: 11,
      installed: 3,
      readOnly: false,
      prefix: null,
      broker: 'mqtt://broker',
      now: T0,
      ...over,
    });
  }

  /** Lets so many seconds pass; returns the payloads that changed in the last of them. */
  wait(seconds: number): Map<string, string> {
    let changed = new Map<string, string>();
    for (let second = 0; second < seconds; second++) changed = this.charger.tick((this.now += 1000));
    return changed;
  }

  write(key: string, value: unknown): Reaction {
    return this.charger.write(key, JSON.stringify(value));
  }

  get(key: string): unknown {
    return this.charger.get(key);
  }
}
