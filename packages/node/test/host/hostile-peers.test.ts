import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import {
  addressOf,
  type Block,
  blockId,
  decodeBlock,
  decodeProposal,
  encodeBlock,
  encodeEvidence,
  encodeProposal,
  encodeVote,
  type Hash,
  NANO_PER_SYN,
  proposalSignBytes,
  publicKeyOf,
  readPool,
  sign,
  type Transaction,
  transactionsRoot,
  type Vote,
  voteSignBytes,
} from '@synod/chain';
import { roundState } from '@synod/consensus';
import fc from 'fast-check';
import { type GossipTopic, limits } from '../../src/host/index.ts';
import {
  decodeDirect,
  decodeProposalMessage,
  encodeDirect,
  encodeProposalMessage,
  encodeTransactionBatch,
} from '../../src/host/messages.ts';
import { alice, aliceSeed, askedAs, consensusSeed, expertSeed, Lab, operatorOf, operatorSeed } from './lab.ts';

type Recorded = { readonly topic: GossipTopic | 'direct'; readonly bytes: Uint8Array };

/** Real messages of a running network with a query in it. */
function record(): { lab: Lab; messages: Recorded[] } {
  const messages: Recorded[] = [];
  const lab = new Lab({
    worker: { answer: (_job, node) => `answer ${node}`, score: (job) => job.answers.map(() => 700_000) },
    onMessage: (topic, bytes) => {
      if (messages.length < 4_000) messages.push({ topic, bytes });
    },
  });
  lab.runUntil(() => lab.heightEverywhere() >= 6, 20_000);
  return { lab, messages: [...messages] };
}

/** One change of the kind a hostile or broken peer could make. */
const damage = fc.oneof(
  fc.record({ kind: fc.constant('flip' as const), at: fc.nat(), bit: fc.nat(7) }),
  fc.record({ kind: fc.constant('cut' as const), at: fc.nat() }),
  fc.record({ kind: fc.constant('append' as const), tail: fc.uint8Array({ minLength: 1, maxLength: 40 }) }),
  fc.record({ kind: fc.constant('number' as const), at: fc.nat(), value: fc.nat(0xffff_ffff) }),
);

function damaged(bytes: Uint8Array, change: typeof damage extends fc.Arbitrary<infer T> ? T : never): Uint8Array {
  const copy = Uint8Array.from(bytes);
  switch (change.kind) {
    case 'flip':
      copy[change.at % copy.length]! ^= 1 << change.bit;
      return copy;
    case 'cut':
      return copy.subarray(0, change.at % copy.length);
    case 'append':
      return Uint8Array.of(...copy, ...change.tail);
    case 'number':
      if (copy.length < 5) return copy;
      new DataView(copy.buffer).setUint32(change.at % (copy.length - 4), change.value, true);
      return copy;
  }
}

test('damaged messages of every kind never stop a host, and the chain goes on', () => {
  const { lab, messages } = record();
  const victim = lab.nodes[0]!;
  const kinds = new Set(messages.map(({ topic }) => topic));
  assert.deepEqual([...kinds].sort(), ['direct', 'proposals', 'votes']);
  fc.assert(
    fc.property(fc.nat(messages.length - 1), fc.array(damage, { minLength: 1, maxLength: 3 }), (index, changes) => {
      const { topic, bytes } = messages[index]!;
      const bad = changes.reduce(damaged, bytes);
      if (topic === 'direct') victim.host!.handle({ kind: 'direct', peer: 'node-1', bytes: bad });
      else victim.host!.onGossip('node-1', topic, bad);
    }),
    { numRuns: 3_000, seed: 7 },
  );
  const height = lab.heightEverywhere();
  lab.runUntil(() => lab.heightEverywhere() >= height + 3, 20_000);
  const hashes = new Set(lab.nodes.map((node) => node.store.block(height)?.hash));
  assert.equal(hashes.size, 1);
});

test('stale messages are ignored: they cost their sender nothing and change nothing', () => {
  const { lab, messages } = record();
  const victim = lab.nodes[0]!;
  lab.runUntil(() => lab.heightEverywhere() >= 12, 20_000);
  const before = victim.penalties.length;
  const { height } = victim.head;
  for (const { topic, bytes } of messages) {
    if (topic === 'votes' || topic === 'proposals')
      assert.equal(victim.host!.onGossip('node-1', topic, bytes), 'ignore');
  }
  assert.equal(victim.penalties.length, before);
  assert.equal(victim.head.height, height);
});

test('a node of another chain is turned away with its chain named', () => {
  const lab = new Lab();
  lab.runUntil(() => lab.heightEverywhere() >= 2, 10_000);
  const other = new Lab({ chainId: 'elsewhere' });
  const hello = other.nodes[1]!.host!.sync.helloBytes(new Uint8Array(64), 'stranger');
  const victim = lab.nodes[0]!;
  victim.host!.handle({ kind: 'peerConnected', peer: 'stranger' });
  victim.host!.handle({ kind: 'direct', peer: 'stranger', bytes: hello });
  assert.ok(victim.penalties.some(({ peer, reason }) => peer === 'stranger' && reason.includes('elsewhere')));
});

test('somebody who claims an operator without its key is nobody: not banned, for a lagging node may not know the key yet', () => {
  const lab = new Lab();
  lab.runUntil(() => lab.heightEverywhere() >= 2, 10_000);
  const victim = lab.nodes[0]!;
  victim.host!.handle({ kind: 'peerConnected', peer: 'impostor' });
  const hello = lab.nodes[1]!.host!.sync.helloBytes(new Uint8Array(64).fill(9), 'impostor');
  victim.host!.handle({ kind: 'direct', peer: 'impostor', bytes: hello });
  lab.runUntil(() => lab.heightEverywhere() >= 4, 10_000);
  assert.equal(victim.host!.sync.peers().find(({ id }) => id === 'impostor')?.operator, null);
  assert.deepEqual(
    victim.penalties.filter(({ peer }) => peer === 'impostor'),
    [],
  );
});

test("a fresh proposal of another proposer's block is refused: it would be a choice between two beacons", () => {
  const verdicts: string[] = [];
  const made: Lab[] = [];
  const lab = new Lab({
    onMessage: (topic, bytes) => {
      const victim = made[0]?.nodes[0]?.host;
      if (topic !== 'proposals' || !victim || verdicts.length > 0 || victim.head.height < 3) return;
      const message = decodeProposalMessage(bytes)!;
      const proposal = decodeProposal(message.proposal);
      assert.ok(proposal.ok);
      const thief = [1, 2, 3].find((index) => addressOf(publicKeyOf(operatorSeed(index))) !== proposal.value.proposer)!;
      const stolen = { ...proposal.value, round: 1, proposer: addressOf(publicKeyOf(operatorSeed(thief))) };
      const signature = sign(consensusSeed(thief), proposalSignBytes(made[0]!.genesis.chainId, stolen));
      const forged = encodeProposalMessage(encodeProposal({ ...stolen, signature }), message.block);
      verdicts.push(victim.onGossip(`node-${thief}`, 'proposals', forged));
    },
  });
  made.push(lab);
  lab.runUntil(() => verdicts.length > 0, 30_000);
  assert.deepEqual(verdicts, ['reject']);
});

test('a peer that sees no polka is sent all its prevotes, also those its bits claim to hold', () => {
  const votes: Uint8Array[] = [];
  const lab: Lab = new Lab({
    onMessage: (topic, bytes) => {
      const message = topic === 'direct' ? decodeDirect(bytes) : null;
      if (message?.kind === 'vote') votes.push(message.vote);
    },
  });
  const { host } = lab.nodes[0]!;
  const polka = () => (host!.runner.state === null ? null : roundState(host!.runner.state).pol);
  lab.runUntil(() => host!.head.height >= 3 && polka() !== null, 30_000);
  votes.length = 0;
  const all = [true, true, true, true];
  const rounds = [{ round: 0, hasProposal: true, prevotes: all, precommits: all }];
  const status = { kind: 'status', height: host!.runner.height, round: 0, rounds } as const;
  host!.sync.onStatus('node-1', { ...status, polRound: 0 });
  assert.equal(votes.length, 0);
  host!.sync.onStatus('node-1', { ...status, polRound: -1 });
  assert.ok(votes.length >= 3, `${votes.length} votes`);
});

test('nobody speaks for an expert whose key it does not hold, whatever its hello says', () => {
  const lab = new Lab();
  const [victim, owner] = [lab.nodes[0]!.host!, lab.nodes[1]!.host!];
  lab.runFor(1_000);
  const expert = addressOf(publicKeyOf(expertSeed(1)));
  assert.equal(victim.sync.holdsExpert(lab.nodes[1]!.peerId, expert), true);
  // The owner's own hello, sent by another: its signature names another peer.
  const stolen = owner.sync.helloBytes(new Uint8Array(64), lab.nodes[1]!.peerId);
  victim.handle({ kind: 'peerConnected', peer: 'thief' });
  victim.handle({ kind: 'direct', peer: 'thief', bytes: stolen });
  assert.equal(victim.sync.holdsExpert('thief', expert), false);
  assert.equal(victim.sync.holdsExpert('nobody', expert), false);
});

test('a transaction that waits holds its own bytes, not those of the message that brought it', () => {
  const lab = new Lab();
  lab.runUntil(() => lab.heightEverywhere() >= 2, 10_000);
  const id = lab.submit(aliceSeed, { type: 'transfer', to: alice, amount: NANO_PER_SYN });
  const waiting = () => lab.nodes[1]!.host!.pendingTransaction(id);
  lab.runUntil(() => waiting() !== undefined, 1_000);
  const { bytes } = waiting()!;
  assert.equal(bytes.buffer.byteLength, bytes.length);
});

/** Bytes of buffers that are still in use. */
function bufferBytes(): number {
  setFlagsFromString('--expose-gc');
  const collect: () => void = runInNewContext('gc');
  // Buffers are given back after the objects that held them.
  for (let turn = 0; turn < 3; turn++) collect();
  return process.memoryUsage().arrayBuffers;
}

/** A block of that height, whole in itself, of about 3.4 MB; nobody could apply it. */
function largeBlock(lab: Lab, height: number, by: number): Block {
  const stored = decodeBlock(lab.nodes[0]!.store.block(1)!.block);
  assert.ok(stored.ok);
  const transactions = Array.from({ length: 17 }, (_, index): Transaction => {
    const contract = { ...askedAs(), prompt: 'x'.repeat(200 << 10) };
    const body = { chainId: 'lab', sender: publicKeyOf(aliceSeed), salt: new Uint8Array(16).fill(index) };
    const terms = {
      validUntil: 100,
      maxBaseFeePerByte: 1n,
      tip: 0n,
      payload: { type: 'query.open', contract },
    } as const;
    return { body: { ...body, ...terms }, signature: new Uint8Array(64) };
  });
  const roots = { transactionsRoot: transactionsRoot(transactions), height, proposer: operatorOf(by) };
  return { ...stored.value, header: { ...stored.value.header, ...roots }, transactions };
}

/** A proposal of a round of the next height, signed by the validator, over the block. */
function proposalOver(block: Block, round: number, by: number): Uint8Array {
  const content = { height: block.header.height, round, polRound: -1, blockId: blockId(block.header) };
  const signature = sign(consensusSeed(by), proposalSignBytes('lab', content));
  return encodeProposalMessage(
    encodeProposal({ ...content, signature, proposer: operatorOf(by) }),
    Uint8Array.from(encodeBlock(block)),
  );
}

test('a message with parts behind those that are read is none: they would stay in memory as long as what is read', () => {
  const vote = new Uint8Array(100);
  for (const message of [
    { kind: 'vote', vote },
    { kind: 'proposal', proposal: vote, block: vote },
    { kind: 'blobChunk', content: 'ab'.repeat(32) as Hash, index: 0, chunk: { bytes: vote, proof: [] } },
    { kind: 'knowledge', hash: 'ab'.repeat(32) as Hash, bytes: vote },
    { kind: 'snapshotsGet' },
  ] as const) {
    const bytes = encodeDirect(message);
    assert.equal(decodeDirect(bytes)?.kind, message.kind);
    const padded = Buffer.concat([bytes, encodeTransactionBatch([new Uint8Array(1 << 20)]).subarray(1)]);
    assert.equal(decodeDirect(padded), null, message.kind);
  }
});

test('what is kept for the next height is bounded in bytes, and votes do not hold the messages that they came in', () => {
  const lab = new Lab({ validators: 7 });
  lab.runUntil(() => lab.heightEverywhere() >= 2, 10_000);
  const host = lab.nodes[0]!.host!;
  const next = { height: host.runner.height + 1, blockId: 'ab'.repeat(32) as Hash };
  const vote = (round: number) => {
    const slot = { ...next, type: 'prevote', round, blockId: null } as const;
    const signature = sign(consensusSeed(1), voteSignBytes('lab', slot));
    return encodeVote({ ...slot, signature, validator: operatorOf(1), extension: null });
  };
  const before = bufferBytes();
  for (let round = 0; round < 16; round++) {
    const bytes = vote(round);
    const message = new Uint8Array(bytes.length + (4 << 20));
    message.set(bytes);
    assert.equal(host.onGossip('node-1', 'votes', message.subarray(0, bytes.length)), 'accept');
  }
  const grown = bufferBytes() - before;
  assert.ok(grown < 8 << 20, `${grown} bytes`);
  const blocks = Array.from({ length: 7 }, (_, by) => largeBlock(lab, next.height, by));
  const bytes = encodeBlock(blocks[0]!).length;
  const verdicts = Array.from({ length: 28 }, (_, round) =>
    host.onGossip('node-1', 'proposals', proposalOver(blocks[round % 7]!, round, round % 7)),
  );
  const most = Math.floor(limits.futureMessageBytes / bytes) + 1;
  const kept = verdicts.filter((verdict) => verdict === 'accept').length;
  assert.ok(kept > 0 && kept < most && most < 28, `${kept} kept`);
  assert.deepEqual(new Set(verdicts.slice(kept)), new Set(['ignore']));
  lab.runUntil(() => lab.heightEverywhere() >= next.height, 20_000);
});

test('a validator that signs twice without end leaves room in the pool for evidence about others', () => {
  const lab = new Lab();
  lab.runUntil(() => lab.heightEverywhere() >= 3, 10_000);
  const host = lab.nodes[0]!.host!;
  const twice = (node: number, round: number): Uint8Array => {
    const [first, second] = ['ab', 'cd'].map((label): Vote => {
      const slot = { type: 'prevote', height: 2, round, blockId: label.repeat(32) as Hash } as const;
      const signature = sign(consensusSeed(node), voteSignBytes('lab', slot));
      return { ...slot, validator: operatorOf(node), signature, extension: null };
    });
    return encodeEvidence({ kind: 'duplicate.vote', first: first!, second: second! });
  };
  const kinds = Array.from({ length: 80 }, (_, round) => host.submitEvidence(twice(1, round)).kind);
  assert.deepEqual(new Set(kinds), new Set(['added', 'known']));
  assert.equal(host.submitEvidence(twice(2, 0)).kind, 'added');
  const isBarred = (node: number) => readPool(lab.nodes[3]!.head.state, operatorOf(node))?.status === 'tombstoned';
  const { height } = host.head;
  lab.runUntil(() => isBarred(1) && isBarred(2), 10_000);
  assert.ok(host.head.height <= height + 4, `${host.head.height - height} blocks`);
});

test('transactions with proofs of possession, of which a block takes few, do not fill the mempool', () => {
  const lab = new Lab();
  lab.runUntil(() => lab.heightEverywhere() >= 2, 10_000);
  const keys = { publicKey: publicKeyOf(aliceSeed), vrfKey: publicKeyOf(expertSeed(1)) };
  const proofs = { keyProof: new Uint8Array(64), vrfProof: new Uint8Array(80) };
  const offer = () => {
    const payload = { type: 'validator.create', ...keys, ...proofs, commission: 0, bond: NANO_PER_SYN } as const;
    return lab.submit(aliceSeed, payload);
  };
  for (let count = 0; count < limits.mempoolPossessions; count++) offer();
  assert.throws(offer, /MEMPOOL_FULL/);
  lab.submit(aliceSeed, { type: 'transfer', to: alice, amount: NANO_PER_SYN });
  lab.runUntil(() => lab.nodes[0]!.host!.mempool.size === 0, 20_000);
  offer();
});

test("what nobody of the next height's set signed is not kept for it, and one member fills only its own share", () => {
  const lab = new Lab();
  lab.runUntil(() => lab.heightEverywhere() >= 2, 10_000);
  const host = lab.nodes[0]!.host!;
  const slot = (round: number) => ({ type: 'prevote', height: host.runner.height + 1, round, blockId: null }) as const;
  const give = (round: number, signature: Uint8Array) => {
    const vote: Vote = { ...slot(round), validator: operatorOf(1), extension: null, signature };
    return host.onGossip('node-1', 'votes', encodeVote(vote));
  };
  assert.equal(give(0, new Uint8Array(64)), 'reject');
  const verdicts = Array.from({ length: 100 }, (_, round) =>
    give(round, sign(consensusSeed(1), voteSignBytes('lab', slot(round)))),
  );
  assert.equal(verdicts.filter((verdict) => verdict === 'accept').length, limits.futureVotesPerValidator);
});

test('votes of which nothing is kept are neither logged nor passed on: a height that lasts fills nobody’s disk', () => {
  let isCut = false;
  const lab: Lab = new Lab({ delay: () => (isCut ? null : 5) });
  lab.runUntil(() => lab.heightEverywhere() >= 2, 10_000);
  isCut = true;
  lab.runFor(3_000);
  const victim = lab.nodes[0]!;
  const before = victim.walDurable.length + victim.walBuffered.length;
  const give = (round: number, label: string) => {
    const slot = {
      type: 'prevote',
      height: victim.host!.runner.height,
      round,
      blockId: label.repeat(32) as Hash,
    } as const;
    const signature = sign(consensusSeed(1), voteSignBytes('lab', slot));
    return victim.host!.onGossip(
      'node-1',
      'votes',
      encodeVote({ ...slot, signature, validator: operatorOf(1), extension: null }),
    );
  };
  for (let label = 0; label < 200; label++) give(0, label.toString(16).padStart(2, '0'));
  for (let round = 100; round < 500; round++) give(round, 'ab');
  const logged = victim.walDurable.length + victim.walBuffered.length - before;
  assert.ok(logged > 2 && logged <= limits.farVotesBurst + 8, `${logged} records`);
});
