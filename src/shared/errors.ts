/** The one error type of the package, and its codes. */

/** Stable codes that flows may switch on (`msg.error.code` behind a Catch node). */
export const ERROR_CODES = [
  'NOT_CONFIGURED',
  'NOT_CONNECTED',
  'AUTH_FAILED',
  'TLS_FAILED',
  'SUBSCRIPTION_REFUSED',
  'PUBLISH_REFUSED',
  'OFFLINE',
  'INVALID',
  'UNSUPPORTED',
  'REFUSED',
  'TIMEOUT',
  'SUPERSEDED',
  'BAD_PAYLOAD',
] as const;

export type ErrorCode = (typeof ERROR_CODES)[number];

/** One fault found in a command or its parameters. */
export interface Fault {
  /** Where: a dotted path such as `claim.charge_current`, empty for the whole. */
  readonly path: string;
  readonly message: string;
}

/** What a flow may want to know beyond the code: Node-RED's Catch node hands on only `message`, `code`, `stack`, `cause`. */
export interface ErrorCause {
  /** The device's or server's own words. */
  readonly reply?: string;
  /** The server's own error code, e.g. OpenRemote's `BAD_REQUEST`. */
  readonly error?: string;
  readonly details?: readonly Fault[];
}

/**
 * Every failure that a flow gets to see. The text says what to do about it; credentials and full meter numbers never
 * appear in it.
 */
export class EnergyError extends Error {
  override readonly name = 'EnergyError';
  override readonly cause: ErrorCause;

  constructor(
    readonly code: ErrorCode,
    message: string,
    cause: ErrorCause = {},
  ) {
    super(message);
    this.cause = cause;
  }
}

/** An INVALID error whose text lists its faults. */
export function invalid(what: string, details: readonly Fault[]): EnergyError {
  const list = details.map((fault) => (fault.path ? `${fault.path}: ${fault.message}` : fault.message)).join('; ');
  return new EnergyError('INVALID', `${what}: ${list}`, { details });
}

/** Anything thrown, as an Error. */
export function toError(thrown: unknown): Error {
  if (thrown instanceof Error) return thrown;
  try {
    return new Error(String(thrown));
  } catch {
    // E.g. an object without a prototype.
    return new Error('Something without a text was thrown');
  }
}
