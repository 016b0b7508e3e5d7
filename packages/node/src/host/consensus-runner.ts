/**
 * Performs what the consensus core asks, for one height after the other. Owns the order log → act → persist → send, the
 * candidate blocks of the height and the late precommits of the one before. Does not own storing decided blocks
 * (block-committer.ts), sync (sync.ts) or what is worth scoring (query-coordinator.ts).
 */
import {
  type Address,
  type Block,
  type ExtendedCommit,
  encodeBlock,
  encodeProposal,
  encodeVote,
  type Hash,
  type Height,
  type Proposal,
  proposerAt,
  type Round,
  readValidatorRecord,
  type Vote,
  type VoteType,
} from '@synod/chain';
import {
  type ConsensusEffect,
  type ConsensusInput,
  type ConsensusState,
  commitOf,
  createHeight,
  step,
  wantsProposal,
} from '@synod/consensus';
import { type Candidate, CandidateBlocks } from './candidate-blocks.ts';
import { type ChainIdentity, headTimeMs, nextValidators, paramsOf } from './chain-head.ts';
import type { Judge } from './judge.ts';
import { encodeProposalMessage } from './messages.ts';
import type { HostPorts } from './ports.ts';
import { RoundTimeouts } from './round-timeouts.ts';
import type { RunnerHooks } from './runner-hooks.ts';
import { encodeWalRecord, type WalRecord } from './wal-records.ts';

type Effect<Kind extends ConsensusEffect['kind']> = Extract<ConsensusEffect, { kind: Kind }>;

export class ConsensusRunner {
  readonly #identity: ChainIdentity;
  readonly #ports: HostPorts;
  readonly #hooks: RunnerHooks;
  readonly #judge: Judge;
  #state: ConsensusState | null = null;
  /** The decided height before: it still collects precommits for the next proposal's last commit. */
  #previous: { readonly state: ConsensusState; readonly round: Round; readonly blockId: Hash } | null = null;
  #certificate: ExtendedCommit | null = null;
  #candidates = new CandidateBlocks();
  readonly #timeouts: RoundTimeouts;
  #queue: ConsensusInput[] = [];
  #draining = false;
  #started = false;
  #decided = false;
  /** Non-null while the log is replayed: effects that would leave the process are held back here. */
  #held: ConsensusEffect[] | null = null;

  constructor(identity: ChainIdentity, ports: HostPorts, hooks: RunnerHooks, judge: Judge) {
    this.#identity = identity;
    this.#ports = ports;
    this.#hooks = hooks;
    this.#judge = judge;
    this.#timeouts = new RoundTimeouts(ports.timers);
  }

  get state(): ConsensusState | null {
    return this.#state;
  }

  /** Height being decided. */
  get height(): Height {
    return this.#hooks.head().height + 1;
  }

  get isDecided(): boolean {
    return this.#decided;
  }

  /** Begins the height after the head; rounds start when `begin` is called. */
  enterHeight(): void {
    const head = this.#hooks.head();
    this.#timeouts.clear();
    const record = readValidatorRecord(head.state);
    const params = paramsOf(head);
    this.#state = createHeight(
      {
        chainId: this.#identity.chainId,
        self: this.#self(),
        timeouts: params.timeouts,
      },
      {
        height: head.height + 1,
        validators: nextValidators(head),
        proposerOf: (round) => proposerAt(record, params, head.height + 1, round),
      },
    );
    this.#candidates = new CandidateBlocks();
    this.#certificate = null;
    this.#queue = [];
    this.#started = false;
    this.#decided = false;
  }

  /** This node's place in the set of the height, if it may sign and the set names the key it signs with (staking §4.7). */
  #self(): Address | null {
    const { signer } = this.#ports;
    if (signer === null || !this.#hooks.canSign()) return null;
    const member = nextValidators(this.#hooks.head()).find(({ operator }) => operator === signer.operator);
    return member === undefined || member.publicKey === signer.publicKey ? signer.operator : null;
  }

  /** Keeps the decided height for late precommits; called once its block is stored. */
  rememberDecided(commit: ExtendedCommit): void {
    if (this.#state !== null && this.#state.context.height === commit.height) {
      this.#previous = { state: this.#state, round: commit.round, blockId: commit.blockId };
    } else this.#previous = null;
  }

  /** Milliseconds until the next block may be proposed. */
  msUntilStart(): number {
    const head = this.#hooks.head();
    const due = headTimeMs(head, this.#identity) + paramsOf(head).timeouts.blockIntervalMs;
    return Math.max(0, due - this.#ports.clock.nowMs());
  }

  /** The height is decided elsewhere, by a certificate that catch-up stores: nothing more is done for it here. */
  abandonHeight(): void {
    this.#decided = true;
    this.#timeouts.clear();
  }

  /** Starts round 0, once. */
  begin(): void {
    if (this.#started || this.#decided) return;
    this.#started = true;
    this.#log({ kind: 'start', height: this.height });
    this.#feed({ kind: 'start' });
  }

  onTimer(name: string): void {
    const timeout = this.#timeouts.take(name);
    if (timeout === undefined) return;
    this.#log({ kind: 'timeout', timeout });
    this.#feed({ kind: 'timeout', timeout });
  }

  /** A vote whose signatures were verified. Of the height being decided, or a late precommit of the one before. */
  onVote(vote: Vote): void {
    if (vote.height === this.height && !this.#decided) {
      this.#log({ kind: 'vote', vote });
      this.#feed({ kind: 'vote', vote });
    } else if (vote.height === this.height - 1 && this.#previous !== null) {
      this.#previous = { ...this.#previous, state: step(this.#previous.state, { kind: 'vote', vote }).state };
    } else if (vote.height === this.height && this.#state !== null) {
      this.#state = step(this.#state, { kind: 'vote', vote }).state;
    }
  }

  /** A proposal whose signature was verified, with the block it names; nothing is kept of one that the core does not take. */
  onProposal(proposal: Proposal, block: Block, bytes: Uint8Array): void {
    if (this.#decided || this.#state === null || !wantsProposal(this.#state, proposal)) return;
    if (this.#candidates.isFull) return;
    this.#log({ kind: 'proposal', proposal, block: bytes });
    this.#feed({ kind: 'proposal', proposal });
    this.#consider(proposal.blockId, { block, bytes });
  }

  /** A verified certificate and its block, from a peer that is ahead. */
  onCertificate(commit: ExtendedCommit, block: Block, bytes: Uint8Array): void {
    if (this.#decided || commit.height !== this.height) return;
    this.#certificate = commit;
    this.#log({ kind: 'certificate', commit, block: bytes });
    this.#consider(commit.blockId, { block, bytes });
    this.#feed({ kind: 'certificate', commit });
  }

  hasCandidate(blockId: Hash): boolean {
    return this.#candidates.has(blockId);
  }

  candidateBytes(blockId: Hash): Uint8Array | null {
    return this.#candidates.get(blockId)?.bytes ?? null;
  }

  /** The certificate of the head's block with every precommit received so far. */
  lastCommit(): ExtendedCommit | null {
    const head = this.#hooks.head();
    if (head.commit === null) return null;
    if (this.#previous === null) return head.commit;
    const grown = commitOf(this.#previous.state, this.#previous.round, this.#previous.blockId);
    return grown !== null && grown.precommits.length > head.commit.precommits.length ? grown : head.commit;
  }

  /**
   * Feeds the records of the interrupted height back. Effects are recomputed, not repeated: what was signed before the
   * crash is in the log; what the log lacks is performed afterwards (the signer returns old signatures for equal bytes).
   */
  replay(records: readonly WalRecord[]): void {
    this.#held = [];
    for (const record of records) this.#replayOne(record);
    const held = this.#held;
    this.#held = null;
    this.#judgeUnjudged(records);
    for (const effect of held) this.#perform(effect);
    this.#drain();
  }

  /** A crash between a proposal's record and its verdict's leaves a block that was never judged. */
  #judgeUnjudged(records: readonly WalRecord[]): void {
    const judged = new Set(records.flatMap((record) => (record.kind === 'verdict' ? [record.blockId] : [])));
    for (const [blockId, candidate] of this.#candidates.takeOthers(judged)) this.#consider(blockId, candidate);
  }

  #replayOne(record: WalRecord): void {
    switch (record.kind) {
      case 'start':
        if (record.height !== this.height) return;
        this.#started = true;
        return this.#feed({ kind: 'start' });
      case 'timeout':
        return record.timeout.height === this.height
          ? this.#feed({ kind: 'timeout', timeout: record.timeout })
          : undefined;
      case 'vote':
        this.#dropHeld(
          (effect) => effect.kind === 'vote' && sameVoteSlot(effect, record.vote, this.#ports.signer?.operator),
        );
        return record.vote.height === this.height ? this.#feed({ kind: 'vote', vote: record.vote }) : undefined;
      case 'proposal':
        this.#dropHeld((effect) => effect.kind === 'propose' && effect.round === record.proposal.round);
        if (record.proposal.height !== this.height) return;
        this.#candidates.keepEncoded(record.proposal.blockId, record.block, this.height);
        return this.#feed({ kind: 'proposal', proposal: record.proposal });
      case 'localValue':
        this.#dropHeld((effect) => effect.kind === 'buildValue' && effect.round === record.round);
        if (!this.#candidates.keepEncoded(record.blockId, record.block, this.height)) return;
        return this.#feed({ kind: 'localValue', round: record.round, blockId: record.blockId });
      case 'verdict':
        if (record.height !== this.height) return;
        return this.#feed({ kind: 'verdict', blockId: record.blockId, valid: record.valid });
      case 'certificate':
        if (
          record.commit.height !== this.height ||
          !this.#candidates.keepEncoded(record.commit.blockId, record.block, this.height)
        )
          return;
        this.#certificate = record.commit;
        return this.#feed({ kind: 'certificate', commit: record.commit });
      case 'endHeight':
        return;
    }
  }

  #dropHeld(matches: (effect: ConsensusEffect) => boolean): void {
    this.#held = this.#held?.filter((effect) => !matches(effect)) ?? null;
  }

  /** Judges a block once and tells the core. */
  #consider(blockId: Hash, candidate: Candidate): void {
    if (this.#candidates.has(blockId) || this.#decided) return;
    this.#candidates.add(blockId, candidate);
    const verdict = this.#judge.judge(candidate.block, this.#hooks.head());
    if (verdict.ok) candidate.execution = verdict.execution;
    else this.#tell('warn', 'block refused', { blockId, code: verdict.code });
    this.#log({ kind: 'verdict', height: this.height, blockId, valid: verdict.ok });
    this.#feed({ kind: 'verdict', blockId, valid: verdict.ok });
  }

  #feed(input: ConsensusInput): void {
    this.#queue.push(input);
    this.#drain();
  }

  #drain(): void {
    if (this.#draining) return;
    this.#draining = true;
    try {
      for (let input = this.#queue.shift(); input !== undefined; input = this.#queue.shift()) {
        if (this.#state === null) break;
        const { state, effects } = step(this.#state, input);
        this.#state = state;
        for (const effect of effects) this.#perform(effect);
      }
    } finally {
      this.#draining = false;
    }
  }

  #perform(effect: ConsensusEffect): void {
    if (this.#held !== null && (effect.kind === 'vote' || effect.kind === 'propose' || effect.kind === 'buildValue')) {
      this.#held.push(effect);
      return;
    }
    switch (effect.kind) {
      case 'scheduleTimeout':
        return this.#timeouts.schedule(effect.timeout, effect.delayMs);
      case 'buildValue':
        return this.#build(effect.round);
      case 'propose':
        return this.#propose(effect);
      case 'vote':
        return this.#vote(effect);
      case 'decide':
        return this.#decide(effect.round, effect.blockId);
      case 'evidence':
        return this.#hooks.evidence(effect.evidence);
      case 'fetchBlock':
        // Whoever decided it is a height ahead by now and sends it when it hears where this node stands.
        return this.#hooks.announce();
      case 'roundEntered':
        if (effect.round > 0) this.#tell('info', 'round entered', { ...effect });
        return;
    }
  }

  #build(round: Round): void {
    const head = this.#hooks.head();
    const timeMs = Math.max(this.#ports.clock.nowMs(), headTimeMs(head, this.#identity) + 1);
    const built = this.#hooks.buildBlock({ height: this.height, timeMs, lastCommit: this.lastCommit() });
    if (built === null) return;
    const { block, execute } = built;
    const bytes = encodeBlock(block);
    const blockId = this.#judge.idOf(block);
    this.#candidates.add(blockId, { block, bytes, execute });
    this.#log({ kind: 'localValue', round, blockId, block: bytes });
    this.#log({ kind: 'verdict', height: this.height, blockId, valid: true });
    this.#ports.wal.sync();
    this.#queue.push({ kind: 'verdict', blockId, valid: true }, { kind: 'localValue', round, blockId });
    this.#drain();
  }

  #propose({ height, round, polRound, blockId }: Effect<'propose'>): void {
    const candidate = this.#candidates.get(blockId);
    const signer = this.#ports.signer;
    if (candidate === undefined || signer === null || !this.#hooks.canSign()) return;
    const signed = signer.signProposal({ height, round, polRound, blockId });
    if (!signed.ok) return this.#refused(signed.code, signed.reason);
    const proposal: Proposal = { height, round, polRound, blockId, proposer: signer.operator, signature: signed.value };
    this.#log({ kind: 'proposal', proposal, block: candidate.bytes });
    this.#ports.wal.sync();
    this.#ports.network.publish('proposals', encodeProposalMessage(encodeProposal(proposal), candidate.bytes));
    this.#queue.push({ kind: 'proposal', proposal });
    this.#drain();
  }

  #vote({ type, height, round, blockId }: Effect<'vote'>): void {
    const signer = this.#ports.signer;
    if (signer === null || !this.#hooks.canSign()) return;
    const extension = type === 'precommit' && blockId !== null ? this.#hooks.extensionBytes(height) : null;
    const signed = signer.signVote({ type, height, round, blockId, extension });
    if (!signed.ok) return this.#refused(signed.code, signed.reason);
    const vote: Vote = { type, height, round, blockId, validator: signer.operator, ...signed.value };
    this.#log({ kind: 'vote', vote });
    this.#ports.wal.sync();
    this.#ports.network.publish('votes', encodeVote(vote));
    this.#queue.push({ kind: 'vote', vote });
    this.#drain();
  }

  #decide(round: Round, blockId: Hash): void {
    const candidate = this.#candidates.get(blockId);
    const own = this.#state === null ? null : commitOf(this.#state, round, blockId);
    const commit = own ?? this.#certificate;
    if (candidate === undefined || commit === null) {
      throw new TypeError(`decided ${blockId} at height ${this.height} without its block or certificate`);
    }
    this.#decided = true;
    this.#timeouts.clear();
    const { block, bytes, execute } = candidate;
    const execution = candidate.execution ?? execute?.();
    this.#hooks.decided({ block, bytes, commit, ...(execution && { execution }) });
  }

  /** A refused slot is safe: this vote is missing and the next height goes on. A signer that cannot write must stop. */
  #refused(code: string, reason: string): void {
    this.#tell('warn', 'signature refused', { code, reason });
    if (code === 'SIGN_STATE_WRITE_FAILED') this.#hooks.refuseToSign(reason);
  }

  #log(record: WalRecord): void {
    if (this.#held === null) this.#ports.wal.append(encodeWalRecord(record));
  }

  #tell(level: 'info' | 'warn' | 'error', message: string, facts: Readonly<Record<string, unknown>>): void {
    this.#ports.observer.onHostEvent({ kind: 'log', level, message, facts });
  }
}

function sameVoteSlot(
  effect: { readonly type: VoteType; readonly round: Round },
  vote: Vote,
  self: string | undefined,
): boolean {
  return vote.validator === self && vote.type === effect.type && vote.round === effect.round;
}
