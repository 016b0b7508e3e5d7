/**
 * The arithmetic of an epoch's rewards a second time (spec: rewards §1–§5, §6.1, §10.2): masks, weights, consensus, bonds, dividends, caps. Owns it in
 * whole numbers, pair by pair and without matrices; who takes part is emission-model.ts.
 */
import type { Accuracy, Address, RewardBond, RewardExpert, RewardInput, RewardScorer } from '@synod/chain';

const ppm = 1_000_000n;
const ppb = 1_000_000_000n;
/** The scale inside the logistic (rewards §4.4). */
const fine = 2n ** 50n;

export type ModelRewards = {
  readonly experts: ReadonlyMap<Address, bigint>;
  readonly scorers: ReadonlyMap<Address, bigint>;
  readonly bonds: readonly RewardBond[];
};

type Pair = {
  readonly scorer: RewardScorer;
  readonly expert: RewardExpert;
  readonly power: bigint;
  readonly weight: bigint;
  readonly before: bigint;
};

/** Who gets how much, and the bonds that stay. */
export function rewardsDue(input: RewardInput): ModelRewards {
  const { emission, settings } = input;
  const experts = [...input.experts].sort((a, b) => (a.expert < b.expert ? -1 : 1));
  const scorers = [...input.scorers].sort((a, b) => (a.operator < b.operator ? -1 : 1));
  const rows = scorers.flatMap((scorer) => rowOf(input, scorer, experts));
  const active = new Set(rows.flatMap(({ scorer, weight }) => (weight > 0n ? scorer.operator : [])));
  const powerOf = (scorer: RewardScorer) => (active.has(scorer.operator) ? powerIn(scorer) : 0n);
  const columns = experts.map((expert) => {
    const cells = rows
      .filter((cell) => cell.expert === expert)
      .map((cell) => ({ ...cell, power: powerOf(cell.scorer) }));
    const able = scorers.filter((scorer) => !isMasked(scorer, expert));
    const consensus = consensusOf(
      cells,
      able.reduce((sum, scorer) => sum + powerOf(scorer), 0n),
      settings.kappa,
    );
    const rank = cells.reduce((sum, { power, weight }) => sum + power * lesser(weight, consensus), 0n);
    const moved = cells.map((cell) => ({ ...cell, bond: bondAfter(cell, consensus, settings) }));
    return { expert, rank, cells: moved.filter(({ bond }) => bond > 0n) };
  });
  const ranks = columns.reduce((sum, { rank }) => sum + rank, 0n);
  const dividends = new Map<Address, bigint>();
  for (const { rank, cells } of columns) {
    const incentive = ranks === 0n ? 0n : (ppb * rank) / ranks;
    const over = cells.reduce((sum, { power, bond }) => sum + power * bond, 0n);
    for (const { scorer, power, bond } of cells) {
      if (power === 0n) continue;
      const part = (incentive * power * bond * ppb) / over;
      dividends.set(scorer.operator, (dividends.get(scorer.operator) ?? 0n) + part);
    }
  }
  const all = [...dividends.values()].reduce((sum, each) => sum + each, 0n);
  const expertsPot = (emission * BigInt(settings.expertsShare)) / ppm;
  const scorersPot = (emission * (ppm - BigInt(settings.expertsShare))) / ppm;
  const paid = columns.map(({ expert, rank }): [Address, bigint] => {
    const earned = ranks === 0n ? 0n : (expertsPot * rank) / ranks;
    return [expert.expert, expert.cap === null ? earned : lesser(expert.cap, earned)];
  });
  return {
    experts: new Map(paid),
    scorers: new Map([...dividends].map(([operator, each]) => [operator, all === 0n ? 0n : (scorersPot * each) / all])),
    bonds: columns.flatMap(({ expert, cells }) =>
      cells.map(({ scorer, bond }) => ({ scorer: scorer.operator, expert: expert.expert, bond: Number(bond) })),
    ),
  };
}

/** The mean over right answers and the mean over wrong ones count alike (rewards §6.1). */
export function accuracyOf({ right, wrong }: Pick<Accuracy, 'right' | 'wrong'>): number {
  const [one, other] = [right, wrong].map(({ alpha, beta }) =>
    alpha + beta === 0 ? 0n : (BigInt(alpha) * ppm) / BigInt(alpha + beta),
  ) as [bigint, bigint];
  return Number((one + other) / 2n);
}

function powerIn({ stake, accuracy, attendance }: RewardScorer): bigint {
  return (stake * BigInt(accuracy) * BigInt(attendance)) / ppm;
}

function isMasked({ operator }: RewardScorer, expert: RewardExpert): boolean {
  return operator === expert.operator || operator === expert.expert;
}

/** Pairs of a scorer with those it has scored or is bonded to, weighed by collateral and mean. */
function rowOf(
  { tally, bonds, settings }: RewardInput,
  scorer: RewardScorer,
  experts: readonly RewardExpert[],
): Pair[] {
  const pairs = experts.flatMap((expert) => {
    if (isMasked(scorer, expert)) return [];
    const of = (one: { readonly scorer: Address; readonly expert: Address }) =>
      one.scorer === scorer.operator && one.expert === expert.expert;
    const [own, kept] = [tally.filter(of), bonds.filter(of)];
    const count = own.reduce((sum, entry) => sum + entry.count, 0);
    const sum = own.reduce((total, entry) => total + BigInt(entry.sum), 0n);
    const raw = count === 0 ? 0n : (expert.collateral * sum * ppb) / BigInt(count + settings.priorAnswers);
    const before = kept.reduce((total, { bond }) => total + BigInt(bond), 0n);
    return own.length + kept.length === 0 ? [] : [{ scorer, expert, power: 0n, raw, before }];
  });
  const all = pairs.reduce((sum, { raw }) => sum + raw, 0n);
  return pairs.map(({ raw, ...pair }) => ({ ...pair, weight: all === 0n ? 0n : (raw * ppb) / all }));
}

/** The greatest weight that more than κ of the power gave at least. */
function consensusOf(cells: readonly Pair[], power: bigint, kappa: number): bigint {
  const supported = cells
    .map(({ weight }) => weight)
    .filter((weight) => {
      const support = cells.reduce((sum, cell) => (cell.weight >= weight ? sum + cell.power : sum), 0n);
      return support * ppm > power * BigInt(kappa);
    });
  return supported.reduce((most, weight) => (weight > most ? weight : most), 0n);
}

function bondAfter({ weight, before }: Pair, consensus: bigint, settings: RewardInput['settings']): bigint {
  const over = weight > consensus ? weight - consensus : 0n;
  const followed = weight - (over * BigInt(settings.bondsPenalty)) / ppm;
  const target = followed > 0n ? followed : 0n;
  const alpha = stepOf(settings.alpha, target, before, consensus);
  return ((ppb - alpha) * before) / ppb + (alpha * target) / ppb;
}

function stepOf(alpha: RewardInput['settings']['alpha'], target: bigint, before: bigint, consensus: bigint): bigint {
  if (typeof alpha === 'number') return BigInt(alpha) * 1_000n;
  const far = target < before ? before - target : target - consensus;
  const x = (((far > 0n ? far : 0n) - ppb / 2n) * BigInt(alpha.steepnessHundredths)) / 100n;
  return BigInt(alpha.low) * 1_000n + (logisticOf(x) * BigInt(alpha.high - alpha.low)) / ppm;
}

/** 1 / (1 + e^−x), by the sixth power of x / 1024 and ten squarings. */
function logisticOf(x: bigint): bigint {
  const size = x < 0n ? -x : x;
  let power = 0n;
  if (size < 32n * ppb) {
    const y = (size * 2n ** 40n) / ppb;
    power = [6n, 5n, 4n, 3n, 2n, 1n].reduce((sum, k) => fine - (y * sum) / fine / k, fine);
    for (let time = 0; time < 10; time++) power = (power * power) / fine;
  }
  const above = (ppb * fine) / (fine + power);
  return x < 0n ? ppb - above : above;
}

function lesser(a: bigint, b: bigint): bigint {
  return a < b ? a : b;
}
