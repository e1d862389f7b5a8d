/** The connection in words: the state in the bar, the cut button, and the notice above the draft. */
import { byId, setText } from './elements.js';
import { text } from './texts.js';

export class Status {
  #client;
  #room = null;
  #isCut = false;
  #stopped = null;
  #gone = null;
  #off = [];

  /** @param {any} client @param {() => void} goHome */
  constructor(client, goHome) {
    this.#client = client;
    client.on('state', (state) => {
      if (state !== 'offline') this.#stopped = null;
      this.#update();
    });
    client.on('stopped', (error) => {
      this.#stopped = error;
      this.#update();
    });
    byId('cut').addEventListener('click', () => this.#toggle());
    byId('notice-action').addEventListener('click', () => (this.#gone ? goHome() : this.#comeBack()));
  }

  /** @param {any} room */
  watch(room) {
    for (const off of this.#off) off();
    this.#room = room;
    this.#gone = null;
    this.#off = [
      room.on('pending', () => this.#update()),
      room.on('gone', ({ error }) => {
        this.#gone = error;
        this.#update();
      }),
    ];
    this.#update();
  }

  #toggle() {
    if (this.#isCut) this.#comeBack();
    else {
      this.#isCut = true;
      this.#client.disconnect();
      this.#update();
    }
  }

  #comeBack() {
    this.#isCut = false;
    this.#stopped = null;
    this.#client.connect();
    this.#update();
  }

  #update() {
    const { state } = this.#client;
    const chip = byId('state');
    chip.dataset.state = state;
    setText(byId('state-text'), this.#isCut ? text('cutOff') : text(state));
    byId('cut').setAttribute('aria-pressed', String(this.#isCut));
    setText(byId('cut-text'), text(this.#isCut ? 'back' : 'cut'));
    byId('cut').title = text(this.#isCut ? 'back' : 'cut');
    const [words, action] = this.#notice(state);
    byId('notice').hidden = words === '';
    setText(byId('notice-text'), words);
    byId('notice-action').hidden = action === '';
    setText(byId('notice-action'), action);
  }

  /** @returns {[string, string]} */
  #notice(state) {
    const waiting = this.#room?.pending.length ?? 0;
    const count = waiting > 0 ? ` ${text('pendingNotice', { n: waiting })}` : '';
    if (this.#gone) return [text('gone', { why: this.#gone.code }), text('home')];
    if (this.#stopped) return [text('stopped', { why: this.#stopped.message }), text('back')];
    if (this.#isCut) return [text('cutNotice') + count, text('back')];
    if (state === 'offline') return [text('offlineNotice') + count, ''];
    return ['', ''];
  }
}
