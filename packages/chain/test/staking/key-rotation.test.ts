/** New keys for a validator: when they act, what the old ones still answer for (consensus §1.14, staking §4.7). */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  type Address,
  applyUpdates,
  blockId,
  type Evidence,
  type Hash,
  type PublicKey,
  readUpdates,
  sign,
  updatesTowards,
  type Validator,
  voteSignBytes,
} from '../../src/index.ts';
import {
  CHAIN_ID,
  eventTypes,
  type Keys,
  SYN,
  type TestChain,
  type TestValidator,
  testValidator,
} from '../test-chain.ts';
import { create, delegate, newKeys, pool, rotate, runTo, STAKING, stakingChain } from './staker.ts';

const ONE = '11'.repeat(32) as Hash;
const TWO = '22'.repeat(32) as Hash;

function chainOf(powers?: readonly bigint[]): TestChain {
  const chain = stakingChain(powers);
  // Operators need money for fees.
  chain.next({ transactions: chain.validators.map(({ address, expert }) => chain.transfer(expert, address, SYN)) });
  runTo(chain, 3);
  return chain;
}

function keyAt(chain: TestChain, height: number, operator: Address): PublicKey | undefined {
  return chain.setOf(height).find((validator) => validator.operator === operator)?.publicKey;
}

function twoVotes(who: TestValidator, signer: Keys, height: number): Evidence {
  const [first, second] = [ONE, TWO].map((blockId) => {
    const content = { type: 'precommit' as const, height, round: 0, blockId };
    const signature = sign(signer.secret, voteSignBytes(CHAIN_ID, content));
    return { ...content, validator: who.address, signature, extension: null };
  });
  return { kind: 'duplicate.vote', first: first!, second: second! };
}

test('staking §4.7: new keys act two heights after the end of the epoch, the old ones until then', () => {
  const chain = chainOf();
  const [who] = chain.validators as [TestValidator];
  const keys = newKeys(chain, 'a');
  // The epoch ends at 4, 8, ...
  runTo(chain, 4);
  assert.deepEqual(chain.codes(rotate(chain, who, keys)), ['OK']);
  assert.equal(pool(chain, who.address).publicKey, keys.consensus.publicKey);
  runTo(chain, 8);
  assert.equal(keyAt(chain, 9, who.address), who.consensus.publicKey);
  assert.equal(keyAt(chain, 10, who.address), keys.consensus.publicKey);
  assert.deepEqual(readUpdates(chain.state), []);
  // The chain goes on, signed and made by the new keys; everybody gets a turn.
  const makers = Array.from({ length: 8 }, () => {
    chain.next();
    return chain.block!.header.proposer;
  });
  assert.ok(makers.includes(who.address));
});

test('consensus §1.14: a duplicate vote by the old key at an old height slashes the pool; at a new height it proves nothing', () => {
  const rotated = (): { chain: TestChain; who: TestValidator; fresh: Keys } => {
    const chain = chainOf();
    const [who] = chain.validators as [TestValidator];
    const keys = newKeys(chain, 'a');
    runTo(chain, 4);
    chain.next({ transactions: [rotate(chain, who, keys)] });
    runTo(chain, 12);
    return { chain, who, fresh: keys.consensus };
  };
  for (const [height, isOld, isPunished] of [
    [9, true, true],
    [10, true, false],
    [10, false, true],
    [9, false, false],
  ] as const) {
    const { chain, who, fresh } = rotated();
    chain.next({ evidence: [twoVotes(who, isOld ? who.consensus : fresh, height)] });
    const expected = isPunished ? (10n * SYN * 95n) / 100n : 10n * SYN;
    assert.equal(pool(chain, who.address).tokens, expected, `${isOld ? 'old' : 'new'} key at ${height}`);
  }
  // Old enough by heights and by time, and then by heights alone.
  for (const [afterMs, status] of [
    [STAKING.evidenceAgeMs, 'active'],
    [500, 'tombstoned'],
  ] as const) {
    const { chain, who } = rotated();
    runTo(chain, 9 + STAKING.evidenceAgeHeights);
    chain.next({ afterMs, evidence: [twoVotes(who, who.consensus, 9)] });
    assert.equal(pool(chain, who.address).status, status);
  }
});

test('staking §4.7: an old key that misleads a light client which knows no later set is punished; one that nobody takes is not', () => {
  for (const [commonHeight, status] of [
    [8, 'tombstoned'],
    [9, 'active'],
  ] as const) {
    const chain = chainOf();
    const [who] = chain.validators as [TestValidator];
    const keys = newKeys(chain, 'a');
    runTo(chain, 4);
    chain.next({ transactions: [rotate(chain, who, keys)] });
    runTo(chain, 12);
    assert.equal(keyAt(chain, 9, who.address), who.consensus.publicKey);
    assert.equal(keyAt(chain, 10, who.address), keys.consensus.publicKey);
    const { header } = chain.block!;
    const lie = { ...header, stateRoot: 'ab'.repeat(32) as Hash };
    const slot = { type: 'precommit', height: header.height, round: 0, blockId: blockId(lie) } as const;
    const signature = sign(who.consensus.secret, voteSignBytes(CHAIN_ID, slot));
    const conflicting = { header: lie, round: 0, signatures: [{ validator: who.address, signature }] };
    const trusted = { header, round: 0, signatures: [] };
    // The set after block 8 still names the old key, that after block 9 the new one.
    chain.next({ evidence: [{ kind: 'light.attack', commonHeight, trusted, conflicting }] });
    assert.equal(pool(chain, who.address).status, status);
  }
});

test('staking §3.7: only the operator, once an epoch, to keys that nobody ever had and that it holds', () => {
  const chain = chainOf();
  const [who, other] = chain.validators as [TestValidator, TestValidator];
  const [a, b] = [newKeys(chain, 'a'), newKeys(chain, 'b')];
  assert.deepEqual(chain.codes(rotate(chain, who, a)), ['OK']);
  assert.deepEqual(eventTypes(chain.applied!.events).slice(0, 1), ['validator.rotated']);
  assert.deepEqual(chain.codes(rotate(chain, who, b)), ['ROTATION_TOO_SOON']);
  runTo(chain, 7);
  const [newcomer, stranger] = chain.newcomers as [TestValidator, TestValidator];
  const codes = chain.codes(
    rotate(chain, stranger, b),
    rotate(chain, who, who),
    rotate(chain, who, { ...b, vrf: other.vrf }),
    rotate(chain, who, { consensus: b.consensus, vrf: b.consensus }),
    rotate(chain, who, b, { keyProof: new Uint8Array(64) }),
    rotate(chain, who, b, { vrfProof: new Uint8Array(80) }),
    rotate(chain, who, b),
    create(chain, newcomer, { publicKey: who.consensus.publicKey }),
    chain.transaction(other, { type: 'validator.exit', validator: other.address }),
    rotate(chain, other, newKeys(chain, 'c')),
  );
  assert.deepEqual(codes, [
    'VALIDATOR_UNKNOWN',
    'KEY_USED',
    'KEY_USED',
    'KEY_USED',
    'POSSESSION_UNPROVEN',
    'POSSESSION_UNPROVEN',
    'OK',
    'KEY_USED',
    'OK',
    'VALIDATOR_GONE',
  ]);
});

test('staking §4.7: a proof made for one operator serves no other', () => {
  const chain = chainOf();
  const [who, thief] = chain.validators as [TestValidator, TestValidator];
  const { body } = rotate(chain, who, newKeys(chain, 'a'));
  assert.deepEqual(chain.codes(chain.transaction(thief, body.payload)), ['POSSESSION_UNPROVEN']);
});

test('staking §4.4: new keys count as all the power they move; who has more than the bound changes alone', () => {
  const people = ['a', 'b', 'c', 'd']
    .map((name) => testValidator(name, 0n))
    .sort((x, y) => (x.address < y.address ? -1 : 1));
  const member = (at: number, power: bigint, keys = at): Validator => ({
    operator: people[at]!.address,
    publicKey: people[keys]!.consensus.publicKey,
    vrfKey: people[keys]!.vrf.publicKey,
    power,
  });
  const set = [member(0, 30n), member(1, 10n), member(2, 10n)];
  const wanted = [member(0, 30n, 3), member(1, 4n), member(2, 20n)];
  const updates = updatesTowards(set, wanted);
  assert.deepEqual(
    updates.map(({ operator }) => operator),
    set.map(({ operator }) => operator),
  );
  // A third of 50 is 16: 6 falls and 10 rises first, 30 does not fit beside them.
  const first = applyUpdates(set, updates, 9);
  assert.deepEqual(first.set, [member(0, 30n), member(1, 4n), member(2, 20n)]);
  assert.deepEqual(first.waiting, [wanted[0]]);
  const second = applyUpdates(first.set, [...first.waiting, member(3, 9n)], 9);
  assert.deepEqual(second.set, wanted);
  assert.deepEqual(second.waiting, [member(3, 9n)]);
  // Power that falls keeps the keys until they fit.
  const less = applyUpdates(set, [member(0, 20n, 3)], 9);
  assert.deepEqual(less.set[0], member(0, 20n));
  assert.deepEqual(applyUpdates(less.set, less.waiting, 9).set[0], member(0, 20n, 3));
});

test('staking §4.7: the only validator of a chain can change its keys', () => {
  const chain = chainOf([10n]);
  const [only] = chain.validators as [TestValidator];
  const keys = newKeys(chain, 'a');
  runTo(chain, 4);
  chain.next({ transactions: [rotate(chain, only, keys), delegate(chain, only.expert, only.address, 5n * SYN)] });
  runTo(chain, 12);
  assert.equal(keyAt(chain, 12, only.address), keys.consensus.publicKey);
});
