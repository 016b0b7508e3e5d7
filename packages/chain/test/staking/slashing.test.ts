/** What misconduct costs (consensus §1.13, staking §6). */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  type ChainEvent,
  type ChainParams,
  checkSupply,
  defaultChainParams,
  type Evidence,
  evidenceProblem,
  type Hash,
  listValidatorCandidates,
  missedHeights,
  Overlay,
  proposalSignBytes,
  readMissed,
  readParams,
  readPastHeader,
  readPool,
  readRedelegations,
  readSupply,
  StateTree,
  sign,
  stateKeys,
  voteSignBytes,
} from '../../src/index.ts';
import { punishMisreveal } from '../../src/staking/slashing.ts';
import { rememberHeader } from '../../src/state/past-headers.ts';
import { CHAIN_ID, eventTypes, SYN, type TestChain, type TestValidator, user } from '../test-chain.ts';
import {
  delegate,
  leaving,
  pool,
  powersAt,
  redelegate,
  runTo,
  STAKING,
  stake,
  stakingChain,
  undelegate,
} from './staker.ts';

const ONE = '11'.repeat(32) as Hash;
const TWO = '22'.repeat(32) as Hash;

function twoVotes(who: TestValidator, height: number): Evidence {
  const [first, second] = [ONE, TWO].map((blockId) => {
    const content = { type: 'precommit' as const, height, round: 0, blockId };
    const signature = sign(who.consensus.secret, voteSignBytes(CHAIN_ID, content));
    return { ...content, validator: who.address, signature, extension: null };
  });
  return { kind: 'duplicate.vote', first: first!, second: second! };
}

function twoProposals(who: TestValidator, height: number): Evidence {
  const [first, second] = [ONE, TWO].map((blockId) => {
    const content = { height, round: 0, polRound: -1, blockId };
    const signature = sign(who.consensus.secret, proposalSignBytes(CHAIN_ID, content));
    return { ...content, proposer: who.address, signature };
  });
  return { kind: 'duplicate.proposal', first: first!, second: second! };
}

const burnt = (chain: TestChain) => readSupply(chain.state).burnt;

test('staking §6.1: two votes or two proposals burn a part of all stake in the pool, and bar the validator for ever', () => {
  for (const evidenceOf of [twoVotes, twoProposals]) {
    const chain = stakingChain();
    const [, offender] = chain.validators as [TestValidator, TestValidator];
    chain.next({ transactions: [delegate(chain, user, offender.address, 4n * SYN)] });
    chain.next();
    const before = burnt(chain);
    const { events } = chain.next({ evidence: [evidenceOf(offender, 1)] });
    assert.deepEqual(eventTypes(events), ['evidence.recorded', 'validator.slashed', 'validators.changed']);
    // 5 % of 14 SYN.
    assert.equal(burnt(chain) - before, (14n * SYN * 5n) / 100n);
    assert.equal(stake(chain, offender.address, user), (4n * SYN * 95n) / 100n);
    assert.equal(pool(chain, offender.address).status, 'tombstoned');
    assert.equal(listValidatorCandidates(chain.state).includes(offender.address), false, 'its seat is free');
    assert.equal(powersAt(chain, 4).has(offender.address), true);
    assert.equal(powersAt(chain, 5).has(offender.address), false);
    assert.ok(checkSupply(chain.state).ok);
    runTo(chain, 9);
    assert.equal(powersAt(chain, 10).has(offender.address), false);
    const unjail = chain.transaction(offender.expert, { type: 'validator.unjail', validator: offender.expert.address });
    assert.deepEqual(chain.codes(delegate(chain, user, offender.address, SYN), unjail), [
      'VALIDATOR_GONE',
      'VALIDATOR_UNKNOWN',
    ]);
    assert.deepEqual(chain.codes(undelegate(chain, user, offender.address, (4n * SYN * 95n) / 100n)), ['OK']);
  }
});

test('staking §6.1: a further offence of a barred validator is recorded and costs nothing more', () => {
  const chain = stakingChain();
  const [offender] = chain.validators as [TestValidator];
  runTo(chain, 3);
  chain.next({ evidence: [twoVotes(offender, 1), twoVotes(offender, 2)] });
  assert.equal(pool(chain, offender.address).tokens, (10n * SYN * 95n) / 100n);
  chain.next({ evidence: [twoVotes(offender, 3)] });
  assert.equal(pool(chain, offender.address).tokens, (10n * SYN * 95n) / 100n);
});

test('staking §6.4: who is barred pays for no reveal any more', () => {
  const chain = stakingChain();
  const [offender, other] = chain.validators as [TestValidator, TestValidator];
  runTo(chain, 3);
  chain.next({ evidence: [twoVotes(offender, 1)] });
  const overlay = new Overlay(chain.state);
  const events: ChainEvent[] = [];
  for (const { address } of [offender, other])
    punishMisreveal(overlay, address, { params: readParams(overlay), emit: (event) => events.push(event) });
  const amount = (10n * SYN * BigInt(readParams(overlay).staking.revealMismatchSlash)) / 1_000_000n;
  assert.deepEqual(events, [{ type: 'validator.slashed', validator: other.address, amount, reason: 'misreveal' }]);
  assert.equal(readPool(overlay, offender.address)!.tokens, pool(chain, offender.address).tokens);
});

test('consensus §1.13: undelegating stake stays slashable', () => {
  const chain = stakingChain();
  const [offender] = chain.validators as [TestValidator];
  chain.next({ transactions: [delegate(chain, user, offender.address, 4n * SYN)] });
  chain.next({ transactions: [undelegate(chain, user, offender.address, 4n * SYN)] });
  chain.next({ evidence: [twoVotes(offender, 2)] });
  const left = (4n * SYN * 95n) / 100n;
  assert.deepEqual(leaving(chain, offender.address, user), [left]);
  assert.equal(readSupply(chain.state).unbonding, left);
  assert.ok(checkSupply(chain.state).ok);
  runTo(chain, 1 + STAKING.unbondingHeights);
  const { events } = chain.next();
  assert.deepEqual(
    events.map((event) => event.type === 'stake.paid' && event.amount),
    [left],
  );
});

test('staking §6.1: redelegated stake answers for where it came from, wherever it is now', () => {
  const chain = stakingChain();
  const [offender, refuge] = chain.validators as [TestValidator, TestValidator];
  chain.next({ transactions: [delegate(chain, user, offender.address, 40n * SYN)] });
  chain.next({ transactions: [redelegate(chain, user, offender.address, refuge.address, 40n * SYN)] });
  // All but 1 SYN goes on into unbonding; 2 SYN are due.
  chain.next({ transactions: [undelegate(chain, user, refuge.address, 39n * SYN)] });
  const before = burnt(chain);
  chain.next({ evidence: [twoVotes(offender, 2)] });
  // At once what still lay with the offender; what left it by redelegation is called in when its time is over, and cannot move on.
  assert.equal(burnt(chain) - before, (10n * SYN * 5n) / 100n);
  assert.deepEqual(chain.codes(redelegate(chain, user, refuge.address, offender.address, SYN)), ['VALIDATOR_GONE']);
  assert.deepEqual(chain.codes(redelegate(chain, user, refuge.address, chain.validators[2]!.address, SYN)), [
    'REDELEGATION_PENDING',
  ]);
  runTo(chain, 1 + STAKING.unbondingHeights);
  const late = burnt(chain);
  assert.deepEqual([stake(chain, refuge.address, user), leaving(chain, refuge.address, user)], [SYN, [39n * SYN]]);
  const { events } = chain.next();
  assert.deepEqual(events, [
    {
      type: 'stake.burnt',
      from: offender.address,
      validator: refuge.address,
      delegator: user.address,
      amount: 2n * SYN,
    },
  ]);
  assert.equal(burnt(chain) - late, 2n * SYN);
  assert.deepEqual([stake(chain, refuge.address, user), leaving(chain, refuge.address, user)], [0n, [38n * SYN]]);
  assert.deepEqual(readRedelegations(chain.state, refuge.address, user.address), []);
  // The refuge's own stake is untouched.
  assert.equal(stake(chain, refuge.address, refuge), 10n * SYN);
  assert.ok(checkSupply(chain.state).ok);
  // One block later what left is paid, no more and no less.
  assert.deepEqual(
    chain.next().events.map((event) => event.type === 'stake.paid' && event.amount),
    [38n * SYN],
  );
  assert.ok(checkSupply(chain.state).ok);
});

test('staking §6.1: what left a barred validator afterwards, or long before, owes nothing', () => {
  const chain = stakingChain();
  const [offender, refuge, third] = chain.validators as [TestValidator, TestValidator, TestValidator];
  chain.next({ transactions: [delegate(chain, user, offender.address, 40n * SYN)] });
  chain.next({ transactions: [redelegate(chain, user, offender.address, refuge.address, 10n * SYN)] });
  runTo(chain, 2 + STAKING.unbondingHeights);
  chain.next({ evidence: [twoVotes(offender, chain.height)] });
  assert.equal(stake(chain, refuge.address, user), 10n * SYN);
  // It has paid with the pool; nothing can be asked of it again, so it is free at once.
  const moves = [
    redelegate(chain, user, offender.address, third.address, 28n * SYN),
    redelegate(chain, user, third.address, refuge.address, SYN),
  ];
  assert.deepEqual(chain.codes(...moves), ['OK', 'OK']);
  const before = burnt(chain);
  runTo(chain, chain.height + STAKING.unbondingHeights + 1);
  assert.equal(burnt(chain), before);
  assert.deepEqual([stake(chain, third.address, user), stake(chain, refuge.address, user)], [27n * SYN, 11n * SYN]);
  assert.ok(checkSupply(chain.state).ok);
});

/** Whether two votes of height 1 still count in the block of the height, so long after block 1. */
function countsAt(height: number, ageMs: number): boolean {
  const chain = stakingChain();
  const [offender] = chain.validators as [TestValidator];
  runTo(chain, 1);
  const { time } = chain.parent;
  runTo(chain, height - 1);
  chain.next({ afterMs: time + ageMs - chain.parent.time, evidence: [twoVotes(offender, 1)] });
  assert.ok(checkSupply(chain.state).ok);
  return pool(chain, offender.address).status === 'tombstoned';
}

test('staking §6.3: evidence beyond both ages is refused, to the height and the millisecond; within one of them it counts', () => {
  const { evidenceAgeHeights, evidenceAgeMs } = STAKING;
  const [last, late] = [1 + evidenceAgeHeights, 2 + evidenceAgeHeights];
  assert.equal(countsAt(last, evidenceAgeMs), true);
  // The chain stood still, for a moment or a day: nobody goes free for that.
  for (const longer of [1, 86_400_000]) assert.equal(countsAt(last, evidenceAgeMs + longer), true);
  assert.equal(countsAt(3, 10 * evidenceAgeMs), true);
  // Its blocks came fast.
  assert.equal(countsAt(late, evidenceAgeMs), true);
  assert.equal(countsAt(late, evidenceAgeMs + 1), false);
});

test('staking §6.3: of a height that state has forgotten nothing is punished, however the ages are', () => {
  const chain = stakingChain([10n, 10n, 10n, 10n], { staking: { evidenceAgeMs: 30_000 } });
  const [offender] = chain.validators as [TestValidator];
  runTo(chain, 3);
  const votes = twoVotes(offender, 1);
  const verify = () => true;
  const at = { chainId: CHAIN_ID, height: 4, time: chain.parent.time + 1, verify };
  assert.equal(evidenceProblem(chain.state, votes, at), null);
  const forgetful = new Overlay(chain.state);
  forgetful.delete(stateKeys.pastHeader(1));
  assert.equal(evidenceProblem(forgetful, votes, at), 'EVIDENCE_TOO_OLD');
});

test('state §7.6: blocks are remembered as long as evidence may be about them, and no longer', () => {
  const chain = stakingChain();
  runTo(chain, 3);
  assert.deepEqual(readPastHeader(chain.state, 3), { blockId: chain.parent.blockId, time: chain.parent.time });
  const overlay = new Overlay(StateTree.empty());
  const long = defaultChainParams({ staking: { evidenceAgeHeights: 1030 } });
  const remember = (params: ChainParams, first: number, last: number): void => {
    for (let at = first; at <= last; at += 1) rememberHeader(overlay, params, at, { blockId: ONE, time: at });
  };
  const known = (height: number): boolean => readPastHeader(overlay, height) !== null;
  remember(long, 1, 1040);
  assert.deepEqual([10, 11, 1040, 1041].map(known), [false, true, true, false]);
  // Six too many: one more goes per height than comes.
  remember(defaultChainParams(), 1041, 1046);
  assert.deepEqual([22, 23].map(known), [false, true]);
  remember(defaultChainParams(), 1047, 1047);
  assert.deepEqual([23, 24].map(known), [false, true]);
});

test('staking §6.2: who misses too many of the last heights is jailed, and comes back when it asks', () => {
  const chain = stakingChain();
  const [sleeper] = chain.validators as [TestValidator];
  // Misses 1, 2, 3 (blocks 2 to 4), which is the most that is borne.
  runTo(chain, 4, [0]);
  assert.deepEqual(missedHeights(readMissed(chain.state, sleeper.address), 1), [1, 2, 3]);
  assert.equal(pool(chain, sleeper.address).status, 'active');
  runTo(chain, 6);
  const before = burnt(chain);
  const { events } = chain.next({ absent: [0] });
  assert.deepEqual(events[0], {
    type: 'validator.slashed',
    validator: sleeper.address,
    amount: SYN / 10n,
    reason: 'downtime',
  });
  assert.equal(burnt(chain) - before, SYN / 10n);
  assert.equal(pool(chain, sleeper.address).status, 'jailed');
  assert.equal(powersAt(chain, 8).has(sleeper.address), true);
  assert.equal(powersAt(chain, 9).has(sleeper.address), false);
  const unjail = () => chain.transaction(user, { type: 'validator.unjail', validator: sleeper.address });
  const own = () => chain.transaction(sleeper, { type: 'validator.unjail', validator: sleeper.address });
  chain.next({ transactions: [chain.transfer(user, sleeper.address, SYN)] });
  assert.deepEqual(chain.codes(unjail(), own()), ['NOT_OPERATOR', 'JAIL_NOT_OVER']);
  runTo(chain, 11);
  assert.deepEqual(chain.codes(own(), own()), ['OK', 'NOT_JAILED']);
  // Epoch end at 12 itself: back at 14 with the whole units that are left.
  assert.equal(powersAt(chain, 14).get(sleeper.address), 9n);
  assert.ok(checkSupply(chain.state).ok);
});

test('staking §6.2: misses that fall out of the window are forgotten', () => {
  const chain = stakingChain();
  const [sleeper] = chain.validators as [TestValidator];
  runTo(chain, 4, [0]);
  runTo(chain, 11);
  // Window of block 12: heights 2 to 11, of which 2, 3 and 11 are missed.
  runTo(chain, 12, [0]);
  assert.deepEqual(missedHeights(readMissed(chain.state, sleeper.address), 1), [2, 3, 11]);
  assert.equal(pool(chain, sleeper.address).status, 'active');
});

test('staking §4.4: the last validator keeps its power whatever it did', () => {
  const chain = stakingChain([10n]);
  const [only] = chain.validators as [TestValidator];
  runTo(chain, 2);
  chain.next({ evidence: [twoVotes(only, 1)] });
  runTo(chain, 20);
  assert.deepEqual([...powersAt(chain, 22).values()], [1n]);
  assert.equal(pool(chain, only.address).status, 'tombstoned');
});
