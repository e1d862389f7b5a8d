/**
 * The open streams of one room as this reader holds them: what the hub's snapshots and deltas make
 * of their texts. Pure: answers, kept events and pushes in, changes out.
 *
 * The rules (docs/protocol, Streams):
 * - a delta up to the own token, or of a lower attempt, is dropped; one that begins elsewhere is a hole: subscribe again;
 * - a snapshot replaces what is held;
 * - the ending event has the whole text; what was not shown before comes with it alone.
 *
 * @typedef {{id: string, attempt: number, tokens: number, text: string, state: string, by?: string, title?: string, meta?: any,
 *            question?: number, opened?: number, usage?: any, end?: any}} Stream
 */
export class Streams {
  /** Open ones by id, in the order in which they were opened. @type {Map<string, Stream>} */
  open = new Map();

  /**
   * The answer to `sub`, after its events: whatever is open is among its snapshots.
   * @param {any[]} snapshots
   * @returns {Stream[]} those that changed
   */
  answered(snapshots = []) {
    const found = new Set(snapshots.map(({ stream }) => stream));
    for (const id of [...this.open.keys()]) if (!found.has(id)) this.open.delete(id);
    return snapshots.map((snapshot) => this.#replace(snapshot));
  }

  /** A kept event of kind `stream`. @param {any} event @returns {Stream | null} what changed */
  kept({ offset, by, data }) {
    if (typeof data?.stream !== 'string') return null;
    const known = this.open.get(data.stream);
    if (data.state !== 'open') {
      this.open.delete(data.stream);
      const { stream: id, text = '', attempt, state, ...end } = data;
      return { ...known, id, by, attempt, text, state, usage: end.usage ?? known?.usage, end };
    }
    if (known && known.opened === offset) return null;
    const { stream: id, attempt, title, meta, question } = data;
    const stream = { id, attempt, tokens: 0, text: '', state: 'open', by, title, meta, question, opened: offset };
    this.open.set(id, stream);
    return stream;
  }

  /** Events after this offset are taken back. @param {number} offset */
  truncate(offset) {
    for (const [id, { opened }] of [...this.open]) if (opened !== undefined && opened > offset) this.open.delete(id);
  }

  /** A push of kind `delta`, `snapshot` or `usage`. @param {any} message @returns {'dropped' | 'hole' | Stream} */
  pushed(message) {
    if (message.kind === 'snapshot') return this.#replace(message);
    const stream = this.open.get(message.stream);
    if (message.kind === 'usage') {
      if (!stream) return 'dropped';
      stream.usage = message.data;
      return stream;
    }
    if (!stream) return 'hole';
    if (message.attempt < stream.attempt || (message.attempt === stream.attempt && message.to <= stream.tokens)) return 'dropped';
    if (message.attempt > stream.attempt || message.from !== stream.tokens) return 'hole';
    stream.tokens = message.to;
    stream.text += message.text;
    return stream;
  }

  #replace({ stream: id, attempt, to, text }) {
    const known = this.open.get(id);
    const stream = { ...known, id, attempt, tokens: to, text, state: 'open' };
    this.open.set(id, stream);
    return stream;
  }
}
