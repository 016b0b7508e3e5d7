/**
 * Bytes of a stranger on raw streams of the protocols that the libraries of a real node read: table of peers, identify, ping, gossip. (A
 * malformed direct frame bans at once; framing stands in edges.test.ts.) The node stays up, keeps no memory of it, and serves an honest peer as before.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { RPC } from '@chainsafe/libp2p-gossipsub/message';
import fc from 'fast-check';
import { chainId, seedOf, startStranger, TestNode } from '../adapters/network-lab.ts';
import { campaignSeed, runs } from './campaign.ts';
import { cook, recipe } from './mutations.ts';

/** A stream costs a hundred times what a call does: a fiftieth of the inputs, of all protocols together. */
const RUNS = Math.max(60, Math.ceil(runs / 50));
const LEFTOVER_BYTES = 64 * 1024 * 1024;

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

const prefixed = (bytes: Uint8Array): Uint8Array => Buffer.concat([Buffer.from([bytes.length]), bytes]);
const field = (number: number, bytes: Uint8Array): Uint8Array =>
  Buffer.concat([Buffer.from([(number << 3) | 2, bytes.length]), bytes]);
const key = new Uint8Array(32).fill(7);
/** 198.51.100.7, port 9546, as the libraries write an address. */
const address = Buffer.from([4, 198, 51, 100, 7, 6, 37, 74]);
const peerInfo = Buffer.concat([field(1, Buffer.concat([Buffer.from([0, 36, 8, 1, 18, 32]), key])), field(2, address)]);

const protocols: Readonly<Record<string, readonly Uint8Array[]>> = {
  [`/synod/${chainId}/kad/1.0.0`]: [
    prefixed(Buffer.concat([Buffer.from([8, 4]), field(2, key)])),
    prefixed(Buffer.concat([Buffer.from([8, 0]), field(2, key), field(3, field(1, key))])),
    prefixed(Buffer.concat([Buffer.from([8, 2]), field(2, key), field(9, peerInfo)])),
    prefixed(Buffer.concat([Buffer.from([8, 3]), field(2, key), field(8, peerInfo)])),
  ],
  '/ipfs/id/1.0.0': [Buffer.from([1, 2, 3])],
  '/ipfs/ping/1.0.0': [new Uint8Array(32), new Uint8Array(100)],
  '/meshsub/1.1.0': [
    prefixed(
      RPC.encode({
        subscriptions: [{ subscribe: true, topic: 'other' }],
        messages: [],
        control: {
          ...{
            ihave: [{ topicID: 't', messageIDs: [key] }],
            iwant: [{ messageIDs: [key] }],
            graft: [{ topicID: 't' }],
          },
          ...{ prune: [{ topicID: 't', peers: [] }], idontwant: [{ messageIDs: [key] }] },
        },
      }),
    ),
  ],
};

test(`raw streams of every protocol: ${RUNS} inputs`, async (context) => {
  const target = await TestNode.start(context, {
    ...{ privateKeySeed: seedOf(1), listen: '/ip4/127.0.0.1/tcp/0', bootstrap: [], dht: true },
    // Whoever misbehaves would be gone at once, and nothing else tried.
    limits: { banScore: 1e12, graylistThreshold: -1e12, connectionsPerPeerMax: 4, simultaneousDialMs: 3_600_000 },
  });
  const stranger = await startStranger(context, target);
  const failures: unknown[] = [];
  const onFailure = (error: unknown) => void failures.push(error);
  process.on('unhandledRejection', onFailure);
  context.after(() => void process.off('unhandledRejection', onFailure));
  const names = Object.keys(protocols);
  const corpus = Object.values(protocols).flat();
  const opened = new Map<string, number>();
  const say = async (name: string, bytes: Uint8Array): Promise<void> => {
    const stream = await stranger.node.dialProtocol(stranger.address, name).catch(() => null);
    // The node leaves whom it has no use for every few seconds: the next stream makes a new connection once the old one is gone.
    if (stream === null) return void (await setTimeout(20));
    opened.set(name, (opened.get(name) ?? 0) + 1);
    try {
      if (bytes.length > 0) stream.send(bytes);
      await stream.close({ signal: AbortSignal.timeout(1_000) });
    } catch (error) {
      stream.abort(error instanceof Error ? error : new Error(String(error)));
    }
  };
  for (const name of names) for (const bytes of protocols[name]!) await say(name, bytes);
  collectGarbage();
  const before = process.memoryUsage();
  const inputs = fc.sample(fc.tuple(fc.constantFrom(...names), recipe), { numRuns: RUNS, seed: campaignSeed });
  for (const [name, made] of inputs) await say(name, cook(made, [...protocols[name]!, ...corpus]));
  const all = [...opened.values()].reduce((sum, count) => sum + count, 0);
  assert.ok(all >= 0.9 * RUNS, `only ${all} streams were opened`);
  assert.deepEqual([...opened.keys()].sort(), names.toSorted(), 'every protocol was spoken');
  await stranger.node.stop();
  await target.until(() => !target.peersSeen().includes(stranger.id));
  collectGarbage();
  const after = process.memoryUsage();
  const left = after.heapUsed + after.arrayBuffers - before.heapUsed - before.arrayBuffers;
  assert.ok(left < LEFTOVER_BYTES, `${left} bytes remained`);
  const honest = await startStranger(context, target);
  await honest.open();
  await target.until(() => target.peersSeen().includes(honest.id));
  await honest.node.services.gossip.publish(honest.topics[2]!, Buffer.from('a vote'));
  await target.until(() => target.gossip.some(({ text }) => text === 'a vote'));
  assert.deepEqual(failures, []);
  context.diagnostic([...opened].map(([name, count]) => `${name} ${count}`).join(', '));
});
