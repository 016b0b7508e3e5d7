/**
 * One consensus core alone, told whatever a network may tell it in whatever order, beside the plain one of core-model.ts: both must ask for the
 * same. What needs three faulty nodes and a bad network in a schedule happens here in a handful of inputs. Owns the inputs and the comparison.
 */
import type { Address, ExtendedCommit, Hash, Proposal, Round, Validator, Vote, VoteType } from '@synod/chain';
import {
  type ConsensusInput,
  type ConsensusState,
  commitOf,
  createHeight,
  roundState,
  step,
  votesForPeer,
  voteWanted,
  wantsProposal,
} from '@synod/consensus';
import { CoreModel, type ModelOptions } from './core-model.ts';
import { Prng } from './prng.ts';

const height = 7;
const inputsMax = 110;
const timeouts: ModelOptions['timeouts'] = {
  proposeMs: 400,
  proposeDeltaMs: 210,
  prevoteMs: 220,
  prevoteDeltaMs: 110,
  precommitMs: 240,
  precommitDeltaMs: 130,
  blockIntervalMs: 500,
};
const blocks = ['aa', 'bb', 'cc', 'dd', 'ee'].map((byte) => byte.repeat(32) as Hash);

/** What a core did otherwise than the model in so many lives, or null. */
export function coreProblem(seed: number, lives: number): string | null {
  for (let life = 0; life < lives; life++) {
    const problem = new CoreProbe(new Prng(seed, `core ${life}`)).run();
    if (problem !== null) return `life ${life}: ${problem}`;
  }
  return null;
}

class CoreProbe {
  readonly #prng: Prng;
  readonly #validators: readonly Validator[];
  readonly #self: Address | null;
  /** Less than a third of the power: they vote for as many values as they like. */
  readonly #faulty: ReadonlySet<Address>;
  readonly #model: CoreModel;
  #state: ConsensusState;
  readonly #queue: ConsensusInput[] = [];
  readonly #timers: ConsensusInput[] = [];
  /** What honest validators rather vote for, and what they have voted, by slot. */
  readonly #popular = new Map<string, Hash | null>();
  readonly #given = new Map<string, Hash | null>();
  readonly #sent: Vote[] = [];
  /** What many rounds of one life are about. */
  readonly #favourite: Hash;

  constructor(prng: Prng) {
    this.#prng = prng;
    this.#favourite = prng.pick(blocks);
    const count = prng.between(4, 7);
    const isUneven = prng.chance(400_000);
    this.#validators = Array.from({ length: count }, (_, index) =>
      memberOf(index, isUneven ? 10n + BigInt(index) : 10n),
    );
    this.#self = prng.chance(100_000)
      ? null
      : prng.chance(60_000)
        ? memberOf(9, 1n).operator
        : prng.pick(this.#validators).operator;
    this.#faulty = this.#drawFaulty();
    const first = prng.below(count);
    const proposerOf = (round: Round) => (this.#validators[(first + round) % count] as Validator).operator;
    const options = { height, self: this.#self, validators: this.#validators, proposerOf, timeouts };
    this.#model = new CoreModel(options);
    this.#state = createHeight(
      { chainId: 'core', self: this.#self, timeouts },
      { height, validators: this.#validators, proposerOf },
    );
  }

  run(): string | null {
    if (this.#prng.chance(80_000)) this.#proveOlder();
    else if (this.#prng.chance(150_000)) this.#queue.push(this.#resume());
    // What comes before the start counts from then on.
    const startAt = this.#prng.chance(300_000) ? this.#prng.between(5, 40) : 0;
    for (let count = 0; count < inputsMax; count++) {
      if (count === startAt) this.#queue.unshift({ kind: 'start' });
      const input = this.#queue.shift() ?? this.#drawn();
      const problem = this.#feed(input);
      if (problem !== null) return `after ${count} inputs: ${problem}`;
    }
    return this.#viewProblem();
  }

  /** Two rounds lock the same block, and the third brings it with the proof of the first, which is older than the lock. */
  #proveOlder(): void {
    const blockId = this.#favourite;
    this.#queue.push({ kind: 'verdict', blockId, valid: true }, { kind: 'start' });
    for (const round of [0, 1, 2]) {
      for (const { operator } of this.#validators) {
        const slot = { type: 'prevote', round, blockId: round === 2 ? null : blockId } as const;
        if (round < 2 || operator !== this.#self) this.#queue.push({ kind: 'vote', vote: voteOf(operator, slot) });
      }
      const proposer = this.#state.context.proposerOf(round);
      const proposal = { ...proposalOf(round, round === 0 ? -1 : 0, blockId), proposer };
      this.#queue.push({ kind: 'proposal', proposal });
    }
  }

  #feed(input: ConsensusInput): string | null {
    const before = this.#keptProblem(input);
    if (before !== null) return before;
    const { state, effects } = step(this.#state, input);
    this.#state = state;
    const [is, due] = [textOf(effects), textOf(this.#model.take(input))];
    if (is !== due) return `${textOf(input)} gives ${is}, due ${due}`;
    const { round, step: at, lockedRound, lockedValue, validRound, validValue } = state.machine;
    const { lock, valid } = this.#model;
    const isPlace = round === this.#model.round && at === this.#model.step;
    const isLock = lockedRound === lock.round && lockedValue === lock.blockId;
    if (!isPlace || !isLock || validRound !== valid.round || validValue !== valid.blockId)
      return `${textOf(input)} leads to ${textOf(state.machine)}`;
    for (const effect of effects) this.#obey(effect);
    return null;
  }

  /** What a host asks before it writes a message down. */
  #keptProblem(input: ConsensusInput): string | null {
    if (input.kind === 'vote' && (voteWanted(this.#state, input.vote) !== null) !== this.#model.isKept(input.vote))
      return `${textOf(input)} is ${this.#model.isKept(input.vote) ? 'not ' : ''}wanted`;
    if (
      input.kind === 'proposal' &&
      wantsProposal(this.#state, input.proposal) !== this.#model.isProposalKept(input.proposal)
    )
      return `${textOf(input)} is ${this.#model.isProposalKept(input.proposal) ? 'not ' : ''}wanted`;
    return null;
  }

  #obey(effect: ReturnType<typeof step>['effects'][number]): void {
    if (effect.kind === 'scheduleTimeout') this.#timers.push({ kind: 'timeout', timeout: effect.timeout });
    else if (effect.kind === 'vote' && this.#self !== null && this.#prng.chance(900_000))
      this.#queue.push({ kind: 'vote', vote: voteOf(this.#self, effect) });
    else if (effect.kind === 'buildValue' && this.#prng.chance(800_000)) {
      const blockId = this.#prng.pick(blocks);
      this.#queue.push({ kind: 'verdict', blockId, valid: true }, { kind: 'localValue', round: effect.round, blockId });
    } else if (effect.kind === 'propose' && this.#self !== null && this.#prng.chance(900_000)) {
      const { round, polRound, blockId } = effect;
      this.#queue.push({
        kind: 'proposal',
        proposal: { ...proposalOf(round, polRound, blockId), proposer: this.#self },
      });
    }
  }

  #drawn(): ConsensusInput {
    const { prng } = { prng: this.#prng };
    const at = prng.below(100);
    if (at < 10) return { kind: 'verdict', blockId: prng.pick(blocks), valid: prng.chance(900_000) };
    if (at < 24) return { kind: 'proposal', proposal: this.#proposal() };
    if (at < 36 && this.#timers.length > 0)
      return this.#timers.splice(prng.below(this.#timers.length), 1)[0] as ConsensusInput;
    if (at === 36)
      return {
        kind: 'timeout',
        timeout: { kind: prng.pick(['propose', 'prevote', 'precommit'] as const), height, round: this.#near() },
      };
    if (at < 50) return this.#burst();
    if (at === 50 && prng.chance(200_000)) return { kind: 'certificate', commit: this.#certificate() };
    if (at === 51 && prng.chance(300_000)) return this.#resume();
    if (at === 52 && this.#sent.length > 0) return { kind: 'vote', vote: prng.pick(this.#sent) };
    return {
      kind: 'vote',
      vote: this.#vote(prng.pick(this.#validators).operator, this.#near(), prng.pick(['prevote', 'precommit'])),
    };
  }

  /** Everybody's vote for one slot, or that of most. */
  #burst(): ConsensusInput {
    const round = this.#near();
    const type: VoteType = this.#prng.pick(['prevote', 'prevote', 'precommit']);
    const order = this.#prng.shuffled(this.#validators).filter(() => this.#prng.chance(850_000));
    for (const { operator } of order) this.#queue.push({ kind: 'vote', vote: this.#vote(operator, round, type) });
    return this.#queue.shift() ?? { kind: 'start' };
  }

  #near(): Round {
    const { prng } = { prng: this.#prng };
    const round = Math.max(0, this.#model.round);
    const at = prng.below(100);
    if (at < 55) return round;
    if (at < 75) return Math.max(0, round - prng.between(1, 3));
    if (at < 92) return round + prng.between(1, 2);
    return at < 95 ? Math.max(0, round - prng.between(14, 19)) : round + prng.between(15, 19);
  }

  #vote(validator: Address, round: Round, type: VoteType): Vote {
    const { prng } = { prng: this.#prng };
    const slot = `${round}/${type}`;
    const popular =
      this.#popular.get(slot) ?? prng.pick([...blocks.slice(0, 2), null, this.#favourite, this.#favourite]);
    this.#popular.set(slot, popular);
    const drawn = prng.chance(800_000) ? popular : prng.pick([...blocks, null]);
    const before = this.#given.get(`${slot}/${validator}`);
    const blockId = before === undefined || this.#faulty.has(validator) ? drawn : before;
    this.#given.set(`${slot}/${validator}`, blockId);
    const vote = voteOf(validator, { type, round, blockId });
    if (prng.chance(15_000)) return { ...vote, extension: vote.extension === null ? extension : null };
    if (prng.chance(10_000)) return { ...vote, validator: memberOf(8, 1n).operator };
    this.#sent.push(vote);
    return vote;
  }

  /** Rather with a proof of lock that there is. */
  #proposal(): Proposal {
    const { prng } = { prng: this.#prng };
    const round = this.#near();
    const proven = [this.#model.valid, this.#model.lock, ...this.#polkas()].filter((one) => one.blockId !== null);
    const known = proven.length > 0 && prng.chance(500_000) ? prng.pick(proven) : undefined;
    const polRound =
      known !== undefined && prng.chance(700_000) ? known.round : prng.chance(700_000) ? -1 : prng.between(-1, round);
    const proposal = proposalOf(round, polRound, known?.blockId ?? prng.pick(blocks));
    const proposer = this.#state.context.proposerOf(round);
    return { ...proposal, proposer: prng.chance(950_000) ? proposer : prng.pick(this.#validators).operator };
  }

  /** Proofs of lock that the core holds, of rounds that are over. */
  #polkas(): readonly { readonly round: Round; readonly blockId: Hash }[] {
    const rounds = Array.from({ length: Math.max(0, this.#model.round) }, (_, round) => round);
    return rounds.flatMap((round) =>
      blocks.filter((id) => this.#model.hasQuorum(round, 'prevote', id)).map((blockId) => ({ round, blockId })),
    );
  }

  #resume(): ConsensusInput {
    const { prng } = { prng: this.#prng };
    const round = this.#near();
    const lock = prng.chance(600_000) ? { round: prng.between(0, round), blockId: prng.pick(blocks) } : null;
    return { kind: 'resume', round, step: prng.pick(['propose', 'prevote', 'precommit']), lock };
  }

  #certificate(): ExtendedCommit {
    return {
      height: height + this.#prng.below(2),
      round: this.#near(),
      blockId: this.#prng.pick(blocks),
      precommits: [],
    };
  }

  #drawFaulty(): ReadonlySet<Address> {
    const total = this.#validators.reduce((sum, { power }) => sum + power, 0n);
    const faulty = new Set<Address>();
    let power = 0n;
    for (const member of this.#prng.shuffled(this.#validators)) {
      if (3n * (power + member.power) >= total) continue;
      power += member.power;
      faulty.add(member.operator);
    }
    return faulty;
  }

  /** What peers are told and sent. */
  #viewProblem(): string | null {
    const { votes } = this.#model;
    const of = (round: Round, type: VoteType, index: number) =>
      votes.filter(
        (vote) => vote.round === round && vote.type === type && vote.validator === this.#validators[index]?.operator,
      );
    const told = roundState(this.#state);
    const pol = told.votes
      .map(({ round }) => round)
      .findLast((round) => blocks.some((id) => this.#model.hasQuorum(round, 'prevote', id)));
    if ((told.pol?.round ?? undefined) !== pol) return `tells of a polka of ${told.pol?.round}, due ${pol}`;
    for (const { round, prevotes, precommits } of told.votes) {
      const bits = {
        round,
        prevotes: prevotes.map(() => this.#prng.chance(500_000)),
        precommits: prevotes.map(() => true),
      };
      const lacking = votesForPeer(this.#state, bits);
      for (const index of this.#validators.keys()) {
        const [prevoted, precommitted] = [of(round, 'prevote', index), of(round, 'precommit', index)];
        if (prevotes[index] !== prevoted.length > 0 || precommits[index] !== precommitted.length > 0)
          return `tells otherwise than it holds of validator ${index} in round ${round}`;
        const due = [
          ...(bits.prevotes[index] !== true || prevoted.length > 1 ? prevoted : []),
          ...(precommitted.length > 1 ? precommitted : []),
        ];
        if (due.some((vote) => !lacking.includes(vote)))
          return `keeps from a peer what it lacks of validator ${index} in round ${round}`;
      }
      for (const id of blocks) {
        const commit = commitOf(this.#state, round, id);
        const isDue = this.#model.hasQuorum(round, 'precommit', id);
        const signers = [...this.#validators.keys()].filter((index) =>
          of(round, 'precommit', index).some(({ blockId }) => blockId === id),
        );
        const listed = commit?.precommits.map(({ validator }) => validator) ?? [];
        if ((commit !== null) !== isDue || (isDue && listed.join() !== signers.join()))
          return `certifies round ${round} with ${listed}`;
      }
    }
    return null;
  }
}

const signature = new Uint8Array(64);
const extension: Vote['extension'] = { bytes: new Uint8Array(), signature };

function voteOf(validator: Address, slot: Pick<Vote, 'type' | 'round' | 'blockId'>): Vote {
  const { type, round, blockId } = slot;
  const isExtended = type === 'precommit' && blockId !== null;
  return { type, height, round, blockId, validator, signature, extension: isExtended ? extension : null };
}

function proposalOf(round: Round, polRound: Round, blockId: Hash): Omit<Proposal, 'proposer'> {
  return { height, round, polRound, blockId, signature };
}

function memberOf(index: number, power: bigint): Validator {
  const key = `${index}${index}`.repeat(32) as Validator['publicKey'];
  return { operator: `operator ${index}` as Address, publicKey: key, vrfKey: key, power };
}

function textOf(value: unknown): string {
  return JSON.stringify(value, (key, part: unknown) => {
    if (key === 'signature' || key === 'extension') return undefined;
    return part !== null && typeof part === 'object' && !Array.isArray(part)
      ? Object.fromEntries(Object.entries(part).sort(([a], [b]) => (a < b ? -1 : 1)))
      : part;
  });
}
