/** The commands of `charger-control`, by name. Which system knows which: each driver's `commands`. */

export const COMMANDS = [
  'start',
  'stop',
  'release',
  'setCurrent',
  'setPhases',
  'setLimit',
  'clearLimit',
  'setMode',
  'feed',
  'claim',
  'claim.release',
  'override',
  'override.clear',
  'override.toggle',
  'limit',
  'limit.clear',
  'schedule',
  'schedule.clear',
  'divertmode',
  'shaper',
  'restart',
  'config',
  'set',
  'get',
  'plan',
  'plan.clear',
] as const;

export type CommandName = (typeof COMMANDS)[number];

/** A command with its parameters, not yet checked by the driver. */
export interface ChargerCommand {
  readonly command: CommandName;
  readonly params: Readonly<Record<string, unknown>>;
}
