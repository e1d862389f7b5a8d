/**
 * How far each person has read. Marks only go up. The own one is sent with one `read` in flight:
 * while it is answered later wishes melt into the highest.
 */
export class ReadMarks {
  /** @type {Map<string, number>} */
  marks = new Map();
  #wanted = 0;
  #sent = 0;
  #inFlight = false;

  /** @param {Record<string, number>} reads */
  replace(reads) {
    this.marks = new Map(Object.entries(reads));
  }

  /** @param {string} user @param {number} upto @returns {boolean} whether it is news */
  raise(user, upto) {
    if (upto <= (this.marks.get(user) ?? 0)) return false;
    this.marks.set(user, upto);
    return true;
  }

  /** @param {number} upto */
  want(upto) {
    this.#wanted = Math.max(this.#wanted, upto);
  }

  /** The hub lost what came after: marks there would be refused until the offsets exist again. */
  truncate(upto) {
    this.#wanted = Math.min(this.#wanted, upto);
    this.#sent = Math.min(this.#sent, upto);
    for (const [user, mark] of this.marks) if (mark > upto) this.marks.set(user, upto);
  }

  /** A connection was made: what the hub knows is what its answer said. @param {string} me */
  restart(me) {
    this.#inFlight = false;
    this.#sent = this.marks.get(me) ?? 0;
  }

  /** @param {(upto: number, done: (error: any) => void) => void} send */
  flush(send) {
    if (this.#inFlight || this.#wanted <= this.#sent) return;
    const upto = this.#wanted;
    this.#inFlight = true;
    send(upto, (error) => {
      // A restart may have begun a new life meanwhile; its own flush has taken over.
      if (!this.#inFlight || error?.code === 'disconnected') return;
      this.#inFlight = false;
      // A refused mark is not repeated: the next one the page sets is.
      this.#sent = Math.max(this.#sent, upto);
      this.flush(send);
    });
  }
}
