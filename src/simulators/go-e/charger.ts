/** The go-eCharger without its connection: time and writes in, changed values and answers out. */
import { baseTopic } from './base-topic';
import { type CarOptions, createCar } from './car';
import { isPublished, type Json } from './keys';
import { plugIn, step, unplug } from './logic';
import type { FaultName } from './profiles';
import { type ChargerOptions, type ChargerState, createState, reboot, uptime } from './state';
import { statusValues } from './status';
import { type Effect, startTransaction, take } from './take';
import { judge, TEXTS } from './write';

export interface Reaction {
  /** Payload of `<base><key>/result`; null = silence. */
  readonly result: string | null;
  readonly effect: Effect;
}

export class Charger {
  readonly #state: ChargerState;
  /** Values that a test or a demo holds against what the charger works out. */
  readonly #held = new Map<string, Json>();
  /** Keys whose writes are answered `success` and have no effect. */
  #ignored: ReadonlySet<string> = new Set();
  /** Payloads as last published, by key. */
  readonly #published = new Map<string, string>();

  constructor(options: ChargerOptions) {
    this.#state = createState(options);
    step(this.#state, options.now);
  }

  get baseTopic(): string {
    return baseTopic(this.#state);
  }

  /** What a key holds now, published or not; undefined = this firmware does not know it. */
  get(key: string): Json | undefined {
    if (!this.#state.keys.has(key)) return undefined;
    return this.#value(key, statusValues(this.#state));
  }

  /** Lets it live until `now` (ms since 1970) and returns the payloads that changed, by key. */
  tick(now: number): Map<string, string> {
    step(this.#state, now);
    const changed = new Map<string, string>();
    for (const [key, payload] of this.#payloads()) {
      if (this.#published.get(key) === payload) continue;
      this.#published.set(key, payload);
      changed.set(key, payload);
    }
    return changed;
  }

  /** All published keys with their payloads, as sent after each connection. */
  snapshot(): ReadonlyMap<string, string> {
    for (const [key, payload] of this.#payloads()) this.#published.set(key, payload);
    return this.#published;
  }

  /** A message on `<base><key>/set`. */
  write(key: string, payload: string): Reaction {
    const { settings, profile, keys } = this.#state;
    const row = keys.get(key);
    const settable = row !== undefined && row.access !== 'R';
    const answer = (text: string, effect: Effect = 'none'): Reaction => ({
      result: profile.answers === 'none' || (profile.answers === 'settable' && !settable) ? null : text,
      effect,
    });
    // What a charger answers while writes are blocked is not documented; silence is what a user has to cope with.
    if (profile.answers !== 'none' && settings.flag('mcr')) return { result: null, effect: 'none' };
    if (!row) return answer(TEXTS.unknown(payload));
    if (!settable)
      return answer(key === 'fsp' && profile.phaseHint ? TEXTS.phaseHint(payload) : TEXTS.readOnly(payload));
    if (row.blocked) return answer(TEXTS.blocked);
    const variantRange = key === 'amp' && this.#state.variant === 11 ? { range: [6, 16] } : {};
    const { text, value } = judge({ ...row, ...variantRange }, payload);
    if (value === undefined || this.#ignored.has(key)) return answer(text);
    const taken = take(this.#state, key, value);
    return answer(taken.text, taken.effect);
  }

  /**
   * Takes a value as from the app, whatever its type and range. One that has no setter is held against what the charger
   * works out, until set to `undefined`.
   */
  set(key: string, value: Json | undefined): void {
    const state = this.#state;
    if (value === undefined) this.#held.delete(key);
    else if (state.keys.get(key)?.access !== 'R') take(state, key, value);
    else if (key === 'err' && typeof value === 'number') state.fault = value;
    else if (Object.hasOwn(statusValues(state), key)) this.#held.set(key, value);
    else state.settings.set(key, value);
  }

  ignoreWrites(keys: readonly string[]): void {
    this.#ignored = new Set(keys);
  }

  /** Raises or clears a fault by name; its code depends on the firmware. */
  fault(name: FaultName | null): void {
    this.#state.fault = name === null ? 0 : this.#state.profile.faults[name];
  }

  plugIn(car: CarOptions = {}): void {
    plugIn(this.#state, createCar(car));
  }

  unplug(): void {
    unplug(this.#state);
  }

  /** Holds a card to the reader: a learned one starts a transaction. */
  readCard(slot: number, tag: string): void {
    const state = this.#state;
    state.lastTag = tag;
    state.lastCardAt = uptime(state);
    const learned = state.cards[slot]?.learned ?? false;
    state.lastCard = learned ? slot : null;
    if (learned) startTransaction(state, slot + 1);
  }

  /** Boots at `now`; what happened since the last tick is lost. */
  reboot(now: number): void {
    reboot(this.#state, now);
  }

  connected(): void {
    this.#state.mqttConnectedAt = uptime(this.#state);
  }

  disconnected(): void {
    this.#state.mqttConnectedAt = null;
  }

  *#payloads(): Generator<[string, string]> {
    const { keys, profile } = this.#state;
    const status = statusValues(this.#state);
    for (const [key, row] of keys) {
      if (!isPublished(row, profile.firmware)) continue;
      yield [key, JSON.stringify(this.#value(key, status) ?? null)];
    }
  }

  #value(key: string, status: Readonly<Record<string, Json>>): Json | undefined {
    if (this.#held.has(key)) return this.#held.get(key);
    return Object.hasOwn(status, key) ? status[key] : this.#state.settings.get(key);
  }
}
