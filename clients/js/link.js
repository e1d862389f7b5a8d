/**
 * One socket's life: numbers commands and matches replies, packs the commands of a turn into
 * frames, and notices silence. It knows nothing of rooms and never comes back after its end.
 *
 * Replies are handed over synchronously, in the order of the lines: a push that stands behind the
 * answer to `sub` in the same frame must find the room already joined.
 */
import { ApusError } from './errors.js';
import { DEFAULT_LIMITS, packFrames, readFrame } from './wire.js';

/** A lost connection without a close frame (RFC 6455 §7.1.5). */
const ABNORMAL = 1006;

export class Link {
  #socket;
  #clock;
  #hooks;
  #lastId = 0;
  #waiting = new Map();
  #lines = [];
  #flushing = false;
  #ended = false;
  #frames = 0;
  #heard = 0;
  #interval = 0;
  #timer = null;

  /** Milliseconds a `ping` may stay without anything coming back. */
  static ANSWER_TIME = 10_000;

  /** Bytes a frame may have; the hub's answer to `hello` sets it. */
  frameLimit = DEFAULT_LIMITS.frame;

  /**
   * @param {any} socket  a WebSocket that was just made
   * @param {import('./clock.js').Clock} clock
   * @param {{opened: () => void, pushed: (message: any) => void, noise: (line: string) => void,
   *          ponged?: (ok: any) => void, closed: (code: number, reason: string) => void}} hooks
   */
  constructor(socket, clock, hooks) {
    this.#socket = socket;
    this.#clock = clock;
    this.#hooks = hooks;
    socket.onopen = () => this.#ended || hooks.opened();
    socket.onmessage = (event) => this.#received(event.data);
    socket.onerror = () => {};
    socket.onclose = (event) => this.#end(event.code || ABNORMAL, event.reason || '');
  }

  /**
   * @param {string} cmd
   * @param {object} fields
   * @param {(error: ApusError | null, ok?: any) => void} done  called exactly once
   */
  request(cmd, fields, done) {
    if (this.#ended) {
      done(ApusError.disconnected());
      return;
    }
    this.#lastId += 1;
    this.#waiting.set(this.#lastId, done);
    this.#lines.push(JSON.stringify({ id: this.#lastId, cmd, ...fields }));
    if (this.#flushing) return;
    this.#flushing = true;
    queueMicrotask(() => this.#flush());
  }

  /** Starts to watch for silence. @param {number} interval  milliseconds, the hub's `ping` */
  watch(interval) {
    this.#interval = interval;
    this.#heard = this.#clock.now();
    this.#await();
  }

  /** Asks now whether the other side is still there. */
  probe() {
    if (this.#ended || this.#interval === 0) return;
    this.#clock.clearTimeout(this.#timer);
    const before = this.#frames;
    this.request('ping', {}, (error, ok) => {
      if (!error) this.#hooks.ponged?.(ok);
    });
    this.#timer = this.#clock.setTimeout(() => {
      if (this.#frames === before) this.drop();
      else this.#await();
    }, Link.ANSWER_TIME);
  }

  /** Says goodbye; `closed` is not called. */
  close() {
    this.#flush();
    this.#detach();
    this.#socket.close(1000);
    this.#failWaiting();
  }

  /** Gives the socket up as lost, without waiting for a close handshake nobody may answer. */
  drop() {
    if (this.#ended) return;
    this.#detach();
    this.#socket.close();
    this.#failWaiting();
    this.#hooks.closed(ABNORMAL, 'silent');
  }

  #received(data) {
    if (this.#ended || typeof data !== 'string') return;
    this.#frames += 1;
    this.#heard = this.#clock.now();
    readFrame(data, (message) => this.#dispatch(message), this.#hooks.noise);
  }

  #dispatch(message) {
    // A hook may have closed this link in the middle of a frame.
    if (this.#ended) return;
    if (!('id' in message)) {
      this.#hooks.pushed(message);
      return;
    }
    const done = this.#waiting.get(message.id);
    if (!done) {
      this.#hooks.noise(JSON.stringify(message));
      return;
    }
    this.#waiting.delete(message.id);
    if ('ok' in message) done(null, message.ok);
    else done(ApusError.fromReply(message.error));
  }

  #flush() {
    this.#flushing = false;
    const lines = this.#lines;
    this.#lines = [];
    if (this.#ended || this.#socket.readyState !== 1) return;
    for (const frame of packFrames(lines, this.frameLimit)) this.#socket.send(frame);
  }

  /** Sets the timer to the end of one silent interval; a machine's clock may jump meanwhile. */
  #await() {
    const rest = this.#heard + this.#interval - this.#clock.now();
    if (rest <= 0) this.probe();
    else this.#timer = this.#clock.setTimeout(() => this.#await(), Math.min(rest, this.#interval));
  }

  #end(code, reason) {
    if (this.#ended) return;
    this.#detach();
    this.#failWaiting();
    this.#hooks.closed(code, reason);
  }

  #detach() {
    this.#ended = true;
    this.#clock.clearTimeout(this.#timer);
    this.#socket.onopen = null;
    this.#socket.onmessage = null;
    this.#socket.onclose = null;
  }

  #failWaiting() {
    const waiting = [...this.#waiting.values()];
    this.#waiting.clear();
    for (const done of waiting) done(ApusError.disconnected());
  }
}
