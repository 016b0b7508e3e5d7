/**
 * What an epoch's rewards are worked out from (spec: rewards §9.4), gathered from state. Owns who takes part with what; the
 * arithmetic is epoch-rewards.ts.
 */
import { CHAIN_LIMITS } from '../limits.ts';
import { readPool } from '../staking/stake-records.ts';
import { readAccuracy, readExpert, readSupply, readValidatorRecord } from '../state/records.ts';
import type { StateView } from '../state/view.ts';
import { type Address, type Amount, type Attendance, type ChainParams, PPM, type Ppm } from '../types/index.ts';
import { balancedAccuracy } from './accuracy.ts';
import { listBonded, listTallied, readAttendance, readBonds, readPaidAway, readTally } from './reward-records.ts';
import { rewardSettings } from './settings.ts';
import type { RewardExpert, RewardInput, RewardScorer } from './types.ts';

/** The input of the rewards if the epoch ended in this state. */
export function gatherRewards(view: StateView, params: ChainParams): RewardInput {
  const scorers = gatherScorers(view);
  const experts = gatherExperts(view, params);
  const known = new Set(scorers.map(({ operator }) => operator));
  return {
    scorers,
    experts,
    tally: experts.flatMap(({ expert }) => ofKnown(readTally(view, expert), expert, known)),
    bonds: experts.flatMap(({ expert }) => ofKnown(readBonds(view, expert), expert, known)),
    emission: emissionOf(view, params),
    settings: rewardSettings(params.market),
  };
}

/** Members of the set whose pool is neither barred nor in jail. */
function gatherScorers(view: StateView): readonly RewardScorer[] {
  const attendance = new Map(readAttendance(view).map((entry) => [entry.scorer, entry]));
  return readValidatorRecord(view)
    .validators.filter(({ operator }) => readPool(view, operator)?.status === 'active')
    .map(({ operator, power: stake }) => {
      const { right, wrong } = readAccuracy(view, operator);
      const accuracy = balancedAccuracy(right, wrong);
      return { operator, stake, accuracy, attendance: partOf(attendance.get(operator)) };
    });
}

function partOf(entry: Attendance | undefined): Ppm {
  return entry === undefined ? PPM : Number((BigInt(entry.revealed) * BigInt(PPM)) / BigInt(entry.due));
}

/** Those with scores, then those that somebody is bonded to, as many as are paid at most. */
function gatherExperts(view: StateView, { market }: ChainParams): readonly RewardExpert[] {
  const addresses = new Set([...listTallied(view), ...listBonded(view)]);
  const experts = [...addresses].flatMap((address): RewardExpert[] => {
    const expert = readExpert(view, address);
    if (expert === null) return [];
    const cap = (readPaidAway(view, address) * BigInt(market.rewardRatio)) / BigInt(PPM);
    return [{ expert: address, operator: expert.profile.operator, collateral: expert.bond, cap }];
  });
  return experts.slice(0, CHAIN_LIMITS.rewardedExpertsMax);
}

function ofKnown<T extends { readonly scorer: Address }>(
  entries: readonly T[],
  expert: Address,
  known: ReadonlySet<Address>,
): (T & { readonly expert: Address })[] {
  return entries.filter(({ scorer }) => known.has(scorer)).map((entry) => ({ ...entry, expert }));
}

/** Never more than what can still be written. */
function emissionOf(view: StateView, { market }: ChainParams): Amount {
  const room = CHAIN_LIMITS.amountMax - readSupply(view).issued;
  return market.epochEmission < room ? market.epochEmission : room;
}
