/**
 * The kept events of one room as this reader holds them: a run of offsets without holes, and the
 * place (`offset`, `epoch`) from which the hub can continue it. Pure: answers and pushes in,
 * changes out.
 *
 * The rules (docs/protocol, Recovery):
 * - offsets ≤ the own one are dropped, own + 1 is appended, a later one is a hole: subscribe again;
 * - `truncated_to` takes back what came after it: the hub lost it and its offsets are given anew;
 * - `recovered: false` brings the newest page, and what was held is stale (unknown epoch) or lies
 *   behind a gap (same epoch, too far away). Either way the page takes its place.
 *
 * @typedef {{room: string, offset: number, at: number, by: string, kind: string, key?: string, data: any}} KeptEvent
 * @typedef {{type: 'appended', events: KeptEvent[]}
 *         | {type: 'truncated', to: number, removed: KeptEvent[]}
 *         | {type: 'trimmed', first: number}
 *         | {type: 'reset', reason: 'joined' | 'gap' | 'stale', from?: number, to?: number}} Change
 */
export class RoomLog {
  /** @type {KeptEvent[]} */
  events = [];
  /** The last offset held without a hole before it; null until the first answer. @type {number | null} */
  offset = null;
  /** @type {string | null} */
  epoch = null;
  /** The highest offset known to be on the hub's disk. */
  durable = 0;
  /** Whether the hub keeps events older than the first one here. */
  more = false;
  #keep;

  /** @param {number} [keep]  events held at most; older ones are let go and can be paged in again */
  constructor(keep = 10_000) {
    this.#keep = Math.max(1, keep);
  }

  /** What to recover from. @returns {{since: number, epoch: string} | null} */
  get position() {
    return this.offset === null ? null : { since: this.offset, epoch: this.epoch };
  }

  /** @param {any} answer  the ok of `sub` @returns {Change[]} */
  answer(answer) {
    const events = answer.events ?? [];
    const changes = this.offset === null || !answer.recovered ? this.#replace(answer, events) : this.#continue(answer, events);
    this.epoch = answer.epoch;
    this.durable = answer.durable ?? 0;
    return changes;
  }

  /** @param {KeptEvent} event @returns {'dropped' | 'hole' | Change[]} */
  push(event) {
    if (this.offset === null || event.offset <= this.offset) return 'dropped';
    if (event.offset > this.offset + 1) return 'hole';
    return this.#append([event]);
  }

  /** @param {number} offset @returns {boolean} whether the watermark rose */
  watermark(offset) {
    if (!(offset > this.durable)) return false;
    this.durable = offset;
    return true;
  }

  /**
   * A page of history, asked for before the first event held.
   * @param {any} page  the ok of `history`
   * @returns {KeptEvent[]} what was put in front; empty where the log has moved on meanwhile
   */
  prepend(page) {
    if (page.epoch !== this.epoch) return [];
    const first = this.firstOffset;
    const older = page.events.filter((event) => event.offset < first);
    if (older.length > 0 && older[older.length - 1].offset !== first - 1) return [];
    this.events.unshift(...older);
    this.more = page.more;
    return older;
  }

  /** The offset before which history continues. */
  get firstOffset() {
    return this.events.length > 0 ? this.events[0].offset : (this.offset ?? 0) + 1;
  }

  #replace(answer, events) {
    const joined = this.offset === null;
    const own = this.offset ?? 0;
    const first = events.length > 0 ? events[0].offset : answer.head + 1;
    const sameEpoch = answer.epoch === this.epoch && own <= answer.head;
    // A page that reaches what is held leaves no gap after all.
    if (!joined && sameEpoch && events.length > 0 && first <= own + 1) return this.#append(events);
    this.events = [...events];
    this.more = answer.more === true;
    this.offset = events.length > 0 ? events[events.length - 1].offset : answer.head;
    if (joined) return [{ type: 'reset', reason: 'joined' }];
    if (sameEpoch) return [{ type: 'reset', reason: 'gap', from: own + 1, to: first - 1 }];
    return [{ type: 'reset', reason: 'stale' }];
  }

  #continue(answer, events) {
    const changes = [];
    const cut = answer.truncated_to;
    if (cut !== undefined && cut < this.offset) {
      const removed = this.events.filter((event) => event.offset > cut);
      this.events = this.events.filter((event) => event.offset <= cut);
      this.offset = cut;
      changes.push({ type: 'truncated', to: cut, removed });
    }
    if (this.events.length === 0) this.more = answer.more === true;
    const first = events.find((event) => event.offset > this.offset);
    if (first && first.offset > this.offset + 1) {
      // `since: 0` starts at the first kept event, which retention may have moved.
      if (this.events.length > 0 || this.offset > 0) return [...changes, ...this.#replace({ ...answer, more: true }, events)];
      this.offset = first.offset - 1;
    }
    return [...changes, ...this.#append(events)];
  }

  #append(events) {
    const fresh = events.filter((event) => event.offset > this.offset);
    if (fresh.length === 0) return [];
    this.events.push(...fresh);
    this.offset = fresh[fresh.length - 1].offset;
    const changes = [{ type: 'appended', events: fresh }];
    // A tenth of slack, so that a full log does not shift its array with every event.
    if (this.events.length > this.#keep * 1.1) {
      this.events.splice(0, this.events.length - this.#keep);
      this.more = true;
      changes.push({ type: 'trimmed', first: this.firstOffset });
    }
    return changes;
  }
}
