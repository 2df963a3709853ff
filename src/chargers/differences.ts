/** Which members of a charger's or a site's status changed. */
import { isDeepStrictEqual } from 'node:util';
import { MEASUREMENTS } from './status';

/** Members that are groups of their own; everything below them is compared as a whole. */
const GROUPS: ReadonlySet<string> = new Set([
  ...['vehicle', 'phases', 'limits', 'session', 'control'],
  ...['grid', 'pv', 'battery', 'home', 'tariffs'],
]);

/** All dotted paths of a status, e.g. `state`, `vehicle.soc`. */
export function paths(status: object): string[] {
  return Object.entries(status).flatMap(([member, value]: [string, unknown]) =>
    GROUPS.has(member) ? Object.keys(value as object).map((name) => `${member}.${name}`) : [member],
  );
}

/** Dotted paths that differ, in the order of the members. */
export function differences(before: object, after: object): string[] {
  const changed: string[] = [];
  const a = before as Record<string, unknown>;
  const b = after as Record<string, unknown>;
  for (const member of Object.keys(b)) {
    if (!GROUPS.has(member)) {
      if (!isDeepStrictEqual(a[member], b[member])) changed.push(member);
      continue;
    }
    const inner = a[member] as Record<string, unknown>;
    for (const [name, value] of Object.entries(b[member] as object)) {
      if (!isDeepStrictEqual(inner[name], value)) changed.push(`${member}.${name}`);
    }
  }
  return changed;
}

/** A path of a charger's status whose change is a measurement: reported at most once per second. */
export function isMeasurement(path: string): boolean {
  return MEASUREMENTS.has(path);
}
