/** Reads the broker property: a host, or a URL, or several separated by commas. */
import { EnergyError } from '../shared/errors';

const DEFAULT_PORTS: Readonly<Record<string, number>> = { mqtt: 1883, mqtts: 8883, ws: 80, wss: 443 };
const ALIASES: Readonly<Record<string, string>> = { tcp: 'mqtt', ssl: 'mqtts', tls: 'mqtts' };

/** A server to connect to, and whether the link to it is encrypted. */
export interface Server {
  readonly url: string;
  readonly tls: boolean;
}

function readServer(text: string, port: number, useTls: boolean): Server {
  const plain = !text.includes('://');
  let url: URL;
  try {
    // A bare IPv6 address has several colons and needs its brackets.
    const host = plain && /^[^[]*:[^[]*:/.test(text) ? `[${text}]` : text;
    url = new URL(plain ? `mqtt://${host}` : text);
  } catch {
    throw new EnergyError('NOT_CONFIGURED', `"${text}" is neither a host name nor a broker URL`);
  }
  let scheme = url.protocol.slice(0, -1);
  scheme = ALIASES[scheme] ?? scheme;
  const fallback = DEFAULT_PORTS[scheme];
  if (fallback === undefined) {
    throw new EnergyError('NOT_CONFIGURED', `"${scheme}://" is not a broker URL: use mqtt, mqtts, ws or wss`);
  }
  if (url.username || url.password) {
    throw new EnergyError('NOT_CONFIGURED', 'Enter user and password in their own fields, not in the broker URL');
  }
  if (useTls) scheme = scheme === 'mqtt' ? 'mqtts' : scheme === 'ws' ? 'wss' : scheme;
  const chosen = url.port ? Number(url.port) : plain ? port : fallback;
  return {
    url: `${scheme}://${url.hostname}:${chosen}${url.pathname}${url.search}`,
    tls: scheme === 'mqtts' || scheme === 'wss',
  };
}

/**
 * The failover list. A host without scheme takes `port` (one with `host:port` its own); a URL without port takes its
 * scheme's. `useTls` upgrades `mqtt` and `ws`.
 * @throws EnergyError NOT_CONFIGURED
 */
export function readServers(broker: string, port: number, useTls: boolean): readonly Server[] {
  const list = broker
    .split(',')
    .map((part) => part.trim())
    .filter(Boolean);
  if (list.length === 0) throw new EnergyError('NOT_CONFIGURED', 'Enter the host name or URL of your MQTT broker');
  return list.map((part) => readServer(part, port, useTls));
}
