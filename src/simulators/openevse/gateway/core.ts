/** What the parts of the gateway share: publishing, claims, time, configuration. */

import { type Clock } from '../../clock';
import { type Config } from '../config';
import { type OpenEvseProfile } from '../profiles';
import { type StatusValue } from '../render';
import { type Arbiter } from './arbiter';

export interface GatewayCore {
  readonly profile: OpenEvseProfile;
  /** Its timers end with this boot. */
  readonly clock: Clock;
  readonly config: Config;
  readonly claims: Arbiter;
  /** One status topic; retained only when the configuration says so. */
  readonly status: (key: string, value: StatusValue | bigint) => void;
  /** One state document; always retained. */
  readonly document: (key: string, json: string) => void;
}

/** A counter that the firmware keeps in 8 bits. */
export function next8(version: number): number {
  return (version + 1) & 0xff;
}
