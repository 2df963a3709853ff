/** Where a charger publishes. */
import type { ChargerState } from './state';

/**
 * The text in front of each key. A custom prefix (`mtp`) replaces all of it, serial included, and is used literally: one
 * that lacks its trailing slash runs into the key.
 */
export function baseTopic({ settings, profile, serial }: ChargerState): string {
  const custom = settings.get('mtp');
  if (typeof custom === 'string') return custom;
  return `${profile.leadingSlash ? '/' : ''}go-eCharger/${serial}/`;
}

/** `<base>+/set` is legal only when the wildcard has a level of its own. */
export function isLegalBase(base: string): boolean {
  return (base === '' || base.endsWith('/')) && !/[+#\0]/.test(base);
}
