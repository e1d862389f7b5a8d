/** A person who talks through the SDK: what they do next is chosen by the seed. */
import { Apus, MemoryStore } from '../../../clients/js/apus.js';
import { until } from '../../JS/support/real-hub.mjs';
import { Chance } from './chance.mjs';
import { Record } from './record.mjs';

const WORDS = ['plain', 'текст 👋', '"quoted" \\', 'line\nbreak', '\u2028<b>&amp;', ''];
const KEEP = 2_000;
const PATIENCE = 60_000;

export class Chatter {
  #apus;
  #chance;
  #name;
  #record;
  #rooms;
  #said = 0;
  #isTalking = true;

  /** @param {{url: string, name: string, user: string, token: string, rooms: string[], seed: string, path: string}} given */
  constructor({ url, name, user, token, rooms, seed, path }) {
    this.#name = name;
    this.#chance = new Chance(`${seed}/${name}`);
    this.#record = new Record(path, name, user);
    this.#apus = new Apus({
      url,
      token,
      WebSocket: this.#record.socketClass(),
      outbox: new MemoryStore(),
      backoff: { base: 20, cap: 200 },
      random: this.#chance.next,
    });
    this.#rooms = this.#chance.some(rooms, 2).map((room) => this.#apus.join(room, { keep: KEEP, limit: this.#chance.pick([1, 50]) }));
    this.#apus.connect();
    for (const room of this.#rooms) for (let lane = this.#chance.within(1, 3); lane > 0; lane -= 1) this.#talk(room);
  }

  /** Says one thing after the other; the next one when the last is durable. */
  async #talk(room) {
    while (this.#isTalking) {
      this.#said += 1;
      const [kind, key] = ['message', `${this.#name}-${this.#said}`];
      const data = { n: this.#said, text: this.#chance.pick(WORDS) };
      this.#record.write({ put: { room: room.name, kind, key, data } });
      const handle = room.send(kind, data, { key });
      await handle.durable;
      this.#record.write({ done: { room: room.name, key: handle.key } });
      this.#doSomethingElse(room);
    }
  }

  #doSomethingElse(room) {
    const ignore = () => {};
    const choice = this.#chance.within(1, 200);
    if (choice <= 20) room.markRead();
    else if (choice <= 26) room.typing();
    else if (choice <= 32) room.history({ limit: 20 }).catch(ignore);
    else if (choice <= 36) room.loadOlder(20).catch(ignore);
    else if (choice <= 40) room.signal('cursor', { x: this.#said }).catch(ignore);
    else if (choice === 41) this.#record.socket.tear();
  }

  /** No more talk; comes back once everything said is durable. */
  async hush() {
    this.#isTalking = false;
    await this.#until(() => this.#apus.pending.length === 0, [[this.#apus, 'pending', 'durable', 'failed']], 'everything durable');
  }

  /** Goes up to the heads, shows what it holds, and leaves. */
  async finish() {
    await this.#until(() => this.#apus.state === 'live', [[this.#apus, 'state']], 'live');
    const { heads } = await this.#apus.request('ping');
    for (const room of this.#rooms) {
      const reached = () => (room.events.at(-1)?.offset ?? 0) >= (heads[room.name] ?? 0);
      await this.#until(reached, [[room, 'events', 'reset', 'truncated']], `the head of ${room.name}`);
    }
    const { socket } = this.#record;
    while (socket.waiting.size > 0) await new Promise((resolve) => socket.addEventListener('message', resolve, { once: true }));
    socket.leave();
    for (const room of this.#rooms) this.#record.write({ view: { room: room.name, events: room.events.map(({ room: _, ...event }) => event) } });
    this.#record.close();
    this.#apus.close();
  }

  #until(condition, emitters, what) {
    return until(condition, emitters, { patience: PATIENCE, what: `${this.#name}: ${what}` });
  }
}
