/** The setters of a vehicle, by the name of their topic: always answered, by all vehicles at once. Measured on a running evcc 0.313.2. */
import { int, type Parser, type Plan, socPlan, strategy } from './grammar';
import { type Setter } from './setters';
import { type State, type Vehicle } from './state';
import { type Lifespan } from './version';

function assign<T>(
  parse: Parser<T>,
  apply: (vehicle: Vehicle, value: T) => void,
  accepts: (value: T, state: State) => boolean,
): Setter<Vehicle> {
  return (vehicle, payload, state) => {
    const parsed = parse(payload);
    if (!parsed || !accepts(parsed.value, state)) return null;
    apply(vehicle, parsed.value);
    return { vehicles: true };
  };
}

/** A time in the past is refused, also where the plan is to be deleted. */
const isNotPast = ({ time }: Plan, { now }: State): boolean => time === null || time * 1000 >= now;
const always = (): boolean => true;

export interface VehicleSetterFact extends Lifespan {
  readonly set: Setter<Vehicle>;
}

export const VEHICLE_SETTERS: Readonly<Record<string, VehicleSetterFact>> = {
  minSoc: { set: assign(int, (vehicle, soc) => (vehicle.minSoc = soc), always) },
  limitSoc: { set: assign(int, (vehicle, soc) => (vehicle.limitSoc = soc), always) },
  planSoc: { set: assign(socPlan, (vehicle, plan) => (vehicle.plan = plan.value === 0 ? null : plan), isNotPast) },
  planStrategy: { set: assign(strategy, (vehicle, wanted) => (vehicle.strategy = wanted), always), since: '0.300.2' },
};
