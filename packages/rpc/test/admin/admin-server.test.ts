/** The admin listener over real sockets: its token, its methods, and that the public listener knows none of them. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { SynodError } from '@synod/chain';
import { createAdminClient } from '../../src/client/index.ts';
import { type AdminApi, type AdminServer, createAdminServer, type LogLevel } from '../../src/index.ts';
import { allMethods } from '../../src/methods/registry.ts';

const TOKEN = 'ab'.repeat(32);
const log = { error: () => undefined, warn: () => undefined, debug: () => undefined, info: () => undefined };

let level: LogLevel = 'info';
const peers: string[] = [];
let stops = 0;
const admin: AdminApi = {
  version: '0.1.0',
  logLevel: {
    get: () => level,
    set: (wanted) => {
      level = wanted;
    },
  },
  addPeer: async (address) => void peers.push(address),
  stop: () => {
    stops++;
  },
};

let server: AdminServer;
let url: string;

before(async () => {
  server = createAdminServer({ admin, token: TOKEN, port: 0, log });
  url = await server.listen();
});

after(() => server.close());

test('the token opens it: level, peer, stop', async () => {
  const client = createAdminClient({ url, token: TOKEN });
  assert.deepEqual(await client.call('admin_logLevel', { level: 'debug' }), { level: 'debug' });
  assert.deepEqual(await client.call('admin_logLevel', {}), { level: 'debug' });
  await client.call('admin_addPeer', { address: '/ip4/127.0.0.1/tcp/1/p2p/x' });
  assert.deepEqual(peers, ['/ip4/127.0.0.1/tcp/1/p2p/x']);
  await client.call('admin_stop', {});
  assert.equal(stops, 1);
});

test('another token, or none, opens nothing', async () => {
  const client = createAdminClient({ url, token: 'cd'.repeat(32) });
  await assert.rejects(client.call('admin_stop', {}), (error: SynodError) => error.code === 'UNAUTHORISED');
  const bare = await fetch(url, { method: 'POST', headers: { 'content-type': 'application/json' }, body: '{}' });
  assert.equal(bare.status, 401);
  assert.equal(stops, 1);
});

test('a page of another origin is refused with the token', async () => {
  const headers = { 'content-type': 'application/json', authorization: `Bearer ${TOKEN}`, origin: 'http://evil.test' };
  const answer = await fetch(url, { method: 'POST', headers, body: '{}' });
  const { error } = (await answer.json()) as { error: { data: { name: string } } };
  assert.equal(error.data.name, 'ORIGIN_NOT_ALLOWED');
});

test('wrong parameters are told, and the public listener has none of these methods', async () => {
  const client = createAdminClient({ url, token: TOKEN });
  const wrong = client.call('admin_logLevel', { level: 'loud' as LogLevel });
  await assert.rejects(wrong, (error: SynodError) => error.code === 'INVALID_PARAMS' && /level/.test(error.message));
  assert.ok(allMethods.every(({ name }) => !name.startsWith('admin_')));
});
