import assert from 'node:assert/strict';
import test from 'node:test';

globalThis.navigator ??= { language: 'en' };
const { spoken } = await import('../../clients/demo/spoken.js');

const message = { offset: 1, kind: 'message', by: 'anna', data: { text: 'Where?' } };
const opened = { offset: 2, kind: 'stream', by: 'bot', data: { stream: 's1', state: 'open', attempt: 1 } };
const ended = (state) => ({ offset: 4, kind: 'stream', by: 'bot', data: { stream: 's1', state, attempt: 1, text: 'Here' } });
const show = (events, streams = []) => spoken({ events, streams: new Map(streams) }).map(({ id, event, body, isGrowing }) => [id, event.offset, body, isGrowing]);

test('a stream is shown once: where it opened while it grows, where it ended afterwards', () => {
  assert.deepEqual(show([message, opened], [['s1', { text: 'He' }]]), [[null, 1, 'Where?', false], ['stream s1', 2, 'He', true]]);
  assert.deepEqual(show([message, opened, ended('done')]), [[null, 1, 'Where?', false], ['stream s1', 4, 'Here', false]]);
  assert.deepEqual(show([opened]), [['stream s1', 2, '', true]]);
});

test('how it ended is said where it is not done', () => {
  const [[, , body]] = show([ended('interrupted')]);
  assert.match(body, /^Here\n\(.+\)$/);
});
