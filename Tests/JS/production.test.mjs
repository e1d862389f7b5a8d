import assert from 'node:assert/strict';
import test from 'node:test';
import { settle } from './support/fake-clock.mjs';
import { listen, stage } from './support/started.mjs';

const text = (hub, id) => hub.streams.all.get(id).tokens.join('');

test('what is appended is shown in a room, and the end says all of it', async () => {
  const { hub, client } = stage();
  const room = (await client('anna')).join('ticket:42');
  await settle();
  const heard = [];
  room.on('stream', ({ stream }) => heard.push([stream.state, stream.text]));
  const production = (await client('bot')).stream('ticket:42', { stream: 's1', title: 'T' });
  production.append('a').append(['b', 'c']);
  await settle();
  assert.deepEqual([room.streams.get('s1').text, room.streams.get('s1').title, production.durable], ['abc', 'T', 3]);
  assert.deepEqual(await production.close('done', { usage: { tokens_out: 3 } }), { state: 'done', offset: 2 });
  await settle();
  assert.equal(room.streams.size, 0);
  assert.deepEqual([heard[0], heard.at(-1)], [['open', ''], ['done', 'abc']]);
  assert.throws(() => production.append('late'), { code: 'closed' });
  assert.equal(hub.streams.all.get('s1').state, 'done');
});

test('tokens appended while an answer is awaited go together, in order', async () => {
  const { hub, client } = stage();
  const production = (await client('bot')).stream('ticket:42', { stream: 's1' });
  await settle();
  for (let number = 0; number < 50; number += 1) production.append(`${number} `);
  await production.close();
  assert.ok(hub.streams.appends.length < 5);
  assert.equal(text(hub, 's1'), [...Array(50).keys()].map((number) => `${number} `).join(''));
});

test('a lost connection loses and doubles no token, and closes what was to be closed', async () => {
  const { clock, hub, client } = stage();
  const bot = await client('bot');
  hub.streams.isPrompt = false;
  const production = bot.stream('ticket:42', { stream: 's1' });
  production.append(['a', 'b']);
  await settle();
  hub.cut(1006);
  production.append('c');
  await clock.advance(250);
  await settle();
  assert.equal(text(hub, 's1'), 'abc');
  hub.cut(1006);
  production.append('d');
  const ended = production.close();
  await clock.advance(1000);
  assert.equal((await ended).state, 'done');
  assert.equal(text(hub, 's1'), 'abcd');
});

test('what a crash of the hub took is sent again', async () => {
  const { clock, hub, client } = stage();
  const production = (await client('bot')).stream('ticket:42', { stream: 's1' });
  production.append(['a', 'b']);
  await settle();
  assert.equal(production.durable, 2);
  hub.streams.isPrompt = false;
  production.append(['c', 'd']);
  await settle();
  assert.deepEqual([text(hub, 's1'), production.durable], ['abcd', 2]);
  hub.crash();
  assert.equal(text(hub, 's1'), 'ab');
  production.append('e');
  await clock.advance(250);
  assert.equal(text(hub, 's1'), 'abcde');
  await production.close();
});

test('a hub that is busy is waited for', async () => {
  const { clock, hub, client } = stage();
  const production = (await client('bot')).stream('ticket:42', { stream: 's1' });
  await settle();
  hub.streams.refusals = [{ code: 'busy', retry_after: 300 }];
  production.append('a');
  await settle();
  assert.equal(text(hub, 's1'), '');
  await clock.advance(1000);
  assert.equal(text(hub, 's1'), 'a');
});

test('another attempt supersedes what readers have seen', async () => {
  const { hub, client } = stage();
  const room = (await client('anna')).join('ticket:42');
  const production = (await client('bot')).stream('ticket:42', { stream: 's1' });
  production.append('wrong');
  await settle();
  production.restart().append('right');
  await settle();
  assert.deepEqual([room.streams.get('s1').text, room.streams.get('s1').attempt, production.tokens], ['right', 2, 1]);
  await production.close();
  assert.equal(text(hub, 's1'), 'right');
});

test('a wish to stop reaches the producer', async () => {
  const { client } = stage();
  const room = (await client('anna')).join('ticket:42');
  const production = (await client('bot')).stream('ticket:42', { stream: 's1' });
  const heard = listen(production, 'cancel');
  production.append('half');
  await settle();
  await room.cancel('s1');
  await settle();
  assert.deepEqual(heard, [['cancel', { by: 'anna' }]]);
  assert.equal((await production.close('cancelled')).state, 'cancelled');
});

test('a stream that ended meanwhile is refused for good; one whose end was kept is over', async () => {
  const { clock, hub, client } = stage();
  const bot = await client('bot');
  const lost = bot.stream('ticket:42', { stream: 's1' });
  const kept = bot.stream('ticket:42', { stream: 's2' });
  const failed = listen(lost, 'failed');
  await settle();
  hub.cut(1006);
  hub.streams.end('s1', 'interrupted');
  const ended = kept.close();
  hub.streams.end('s2', 'done');
  await clock.advance(250);
  await assert.rejects(lost.ended, { code: 'conflict', current: 'interrupted' });
  assert.equal(failed.length, 1);
  assert.deepEqual(await ended, { state: 'done', offset: null });
});

test('a text that is too long is refused here, before it is sent', async () => {
  const { client } = stage();
  const production = (await client('bot')).stream('ticket:42');
  await settle();
  production.append('x'.repeat(1_048_576));
  assert.throws(() => production.append('y'), { code: 'too_large' });
});

test('a reader that missed a piece asks anew', async () => {
  const { hub, client } = stage();
  const room = (await client('anna')).join('ticket:42');
  await settle();
  hub.streams.begin('s1', 'ticket:42', 'bot');
  hub.streams.grow('s1', 'a');
  hub.streams.all.get('s1').tokens.push('b');
  hub.streams.grow('s1', 'c');
  await settle();
  assert.equal(room.streams.get('s1').text, 'abc');
});

test('a question is asked once however often the connection is lost', async () => {
  const { clock, hub, client } = stage();
  const asked = [];
  hub.streams.assistant = (data, stream) => asked.push([data, stream]);
  const anna = await client('anna');
  const room = anna.join('ticket:42');
  await settle();
  hub.cut(1006);
  const question = room.ask('Where?');
  await clock.advance(250);
  assert.deepEqual([(await question).stream, (await question).offset], ['ask:1:ticket:42', 1]);
  const again = await room.ask({ text: 'Where?' }, { key: room.events[0].key });
  assert.equal(again.duplicate, true);
  assert.deepEqual(asked, [[{ text: 'Where?' }, 'ask:1:ticket:42']]);
  hub.streams.grow('ask:1:ticket:42', 'Here');
  await settle();
  assert.deepEqual([room.streams.get('ask:1:ticket:42').question, room.streams.get('ask:1:ticket:42').text], [1, 'Here']);
});

test('without an assistant a question is refused', async () => {
  const { client } = stage();
  const room = (await client('anna')).join('ticket:42');
  await settle();
  await assert.rejects(room.ask('?'), { code: 'unsupported' });
});
