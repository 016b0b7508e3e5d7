/**
 * The cabal: 40 % of the stake weighs its own experts as it likes. Owns the game as the literature on Yuma consensus sets it: 512 nodes,
 * 64 of them scorers; stake N(1, 0.3²); weights N(1, σ²), both cut at 0; each side's weights normalised over its own and over the
 * other's experts; honest scorers give the honest experts their true utility u in sum, cabal scorers give their own the sum c. The
 * honest keep their stake when half their dividends plus half their experts' incentives is at least their share of stake.
 */
import { type Address, epochRewards, type RewardSettings } from '../../../packages/chain/src/index.ts';
import { average, type Draws, makeDraws } from './draws.ts';

const nodes = 512;
const scorers = 64;
const honestStake = 0.6;
const stakeDeviation = 0.3;

type Side = { readonly scorers: readonly number[]; readonly experts: readonly number[] };

const range = (from: number, to: number): number[] => Array.from({ length: to - from }, (_, index) => from + index);

/** `utility` and `selfWeight` 0…1. Returns the honest side's part of the emission. */
export function honestReward(
  game: { utility: number; selfWeight: number; sigma: number; seed: number },
  settings: RewardSettings,
): number {
  const draws = makeDraws(game.seed);
  const honestScorers = Math.round(scorers * honestStake);
  const experts = nodes - scorers;
  const honestExperts = Math.round(experts * honestStake);
  const honest: Side = { scorers: range(0, honestScorers), experts: range(0, honestExperts) };
  const cabal: Side = { scorers: range(honestScorers, scorers), experts: range(honestExperts, experts) };
  const stakes = [
    ...sample(draws, honest.scorers, stakeDeviation, honestStake),
    ...sample(draws, cabal.scorers, stakeDeviation, 1 - honestStake),
  ];
  const emission = 10n ** 15n;
  const tally = range(0, scorers).flatMap((scorer) => {
    const onHonest = scorer < honestScorers ? game.utility : 1 - game.selfWeight;
    const row = [
      ...sample(draws, honest.experts, game.sigma, onHonest),
      ...sample(draws, cabal.experts, game.sigma, 1 - onHonest),
    ];
    return row.map((weight, expert) => ({
      scorer: scorerOf(scorer),
      expert: expertOf(expert),
      sum: Math.round(weight * 1e9),
      count: 1,
    }));
  });
  const rewards = epochRewards({
    scorers: stakes.map((stake, index) => ({
      operator: scorerOf(index),
      stake: BigInt(Math.round(stake * 1e9)),
      accuracy: 1_000_000,
      attendance: 1_000_000,
    })),
    experts: range(0, experts).map((index) => ({
      expert: expertOf(index),
      operator: `o${index}` as Address,
      cap: null,
      collateral: 1n,
    })),
    tally,
    bonds: [],
    emission,
    settings: { ...settings, priorAnswers: 0 },
  });
  const paid = [
    ...rewards.scorers.filter((_, index) => index < honestScorers),
    ...rewards.experts.filter((_, index) => index < honestExperts),
  ].reduce((sum, { payment }) => sum + payment, 0n);
  return Number(paid) / Number(rewards.paid);
}

/** The least utility (by bisection) at which the honest keep their share in the mean over the seeds, whatever c is of those tried. */
export function leastUtility(
  sigma: number,
  selfWeights: readonly number[],
  seeds: readonly number[],
  settings: RewardSettings,
) {
  return selfWeights.map((selfWeight) => {
    let low = 0.5;
    let high = 1;
    for (let step = 0; step < 10; step++) {
      const utility = (low + high) / 2;
      const kept = average(seeds.map((seed) => honestReward({ utility, selfWeight, sigma, seed }, settings)));
      if (kept >= honestStake) high = utility;
      else low = utility;
    }
    return { selfWeight, utility: high };
  });
}

function sample(draws: Draws, of: readonly number[], deviation: number, sum: number): number[] {
  const raw = of.map(() => Math.max(0, draws.normal(1, deviation)));
  const total = raw.reduce((all, value) => all + value, 0);
  return raw.map((value) => (value / total) * sum);
}

const pad = (index: number): string => String(index).padStart(4, '0');
const scorerOf = (index: number): Address => `s${pad(index)}` as Address;
const expertOf = (index: number): Address => `e${pad(index)}` as Address;
