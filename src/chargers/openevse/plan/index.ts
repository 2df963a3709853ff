/** Commands: what to publish, and what proves that the charger took it. */
import type { Exchange } from '../../../mqtt/exchange-types';
import { validate as validateGet } from '../../../generated/openevse-get';
import { validate as validateNone } from '../../../generated/openevse-no-parameters';
import { validate as validateSetCurrent } from '../../../generated/openevse-set-current';
import { EnergyError, invalid } from '../../../shared/errors';
import type { ChargerCommand, CommandName } from '../../../shared/commands';
import { toNumber } from '../../key-values';
import { tellValue } from '../../tell-value';
import { gatewayConfig, masked } from '../gateway-config';
import { typed } from '../keys';
import type { OpenEvseNative } from '../native';
import { planConfig } from './config';
import { checked, type Params, type Planner, since, withinMaxCurrent } from './exchange';
import { planFeed } from './feed';
import { clearLimit, planLimit, planNeutralLimit } from './limit';
import {
  CLAIM,
  OVERRIDE,
  planCurrent,
  planProperties,
  planState,
  releaseProperties,
  toggleOverride,
} from './properties';
import { planSchedule, planScheduleClear } from './schedule';
import { planDivertmode, planMode, planRestart, planShaper } from './settings';

/** A; the lowest that the signal to the vehicle can express. */
const DEFAULT_MIN_CURRENT = 6;

/** Outside its range the charger silently clamps: 0 A would be 6 A. A current never stops a charge. */
function planSetCurrent(params: Params, native: OpenEvseNative): Exchange {
  const { current } = checked(validateSetCurrent, params, 'setCurrent');
  since(4, native, 'setCurrent');
  withinMaxCurrent(native, { current }, 'setCurrent');
  const gateway = gatewayConfig(native);
  const least = gateway?.minCurrent ?? DEFAULT_MIN_CURRENT;
  const most = toNumber(native.values.get('max_current')) ?? gateway?.maxCurrent ?? null;
  const refuse = (message: string): never => {
    throw invalid('setCurrent', [{ path: 'current', message }]);
  };
  if (current < least) refuse(`is below the charger's minimum of ${least} A; use stop to stop charging`);
  if (most !== null && current > most) refuse(`is above the ${most} A that the charger is set to`);
  return tellValue(planCurrent(native, current), current);
}

function planGet(params: Params, native: OpenEvseNative): Exchange {
  const { key } = checked(validateGet, params, 'get');
  const value = native.values.get(key);
  return { lane: `${native.prefix}get`, steps: [], value: value === undefined ? null : masked(key, typed(key, value)) };
}

/** A command without parameters. */
function bare(
  name: CommandName,
  since4: boolean,
  planner: (native: OpenEvseNative) => Exchange,
): [CommandName, Planner] {
  return [
    name,
    (params, native) => {
      checked(validateNone, params, name);
      if (since4) since(4, native, name);
      return planner(native);
    },
  ];
}

const PLANNERS: ReadonlyMap<CommandName, Planner> = new Map<CommandName, Planner>([
  bare('start', true, (native) => planState(native, 'active')),
  bare('stop', true, (native) => planState(native, 'disabled')),
  bare('release', true, (native) => releaseProperties(native, CLAIM)),
  ['setCurrent', planSetCurrent],
  ['setLimit', planNeutralLimit],
  bare('clearLimit', false, (native) => clearLimit(native, 'clearLimit')),
  ['setMode', planMode],
  ['feed', planFeed],
  ['claim', (params, native) => planProperties(CLAIM, params, native)],
  bare('claim.release', true, (native) => releaseProperties(native, CLAIM)),
  ['override', (params, native) => planProperties(OVERRIDE, params, native)],
  bare('override.clear', true, (native) => releaseProperties(native, OVERRIDE)),
  bare('override.toggle', true, toggleOverride),
  ['limit', planLimit],
  bare('limit.clear', false, (native) => clearLimit(native, 'limit.clear')),
  ['schedule', planSchedule],
  ['schedule.clear', planScheduleClear],
  ['divertmode', planDivertmode],
  ['shaper', planShaper],
  ['restart', planRestart],
  ['config', planConfig],
  ['get', planGet],
]);

export const COMMANDS: ReadonlySet<CommandName> = new Set(PLANNERS.keys());

export function plan(command: ChargerCommand, native: OpenEvseNative, now: number): Exchange {
  const planner = PLANNERS.get(command.command);
  if (planner === undefined)
    throw new EnergyError('UNSUPPORTED', `an OpenEVSE charger has no command ${command.command}`);
  return planner(command.params, native, now);
}
