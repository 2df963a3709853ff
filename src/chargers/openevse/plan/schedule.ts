/**
 * Schedule events. The gateway adds and replaces by id, checks next to nothing (a bad event leaves those before it
 * half done, a missing id makes duplicates) and echoes its schedule even after rubbish: so everything is checked
 * before, and contents are compared after.
 */
import type { Exchange } from '../../../mqtt/exchange-types';
import { type OpenEvseSchedule, validate as validateSchedule } from '../../../generated/openevse-schedule';
import { validate as validateClear } from '../../../generated/openevse-schedule-clear';
import { EnergyError, invalid } from '../../../shared/errors';
import { isObject, toSchedule } from '../documents';
import type { OpenEvseNative } from '../native';
import { isAfter515 } from '../version';
import { checked, isEcho, oneStep, type Params, publication, since, timeout, withinMaxCurrent } from './exchange';

type Event = OpenEvseSchedule['events'][number];

const MAX_EVENTS = 50;
/**
 * The published schedule has a fixed buffer: beyond it the gateway publishes nothing any more. Measured on a 32-bit
 * build: 13 events of seven days or 27 of one day fit, one more does not. Counted in slots of 16 bytes, one for each
 * event, each member and each day.
 */
const SLOT = 16;
const BUFFER = 27 * (5 + 1) * SLOT;
const OPTIONAL_MEMBERS = ['feature', 'feature_value', 'limit', 'limit_value'] as const;

function bytes(event: Readonly<Record<string, unknown>>): number {
  const days = Array.isArray(event['days']) ? event['days'].length : 0;
  return SLOT * (1 + Object.keys(event).length + days);
}

function eventsOf(params: Params): unknown {
  if (params['events'] !== undefined) return params;
  return { events: [params['event'] ?? params] };
}

/** `07:00` comes back as `07:00:00`. */
function normalised(event: Event): Event {
  return event.time.length === 5 ? { ...event, time: `${event.time}:00` } : event;
}

function knownEvents(native: OpenEvseNative): readonly Readonly<Record<string, unknown>>[] {
  return (toSchedule(native.values.json('schedule')) ?? []).filter(isObject);
}

function refuseTooMany(native: OpenEvseNative, events: readonly Event[]): void {
  const replaced = new Set<unknown>(events.map((event) => event.id));
  if (replaced.size < events.length) throw invalid('schedule', [{ path: 'events', message: 'an id is used twice' }]);
  const all = [...knownEvents(native).filter((event) => !replaced.has(event['id'])), ...events];
  const size = all.reduce((sum, event) => sum + bytes(event), 0);
  if (all.length > MAX_EVENTS || size > BUFFER) {
    const message = `the charger cannot publish ${all.length} events with so many days; remove some first`;
    throw invalid('schedule', [{ path: 'events', message }]);
  }
}

function refuseFeatures(native: OpenEvseNative, events: readonly Event[]): void {
  const used = OPTIONAL_MEMBERS.find((member) => events.some((event) => event[member] !== undefined));
  if (used === undefined || isAfter515(native) !== false) return;
  throw new EnergyError('UNSUPPORTED', `schedule events with ${used} need gateway firmware newer than 5.1.5`);
}

/** What is not set is absent from the echo. */
function optional(value: unknown): unknown {
  return value === undefined || value === 'none' || value === 0 ? null : value;
}

function sameEvent(wanted: Event, echo: Readonly<Record<string, unknown>>): boolean {
  const days = Array.isArray(echo['days']) ? new Set<unknown>(echo['days']) : new Set<unknown>();
  return (
    echo['id'] === wanted.id &&
    echo['state'] === wanted.state &&
    echo['time'] === wanted.time &&
    days.size === wanted.days.length &&
    wanted.days.every((day) => days.has(day)) &&
    OPTIONAL_MEMBERS.every((member) => optional(echo[member]) === optional(wanted[member]))
  );
}

/** `schedule`: `events`, `event`, or one event's members. Takes effect at once: the week's most recent event rules. */
export function planSchedule(params: Params, native: OpenEvseNative): Exchange {
  const wanted = eventsOf(params);
  const { events: given } = checked(validateSchedule, wanted as Params, 'schedule');
  since(4, native, 'schedule');
  refuseFeatures(native, given);
  const currents = given.map((event, at) => [
    `events.${at}.feature_value`,
    event.feature === 'current' && event.feature_value,
  ]);
  withinMaxCurrent(native, Object.fromEntries(currents) as Params, 'schedule');
  const events = given.map(normalised);
  refuseTooMany(native, events);
  const areThere = (): boolean => {
    const known = knownEvents(native);
    return events.every((event) => known.some((candidate) => sameEvent(event, candidate)));
  };
  return oneStep(native, 'schedule', {
    publications: [publication(native, 'schedule/set', JSON.stringify(events))],
    attainable: 'confirmed',
    already: native.heard && areThere(),
    judge: (message) =>
      isEcho(native, 'schedule', message) && areThere()
        ? { stage: 'confirmed', value: knownEvents(native) }
        : undefined,
    afterSent: timeout('the charger publishes nothing when its schedule is too long'),
  });
}

/** `schedule.clear`: of several events with one id, the gateway removes only the first. */
export function planScheduleClear(params: Params, native: OpenEvseNative): Exchange {
  const { id } = checked(validateClear, params, 'schedule.clear');
  since(4, native, 'schedule.clear');
  const count = (): number => knownEvents(native).filter((event) => event['id'] === id).length;
  const before = count();
  return oneStep(native, 'schedule', {
    publications: [publication(native, 'schedule/clear', String(id))],
    attainable: 'confirmed',
    already: native.heard && native.values.get('schedule') !== undefined && before === 0,
    judge: (message) =>
      isEcho(native, 'schedule', message) && count() < Math.max(before, 1)
        ? { stage: 'confirmed', value: knownEvents(native) }
        : undefined,
    afterSent: timeout('the charger publishes nothing when its schedule is too long'),
  });
}
