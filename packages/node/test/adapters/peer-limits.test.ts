/** Every bound on connections, and what becomes of peers that misbehave, with real nodes on loopback. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { RPC } from '@chainsafe/libp2p-gossipsub/message';
import { multiaddr } from '@multiformats/multiaddr';
import { encodeFrame, FRAME_BYTES_MAX } from '../../src/adapters/frames.ts';
import { NETWORK_LIMITS } from '../../src/adapters/network-limits.ts';
import type { Libp2pNetworkOptions } from '../../src/adapters/network-options.ts';
import { peerIdOfSeed } from '../../src/adapters/peer-id.ts';
import { chainId, freePorts, quiet, seedOf, startCluster, startStranger, TestNode } from './network-lab.ts';
import { temporaryDirectory } from './temporary.ts';

const listen = '/ip4/127.0.0.1/tcp/0';

const repeated = RPC.encode({
  subscriptions: [],
  messages: [{ topic: `/synod/${chainId}/votes/1`, data: new Uint8Array(100_000).fill(7) }],
});

const startNode = (context: TestContext, seed: number, more: Partial<Libp2pNetworkOptions> = {}) =>
  TestNode.start(context, { privateKeySeed: seedOf(seed), listen, bootstrap: [], ...more });

test('two hundred connections of one peer: no more than the limit stay', async (context) => {
  const target = await startNode(context, 1, {
    limits: { simultaneousDialMs: 600_000, inboundConnectionsPerSecondMax: 10_000 },
  });
  const stranger = await startStranger(context, target);
  const address = multiaddr(target.net.multiaddrs()[0]!);
  const refused: Promise<void>[] = [];
  for (let number = 0; number < 200; number++) {
    const connection = await stranger.node.dial(address, { force: true }).catch(() => null);
    if (number < NETWORK_LIMITS.connectionsPerPeerMax || connection === null) continue;
    const { promise, resolve } = Promise.withResolvers<void>();
    connection.addEventListener('close', () => resolve());
    if (connection.status !== 'open') resolve();
    refused.push(promise);
  }
  await Promise.all(refused);
  assert.equal(stranger.node.getConnections().length, NETWORK_LIMITS.connectionsPerPeerMax);
  assert.equal(target.net.report().refused['perPeer'], 200 - NETWORK_LIMITS.connectionsPerPeerMax);
});

test('strangers are let in up to the limit, a protected peer on top of it', async (context) => {
  const limits = { inboundConnectionsMax: 2 };
  const friend = seedOf(77);
  const persistent = [`/ip4/127.0.0.1/tcp/1/p2p/${peerIdOfSeed(friend)}`];
  const target = await startNode(context, 1, { limits, persistent });
  const address = multiaddr(target.net.multiaddrs()[0]!);
  for (let number = 0; number < 2; number++) {
    const stranger = await startStranger(context, target);
    await stranger.open();
    await target.until(() => target.peersSeen().includes(stranger.id));
  }
  for (let number = 0; number < 3; number++) {
    const refused = await startStranger(context, target);
    const closed = Promise.withResolvers<void>();
    refused.node.addEventListener('peer:disconnect', () => closed.resolve());
    await refused.node.dial(address).catch(() => closed.resolve());
    await closed.promise;
  }
  assert.equal(target.net.report().refused['inboundTotal'], 3);
  const welcome = await startStranger(context, target, friend);
  await welcome.open();
  await target.until(() => target.peersSeen().includes(welcome.id));
  assert.equal(target.peersSeen().length, 3);
});

test('one address gets its share of places, unless the whole network is on loopback', async (context) => {
  const limits = { inboundPerAddressMax: 2 };
  const open = async (scope: 'private' | 'loopback'): Promise<number> => {
    // In the wider scope a node tells nobody its loopback address, so it has to be announced.
    const [port] = await freePorts(1);
    const own = `/ip4/127.0.0.1/tcp/${port}`;
    const target = await startNode(context, 1, { scope, limits, listen: own, announce: [own] });
    let isRefused = false;
    for (let number = 0; number < 4; number++) {
      const stranger = await startStranger(context, target);
      const lasts = await stranger.open().then(
        () => true,
        () => false,
      );
      isRefused ||= !lasts;
    }
    assert.equal(isRefused, scope === 'private');
    await target.net.stop();
    return target.net.report().refused['perAddress'] ?? 0;
  };
  assert.equal(await open('loopback'), 0);
  assert.equal(await open('private'), 2);
});

test('sockets that never shake hands are few and are closed in time', async (context) => {
  const limits = { inboundPendingMax: 5, inboundHandshakeMs: 300, inboundConnectionsPerSecondMax: 1_000 };
  const target = await startNode(context, 1, { limits });
  const port = Number(/tcp\/(\d+)/.exec(target.net.multiaddrs()[0]!)![1]);
  const sockets: Socket[] = [];
  context.after(() => {
    for (const socket of sockets) socket.destroy();
  });
  const ends = Array.from({ length: 200 }, async () => {
    const socket = connect(port, '127.0.0.1');
    sockets.push(socket);
    socket.on('error', () => {});
    socket.resume();
    await new Promise((resolve) => socket.once('close', resolve));
  });
  await Promise.all(ends);
  const friend = await startStranger(context, target);
  await friend.open();
  await target.until(() => target.peersSeen().includes(friend.id));
});

test('a peer that gossips what is rejected is pruned and banned; the honest ones stay and hear each other', async (context) => {
  const { nodes, ids } = await startCluster(context, 3);
  const liar = await startStranger(context, nodes[0]!);
  await liar.open();
  await nodes[0]!.until(() => nodes[0]!.peersSeen().includes(liar.id));
  for (const node of nodes) node.verdict = (text) => (text.startsWith('lie') ? 'reject' : 'accept');
  const votes = liar.topics[2]!;
  const gossip = liar.node.services.gossip;
  for (let number = 0; nodes[0]!.peersSeen().includes(liar.id); number++) {
    await gossip.publish(votes, Buffer.from(`lie ${number}`));
    await new Promise((resolve) => setImmediate(resolve));
    assert.ok(number < 100_000);
  }
  await assert.rejects(liar.open());
  const { bans, bannedNow } = nodes[0]!.net.report();
  assert.deepEqual([Object.values(bans), bannedNow], [[1], 1]);
  nodes[0]!.net.network.publish('votes', Buffer.from('truth'));
  for (const node of nodes.slice(1)) {
    await node.until(() => node.gossip.some(({ text }) => text === 'truth'));
    assert.deepEqual(node.peersSeen(), ids.filter((id) => id !== node.net.peerId).sort());
    assert.ok(node.gossip.every(({ text }) => !text.startsWith('lie')));
  }
});

test('who is no longer heard by gossipsub is banned even below the ban score', async (context) => {
  const limits = { minorPenalty: 0, healthCheckMs: 50 };
  const { nodes } = await startCluster(context, 2, { limits });
  const [judge, sender] = nodes as [TestNode, TestNode];
  judge.verdict = () => 'reject';
  for (let number = 0; number < 12; number++) sender.net.network.publish('votes', Buffer.from(`bad ${number}`));
  await judge.until(() => judge.peersSeen().length === 0);
  assert.deepEqual(judge.net.report().bans, { 'gossip score below the graylist threshold': 1 });
});

test('more gossip than allowed is not passed to the host, and bans in the end', async (context) => {
  const limits = { messagesPerSecondMax: 20, burstSeconds: 1 };
  const target = await startNode(context, 1, { limits });
  const flooder = await startStranger(context, target);
  await flooder.open();
  await target.until(() => target.peersSeen().includes(flooder.id));
  const publish = (number: number) =>
    flooder.node.services.gossip.publish(flooder.topics[0]!, Buffer.from(`flood ${number}`));
  await Promise.all(Array.from({ length: 200 }, (_, number) => publish(number)));
  await target.until(() => !target.peersSeen().includes(flooder.id));
  assert.ok(target.gossip.length <= 40, `${target.gossip.length} reached the host`);
  assert.deepEqual(target.net.report().bans, { 'more gossip than allowed': 1 });
});

/** Writes envelopes on a gossip stream of its own, until it is closed. */
async function pourGossip(stranger: Awaited<ReturnType<typeof startStranger>>, envelope: () => Uint8Array) {
  const stream = await stranger.node.dialProtocol(stranger.address, '/meshsub/1.1.0');
  for (let count = 0; count < 10_000 && stream.status === 'open'; count++) {
    const bytes = envelope();
    const header = varint(bytes.length);
    try {
      if (!stream.send(Buffer.concat([header, bytes])))
        await new Promise((resolve) => {
          stream.addEventListener('drain', resolve, { once: true });
          stream.addEventListener('close', resolve, { once: true });
        });
    } catch {
      return; // It was closed.
    }
    await new Promise((resolve) => setImmediate(resolve));
  }
}

function varint(value: number): Uint8Array {
  const bytes: number[] = [];
  for (let rest = value; ; rest >>>= 7) {
    if (rest < 128) return Uint8Array.from([...bytes, rest]);
    bytes.push((rest & 127) | 128);
  }
}

for (const [what, envelope, reason] of [
  ['that nobody can read', () => new Uint8Array(64).fill(255), 'unreadable gossip'],
  ['that repeat what was said', () => repeated, 'more gossip than allowed'],
] as const) {
  test(`gossip envelopes ${what} count against their sender, who is banned in the end`, async (context) => {
    const limits = { bytesPerSecondMax: 1_000_000, burstSeconds: 1 };
    const target = await startNode(context, 1, { limits });
    const stranger = await startStranger(context, target);
    await stranger.open();
    await target.until(() => target.peersSeen().includes(stranger.id));
    await pourGossip(stranger, envelope);
    await target.until(() => !target.peersSeen().includes(stranger.id));
    assert.deepEqual(target.net.report().bans, { [reason]: 1 });
    assert.ok(target.gossip.length <= 1, 'a repeated message reaches the host once');
  });
}

test('a restart does not forgive: bans are on disk, and a damaged list does not stop the node', async (context) => {
  const directory = temporaryDirectory(context);
  const before = await startNode(context, 1, { directory });
  const liar = await startStranger(context, before, seedOf(55));
  await liar.open();
  await before.until(() => before.peersSeen().includes(liar.id));
  before.net.network.penalise(liar.id, 'told lies (a lot)', 'severe');
  await before.until(() => before.peersSeen().length === 0);
  await liar.node.stop();
  await before.net.stop();
  const stored = JSON.parse(readFileSync(join(directory, 'bans.json'), 'utf8'));
  assert.deepEqual(
    stored.content.map(({ subject, bans }: { subject: string; bans: number }) => [subject, bans]),
    [[liar.id, 1]],
  );
  const after = await startNode(context, 1, { directory });
  assert.equal(after.net.report().bannedNow, 1);
  const again = await startStranger(context, after, seedOf(55));
  await assert.rejects(again.open());
  assert.equal(after.net.report().refused['banned'], 1);
});

test('an address from which several banned peers came is refused as well, except on a loopback network', async () => {
  const { PeerDesk } = await import('../../src/adapters/peer-desk.ts');
  const options = { chainId: 'c', privateKeySeed: seedOf(1), listen, bootstrap: [], log: quiet } as never;
  const desk = (scope: 'loopback' | 'private') =>
    new PeerDesk({ options, limits: NETWORK_LIMITS, scope, ownPeer: 'me', ownAddresses: () => [] });
  const [lan, local] = [desk('private'), desk('loopback')];
  for (const peer of ['a', 'b']) assert.equal(lan.judge(peer, 'lied', 'severe', ['10.0.0.9', '10.0.0.9']), true);
  assert.equal(lan.isBanned('10.0.0.9'), false);
  lan.judge('c', 'lied', 'severe', ['10.0.0.9']);
  assert.equal(lan.isBanned('10.0.0.9'), true);
  // One owner of addresses has a whole /64.
  for (const peer of ['d', 'e', 'f']) lan.judge(peer, 'lied', 'severe', [`fd00::${peer}`]);
  assert.deepEqual([lan.isBanned('fd00::1:2'), lan.isBanned('fd00:0:0:1::1')], [true, false]);
  for (const peer of ['a', 'b', 'c', 'd']) local.judge(peer, 'lied', 'severe', ['127.0.0.1']);
  assert.equal(local.isBanned('127.0.0.1'), false);
});

test('messages begun and never finished are bounded in memory, at the cost of who began most', async (context) => {
  const target = await startNode(context, 1, { limits: { unfinishedBytesMax: 3 * 1024 * 1024 } });
  const [honest, hoarder] = [await startStranger(context, target), await startStranger(context, target)];
  const [slow, endless] = [await honest.open(), await hoarder.open()];
  await target.until(() => target.peersSeen().length === 2);
  const part = (lane: 0 | 1 | 2 | 3, isLast: boolean) =>
    encodeFrame(new Uint8Array(FRAME_BYTES_MAX), { lane, isLast }).subarray();
  const write = async (stream: typeof slow, bytes: Uint8Array) => {
    if (!stream.send(bytes)) await new Promise((resolve) => stream.addEventListener('drain', resolve, { once: true }));
  };
  for (let count = 0; count < 32; count++) await write(slow, part(2, false));
  endless.addEventListener('close', () => {});
  for (let count = 0; count < 100 && endless.status === 'open'; count++) {
    try {
      endless.send(part((count % 4) as 0, false));
    } catch {
      break; // It was closed.
    }
  }
  await target.until(() => !target.peersSeen().includes(hoarder.id));
  assert.ok(target.peersSeen().includes(honest.id));
  await write(slow, part(2, true));
  await target.until(() => target.inputs.some((input) => input.kind === 'direct' && input.peer === honest.id));
  assert.deepEqual(target.net.report().bans, {}, 'a slow wire is no offence');
});

test('strangers that connect in any number do not keep a node from dialling those it knows', async (context) => {
  const [port] = await freePorts(1);
  const friend = `/ip4/127.0.0.1/tcp/${port}`;
  const limits = { connectionsTarget: 2, outboundTarget: 1 };
  const target = await startNode(context, 1, { limits, bootstrap: [`${friend}/p2p/${peerIdOfSeed(seedOf(2))}`] });
  for (let number = 1; number <= 3; number++) {
    const stranger = await startStranger(context, target);
    await stranger.open();
    await target.until(() => target.peersSeen().length === number);
  }
  const honest = await startNode(context, 2, { listen: friend });
  await target.until(() => target.peersSeen().includes(honest.net.peerId));
  assert.equal(target.net.peers().find(({ peerId }) => peerId === honest.net.peerId)?.direction, 'outbound');
});
