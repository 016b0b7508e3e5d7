/**
 * The attack that locks exist for: v1 decides and falls silent, v2 is locked on the decided block, v3 never saw the
 * polka, and the Byzantine v4 votes along with v3 for another block. Then v4 claims a proof-of-lock that is none.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Hash, Vote } from '@synod/chain';
import { makeProposal, makeVote, World } from './world.ts';

const DECIDED = 'v1.1.0';
const OTHER = 'v3.1.2';
const EXPIRATIONS = 60;

test('after one honest decision, no help of the equivocator brings the others to another block', () => {
  const world = decidedByOne();
  let claimed = false;
  for (let tries = 0; tries < EXPIRATIONS; tries++) {
    while (world.queue.length > 0) {
      voteAlong(world);
      world.deliver(0);
    }
    if (!claimed && world.replica('v2').state.machine.round === 3) {
      claimed = true;
      const proposal = makeProposal({ by: 'v4', round: 3, polRound: 2, blockId: OTHER });
      for (const label of ['v2', 'v3']) {
        world.feed(label, { kind: 'proposal', proposal }, { kind: 'verdict', blockId: OTHER as Hash, valid: true });
      }
    }
    world.expire('v2');
    world.expire('v3');
  }
  assert.ok(world.blocks.has(OTHER as Hash), 'v3 must have proposed another block');
  assert.ok(claimed && world.replica('v2').state.machine.round > 4, 'the attack must have gone on for rounds');
  assert.deepEqual([...new Set(world.decisions.map(({ blockId }) => blockId))], [DECIDED]);
  assert.equal(world.replica('v2').state.machine.lockedValue, DECIDED);
});

/** Round 0: v1 and v2 see a polka, v3 does not; v1 decides with the precommits of v2 and v4, which tells the others nil. */
function decidedByOne(): World {
  const silent = ['v4'];
  const isLinked = (from: string, to: string): boolean => !silent.includes(from) && !silent.includes(to);
  const world = new World({ replicas: { v1: 'v1', v2: 'v2', v3: 'v3', v4: 'v4' }, isLinked });
  world.beginHeight(1);
  for (const label of ['v1', 'v2', 'v3']) world.feed(label, { kind: 'start' });
  world.deliverAll(({ inputs }) => inputs[0]?.kind === 'proposal');
  world.deliverAll(({ from, to, inputs }) => to !== 'v3' && from !== 'v4' && isPrevote(inputs[0]));
  world.deliverAll(({ to }) => to === 'v1');
  forge(world, 'v1', makeVote({ type: 'precommit', by: 'v4', blockId: DECIDED }));
  assert.deepEqual(world.decisions, [{ label: 'v1', height: 1, blockId: DECIDED }]);
  assert.equal(world.replica('v2').state.machine.lockedValue, DECIDED);
  assert.equal(world.replica('v3').state.machine.lockedValue, null);
  silent.push('v1');
  world.queue = world.queue.filter(({ from, to }) => from !== 'v1' && to !== 'v1');
  for (const type of ['prevote', 'precommit'] as const) {
    for (const label of ['v2', 'v3']) forge(world, label, makeVote({ type, by: 'v4', blockId: null }));
  }
  return world;
}

/** v4 repeats every later vote of v3 under its own name. */
function voteAlong(world: World): void {
  const heard = world.queue.filter(({ from }) => from === 'v3').flatMap(({ inputs }) => inputs);
  for (const input of heard) {
    if (input.kind !== 'vote' || input.vote.round === 0) continue;
    const vote = makeVote({ ...input.vote, by: 'v4' });
    for (const label of ['v2', 'v3']) forge(world, label, vote);
  }
}

function forge(world: World, label: string, vote: Vote): void {
  world.feed(label, { kind: 'vote', vote });
}

function isPrevote(input: { readonly kind: string; readonly vote?: Vote } | undefined): boolean {
  return input?.kind === 'vote' && input.vote?.type === 'prevote';
}
