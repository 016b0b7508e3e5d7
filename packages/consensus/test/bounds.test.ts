/**
 * Round skip (L55) and what the core refuses or forgets: each bound of limits.ts.
 */
import assert from 'node:assert/strict';
import { describe as group, test } from 'node:test';
import type { Hash } from '@synod/chain';
import { limits } from '../src/limits.ts';
import { Node } from './node.ts';
import { makeVote } from './world.ts';

group('round skip (L55)', () => {
  test('more than 1/3 in a later round skips to it; one of four, or one validator’s two types, does not', () => {
    const node = new Node().start();
    assert.deepEqual(node.votes('prevote', 'A', ['v1'], 3), []);
    assert.deepEqual(node.votes('precommit', 'A', ['v1'], 3), []);
    const lines = node.votes('precommit', null, ['v2'], 3);
    assert.deepEqual(lines, ['enter 1/3 proposer v4', 'timeout propose 3 in 1000 ms', 'build 3']);
  });

  test('skips to the furthest round that qualifies', () => {
    const node = new Node();
    node.votes('prevote', null, ['v1', 'v2'], 2);
    node.votes('prevote', null, ['v1', 'v2'], 4);
    node.start();
    assert.equal(node.state.machine.round, 4);
    assert.ok(!node.lines.some((line) => line.startsWith('enter 1/2')));
  });

  test('a round beyond the window is reached all the same, each validator holding one slot', () => {
    const node = new Node().start();
    const far = limits.futureRoundsMax + 500;
    for (let round = far; round < far + 50; round++) node.votes('prevote', null, ['v1'], round);
    assert.equal(node.state.keeper.rounds.size, 0);
    assert.equal(node.state.parked.size, 1);
    node.votes('prevote', 'A', ['v2'], far);
    node.votes('precommit', 'A', ['v2'], far);
    assert.equal(node.state.machine.round, 0);
    node.votes('prevote', null, ['v3'], far);
    assert.equal(node.state.machine.round, far);
    assert.equal(node.state.keeper.rounds.get(far)?.senderPower, 2n);
  });

  test('a parked vote gives way to later rounds only', () => {
    const node = new Node().start();
    const far = limits.futureRoundsMax + 50;
    for (const round of [far, far + 10, far + 5]) node.votes('prevote', null, ['v1'], round);
    assert.deepEqual(
      [...node.state.parked.values()].map(({ round, votes }) => [round, votes.length]),
      [[far + 10, 1]],
    );
    for (const blockId of ['A', 'B', 'C', 'D', 'E']) node.votes('prevote', blockId, ['v1'], far + 10);
    assert.equal(node.state.parked.get('v1' as never)?.votes.length, limits.parkedVotesMax);
  });

  test('votes parked beyond the window count when the window reaches them', () => {
    const node = new Node().start();
    const far = limits.futureRoundsMax + 3;
    node.votes('prevote', 'A', ['v1'], far);
    node.votes('prevote', null, ['v2', 'v3'], 5);
    assert.equal(node.state.keeper.rounds.get(far)?.senderPower, 1n);
    assert.equal(node.state.parked.size, 0);
  });

  test('a proposal beyond the window is dropped', () => {
    const node = new Node().start();
    node.propose('A', limits.futureRoundsMax, -1);
    node.propose('A', limits.futureRoundsMax + 1, -1);
    assert.deepEqual([...node.state.proposals.keys()], [limits.futureRoundsMax]);
  });
});

group('what is refused', () => {
  test('votes of strangers, other heights, impossible rounds, and with a missing or superfluous extension', () => {
    const node = new Node().start();
    const good = makeVote({ type: 'precommit', blockId: 'A', by: 'v1' });
    const bad = [
      makeVote({ type: 'prevote', blockId: 'A', by: 'v9' }),
      makeVote({ type: 'prevote', blockId: 'A', by: 'v1', height: 2 }),
      makeVote({ type: 'prevote', blockId: 'A', by: 'v1', round: -1 }),
      makeVote({ type: 'prevote', blockId: 'A', by: 'v1', round: Number.NaN }),
      { ...good, extension: null },
      { ...good, type: 'prevote' as const },
      { ...good, blockId: null },
    ];
    node.feed(...bad.map((vote) => ({ kind: 'vote' as const, vote })));
    assert.equal(node.state.keeper.rounds.size + node.state.parked.size, 0);
  });

  test('nil votes and proposals of long past rounds go, votes for a block stay and still decide', () => {
    const node = new Node().start();
    node.propose('A');
    node.votes('prevote', null, ['v1']);
    node.votes('precommit', 'A', ['v1', 'v2']);
    const now = limits.pastRoundsKept + 1;
    node.votes('prevote', null, ['v2', 'v3'], now);
    assert.equal(node.state.machine.round, now);
    assert.equal(node.state.proposals.has(0), false);
    assert.equal(node.state.keeper.rounds.get(0)?.prevotes.votes.size, 0);
    node.votes('precommit', null, ['v4']);
    assert.equal(node.state.keeper.rounds.get(0)?.precommits.votes.size, 2);
    assert.deepEqual(node.votes('precommit', 'A', ['v3']), ['decide 0 A']);
  });

  test('verdicts are bounded and never lose the valid value', () => {
    const node = new Node().lockThenRound1();
    for (let one = 0; one < 2 * limits.verdictsMax; one++) {
      node.feed({ kind: 'verdict', blockId: `x${one}` as Hash, valid: true });
    }
    assert.equal(node.state.verdicts.size, limits.verdictsMax);
    assert.equal(node.state.verdicts.get('A' as Hash), true);
  });
});
