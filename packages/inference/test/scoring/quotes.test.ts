/** Published passages that a text repeats: the longest that begins at a place, found without trying each that begins alike. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { quoteFinder } from '../../src/scoring/quotes.ts';

const word = fc.constantFrom('a', 'b', 'Zz', 'é', '9.5', 'd-e');
const sentence = (maxLength: number) => fc.array(word, { minLength: 1, maxLength }).map((all) => `${all.join(' ')}.`);

/** Every passage at every place. */
function plainly(passages: readonly string[], text: string): [number, number][] {
  const wordsOf = (one: string) =>
    [...one.matchAll(/[\p{L}\p{N}]+/gu)].map(({ 0: each, index }) => [each.toLowerCase(), index] as const);
  const said = wordsOf(text);
  const found: [number, number][] = [];
  for (let at = 0; at < said.length; ) {
    const lengths = passages.map((passage) => {
      const own = wordsOf(passage);
      return own.length >= 3 && own.every(([each], i) => said[at + i]?.[0] === each) ? own.length : 0;
    });
    const longest = Math.max(0, ...lengths);
    if (longest > 0) {
      const [last, from] = said[at + longest - 1]!;
      found.push([said[at]![1], from + last.length]);
    }
    at += Math.max(1, longest);
  }
  return found;
}

test('quotes are those that trying every passage at every place finds, the longest first', () => {
  fc.assert(
    fc.property(fc.array(sentence(6), { maxLength: 20 }), sentence(30), (passages, text) => {
      const found = quoteFinder(passages)(text);
      // Signs around a quote belong to it.
      const bare = found.map(([from, to]) =>
        plainly([text.slice(from, to)], text.slice(from, to))[0]!.map((at) => at + from),
      );
      assert.deepEqual(bare, plainly(passages, text));
    }),
  );
});

test('passages that all begin alike, in a text that says their beginning again and again, cost no more than others', () => {
  const alike = Array.from({ length: 50_000 }, (_, index) => `a b c ${'d '.repeat(index % 280)}${index}`);
  const find = quoteFinder(alike);
  const before = process.cpuUsage().user;
  assert.deepEqual(find('a b c '.repeat(333)), []);
  const usedMs = (process.cpuUsage().user - before) / 1_000;
  assert.ok(usedMs < 400, `${usedMs} ms`);
});
