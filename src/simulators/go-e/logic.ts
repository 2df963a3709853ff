/** One step of the charging logic, which runs once per second. */
import { CarState, type ChargerState, type EnergySource, uptime } from './state';
import { drawn, isFull } from './car';
import { type Conditions, decide, Reason } from './decide';
import { energyArray, marketPrice } from './meter';
import { isEnough, regulatedCurrent, type SurplusSettings, wishedPhases } from './surplus';

/** A car takes a moment to answer the offer. */
const CAR_REACTION_MS = 2000;
/** A transaction without a car ends by itself. */
const TRANSACTION_WITHOUT_CAR_MS = 120_000;
const TEMPORARY_LIMIT_MS = 600_000;
/** Time constant of `tpa`. */
const AVERAGING_MS = 30_000;

/** Lets the charger live until `now` (ms since 1970). */
export function step(state: ChargerState, now: number): void {
  const elapsed = Math.max(0, now - state.now);
  state.now = now;
  expire(state);
  const surplus = surplusSettings(state);
  const spare = spareForCar(state);
  switchPhases(state, spare, surplus);
  decideCharging(state, spare, surplus);
  draw(state);
  account(state, elapsed);
}

function expire(state: ChargerState): void {
  const up = uptime(state);
  state.surplus.expire(up);
  if (state.car === null && state.transactionAt !== null && up - state.transactionAt >= TRANSACTION_WITHOUT_CAR_MS) {
    state.transaction = null;
    state.transactionAt = null;
  }
  if (state.temporaryLimitAt !== null && up - state.temporaryLimitAt >= TEMPORARY_LIMIT_MS) {
    state.settings.set('tcl', null);
    state.temporaryLimitAt = null;
  }
}

/** What the car may take so that the grid connection ends at its target `pgt`; null without fed powers. */
export function spareForCar({ surplus, settings }: ChargerState): number | null {
  return surplus.withoutCar === null ? null : surplus.withoutCar + settings.number('pgt');
}

function surplusSettings({ settings }: ChargerState): SurplusSettings {
  return {
    start: settings.number('fst'),
    stopHysteresis: settings.number('sh'),
    minCurrent: settings.number('mca', 6),
    threePhases: settings.number('spl3', 4200),
    phaseHysteresis: settings.number('psh'),
  };
}

function isSurplusMode({ settings }: ChargerState): boolean {
  return settings.flag('fup') && settings.number('lmo') !== 3 && settings.number('frc') === 0;
}

function switchPhases(state: ChargerState, spare: number | null, surplus: SurplusSettings): void {
  const { settings, phases } = state;
  phases.step(uptime(state), {
    forced: settings.number('psm'),
    wish: wishOfSurplus(state, spare, surplus),
    installed: state.installed,
    charging: state.carState === CarState.charging,
    pause: settings.number('psmd', 10_000),
    minWish: settings.number('mpwst'),
    minWait: settings.number('mptwt'),
  });
}

/** Outside surplus mode the logic has no say; without fed powers it leaves the phases as they are. */
function wishOfSurplus(state: ChargerState, spare: number | null, surplus: SurplusSettings): 1 | 3 | null {
  if (!isSurplusMode(state)) return null;
  return spare === null ? state.phases.active : wishedPhases(spare, state.phases.active, surplus);
}

/** With `su` or `sua` the charger pulls the pilot during a phase switch as if the plug were out. */
function simulatesUnplug(state: ChargerState): boolean {
  const { settings, phases } = state;
  if (phases.pausedAt === null || !(settings.flag('su') || settings.flag('sua'))) return false;
  return uptime(state) - phases.pausedAt < settings.number('sumd', 10_000);
}

function decideCharging(state: ChargerState, spare: number | null, surplus: SurplusSettings): void {
  const { settings, phases } = state;
  const charging = state.carState === CarState.charging;
  const limit = settings.optional('dwo');
  const conditions: Conditions = {
    fault: state.fault !== 0,
    simulatedUnplug: simulatesUnplug(state),
    phaseSwitch: phases.switching,
    authorised: settings.number('acs') === 0 || state.transaction !== null,
    force: settings.number('frc'),
    mode: settings.number('lmo'),
    limitReached: limit !== null && state.session >= limit,
    cheap: settings.flag('awe') && marketPrice(state.now).marketprice <= settings.number('awp'),
    tripDone: state.session >= settings.number('ate'),
    surplus: isSurplusMode(state) && spare !== null && isEnough(spare, phases.active, charging, surplus),
    keepCharging: charging && !settings.flag('acp'),
  };
  const { reason, permits } = decide(conditions);
  if (reason !== state.reason) {
    state.reason = reason;
    state.reasonAt = uptime(state);
  }
  if (permits !== state.permits) {
    state.permits = permits;
    state.permitsAt = uptime(state);
  }
  state.granted = grantedCurrent(state, spare, surplus);
}

/** `success` on `amp` does not mean effective: the lowest limit wins. */
function grantedCurrent(state: ChargerState, spare: number | null, surplus: SurplusSettings): number {
  const { settings } = state;
  const limits = [
    settings.number('amp'),
    settings.number('ama', 32),
    settings.number('amt', 32),
    state.variant === 22 ? 32 : 16,
  ];
  const temporary = settings.optional('tcl');
  if (temporary !== null) limits.push(temporary);
  if (state.reason === Reason.surplus && spare !== null)
    limits.push(regulatedCurrent(spare, state.phases.active, surplus));
  if (state.reason === Reason.pauseNotAllowed) limits.push(surplus.minCurrent);
  return Math.min(...limits);
}

function draw(state: ChargerState): void {
  const { car } = state;
  const reacted = state.permits && uptime(state) - (state.permitsAt ?? 0) >= CAR_REACTION_MS;
  const plugged = state.leftIdleAt === null || uptime(state) - state.leftIdleAt >= CAR_REACTION_MS;
  state.current = car && reacted && plugged ? drawn(car, state.granted) : 0;
  state.phasesInUse = state.current > 0 && car ? Math.min(car.phases, state.phases.active) : 0;
  const next = carStateOf(state);
  if (next === state.carState) return;
  if (state.carState === CarState.charging) {
    state.leftChargingAt = uptime(state);
    state.lastDuration = uptime(state) - (state.chargingAt ?? 0);
  }
  if (next === CarState.charging) state.chargingAt = uptime(state);
  state.carState = next;
}

/** `car` is no clean sensor of the plug: "complete" also follows a forced stop of a half-full car. */
function carStateOf(state: ChargerState): number {
  if (state.fault !== 0) return CarState.error;
  if (!state.car || state.reason === Reason.simulatedUnplug) return CarState.idle;
  if (state.current > 0) return CarState.charging;
  return isFull(state.car) || state.session > 0 ? CarState.complete : CarState.waiting;
}

function account(state: ChargerState, elapsed: number): void {
  state.power = energyArray({
    now: state.now,
    installed: state.installed,
    phases: state.phasesInUse,
    current: state.current,
    groundCheckOff: false,
    wholeNumbers: false,
  }).power;
  const energy = (state.power * elapsed) / 3_600_000;
  state.averagePower += (state.power - state.averagePower) * Math.min(1, elapsed / AVERAGING_MS);
  if (state.power === 0 && state.averagePower < 1) state.averagePower = 0;
  state.highestPower = Math.max(state.highestPower, state.power);
  state.powerBySource = splitBySource(state);
  if (energy === 0) return;
  if (state.car) state.car.charged = Math.min(state.car.capacity, state.car.charged + energy);
  state.session += energy;
  state.total += energy;
  const card = state.transaction ? state.cards[state.transaction - 1] : undefined;
  if (card) card.energy += energy;
  for (const [source, power] of Object.entries(state.powerBySource ?? {}) as [EnergySource, number][])
    state.sessionBySource[source] += (power * elapsed) / 3_600_000;
}

/** Without fed powers the charger cannot tell where its energy comes from. */
function splitBySource(state: ChargerState): Record<EnergySource, number> | null {
  const { power } = state;
  if (power === 0) return null;
  const { powers } = state.surplus;
  if (!powers) return { grid: 0, solar: 0, battery: 0, other: power };
  const grid = Math.min(power, Math.max(0, powers.grid));
  const battery = Math.min(power - grid, Math.max(0, powers.battery ?? 0));
  return { grid, battery, solar: power - grid - battery, other: 0 };
}

/** A car comes: the session counts anew. */
export function plugIn(state: ChargerState, car: NonNullable<ChargerState['car']>): void {
  state.car = car;
  state.session = 0;
  for (const source of ['grid', 'solar', 'battery', 'other'] as const) state.sessionBySource[source] = 0;
  state.leftIdleAt = uptime(state);
}

/** The car leaves: its transaction ends with it. */
export function unplug(state: ChargerState): void {
  state.car = null;
  state.transaction = null;
  state.transactionAt = null;
}
