/**
 * The conversation as elements: what the room holds, then what waits to be sent. It is laid out
 * anew from the room after every change, so the page can show nothing the room does not say.
 */
import { arrange, byId, element, setText } from './elements.js';
import { MessageView } from './message-view.js';
import { Reading } from './reading.js';
import { bodyOf, spoken } from './spoken.js';
import { dayKey, dayTitle, text } from './texts.js';

/** Messages of one person closer together than this look like one. */
const GROUP = 5 * 60_000;

export class Timeline {
  #room;
  #me;
  #nameOf;
  #list = byId('messages');
  #views = new Map();
  #days = new Map();
  #divider = element('li', 'divider unread', element('span', '', text('unread')));
  #failed = [];
  #isQueued = false;
  #off = [];

  /**
   * @param {any} room  the SDK's
   * @param {string} me
   * @param {(user: string) => string} nameOf
   */
  constructor(room, me, nameOf) {
    this.#room = room;
    this.#me = me;
    this.#nameOf = nameOf;
    this.#list.replaceChildren();
    this.reading = new Reading(room, me, () => this.refresh());
    for (const news of ['events', 'reset', 'older', 'truncated', 'trimmed', 'pending', 'durable', 'read', 'presence', 'state', 'stream']) {
      this.#off.push(room.on(news, () => this.refresh()));
    }
    this.#off.push(room.on('failed', ({ entry, error }) => this.#failed.push({ entry, error })));
    this.refresh();
  }

  /** Forgets the room. */
  close() {
    for (const off of this.#off) off();
    this.reading.close();
    this.#list.replaceChildren();
  }

  /** Lays the conversation out anew before this turn ends, once for all its changes. */
  refresh() {
    if (this.#isQueued) return;
    this.#isQueued = true;
    queueMicrotask(() => {
      this.#isQueued = false;
      this.reading.keepPlace(() => this.#layOut());
    });
  }

  #layOut() {
    const messages = this.#messages();
    const readers = this.#readers(messages);
    const nodes = [];
    const alive = new Set();
    let before = null;
    messages.forEach((message, index) => {
      const startsDay = !before || dayKey(before.at) !== dayKey(message.at);
      if (startsDay) nodes.push(this.#day(message.at, nodes.length === 0));
      const startsUnread = this.reading.startsUnread(before, message);
      if (startsUnread) nodes.push(this.#divider);
      const after = messages[index + 1];
      const view = this.#view(message.id);
      view.update(message, {
        name: this.#nameOf(message.by),
        isOwn: message.by === this.#me,
        opensGroup: startsDay || startsUnread || !isTogether(before, message),
        closesGroup: !after || !isTogether(message, after),
        readers: readers.get(message.offset) ?? [],
      });
      alive.add(message.id);
      nodes.push(view.root);
      before = message;
    });
    for (const id of this.#views.keys()) if (!alive.has(id)) this.#views.delete(id);
    arrange(this.#list, nodes);
    this.#updateEdges(messages.length);
  }

  /** @returns {import('./message-view.js').Shown[]} */
  #messages() {
    const kept = spoken(this.#room).map(({ id: stream, event, body, isGrowing }) => {
      const isOwn = event.by === this.#me;
      const id = stream ?? (isOwn && event.key !== undefined ? event.key : `#${event.offset}`);
      return { id, offset: event.offset, by: event.by, at: event.at, body, isGrowing, state: isOwn ? this.#stateOf(event) : null };
    });
    const waiting = this.#room.pending.map((entry) => this.#unsent(entry, 'queued'));
    const failed = this.#failed.map(({ entry, error }) => this.#unsent(entry, 'failed', error.message));
    return [...kept, ...failed, ...waiting];
  }

  #unsent(entry, state, trouble) {
    return { id: entry.key, offset: null, by: this.#me, at: entry.at, body: bodyOf(entry), state, trouble };
  }

  #stateOf(event) {
    if (event.offset > this.#room.durable) return 'accepted';
    for (const [user, upto] of this.#room.reads) if (user !== this.#me && upto >= event.offset) return 'read';
    return 'durable';
  }

  /** Each other person at the last message they have read, unless it is their own. */
  #readers(messages) {
    const found = new Map();
    for (const [user, upto] of this.#room.reads) {
      if (user === this.#me) continue;
      const last = messages.findLast((message) => message.offset !== null && message.offset <= upto);
      if (!last || last.by === user) continue;
      if (!found.has(last.offset)) found.set(last.offset, []);
      found.get(last.offset).push({ user, name: this.#nameOf(user) });
    }
    return found;
  }

  #view(id) {
    if (!this.#views.has(id)) this.#views.set(id, new MessageView());
    return this.#views.get(id);
  }

  #day(at, isFirst) {
    // The first one moves with history, so it is its own element.
    const key = isFirst ? 'first' : dayKey(at);
    if (!this.#days.has(key)) this.#days.set(key, element('li', 'divider day', element('span', '')));
    const day = this.#days.get(key);
    setText(day.firstChild, dayTitle(at));
    return day;
  }

  #updateEdges(count) {
    const nothing = byId('nothing');
    nothing.hidden = count > 0 || this.#room.state !== 'live';
    setText(nothing, text('empty'));
    this.reading.updatePast(count);
  }
}

function isTogether(one, next) {
  return one !== null && one.by === next.by && next.at - one.at < GROUP && dayKey(one.at) === dayKey(next.at);
}
