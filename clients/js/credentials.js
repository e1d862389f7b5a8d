/**
 * Who this client is. Asks the page for a token when there is none, when the hub says that it runs
 * out, and when it was refused; keeps it in between, so that a reconnect is one round trip.
 *
 * @typedef {{token: string} | {telegram: string, bot?: string}} Credential
 * @typedef {'connect' | 'expiring' | 'refused'} Reason
 * @typedef {string | Credential | null | undefined} Given
 */
import { ApusError } from './errors.js';

/** Milliseconds before its end from which a token is not offered any more. */
const SPARE = 5_000;

export class Credentials {
  #source;
  #clock;
  /** @type {Credential | null} */
  #kept = null;
  #refused = '';
  #expires = Infinity;

  /**
   * @param {Given | ((reason: Reason) => Given | Promise<Given>)} source
   * @param {import('./clock.js').Clock} clock
   */
  constructor(source, clock) {
    this.#source = source;
    this.#clock = clock;
  }

  /** Whether there is somebody to ask for another token. */
  get isRenewable() {
    return typeof this.#source === 'function';
  }

  /**
   * What to say hello with. Rejects with `signed_out` where there is nothing (for good), and with
   * whatever the provider threw (it may be asked again later).
   * @returns {Promise<Credential>}
   */
  async current() {
    const reason = this.#refused === '' ? 'connect' : 'refused';
    if (this.#kept && reason === 'connect' && this.#clock.now() < this.#expires - SPARE) return this.#kept;
    const fresh = await this.#ask(reason);
    if (fresh && JSON.stringify(fresh) === this.#refused) {
      throw new ApusError('signed_out', 'the hub refused this token and there is no other');
    }
    if (!fresh) throw new ApusError('signed_out', 'there is no token to say hello with');
    this.#refused = '';
    this.#expires = Infinity;
    this.#kept = fresh;
    return fresh;
  }

  /** A new token for `auth` while the old one still holds; null where there is none. */
  async renewed() {
    const fresh = this.isRenewable ? await this.#ask('expiring') : null;
    if (!fresh || !('token' in fresh)) return null;
    this.#kept = fresh;
    return fresh.token;
  }

  /** @param {number | undefined} at  milliseconds since 1970, by this machine's clock */
  accepted(at) {
    this.#refused = '';
    this.#expires = at ?? Infinity;
  }

  /** The hub closed with 4401. */
  refused() {
    this.#refused = JSON.stringify(this.#kept);
    this.#kept = null;
  }

  /** @param {Reason} reason @returns {Promise<Credential | null>} */
  async #ask(reason) {
    const given = this.isRenewable ? await this.#source(reason) : this.#source;
    if (!given) return null;
    return typeof given === 'string' ? { token: given } : given;
  }
}

/**
 * The person a token names, read without verifying anything: it only chooses which outbox to open
 * before the hub has answered.
 * @param {Credential} credential
 * @returns {{tenant: string, user: string} | null}
 */
export function identityOf(credential) {
  if (!('token' in credential)) return null;
  try {
    const body = credential.token.split('.')[1].replace(/-/g, '+').replace(/_/g, '/');
    const bytes = Uint8Array.from(atob(body), (char) => char.charCodeAt(0));
    const claims = JSON.parse(new TextDecoder().decode(bytes));
    if (typeof claims.sub !== 'string' || claims.sub === '') return null;
    return { tenant: claims.tenant ?? 'default', user: claims.sub };
  } catch {
    return null;
  }
}
