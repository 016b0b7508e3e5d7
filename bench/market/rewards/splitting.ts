/**
 * Splitting one node into several at equal capital: an expert's bond, a scorer's stake. Owns both games; each returns what the parts earn in
 * sum over what the whole earns in the same world.
 */
import {
  type Address,
  epochRewards,
  type RewardBond,
  type RewardInput,
  type RewardSettings,
} from '../../../packages/chain/src/index.ts';
import { type Draws, makeDraws } from './draws.ts';

/** How scores weigh: by the production rule, or by the mean or the sum of scores whatever the bond. */
export type WeightRule = 'production' | 'mean' | 'sum';
export type ExpertGame = {
  readonly others: number;
  readonly queries: number;
  readonly respondents: number;
  readonly epochs: number;
  readonly rule: WeightRule;
};

type Identity = {
  readonly quality: number;
  readonly collateral: bigint;
  readonly mine: boolean;
  alpha: number;
  beta: number;
  answers: number;
};

const scorers = 7;
const capital = 16_000_000_000_000n;
const forgetting = 0.95;
const addressOf = (kind: string, index: number): Address => `${kind}${String(index).padStart(4, '0')}` as Address;

/** What the experts' half pays the node's identities, in nano. */
export function expertIncome(game: ExpertGame, parts: number, seed: number, settings: RewardSettings): bigint {
  const draws = makeDraws(seed);
  const identities: Identity[] = Array.from({ length: game.others }, () =>
    makeIdentity(0.4 + 0.5 * draws.uniform(), capital, false),
  );
  for (let part = 0; part < parts; part++) identities.push(makeIdentity(0.7, capital / BigInt(parts), true));
  let bonds: readonly RewardBond[] = [];
  let income = 0n;
  for (let epoch = 0; epoch < game.epochs; epoch++) {
    const sums = identities.map(() => Array.from({ length: scorers }, (): [number, number] => [0, 0]));
    for (let query = 0; query < game.queries; query++) answer(draws, identities, game.respondents, sums);
    const rewards = epochRewards(expertInput(identities, sums, bonds, game.rule, settings));
    bonds = rewards.bonds;
    for (const [index, { mine }] of identities.entries()) if (mine) income += rewards.experts[index]!.payment;
  }
  return income;
}

function makeIdentity(quality: number, collateral: bigint, mine: boolean): Identity {
  return { quality, collateral, mine, alpha: 1, beta: 1, answers: 0 };
}

/** One query: weighted sampling by reputation and exploration, the node's identities giving one and the same answer. */
function answer(draws: Draws, identities: readonly Identity[], respondents: number, sums: [number, number][][]): void {
  const nodeIsRight = draws.uniform() < 0.7;
  for (const index of select(draws, identities, respondents)) {
    const identity = identities[index]!;
    const right = identity.mine ? nodeIsRight : draws.uniform() < identity.quality;
    let total = 0;
    for (const cell of sums[index]!) {
      const score = Math.min(1, Math.max(0, draws.normal(right ? 0.75 : 0.25, 0.2)));
      cell[0] += Math.round(score * 1e6);
      cell[1] += 1;
      total += score;
    }
    identity.alpha = identity.alpha * forgetting + total / scorers;
    identity.beta = identity.beta * forgetting + 1 - total / scorers;
    identity.answers += 1;
  }
}

function select(draws: Draws, identities: readonly Identity[], count: number): number[] {
  const left = identities.map(({ alpha, beta, answers }, index) => ({
    index,
    weight: alpha / (alpha + beta) + 0.5 / (1 + answers),
  }));
  const chosen: number[] = [];
  while (chosen.length < count) {
    let point = draws.uniform() * left.reduce((sum, { weight }) => sum + weight, 0);
    const at = left.findIndex(({ weight }) => {
      point -= weight;
      return point < 0;
    });
    chosen.push(left.splice(Math.max(0, at), 1)[0]!.index);
  }
  return chosen;
}

function expertInput(
  identities: readonly Identity[],
  sums: readonly (readonly (readonly [number, number])[])[],
  bonds: readonly RewardBond[],
  rule: WeightRule,
  settings: RewardSettings,
): RewardInput {
  return {
    scorers: Array.from({ length: scorers }, (_, i) => ({
      operator: addressOf('s', i),
      stake: 1_000_000n,
      accuracy: 800_000,
      attendance: 1_000_000,
    })),
    experts: identities.map(({ collateral }, j) => ({
      expert: addressOf('e', j),
      operator: addressOf('o', j),
      cap: null,
      collateral: rule === 'production' ? collateral : 1n,
    })),
    tally: sums.flatMap((row, j) =>
      row.map(([sum, count], i) => ({
        scorer: addressOf('s', i),
        expert: addressOf('e', j),
        sum,
        count: rule === 'sum' ? Math.min(count, 1) : count,
      })),
    ),
    bonds,
    emission: 10n ** 15n,
    settings: rule === 'production' ? settings : { ...settings, priorAnswers: 0 },
  };
}

/** How the splitting scorer scores: as honestly as the others, or giving weights to a random half of the experts only. */
export type ScorerStyle = 'honest' | 'half';

/** What the scorers' half pays the scorer's identities, which all reveal the same scores, in nano. */
export function scorerIncome(style: ScorerStyle, parts: number, seed: number, settings: RewardSettings): bigint {
  const draws = makeDraws(seed);
  const experts = 20;
  const stakes = Array.from({ length: 12 }, () => BigInt(Math.round(1e6 * Math.exp(draws.normal(0, 1)))) * 5040n);
  const quality = Array.from({ length: experts }, () => 0.2 + 0.7 * draws.uniform());
  const favoured = quality.map(() => style === 'honest' || draws.uniform() < 0.5);
  let bonds: readonly RewardBond[] = [];
  let income = 0n;
  for (let epoch = 0; epoch < 10; epoch++) {
    const rows = stakes.map((_, i) =>
      quality.map((q, j) => (i > 0 || favoured[j] ? Math.max(0, draws.normal(q, 0.2)) : 0)),
    );
    const identities = stakes.flatMap((stake, i) =>
      i > 0
        ? [{ row: rows[i]!, stake, mine: false }]
        : Array.from({ length: parts }, () => ({ row: rows[0]!, stake: stake / BigInt(parts), mine: true })),
    );
    const rewards = epochRewards({
      scorers: identities.map(({ stake }, i) => ({
        operator: addressOf('s', i),
        stake,
        accuracy: 777_777,
        attendance: 1_000_000,
      })),
      experts: quality.map((_, j) => ({
        expert: addressOf('e', j),
        operator: addressOf('o', j),
        cap: null,
        collateral: capital,
      })),
      tally: identities.flatMap(({ row }, i) =>
        row.map((weight, j) => ({
          scorer: addressOf('s', i),
          expert: addressOf('e', j),
          sum: Math.round(weight * 1e7),
          count: 10,
        })),
      ),
      bonds,
      emission: 10n ** 15n,
      settings,
    });
    bonds = rewards.bonds;
    for (const [index, { mine }] of identities.entries()) if (mine) income += rewards.scorers[index]!.payment;
  }
  return income;
}
