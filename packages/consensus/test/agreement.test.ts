/**
 * What must hold whatever the network does: agreement, no double vote by an honest node, evidence against the guilty
 * only, and a decision once messages flow again. And the control: beyond a third of faults, the checker must notice.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Hash } from '@synod/chain';
import fc from 'fast-check';
import { makeVote, World } from './world.ts';

const SCHEDULES = 150;
const HEIGHTS = 3;
const ALONE_EXPIRATIONS = 24;
const HEALING_MAX = 400;

/** One thing the network or the equivocator does. `pick` chooses among what is there. */
type Move =
  | { readonly kind: 'deliver' | 'drop' | 'duplicate' | 'expire'; readonly pick: number }
  | { readonly kind: 'exchange' }
  | { readonly kind: 'forge'; readonly pick: number; readonly round: number; readonly isPrecommit: boolean };

const index = fc.nat({ max: 1000 });
const move: fc.Arbitrary<Move> = fc.oneof(
  { weight: 8, arbitrary: fc.record({ kind: fc.constant('deliver' as const), pick: index }) },
  {
    weight: 8,
    arbitrary: fc.record({
      kind: fc.constantFrom('drop' as const, 'drop' as const, 'duplicate' as const),
      pick: index,
    }),
  },
  { weight: 8, arbitrary: fc.record({ kind: fc.constant('expire' as const), pick: index }) },
  { weight: 1, arbitrary: fc.constant({ kind: 'exchange' as const }) },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant('forge' as const),
      pick: index,
      round: fc.nat({ max: 3 }),
      isPrecommit: fc.boolean(),
    }),
  },
);
const schedule = fc.array(fc.array(move, { minLength: 20, maxLength: 160, size: 'max' }), {
  minLength: HEIGHTS,
  maxLength: HEIGHTS,
});

const HONEST = ['v1', 'v2', 'v3'];

test('four validators, one of them twins that also forge votes: agreement, one vote a slot, and a decision', () => {
  let rounds = 0;
  let evidence = 0;
  let alone = 0;
  fc.assert(
    fc.property(schedule, (heights) => {
      const world = new World({ replicas: { v1: 'v1', v2: 'v2', v3: 'v3', v4a: 'v4', v4b: 'v4' } });
      for (const [offset, moves] of heights.entries()) {
        world.beginHeight(offset + 1);
        world.startAll();
        for (const one of moves) apply(world, one);
        alone += continueWithoutDecided(world) ? 1 : 0;
        heal(world, HONEST);
        rounds += Math.max(...HONEST.map((label) => world.replica(label).state.machine.round)) + 1;
      }
      checkAgreement(world, HONEST);
      checkOneVoteASlot(world, HONEST);
      checkOnlyGuilty(world);
      evidence += world.evidence.length;
    }),
    { numRuns: SCHEDULES, seed: 42 },
  );
  console.log(
    `agreement: ${SCHEDULES} schedules of ${HEIGHTS} heights, ${rounds} rounds, ${evidence} pieces of evidence, ${alone} times some decided alone`,
  );
  assert.ok(rounds > SCHEDULES * HEIGHTS * 1.4, 'the schedules must disturb enough to need more than one round');
  assert.ok(alone > SCHEDULES / 10, 'locks are put to the test only when some decide before others');
  assert.ok(evidence > 0, 'the twins must have been caught');
});

test('one silent validator of four: the others decide every height', () => {
  fc.assert(
    fc.property(schedule, (heights) => {
      const replicas = { v1: 'v1', v2: 'v2', v3: 'v3', v4: 'v4' };
      const world = new World({ replicas, isLinked: (from, to) => from !== 'v4' && to !== 'v4' });
      for (const [offset, moves] of heights.entries()) {
        world.beginHeight(offset + 1);
        for (const label of HONEST) world.feed(label, { kind: 'start' });
        for (const one of moves) if (one.kind !== 'forge') apply(world, one);
        heal(world, HONEST);
      }
      checkAgreement(world, HONEST);
      checkOneVoteASlot(world, HONEST);
      assert.deepEqual(world.evidence, []);
    }),
    { numRuns: 60, seed: 7 },
  );
});

test('unequal power: the heavy validators decide alone, the light ones never', () => {
  const world = new World({
    replicas: { v1: 'v1', v2: 'v2', v3: 'v3', v4: 'v4' },
    powers: { v1: 40n, v2: 30n, v3: 20n, v4: 10n },
  });
  world.beginHeight(1);
  for (const label of ['v1', 'v2']) world.feed(label, { kind: 'start' });
  world.deliverAll(({ to }) => to === 'v1' || to === 'v2');
  assert.deepEqual(world.decisions.map(({ label }) => label).sort(), ['v1', 'v2']);

  const light = new World({
    replicas: { v1: 'v1', v3: 'v3', v4: 'v4', v2: 'v2' },
    powers: { v1: 33n, v2: 34n, v3: 20n, v4: 13n },
  });
  light.beginHeight(1);
  for (const label of ['v1', 'v3', 'v4']) light.feed(label, { kind: 'start' });
  light.deliverAll(({ to }) => to !== 'v2');
  assert.deepEqual(light.decisions, [], '66 of 100 is not more than two thirds');
});

test('control: two twins of four break agreement, and the checker says so', () => {
  const groups: Record<string, string> = { v1: 'a', v3a: 'a', v4a: 'a', v2: 'b', v3b: 'b', v4b: 'b' };
  const replicas = { v1: 'v1', v3a: 'v3', v4a: 'v4', v2: 'v2', v3b: 'v3', v4b: 'v4' };
  const world = new World({ replicas, isLinked: (from, to) => groups[from] === groups[to] });
  world.beginHeight(3);
  world.startAll();
  heal(world, Object.keys(replicas));
  assert.throws(() => checkAgreement(world, ['v1', 'v2']), /agreement/);
});

function apply(world: World, one: Move): void {
  const at = 'pick' in one && world.queue.length > 0 ? one.pick % world.queue.length : 0;
  switch (one.kind) {
    case 'deliver':
      world.deliver(at);
      return;
    case 'duplicate':
      world.deliver(at, true);
      return;
    case 'drop':
      world.queue.splice(at, 1);
      return;
    case 'expire':
      world.expire([...world.replicas.keys()][one.pick % world.replicas.size]);
      return;
    case 'exchange':
      world.exchange();
      return;
    case 'forge': {
      const known = [null, 'unknown' as Hash, ...world.blocks];
      const blockId = known[one.pick % known.length] ?? null;
      const type = one.isPrecommit ? 'precommit' : 'prevote';
      const vote = makeVote({ type, height: world.height, round: one.round, blockId, by: 'v4' });
      world.feed(HONEST[one.pick % HONEST.length]!, { kind: 'vote', vote });
    }
  }
}

/**
 * Those who decided fall silent, and the others go on by themselves: only locks keep them from another block. True when
 * there was anybody to leave out.
 */
function continueWithoutDecided(world: World): boolean {
  const isUndecided = (label: string): boolean => world.replica(label).state.decision === null;
  const decided = HONEST.filter((label) => !isUndecided(label)).length;
  if (decided === 0 || decided === HONEST.length) return false;
  for (let tries = 0; tries < ALONE_EXPIRATIONS; tries++) {
    world.deliverAll(({ from, to }) => isUndecided(from) && isUndecided(to));
    world.exchange(isUndecided);
    world.expire([...world.replicas.keys()].filter(isUndecided)[tries % 4]);
  }
  return true;
}

/** Everything arrives, peers answer each other's requests, and timeouts expire in order of time, until all decided. */
function heal(world: World, labels: readonly string[]): void {
  for (let tries = 0; tries < HEALING_MAX; tries++) {
    world.deliverAll();
    world.exchange();
    world.deliverAll();
    if (labels.every((label) => world.replica(label).state.decision !== null)) return;
    world.expire();
  }
  assert.fail(`not live: ${labels.map((label) => JSON.stringify(world.replica(label).state.machine)).join(' ')}`);
}

function checkAgreement(world: World, labels: readonly string[]): void {
  const decided = new Map<number, Hash>();
  for (const { label, height, blockId } of world.decisions.filter((one) => labels.includes(one.label))) {
    const other = decided.get(height) ?? blockId;
    assert.equal(blockId, other, `agreement broken at height ${height} by ${label}`);
    decided.set(height, blockId);
  }
  assert.equal(new Set(world.decisions.map(({ label, height }) => `${label} ${height}`)).size, world.decisions.length);
}

function checkOneVoteASlot(world: World, labels: readonly string[]): void {
  const signed = world.signed.filter((line) => labels.includes(line.split(' ')[0] ?? ''));
  assert.equal(new Set(signed).size, signed.length, 'an honest validator was asked to sign twice for one slot');
}

function checkOnlyGuilty(world: World): void {
  for (const { first } of world.evidence) assert.equal('proposer' in first ? first.proposer : first.validator, 'v4');
}
