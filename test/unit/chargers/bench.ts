/** A charger or a directory on a broker connection and a clock that the test plays. */
import assert from 'node:assert/strict';
import { mock } from 'node:test';
import { Directory } from '../../../src/chargers/directory';
import type { ChargerConfig } from '../../../src/chargers/driver';
import { Charger, type ChargerListener } from '../../../src/chargers/state';
import type { ChargerStatus } from '../../../src/chargers/status';
import type { AnyDriver } from '../../../src/chargers/systems';
import { countTimers, FakeLink, turn } from './fake-link';

/** Where chargers are announced. */
export const TOPICS = { openevseTopic: 'openevse/announce/#', evccRoot: 'evcc' };

export interface Recorder extends ChargerListener {
  readonly reports: [status: ChargerStatus, changed: readonly string[]][];
  readonly faults: [code: string, topic: string][];
  messages: number;
}

export function recorder(): Recorder {
  const listener: Recorder = {
    reports: [],
    faults: [],
    messages: 0,
    onChange: (status, changed) => listener.reports.push([status, changed]),
    onMessage: () => void (listener.messages += 1),
    onFault: ({ code }, topic) => listener.faults.push([code, topic]),
  };
  return listener;
}

export class Bench {
  readonly link = new FakeLink();
  readonly timers: ReturnType<typeof countTimers>;

  constructor() {
    mock.timers.enable({ apis: ['Date', 'setTimeout', 'setInterval'], now: Date.UTC(2024, 0) });
    this.timers = countTimers();
  }

  newDirectory(): Directory {
    return new Directory(this.link.connection, TOPICS);
  }

  charger(driver: AnyDriver, rest: Partial<ChargerConfig> = {}, directory = this.newDirectory()): Charger {
    const config = { name: 'garage', baseTopic: 'c', staleAfter: null, maxCurrent: null, ...rest };
    return new Charger(driver, config, this.link.connection, directory);
  }

  /** In steps of at most `step` ms, after each of which all promises are settled. */
  async tick(ms: number, step = ms): Promise<void> {
    let left = ms;
    do {
      mock.timers.tick(Math.min(left, step));
      await turn();
      left -= step;
    } while (left > 0);
  }

  /** Gives the clock back; fails when a callback threw. */
  end(): void {
    this.link.end();
    this.timers.restore();
    mock.timers.reset();
    assert.deepEqual(this.link.errors, []);
  }
}
