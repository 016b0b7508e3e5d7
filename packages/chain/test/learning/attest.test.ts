/** Blobs that the chain waits for: who counts, when it is enough, what makes no sense, and what is given up (learning §3). */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  type Address,
  awaitBlob,
  blobRoom,
  CHAIN_LIMITS,
  checkSupply,
  type Hash,
  listPendingBlobs,
  Overlay,
  readAccount,
  readFeedback,
  readLine,
  readRound,
  type TrainingRound,
  writePendingBlobs,
  writeRound,
  ZERO_HASH,
} from '../../src/index.ts';
import { applyAttestations, expireBlobs } from '../../src/learning/attest.ts';
import { eventTypes, poor, TestChain, user } from '../test-chain.ts';
import { attests, ratingOf, settled } from './talk.ts';

const content = 'c1'.repeat(32) as Hash;
const other = 'c2'.repeat(32) as Hash;

function given(powers: readonly bigint[] = [10n, 10n, 10n, 10n], attestHeights = 8): TestChain {
  const chain = new TestChain({ powers, params: { learning: { attestHeights } } });
  const id = settled(chain);
  assert.deepEqual(chain.codes(chain.transaction(user, ratingOf(id, content))), ['OK']);
  return chain;
}

test('a blob is available when more than 2/3 of the power attests it, whenever each does', () => {
  const chain = given();
  chain.next({ items: attests([0], content) });
  chain.next({ items: attests([0, 2], content) });
  const operators = [0, 2].map((at) => chain.validators[at]!.address).sort();
  assert.deepEqual(listPendingBlobs(chain.state)[0]?.attested, operators);
  assert.equal(readFeedback(chain.state, 'general', 0)?.state, 'pending');
  const { events } = chain.next({ items: attests([3], content) });
  const owner = { kind: 'feedback', domain: 'general', number: 0 } as const;
  assert.deepEqual(
    events.filter(({ type }) => type === 'blob.available'),
    [{ type: 'blob.available', content, owner }],
  );
  assert.deepEqual(listPendingBlobs(chain.state), []);
  assert.equal(readFeedback(chain.state, 'general', 0)?.state, 'available');
  assert.deepEqual(readLine(chain.state, 'general')?.waiting, [0]);
  assert.ok(checkSupply(chain.state).ok);
});

test('exactly 2/3 of the power is not enough; power counts, not heads', () => {
  const chain = given([20n, 20n, 10n, 10n]);
  const heavy = [0, 1, 2, 3].filter((at) => chain.validators[at]!.power === 20n);
  chain.next({ items: attests(heavy, content) });
  assert.equal(readFeedback(chain.state, 'general', 0)?.state, 'pending');
  const light = [0, 1, 2, 3].find((at) => !heavy.includes(at))!;
  chain.next({ items: attests([light], content) });
  assert.equal(readFeedback(chain.state, 'general', 0)?.state, 'available');
});

test('attestations that make no sense are ignored: of nothing, twice, by a stranger, too many at once', () => {
  const chain = given();
  chain.next({ items: attests([0, 1, 2, 3], other, ZERO_HASH) });
  chain.next({ items: attests([0], content, content, content, content) });
  assert.deepEqual(listPendingBlobs(chain.state)[0]?.attested, [chain.validators[0]!.address]);
  const many = Array.from({ length: CHAIN_LIMITS.attestationsMax }, () => other);
  chain.next({ items: attests([1, 2, 3], content, ...many) });
  assert.deepEqual(listPendingBlobs(chain.state)[0]?.attested.length, 1);
  const overlay = new Overlay(chain.state);
  const stranger = { validator: user.address as Address, contents: [content] };
  applyAttestations(overlay, [stranger], { emit: () => assert.fail('nothing happens') });
  assert.deepEqual(listPendingBlobs(overlay), listPendingBlobs(chain.state));
  // As many as may stand in one extension do count.
  chain.next({ items: attests([1, 2, 3], ...many.slice(1), content) });
  assert.deepEqual(listPendingBlobs(chain.state), []);
});

test('who has attested and left the set counts no more', () => {
  const chain = given();
  const overlay = new Overlay(chain.state);
  const [pending] = listPendingBlobs(overlay);
  const gone = [user.address, poor.address];
  writePendingBlobs(overlay, [{ ...pending!, attested: [...gone].sort() }]);
  const emit = () => undefined;
  const attestation = (at: number) => ({ validator: chain.validators[at]!.address, contents: [content] });
  applyAttestations(overlay, [attestation(0), attestation(1)], { emit });
  assert.deepEqual(listPendingBlobs(overlay)[0]?.attested.length, 4);
  applyAttestations(overlay, [attestation(2)], { emit });
  assert.deepEqual(listPendingBlobs(overlay), []);
});

test('a blob that does not come by its deadline is given up: the feedback is lost and its deposit burnt', () => {
  const chain = given([10n, 10n, 10n, 10n], 6);
  const givenAt = chain.height;
  chain.next({ items: attests([0, 1], content) });
  const before = readAccount(chain.state, user.address).balance;
  const { burnt } = checkSupply(chain.state).supply;
  const { deposit } = readFeedback(chain.state, 'general', 0)!;
  while (chain.height < givenAt + 5) assert.equal(eventTypes(chain.next().events).includes('blob.lost'), false);
  const { events } = chain.next();
  assert.ok(eventTypes(events).includes('blob.lost'));
  const lost = readFeedback(chain.state, 'general', 0)!;
  assert.deepEqual([lost.state, lost.deposit], ['lost', 0n]);
  assert.equal(checkSupply(chain.state).supply.burnt - burnt, deposit);
  assert.equal(readAccount(chain.state, user.address).balance, before);
  assert.deepEqual(readLine(chain.state, 'general')?.waiting, []);
  chain.next({ items: attests([0, 1, 2, 3], content) });
  assert.equal(readFeedback(chain.state, 'general', 0)?.state, 'lost');
  assert.ok(checkSupply(chain.state).ok);
});

test('an attestation in the block of the deadline still counts', () => {
  const chain = given([10n, 10n, 10n, 10n], 6);
  const givenAt = chain.height;
  while (chain.height < givenAt + 5) chain.next();
  chain.next({ items: attests([0, 1, 2], content) });
  assert.equal(readFeedback(chain.state, 'general', 0)?.state, 'available');
});

/** A round whose two trainers have revealed the same delta. */
function roundOf(chain: TestChain): TrainingRound {
  const trainer = (at: number) => ({
    expert: chain.validators[at]!.expert.address,
    operator: chain.validators[at]!.address,
    registeredAt: 0,
    commitment: other,
    order: at,
    delta: { content: other, bytes: 500, isAvailable: false },
  });
  const rule = { aggregator: 2, normMax: 2_000, shardCopies: 2 };
  const common = { openedAt: 1, base: 0, rule, deadline: 100, seed: ZERO_HASH, gateSeed: ZERO_HASH, evaluators: [] };
  return { id: content, domain: 'general', phase: 'revealing', items: [0], trainers: [0, 1].map(trainer), ...common };
}

const deltaOf = (trainer: number, bytes = 500) => ({
  content: other,
  bytes,
  owner: { kind: 'delta' as const, domain: 'general', trainer },
});

test("a round's deltas become available, or missing", () => {
  const chain = given();
  const overlay = new Overlay(chain.state);
  writeRound(overlay, roundOf(chain));
  for (const trainer of [0, 1]) awaitBlob(overlay, { ...deltaOf(trainer), deadline: 50 });
  const others = new Overlay(chain.state.update(overlay.writes()));
  const attestations = chain.validators.map(({ address }) => ({ validator: address, contents: [other] }));
  applyAttestations(overlay, attestations, { emit: () => undefined });
  const isAvailable = readRound(overlay, 'general')?.trainers.map(({ delta }) => delta?.isAvailable);
  assert.deepEqual(isAvailable, [true, true]);
  expireBlobs(others, { height: 50, emit: () => undefined });
  assert.deepEqual(
    readRound(others, 'general')?.trainers.map(({ delta }) => delta),
    [null, null],
  );
});

test('the blob of a round that is over says nothing about the next', () => {
  const chain = given();
  const overlay = new Overlay(chain.state);
  for (const trainer of [0, 1]) awaitBlob(overlay, { ...deltaOf(trainer), deadline: 50 });
  expireBlobs(overlay, { height: 50, emit: () => undefined });
  assert.equal(readRound(overlay, 'general'), null);
  const round = roundOf(chain);
  const trainers = round.trainers.map((trainer) => ({
    ...trainer,
    delta: { content: ZERO_HASH, bytes: 1, isAvailable: false },
  }));
  writeRound(overlay, { ...round, trainers });
  awaitBlob(overlay, { ...deltaOf(0), deadline: 60 });
  expireBlobs(overlay, { height: 60, emit: () => undefined });
  assert.deepEqual(readRound(overlay, 'general')?.trainers, trainers);
});

test('one content waits for one record; deltas of a round and length may be copies; each kind has its room', () => {
  const chain = given();
  const overlay = new Overlay(chain.state);
  const mine = { content, bytes: 100, owner: { kind: 'feedback' as const, domain: 'general', number: 1 } };
  assert.equal(blobRoom(overlay, mine), 'taken');
  assert.equal(blobRoom(overlay, { ...deltaOf(0), content }), 'taken');
  assert.equal(blobRoom(overlay, { ...mine, content: other }), 'ok');
  assert.equal(blobRoom(overlay, deltaOf(0)), 'ok');
  awaitBlob(overlay, { ...deltaOf(0), deadline: 50 });
  assert.equal(blobRoom(overlay, deltaOf(1)), 'ok');
  assert.equal(blobRoom(overlay, deltaOf(1, 501)), 'taken');
  assert.equal(blobRoom(overlay, { ...mine, content: other }), 'taken');
  const room = CHAIN_LIMITS.pendingBlobsMax - 1;
  for (let trainer = 1; trainer <= room; trainer++) awaitBlob(overlay, { ...deltaOf(trainer), deadline: 50 });
  assert.equal(blobRoom(overlay, deltaOf(1)), 'full');
  assert.equal(blobRoom(overlay, { ...mine, content: ZERO_HASH }), 'ok');
});
