/**
 * One message on the page. The same element serves a message from the moment it is written until
 * it is durable and read, so nothing jumps when its offset comes.
 */
import { avatar, element, icon, setText } from './elements.js';
import { momentOf, text, timeOf } from './texts.js';

const ICONS = { queued: 'clock', accepted: 'tick', durable: 'ticks', read: 'ticks', failed: 'alert' };

/**
 * @typedef {object} Shown
 * @property {string} id        stays the same for one message
 * @property {number | null} offset
 * @property {string} by
 * @property {number} at
 * @property {string} body
 * @property {'queued' | 'accepted' | 'durable' | 'read' | 'failed' | null} state  null: not one's own
 * @property {string} [trouble]
 * @property {boolean} [isGrowing]  a stream that is still open
 */

export class MessageView {
  #body = element('span', 'text');
  #time = element('time', 'time');
  #tick = element('span', 'tick');
  #bubble;
  #author = element('span', 'author');
  #face = null;
  #readers = element('span', 'readers');
  #state;

  constructor() {
    this.#bubble = element('div', 'bubble', this.#author, this.#body, element('span', 'meta', this.#time, this.#tick));
    this.root = element('li', 'message', this.#bubble, this.#readers);
  }

  /**
   * @param {Shown} message
   * @param {{name: string, isOwn: boolean, opensGroup: boolean, closesGroup: boolean, readers: {user: string, name: string}[]}} place
   */
  update(message, { name, isOwn, opensGroup, closesGroup, readers }) {
    const { root } = this;
    root.classList.toggle('own', isOwn);
    root.classList.toggle('growing', message.isGrowing === true);
    root.classList.toggle('opens', opensGroup);
    root.classList.toggle('closes', closesGroup);
    if (message.offset !== null) root.dataset.offset = String(message.offset);
    else delete root.dataset.offset;
    root.dataset.by = message.by;
    setText(this.#body, message.body);
    setText(this.#author, name);
    this.#updateTime(message.at);
    this.#updateFace(message.by, name, isOwn);
    this.#updateState(message.state, message.trouble);
    this.#updateReaders(readers);
  }

  #updateTime(at) {
    setText(this.#time, timeOf(at));
    const exact = new Date(at).toISOString();
    if (this.#time.dateTime === exact) return;
    this.#time.dateTime = exact;
    this.#time.title = momentOf(at);
  }

  #updateFace(user, name, isOwn) {
    if (isOwn || this.#face?.title === name) return;
    this.#face?.remove();
    this.#face = avatar({ user, name });
    this.root.prepend(this.#face);
  }

  #updateState(state, trouble) {
    if (state === this.#state) return;
    this.#state = state;
    if (state === null) {
      delete this.root.dataset.state;
      this.#tick.replaceChildren();
      return;
    }
    const meaning = trouble ? `${text(state)}: ${trouble}` : text(state);
    this.root.dataset.state = state;
    this.#tick.title = meaning;
    this.#tick.replaceChildren(icon(ICONS[state]), element('span', 'unseen-text', meaning));
  }

  #updateReaders(readers) {
    const key = readers.map(({ user }) => user).join(' ');
    if (this.#readers.dataset.users === key) return;
    this.#readers.dataset.users = key;
    if (readers.length === 0) this.#readers.replaceChildren();
    else {
      const names = text('readBy', { names: readers.map((person) => person.name).join(', ') });
      this.#readers.replaceChildren(...readers.slice(0, 5).map(avatar), element('span', 'unseen-text', names));
      this.#readers.title = names;
    }
  }
}
