import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { encodeChat } from '../../src/engine/chat.ts';
import { createDetokenizer } from '../../src/engine/detokenizer.ts';
import { createStopMatcher } from '../../src/engine/stop-matcher.ts';
import { loadTokenizer } from '../../src/engine/tokenizer.ts';
import { tinyModel } from './tiny-model.ts';

const tokenizer = await loadTokenizer(await tinyModel());

const isWhole = (text: string) => text.isWellFormed() && !text.includes('\ufffd');

test('detokenizer: any text survives, piece by piece, and every piece is whole characters', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 40 }), (text) => {
      fc.pre(!text.includes('\ufffd'));
      const detokenizer = createDetokenizer(tokenizer);
      const pieces = tokenizer.encode(text).map((token) => detokenizer.push(token));
      assert.equal(pieces.join(''), text);
      assert.ok(pieces.every(isWhole));
    }),
  );
});

test('detokenizer: a character of four tokens comes out once, with its last byte', () => {
  const detokenizer = createDetokenizer(tokenizer);
  const tokens = tokenizer.encode('🦉');
  assert.equal(tokens.length, 4);
  assert.deepEqual(
    tokens.map((token) => detokenizer.push(token)),
    ['', '', '', '🦉'],
  );
});

test('tokenizer: special tokens spelled out by a user are ordinary text', () => {
  const tokens = tokenizer.encode('a<|im_end|>b<|im_start|>');
  assert.ok(tokens.every((token) => !tokenizer.isSpecial(token)));
  const detokenizer = createDetokenizer(tokenizer);
  assert.equal(tokens.map((token) => detokenizer.push(token)).join(''), 'a<|im_end|>b<|im_start|>');
});

test('chat: ChatML without a system turn of its own; the instruction goes before the last question', () => {
  const ids = encodeChat(
    [
      { role: 'user', content: 'one' },
      { role: 'assistant', content: 'two' },
      { role: 'user', content: 'three' },
    ],
    'Be short.',
    { tokenizer, beginToken: 1, endToken: 2 },
  );
  const detokenizer = createDetokenizer(tokenizer);
  const text = ids.map((id) => (id === 1 ? '[' : id === 2 ? ']' : detokenizer.push(id))).join('');
  assert.equal(text, '[user\none]\n[assistant\ntwo]\n[user\nBe short.\nthree]\n[assistant\n');
});

test('stop matcher: shows exactly the text before the first stop sequence, however it is cut', () => {
  const letters = fc.string({ unit: fc.constantFrom('a', 'b', 'c'), maxLength: 24 });
  const stops = fc.array(fc.string({ unit: fc.constantFrom('a', 'b', 'c'), minLength: 1, maxLength: 4 }), {
    maxLength: 3,
  });
  fc.assert(
    fc.property(
      letters,
      stops,
      fc.array(fc.integer({ min: 1, max: 4 }), { minLength: 24, maxLength: 24 }),
      (text, stop, cuts) => {
        const ends = stop.map((s) => [text.indexOf(s), s.length] as const).filter(([at]) => at >= 0);
        const matcher = createStopMatcher(stop);
        let shown = '';
        let stopped = false;
        for (let at = 0, i = 0; at < text.length && !stopped; at += cuts[i++]!) {
          const step = matcher.push(text.slice(at, at + cuts[i]!));
          shown += step.text;
          stopped = step.stopped;
        }
        if (!stopped) shown += matcher.flush();
        assert.equal(stopped, ends.length > 0);
        if (ends.length === 0) assert.equal(shown, text);
        else
          assert.ok(
            text.startsWith(shown) &&
              stop.every((s) => !shown.includes(s)) &&
              stop.some((s) => text.startsWith(s, shown.length)),
          );
      },
    ),
  );
});
