/**
 * A room as a page holds it: what is known of it, what can be done there, and its news as events
 * (README.md lists them). It stays the same object over reconnects.
 */
import { Emitter } from './emitter.js';
import { ApusError } from './errors.js';
import { ask } from './question.js';
import { Subscription } from './subscription.js';

const STATES = { idle: 'offline', joining: 'joining', live: 'live', refused: 'gone' };

export class Room extends Emitter {
  #host;
  #subscription;
  #loading = null;
  #deaf;

  /**
   * @param {string} name
   * @param {object} options
   * @param {object} host  the client's inside
   */
  constructor(name, options, host) {
    super();
    this.name = name;
    this.#host = host;
    const wanted = { limit: 50, presence: true, durable: true, ...options };
    this.#subscription = new Subscription(name, wanted, host, (event, detail) => this.emit(event, detail));
    host.subscriptions.set(name, this.#subscription);
    this.#deaf = [
      host.outbox.on('changed', ({ room }) => {
        if (room === null || room === name) this.emit('pending', {});
      }),
      host.outbox.on('settled', ({ entry, result }) => this.#settled(entry, result)),
    ];
  }

  /** @returns {'offline' | 'joining' | 'live' | 'gone'} */
  get state() {
    return STATES[this.#subscription.phase];
  }

  /** The kept events held, ascending without holes. Not to be changed. */
  get events() {
    return this.#subscription.log.events;
  }

  /** Whether `loadOlder` would find something. */
  get more() {
    return this.#subscription.log.more;
  }

  /** The highest offset known to be on the hub's disk. */
  get durable() {
    return this.#subscription.log.durable;
  }

  get people() {
    return this.#subscription.people.list;
  }

  /** Users who are writing now, oneself aside. */
  get typists() {
    return this.#subscription.typing.users;
  }

  /** Open streams by id, with the text so far; an ended one is an event like others. */
  get streams() {
    return this.#subscription.streams.open;
  }

  /** Read marks by user. @returns {ReadonlyMap<string, number>} */
  get reads() {
    return this.#subscription.reads.marks;
  }

  /** Own messages that have no offset yet, in the order in which they will be sent. */
  get pending() {
    const waiting = this.#host.outbox.pendingIn(this.name);
    if (waiting.length === 0) return waiting;
    const mine = this.events.filter((event) => event.by === this.#host.me && event.key !== undefined);
    const seen = new Set(mine.map((event) => event.key));
    return waiting.filter((entry) => !seen.has(entry.key));
  }

  /**
   * Puts a message into the outbox; it is sent until it is durable, in order, exactly once.
   * @param {string} kind
   * @param {any} data  anything JSON can hold
   * @param {{key?: string}} [options]  an own idempotency key, 1–64 bytes
   */
  send(kind, data, { key } = {}) {
    this.#subscription.typing.resetSign();
    return this.#host.outbox.add(this.name, kind, data, key);
  }

  /** To be called at each keystroke; sends as often as the readers need it. */
  typing() {
    if (this.state === 'live' && this.#subscription.typing.takeSign()) this.signal('typing').catch(() => {});
  }

  /** An ephemeral sign to those who are here now. @returns {Promise<void>} */
  signal(kind, data) {
    return this.#ask('signal', data === undefined ? { kind } : { kind, data });
  }

  /**
   * Asks the room's assistant; asked again after a lost connection until the hub has it.
   * @param {string | {text: string}} question
   * @param {{key?: string}} [options]  an own idempotency key, 1–64 bytes
   * @returns {Promise<{offset: number, stream: string}>}  the question's offset and the stream of the answer
   */
  ask(question, { key = this.#host.outbox.makeKey() } = {}) {
    const data = typeof question === 'string' ? { text: question } : question;
    return ask(this.name, data, key, this.#host);
  }

  /** Asks for a stream to stop. @param {string} stream @returns {Promise<void>} */
  cancel(stream) {
    return new Promise((resolve, reject) => {
      this.#host.request('stream.cancel', { stream }, (error) => (error ? reject(error) : resolve()));
    });
  }

  /** Marks everything up to an offset as read by oneself. */
  markRead(upto = this.#subscription.log.offset) {
    const { log, reads } = this.#subscription;
    reads.want(Math.min(upto ?? 0, log.offset ?? 0));
    this.#subscription.flushReads();
  }

  /**
   * Puts a page of older events in front of `events`. Calls made meanwhile share the answer.
   * @returns {Promise<{events: any[], more: boolean}>}
   */
  loadOlder(limit = 50) {
    this.#loading ??= this.#loadPage(limit).finally(() => {
      this.#loading = null;
    });
    return this.#loading;
  }

  /** Any page of the past, without touching `events`. @param {{before?: number, after?: number, limit?: number}} [page] */
  history(page = {}) {
    return this.#ask('history', page);
  }

  /** Asks anew who is here. */
  async who() {
    const { people } = await this.#ask('presence', {});
    this.#subscription.people.replace(people);
    this.emit('presence', { people: this.people, join: [], leave: [] });
    return this.people;
  }

  /** Tries again after `gone`. */
  rejoin() {
    if (this.#subscription.phase === 'refused') this.#subscription.join();
  }

  /** Leaves for good; `client.join(name)` gives a new room. What is in the outbox is still sent. */
  leave() {
    const { subscriptions } = this.#host;
    if (subscriptions.get(this.name) !== this.#subscription) return;
    const wasAsked = this.#subscription.phase === 'live' || this.#subscription.phase === 'joining';
    subscriptions.delete(this.name);
    this.#host.rooms.delete(this.name);
    this.#subscription.down();
    for (const off of this.#deaf) off();
    if (wasAsked) this.#host.request('unsub', { room: this.name }, () => {});
  }

  /** The own tick follows the answer at once, also where no watermark was asked for. */
  #settled(entry, result) {
    if (entry.room !== this.name) return;
    if (result.state === 'failed') this.emit('failed', { entry, error: result.error });
    else if (result.epoch === this.#subscription.log.epoch) this.#subscription.rose(result.offset);
  }

  async #loadPage(limit) {
    const { log } = this.#subscription;
    if (!log.more || log.offset === null) return { events: [], more: false };
    const page = await this.#ask('history', { before: log.firstOffset, limit });
    const events = log.prepend(page);
    if (events.length > 0) this.emit('older', { events, more: log.more });
    return { events, more: log.more };
  }

  /** @returns {Promise<any>} */
  #ask(cmd, fields) {
    return new Promise((resolve, reject) => {
      this.#host.request(cmd, { room: this.name, ...fields }, (error, ok) => {
        if (error) reject(error instanceof ApusError ? error : new ApusError('internal', String(error)));
        else resolve(ok);
      });
    });
  }
}
