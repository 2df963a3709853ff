/** Turns the state into the messages that evcc sends, burst by burst, in the schema of its release. */
import { LOADPOINT_BURSTS } from './bursts';
import { encode, floatFormat, type FloatFormat, type Message, type Value } from './encode';
import { type Loadpoint, type State, type Vehicle } from './state';
import {
  LOADPOINT_TOPICS,
  type LoadpointTopic,
  METER_TOPICS,
  type MeterTopic,
  SITE_TOPICS,
  type SiteTopic,
  type TopicFact,
  VEHICLE_TOPICS,
  type VehicleTopic,
} from './topics';
import {
  batteryMeter,
  featureValues,
  gridMeter,
  loadpointValues,
  pvMeter,
  siteValues,
  type Values,
  vehicleValues,
} from './values';
import { isAlive } from './version';

export class Publisher {
  readonly #state: State;
  readonly #float: FloatFormat;
  /** Last payload by topic, to tell what changed; only the simulator's own topics, so bounded. */
  readonly #sent = new Map<string, string>();

  constructor(state: State) {
    this.#state = state;
    this.#float = floatFormat(state.version);
  }

  loadpoint(loadpoint: Loadpoint, topics: readonly LoadpointTopic[]): Message[] {
    return this.#burst(
      `loadpoints/${loadpoint.index}`,
      topics,
      loadpointValues(loadpoint, this.#state),
      LOADPOINT_TOPICS,
    );
  }

  /** Those of the topics whose payload differs from the last one; what was never sent counts as 0. */
  loadpointChanges(loadpoint: Loadpoint, topics: readonly LoadpointTopic[]): Message[] {
    return this.#changes(
      `loadpoints/${loadpoint.index}`,
      topics,
      loadpointValues(loadpoint, this.#state),
      LOADPOINT_TOPICS,
    );
  }

  features(loadpoint: Loadpoint): Message[] {
    return [...featureValues(loadpoint)].flatMap(([topic, has]) =>
      this.#send(`loadpoints/${loadpoint.index}/${topic}`, has, { kind: 'bool' }),
    );
  }

  site(topics: readonly SiteTopic[]): Message[] {
    return this.#burst('site', topics, siteValues(this.#state), SITE_TOPICS);
  }

  siteChanges(topics: readonly SiteTopic[]): Message[] {
    return this.#changes('site', topics, siteValues(this.#state), SITE_TOPICS);
  }

  meters(): Message[] {
    const battery = batteryMeter(this.#state);
    const tree = isAlive(this.#state.version, SITE_TOPICS['battery/devices'])
      ? 'site/battery/devices/1'
      : 'site/battery/1';
    return [
      ...this.#meter('site/grid', gridMeter(this.#state)),
      ...this.#meter('site/pv/1', pvMeter(this.#state)),
      ...(battery ? this.#meter(tree, battery) : []),
    ];
  }

  vehicles(): Message[] {
    return this.#state.vehicles.flatMap((vehicle) => this.#vehicle(vehicle));
  }

  /** What the vehicles' settings make of the loadpoints where they are. */
  effective(): Message[] {
    const occupied = this.#state.loadpoints.filter(({ vehicle }) => vehicle !== null);
    return occupied.flatMap((loadpoint) => this.loadpoint(loadpoint, LOADPOINT_BURSTS.effective));
  }

  #vehicle(vehicle: Vehicle): Message[] {
    const topics = Object.keys(VEHICLE_TOPICS) as VehicleTopic[];
    return this.#burst(
      `vehicles/${vehicle.config.name}`,
      topics,
      vehicleValues(vehicle, this.#state.version),
      VEHICLE_TOPICS,
    );
  }

  #meter(topic: string, values: Values<MeterTopic>): Message[] {
    return this.#burst(topic, Object.keys(METER_TOPICS) as MeterTopic[], values, METER_TOPICS);
  }

  #burst<Topic extends string>(
    base: string,
    topics: readonly Topic[],
    values: Values<Topic>,
    facts: Readonly<Record<Topic, TopicFact>>,
  ): Message[] {
    return topics.flatMap((topic) => this.#send(`${base}/${topic}`, values[topic], facts[topic]));
  }

  #changes<Topic extends string>(
    base: string,
    topics: readonly Topic[],
    values: Values<Topic>,
    facts: Readonly<Record<Topic, TopicFact>>,
  ): Message[] {
    const differs = (topic: Topic): boolean => {
      const full = `${base}/${topic}`;
      const [head] = this.#encoded(full, values[topic], facts[topic]);
      return head !== undefined && head.payload !== (this.#sent.get(full) ?? '0');
    };
    return this.#burst(base, topics.filter(differs), values, facts);
  }

  #send(topic: string, value: Value | undefined, fact: TopicFact): Message[] {
    const messages = this.#encoded(topic, value, fact);
    for (const message of messages) this.#sent.set(message.topic, message.payload);
    return messages;
  }

  #encoded(topic: string, value: Value | undefined, fact: TopicFact): Message[] {
    if (value === undefined || !isAlive(this.#state.version, fact)) return [];
    return encode(topic, fact.zeroAsEmpty && value === 0 ? null : value, fact.kind, this.#float);
  }
}
