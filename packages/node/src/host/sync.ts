/**
 * Peers, and how a node that missed something gets it (consensus §1.16). Owns hello and status messages, catch-up of votes
 * and proposals for peers in the same height, and of decided blocks for those behind. Gossip alone has no second chance.
 */
import {
  type Address,
  decodeBlock,
  decodeExtendedCommit,
  encodeProposal,
  encodeVote,
  type Height,
  type PublicKey,
  type Vote,
} from '@synod/chain';
import { type ConsensusState, proposalFor, roundState, votesForPeer } from '@synod/consensus';
import type { ChainHead, ChainIdentity } from './chain-head.ts';
import type { ConsensusRunner } from './consensus-runner.ts';
import { identitySignBytes } from './identity.ts';
import type { Judge } from './judge.ts';
import { limits } from './limits.ts';
import { type BlockWithCommit, type DirectMessage, encodeDirect } from './messages.ts';
import type { HostPorts, PeerId } from './ports.ts';

export type Peer = { readonly id: PeerId; operator: Address | null; isGreeted: boolean; height: Height };

type Status = Extract<DirectMessage, { kind: 'status' }>;

export class Sync {
  readonly #identity: ChainIdentity;
  readonly #ports: HostPorts;
  readonly #judge: Judge;
  readonly #runner: ConsensusRunner;
  readonly #head: () => ChainHead;
  readonly #peers = new Map<PeerId, Peer>();
  /** Decided blocks received ahead of their turn, by height. */
  readonly #waiting = new Map<Height, BlockWithCommit & { readonly from: PeerId }>();
  #request: { readonly peer: PeerId; readonly sentAtMs: number } | null = null;

  constructor(options: {
    identity: ChainIdentity;
    ports: HostPorts;
    judge: Judge;
    runner: ConsensusRunner;
    head: () => ChainHead;
  }) {
    this.#identity = options.identity;
    this.#ports = options.ports;
    this.#judge = options.judge;
    this.#runner = options.runner;
    this.#head = options.head;
  }

  peers(): readonly Peer[] {
    return [...this.#peers.values()];
  }

  peerOf(operator: Address): PeerId | null {
    return this.peers().find((peer) => peer.operator === operator)?.id ?? null;
  }

  operatorOf(id: PeerId): Address | null {
    return this.#peers.get(id)?.operator ?? null;
  }

  /** True when the key's holder vouches for the peer id, which the transport has authenticated. */
  isIdentity(publicKey: PublicKey, id: PeerId, signature: Uint8Array): boolean {
    return this.#judge.crypto.verifySignature(publicKey, identitySignBytes(this.#identity.chainId, id), signature);
  }

  /** True while some peer is known to be more than one block ahead. */
  isBehind(): boolean {
    return this.peers().some((peer) => peer.height > this.#runner.height + 1);
  }

  onConnected(id: PeerId): void {
    if (this.#peers.size >= limits.peers) return;
    this.#peers.set(id, { id, operator: null, isGreeted: false, height: 0 });
  }

  onDisconnected(id: PeerId): void {
    this.#peers.delete(id);
    if (this.#request?.peer === id) this.#request = null;
  }

  greeted(id: PeerId, operator: Address | null): void {
    const peer = this.#peers.get(id);
    if (peer !== undefined) Object.assign(peer, { isGreeted: true, operator });
    this.#ports.network.send(id, this.#statusBytes());
  }

  isGreeted(id: PeerId): boolean {
    return this.#peers.get(id)?.isGreeted ?? false;
  }

  /** Tells every greeted peer where this node stands. Called on a timer and at every new height. */
  announce(): void {
    const bytes = this.#statusBytes();
    for (const peer of this.#peers.values()) if (peer.isGreeted) this.#ports.network.send(peer.id, bytes);
  }

  onStatus(id: PeerId, status: Status): void {
    const peer = this.#peers.get(id);
    if (peer === undefined) return;
    peer.height = status.height;
    const height = this.#runner.height;
    if (status.height === height) this.#sendMissing(id, status);
    else if (status.height === height - 1) this.#sendBlocks(id, status.height, 1);
    else if (status.height > height) this.#requestFrom(peer);
  }

  onBlocksGet(id: PeerId, from: Height, count: number): void {
    this.#sendBlocks(id, from, Math.min(count, limits.syncBlocks));
  }

  /** Decided blocks: the next one goes to consensus as a certificate, later ones wait their turn. */
  onBlocks(id: PeerId, blocks: readonly BlockWithCommit[]): void {
    if (this.#request?.peer === id) this.#request = null;
    for (const entry of blocks.slice(0, limits.syncBlocks)) {
      const commit = decodeExtendedCommit(entry.commit);
      if (!commit.ok) return this.#ports.network.penalise(id, 'malformed commit', 'severe');
      const { height } = commit.value;
      if (height >= this.#runner.height && height < this.#runner.height + 2 * limits.syncBlocks) {
        this.#waiting.set(height, { ...entry, from: id });
      }
    }
    this.takeNext();
  }

  /** Hands the waiting block of the present height to consensus. Called again for every new head. */
  takeNext(): void {
    const height = this.#runner.height;
    for (const old of this.#waiting.keys()) if (old < height) this.#waiting.delete(old);
    const entry = this.#waiting.get(height);
    if (entry === undefined) return this.#continueRequest();
    if (this.#runner.isDecided) return;
    this.#waiting.delete(height);
    const block = decodeBlock(entry.block);
    const commit = decodeExtendedCommit(entry.commit);
    if (!block.ok || !commit.ok || !this.#judge.certifies(commit.value, block.value, this.#head())) {
      return this.#ports.network.penalise(entry.from, 'block without a valid certificate', 'severe');
    }
    this.#runner.onCertificate(commit.value, block.value, entry.block);
  }

  #continueRequest(): void {
    const ahead = this.peers().find((peer) => peer.height > this.#runner.height);
    if (ahead !== undefined) this.#requestFrom(ahead);
  }

  #requestFrom(peer: Peer): void {
    const nowMs = this.#ports.clock.nowMs();
    if (this.#request !== null && nowMs - this.#request.sentAtMs < limits.syncTimeoutMs) return;
    if (this.#waiting.has(this.#runner.height) || this.#runner.isDecided) return;
    this.#request = { peer: peer.id, sentAtMs: nowMs };
    const from = this.#runner.height;
    this.#ports.network.send(peer.id, encodeDirect({ kind: 'blocksGet', from, count: limits.syncBlocks }));
  }

  #sendBlocks(id: PeerId, from: Height, count: number): void {
    const blocks: BlockWithCommit[] = [];
    let size = 0;
    for (let height = from; height < from + count && height <= this.#head().height; height++) {
      const stored = this.#ports.store.block(height);
      if (stored === null) break;
      size += stored.block.length + stored.commit.length;
      if (size > limits.syncBytes && blocks.length > 0) break;
      blocks.push({ block: stored.block, commit: stored.commit });
    }
    if (blocks.length > 0) this.#ports.network.send(id, encodeDirect({ kind: 'blocks', blocks }));
  }

  /** Votes and the proposal that a peer at the same height lacks. */
  #sendMissing(id: PeerId, status: Status): void {
    const state = this.#runner.state;
    if (state === null) return;
    for (const vote of missingVotes(state, status).slice(0, limits.catchUpVotes)) {
      this.#ports.network.send(id, encodeDirect({ kind: 'vote', vote: encodeVote(vote) }));
    }
    const { round } = roundState(state);
    if (status.rounds.some((summary) => summary.round === round && summary.hasProposal)) return;
    const proposal = proposalFor(state, round);
    const block = proposal === null ? null : this.#runner.candidateBytes(proposal.blockId);
    if (proposal === null || block === null) return;
    const message = { kind: 'proposal', proposal: encodeProposal(proposal), block } as const;
    this.#ports.network.send(id, encodeDirect(message));
  }

  #statusBytes(): Uint8Array {
    const state = this.#runner.state;
    if (state === null) return encodeDirect({ kind: 'status', height: this.#runner.height, round: -1, rounds: [] });
    const { round, votes, proposals } = roundState(state);
    const rounds = votes.map((bits) => ({
      ...bits,
      hasProposal: proposals.some((known) => known.round === bits.round),
    }));
    return encodeDirect({ kind: 'status', height: this.#runner.height, round, rounds });
  }

  /** This node's introduction. */
  helloBytes(signature: Uint8Array): Uint8Array {
    return encodeDirect({
      kind: 'hello',
      chainId: this.#identity.chainId,
      genesisHash: this.#identity.genesisHash,
      operator: this.#ports.signer?.operator ?? null,
      signature,
    });
  }
}

/** Votes of every round held here that the peer does not have, latest round first. */
function missingVotes(state: ConsensusState, status: Status): readonly Vote[] {
  const theirs = new Map(status.rounds.map((summary) => [summary.round, summary]));
  const rounds = roundState(state).votes.map(({ round }) => round);
  return rounds
    .toReversed()
    .flatMap((round) => votesForPeer(state, theirs.get(round) ?? { round, prevotes: [], precommits: [] }));
}
