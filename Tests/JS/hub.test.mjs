/** The SDK against the hub itself. */
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import test from 'node:test';
import { Apus, MemoryStore } from '../../clients/js/apus.js';
import { address, binary, RealHub, until } from './support/real-hub.mjs';
import { listen, offsets, texts } from './support/started.mjs';
import { RealWebSocket } from './support/websocket.mjs';

const without = (what) => (what ? false : 'needs APUS_BINARY');

/** A hub, and clients on it whose sockets can be torn. */
async function stage(t) {
  const hub = await new RealHub().start();
  const clients = [];
  t.after(async () => {
    for (const client of clients) client.close();
    await hub.remove();
  });
  const client = async (user, options = {}) => {
    const sockets = [];
    const Torn = class extends RealWebSocket {
      constructor(...given) {
        super(...given);
        sockets.push(this);
      }
    };
    const made = new Apus({
      url: `${hub.url}/ws`,
      token: () => hub.token(user),
      WebSocket: Torn,
      outbox: new MemoryStore(),
      backoff: { base: 20, cap: 200 },
      ...options,
    });
    clients.push(made);
    made.connect();
    // `terminate` is node-ws' name for a cut without a close frame; the platform's own has none.
    return Object.assign(made, { tear: () => sockets.at(-1).terminate?.() ?? sockets.at(-1).close() });
  };
  return { hub, client, room: `ticket:${randomUUID()}` };
}

const live = (client) => until(() => client.state === 'live', [[client, 'state']], { what: 'live' });
const holds = (room, count) => until(() => room.events.length >= count, [[room, 'events', 'reset', 'truncated']], { what: `${count} events` });
const say = (room, text) => room.send('message', { text });

test('two people talk; both see the same, and ticks become durable', { skip: without(binary ?? address) }, async (t) => {
  const { client, room: name } = await stage(t);
  const [anna, boris] = [await client('anna'), await client('boris')];
  const [here, there] = [anna.join(name), boris.join(name)];
  await Promise.all([live(anna), live(boris)]);
  const handles = [say(here, 'Привет 👋'), say(there, 'и тебе\nпривет'), say(here, '"\\ \u2028 <b>')];
  await Promise.all(handles.map((handle) => handle.durable));
  await Promise.all([holds(here, 3), holds(there, 3)]);
  assert.deepEqual(here.events, there.events);
  assert.deepEqual(offsets(here.events), [1, 2, 3]);
  assert.deepEqual([...texts(here)].sort(), ['"\\ \u2028 <b>', 'Привет 👋', 'и тебе\nпривет']);
  assert.equal(here.durable, 3);
  assert.deepEqual(handles.map(({ state }) => state), ['durable', 'durable', 'durable']);
});

test('presence, typing, read marks and signals', { skip: without(binary ?? address) }, async (t) => {
  const { client, room: name } = await stage(t);
  const anna = await client('anna');
  const here = anna.join(name);
  await live(anna);
  const boris = await client('boris');
  const there = boris.join(name);
  await live(boris);
  await until(() => here.people.length === 2, [[here, 'presence']], { what: 'two people' });
  assert.deepEqual(here.people.map(({ user, roles }) => [user, roles]), [['anna', ['user']], ['boris', ['user']]]);
  assert.deepEqual((await here.who()).map(({ user }) => user), ['anna', 'boris']);
  there.typing();
  await until(() => here.typists.includes('boris'), [[here, 'typing']], { what: 'typing' });
  await say(there, 'said').durable;
  await until(() => here.typists.length === 0, [[here, 'typing']], { what: 'typing over' });
  here.markRead();
  await until(() => there.reads.get('anna') === 1, [[there, 'read']], { what: 'read mark' });
  const heard = listen(here, 'signal');
  await there.signal('cursor', { x: 7 });
  await until(() => heard.length === 1, [[here, 'signal']], { what: 'signal' });
  assert.deepEqual([heard[0][1].by, heard[0][1].data], ['boris', { x: 7 }]);
  boris.disconnect();
  await until(() => here.people.length === 1, [[here, 'presence']], { what: 'leave' });
});

test('history pages back to the first event', { skip: without(binary ?? address) }, async (t) => {
  const { client, room: name } = await stage(t);
  // Staff have no rate limit.
  const writer = await client('admin');
  const handles = Array.from({ length: 120 }, (_, i) => writer.send(name, 'message', { text: String(i + 1) }));
  await Promise.all(handles.map((handle) => handle.durable));
  const anna = await client('anna');
  const room = anna.join(name, { limit: 30 });
  await live(anna);
  assert.deepEqual([room.events[0].offset, room.more], [91, true]);
  while (room.more) await room.loadOlder(40);
  assert.deepEqual(texts(room), Array.from({ length: 120 }, (_, i) => String(i + 1)));
  const { events, more } = await room.history({ after: 0, limit: 5 });
  assert.deepEqual([offsets(events), more], [[1, 2, 3, 4, 5], true]);
});

test('a torn socket costs nothing', { skip: without(binary ?? address) }, async (t) => {
  const { client, room: name } = await stage(t);
  const [anna, boris] = [await client('anna'), await client('boris')];
  const [here, there] = [anna.join(name), boris.join(name)];
  await Promise.all([live(anna), live(boris)]);
  const resets = listen(here, 'reset', 'truncated');
  for (let i = 0; i < 5; i += 1) {
    const during = say(there, `during ${i}`);
    anna.tear();
    const queued = say(here, `queued ${i}`);
    await Promise.all([during.durable, queued.durable]);
  }
  await Promise.all([holds(here, 10), holds(there, 10)]);
  assert.deepEqual(here.events, there.events);
  assert.equal(new Set(texts(here)).size, 10);
  assert.deepEqual(resets, []);
});

test('SIGKILL in the middle: what was durable stays, nothing is missing, nothing double, order holds', { skip: without(binary) }, async (t) => {
  const { hub, client, room: name } = await stage(t);
  const [anna, boris] = [await client('vera'), await client('admin')];
  const [here, there] = [anna.join(name), boris.join(name)];
  await Promise.all([live(anna), live(boris)]);
  const durable = new Map();
  const handles = [];
  for (let round = 0; round < 3; round += 1) {
    for (let i = 0; i < 40; i += 1) {
      for (const [room, who] of [[here, 'a'], [there, 'b']]) {
        const handle = say(room, `${who}${round}-${i}`);
        handle.durable.then(({ offset, key }) => durable.set(key, offset));
        handles.push(handle);
      }
    }
    await handles[handles.length - 40].durable;
    await hub.end('SIGKILL');
    await hub.start();
  }
  await Promise.all(handles.map((handle) => handle.durable));
  await Promise.all([holds(here, 240), holds(there, 240)]);
  assert.deepEqual(here.events, there.events);
  assert.deepEqual(offsets(here.events), Array.from({ length: 240 }, (_, i) => i + 1));
  for (const who of ['a', 'b']) {
    const said = texts(here).filter((text) => text.startsWith(who));
    assert.deepEqual(said, [0, 1, 2].flatMap((round) => Array.from({ length: 40 }, (_, i) => `${who}${round}-${i}`)));
  }
  for (const event of here.events) assert.equal(durable.get(event.key), event.offset, 'what was called durable kept its offset');
});

test('a graceful stop tells when to come back, and the client does', { skip: without(binary) }, async (t) => {
  const { hub, client, room: name } = await stage(t);
  const anna = await client('anna');
  const room = anna.join(name);
  await live(anna);
  await say(room, 'before').durable;
  assert.equal(await hub.end('SIGTERM'), 0);
  await until(() => anna.state === 'offline', [[anna, 'state']], { what: 'offline' });
  const waiting = say(room, 'while away');
  const stopped = listen(anna, 'stopped');
  await hub.start();
  await waiting.durable;
  assert.deepEqual(texts(room), ['before', 'while away']);
  assert.deepEqual(stopped, []);
});

test('a room that is not for this person says so and does not hold up the others', { skip: without(binary ?? address) }, async (t) => {
  const { client, room: name } = await stage(t);
  const anna = await client('anna');
  const notes = anna.join(`${name}/notes`);
  const room = anna.join(name);
  const gone = listen(notes, 'gone');
  await live(anna);
  assert.deepEqual(gone.map(([, { error }]) => error.code), ['forbidden']);
  assert.equal(notes.state, 'gone');
  const refused = anna.send(`${name}/notes`, 'message', { text: 'x' });
  await assert.rejects(refused.durable, { code: 'forbidden' });
  await say(room, 'fine').durable;
  await assert.rejects(say(room, 'x'.repeat(70_000)).durable, { code: 'too_large' });
  await assert.rejects(room.send('desk.open', {}).durable, { code: 'forbidden', field: 'kind' });
});

test('a token the hub refuses ends it, a good one after it does not', { skip: without(binary ?? address) }, async (t) => {
  const { hub, client, room: name } = await stage(t);
  const given = ['not.a.token', await hub.token('anna')];
  const reasons = [];
  const anna = await client('anna', { token: (reason) => (reasons.push(reason), given.shift()) });
  const room = anna.join(name);
  await live(anna);
  assert.deepEqual([reasons, room.state], [['connect', 'refused'], 'live']);
  const stranger = await client('boris', { token: 'not.a.token' });
  const stopped = listen(stranger, 'stopped');
  await until(() => stopped.length === 1, [[stranger, 'stopped']], { what: 'stopped' });
  assert.equal(stopped[0][1].code, 'unauthorized');
});

test('a client that falls behind a full frame of history still gets all of it, in order', { skip: without(binary ?? address) }, async (t) => {
  const { client, room: name } = await stage(t);
  const [writer, reader] = [await client('admin'), await client('vera')];
  const room = reader.join(name);
  await live(reader);
  reader.disconnect();
  const body = 'x'.repeat(20_000);
  const handles = Array.from({ length: 40 }, (_, i) => writer.send(name, 'message', { text: String(i), body }));
  await Promise.all(handles.map((handle) => handle.durable));
  reader.connect();
  await holds(room, 40);
  assert.deepEqual(texts(room), Array.from({ length: 40 }, (_, i) => String(i)));
});

test('a stream is written over torn connections and a kill; its readers have all of it once', { skip: without(binary) }, async (t) => {
  const { hub, client, room: name } = await stage(t);
  const [reader, writer] = [await client('anna'), await client('oleg')];
  const room = reader.join(name);
  await Promise.all([live(reader), live(writer)]);
  const words = [...Array(600).keys()].map((number) => `${number} слово\n`);
  const whole = words.join('');
  const seen = [];
  let ended = null;
  room.on('stream', ({ stream }) => {
    seen.push(whole.startsWith(stream.text));
    if (stream.state !== 'open') ended = stream;
  });
  const production = writer.stream(name, { title: 'T' });
  let at = 0;
  // Each answer tells how far the disk is: until it has the first of them.
  while (production.durable === 0 && at < 400) {
    production.append(words[at]);
    at += 1;
    for (let turn = 0; turn < 20; turn += 1) await writer.request('ping');
  }
  writer.tear();
  for (const word of words.slice(at, 500)) production.append(word);
  await live(reader);
  await hub.end('SIGKILL');
  for (const word of words.slice(500)) production.append(word);
  await hub.start();
  await live(writer);
  assert.equal((await production.close()).state, 'done');
  await live(reader);
  const isShown = () => ended !== null || room.events.some(({ data }) => data.state === 'done');
  await until(isShown, [[room, 'stream', 'events', 'reset']], { what: 'the end' });
  assert.equal(room.events.find(({ data }) => data.state === 'done').data.text, whole);
  assert.ok(seen.length > 0 && seen.every(Boolean));
});
