/** Firmware generations that differ on MQTT, oldest first. */

export const PROFILES = ['2.x', '4.1.7', '4.2.2', '5.0.0', '5.1.5', 'master'] as const;

/** `master` is the development branch after 5.1.5. */
export type OpenEvseProfile = (typeof PROFILES)[number];

/** Is `profile` the generation `since` or a later one? */
export function atLeast(profile: OpenEvseProfile, since: OpenEvseProfile): boolean {
  return PROFILES.indexOf(profile) >= PROFILES.indexOf(since);
}

/** What each generation names itself in the configuration document. */
export const GATEWAY_VERSIONS: Readonly<Record<OpenEvseProfile, string>> = {
  '2.x': '2.9.1',
  '4.1.7': '4.1.7',
  '4.2.2': 'v4.2.2',
  '5.0.0': 'v5.0.0',
  '5.1.5': 'v5.1.5',
  master: 'v5.1.5-395-g1797b7a3',
};
