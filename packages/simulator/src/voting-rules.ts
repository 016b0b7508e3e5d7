/**
 * Whether votes, proposals and timeouts of honest validators keep to Algorithm 1, judged from what everybody has sent and
 * without the code that decides it (arXiv 1807.04938): no precommit without a polka, no prevote against one's own lock
 * without a later polka, none for what the round's proposer did not propose, no proof-of-lock without its polka, no timeout
 * and no next round before its quorum. A breach shows long before two blocks are decided.
 */
import type { Address, Hash, Height, Proposal, Round, TimeoutParams, Validator, Vote } from '@synod/chain';
import type { RoundState } from '@synod/consensus';

type Lock = { readonly round: Round; readonly blockId: Hash };

export type RulesView = {
  /** The set that decides a height. */
  readonly validatorsAt: (height: Height) => readonly Validator[];
  /** Null when the height is beyond the reference chain. */
  readonly proposerOf: (height: Height, round: Round) => Address | null;
  readonly timeouts: TimeoutParams;
};

export class VotingRules {
  readonly #view: RulesView;
  /** Who prevoted a block, by block, height and round. Rows of texts are looked up one after the other, not joined: that costs more. */
  readonly #prevoters = new Map<Hash, Map<string, Set<Address>>>();
  /** Who sent any vote, by type, height and round. */
  readonly #voters = new Map<string, Set<Address>>();
  /** Rounds of the proofs-of-lock that a block was proposed with, by block and proposer, height and round. */
  readonly #proposed = new Map<Hash, Map<Address, Map<string, Set<Round>>>>();
  /** Last precommit for a block that was signed, by validator and height. */
  readonly #locks = new Map<Address, Map<Height, Lock>>();

  constructor(view: RulesView) {
    this.#view = view;
  }

  /** A vote signed, an attacker's too: it may become part of a polka. */
  onSent({ type, height, round, blockId, validator }: Omit<Vote, 'signature' | 'extension'>): void {
    addTo(this.#voters, `${type}/${height}/${round}`, validator);
    if (type === 'prevote' && blockId === null) addTo(this.#voters, `prevote/${height}/${round}/nil`, validator);
    if (type === 'prevote' && blockId !== null)
      addTo(within(this.#prevoters, blockId), `${height}/${round}`, validator);
  }

  /** A vote that an honest validator has signed, sent or not: it may have locked. */
  onSigned(vote: Omit<Vote, 'signature' | 'extension'>): void {
    this.onSent(vote);
    const { type, height, round, blockId, validator } = vote;
    const before = this.lockOf(validator, height)?.round ?? -1;
    if (type === 'precommit' && blockId !== null && round > before)
      within(this.#locks, validator).set(height, { round, blockId });
  }

  /** A proposal signed, an attacker's too: its block may be prevoted. */
  onProposed({ height, round, polRound, blockId, proposer }: Omit<Proposal, 'signature'>): void {
    addTo(within(within(this.#proposed, blockId), proposer), `${height}/${round}`, polRound);
  }

  /** What is wrong with an honest validator's vote, or null. Called after `onSigned`. */
  problem({ type, height, round, blockId, validator }: Vote): string | null {
    if (blockId === null) return null;
    if (type === 'precommit') {
      return this.#hasPolka(height, round, blockId)
        ? null
        : `precommit of ${blockId} in round ${round} without a polka`;
    }
    if (!this.#isProposed(height, round, blockId)) return `prevote of ${blockId}, not proposed in round ${round}`;
    const lock = this.lockOf(validator, height);
    if (lock === undefined || lock.blockId === blockId) return null;
    for (let pol = lock.round; pol < round; pol++) if (this.#hasPolka(height, pol, blockId)) return null;
    return `prevote of ${blockId} in round ${round} against the lock on ${lock.blockId} of round ${lock.round}`;
  }

  /** What is wrong with an honest validator's proposal, or null. */
  proposalProblem({ height, round, polRound, blockId, proposer }: Proposal): string | null {
    const due = this.#view.proposerOf(height, round);
    if (due !== null && due !== proposer) return `proposes in round ${round}, which is ${due}'s`;
    if (polRound >= 0 && !this.#hasPolka(height, polRound, blockId))
      return `a proof-of-lock of ${polRound} without polka`;
    const lock = this.lockOf(proposer, height);
    // Whoever precommitted a block has seen its polka, so nothing older is its valid value.
    return lock !== undefined && lock.round < round && polRound < lock.round
      ? `proposes with round ${polRound}, precommitted in round ${lock.round}`
      : null;
  }

  /** What is wrong with a timeout that an honest validator sets, or null (L20, L34, L47; consensus §1.10). */
  timeoutProblem(timer: {
    kind: string;
    height: Height;
    round: Round;
    delayMs: number;
    /** False for a step that needs no quorum's votes. */
    isAided?: boolean;
  }): string | null {
    const { kind, height, round, delayMs, isAided = true } = timer;
    const { timeouts } = this.#view;
    const due =
      kind === 'propose'
        ? timeouts.proposeMs + round * timeouts.proposeDeltaMs
        : kind === 'prevote'
          ? timeouts.prevoteMs + round * timeouts.prevoteDeltaMs
          : timeouts.precommitMs + round * timeouts.precommitDeltaMs;
    if (delayMs !== due) return `${kind} timeout of round ${round} after ${delayMs} ms instead of ${due}`;
    if (kind === 'propose' || !isAided) return null;
    const voters = this.#voters.get(`${kind}/${height}/${round}`) ?? new Set();
    return 3n * this.#powerOf(height, voters) > 2n * this.#powerOf(height)
      ? null
      : `${kind} timeout of round ${round} without a quorum`;
  }

  /** What is wrong with an honest validator's step from one round to another of the same height, or null (L55, L65). */
  roundProblem(height: Height, from: Round, to: Round): string | null {
    if (to <= from) return null;
    const precommitters = this.#voters.get(`precommit/${height}/${from}`) ?? new Set();
    if (to === from + 1 && 3n * this.#powerOf(height, precommitters) > 2n * this.#powerOf(height)) return null;
    const there = new Set([
      ...(this.#voters.get(`prevote/${height}/${to}`) ?? []),
      ...(this.#voters.get(`precommit/${height}/${to}`) ?? []),
    ]);
    return 3n * this.#powerOf(height, there) > this.#powerOf(height)
      ? null
      : `goes from round ${from} to ${to} at height ${height} without the votes for it`;
  }

  /** True when somebody has sent every nil vote of a polka for nil. */
  hasNilPolka(height: Height, round: Round): boolean {
    const voters = this.#voters.get(`prevote/${height}/${round}/nil`) ?? new Set();
    return 3n * this.#powerOf(height, voters) > 2n * this.#powerOf(height);
  }

  /** The last precommit for a block that an honest validator signed at this height. */
  lockOf(validator: Address, height: Height): Lock | undefined {
    return this.#locks.get(validator)?.get(height);
  }

  #isProposed(height: Height, round: Round, blockId: Hash): boolean {
    const proposer = this.#view.proposerOf(height, round);
    if (proposer === null) return true;
    const polRounds = this.#proposed.get(blockId)?.get(proposer)?.get(`${height}/${round}`) ?? [];
    return [...polRounds].some((pol) => pol === -1 || (pol < round && this.#hasPolka(height, pol, blockId)));
  }

  #hasPolka(height: Height, round: Round, blockId: Hash): boolean {
    const prevoters = this.#prevoters.get(blockId)?.get(`${height}/${round}`);
    return prevoters !== undefined && 3n * this.#powerOf(height, prevoters) > 2n * this.#powerOf(height);
  }

  /** Power of these validators, or of all. */
  #powerOf(height: Height, members?: ReadonlySet<Address>): bigint {
    let sum = 0n;
    for (const { operator, power } of this.#view.validatorsAt(height)) if (members?.has(operator) ?? true) sum += power;
    return sum;
  }
}

function addTo<T>(sets: Map<string, Set<T>>, name: string, member: T): void {
  const set = sets.get(name);
  if (set === undefined) sets.set(name, new Set([member]));
  else set.add(member);
}

/** The inner map under a key, made where there is none. */
function within<K, J, V>(maps: Map<K, Map<J, V>>, key: K): Map<J, V> {
  const known = maps.get(key);
  if (known !== undefined) return known;
  const made = new Map<J, V>();
  maps.set(key, made);
  return made;
}

type Machine = Pick<RoundState, 'lockedRound' | 'lockedValue' | 'validRound' | 'validValue'>;

/** L36–L43: who precommits a block has locked it and holds it valid, or something later. */
export function precommitProblem({ type, round, blockId }: Vote, known: Machine): string | null {
  if (type !== 'precommit' || blockId === null) return null;
  const isHeld = (at: Round, value: Hash | null): boolean => at > round || (at === round && value === blockId);
  if (!isHeld(known.lockedRound, known.lockedValue)) return `precommits ${blockId} in round ${round} without the lock`;
  return isHeld(known.validRound, known.validValue)
    ? null
    : `precommits ${blockId} in round ${round}, which is not its valid value`;
}

/** L16–L19: a value that has a polka here is proposed with the round of that polka. */
export function proposalProblem(
  proposal: Proposal,
  known: { validValue: Hash | null; validRound: Round },
): string | null {
  if (known.validValue === null) return proposal.polRound === -1 ? null : 'a proof-of-lock for a new value';
  const isSame = proposal.blockId === known.validValue && proposal.polRound === known.validRound;
  return isSame
    ? null
    : `proposes ${proposal.blockId} with round ${proposal.polRound}, knows ${known.validValue} of ${known.validRound}`;
}
