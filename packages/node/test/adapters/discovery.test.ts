/** How nodes find each other on loopback: table of peers, address book, bootstrap nodes; and what is not found. */
import assert from 'node:assert/strict';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { BoundedRecords, dhtProtocol, discoveryModules, mdnsServiceTag } from '../../src/adapters/discovery-modules.ts';
import { NETWORK_LIMITS } from '../../src/adapters/network-limits.ts';
import type { Libp2pNetworkOptions } from '../../src/adapters/network-options.ts';
import { peerIdOfSeed } from '../../src/adapters/peer-id.ts';
import { quiet, seedOf, TestNode } from './network-lab.ts';
import { temporaryDirectory } from './temporary.ts';

const listen = '/ip4/127.0.0.1/tcp/0';
const limits = { finderCheckMs: 50, walkFirstMs: 100, addressBookSaveMs: 10 };

const startNode = (context: TestContext, seed: number, more: Partial<Libp2pNetworkOptions> = {}) =>
  TestNode.start(context, { privateKeySeed: seedOf(seed), listen, bootstrap: [], limits, ...more });

test('five nodes that know one bootstrap node find each other in the table of peers', async (context) => {
  const first = await startNode(context, 1, { dht: true });
  const bootstrap = first.net.multiaddrs();
  const others = await Promise.all([2, 3, 4, 5].map((seed) => startNode(context, seed, { dht: true, bootstrap })));
  for (const node of [first, ...others]) await node.until(() => node.peersSeen().length === 4);
});

test('without the table of peers only the bootstrap node is found', async (context) => {
  const first = await startNode(context, 1);
  const bootstrap = first.net.multiaddrs();
  const others = await Promise.all([2, 3].map((seed) => startNode(context, seed, { bootstrap })));
  await first.until(() => first.peersSeen().length === 2);
  for (const node of others) {
    await node.until(() => node.peersSeen().length > 0);
    assert.deepEqual(node.peersSeen(), [first.net.peerId]);
  }
});

test('tables of other chains are not joined', async (context) => {
  const first = await startNode(context, 1, { dht: true, networkId: 'aaaa' });
  const bootstrap = first.net.multiaddrs();
  const second = await startNode(context, 2, { dht: true, networkId: 'aaaa', bootstrap });
  const foreign = await startNode(context, 3, { dht: true, networkId: 'bbbb', bootstrap });
  await first.until(() => first.peersSeen().length === 2);
  const fourth = await startNode(context, 4, { dht: true, networkId: 'aaaa', bootstrap });
  await fourth.until(() => fourth.peersSeen().includes(second.net.peerId));
  assert.deepEqual(foreign.peersSeen(), [first.net.peerId]);
  assert.equal(dhtProtocol('aaaa'), '/synod/aaaa/kad/1.0.0');
});

test('a node finds its network again from its address book, without any bootstrap node', async (context) => {
  const directory = temporaryDirectory(context);
  const first = await startNode(context, 1);
  const bootstrap = first.net.multiaddrs();
  const before = await startNode(context, 2, { bootstrap, directory });
  await before.until(() => before.peersSeen().length === 1);
  await before.net.stop();
  const after = await startNode(context, 2, { directory });
  await after.until(() => after.peersSeen().length === 1);
  assert.equal(after.net.report().knownPeers, 1);
  assert.deepEqual(after.net.knownAddresses(), bootstrap);
});

for (const [how, damage] of [
  ['changed', (text: string) => text.replace('127.0.0.1', '127.0.0.2')],
  ['cut off', (text: string) => text.slice(0, text.length / 2)],
  ['of other content', () => JSON.stringify({ formatVersion: 1, sha256: 'x', content: 7 })],
  ['of another format', (text: string) => text.replace('"formatVersion":1', '"formatVersion":9')],
] as const) {
  test(`an address book that is ${how} is moved aside with a warning, and built anew`, async (context) => {
    const directory = temporaryDirectory(context);
    const path = join(directory, 'peers.json');
    const first = await startNode(context, 1);
    const node = await startNode(context, 2, { bootstrap: first.net.multiaddrs(), directory });
    await node.until(() => node.peersSeen().length === 1);
    await node.net.stop();
    const damaged = damage(readFileSync(path, 'utf8'));
    writeFileSync(path, damaged);
    const warnings: { file?: string; movedTo?: string }[] = [];
    const log = { ...quiet, warn: (facts: object) => void warnings.push(facts) };
    const again = await startNode(context, 2, { bootstrap: first.net.multiaddrs(), directory, log });
    await again.until(() => again.peersSeen().length === 1);
    assert.deepEqual(
      warnings.filter(({ movedTo }) => movedTo !== undefined).map(({ file }) => file),
      [path],
    );
    assert.equal(readFileSync(`${path}.damaged`, 'utf8'), damaged);
    await again.net.stop();
    assert.ok(existsSync(path));
  });
}

test('a node with no peers says so, and what to check', async (context) => {
  const told = Promise.withResolvers<string>();
  const log = { ...quiet, warn: (_: object, message: string) => told.resolve(message) };
  await startNode(context, 1, { log, limits: { ...limits, alonePatienceMs: 100 } });
  assert.match(await told.promise, /0 peers: none is known, give the address of one with --bootstrap/);
});

test('an announced address is told instead of the one listened on', async (context) => {
  const announce = ['/ip4/127.0.0.1/tcp/45678'];
  const node = await startNode(context, 1, { announce });
  assert.deepEqual(node.net.multiaddrs(), [`${announce[0]}/p2p/${peerIdOfSeed(seedOf(1))}`]);
});

test('a node starts with relay, hole punching and reachability checks, on loopback', async (context) => {
  const relay = await startNode(context, 1, { nat: ['relay-server'] });
  const node = await startNode(context, 2, { nat: ['relay', 'autonat'], bootstrap: relay.net.multiaddrs() });
  await node.until(() => node.peersSeen().length === 1);
});

test('multicast and port mapping are only set up when asked for, under the name of the chain', async () => {
  const settings = { networkId: 'Chain 1', scope: 'private', limits: NETWORK_LIMITS, dht: false } as const;
  const all = await discoveryModules({ ...settings, mdns: true, nat: ['upnp'] });
  assert.deepEqual([all.peerDiscovery.length, Object.keys(all.services)], [1, ['upnp']]);
  const none = await discoveryModules({ ...settings, mdns: false, nat: [] });
  assert.deepEqual(none, { services: {}, peerDiscovery: [], transports: [], listen: [] });
  assert.equal(mdnsServiceTag('Chain 1'), '_synod-chain-1._udp.local');
  assert.ok(mdnsServiceTag('x'.repeat(200)).split('.')[0]!.length <= 63);
});

test("libp2p's records are bounded, and nothing is stored for the table of peers", () => {
  const records = new BoundedRecords(3);
  const key = (name: string) => ({ toString: () => name }) as Parameters<BoundedRecords['put']>[0];
  for (const name of ['/peers/a', '/peers/b', '/dht/record/x', '/peers/a', '/peers/c', '/peers/d']) {
    records.put(key(name), Uint8Array.of(1));
  }
  assert.equal(records.size, 3);
  assert.deepEqual(
    ['a', 'b', 'c', 'd'].map((name) => records.has(key(`/peers/${name}`))),
    [true, false, true, true],
  );
  assert.equal(records.has(key('/dht/record/x')), false);
});
