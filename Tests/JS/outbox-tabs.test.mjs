import assert from 'node:assert/strict';
import test from 'node:test';
import { SharedTabs } from '../../clients/js/outbox-tabs.js';
import { FakeClock, settle } from './support/fake-clock.mjs';

/** Web Locks of one origin: first come first served, `steal`, `signal`. */
class FakeLocks {
  #queue = [];
  #held = null;

  request(name, { signal, steal }, run) {
    return new Promise((resolve, reject) => {
      const wish = { run, resolve, reject };
      signal?.addEventListener('abort', () => {
        if (!this.#queue.includes(wish)) return;
        this.#queue = this.#queue.filter((one) => one !== wish);
        reject(new Error('AbortError'));
      });
      if (steal) {
        this.#held?.reject(new Error('AbortError: stolen'));
        this.#held = null;
        this.#queue.unshift(wish);
      } else this.#queue.push(wish);
      this.#next();
    });
  }

  #next() {
    if (this.#held || this.#queue.length === 0) return;
    const wish = this.#queue.shift();
    this.#held = wish;
    queueMicrotask(async () => {
      const value = await wish.run();
      if (this.#held === wish) this.#held = null;
      wish.resolve(value);
      this.#next();
    });
  }
}

/** A channel class whose instances hear each other, save the deaf ones. */
function air() {
  const all = new Set();
  return class {
    onmessage = null;
    isDeaf = false;

    constructor(name) {
      this.name = name;
      all.add(this);
    }

    postMessage(data) {
      for (const other of all) {
        if (other !== this && other.name === this.name && !other.isDeaf) queueMicrotask(() => other.onmessage?.({ data }));
      }
    }

    close() {
      all.delete(this);
    }
  };
}

function browser() {
  const clock = new FakeClock();
  const locks = new FakeLocks();
  const Channel = air();
  const open = () => {
    const log = { led: 0, heard: [] };
    let channel;
    const BroadcastChannel = class extends Channel {
      constructor(name) {
        super(name);
        channel = this;
      }
    };
    const tab = new SharedTabs('outbox', { locks, BroadcastChannel, clock }, { heard: (news) => log.heard.push(news), leading: () => (log.led += 1) });
    return { tab, log, deafen: () => (channel.isDeaf = true) };
  };
  return { clock, open };
}

test('one tab leads; the next one does when it yields', async () => {
  const { open } = browser();
  const [a, b] = [open(), open()];
  a.tab.lead();
  b.tab.lead();
  await settle();
  assert.deepEqual([a.tab.isLeading, b.tab.isLeading], [true, false]);
  a.tab.yield();
  await settle();
  assert.deepEqual([a.tab.isLeading, b.tab.isLeading, b.log.led], [false, true, 1]);
});

test('who goes away while standing in line does not get the lock', async () => {
  const { open } = browser();
  const [a, b, c] = [open(), open(), open()];
  for (const { tab } of [a, b, c]) tab.lead();
  await settle();
  b.tab.yield();
  a.tab.close();
  await settle();
  assert.deepEqual([b.tab.isLeading, c.tab.isLeading], [false, true]);
});

test('yield and lead again in one breath ends with one leader', async () => {
  const { open } = browser();
  const [a, b] = [open(), open()];
  a.tab.lead();
  a.tab.yield();
  a.tab.lead();
  b.tab.lead();
  await settle();
  assert.deepEqual([a.tab.isLeading, b.tab.isLeading], [true, false]);
});

test('the leader hears of news and says so; nothing is taken away', async () => {
  const { clock, open } = browser();
  const [a, b] = [open(), open()];
  a.tab.lead();
  b.tab.lead();
  await settle();
  b.tab.changed();
  await clock.advance(10_000);
  assert.deepEqual(a.log.heard, [{ changed: true }]);
  assert.deepEqual([a.tab.isLeading, b.tab.isLeading], [true, false]);
});

test('a leader that does not answer loses the lock, and stands in line again', async () => {
  const { clock, open } = browser();
  const [a, b] = [open(), open()];
  a.tab.lead();
  b.tab.lead();
  await settle();
  a.deafen();
  b.tab.changed();
  await clock.advance(2_999);
  assert.equal(b.tab.isLeading, false);
  await clock.advance(1);
  assert.deepEqual([a.tab.isLeading, b.tab.isLeading], [false, true]);
  b.tab.yield();
  await settle();
  assert.equal(a.tab.isLeading, true);
});

test('answers are told to the other tabs', async () => {
  const { open } = browser();
  const [a, b] = [open(), open()];
  a.tab.settled({ key: 'k' });
  await settle();
  assert.deepEqual(b.log.heard, [{ settled: { key: 'k' } }]);
  b.tab.close();
  a.tab.close();
  a.tab.changed();
  await settle();
  assert.equal(b.log.heard.length, 1);
});
