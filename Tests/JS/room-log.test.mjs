import assert from 'node:assert/strict';
import test from 'node:test';
import { RoomLog } from '../../clients/js/room-log.js';

const event = (offset) => ({ room: 'ticket:42', offset, at: offset, by: 'u1', kind: 'message', data: {} });
const run = (from, to) => Array.from({ length: to - from + 1 }, (_, i) => event(from + i));
const offsets = (log) => log.events.map(({ offset }) => offset);
const types = (changes) => changes.map(({ type, reason }) => reason ?? type);

function joined(from, to, more = {}) {
  const log = new RoomLog();
  log.answer({ epoch: 'e1', head: to, durable: to, recovered: false, events: run(from, to), more: from > 1, ...more });
  return log;
}

test('before the first answer there is nothing to recover from and every push is dropped', () => {
  const log = new RoomLog();
  assert.equal(log.position, null);
  assert.equal(log.push(event(1)), 'dropped');
});

test('the first page is the start of the log', () => {
  const log = joined(5, 9);
  assert.deepEqual(offsets(log), [5, 6, 7, 8, 9]);
  assert.deepEqual(log.position, { since: 9, epoch: 'e1' });
  assert.equal(log.more, true);
});

test('an empty room can be recovered from zero', () => {
  assert.deepEqual(joined(1, 0).position, { since: 0, epoch: 'e1' });
});

test('without a page (limit 0) the log starts behind the head', () => {
  const log = joined(1, 0, { head: 7 });
  assert.deepEqual(log.position, { since: 7, epoch: 'e1' });
  assert.deepEqual(types(log.push(event(8))), ['appended']);
});

test('an answer too large for one frame goes on in pushes: the log starts at its last event, not at the head', () => {
  const log = new RoomLog();
  log.answer({ epoch: 'e1', head: 9, durable: 9, recovered: false, events: run(3, 5), more: true });
  assert.equal(log.offset, 5);
  for (const next of run(6, 10)) assert.deepEqual(types(log.push(next)), ['appended']);
  assert.deepEqual(offsets(log), [3, 4, 5, 6, 7, 8, 9, 10]);
});

test('own + 1 is appended, what is known dropped, a later one is a hole', () => {
  const log = joined(1, 3);
  assert.deepEqual(types(log.push(event(4))), ['appended']);
  for (const old of [1, 3, 4]) assert.equal(log.push(event(old)), 'dropped');
  for (const far of [6, 60]) assert.equal(log.push(event(far)), 'hole');
  assert.deepEqual(offsets(log), [1, 2, 3, 4]);
});

test('a recovery appends what is new, also where the answer overlaps', () => {
  const log = joined(1, 3);
  const changes = log.answer({ epoch: 'e2', head: 6, durable: 6, recovered: true, events: run(2, 6), more: false });
  assert.deepEqual(types(changes), ['appended']);
  assert.deepEqual(changes[0].events.map(({ offset }) => offset), [4, 5, 6]);
  assert.deepEqual(offsets(log), [1, 2, 3, 4, 5, 6]);
  assert.equal(log.epoch, 'e2');
});

test('a recovery with nothing new changes nothing', () => {
  assert.deepEqual(joined(1, 3).answer({ epoch: 'e2', head: 3, durable: 3, recovered: true, events: [], more: true }), []);
});

test('truncated_to takes back what the hub lost; its offsets are then given anew', () => {
  const log = joined(1, 6);
  const changes = log.answer({ epoch: 'e2', head: 5, durable: 5, recovered: true, truncated_to: 4, events: [{ ...event(5), by: 'u2' }], more: true });
  assert.deepEqual(types(changes), ['truncated', 'appended']);
  assert.deepEqual(changes[0].removed.map(({ offset }) => offset), [5, 6]);
  assert.equal(changes[0].to, 4);
  assert.deepEqual(offsets(log), [1, 2, 3, 4, 5]);
  assert.equal(log.events[4].by, 'u2');
});

test('a cut before everything held leaves only what is new', () => {
  const log = joined(5, 6);
  log.answer({ epoch: 'e2', head: 4, durable: 4, recovered: true, truncated_to: 3, events: [event(4)], more: true });
  assert.deepEqual(offsets(log), [4]);
  assert.equal(log.more, true);
});

test('too far away in the same epoch: a gap, which is named', () => {
  const log = joined(1, 3);
  const changes = log.answer({ epoch: 'e1', head: 90, durable: 90, recovered: false, events: run(81, 90), more: true });
  assert.deepEqual(changes, [{ type: 'reset', reason: 'gap', from: 4, to: 80 }]);
  assert.deepEqual(offsets(log), offsets({ events: run(81, 90) }));
  assert.equal(log.more, true);
});

test('a page that reaches what is held leaves no gap', () => {
  const log = joined(1, 3);
  assert.deepEqual(types(log.answer({ epoch: 'e1', head: 6, durable: 6, recovered: false, events: run(3, 6), more: true })), ['appended']);
  assert.deepEqual(offsets(log), [1, 2, 3, 4, 5, 6]);
});

test('another epoch without recovery: everything held is stale', () => {
  const log = joined(1, 9);
  assert.deepEqual(types(log.answer({ epoch: 'x', head: 4, durable: 4, recovered: false, events: run(1, 4), more: false })), ['stale']);
  assert.deepEqual(offsets(log), [1, 2, 3, 4]);
  assert.deepEqual(log.position, { since: 4, epoch: 'x' });
});

test('a head below the own offset is stale whatever the epoch says', () => {
  const log = joined(1, 9);
  assert.deepEqual(types(log.answer({ epoch: 'e1', head: 4, durable: 4, recovered: false, events: run(3, 4), more: true })), ['stale']);
});

test('history goes in front, without doubles', () => {
  const log = joined(11, 12);
  const older = log.prepend({ epoch: 'e1', events: run(8, 11), more: true });
  assert.deepEqual(older.map(({ offset }) => offset), [8, 9, 10]);
  assert.deepEqual(offsets(log), [8, 9, 10, 11, 12]);
  log.prepend({ epoch: 'e1', events: run(1, 7), more: false });
  assert.equal(log.more, false);
  assert.equal(log.firstOffset, 1);
});

test('history of another epoch or from before a reset is not mixed in', () => {
  const log = joined(11, 12);
  assert.deepEqual(log.prepend({ epoch: 'e0', events: run(9, 10), more: true }), []);
  assert.deepEqual(log.prepend({ epoch: 'e1', events: run(3, 5), more: true }), []);
  assert.deepEqual(offsets(log), [11, 12]);
});

test('the durable watermark only rises, save by an answer', () => {
  const log = joined(1, 5, { durable: 3 });
  assert.equal(log.watermark(2), false);
  assert.equal(log.watermark(5), true);
  assert.equal(log.durable, 5);
  log.answer({ epoch: 'e2', head: 4, durable: 4, recovered: true, truncated_to: 4, events: [], more: false });
  assert.equal(log.durable, 4);
});

test('a log keeps the newest and says what it let go', () => {
  const log = new RoomLog(10);
  log.answer({ epoch: 'e1', head: 0, durable: 0, recovered: false, events: [], more: false });
  const trims = run(1, 30).flatMap((next) => log.push(next)).filter(({ type }) => type === 'trimmed');
  assert.ok(trims.length > 0);
  assert.ok(log.events.length >= 10 && log.events.length <= 11);
  assert.equal(trims[trims.length - 1].first <= log.firstOffset, true);
  assert.equal(log.events[log.events.length - 1].offset, 30);
  assert.equal(log.more, true);
});

test('every order of duplicates and late pushes ends in the same log', () => {
  for (let seed = 1; seed <= 200; seed += 1) {
    let state = seed;
    const random = () => (state = (state * 48_271) % 2_147_483_647) / 2_147_483_647;
    const log = joined(1, 0);
    let head = 0;
    while (log.offset < 40) {
      const wanted = 1 + Math.floor(random() * 42);
      head = Math.max(head, wanted);
      if (log.push(event(wanted)) === 'hole') {
        const upto = Math.min(head, log.offset + 1 + Math.floor(random() * 6));
        log.answer({ epoch: 'e1', head, durable: 0, recovered: true, events: run(log.offset + 1, upto), more: false });
      }
      assert.deepEqual(offsets(log), offsets({ events: run(1, log.offset) }));
    }
  }
});
