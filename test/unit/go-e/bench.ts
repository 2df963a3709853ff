/** A go-e charger on the test bench: messages in, status, raw values and plans out, on a clock of its own. */
import { Buffer } from 'node:buffer';
import { EnergyError } from '../../../src/shared/errors';
import type { CommandName } from '../../../src/shared/commands';
import type { ChargerConfig } from '../../../src/chargers/driver';
import { goe } from '../../../src/chargers/go-e';
import type { GoeNative } from '../../../src/chargers/go-e/native';
import type { ChargerStatus } from '../../../src/chargers/status';
import type { Exchange, Step } from '../../../src/mqtt/exchange-types';
import type { Message } from '../../../src/mqtt/types';

export const BASE = 'go-eCharger/123456/';

export function message(topic: string, payload: string | Uint8Array, retained = false): Message {
  return { topic, payload: typeof payload === 'string' ? Buffer.from(payload) : payload, retained, qos: 0 };
}

export class Bench {
  now = Date.UTC(2026, 0, 14, 12);
  readonly native: GoeNative;
  readonly base: string;

  constructor(config: Partial<ChargerConfig> = {}) {
    this.base = config.baseTopic ?? BASE;
    this.native = goe.create({ name: 'garage', baseTopic: this.base, staleAfter: null, maxCurrent: null, ...config });
  }

  /** Live messages, payloads as they are on the wire. */
  live(payloads: Readonly<Record<string, string>>): readonly string[] {
    return Object.entries(payloads).flatMap(([key, payload]) =>
      goe.decode(this.native, message(this.base + key, payload), this.now),
    );
  }

  retained(payloads: Readonly<Record<string, string>>): readonly string[] {
    return Object.entries(payloads).flatMap(([key, payload]) =>
      goe.decode(this.native, message(this.base + key, payload, true), this.now),
    );
  }

  status(): ChargerStatus {
    return goe.project(this.native, this.now);
  }

  wait(ms: number): void {
    this.now += ms;
  }

  plan(command: CommandName, params: Readonly<Record<string, unknown>> = {}): Exchange {
    return goe.plan({ command, params }, this.native, this.now);
  }

  step(command: CommandName, params: Readonly<Record<string, unknown>> = {}): Step {
    const [step, ...others] = this.plan(command, params).steps;
    if (!step || others.length > 0) throw new Error('one step was expected');
    return step;
  }

  /** The error that planning ends with. */
  refusal(command: CommandName, params: Readonly<Record<string, unknown>> = {}): EnergyError {
    try {
      this.plan(command, params);
    } catch (error) {
      if (error instanceof EnergyError) return error;
      throw error;
    }
    throw new Error(`${command} ${JSON.stringify(params)} was not refused`);
  }
}
