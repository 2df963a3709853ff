/** May the car charge, and why: the value of `modelStatus`. */

/** Codes of `modelStatus` that this charger gets into. */
export const Reason = {
  accessControl: 2,
  forcedOn: 3,
  forcedOff: 4,
  energyLimit: 6,
  tariffLow: 7,
  nextTrip: 10,
  surplus: 12,
  normal: 15,
  tariffHigh: 17,
  nextTripDone: 18,
  pauseNotAllowed: 20,
  simulatedUnplug: 22,
  phaseSwitch: 23,
  error: 26,
} as const;

export interface Conditions {
  readonly fault: boolean;
  readonly simulatedUnplug: boolean;
  readonly phaseSwitch: boolean;
  /** Open access, or a transaction is active. */
  readonly authorised: boolean;
  /** `frc`: 0 own logic, 1 off, 2 on. */
  readonly force: number;
  /** `lmo`: 3 basic, 4 eco, 5 next trip. */
  readonly mode: number;
  /** `dwo` is reached. */
  readonly limitReached: boolean;
  /** The tariff is below its ceiling. */
  readonly cheap: boolean;
  /** The energy of the next trip is charged. */
  readonly tripDone: boolean;
  /** Surplus charging is on and there is enough of it. */
  readonly surplus: boolean;
  /** The car is charging and must not be interrupted (`acp` false). */
  readonly keepCharging: boolean;
}

interface Rule {
  readonly reason: number;
  readonly permits: boolean;
  when(conditions: Conditions): boolean;
}

const ECO = 4;
const NEXT_TRIP = 5;

/** First match wins. Access control comes before `frc`: without a transaction even `frc` 2 does not charge. */
const RULES: readonly Rule[] = [
  { reason: Reason.error, permits: false, when: (c) => c.fault },
  { reason: Reason.simulatedUnplug, permits: false, when: (c) => c.simulatedUnplug },
  { reason: Reason.phaseSwitch, permits: false, when: (c) => c.phaseSwitch },
  { reason: Reason.accessControl, permits: false, when: (c) => !c.authorised },
  { reason: Reason.forcedOn, permits: true, when: (c) => c.force === 2 },
  { reason: Reason.forcedOff, permits: false, when: (c) => c.force === 1 },
  { reason: Reason.energyLimit, permits: false, when: (c) => c.limitReached },
  { reason: Reason.tariffLow, permits: true, when: (c) => c.mode === ECO && c.cheap },
  { reason: Reason.nextTrip, permits: true, when: (c) => c.mode === NEXT_TRIP && !c.tripDone },
  { reason: Reason.surplus, permits: true, when: (c) => (c.mode === ECO || c.mode === NEXT_TRIP) && c.surplus },
  { reason: Reason.pauseNotAllowed, permits: true, when: (c) => c.mode === ECO && c.keepCharging },
  { reason: Reason.nextTripDone, permits: false, when: (c) => c.mode === NEXT_TRIP },
  { reason: Reason.tariffHigh, permits: false, when: (c) => c.mode === ECO },
  { reason: Reason.normal, permits: true, when: () => true },
];

export interface Decision {
  readonly reason: number;
  readonly permits: boolean;
}

export function decide(conditions: Conditions): Decision {
  return RULES.find((rule) => rule.when(conditions)) ?? { reason: Reason.error, permits: false };
}
