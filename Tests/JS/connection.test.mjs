import assert from 'node:assert/strict';
import test from 'node:test';
import { Apus } from '../../clients/js/apus.js';
import { FakeClock, settle } from './support/fake-clock.mjs';
import { FakeNetwork } from './support/fake-network.mjs';
import { token } from './support/model-hub.mjs';
import { listen } from './support/started.mjs';

const HELLO = { user: 'anna', roles: ['user'], session: 's1', ping: 25_000, limits: { frame: 262_144, data: 65_536 }, rooms: {} };
const EMPTY = { epoch: 'e1', head: 0, durable: 0, recovered: false, events: [], more: false, reads: {}, presence: [] };

/** A client whose hub is played by the test, command by command. */
async function scripted(options = {}) {
  const clock = new FakeClock();
  const network = new FakeNetwork();
  const client = new Apus({ url: 'ws://hub.test/ws', token: token('anna'), WebSocket: network.WebSocket, clock, random: () => 0.5, ...options });
  const heard = listen(client, 'state', 'stopped', 'warning');
  client.connect();
  await settle();
  const greet = async (more = {}) => {
    network.last.open();
    await settle();
    network.last.say({ id: 1, ok: { ...HELLO, now: clock.now(), expires: clock.now() + 3_600_000, ...more } });
    await settle();
  };
  return { clock, network, client, heard, greet };
}

const stopped = (heard) => heard.filter(([name]) => name === 'stopped').map(([, error]) => error.code);

test('hello carries token, client and rooms, and is the first and only command until its answer', async () => {
  const { network, client } = await scripted();
  client.join('ticket:42', { limit: 20 });
  network.last.open();
  await settle();
  assert.equal(network.last.protocol, 'apus.v1');
  assert.deepEqual(network.last.commands, [
    { id: 1, cmd: 'hello', token: token('anna'), client: 'apus-js/0.1.0', rooms: { 'ticket:42': { limit: 20, presence: true, durable: true } } },
  ]);
});

test('the state goes offline → catching up → live, live only when every room has its answer', async () => {
  const { network, client, heard, greet } = await scripted();
  client.join('ticket:1');
  client.join('ticket:2');
  await greet({ rooms: { 'ticket:1': { ok: EMPTY }, 'ticket:2': { error: { code: 'busy', message: 'later', retry_after: 100 } } } });
  assert.equal(client.state, 'catching up');
  assert.deepEqual(heard.map(([, state]) => state), ['catching up']);
  network.last.drop(1006);
  assert.equal(client.state, 'offline');
});

test('a room that is busy is asked for again when the hub said so, and no sooner', async () => {
  const { clock, network, client, greet } = await scripted();
  const room = client.join('ticket:2');
  await greet({ ping: 0, rooms: { 'ticket:2': { error: { code: 'busy', message: 'later', retry_after: 100 } } } });
  await clock.advance(349);
  assert.equal(network.last.commands.length, 1);
  await clock.advance(1);
  assert.equal(network.last.commands[1].cmd, 'sub');
  network.last.say({ id: 2, ok: EMPTY });
  assert.deepEqual([room.state, client.state], ['live', 'live']);
});

test('a room that is wished for while hello is under way is joined right after', async () => {
  const { network, client } = await scripted();
  network.last.open();
  await settle();
  const room = client.join('ticket:7');
  network.last.say({ id: 1, ok: HELLO });
  await settle();
  assert.deepEqual(network.last.commands[1], { id: 2, cmd: 'sub', room: 'ticket:7', limit: 50, presence: true, durable: true });
  network.last.say({ id: 2, ok: EMPTY });
  assert.equal(room.state, 'live');
  assert.equal(client.state, 'live');
});

test('a reconnect takes its session and recovers every room in one round trip', async () => {
  const { clock, network, client, greet } = await scripted();
  client.join('ticket:42');
  await greet({ rooms: { 'ticket:42': { ok: { ...EMPTY, head: 3, epoch: 'e7' } } } });
  network.last.drop(1006);
  await clock.advance(250);
  network.last.open();
  await settle();
  const [hello, ...rest] = network.last.commands;
  assert.equal(hello.session, 's1');
  assert.deepEqual(hello.rooms, { 'ticket:42': { since: 3, epoch: 'e7', limit: 50, presence: true, durable: true } });
  assert.deepEqual(rest, []);
});

test('failed attempts back off with full jitter; a connection that held starts anew', async () => {
  const { clock, network, greet } = await scripted();
  for (const delay of [250, 500, 1000, 2000]) {
    network.last.drop(1006);
    assert.deepEqual(clock.delays, [delay]);
    await clock.advance(delay);
  }
  await greet();
  network.last.drop(1006);
  assert.deepEqual(clock.delays, [4000], 'a hello alone does not count as having held');
  await clock.advance(4000);
  await greet();
  await clock.advance(5000);
  network.last.drop(1006);
  assert.deepEqual(clock.delays, [250]);
});

for (const code of [1000, 1002, 1003, 1007, 1008, 1009, 4400, 4403, 4409]) {
  test(`${code} ends it until the page asks again`, async () => {
    const { clock, network, client, heard, greet } = await scripted();
    await greet();
    network.last.drop(code, 'because');
    assert.deepEqual(stopped(heard), ['stopped']);
    assert.equal(heard.find(([name]) => name === 'stopped')[1].close, code);
    assert.deepEqual(clock.delays, []);
    client.connect();
    await settle();
    assert.equal(network.sockets.length, 2);
  });
}

test('after a drain the slot counts, without further backoff', async () => {
  const { clock, network, greet } = await scripted();
  await greet();
  network.last.say({ drain: { reconnect_after: 1830, deadline: 20_000 } });
  network.last.drop(1012);
  assert.deepEqual(clock.delays, [1830]);
  await clock.advance(1830);
  assert.equal(network.sockets.length, 2);
});

test('a person may jump the slot of a drain', async () => {
  const { network, client, greet } = await scripted();
  await greet();
  network.last.say({ drain: { reconnect_after: 1830, deadline: 20_000 } });
  network.last.drop(1012);
  client.connect();
  await settle();
  assert.equal(network.sockets.length, 2);
});

test('1012 without a notice backs off', async () => {
  const { clock, network, greet } = await scripted();
  await greet();
  network.last.drop(1012);
  assert.deepEqual(clock.delays, [250]);
});

test('4429 waits as long as its reason says', async () => {
  const { clock, network, greet } = await scripted();
  await greet();
  network.last.drop(4429, 'retry_after=7000');
  assert.deepEqual(clock.delays, [7000]);
});

test('4401 asks for a fresh token at once; a second refusal in a row backs off', async () => {
  const reasons = [];
  let count = 0;
  const { clock, network } = await scripted({ token: (reason) => (reasons.push(reason), token('anna', { count: (count += 1) })) });
  const refuse = async () => {
    network.last.open();
    await settle();
    network.last.say({ id: 1, error: { code: 'unauthorized', message: 'expired' } });
    network.last.drop(4401);
  };
  await refuse();
  assert.deepEqual(clock.delays, [0]);
  await clock.advance(0);
  assert.deepEqual(reasons, ['connect', 'refused']);
  await refuse();
  assert.deepEqual(clock.delays, [250]);
});

test('a refused token is not offered twice', async () => {
  for (const source of [token('anna'), () => token('anna')]) {
    const { clock, network, heard } = await scripted({ token: source });
    network.last.open();
    await settle();
    network.last.say({ id: 1, error: { code: 'unauthorized', message: 'expired' } });
    network.last.drop(4401);
    await clock.advance(60_000);
    assert.equal(network.sockets.length, 1);
    assert.equal(stopped(heard).length, 1);
  }
});

test('a provider that fails is asked again, one that gives nothing ends it', async () => {
  let answer = () => Promise.reject(new Error('no network'));
  const { clock, network, heard } = await scripted({ token: () => answer() });
  assert.deepEqual(heard.map(([name]) => name), ['warning']);
  assert.deepEqual(clock.delays, [250]);
  answer = () => null;
  await clock.advance(250);
  assert.deepEqual(stopped(heard), ['signed_out']);
  assert.equal(network.sockets.length, 0);
});

test('a token is kept over reconnects until it runs out', async () => {
  let asked = 0;
  const { clock, network, greet } = await scripted({ token: () => token('anna', { asked: (asked += 1) }) });
  await greet({ ping: 0 });
  network.last.drop(1006);
  await clock.advance(250);
  assert.equal(asked, 1);
  await greet({ ping: 0 });
  await clock.advance(3_600_000);
  network.last.drop(1006);
  await clock.advance(250);
  assert.equal(asked, 2);
});

test('expiring: a new token goes through auth on the same connection', async () => {
  const reasons = [];
  const { network, client, greet } = await scripted({ token: async (reason) => (reasons.push(reason), token('anna', { reason })) });
  await greet();
  network.last.say({ expiring: { in: 60_000 } });
  await settle();
  assert.deepEqual(network.last.commands[1], { id: 2, cmd: 'auth', token: token('anna', { reason: 'expiring' }) });
  network.last.say({ id: 2, ok: { expires: 1, roles: ['user', 'helper'] } });
  assert.deepEqual(client.roles, ['user', 'helper']);
  assert.equal(network.sockets.length, 1);
  assert.deepEqual(reasons, ['connect', 'expiring']);
});

test('a refusal that may pass waits as asked, with the same token', async () => {
  let asked = 0;
  const { clock, network } = await scripted({ token: () => ((asked += 1), token('anna')) });
  network.last.open();
  await settle();
  network.last.say({ id: 1, error: { code: 'busy', message: 'later', retry_after: 3000 } });
  network.last.drop(4401);
  assert.deepEqual(clock.delays, [3250]);
  await clock.advance(3250);
  assert.equal(asked, 1);
  assert.equal(network.sockets.length, 2);
});

test('a hello the hub calls malformed ends it', async () => {
  const { clock, network, heard } = await scripted();
  network.last.open();
  await settle();
  network.last.say({ id: 1, error: { code: 'bad_request', message: 'rooms', field: 'rooms' } });
  network.last.drop(4401);
  assert.deepEqual(stopped(heard), ['bad_request']);
  assert.deepEqual(clock.delays, []);
});

test('silence for one interval asks; any frame is an answer', async () => {
  const { clock, network, greet } = await scripted();
  await greet();
  await clock.advance(25_000);
  assert.deepEqual(network.last.commands[1], { id: 2, cmd: 'ping' });
  network.last.say({ room: 'ticket:9', offset: 1 });
  await clock.advance(10_000);
  assert.equal(network.last.readyState, 1);
  assert.equal(network.sockets.length, 1);
});

test('what comes in between moves the next ping', async () => {
  const { clock, network, greet } = await scripted();
  await greet();
  await clock.advance(20_000);
  network.last.say({ room: 'ticket:9', offset: 1 });
  await clock.advance(24_999);
  assert.equal(network.last.commands.length, 1);
  await clock.advance(1);
  assert.equal(network.last.commands[1].cmd, 'ping');
});

test('no answer in 10 s: the connection is given up and made anew', async () => {
  const { clock, network, client, greet } = await scripted();
  await greet();
  await clock.advance(34_999);
  assert.equal(client.state, 'live');
  await clock.advance(1);
  assert.equal(client.state, 'offline');
  assert.equal(network.sockets[0].readyState, 3);
  await clock.advance(250);
  assert.equal(network.sockets.length, 2);
});

test('a hello that is never answered is given up', async () => {
  const { clock, network } = await scripted();
  network.last.open();
  await clock.advance(15_250);
  assert.equal(network.sockets.length, 2);
});

test('replies are matched by id and may come in any order', async () => {
  const { network, client, greet } = await scripted();
  await greet();
  const first = client.request('presence', { room: 'a:1' });
  const second = client.request('presence', { room: 'b:2' });
  await settle();
  assert.equal(network.last.sent[1].split('\n').length, 2, 'commands of a turn share a frame');
  network.last.say('{"id":3,"ok":{"people":[2]}}\n{"id":2,"error":{"code":"forbidden","message":"no","field":"room"}}');
  assert.deepEqual(await second, { people: [2] });
  await assert.rejects(first, { code: 'forbidden', field: 'room' });
});

test('what was asked for when the connection was lost is answered by an error', async () => {
  const { network, client, greet } = await scripted();
  await greet();
  const asked = client.request('ping');
  network.last.drop(1006);
  await assert.rejects(asked, { code: 'disconnected' });
  await assert.rejects(client.request('ping'), { code: 'disconnected' });
});

test('a line that is no answer to anything is a warning, not an end', async () => {
  const { network, client, heard, greet } = await scripted();
  await greet();
  network.last.say('{"id":null,"error":{"code":"bad_request","message":"?"}}\nnonsense\n{"id":77,"ok":{}}');
  assert.equal(heard.filter(([name]) => name === 'warning').length, 3);
  assert.equal(client.state, 'live');
});

test('disconnect stays away and connect comes back', async () => {
  const { clock, network, client, greet } = await scripted();
  await greet();
  client.disconnect();
  assert.equal(client.state, 'offline');
  assert.equal(network.last.closedWith, 1000);
  await clock.advance(600_000);
  assert.equal(network.sockets.length, 1);
  client.connect();
  await settle();
  await greet();
  assert.equal(client.state, 'live');
});

test('disconnect while the token is being fetched opens nothing', async () => {
  let give;
  const { network, client } = await scripted({ token: () => new Promise((resolve) => (give = resolve)) });
  client.disconnect();
  give(token('anna'));
  await settle();
  assert.equal(network.sockets.length, 0);
});

test('a token of another person does not get this person’s outbox', async () => {
  let user = 'anna';
  const { network, client, heard, greet } = await scripted({ token: () => token(user) });
  await greet();
  user = 'boris';
  network.last.drop(4401);
  await settle();
  client.connect();
  await settle();
  assert.deepEqual(stopped(heard), ['identity_changed']);
  assert.equal(network.sockets.length, 1);
});

test('a hello that answers for somebody else ends it before anything is sent', async () => {
  const { network, client, heard, greet } = await scripted();
  client.send('ticket:42', 'message', { text: 'mine' });
  await greet({ user: 'boris' });
  assert.deepEqual(stopped(heard), ['identity_changed']);
  assert.equal(client.state, 'offline');
  assert.deepEqual(network.last.commands.map(({ cmd }) => cmd), ['hello']);
});

test('initData instead of a token goes into hello with its bot; the person is the one the hub names', async () => {
  const { network, client, greet } = await scripted({ token: { telegram: 'query_id=1', bot: '77' } });
  const handle = client.send('ticket:42', 'message', { text: 'early' });
  await greet();
  assert.deepEqual([network.last.commands[0].telegram, network.last.commands[0].bot], ['query_id=1', '77']);
  assert.equal(client.user, 'anna');
  assert.equal(network.last.commands[1].key, handle.key);
});

test('an address the platform refuses ends it with a reason', async () => {
  const WebSocket = class {
    constructor() {
      throw new SyntaxError('no such scheme');
    }
  };
  const { clock, heard } = await scripted({ WebSocket });
  assert.deepEqual(stopped(heard), ['stopped']);
  assert.match(heard[0][1].message, /no such scheme/);
  assert.deepEqual(clock.delays, []);
});

test('without any WebSocket there is a sentence, not a hang', () => {
  const { WebSocket } = globalThis;
  delete globalThis.WebSocket;
  try {
    assert.throws(() => new Apus({ url: 'ws://hub.test/ws', token: 't' }), /no WebSocket/);
  } finally {
    if (WebSocket) globalThis.WebSocket = WebSocket;
  }
});
