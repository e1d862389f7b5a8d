/**
 * An outbox store that lives as long as the process: for Node, and for browsers that refuse
 * IndexedDB. An own store has the same four methods.
 */
export class MemoryStore {
  /** Whether other tabs see the same entries. */
  isShared = false;
  #entries = new Map();
  #last = 0;

  /** @param {object} entry @returns {Promise<number>} its place in the order */
  async add(entry) {
    this.#last += 1;
    this.#entries.set(this.#last, { ...entry, seq: this.#last });
    return this.#last;
  }

  /** @returns {Promise<object[]>} ascending */
  async all() {
    return [...this.#entries.values()];
  }

  /** @param {number} seq */
  async remove(seq) {
    this.#entries.delete(seq);
  }

  close() {}
}
