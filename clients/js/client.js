/**
 * The client: one person's connection to one hub, the rooms they are in and their outbox.
 */
import { systemClock } from './clock.js';
import { Connection } from './connection.js';
import { Credentials, identityOf } from './credentials.js';
import { Emitter } from './emitter.js';
import { ApusError } from './errors.js';
import { onNetworkSigns } from './network-signs.js';
import { placeOutbox } from './outbox-place.js';
import { Outbox } from './outbox.js';
import { Production } from './production.js';
import { Room } from './room.js';

export const VERSION = '0.1.0';

export class Apus extends Emitter {
  #options;
  #url;
  #connection;
  #outbox;
  #inside;
  /** @type {{tenant: string, user: string} | null} */
  #identity = null;
  /** @type {'offline' | 'catching up' | 'live'} */
  #state = 'offline';
  #isConnected = false;
  #isGreeted = false;
  #offSigns;

  /** @param {import('./apus.d.ts').ApusOptions} options */
  constructor(options) {
    super();
    const clock = options.clock ?? systemClock;
    const random = options.random ?? Math.random;
    this.#options = { ...options, clock, random };
    this.#url = socketURL(options.url ?? '/ws');
    this.#outbox = this.#makeOutbox();
    this.#inside = this.#makeInside();
    const socketClass = options.WebSocket ?? globalThis.WebSocket;
    if (!socketClass) throw new TypeError('there is no WebSocket here: give one as an option');
    this.#connection = new Connection(
      { url: this.#url, WebSocket: socketClass, clock, random, backoff: options.backoff, connectTimeout: options.connectTimeout ?? 15_000, agent: options.agent ?? `apus-js/${VERSION}` },
      new Credentials(options.token, clock),
      this.#hooks(),
    );
    this.#offSigns = onNetworkSigns(() => this.#connection.nudge());
    if (options.identity) this.#own({ tenant: 'default', ...options.identity });
  }

  /** @returns {'offline' | 'catching up' | 'live'} */
  get state() {
    return this.#state;
  }

  /** The own user id, as soon as it is known. */
  get user() {
    return this.#inside.me;
  }

  /** Own roles, from the last `hello` or `auth`. @type {string[]} */
  roles = [];

  /** Whether the hub has an assistant for `room.ask`, from the last `hello`. */
  hasAssistant = false;

  /** The hub's limits from the last `hello`. */
  limits = null;

  /** @returns {ReadonlyMap<string, Room>} */
  get rooms() {
    return this.#inside.rooms;
  }

  /** Everything in the outbox, of all rooms, in the order of sending. */
  get pending() {
    return this.#outbox.entries;
  }

  /** Connects and stays connected. After `stopped` it tries again. */
  connect() {
    this.#connection.start();
  }

  /** Goes offline and stays there until `connect()`. Rooms and outbox are kept. */
  disconnect() {
    this.#connection.stop();
  }

  /** Ends this client. What is in the outbox stays there for the next one. */
  close() {
    this.#offSigns();
    this.#connection.stop();
    this.#outbox.close();
  }

  /**
   * The room of this name; joined now, and again after every reconnect.
   * @param {string} name
   * @param {object} [options]  counts at the first call for this name
   * @returns {Room}
   */
  join(name, options = {}) {
    const known = this.#inside.rooms.get(name);
    if (known) return known;
    const room = new Room(name, options, this.#inside);
    this.#inside.rooms.set(name, room);
    if (this.#isGreeted) this.#inside.subscriptions.get(name).join();
    return room;
  }

  /** Sends into a room that need not be joined. @returns {import('./send-handle.js').SendHandle} */
  send(room, kind, data, options = {}) {
    return this.#outbox.add(room, kind, data, options.key);
  }

  /**
   * Opens a stream of text in a room that need not be joined; it survives lost connections and crashes of the hub.
   * @param {string} room
   * @param {{stream?: string, title?: string, meta?: object, attempt?: number, ownerEpoch?: number}} [options]
   * @returns {Production}
   */
  stream(room, options = {}) {
    const production = new Production(room, { stream: this.#outbox.makeKey(), ...options }, this.#inside);
    if (this.#isGreeted) production.up();
    return production;
  }

  /** Any command of the protocol. @param {string} cmd @param {object} [fields] @returns {Promise<any>} */
  request(cmd, fields = {}) {
    return new Promise((resolve, reject) => {
      this.#connection.request(cmd, fields, (error, ok) => (error ? reject(error) : resolve(ok)));
    });
  }

  #makeInside() {
    const { clock, random, backoff } = this.#options;
    return {
      clock,
      random,
      backoff,
      /** @type {string | null} */
      me: null,
      rooms: new Map(),
      subscriptions: new Map(),
      outbox: this.#outbox,
      limits: null,
      /** @type {Set<Production>} */
      productions: new Set(),
      /** @type {(() => void)[]} */
      waiting: [],
      /** Calls once when there is a connection; not at once, because one that is being lost still counts as there. */
      whenUp: (run) => queueMicrotask(() => (this.#isGreeted ? run() : this.#inside.waiting.push(run))),
      request: (cmd, fields, done) => this.#connection.request(cmd, fields, done),
      phaseChanged: (subscription) => {
        const room = this.#inside.rooms.get(subscription.room);
        room?.emit('state', room.state);
        this.#updateState();
      },
    };
  }

  #makeOutbox() {
    const outbox = new Outbox(this.#options);
    outbox.on('settled', (detail) => this.emit(detail.result.state, detail));
    outbox.on('changed', (detail) => this.emit('pending', detail));
    outbox.on('warned', (error) => this.emit('warning', error));
    return outbox;
  }

  #hooks() {
    return {
      identified: (credential) => this.#identified(identityOf(credential)),
      socketOpened: () => {
        this.#isConnected = true;
        this.#updateState();
      },
      greeting: () => this.#greeting(),
      opened: (ok) => this.#opened(ok),
      pushed: (message) => this.#pushed(message),
      ponged: (ok) => this.#ponged(ok),
      renewed: (ok) => this.#roles(ok),
      lost: () => this.#lost(),
      stopped: (error) => this.emit('stopped', error),
      warned: (error) => this.emit('warning', error),
    };
  }

  /** The outbox is this person's: another one needs another client. */
  #identified(identity) {
    if (!identity) return;
    if (!this.#identity) this.#own(identity);
    else if (identity.user !== this.#identity.user || identity.tenant !== this.#identity.tenant) {
      throw new ApusError('identity_changed', `this client belongs to ${this.#identity.user}, the token to ${identity.user}`);
    }
  }

  #own(identity) {
    this.#identity = identity;
    this.#inside.me = identity.user;
    const { outbox: store, clock } = this.#options;
    this.#outbox.open(placeOutbox({ hub: this.#url, identity, store, clock }));
  }

  #greeting() {
    const rooms = {};
    for (const [name, subscription] of this.#inside.subscriptions) {
      if (subscription.phase !== 'refused') rooms[name] = subscription.greet();
    }
    return Object.keys(rooms).length > 0 ? { rooms } : {};
  }

  #opened(ok) {
    try {
      this.#identified({ tenant: this.#identity?.tenant ?? 'default', user: ok.user });
    } catch (error) {
      this.#connection.stop();
      this.emit('stopped', error);
      return;
    }
    this.#isGreeted = true;
    this.limits = ok.limits ?? null;
    this.hasAssistant = ok.assistant === true;
    this.#inside.limits = this.limits;
    this.#roles(ok);
    for (const [name, subscription] of [...this.#inside.subscriptions]) {
      const answer = ok.rooms?.[name];
      if (answer && subscription.phase === 'joining') {
        subscription.answered(answer.ok ? null : ApusError.fromReply(answer.error), answer.ok);
      } else if (subscription.phase === 'idle' || subscription.phase === 'joining') {
        // Wished for while `hello` was under way.
        subscription.join();
      }
    }
    this.#outbox.up(this.#inside.request, this.limits);
    for (const production of [...this.#inside.productions]) production.up();
    for (const run of this.#inside.waiting.splice(0)) run();
    this.#updateState();
  }

  #roles(ok) {
    if (!ok.roles) return;
    this.roles = ok.roles;
    this.emit('roles', ok.roles);
  }

  #pushed(message) {
    const subscription = this.#inside.subscriptions.get(message.room);
    if (subscription) subscription.pushed(message);
    else if (message.cancel && message.stream !== undefined) this.#cancelled(message);
    else if (message.room === undefined) this.emit('push', message);
  }

  #cancelled({ stream, cancel }) {
    for (const production of this.#inside.productions) if (production.id === stream) production.cancelled(cancel);
  }

  #ponged(ok) {
    for (const [name, head] of Object.entries(ok.heads ?? {})) this.#inside.subscriptions.get(name)?.sawHead(head);
  }

  #lost() {
    this.#isConnected = false;
    this.#isGreeted = false;
    for (const subscription of this.#inside.subscriptions.values()) subscription.down();
    this.#outbox.down();
    for (const production of this.#inside.productions) production.down();
    this.#updateState();
  }

  #updateState() {
    const isBehind = [...this.#inside.subscriptions.values()].some(({ phase }) => phase === 'idle' || phase === 'joining');
    const reached = this.#isGreeted && !isBehind ? 'live' : 'catching up';
    const state = this.#isConnected ? reached : 'offline';
    if (state === this.#state) return;
    this.#state = state;
    this.emit('state', state);
  }
}

/** A page's own address may stand in for the hub's; http and https mean ws and wss. */
function socketURL(given) {
  const url = new URL(given, globalThis.location?.href);
  url.protocol = url.protocol.replace(/^http/, 'ws');
  return url.href;
}
