/**
 * The hub's error codes are a closed list (docs/protocol, Errors); the SDK adds four of its own:
 * `disconnected` (the answer was lost with the connection: it may or may not have happened),
 * `stopped` (the hub closed with a code after which a client does not come back),
 * `signed_out` (the token provider gave nothing) and `identity_changed` (the token names another
 * person than the one whose outbox this client holds).
 */
const PASSING = new Set(['busy', 'unavailable', 'rate_limited', 'internal']);

export class ApusError extends Error {
  /**
   * @param {string} code
   * @param {string} message
   * @param {{field?: string, retryAfter?: number, current?: any, close?: number, cause?: any}} [more]
   */
  constructor(code, message, more = {}) {
    super(message, more.cause === undefined ? undefined : { cause: more.cause });
    this.name = 'ApusError';
    this.code = code;
    this.field = more.field;
    /** Milliseconds the hub asked to wait. */
    this.retryAfter = more.retryAfter;
    this.current = more.current;
    this.close = more.close;
  }

  /** The error object of a reply. @param {any} reply */
  static fromReply(reply) {
    const code = typeof reply?.code === 'string' ? reply.code : 'internal';
    return new ApusError(code, String(reply?.message ?? code), {
      field: reply?.field,
      retryAfter: reply?.retry_after,
      current: reply?.current,
    });
  }

  static disconnected() {
    return new ApusError('disconnected', 'the connection was lost before the answer came');
  }

  /** Whether the same command may succeed later without anybody changing anything. */
  get isPassing() {
    return PASSING.has(this.code);
  }
}
