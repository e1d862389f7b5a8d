/**
 * The connection to the hub over many sockets: says hello, watches, and decides after each end
 * whether, when and with which token to come back. It owns no room; what to ask for in `hello` and
 * what to do with the answer is its owner's.
 *
 *     stopped ──start──▶ dialing ──hello ok──▶ open ──close──▶ waiting ──▶ dialing …
 *                           └───────── close, refusal ─────────▲    └─ never ─▶ stopped
 */
import { Backoff } from './backoff.js';
import { afterClose, endsDrain } from './close-codes.js';
import { ApusError } from './errors.js';
import { Link } from './link.js';

const PROTOCOL = 'apus.v1';
const NO_RETURN = new Set(['bad_request', 'unsupported']);

/** A connection that held for so long ends the series of failed attempts before it. */
const STABLE = 5_000;

export class Connection {
  #options;
  #hooks;
  #clock;
  #backoff;
  #credentials;
  /** @type {'stopped' | 'waiting' | 'dialing' | 'open'} */
  #phase = 'stopped';
  #link = null;
  #timer = null;
  #dial = 0;
  #session;
  #refusal = null;
  #slot = null;
  #inSlot = false;
  #openedAt = 0;
  #refusedInARow = 0;

  /**
   * @param {{url: string, WebSocket: any, clock: import('./clock.js').Clock, random: () => number,
   *          backoff?: object, connectTimeout: number, agent: string}} options
   * @param {import('./credentials.js').Credentials} credentials
   * @param {{identified: (credential: any) => void, greeting: () => object, opened: (ok: any) => void,
   *          socketOpened: () => void, pushed: (message: any) => void, ponged: (ok: any) => void,
   *          lost: () => void, stopped: (error: ApusError) => void, warned: (error: any) => void,
   *          renewed: (ok: any) => void}} hooks
   */
  constructor(options, credentials, hooks) {
    this.#options = options;
    this.#clock = options.clock;
    this.#credentials = credentials;
    this.#hooks = hooks;
    this.#backoff = new Backoff(options.backoff, options.random);
  }

  get isStopped() {
    return this.#phase === 'stopped';
  }

  /** Connects, or cuts a waiting time short. */
  start() {
    if (this.#phase === 'dialing' || this.#phase === 'open') return;
    this.#backoff.reset();
    this.#refusedInARow = 0;
    this.#connect();
  }

  /** Goes away until the next start. */
  stop() {
    const wasConnected = this.#link !== null;
    this.#leave('stopped');
    if (wasConnected) this.#hooks.lost();
  }

  /** A sign that the network may be back, or gone: try now instead of at the next timer. */
  nudge() {
    // A slot spreads the clients of a hub over its restart: no sign of this machine's overrides it.
    if (this.#phase === 'waiting' && !this.#inSlot) this.#connect();
    else if (this.#phase === 'open') this.#link.probe();
  }

  /** @param {string} cmd @param {object} fields @param {(error: ApusError | null, ok?: any) => void} done */
  request(cmd, fields, done) {
    if (this.#phase === 'open') this.#link.request(cmd, fields, done);
    else done(ApusError.disconnected());
  }

  async #connect() {
    this.#leave('dialing');
    const dial = this.#dial;
    let credential;
    try {
      credential = await this.#credentials.current();
    } catch (error) {
      if (dial !== this.#dial) return;
      if (error?.code === 'signed_out') this.#giveUp(error);
      else {
        this.#hooks.warned(error);
        this.#comeBack(this.#backoff.next());
      }
      return;
    }
    if (dial !== this.#dial) return;
    try {
      this.#hooks.identified(credential);
      this.#open(credential);
    } catch (error) {
      this.#giveUp(error instanceof ApusError ? error : new ApusError('stopped', String(error?.message ?? error), { cause: error }));
    }
  }

  #open(credential) {
    const socket = new this.#options.WebSocket(this.#options.url, PROTOCOL);
    this.#refusal = null;
    this.#slot = null;
    this.#link = new Link(socket, this.#clock, {
      opened: () => this.#sayHello(credential),
      pushed: (message) => this.#pushed(message),
      noise: (line) => this.#hooks.warned(new ApusError('bad_request', `unexpected line from the hub: ${line.slice(0, 200)}`)),
      ponged: (ok) => this.#hooks.ponged(ok),
      closed: (code, reason) => this.#closed(code, reason),
    });
    this.#timer = this.#clock.setTimeout(() => this.#link.drop(), this.#options.connectTimeout);
  }

  #sayHello(credential) {
    this.#hooks.socketOpened();
    const session = this.#session === undefined ? {} : { session: this.#session };
    const fields = { ...credential, client: this.#options.agent, ...session, ...this.#hooks.greeting() };
    this.#link.request('hello', fields, (error, ok) => {
      if (error) this.#refusal = error;
      else this.#greeted(ok);
    });
  }

  #greeted(ok) {
    this.#clock.clearTimeout(this.#timer);
    this.#phase = 'open';
    this.#session = ok.session;
    this.#openedAt = this.#clock.now();
    this.#rememberExpiry(ok);
    if (ok.limits?.frame > 0) this.#link.frameLimit = ok.limits.frame;
    if (ok.ping > 0) this.#link.watch(ok.ping);
    this.#hooks.opened(ok);
  }

  /** `expires` is by the hub's clock, `now` tells how far it is from this machine's. */
  #rememberExpiry(ok) {
    const ahead = ok.now === undefined ? 0 : ok.now - this.#clock.now();
    this.#credentials.accepted(ok.expires === undefined ? undefined : ok.expires - ahead);
  }

  #pushed(message) {
    if (message.drain) this.#slot = Number(message.drain.reconnect_after) || 0;
    else if (message.expiring) this.#renew();
    else this.#hooks.pushed(message);
  }

  async #renew() {
    const dial = this.#dial;
    let token = null;
    try {
      token = await this.#credentials.renewed();
    } catch (error) {
      this.#hooks.warned(error);
    }
    if (dial !== this.#dial || token === null) return;
    this.request('auth', { token }, (error, ok) => {
      if (error) this.#hooks.warned(error);
      else {
        this.#rememberExpiry(ok);
        this.#hooks.renewed(ok);
      }
    });
  }

  #closed(code, reason) {
    const wasOpen = this.#phase === 'open';
    if (wasOpen && this.#clock.now() - this.#openedAt >= STABLE) {
      this.#backoff.reset();
      this.#refusedInARow = 0;
    }
    this.#leave('waiting');
    this.#hooks.lost();
    // The listeners of `lost` may have stopped or started it meanwhile.
    if (this.#phase !== 'waiting') return;
    if (this.#slot !== null && endsDrain(code)) {
      this.#backoff.reset();
      this.#inSlot = true;
      this.#comeBack(this.#slot);
    } else this.#decide(code, reason);
  }

  #decide(code, reason) {
    if (this.#refusal && NO_RETURN.has(this.#refusal.code)) return this.#giveUp(this.#refusal);
    if (this.#refusal?.isPassing) return this.#comeBack(this.#backoff.next(this.#refusal.retryAfter));
    const then = afterClose(code, reason);
    if (then.rule === 'never') {
      const text = reason === '' ? '' : `: ${reason}`;
      return this.#giveUp(new ApusError('stopped', `the hub closed with ${code}${text}`, { close: code }));
    }
    if (then.rule === 'after') return this.#comeBack(then.ms);
    if (then.rule === 'token') {
      this.#credentials.refused();
      this.#refusedInARow += 1;
      if (!this.#credentials.isRenewable) {
        return this.#giveUp(this.#refusal ?? new ApusError('unauthorized', 'the token was refused or ran out', { close: code }));
      }
      // The first time the token simply ran out; a provider of bad ones must not make a storm.
      if (this.#refusedInARow === 1) return this.#comeBack(0);
    }
    return this.#comeBack(this.#backoff.next());
  }

  #comeBack(delay) {
    this.#phase = 'waiting';
    this.#timer = this.#clock.setTimeout(() => this.#connect(), delay);
  }

  #giveUp(error) {
    this.#leave('stopped');
    this.#hooks.stopped(error);
  }

  /** Ends whatever is under way, a token still being fetched included. */
  #leave(phase) {
    this.#dial += 1;
    this.#phase = phase;
    this.#inSlot = false;
    this.#clock.clearTimeout(this.#timer);
    const link = this.#link;
    this.#link = null;
    link?.close();
  }
}
