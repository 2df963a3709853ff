/** The values that the charger works out itself, by API key. */
import { isFull } from './car';
import { cardValues } from './cards';
import type { Json } from './keys';
import {
  energyArray,
  frequency,
  isSummerTime,
  localText,
  marketPrice,
  signalStrength,
  temperatures,
  utcText,
} from './meter';
import { baseTopic } from './base-topic';
import { spareForCar } from './logic';
import { CarState, type ChargerState, uptime } from './state';

const round = (value: number): number => Number(value.toFixed(3));
const optional = (value: number | null): number | null => (value === null ? null : round(value));

/** All of them, whether this firmware has the key or not. */
export function statusValues(state: ChargerState): Record<string, Json> {
  return {
    ...identity(state),
    ...clock(state),
    ...charging(state),
    ...energy(state),
    ...surplus(state),
    ...limits(state),
    ...cardValues(state.cards, state.profile.cards),
  };
}

function identity(state: ChargerState): Record<string, Json> {
  const { profile, serial, variant } = state;
  return { sse: serial, typ: profile.model, fwv: profile.firmware, var: variant, mtp: baseTopic(state) };
}

function clock(state: ChargerState): Record<string, Json> {
  const { now } = state;
  return {
    rbt: Math.round(uptime(state)),
    rbc: state.reboots,
    tab: Math.round(state.bootedAt),
    utc: utcText(now),
    loc: localText(now),
    lto: (isSummerTime(now) ? 2 : 1) * 3_600_000,
    fhz: frequency(now),
    avgfhz: 50,
    rssi: signalStrength(now),
    tma: temperatures(now, state.current, state.profile.core),
    mcc: state.mqttConnectedAt !== null,
    mcca: optional(state.mqttConnectedAt),
    awcp: { ...marketPrice(now) },
  };
}

function charging(state: ChargerState): Record<string, Json> {
  const { profile, phases, settings } = state;
  const { nrg } = energyArray({
    now: state.now,
    installed: state.installed,
    phases: state.phasesInUse,
    current: state.current,
    groundCheckOff: settings.flag('nmo'),
    wholeNumbers: profile.wholeNumbers,
  });
  const isCharging = state.carState === CarState.charging;
  const hidden = profile.hidesTransaction && settings.number('frc') === 1;
  const closed = [0, 1, 2].map((line) => isCharging && line < phases.active);
  const grid = [0, 1, 2].map((line) => line < state.installed);
  return {
    car: state.carState,
    err: state.fault,
    modelStatus: state.reason,
    alw: state.permits,
    alwt: optional(state.permitsAt) ?? 0,
    lmsc: optional(state.reasonAt) ?? 0,
    lccfi: optional(state.leftIdleAt),
    lcctc: optional(state.chargingAt),
    lccfc: optional(state.leftChargingAt),
    trx: hidden ? null : state.transaction,
    acu: grantedNow(state, isCharging),
    nrg,
    pha: [...closed, ...grid],
    pnp: phases.active,
    fsp: profile.wholeNumbers ? false : phases.wantsOne,
    fsptws: optional(phases.wishedSince),
    lfspt: optional(phases.switchedAt),
    cdi: duration(state, isCharging),
    // The lock holds the plug while a car is there.
    cus: state.car ? 3 : 1,
    cbl: state.car ? 32 : null,
    lrc: state.lastCard,
    lrr: optional(state.lastCardAt),
    lri: settings.flag('rde') ? state.lastTag : null,
  };
}

/** PRO and CORE tell a current only while charging; the others tell what is permitted, car or not. */
function grantedNow(state: ChargerState, isCharging: boolean): Json {
  return state.permits && (isCharging || !state.profile.core) ? state.granted : null;
}

/** Type 0 counts up from an uptime, type 1 is a finished duration in ms; null when idle on newer firmware. */
function duration(state: ChargerState, isCharging: boolean): Json {
  if (isCharging) return { type: 0, value: Math.round(state.chargingAt ?? 0) };
  return state.profile.core ? null : { type: 1, value: Math.round(state.lastDuration) };
}

function energy(state: ChargerState): Record<string, Json> {
  const { powerBySource: power, sessionBySource: session, profile } = state;
  const digits = profile.wholeNumbers ? Math.round : round;
  return {
    wh: digits(state.session),
    eto: Math.floor(state.total),
    tpa: digits(state.averagePower),
    mmp: digits(state.highestPower),
    whg: round(session.grid),
    whs: round(session.solar),
    whb: round(session.battery),
    who: round(session.other),
    wg: optional(power?.grid ?? null),
    ws: optional(power?.solar ?? null),
    wb: optional(power?.battery ?? null),
    wo: optional(power?.other ?? null),
    // Without a MID meter.
    wh_mid: null,
    eto_mid: null,
    tlf: state.car !== null && isFull(state.car),
  };
}

function surplus(state: ChargerState): Record<string, Json> {
  const { powers, receivedAt, average } = state.surplus;
  const spare = spareForCar(state);
  const delta = spare === null ? 0 : spare - state.power;
  return {
    pgrid: powers?.grid ?? null,
    ppv: powers?.solar ?? null,
    pakku: powers?.battery ?? null,
    inva: optional(receivedAt),
    lpc: optional(receivedAt),
    lpsc: optional(receivedAt),
    dsrc: receivedAt === null ? null : 'MQTT',
    deltap: round(delta),
    deltaa: round(delta / (230 * state.phases.active)),
    pvopt_averagePGrid: round(average.grid),
    pvopt_averagePPv: round(average.solar),
    pvopt_averagePAkku: round(average.battery),
    pwm: state.settings.number('psm') === 2 ? 0 : state.phases.wantsOne ? 1 : 2,
  };
}

function limits({ settings, car, profile }: ChargerState): Record<string, Json> {
  return {
    cll: {
      requestedCurrent: settings.number('amp'),
      currentLimitMax: settings.number('ama'),
      temperatureCurrentLimit: settings.number('amt'),
      minChargingCurrent: settings.number('mca'),
      ...(profile.core && car ? { cableCurrentLimit: 32 } : {}),
    },
  };
}
