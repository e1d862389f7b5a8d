import { Apus, MemoryStore } from '../../../clients/js/apus.js';
import { FakeClock, settle } from './fake-clock.mjs';
import { FakeNetwork } from './fake-network.mjs';
import { ModelHub, token } from './model-hub.mjs';

/** A clock, a network and a hub model; `client(user)` makes a connected client on them. */
export function stage() {
  const clock = new FakeClock();
  const hub = new ModelHub(clock.now);
  const network = new FakeNetwork(hub);
  let keys = 0;
  const client = async (user, options = {}) => {
    const made = new Apus({
      url: 'ws://hub.test/ws',
      token: token(user),
      WebSocket: network.WebSocket,
      outbox: new MemoryStore(),
      clock,
      random: () => 0.5,
      makeKey: () => `key${(keys += 1)}`,
      ...options,
    });
    made.connect();
    await settle();
    return made;
  };
  return { clock, hub, network, client };
}

/** Everything a room (or client) says, as [name, detail]. */
export function listen(emitter, ...names) {
  const heard = [];
  for (const name of names) emitter.on(name, (detail) => heard.push([name, detail]));
  return heard;
}

export const texts = (room) => room.events.map((event) => event.data.text);
export const offsets = (events) => events.map((event) => event.offset);
