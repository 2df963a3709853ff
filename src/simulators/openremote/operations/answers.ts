/** What operations answer. */

export type ErrorCode = 'BAD_REQUEST' | 'CONFLICT' | 'NOT_FOUND' | 'UNAUTHORIZED' | 'INTERNAL_SERVER_ERROR';

/** undefined: nothing is answered, and the client has to time out. */
export type Reply = { readonly body: unknown } | undefined;

export const NO_ANSWER: Reply = undefined;

export function reply(body: unknown): Reply {
  return { body };
}

export function failure(error: ErrorCode, message: string): Reply {
  return { body: { type: 'error', error, message } };
}
