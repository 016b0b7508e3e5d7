/** What the host reads from the core: certificates, bit arrays, votes a peer lacks, proposals; and certificates as input. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Address, Hash } from '@synod/chain';
import { createHeight, step } from '../src/consensus.ts';
import type { ConsensusInput, ConsensusState } from '../src/consensus-types.ts';
import {
  commitOf,
  polVotes,
  precommitsFor,
  proposalFor,
  proposalsFor,
  roundBits,
  roundState,
  validProposal,
  votesForPeer,
} from '../src/views.ts';
import { describe, makeProposal, makeVote, TIMEOUTS, validator } from './world.ts';

const NAMES = ['v1', 'v2', 'v3', 'v4'];
const A = 'A' as Hash;

function createNode(self = 'v4'): ConsensusState {
  const validators = NAMES.map((name) => validator(name));
  const proposerOf = (round: number): Address => validators[round % 4]!.operator;
  return createHeight(
    { chainId: 'views', self: self as Address, timeouts: TIMEOUTS },
    { height: 1, validators, proposerOf },
  );
}

function feed(state: ConsensusState, inputs: ConsensusInput[]): { state: ConsensusState; lines: string[] } {
  const lines: string[] = [];
  let current = state;
  for (const input of inputs) {
    const result = step(current, input);
    current = result.state;
    lines.push(...result.effects.map(describe));
  }
  return { state: current, lines };
}

const vote = (type: 'prevote' | 'precommit', by: string, blockId: string | null = 'A', round = 0): ConsensusInput => ({
  kind: 'vote',
  vote: makeVote({ type, by, blockId, round }),
});
const proposal = (blockId: string): ConsensusInput => ({
  kind: 'proposal',
  proposal: makeProposal({ blockId, by: 'v1' }),
});
const verdict = (blockId: string, valid = true): ConsensusInput => ({
  kind: 'verdict',
  blockId: blockId as Hash,
  valid,
});

test('the certificate needs more than 2/3, is sorted by index, and grows with late precommits', () => {
  const two = feed(createNode(), [
    { kind: 'start' },
    proposal('A'),
    verdict('A'),
    vote('precommit', 'v3'),
    vote('precommit', 'v2'),
  ]).state;
  assert.equal(commitOf(two, 0, A), null);
  const three = feed(two, [vote('precommit', 'v1')]).state;
  assert.deepEqual(three.decision, { round: 0, blockId: A });
  const commit = commitOf(three, 0, A);
  assert.deepEqual(
    commit?.precommits.map((one) => one.validator),
    [0, 1, 2],
  );
  assert.deepEqual(commit?.precommits[1], {
    validator: 1,
    signature: Buffer.from('v2 signs'),
    extension: Buffer.from('v2 extends'),
    extensionSignature: Buffer.from('v2 signs extension'),
  });
  const four = feed(three, [vote('precommit', 'v4')]).state;
  assert.equal(commitOf(four, 0, A)?.precommits.length, 4);
  assert.deepEqual(
    precommitsFor(four, 0, A).map((one) => one.validator),
    NAMES,
  );
  assert.equal(commitOf(four, 1, A), null);
});

test('precommits for other blocks stay out of the certificate', () => {
  const { state } = feed(createNode(), [
    vote('precommit', 'v1', 'B'),
    vote('precommit', 'v1', 'A'),
    vote('precommit', 'v2', 'A'),
    vote('precommit', 'v3', null),
    vote('precommit', 'v4', 'A'),
  ]);
  assert.deepEqual(
    precommitsFor(state, 0, A).map((one) => one.validator),
    ['v1', 'v2', 'v4'],
  );
  assert.equal(commitOf(state, 0, 'B' as Hash), null);
});

test('a certificate decides at once when the block is judged, and asks for the block otherwise', () => {
  const voted = feed(createNode(), [
    vote('precommit', 'v1', 'A', 7),
    vote('precommit', 'v2', 'A', 7),
    vote('precommit', 'v3', 'A', 7),
  ]);
  const commit = commitOf(voted.state, 7, A);
  assert.ok(commit !== null);
  const knowing = feed(createNode(), [verdict('A'), { kind: 'certificate', commit }]);
  assert.deepEqual(knowing.lines, ['decide 7 A']);
  const unknowing = feed(createNode(), [
    { kind: 'start' },
    { kind: 'certificate', commit },
    { kind: 'certificate', commit },
  ]);
  assert.deepEqual(unknowing.lines.slice(2), ['fetch 7 A']);
  const later = feed(unknowing.state, [verdict('A', false), verdict('A')]);
  assert.deepEqual(later.lines, ['decide 7 A']);
  assert.deepEqual(commitOf(later.state, 7, A), commit, 'without a single vote of its own');
  const own = makeVote({ type: 'precommit', by: 'v1', blockId: 'A', round: 7 });
  const more = feed(later.state, [
    { kind: 'vote', vote: { ...own, signature: Buffer.from('other') } },
    vote('precommit', 'v4', 'A', 7),
  ]);
  const grown = commitOf(more.state, 7, A);
  assert.deepEqual(grown?.precommits.slice(0, 3), commit.precommits, 'the verified certificate stays as it is');
  assert.equal(grown?.precommits.length, 4);
  assert.equal(commitOf(later.state, 6, A), null);
  assert.equal(commitOf(later.state, 7, 'B' as Hash), null);
  assert.deepEqual(
    feed(createNode(), [verdict('A'), { kind: 'certificate', commit: { ...commit, height: 2 } }]).lines,
    [],
  );
});

test('a peer gets the votes it lacks, and both votes of an equivocator whatever it holds', () => {
  const { state } = feed(createNode(), [
    vote('prevote', 'v1'),
    vote('prevote', 'v2', 'A'),
    vote('prevote', 'v2', 'B'),
    vote('prevote', 'v3', null),
    vote('precommit', 'v3', null),
    vote('precommit', 'v1', 'A', 1),
  ]);
  const lines = (prevotes: boolean[], precommits: boolean[], round = 0): string[] =>
    votesForPeer(state, { round, prevotes, precommits }).map((one) => `${one.type} ${one.validator} ${one.blockId}`);
  assert.deepEqual(lines([true, true, false, false], []), [
    'prevote v2 A',
    'prevote v2 B',
    'prevote v3 null',
    'precommit v3 null',
  ]);
  assert.deepEqual(lines([true, true, true, true], [true, true, true, true]), ['prevote v2 A', 'prevote v2 B']);
  assert.deepEqual(lines([], [], 1), ['precommit v1 A']);
  assert.deepEqual(lines([], [], 9), []);
});

test('the round state shows rounds, bits, proposals, locks and the latest polka', () => {
  const { state } = feed(createNode(), [
    { kind: 'start' },
    proposal('A'),
    verdict('A'),
    vote('prevote', 'v1'),
    vote('prevote', 'v2'),
    vote('prevote', 'v4'),
    vote('precommit', 'v2', null, 3),
  ]);
  assert.deepEqual(roundState(state), {
    height: 1,
    round: 0,
    step: 'precommit',
    lockedRound: 0,
    lockedValue: 'A',
    validRound: 0,
    validValue: 'A',
    decision: null,
    proposals: [{ round: 0, polRound: -1, blockId: 'A' }],
    votes: [
      { round: 0, prevotes: [true, true, false, true], precommits: [false, false, false, false] },
      { round: 3, prevotes: [false, false, false, false], precommits: [false, true, false, false] },
    ],
    pol: { round: 0, blockId: 'A' },
  });
  assert.deepEqual(roundBits(state, 0), roundState(state).votes[0]);
  assert.deepEqual(
    polVotes(state, 0, A).map((one) => one.validator),
    ['v1', 'v2', 'v4'],
  );
  assert.deepEqual(polVotes(state, 0, 'B' as Hash), []);
  assert.equal(roundState(createNode()).pol, null);
});

test('proposals are found by round, the valid one among two', () => {
  const { state } = feed(createNode(), [proposal('A'), proposal('B'), verdict('A', false), verdict('B')]);
  assert.equal(proposalFor(state, 0)?.blockId, 'A');
  assert.equal(validProposal(state, 0)?.blockId, 'B');
  assert.equal(proposalsFor(state, 0).length, 2);
  assert.equal(proposalFor(state, 1), null);
  assert.equal(validProposal(createNode(), 0), null);
});

test('a state is never changed by a step', () => {
  const before = feed(createNode(), [{ kind: 'start' }, proposal('A'), vote('prevote', 'v1')]).state;
  const seen = JSON.stringify(roundState(before));
  feed(before, [
    verdict('A'),
    vote('prevote', 'v2'),
    vote('prevote', 'v3'),
    vote('precommit', 'v1'),
    vote('prevote', 'v1', 'B'),
  ]);
  assert.equal(JSON.stringify(roundState(before)), seen);
  assert.equal(before.verdicts.size, 0);
});
