/** ChargerStatus: one charger's state in one vocabulary for all systems. Units: W, A, V, Wh, degrees C, s. */

export const SYSTEMS = ['openevse', 'go-e', 'evcc'] as const;
export type System = (typeof SYSTEMS)[number];

export type ChargerState =
  'unknown' | 'unavailable' | 'disconnected' | 'connected' | 'charging' | 'paused' | 'complete' | 'error';

/** Who decides over charging now. */
export type Controller = 'manual' | 'claim' | 'divert' | 'schedule' | 'limit' | 'charger';

export const MODES = ['off', 'normal', 'eco', 'surplus', 'min+surplus', 'fast'] as const;
export type ChargerMode = (typeof MODES)[number];

export type PerPhase = readonly [number | null, number | null, number | null];

export type LimitType = 'energy' | 'time' | 'soc' | 'range';

/** Plain JSON object, as a charger published it. */
export type JsonObject = Readonly<Record<string, unknown>>;

/**
 * A value that is not known is `null`, never 0 and never absent. All systems fill all members.
 * Signs: powers are >= 0 towards the vehicle.
 */
export interface ChargerStatus {
  readonly system: System;
  /** The device's own stable identity, else the base topic. */
  readonly id: string;
  /** The user's own name for it, else the device's, else the id. */
  readonly name: string;
  /** null = not known yet (only retained values seen so far, or nothing). */
  readonly online: boolean | null;
  /** ISO 8601 UTC instant of the last live message; retained replays never count. */
  readonly lastSeen: string | null;
  /** The values may not be those of now: older than `staleAfter`, only replayed, or of a charger that is gone. */
  readonly stale: boolean;
  readonly state: ChargerState;
  readonly vehicle: {
    readonly connected: boolean | null;
    readonly name: string | null;
    /** % */
    readonly soc: number | null;
    /** km */
    readonly range: number | null;
    /** % */
    readonly limitSoc: number | null;
  };
  /** W */
  readonly power: number | null;
  /** A offered to the vehicle */
  readonly current: number | null;
  /** A, L1 to L3 */
  readonly currents: PerPhase;
  /** V, L1 to L3 */
  readonly voltages: PerPhase;
  readonly phases: { readonly active: 1 | 2 | 3 | null; readonly wanted: 'auto' | 1 | 3 | null };
  /** A */
  readonly limits: { readonly min: number | null; readonly max: number | null };
  readonly session: {
    /** Wh */
    readonly energy: number | null;
    /** s */
    readonly duration: number | null;
    /** Wh, s, % or km by type */
    readonly limit: { readonly type: LimitType; readonly value: number } | null;
  };
  /** Wh over the charger's life */
  readonly energyTotal: number | null;
  /** degrees C */
  readonly temperature: number | null;
  readonly mode: ChargerMode | null;
  readonly control: {
    readonly by: Controller | null;
    readonly claim: JsonObject | null;
    readonly override: JsonObject | null;
    readonly schedule: readonly unknown[] | null;
  };
  readonly error: { readonly code: number | string; readonly text: string } | null;
  readonly firmware: string | null;
}

/**
 * Top-level members that are measurements: they change all the time while charging, so `charger-status` reports them
 * at most once per second; a change of any other member is reported at once.
 */
export const MEASUREMENTS: ReadonlySet<string> = new Set([
  'lastSeen',
  'power',
  'currents',
  'voltages',
  'energyTotal',
  'temperature',
  'session.energy',
  'session.duration',
  'vehicle.soc',
  'vehicle.range',
]);
