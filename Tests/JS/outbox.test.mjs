import assert from 'node:assert/strict';
import test from 'node:test';
import { MemoryStore } from '../../clients/js/apus.js';
import { settle } from './support/fake-clock.mjs';
import { listen, stage, texts } from './support/started.mjs';

const say = (room, text) => room.send('message', { text });
const sent = (hub) => hub.sends.map(({ data, duplicate }) => (duplicate ? `${data.text} again` : data.text));

async function joined(made, user = 'anna', options = {}) {
  const client = await made.client(user, options);
  const room = client.join('ticket:42');
  await settle();
  return { client, room };
}

test('a message goes queued → accepted → durable', async () => {
  const made = stage();
  const { room } = await joined(made);
  made.hub.isPrompt = false;
  const handle = say(room, 'x');
  const states = [handle.state];
  handle.on('change', ({ state }) => states.push(state));
  await settle();
  assert.deepEqual([handle.state, room.durable, room.pending], ['accepted', 0, []]);
  made.hub.flush();
  await settle();
  assert.deepEqual(states, ['queued', 'accepted', 'durable']);
  assert.deepEqual([room.durable, handle.offset], [1, 1]);
  assert.equal(await handle.accepted, handle);
  assert.equal(await handle.durable, handle);
});

test('one unacknowledged send per room, in order; rooms do not wait for each other', async () => {
  const made = stage();
  const { client, room } = await joined(made);
  made.hub.isPrompt = false;
  for (const text of ['a', 'b', 'c']) say(room, text);
  client.send('ticket:7', 'message', { text: 'other' });
  await settle();
  assert.deepEqual(sent(made.hub), ['a', 'other']);
  made.hub.flush();
  await settle();
  assert.deepEqual(sent(made.hub), ['a', 'other', 'b']);
  made.hub.flush();
  await settle();
  assert.deepEqual(sent(made.hub), ['a', 'other', 'b', 'c']);
});

test('what is said offline waits, visibly, and goes out in order', async () => {
  const made = stage();
  const { client, room } = await joined(made);
  client.disconnect();
  for (const text of ['a', 'b']) say(room, text);
  await settle();
  assert.deepEqual(room.pending.map(({ data }) => data.text), ['a', 'b']);
  client.connect();
  await settle();
  assert.deepEqual([texts(room), room.pending], [['a', 'b'], []]);
});

test('a lost answer costs a repetition with the same key, never a second event', async () => {
  const made = stage();
  const { client, room } = await joined(made);
  made.hub.isPrompt = false;
  const handle = say(room, 'once');
  await settle();
  made.hub.cut(1006);
  made.hub.flush();
  await made.clock.advance(250);
  assert.deepEqual(sent(made.hub), ['once', 'once again']);
  assert.deepEqual([handle.state, texts(room), client.pending], ['durable', ['once'], []]);
});

for (const code of ['busy', 'unavailable', 'rate_limited']) {
  test(`${code}: the room waits as long as asked, others go on`, async () => {
    const made = stage();
    const { client, room } = await joined(made);
    made.hub.refusals = [{ code, retry_after: 4000 }];
    say(room, 'a');
    say(room, 'b');
    await settle();
    client.send('ticket:7', 'message', { text: 'other' });
    await settle();
    assert.deepEqual(sent(made.hub), ['other']);
    await made.clock.advance(4_249);
    assert.deepEqual(texts(room), []);
    await made.clock.advance(1);
    assert.deepEqual(texts(room), ['a', 'b']);
  });
}

for (const code of ['forbidden', 'bad_request', 'too_large', 'not_found', 'conflict', 'unsupported']) {
  test(`${code}: that message is dropped and named, the next ones go on`, async () => {
    const made = stage();
    const { client, room } = await joined(made);
    const heard = listen(room, 'failed');
    const everywhere = listen(client, 'failed');
    made.hub.refusals = [{ code, field: 'data' }];
    const bad = say(room, 'bad');
    const good = say(room, 'good');
    const end = assert.rejects(bad.durable, { code, field: 'data' });
    await settle();
    await end;
    assert.deepEqual([bad.state, good.state, texts(room)], ['failed', 'durable', ['good']]);
    assert.deepEqual(heard.map(([, { entry, error }]) => [entry.data.text, error.code]), [['bad', code]]);
    assert.equal(everywhere.length, 1);
    assert.deepEqual(client.pending, []);
  });
}

test('an internal error is tried again, but does not block its room for ever', async () => {
  const made = stage();
  const { room } = await joined(made);
  made.hub.refusals = Array.from({ length: 6 }, () => ({ code: 'internal' }));
  const handle = say(room, 'poison');
  const next = say(room, 'next');
  await made.clock.advance(60_000);
  assert.deepEqual([handle.state, handle.error.code, next.state], ['failed', 'internal', 'durable']);
});

test('too large for the hub: refused here, since the socket would be closed for it', async () => {
  const made = stage();
  const { room } = await joined(made);
  const big = say(room, 'ж'.repeat(33_000));
  const next = say(room, 'fits');
  await settle();
  assert.deepEqual([big.state, big.error.code, next.state], ['failed', 'too_large', 'durable']);
  assert.deepEqual(sent(made.hub), ['fits']);
});

test('text the hub could not attribute is refused here', async () => {
  const made = stage();
  const { room } = await joined(made);
  for (const text of ['\0', '\ud800']) assert.equal(say(room, text).error.code, 'bad_request');
  assert.throws(() => room.send('message', undefined), TypeError);
  await settle();
  assert.deepEqual(made.hub.sends, []);
});

test('data is taken as it was when it was sent', async () => {
  const made = stage();
  const { room } = await joined(made);
  const data = { text: 'before' };
  room.send('message', data);
  data.text = 'after';
  await settle();
  assert.deepEqual(texts(room), ['before']);
});

test('the same own key is the same message', async () => {
  const made = stage();
  const { room } = await joined(made);
  const first = room.send('message', { text: 'x' }, { key: 'order-7' });
  assert.equal(room.send('message', { text: 'x' }, { key: 'order-7' }), first);
  await settle();
  const later = room.send('message', { text: 'y' }, { key: 'order-7' });
  await settle();
  assert.deepEqual([later.state, later.offset, texts(room)], ['durable', 1, ['x']]);
});

test('an own key used again while offline is answered like the first', async () => {
  const made = stage();
  const { client, room } = await joined(made);
  await room.send('message', { text: 'x' }, { key: 'order-7' }).durable;
  client.disconnect();
  const again = room.send('message', { text: 'x' }, { key: 'order-7' });
  await settle();
  client.connect();
  await settle();
  assert.deepEqual([again.state, again.offset, texts(room), client.pending], ['durable', 1, ['x'], []]);
});

test('a message sent before the person is known waits for the hello', async () => {
  const made = stage();
  let give;
  const client = await made.client('anna', { token: () => new Promise((resolve) => (give = resolve)) });
  const handle = client.send('ticket:42', 'message', { text: 'early' });
  const { token } = await import('./support/model-hub.mjs');
  give(token('anna'));
  await settle();
  assert.equal(handle.state, 'durable');
});

test('a new page takes over what the last one left, in order', async () => {
  const made = stage();
  const store = new MemoryStore();
  const { client, room } = await joined(made, 'anna', { outbox: store });
  client.disconnect();
  say(room, 'left');
  say(room, 'behind');
  await settle();
  client.close();
  const next = await joined(made, 'anna', { outbox: store });
  assert.deepEqual(texts(next.room), ['left', 'behind']);
  assert.deepEqual(await store.all(), []);
});

test('the message of an answer that came after the page died is not doubled', async () => {
  const made = stage();
  const store = new MemoryStore();
  made.hub.isPrompt = false;
  const { client, room } = await joined(made, 'anna', { outbox: store });
  say(room, 'once');
  await settle();
  client.close();
  made.hub.flush();
  const next = await joined(made, 'anna', { outbox: store });
  assert.deepEqual([texts(next.room), next.room.pending, await store.all()], [['once'], [], []]);
});

test('a store that refuses still lets the message out', async () => {
  const made = stage();
  const store = Object.assign(new MemoryStore(), { add: () => Promise.reject(new Error('QuotaExceededError')) });
  const { client, room } = await joined(made, 'anna', { outbox: store });
  const warned = listen(client, 'warning');
  say(room, 'a');
  say(room, 'b');
  await settle();
  assert.deepEqual(texts(room), ['a', 'b']);
  assert.equal(warned.length, 2);
});
