/**
 * The hub's promises in a few lines, for the SDK to be tried against: epochs, offsets, cuts,
 * recovery, keys, presence, read marks. It decides nothing about rights and loses on `crash()`
 * exactly what was not yet `flush()`ed.
 */
import { ModelStreams } from './model-streams.mjs';

let epochs = 0;

export class ModelHub {
  rooms = new Map();
  peers = new Set();
  /** Whether an accepted event is durable at once; otherwise `flush()` makes it so. */
  isPrompt = true;
  /** The next answers to `send`: error objects, taken in order. */
  refusals = [];
  /** Every `send` that was carried out or repeated. */
  sends = [];
  streams = new ModelStreams(this);
  ping = 25_000;
  maxBehind = 1000;

  constructor(now = Date.now) {
    this.now = now;
    this.epoch = `epoch${(epochs += 1)}`;
  }

  accept(peer) {
    const connection = { ...peer, me: null, rooms: new Map() };
    this.peers.add(connection);
    return {
      receive: (frame) => frame.split('\n').forEach((line) => this.#command(connection, JSON.parse(line))),
      gone: () => this.#gone(connection),
    };
  }

  /** Everything accepted reaches the disk. */
  flush() {
    for (const [name, room] of this.rooms) {
      room.durable = room.events.length;
      this.#push(name, { room: name, durable: room.durable });
    }
    for (const room of this.rooms.values()) for (const reply of room.waiting.splice(0)) reply();
  }

  /** SIGKILL and a new start: what was not flushed is gone, sockets are cut. */
  crash() {
    for (const room of this.rooms.values()) {
      room.events.length = room.durable;
      room.waiting = [];
      for (const [epoch, cut] of room.cuts) room.cuts.set(epoch, Math.min(cut, room.durable));
      room.cuts.set(this.epoch, room.durable);
    }
    this.epoch = `epoch${(epochs += 1)}`;
    this.streams.crash();
    this.cut(1006);
  }

  /** Ends every connection. */
  cut(code, reason = '') {
    for (const peer of [...this.peers]) {
      this.#gone(peer);
      peer.close(code, reason);
    }
  }

  say(message) {
    for (const peer of this.peers) peer.send(JSON.stringify(message));
  }

  room(name) {
    if (!this.rooms.has(name)) this.rooms.set(name, { events: [], durable: 0, reads: {}, cuts: new Map(), waiting: [], people: new Map() });
    return this.rooms.get(name);
  }

  /** Somebody else says something. */
  post(name, by, data, more = {}) {
    const room = this.room(name);
    const event = { room: name, offset: room.events.length + 1, at: this.now(), by, kind: 'message', data, ...more };
    room.events.push(event);
    if (this.isPrompt) room.durable = event.offset;
    this.#push(name, event);
    return event;
  }

  /** Pushes something that is not kept. */
  tell(name, message) {
    this.#push(name, message);
  }

  #command(peer, { id, cmd, ...fields }) {
    const ok = (body) => peer.send(JSON.stringify({ id, ok: body }));
    const fail = (error) => peer.send(JSON.stringify({ id, error: { message: error.code, ...error } }));
    if (cmd === 'hello') {
      const claims = JSON.parse(atob(fields.token.split('.')[1]));
      if (claims.refused) {
        fail({ code: 'unauthorized' });
        this.#gone(peer);
        peer.close(4401, '');
        return;
      }
      peer.me = { user: claims.sub, name: claims.name ?? claims.sub, roles: ['user'], since: this.now() };
      const rooms = Object.fromEntries(Object.entries(fields.rooms ?? {}).map(([name, sub]) => [name, { ok: this.#join(peer, name, sub) }]));
      const limits = { frame: 262_144, data: 65_536, rooms: 200, key: 64, history: 500, stream: 1_048_576 };
      ok({ user: claims.sub, roles: ['user'], session: `s-${claims.sub}`, now: this.now(), ping: this.ping, expires: claims.exp * 1000, limits, rooms });
    } else if (cmd === 'auth') ok({ expires: JSON.parse(atob(fields.token.split('.')[1])).exp * 1000, roles: ['user', 'helper'] });
    else if (cmd === 'sub') ok(this.#join(peer, fields.room, fields));
    else if (cmd === 'unsub') {
      this.#leave(peer, fields.room);
      ok({});
    } else if (cmd === 'send') this.#send(peer, fields, ok, fail);
    else if (cmd === 'signal') {
      ok({});
      this.#push(fields.room, { room: fields.room, kind: fields.kind, by: peer.me.user, ...('data' in fields ? { data: fields.data } : {}) });
    } else if (cmd === 'read') {
      const { reads } = this.room(fields.room);
      ok({});
      if (fields.upto > (reads[peer.me.user] ?? 0)) {
        reads[peer.me.user] = fields.upto;
        this.#push(fields.room, { room: fields.room, kind: 'read', by: peer.me.user, upto: fields.upto });
      }
    } else if (cmd === 'history') ok(this.#history(fields));
    else if (cmd === 'presence') ok({ people: [...this.room(fields.room).people.values()] });
    else if (cmd === 'ping') ok({ now: this.now(), heads: Object.fromEntries([...peer.rooms.keys()].map((name) => [name, this.room(name).events.length])) });
    else if (this.streams.serves(cmd)) this.streams.command(peer, cmd, fields, ok, fail);
    else fail({ code: 'unsupported' });
  }

  #join(peer, name, { since, epoch, limit = 50, presence, durable }) {
    const room = this.room(name);
    const head = room.events.length;
    const known = epoch === this.epoch ? head : room.cuts.get(epoch);
    const answer = { epoch: this.epoch, head, durable: room.durable, recovered: false, events: [], more: false, streams: this.streams.snapshots(name), reads: { ...room.reads } };
    const from = known !== undefined && since > known ? known : since;
    const isFirst = since === 0 && epoch === undefined;
    if (since !== undefined && (isFirst || known !== undefined) && !(epoch === this.epoch && since > head) && head - from <= this.maxBehind) {
      answer.recovered = true;
      answer.events = room.events.slice(from);
      answer.more = from > 0;
      if (from < since) answer.truncated_to = from;
    } else {
      answer.events = limit === 0 ? [] : room.events.slice(-limit);
      answer.more = head > answer.events.length;
    }
    peer.rooms.set(name, { presence, durable });
    if (!room.people.has(peer.me.user)) {
      room.people.set(peer.me.user, peer.me);
      this.#push(name, { room: name, kind: 'presence', join: [peer.me], leave: [] }, peer);
    }
    if (presence) answer.presence = [...room.people.values()];
    return answer;
  }

  #send(peer, { room: name, kind, data, key, ack }, ok, fail) {
    const refusal = this.refusals.shift();
    if (refusal) {
      fail(refusal);
      return;
    }
    const room = this.room(name);
    const first = key === undefined ? undefined : room.events.find((event) => event.key === key && event.by === peer.me.user);
    const event = first ?? this.post(name, peer.me.user, data, { kind, ...(key === undefined ? {} : { key }) });
    this.sends.push({ room: name, key, data, duplicate: Boolean(first) });
    const reply = () => ok({ offset: event.offset, epoch: this.epoch, at: event.at, ...(first ? { duplicate: true } : {}) });
    if (ack === 'accepted' || room.durable >= event.offset) reply();
    else room.waiting.push(reply);
  }

  #history({ room: name, before = Infinity, after, limit = 50 }) {
    const all = this.room(name).events;
    const asked = after === undefined ? all.filter((event) => event.offset < before) : all.filter((event) => event.offset > after);
    const events = after === undefined ? asked.slice(-limit) : asked.slice(0, limit);
    return { events, more: asked.length > events.length, epoch: this.epoch };
  }

  #push(name, message, except = null) {
    for (const peer of this.peers) {
      const joined = peer.rooms.get(name);
      if (!joined || peer === except) continue;
      if (message.kind === 'presence' && !joined.presence) continue;
      if (message.durable !== undefined && !joined.durable) continue;
      peer.send(JSON.stringify(message));
    }
  }

  #leave(peer, name) {
    peer.rooms.delete(name);
    const stays = [...this.peers].some((other) => other.rooms.has(name) && other.me.user === peer.me.user);
    if (stays || !peer.me || !this.room(name).people.delete(peer.me.user)) return;
    this.#push(name, { room: name, kind: 'presence', join: [], leave: [peer.me.user] });
  }

  #gone(peer) {
    this.peers.delete(peer);
    for (const name of [...peer.rooms.keys()]) this.#leave(peer, name);
  }
}

/** A token in the shape of a JWT; nobody verifies it here. */
export function token(user, claims = {}) {
  return `e30.${btoa(JSON.stringify({ sub: user, exp: 1_800_000_000, ...claims }))}.x`;
}
