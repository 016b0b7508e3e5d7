/**
 * Feedback over the wire (spec: rpc §3.13): what a user says of an answer, and what became of it. Owns schemas and conversions of both
 * surfaces that take feedback.
 */
import { z } from 'zod';
import { invalidParams } from '../errors.ts';
import type { FeedbackRequest, FeedbackResult, FeedbackView } from '../node-api.ts';
import { FeedbackJson, feedbackJson } from './learning.ts';
import { BooleanParam, Count, Decimal, decimal, HashParam, HexHash, hexOf } from './scalars.ts';

/** What a user agrees to when nothing is said: its words may train models, and are nobody's. */
export const FEEDBACK_DEFAULTS = { licence: 'CC0-1.0', consent: 'train' } as const;

const TEXT_CHARACTERS_MAX = 65_536;
const SOURCE_CHARACTERS_MAX = 512;

/** What is said of the answer, as both surfaces take it. */
export const feedbackWords = {
  rating: z
    .enum(['good', 'bad', 'correct'])
    .optional()
    .describe('good or bad; left out, or correct, with a correction.'),
  correction: z.string().max(TEXT_CHARACTERS_MAX).optional().describe('The right answer, as text.'),
  source: z.string().min(1).max(SOURCE_CHARACTERS_MAX).optional().describe('Where the correction is from.'),
  licence: z
    .string()
    .regex(/^[A-Za-z0-9.+-]{1,64}$/, 'a licence is an SPDX id such as "CC0-1.0"')
    .optional()
    .describe('SPDX id of the licence under which the words are given; default CC0-1.0.'),
  consent: z
    .enum(['train', 'release'])
    .optional()
    .describe('train: models may learn from it (default). release: it may be published in a data set as well.'),
};

/** Parameters of one feedback over JSON-RPC. */
export const feedbackParams = { queryId: HashParam, ...feedbackWords };

type Words = { readonly [Name in keyof typeof feedbackWords]?: z.output<(typeof feedbackWords)[Name]> };

/** The request behind the parameters. Throws `INVALID_PARAMS` where rating and correction do not go together. */
export function feedbackRequest({ queryId, ...words }: Words & Pick<FeedbackRequest, 'queryId'>): FeedbackRequest {
  const { correction } = words;
  const rating = words.rating ?? (correction === undefined ? undefined : 'correct');
  if (rating === undefined) {
    throw invalidParams('Feedback needs a rating or a correction.', 'Pass {"rating": "good"} or {"correction": "…"}.');
  }
  if ((rating === 'correct') !== (correction !== undefined)) {
    throw invalidParams(
      rating === 'correct' ? 'The rating "correct" needs a correction.' : `The rating "${rating}" takes no correction.`,
      'A correction alone is enough: its rating is "correct".',
      { param: 'correction' },
    );
  }
  if (words.source !== undefined && correction === undefined) {
    throw invalidParams('Only a correction has a source.', 'Leave the source out, or pass a correction.', {
      param: 'source',
    });
  }
  return {
    queryId,
    rating,
    correction: correction ?? null,
    source: words.source ?? null,
    licence: words.licence ?? FEEDBACK_DEFAULTS.licence,
    consent: words.consent ?? FEEDBACK_DEFAULTS.consent,
  };
}

/** True for feedback that stays in the node's home. */
export const PrivateParam = BooleanParam.optional().describe(
  "true: it stays in a file of the node's home and trains nobody but its owner. That of a private query always does.",
);

export const FeedbackResultJson = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('given'),
    queryId: HexHash,
    txHash: HexHash,
    /** Id of the blob that holds its words, and its bytes. */
    content: HexHash,
    bytes: Count,
    status: z.enum(['pending', 'included', 'final']),
    code: z.string(),
    height: Decimal.nullable(),
  }),
  z.strictObject({ kind: z.literal('kept'), queryId: HexHash, file: z.string() }),
]);

export const FeedbackViewJson = FeedbackJson.extend({
  /** The words; null where their blob is not at this node. */
  text: z
    .strictObject({
      prompt: z.string(),
      answer: z.string(),
      correction: z.string().nullable(),
      source: z.string().nullable(),
      licence: z.string(),
      consent: z.enum(['train', 'release']),
    })
    .nullable(),
});

export type FeedbackViewJson = z.output<typeof FeedbackViewJson>;

/** Refusals are thrown before. */
export function feedbackResultJson(result: Accepted): z.output<typeof FeedbackResultJson> {
  if (result.kind === 'kept') return { kind: 'kept', queryId: hexOf(result.queryId), file: result.file };
  return {
    kind: 'given',
    queryId: hexOf(result.queryId),
    txHash: hexOf(result.id),
    content: hexOf(result.content),
    bytes: result.bytes,
    status: result.status,
    code: result.code,
    height: result.height === null ? null : decimal(result.height),
  };
}

type Given = Extract<FeedbackResult, { kind: 'given' }>;

/** A result that is no refusal. */
export type Accepted =
  | Extract<FeedbackResult, { kind: 'kept' }>
  | (Given & { readonly status: 'pending' | 'included' | 'final' });

export function feedbackViewJson({ feedback, text }: FeedbackView): FeedbackViewJson {
  return {
    ...feedbackJson(feedback),
    text: text === null ? null : { ...text },
  };
}
