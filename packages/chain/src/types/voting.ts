/**
 * Changing the chain's parameters by vote (spec: staking §8). Owns shapes; the rules are the voting folder's.
 */
import type { Address, Amount, Hash, Height } from './primitives.ts';

/** Puts changes of parameters to the vote; `deposit` is held until the vote is over. */
export type ParamsPropose = {
  readonly type: 'params.propose';
  /** For people, 1–128 bytes of UTF-8. */
  readonly title: string;
  readonly changes: readonly ParamChange[];
  readonly deposit: Amount;
};

/** A parameter by its name in the table (`staking.epochHeights`), and what it is to be. */
export type ParamChange = { readonly name: string; readonly value: Amount };

/** The vote of the sender's validator, with all stake in its pool; a later one replaces it. */
export type ParamsVote = { readonly type: 'params.vote'; readonly proposal: Hash; readonly choice: VoteChoice };

export type VoteChoice = 'yes' | 'no' | 'abstain';

export type VotingPayload = ParamsPropose | ParamsVote;

/** A proposal that is voted on, or has passed and waits for the end of the epoch. */
export type ParamsProposal = {
  /** Id of the transaction that made it. */
  readonly id: Hash;
  readonly proposer: Address;
  readonly title: string;
  readonly changes: readonly ParamChange[];
  /** Held while `voting`. */
  readonly deposit: Amount;
  readonly openedAt: Height;
  /** Last height at which votes count. */
  readonly votingEndsAt: Height;
  readonly phase: 'voting' | 'passed';
  /** Ascending by validator. */
  readonly votes: readonly ProposalVote[];
};

export type ProposalVote = { readonly validator: Address; readonly choice: VoteChoice };

/** Stake behind each choice when voting ended, and all active stake, in nano. */
export type VoteTally = {
  readonly yes: Amount;
  readonly no: Amount;
  readonly abstain: Amount;
  readonly total: Amount;
};

export type VoteOutcome = 'passed' | 'rejected' | 'vetoed' | 'noQuorum';
