/** What is made once for the same round, vote or bytes, and what is made again. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  type Address,
  addressOf,
  encodeVote,
  extensionSignBytes,
  type Hash,
  publicKeyOf,
  type Vote,
  voteSignBytes,
} from '@synod/chain';
import { extensionBytesOf, voteBytesOf, voteOf } from '../../src/host/received.ts';
import { proposersOf } from '../../src/host/round-proposers.ts';

const blockId = 'ab'.repeat(32) as Hash;
const vote: Vote = {
  type: 'precommit',
  height: 7,
  round: 1,
  blockId,
  validator: addressOf(publicKeyOf(new Uint8Array(32).fill(1))),
  signature: new Uint8Array(64),
  extension: { bytes: Uint8Array.of(1, 2), signature: new Uint8Array(64) },
};

test('the bytes under a vote are those of its chain, made once while the chain is the same', () => {
  const first = voteBytesOf('one', vote);
  assert.deepEqual(first, voteSignBytes('one', vote));
  assert.equal(voteBytesOf('one', vote), first);
  assert.deepEqual(voteBytesOf('two', vote), voteSignBytes('two', vote));
  assert.notDeepEqual(voteBytesOf('one', { ...vote, round: 2 }), first);
  const content = { height: 7, round: 1, blockId, extension: Uint8Array.of(1, 2) };
  assert.deepEqual(extensionBytesOf('one', vote), extensionSignBytes('one', content));
  assert.deepEqual(extensionBytesOf('two', vote), extensionSignBytes('two', content));
  assert.throws(() => extensionBytesOf('one', { ...vote, extension: null }), RangeError);
});

test('the same bytes are decoded once, equal bytes again', () => {
  const bytes = encodeVote(vote);
  assert.equal(voteOf(bytes), voteOf(bytes));
  assert.notEqual(voteOf(bytes.slice()), voteOf(bytes));
  assert.deepEqual(voteOf(bytes.slice()), voteOf(bytes));
});

test('a proposer is reckoned once a round, beyond the remembered rounds each time', () => {
  const asked: number[] = [];
  const proposerOf = proposersOf((round) => {
    asked.push(round);
    return `proposer-${round}` as Address;
  });
  for (const round of [0, 1, 0, 1, 15, 15, 16, 16]) assert.equal(proposerOf(round), `proposer-${round}`);
  assert.deepEqual(asked, [0, 1, 15, 16, 16]);
});
