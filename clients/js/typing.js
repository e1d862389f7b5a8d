/**
 * Who is writing right now. A person is dropped 6 s after their last sign, or at their next message
 * or leave: the hub never says that somebody stopped.
 */
const LASTS = 6_000;

/** Own signs go out at most this often: twice within the time a reader keeps one. */
const REPEAT = 3_000;

export class Typing {
  #clock;
  #changed;
  #timers = new Map();
  #lastSign = -Infinity;

  /** @param {import('./clock.js').Clock} clock @param {() => void} changed */
  constructor(clock, changed) {
    this.#clock = clock;
    this.#changed = changed;
  }

  /** @returns {string[]} */
  get users() {
    return [...this.#timers.keys()];
  }

  /** @param {string} user */
  saw(user) {
    const isNew = !this.#timers.has(user);
    this.#clock.clearTimeout(this.#timers.get(user));
    this.#timers.set(user, this.#clock.setTimeout(() => this.stopped(user), LASTS));
    if (isNew) this.#changed();
  }

  /** @param {string} user */
  stopped(user) {
    if (!this.#timers.has(user)) return;
    this.#clock.clearTimeout(this.#timers.get(user));
    this.#timers.delete(user);
    this.#changed();
  }

  clear() {
    for (const user of this.users) this.stopped(user);
  }

  /** Whether the own person's sign is due. */
  takeSign() {
    const now = this.#clock.now();
    if (now - this.#lastSign < REPEAT) return false;
    this.#lastSign = now;
    return true;
  }

  /** After an own message the next keystroke is a new sign. */
  resetSign() {
    this.#lastSign = -Infinity;
  }
}
