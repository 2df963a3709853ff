/** A simulated OpenEVSE charger, as faithful to the firmware on MQTT as it is known. */

export { type AutoplayOptions } from './autoplay';
export { type CarOptions } from './car';
export { type ConfigOverrides } from './config';
export {
  type OpenEvseFeeds,
  type OpenEvseSimulator,
  type OpenEvseSimulatorOptions,
  type WebOverride,
  createOpenEvseSimulator,
} from './openevse-simulator';
export { type OpenEvseProfile, PROFILES } from './profiles';
