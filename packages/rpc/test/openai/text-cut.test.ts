/** Where an answer is cut: the same place whether it comes whole or in pieces, and nothing of a stop sequence is ever shown. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { BYTES_PER_TOKEN, cutText, TextCut } from '../../src/openai/text-cut.ts';

const letters = fc.string({ unit: fc.constantFrom('a', 'b', 'é', '🙂', '\n'), maxLength: 40 });
const stop = fc.string({ unit: fc.constantFrom('a', 'b', '\n'), minLength: 1, maxLength: 4 });
const terms = fc.record({
  stops: fc.array(stop, { maxLength: 4 }),
  tokensMax: fc.option(fc.integer({ min: 1, max: 12 }), { nil: undefined }),
});

test('pieces are cut where the whole is', () => {
  fc.assert(
    fc.property(fc.array(letters, { maxLength: 8 }), terms, (pieces, wanted) => {
      const cut = new TextCut(wanted);
      const shown = pieces.map((piece) => cut.push(piece)).join('') + cut.end();
      const whole = cutText(pieces.join(''), wanted);
      assert.deepEqual({ text: shown, finishReason: cut.finishReason }, whole);
    }),
  );
});

test('what is shown is a beginning of the answer, without stop sequences, and no longer than allowed', () => {
  fc.assert(
    fc.property(letters, terms, (answer, wanted) => {
      const { text, finishReason } = cutText(answer, wanted);
      assert.ok(answer.startsWith(text));
      assert.ok(text.isWellFormed());
      for (const sequence of wanted.stops) assert.ok(!text.includes(sequence));
      const bytesMax = (wanted.tokensMax ?? 1_000) * BYTES_PER_TOKEN;
      assert.ok(Buffer.byteLength(text) <= bytesMax);
      // A character longer than what was left is the only reason to show less.
      if (finishReason === 'length') assert.ok(Buffer.byteLength(text) > bytesMax - 4 && text !== answer);
    }),
  );
});

test('the first stop sequence counts, also one that another begins with', () => {
  assert.deepEqual(cutText('one END two', { stops: ['two', 'END'], tokensMax: undefined }), {
    text: 'one ',
    finishReason: 'stop',
  });
  const cut = new TextCut({ stops: ['ENDE', 'END'], tokensMax: undefined });
  assert.equal(cut.push('a EN'), 'a ');
  assert.equal(cut.push('X'), 'ENX');
  assert.equal(cut.push(' END'), ' ');
  assert.equal(cut.push('more'), '');
  assert.equal(cut.end(), '');
});
