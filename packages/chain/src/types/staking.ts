/**
 * Stake as the state records it, and the parameters that govern it. Owns shapes; the rules are the staking folder's.
 */
import type { Address, Amount, Height, Ppm, PublicKey } from './primitives.ts';

/** Part of the chain's parameters (spec: staking §1). */
export type StakingParams = {
  /** Stake becomes voting power at heights divisible by this. */
  readonly epochHeights: number;
  /** Evidence about a height lower than its block's by more than this is too old. */
  readonly evidenceAgeHeights: number;
  /** Evidence about a block older than its own by more than this is too old, in milliseconds. */
  readonly evidenceAgeMs: number;
  /** Longest time for which a light client may trust a header, in milliseconds. */
  readonly trustingPeriodMs: number;
  /** Heights for which undelegated and redelegated stake stays slashable. */
  readonly unbondingHeights: number;
  /** Least stake of its own with which a validator is taken into the set. */
  readonly selfBondMin: Amount;
  /** Least amount of one delegation, undelegation or redelegation. */
  readonly delegationMin: Amount;
  /** Most by which one edit may move the commission, up or down. */
  readonly commissionStepMax: Ppm;
  /** Part of the stake that is burnt for signing twice. */
  readonly doubleSignSlash: Ppm;
  /** Part of the bonded stake that is burnt for being down. */
  readonly downtimeSlash: Ppm;
  /** Part of the stake that is burnt for scores revealed otherwise or earlier than they were committed to. */
  readonly revealMismatchSlash: Ppm;
  /** A validator is jailed when it missed more than `downtimeMissedMax` of the last `downtimeWindow` commits. */
  readonly downtimeWindow: number;
  readonly downtimeMissedMax: number;
  /** Heights after jailing at which the operator may ask for release. */
  readonly jailHeights: number;
};

/** How parameters are changed (spec: staking §8). */
export type VotingParams = {
  /** Least deposit of a proposal. */
  readonly depositMin: Amount;
  /** Heights for which a proposal is voted on. */
  readonly votingHeights: number;
  /** Part of the active stake that must vote for a proposal to be decided at all. */
  readonly quorum: Ppm;
};

/** `exited` and `tombstoned` are final. */
export type ValidatorStatus = 'active' | 'jailed' | 'exited' | 'tombstoned';

/** A validator as a pool of stake; whether it is in the set is another question. */
export type StakePool = {
  readonly operator: Address;
  readonly publicKey: PublicKey;
  readonly vrfKey: PublicKey;
  /** Height at which the keys were given; a set may still have the ones before. */
  readonly keysSetAt: Height;
  /** Part of the rewards that the operator keeps before they are shared. */
  readonly commission: Ppm;
  /** Height of the last change of the commission. */
  readonly commissionSetAt: Height;
  readonly status: ValidatorStatus;
  /** Height of jailing; 0 when never. */
  readonly jailedAt: Height;
  /** Stake of everybody in this pool, in nano. */
  readonly tokens: Amount;
  /** Σ shares of all delegations; a share is worth tokens / shares. */
  readonly shares: Amount;
};

/** Somebody's part in a pool; the operator's own is its self-bond. */
export type Delegation = { readonly shares: Amount };

/** All stake on its way out of one pool: what is left of it, and the shares that entries have in that. */
export type UnbondingPool = {
  readonly tokens: Amount;
  /** Σ shares of the entries of this series, below 2⁹⁷. */
  readonly shares: bigint;
  /** Rises when next to nothing was left; entries of an earlier one are worth nothing. */
  readonly series: number;
};

/** What one delegator takes out of a pool with the end of one block; slashable until paid out at `maturesAt`. */
export type UnbondingEntry = {
  readonly maturesAt: Height;
  readonly shares: bigint;
  readonly series: number;
};

/** One delegator's stake that came into a pool from another and still answers for that one until `maturesAt`. */
export type RedelegationEntry = {
  readonly from: Address;
  readonly maturesAt: Height;
  readonly amount: Amount;
};

/** Somebody with an entry of either kind that ends at a height, and the pool it lies with. */
export type Maturing = { readonly operator: Address; readonly delegator: Address };

/** Heights whose commit lacked the validator's precommit: bit i, lowest first in each byte, stands for `last` − i. */
export type MissedHeights = {
  /** The newest missed height; 0 while none is. */
  readonly last: Height;
  /** Without zero bytes at the end. */
  readonly bits: Uint8Array;
};
