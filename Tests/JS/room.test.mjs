import assert from 'node:assert/strict';
import test from 'node:test';
import { settle } from './support/fake-clock.mjs';
import { listen, offsets, stage, texts } from './support/started.mjs';

test('two people talk; each sees everything once, in order', async () => {
  const { client } = stage();
  const anna = (await client('anna')).join('ticket:42');
  const boris = (await client('boris')).join('ticket:42');
  await settle();
  anna.send('message', { text: 'one' });
  boris.send('message', { text: 'two' });
  anna.send('message', { text: 'three' });
  await settle();
  assert.deepEqual(texts(anna), texts(boris));
  assert.deepEqual([...texts(anna)].sort(), ['one', 'three', 'two']);
  assert.deepEqual(offsets(anna.events), [1, 2, 3]);
});

test('joining brings the newest page, and older pages come on demand', async () => {
  const { hub, client } = stage();
  for (let i = 1; i <= 120; i += 1) hub.post('ticket:42', 'boris', { text: String(i) });
  const room = (await client('anna')).join('ticket:42');
  await settle();
  assert.deepEqual([room.events[0].offset, room.events.length, room.more], [71, 50, true]);
  const [first, second] = await Promise.all([room.loadOlder(), room.loadOlder()]);
  assert.equal(first, second, 'calls made meanwhile share the answer');
  assert.deepEqual([room.events[0].offset, room.events.length], [21, 100]);
  await room.loadOlder();
  assert.deepEqual([room.events[0].offset, room.more], [1, false]);
  assert.deepEqual(await room.loadOlder(), { events: [], more: false });
});

test('a cut costs nothing: what was said meanwhile is recovered', async () => {
  const { clock, hub, client } = stage();
  const anna = await client('anna');
  const room = anna.join('ticket:42');
  await settle();
  hub.post('ticket:42', 'boris', { text: 'before' });
  await settle();
  hub.cut(1006);
  await settle();
  hub.post('ticket:42', 'boris', { text: 'meanwhile' });
  await clock.advance(250);
  hub.post('ticket:42', 'boris', { text: 'after' });
  await settle();
  assert.deepEqual(texts(room), ['before', 'meanwhile', 'after']);
  assert.equal(anna.state, 'live');
});

test('a restart that lost nothing costs nobody anything', async () => {
  const { clock, hub, client } = stage();
  const room = (await client('anna')).join('ticket:42');
  await settle();
  const heard = listen(room, 'reset', 'truncated');
  hub.post('ticket:42', 'boris', { text: 'kept' });
  await settle();
  hub.crash();
  await clock.advance(250);
  hub.post('ticket:42', 'boris', { text: 'after' });
  await settle();
  assert.deepEqual(texts(room), ['kept', 'after']);
  assert.deepEqual(heard, []);
});

test('what a crash lost is taken back and said so; the own message is sent again', async () => {
  const { clock, hub, client } = stage();
  const anna = (await client('anna')).join('ticket:42');
  await settle();
  hub.post('ticket:42', 'boris', { text: 'durable' });
  hub.isPrompt = false;
  hub.post('ticket:42', 'boris', { text: 'lost' });
  const handle = anna.send('message', { text: 'mine' });
  await settle();
  const heard = listen(anna, 'truncated');
  assert.equal(handle.state, 'accepted');
  assert.deepEqual(texts(anna), ['durable', 'lost', 'mine']);
  assert.deepEqual(anna.pending, []);
  hub.crash();
  await clock.advance(250);
  assert.deepEqual(heard.map(([, { to, removed }]) => [to, offsets(removed)]), [[1, [2, 3]]]);
  assert.deepEqual(texts(anna), ['durable', 'mine']);
  assert.deepEqual([handle.state, handle.offset], ['accepted', 2]);
  hub.flush();
  await settle();
  assert.equal(handle.state, 'durable');
  assert.equal(anna.durable, 2);
});

test('a restored copy of the database makes what was held stale', async () => {
  const { clock, hub, client } = stage();
  const room = (await client('anna')).join('ticket:42');
  await settle();
  for (const text of ['a', 'b', 'c']) hub.post('ticket:42', 'boris', { text });
  await settle();
  const heard = listen(room, 'reset');
  hub.crash();
  hub.room('ticket:42').cuts.clear();
  hub.room('ticket:42').events.splice(0, 3, { room: 'ticket:42', offset: 1, at: 1, by: 'boris', kind: 'message', data: { text: 'other' } });
  await clock.advance(250);
  assert.deepEqual(heard.map(([, { reason }]) => reason), ['stale']);
  assert.deepEqual(texts(room), ['other']);
});

test('too far behind: the gap is named and history fills it', async () => {
  const { clock, hub, client } = stage();
  const room = (await client('anna')).join('ticket:42', { limit: 10 });
  await settle();
  hub.post('ticket:42', 'boris', { text: 'first' });
  await settle();
  const heard = listen(room, 'reset');
  hub.maxBehind = 20;
  hub.cut(1006);
  for (let i = 0; i < 50; i += 1) hub.post('ticket:42', 'boris', { text: String(i) });
  await clock.advance(250);
  assert.deepEqual(heard.map(([, { reason, from, to }]) => [reason, from, to]), [['gap', 2, 41]]);
  await room.loadOlder(100);
  assert.deepEqual(offsets(room.events), Array.from({ length: 51 }, (_, i) => i + 1));
});

test('a hole in the pushes makes the room join again, once', async () => {
  const { hub, network, client } = stage();
  const room = (await client('anna')).join('ticket:42');
  await settle();
  const [peer] = hub.peers;
  const { send } = peer;
  peer.send = () => {};
  hub.post('ticket:42', 'boris', { text: 'lost on the way' });
  peer.send = send;
  hub.post('ticket:42', 'boris', { text: 'two' });
  hub.post('ticket:42', 'boris', { text: 'three' });
  await settle();
  assert.deepEqual(texts(room), ['lost on the way', 'two', 'three']);
  assert.equal(network.last.commands.filter(({ cmd }) => cmd === 'sub').length, 2);
});

test('a push that never came is noticed by the heads of the next pings', async () => {
  const { clock, hub, client } = stage();
  const room = (await client('anna')).join('ticket:42');
  await settle();
  const [peer] = hub.peers;
  const { send } = peer;
  peer.send = () => {};
  hub.post('ticket:42', 'boris', { text: 'unheard' });
  peer.send = send;
  await clock.advance(25_000);
  assert.deepEqual(texts(room), []);
  await clock.advance(25_000);
  assert.deepEqual(texts(room), ['unheard']);
});

test('presence: who is here, who came, who left', async () => {
  const { client } = stage();
  const room = (await client('anna')).join('ticket:42');
  await settle();
  const heard = listen(room, 'presence');
  const boris = await client('boris');
  boris.join('ticket:42');
  await settle();
  assert.deepEqual(room.people.map(({ user }) => user), ['anna', 'boris']);
  boris.disconnect();
  await settle();
  assert.deepEqual(room.people.map(({ user }) => user), ['anna']);
  assert.deepEqual(heard.map(([, { join, leave }]) => [join.map(({ user }) => user), leave]), [[['boris'], []], [[], ['boris']]]);
});

test('typing ends after 6 s, at the next message, at a leave, and is never one’s own', async () => {
  const { clock, client } = stage();
  const anna = (await client('anna')).join('ticket:42');
  const borisClient = await client('boris');
  const boris = borisClient.join('ticket:42');
  await settle();
  boris.typing();
  await settle();
  assert.deepEqual([anna.typists, boris.typists], [['boris'], []]);
  await clock.advance(5_999);
  assert.deepEqual(anna.typists, ['boris']);
  await clock.advance(1);
  assert.deepEqual(anna.typists, []);
  boris.typing();
  await clock.advance(4_000);
  boris.typing();
  await clock.advance(5_999);
  assert.deepEqual(anna.typists, ['boris'], 'the last sign counts');
  boris.send('message', { text: 'said' });
  await settle();
  assert.deepEqual(anna.typists, []);
  boris.typing();
  await settle();
  assert.deepEqual(anna.typists, ['boris'], 'a message ends the pause between two signs');
  borisClient.disconnect();
  await settle();
  assert.deepEqual(anna.typists, []);
});

test('keystrokes send a sign at most every 3 s', async () => {
  const { clock, network, client } = stage();
  const room = (await client('anna')).join('ticket:42');
  await settle();
  for (let i = 0; i < 60; i += 1) {
    room.typing();
    await clock.advance(100);
  }
  assert.equal(network.last.commands.filter(({ cmd }) => cmd === 'signal').length, 2);
});

test('read marks: one in flight, never past the log, and sent again after a cut', async () => {
  const { clock, hub, network, client } = stage();
  const anna = (await client('anna')).join('ticket:42');
  const boris = (await client('boris')).join('ticket:42');
  await settle();
  for (const text of ['a', 'b', 'c']) hub.post('ticket:42', 'boris', { text });
  await settle();
  for (const upto of [1, 2, 3, 99]) anna.markRead(upto);
  await settle();
  assert.deepEqual(network.sockets[0].commands.filter(({ cmd }) => cmd === 'read').map(({ upto }) => upto), [1, 3]);
  assert.equal(boris.reads.get('anna'), 3);
  hub.cut(1006);
  hub.post('ticket:42', 'boris', { text: 'd' });
  await settle();
  anna.markRead();
  await clock.advance(250);
  anna.markRead();
  await settle();
  assert.equal(boris.reads.get('anna'), 4);
  assert.equal(anna.reads.get('anna'), 4);
});

test('gone: out of the room until the page asks again', async () => {
  const { clock, hub, client } = stage();
  const anna = await client('anna');
  const room = anna.join('ticket:42');
  await settle();
  const heard = listen(room, 'gone', 'events');
  hub.say({ room: 'ticket:42', gone: { code: 'forbidden' } });
  hub.post('ticket:42', 'boris', { text: 'not for anna' });
  await settle();
  assert.deepEqual(heard.map(([name, { error }]) => [name, error?.code]), [['gone', 'forbidden']]);
  assert.deepEqual([room.state, anna.state], ['gone', 'live']);
  hub.cut(1006);
  await clock.advance(250);
  assert.equal(room.state, 'gone');
  room.rejoin();
  await settle();
  assert.deepEqual([room.state, texts(room)], ['live', ['not for anna']]);
});

test('after leave nothing of the room is heard, and joining again is a new room', async () => {
  const { hub, client } = stage();
  const anna = await client('anna');
  const room = anna.join('ticket:42');
  await settle();
  const heard = listen(room, 'events');
  room.leave();
  hub.post('ticket:42', 'boris', { text: 'unheard' });
  await settle();
  assert.deepEqual(heard, []);
  const again = anna.join('ticket:42');
  assert.notEqual(again, room);
  hub.post('ticket:42', 'boris', { text: 'heard' });
  await settle();
  assert.deepEqual(texts(again), ['unheard', 'heard']);
});
