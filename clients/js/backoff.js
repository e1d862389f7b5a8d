/**
 * Exponential backoff with full jitter: attempt n waits a random time below
 * min(cap, base · 2ⁿ), so that many clients cut off together do not come back together.
 */
export class Backoff {
  #attempt = 0;

  /**
   * @param {{base?: number, cap?: number}} [limits]  milliseconds; defaults 500 and 20 000
   * @param {() => number} [random]  0 ≤ x < 1
   */
  constructor({ base = 500, cap = 20_000 } = {}, random = Math.random) {
    this.base = base;
    this.cap = cap;
    this.random = random;
  }

  /** Failed attempts since the last reset. */
  get attempt() {
    return this.#attempt;
  }

  /**
   * The delay before the next attempt.
   * @param {number} [least]  a wait the hub asked for; the jitter comes on top of it
   */
  next(least = 0) {
    const ceiling = Math.min(this.cap, this.base * 2 ** Math.min(this.#attempt, 30));
    this.#attempt += 1;
    return least + Math.floor(this.random() * ceiling);
  }

  reset() {
    this.#attempt = 0;
  }
}
