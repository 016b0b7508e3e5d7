/**
 * How a validator stands: in one word, why, until when, and what its operator can do next (spec: staking §3, §4, §6). Owns
 * the words and the order of the questions; the figures are stake-reader.ts.
 */
import { type Amount, formatSyn, type Height, type Power, type StakePool, type StakingParams } from '@synod/chain';

/** `joining`: taken in at the end of the epoch. `waiting`: active, and not wanted in the set as things are. */
export type StandingName = 'signing' | 'joining' | 'waiting' | 'jailed' | 'exited' | 'tombstoned';

/** What the operator can do; `none` where all is well or nothing helps, `wait` until `fromHeight`. */
export type NextStep = 'none' | 'wait' | 'unjail' | 'bond' | 'run';

export type Standing = {
  readonly name: StandingName;
  /** A sentence for people. */
  readonly reason: string;
  readonly next: NextStep;
  /** Height from which the next step is possible, or at which what is waited for happens; null where it is now. */
  readonly fromHeight: Height | null;
};

export type StandingFacts = {
  readonly pool: StakePool;
  readonly selfBond: Amount;
  readonly power: Power;
  readonly powerNext: Power;
  readonly powerWanted: Power;
  readonly missed: number;
  readonly lastSignedHeight: Height;
  /** Keys given that do not sign yet. */
  readonly rotation?: { readonly actsFrom: Height } | null;
  readonly head: Height;
  readonly staking: StakingParams;
};

/** A change decided at the end of an epoch acts this many heights later (staking §4.1). */
export const HEIGHTS_TO_ACT = 2;

/** A member that signed none of so many blocks is told to be down. */
const SILENT_HEIGHTS = 10;

export function standingOf(facts: StandingFacts): Standing {
  const { status } = facts.pool;
  if (status === 'jailed') return jailed(facts);
  if (status === 'exited') {
    return { name: status, reason: `It left for good.${leaving(facts)}`, next: 'none', fromHeight: null };
  }
  if (status === 'tombstoned') {
    const reason = `It signed what contradicts itself or the chain, and is out for good, with all its keys.${leaving(facts)}`;
    return { name: status, reason, next: 'none', fromHeight: null };
  }
  return facts.power > 0n ? signing(facts) : outside(facts);
}

function jailed(facts: StandingFacts): Standing {
  const { pool, selfBond, head, staking } = facts;
  const { downtimeMissedMax, downtimeWindow, jailHeights, selfBondMin } = staking;
  const reason = `It was jailed in block ${pool.jailedAt}: it missed more than ${downtimeMissedMax} of the last ${downtimeWindow} blocks.${leaving(facts)}`;
  const releaseAt = pool.jailedAt + jailHeights;
  if (selfBond < selfBondMin) {
    const short = ` Its own stake of ${formatSyn(selfBond)} is below the ${formatSyn(selfBondMin)} needed to be released.`;
    return { name: 'jailed', reason: reason + short, next: 'bond', fromHeight: null };
  }
  // A transaction sent now stands in the next block at the earliest.
  if (head + 1 < releaseAt) return { name: 'jailed', reason, next: 'wait', fromHeight: releaseAt };
  return { name: 'jailed', reason, next: 'unjail', fromHeight: null };
}

function signing(facts: StandingFacts): Standing {
  const { power, powerWanted, missed, lastSignedHeight, head, staking } = facts;
  if (powerWanted === 0n) {
    const { reason, next } = unwanted(facts);
    return { name: 'signing', reason: `${reason} It leaves the set soon.`, next, fromHeight: epochActs(head, staking) };
  }
  if (lastSignedHeight < head - SILENT_HEIGHTS) {
    const reason = `It has not signed since block ${lastSignedHeight}: its node seems to be down. It is jailed once it missed more than ${staking.downtimeMissedMax} of the last ${staking.downtimeWindow} blocks; these are ${missed}.`;
    return { name: 'signing', reason, next: 'run', fromHeight: null };
  }
  if (missed > staking.downtimeMissedMax / 2) {
    const reason = `It missed ${missed} of the last ${staking.downtimeWindow} blocks and is jailed after ${staking.downtimeMissedMax}.`;
    return { name: 'signing', reason, next: 'run', fromHeight: null };
  }
  const change =
    powerWanted === power ? '' : ` Its power becomes ${powerWanted} after block ${epochEnd(head, staking)}.`;
  const { rotation = null } = facts;
  if (rotation !== null) {
    const keys = ` Its new keys act from block ${rotation.actsFrom}; until then the old ones sign.`;
    return {
      name: 'signing',
      reason: `It is in the validator set.${change}${keys}`,
      next: 'wait',
      fromHeight: rotation.actsFrom,
    };
  }
  return { name: 'signing', reason: `It is in the validator set.${change}`, next: 'none', fromHeight: null };
}

function outside(facts: StandingFacts): Standing {
  const { powerNext, powerWanted, head, staking } = facts;
  if (powerNext > 0n) {
    return { name: 'joining', reason: 'It enters the validator set.', next: 'wait', fromHeight: head + HEIGHTS_TO_ACT };
  }
  if (powerWanted > 0n) {
    const reason = `It enters the validator set at the end of this epoch, from block ${epochActs(head, staking)}.`;
    return { name: 'joining', reason, next: 'wait', fromHeight: epochActs(head, staking) };
  }
  return { name: 'waiting', ...unwanted(facts), fromHeight: null };
}

/** Why an active pool is not taken into the set. */
function unwanted({ pool, selfBond, staking }: StandingFacts): Pick<Standing, 'reason' | 'next'> {
  if (selfBond < staking.selfBondMin) {
    const reason = `Its own stake of ${formatSyn(selfBond)} is below the ${formatSyn(staking.selfBondMin)} needed.`;
    return { reason, next: 'bond' };
  }
  const reason = `Its stake of ${formatSyn(pool.tokens)} is too little: the set is full of larger ones, or it is below 1 SYN.`;
  return { reason, next: 'bond' };
}

function leaving({ power }: StandingFacts): string {
  return power === 0n ? '' : ` It still has power ${power}, which is being taken out.`;
}

/** Last height of the epoch that the next block belongs to. */
export function epochEnd(head: Height, { epochHeights }: StakingParams): Height {
  return Math.ceil((head + 1) / epochHeights) * epochHeights;
}

/** First height of what the end of this epoch changes. */
export function epochActs(head: Height, staking: StakingParams): Height {
  return epochEnd(head, staking) + HEIGHTS_TO_ACT;
}
