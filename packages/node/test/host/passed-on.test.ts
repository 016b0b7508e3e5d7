/**
 * What is passed on: a peer bans whoever sends it what does not hold, so a node vouches for what it forwards. Nothing may be accepted here
 * that a peer at another height, or with another state, rejects.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  encodeProposal,
  encodeTransaction,
  encodeVote,
  encodeVoteExtension,
  extensionSignBytes,
  type Hash,
  NANO_PER_SYN,
  proposalSignBytes,
  publicKeyOf,
  sign,
  type TransactionBody,
  transactionId,
  transactionSignBytes,
  voteSignBytes,
} from '@synod/chain';
import { limits } from '../../src/host/index.ts';
import { encodeDirect, encodeProposalMessage, encodeTransactionBatch } from '../../src/host/messages.ts';
import { alice, aliceSeed, consensusSeed, expertSeed, Lab, operatorOf } from './lab.ts';

const someBlock = 'ab'.repeat(32) as Hash;

function startedLab(): Lab {
  const lab = new Lab();
  lab.runUntil(() => lab.heightEverywhere() >= 2, 10_000);
  return lab;
}

/** A precommit of the second validator, with its signature right and the extension as given. */
function precommit(height: number, extension: Uint8Array, isSigned: boolean): Uint8Array {
  const slot = { type: 'precommit', height, round: 0, blockId: someBlock } as const;
  const key = consensusSeed(1);
  const signed = extensionSignBytes('lab', { height, round: 0, blockId: someBlock, extension });
  const signature = isSigned ? sign(key, signed) : new Uint8Array(64);
  const vote = { ...slot, validator: operatorOf(1), signature: sign(key, voteSignBytes('lab', slot)) };
  return encodeVote({ ...vote, extension: { bytes: extension, signature } });
}

test('a vote kept for the next height is judged whole, extension included: a peer that is there would blame us', () => {
  const lab = startedLab();
  const host = lab.nodes[0]!.host!;
  const next = host.runner.height + 1;
  const nothing = encodeVoteExtension({ items: [] });
  const verdictOn = (vote: Uint8Array) => host.onGossip('node-1', 'votes', vote);
  assert.equal(verdictOn(precommit(next, nothing, false)), 'reject');
  assert.equal(verdictOn(precommit(next, Uint8Array.of(1, 2, 3), true)), 'reject');
  // Longer than the bound that this node knows; the next height's may be higher.
  assert.equal(verdictOn(precommit(next, new Uint8Array(100 << 10), true)), 'ignore');
  assert.equal(verdictOn(precommit(host.runner.height, new Uint8Array(100 << 10), true)), 'reject');
  assert.equal(verdictOn(precommit(next, nothing, true)), 'accept');
});

test('a proposal kept for the next height is judged with its block, not by its signature alone', () => {
  const lab = startedLab();
  const host = lab.nodes[0]!.host!;
  const content = { height: host.runner.height + 1, round: 0, polRound: -1, blockId: someBlock };
  const signature = sign(consensusSeed(1), proposalSignBytes('lab', content));
  const proposal = encodeProposal({ ...content, signature, proposer: operatorOf(1) });
  const stored = lab.nodes[0]!.store.block(1)!.block;
  for (const block of [new Uint8Array(1_000), stored]) {
    assert.equal(host.onGossip('node-1', 'proposals', encodeProposalMessage(proposal, block)), 'reject');
  }
});

function transfer(
  lab: Lab,
  salt: number,
  options: { seed?: Uint8Array; isForged?: boolean; validUntil?: number } = {},
) {
  const { seed = aliceSeed, isForged = false, validUntil = lab.nodes[0]!.head.height + 50 } = options;
  const body: TransactionBody = {
    chainId: 'lab',
    sender: publicKeyOf(seed),
    salt: new Uint8Array(16).fill(salt),
    validUntil,
    maxBaseFeePerByte: 1_000n,
    tip: 0n,
    payload: { type: 'transfer', to: alice, amount: NANO_PER_SYN },
  };
  const signature = isForged ? new Uint8Array(64).fill(salt) : sign(seed, transactionSignBytes(body));
  return { id: transactionId(body), bytes: encodeTransaction({ body, signature }) };
}

test('a batch is passed on only when all of it was verified here; what was good in another goes on by itself', () => {
  const lab = startedLab();
  const [first, second] = [lab.nodes[0]!.host!, lab.nodes[1]!.host!];
  const give = (...all: { bytes: Uint8Array }[]) =>
    first.onGossip('stranger', 'transactions', encodeTransactionBatch(all.map(({ bytes }) => bytes)));
  assert.equal(give(transfer(lab, 1), transfer(lab, 2)), 'accept');
  assert.equal(give(transfer(lab, 3), transfer(lab, 4, { isForged: true })), 'reject');
  // Refused for its sender's money before anybody looked at the signature: where the money is, it is found forged.
  const unread = transfer(lab, 5, { seed: expertSeed(9), isForged: true });
  const good = transfer(lab, 6);
  assert.equal(give(good, unread), 'ignore');
  // The id of one that waits, under a signature that nobody verified.
  assert.equal(give(transfer(lab, 7), transfer(lab, 1, { isForged: true })), 'ignore');
  lab.runUntil(() => second.pendingTransaction(good.id) !== undefined, 1_000);
  const blamed = lab.nodes.flatMap(({ penalties }) => penalties);
  assert.deepEqual(blamed, []);
});

test('no node blames another for a batch that a stranger made good for the one and bad for the other', () => {
  const lab = startedLab();
  const [first, second] = [lab.nodes[0]!.host!, lab.nodes[1]!.host!];
  const good = transfer(lab, 1);
  const forged = transfer(lab, 2, { isForged: true });
  second.onGossip('stranger', 'transactions', encodeTransactionBatch([good.bytes]));
  const batch = encodeTransactionBatch([good.bytes, forged.bytes]);
  // Gossip hands on what the first accepts.
  if (first.onGossip('stranger', 'transactions', batch) === 'accept')
    assert.notEqual(second.onGossip('node-0', 'transactions', batch), 'reject');
});

test('a peer that brings useless transactions without end is not listened to for a while; others are, and then it is again', () => {
  const lab = startedLab();
  const { host } = lab.nodes[0]!;
  const give = (peer: string, ...all: { bytes: Uint8Array }[]) =>
    host!.onGossip(peer, 'transactions', encodeTransactionBatch(all.map(({ bytes }) => bytes)));
  const stale = Array.from({ length: limits.gossipBatchTransactions }, (_, salt) =>
    transfer(lab, salt, { validUntil: 1, isForged: true }),
  );
  for (let count = 0; count <= limits.uselessBurst / stale.length; count++)
    assert.equal(give('flooder', ...stale), 'ignore');
  const good = transfer(lab, 99);
  assert.equal(give('flooder', good), 'ignore');
  const bytes = encodeDirect({ kind: 'transactions', transactions: [good.bytes] });
  lab.nodes[0]!.host!.handle({ kind: 'direct', peer: 'node-1', bytes });
  assert.notEqual(host!.pendingTransaction(good.id), undefined);
  const next = transfer(lab, 101);
  host!.handle({ kind: 'peerConnected', peer: 'flooder' });
  host!.handle({
    kind: 'direct',
    peer: 'flooder',
    bytes: lab.nodes[1]!.host!.sync.helloBytes(new Uint8Array(64), 'flooder'),
  });
  host!.handle({
    kind: 'direct',
    peer: 'flooder',
    bytes: encodeDirect({ kind: 'transactions', transactions: [next.bytes] }),
  });
  assert.equal(host!.pendingTransaction(next.id), undefined, 'neither by gossip nor directly');
  assert.equal(give('other', next), 'accept');
  lab.runFor(1_000);
  assert.equal(give('flooder', transfer(lab, 100)), 'accept');
});
