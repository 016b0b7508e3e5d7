/** Every handler of what a peer sends, on a host in the middle of a network: never a throw, the sender scored, the chain goes on. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as chain from '@synod/chain';
import { type GossipTopic, type RestoreFiles, SnapshotRestore } from '../../src/host/index.ts';
import { decodeDirect, decodeProposalMessage, decodeTransactionBatch, encodeDirect } from '../../src/host/messages.ts';
import { consensusSeed, operatorOf } from '../host/lab.ts';
import { campaign, runs } from './campaign.ts';
import { record } from './recording.ts';

const recorded = record();
const { lab } = recorded;
const victim = lab.nodes[0]!;
const sender = 'node-1';

const isVote = (bytes: Uint8Array): boolean => chain.decodeVote(bytes).ok;
const isProposal = (bytes: Uint8Array): boolean => {
  const message = decodeProposalMessage(bytes);
  return message !== null && chain.decodeProposal(message.proposal).ok;
};

/** What cannot even be read must be rejected: gossip then scores who sent it. */
function gossiped(topic: GossipTopic, isReadable: (bytes: Uint8Array) => boolean): (bytes: Uint8Array) => string {
  return (bytes) => {
    const verdict = victim.host!.onGossip(sender, topic, bytes);
    if (!isReadable(bytes)) assert.equal(verdict, 'reject');
    return verdict;
  };
}

/** The same on the direct stream, where the host itself tells the network whom to score. */
function direct(bytes: Uint8Array): string {
  const before = victim.penalties.length;
  victim.host!.handle({ kind: 'direct', peer: sender, bytes });
  const penalties = victim.penalties.slice(before);
  const message = decodeDirect(bytes);
  if (message === null) assert.equal(penalties.length, 1, 'unreadable, yet not scored');
  if (message?.kind === 'vote' && !isVote(message.vote)) assert.equal(penalties.length, 1, 'bad vote not scored');
  assert.ok(
    penalties.every(({ peer }) => peer === sender),
    'somebody else was scored',
  );
  const way = penalties[0]?.reason ?? 'taken';
  victim.penalties.length = 0;
  return `${message?.kind ?? 'unreadable'}: ${way.replace(/\(.*\)/, '')}`;
}

class NoFiles implements RestoreFiles {
  begun = () => null;
  begin = () => undefined;
  chunk = () => null;
  chunks = () => 0;
  save = () => undefined;
}

/** A node that restores, whose peers say anything at all: it may blame the sender, and nobody else. */
function restoring(bytes: Uint8Array): string {
  const blamed: string[] = [];
  const sent: string[] = [];
  const { chainId } = lab.genesis;
  const { verifySignature } = chain;
  const restore = new SnapshotRestore({
    identity: victim.host!.identity,
    checkpoint: { height: 3, hash: victim.store.block(3)!.hash },
    config: { chainId, trustingPeriodMs: 2 ** 40, clockDriftMsMax: 1_000, verify: verifySignature },
    ports: {
      network: {
        publish: () => undefined,
        send: (_, message) => void sent.push(decodeDirect(message)!.kind),
        penalise: (peer) => void blamed.push(peer),
      },
      timers: { set: () => undefined, clear: () => undefined },
      clock: { nowMs: () => lab.nowMs },
      observer: { onHostEvent: () => undefined },
    },
    files: new NoFiles(),
    isRequired: true,
    hello: encodeDirect(hello),
    onOutcome: () => assert.fail('nothing was restored'),
  });
  restore.handle({ kind: 'peerConnected', peer: sender });
  const say = (message: Uint8Array) => restore.handle({ kind: 'direct', peer: sender, bytes: message });
  say(encodeDirect(hello));
  say(encodeDirect({ kind: 'snapshots', heights: [10] }));
  // Cut to the height asked for, so that it is looked at.
  const message = decodeDirect(bytes);
  say(message?.kind === 'lightBlock' ? encodeDirect({ ...message, height: 3 }) : bytes);
  assert.ok(blamed.every((peer) => peer === sender));
  if (message === null) assert.equal(blamed.length, 1, 'unreadable, yet not scored');
  return `${message?.kind ?? 'unreadable'} ${blamed.length} ${sent.at(-1)}`;
}

const hello = {
  kind: 'hello',
  chainId: lab.genesis.chainId,
  genesisHash: victim.host!.identity.genesisHash,
  operator: null,
  signature: new Uint8Array(64),
  experts: [],
} as const;

const signer = { seed: consensusSeed(1), address: operatorOf(1) };

/** A validator that signs whatever it likes for the height being decided: type, round, block and extension out of the input. */
function signedVote(bytes: Uint8Array): string {
  const [kind = 0, far = 0, near = 0, choice = 0] = bytes;
  const { height } = victim.host!.runner;
  const slot = {
    type: kind % 2 === 0 ? ('prevote' as const) : ('precommit' as const),
    height,
    round: far % 8 === 0 ? near * 16_777_216 : near % 4,
    blockId: choice % 3 === 0 ? null : chain.taggedHash('fuzz', bytes.subarray(3, 5)),
    validator: signer.address,
  };
  const { chainId } = lab.genesis;
  const { seed } = signer;
  const isExtended = slot.type === 'precommit' && slot.blockId !== null;
  const content = choice % 2 === 0 ? chain.encodeVoteExtension({ items: [] }) : bytes.slice(4);
  const extension = isExtended
    ? {
        bytes: content,
        signature: chain.sign(
          seed,
          chain.extensionSignBytes(chainId, { ...slot, blockId: slot.blockId!, extension: content }),
        ),
      }
    : null;
  const vote = chain.encodeVote({
    ...slot,
    signature: chain.sign(seed, chain.voteSignBytes(chainId, slot)),
    extension,
  });
  const verdict = victim.host!.onGossip(sender, 'votes', vote);
  if (isExtended && !chain.decodeVoteExtension(content).ok) assert.equal(verdict === 'accept', false);
  return `${slot.type} ${verdict}`;
}

const isEvidence = (bytes: Uint8Array): boolean => chain.decodeEvidence(bytes).ok;

/** Evidence from a peer: what cannot be read, or proves nothing, is held against the sender; a repeat is not. */
function evidence(bytes: Uint8Array): string {
  const way = direct(encodeDirect({ kind: 'evidence', evidence: bytes }));
  if (!isEvidence(bytes)) assert.equal(way, 'evidence: invalid evidence');
  return way;
}

const targets = [
  { name: 'on-evidence', good: recorded.evidence, answer: evidence },
  { name: 'on-signed-votes', good: recorded.extensions, answer: signedVote },
  { name: 'on-votes', good: recorded.votes, answer: gossiped('votes', isVote) },
  { name: 'on-proposals', good: recorded.proposalMessages, answer: gossiped('proposals', isProposal) },
  {
    name: 'on-transactions',
    good: recorded.transactionBatches,
    answer: gossiped('transactions', (bytes) => decodeTransactionBatch(bytes) !== null),
  },
  {
    name: 'on-sealed',
    good: recorded.sealed,
    answer: gossiped('sealed', (bytes) => chain.decodeSealedMessage(bytes).ok),
  },
  { name: 'on-direct', good: recorded.direct, answer: direct },
  { name: 'while-restoring', good: recorded.direct, answer: restoring },
];

for (const target of targets) {
  test(`${target.name}: ${runs} inputs`, (context) => {
    const { ways, slowestMs } = campaign(target);
    context.diagnostic(`${ways} ways of answering, slowest ${slowestMs.toFixed(1)} ms`);
    assert.ok(ways >= 2, 'all inputs were answered alike');
    const height = lab.heightEverywhere();
    lab.runUntil(() => lab.heightEverywhere() >= height + 3, 20_000);
    const hashes = new Set(lab.nodes.map((node) => node.store.block(height)?.hash));
    assert.equal(hashes.size, 1);
  });
}
