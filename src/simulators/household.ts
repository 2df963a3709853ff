/** The simulated household of the demo: what the example flows expect to find on the broker. */
import { createEvccSimulator } from './evcc/simulator';
import { createGoESimulator } from './go-e/simulator';
import { createLinkySimulator } from './linky/simulator';
import { createOpenEvseSimulator } from './openevse';
import type { Simulator, SimulatorOptions } from './simulator';

export const DEVICES = ['openevse', 'go-e', 'evcc', 'linky'] as const;
export type Device = (typeof DEVICES)[number];

/** A day of the simulated Linky household passes in so many seconds. */
const LINKY_DAY = 60;

const CREATE: Readonly<Record<Device, (options: SimulatorOptions) => Simulator>> = {
  openevse: (options) =>
    createOpenEvseSimulator({
      ...options,
      autoplay: true,
      feeds: { solar: 'home/solar', gridIe: 'home/grid', livePower: 'home/live' },
    }),
  'go-e': (options) => createGoESimulator({ ...options, serial: '123456', firmware: '60.3', autoplay: true }),
  evcc: (options) => {
    const evcc = createEvccSimulator(options);
    return {
      start: async () => {
        await evcc.start();
        evcc.autoplay();
      },
      stop: () => evcc.stop(),
      kill: () => evcc.kill(),
    };
  },
  linky: (options) => createLinkySimulator({ ...options, speed: 86_400 / LINKY_DAY, tempo: true }),
};

/** A device with the names and topics that the examples use; `speed` applies to chargers. */
export function createDevice(device: Device, options: SimulatorOptions): Simulator {
  return CREATE[device](options);
}
