/** When a node that catches up is there, and when it gives up. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { paceText } from '../src/commands/sync.ts';
import { CATCH_UP_LIMITS, CatchUpWatch, type Look } from '../src/join/catch-up-watch.ts';

const PATIENCE_MS = 10_000;
const newWatch = (heightMin = 0) => new CatchUpWatch({ nowMs: 0, patienceMs: PATIENCE_MS, heightMin });
const look = (nowMs: number, height: number, peerHeights: readonly number[]): Look => ({
  nowMs,
  height,
  peerHeights,
  networkHeight: peerHeights.toSorted((a, b) => b - a)[Math.floor(peerHeights.length / 3)] ?? null,
});

test('it is there once it has kept up for a while, not when the first peer happens to be no further', () => {
  const watch = newWatch();
  assert.equal(watch.look(look(0, 100, [100])).kind, 'behind');
  assert.equal(watch.look(look(1_000, 100, [100, 500])).kind, 'behind');
  assert.equal(watch.look(look(2_000, 499, [500, 500])).kind, 'behind');
  assert.equal(watch.look(look(3_999, 505, [507, 506])).kind, 'behind');
  assert.deepEqual(watch.look(look(2_000 + CATCH_UP_LIMITS.settleMs, 506, [507, 506])), { kind: 'there' });
});

test('below the checkpoint it is never there, whatever the peers say', () => {
  const watch = newWatch(1_000);
  assert.equal(watch.look(look(0, 100, [100])).kind, 'behind');
  const verdict = watch.look(look(5_000, 100, [100]));
  assert.deepEqual(verdict.kind === 'behind' && verdict.pace.of, 1_000);
  assert.equal(watch.look(look(PATIENCE_MS, 100, [100])).kind, 'stalled');
});

test('without peers it waits, and then says so; with them, for blocks that come nearer', () => {
  const alone = newWatch();
  assert.equal(alone.look(look(0, 5, [])).kind, 'alone');
  assert.equal(alone.look(look(PATIENCE_MS - 1, 5, [])).kind, 'alone');
  assert.equal(alone.look(look(PATIENCE_MS, 5, [])).kind, 'unreachable');
  const stuck = newWatch();
  assert.equal(stuck.look(look(0, 5, [50])).kind, 'behind');
  assert.equal(stuck.look(look(9_000, 6, [50])).kind, 'behind');
  assert.equal(stuck.look(look(18_000, 6, [50])).kind, 'behind');
  assert.equal(stuck.look(look(19_000, 6, [50])).kind, 'stalled');
});

test('a height that only one of three peers claims holds nobody up for ever', () => {
  const watch = newWatch();
  for (let nowMs = 0; nowMs < PATIENCE_MS; nowMs += 1_000) {
    assert.equal(
      watch.look(look(nowMs, 80 + nowMs / 1_000, [1e9 + nowMs / 1_000, 80 + nowMs / 1_000, 80])).kind,
      'behind',
    );
  }
  assert.equal(watch.look(look(PATIENCE_MS, 90, [1e9 + 10, 90, 90])).kind, 'there');
});

test('pace and what is left follow from the looks', () => {
  const watch = newWatch();
  watch.look(look(0, 0, [1_000]));
  const verdict = watch.look(look(2_000, 200, [1_000]));
  assert.equal(verdict.kind, 'behind');
  const { pace } = verdict as { pace: Parameters<typeof paceText>[0] };
  assert.deepEqual(pace, { height: 200, of: 1_000, blocksPerSecond: 100, remainingMs: 8_000 });
  assert.equal(paceText(pace), 'block 200 of 1000   100 blocks/s   8 s left');
  assert.equal(paceText({ ...pace, remainingMs: null }), 'block 200 of 1000   100 blocks/s');
});
