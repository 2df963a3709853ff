/** The weekly schedule: how events are read, kept, shown, and which of them rules. */

import { leadingInteger, toText, toUint32 } from './conversions';
import { type Json, type JsonObject } from './lenient-json';
import { type OpenEvseProfile, atLeast } from './profiles';
import { type Target, readTarget } from './properties';

const DAYS = ['sunday', 'monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday'] as const;
const DAY_S = 86_400;
const WEEK_S = 7 * DAY_S;

const MOST_EVENTS = 50;
/** The document is built in a fixed buffer: 13 events of seven days fit, or 27 of one day; a longer one is never published. */
const DOCUMENT_BYTES = 2680;
const SLOT_BYTES = 16;

export interface ScheduleEvent {
  readonly id: number;
  readonly state: Target;
  /** Local seconds since midnight; unchecked, so it may be beyond the day. */
  readonly seconds: number;
  /** 0 = Sunday */
  readonly days: readonly number[];
  /** Since the generation after 5.1.5: `feature`, `feature_value`, `limit`, `limit_value`, as far as they were given. */
  readonly extras: Readonly<Record<string, string | number>>;
}

export class Schedule {
  #events: ScheduleEvent[] = [];
  #saved: readonly ScheduleEvent[] = [];
  #nextId = 1;
  readonly #profile: OpenEvseProfile;

  constructor(profile: OpenEvseProfile) {
    this.#profile = profile;
  }

  /**
   * Inserts or replaces by id. Stops at the first bad event: those before it stay changed.
   * @returns whether all were good, which decides on saving them and putting them into effect
   * @throws FirmwareCrash when `state`, `time` or `feature` is no text.
   */
  set(payload: Json | undefined): boolean {
    if (payload instanceof Map) return this.#upsert(payload);
    return Array.isArray(payload) && payload.every((event) => event instanceof Map && this.#upsert(event));
  }

  /** Removes the first event with that id. A text without digits is id 0, which passes as a removal of nothing. */
  clear(payload: string): boolean {
    const id = leadingInteger(payload);
    const at = this.#events.findIndex((event) => event.id === id);
    if (at !== -1) this.#events.splice(at, 1);
    return at !== -1 || id === 0;
  }

  save(): void {
    this.#saved = [...this.#events];
  }

  /** At boot: what was never saved is gone. */
  reload(): void {
    this.#events = [...this.#saved];
  }

  /** undefined: too long to be published. */
  document(): string | undefined {
    let bytes = 0;
    for (const event of this.#events) {
      bytes += SLOT_BYTES * (5 + event.days.length + Object.keys(event.extras).length);
    }
    if (bytes > DOCUMENT_BYTES) return undefined;
    return JSON.stringify(
      this.#events.map((event) => ({
        id: event.id,
        state: event.state,
        time: clockText(event.seconds),
        days: event.days.map((day) => DAYS[day]),
        ...event.extras,
      })),
    );
  }

  /** The most recent past event of the week; `local` is a date whose UTC fields show the wall clock. */
  ruling(local: Date, delay: (event: ScheduleEvent) => number): ScheduleEvent | undefined {
    const now = local.getUTCDay() * DAY_S + ((local.getTime() / 1000) % DAY_S);
    let ruling: ScheduleEvent | undefined;
    let least = Infinity;
    for (const event of this.#events) {
      for (const day of event.days) {
        const start = day * DAY_S + event.seconds + delay(event);
        const age = (((now - start) % WEEK_S) + WEEK_S) % WEEK_S;
        if (age < least) {
          least = age;
          ruling = event;
        }
      }
    }
    return ruling;
  }

  #upsert(payload: JsonObject): boolean {
    const [state, time, days] = [payload.get('state'), payload.get('time'), payload.get('days')];
    if (state === undefined || time === undefined || !Array.isArray(days)) return false;
    const target = readTarget(toText(state, 'state'));
    const seconds = readClock(toText(time, 'time'));
    if (target === undefined || seconds === undefined) return false;
    const given = toUint32(payload.get('id') ?? 0);
    const event: ScheduleEvent = {
      id: given === 0 ? this.#nextId++ : given,
      state: target,
      seconds,
      days: DAYS.flatMap((name, day) => (days.includes(name) ? [day] : [])),
      extras: atLeast(this.#profile, 'master') ? readExtras(payload) : {},
    };
    // Ids the firmware picks are not compared with those given before: two events may share one.
    const at = given === 0 ? -1 : this.#events.findIndex(({ id }) => id === event.id);
    if (at !== -1) {
      this.#events[at] = event;
      return true;
    }
    if (this.#events.length >= MOST_EVENTS) return false;
    this.#events.push(event);
    return true;
  }
}

function readExtras(payload: JsonObject): Record<string, string | number> {
  const extras: Record<string, string | number> = {};
  const feature = payload.get('feature');
  if (feature !== undefined && toText(feature, 'feature') !== 'none') {
    extras['feature'] = toText(feature, 'feature');
    if (payload.has('feature_value')) extras['feature_value'] = toUint32(payload.get('feature_value') ?? 0);
  }
  const limit = payload.get('limit');
  if (typeof limit === 'string' && limit !== 'none') {
    extras['limit'] = limit;
    extras['limit_value'] = toUint32(payload.get('limit_value') ?? 0);
  }
  return extras;
}

/** `HH:MM` or `HH:MM:SS` in s; ranges are not checked: 25:99 is 26:39. */
function readClock(text: string): number | undefined {
  const [, hours, minutes, seconds] = /^(\d+):(\d+)(?::(\d+))?/.exec(text) ?? [];
  if (hours === undefined) return undefined;
  return Number(hours) * 3600 + Number(minutes) * 60 + Number(seconds ?? 0);
}

function clockText(total: number): string {
  return [Math.trunc(total / 3600), Math.trunc(total / 60) % 60, total % 60]
    .map((part) => part.toString().padStart(2, '0'))
    .join(':');
}
