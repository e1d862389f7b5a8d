import assert from 'node:assert/strict';
import test from 'node:test';
import { holdsRefusedText, LINES_PER_FRAME, packFrames, readFrame, utf8Length } from '../../clients/js/wire.js';

function read(frame) {
  const messages = [];
  const noise = [];
  readFrame(frame, (message) => messages.push(message), (line) => noise.push(line));
  return { messages, noise };
}

test('a frame holds one object or several, a line each', () => {
  assert.deepEqual(read('{"a":1}').messages, [{ a: 1 }]);
  assert.deepEqual(read('{"a":1}\n{"b":"x\\ny"}\n{"c":[]}').messages, [{ a: 1 }, { b: 'x\ny' }, { c: [] }]);
});

test('empty lines are ignored', () => {
  assert.deepEqual(read('\n\n{"a":1}\r\n\n'), { messages: [{ a: 1 }], noise: [] });
});

test('a bad line does not spoil its neighbours', () => {
  const { messages, noise } = read('{"a":1}\n{oops\n[1]\n7\nnull\n"x"\n{"b":2}');
  assert.deepEqual(messages, [{ a: 1 }, { b: 2 }]);
  assert.deepEqual(noise, ['{oops', '[1]', '7', 'null', '"x"']);
});

test('the length in UTF-8 is what an encoder makes', () => {
  for (const text of ['', 'abc', 'привет', '€', '👍🏽', 'a\ud83dz', '\ude00', '\ud83d']) {
    assert.equal(utf8Length(text), new TextEncoder().encode(text).length, JSON.stringify(text));
  }
});

test('commands of a turn share a frame, at most 64 of them', () => {
  const lines = Array.from({ length: 130 }, (_, i) => `{"id":${i}}`);
  const frames = packFrames(lines, 262_144);
  assert.deepEqual(frames.map((frame) => frame.split('\n').length), [LINES_PER_FRAME, LINES_PER_FRAME, 2]);
  assert.deepEqual(frames.flatMap((frame) => frame.split('\n')), lines);
});

test('a frame stays under the limit in bytes, not in characters', () => {
  const line = `"${'ж'.repeat(30)}"`;
  const frames = packFrames([line, line, line], 130);
  assert.deepEqual(frames.map((frame) => frame.split('\n').length), [2, 1]);
  for (const frame of frames) assert.ok(utf8Length(frame) <= 130);
});

test('NUL and half surrogate pairs are seen, what only looks like them is not', () => {
  for (const text of ['\0', 'a\0b', '\ud800', 'x\udfff', '\ude00\ud83d', { deep: ['\ud83d'] }, '\\\0']) {
    assert.equal(holdsRefusedText(JSON.stringify(text)), true, JSON.stringify(text));
  }
  for (const text of ['', '😀', '\\u0000', '\\ud800', '\\\\ud800', '\u0001\n', 'd800', { a: '\\\\\\u0000' }]) {
    assert.equal(holdsRefusedText(JSON.stringify(text)), false, JSON.stringify(text));
  }
});
