import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { createJobQueue, PRIORITIES } from '../../src/worker/job-queue.ts';

const room = { score: 2, answer: 2, verify: 2, train: 1 };

test('jobs of one priority leave in the order of arrival, whatever came between', () => {
  fc.assert(
    fc.property(fc.array(fc.constantFrom(...PRIORITIES), { maxLength: 12 }), (priorities) => {
      const all = { score: 12, answer: 12, verify: 12, train: 12 };
      const queue = createJobQueue<{ id: string; priority: (typeof PRIORITIES)[number] }>(all);
      const jobs = priorities.map((priority, i) => ({ id: String(i), priority }));
      for (const job of jobs) assert.ok(queue.add(job));
      for (const priority of PRIORITIES) {
        const expected = jobs.filter((job) => job.priority === priority);
        assert.equal(queue.size(priority), expected.length);
        assert.deepEqual(
          expected.map(() => queue.take(priority)),
          expected,
        );
        assert.equal(queue.take(priority), undefined);
      }
    }),
  );
});

test('a full priority refuses; the others still have room', () => {
  const queue = createJobQueue(room);
  assert.ok(queue.add({ id: 'a', priority: 'train' }));
  assert.ok(!queue.add({ id: 'b', priority: 'train' }));
  assert.ok(queue.add({ id: 'c', priority: 'score' }));
  assert.deepEqual([queue.size('train'), queue.size('score')], [1, 1]);
});

test('a removed job never comes', () => {
  const queue = createJobQueue(room);
  queue.add({ id: 'a', priority: 'answer' });
  assert.equal(queue.remove('a')?.id, 'a');
  assert.equal(queue.remove('a'), undefined);
  assert.equal(queue.take('answer'), undefined);
});
