/** Makes a command of what a node fixes and what a message says. */
import { EnergyError } from '../shared/errors';
import { type ChargerCommand, COMMANDS, type CommandName } from '../shared/commands';

/** The parameter that a single value (not an object) stands for. */
const MAIN_PARAMETER: Partial<Readonly<Record<CommandName, string>>> = {
  setCurrent: 'current',
  setPhases: 'phases',
  setMode: 'mode',
  divertmode: 'mode',
  shaper: 'enabled',
  restart: 'device',
  schedule: 'events',
  'schedule.clear': 'id',
  feed: 'grid',
  get: 'key',
  'plan.clear': 'vehicle',
};

/** Chosen in the node, they mean the same whatever message starts them, e.g. one of a `charger-status`. */
const WITHOUT_PARAMETERS: ReadonlySet<CommandName> = new Set<CommandName>([
  ...(['start', 'stop', 'release', 'clearLimit', 'claim.release'] as const),
  ...(['override.clear', 'override.toggle', 'limit.clear'] as const),
]);

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function toParams(command: CommandName, value: unknown): Record<string, unknown> {
  if (isObject(value)) {
    const { command: _name, ...params } = value;
    return params;
  }
  const main = MAIN_PARAMETER[command];
  // A button or a timer starts a command that takes no parameter: its payload means nothing.
  return main === undefined || value === undefined || value === null || value === '' ? {} : { [main]: value };
}

/**
 * @param fixed the node's own command, empty = the message's `payload.command`
 * @param value the node's own parameters or single value, undefined = the message's payload
 * @throws EnergyError INVALID
 */
export function readCommand(fixed: string, value: unknown, payload: unknown): ChargerCommand {
  const wanted = fixed || (isObject(payload) ? payload['command'] : undefined);
  const command = COMMANDS.find((name) => name === wanted);
  if (command === undefined) {
    const message = wanted === undefined ? 'is missing' : `is unknown; known are ${COMMANDS.join(', ')}`;
    throw new EnergyError('INVALID', `The command ${message}`, { details: [{ path: 'command', message }] });
  }
  if (fixed && WITHOUT_PARAMETERS.has(command)) return { command, params: {} };
  return { command, params: toParams(command, value === undefined ? payload : value) };
}
