/** The commands that evcc knows, as sets. */
import { EnergyError, invalid } from '../../shared/errors';
import { assertValid } from '../../shared/validation';
import { validate as isNothing } from '../../generated/evcc-no-parameters';
import { validate as isGet } from '../../generated/evcc-get';
import { validate as isPlan } from '../../generated/evcc-plan';
import { type EvccPlanClear, validate as isPlanClear } from '../../generated/evcc-plan-clear';
import { validate as isSet } from '../../generated/evcc-set';
import { validate as isSetCurrent } from '../../generated/evcc-set-current';
import { validate as isSetLimit } from '../../generated/evcc-set-limit';
import { validate as isSetMode } from '../../generated/evcc-set-mode';
import { validate as isSetPhases } from '../../generated/evcc-set-phases';
import type { Exchange } from '../../mqtt/exchange-types';
import type { ChargerCommand, CommandName } from '../../shared/commands';
import type { ChargerMode } from '../status';
import { several, single } from './exchange';
import { type Encoded, encode } from './grammar';
import { MODE_TO_WORD } from './modes';
import { type EvccNative, limit, lookUp } from './native';
import { type Target, target } from './target';
import { flag, typed } from './wire';

type Params = Readonly<Record<string, unknown>>;
type Planner = (native: EvccNative, params: Params, now: number) => Exchange;

function located(native: EvccNative, topic: string, value: unknown, now: number): readonly [Target, Encoded] {
  const place = target(native, topic);
  const current = (key: string): unknown => {
    const values = place.values();
    return values === undefined ? null : typed(values, place.scope, key);
  };
  return [place, encode(place.setter, value, current, now)];
}

/** One setter given `sent`; the result tells `value`, in our units. */
function set(native: EvccNative, topic: string, sent: unknown, now: number, value: unknown): Exchange {
  const [place, encoded] = located(native, topic, sent, now);
  return single(native, place, encoded, value);
}

function setMode(native: EvccNative, mode: ChargerMode, now: number): Exchange {
  const word = MODE_TO_WORD[mode];
  if (word === undefined)
    throw new EnergyError('UNSUPPORTED', `evcc has no mode ${mode}; it has off, surplus, min+surplus, fast`);
  return set(native, 'mode', word, now, mode);
}

function setLimit(native: EvccNative, params: Params, now: number): Exchange {
  assertValid(isSetLimit, params, 'setLimit');
  const { type, value } = params;
  if (type === 'energy') return set(native, 'limitEnergy', value / 1000, now, { type, value });
  if (type !== 'soc') throw new EnergyError('UNSUPPORTED', `evcc limits a session by energy or soc, not by ${type}`);
  if (flag(native.loadpoint, 'chargerFeatureHeating') === true) {
    throw new EnergyError('UNSUPPORTED', 'this loadpoint heats: its limit is a temperature; set limitSoc to degrees C');
  }
  return set(native, 'limitSoc', value, now, { type, value });
}

function plan(native: EvccNative, params: Params, now: number): Exchange {
  assertValid(isPlan, params, 'plan');
  const { time, soc, energy, vehicle } = params;
  const fault = (path: string, message: string): EnergyError => invalid('plan', [{ path, message }]);
  if ((soc === undefined) === (energy === undefined)) throw fault('', 'needs either soc (with vehicle) or energy');
  if (soc !== undefined) {
    if (vehicle === undefined) throw fault('vehicle', 'is needed with soc: evcc plans a SoC for a vehicle');
    return set(native, `vehicles/${vehicle}/planSoc`, { time, value: soc }, now, { time, soc, vehicle });
  }
  if (vehicle !== undefined) throw fault('vehicle', 'goes with soc; energy is planned for the loadpoint');
  return set(native, 'planEnergy', { time, value: (energy ?? 0) / 1000 }, now, { time, energy });
}

const PLANNERS: ReadonlyMap<CommandName, Planner> = new Map<CommandName, Planner>([
  [
    'start',
    (native, params, now) => {
      assertValid(isNothing, params, 'start');
      return setMode(native, 'fast', now);
    },
  ],
  [
    'stop',
    (native, params, now) => {
      assertValid(isNothing, params, 'stop');
      return setMode(native, 'off', now);
    },
  ],
  [
    'setMode',
    (native, params, now) => {
      assertValid(isSetMode, params, 'setMode');
      return setMode(native, params.mode, now);
    },
  ],
  [
    // Takes effect, and shows in effectiveMaxCurrent, in the loadpoint's next cycle only.
    'setCurrent',
    (native, params, now) => {
      assertValid(isSetCurrent, params, 'setCurrent');
      return set(native, 'maxCurrent', params.current, now, params.current);
    },
  ],
  [
    'setPhases',
    (native, params, now) => {
      assertValid(isSetPhases, params, 'setPhases');
      return set(native, 'phasesConfigured', params.phases === 'auto' ? 0 : params.phases, now, params.phases);
    },
  ],
  ['setLimit', setLimit],
  [
    'clearLimit',
    (native, params, now) => {
      assertValid(isNothing, params, 'clearLimit');
      return several(native, [located(native, 'limitSoc', 0, now), located(native, 'limitEnergy', 0, now)], null);
    },
  ],
  [
    'set',
    (native, params, now) => {
      assertValid(isSet, params, 'set');
      return set(native, params.topic, params.value, now, params.value);
    },
  ],
  ['plan', plan],
  [
    'plan.clear',
    (native, params, now) => {
      assertValid(isPlanClear, params, 'plan.clear');
      const { vehicle }: EvccPlanClear = params;
      return set(native, vehicle === undefined ? 'planEnergy' : `vehicles/${vehicle}/planSoc`, null, now, null);
    },
  ],
]);

export const COMMANDS: ReadonlySet<CommandName> = new Set([...PLANNERS.keys(), 'get']);

/** A single value, which the other systems call a key, is the topic. */
function get(native: EvccNative, { key, ...given }: Params): Exchange {
  const params: Params = key === undefined ? given : { topic: key, ...given };
  assertValid(isGet, params, 'get');
  const value = lookUp(native, params.topic);
  if (value === undefined) {
    throw invalid('get', [
      { path: 'topic', message: `${params.topic} is not among the values that are followed here` },
    ]);
  }
  return { lane: `${native.config.baseTopic}/get`, steps: [], value };
}

/** A set sent before evcc listens is lost without an answer, or deleted unread. */
function assertReady(native: EvccNative, now: number): void {
  if (native.count !== null && native.index > native.count) {
    throw new EnergyError('OFFLINE', `evcc has ${native.count} loadpoints: there is no loadpoint ${native.index}`);
  }
  if (native.life.online(now, limit(native)) === false) throw new EnergyError('OFFLINE', 'evcc is offline');
  if (!native.life.ready(now, limit(native))) {
    throw new EnergyError(
      'OFFLINE',
      'evcc is starting or stopping, or has not been heard yet: it takes no commands now',
    );
  }
}

/** By what name a command calls the value that it sets. */
const PARAMETERS: Partial<Readonly<Record<CommandName, string>>> = {
  setCurrent: 'current',
  setPhases: 'phases',
  setMode: 'mode',
};

/** A set's faults are those of its `value`; the command may call that, or a member of it, by another name. */
function parameterOf({ command, params }: ChargerCommand, path: string): string {
  if (command !== 'plan') return path === 'value' ? (PARAMETERS[command] ?? path) : path;
  if (path === 'value.value') return params['soc'] === undefined ? 'energy' : 'soc';
  return path.replace(/^value\.?/, '');
}

function planSet(planner: Planner, command: ChargerCommand, native: EvccNative, now: number): Exchange {
  try {
    return planner(native, command.params, now);
  } catch (thrown) {
    if (!(thrown instanceof EnergyError) || thrown.code !== 'INVALID') throw thrown;
    const { details = [] } = thrown.cause;
    throw invalid(
      command.command,
      details.map(({ path, message }) => ({ path: parameterOf(command, path), message })),
    );
  }
}

/** See `ChargerDriver.plan`; also throws OFFLINE while evcc would lose the set. */
export function planCommand(command: ChargerCommand, native: EvccNative, now: number): Exchange {
  if (command.command === 'get') return get(native, command.params);
  const planner = PLANNERS.get(command.command);
  if (planner === undefined) throw new EnergyError('UNSUPPORTED', `evcc has no command ${command.command}`);
  const exchange = planSet(planner, command, native, now);
  assertReady(native, now);
  return exchange;
}
