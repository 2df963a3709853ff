/** Which generation of the gateway's firmware this is, from what it publishes. */
import { gatewayConfig } from './gateway-config';
import type { OpenEvseNative } from './native';

export interface Version {
  readonly major: number;
  readonly minor: number;
  readonly patch: number;
  /** Built from commits after that release: `v5.1.5-395-g1797b7a3`. */
  readonly ahead: boolean;
}

const VERSION = /^v?(\d{1,4})\.(\d{1,4})\.(\d{1,4})(-\d+-g[0-9a-f]+)?/;

export function parseVersion(text: string): Version | null {
  const match = VERSION.exec(text);
  if (match === null) return null;
  const [, major, minor, patch, ahead] = match;
  return { major: Number(major), minor: Number(minor), patch: Number(patch), ahead: ahead !== undefined };
}

/** Evidence of 5.0.0 or later: 4.x publishes none of these. */
const SINCE_5 = ['uptime', 'max_current', 'evse_connected', 'config_version', 'limit'];
/** The end of a complete core set, old and new. */
const CORE_END = ['wh', 'watthour'];

/** null = cannot be told yet. */
export function majorVersion(native: OpenEvseNative): number | null {
  const version = gatewayConfig(native)?.version;
  const known = version ? parseVersion(version) : null;
  if (known) return known.major;
  const has = (key: string): boolean => native.values.get(key) !== undefined;
  if (has('config') || SINCE_5.some(has)) return 5;
  if (has('claim') || has('override')) return CORE_END.some(has) && has('freeram') ? 4 : null;
  if (native.legacy) return 2;
  return null;
}

/** Whether the gateway is newer than the release 5.1.5; null = not known. */
export function isAfter515(native: OpenEvseNative): boolean | null {
  const text = gatewayConfig(native)?.version;
  const version = text ? parseVersion(text) : null;
  if (version === null) return null;
  const order = version.major - 5 || version.minor - 1 || version.patch - 5;
  return order > 0 || (order === 0 && version.ahead);
}
