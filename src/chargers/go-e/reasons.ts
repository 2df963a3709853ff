/**
 * Why the charger charges or does not (`modelStatus`), as far as the one vocabulary has a word for it.
 * Codes up to firmware 60.4; others follow with each firmware and then tell nothing.
 */
import type { Controller } from '../status';

export interface Reason {
  /** false: the charger gives no current. true: it permits; whether the car takes any is another matter. */
  readonly permits: boolean;
  readonly by: Controller;
}

export const REASON = { accessControl: 2, energyLimit: 6 } as const;

const permits = (by: Controller): Reason => ({ permits: true, by });
const denies = (by: Controller): Reason => ({ permits: false, by });

/** Absent: 0 (no data of the charge controller), 21 and 25 (not assigned), newer codes. */
const REASONS: ReadonlyMap<number, Reason> = new Map([
  [1, denies('charger')], // over-temperature
  [2, denies('charger')], // access control: no card or app has authorised yet
  [3, permits('manual')], // forced on
  [4, denies('manual')], // forced off
  [5, denies('schedule')],
  [6, denies('limit')], // session energy
  [7, permits('charger')], // tariff low
  [8, permits('charger')], // next-trip test charge
  [9, permits('charger')], // next-trip, too little time
  [10, permits('charger')], // next-trip
  [11, permits('charger')], // next-trip without clock
  [12, permits('divert')], // solar surplus
  [13, permits('charger')], // fallback, go-e's default
  [14, permits('schedule')], // fallback, go-e's schedule
  [15, permits('charger')], // fallback: normal charging in basic mode
  [16, denies('charger')], // fallback, go-e's tariff
  [17, denies('charger')], // fallback, tariff
  [18, denies('charger')], // fallback, next-trip
  [19, permits('charger')], // keeps the car awake
  [20, permits('charger')], // this car must not be paused
  [22, denies('charger')], // simulated unplugging
  [23, denies('charger')], // phase switch
  [24, denies('charger')], // minimum pause
  [26, denies('charger')], // error
  [27, denies('charger')], // load management
  [28, denies('charger')], // OCPP
  [29, denies('charger')], // reconnect delay
  [30, denies('charger')], // adapter
  [31, denies('charger')], // under-frequency
  [32, denies('charger')], // unbalanced load
  [33, permits('divert')], // discharging the home battery
  [34, denies('charger')], // grid monitoring
  [35, denies('charger')], // OCPP fallback
  [36, denies('charger')], // floor detected
  [37, denies('charger')], // OCPP inoperable
  [38, denies('charger')], // under-voltage
  [39, denies('charger')], // zero setpoint
  [40, denies('charger')], // initializing
  [41, denies('charger')], // fail-safe limit
]);

export function reasonOf(modelStatus: number | null): Reason | null {
  return modelStatus === null ? null : (REASONS.get(modelStatus) ?? null);
}
