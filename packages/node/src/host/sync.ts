/**
 * Peers, and how a node that missed something gets it (consensus §1.16). Owns hello and status messages, catch-up of votes
 * and proposals for peers in the same height, and of decided blocks for those behind. Gossip alone has no second chance.
 */
import {
  type Address,
  addressOf,
  decodeBlock,
  decodeExtendedCommit,
  encodeProposal,
  encodeVote,
  type Height,
  type PublicKey,
  type Vote,
} from '@synod/chain';
import {
  type ConsensusState,
  polVotes,
  proposalFor,
  proposalsFor,
  type RoundStateView,
  roundState,
  votesForPeer,
} from '@synod/consensus';
import type { Committed } from './block-committer.ts';
import { BlockDownloads, type WaitingBlock } from './block-downloads.ts';
import type { CatchUp } from './catch-up.ts';
import { type ChainHead, type ChainIdentity, keysOf, nextValidators } from './chain-head.ts';
import type { ConsensusRunner } from './consensus-runner.ts';
import { identitySignBytes } from './identity.ts';
import type { Judge } from './judge.ts';
import { limits } from './limits.ts';
import { type BlockWithCommit, type DirectMessage, type ExpertClaim, encodeDirect } from './messages.ts';
import type { HostPorts, PeerId } from './ports.ts';
import type { Serving } from './serving.ts';

export type Peer = {
  readonly id: PeerId;
  /** Proven by a key that this node's state gives it; null until then. */
  operator: Address | null;
  claim: OperatorClaim | null;
  /** Said to answer through it, by address; proven when it matters. */
  experts: ReadonlyMap<Address, ExpertClaim & { proven?: boolean }>;
  isGreeted: boolean;
  greetings: number;
  height: Height;
};

/** Whose node a peer says it is, signed by a key that this node may not know yet: its state can be old. */
export type OperatorClaim = { readonly operator: Address; readonly signature: Uint8Array; tried: readonly PublicKey[] };

type Status = Extract<DirectMessage, { kind: 'status' }>;

export class Sync {
  readonly #identity: ChainIdentity;
  readonly #ports: HostPorts;
  readonly #judge: Judge;
  readonly #runner: ConsensusRunner;
  readonly #head: () => ChainHead;
  readonly #peers = new Map<PeerId, Peer>();
  readonly #catchUp: CatchUp;
  readonly #serving: Serving;
  readonly #commitRun: (run: readonly Committed[]) => void;
  readonly #downloads = new BlockDownloads();
  #viewed: { readonly state: ConsensusState; readonly view: RoundStateView } | null = null;

  constructor(options: {
    identity: ChainIdentity;
    ports: HostPorts;
    judge: Judge;
    runner: ConsensusRunner;
    head: () => ChainHead;
    catchUp: CatchUp;
    serving: Serving;
    /** Stores what catch-up applied; the present height is decided with it. */
    commitRun: (run: readonly Committed[]) => void;
  }) {
    this.#identity = options.identity;
    this.#ports = options.ports;
    this.#judge = options.judge;
    this.#runner = options.runner;
    this.#head = options.head;
    this.#catchUp = options.catchUp;
    this.#serving = options.serving;
    this.#commitRun = options.commitRun;
  }

  peers(): readonly Peer[] {
    return [...this.#peers.values()];
  }

  /** Operators connected now, this node's own included. */
  operators(): readonly Address[] {
    const own = this.#ports.signer === null ? [] : [this.#ports.signer.operator];
    return [...own, ...this.peers().flatMap((peer) => (peer.operator === null ? [] : [peer.operator]))];
  }

  peerOf(operator: Address): PeerId | null {
    return this.peers().find((peer) => peer.operator === operator)?.id ?? null;
  }

  /** The operator in the set of the next block whose node the peer has proven to be, or null. */
  validatorOf(id: PeerId): Address | null {
    const operator = this.#peers.get(id)?.operator ?? null;
    return nextValidators(this.#head()).find((member) => member.operator === operator)?.operator ?? null;
  }

  /** True when the key's holder vouches for the peer id, which the transport has authenticated. */
  isIdentity(publicKey: PublicKey, id: PeerId, signature: Uint8Array): boolean {
    return this.#judge.crypto.verifySignature(publicKey, identitySignBytes(this.#identity.chainId, id), signature);
  }

  /** True while the network is more than one block ahead, as far as that is sure: strangers in any number make nobody behind. */
  isBehind(): boolean {
    return (this.networkHeight() ?? 0) > this.#runner.height + 1;
  }

  /** True also while only strangers, or only validators, say so: who should not sign too early waits for that. */
  isPerhapsBehind(): boolean {
    return Math.max(...this.#toldHeights()) > this.#runner.height + 1;
  }

  /**
   * Height that more than a third of the greeted peers decide or have decided and, where validators are among them, more than a third of
   * their power: no smaller number of liars raises it. Null while none has said.
   */
  networkHeight(): Height | null {
    const height = Math.min(...this.#toldHeights());
    return Number.isFinite(height) ? height : null;
  }

  /** What more than a third of the peers say, and of the power of validators among them. */
  #toldHeights(): readonly Height[] {
    const told = this.peers().filter(({ isGreeted, height }) => isGreeted && height > 0);
    const validators = nextValidators(this.#head()).flatMap(({ operator, power }) => {
      // One operator may have many nodes: its power counts once.
      const own = told.filter((peer) => peer.operator === operator).map(({ height }) => height);
      return own.length === 0 ? [] : [{ height: Math.min(...own), weight: power }];
    });
    const peers = told.map(({ height }) => ({ height, weight: 1n }));
    return [heightOfThird(peers), heightOfThird(validators)].flatMap((height) => height ?? []);
  }

  onConnected(id: PeerId): void {
    if (this.#peers.size >= limits.peers) return;
    this.#peers.set(id, {
      id,
      operator: null,
      claim: null,
      experts: new Map(),
      isGreeted: false,
      greetings: 0,
      height: 0,
    });
  }

  onDisconnected(id: PeerId): void {
    this.#peers.delete(id);
    this.#downloads.forget(id);
    this.#request();
  }

  /** True when the peer has shown that it holds the expert's key. Tried once a greeting. */
  holdsExpert(id: PeerId, expert: Address): boolean {
    const claim = this.#peers.get(id)?.experts.get(expert);
    if (claim === undefined) return false;
    claim.proven ??= this.isIdentity(claim.publicKey, id, claim.signature);
    return claim.proven;
  }

  greeted(
    id: PeerId,
    said: { readonly claim: OperatorClaim | null; readonly experts: readonly ExpertClaim[] },
    head: ChainHead,
  ): void {
    const peer = this.#peers.get(id);
    if (peer !== undefined) {
      const experts = new Map(said.experts.map((each) => [addressOf(each.publicKey), { ...each }]));
      Object.assign(peer, { isGreeted: true, claim: said.claim, operator: null, experts });
      this.#prove(peer, head);
    }
    this.#ports.network.send(id, this.#statusBytes());
  }

  /** At a new head: keys that it brought may prove who said so before. */
  proveOperators(head: ChainHead): void {
    for (const peer of this.#peers.values()) this.#prove(peer, head);
  }

  /** Each key is tried once, so an idle claim costs nothing. */
  #prove(peer: Peer, head: ChainHead): void {
    const { claim } = peer;
    if (claim === null || peer.operator !== null) return;
    const untried = keysOf(head, claim.operator).filter((key) => !claim.tried.includes(key));
    if (untried.some((key) => this.isIdentity(key, peer.id, claim.signature))) peer.operator = claim.operator;
    claim.tried = [...claim.tried, ...untried].slice(-limits.keysTriedPerClaim);
  }

  /** Counts a greeting; false when the peer greets without end, each time to be sent what newcomers are. */
  mayGreet(id: PeerId): boolean {
    const peer = this.#peers.get(id);
    if (peer === undefined) return true;
    peer.greetings += 1;
    return peer.greetings <= limits.greetings;
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
    else if (status.height === height - 1) this.#sendBlock(id, status.height);
    else if (status.height > height) this.#request();
  }

  /** The peer does not serve more for now: others are asked, and it again when the time is over. */
  onBusy(id: PeerId, retryAfterMs: number): void {
    if (!this.#peers.has(id)) return;
    const nowMs = this.#ports.clock.nowMs();
    this.#downloads.release(id, nowMs + Math.min(retryAfterMs, limits.syncPauseMs));
    this.#request();
  }

  /** Decided blocks: the answer to a request, or the one block that a peer sees missing here. */
  onBlocks(id: PeerId, blocks: readonly BlockWithCommit[]): void {
    // Before anything is decoded: it may be long, and costs its sender nothing.
    if (blocks.length > 1 && !this.#downloads.isAsked(id)) return;
    const received: WaitingBlock[] = [];
    for (const entry of blocks.slice(0, limits.syncBlocks)) {
      const commit = decodeExtendedCommit(entry.commit);
      if (!commit.ok) return this.#distrust(id, 'malformed commit');
      received.push({ ...entry, decoded: commit.value, from: id });
    }
    const first = received[0]?.decoded.height ?? null;
    const range = this.#downloads.take(id, first);
    // Without a request it is the one block that a peer saw missing, or the late answer to a request given up: no offence.
    if (range === null && (first !== this.#runner.height || received.length > 1)) return;
    const { from, count } = range ?? { from: this.#runner.height, count: 1 };
    if (received.length > count || received.some(({ decoded }, index) => decoded.height !== from + index)) {
      return this.#distrust(id, 'blocks that were not asked for');
    }
    if (received.length === 0) this.#downloads.release(id, this.#ports.clock.nowMs() + limits.syncPauseMs);
    for (const block of received) this.#downloads.add(block);
    this.takeNext();
  }

  /** Asks others for what took too long. Called on a timer. */
  checkProgress(): void {
    const late = this.#downloads.expire(this.#ports.clock.nowMs());
    for (const peer of late) this.#ports.network.penalise(peer, 'no blocks in time', 'minor');
    if (late.length > 0) this.#request();
  }

  /** Applies what waits for its turn; one block alone goes through consensus. Called again for every new head. */
  takeNext(): void {
    const height = this.#runner.height;
    this.#downloads.dropBelow(height);
    this.#request();
    if (this.#runner.isDecided) return;
    const run = this.#downloads.run(height, limits.syncRunBlocks);
    const [first] = run;
    if (first === undefined) return;
    if (run.length === 1 || this.#ports.store.saveApplied === undefined) return this.#takeOne(first);
    const { committed, bad } = this.#catchUp.apply(run, this.#head());
    if (bad !== null) this.#distrust(bad.from, 'block without a valid certificate');
    if (committed.length > 0) this.#commitRun(committed);
    this.#request();
  }

  /** The block of the present height, with its certificate, to consensus. */
  #takeOne(entry: WaitingBlock): void {
    const block = decodeBlock(entry.block);
    if (!block.ok || !this.#judge.certifies(entry.decoded, block.value, this.#head())) {
      this.#distrust(entry.from, 'block without a valid certificate');
      return this.#request();
    }
    this.#runner.onCertificate(entry.decoded, block.value, entry.block);
  }

  #distrust(id: PeerId, reason: string): void {
    this.#downloads.discard(id);
    const peer = this.#peers.get(id);
    // What it says of its height counts no more until it says it again.
    if (peer !== undefined) peer.height = 0;
    this.#ports.network.penalise(id, reason, 'severe');
  }

  #request(): void {
    const height = this.#runner.height;
    const sources = this.peers().filter((peer) => peer.isGreeted && peer.height > height);
    // While a decided block is being stored, peers that have just decided it too are not ahead.
    if (this.#runner.isDecided && !sources.some((peer) => peer.height > height + 2)) return;
    for (const { peer, from, count } of this.#downloads.plan(height, sources, this.#ports.clock.nowMs())) {
      this.#ports.network.send(peer, encodeDirect({ kind: 'blocksGet', from, count }));
    }
  }

  /** The one decided block that a peer lacks to be at this node's height: not asked for. */
  #sendBlock(id: PeerId, height: Height): void {
    if (!this.#serving.mayAnswer(id)) return;
    const blocks = this.#serving.blocks(height, 1);
    if (blocks.length > 0) this.#serving.answerStatus(id, [{ kind: 'blocks', blocks }]);
  }

  /** Made once for a state, of which every peer's status asks anew. */
  #viewOf(state: ConsensusState): RoundStateView {
    if (this.#viewed?.state !== state) this.#viewed = { state, view: roundState(state) };
    return this.#viewed.view;
  }

  /** What a peer at the same height lacks. */
  #sendMissing(id: PeerId, status: Status): void {
    const state = this.#runner.state;
    if (state === null || !this.#serving.mayAnswer(id)) return;
    const votes = missingVotes(state, this.#viewOf(state), status)
      .slice(0, limits.catchUpVotes)
      .map((vote) => ({ kind: 'vote', vote: encodeVote(vote) }) as const);
    const answers = [...votes, ...this.#missingProposals(state, status)];
    if (answers.length > 0) this.#serving.answerStatus(id, answers);
  }

  /** Proposals of the present round and of the latest polka. */
  #missingProposals(state: ConsensusState, status: Status): readonly DirectMessage[] {
    const { round, pol } = this.#viewOf(state);
    // A lock's proposal too: whoever has proof and block can propose it again (ADR 8).
    return [...new Set([round, pol?.round ?? round])].flatMap((wanted) => {
      if (status.rounds.some((summary) => summary.round === wanted && summary.hasProposal)) return [];
      const held = wanted === pol?.round ? proposalsFor(state, wanted) : [];
      const proposal = held.find(({ blockId }) => blockId === pol?.blockId) ?? proposalFor(state, wanted);
      const block = proposal === null ? null : this.#runner.candidateBytes(proposal.blockId);
      if (proposal === null || block === null) return [];
      return [{ kind: 'proposal', proposal: encodeProposal(proposal), block }] as const;
    });
  }

  #statusBytes(): Uint8Array {
    const state = this.#runner.state;
    if (state === null) {
      return encodeDirect({ kind: 'status', height: this.#runner.height, round: -1, polRound: -1, rounds: [] });
    }
    const { round, votes, proposals, pol } = this.#viewOf(state);
    const rounds = votes.map((bits) => ({
      ...bits,
      hasProposal: proposals.some((known) => known.round === bits.round),
    }));
    return encodeDirect({ kind: 'status', height: this.#runner.height, round, polRound: pol?.round ?? -1, rounds });
  }

  /** This node's introduction; `ownId` is its id on the network, which its keys vouch for. */
  helloBytes(signature: Uint8Array, ownId: PeerId): Uint8Array {
    const message = identitySignBytes(this.#identity.chainId, ownId);
    const experts = this.#ports.experts.slice(0, limits.expertsPerPeer).map(({ signer }) => ({
      publicKey: signer.publicKey,
      signature: signer.sign(message),
    }));
    return encodeDirect({
      kind: 'hello',
      chainId: this.#identity.chainId,
      genesisHash: this.#identity.genesisHash,
      operator: this.#ports.signer?.operator ?? null,
      signature,
      experts,
    });
  }
}

/** The greatest height that more than a third of the weight has reached; null where there is none. */
function heightOfThird(told: readonly { readonly height: Height; readonly weight: bigint }[]): Height | null {
  const total = told.reduce((sum, { weight }) => sum + weight, 0n);
  let reached = 0n;
  for (const { height, weight } of told.toSorted((a, b) => b.height - a.height)) {
    reached += weight;
    if (3n * reached > total) return height;
  }
  return null;
}

/** Votes of every round held here that the peer does not have, latest round first. */
function missingVotes(state: ConsensusState, { votes, pol }: RoundStateView, status: Status): readonly Vote[] {
  const theirs = new Map(status.rounds.map((summary) => [summary.round, summary]));
  const lacking = votes
    .map(({ round }) => round)
    .toReversed()
    .flatMap((round) => votesForPeer(state, theirs.get(round) ?? { round, prevotes: [], precommits: [] }));
  // The peer may hold an equivocator's other vote, which its bit does not tell: a polka it does not see is sent whole.
  const proof = pol !== null && pol.round > status.polRound ? polVotes(state, pol.round, pol.blockId) : [];
  return [...new Set([...proof, ...lacking])];
}
