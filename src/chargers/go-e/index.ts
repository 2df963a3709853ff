/** go-e chargers with API v2 (hardware V3, V4, V5, PRO, CORE): all parts of the driver together. */
import type { ChargerDriver } from '../driver';
import { goeCommands, planCommand } from './commands';
import { goeDiscovery } from './discovery';
import { goeKeys } from './keys';
import { type GoeNative, createNative, foldMessage, forgetLife, nextDeadline, rawValues } from './native';
import { projectStatus } from './project';
import { normaliseBase, stateFilters } from './topics';

export const goe: ChargerDriver<GoeNative> = {
  system: 'go-e',
  commands: goeCommands,
  base: normaliseBase,
  create: createNative,
  filters: stateFilters,
  decode: foldMessage,
  quiet: new Set(goeKeys.filter((entry) => entry.noisy).map((entry) => entry.key)),
  project: projectStatus,
  deadline: nextDeadline,
  disconnected: forgetLife,
  raw: rawValues,
  faults: (native) => native.values.faults,
  plan: (command, native) => planCommand(command, native),
  discovery: goeDiscovery,
};
