/** Why a connection failed, as one of our codes with a text that says what to do. */
import { EnergyError } from '../shared/errors';

/** CONNACK codes: 3.1.1 has 1 to 5, MQTT 5 those from 128 on. */
const AUTH_CODES = new Set([4, 5, 0x86, 0x87, 0x8a, 0x8c]);
const VERSION_CODES = new Set([1, 0x84]);

/** TLS faults of Node.js whose names do not begin with ERR_SSL or ERR_TLS. */
const CERTIFICATE_FAULTS: Readonly<Record<string, string>> = {
  CERT_HAS_EXPIRED: "the broker's certificate has expired",
  CERT_NOT_YET_VALID: "the broker's certificate is not valid yet: check the clock of this machine",
  DEPTH_ZERO_SELF_SIGNED_CERT: "the broker's certificate is self-signed: add its CA to a TLS configuration",
  SELF_SIGNED_CERT_IN_CHAIN: "the broker's CA is not known here: add it to a TLS configuration",
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: "the broker's CA is not known here: add it to a TLS configuration",
  UNABLE_TO_GET_ISSUER_CERT: "the broker's CA is not known here: add it to a TLS configuration",
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: "the broker's CA is not known here: add it to a TLS configuration",
  ERR_TLS_CERT_ALTNAME_INVALID:
    "the broker's certificate is for another host name: use the name in it, or set the server name in the TLS configuration",
  CERT_REVOKED: "the broker's certificate is revoked",
  EPROTO: 'the broker does not speak TLS on this port, or refused ours',
};

function codeOf(error: unknown): unknown {
  return error instanceof Error && 'code' in error ? error.code : undefined;
}

/** The broker's CONNACK says that it does not speak this protocol version. */
export function isVersionRefusal(error: unknown): boolean {
  return VERSION_CODES.has(Number(codeOf(error)));
}

/** @param where the server, e.g. `mqtts://broker:8883`; never holds credentials. */
export function toConnectError(error: unknown, where: string): EnergyError {
  const code = codeOf(error);
  const text = error instanceof Error ? error.message : String(error);
  if (typeof code === 'number') {
    if (AUTH_CODES.has(code)) {
      return new EnergyError('AUTH_FAILED', `${where} refused user name, password or client id: check them`, {
        reply: text,
      });
    }
    return new EnergyError('NOT_CONNECTED', `${where} refused the connection: ${text}`, { reply: text });
  }
  const name = typeof code === 'string' ? code : '';
  const fault = CERTIFICATE_FAULTS[name];
  if (fault || /^ERR_(SSL|TLS|OSSL)|CERT/.test(name)) {
    return new EnergyError('TLS_FAILED', `No secure connection to ${where}: ${fault ?? text}`, { reply: text });
  }
  // What most brokers do on a port without TLS; but so does a link that breaks.
  const hint = name === 'ECONNRESET' && /^(mqtts|wss):/.test(where) ? ' (does it speak TLS on this port?)' : '';
  return new EnergyError('NOT_CONNECTED', `Cannot reach ${where}: ${text || name}${hint}`, { reply: text });
}
