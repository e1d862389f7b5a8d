import assert from 'node:assert/strict';
import test from 'node:test';
import { afterClose, endsDrain } from '../../clients/js/close-codes.js';

const table = {
  never: [1000, 1002, 1003, 1007, 1008, 1009, 4400, 4403, 4409],
  token: [4401],
  backoff: [1001, 1005, 1006, 1011, 1012, 1013, 4408],
};

for (const [rule, codes] of Object.entries(table)) {
  for (const code of codes) {
    test(`${code}: ${rule}`, () => assert.deepEqual(afterClose(code, ''), { rule }));
  }
}

test('4429 says in its reason when to come back', () => {
  assert.deepEqual(afterClose(4429, 'retry_after=1500'), { rule: 'after', ms: 1500 });
  assert.deepEqual(afterClose(4429, 'slow down; retry_after=20'), { rule: 'after', ms: 20 });
});

test('4429 without a readable time comes back with backoff', () => {
  for (const reason of ['', 'retry_after=', 'retry_after=soon', 'never_retry_after=5x']) {
    assert.deepEqual(afterClose(4429, reason), { rule: 'backoff' }, reason);
  }
});

test('codes of applications and unknown ones come back with backoff', () => {
  for (const code of [1014, 1015, 3000, 4000, 4399, 4450, 4500, 4999]) assert.equal(afterClose(code, '').rule, 'backoff');
});

test('the slot of a drain counts for its own close and for one that got lost', () => {
  assert.deepEqual([1001, 1005, 1006, 1012].map(endsDrain), [true, true, true, true]);
  assert.deepEqual([1000, 4401, 4403, 4408, 4409].map(endsDrain), [false, false, false, false, false]);
});
