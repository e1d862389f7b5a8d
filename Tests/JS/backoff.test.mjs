import assert from 'node:assert/strict';
import test from 'node:test';
import { Backoff } from '../../clients/js/backoff.js';

const almostOne = 1 - Number.EPSILON;

test('the ceiling doubles with each attempt up to the cap', () => {
  const backoff = new Backoff({ base: 100, cap: 1000 }, () => almostOne);
  assert.deepEqual([1, 2, 3, 4, 5, 6].map(() => backoff.next()), [99, 199, 399, 799, 999, 999]);
});

test('the jitter is full: it reaches down to zero', () => {
  const backoff = new Backoff({ base: 100, cap: 1000 }, () => 0);
  assert.deepEqual([backoff.next(), backoff.next(), backoff.next()], [0, 0, 0]);
});

test('a wait the hub asked for is never undercut', () => {
  const backoff = new Backoff({ base: 100, cap: 1000 }, () => 0.5);
  assert.equal(backoff.next(1500), 1550);
});

test('a reset starts again at the base', () => {
  const backoff = new Backoff({ base: 100, cap: 1000 }, () => almostOne);
  for (let i = 0; i < 5; i += 1) backoff.next();
  backoff.reset();
  assert.equal(backoff.attempt, 0);
  assert.equal(backoff.next(), 99);
});

test('many attempts do not overflow', () => {
  const backoff = new Backoff({ base: 500, cap: 20_000 }, () => almostOne);
  for (let i = 0; i < 5000; i += 1) backoff.next();
  assert.equal(backoff.next(), 19_999);
});
