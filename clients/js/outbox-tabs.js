/**
 * Which tab drains a shared outbox, and how the others hear of it. The leader holds a Web Lock and
 * gives it up with its connection; news go over a BroadcastChannel.
 *
 * A page may sit on the lock without running (a phone's background tab): who has put something
 * into the outbox and hears no `seen` within 3 s takes the lock away. That two tabs may then send
 * the same entry once is harmless: its key makes the second a duplicate.
 */
const PATIENCE = 3_000;

/**
 * @typedef {object} TabHooks
 * @property {(news: any) => void} heard
 * @property {() => void} leading  this tab has just become the one that drains
 */

export class SharedTabs {
  isLeading = false;
  #name;
  #locks;
  #channel;
  #clock;
  #hooks;
  #turn = null;
  #patience = null;

  /**
   * @param {string} name
   * @param {{locks: LockManager, BroadcastChannel: any, clock: import('./clock.js').Clock}} parts
   * @param {TabHooks} hooks
   */
  constructor(name, { locks, BroadcastChannel, clock }, hooks) {
    this.#name = name;
    this.#locks = locks;
    this.#clock = clock;
    this.#hooks = hooks;
    this.#channel = new BroadcastChannel(name);
    this.#channel.onmessage = (event) => this.#heard(event.data);
  }

  /** Stands in line for the lock. */
  lead() {
    if (!this.#turn) this.#stand({});
  }

  /** Lets another tab have it. */
  yield() {
    this.#clock.clearTimeout(this.#patience);
    this.#patience = null;
    this.isLeading = false;
    this.#turn?.leave();
    this.#turn = null;
  }

  /** Entries were added or removed. */
  changed() {
    this.#post({ changed: true });
    if (!this.#turn || this.isLeading || this.#patience !== null) return;
    this.#patience = this.#clock.setTimeout(() => {
      this.#patience = null;
      if (!this.#turn || this.isLeading) return;
      this.#turn.leave();
      this.#stand({ steal: true });
    }, PATIENCE);
  }

  /** An entry has its answer. */
  settled(detail) {
    this.#post({ settled: detail });
  }

  close() {
    this.yield();
    this.#channel.close();
  }

  #stand(options) {
    const turn = { leave: () => {} };
    this.#turn = turn;
    const abort = new AbortController();
    turn.leave = () => abort.abort();
    // A theft cannot be queued, so it cannot be called off either.
    const asked = options.steal ? options : { ...options, signal: abort.signal };
    this.#locks
      .request(this.#name, asked, () => this.#hold(turn, abort))
      .catch(() => this.#robbed(turn));
  }

  /** Keeps the lock for as long as the returned promise stays open. */
  #hold(turn, abort) {
    if (abort.signal.aborted) return undefined;
    const held = new Promise((resolve) => {
      turn.leave = resolve;
    });
    this.isLeading = true;
    this.#hooks.leading();
    return held;
  }

  #robbed(turn) {
    if (this.#turn !== turn) return;
    this.isLeading = false;
    this.#stand({});
  }

  #heard(news) {
    if (news.seen) {
      this.#clock.clearTimeout(this.#patience);
      this.#patience = null;
      return;
    }
    if (news.changed && this.isLeading) this.#post({ seen: true });
    this.#hooks.heard(news);
  }

  #post(news) {
    try {
      this.#channel.postMessage(news);
    } catch {
      // Closed by `close()` while an answer was still on its way: nobody is left to hear it.
    }
  }
}

/** A store nobody else sees, or a page without Web Locks: everybody drains what they know of. */
export class LoneTab {
  isLeading = false;
  #hooks;

  /** @param {TabHooks} hooks */
  constructor(hooks) {
    this.#hooks = hooks;
  }

  lead() {
    this.isLeading = true;
    this.#hooks.leading();
  }

  yield() {
    this.isLeading = false;
  }

  changed() {}

  settled() {}

  close() {
    this.isLeading = false;
  }
}
