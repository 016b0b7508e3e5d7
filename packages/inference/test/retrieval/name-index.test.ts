/** The index of names grows with their number, however alike they are. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createNameIndex } from '../../src/retrieval/name-index.ts';
import { wordsOf } from '../../src/retrieval/words.ts';

function usedMs(work: () => void): number {
  const before = process.cpuUsage().user;
  work();
  return (process.cpuUsage().user - before) / 1_000;
}

const COUNT = 40_000;
const subjects = (name: (index: number) => string) => Array.from({ length: COUNT }, (_, index) => name(index));
const found = (all: readonly string[], question: string) =>
  createNameIndex(all, new Map())
    .find(wordsOf(question), () => true)
    .map(({ subject }) => subject);

test('names of one length, and one name of many subjects, cost no more than others', () => {
  const [mixed, even, shared] = [
    subjects((index) => `pier ${'x'.repeat(index % 40)}${index}`),
    subjects((index) => `pier ${100_000 + index}`),
    subjects((index) => `pier (${100_000 + index})`),
  ];
  const plainMs = usedMs(() => createNameIndex(mixed, new Map()));
  for (const alike of [even, shared]) {
    const ms = usedMs(() => createNameIndex(alike, new Map()));
    assert.ok(ms < 3 * plainMs + 100, `${ms} ms, beside ${plainMs} ms`);
  }
  assert.deepEqual(found(even, 'How deep is pier 100007?'), ['pier 100007']);
  assert.deepEqual(found(shared.slice(0, 3), 'How deep is the pier?'), shared.slice(0, 3));
});
