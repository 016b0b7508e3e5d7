/** A query in a list as JSON: what a table of queries shows. Everything of one query is query.ts. */
import type { QueryContract, QueryState, Receipt } from '@synod/chain';
import { z } from 'zod';
import { AddressText, Decimal, decimal, HexHash, hexOf, Ratio, ratio } from './scalars.ts';

export const queryPhases = ['selecting', 'answering', 'revealing', 'scoring', 'scoreRevealing', 'settled'] as const;

export const ListedQueryJson = z.strictObject({
  queryId: HexHash,
  phase: z.enum(queryPhases),
  /** Null until settled. */
  outcome: z.enum(['answered', 'belowThreshold', 'unscored', 'noAnswer', 'noExperts', 'cancelled']).nullable(),
  domain: z.string(),
  requester: AddressText,
  /** Null for a private one. */
  prompt: z.string().nullable(),
  experts: z.array(AddressText),
  openedAt: Decimal,
  settledAt: Decimal.nullable(),
  /** Most that it can cost, nano; and what it did cost, null until settled. */
  maxFee: Decimal,
  cost: Decimal.nullable(),
  /** Score of its best answer; null where none was scored. */
  score: Ratio.nullable(),
});

export type ListedQueryJson = z.output<typeof ListedQueryJson>;

export function openQueryJson({ id, phase, contract, requester, respondents, openedAt }: QueryState): ListedQueryJson {
  return {
    queryId: hexOf(id),
    phase,
    outcome: null,
    ...termsJson(contract, requester),
    experts: respondents.map(({ expert }) => expert),
    openedAt: decimal(openedAt),
    settledAt: null,
    cost: null,
    score: null,
  };
}

export function settledQueryJson(receipt: Receipt): ListedQueryJson {
  const { queryId, outcome, contract, requester, respondents, openedAt, settledAt, cost, best } = receipt;
  const score = respondents.find(({ group }) => best !== null && group === best)?.score ?? null;
  return {
    queryId: hexOf(queryId),
    phase: 'settled',
    outcome,
    ...termsJson(contract, requester),
    experts: respondents.map(({ expert }) => expert),
    openedAt: decimal(openedAt),
    settledAt: decimal(settledAt),
    cost: decimal(cost),
    score: score === null ? null : ratio(score),
  };
}

function termsJson({ domain, prompt, privacy, maxFee }: QueryContract, requester: QueryState['requester']) {
  return { domain, requester, prompt: privacy === null ? prompt : null, maxFee: decimal(maxFee) };
}
