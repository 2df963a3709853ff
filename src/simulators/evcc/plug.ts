/** What evcc does when it notices that a plug went in or out: in the loadpoint's own cycle, not before. */
import { assignVehicle } from './loadpoint-setters';
import { type Loadpoint, newSession, type State } from './state';
import { LOADPOINT_BURSTS } from './bursts';
import { type LoadpointTopic } from './topics';

const PLUGGED: readonly LoadpointTopic[] = [
  ...LOADPOINT_BURSTS.vehicle,
  ...LOADPOINT_BURSTS.effective,
  'connectedDuration',
  'pvAction',
  'pvRemaining',
];

function plugIn(loadpoint: Loadpoint, state: State): readonly LoadpointTopic[] {
  loadpoint.connected = true;
  loadpoint.justPlugged = true;
  loadpoint.session = newSession(state.now);
  return [...PLUGGED, ...assignVehicle(loadpoint, loadpoint.plug.vehicle, state)];
}

/** Limits and boost end with the session, and the configured mode is back; current settings stay. */
function unplug(loadpoint: Loadpoint, state: State): readonly LoadpointTopic[] {
  loadpoint.connected = false;
  loadpoint.settings.limitSoc = 0;
  loadpoint.settings.limitEnergy = 0;
  loadpoint.batteryBoost = false;
  loadpoint.mode = loadpoint.configuredMode;
  if (loadpoint.alwaysCharge === 'once') loadpoint.alwaysCharge = 'off';
  assignVehicle(loadpoint, null, state);
  return LOADPOINT_BURSTS.unplugged;
}

/** The topics that follow from a change at the plug; none without. */
export function noticePlug(loadpoint: Loadpoint, state: State): readonly LoadpointTopic[] {
  if (loadpoint.plug.connected === loadpoint.connected) return [];
  return loadpoint.plug.connected ? plugIn(loadpoint, state) : unplug(loadpoint, state);
}

/** Asks the vehicle; one with the feature `Offline` never tells, a heating device tells degC. */
export function readVehicle({ reading, vehicle, config, temperature }: Loadpoint): void {
  if (config.heating) {
    Object.assign(reading, { soc: temperature, limitSoc: config.heating.limit });
  } else if (vehicle && !(vehicle.config.features ?? []).includes('Offline')) {
    const { range = 300, odometer = 0, limit = 0 } = vehicle.config;
    Object.assign(reading, { soc: vehicle.soc, range: (range * vehicle.soc) / 100, odometer, limitSoc: limit });
  }
}
