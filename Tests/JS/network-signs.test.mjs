import assert from 'node:assert/strict';
import test from 'node:test';
import { settle } from './support/fake-clock.mjs';
import { stage } from './support/started.mjs';

/** The two globals a browser has; the client looks for them when it is made. */
function pretendBrowser(t) {
  const window = new EventTarget();
  const document = Object.assign(new EventTarget(), { visibilityState: 'visible' });
  Object.assign(globalThis, { window, document });
  t.after(() => {
    delete globalThis.window;
    delete globalThis.document;
  });
  return { window, document };
}

test('coming online, and being shown again, cut the waiting short', async (t) => {
  const { window, document } = pretendBrowser(t);
  const { clock, network, client } = stage();
  network.isDown = true;
  const anna = await client('anna');
  await clock.advance(8_000);
  const dialed = network.sockets.length;
  window.dispatchEvent(new Event('online'));
  await settle();
  assert.equal(network.sockets.length, dialed + 1);
  document.visibilityState = 'hidden';
  document.dispatchEvent(new Event('visibilitychange'));
  await settle();
  assert.equal(network.sockets.length, dialed + 1, 'being hidden is no reason');
  network.isDown = false;
  document.visibilityState = 'visible';
  document.dispatchEvent(new Event('visibilitychange'));
  await settle();
  assert.equal(anna.state, 'live');
});

test('with a connection a sign asks whether it still holds', async (t) => {
  const { window } = pretendBrowser(t);
  const { clock, hub, network, client } = stage();
  const anna = await client('anna');
  for (const peer of hub.peers) peer.send = () => {};
  window.dispatchEvent(new Event('offline'));
  await settle();
  assert.equal(network.last.commands.at(-1).cmd, 'ping');
  await clock.advance(10_000);
  assert.equal(anna.state, 'offline');
});

test('no sign jumps the slot of a drain', async (t) => {
  const { window } = pretendBrowser(t);
  const { clock, hub, network, client } = stage();
  await client('anna');
  hub.say({ drain: { reconnect_after: 3000, deadline: 20_000 } });
  await settle();
  hub.cut(1012);
  await settle();
  window.dispatchEvent(new Event('online'));
  await clock.advance(2_999);
  assert.equal(network.sockets.length, 1);
  await clock.advance(1);
  assert.equal(network.sockets.length, 2);
});

test('a closed client and one that stays away hear no signs', async (t) => {
  const { window } = pretendBrowser(t);
  const { network, client } = stage();
  const [anna, boris] = [await client('anna'), await client('boris')];
  anna.close();
  boris.disconnect();
  window.dispatchEvent(new Event('online'));
  await settle();
  assert.equal(network.sockets.length, 2);
});
