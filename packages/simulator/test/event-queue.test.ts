/** Virtual time: by time, and in one millisecond by the order of asking. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { EventQueue } from '../src/event-queue.ts';
import { Prng } from '../src/prng.ts';

test('what is asked for later in one millisecond happens later, also when that millisecond has begun', () => {
  const queue = new EventQueue(100);
  const seen: string[] = [];
  const say = (text: string) => () => seen.push(`${queue.nowMs} ${text}`);
  queue.after(5, say('third'));
  queue.after(0, () => {
    say('first')();
    queue.after(0, say('second'));
    queue.after(5, say('fourth'));
  });
  queue.after(-3, say('at once'));
  assert.equal(queue.nextMs, 100);
  while (queue.step());
  assert.deepEqual(seen, ['100 first', '100 at once', '100 second', '105 third', '105 fourth']);
  assert.equal(queue.nextMs, null);
  assert.equal(queue.step(), false);
});

test('many events come out as if they had been sorted', () => {
  const prng = new Prng(7, 'network');
  const queue = new EventQueue(0);
  const asked: { readonly atMs: number; readonly order: number }[] = [];
  const seen: typeof asked = [];
  const ask = (): void => {
    const one = { atMs: queue.nowMs + prng.below(40), order: asked.length };
    asked.push(one);
    queue.after(one.atMs - queue.nowMs, () => {
      seen.push(one);
      assert.equal(queue.nowMs, one.atMs);
      if (asked.length < 2_000) for (let again = 0; again < 2; again++) ask();
    });
  };
  for (let count = 0; count < 20; count++) ask();
  while (queue.step());
  assert.deepEqual(
    seen,
    asked.toSorted((a, b) => a.atMs - b.atMs || a.order - b.order),
  );
});
