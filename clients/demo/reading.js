/**
 * Where the reader is: keeps their place while the conversation changes, follows its end as long
 * as they are there, marks as read what they saw, and fetches the past when they scroll towards it.
 */
import { byId, setText } from './elements.js';
import { text } from './texts.js';

/** Pixels from the end that still count as being there. */
const NEAR = 60;

export class Reading {
  #room;
  #me;
  #refresh;
  #scroller = byId('scroller');
  #past = byId('past');
  #latest = byId('latest');
  #observer;
  #off = [];
  #isFollowing = true;
  #isLoading = false;
  #hasStarted = false;
  #seen = 0;
  #unreadAfter = Infinity;
  #wasUnreadSeen = true;

  /** @param {any} room @param {string} me @param {() => void} refresh */
  constructor(room, me, refresh) {
    this.#room = room;
    this.#me = me;
    this.#refresh = refresh;
    const look = () => this.#look();
    this.#scroller.addEventListener('scroll', look, { passive: true });
    document.addEventListener('visibilitychange', look);
    window.addEventListener('focus', look);
    const down = () => this.toEnd('smooth');
    this.#latest.addEventListener('click', down);
    const fit = new ResizeObserver(() => this.#isFollowing && this.toEnd());
    fit.observe(this.#scroller);
    this.#observer = new IntersectionObserver(([entry]) => entry.isIntersecting && this.#loadOlder(), { root: this.#scroller, rootMargin: '400px 0px 0px' });
    this.#observer.observe(this.#past);
    this.#off = [
      room.on('events', ({ events, live }) => this.#came(events, live)),
      room.on('reset', () => this.#reset()),
      room.on('state', () => this.#watchPast()),
      () => this.#scroller.removeEventListener('scroll', look),
      () => document.removeEventListener('visibilitychange', look),
      () => window.removeEventListener('focus', look),
      () => this.#latest.removeEventListener('click', down),
      () => fit.disconnect(),
      () => this.#observer.disconnect(),
    ];
  }

  close() {
    for (const off of this.#off) off();
    this.#latest.hidden = true;
  }

  /** Runs a change of the list without moving what the reader looks at. @param {() => void} change */
  keepPlace(change) {
    const scroller = this.#scroller;
    const anchor = this.#isFollowing ? null : this.#firstVisible();
    const top = anchor?.getBoundingClientRect().top;
    change();
    if (!this.#hasStarted && this.#room.events.length > 0) this.#start();
    else if (this.#isFollowing) this.toEnd();
    else if (anchor?.isConnected) scroller.scrollTop += anchor.getBoundingClientRect().top - top;
    this.#look();
  }

  /** @param {ScrollBehavior} [behavior] */
  toEnd(behavior = 'instant') {
    this.#isFollowing = true;
    this.#scroller.scrollTo({ top: this.#scroller.scrollHeight, behavior });
  }

  /** An own message: its author wants to see it, and has read what was above. */
  said() {
    this.#unreadAfter = Infinity;
    this.toEnd();
  }

  /** Whether the line that parts the new from the known stands before this message. */
  startsUnread(before, message) {
    return message.offset !== null && message.offset > this.#unreadAfter && (before === null || before.offset <= this.#unreadAfter) && message.by !== this.#me;
  }

  /** @param {number} count  messages on the page */
  updatePast(count) {
    const begins = count > 0 && !this.#room.more && this.#room.events.length > 0;
    const words = this.#isLoading ? text('loading') : '';
    setText(byId('past-text'), begins ? text('beginning') : words);
  }

  /** Joined: to the line where the new begins, if there is one above the last screen. */
  #start() {
    this.#hasStarted = true;
    this.toEnd();
    const line = this.#scroller.querySelector('.unread');
    if (!line) return;
    const above = line.getBoundingClientRect().top - this.#scroller.getBoundingClientRect().top;
    if (above >= 0) return;
    this.#isFollowing = false;
    this.#scroller.scrollTop += above - 48;
  }

  #reset() {
    const { events, reads } = this.#room;
    const mark = reads.get(this.#me) ?? 0;
    this.#seen = mark;
    this.#hasStarted = false;
    const isNew = mark > 0 && events.some((event) => event.offset > mark && event.by !== this.#me);
    this.#unreadAfter = isNew ? mark : Infinity;
    this.#wasUnreadSeen = false;
    this.#watchPast();
  }

  #came(events, live) {
    const isWatched = this.#isFollowing && document.visibilityState === 'visible';
    if ((live && isWatched) || events.every((event) => event.by === this.#me)) return;
    if (this.#unreadAfter !== Infinity && !this.#wasUnreadSeen) return;
    this.#unreadAfter = events[0].offset - 1;
    this.#wasUnreadSeen = false;
  }

  /** What is on the screen now, and what follows from it. */
  #look() {
    const { scrollHeight, scrollTop, clientHeight } = this.#scroller;
    this.#isFollowing = scrollHeight - scrollTop - clientHeight < NEAR;
    const { events } = this.#room;
    if (this.#isFollowing && document.visibilityState === 'visible' && events.length > 0) {
      this.#seen = Math.max(this.#seen, events[events.length - 1].offset);
      this.#wasUnreadSeen = true;
      this.#room.markRead();
    }
    const unseen = events.filter((event) => event.offset > this.#seen && event.by !== this.#me).length;
    this.#latest.hidden = this.#isFollowing;
    setText(byId('latest-text'), unseen > 0 ? text('newMessages', { n: unseen }) : text('latest'));
    document.title = `${unseen > 0 ? `(${unseen}) ` : ''}${byId('room-title').textContent} · Apus`;
  }

  async #loadOlder() {
    if (this.#isLoading || !this.#room.more || this.#room.state !== 'live') return;
    this.#isLoading = true;
    byId('messages').ariaBusy = 'true';
    this.#refresh();
    try {
      await this.#room.loadOlder(50);
    } catch {
      // Only a lost connection ends here; the next `state` watches again.
    }
    this.#isLoading = false;
    byId('messages').ariaBusy = 'false';
    this.#refresh();
    this.#watchPast();
  }

  /** An observer speaks only of changes: observing anew makes it look again. */
  #watchPast() {
    this.#observer.unobserve(this.#past);
    this.#observer.observe(this.#past);
  }

  #firstVisible() {
    const top = this.#scroller.getBoundingClientRect().top;
    return [...byId('messages').querySelectorAll('.message')].find((item) => item.getBoundingClientRect().bottom > top);
  }
}
