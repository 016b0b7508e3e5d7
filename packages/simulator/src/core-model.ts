/**
 * A consensus core a second time: Algorithm 1 (arXiv 1807.04938) with what consensus §1.2 to §1.5 and §1.7 add, written from these texts and
 * without the code that it judges, as plainly as can be: every message is kept in lists and counted again for every question. Owns what a core
 * should ask for after each input; core-probe.ts owns the inputs.
 */
import type {
  Address,
  ExtendedCommit,
  Hash,
  Proposal,
  Round,
  TimeoutParams,
  Validator,
  Vote,
  VoteType,
} from '@synod/chain';
import type { ConsensusInput } from '@synod/consensus';

export type ModelOptions = {
  readonly height: number;
  readonly self: Address | null;
  readonly validators: readonly Validator[];
  readonly proposerOf: (round: Round) => Address;
  readonly timeouts: TimeoutParams;
};

type Step = 'new' | 'propose' | 'prevote' | 'precommit' | 'commit';
type Kind = 'propose' | 'prevote' | 'precommit';
type Resume = Extract<ConsensusInput, { kind: 'resume' }>;

/** Rounds ahead and behind in which everything is kept (consensus §1.5). */
const windowRounds = 16;
const parkedMax = 4;
const stepOrder: readonly Step[] = ['new', 'propose', 'prevote', 'precommit', 'commit'];

export class CoreModel {
  readonly #options: ModelOptions;
  round: Round = -1;
  step: Step = 'new';
  lock: { round: Round; blockId: Hash | null } = { round: -1, blockId: null };
  valid: { round: Round; blockId: Hash | null } = { round: -1, blockId: null };
  decision: { round: Round; blockId: Hash } | null = null;
  /** In order of arrival. */
  votes: Vote[] = [];
  #proposals: Proposal[] = [];
  readonly #verdicts = new Map<Hash, boolean>();
  readonly #parked = new Map<Address, { round: Round; votes: Vote[] }>();
  readonly #timed = new Set<string>();
  readonly #fetched = new Set<Hash>();
  #certificate: ExtendedCommit | null = null;
  #awaited: Round = -1;
  #effects: object[] = [];

  constructor(options: ModelOptions) {
    this.#options = options;
  }

  /** What a core asks for after this input, in order. */
  take(input: ConsensusInput): readonly object[] {
    this.#effects = [];
    this.#takeIn(input);
    while (this.decision === null && this.#fireOne());
    if (this.decision === null) this.#fetch();
    return this.#effects;
  }

  /** True when the vote would be kept, counted or parked. */
  isKept(vote: Vote): boolean {
    if (!this.#isSound(vote)) return false;
    return vote.round > this.#end ? this.#isParkable(vote) : this.#isCountable(vote);
  }

  isProposalKept({ round, polRound, proposer, blockId, height }: Proposal): boolean {
    if (height !== this.#options.height || polRound < -1 || polRound >= round) return false;
    if (round < this.round - windowRounds || round > this.#end || proposer !== this.#options.proposerOf(round))
      return false;
    const held = this.#proposals.filter((one) => one.round === round);
    return held.length < 2 && !held.some((one) => one.blockId === blockId && one.polRound === polRound);
  }

  /** Power of those who sent such votes, each once. */
  powerOf(isMeant: (vote: Vote) => boolean): bigint {
    const senders = new Set(this.votes.filter(isMeant).map(({ validator }) => validator));
    return this.#options.validators.reduce(
      (sum, { operator, power }) => sum + (senders.has(operator) ? power : 0n),
      0n,
    );
  }

  hasQuorum(round: Round, type: VoteType, blockId?: Hash | null): boolean {
    const power = this.powerOf(
      (vote) => vote.round === round && vote.type === type && (blockId === undefined || vote.blockId === blockId),
    );
    return 3n * power > 2n * this.#total;
  }

  get #total(): bigint {
    return this.#options.validators.reduce((sum, { power }) => sum + power, 0n);
  }

  get #end(): Round {
    return Math.max(0, this.round) + windowRounds;
  }

  #takeIn(input: ConsensusInput): void {
    switch (input.kind) {
      case 'start':
        if (this.round === -1 && this.decision === null) this.#enter(0);
        return;
      case 'vote':
        return this.#takeVote(input.vote);
      case 'proposal':
        return this.#takeProposal(input.proposal);
      case 'verdict':
        this.#verdicts.set(input.blockId, input.valid);
        return;
      case 'certificate':
        if (input.commit.height === this.#options.height) this.#certificate ??= input.commit;
        return;
      case 'timeout':
        return this.#timeOver(input.timeout.kind, input.timeout);
      case 'localValue':
        return this.#propose(input.round, input.blockId);
      case 'resume':
        return this.decision === null ? this.#resume(input) : undefined;
    }
  }

  #takeVote(vote: Vote): void {
    if (!this.isKept(vote)) return;
    if (vote.round <= this.#end) return this.#count(vote);
    const held = this.#parked.get(vote.validator);
    const votes = held?.round === vote.round ? held.votes : [];
    this.#parked.set(vote.validator, { round: vote.round, votes: [...votes, vote] });
    const there = [...this.#parked].filter(([, one]) => one.round === vote.round).map(([validator]) => validator);
    const power = this.#options.validators.reduce(
      (sum, one) => sum + (there.includes(one.operator) ? one.power : 0n),
      0n,
    );
    if (3n * power > this.#total) this.#unpark((round) => round === vote.round);
  }

  #isSound({ height, round, type, blockId, extension, validator }: Vote): boolean {
    if (height !== this.#options.height || round < 0) return false;
    if (!this.#options.validators.some(({ operator }) => operator === validator)) return false;
    if ((extension !== null) !== (type === 'precommit' && blockId !== null)) return false;
    return blockId !== null || round >= this.round - windowRounds;
  }

  /** §1.4: two conflicting votes, and more for what more than a third stands behind. */
  #isCountable({ round, type, blockId, validator }: Vote): boolean {
    const slot = this.votes.filter((vote) => vote.round === round && vote.type === type);
    const own = slot.filter((vote) => vote.validator === validator);
    if (own.some((vote) => vote.blockId === blockId)) return false;
    const behind = this.powerOf((vote) => vote.round === round && vote.type === type && vote.blockId === blockId);
    return own.length < 2 || 3n * behind > this.#total;
  }

  #isParkable(vote: Vote): boolean {
    const held = this.#parked.get(vote.validator);
    if (held === undefined || held.round < vote.round) return true;
    const isKnown = held.votes.some(({ type, blockId }) => type === vote.type && blockId === vote.blockId);
    return held.round === vote.round && !isKnown && held.votes.length < parkedMax;
  }

  #count(vote: Vote): void {
    const first = this.votes.find(
      (one) => one.round === vote.round && one.type === vote.type && one.validator === vote.validator,
    );
    if (!this.#isCountable(vote)) return;
    this.votes.push(vote);
    if (first !== undefined) this.#say({ kind: 'evidence', evidence: { kind: 'duplicate.vote', first, second: vote } });
  }

  #unpark(isDue: (round: Round) => boolean): void {
    for (const [validator, { round, votes }] of [...this.#parked]) {
      if (!isDue(round)) continue;
      this.#parked.delete(validator);
      for (const vote of votes) this.#count(vote);
    }
  }

  #takeProposal(proposal: Proposal): void {
    if (!this.isProposalKept(proposal)) return;
    const first = this.#proposals.find(({ round }) => round === proposal.round);
    if (first !== undefined && first.blockId !== proposal.blockId)
      this.#say({ kind: 'evidence', evidence: { kind: 'duplicate.proposal', first, second: proposal } });
    this.#proposals.push(proposal);
  }

  /** L57, L61, L65. */
  #timeOver(kind: Kind, { height, round }: { height: number; round: Round }): void {
    if (height !== this.#options.height || round !== this.round || this.step === 'new' || this.step === 'commit')
      return;
    if (kind === 'precommit') this.#enter(round + 1);
    else if (kind === 'propose' && this.step === 'propose') this.#vote('prevote', null);
    else if (kind === 'prevote' && this.step === 'prevote') this.#vote('precommit', null);
  }

  /** The first rule that is enabled, in the order of §1.2; false when none is. */
  #fireOne(): boolean {
    return this.#decide() || this.#polkas() || this.#prevote() || this.#timeouts() || this.#skip();
  }

  #decide(): boolean {
    const [found] = this.#decided().filter(({ blockId }) => this.#verdicts.get(blockId) === true);
    if (found === undefined) return false;
    this.decision = found;
    this.step = 'commit';
    this.#say({ kind: 'decide', ...found, height: this.#options.height });
    return true;
  }

  #decided(): readonly { round: Round; blockId: Hash }[] {
    const certified = this.#certificate === null ? [] : [this.#certificate];
    const found = certified.map(({ round, blockId }) => ({ round, blockId }));
    for (const round of this.#rounds())
      found.push(...this.#values(round, 'precommit').map((blockId) => ({ round, blockId })));
    return found;
  }

  /** L36, L44, and a proof of a round that is over (ADR 8). */
  #polkas(): boolean {
    const { round, step } = this;
    const isLate = step === 'precommit';
    const proposal = this.#proposals.find(
      (one) =>
        one.round === round &&
        this.#verdicts.get(one.blockId) === true &&
        this.hasQuorum(round, 'prevote', one.blockId),
    );
    if (proposal !== undefined && (step === 'prevote' || isLate) && this.valid.round !== round) {
      this.valid = { round, blockId: proposal.blockId };
      if (isLate) return true;
      this.lock = this.valid;
      this.#vote('precommit', proposal.blockId);
      return true;
    }
    if (step === 'prevote' && this.hasQuorum(round, 'prevote', null)) {
      this.#vote('precommit', null);
      return true;
    }
    return this.#learn(round);
  }

  #learn(before: Round): boolean {
    for (const round of this.#rounds().toReversed()) {
      const blockId = this.#values(round, 'prevote').find((one) => this.#verdicts.get(one) === true);
      if (round >= before || round <= this.valid.round || blockId === undefined) continue;
      this.valid = { round, blockId };
      return true;
    }
    return false;
  }

  /** L28 before L22. */
  #prevote(): boolean {
    if (this.step !== 'propose') return false;
    const own = this.#proposals.filter(({ round, blockId }) => round === this.round && this.#verdicts.has(blockId));
    const proven = own.find(({ polRound, blockId }) => polRound >= 0 && this.hasQuorum(polRound, 'prevote', blockId));
    const proposal = proven ?? own.find(({ polRound }) => polRound === -1);
    if (proposal === undefined) return false;
    const { blockId, polRound } = proposal;
    const isFree = this.lock.round <= polRound || this.lock.blockId === blockId;
    this.#vote('prevote', isFree && this.#verdicts.get(blockId) === true ? blockId : null);
    return true;
  }

  /** L34, L47, each once a round. */
  #timeouts(): boolean {
    const { round, step } = this;
    const isDue = (type: Kind & VoteType) => !this.#timed.has(`${type}/${round}`) && this.hasQuorum(round, type);
    const due =
      step === 'prevote' && isDue('prevote') ? 'prevote' : step !== 'new' && isDue('precommit') ? 'precommit' : null;
    if (due === null) return false;
    this.#timed.add(`${due}/${round}`);
    this.#time(due, round);
    return true;
  }

  /** L55, to the furthest. */
  #skip(): boolean {
    const target = this.#rounds().findLast(
      (round) => round > this.round && 3n * this.powerOf((vote) => vote.round === round) > this.#total,
    );
    if (target === undefined || this.step === 'new') return false;
    this.#enter(target);
    return true;
  }

  /** L11–L21. */
  #enter(round: Round): void {
    const { proposerOf, self } = this.#options;
    this.#learn(round);
    this.round = round;
    this.step = 'propose';
    this.#say({ kind: 'roundEntered', height: this.#options.height, round, proposer: proposerOf(round) });
    this.#time('propose', round);
    if (proposerOf(round) === self) {
      if (this.valid.blockId !== null) this.#say(this.#proposalOf(round, this.valid.blockId), true);
      else {
        this.#awaited = round;
        this.#say({ kind: 'buildValue', round, height: this.#options.height });
      }
    }
    this.#moveWindow();
  }

  #moveWindow(): void {
    const end = this.#end;
    this.#unpark((round) => round <= end);
    const oldest = this.round - windowRounds;
    this.#proposals = this.#proposals.filter(({ round }) => round >= oldest);
    this.votes = this.votes.filter(({ round, blockId }) => round >= oldest || blockId !== null);
  }

  #propose(round: Round, blockId: Hash): void {
    if (round !== this.#awaited || round !== this.round) return;
    this.#awaited = -1;
    if (this.step === 'propose') this.#say(this.#proposalOf(round, this.valid.blockId ?? blockId), true);
  }

  #proposalOf(round: Round, blockId: Hash): object {
    return { kind: 'propose', round, polRound: this.valid.round, blockId, height: this.#options.height };
  }

  /** §1.7. */
  #resume({ round, step, lock }: Resume): void {
    if (lock !== null && lock.round > this.lock.round) this.lock = { round: lock.round, blockId: lock.blockId };
    if (lock !== null && lock.round > this.valid.round) this.valid = { round: lock.round, blockId: lock.blockId };
    const isSame = round === this.round;
    if (round < this.round || (isSame && stepOrder.indexOf(step) <= stepOrder.indexOf(this.step))) return;
    Object.assign(this, { round, step });
    const { height, proposerOf } = this.#options;
    if (!isSame) this.#say({ kind: 'roundEntered', height, round, proposer: proposerOf(round) });
    this.#time(step, round);
    if (!isSame) this.#moveWindow();
  }

  #vote(type: VoteType, blockId: Hash | null): void {
    this.step = type;
    this.#say({ kind: 'vote', type, round: this.round, blockId, height: this.#options.height }, true);
  }

  #time(kind: Kind, round: Round): void {
    const { timeouts, height } = this.#options;
    const delayMs = timeouts[`${kind}Ms`] + round * timeouts[`${kind}DeltaMs`];
    this.#say({ kind: 'scheduleTimeout', timeout: { kind, height, round }, delayMs });
  }

  #fetch(): void {
    const missing = this.#decided().find(({ blockId }) => !this.#fetched.has(blockId));
    if (missing === undefined) return;
    this.#fetched.add(missing.blockId);
    this.#say({ kind: 'fetchBlock', height: this.#options.height, ...missing });
  }

  #rounds(): readonly Round[] {
    return [...new Set(this.votes.map(({ round }) => round))].sort((a, b) => a - b);
  }

  /** Blocks with a quorum, in the order in which they were first voted for. */
  #values(round: Round, type: VoteType): readonly Hash[] {
    const slot = this.votes.filter((vote) => vote.round === round && vote.type === type);
    const values = new Set(slot.flatMap(({ blockId }) => blockId ?? []));
    return [...values].filter((blockId) => this.hasQuorum(round, type, blockId));
  }

  /** Who is not in the set signs nothing. */
  #say(effect: object, isSpoken = false): void {
    const { self, validators } = this.#options;
    if (!isSpoken || validators.some(({ operator }) => operator === self)) this.#effects.push(effect);
  }
}
