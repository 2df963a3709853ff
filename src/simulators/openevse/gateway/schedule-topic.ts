/** `schedule/set`, `schedule/clear`, their unconditional echo, and the claim of the ruling event. */

import { PRIORITY } from '../claims';
import { localDate } from '../local-time';
import { parseLenientJson } from '../lenient-json';
import { type Schedule, type ScheduleEvent } from '../schedule';
import { type GatewayCore } from './core';

export class ScheduleTopic {
  readonly #core: GatewayCore;
  readonly #schedule: Schedule;
  readonly #random: () => number;
  readonly #delays = new Map<number, number>();
  #version = 1;
  #planVersion = 1;
  #ruling = '';
  #republish = false;

  constructor(core: GatewayCore, schedule: Schedule, random: () => number) {
    this.#core = core;
    this.#schedule = schedule;
    this.#random = random;
    schedule.reload();
  }

  /** @throws FirmwareCrash */
  set(payload: string): void {
    if (this.#schedule.set(parseLenientJson(payload))) this.#accept();
    this.publish();
  }

  clear(payload: string): void {
    if (this.#schedule.clear(payload)) this.#accept();
    this.publish();
  }

  /** Nothing at all when the schedule has become too long: the retained copy goes stale. */
  publish(): void {
    const document = this.#schedule.document();
    if (document !== undefined) this.#core.document('schedule', document);
  }

  /** A `scheduler_*` setting changed. */
  configChanged(): void {
    this.#plan();
  }

  /** Each second: has another event begun? */
  cycle(): void {
    const { config, clock, claims } = this.#core;
    const event = this.#schedule.ruling(localDate(config.text('time_zone'), clock.now()), (each) => this.#delay(each));
    const ruling = event === undefined ? '' : JSON.stringify(event);
    if (ruling === this.#ruling) return;
    this.#ruling = ruling;
    if (event === undefined) claims.release('schedule');
    else {
      const priority = event.state === 'active' ? PRIORITY.schedule : PRIORITY.idle;
      claims.make('schedule', priority, { state: event.state, autoRelease: false });
    }
    this.#core.status('schedule_plan_version', ++this.#planVersion);
  }

  /** The 100 ms loop. */
  loop(): void {
    if (!this.#republish) return;
    this.#republish = false;
    this.publish();
  }

  #accept(): void {
    this.#schedule.save();
    this.#plan();
  }

  #plan(): void {
    this.#delays.clear();
    this.#republish = true;
    this.#core.status('schedule_version', ++this.#version);
    this.#core.status('schedule_plan_version', ++this.#planVersion);
    this.publish();
    this.#core.clock.after(0, () => this.cycle());
  }

  /** Plain active events begin at random within the start window, so that not a whole street starts at once. */
  #delay(event: ScheduleEvent): number {
    if (event.state !== 'active' || Object.keys(event.extras).length > 0) return 0;
    const known = this.#delays.get(event.id);
    if (known !== undefined) return known;
    const delay = Math.floor(this.#random() * this.#core.config.number('scheduler_start_window'));
    this.#delays.set(event.id, delay);
    return delay;
  }
}
