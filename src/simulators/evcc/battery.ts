/** The mode that evcc gives to a controllable home battery. */
import { isSmartCostActive } from './control';
import { type BatteryMode } from './grammar';
import { type State } from './state';
import { isGridChargeActive } from './values';

/** An external mode wins; then charging from the grid, then holding while a vehicle charges fast. */
function wantedMode(state: State): BatteryMode {
  const { site, loadpoints } = state;
  const { batteryModeExternal, batteryMode, batteryDischargeControl } = site;
  if (batteryModeExternal !== null && batteryModeExternal !== 'unknown') return batteryModeExternal;
  if (isGridChargeActive(state)) return 'charge';
  const isFast = loadpoints.some(
    (loadpoint) =>
      loadpoint.charging && (loadpoint.mode === 'now' || loadpoint.planActive || isSmartCostActive(loadpoint, state)),
  );
  if (batteryDischargeControl && isFast) return 'hold';
  return batteryMode === 'unknown' ? 'unknown' : 'normal';
}

export function controlBattery(state: State): void {
  if (state.config.battery?.controllable) state.site.batteryMode = wantedMode(state);
}
