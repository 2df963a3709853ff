/** What discovery knows of one charger. */
import type { System } from './status';

export interface Sighting {
  readonly system: System;
  /** OpenEVSE: the announced id; go-e: the serial; evcc: the loadpoint's name; else the base topic. */
  id: string;
  name: string;
  readonly baseTopic: string;
  /** false after its last will; null = only retained values seen. */
  online: boolean | null;
  /** URL of its own web page. */
  http: string | null;
  firmware: string | null;
  model: string | null;
  /** ms, last live message; null = none yet. */
  lastLive: number | null;
}
