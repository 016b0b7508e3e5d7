/**
 * The matrix of weights of an epoch (spec: rewards §1–§2). Owns masks, the weight rule and the rows' normalisation; consensus and bonds
 * are elsewhere.
 */
import { type Address, PPM } from '../types/index.ts';
import { PPB } from './logistic.ts';
import type { RewardExpert, RewardInput, RewardSettings, RewardTally } from './types.ts';

/** One (scorer, expert) pair that has scores or a bond; indices into `Matrix`. */
export type Cell = {
  readonly scorer: number;
  readonly expert: number;
  readonly sum: number;
  readonly count: number;
  /** Normalised over the scorer's row, in ppb. */
  readonly weight: bigint;
  readonly bondBefore: bigint;
};

export type MatrixScorer = {
  readonly operator: Address;
  /** stake × accuracy × attendance. */
  readonly power: bigint;
  /** Has a row, so its power counts in the epoch. */
  readonly active: boolean;
};

export type MatrixExpert = RewardExpert;

/** Scorers and experts in ascending address order; `columns[j]` holds the cells of expert j in the order of the scorers. */
export type Matrix = {
  readonly scorers: readonly MatrixScorer[];
  readonly experts: readonly MatrixExpert[];
  readonly columns: readonly (readonly Cell[])[];
};

type Draft = { scorer: number; expert: number; sum: number; count: number; raw: bigint; bondBefore: bigint };

/** What a pair's scores weigh before the row is normalised: collateral × sum / (count + prior), rounded down, on a scale of 10⁹. */
export function rawWeight(
  collateral: bigint,
  { sum, count }: Pick<RewardTally, 'sum' | 'count'>,
  prior: number,
): bigint {
  return count === 0 ? 0n : (collateral * BigInt(sum) * PPB) / BigInt(count + prior);
}

/** Builds the matrix: unknown and masked pairs are left out, pairs given twice are added up. */
export function buildMatrix(input: RewardInput): Matrix {
  const scorers = sortUnique(input.scorers, ({ operator }) => operator);
  const experts = sortUnique(input.experts, ({ expert }) => expert);
  const drafts = collect(
    input,
    indexBy(scorers, ({ operator }) => operator),
    indexBy(experts, ({ expert }) => expert),
  );
  const unmasked = drafts.filter(({ scorer, expert }) => {
    const { operator } = scorers[scorer]!;
    return operator !== experts[expert]!.operator && operator !== experts[expert]!.expert;
  });
  for (const draft of unmasked) draft.raw = weigh(draft, experts[draft.expert]!.collateral, input.settings);
  const rowSums = scorers.map(() => 0n);
  for (const { scorer, raw } of unmasked) rowSums[scorer]! += raw;
  const columns = experts.map(() => [] as Cell[]);
  for (const { raw, ...rest } of unmasked) {
    const rowSum = rowSums[rest.scorer]!;
    columns[rest.expert]!.push({ ...rest, weight: rowSum === 0n ? 0n : (raw * PPB) / rowSum });
  }
  for (const column of columns) column.sort((a, b) => a.scorer - b.scorer);
  return {
    scorers: scorers.map(({ operator, stake, accuracy, attendance }, index) => ({
      operator,
      power: (stake * BigInt(accuracy) * BigInt(attendance)) / BigInt(PPM),
      active: rowSums[index]! > 0n,
    })),
    experts,
    columns,
  };
}

function weigh({ sum, count }: Draft, collateral: bigint, settings: RewardSettings): bigint {
  return rawWeight(collateral, { sum, count }, settings.priorAnswers);
}

function collect(
  { tally, bonds }: RewardInput,
  scorerAt: ReadonlyMap<Address, number>,
  expertAt: ReadonlyMap<Address, number>,
): Draft[] {
  const drafts = new Map<number, Draft>();
  const at = (scorerAddress: Address, expertAddress: Address): Draft | null => {
    const scorer = scorerAt.get(scorerAddress);
    const expert = expertAt.get(expertAddress);
    if (scorer === undefined || expert === undefined) return null;
    const key = scorer * expertAt.size + expert;
    const known = drafts.get(key);
    if (known) return known;
    const fresh: Draft = { scorer, expert, sum: 0, count: 0, raw: 0n, bondBefore: 0n };
    drafts.set(key, fresh);
    return fresh;
  };
  for (const { scorer, expert, sum, count } of tally) {
    const draft = at(scorer, expert);
    if (draft === null) continue;
    draft.sum += sum;
    draft.count += count;
  }
  for (const { scorer, expert, bond } of bonds) {
    const draft = at(scorer, expert);
    if (draft !== null) draft.bondBefore += BigInt(bond);
  }
  return [...drafts.values()];
}

function sortUnique<T>(items: readonly T[], key: (item: T) => Address): T[] {
  const sorted = [...items].sort((a, b) => (key(a) < key(b) ? -1 : key(a) > key(b) ? 1 : 0));
  const twice = sorted.find((item, index) => index > 0 && key(item) === key(sorted[index - 1]!));
  if (twice !== undefined)
    throw new Error(`${key(twice)} is twice in the input of an epoch's rewards; the caller must merge it`);
  return sorted;
}

function indexBy<T>(items: readonly T[], key: (item: T) => Address): ReadonlyMap<Address, number> {
  return new Map(items.map((item, index) => [key(item), index]));
}
