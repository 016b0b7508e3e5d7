/** The text of feedback: one form, nothing else decodes, and the passage that a correction becomes (learning §2.2). */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import {
  correctionLeaf,
  correctionPassage,
  decodeFeedbackBlob,
  encodeFeedbackBlob,
  FEEDBACK_SOURCE_BYTES_MAX,
  type Feedback,
  type FeedbackBlob,
  feedbackBlobProblem,
  type Hash,
  merkleLeafHash,
  passageLeaf,
  promptHash,
  ZERO_HASH,
} from '../../src/index.ts';
import { poor, user } from '../test-chain.ts';
import { blobOf, plain } from './talk.ts';

const queryId = '0123456789abcdef'.repeat(4) as Hash;
const blob = blobOf(queryId);

const words = fc.string({ unit: 'binary', maxLength: 60 });
const said = words.map((text) => `x${text}`);
const blobs: fc.Arbitrary<FeedbackBlob> = fc
  .record({
    prompt: said,
    answer: words,
    correction: fc.option(said, { nil: null }),
    source: fc.option(
      fc.string({ maxLength: 40 }).map((text) => `s${text}`),
      { nil: null },
    ),
    rating: fc.constantFrom('good' as const, 'bad' as const),
    licence: fc.constantFrom('CC0-1.0', 'CC-BY-SA-4.0'),
    consent: fc.constantFrom('train' as const, 'release' as const),
  })
  .map(({ correction, source, rating, ...rest }) =>
    correction === null
      ? blobOf(queryId, { ...rest, rating, correction: null, source: null })
      : blobOf(queryId, { ...rest, correction, source }),
  );

const bytesOf = (text: string): Uint8Array => new TextEncoder().encode(text);

test('a blob decodes to what was encoded, and its text has the fields in their order', () => {
  fc.assert(
    fc.property(blobs, (one) => {
      assert.deepEqual(decodeFeedbackBlob(encodeFeedbackBlob(one)), one);
    }),
  );
  const expected = `{"formatVersion":1,"queryId":"${queryId}","domain":"general","author":"${user.address}","rating":"correct","prompt":"What is the capital of France?","answer":"Lyon","correction":"Paris","source":"https://example.org/france","licence":"CC0-1.0","consent":"train"}`;
  assert.equal(new TextDecoder().decode(encodeFeedbackBlob(blob)), expected);
  // The order of the given object's fields is not the text's.
  const turned = Object.fromEntries(Object.entries(blob).reverse()) as FeedbackBlob;
  assert.deepEqual(encodeFeedbackBlob(turned), encodeFeedbackBlob(blob));
});

test('any other bytes are no blob: decoding never throws, and what it takes is canonical', () => {
  const good = encodeFeedbackBlob(blob);
  fc.assert(
    fc.property(fc.nat(good.length * 8 - 1), (bit) => {
      const bytes = good.slice();
      bytes[bit >> 3] = bytes[bit >> 3]! ^ (1 << (bit & 7));
      const decoded = decodeFeedbackBlob(bytes);
      if (decoded !== null) assert.deepEqual(encodeFeedbackBlob(decoded), bytes);
    }),
    { numRuns: 500 },
  );
  fc.assert(
    fc.property(fc.oneof(fc.uint8Array(), fc.json().map(bytesOf)), (bytes) => decodeFeedbackBlob(bytes) === null),
  );
  const text = new TextDecoder().decode(good);
  const wrong = [
    '',
    'null',
    '[]',
    `${text} `,
    `\ufeff${text}`,
    text.replace('{', '{"more":1,'),
    text.replace('"rating":"correct",', '"rating":"correct","rating":"correct",'),
    text.replace('"formatVersion":1', '"formatVersion":2'),
    text.replace('Paris', '\\u0050aris'),
    text.replace('Paris', '\\ud800'),
  ];
  for (const one of wrong) assert.equal(decodeFeedbackBlob(bytesOf(one)), null, one);
  assert.equal(decodeFeedbackBlob(good.subarray(0, good.length - 1)), null);
});

test('each field that cannot stand is refused by decoding and by encoding alike', () => {
  const bad: readonly Partial<Record<keyof FeedbackBlob, unknown>>[] = [
    { queryId: 'AB'.repeat(32) },
    { queryId: 7 },
    { domain: 'd'.repeat(65) },
    { author: 'syn1nobody' },
    { rating: 'fair' },
    { prompt: ' ' },
    { prompt: '\ud800' },
    { answer: null },
    { correction: null },
    { correction: '  ' },
    { ...plain, correction: 'Paris' },
    { ...plain, source: 'a book' },
    { source: '' },
    { source: 'two\nlines' },
    { source: 's'.repeat(FEEDBACK_SOURCE_BYTES_MAX + 1) },
    { licence: '' },
    { licence: 'CC0 1.0' },
    { licence: 'MIT\n' },
    { licence: 'x'.repeat(65) },
    { consent: 'maybe' },
    { prompt: 'p'.repeat(65 * 1024) },
  ];
  for (const overrides of bad) {
    const one = { ...blob, ...overrides } as FeedbackBlob;
    assert.throws(
      () => encodeFeedbackBlob(one),
      { code: 'FEEDBACK_NOT_ENCODABLE' },
      JSON.stringify(overrides).slice(0, 80),
    );
    assert.equal(decodeFeedbackBlob(bytesOf(JSON.stringify(one))), null, JSON.stringify(overrides).slice(0, 80));
  }
});

test('a correction that is a sentence is its own passage; a shorter one follows its question', () => {
  const named = `feedback ${queryId.slice(0, 12)}, CC0-1.0`;
  const textOf = (correction: string) => correctionPassage({ ...blob, correction })?.text;
  assert.equal(textOf(' The capital is Paris. '), 'The capital is Paris.');
  assert.equal(textOf('Is it Paris now?'), 'Is it Paris now?');
  assert.equal(textOf('It is Paris.'), 'What is the capital of France? It is Paris.');
  assert.equal(textOf('The capital is Paris'), 'What is the capital of France? The capital is Paris');
  assert.equal(correctionPassage(blob)?.source, `https://example.org/france, ${named}`);
  assert.equal(correctionPassage({ ...blob, source: null })?.source, `a user of Synod, ${named}`);
  assert.equal(correctionPassage(blobOf(queryId, plain)), null);
});

test('whatever a correction says, its passage fits into a leaf', () => {
  fc.assert(fc.property(blobs, (one) => correctionLeaf(one).length === 64));
  const longest = { ...blob, source: 's'.repeat(FEEDBACK_SOURCE_BYTES_MAX), licence: 'l'.repeat(64) };
  assert.equal(correctionLeaf(longest).length, 64);
});

test('a blob of another record is found out, by the field', () => {
  const passage = correctionPassage(blob)!;
  const record: Feedback = {
    domain: 'general',
    number: 0,
    queryId,
    promptHash: promptHash(blob.prompt),
    author: user.address,
    rating: 'correct',
    content: ZERO_HASH,
    bytes: 1,
    leaf: merkleLeafHash(passageLeaf(passage)),
    givenAt: 1,
    state: 'pending',
    version: null,
    deposit: 0n,
  };
  assert.equal(feedbackBlobProblem(blob, record), null);
  const rating: Feedback = { ...record, rating: 'bad', leaf: ZERO_HASH };
  assert.equal(feedbackBlobProblem(blobOf(queryId, { ...plain, rating: 'bad' }), rating), null);
  assert.equal(feedbackBlobProblem({ ...blob, queryId: ZERO_HASH }, record), 'queryId');
  assert.equal(feedbackBlobProblem({ ...blob, domain: 'git' }, record), 'domain');
  assert.equal(feedbackBlobProblem({ ...blob, author: poor.address }, record), 'author');
  assert.equal(feedbackBlobProblem(blobOf(queryId, plain), record), 'rating');
  // Where the correction is a sentence, nothing else would tell that the question is another one.
  const whole = { ...blob, correction: 'The capital of France is Paris.' };
  const sentence = { ...record, leaf: correctionLeaf(whole) };
  assert.equal(feedbackBlobProblem(whole, sentence), null);
  assert.equal(feedbackBlobProblem({ ...whole, answer: 'Any other' }, sentence), null);
  for (const prompt of ['What is the capital of Spain?', `${blob.prompt} `, blob.prompt.toLowerCase()])
    assert.equal(feedbackBlobProblem({ ...whole, prompt }, sentence), 'prompt');
  assert.equal(feedbackBlobProblem(whole, { ...sentence, promptHash: ZERO_HASH }), 'prompt');
  assert.equal(feedbackBlobProblem({ ...blob, correction: 'Marseille' }, record), 'leaf');
  assert.equal(feedbackBlobProblem({ ...blob, source: null }, record), 'leaf');
});
