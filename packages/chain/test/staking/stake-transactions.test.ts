/** Making validators, delegating and leaving (staking §3, §5). */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { transactionsRoot } from '../../src/block-roots.ts';
import {
  buildBlock,
  CHAIN_LIMITS,
  checkSupply,
  listValidatorCandidates,
  readAccount,
  readRedelegations,
  readSupply,
  readUnbonding,
  vrfProve,
} from '../../src/index.ts';
import { keysOf, SYN, type TestChain, type TestValidator, user } from '../test-chain.ts';
import {
  create,
  delegate,
  pool,
  powersAt,
  redelegate,
  runTo,
  STAKING,
  stake,
  stakingChain,
  undelegate,
} from './staker.ts';

function balance(chain: TestChain, who: { address: typeof user.address }): bigint {
  return readAccount(chain.state, who.address).balance;
}

function withNewcomer(): { chain: TestChain; newcomer: TestValidator; other: TestValidator } {
  const chain = stakingChain();
  const [newcomer] = chain.newcomers as [TestValidator];
  assert.deepEqual(chain.codes(create(chain, newcomer)), ['OK']);
  return { chain, newcomer, other: chain.validators[0]! };
}

test('staking §3.1: a validator is made with a self-bond, once, with keys nobody used', () => {
  const { chain, newcomer, other } = withNewcomer();
  const [, second] = chain.newcomers as [TestValidator, TestValidator];
  assert.deepEqual(
    chain.codes(
      create(chain, newcomer),
      create(chain, { ...second, consensus: newcomer.consensus }),
      create(chain, { ...second, vrf: other.vrf }),
      create(chain, { ...second, consensus: other.vrf }),
      create(chain, { ...second, vrf: second.consensus }),
      create(chain, second, { bond: SYN - 1n }),
      create(chain, second, { bond: 2000n * SYN }),
    ),
    ['VALIDATOR_EXISTS', 'KEY_USED', 'KEY_USED', 'KEY_USED', 'KEY_USED', 'BOND_TOO_LOW', 'INSUFFICIENT_BALANCE'],
  );
  const { tokens, shares, status, commission } = pool(chain, newcomer.address);
  assert.deepEqual(
    { tokens, shares, status, commission },
    { tokens: 10n * SYN, shares: 10n * SYN, status: 'active', commission: 50_000 },
  );
  assert.equal(readSupply(chain.state).staked, 50n * SYN);
  assert.ok(checkSupply(chain.state).ok);
});

test('staking §3.1: both keys must be proven, by this operator', () => {
  const chain = stakingChain();
  const [newcomer, thief] = chain.newcomers as [TestValidator, TestValidator];
  const stolen = create(chain, newcomer).body.payload as { keyProof: Uint8Array; vrfProof: Uint8Array };
  const keys = { publicKey: newcomer.consensus.publicKey, vrfKey: newcomer.vrf.publicKey };
  assert.deepEqual(
    chain.codes(
      create(chain, thief, { ...keys, keyProof: stolen.keyProof, vrfProof: stolen.vrfProof }),
      create(chain, newcomer, { keyProof: new Uint8Array(64) }),
      create(chain, newcomer, { vrfProof: new Uint8Array(80) }),
      create(chain, newcomer),
    ),
    ['POSSESSION_UNPROVEN', 'POSSESSION_UNPROVEN', 'POSSESSION_UNPROVEN', 'OK'],
  );
});

test('staking §3.2: the commission moves once an epoch by a bounded step', () => {
  const { chain, newcomer } = withNewcomer();
  const edit = (commission: number, who = newcomer) => chain.transaction(who, { type: 'validator.edit', commission });
  assert.deepEqual(chain.codes(edit(55_000)), ['COMMISSION_TOO_SOON']);
  runTo(chain, 4);
  assert.deepEqual(chain.codes(edit(39_999), edit(60_001), edit(60_000), edit(60_000)), [
    'COMMISSION_STEP_TOO_LARGE',
    'COMMISSION_STEP_TOO_LARGE',
    'OK',
    'COMMISSION_TOO_SOON',
  ]);
  assert.equal(pool(chain, newcomer.address).commission, 60_000);
});

test('staking §3.3: delegations become power at the epoch end; a remainder counts for nothing', () => {
  const { chain, other } = withNewcomer();
  const amount = 2n * SYN + SYN / 2n;
  assert.deepEqual(chain.codes(delegate(chain, user, other.address, amount)), ['OK']);
  assert.equal(stake(chain, other.address, user), amount);
  assert.equal(pool(chain, other.address).tokens, 12n * SYN + SYN / 2n);
  runTo(chain, 4);
  assert.equal(powersAt(chain, 5).get(other.address), 10n);
  assert.equal(powersAt(chain, 6).get(other.address), 12n);
});

test('staking §3.3: each refusal of a delegation has its code', () => {
  const { chain, other } = withNewcomer();
  assert.deepEqual(
    chain.codes(
      delegate(chain, user, keysOf('nobody').address, SYN),
      delegate(chain, user, other.address, SYN / 10n - 1n),
      delegate(chain, user, other.address, 1_000_000n * SYN),
    ),
    ['VALIDATOR_UNKNOWN', 'AMOUNT_TOO_LOW', 'INSUFFICIENT_BALANCE'],
  );
});

test('staking §5.1: undelegated stake loses its power at the epoch end and is paid after the unbonding time', () => {
  const { chain, other } = withNewcomer();
  chain.next({ transactions: [delegate(chain, user, other.address, 4n * SYN)] });
  runTo(chain, 5);
  assert.equal(powersAt(chain, 6).get(other.address), 14n);
  assert.deepEqual(
    chain.codes(
      undelegate(chain, user, other.address, 5n * SYN),
      undelegate(chain, chain.validators[1]!.expert, other.address, SYN),
      undelegate(chain, user, other.address, 1n),
      undelegate(chain, user, other.address, 3n * SYN),
      undelegate(chain, user, other.address, SYN),
    ),
    ['INSUFFICIENT_STAKE', 'INSUFFICIENT_STAKE', 'AMOUNT_TOO_LOW', 'OK', 'OK'],
  );
  const { staked, unbonding } = readSupply(chain.state);
  assert.deepEqual({ staked, unbonding }, { staked: 50n * SYN, unbonding: 4n * SYN });
  assert.equal(stake(chain, other.address, user), 0n);
  runTo(chain, 8);
  assert.equal(powersAt(chain, 10).get(other.address), 10n);
  const before = balance(chain, user);
  runTo(chain, 5 + STAKING.unbondingHeights);
  assert.equal(balance(chain, user), before);
  const { events } = chain.next();
  assert.deepEqual(
    events.map((event) => event.type === 'stake.paid' && event.amount),
    // What was taken out within one block is one entry.
    [4n * SYN],
  );
  assert.equal(balance(chain, user), before + 4n * SYN);
  assert.deepEqual(readUnbonding(chain.state, other.address, user.address), []);
  assert.ok(checkSupply(chain.state).ok);
});

test('staking §3.4: redelegated stake moves at once and cannot move on before its time', () => {
  const { chain, newcomer, other } = withNewcomer();
  const third = chain.validators[1]!;
  chain.next({ transactions: [delegate(chain, user, other.address, 4n * SYN)] });
  assert.deepEqual(
    chain.codes(
      redelegate(chain, user, other.address, other.address, SYN),
      redelegate(chain, user, other.address, newcomer.address, 3n * SYN),
      redelegate(chain, user, newcomer.address, third.address, SYN),
      redelegate(chain, user, other.address, third.address, SYN),
    ),
    ['SAME_VALIDATOR', 'OK', 'REDELEGATION_PENDING', 'OK'],
  );
  assert.equal(stake(chain, newcomer.address, user), 3n * SYN);
  assert.equal(readSupply(chain.state).unbonding, 0n);
  const moved = [newcomer, third].map(({ address }) => readRedelegations(chain.state, address, user.address));
  assert.deepEqual(
    moved.map((entries) => entries.map(({ from, amount }) => [from, amount])),
    [[[other.address, 3n * SYN]], [[other.address, SYN]]],
  );
  runTo(chain, 3 + STAKING.unbondingHeights);
  assert.deepEqual(readRedelegations(chain.state, newcomer.address, user.address), []);
  assert.deepEqual(chain.codes(redelegate(chain, user, newcomer.address, third.address, SYN)), ['OK']);
  assert.ok(checkSupply(chain.state).ok);
});

test('staking §3.5: an exit unbonds the self-bond, leaves the set, and is final; others take their stake out', () => {
  const { chain, newcomer } = withNewcomer();
  const exit = (who: TestValidator, validator = who.address) =>
    chain.transaction(who, { type: 'validator.exit', validator });
  chain.next({ transactions: [delegate(chain, user, newcomer.address, 2n * SYN)] });
  runTo(chain, 5);
  assert.equal(chain.setOf(6).length, 5);
  assert.deepEqual(chain.codes(exit(chain.newcomers[1]!, newcomer.address), exit(newcomer), exit(newcomer)), [
    'NOT_OPERATOR',
    'OK',
    'VALIDATOR_GONE',
  ]);
  assert.equal(listValidatorCandidates(chain.state).includes(newcomer.address), false);
  assert.equal(readSupply(chain.state).unbonding, 10n * SYN);
  runTo(chain, 8);
  assert.equal(chain.setOf(10).length, 4);
  assert.deepEqual(
    chain.codes(
      delegate(chain, user, newcomer.address, SYN),
      create(chain, newcomer),
      undelegate(chain, user, newcomer.address, 2n * SYN),
    ),
    ['VALIDATOR_GONE', 'VALIDATOR_EXISTS', 'OK'],
  );
  assert.ok(checkSupply(chain.state).ok);
});

test('staking §4.3: without enough stake of its own a validator is not taken in', () => {
  const { chain, newcomer } = withNewcomer();
  chain.next({ transactions: [delegate(chain, user, newcomer.address, 5n * SYN)] });
  runTo(chain, 5);
  // A third of 40 first.
  assert.equal(powersAt(chain, 6).get(newcomer.address), 13n);
  assert.equal(powersAt(chain, 7).get(newcomer.address), 15n);
  assert.deepEqual(chain.codes(undelegate(chain, newcomer, newcomer.address, 9n * SYN + SYN / 2n)), ['OK']);
  runTo(chain, 8);
  assert.equal(powersAt(chain, 10).has(newcomer.address), false);
});

test('a block takes few transactions with proofs of possession: each costs milliseconds to refuse', () => {
  const chain = stakingChain();
  const [who, other] = chain.newcomers as [TestValidator, TestValidator];
  // The key signs, and the beacon's proof is another's: the most that a failure can cost.
  const vrfProof = vrfProve(other.vrf.secret, new Uint8Array(1));
  const many = Array.from({ length: 20 }, () => create(chain, who, { vrfProof }));
  const last = delegate(chain, other, chain.validators[0]!.address, SYN);
  const { block } = buildBlock(chain.buildInput({ transactions: [...many, last] }));
  const types = block.transactions.map(({ body }) => body.payload.type);
  assert.equal(types.filter((type) => type === 'validator.create').length, CHAIN_LIMITS.possessionsPerBlockMax);
  assert.equal(types.at(-1), 'delegate');
  assert.equal(chain.validate(block).ok, true);
  const full = { ...block, transactions: many, header: { ...block.header, transactionsRoot: transactionsRoot(many) } };
  const verdict = chain.validate(full);
  assert.equal(verdict.ok ? 'OK' : verdict.code, 'BLOCK_TOO_LARGE');
});
