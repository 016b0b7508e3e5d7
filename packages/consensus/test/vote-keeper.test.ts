/** Thresholds at their edges, and what the vote keeper keeps. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Hash, Vote } from '@synod/chain';
import fc from 'fast-check';
import {
  addVote,
  createVoteKeeper,
  isQuorum,
  isSkip,
  type VoteKeeper,
  type VoteKeeperOutput,
} from '../src/vote-keeper.ts';
import { makeVote, validator } from './world.ts';

function addAll(powers: Record<string, bigint>, votes: Vote[], currentRound = 0) {
  let keeper: VoteKeeper = createVoteKeeper(Object.entries(powers).map(([name, power]) => validator(name, power)));
  const outputs: (VoteKeeperOutput | null)[] = [];
  const evidence: unknown[] = [];
  for (const vote of votes) {
    const added = addVote(keeper, vote, currentRound);
    keeper = added.keeper;
    outputs.push(added.output);
    if (added.evidence !== null) evidence.push(added.evidence);
  }
  return { keeper, kinds: outputs.map((output) => output?.kind ?? null), evidence };
}

test('quorum is more than 2/3 and skip more than 1/3, exact beyond 2⁵³', () => {
  const big = 2n ** 61n;
  for (const [power, total, quorum, skip] of [
    [0n, 0n, false, false],
    [2n, 3n, false, true],
    [3n, 3n, true, true],
    [1n, 3n, false, false],
    [2n, 4n, false, true],
    [3n, 4n, true, true],
    [2n * big, 3n * big, false, true],
    [2n * big + 1n, 3n * big, true, true],
    [big, 3n * big, false, false],
    [big + 1n, 3n * big, false, true],
  ] as const) {
    assert.equal(isQuorum(power, total), quorum, `quorum ${power}/${total}`);
    assert.equal(isSkip(power, total), skip, `skip ${power}/${total}`);
  }
});

test('two quorums always share an honest validator, and a quorum and a skip a member', () => {
  const power = fc.bigInt({ min: 0n, max: 2n ** 60n });
  fc.assert(
    fc.property(power, power, power, (left, right, total) => {
      fc.pre(left <= total && right <= total);
      if (isQuorum(left, total) && isQuorum(right, total)) assert.ok(isSkip(left + right - total, total));
      if (isQuorum(left, total) && isSkip(right, total)) assert.ok(left + right > total);
    }),
  );
});

test('each threshold is reported when it is crossed and not again', () => {
  const prevote = (by: string, blockId: string | null): Vote => makeVote({ type: 'prevote', by, blockId });
  const four = { v1: 1n, v2: 1n, v3: 1n, v4: 1n };
  const polka = addAll(four, [prevote('v1', 'A'), prevote('v2', 'A'), prevote('v3', null), prevote('v4', 'A')]);
  assert.deepEqual(polka.kinds, [null, null, 'polkaAny', 'polkaValue']);
  const nil = addAll(four, [prevote('v1', null), prevote('v2', null), prevote('v3', null), prevote('v4', null)]);
  assert.deepEqual(nil.kinds, [null, null, 'polkaNil', null]);
  const precommit = (by: string, blockId: string | null): Vote => makeVote({ type: 'precommit', by, blockId });
  const mixed = addAll(four, [
    precommit('v1', null),
    precommit('v2', null),
    precommit('v3', null),
    precommit('v4', 'A'),
  ]);
  assert.deepEqual(mixed.kinds, [null, null, 'precommitAny', null]);
  const value = addAll(four, [precommit('v1', 'A'), precommit('v2', 'A'), precommit('v3', 'A'), precommit('v4', 'A')]);
  assert.deepEqual(value.kinds, [null, null, 'precommitValue', null]);
});

test('an equivocator counts for each of its first two values; only the first conflict is evidence', () => {
  const votes = ['A', 'B', 'A', 'C', null].map((blockId) => makeVote({ type: 'prevote', by: 'v1', blockId }));
  const { keeper, evidence } = addAll({ v1: 5n, v2: 5n }, votes);
  const count = keeper.rounds.get(0)?.prevotes;
  assert.deepEqual(
    [...(count?.powerByValue ?? [])],
    [
      ['A' as Hash, 5n],
      ['B' as Hash, 5n],
    ],
  );
  assert.equal(count?.anyPower, 5n);
  assert.deepEqual(evidence, [{ kind: 'duplicate.vote', first: votes[0], second: votes[1] }]);
});

test('a third value of an equivocator counts where an honest validator must stand behind it, and nowhere else', () => {
  const prevote = (by: string, blockId: string | null): Vote => makeVote({ type: 'prevote', by, blockId });
  const four = { v1: 1n, v2: 1n, v3: 1n, v4: 1n };
  const two = [prevote('v1', 'B'), prevote('v1', null)];
  const early = addAll(four, [...two, prevote('v2', 'A'), prevote('v1', 'A')]);
  assert.equal(
    early.keeper.rounds.get(0)?.prevotes.powerByValue.get('A' as Hash),
    1n,
    'the equivocator alone may be behind it',
  );
  const late = addAll(four, [...two, prevote('v2', 'A'), prevote('v3', 'A'), prevote('v1', 'A'), prevote('v1', 'A')]);
  assert.deepEqual(late.kinds.slice(-2), ['polkaValue', null]);
  assert.equal(late.keeper.rounds.get(0)?.prevotes.anyPower, 3n);
  assert.equal(late.keeper.rounds.get(0)?.prevotes.votes.get(validator('v1', 1n).operator)?.length, 3);
});

test('a prevote and a precommit of one validator, or of two rounds, are no conflict', () => {
  const { keeper, evidence } = addAll({ v1: 1n, v2: 1n, v3: 1n }, [
    makeVote({ type: 'prevote', by: 'v1', blockId: 'A' }),
    makeVote({ type: 'precommit', by: 'v1', blockId: null }),
    makeVote({ type: 'prevote', by: 'v1', blockId: 'B', round: 1 }),
  ]);
  assert.deepEqual(evidence, []);
  assert.equal(keeper.rounds.get(0)?.senderPower, 1n);
});

test('a stranger’s vote and a repeated vote change nothing', () => {
  const vote = makeVote({ type: 'prevote', by: 'v1', blockId: 'A' });
  const { keeper } = addAll({ v1: 1n }, [vote]);
  for (const again of [vote, { ...vote, validator: 'v9' as Vote['validator'] }]) {
    const added = addVote(keeper, again, 0);
    assert.equal(added.added, false);
    assert.equal(added.keeper, keeper);
  }
});
