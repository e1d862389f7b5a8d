/**
 * What a person has said and the hub has not yet confirmed as durable. It belongs to
 * (hub, tenant, user), outlives pages and connections, and is drained by one tab at a time.
 *
 * Per room one unacknowledged send, in order, always with the entry's own key: a lost answer costs
 * a repetition, never a second event. An error that may pass makes the room wait; one that cannot
 * drops the entry and says so. An entry leaves the store only after its answer was passed on, so a
 * tab that dies in between makes the next one ask again and learn the same.
 */
import { Backoff } from './backoff.js';
import { randomKey } from './clock.js';
import { Emitter } from './emitter.js';
import { ApusError } from './errors.js';
import { SendHandle } from './send-handle.js';
import { DEFAULT_LIMITS, holdsRefusedText, utf8Length } from './wire.js';

/** Room in a frame for a command around its data. */
const ENVELOPE = 1_024;

/** An `internal` that never passes must not block its room for ever. */
const INTERNAL_ATTEMPTS = 6;

/**
 * @typedef {{seq: number | null, key: string, room: string, kind: string, data: any, at: number}} Entry
 */

const idOf = (room, key) => `${room}\n${key}`;

export class Outbox extends Emitter {
  #clock;
  #random;
  #backoff;
  #makeKey;
  #store = null;
  #tabs = null;
  /** @type {Entry[]} */
  #entries = [];
  #handles = new Map();
  #settled = new Set();
  #lanes = new Map();
  #request = null;
  #limits = DEFAULT_LIMITS;
  /** @type {Promise<void> | null} */
  #opening = null;

  /**
   * @param {{clock: any, random: () => number, backoff?: object, makeKey?: () => string}} parts
   */
  constructor({ clock, random, backoff, makeKey = randomKey }) {
    super();
    this.#makeKey = makeKey;
    this.#clock = clock;
    this.#random = random;
    this.#backoff = backoff;
  }

  /** Everything waiting, in the order in which it will be sent. @returns {Entry[]} */
  get entries() {
    return [...this.#entries];
  }

  /** @param {string} room @returns {Entry[]} */
  pendingIn(room) {
    return this.#entries.filter((entry) => entry.room === room);
  }

  /**
   * Opens what was left behind and puts away what was said before the person was known.
   * @param {{store: any, makeTabs: (hooks: object) => any}} place
   */
  open({ store, makeTabs }) {
    this.#store = store;
    this.#tabs = makeTabs({
      heard: (news) => this.#heard(news),
      leading: () => this.#reload(),
    });
    const early = this.#entries;
    this.#opening = this.#reload().then(() => Promise.all(early.map((entry) => this.#save(entry))));
    return this.#opening;
  }

  /** A key that nobody else has. */
  makeKey() {
    return this.#makeKey();
  }

  /**
   * @param {string} room @param {string} kind @param {any} data @param {string} [key]
   * @returns {SendHandle}
   */
  add(room, kind, data, key = this.makeKey()) {
    const id = idOf(room, key);
    if (this.#handles.has(id)) return this.#handles.get(id);
    const handle = new SendHandle(room, key);
    const text = JSON.stringify(data);
    if (text === undefined) throw new TypeError('data has no JSON form');
    const entry = { seq: null, key, room, kind, data: JSON.parse(text), at: this.#clock.now() };
    if (holdsRefusedText(text)) {
      this.#finish(entry, handle, { state: 'failed', error: new ApusError('bad_request', 'NUL and half surrogate pairs cannot be sent', { field: 'data' }) });
      return handle;
    }
    this.#handles.set(id, handle);
    // Left behind by an earlier page under this very key: it is on its way already.
    if (this.#entries.some((one) => one.room === room && one.key === key)) return handle;
    this.#settled.delete(id);
    this.#entries.push(entry);
    this.emit('changed', { room });
    this.#opening?.then(() => this.#save(entry));
    return handle;
  }

  /** @param {(cmd: string, fields: object, done: Function) => void} request @param {object} limits */
  up(request, limits) {
    this.#request = request;
    this.#limits = { ...DEFAULT_LIMITS, ...limits };
    this.#tabs?.lead();
  }

  /** The connection is gone: another tab may have one. */
  down() {
    this.#request = null;
    for (const lane of this.#lanes.values()) this.#clock.clearTimeout(lane.timer);
    this.#lanes.clear();
    this.#tabs?.yield();
  }

  close() {
    this.down();
    this.#tabs?.close();
    this.#store?.close();
  }

  /** An own event came back: its offset is given. */
  accepted(room, { key, offset, at }, epoch) {
    this.#handles.get(idOf(room, key))?.advance('accepted', { offset, at, epoch });
  }

  /**
   * Events that the hub had accepted and then lost.
   * @param {string} room @param {{key?: string}[] | null} events  null: all of the room
   */
  revoked(room, events) {
    const waiting = events?.map((event) => event.key) ?? this.pendingIn(room).map((entry) => entry.key);
    for (const key of waiting) this.#handles.get(idOf(room, key))?.revoke();
  }

  async #save(entry) {
    try {
      entry.seq = await this.#store.add({ ...entry, seq: undefined });
    } catch (error) {
      // A full or forbidden store: the message still goes out while this page lives.
      this.emit('warned', error);
    }
    entry.saved = true;
    this.#tabs.changed();
    this.#drain();
  }

  async #reload() {
    // What is being saved while the store is read may be missing in what was read.
    const saving = new Set(this.#entries.filter((entry) => entry.seq === null));
    let stored = [];
    try {
      stored = await this.#store.all();
    } catch (error) {
      this.emit('warned', error);
    }
    const own = this.#entries.filter((entry) => entry.seq === null || saving.has(entry));
    const known = new Set(own.map((entry) => idOf(entry.room, entry.key)));
    const kept = stored.filter((entry) => {
      const id = idOf(entry.room, entry.key);
      return !this.#settled.has(id) && !known.has(id);
    });
    const bySeq = (a, b) => (a.seq ?? Infinity) - (b.seq ?? Infinity) || 0;
    this.#entries = [...kept.map((entry) => ({ ...entry, saved: true })), ...own].sort(bySeq);
    this.emit('changed', { room: null });
    this.#drain();
  }

  #drain() {
    if (!this.#request) return;
    const seen = new Set();
    for (const entry of [...this.#entries]) {
      if (seen.has(entry.room) || !this.#entries.includes(entry)) continue;
      seen.add(entry.room);
      // What could not be saved no other tab knows of.
      if (entry.saved && (this.#tabs.isLeading || entry.seq === null)) this.#sendHead(entry);
    }
  }

  #sendHead(entry) {
    const lane = this.#lane(entry.room);
    if (lane.busy) return;
    const length = utf8Length(JSON.stringify(entry.data));
    if (length > this.#limits.data || length + ENVELOPE > this.#limits.frame) {
      this.#settle(entry, { state: 'failed', error: new ApusError('too_large', `${length} bytes of data, ${this.#limits.data} are the limit`, { field: 'data' }) });
      return;
    }
    lane.busy = true;
    const { room, kind, data, key } = entry;
    this.#request('send', { room, kind, data, key, ack: 'durable' }, (error, ok) => {
      // After a loss the lane is not this connection's any more.
      if (error?.code === 'disconnected' || this.#lanes.get(room) !== lane) return;
      lane.busy = false;
      if (!error) this.#settle(entry, { state: 'durable', offset: ok.offset, epoch: ok.epoch, at: ok.at, duplicate: ok.duplicate === true });
      else if (this.#mayPass(error, lane)) this.#wait(lane, error);
      else this.#settle(entry, { state: 'failed', error });
    });
  }

  #lane(room) {
    if (!this.#lanes.has(room)) {
      this.#lanes.set(room, { busy: false, timer: null, internal: 0, backoff: new Backoff(this.#backoff, this.#random) });
    }
    return this.#lanes.get(room);
  }

  #mayPass(error, lane) {
    if (error.code === 'internal') lane.internal += 1;
    // An `unauthorized` ends with 4401 and a new token; the entry has done nothing wrong.
    return error.code === 'unauthorized' || (error.isPassing && lane.internal < INTERNAL_ATTEMPTS);
  }

  #wait(lane, error) {
    lane.busy = true;
    lane.timer = this.#clock.setTimeout(() => {
      lane.busy = false;
      this.#drain();
    }, lane.backoff.next(error.retryAfter));
  }

  #settle(entry, result) {
    const lane = this.#lane(entry.room);
    lane.internal = 0;
    lane.backoff.reset();
    this.#tabs.settled({ room: entry.room, key: entry.key, result: portable(result) });
    this.#forget(entry.room, entry.key, result);
    if (entry.seq !== null) {
      this.#store.remove(entry.seq).then(
        () => this.#tabs.changed(),
        (error) => this.emit('warned', error),
      );
    }
    this.#drain();
  }

  #forget(room, key, result) {
    const id = idOf(room, key);
    this.#settled.add(id);
    if (this.#settled.size > 2_000) this.#settled.delete(this.#settled.values().next().value);
    const entry = this.#entries.find((one) => one.room === room && one.key === key);
    this.#entries = this.#entries.filter((one) => one !== entry);
    const handle = this.#handles.get(id);
    this.#handles.delete(id);
    if (entry || handle) this.#finish(entry ?? { room, key }, handle, result);
  }

  #finish(entry, handle, result) {
    handle?.advance(result.state, result);
    this.emit('settled', { entry, result });
    this.emit('changed', { room: entry.room });
  }

  #heard(news) {
    if (news.settled) {
      const { room, key, result } = news.settled;
      this.#forget(room, key, revived(result));
    } else {
      this.#reload();
    }
  }
}

/** An error does not survive structured cloning as itself. */
function portable(result) {
  if (!result.error) return result;
  const { code, message, field } = result.error;
  return { ...result, error: { code, message, field } };
}

function revived(result) {
  return result.error ? { ...result, error: ApusError.fromReply(result.error) } : result;
}
