/**
 * What experts did in the questions that settled lately: scores, how near their judges were to one another, how long it took. Pure; the questions are
 * loaded by board-data.ts.
 */

import type { Query } from '../../api/rpc-types.ts';
import { ppmOf } from '../../format/ratios.ts';

/** A settled question with how many blocks it took from asking to settling. */
export type SettledWork = { readonly query: Pick<Query, 'respondents' | 'scores'>; readonly blocks: number };

export type ExpertWork = {
  /** Scores of its answers in millionths, the oldest first. */
  readonly scores: readonly number[];
  /** 1 less the mean distance of judges' scores from what counted, in millionths; null without scores. */
  readonly agreement: number | null;
  /** Blocks from asking to settling, half and 95 of 100 of its questions within; null without any. */
  readonly blocksP50: number | null;
  readonly blocksP95: number | null;
};

const NONE: ExpertWork = { scores: [], agreement: null, blocksP50: null, blocksP95: null };

/** `settled`: the oldest first. */
export function workOf(expert: string, settled: readonly SettledWork[]): ExpertWork {
  const own = settled.filter(({ query }) => query.respondents.some((respondent) => respondent.expert === expert));
  if (own.length === 0) return NONE;
  const blocks = own.map((work) => work.blocks).sort((a, b) => a - b);
  const distances = own.flatMap(({ query }) => {
    const score = query.respondents.find((respondent) => respondent.expert === expert)?.score ?? null;
    if (score === null) return [];
    return query.scores
      .filter(({ respondent }) => respondent === expert)
      .map((given) => Math.abs(ppmOf(given.score) - ppmOf(score)));
  });
  return {
    scores: own.flatMap(({ query }) => {
      const score = query.respondents.find((respondent) => respondent.expert === expert)?.score ?? null;
      return score === null ? [] : [ppmOf(score)];
    }),
    agreement:
      distances.length === 0 ? null : 1_000_000 - Math.round(distances.reduce((a, b) => a + b, 0) / distances.length),
    blocksP50: quantile(blocks, 50),
    blocksP95: quantile(blocks, 95),
  };
}

/** The least value such that `percent` of 100 values are at most it; null of nothing. Takes ascending values. */
export function quantile(ascending: readonly number[], percent: number): number | null {
  return ascending[Math.max(0, Math.ceil((ascending.length * percent) / 100) - 1)] ?? null;
}
