/** `expert_list`, `expert_get` and `reputation_get`: who takes part, on what ground and how well. */
import { type Address, SynodError } from '@synod/chain';
import { z } from 'zod';
import {
  betaMeanPpm,
  ExpertCardJson,
  ExpertRecordJson,
  expertCardJson,
  expertRecordJson,
} from '../json/expert-card.ts';
import { AddressParam, AddressText, Count, Decimal, decimal, Ratio, ratio } from '../json/scalars.ts';
import type { NodeApi } from '../node-api.ts';
import { defineMethod } from './method.ts';
import { page, pageOf, pageParams } from './paging.ts';

/** A domain of experts, e.g. "general". */
export const DomainParam = z.string().regex(/^[a-z0-9-]{1,48}$/, 'a domain is 1 to 48 characters of a-z, 0-9 and "-"');

export const expertList = defineMethod({
  name: 'expert_list',
  summary: 'Registered experts, of one domain or all.',
  access: 'read',
  params: z.strictObject({ domain: DomainParam.optional(), ...pageParams }),
  result: pageOf(ExpertRecordJson),
  handle: ({ api }, { domain, ...paging }) => {
    const { items, nextCursor } = page(api.experts(domain ?? null), { ...paging, keyOf: (expert) => expert.address });
    return { items: items.map(expertRecordJson), nextCursor };
  },
});

export const expertGet = defineMethod({
  name: 'expert_get',
  summary: 'The card of an expert: terms, reputation, and what this node has of its model, data and figures.',
  access: 'read',
  params: z.strictObject({ expert: AddressParam }),
  result: ExpertCardJson,
  handle: ({ api }, { expert }) => readCard(api, expert),
});

/** Throws `UNKNOWN` where no such expert is registered. */
export async function readCard(api: NodeApi, expert: Address): Promise<ExpertCardJson> {
  const card = await api.expertCard(expert);
  if (card !== null) return expertCardJson(card, api.reputation(expert, null));
  throw new SynodError('UNKNOWN', `No expert has the address ${expert}. expert_list tells who there is.`, {
    facts: { expert },
  });
}

export const reputationGet = defineMethod({
  name: 'reputation_get',
  summary: 'Reputation of an expert, in one domain or all. The mean is alpha / (alpha + beta).',
  access: 'read',
  params: z.strictObject({ subject: AddressParam, domain: DomainParam.optional() }),
  result: z.strictObject({
    subject: AddressText,
    items: z.array(
      z.strictObject({
        domain: z.string(),
        mean: Ratio,
        /** Millionths. */
        alpha: Decimal,
        beta: Decimal,
        answers: Count,
        updatedAt: Decimal,
      }),
    ),
  }),
  handle: ({ api }, { subject, domain }) => ({
    subject,
    items: api.reputation(subject, domain ?? null).map(({ domain: itsDomain, reputation }) => ({
      domain: itsDomain,
      mean: ratio(betaMeanPpm(reputation)),
      alpha: decimal(reputation.alpha),
      beta: decimal(reputation.beta),
      answers: reputation.answers,
      updatedAt: decimal(reputation.updatedAt),
    })),
  }),
});
