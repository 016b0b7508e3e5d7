/** The schedule of faults follows from its seed alone and leaves no kind out. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FAULT_KINDS, type Fault, faultSchedule } from '../../src/chaos/schedule.ts';

function take(seed: string, count: number, validators = 4): Fault[] {
  const schedule = faultSchedule(seed, validators);
  return Array.from({ length: count }, () => schedule.next().value);
}

test('the same seed gives the same schedule, another seed another one', () => {
  assert.deepEqual(take('7', 200), take('7', 200));
  assert.notDeepEqual(take('7', 20), take('8', 20));
});

test('each round holds every kind once', () => {
  const faults = take('rounds', 5 * FAULT_KINDS.length);
  for (let round = 0; round < 5; round++) {
    const kinds = faults.slice(round * FAULT_KINDS.length, (round + 1) * FAULT_KINDS.length).map(({ kind }) => kind);
    assert.deepEqual(kinds.toSorted(), [...FAULT_KINDS].toSorted());
  }
});

test('a fault strikes as many validators as its kind says, and each of them at some time', () => {
  for (const validators of [4, 5, 7]) {
    const faults = take('sizes', 50 * FAULT_KINDS.length, validators);
    for (const { kind, nodes, holdMs, pauseMs } of faults) {
      const expected =
        kind === 'kill all'
          ? validators
          : kind === 'cut in halves'
            ? Math.floor(validators / 2)
            : kind === 'kill two' || kind === 'stop two'
              ? 2
              : 1;
      assert.equal(new Set(nodes).size, expected, kind);
      assert.ok(nodes.every((node) => node >= 0 && node < validators));
      assert.ok(holdMs > 0 && pauseMs > 0);
    }
    const struck = new Set(faults.filter(({ kind }) => kind === 'tear log').flatMap(({ nodes }) => nodes));
    assert.equal(struck.size, validators);
  }
});

test('clocks go wrong both ways, and only where the kind says so', () => {
  const faults = take('clocks', 40 * FAULT_KINDS.length);
  const skews = faults.filter(({ kind }) => kind === 'skew clock').map(({ offsetMs }) => offsetMs);
  assert.ok(Math.min(...skews) < 0 && Math.max(...skews) > 0);
  for (const { kind, offsetMs, latencyMs, cutBytes } of faults) {
    assert.equal(offsetMs !== 0, kind === 'skew clock');
    assert.equal(latencyMs > 0, kind === 'slow links');
    assert.equal(cutBytes > 0, kind === 'tear log');
  }
});
