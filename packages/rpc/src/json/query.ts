/**
 * Queries as JSON: one flat object with everything a person wants to know of a query, before and after it is settled, and
 * the events that tell its course. Owns schemas and conversions.
 */
import {
  type Answer,
  type AnswerGroup,
  answerText,
  bill,
  consolidate,
  type Expert,
  type Receipt,
  type WeighedCandidate,
} from '@synod/chain';
import { z } from 'zod';
import type { QueryEvent, QueryView } from '../node-api.ts';
import { GroundingJson, groundingOf, SegmentJson, segmentsJson } from './grounding.ts';
import { AddressText, Count, Decimal, decimal, HexHash, hexOf, Ratio, ratio } from './scalars.ts';

export const QueryJson = z.strictObject({
  queryId: HexHash,
  status: z.enum(['pending', 'open', 'settled', 'final']),
  phase: z.string().nullable(),
  /** The round of collaborative prompting under way, or the last one. */
  round: Count.nullable(),
  outcome: z.enum(['answered', 'belowThreshold', 'unscored', 'noAnswer', 'noExperts', 'cancelled']).nullable(),
  domain: z.string().nullable(),
  prompt: z.string().nullable(),
  /** Nobody but its committee and holders of its read key sees its texts. */
  isPrivate: z.boolean(),
  /** It is private, and its texts are not shown here. */
  isSealed: z.boolean(),
  /** Height of the block that made a private query's texts public. */
  disclosedAt: Decimal.nullable(),
  requester: AddressText.nullable(),
  /** Text of the best-scored answer; null until answers are revealed and scored. */
  answer: z.string().nullable(),
  /** Its pieces in order; quotes name their source. */
  segments: z.array(SegmentJson),
  grounding: GroundingJson.nullable(),
  /** Its score by its judges. */
  confidence: Ratio.nullable(),
  /** One text out of all good answers, with where each piece is from; null unless answered in public. */
  consolidated: z
    .strictObject({
      text: z.string(),
      segments: z.array(z.strictObject({ group: Count, text: z.string() })),
      contributions: z.array(z.strictObject({ expert: AddressText, share: Ratio })),
    })
    .nullable(),
  /** Who could have been drawn, with its weight: chance of the first draw = weight / sum of weights. */
  candidates: z.array(z.strictObject({ expert: AddressText, weight: Decimal })),
  /** What the cost is made of, line by line in nano; empty until settled. */
  bill: z.array(
    z.strictObject({
      kind: z.enum(['respondent', 'coordinator', 'scorer']),
      account: AddressText,
      amount: Decimal,
      text: z.string(),
    }),
  ),
  /** Nano paid in all; null until settled. */
  cost: Decimal.nullable(),
  refund: Decimal.nullable(),
  respondents: z.array(
    z.strictObject({
      expert: AddressText,
      name: z.string(),
      model: z.string(),
      /** Of its domain's model; 0: as it was registered (spec: learning §9). */
      version: Count,
      score: Ratio.nullable(),
      paid: Decimal.nullable(),
      /** What those who verified its model found together; null where nobody did. */
      verdict: z.enum(['match', 'mismatch', 'error', 'unavailable', 'undecided']).nullable(),
      /** Nano that it lost of its bond. */
      slashed: Decimal.nullable(),
      /** Tokens of its answer, as the expert states them. */
      tokens: Count.nullable(),
      answer: z.string().nullable(),
      grounding: GroundingJson.nullable(),
    }),
  ),
  scores: z.array(z.strictObject({ validator: AddressText, respondent: AddressText, score: Ratio })),
  /** Validators punished for a wrong or untimely reveal of scores of this query. */
  misrevealed: z.array(AddressText),
  /** Where it was settled. `finalized` once the next header, which proves it, has its certificate. */
  receipt: z.strictObject({ height: Decimal, blockHash: HexHash, finalized: z.boolean() }).nullable(),
});

/** The JSON of a query. */
export type QueryJson = z.output<typeof QueryJson>;

export const QueryEventJson = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('opened'), queryId: HexHash, height: Decimal }),
  z.strictObject({
    kind: z.literal('selected'),
    queryId: HexHash,
    experts: z.array(z.strictObject({ expert: AddressText, name: z.string(), model: z.string() })),
  }),
  z.strictObject({ kind: z.literal('token'), queryId: HexHash, expert: AddressText, text: z.string() }),
  z.strictObject({ kind: z.literal('answerDone'), queryId: HexHash, expert: AddressText }),
  z.strictObject({ kind: z.literal('phase'), queryId: HexHash, phase: z.string(), height: Decimal }),
  z.strictObject({ kind: z.literal('final'), queryId: HexHash, query: QueryJson }),
  z.strictObject({ kind: z.literal('failed'), queryId: HexHash, code: z.string(), message: z.string() }),
]);

/** One event of a query's course, as the event stream carries it. */
export type QueryEventJson = z.output<typeof QueryEventJson>;

/** Finds the registered expert of an address, for its name and model. */
export type ExpertLookup = (address: string) => Expert | undefined;

/** The JSON of a query; `expertOf` supplies names. */
export function queryJson(view: QueryView, expertOf: ExpertLookup): QueryJson {
  const { state, receipt, settled } = view;
  return {
    queryId: hexOf(view.queryId),
    status: view.status,
    phase: receipt === null ? (state?.phase ?? null) : 'settled',
    round: receipt === null ? (state?.round ?? null) : receipt.earlier.length + 1,
    outcome: receipt?.outcome ?? null,
    domain: receipt?.domain ?? state?.contract.domain ?? null,
    prompt: view.prompt,
    isPrivate: view.isSealed || (receipt?.contract ?? state?.contract)?.privacy != null,
    isSealed: view.isSealed,
    disclosedAt: view.disclosedAt === null ? null : decimal(view.disclosedAt),
    requester: receipt?.requester ?? state?.requester ?? null,
    ...bestAnswerJson(receipt),
    consolidated: receipt === null ? null : consolidatedJson(receipt),
    candidates: (receipt ?? state)?.selection.candidates.map(candidateJson) ?? [],
    bill: receipt === null ? [] : bill(receipt).lines.map((line) => ({ ...line, amount: decimal(line.amount) })),
    cost: receipt === null ? null : decimal(receipt.cost),
    refund: receipt === null ? null : decimal(receipt.refund),
    respondents: respondentsJson(view, expertOf),
    scores: receipt === null ? [] : scoresJson(receipt),
    misrevealed: [...(receipt?.misrevealed ?? state?.misrevealed ?? [])],
    receipt:
      settled === null
        ? null
        : { height: decimal(settled.height), blockHash: hexOf(settled.blockHash), finalized: settled.finalized },
  };
}

function consolidatedJson(receipt: Receipt): QueryJson['consolidated'] {
  const one = consolidate(receipt);
  if (one === null) return null;
  const contributions = one.contributions.map(({ expert, share }) => ({ expert, share: ratio(share) }));
  return { text: one.text, segments: one.segments.map((segment) => ({ ...segment })), contributions };
}

function candidateJson({ expert, weight }: WeighedCandidate): QueryJson['candidates'][number] {
  return { expert, weight: decimal(weight) };
}

function bestAnswerJson(receipt: Receipt | null): Pick<QueryJson, 'answer' | 'segments' | 'grounding' | 'confidence'> {
  const group = receipt === null || receipt.best === null ? undefined : receipt.groups[receipt.best];
  if (receipt === null || group === undefined) return { answer: null, segments: [], grounding: null, confidence: null };
  const score = receipt.respondents[group.members[0] ?? -1]?.score ?? null;
  return {
    answer: shownText(group.answer),
    segments: segmentsJson(group.answer),
    grounding: groundingOf(group.answer),
    confidence: score === null ? null : ratio(score),
  };
}

function respondentsJson({ state, receipt }: QueryView, expertOf: ExpertLookup): QueryJson['respondents'] {
  const groups: readonly AnswerGroup[] = receipt?.groups ?? state?.groups ?? [];
  const describe = (expert: string, group: number | null) => {
    const answer = group === null ? undefined : groups[group]?.answer;
    return {
      ...namedExpert(expert, expertOf),
      tokens: answer?.answerTokens ?? null,
      answer: answer === undefined ? null : shownText(answer),
      grounding: answer === undefined ? null : groundingOf(answer),
    };
  };
  if (receipt !== null) {
    return receipt.respondents.map((respondent) => ({
      ...describe(respondent.expert, respondent.group),
      version: respondent.version,
      score: respondent.score === null ? null : ratio(respondent.score),
      paid: decimal(respondent.paid),
      verdict: respondent.verdict,
      slashed: decimal(respondent.slashed),
    }));
  }
  return (state?.respondents ?? []).map((respondent) => ({
    ...describe(respondent.expert, respondent.group),
    version: respondent.version,
    score: null,
    paid: null,
    verdict: null,
    slashed: null,
  }));
}

/** Null where only its hash is known here. */
function shownText(answer: Answer): string | null {
  return groundingOf(answer) === 'sealed' ? null : answerText(answer);
}

/** One entry per validator and respondent: a group's score is that of each of its members. */
function scoresJson(receipt: Receipt): QueryJson['scores'] {
  return receipt.scores.flatMap((score) =>
    (receipt.groups[score.group]?.members ?? []).flatMap((member) => {
      const respondent = receipt.respondents[member];
      return respondent === undefined
        ? []
        : [{ validator: score.validator, respondent: respondent.expert, score: ratio(score.score) }];
    }),
  );
}

function namedExpert(address: string, expertOf: ExpertLookup): { expert: string; name: string; model: string } {
  const profile = expertOf(address)?.profile;
  return { expert: address, name: profile?.name ?? '', model: profile?.modelName ?? '' };
}

/** The JSON of one event. */
export function queryEventJson(event: QueryEvent, expertOf: ExpertLookup): QueryEventJson {
  const queryId = hexOf(event.queryId);
  switch (event.kind) {
    case 'opened':
      return { kind: event.kind, queryId, height: decimal(event.height) };
    case 'selected':
      return { kind: event.kind, queryId, experts: event.experts.map((expert) => namedExpert(expert, expertOf)) };
    case 'token':
      return { kind: event.kind, queryId, expert: event.expert, text: event.text };
    case 'answerDone':
      return { kind: event.kind, queryId, expert: event.expert };
    case 'phase':
      return { kind: event.kind, queryId, phase: event.phase, height: decimal(event.height) };
    case 'final':
      return { kind: event.kind, queryId, query: queryJson(event.view, expertOf) };
    case 'failed':
      return { kind: event.kind, queryId, code: event.code, message: event.message };
  }
}
