/** Where one writes: grows with its text, sends on Enter, keeps the draft over a reload. */
import { byId } from './elements.js';
import { text } from './texts.js';

export class Composer {
  #form = byId('composer');
  #draft = byId('draft');
  #send = byId('send');
  #ask = byId('ask');
  #room = null;
  #off = () => {};
  #said;

  /** @param {() => void} said  an own message has just been put into the outbox */
  constructor(said) {
    this.#said = said;
    this.#draft.placeholder = text('placeholder');
    this.#draft.ariaLabel = text('placeholder');
    this.#send.ariaLabel = text('send');
    this.#send.title = text('send');
    this.#draft.addEventListener('input', () => this.#changed());
    this.#draft.addEventListener('keydown', (event) => this.#pressed(event));
    this.#ask.addEventListener('click', () => this.#submit((room, body) => this.#put(room, body)));
    this.#form.addEventListener('submit', (event) => {
      event.preventDefault();
      this.#submit();
    });
  }

  /** Whether the hub has somebody to ask. @param {boolean} is */
  offerAsking(is) {
    this.#ask.hidden = !is;
  }

  /** A question that the hub refuses is not lost: it comes back as the draft. */
  #put(room, body) {
    room.ask(body).catch(() => {
      if (this.#room !== room || this.#draft.value !== '') return;
      this.#draft.value = body;
      this.#changed();
    });
  }

  /** @param {any} room */
  writeInto(room) {
    this.#off();
    this.#room = room;
    this.#off = room.on('state', () => this.#fit());
    this.#draft.value = sessionStorage.getItem(this.#place) ?? '';
    this.#fit();
    this.focus();
  }

  /** Not where it would open a keyboard over half the screen. */
  focus() {
    if (matchMedia('(pointer: fine)').matches) this.#draft.focus({ preventScroll: true });
  }

  get #place() {
    return `apus-demo-draft ${this.#room.name}`;
  }

  #pressed(event) {
    const sends = event.key === 'Enter' && !event.shiftKey && !event.isComposing && matchMedia('(pointer: fine)').matches;
    if (!sends) return;
    event.preventDefault();
    this.#submit();
  }

  #changed() {
    sessionStorage.setItem(this.#place, this.#draft.value);
    this.#fit();
    if (this.#draft.value.trim() !== '') this.#room.typing();
  }

  #submit(say = (room, body) => room.send('message', { text: body })) {
    const body = this.#draft.value.trim();
    if (body === '' || this.#draft.disabled) return;
    say(this.#room, body);
    this.#draft.value = '';
    sessionStorage.removeItem(this.#place);
    this.#fit();
    this.#said();
    this.focus();
  }

  #fit() {
    // Offline one writes on, into the outbox; a room one was put out of takes nothing.
    this.#draft.disabled = this.#room.state === 'gone';
    this.#send.disabled = this.#draft.disabled || this.#draft.value.trim() === '';
    this.#ask.disabled = this.#send.disabled;
    this.#draft.style.height = 'auto';
    this.#draft.style.height = `${this.#draft.scrollHeight}px`;
  }
}
