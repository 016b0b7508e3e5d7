/** Four real libp2p nodes on loopback: mesh, gossip, direct messages, garbage, bans, restarts. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { peerIdOfSeed } from '../../src/adapters/peer-id.ts';
import { freePorts, quiet, seedOf, startCluster, startStranger, TestNode } from './network-lab.ts';

test('four nodes connect to each other, once a pair', async (context) => {
  // Started together, the pairs would otherwise dial each other at the same time now and then, and a slow machine renew a connection.
  const { nodes, ids } = await startCluster(context, 4, {
    limits: { dialFallbackMs: 5_000, streamMissingFirstMs: 12_000 },
  });
  for (const [index, { net, peersSeen }] of nodes
    .map((node) => ({ net: node.net, peersSeen: node.peersSeen() }))
    .entries()) {
    assert.equal(net.peerId, ids[index]);
    assert.deepEqual(peersSeen, ids.filter((id) => id !== net.peerId).sort());
    assert.deepEqual(
      net
        .peers()
        .map(({ peerId }) => peerId)
        .sort(),
      peersSeen,
    );
    // The lower id of a pair dialled.
    for (const { peerId, direction } of net.peers())
      assert.equal(direction, net.peerId < peerId ? 'outbound' : 'inbound');
  }
});

test('a hundred gossip messages of every node reach all others once, on their topic', async (context) => {
  const { nodes } = await startCluster(context, 4);
  const topics = ['transactions', 'proposals', 'votes', 'sealed'] as const;
  for (let turn = 0; turn < 100; turn++) {
    for (const [index, { net }] of nodes.entries())
      net.network.publish(topics[turn % 4]!, Buffer.from(`${index}/${turn}`));
  }
  for (const [index, node] of nodes.entries()) {
    await node.until(() => node.gossip.length >= 300);
    assert.equal(new Set(node.gossip.map(({ text }) => text)).size, 300);
    assert.equal(node.gossip.length, 300);
    assert.ok(node.gossip.every(({ text }) => !text.startsWith(`${index}/`)));
    assert.ok(node.gossip.every(({ text, topic }) => topic === topics[Number(text.split('/')[1]) % 4]));
  }
});

test('a hundred direct messages arrive between all pairs both ways, in order, and large ones whole', async (context) => {
  const { nodes, ids } = await startCluster(context, 4);
  const texts = Array.from({ length: 100 }, (_, turn) => `${turn}`);
  const large = 'x'.repeat(8 * 1024 * 1024);
  for (const { net } of nodes) {
    for (const id of ids) {
      if (id === net.peerId) continue;
      for (const text of texts) net.network.send(id, Buffer.from(text));
    }
  }
  nodes[0]!.net.network.send(ids[1]!, Buffer.from(large));
  for (const node of nodes) {
    for (const id of ids.filter((one) => one !== node.net.peerId)) {
      await node.until(() => node.directTexts(id).length >= 100);
      assert.deepEqual(node.directTexts(id).slice(0, 100), texts);
    }
  }
  await nodes[1]!.until(() => nodes[1]!.directTexts(ids[0]!).length === 101);
  assert.ok(nodes[1]!.directTexts(ids[0]!)[100] === large);
  assert.throws(() => nodes[0]!.net.network.send(ids[1]!, new Uint8Array(8 * 1024 * 1024 + 1)), RangeError);
  nodes[0]!.net.network.send('12D3KooWUnknown', Buffer.from('lost'));
});

test('rejected gossip is not passed on, and its sender is banned in the end', async (context) => {
  const { nodes, ids } = await startCluster(context, 2);
  const [judge, sender] = nodes as [TestNode, TestNode];
  judge.verdict = () => 'reject';
  for (let turn = 0; turn < 11; turn++) sender.net.network.publish('votes', Buffer.from(`bad ${turn}`));
  await judge.until(() => judge.inputs.at(-1)?.kind === 'peerDisconnected');
  assert.deepEqual(judge.net.peers(), []);
  assert.equal(judge.gossip.filter(({ peer }) => peer === ids[1]).length, 11);
});

test('an oversized length and a random one are survived; the sender is closed, banned and cannot come back', async (context) => {
  const { nodes, ids } = await startCluster(context, 2);
  const [target, honest] = nodes as [TestNode, TestNode];
  for (const garbage of [
    Uint8Array.of(0, 0x80, 0, 1),
    Uint8Array.of(0xff, 0xee, 0xdd, 0xcc, 1, 2, 3),
    new Uint8Array(64),
  ]) {
    const stranger = await startStranger(context, target);
    const stream = await stranger.open();
    await target.until(() => target.peersSeen().includes(stranger.id));
    stream.send(garbage);
    await target.until(() => !target.peersSeen().includes(stranger.id));
    await assert.rejects(stranger.open());
    assert.deepEqual(target.directTexts(stranger.id), []);
  }
  honest.net.network.send(ids[0]!, Buffer.from('still here'));
  await target.until(() => target.directTexts(ids[1]!).length === 1);
});

test('messages within the bounds are delivered from a peer only after it was announced', async (context) => {
  const target = await TestNode.start(context, {
    privateKeySeed: seedOf(9),
    listen: '/ip4/127.0.0.1/tcp/0',
    bootstrap: [],
  });
  const stranger = await startStranger(context, target);
  const stream = await stranger.open();
  stream.send(Uint8Array.of(0, 0, 0, 2, 104, 105));
  await target.until(() => target.directTexts(stranger.id).length === 1);
  assert.deepEqual(
    target.inputs.map(({ kind }) => kind),
    ['peerConnected', 'direct'],
  );
});

test('a severe penalty closes and bans; minor ones do so when they add up', async (context) => {
  const { nodes, ids } = await startCluster(context, 3);
  const [node] = nodes as [TestNode];
  node.net.network.penalise(ids[1]!, 'test', 'severe');
  assert.equal(node.peersSeen().length, 2);
  await node.until(() => node.peersSeen().length === 1);
  for (let count = 0; count < 11; count++) node.net.network.penalise(ids[2]!, 'test', 'minor');
  await node.until(() => node.peersSeen().length === 0);
});

test('a peer above its allowance is slowed down, and nothing is lost', async (context) => {
  const { nodes, ids } = await startCluster(context, 2, { limits: { messagesPerSecondMax: 200, burstSeconds: 0.1 } });
  const [receiver, sender] = nodes as [TestNode, TestNode];
  const startedMs = performance.now();
  for (let turn = 0; turn < 3; turn++) {
    const before = receiver.directTexts(ids[1]!).length;
    for (let count = 0; count < 40; count++) sender.net.network.send(ids[0]!, Buffer.from(`${turn}/${count}`));
    await receiver.until(() => receiver.directTexts(ids[1]!).length === before + 40);
  }
  assert.equal(receiver.directTexts(ids[1]!).length, 120);
  // 120 messages, 20 in the burst, the last batch delivered before its pause: at least 60 had to be waited for.
  assert.ok(performance.now() - startedMs > 60 * 5 - 50);
});

test('a restarted node is connected again by everybody, and messages flow', async (context) => {
  const { nodes, ids, restart } = await startCluster(context, 3);
  for (const index of [0, 1, 2]) {
    const others = nodes.filter((_, other) => other !== index);
    await nodes[index]!.net.stop();
    await Promise.all(others.map((other) => other.until(() => !other.peersSeen().includes(ids[index]!))));
    const node = await restart(index);
    nodes[index] = node;
    await node.until(() => node.peersSeen().length === 2);
    await Promise.all(others.map((other) => other.until(() => other.peersSeen().length === 2)));
    for (const other of others) other.net.network.send(ids[index]!, Buffer.from('welcome'));
    for (const other of others) await node.until(() => node.directTexts(other.net.peerId).length === 1);
    node.net.network.publish('votes', Buffer.from(`back ${index}`));
    for (const other of others) await other.until(() => other.gossip.some(({ text }) => text === `back ${index}`));
  }
});

test('a lost peer that does not dial itself is dialled again', async (context) => {
  const [port] = await freePorts(1);
  const listen = `/ip4/127.0.0.1/tcp/${port}`;
  const silent = { privateKeySeed: seedOf(1), listen, bootstrap: [] };
  const first = await TestNode.start(context, silent);
  const bootstrap = first.net.multiaddrs();
  const node = await TestNode.start(context, { privateKeySeed: seedOf(2), listen: '/ip4/127.0.0.1/tcp/0', bootstrap });
  await node.until(() => node.peersSeen().length === 1);
  await first.net.stop();
  await node.until(() => node.peersSeen().length === 0);
  const second = await TestNode.start(context, silent);
  await second.until(() => second.peersSeen().length === 1);
});

test('the higher peer id dials too when the lower one does not', async (context) => {
  const ids = [peerIdOfSeed(seedOf(1)), peerIdOfSeed(seedOf(2))];
  const [low, high] = ids[0]! < ids[1]! ? [1, 2] : [2, 1];
  const listen = '/ip4/127.0.0.1/tcp/0';
  const passive = await TestNode.start(context, { privateKeySeed: seedOf(low), listen, bootstrap: [] });
  const active = await TestNode.start(context, {
    privateKeySeed: seedOf(high),
    listen,
    bootstrap: passive.net.multiaddrs(),
  });
  await active.until(() => active.peersSeen().length === 1);
  assert.equal(active.net.peers()[0]!.direction, 'outbound');
});

test('a node of another chain is not announced', async (context) => {
  const listen = '/ip4/127.0.0.1/tcp/0';
  const first = await TestNode.start(context, { privateKeySeed: seedOf(1), listen, bootstrap: [] });
  const attempts = Promise.withResolvers<void>();
  const log = { ...quiet, debug: (_: object, message: string) => message === 'peer dropped' && attempts.resolve() };
  const other = await TestNode.start(context, {
    privateKeySeed: seedOf(2),
    listen,
    bootstrap: first.net.multiaddrs(),
    chainId: 'another',
    log,
  });
  await attempts.promise;
  assert.deepEqual([...first.inputs, ...other.inputs], []);
});

test('a node with an older framing of direct messages is dropped before it is announced, and not banned', async (context) => {
  const dropped = Promise.withResolvers<void>();
  const log = { ...quiet, debug: (_: object, message: string) => message === 'peer dropped' && dropped.resolve() };
  const listen = '/ip4/127.0.0.1/tcp/0';
  const target = await TestNode.start(context, { privateKeySeed: seedOf(1), listen, bootstrap: [], log });
  const older = await startStranger(context, target, undefined, 1);
  await assert.rejects(older.open(), { name: 'UnsupportedProtocolError' });
  await dropped.promise;
  assert.deepEqual(target.inputs, []);
  assert.deepEqual(target.net.report().bans, {});
});

test('an address in use is an error with a next step', async (context) => {
  const first = await TestNode.start(context, {
    privateKeySeed: seedOf(1),
    listen: '/ip4/127.0.0.1/tcp/0',
    bootstrap: [],
  });
  const listen = first.net.multiaddrs()[0]!.replace(/\/p2p\/.*/, '');
  const start = TestNode.start(context, { privateKeySeed: seedOf(2), listen, bootstrap: [] });
  const message = `The node could not listen on ${listen}: another program listens there. Stop it, or choose another port with --listen.`;
  await assert.rejects(start, { name: 'SynodError', code: 'LISTEN_FAILED', message });
});
