/**
 * One stream that this client writes: keeps what is not yet on the hub's disk, and after a lost
 * connection or a crash of the hub goes on from where the hub says. No token is lost or doubled.
 *
 *     waiting ──up──▶ opening ──ok──▶ writing ──close() and all sent──▶ closing ──ok──▶ over
 *        ▲  connection lost  │             │                              │
 *        └───────────────────┴─────────────┴──────────────────────────────┘
 */
import { Backoff } from './backoff.js';
import { Emitter } from './emitter.js';
import { ApusError } from './errors.js';
import { utf8Length } from './wire.js';

/** Characters of tokens in one command; the hub's frame limit is far above. */
const MOST = 32_768;

/** Tokens in one command. */
const MOST_TOKENS = 2000;

export class Production extends Emitter {
  /** @type {'waiting' | 'opening' | 'writing' | 'closing' | 'over'} */
  #phase = 'waiting';
  #host;
  #fields;
  #attempt;
  /** Tokens from index `#base` on: what the hub may still ask for. */
  #kept = [];
  #base = 0;
  /** The index of the next token to send. */
  #next = 0;
  /** Characters of all tokens of the attempt. */
  #bytes = 0;
  #ending = null;
  #isAsking = false;
  /** Counts connections and attempts: an answer to an earlier one says nothing. */
  #round = 0;
  #retry = null;
  #backoff;
  #settle;

  /**
   * @param {string} room
   * @param {{stream: string, title?: string, meta?: object, attempt?: number, ownerEpoch?: number}} options
   * @param {object} host  the client's inside
   */
  constructor(room, { stream, title, meta, attempt = 1, ownerEpoch }, host) {
    super();
    this.room = room;
    this.id = stream;
    this.#host = host;
    this.#attempt = attempt;
    this.#fields = { room, stream, title, meta, owner_epoch: ownerEpoch };
    this.#backoff = new Backoff(host.backoff, host.random);
    /** Settles when the stream is over: with how it ended, or with the error that ended it. */
    this.ended = new Promise((resolve, reject) => {
      this.#settle = { resolve, reject };
    });
    this.ended.catch(() => {});
    host.productions.add(this);
  }

  get attempt() {
    return this.#attempt;
  }

  /** Tokens appended so far. */
  get tokens() {
    return this.#base + this.#kept.length;
  }

  /** Tokens that are on the hub's disk. */
  get durable() {
    return this.#base;
  }

  get isOver() {
    return this.#phase === 'over';
  }

  /** Adds one token, or several. @param {string | string[]} text */
  append(text) {
    if (this.#ending || this.isOver) throw new ApusError('closed', `the stream ${this.id} is closed`);
    const tokens = typeof text === 'string' ? [text] : text;
    const limit = this.#host.limits?.stream ?? 1_048_576;
    const bytes = tokens.reduce((sum, token) => sum + utf8Length(token), 0);
    if (this.#bytes + bytes > limit) throw new ApusError('too_large', `a stream's text has at most ${limit} bytes`, { field: 'parts' });
    this.#bytes += bytes;
    this.#kept.push(...tokens);
    this.#go();
    return this;
  }

  /** Starts again with nothing: what readers have seen is superseded. */
  restart() {
    if (this.#ending || this.isOver) throw new ApusError('closed', `the stream ${this.id} is closed`);
    this.#attempt += 1;
    this.#kept = [];
    this.#base = 0;
    this.#next = 0;
    this.#bytes = 0;
    if (this.#phase === 'writing' || this.#phase === 'opening') this.up();
    return this;
  }

  /**
   * Ends the stream once everything is sent.
   * @param {'done' | 'failed' | 'cancelled'} [state]
   * @param {{usage?: object, error?: any}} [more]
   * @returns {Promise<{state: string, offset: number | null}>} as `ended`
   */
  close(state = 'done', { usage, error } = {}) {
    this.#ending ??= { state, usage, error };
    this.#go();
    return this.ended;
  }

  /** There is a connection: the stream is opened on it, or taken up again. */
  up() {
    if (this.isOver) return;
    this.#round += 1;
    this.#phase = 'opening';
    this.#isAsking = false;
    this.#ask('stream.open', { ...this.#fields, attempt: this.#attempt }, (error, ok) => {
      if (error) {
        this.#refused(error, () => this.up());
        return;
      }
      if (ok.next < this.#base || ok.next > this.tokens) {
        this.#over(new ApusError('conflict', `the hub has ${ok.next} tokens, here are ${this.#base} to ${this.tokens}`));
        return;
      }
      this.#next = ok.next;
      this.#phase = 'writing';
      this.#go();
    });
  }

  /** The connection is gone. */
  down() {
    if (this.isOver) return;
    this.#round += 1;
    this.#isAsking = false;
    this.#phase = 'waiting';
    this.#host.clock.clearTimeout(this.#retry);
  }

  /** Somebody asks for the stream to stop. @param {{by: string}} cancel */
  cancelled(cancel) {
    this.emit('cancel', cancel);
  }

  /** One command at a time: what is appended meanwhile goes with the next one. */
  #go() {
    if (this.#phase !== 'writing' || this.#isAsking) return;
    if (this.#next < this.tokens) this.#sendTokens();
    else if (this.#ending) this.#sendEnd();
  }

  #sendTokens() {
    const parts = [];
    let size = 0;
    for (let index = this.#next - this.#base; index < this.#kept.length && parts.length < MOST_TOKENS; index += 1) {
      size += this.#kept[index].length;
      if (size > MOST && parts.length > 0) break;
      parts.push(this.#kept[index]);
    }
    this.#ask('stream.append', { stream: this.id, attempt: this.#attempt, from: this.#next, parts }, (error, ok) => {
      if (error?.code === 'conflict' && error.field === 'from' && error.current >= this.#base && error.current <= this.tokens) {
        this.#next = error.current;
      } else if (error) {
        this.#refused(error, () => this.#go());
        return;
      } else {
        this.#backoff.reset();
        this.#next = Math.max(this.#next, ok.next);
        this.#forget(ok.durable);
      }
      this.#go();
    });
  }

  /** What is on the disk is never asked for again. */
  #forget(durable) {
    const known = Math.min(durable, this.#next) - this.#base;
    if (known <= 0) return;
    this.#kept.splice(0, known);
    this.#base += known;
    this.emit('durable', { tokens: this.#base });
  }

  #sendEnd() {
    this.#phase = 'closing';
    this.#ask('stream.close', { stream: this.id, ...this.#ending }, (error, ok) => {
      if (!error) {
        this.#over(null, { state: this.#ending.state, offset: ok.offset });
        return;
      }
      this.#phase = 'writing';
      this.#refused(error, () => this.#go());
    });
  }

  #refused(error, again) {
    if (error.code === 'disconnected' || error.code === 'unauthorized') return;
    if (error.isPassing) {
      this.#retry = this.#host.clock.setTimeout(again, this.#backoff.next(error.retryAfter));
      return;
    }
    // The end may have been kept although its answer was lost.
    if (this.#ending && error.code === 'conflict' && error.current === this.#ending.state) {
      this.#over(null, { state: error.current, offset: null });
    } else this.#over(error);
  }

  #ask(cmd, fields, done) {
    const round = this.#round;
    this.#isAsking = true;
    this.#host.request(cmd, fields, (error, ok) => {
      if (round !== this.#round) return;
      this.#isAsking = false;
      done(error, ok);
    });
  }

  #over(error, result) {
    this.#phase = 'over';
    this.#kept = [];
    this.#host.clock.clearTimeout(this.#retry);
    this.#host.productions.delete(this);
    if (error) {
      this.emit('failed', { error });
      this.#settle.reject(error);
    } else this.#settle.resolve(result);
  }
}
