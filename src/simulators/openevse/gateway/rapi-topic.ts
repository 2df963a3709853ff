/** `rapi/in/$CMD`, parameters as payload, and the raw answer on `rapi/out`. */

import { type Controller } from '../controller';
import { type EnergyMeter } from '../energy';
import { rapiAnswer } from '../rapi';
import { type GatewayCore } from './core';
import { type Monitor } from './monitor';

export class RapiTopic {
  constructor(
    readonly core: GatewayCore,
    readonly controller: Controller,
    readonly energy: EnergyMeter,
    readonly monitor: Monitor,
  ) {}

  /** Silence for what is blocked; never retained. */
  answer(command: string, parameters: string): string | undefined {
    const { controller, energy, monitor } = this;
    const { config } = this.core;
    return rapiAnswer(parameters === '' ? command : `${command} ${parameters}`, {
      controller,
      minCurrent: config.number('min_current_hard'),
      maxCurrent: config.number('max_current_hard'),
      softLimit: config.number('max_current_soft'),
      milliamps: controller.milliamps,
      millivolts: Math.round(monitor.voltage * 1000),
      elapsed: Math.round(energy.sessionSeconds),
      wattSeconds: energy.sessionWh * 3600,
      totalWattHours: energy.totals.total * 1000,
      firmware: config.text('firmware'),
    });
  }
}
