/** `reputation_leaderboard`, `expert_stats` and `expert_quote`: how experts compare, what they did lately, what they charge. */
import {
  type Address,
  breakerState,
  type Expert,
  meteredFee,
  priceOf,
  type Receipt,
  type ReceiptRespondent,
  SynodError,
} from '@synod/chain';
import { z } from 'zod';
import { betaMeanPpm } from '../json/expert-card.ts';
import { AddressParam, AddressText, Count, countParam, Decimal, decimal, Ratio, ratio } from '../json/scalars.ts';
import type { NodeApi } from '../node-api.ts';
import { DomainParam } from './market.ts';
import { defineMethod } from './method.ts';
import { page, pageOf, pageParams } from './paging.ts';

const LeaderJson = z.strictObject({
  rank: Count,
  expert: AddressText,
  name: z.string(),
  operator: AddressText,
  model: z.string(),
  status: z.enum(['active', 'paused', 'retired']),
  /** Whether a selection for the next block could draw it, but for masks: active, with room, not left out for silence. */
  available: z.boolean(),
  mean: Ratio,
  /** How little is known: standard deviation of the mean. */
  deviation: Ratio,
  answers: Count,
  bond: Decimal,
  priceOutPerByte: Decimal,
  priceQuotePerByte: Decimal,
});

export const reputationLeaderboard = defineMethod({
  name: 'reputation_leaderboard',
  summary: "A domain's experts by the mean of their reputation as it counts in the next block, the best first.",
  access: 'read',
  params: z.strictObject({ domain: DomainParam, ...pageParams }),
  result: pageOf(LeaderJson),
  handle: ({ api }, { domain, ...paging }) => {
    const ranked = api
      .experts(domain)
      .map((expert) => ({ expert, standing: api.explainReputation(expert.address, domain) }))
      .map(({ expert, standing }) => ({
        expert,
        mean: standing?.mean ?? 0,
        deviation: standing?.deviation ?? 0,
        answers: standing?.stored.answers ?? 0,
      }))
      .map((leader) => ({ ...leader, key: leaderKey(leader) }))
      .sort((a, b) => (a.key < b.key ? -1 : 1))
      .map((leader, index) => ({ ...leader, rank: index + 1 }));
    const { items, nextCursor } = page(ranked, { ...paging, keyOf: ({ key }) => key });
    const next = api.status().head.height + 1;
    return {
      items: items.map(({ expert, rank, mean, deviation, answers }) => ({
        rank,
        expert: expert.address,
        name: expert.profile.name,
        operator: expert.profile.operator,
        model: expert.profile.modelName,
        status: expert.status,
        available: unavailableReason(expert, next) === null,
        mean: ratio(mean),
        deviation: ratio(deviation),
        answers,
        bond: decimal(expert.bond),
        priceOutPerByte: decimal(expert.profile.priceOutPerByte),
        priceQuotePerByte: decimal(expert.profile.priceQuotePerByte),
      })),
      nextCursor,
    };
  },
});

const KEY_DIGITS = 10;
const KEY_MAX = 9_999_999_999;

/** Ascending by this key is descending by mean, then by answers. */
function leaderKey(leader: { readonly expert: Expert; readonly mean: number; readonly answers: number }): string {
  const falling = (value: number): string => String(KEY_MAX - value).padStart(KEY_DIGITS, '0');
  return `${falling(leader.mean)}/${falling(leader.answers)}/${leader.expert.address}`;
}

const STATS_HEIGHTS_DEFAULT = 2_000;

export const expertStats = defineMethod({
  name: 'expert_stats',
  summary: 'What an expert did in the queries that settled lately: answers, scores, pay, verdicts. Reads kept blocks.',
  access: 'read',
  params: z.strictObject({
    expert: AddressParam,
    heights: countParam(
      { min: 1, max: STATS_HEIGHTS_DEFAULT },
      'Heights to look back, at most 2000, the default.',
    ).optional(),
  }),
  result: z.strictObject({
    expert: AddressText,
    name: z.string(),
    domain: z.string(),
    status: z.enum(['active', 'paused', 'retired']),
    active: Count,
    capacity: Count,
    reputation: Ratio,
    /** The heights that were read. */
    from: Decimal,
    to: Decimal,
    assignments: Count,
    answered: Count,
    /** Answers that were the best of their query. */
    best: Count,
    scored: Count,
    meanScore: Ratio.nullable(),
    paid: Decimal,
    slashed: Decimal,
    verdicts: z.strictObject({ match: Count, mismatch: Count, other: Count }),
    /** Answers by the version of its domain's model, the lowest first. */
    versions: z.array(z.strictObject({ version: Count, answers: Count, meanScore: Ratio.nullable() })),
  }),
  handle: async ({ api }, { expert: address, heights }) => {
    const expert = requireExpert(api, address);
    const to = api.status().head.height;
    const fromHeight = Math.max(1, to - (heights ?? STATS_HEIGHTS_DEFAULT) + 1);
    const { receipts, from } = await receiptsOf(api, { account: address, fromHeight, toHeight: to });
    const parts = receipts.flatMap((receipt) =>
      receipt.respondents
        .filter((respondent) => respondent.expert === address)
        .map((respondent) => ({ respondent, isBest: receipt.best !== null && respondent.group === receipt.best })),
    );
    const respondents = parts.map(({ respondent }) => respondent);
    const reputation = api.explainReputation(address, expert.profile.domain);
    return {
      expert: address,
      name: expert.profile.name,
      domain: expert.profile.domain,
      status: expert.status,
      active: expert.active,
      capacity: expert.profile.capacity,
      reputation: ratio(reputation?.mean ?? betaMeanPpm({ alpha: 1, beta: 1 })),
      from: decimal(from),
      to: decimal(to),
      assignments: parts.length,
      answered: respondents.filter(({ answerHash }) => answerHash !== null).length,
      best: parts.filter(({ isBest }) => isBest).length,
      scored: respondents.filter(({ score }) => score !== null).length,
      meanScore: meanScore(respondents),
      paid: decimal(respondents.reduce((sum, { paid }) => sum + paid, 0n)),
      slashed: decimal(respondents.reduce((sum, { slashed }) => sum + slashed, 0n)),
      verdicts: verdictsOf(respondents),
      versions: versionsOf(respondents),
    };
  },
});

const RECEIPTS_MAX = 10_000;

/** Receipts with the account between two heights; `from` is the lowest height that was read. */
async function receiptsOf(
  api: NodeApi,
  search: { readonly account: Address; readonly fromHeight: number; readonly toHeight: number },
): Promise<{ readonly receipts: readonly Receipt[]; readonly from: number }> {
  const found = await api.history.receipts({ ...search, domain: null, before: null, limit: RECEIPTS_MAX });
  return { receipts: found.items.map(({ receipt }) => receipt), from: found.scannedFrom };
}

function meanScore(respondents: readonly ReceiptRespondent[]): string | null {
  const scores = respondents.flatMap(({ score }) => score ?? []);
  return scores.length === 0 ? null : ratio(Math.round(scores.reduce((sum, score) => sum + score, 0) / scores.length));
}

function verdictsOf(respondents: readonly ReceiptRespondent[]): { match: number; mismatch: number; other: number } {
  const count = (verdict: string) => respondents.filter((each) => each.verdict === verdict).length;
  const [match, mismatch] = [count('match'), count('mismatch')];
  const all = respondents.filter(({ verdict }) => verdict !== null).length;
  return { match, mismatch, other: all - match - mismatch };
}

function versionsOf(respondents: readonly ReceiptRespondent[]) {
  const byVersion = Map.groupBy(respondents, ({ version }) => version);
  return [...byVersion]
    .sort(([a], [b]) => a - b)
    .map(([version, own]) => ({ version, answers: own.length, meanScore: meanScore(own) }));
}

export const expertQuote = defineMethod({
  name: 'expert_quote',
  summary: "What one expert's answer would cost at its own rates and its domain's load, quoted or generated.",
  access: 'read',
  params: z.strictObject({
    expert: AddressParam,
    promptBytes: countParam({ min: 1, max: 65_536 }, 'Length of the question in bytes; default 100.').optional(),
    answerBytes: countParam({ min: 1, max: 1_048_576 }, 'Length of the answer in bytes; default 160.').optional(),
    rounds: countParam({ min: 1, max: 16 }, 'Rounds of the query; default 1.').optional(),
    difficulty: countParam(
      { min: 0, max: 1_000_000 },
      'Difficulty of the question in millionths; default 0.',
    ).optional(),
  }),
  result: z.strictObject({
    expert: AddressText,
    domain: z.string(),
    /** Whether it could be drawn for the next block, and why not. */
    available: z.boolean(),
    reason: z.string().nullable(),
    loadFactor: Ratio,
    /** Nano, if every byte is a quote of its sources, or if every byte is its own words. */
    quoted: Decimal,
    generated: Decimal,
  }),
  handle: ({ api }, { expert: address, promptBytes = 100, answerBytes = 160, rounds = 1, difficulty = 0 }) => {
    const expert = requireExpert(api, address);
    const { profile } = expert;
    const loadFactor = api.loadFactor(profile.domain);
    const price = (generatedBytes: number, quotedBytes: number) =>
      decimal(
        priceOf(meteredFee(profile, { promptBytes, rounds, generatedBytes, quotedBytes }), { loadFactor, difficulty }),
      );
    const reason = unavailableReason(expert, api.status().head.height + 1);
    return {
      expert: address,
      domain: profile.domain,
      available: reason === null,
      reason,
      loadFactor: ratio(loadFactor),
      quoted: price(0, answerBytes * rounds),
      generated: price(answerBytes * rounds, 0),
    };
  },
});

/** Why a selection at this height cannot draw the expert, masks aside; null when it can. */
function unavailableReason(expert: Expert, height: number): string | null {
  if (expert.status !== 'active') return `it is ${expert.status}`;
  if (expert.active >= expert.profile.capacity) {
    return `all of its ${expert.profile.capacity} assignments at a time are taken`;
  }
  if (breakerState(expert, height) === 'open') return `it was silent and is left out until ${expert.breaker.openUntil}`;
  return null;
}

/** Throws `UNKNOWN` where no such expert is registered. */
function requireExpert(api: NodeApi, address: Address): Expert {
  const expert = api.experts(null).find((each) => each.address === address);
  if (expert !== undefined) return expert;
  throw new SynodError('UNKNOWN', `No expert has the address ${address}. expert_list tells who there is.`, {
    facts: { expert: address },
  });
}
