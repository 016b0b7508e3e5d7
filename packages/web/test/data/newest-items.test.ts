import assert from 'node:assert/strict';
import { test } from 'node:test';
import { allPages } from '../../src/data/all-pages.ts';
import { newestItems } from '../../src/data/newest-items.ts';

const page = (items: readonly number[], nextCursor: string | null, scannedFrom = '1') => ({
  items,
  nextCursor,
  scannedFrom,
});

test('empty pages are followed: what is old is found too', async () => {
  const pages = new Map([
    [null, page([], 'a', '2000')],
    ['a', page([], 'b', '1000')],
    ['b', page([7], null, '1')],
  ]);
  const asked: (string | null)[] = [];
  const found = await newestItems(5, async (cursor) => {
    asked.push(cursor);
    return pages.get(cursor) ?? page([], null);
  });
  assert.deepEqual(found, { items: [7], scannedFrom: '1' });
  assert.deepEqual(asked, [null, 'a', 'b']);
});

test('no more is asked than needed, and never without end', async () => {
  let calls = 0;
  const found = await newestItems(3, async () => page([++calls, calls], 'more'));
  assert.deepEqual(found.items, [1, 1, 2]);
  calls = 0;
  await newestItems(1, async () => page([], `${++calls}`));
  assert.equal(calls, 6);
});

test('whole lists say when they are not whole', async () => {
  let calls = 0;
  const endless = await allPages(async () => ({ items: [++calls], nextCursor: 'more' }));
  assert.deepEqual([endless.items.length, endless.isWhole], [10, false]);
  const short = await allPages(async () => ({ items: [1], nextCursor: null }));
  assert.deepEqual(short, { items: [1], isWhole: true });
});
