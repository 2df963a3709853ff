/** The four evcc releases that can be simulated, and comparison of releases: each topic and setter says since when it exists. */

export const PROFILES = {
  /** Last schema before the battery tree, five significant digits, `phases/set`. */
  '0.203': '0.203.0',
  /** The battery tree below `site/battery`, but still `phases/set` (renamed in 0.301.2). */
  '0.301': '0.301.0',
  '0.313': '0.313.2',
  /** Mode redesign: `smart` and `alwaysCharge` instead of `pv` and `minpv`. */
  '0.316': '0.316.0',
} as const;

export type EvccProfile = keyof typeof PROFILES;

/** The span of releases that has something; `until` is the first release without it. */
export interface Lifespan {
  readonly since?: string;
  readonly until?: string;
}

/** Negative, zero or positive, as `a` is older than, the same as or newer than `b` (`major.minor.patch`). */
export function compareVersions(a: string, b: string): number {
  const left = a.split('.').map(Number);
  const right = b.split('.').map(Number);
  for (let i = 0; i < 3; i++) {
    const difference = (left[i] ?? 0) - (right[i] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}

export function isAlive(version: string, { since, until }: Lifespan): boolean {
  return (
    (since === undefined || compareVersions(version, since) >= 0) &&
    (until === undefined || compareVersions(version, until) < 0)
  );
}
