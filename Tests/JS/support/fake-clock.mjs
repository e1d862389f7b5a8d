/** A clock that moves only when told to. Between two timers every promise gets its turn. */
export class FakeClock {
  #now = 1_763_700_000_000;
  #timers = new Map();
  #last = 0;

  now = () => this.#now;

  setTimeout = (run, ms) => {
    this.#last += 1;
    this.#timers.set(this.#last, { at: this.#now + Math.max(0, ms), run });
    return this.#last;
  };

  clearTimeout = (timer) => this.#timers.delete(timer);

  /** Delays of the timers that are set, ascending. */
  get delays() {
    return [...this.#timers.values()].map(({ at }) => at - this.#now).sort((a, b) => a - b);
  }

  async advance(ms) {
    const until = this.#now + ms;
    await settle();
    for (;;) {
      const due = [...this.#timers].filter(([, timer]) => timer.at <= until).sort(([a, x], [b, y]) => x.at - y.at || a - b)[0];
      if (!due) break;
      this.#timers.delete(due[0]);
      this.#now = Math.max(this.#now, due[1].at);
      due[1].run();
      await settle();
    }
    this.#now = until;
  }
}

/** Lets everything that waits for a promise and not for time run. */
export async function settle() {
  for (let i = 0; i < 5; i += 1) await new Promise((resolve) => setImmediate(resolve));
}
