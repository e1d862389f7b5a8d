/**
 * Time and chance, injectable as one object so that tests need no sleeps.
 * @typedef {object} Clock
 * @property {() => number} now  milliseconds since 1970
 * @property {(run: () => void, ms: number) => any} setTimeout
 * @property {(timer: any) => void} clearTimeout
 */

/** @type {Clock} */
export const systemClock = {
  now: () => Date.now(),
  setTimeout: (run, ms) => setTimeout(run, ms),
  clearTimeout: (timer) => clearTimeout(timer),
};

/**
 * 128 random bits as hexadecimal digits, for idempotency keys. `crypto` is missing in Node 18 and
 * its `randomUUID` in pages without HTTPS; a key only has to be unique, not secret.
 */
export function randomKey() {
  const bytes = new Uint8Array(16);
  if (globalThis.crypto?.getRandomValues) crypto.getRandomValues(bytes);
  else for (let i = 0; i < bytes.length; i += 1) bytes[i] = Math.floor(Math.random() * 256);
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
}
