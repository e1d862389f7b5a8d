/** Numbers that a text decides: the same seed and name choose the same again. */
export class Chance {
  #state;

  /** @param {string} text */
  constructor(text) {
    this.#state = 2166136261;
    for (const unit of text) this.#state = Math.imul(this.#state ^ unit.codePointAt(0), 16777619);
  }

  /** 0 ≤ x < 1 (mulberry32). */
  next = () => {
    this.#state = (this.#state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(this.#state ^ (this.#state >>> 15), 1 | this.#state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };

  /** A whole number from `least` to `most`. */
  within(least, most) {
    return least + Math.floor(this.next() * (most - least + 1));
  }

  pick(list) {
    return list[this.within(0, list.length - 1)];
  }

  /** Some of the list, in its order. */
  some(list, least) {
    const count = this.within(Math.min(least, list.length), list.length);
    const kept = new Set();
    while (kept.size < count) kept.add(this.within(0, list.length - 1));
    return list.filter((_, index) => kept.has(index));
  }
}
