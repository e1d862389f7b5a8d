/**
 * One message on its way: `queued` → `accepted` (the hub gave it an offset, one tick) → `durable`
 * (it is on the hub's disk, two ticks), or `failed`. A hub that crashed in between may have lost an
 * accepted one; it is then `queued` again.
 */
import { Emitter } from './emitter.js';

const RANK = { queued: 0, accepted: 1, durable: 2, failed: 2 };

export class SendHandle extends Emitter {
  /** @type {'queued' | 'accepted' | 'durable' | 'failed'} */
  state = 'queued';
  /** @type {number | undefined} */
  offset;
  /** @type {string | undefined} */
  epoch;
  /** @type {number | undefined} */
  at;
  /** @type {Error | undefined} */
  error;
  #waiting = [];

  /** @param {string} room @param {string} key */
  constructor(room, key) {
    super();
    this.room = room;
    this.key = key;
  }

  /** Resolves once the hub has given an offset. @returns {Promise<SendHandle>} */
  get accepted() {
    return this.#reach('accepted');
  }

  /** Resolves once the message is on the hub's disk. @returns {Promise<SendHandle>} */
  get durable() {
    return this.#reach('durable');
  }

  /** For the outbox. @param {'accepted' | 'durable' | 'failed'} state @param {object} detail */
  advance(state, { offset, epoch, at, error }) {
    if (RANK[state] <= RANK[this.state]) return;
    Object.assign(this, { state, offset: offset ?? this.offset, epoch: epoch ?? this.epoch, at: at ?? this.at, error });
    const reached = this.#waiting.filter((one) => RANK[one.state] <= RANK[state]);
    this.#waiting = this.#waiting.filter((one) => !reached.includes(one));
    for (const one of reached) {
      if (error) one.reject(error);
      else one.resolve(this);
    }
    this.emit('change', this);
  }

  /** For the outbox: the hub lost it before it was durable. */
  revoke() {
    if (this.state !== 'accepted') return;
    Object.assign(this, { state: 'queued', offset: undefined, epoch: undefined, at: undefined });
    this.emit('change', this);
  }

  #reach(state) {
    if (this.state === 'failed') return Promise.reject(this.error);
    if (RANK[this.state] >= RANK[state]) return Promise.resolve(this);
    return new Promise((resolve, reject) => this.#waiting.push({ state, resolve, reject }));
  }
}
