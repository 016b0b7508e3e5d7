/**
 * The score copier: a scorer that judges nothing. Owns a world of experts whose quality drifts, honest scorers whose judge is right
 * as often as ours (AUC 0.945 on single answers, half of the noise common to all), and lazy scorers that know only what the chain
 * showed before: the epoch before. Commits hide everything else from them.
 */
import { type Address, epochRewards, type RewardBond, type RewardSettings } from '../../../packages/chain/src/index.ts';
import { average, type Draws, makeDraws } from './draws.ts';

/**
 * `copier` gives each answer its expert's consensus of the epoch before (as a mean score); `live` gives it the mean of the scores revealed of that
 * expert so far in this epoch; `sure` rounds `copier`'s score to 0 or 1; `praise` gives everything 1.
 */
export type Lazy = 'copier' | 'live' | 'sure' | 'praise';
/**
 * How scorers are weighed besides stake: not at all; by the mean of 1 − |score − truth|; by the mean of its means over right and over
 * wrong answers; or by how far the mean score of right answers is above that of wrong ones.
 */
export type Accuracy = 'none' | 'distance' | 'balanced' | 'skill';

export type World = {
  readonly honest: number;
  readonly experts: number;
  readonly queries: number;
  readonly respondents: number;
  readonly epochs: number;
  readonly warmup: number;
  /** Mean quality of experts, in logits: 0.8 is 69 % right answers, 2.2 is 90 %. */
  readonly quality: number;
  /** Standard deviation of a step of an expert's quality, in logits, every epoch. */
  readonly drift: number;
  readonly lazyStake: number;
  readonly calibrationShare: number;
  readonly lazy: Lazy | 'honest';
  readonly accuracy: Accuracy;
  readonly seed: number;
};

/** Means of the lazy and of the least paid honest scorer: dividends over their share of stake, after the warm-up. */
export type CopierResult = { readonly lazy: number; readonly honest: number; readonly leastHonest: number };

type Scorer = {
  readonly address: Address;
  readonly stake: bigint;
  readonly lazy: boolean;
  gold: Record<'all' | 'right' | 'wrong', [number, number]>;
};

const separation = 2.26;
const scoreSpread = 0.22;
const forgetting = 0.99;

export function runCopier(world: World, settings: RewardSettings): CopierResult {
  const draws = makeDraws(world.seed);
  const scorers = makeScorers(world);
  const total = scorers.reduce((sum, { stake }) => sum + stake, 0n);
  const logits = Array.from({ length: world.experts }, () => draws.normal(world.quality, 1));
  const shown = logits.map(() => 0.5);
  let bonds: readonly RewardBond[] = [];
  const relative = scorers.map(() => [] as number[]);
  for (let epoch = 0; epoch < world.epochs; epoch++) {
    for (const [index, logit] of logits.entries())
      logits[index] = 0.98 * (logit - world.quality) + world.quality + draws.normal(0, world.drift);
    const sums = scoreEpoch(world, draws, scorers, logits, shown);
    const rewards = epochRewards({
      scorers: scorers.map(({ address, stake, gold }) => ({
        operator: address,
        stake,
        accuracy: accuracyOf(world, gold),
        attendance: 1_000_000,
      })),
      experts: logits.map((_, j) => ({ expert: expertOf(j), operator: `o${j}` as Address, cap: null, collateral: 1n })),
      tally: sums.flatMap((row, i) =>
        row.map(([sum, count], j) => ({ scorer: scorers[i]!.address, expert: expertOf(j), sum, count })),
      ),
      bonds,
      emission: 10n ** 15n,
      settings,
    });
    bonds = rewards.bonds;
    sums[1]!.forEach(([, count], j) => {
      if (count > 0) shown[j] = medianMean(sums, j);
    });
    if (epoch < world.warmup) continue;
    const paid = rewards.scorers.reduce((sum, { payment }) => sum + payment, 0n);
    for (const [i, { stake }] of scorers.entries()) {
      relative[i]!.push(Number(rewards.scorers[i]!.payment) / Number(paid) / (Number(stake) / Number(total)));
    }
  }
  const means = relative.map(average);
  const honest = means.slice(1);
  return { lazy: means[0]!, honest: average(honest), leastHonest: Math.min(...honest) };
}

function makeScorers(world: World): Scorer[] {
  const lazyStake = BigInt(Math.round(world.lazyStake * 1e9));
  const each = BigInt(Math.round(((1 - world.lazyStake) * 1e9) / world.honest));
  return Array.from({ length: world.honest + 1 }, (_, i) => ({
    address: `s${String(i).padStart(3, '0')}` as Address,
    stake: i === 0 ? lazyStake : each,
    lazy: i === 0 && world.lazy !== 'honest',
    gold: { all: [1, 2], right: [1, 2], wrong: [1, 2] },
  }));
}

function scoreEpoch(
  world: World,
  draws: Draws,
  scorers: readonly Scorer[],
  logits: readonly number[],
  shown: readonly number[],
) {
  const sums = scorers.map(() => logits.map((): [number, number] => [0, 0]));
  for (let query = 0; query < world.queries; query++) {
    const gold = draws.uniform() < world.calibrationShare;
    for (const expert of pickSome(draws, world.experts, world.respondents)) {
      const right = draws.uniform() < 1 / (1 + Math.exp(-logits[expert]!));
      const common = draws.normal(0, 1);
      for (const [i, scorer] of scorers.entries()) {
        const own = draws.normal(0, 1);
        const score = scorer.lazy
          ? lazyScore(world.lazy as Lazy, shown[expert]!, sums[1]![expert]!)
          : clamp(0.5 + scoreSpread * ((right ? separation : -separation) / 2 + (common + own) * Math.SQRT1_2));
        const cell = sums[i]![expert]!;
        cell[0] += Math.round(score * 1e6);
        cell[1] += 1;
        if (gold) judge(scorer, right, score);
      }
    }
  }
  return sums;
}

/** The pair is the sum and count of an honest scorer's scores of the expert so far in this epoch. */
function lazyScore(lazy: Lazy, shown: number, [sum, count]: readonly [number, number]): number {
  if (lazy === 'praise') return 1;
  if (lazy === 'live') return count === 0 ? shown : sum / count / 1e6;
  return lazy === 'sure' ? Math.round(shown) : shown;
}

/** Decayed sums and counts of 1 − |score − truth|: of all answers, of right and of wrong ones. */
function judge({ gold }: Scorer, right: boolean, score: number): void {
  for (const pair of [gold.all, right ? gold.right : gold.wrong]) {
    pair[0] = pair[0] * forgetting + (right ? score : 1 - score);
    pair[1] = pair[1] * forgetting + 1;
  }
}

function accuracyOf({ accuracy }: World, { all, right, wrong }: Scorer['gold']): number {
  if (accuracy === 'none') return 1_000_000;
  if (accuracy === 'distance') return Math.round((1e6 * all[0]) / all[1]);
  const sum = right[0] / right[1] + wrong[0] / wrong[1];
  return Math.round(1e6 * (accuracy === 'balanced' ? sum / 2 : Math.max(0, sum - 1)));
}

/** What the chain shows after an epoch: the median over scorers of an expert's mean score. */
function medianMean(sums: readonly (readonly (readonly [number, number])[])[], expert: number): number {
  const means = sums.map((row) => row[expert]![0] / row[expert]![1] / 1e6).sort((a, b) => a - b);
  return means[Math.floor(means.length / 2)]!;
}

function pickSome(draws: Draws, from: number, count: number): number[] {
  const picked = new Set<number>();
  while (picked.size < count) picked.add(Math.floor(draws.uniform() * from));
  return [...picked];
}

const clamp = (value: number): number => Math.min(1, Math.max(0, value));
const expertOf = (index: number): Address => `e${String(index).padStart(3, '0')}` as Address;
