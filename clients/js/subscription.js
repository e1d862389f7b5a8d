/**
 * What the hub was asked for about one room and what came of it: joins, recovers, joins again on a
 * hole, and sorts the room's pushes into log, people, typing and read marks.
 *
 *     idle ──asked──▶ joining ──ok──▶ live ──hole──▶ joining
 *      ▲ connection lost  │ forbidden, …    │ gone
 *      └──────────────────┴────▶ refused ◀──┘        (busy …: asked again later)
 */
import { Backoff } from './backoff.js';
import { ApusError } from './errors.js';
import { People } from './people.js';
import { ReadMarks } from './read-marks.js';
import { RoomLog } from './room-log.js';
import { Streams } from './streams.js';
import { Typing } from './typing.js';

export class Subscription {
  /** @type {'idle' | 'joining' | 'live' | 'refused'} */
  phase = 'idle';
  people = new People();
  reads = new ReadMarks();
  streams = new Streams();
  #host;
  #emit;
  #options;
  #retry = null;
  #backoff;
  #expectedHead = 0;

  /**
   * @param {string} room
   * @param {{limit: number, presence: boolean, durable: boolean, keep?: number}} options
   * @param {object} host  the client: clock, random, backoff, me, request, outbox, phaseChanged
   * @param {(name: string, detail: any) => void} emit
   */
  constructor(room, options, host, emit) {
    this.room = room;
    this.#options = options;
    this.#host = host;
    this.#emit = emit;
    this.#backoff = new Backoff(host.backoff, host.random);
    this.log = new RoomLog(options.keep);
    this.typing = new Typing(host.clock, () => emit('typing', { users: this.typing.users }));
  }

  /** The fields of `sub` for the next `hello`; the answer has to come to `answered`. */
  greet() {
    this.#backoff.reset();
    this.#become('joining');
    return this.#fields();
  }

  /** Asks to join now. */
  join() {
    this.#host.clock.clearTimeout(this.#retry);
    this.#become('joining');
    this.#host.request('sub', { room: this.room, ...this.#fields() }, (error, ok) => this.answered(error, ok));
  }

  /** @param {ApusError | null} error @param {any} [ok] */
  answered(error, ok) {
    if (this.phase !== 'joining') return;
    if (!error) this.#joined(ok);
    else if (error.isPassing) this.#retry = this.#host.clock.setTimeout(() => this.join(), this.#backoff.next(error.retryAfter));
    else if (error.code !== 'disconnected' && error.code !== 'unauthorized') this.#refused(error);
  }

  /** @param {any} message  a push of this room */
  pushed(message) {
    if (this.phase === 'idle' || this.phase === 'refused') return;
    if (message.gone) this.#refused(new ApusError(message.gone.code ?? 'forbidden', `out of ${this.room}`));
    else if (message.offset !== undefined) this.#kept(message);
    else if (message.durable !== undefined) this.rose(message.durable);
    else this.#ephemeral(message);
  }

  /** Offsets up to this one are on the hub's disk. @param {number} offset */
  rose(offset) {
    if (this.log.watermark(offset)) this.#emit('durable', { offset });
  }

  /** The head a `ping` told. A push it names may still be under way, but not for a whole interval. */
  sawHead(head) {
    if (this.phase !== 'live') return;
    if (this.#expectedHead > this.log.offset) this.join();
    this.#expectedHead = head;
  }

  /** The connection is gone. */
  down() {
    this.#host.clock.clearTimeout(this.#retry);
    this.typing.clear();
    if (this.phase !== 'refused') this.#become('idle');
  }

  /** Sends the highest read mark that the page wished for and the hub may not know. */
  flushReads() {
    if (this.phase !== 'live') return;
    this.reads.flush((upto, done) => this.#host.request('read', { room: this.room, upto }, done));
  }

  #fields() {
    const { limit, presence, durable } = this.#options;
    return { ...this.log.position, limit, presence, durable };
  }

  #joined(ok) {
    this.#backoff.reset();
    this.#expectedHead = 0;
    const changes = this.log.answer(ok);
    if (ok.presence) this.people.replace(ok.presence);
    this.reads.replace(ok.reads ?? {});
    this.reads.restart(this.#host.me);
    this.#become('live');
    this.#apply(changes, false);
    for (const stream of this.streams.answered(ok.streams)) this.#emit('stream', { stream });
    this.#emit('durable', { offset: this.log.durable });
    if (ok.presence) this.#emit('presence', { people: this.people.list, join: [], leave: [] });
    this.#emit('read', { marks: this.reads.marks });
    this.flushReads();
  }

  #refused(error) {
    this.#host.clock.clearTimeout(this.#retry);
    this.typing.clear();
    this.#become('refused');
    this.#emit('gone', { error });
  }

  #kept(event) {
    const outcome = this.log.push(event);
    if (outcome === 'dropped') return;
    if (outcome !== 'hole') this.#apply(outcome, true);
    else if (this.phase === 'live') this.join();
  }

  #apply(changes, live) {
    for (const change of changes) {
      if (change.type === 'appended') this.#appended(change.events, live);
      else if (change.type === 'truncated') this.#truncated(change);
      else if (change.type === 'trimmed') this.#emit('trimmed', { first: change.first });
      else this.#reset(change);
    }
  }

  #appended(events, live) {
    for (const event of events) this.typing.stopped(event.by);
    this.#emit('events', { events, live });
    for (const event of events) if (event.kind === 'stream') this.#streamed(this.streams.kept(event));
    this.#claim(events);
  }

  #truncated({ to, removed }) {
    this.reads.truncate(to);
    this.streams.truncate(to);
    this.#host.outbox.revoked(this.room, removed);
    this.#emit('truncated', { to, removed });
    this.#emit('pending', {});
  }

  #reset({ type, ...detail }) {
    if (detail.reason === 'stale') this.#host.outbox.revoked(this.room, null);
    this.#emit('reset', { ...detail, events: this.log.events });
    for (const event of this.log.events) if (event.kind === 'stream') this.streams.kept(event);
    this.#claim(this.log.events);
  }

  /** Own events among those that came: the outbox learns that they were accepted. */
  #claim(events) {
    const own = events.filter((event) => event.key !== undefined && event.by === this.#host.me);
    if (own.length === 0) return;
    for (const event of own) this.#host.outbox.accepted(this.room, event, this.log.epoch);
    this.#emit('pending', {});
  }

  #ephemeral(message) {
    const { kind, by } = message;
    if (kind === 'typing') {
      if (by !== this.#host.me) this.typing.saw(by);
    } else if (kind === 'presence') {
      this.people.apply(message);
      for (const user of message.leave ?? []) this.typing.stopped(user);
      this.#emit('presence', { people: this.people.list, join: message.join ?? [], leave: message.leave ?? [] });
    } else if (kind === 'read') {
      if (this.reads.raise(by, message.upto)) this.#emit('read', { marks: this.reads.marks, user: by, upto: message.upto });
    } else if (kind === 'delta' || kind === 'snapshot' || kind === 'usage') {
      const outcome = this.streams.pushed(message);
      if (outcome === 'hole') {
        if (this.phase === 'live') this.join();
      } else if (outcome !== 'dropped') this.#streamed(outcome);
    } else {
      this.#emit('signal', message);
    }
  }

  #streamed(stream) {
    if (stream) this.#emit('stream', { stream });
  }

  #become(phase) {
    if (this.phase === phase) return;
    this.phase = phase;
    this.#host.phaseChanged(this);
  }
}
