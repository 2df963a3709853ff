/** The simulated evcc without its broker: time and set messages in, messages out. */
import { controlBattery } from './battery';
import { LOADPOINT_BURSTS, SITE_BURSTS } from './bursts';
import { type EvccConfig } from './config';
import { control } from './control';
import { type Message } from './encode';
import { advance, settle } from './energy';
import { LOADPOINT_SETTERS } from './loadpoint-setters';
import { dropPastPlans } from './planner';
import { noticePlug, readVehicle } from './plug';
import { Publisher } from './publisher';
import { Scenario, type ScenarioOptions } from './scenario';
import { type Effect, type Setter } from './setters';
import { SITE_SETTERS } from './site-setters';
import { forgetAtRestart, type Loadpoint, newState, type State } from './state';
import { CONFIGURATION_ECHOES, EMPTY_SITE, LEGACY_DELETIONS, STATISTICS } from './start-messages';
import { VEHICLE_SETTERS } from './vehicle-setters';
import { isAlive, type Lifespan } from './version';

/** What evcc sends for one set message. */
export interface Answer {
  /** The acknowledgement: an empty message on the set topic, whatever came of it. */
  readonly acknowledgement: Message;
  /** In the same moment as the acknowledgement, in either order. */
  readonly readback: readonly Message[];
  /** The extra update of the loadpoint, some 20 ms later. */
  readonly update: readonly Message[];
}

const CYCLE_VEHICLE_TOPICS = ['vehicleRange', 'vehicleOdometer', 'vehicleLimitSoc'] as const;

type BoundSetter = (payload: string) => Effect | null;

function messages(record: Readonly<Record<string, string>>): Message[] {
  return Object.entries(record).map(([topic, payload]) => ({ topic, payload }));
}

export class EvccModel {
  readonly state: State;
  #publisher: Publisher;
  readonly #setters = new Map<string, BoundSetter>();
  #scenario: Scenario | null = null;
  #turn = 0;
  #updatedAt = -Infinity;

  /** @param now ms since 1970, as in all methods */
  constructor(config: EvccConfig, version: string, now: number) {
    this.state = newState(config, version, now);
    this.#publisher = new Publisher(this.state);
    this.#bind('site', this.state.site, SITE_SETTERS);
    for (const loadpoint of this.state.loadpoints)
      this.#bind(`loadpoints/${loadpoint.index}`, loadpoint, LOADPOINT_SETTERS);
    for (const vehicle of this.state.vehicles) this.#bind(`vehicles/${vehicle.config.name}`, vehicle, VEHICLE_SETTERS);
    settle(this.state);
  }

  /** The set topics of this release and configuration; evcc subscribes each of them by its full name. */
  get setTopics(): readonly string[] {
    return [...this.#setters.keys()];
  }

  /** All that evcc writes after the cleanup of a start, the first cycle included; a second start is a restart. */
  start(now: number): Message[] {
    const { loadpoints, vehicles } = this.state;
    const publisher = new Publisher(this.state);
    this.#publisher = publisher;
    this.#turn = 0;
    this.#updatedAt = -Infinity;
    forgetAtRestart(this.state);
    this.#advance(now);
    return [
      ...messages({ loadpoints: String(loadpoints.length), vehicles: String(vehicles.length) }),
      ...LEGACY_DELETIONS.map((topic) => ({ topic, payload: '' })),
      ...messages(CONFIGURATION_ECHOES),
      ...messages(EMPTY_SITE),
      ...publisher.site(SITE_BURSTS.start),
      ...publisher.vehicles(),
      ...loadpoints.flatMap((loadpoint) => [
        ...publisher.loadpoint(loadpoint, LOADPOINT_BURSTS.start),
        ...publisher.features(loadpoint),
        ...(loadpoint.vehicle ? publisher.loadpoint(loadpoint, LOADPOINT_BURSTS.effective) : []),
      ]),
      ...this.cycle(now),
      ...STATISTICS.map((topic) => ({ topic, payload: '0' })),
    ];
  }

  /** One control interval: the whole site, and one loadpoint in turn. */
  cycle(now: number): Message[] {
    this.#advance(now);
    const { loadpoints } = this.state;
    const loadpoint = loadpoints[this.#turn++ % loadpoints.length];
    return loadpoint ? this.#withHeartbeat(this.#update(loadpoint)) : [];
  }

  /** A message on a set topic; null = no such setter, or an empty payload: no answer at all. */
  command(topic: string, payload: string, now: number): Answer | null {
    const setter = this.#setters.get(topic);
    if (!setter || payload === '') return null;
    this.#advance(now);
    const effect = setter(payload);
    const readback = effect ? this.#readback(effect) : [];
    const update = effect?.update ? this.#update(effect.update) : [];
    return {
      acknowledgement: { topic, payload: '' },
      readback: this.#withHeartbeat(readback),
      update: readback.length > 0 ? update : this.#withHeartbeat(update),
    };
  }

  /** When an external battery mode falls back; null = none is in force. */
  get externalModeUntil(): number | null {
    const { batteryModeExternal, externalUntil } = this.state.site;
    return batteryModeExternal === null || batteryModeExternal === 'unknown' ? null : externalUntil;
  }

  /** Ends an external battery mode whose time is over. */
  expireExternalMode(now: number): Message[] {
    const until = this.externalModeUntil;
    if (until === null || now < until) return [];
    this.#advance(now);
    this.state.site.batteryModeExternal = 'unknown';
    return this.#withHeartbeat(this.#publisher.site(['batteryModeExternal']));
  }

  /**
   * Puts a vehicle into a loadpoint's socket, taking it out of any other; without a name, a guest's.
   * @throws RangeError unknown loadpoint or vehicle
   */
  plugIn(index: number, vehicleName: string | null, now: number): void {
    const loadpoint = this.#loadpoint(index);
    const vehicle = this.state.vehicles.find(({ config }) => config.name === vehicleName) ?? null;
    if (vehicleName !== null && !vehicle) throw new RangeError(`no vehicle ${vehicleName}`);
    this.#advance(now);
    for (const { plug } of this.state.loadpoints) {
      if (vehicle && plug.vehicle === vehicle) Object.assign(plug, { connected: false, vehicle: null });
    }
    Object.assign(loadpoint.plug, { connected: true, vehicle });
    settle(this.state);
  }

  /** @throws RangeError unknown loadpoint */
  unplug(index: number, now: number): void {
    const loadpoint = this.#loadpoint(index);
    this.#advance(now);
    Object.assign(loadpoint.plug, { connected: false, vehicle: null });
    settle(this.state);
  }

  /** PV power in W from now on; ends `autoplay`. */
  setPv(power: number, now: number): void {
    this.#advance(now);
    this.#scenario = null;
    this.state.site.pvPower = power;
    settle(this.state);
  }

  /** Sun, house and cars play by themselves from now on. */
  autoplay(options: ScenarioOptions, now: number): void {
    this.#scenario = new Scenario(this.state, options, now);
    this.#advance(now);
  }

  #bind<Target>(
    base: string,
    target: Target,
    facts: Readonly<Record<string, Lifespan & { readonly set: Setter<Target> }>>,
  ): void {
    for (const [name, fact] of Object.entries(facts)) {
      if (!isAlive(this.state.version, fact)) continue;
      this.#setters.set(`${base}/${name}/set`, (payload) => fact.set(target, payload, this.state));
    }
  }

  #loadpoint(index: number): Loadpoint {
    const loadpoint = this.state.loadpoints[index - 1];
    if (!loadpoint) throw new RangeError(`no loadpoint ${index}`);
    return loadpoint;
  }

  #advance(now: number): void {
    advance(this.state, now);
    if (!this.#scenario) return;
    this.#scenario.play(this.state);
    settle(this.state);
  }

  #readback({ loadpoints = [], site = [], vehicles }: Effect): Message[] {
    const publisher = this.#publisher;
    return [
      ...loadpoints.flatMap(({ loadpoint, topics }) => publisher.loadpoint(loadpoint, topics)),
      ...publisher.site(site),
      ...(vehicles ? [...publisher.effective(), ...publisher.vehicles()] : []),
    ];
  }

  /** Measures the site with all loadpoints, then updates one of them. */
  #update(loadpoint: Loadpoint): Message[] {
    const { state } = this;
    const publisher = this.#publisher;
    const measured = [
      ...state.loadpoints.flatMap((each) => publisher.loadpoint(each, LOADPOINT_BURSTS.interval)),
      ...publisher.meters(),
      ...publisher.site(SITE_BURSTS.interval),
    ];
    const plugTopics = noticePlug(loadpoint, state);
    readVehicle(loadpoint);
    loadpoint.charging = loadpoint.power > 0;
    const past = dropPastPlans(loadpoint, state.now);
    control(loadpoint, state);
    controlBattery(state);
    const isRead = loadpoint.reading.soc > 0;
    return [
      ...measured,
      ...publisher.loadpoint(loadpoint, plugTopics),
      ...publisher.loadpoint(loadpoint, LOADPOINT_BURSTS.cycle),
      ...publisher.loadpoint(loadpoint, isRead ? ['vehicleSoc'] : []),
      ...publisher.loadpoint(loadpoint, past.loadpoint ? ['planEnergy', 'planTime'] : []),
      ...publisher.loadpointChanges(loadpoint, [...LOADPOINT_BURSTS.changed, ...(isRead ? CYCLE_VEHICLE_TOPICS : [])]),
      ...(past.vehicle ? publisher.vehicles() : []),
      ...publisher.site(SITE_BURSTS.cycle),
      ...publisher.siteChanges(SITE_BURSTS.changed),
      ...state.loadpoints.flatMap((each) => publisher.loadpoint(each, ['suggestion'])),
    ];
  }

  /** `updated` goes with values when the last one is more than a second old. */
  #withHeartbeat(sent: Message[]): Message[] {
    if (sent.length === 0 || this.state.now - this.#updatedAt <= 1000) return sent;
    this.#updatedAt = this.state.now;
    return [...sent, { topic: 'updated', payload: String(Math.floor(this.state.now / 1000)) }];
  }
}
