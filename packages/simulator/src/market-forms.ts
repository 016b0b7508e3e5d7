/**
 * Answers in every form that the chain refuses, public and private, and those just within the bounds (spec: market §5.2, privacy §2). Owns the table of them.
 */
import { type Answer, encodeAnswer, type Segment, ZERO_HASH } from '@synod/chain';
import type { Asked } from './market-asked.ts';
import { quoteOf } from './market-genesis.ts';
import { crowd, one } from './market-lives.ts';

const sealed: Segment = {
  kind: 'sealed',
  text: '',
  hash: ZERO_HASH,
  content: ZERO_HASH,
  generatedBytes: 4,
  quotedBytes: 0,
};
const word = (change: object = {}): Segment =>
  ({ kind: 'generated', text: 'word', tokens: [1], logProbabilities: [2], ...change }) as Segment;

/** Letters of an answer that has 2,000 bytes with all that goes with it. */
const wordBytesMax = 2_500 - bytesOf('x'.repeat(500));

function bytesOf(text: string): number {
  return encodeAnswer({ segments: [word({ text })], modelId: ZERO_HASH, promptTokens: 3, answerTokens: 2 }).length;
}

/** An answer that must not stand, and how the chain says so; one just within the bounds stands beside it. */
const forms: readonly {
  readonly says: readonly Segment[];
  readonly code: string;
  readonly change?: Partial<Answer>;
}[] = [
  { says: [], code: 'ANSWER_EMPTY' },
  { says: [word({ text: '' })], code: 'ANSWER_EMPTY' },
  { says: [word()], code: 'ANSWER_MODEL_MISMATCH', change: { modelId: ZERO_HASH } },
  { says: [word({ logProbabilities: [] })], code: 'ANSWER_LOG_PROBABILITIES_MISSING' },
  { says: [word({ tokens: [], logProbabilities: [] })], code: 'ANSWER_LOG_PROBABILITIES_MISSING' },
  { says: [word(), word({ logProbabilities: [1, 2] })], code: 'ANSWER_LOG_PROBABILITIES_MISSING' },
  { says: [{ ...quoteOf(1), index: 2 }], code: 'ANSWER_QUOTE_UNPROVEN' },
  { says: [{ ...quoteOf(1), index: 4 }], code: 'ANSWER_QUOTE_UNPROVEN' },
  { says: [{ ...quoteOf(1), text: 'the first one' }], code: 'ANSWER_QUOTE_UNPROVEN' },
  { says: [{ ...quoteOf(1), source: 'another book' }], code: 'ANSWER_QUOTE_UNPROVEN' },
  { says: [word(), { ...quoteOf(1), proof: [] }], code: 'ANSWER_QUOTE_UNPROVEN' },
  { says: [sealed], code: 'ANSWER_SEALED' },
  { says: [word({ text: 'x'.repeat(wordBytesMax) })], code: 'OK' },
  { says: [word({ text: 'x'.repeat(wordBytesMax + 1) })], code: 'ANSWER_TOO_LARGE' },
  { says: Array.from({ length: 64 }, () => word({ text: 'x', tokens: [1], logProbabilities: [2] })), code: 'OK' },
  { says: [word({ text: '' }), word()], code: 'OK' },
];

const sealOf = (change: object): readonly Segment[] => [{ ...sealed, ...change } as Segment];
const secretForms: typeof forms = [
  { says: [word()], code: 'ANSWER_NOT_SEALED' },
  { says: [sealed, sealed], code: 'ANSWER_NOT_SEALED' },
  { says: [], code: 'ANSWER_NOT_SEALED' },
  { says: sealOf({ generatedBytes: 0 }), code: 'ANSWER_EMPTY' },
  { says: sealOf({ generatedBytes: 1_000, quotedBytes: 1_001 }), code: 'ANSWER_TOO_LARGE' },
  { says: [sealed], code: 'ANSWER_MODEL_MISMATCH', change: { modelId: ZERO_HASH } },
];

const secretLives = secretForms.map(
  ({ says, code, change = {} }, index): Asked => ({
    name: `the secret form ${index}`,
    at: 45,
    contract: { ...crowd(32 + index), prompt: '', privacy: { promptHash: ZERO_HASH, promptBytes: 9 } },
    phases: 'sarrrx',
    says: one(32 + index, says, { change, revealCode: code, isRaw: true }),
    outcome: 'noAnswer',
  }),
);

const formLives = forms.map(
  ({ says, code, change = {} }, index): Asked => ({
    name: `the form ${index}`,
    at: 44,
    contract: crowd(10 + index),
    phases: code === 'OK' ? 'sargggggx' : 'sarrrx',
    says: one(10 + index, says, { change, revealCode: code }),
    outcome: code === 'OK' ? 'unscored' : 'noAnswer',
    ...(code === 'OK' && { best: undefined }),
  }),
);

export const formedLives: readonly Asked[] = [...formLives, ...secretLives];
