import assert from 'node:assert/strict';
import test from 'node:test';
import { Credentials, identityOf } from '../../clients/js/credentials.js';
import { FakeClock } from './support/fake-clock.mjs';
import { token } from './support/model-hub.mjs';

test('the identity is read from the claims; tenant is default where none is named', () => {
  assert.deepEqual(identityOf({ token: token('anna') }), { tenant: 'default', user: 'anna' });
  assert.deepEqual(identityOf({ token: token('anna', { tenant: 't1' }) }), { tenant: 't1', user: 'anna' });
});

test('base64url and names outside Latin are read', () => {
  const claims = Buffer.from(JSON.stringify({ sub: 'анна>>??' })).toString('base64url');
  assert.match(claims, /[-_]/);
  assert.equal(identityOf({ token: `e30.${claims}.x` }).user, 'анна>>??');
});

test('what is no JWT names nobody', () => {
  for (const odd of ['', 'x', 'a.b.c', 'e30.!!.x', 'e30.e30.x', `e30.${btoa('{"sub":7}')}.x`]) assert.equal(identityOf({ token: odd }), null, odd);
  assert.equal(identityOf({ telegram: 'user=1', bot: '7' }), null);
});

test('a credential given as an object is used as it is', async () => {
  const telegram = { telegram: 'query_id=1', bot: '77' };
  assert.deepEqual(await new Credentials(telegram, new FakeClock()).current(), telegram);
  assert.deepEqual(await new Credentials(() => telegram, new FakeClock()).current(), telegram);
});

test('5 s before its end a token is not offered any more', async () => {
  const clock = new FakeClock();
  let given = 0;
  const credentials = new Credentials(() => `t${(given += 1)}`, clock);
  await credentials.current();
  credentials.accepted(clock.now() + 60_000);
  await clock.advance(54_999);
  assert.deepEqual(await credentials.current(), { token: 't1' });
  await clock.advance(1);
  assert.deepEqual(await credentials.current(), { token: 't2' });
});

test('a fixed token has no renewal', async () => {
  const credentials = new Credentials('t1', new FakeClock());
  assert.equal(credentials.isRenewable, false);
  assert.equal(await credentials.renewed(), null);
});
