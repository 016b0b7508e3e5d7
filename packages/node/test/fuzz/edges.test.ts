/** What strangers say at the edges: framing, gossip's envelope, addresses, results, anchors of snapshots, blocks for a node that is behind. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { RPC } from '@chainsafe/libp2p-gossipsub/message';
import * as chain from '@synod/chain';
import { AddressBook, type AddressSource } from '../../src/adapters/address-book.ts';
import { isUsable } from '../../src/adapters/address-rules.ts';
import { encodeFrame, FRAME_BYTES_MAX, FrameReader } from '../../src/adapters/frames.ts';
import { gossipOptions } from '../../src/adapters/gossip-options.ts';
import { NETWORK_LIMITS } from '../../src/adapters/network-limits.ts';
import { CatchUp } from '../../src/host/catch-up.ts';
import { CheckpointTrust } from '../../src/host/checkpoint-trust.ts';
import { checkSnapshot, genesisHead, lightBlockAt } from '../../src/host/index.ts';
import { decodeDirect, encodeDirect, type OfferedSnapshot, type SendPriority } from '../../src/host/messages.ts';
import { campaign, runs } from './campaign.ts';
import { record } from './recording.ts';

const recorded = record();
const { lab } = recorded;
const node = lab.nodes[0]!;
const withoutNumbers = (reason: string): string => reason.replace(/\d+/g, '#').replace(/0x[0-9a-f#]+/g, '0x');

/** A wire: frames of several lanes, one of them in many parts. */
function framesOf(lengths: readonly number[]): Uint8Array {
  const frames = lengths.map((length, at) =>
    encodeFrame(new Uint8Array(length).fill(at), { lane: (at % 4) as SendPriority, isLast: length < FRAME_BYTES_MAX }),
  );
  return Buffer.concat(frames.map((frame) => frame.subarray()));
}

const MESSAGE_BYTES_MAX = 3 * FRAME_BYTES_MAX;

/** What the bytes mean by the words of network §1.3, or null; `rest` is what waits for more. */
function meaningOf(bytes: Uint8Array): { readonly messages: readonly Uint8Array[]; readonly rest: number } | null {
  const lanes: Uint8Array[][] = [[], [], [], []];
  const messages: Uint8Array[] = [];
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  let at = 0;
  while (at + 4 <= bytes.length) {
    const header = view.getUint32(at);
    const [isLast, length] = [header >>> 31 === 0, header & 0x1fff_ffff];
    const lane = lanes[(header >>> 29) & 3]!;
    if (isLast ? length < 1 || length > FRAME_BYTES_MAX : length !== FRAME_BYTES_MAX) return null;
    if (lane.reduce((sum, part) => sum + part.length, length) > MESSAGE_BYTES_MAX) return null;
    if (at + 4 + length > bytes.length) break;
    lane.push(bytes.subarray(at + 4, at + 4 + length));
    at += 4 + length;
    if (isLast) messages.push(Buffer.concat(lane.splice(0)));
  }
  return { messages, rest: lanes.flat().reduce((sum, part) => sum + part.length, bytes.length - at) };
}

/** However the bytes are cut, they mean what they mean, and what waits is what came and is not delivered. */
function framed(bytes: Uint8Array): string {
  const expected = meaningOf(bytes);
  const reader = new FrameReader(MESSAGE_BYTES_MAX);
  const pieces: Uint8Array[] = [];
  for (let at = 0; at < bytes.length; ) {
    const length = 1 + ((bytes[at] ?? 0) % 61) * 97;
    const messages = reader.push(bytes.subarray(at, at + length));
    if (messages === null) {
      assert.equal(expected, null, 'called malformed, and is not');
      return 'malformed';
    }
    pieces.push(...messages);
    at += length;
  }
  assert.ok(expected !== null, 'taken, and is malformed');
  assert.deepEqual(pieces.map(Buffer.from), expected.messages.map(Buffer.from));
  assert.equal(reader.waitingBytes, expected.rest);
  return `${Math.min(pieces.length, 9)} messages, ${expected.rest > 0 ? 'and a rest' : 'whole'}`;
}

const { decodeRpcLimits: rpcLimits } = gossipOptions(['t'], NETWORK_LIMITS, 'public');
const envelope = RPC.encode({
  subscriptions: [{ subscribe: true, topic: '/synod/c/votes/1' }],
  messages: [{ topic: '/synod/c/votes/1', data: new Uint8Array(40) }],
  control: {
    ihave: [{ topicID: '/synod/c/votes/1', messageIDs: [new Uint8Array(20), new Uint8Array(20).fill(1)] }],
    iwant: [{ messageIDs: [new Uint8Array(20)] }],
    graft: [{ topicID: '/synod/c/votes/1' }],
    prune: [{ topicID: '/synod/c/votes/1', peers: [{ peerID: new Uint8Array(38) }], backoff: 60 }],
    idontwant: [{ messageIDs: [new Uint8Array(20)] }],
  },
} as never);

/** Gossipsub drops a stream whose envelope it cannot read; one that it reads is within the bounds that it was given. */
function gossipEnvelope(bytes: Uint8Array): string {
  try {
    const { maxSubscriptions, maxMessages, maxIhaveMessageIDs, maxIwantMessageIDs, ...rest } = rpcLimits!;
    const { maxIdontwantMessageIDs, maxControlMessages: each, maxPeerInfos } = rest;
    const { subscriptions, messages, control } = RPC.decode(bytes, {
      limits: {
        subscriptions: maxSubscriptions!,
        messages: maxMessages!,
        control: {
          ...{ ihave: each!, iwant: each!, graft: each!, prune: each!, idontwant: each! },
          ihave$: { messageIDs: maxIhaveMessageIDs! },
          iwant$: { messageIDs: maxIwantMessageIDs! },
          prune$: { peers: maxPeerInfos! },
          idontwant$: { messageIDs: maxIdontwantMessageIDs! },
        },
      },
    });
    assert.ok(messages.length <= maxMessages! && subscriptions.length <= maxSubscriptions!);
    return `${Math.min(messages.length, 2)} messages, ${control === undefined ? 'no' : 'with'} control`;
  } catch (error) {
    if (error instanceof assert.AssertionError) throw error;
    assert.ok(error instanceof Error);
    return 'refused';
  }
}

const peers = [
  '12D3KooWA1b4tAMNpY6obHAxsZQgKmXPDyF7NSaYZZVYEJoDbUHu',
  '12D3KooWQDdaV1sqHmY7LmzjQLWPmSk1LCuJeKgUEDwWJKhjJ4cX',
];
const addresses = [
  '/ip4/203.0.113.5/tcp/9546',
  `/ip4/198.51.100.7/tcp/9546/p2p/${peers[0]}`,
  '/ip6/2001:db8::1/tcp/9546',
  '/ip4/127.0.0.1/tcp/1',
  '/dns4/example.org/tcp/443/wss',
  `/ip4/203.0.113.9/tcp/4001/p2p/${peers[1]}/p2p-circuit`,
];

const book = new AddressBook({
  ownPeer: 'own',
  scope: 'public',
  limits: { ...NETWORK_LIMITS, knownPeersMax: 200 },
  isOwn: (address) => address === '/ip4/203.0.113.1/tcp/1',
  onChange: () => undefined,
});

/** One line an address, as identify, the table of peers and the LAN tell them: what is remembered can be used, and is little. */
function told(bytes: Uint8Array): string {
  const lines = Buffer.from(bytes).toString('utf8').split('\n');
  const source: AddressSource = (bytes[0] ?? 0) % 2 === 0 ? 'identify' : 'found';
  const peer = `peer-${bytes.length % 1_000}`;
  const isLearnt = book.learn(peer, lines, source);
  assert.ok(book.size <= 200);
  const known = book.entries().find((entry) => entry.peer === peer)?.addresses ?? [];
  assert.ok(known.length <= NETWORK_LIMITS.addressesPerPeerMax);
  for (const address of known) assert.ok(isUsable('public', address) && address.length <= 256, address);
  return `${source} ${isLearnt ? 'learnt' : 'not learnt'} ${known.length}`;
}

const trusted = { chainId: lab.genesis.chainId, config: { ...lightConfig() } };
const anchored = anchorAt(fullestHeight());

function lightConfig() {
  const { clockDriftMsMax } = lab.genesis.params;
  return { chainId: lab.genesis.chainId, trustingPeriodMs: 2 ** 40, clockDriftMsMax, verify: chain.verifySignature };
}

/** The block in which most happened, so that there is something to change. */
function fullestHeight(): number {
  const heights = Array.from({ length: node.head.height - 2 }, (_, index) => index + 1);
  const bytesAt = (height: number) => node.store.results(height)!.length;
  return heights.reduce((most, height) => (bytesAt(height) > bytesAt(most) ? height : most));
}

/** What a restoring node is given beside the chunks, and the header above it that the light client found. */
function anchorAt(height: number): { readonly snapshot: OfferedSnapshot; readonly header: chain.Header } {
  const { store, head } = node;
  const sources = { store, genesis: lab.genesis, state: head.state };
  const { header: above } = lightBlockAt(sources, height + 1)!;
  const { state } = head;
  const depth = 2;
  const bytes = Array.from({ length: 2 ** depth }, (_, index) => chain.encodeChunk(state.part(depth, index)).length);
  const manifest = chain.createManifest(state, { chainId: lab.genesis.chainId, height, depth, bytes });
  const lightBlock = chain.encodeLightBlock(lightBlockAt(sources, height)!);
  const snapshot = {
    manifest: chain.encodeManifest(manifest),
    proof: lightBlock,
    lightBlock,
    block: store.block(height)!.block,
    results: store.results(height)!,
  };
  // The state is the newest one, which is all that is kept here: a header as if it were the one of that height.
  return { snapshot, header: { ...above, stateRoot: state.root } };
}

/** Nothing but what the header above names is taken, whatever is changed in which part. */
function anchor(bytes: Uint8Array): string {
  const message = decodeDirect(bytes);
  if (message?.kind !== 'snapshot' || message.snapshot === null) return 'no snapshot';
  const checked = checkSnapshot(message.snapshot, { ...trusted, header: anchored.header });
  if (!checked.ok) return withoutNumbers(checked.reason);
  const { block, results } = message.snapshot;
  assert.deepEqual(Buffer.from(block), Buffer.from(anchored.snapshot.block), 'another block');
  assert.deepEqual(Buffer.from(results), Buffer.from(anchored.snapshot.results), 'other results');
  assert.equal(checked.value.manifest.stateRoot, anchored.header.stateRoot);
  return 'ok';
}

const identity = node.host!.identity;
const clock = { nowMs: () => lab.nowMs };
const catchUp = new CatchUp(identity, {}, new CheckpointTrust(identity, null, clock));
const start = genesisHead(chain.createGenesisState(lab.genesis));

const served = (from: number, count: number) =>
  Array.from({ length: count }, (_, at) => {
    const { block, commit } = node.store.block(from + at)!;
    return { block, commit };
  });

/** A node at genesis that is given blocks: it applies the chain's own, from the first on, and none that anybody changed. */
function behind(bytes: Uint8Array): string {
  const message = decodeDirect(bytes);
  if (message?.kind !== 'blocks') return 'no blocks';
  const waiting = message.blocks.slice(0, 2).flatMap(({ block, commit }) => {
    const decoded = chain.decodeExtendedCommit(commit);
    return decoded.ok ? [{ block, commit, decoded: decoded.value, from: 'node-1' }] : [];
  });
  const { committed, bad } = catchUp.apply(waiting, start);
  for (const [at, { head }] of committed.entries()) assert.equal(head.blockId, node.store.block(at + 1)?.hash);
  return `${waiting.length} read, ${committed.length} applied, ${bad === null ? 'none' : 'one'} bad`;
}

const targets = [
  {
    name: 'block-results',
    good: [3, 6, 9, 12, 16].map((height) => node.store.results(height)!),
    answer: (bytes: Uint8Array): string => {
      const result = chain.decodeBlockResults(bytes);
      if (!result.ok) return withoutNumbers(result.reason);
      assert.deepEqual(Buffer.from(chain.encodeBlockResults(result.value)), Buffer.from(bytes), 'not canonical');
      return 'ok';
    },
  },
  {
    name: 'frames',
    good: [framesOf([10, 20, 1, 300]), framesOf([30, FRAME_BYTES_MAX, 9]), framesOf([5, 4, 3]), framesOf([1])],
    answer: framed,
    readings: 2,
  },
  { name: 'gossip-envelope', good: [envelope], answer: gossipEnvelope },
  {
    name: 'told-addresses',
    good: [addresses.join('\n'), addresses.slice(2).join('\n'), addresses[0]!].map((text) => Buffer.from(text)),
    answer: told,
  },
  {
    name: 'snapshot-anchor',
    good: [encodeDirect({ kind: 'snapshot', height: fullestHeight(), snapshot: anchored.snapshot })],
    answer: anchor,
  },
  {
    name: 'while-behind',
    good: [served(1, 1), served(1, 2), served(2, 2)].map((blocks) => encodeDirect({ kind: 'blocks', blocks })),
    answer: behind,
    readings: 2,
  },
];

for (const target of targets) {
  test(`${target.name}: ${runs} inputs`, (context) => {
    const { ways, slowestMs } = campaign(target);
    context.diagnostic(`${ways} ways of answering, slowest ${slowestMs.toFixed(1)} ms`);
    assert.ok(ways >= 2, 'nothing was refused, or nothing was accepted');
  });
}
