/** Who is here and who is writing. */
import { arrange, avatar, byId, element, setText } from './elements.js';
import { roleName, text } from './texts.js';

const FACES = 4;

export class PresenceView {
  #room;
  #me;
  #nameOf;
  #rows = new Map();
  #off;

  /** @param {any} room @param {string} me @param {(user: string) => string} nameOf */
  constructor(room, me, nameOf) {
    this.#room = room;
    this.#me = me;
    this.#nameOf = nameOf;
    this.#off = [
      room.on('presence', () => this.#people()),
      room.on('typing', () => this.#typing()),
      room.on('state', () => this.#people()),
    ];
    this.#people();
    this.#typing();
  }

  close() {
    for (const off of this.#off) off();
    byId('typing').textContent = '';
  }

  #people() {
    // What one knew of the others is not what is: without a connection nobody is shown as here.
    const people = this.#room.state === 'live' ? this.#room.people.map((person) => ({ ...person, name: this.#nameOf(person.user) })) : [];
    const others = people.filter(({ user }) => user !== this.#me);
    arrange(byId('roster'), people.map((person) => this.#row(person)));
    byId('here').replaceChildren(...others.slice(0, FACES).map(avatar));
    if (others.length > FACES) byId('here').append(element('span', 'avatar more', `+${others.length - FACES}`));
    byId('roster').dataset.alone = this.#remark(others.length);
  }

  #remark(others) {
    const { state } = this.#room;
    if (state === 'gone' || (state === 'live' && others > 0)) return '';
    return text(state === 'live' ? 'alone' : 'unknown');
  }

  #row(person) {
    const words = [person.user === this.#me ? text('you') : '', ...person.roles.map(roleName)].filter(Boolean).join(' · ');
    const key = `${person.user} ${person.name} ${words}`;
    if (!this.#rows.has(key)) {
      const row = element('li', 'person', avatar(person), element('span', 'person-names', element('span', 'person-name', person.name), element('span', 'person-role', words)));
      row.dataset.user = person.user;
      this.#rows.set(key, row);
    }
    return this.#rows.get(key);
  }

  #typing() {
    const names = this.#room.typists.map(this.#nameOf);
    const words = ['', text('typing1', { a: names[0] }), text('typing2', { a: names[0], b: names[1] })][names.length] ?? text('typing3');
    setText(byId('typing'), words);
    byId('typing').classList.toggle('on', names.length > 0);
  }
}
