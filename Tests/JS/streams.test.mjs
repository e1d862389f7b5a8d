import assert from 'node:assert/strict';
import test from 'node:test';
import { Streams } from '../../clients/js/streams.js';

const opened = { offset: 3, by: 'bot', data: { stream: 's1', state: 'open', attempt: 1, title: 'T', question: 2 } };
const delta = (from, to, text, attempt = 1) => ({ kind: 'delta', stream: 's1', attempt, from, to, text });
const snapshot = (to, text, attempt = 1) => ({ kind: 'snapshot', stream: 's1', attempt, to, text, state: 'open' });

test('a stream opens, grows and ends', () => {
  const streams = new Streams();
  assert.deepEqual([streams.kept(opened).title, streams.open.get('s1').question], ['T', 2]);
  assert.equal(streams.pushed(delta(0, 2, 'ab')).text, 'ab');
  assert.equal(streams.pushed(delta(2, 3, 'c')).text, 'abc');
  const end = streams.kept({ offset: 4, by: 'bot', data: { stream: 's1', state: 'done', attempt: 1, text: 'abcd', usage: { tokens_out: 4 }, provider: 'local' } });
  assert.deepEqual([end.text, end.state, end.title, end.usage, end.end.provider], ['abcd', 'done', 'T', { tokens_out: 4 }, 'local']);
  assert.equal(streams.open.size, 0);
});

test('what is known already is dropped, and what does not follow is a hole', () => {
  const streams = new Streams();
  streams.kept(opened);
  streams.pushed(delta(0, 2, 'ab'));
  assert.equal(streams.pushed(delta(0, 2, 'ab')), 'dropped');
  assert.equal(streams.pushed(delta(0, 1, 'a')), 'dropped');
  assert.equal(streams.pushed(delta(3, 4, 'd')), 'hole');
  assert.equal(streams.pushed(delta(1, 4, 'bcd')), 'hole');
  assert.equal(streams.pushed({ ...delta(0, 1, 'x'), stream: 'other' }), 'hole');
  assert.equal(streams.open.get('s1').text, 'ab');
});

test('a higher attempt takes the place of the text; a lower one is dropped', () => {
  const streams = new Streams();
  streams.kept(opened);
  streams.pushed(delta(0, 2, 'ab'));
  assert.equal(streams.pushed(delta(0, 1, 'x', 2)), 'hole');
  assert.deepEqual([streams.pushed(snapshot(0, '', 2)).text, streams.open.get('s1').title], ['', 'T']);
  assert.equal(streams.pushed(delta(2, 3, 'c')), 'dropped');
  assert.equal(streams.pushed(delta(0, 1, 'x', 2)).text, 'x');
});

test('an answer says which are open', () => {
  const streams = new Streams();
  streams.kept(opened);
  streams.kept({ ...opened, data: { ...opened.data, stream: 's2' } });
  streams.pushed(delta(0, 2, 'ab'));
  const [changed] = streams.answered([snapshot(5, 'abcde')]);
  assert.deepEqual([changed.text, changed.tokens, changed.title], ['abcde', 5, 'T']);
  assert.deepEqual([...streams.open.keys()], ['s1']);
  assert.equal(streams.pushed(delta(5, 6, 'f')).text, 'abcdef');
  assert.deepEqual(streams.answered(), []);
  assert.equal(streams.open.size, 0);
});

test('an opening event that is seen again changes nothing, one that was taken back and given anew does', () => {
  const streams = new Streams();
  streams.kept(opened);
  streams.pushed(delta(0, 2, 'ab'));
  assert.equal(streams.kept(opened), null);
  streams.truncate(3);
  assert.equal(streams.open.size, 1);
  streams.truncate(2);
  assert.equal(streams.open.size, 0);
  assert.equal(streams.kept({ ...opened, offset: 9 }).text, '');
  assert.equal(streams.kept({ offset: 9, by: 'x', data: null }), null);
});

test('usage is told of what is open', () => {
  const streams = new Streams();
  const usage = { kind: 'usage', stream: 's1', data: { tokens_in: 1, tokens_out: 2 } };
  assert.equal(streams.pushed(usage), 'dropped');
  streams.kept(opened);
  assert.deepEqual(streams.pushed(usage).usage, usage.data);
});
