import assert from 'node:assert/strict';
import test from 'node:test';
import { Emitter } from '../../clients/js/emitter.js';

test('listeners hear in the order in which they came, until they are taken off', () => {
  const emitter = new Emitter();
  const heard = [];
  const off = emitter.on('news', (detail) => heard.push(['first', detail]));
  emitter.on('news', (detail) => heard.push(['second', detail]));
  emitter.emit('news', 1);
  off();
  emitter.emit('news', 2);
  emitter.emit('other', 3);
  assert.deepEqual(heard, [['first', 1], ['second', 1], ['second', 2]]);
});

test('a listener taken off during an event still leaves the others their turn', () => {
  const emitter = new Emitter();
  const heard = [];
  const off = emitter.on('news', () => off());
  emitter.on('news', () => heard.push('second'));
  emitter.emit('news');
  assert.deepEqual(heard, ['second']);
});

test('a listener that throws stops nobody and is reported', (t) => {
  const reports = [];
  t.mock.method(globalThis, 'queueMicrotask', (run) => reports.push(run));
  const emitter = new Emitter();
  const heard = [];
  emitter.on('news', () => {
    throw new Error('page bug');
  });
  emitter.on('news', () => heard.push('second'));
  emitter.emit('news');
  assert.deepEqual(heard, ['second']);
  assert.throws(reports[0], /page bug/);
});
