/** Streams between simulated nodes: what an old connection held up, and what healing promises. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { keyedHashTier } from '../src/keys.ts';
import { calmProfile } from '../src/network.ts';
import type { SimNode } from '../src/sim-node.ts';
import { World } from '../src/world.ts';

const soonMs = 100;

/** Four nodes; what the first says to the second on their stream arrives in an hour. */
function worldWithLateStream(): { world: World; one: SimNode; other: SimNode } {
  const world = new World({
    seed: 1,
    validators: 4,
    isUneven: false,
    tier: keyedHashTier,
    dishonest: [],
    twins: [],
    keepsTrace: true,
    sharesExecution: true,
    isDirected: false,
  });
  world.start();
  while (world.checker.height < 1) world.queue.step();
  const [one, other] = world.nodes as [SimNode, SimNode];
  world.network.profile = { ...calmProfile, baseMs: 3_600_000 };
  world.network.direct(one, other, new Uint8Array(0));
  world.network.profile = calmProfile;
  assert.equal(greetingsAfter(world), 0);
  return { world, one, other };
}

/** Greetings of the first to the second that arrive from now on, before long. */
function greetingsAfter(world: World): number {
  const { queue, trace } = world;
  const from = trace.lines.length;
  const endMs = queue.nowMs + soonMs;
  while ((queue.nextMs ?? Number.MAX_SAFE_INTEGER) <= endMs) queue.step();
  return trace.lines.slice(from).filter((line) => / 0>1 direct 0 /.test(line)).length;
}

test('a new connection does not wait for what the old one held up', () => {
  const { world, one, other } = worldWithLateStream();
  world.network.disconnect(one, other);
  world.network.connect(one, other);
  assert.equal(greetingsAfter(world), 1);
});

test('after healing nothing waits for what was held up before', () => {
  const { world } = worldWithLateStream();
  world.heal();
  assert.equal(greetingsAfter(world), 1);
});
