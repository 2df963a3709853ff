/** The commands that a go-e charger has, each as a write to one of its keys. */
import { validate as validateCurrent } from '../../generated/goe-set-current';
import { validate as validateFeed } from '../../generated/goe-feed';
import { validate as validateGet } from '../../generated/goe-get';
import { validate as validateLimit } from '../../generated/goe-set-limit';
import { validate as validateMode } from '../../generated/goe-set-mode';
import { validate as validateNone } from '../../generated/goe-no-parameters';
import { validate as validatePhases } from '../../generated/goe-set-phases';
import { validate as validateSet } from '../../generated/goe-set';
import type { Exchange } from '../../mqtt/exchange-types';
import { EnergyError, invalid } from '../../shared/errors';
import { assertValid } from '../../shared/validation';
import type { ChargerCommand, CommandName } from '../../shared/commands';
import { tellValue } from '../tell-value';
import { planFeed } from './feed';
import { findKey } from './keys';
import { type GoeNative, shownValue } from './native';
import { FORCE, LOGIC_MODES, PHASE_MODES } from './project';
import { numberOf } from './values';
import { planWrite } from './write';

type Planner = (native: GoeNative, params: Readonly<Record<string, unknown>>) => Exchange;

/** `acs`: 1 = somebody must authenticate first. `trx`: null = nobody has. */
const ACCESS_NEEDED = 1;
const UNAUTHORISED = 'charging needs a card or app first (acs is 1); set trx to 0 to authorise without one';

function unsupported(text: string): EnergyError {
  return new EnergyError('UNSUPPORTED', text);
}

function force(value: number, hint?: string): (native: GoeNative) => Exchange {
  return (native) => planWrite(native, { key: 'frc', value, path: 'value', ...(hint === undefined ? {} : { hint }) });
}

/** `frc` is evaluated only after access control: forced on, the charger still waits for a card. */
function start(native: GoeNative): Exchange {
  const waits = numberOf(native.values, 'acs') === ACCESS_NEEDED && numberOf(native.values, 'trx') === null;
  return force(FORCE.on, waits ? UNAUTHORISED : undefined)(native);
}

/** Whole amperes, 6 to the hardware's 16 or 32. */
const setCurrent: Planner = (native, params) => {
  assertValid(validateCurrent, params, 'setCurrent');
  return planWrite(native, { key: 'amp', value: params.current, path: 'current' });
};

const setPhases: Planner = (native, params) => {
  assertValid(validatePhases, params, 'setPhases');
  const code = PHASE_MODES.find(([, phases]) => phases === params.phases)?.[0];
  return tellValue(planWrite(native, { key: 'psm', value: code, path: 'phases' }), params.phases);
};

const setLimit: Planner = (native, params) => {
  assertValid(validateLimit, params, 'setLimit');
  if (params.type !== 'energy') throw unsupported(`a go-e charger has no ${params.type} limit, only energy`);
  const { type, value } = params;
  return tellValue(planWrite(native, { key: 'dwo', value, path: 'value' }), { type, value });
};

const clearLimit = (native: GoeNative): Exchange => planWrite(native, { key: 'dwo', value: null, path: 'value' });

/** Basic is `normal`, eco is `eco`; the other words are not modes of its logic. */
const setMode: Planner = (native, params) => {
  assertValid(validateMode, params, 'setMode');
  const { mode } = params;
  if (mode !== 'normal' && mode !== 'eco') {
    const instead = mode === 'off' ? '; use stop' : mode === 'fast' ? '; use start' : '';
    throw unsupported(`a go-e charger has no mode ${mode}, only normal and eco${instead}`);
  }
  return tellValue(planWrite(native, { key: 'lmo', value: LOGIC_MODES[mode], path: 'mode' }), mode);
};

const feed: Planner = (native, params) => {
  assertValid(validateFeed, params, 'feed');
  return planFeed(native, params);
};

const set: Planner = (native, params) => {
  assertValid(validateSet, params, 'set');
  const { key, value, allowUnknown = false, allowRisky = false } = params;
  return planWrite(native, { key, value, path: 'value', allowUnknown, allowRisky });
};

/** The last value heard; null for one that was not. The charger cannot be asked: it publishes what changes. */
const get: Planner = (native, params) => {
  assertValid(validateGet, params, 'get');
  const { key, allowUnknown = false } = params;
  const refuse = (message: string): EnergyError => invalid(`get ${key}`, [{ path: 'key', message }]);
  const entry = findKey(key);
  if (!entry && !allowUnknown && native.values.get(key) === undefined) throw refuse('is not a known key');
  if (entry?.access === 'W')
    throw refuse(`can only be written${key === 'ids' ? '; it shows in pgrid, ppv and pakku' : ''}`);
  return { lane: `get ${native.config.baseTopic}${key}`, steps: [], value: shownValue(native, key) };
};

/** A command without parameters. */
function bare(name: CommandName, plan: (native: GoeNative) => Exchange): [CommandName, Planner] {
  return [
    name,
    (native, params) => {
      assertValid(validateNone, params, name);
      return plan(native);
    },
  ];
}

const PLANNERS: ReadonlyMap<CommandName, Planner> = new Map<CommandName, Planner>([
  bare('start', start),
  bare('stop', force(FORCE.off)),
  bare('release', force(FORCE.neutral)),
  ['setCurrent', setCurrent],
  ['setPhases', setPhases],
  ['setLimit', setLimit],
  bare('clearLimit', clearLimit),
  ['setMode', setMode],
  ['feed', feed],
  ['set', set],
  ['get', get],
]);

export const goeCommands: ReadonlySet<CommandName> = new Set(PLANNERS.keys());

/** @throws EnergyError INVALID | UNSUPPORTED | REFUSED, before anything is published. */
export function planCommand(command: ChargerCommand, native: GoeNative): Exchange {
  const planner = PLANNERS.get(command.command);
  if (!planner) throw unsupported(`a go-e charger has no command ${command.command}`);
  return planner(native, command.params);
}
