/** The charger systems this package knows. A new one is a folder and a line here. */
import type { ChargerDriver } from './driver';
import { evcc } from './evcc';
import { goe } from './go-e';
import { openevse } from './openevse';
import type { System } from './status';

/** A driver whose `Native` only the driver itself looks into. */
export type AnyDriver = ChargerDriver;

export const DRIVERS: Readonly<Record<System, AnyDriver>> = {
  openevse: openevse,
  'go-e': goe,
  evcc: evcc,
};
