/** What a query's page shows beside the query itself: whether its bill adds up, who scored whom how, how it was drawn. Pure. */

import type { Query, Selection } from '../../api/rpc-types.ts';
import { sumNano } from '../../format/exact.ts';
import { ppmOf } from '../../format/ratios.ts';

export type BillCheck = {
  readonly linesSum: bigint;
  /** Whether the lines are exactly the cost. */
  readonly isSum: boolean;
  /** What was escrowed: cost and refund together. */
  readonly escrow: bigint;
  /** Whether that is the contract's greatest fee; null where the contract is not here. */
  readonly isEscrow: boolean | null;
};

/** Adds the bill up again; null until the query is settled. `maxFee`: of the contract that was signed, nano. */
export function checkBill(query: Pick<Query, 'bill' | 'cost' | 'refund'>, maxFee: string | null): BillCheck | null {
  if (query.cost === null || query.refund === null) return null;
  const linesSum = sumNano(query.bill.map(({ amount }) => amount));
  const escrow = BigInt(query.cost) + BigInt(query.refund);
  const isEscrow = maxFee === null ? null : escrow === BigInt(maxFee);
  return { linesSum, isSum: linesSum === BigInt(query.cost), escrow, isEscrow };
}

export type ScoreMatrix = {
  readonly respondents: readonly { readonly expert: string; readonly name: string; readonly score: string | null }[];
  /** One row per validator that scored; null where it gave no score: its own operator's expert, or it was silent. */
  readonly rows: readonly { readonly validator: string; readonly scores: readonly (string | null)[] }[];
};

export function scoreMatrix({ respondents, scores }: Pick<Query, 'respondents' | 'scores'>): ScoreMatrix {
  const validators = [...new Set(scores.map(({ validator }) => validator))].sort();
  const given = new Map(scores.map(({ validator, respondent, score }) => [`${validator}/${respondent}`, score]));
  return {
    respondents: respondents.map(({ expert, name, score }) => ({ expert, name, score })),
    rows: validators.map((validator) => ({
      validator,
      scores: respondents.map(({ expert }) => given.get(`${validator}/${expert}`) ?? null),
    })),
  };
}

export type DrawLine = {
  readonly expert: string;
  readonly name: string | null;
  readonly weight: string;
  /** Chance of the first draw. */
  readonly share: string;
  /** Its place among the draws from 1; null where it was not drawn. */
  readonly drawn: number | null;
  readonly factors: Selection['candidates'][number]['factors'];
};

/** Candidates with the heaviest first, those that were drawn marked. */
export function drawLines({ candidates, draws }: Pick<Selection, 'candidates' | 'draws'>): DrawLine[] {
  const places = new Map(draws.map(({ expert }, index) => [expert, index + 1]));
  return candidates
    .map(({ expert, name, weight, share, factors }) => ({
      expert,
      name,
      weight,
      share,
      factors,
      drawn: places.get(expert) ?? null,
    }))
    .sort((a, b) => (BigInt(b.weight) > BigInt(a.weight) ? 1 : BigInt(b.weight) < BigInt(a.weight) ? -1 : 0));
}

/** How near the judges were to one another: 1 less the mean distance from each score to the group's; null without scores. */
export function agreementOf({ respondents, scores }: Pick<Query, 'respondents' | 'scores'>): number | null {
  const settled = new Map(respondents.map(({ expert, score }) => [expert, score]));
  const distances = scores.flatMap(({ respondent, score }) => {
    const whole = settled.get(respondent) ?? null;
    return whole === null ? [] : [Math.abs(ppmOf(score) - ppmOf(whole))];
  });
  if (distances.length === 0) return null;
  return 1_000_000 - Math.round(distances.reduce((sum, distance) => sum + distance, 0) / distances.length);
}

const STEPS = ['asked', 'answering', 'scoring', 'settled', 'final'] as const;
export type Step = (typeof STEPS)[number];

/** The steps of a query's life with where it stands. A query that ended without answers skips what it skipped: all before are done. */
export function stepsOf({
  status,
  phase,
}: Pick<Query, 'status' | 'phase'>): readonly { readonly step: Step; readonly state: 'done' | 'now' | 'next' }[] {
  const at = STEPS.indexOf(stepOf(status, phase));
  return STEPS.map((step, index) => ({
    step,
    state: index < at || status === 'final' ? 'done' : index === at ? 'now' : 'next',
  }));
}

function stepOf(status: Query['status'], phase: string | null): Step {
  if (status === 'final') return 'final';
  if (status === 'settled') return 'settled';
  if (status === 'pending' || phase === null) return 'asked';
  return /scor/i.test(phase) ? 'scoring' : 'answering';
}

/** What became of it, for people. */
export function outcomeText(outcome: Query['outcome']): string {
  switch (outcome) {
    case null:
      return 'Not settled yet.';
    case 'answered':
      return 'Answered: the best answer reached the threshold.';
    case 'belowThreshold':
      return 'Answered, but no answer reached the threshold: only base parts were paid.';
    case 'unscored':
      return 'Answered, but nobody scored the answers: only base parts were paid.';
    case 'noAnswer':
      return 'Nobody answered in time. Everything was refunded.';
    case 'noExperts':
      return 'No expert could be drawn. Everything was refunded.';
    case 'cancelled':
      return 'Its requester cancelled it.';
  }
}
