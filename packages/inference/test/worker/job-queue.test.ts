import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { createJobQueue, PRIORITIES } from '../../src/worker/job-queue.ts';

const room = { score: 2, answer: 2, verify: 2, train: 1 };

test('more urgent jobs leave first, equals in the order of arrival, whatever that was', () => {
  fc.assert(
    fc.property(fc.array(fc.constantFrom(...PRIORITIES), { maxLength: 12 }), (priorities) => {
      const queue = createJobQueue<{ id: string; priority: (typeof PRIORITIES)[number] }>({
        score: 12,
        answer: 12,
        verify: 12,
        train: 12,
      });
      const jobs = priorities.map((priority, i) => ({ id: String(i), priority }));
      for (const job of jobs) assert.ok(queue.add(job));
      const left = jobs.map(() => queue.take());
      const expected = PRIORITIES.flatMap((priority) => jobs.filter((job) => job.priority === priority));
      assert.deepEqual(left, expected);
      assert.equal(queue.take(), undefined);
    }),
  );
});

test('a full priority refuses; the others still have room', () => {
  const queue = createJobQueue(room);
  assert.ok(queue.add({ id: 'a', priority: 'train' }));
  assert.ok(!queue.add({ id: 'b', priority: 'train' }));
  assert.ok(queue.add({ id: 'c', priority: 'score' }));
  assert.equal(queue.size(), 2);
});

test('only a strictly more urgent job may interrupt; a removed job never comes', () => {
  const queue = createJobQueue(room);
  queue.add({ id: 'a', priority: 'answer' });
  queue.add({ id: 'b', priority: 'score' });
  assert.equal(queue.take('score'), undefined);
  assert.equal(queue.take('answer')?.id, 'b');
  assert.equal(queue.take('answer'), undefined);
  assert.equal(queue.remove('a')?.id, 'a');
  assert.equal(queue.remove('a'), undefined);
  assert.equal(queue.take(), undefined);
});
