/**
 * Whether the votes of honest validators keep to Tendermint's two promises, judged from what everybody has sent and without
 * the code that decides it: no precommit for a block without a polka, and no prevote against one's own lock without a
 * later polka (arXiv 1807.04938, L28–L38). A breach shows long before two blocks are decided.
 */
import type { Address, Hash, Height, Proposal, Round, Validator, Vote } from '@synod/chain';
import type { RoundState } from '@synod/consensus';

type Lock = { readonly round: Round; readonly blockId: Hash };

export class VotingRules {
  readonly #validatorsAt: (height: Height) => readonly Validator[];
  /** Who prevoted a block, by height, round and block. */
  readonly #prevoters = new Map<string, Set<Address>>();
  /** Last precommit for a block, by validator and height. */
  readonly #locks = new Map<string, Lock>();

  /** `validatorsAt` gives the set that decides a height. */
  constructor(validatorsAt: (height: Height) => readonly Validator[]) {
    this.#validatorsAt = validatorsAt;
  }

  /** A vote signed, an attacker's too: it may become part of a polka. */
  onSent({ type, height, round, blockId, validator }: Omit<Vote, 'signature' | 'extension'>): void {
    if (type !== 'prevote' || blockId === null) return;
    const slot = `${height}/${round}/${blockId}`;
    const prevoters = this.#prevoters.get(slot) ?? new Set();
    this.#prevoters.set(slot, prevoters.add(validator));
  }

  /** What is wrong with an honest validator's vote, or null. Called after `onSent`. */
  problem({ type, height, round, blockId, validator }: Vote): string | null {
    if (blockId === null) return null;
    const place = `${validator}/${height}`;
    if (type === 'precommit') {
      if (!this.#hasPolka(height, round, blockId)) return `precommit of ${blockId} in round ${round} without a polka`;
      this.#locks.set(place, { round, blockId });
      return null;
    }
    const lock = this.#locks.get(place);
    if (lock === undefined || lock.blockId === blockId) return null;
    for (let pol = lock.round; pol < round; pol++) if (this.#hasPolka(height, pol, blockId)) return null;
    return `prevote of ${blockId} in round ${round} against the lock on ${lock.blockId} of round ${lock.round}`;
  }

  #hasPolka(height: Height, round: Round, blockId: Hash): boolean {
    const prevoters = this.#prevoters.get(`${height}/${round}/${blockId}`);
    if (prevoters === undefined) return false;
    let power = 0n;
    let total = 0n;
    for (const validator of this.#validatorsAt(height)) {
      total += validator.power;
      if (prevoters.has(validator.operator)) power += validator.power;
    }
    return 3n * power > 2n * total;
  }
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
