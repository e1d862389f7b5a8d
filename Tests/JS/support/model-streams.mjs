/**
 * Streams as the hub model keeps them: one list of tokens each, of which a crash leaves what was `durable`.
 */
export class ModelStreams {
  all = new Map();
  /** Every append that was taken, as [stream, from, tokens]. */
  appends = [];
  /** Whether what is appended is durable at once. */
  isPrompt = true;
  /** The next answers to `stream.append`: error objects, taken in order. */
  refusals = [];
  #hub;

  constructor(hub) {
    this.#hub = hub;
  }

  serves(cmd) {
    return cmd.startsWith('stream.') || (cmd === 'ask' && this.assistant !== undefined);
  }

  /** Answers questions; undefined: there is nobody. @type {((data: any, stream: string) => void) | undefined} */
  assistant = undefined;

  command(peer, cmd, fields, ok, fail) {
    if (cmd === 'stream.open') this.#open(peer, fields, ok, fail);
    else if (cmd === 'ask') this.#ask(peer, fields, ok);
    else {
      const stream = this.all.get(fields.stream);
      if (!stream || stream.state !== 'open') fail({ code: 'not_found', field: 'stream' });
      else if (cmd === 'stream.cancel') {
        ok({});
        stream.peer?.send(JSON.stringify({ stream: fields.stream, cancel: { by: peer.me.user } }));
      } else if (stream.peer !== peer) fail({ code: 'conflict', field: 'stream' });
      else if (cmd === 'stream.append') this.#append(stream, fields, ok, fail);
      else ok({ offset: this.end(fields.stream, fields.state, fields).offset });
    }
  }

  snapshots(room) {
    return [...this.all.values()].filter((stream) => stream.room === room && stream.state === 'open').map((stream) => this.#snapshot(stream));
  }

  /** The stream grows, whoever writes it. */
  grow(id, ...parts) {
    const stream = this.all.get(id);
    const from = stream.tokens.length;
    stream.tokens.push(...parts);
    if (this.isPrompt) stream.durable = stream.tokens.length;
    this.#hub.tell(stream.room, { room: stream.room, kind: 'delta', stream: id, attempt: stream.attempt, from, to: stream.tokens.length, text: parts.join('') });
  }

  end(id, state, { usage, error } = {}) {
    const stream = this.all.get(id);
    stream.state = state;
    const data = { stream: id, state, attempt: stream.attempt, text: stream.tokens.join(''), ...(usage && { usage }), ...(error && { error }) };
    return this.#hub.post(stream.room, stream.by, data, { kind: 'stream' });
  }

  begin(id, room, by, { attempt = 1, title, question } = {}, peer = null) {
    const data = { stream: id, state: 'open', attempt, ...(title && { title }), ...(question && { question }) };
    const { offset } = this.#hub.post(room, by, data, { kind: 'stream' });
    this.all.set(id, { id, room, by, attempt, offset, tokens: [], durable: 0, state: 'open', peer });
    return this.all.get(id);
  }

  crash() {
    for (const stream of this.all.values()) {
      stream.tokens.length = Math.min(stream.tokens.length, stream.durable);
      stream.peer = null;
    }
  }

  #open(peer, { room, stream: id, attempt, title }, ok, fail) {
    let stream = this.all.get(id);
    if (stream && stream.state !== 'open') {
      fail({ code: 'conflict', field: 'stream', current: stream.state });
      return;
    }
    stream ??= this.begin(id, room, peer.me.user, { attempt, title });
    stream.peer = peer;
    if (attempt > stream.attempt) {
      Object.assign(stream, { attempt, tokens: [], durable: 0 });
      this.#hub.tell(room, this.#snapshot(stream));
    }
    ok({ offset: stream.offset, next: stream.tokens.length, attempt: stream.attempt });
  }

  #append(stream, { from, parts }, ok, fail) {
    const refusal = this.refusals.shift();
    if (refusal) fail(refusal);
    else if (from > stream.tokens.length) fail({ code: 'conflict', field: 'from', current: stream.tokens.length });
    else {
      this.appends.push([stream.id, from, parts]);
      const fresh = parts.slice(stream.tokens.length - from);
      if (fresh.length > 0) this.grow(stream.id, ...fresh);
      ok({ next: stream.tokens.length, durable: stream.durable });
    }
  }

  #ask(peer, { room, key, data }, ok) {
    const known = this.#hub.room(room).events.find((event) => event.key === key);
    const event = known ?? this.#hub.post(room, peer.me.user, data, { key });
    const id = `ask:${event.offset}:${room}`;
    if (!known) {
      this.begin(id, room, 'assistant', { question: event.offset });
      this.assistant(data, id);
    }
    ok({ offset: event.offset, epoch: this.#hub.epoch, at: event.at, stream: id, ...(known && { duplicate: true }) });
  }

  #snapshot({ id, room, attempt, tokens }) {
    return { room, kind: 'snapshot', stream: id, attempt, to: tokens.length, text: tokens.join(''), state: 'open' };
  }
}
