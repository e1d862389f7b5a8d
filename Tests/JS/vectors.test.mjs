import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import test from 'node:test';
import { ApusError } from '../../clients/js/apus.js';
import { readFrame } from '../../clients/js/wire.js';

const vectors = (name) => JSON.parse(readFileSync(new URL(`../Vectors/wire/${name}.json`, import.meta.url), 'utf8'));

function read(frame) {
  const messages = [];
  const noise = [];
  readFrame(frame, (message) => messages.push(message), (line) => noise.push(line));
  return { messages, noise };
}

for (const name of ['pushes', 'replies']) {
  const all = vectors(name);
  for (const vector of all) {
    test(`${name}: ${vector.name}`, () => assert.deepEqual(read(vector.line), { messages: [vector.parsed], noise: [] }));
  }

  test(`${name}: all in one frame`, () => {
    const { messages, noise } = read(all.map(({ line }) => line).join('\n'));
    assert.deepEqual(messages, all.map(({ parsed }) => parsed));
    assert.deepEqual(noise, []);
  });
}

test('an error reply becomes an error with all that it said', () => {
  for (const { parsed } of vectors('replies').filter((vector) => vector.parsed.error)) {
    const error = ApusError.fromReply(parsed.error);
    const { code, message, field, retry_after: retryAfter, current } = parsed.error;
    assert.deepEqual([error.code, error.message, error.field, error.retryAfter, error.current], [code, message, field, retryAfter, current]);
  }
});
