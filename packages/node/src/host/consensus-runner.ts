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
} from '@synod/chain';
import {
  type ConsensusEffect,
  type ConsensusInput,
  type ConsensusState,
  commitOf,
  createHeight,
  step,
  timeoutDelayMs,
  voteWanted,
  wantsProposal,
} from '@synod/consensus';
import { type Candidate, CandidateBlocks } from './candidate-blocks.ts';
import { type ChainIdentity, headTimeMs, nextValidators, paramsOf } from './chain-head.ts';
import type { Judge } from './judge.ts';
import { LatePrecommits } from './late-precommits.ts';
import { encodeProposalMessage } from './messages.ts';
import { forgottenRecords, isOwnVote, lockedProposal } from './own-messages.ts';
import { voterAfter } from './own-voter.ts';
import type { HostPorts } from './ports.ts';
import { proposersOf } from './round-proposers.ts';
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
  readonly #late = new LatePrecommits();
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
      { chainId: this.#identity.chainId, self: this.#voter(), timeouts: params.timeouts },
      {
        height: head.height + 1,
        validators: nextValidators(head),
        proposerOf: proposersOf((round) => proposerAt(record, params, head.height + 1, round)),
      },
    );
    this.#candidates = new CandidateBlocks();
    this.#certificate = null;
    this.#queue = [];
    this.#started = false;
    this.#decided = false;
  }

  /** This node, if it may sign and holds the key that the set names. */
  #voter(): Address | null {
    const { signer } = this.#ports;
    return signer === null || !this.#hooks.canSign() ? null : voterAfter(this.#hooks.head(), signer);
  }

  /** Keeps the decided height for late precommits; called once its block is stored. */
  rememberDecided(commit: ExtendedCommit): void {
    this.#late.remember(this.#state, commit);
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

  /** What would be kept of the vote (consensus §1.5); nothing is logged or passed on of one that is not wanted. */
  wantedVote(vote: Vote): ReturnType<typeof voteWanted> {
    if (vote.height === this.height - 1) return this.#late.wanted(vote);
    return this.#state === null ? null : voteWanted(this.#state, vote);
  }

  /** A vote whose signatures were verified. Of the height being decided, or a late precommit of the one before. */
  onVote(vote: Vote): void {
    if (vote.height === this.height && !this.#decided) {
      this.#log({ kind: 'vote', vote });
      this.#feed({ kind: 'vote', vote });
    } else if (vote.height === this.height - 1) this.#late.onVote(vote);
    else if (vote.height === this.height && this.#state !== null) {
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
    const { commit } = this.#hooks.head();
    return commit === null ? null : this.#late.grown(commit);
  }

  /**
   * Feeds the records of the interrupted height back, then what the sign state knows beyond them. What was signed is in
   * the log or in the sign state; effects that both lack are performed afterwards.
   */
  resume(records: readonly WalRecord[]): void {
    const forgotten = this.#forgotten(records);
    if (records.length + forgotten.length === 0) return;
    this.#held = [];
    for (const record of [...records, ...forgotten]) this.#replayOne(record);
    const held = this.#held;
    this.#held = null;
    for (const record of forgotten) this.#log(record);
    if (forgotten.length > 0) this.#ports.wal.sync();
    this.#judgeUnjudged(records);
    for (const effect of held) this.#perform(effect);
    this.#drain();
  }

  /** Own messages of this height that the log has lost; peers get them as they get any vote (consensus §1.7, §1.16). */
  #forgotten(log: readonly WalRecord[]): readonly WalRecord[] {
    const { signer } = this.#ports;
    const signed = signer?.signed();
    if (signer === null || signed?.height !== this.height || !this.#hooks.canSign()) return [];
    const records = forgottenRecords({ signed, log, operator: signer.operator, judge: this.#judge });
    if (records.length > 0) this.#tell('warn', 'own messages come from the sign state', { records: records.length });
    return records;
  }

  /** A crash between a proposal's record and its verdict's leaves a block that was never judged. */
  #judgeUnjudged(records: readonly WalRecord[]): void {
    const judged = new Set(records.flatMap((record) => (record.kind === 'verdict' ? [record.blockId] : [])));
    for (const [blockId, candidate] of this.#candidates.takeOthers(judged)) this.#consider(blockId, candidate);
  }

  #replayOne(record: WalRecord): void {
    switch (record.kind) {
      case 'start':
        this.#started ||= record.height === this.height;
        return record.height === this.height ? this.#feed({ kind: 'start' }) : undefined;
      case 'timeout':
        return record.timeout.height === this.height
          ? this.#feed({ kind: 'timeout', timeout: record.timeout })
          : undefined;
      case 'vote':
        this.#dropHeld((one) => one.kind === 'vote' && isOwnVote(record.vote, one, this.#ports.signer?.operator));
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
      case 'resumed':
        this.#started ||= record.height === this.height;
        return record.height === this.height ? this.#feed({ kind: 'resume', ...record.place }) : undefined;
      case 'endHeight':
        return;
    }
  }

  #dropHeld(matches: (effect: ConsensusEffect) => boolean): void {
    this.#held = this.#held?.filter((effect) => !matches(effect)) ?? null;
  }

  #consider(blockId: Hash, candidate: Candidate): void {
    if (this.#candidates.has(blockId) || this.#decided) return;
    this.#candidates.add(blockId, candidate);
    const verdict = this.#judge.judge(candidate.block, this.#hooks.head());
    if (verdict.ok) candidate.execute = () => verdict.execution;
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
    const isLock = type === 'precommit' && blockId !== null;
    const extension = isLock ? this.#hooks.extensionBytes(height) : null;
    const locked = isLock ? lockedProposal(this.#state, { round, blockId }, this.candidateBytes(blockId)) : null;
    const signed = signer.signVote({ type, height, round, blockId, extension, lockedProposal: locked });
    if (!signed.ok) {
      this.#refused(signed.code, signed.reason);
      // The votes that would set this step's timeout going may be missing everywhere: it must not wait for them.
      const delayMs = timeoutDelayMs(paramsOf(this.#hooks.head()).timeouts, type, round);
      return this.#timeouts.schedule({ kind: type, height, round }, delayMs);
    }
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
    this.#hooks.decided({ block, bytes, commit, ...(execute && { execute }) });
  }

  /** A refused slot is safe: this vote is missing and the next round goes on. A signer that cannot write must stop. */
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
