/** Ids, commitments and sign bytes: pinned, separated by domain, and sensitive to every field (codec §3, §4). */
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';
import type { Hash, VoteType } from '../../src/index.ts';
import * as chain from '../../src/index.ts';
import { sampleAnswer, sampleBody, sampleTransaction } from './samples.ts';

const id = 'cd'.repeat(32) as Hash;
const voter = chain.addressOf(sampleBody.sender);

test('a tagged hash is SHA-256(SHA-256(tag) ‖ SHA-256(tag) ‖ parts)', () => {
  const tag = createHash('sha256').update('synod/x/1').digest();
  const expected = createHash('sha256').update(tag).update(tag).update('ab').update('c').digest('hex');
  assert.equal(chain.taggedHash('synod/x/1', Buffer.from('ab'), Buffer.from('c')), expected);
});

test('encodings and ids are pinned: a change here is a new protocol version', () => {
  const pinned = {
    transaction: Buffer.from(chain.encodeTransaction(sampleTransaction)).toString('hex'),
    transactionId: chain.transactionId(sampleBody),
    answerHash: chain.answerHash(sampleAnswer),
    address: voter,
    voteSignBytes: chain.toHex(
      chain.voteSignBytes('synod-test', { type: 'precommit', height: 5, round: 1, blockId: id }),
    ),
    priority: chain.toHex(
      chain.encodeValidatorRecord({
        validators: [],
        rotation: [{ operator: voter, priority: -2n, lastSignedHeight: 9, lastFailedHeight: 7 }],
      }),
    ),
  };
  assert.deepEqual(pinned, PINNED);
});

const PINNED = {
  address: 'syn1kxukluqv9q3fu5sx9kta77j3nn9uxv0zpndq2m',
  answerHash: 'c54b75929692da0c42432c2a097f191f51346f716d694220a18ddb64ac0661f5',
  priority: '0800000008000000b1b96ff00c28229e52062d97df7a519ccbc331e2feffffffffffffff09000000000000000700000000000000',
  transaction: [
    '44000000',
    '49757560869456bf3caba33c460ebc951e8c1d49922a271122f7b6028a7cef1f',
    '719124be69c890b174d5117ddbbd294d0abb414e328a40c6826b02300a36ff01',
    '50000000',
    '09eb1d96d525e927b1c5d8c253616c51f2768bce9d4ca4229d478242f1600ea5',
    '000102030405060708090a0b0c0d0e0f',
    '8000000000000000',
    '0700000000000000',
    'e803000000000000',
    '5a000000',
    '73796e6f642d74657374',
    '00',
    'b1b96ff00c28229e52062d97df7a519ccbc331e2',
    '00f2052a01000000',
  ].join(''),
  transactionId: '8c031168d00a162a63f4584ac0df620197386225e4676fb5a96bb8c6f09eb43f',
  voteSignBytes: [
    '30b0f40646e5ff1c756fa372f8a9c5e47babdf165dbd2730c78e146a79cab2fb',
    '15000000',
    '01',
    '0500000000000000',
    '01000000',
    '1f000000',
    '73796e6f642d74657374',
    '01',
    'cd'.repeat(32),
  ].join(''),
};

test('the id covers the body alone, the signature sign bytes with the chain id', () => {
  const other = { ...sampleBody, chainId: 'synod-other' };
  assert.notEqual(chain.transactionId(other), chain.transactionId(sampleBody));
  const message = chain.transactionSignBytes(sampleBody);
  assert.ok(chain.verifySignature(sampleBody.sender, message, sampleTransaction.signature));
  assert.ok(!chain.verifySignature(sampleBody.sender, chain.transactionSignBytes(other), sampleTransaction.signature));
});

test('no two kinds of sign bytes share a first word, and every field changes them', () => {
  const proposal = { height: 5, round: 1, polRound: -1, blockId: id, proposer: voter };
  const vote = { type: 'prevote' as VoteType, height: 5, round: 1, blockId: id };
  const extension = { height: 5, round: 1, blockId: id, extension: Uint8Array.of(1) };
  const all = [
    chain.transactionSignBytes(sampleBody),
    chain.proposalSignBytes('c', proposal),
    chain.voteSignBytes('c', vote),
    chain.extensionSignBytes('c', extension),
  ];
  assert.equal(new Set(all.map((bytes) => chain.toHex(bytes.subarray(0, 32)))).size, 4);
  const variants = [
    chain.proposalSignBytes('c', proposal),
    chain.proposalSignBytes('d', proposal),
    chain.proposalSignBytes('c', { ...proposal, height: 6 }),
    chain.proposalSignBytes('c', { ...proposal, round: 2 }),
    chain.proposalSignBytes('c', { ...proposal, polRound: 0 }),
    chain.proposalSignBytes('c', { ...proposal, blockId: chain.ZERO_HASH }),
    chain.voteSignBytes('c', vote),
    chain.voteSignBytes('d', vote),
    chain.voteSignBytes('c', { ...vote, type: 'precommit' }),
    chain.voteSignBytes('c', { ...vote, height: 6 }),
    chain.voteSignBytes('c', { ...vote, round: 0 }),
    chain.voteSignBytes('c', { ...vote, blockId: null }),
    chain.voteSignBytes('c', { ...vote, blockId: chain.ZERO_HASH }),
    chain.extensionSignBytes('c', extension),
    chain.extensionSignBytes('c', { ...extension, height: 6 }),
    chain.extensionSignBytes('c', { ...extension, round: 0 }),
    chain.extensionSignBytes('c', { ...extension, blockId: chain.ZERO_HASH }),
    chain.extensionSignBytes('c', { ...extension, extension: new Uint8Array(0) }),
    chain.extensionSignBytes('d', extension),
  ].map(chain.toHex);
  assert.equal(new Set(variants).size, variants.length);
});

test('commitments bind query, author, salt and content', () => {
  const salt = new Uint8Array(32);
  const otherSalt = Uint8Array.from({ length: 32 }, () => 1);
  const stranger = chain.addressFromBytes(new Uint8Array(20));
  const answer = {
    queryId: id,
    expert: voter,
    salt,
    answerHash: chain.answerHash(sampleAnswer),
    link: chain.ZERO_HASH,
  };
  const check = { group: 0, verdict: 'match', distanceMilli: 1 } as const;
  const scores = { queryId: id, validator: voter, salt, scores: [{ group: 0, score: 5 }], checks: [check] };
  const commitments = [
    chain.answerCommitment(answer),
    chain.answerCommitment({ ...answer, queryId: chain.ZERO_HASH }),
    chain.answerCommitment({ ...answer, expert: stranger }),
    chain.answerCommitment({ ...answer, salt: otherSalt }),
    chain.answerCommitment({ ...answer, answerHash: chain.ZERO_HASH }),
    chain.answerCommitment({ ...answer, link: chain.roundLink(id, 2, [null, answer.answerHash]) }),
    chain.answerCommitment({ ...answer, link: chain.roundLink(id, 2, [answer.answerHash, null]) }),
    chain.answerCommitment({ ...answer, link: chain.roundLink(id, 3, [answer.answerHash, null]) }),
    chain.scoreCommitment(scores),
    chain.scoreCommitment({ ...scores, queryId: chain.ZERO_HASH }),
    chain.scoreCommitment({ ...scores, validator: stranger }),
    chain.scoreCommitment({ ...scores, salt: otherSalt }),
    chain.scoreCommitment({ ...scores, scores: [{ group: 0, score: 6 }] }),
    chain.scoreCommitment({ ...scores, scores: [] }),
    chain.scoreCommitment({ ...scores, checks: [] }),
    chain.scoreCommitment({ ...scores, checks: [{ ...check, verdict: 'mismatch' }] }),
  ];
  assert.equal(new Set(commitments).size, commitments.length);
  assert.throws(() => chain.answerCommitment({ ...answer, salt: new Uint8Array(31) }), { code: 'SALT_LENGTH' });
});

test('an answer hash covers what a reader does not see; its text is the segments joined', () => {
  assert.equal(chain.answerText(sampleAnswer), 'Paris is the capital. So: Paris.');
  assert.notEqual(chain.answerHash({ ...sampleAnswer, answerTokens: 4 }), chain.answerHash(sampleAnswer));
});

test('a passage leaf tells text from source', () => {
  assert.notDeepEqual(chain.passageLeaf({ text: 'ab', source: 'c' }), chain.passageLeaf({ text: 'a', source: 'bc' }));
});
