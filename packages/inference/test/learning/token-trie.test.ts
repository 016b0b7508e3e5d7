import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { TokenTrie } from '../../src/learning/token-trie.ts';

const texts = fc.array(fc.array(fc.integer({ min: 0, max: 3 }), { minLength: 1, maxLength: 8 }), {
  minLength: 1,
  maxLength: 12,
});

test('a trie has each beginning once, and its layout has every text and a place for every token', () => {
  fc.assert(
    fc.property(texts, (list) => {
      const trie = new TokenTrie();
      for (const text of list)
        assert.deepEqual(
          trie.add(text).map((token) => trie.ids[token]),
          text,
        );
      const beginnings = new Set(list.flatMap((text) => text.map((_, i) => text.slice(0, i + 1).join(' '))));
      assert.equal(trie.ids.length, beginnings.size);
      const { cells, longest, places } = trie.layout();
      assert.equal(cells.length, list.length * longest);
      for (const [row, text] of list.entries()) {
        const read = cells.slice(row * longest, row * longest + text.length);
        assert.deepEqual(read, trie.texts[row]);
      }
      assert.deepEqual(
        places.map((place) => cells[place]),
        trie.ids.map((_, token) => token),
      );
      // A token's place is never behind its text's end.
      for (const place of places) assert.ok(place % longest < list[Math.floor(place / longest)]!.length);
    }),
  );
});
