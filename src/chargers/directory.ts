/**
 * Which chargers a broker knows, found from topics alone. Shared by all that look with the same options, so that each
 * announcement is read once, however many chargers there are.
 */
import type { Connection } from '../mqtt/connection';
import type { Subscription } from '../mqtt/dispatcher';
import type { Message } from '../mqtt/types';
import type { EnergyError } from '../shared/errors';
import type { Sighting } from './discovery-types';
import type { DiscoveryOptions } from './driver';
import type { System } from './status';
import { DRIVERS } from './systems';

export type DiscoveryEvent = 'found' | 'updated' | 'lost';

export interface Explorer {
  readonly systems: ReadonlySet<System>;
  onEvent(event: DiscoveryEvent, sighting: Sighting): void;
  onFault(error: EnergyError, topic: string): void;
}

/** ms to wait for the rest of what describes a charger; a will followed at once by a birth is no loss. */
const SETTLE = 2_000;
/** ms between two looks for chargers that fell silent. */
const PATROL = 5_000;
/** A broker full of forged announcements must not fill the memory. */
const MAX_ANNOUNCEMENTS = 40_000;

interface Entry {
  sighting: Sighting;
  /** As told last; undefined = not told, or told lost. */
  told: string | undefined;
  heartbeat: Subscription | undefined;
  /** ms, last sign of life, or when it was first seen. */
  heard: number;
}

/** What of a sighting is worth an `updated`. */
function digest({ id, name, baseTopic, online, http, firmware, model }: Sighting): string {
  return JSON.stringify([id, name, baseTopic, online, http, firmware, model]);
}

/** The search for one system's chargers. */
class Search {
  private readonly sightings = new Map<string, Sighting>();
  readonly entries = new Map<string, Entry>();
  /** By base topic or announced id; the same follower may stand under both. */
  private readonly followers = new Map<string, Set<(message: Message) => void>>();
  /** The last one, as a replay, by base topic where that is known and by the id it names. */
  private readonly announcements = new Map<string, Message>();
  /** Filters that the broker refused on this connection. */
  private readonly refused = new Map<string, EnergyError>();
  private subscription: Subscription | undefined;
  private unlink: (() => void) | undefined;
  private settling: NodeJS.Timeout | undefined;
  /** Base topics of which something new is to be told, and when (ms), earliest first. */
  private readonly unsettled = new Map<string, number>();
  readonly explorers = new Set<Explorer>();

  constructor(
    private readonly system: System,
    private readonly connection: Connection,
    private readonly options: DiscoveryOptions,
  ) {}

  private get rules(): (typeof DRIVERS)[System]['discovery'] {
    return DRIVERS[this.system].discovery;
  }

  get used(): boolean {
    return this.explorers.size > 0 || this.followers.size > 0;
  }

  follow(key: string, follower: (message: Message) => void): () => void {
    const followers = this.followers.get(key) ?? new Set();
    this.followers.set(key, followers.add(follower));
    const last = this.announcements.get(key);
    if (last) follower(last);
    this.update();
    return () => {
      followers.delete(follower);
      if (followers.size === 0) this.followers.delete(key);
      this.update();
    };
  }

  explore(explorer: Explorer): () => void {
    this.explorers.add(explorer);
    this.update();
    for (const [filter, error] of this.refused) explorer.onFault(error, filter);
    for (const [base, { told, sighting }] of this.entries) {
      if (told !== undefined) explorer.onEvent('found', sighting);
      this.listen(base);
    }
    this.settleLater();
    return () => {
      this.explorers.delete(explorer);
      if (this.explorers.size === 0) this.endListening();
      this.update();
    };
  }

  /** Subscribes with the first user, ends with the last. */
  private update(): void {
    if (this.used && !this.subscription) {
      this.subscription = this.connection.subscribe(this.rules.filters(this.options), {
        onMessage: (message) => this.fold(message),
        onRefused: (filter, error) => {
          this.refused.set(filter, error);
          for (const explorer of this.explorers) explorer.onFault(error, filter);
        },
      });
      this.unlink = this.connection.onState(({ state }) => this.linked(state === 'connected'));
    }
    if (!this.used) this.close();
  }

  private close(): void {
    this.subscription?.close();
    this.unlink?.();
    clearTimeout(this.settling);
    this.subscription = this.unlink = this.settling = undefined;
    for (const map of [this.sightings, this.entries, this.announcements, this.unsettled, this.refused]) map.clear();
  }

  /** While the broker connection is down nothing can be heard: nobody is silent, and nobody is known to be live. */
  private linked(connected: boolean): void {
    this.refused.clear();
    const now = Date.now();
    for (const entry of this.entries.values()) {
      if (connected) entry.heard = now;
      else if (entry.sighting.online === true || entry.told === undefined) entry.sighting.online = null;
    }
  }

  private endListening(): void {
    for (const entry of this.entries.values()) {
      entry.heartbeat?.close();
      entry.heartbeat = undefined;
    }
  }

  private fold(message: Message): void {
    const now = Date.now();
    const bases = this.rules.fold(this.sightings, message, this.options, now);
    const id = this.rules.announcedId?.(message) ?? null;
    if (id !== null) this.handOn(message, [...bases, id]);
    for (const base of bases) {
      this.enter(base, now);
      this.unsettle(base, now);
    }
  }

  private handOn(message: Message, keys: readonly string[]): void {
    const replay = { ...message, payload: new Uint8Array(message.payload), retained: true };
    for (const key of keys) {
      if (this.announcements.size < MAX_ANNOUNCEMENTS || this.announcements.has(key)) {
        this.announcements.set(key, replay);
      }
    }
    for (const follower of new Set(keys.flatMap((key) => [...(this.followers.get(key) ?? [])]))) follower(message);
  }

  private enter(base: string, now: number): void {
    const sighting = this.sightings.get(base);
    if (!sighting) return;
    const entry = this.entries.get(base);
    if (entry) Object.assign(entry, { sighting, heard: now });
    else this.entries.set(base, { sighting, told: undefined, heartbeat: undefined, heard: now });
    this.listen(base);
  }

  private listen(base: string): void {
    const entry = this.entries.get(base);
    if (!entry || entry.heartbeat || this.explorers.size === 0) return;
    const topic = this.rules.heartbeat(entry.sighting);
    if (topic === null) return;
    entry.heard = Date.now();
    entry.heartbeat = this.connection.subscribe([topic], {
      onMessage: ({ retained }) => {
        if (retained) return;
        const now = Date.now();
        entry.heard = entry.sighting.lastLive = now;
        if (entry.sighting.online === true) return;
        entry.sighting.online = true;
        this.unsettle(base, now);
      },
    });
  }

  /** A will gets the whole time for a birth to follow; what else comes is told with what came before. */
  private unsettle(base: string, now: number): void {
    const sighting = this.sightings.get(base);
    if (!sighting || sighting.online === false) this.unsettled.delete(base);
    if (!this.unsettled.has(base)) this.unsettled.set(base, now + SETTLE);
    this.settleLater();
  }

  private settleLater(): void {
    const [next] = this.unsettled.values();
    if (next === undefined || this.settling || this.explorers.size === 0) return;
    this.settling = setTimeout(() => this.settle(), Math.max(0, next - Date.now()));
  }

  private settle(): void {
    this.settling = undefined;
    const now = Date.now();
    for (const [base, due] of this.unsettled) {
      if (due > now) break;
      this.unsettled.delete(base);
      const entry = this.entries.get(base);
      if (!entry) continue;
      if (!this.sightings.has(base) || entry.sighting.online === false) this.lose(base, entry);
      else this.tell(entry);
    }
    this.settleLater();
  }

  private tell(entry: Entry): void {
    const now = digest(entry.sighting);
    if (entry.told === now) return;
    const event = entry.told === undefined ? 'found' : 'updated';
    entry.told = now;
    this.emit(event, entry.sighting);
  }

  private lose(base: string, entry: Entry): void {
    if (!this.sightings.has(base)) {
      entry.heartbeat?.close();
      this.entries.delete(base);
      this.announcements.delete(base);
    }
    if (entry.told === undefined) return;
    entry.told = undefined;
    this.emit('lost', { ...entry.sighting, online: false });
    // A charger that merely fell silent may still have its will told.
    if (entry.sighting.online === true) entry.sighting.online = null;
  }

  private emit(event: DiscoveryEvent, sighting: Sighting): void {
    for (const explorer of this.explorers) {
      if (explorer.systems.has(this.system)) this.connection.guard(() => explorer.onEvent(event, sighting));
    }
  }

  patrol(now: number): void {
    for (const [base, entry] of this.entries) {
      if (entry.heartbeat && now - entry.heard > this.rules.silence * 1_000) this.lose(base, entry);
    }
  }
}

export class Directory {
  private readonly searches: ReadonlyMap<System, Search>;
  private patrolling: NodeJS.Timeout | undefined;

  constructor(
    private readonly connection: Connection,
    options: DiscoveryOptions,
  ) {
    this.searches = new Map(
      (Object.keys(DRIVERS) as System[]).map((system) => [system, new Search(system, connection, options)]),
    );
  }

  /**
   * Hands on what is announced about one charger outside its own topics; the last announcement at once.
   * @param key its base topic, or the id that its announcements name
   */
  follow(system: System, key: string, follower: (message: Message) => void): () => void {
    return this.searches.get(system)?.follow(key, follower) ?? (() => undefined);
  }

  /** Reports chargers until the returned function is called; those known already at once, as found. */
  explore(explorer: Explorer): () => void {
    const ends = [...explorer.systems].map((system) => this.searches.get(system)?.explore(explorer));
    this.patrolling ??= setInterval(() => this.patrol(), PATROL).unref();
    return () => {
      for (const end of ends) end?.();
      if ([...this.searches.values()].some(({ explorers }) => explorers.size > 0)) return;
      clearInterval(this.patrolling);
      this.patrolling = undefined;
    };
  }

  /** All that was told found and not lost. */
  list(systems: ReadonlySet<System>): Sighting[] {
    return [...this.searches]
      .filter(([system]) => systems.has(system))
      .flatMap(([, { entries }]) => [...entries.values()])
      .filter(({ told }) => told !== undefined)
      .map(({ sighting }) => sighting);
  }

  private patrol(): void {
    if (this.connection.state.state !== 'connected') return;
    const now = Date.now();
    for (const search of this.searches.values()) search.patrol(now);
  }
}
