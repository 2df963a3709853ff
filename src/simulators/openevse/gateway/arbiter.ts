/** Claims with their versions, and what they make the controller do. */

import { type Clock } from '../../clock';
import { type ClaimClient, Claims } from '../claims';
import { type Config } from '../config';
import { type Controller } from '../controller';
import { type Properties, type Target } from '../properties';
import { type StatusValue } from '../render';
import { next8 } from './core';

/** The serial round trips, in ms: the pilot is set first. */
const PILOT_MS = 1;
const STATE_MS = 2;

export interface ArbiterPorts {
  readonly clock: Clock;
  readonly config: Config;
  readonly controller: Controller;
  readonly status: (key: string, value: StatusValue) => void;
  /** The controller answered a command: read its state. */
  readonly refresh: () => void;
}

export class Arbiter {
  /** Counts all claims, those of others too. */
  version = 0;
  overrideVersion = 0;

  readonly #ports: ArbiterPorts;
  readonly #claims = new Claims();
  #evaluationDue = false;
  #linkUp = false;
  #commanded: Target | undefined;
  #pilot: number | undefined;

  constructor(ports: ArbiterPorts) {
    this.#ports = ports;
  }

  make(client: ClaimClient, priority: number, properties: Properties): void {
    if (this.#claims.make(client, priority, properties)) this.#changed(client);
  }

  release(client: ClaimClient): boolean {
    if (!this.#claims.release(client)) return false;
    if (client === 'manual') this.#ports.status('manual_override', 0);
    this.#changed(client);
    return true;
  }

  /** At unplug: no version counts it and nothing is published. */
  releaseAuto(): void {
    this.#claims.releaseAuto();
    this.#requestEvaluation();
  }

  get(client: ClaimClient): Properties | undefined {
    return this.#claims.get(client);
  }

  /** What the claims want: published as `status`. */
  get target(): Target {
    return this.#claims.arbitrate().state ?? (this.#ports.config.flag('default_state') ? 'active' : 'disabled');
  }

  /** The controller answers from now on; it may have been restarted. */
  controllerReady(): void {
    const { controller } = this.#ports;
    this.#linkUp = true;
    this.#commanded = controller.paused ? 'disabled' : 'active';
    this.#pilot = controller.pilot;
    this.#requestEvaluation();
  }

  /** The configured limits or default changed. */
  configChanged(): void {
    this.#requestEvaluation();
  }

  #changed(client: ClaimClient): void {
    this.version = next8(this.version);
    this.#ports.status('claims_version', this.version);
    if (client === 'manual') {
      this.overrideVersion = next8(this.overrideVersion);
      this.#ports.status('override_version', this.overrideVersion);
    }
    this.#requestEvaluation();
  }

  #requestEvaluation(): void {
    if (this.#evaluationDue) return;
    this.#evaluationDue = true;
    this.#ports.clock.after(0, () => {
      this.#evaluationDue = false;
      this.#evaluate();
    });
  }

  #evaluate(): void {
    const { config, controller, clock, status, refresh } = this.#ports;
    if (this.#claims.get('manual')) status('manual_override', 1);
    if (!this.#linkUp) return;
    const amps = this.#current();
    if (amps !== this.#pilot) {
      this.#pilot = amps;
      clock.after(PILOT_MS, () => {
        controller.setPilot(amps);
        status('pilot', amps);
        this.#requestEvaluation();
      });
    }
    const { target } = this;
    if (target === this.#commanded) return;
    this.#commanded = target;
    clock.after(STATE_MS, () => {
      if (target === 'active') controller.resume();
      else controller.pause(config.flag('pause_uses_disabled') ? 255 : 254);
      refresh();
    });
  }

  /** Never below what the hardware can offer: a current cannot stop a charge. */
  #current(): number {
    const { config } = this.#ports;
    const { maxCurrent = Infinity, chargeCurrent = Infinity } = this.#claims.arbitrate();
    const wanted = Math.min(config.number('max_current_soft'), maxCurrent, chargeCurrent);
    return Math.max(wanted, config.number('min_current_hard'));
  }
}
