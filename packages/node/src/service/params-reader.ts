/**
 * What parameters look like to whoever proposes or votes (spec: staking §8): each with its range, and every open proposal
 * with the count as it stands. Owns joining the records; the rules are the chain's.
 */
import {
  type ChainParams,
  changedParams,
  type Height,
  listParamsProposals,
  PARAM_RULES,
  type ParamChange,
  type ParamsProposal,
  paramValue,
  readHead,
  readParams,
  readParamsProposal,
  type StateTree,
  tallyVotes,
  transitionProblem,
  type VoteTally,
  voteOutcome,
} from '@synod/chain';

/** A parameter that a vote can change; `isSafety` needs more than 2/3 of the votes. */
export type ParamEntry = {
  readonly name: string;
  readonly value: bigint;
  readonly least: bigint;
  readonly most: bigint;
  readonly isSafety: boolean;
  /** `amount`: nano. `part`: parts per million. */
  readonly kind: 'count' | 'amount' | 'part';
};

export type ProposalView = {
  readonly proposal: ParamsProposal;
  readonly tally: VoteTally;
  /** What it would come to if the vote ended now. */
  readonly outcomeNow: 'passed' | 'rejected' | 'vetoed' | 'noQuorum';
  readonly isSafety: boolean;
  /** First height with the new parameters, should it pass. */
  readonly actsAt: Height;
};

const PARTS: readonly string[] = [
  'thresholdMax',
  'basePartMin',
  'reputationForgetting',
  'staking.commissionStepMax',
  'staking.doubleSignSlash',
  'staking.downtimeSlash',
  'staking.revealMismatchSlash',
  'voting.quorum',
  'learning.accountShare',
  'learning.triggerMax',
  'learning.injectionMax',
  'learning.spectralMax',
  'learning.biasAlarm',
  'learning.canaryShare',
  'learning.scoreTolerance',
  'learning.trainerSlash',
  'learning.lineageRatio',
];

export class ParamsReader {
  readonly #state: () => StateTree;

  constructor(state: () => StateTree) {
    this.#state = state;
  }

  /** In the order of the chain's table. */
  entries(): readonly ParamEntry[] {
    const params = readParams(this.#state());
    return Object.entries(PARAM_RULES).map(([name, rule]) => {
      const value = paramValue(params, name);
      const count = PARTS.includes(name) ? ('part' as const) : ('count' as const);
      return { name, value: BigInt(value), ...rule, kind: typeof value === 'bigint' ? ('amount' as const) : count };
    });
  }

  /** Voted on, or passed and waiting for the end of the epoch; the first made first. */
  proposals(): readonly ProposalView[] {
    const state = this.#state();
    const params = readParams(state);
    const head = readHead(state);
    return listParamsProposals(state).flatMap((id) => {
      const proposal = readParamsProposal(state, id);
      if (proposal === null) return [];
      const tally = tallyVotes(state, proposal);
      const isSafety = proposal.changes.some(({ name }) => PARAM_RULES[name]?.isSafety === true);
      const outcomeNow = proposal.phase === 'passed' ? 'passed' : voteOutcome(proposal, tally, params);
      return [{ proposal, tally, outcomeNow, isSafety, actsAt: actsAt(proposal, params, head) }];
    });
  }

  problemOf(changes: readonly ParamChange[]): string | null {
    const unknown = changes.find(({ name }) => !Object.hasOwn(PARAM_RULES, name));
    if (unknown !== undefined) return `there is no parameter ${unknown.name}`;
    const state = this.#state();
    return transitionProblem(state, changedParams(state, changes));
  }
}

/** Made at the first end of an epoch at or after the vote's end, in force one height later (staking §8.5). */
function actsAt({ votingEndsAt }: ParamsProposal, { staking }: ChainParams, head: Height): Height {
  const earliest = Math.max(votingEndsAt, head + 1);
  return Math.ceil(earliest / staking.epochHeights) * staking.epochHeights + 1;
}
