/** `query_explainSelection`, `query_candidates` and `reputation_explain`: every number that decides who answers. Owns their JSON; the numbers are the chain's. */
import { type Candidate, SynodError } from '@synod/chain';
import { z } from 'zod';
import {
  AddressParam,
  AddressText,
  Count,
  countParam,
  Decimal,
  decimal,
  HashParam,
  HexHash,
  hexOf,
  Ratio,
  ratio,
} from '../json/scalars.ts';
import type { NodeApi } from '../node-api.ts';
import type { SelectionView } from '../selection-view.ts';
import { DomainParam } from './market.ts';
import { defineMethod } from './method.ts';

const MILLION = 1_000_000n;
const Named = { expert: AddressText, name: z.string().nullable() };
const Factors = z.strictObject({
  mean: Ratio,
  deviation: Ratio,
  quality: Ratio,
  load: Ratio,
  price: Ratio,
  /** Weight if its operator had no other candidate. */
  alone: Decimal,
  siblings: Count,
});
const SelectionJson = z.strictObject({
  queryId: HexHash.nullable(),
  seed: HexHash.nullable(),
  candidates: z.array(
    z.strictObject({
      ...Named,
      operator: AddressText,
      weight: Decimal,
      /** Its part of the sum of the weights. */
      share: Ratio,
      factors: Factors.nullable(),
    }),
  ),
  excluded: z.array(z.strictObject({ ...Named, reason: z.string() })).nullable(),
  draws: z.array(z.strictObject({ ...Named, drawn: Decimal, total: Decimal })),
});
type SelectionJson = z.infer<typeof SelectionJson>;

export const queryExplainSelection = defineMethod({
  name: 'query_explainSelection',
  summary: 'How the respondents of a query were drawn: candidates, factors, weights, draws (spec: market §3).',
  access: 'read',
  params: z.strictObject({ queryId: HashParam }),
  result: SelectionJson,
  handle: ({ api }, { queryId }) => {
    const view = api.selection(queryId);
    if (view !== null) return selectionJson(view, api);
    throw new SynodError(
      'UNKNOWN',
      'No selection of such a query is known here. Check the id, or ask again a block later.',
      { facts: { queryId: hexOf(queryId) } },
    );
  },
});

export const queryCandidates = defineMethod({
  name: 'query_candidates',
  summary:
    'Who would be drawn in a domain now, with every factor of the weights, whatever the price (spec: market §3).',
  access: 'read',
  params: z.strictObject({
    domain: DomainParam,
    prompt: z.string().min(1).max(65_536).optional().describe('Question with whose length prices are compared.'),
    respondents: countParam({ min: 1, max: 100 }, 'How many experts would answer (default 1).').optional(),
  }),
  result: SelectionJson,
  handle: ({ api }, { domain, prompt, respondents }) =>
    selectionJson(api.futureSelection({ domain, prompt: prompt ?? '?', respondents: respondents ?? 1 }), api),
});

export const reputationExplain = defineMethod({
  name: 'reputation_explain',
  summary: 'The standing of an expert in a domain with every number of its formula (spec: market §8).',
  access: 'read',
  params: z.strictObject({ expert: AddressParam, domain: DomainParam.optional() }),
  result: z.strictObject({
    expert: AddressText,
    domain: z.string(),
    /** Millionths, as stored and as they count in the next block. */
    stored: z.strictObject({ alpha: Decimal, beta: Decimal }),
    now: z.strictObject({ alpha: Decimal, beta: Decimal }),
    answers: Count,
    updatedAt: Decimal,
    idleSpells: Decimal,
    remains: Ratio,
    mean: Ratio,
    deviation: Ratio,
    formula: z.string(),
  }),
  handle: ({ api }, { expert, domain }) => {
    const own = domain ?? api.experts(null).find(({ address }) => address === expert)?.profile.domain;
    const explained = own === undefined ? null : api.explainReputation(expert, own);
    if (own === undefined || explained === null)
      throw new SynodError('UNKNOWN', `No expert has the address ${expert}. expert_list tells who there is.`, {
        facts: { expert },
      });
    const { stored, now } = explained;
    return {
      expert,
      domain: own,
      stored: { alpha: decimal(stored.alpha), beta: decimal(stored.beta) },
      now: { alpha: decimal(now.alpha), beta: decimal(now.beta) },
      answers: stored.answers,
      updatedAt: decimal(stored.updatedAt),
      idleSpells: decimal(explained.idleSpells),
      remains: ratio(explained.remains),
      mean: ratio(explained.mean),
      deviation: ratio(explained.deviation),
      formula: explained.formula,
    };
  },
});

function selectionJson(view: SelectionView, api: NodeApi): SelectionJson {
  const names = new Map(api.experts(null).map(({ address, profile }) => [address, profile.name]));
  const named = (expert: SelectionView['candidates'][number]['expert']) => ({
    expert,
    name: names.get(expert) ?? null,
  });
  const total = view.candidates.reduce((sum, { weight }) => sum + weight, 0n);
  return {
    queryId: view.queryId === null ? null : hexOf(view.queryId),
    seed: view.seed === null ? null : hexOf(view.seed),
    candidates: view.candidates.map(({ expert, operator, weight, factors }) => ({
      ...named(expert),
      operator,
      weight: decimal(weight),
      share: ratio(Number((weight * MILLION) / total)),
      factors: factors === null ? null : factorsJson(factors),
    })),
    excluded: view.excluded?.map(({ expert, reason }) => ({ ...named(expert), reason })) ?? null,
    draws: view.draws.map(({ chosen, drawn, totalWeight }) => ({
      ...named(chosen),
      drawn: decimal(drawn),
      total: decimal(totalWeight),
    })),
  };
}

function factorsJson({ mean, deviation, quality, load, price, alone, siblings }: Candidate): z.infer<typeof Factors> {
  return {
    mean: ratio(mean),
    deviation: ratio(deviation),
    quality: ratio(quality),
    load: ratio(load),
    price: ratio(price),
    alone: decimal(alone),
    siblings,
  };
}
