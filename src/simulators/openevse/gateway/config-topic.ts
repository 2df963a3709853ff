/** `config/set`, and when the configuration document is published. */

import { type ConfigKey } from '../config';
import { STATE } from '../controller';
import { parseLenientJson } from '../lenient-json';
import { atLeast } from '../profiles';
import { type GatewayCore } from './core';

export interface ConfigPorts {
  /** Hands the changed keys to the parts that use them, before the new version is published. */
  readonly changed: (keys: readonly ConfigKey[]) => void;
  /** State of the controller as the gateway knows it. */
  readonly state: () => number;
}

export class ConfigTopic {
  readonly #core: GatewayCore;
  readonly #ports: ConfigPorts;
  #version = 1;
  #due = false;

  constructor(core: GatewayCore, ports: ConfigPorts) {
    this.#core = core;
    this.#ports = ports;
  }

  /** Silent when nothing changes. */
  set(payload: string): void {
    const json = parseLenientJson(payload);
    if (!(json instanceof Map)) return;
    const { config } = this.#core;
    const changed = config.apply(json);
    if (changed.length === 0) return;
    if (!config.flag('factory_write_lock')) {
      // The first change ever sets it, which counts as a change of its own.
      config.set('factory_write_lock', true);
      this.#version++;
    }
    this.#version++;
    this.#ports.changed(changed);
    this.#core.status('config_version', this.#version);
    this.#due = true;
  }

  connected(): void {
    this.#due = true;
  }

  /** The 100 ms loop. */
  loop(): void {
    if (!this.#due) return;
    if (this.#ports.state() === STATE.starting) {
      // Nothing is published in state 0. The later firmware takes the attempt for done, 5.0.x tries again.
      if (atLeast(this.#core.profile, '5.1.5')) this.#due = false;
      return;
    }
    this.#due = false;
    this.#core.document('config', this.#core.config.document());
    if (this.#version === 1) this.#core.document('config_version', '1');
  }
}
