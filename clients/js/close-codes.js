/**
 * Who comes back after which close code (docs/protocol, Errors and close codes).
 *
 * | rule      | meaning                                                                    |
 * |-----------|----------------------------------------------------------------------------|
 * | `never`   | the hub said no for good; only a call of `connect()` tries again           |
 * | `token`   | come back with a new token, at once                                        |
 * | `after`   | come back `ms` after the close                                             |
 * | `backoff` | come back with full jitter; a drain notice gives the slot instead          |
 *
 * @typedef {{rule: 'never' | 'token' | 'backoff'} | {rule: 'after', ms: number}} Return
 */
const NEVER = new Set([1000, 1002, 1003, 1007, 1008, 1009, 4400, 4403, 4409]);

/** Closes that can end a drained connection: by the hub itself, or by a proxy that lost it. */
const DRAINED = new Set([1001, 1005, 1006, 1012]);

/**
 * Codes of applications (4000–4399, 4500–4999) and ones this version does not know come back with
 * backoff: it costs little, and staying away could be for ever.
 * @param {number} code
 * @param {string} reason
 * @returns {Return}
 */
export function afterClose(code, reason) {
  if (NEVER.has(code)) return { rule: 'never' };
  if (code === 4401) return { rule: 'token' };
  if (code === 4429) {
    const asked = /(?:^|\W)retry_after=(\d{1,9})/.exec(reason);
    if (asked) return { rule: 'after', ms: Number(asked[1]) };
  }
  return { rule: 'backoff' };
}

/** Whether the slot of a drain notice counts for this close. @param {number} code */
export function endsDrain(code) {
  return DRAINED.has(code);
}
