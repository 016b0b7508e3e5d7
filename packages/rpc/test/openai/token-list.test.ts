/** Recorded tokens and the text that they make: whatever their boundaries, also within characters, and wherever the text is cut. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { GeneratedSegment, QuoteSegment } from '@synod/chain';
import fc from 'fast-check';
import { tokenList } from '../../src/openai/token-list.ts';

const ALL = Number.POSITIVE_INFINITY;

/** A text as tokens of these lengths in bytes. */
function tokensOf(text: string, lengths: readonly number[]): Buffer[] {
  const bytes = Buffer.from(text);
  const tokens: Buffer[] = [];
  for (let at = 0, next = 0; at < bytes.length; next++) {
    const length = lengths[next % lengths.length]!;
    tokens.push(bytes.subarray(at, at + length));
    at += length;
  }
  return tokens;
}

const written = (text: string, count: number): GeneratedSegment => ({
  kind: 'generated',
  text,
  tokens: Array.from({ length: count }, (_, at) => at),
  logProbabilities: Array.from({ length: count }, (_, at) => at),
});
const quoted = (text: string): QuoteSegment => ({ kind: 'quote', text, source: '', index: 0, proof: [] });

const letters = fc.string({ unit: fc.constantFrom('a', ' ', 'é', '€', '🙂', '\n'), minLength: 1, maxLength: 20 });
const lengths = fc.array(fc.integer({ min: 1, max: 5 }), { minLength: 1, maxLength: 5 });

test('the bytes of the list are the text, whatever the tokens; a cut leaves those that are wholly shown', () => {
  fc.assert(
    fc.property(letters, lengths, fc.nat(20), (text, wanted, characters) => {
      const bytes = tokensOf(text, wanted);
      const segments = [written(text, bytes.length), quoted('Quoted.')];
      const all = tokenList(segments, { bytes, shownBytes: ALL })!;
      assert.equal(Buffer.concat(all.map((token) => Buffer.from(token.bytes))).toString(), text);
      assert.deepEqual(
        all.map(({ logprob }) => logprob),
        bytes.map((_, at) => (at === 0 ? 0 : -at / 1000)),
      );
      const shown = Buffer.from([...text].slice(0, characters).join(''));
      const cut = tokenList(segments, { bytes, shownBytes: shown.length })!;
      const ends = bytes.map((_, at) => Buffer.concat(bytes.slice(0, at + 1)).length);
      assert.equal(cut.length, ends.filter((end) => end <= shown.length).length);
    }),
  );
});

test('only white space around a text may differ, and a cut is found behind it', () => {
  const bytes = ['\n Pa', 'ris', '.', '\n\n'].map((token) => Buffer.from(token));
  const segments = [written('Paris.\n\n', 4), quoted('It is Paris.')];
  const count = (shownBytes: number) => tokenList(segments, { bytes, shownBytes })?.length;
  assert.deepEqual([0, 1, 2, 4, 5, 6, 7, 8, 20].map(count), [0, 0, 1, 1, 2, 3, 3, 4, 4]);
  for (const text of ['Pari.\n\n', 'Paris', 'P aris.', 'Paris.!'])
    assert.equal(tokenList([written(text, 4)], { bytes, shownBytes: ALL }), null);
});

test('what cannot be aligned is null: tokens without bytes, other numbers of them, log-probabilities that lack', () => {
  const bytes = [Buffer.from('a'), Buffer.from('b')];
  const at = { shownBytes: ALL };
  assert.equal(tokenList([written('ab', 2)], { ...at, bytes })?.length, 2);
  assert.equal(tokenList([written('ab', 3)], { ...at, bytes: [...bytes, Buffer.alloc(0)] }), null);
  assert.equal(tokenList([written('ab', 2)], { ...at, bytes: [...bytes, Buffer.from(' ')] }), null);
  assert.equal(tokenList([written('ab', 3)], { ...at, bytes }), null);
  assert.equal(tokenList([{ ...written('ab', 2), logProbabilities: [1] }], { ...at, bytes }), null);
});

test('a last character that was not finished is not in the text, and its bytes are told', () => {
  const bytes = [Buffer.from('a'), Buffer.from('🙂').subarray(0, 2)];
  const list = tokenList([written('a', 2)], { bytes, shownBytes: ALL })!;
  assert.deepEqual(
    list.map(({ token }) => token),
    ['a', '\ufffd'],
  );
  assert.deepEqual(list[1]!.bytes, [0xf0, 0x9f]);
});
