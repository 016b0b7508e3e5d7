/** What leaves a pool and what may sit among the candidates, where somebody wants to keep others out (staking §4.9, §5.3). */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  type Address,
  CHAIN_LIMITS,
  type ChainEvent,
  checkSupply,
  type Hash,
  listBench,
  listParamsProposals,
  listValidatorCandidates,
  Overlay,
  type Payload,
  readParams,
  readParamsProposal,
  readPool,
  readUnbonding,
  type Transaction,
  transactionId,
} from '../../src/index.ts';
import { seatBench } from '../../src/staking/candidates.ts';
import { deposit } from '../../src/staking/pool-shares.ts';
import { listMaturing, noteMaturing, writeCandidates, writeOwed, writePool } from '../../src/staking/stake-records.ts';
import { payMatured, startUnbonding } from '../../src/staking/unbonding.ts';
import { credit, issueToPot } from '../../src/state/ledger.ts';
import { writeParamsProposal } from '../../src/voting/proposals.ts';
import { applyVoting } from '../../src/voting/voting-transactions.ts';
import { keysOf, SYN, type TestChain, type TestValidator, user } from '../test-chain.ts';
import { Heights } from './heights.ts';
import { create, delegate, pool, STAKING, stakingChain } from './staker.ts';

const { stakeEntriesMax, candidatesMax, benchMax, votesPerProposalMax, openProposalsMax, largestPoolsMax } =
  CHAIN_LIMITS;

test('staking §5.3: whoever takes out again and again fills a list of his own alone', () => {
  const chain = stakingChain();
  const [validator, attacker] = chain.newcomers as [TestValidator, TestValidator];
  const { address } = validator;
  assert.deepEqual(
    chain.codes(
      create(chain, validator, { bond: 100n * SYN }),
      delegate(chain, attacker, address, 50n * SYN),
      delegate(chain, user, address, SYN / 5n),
    ),
    ['OK', 'OK', 'OK'],
  );
  const heights = new Heights(chain);
  const leave = (amount: bigint) => ({ type: 'undelegate', validator: address, amount }) as const;
  for (let made = 0; made < stakeEntriesMax; made++, heights.height++) {
    assert.equal(heights.code(attacker.address, leave(SYN / 10n)), 'OK');
    // What he takes out within one block is one entry.
    assert.equal(heights.code(attacker.address, leave(SYN / 10n)), 'OK');
  }
  assert.equal(readUnbonding(heights.overlay, address, attacker.address).length, stakeEntriesMax);
  assert.equal(heights.code(attacker.address, leave(SYN / 10n)), 'UNBONDING_FULL');
  // Nobody else is in his way: not the smallest delegator, not the validator.
  assert.equal(heights.code(user.address, leave(SYN / 5n)), 'OK');
  for (let made = 0; made < stakeEntriesMax; made++, heights.height++)
    assert.equal(heights.code(address, leave(SYN)), 'OK');
  assert.equal(heights.code(address, leave(SYN)), 'UNBONDING_FULL');
  assert.equal(heights.code(address, { type: 'validator.exit', validator: address }), 'OK');
  assert.ok(checkSupply(heights.state()).ok);
});

test('staking §5.3: a thousand strangers who leave keep nobody in, and each block pays what one block made', () => {
  const chain = stakingChain();
  const [{ address }] = chain.validators as [TestValidator];
  const strangers = Array.from({ length: 1_500 }, (_, index) => keysOf(`stranger ${index}`).address);
  const heights = new Heights(chain);
  issueToPot(heights.overlay, 'staked', BigInt(strangers.length) * SYN);
  for (const stranger of strangers) deposit(heights.overlay, address, stranger, SYN);
  for (const stranger of strangers)
    assert.equal(heights.code(stranger, { type: 'undelegate', validator: address, amount: SYN }), 'OK');
  const maturesAt = heights.height + STAKING.unbondingHeights;
  assert.equal(listMaturing(heights.overlay, maturesAt).length, strangers.length);
  heights.height++;
  assert.equal(heights.code(address, { type: 'undelegate', validator: address, amount: SYN }), 'OK');
  assert.deepEqual(listMaturing(heights.overlay, maturesAt + 1), [{ operator: address, delegator: address }]);
  assert.ok(checkSupply(heights.state()).ok);
});

test('staking §5.3: two blocks that could both be next each note their own, and neither the other’s', () => {
  const chain = stakingChain();
  const [first, second] = chain.validators as [TestValidator, TestValidator];
  const leave = ({ address }: TestValidator) => ({ type: 'undelegate', validator: address, amount: SYN }) as const;
  const before = new Heights(chain);
  assert.equal(before.code(first.address, leave(first)), 'OK');
  const maturesAt = before.height + STAKING.unbondingHeights;
  const base = before.state();
  const noted = [first, second, second, first].map((who) => {
    const overlay = new Overlay(base);
    for (const again of [who, who])
      noteMaturing(overlay, maturesAt, { operator: again.address, delegator: user.address });
    const written = base.update(overlay.writes());
    return [overlay, written].map((view) => listMaturing(view, maturesAt).map(({ operator }) => operator));
  });
  const row = (who: TestValidator) => [first.address, who.address, who.address];
  assert.deepEqual(
    noted,
    [first, second, second, first].map((who) => [row(who), row(who)]),
  );
  assert.deepEqual(listMaturing(base, maturesAt).length, 1);
});

test('staking §5.3: redelegations are bounded for each delegator and pool, and those of strangers keep nobody', () => {
  const chain = stakingChain();
  const [from, to] = chain.validators as [TestValidator, TestValidator];
  const [attacker] = chain.newcomers as [TestValidator];
  const paid = [delegate(chain, attacker, from.address, 50n * SYN), delegate(chain, user, from.address, SYN)];
  assert.deepEqual(chain.codes(...paid), ['OK', 'OK']);
  const heights = new Heights(chain);
  const move = { type: 'redelegate', from: from.address, to: to.address, amount: SYN / 10n } as const;
  for (let made = 0; made < stakeEntriesMax; made++, heights.height++)
    assert.equal(heights.code(attacker.address, move), 'OK');
  assert.equal(heights.code(attacker.address, move), 'UNBONDING_FULL');
  assert.equal(heights.code(user.address, move), 'OK');
  const other = { ...move, to: chain.validators[2]!.address };
  assert.equal(heights.code(attacker.address, other), 'OK', 'another pool, another list');
  assert.ok(checkSupply(heights.state()).ok);
});

test('staking §6.1: where votes shortened the unbonding time, what is owed is taken before what left later is paid', () => {
  const chain = stakingChain();
  const [from, to] = chain.validators as [TestValidator, TestValidator];
  assert.deepEqual(chain.codes(delegate(chain, user, from.address, 10n * SYN)), ['OK']);
  const heights = new Heights(chain);
  const { overlay } = heights;
  const move = { type: 'redelegate', from: from.address, to: to.address, amount: 10n * SYN } as const;
  assert.equal(heights.code(user.address, move), 'OK');
  writeOwed(overlay, from.address, 50_000);
  const maturesAt = heights.height + 2;
  const at = { operator: to.address, delegator: user.address };
  startUnbonding(overlay, at, { amount: 10n * SYN, maturesAt });
  const events: ChainEvent[] = [];
  payMatured(overlay, maturesAt, (event) => events.push(event));
  assert.deepEqual(
    events.map((event) => 'amount' in event && [event.type, event.amount]),
    [
      ['stake.burnt', SYN / 2n],
      ['stake.paid', (19n * SYN) / 2n],
    ],
  );
  // It has paid: when the move's own time is over nothing more is asked.
  payMatured(overlay, heights.height + STAKING.unbondingHeights, () => assert.fail('it has paid'));
  assert.ok(checkSupply(heights.state()).ok);
});

/** A chain whose seats but one are taken by strangers, each with as much stake as `stakeAt` says. */
function crowd(
  chain: TestChain,
  stakeAt: (index: number) => bigint,
  count: number,
): { heights: Heights; crowd: Address[] } {
  const heights = new Heights(chain);
  const { overlay } = heights;
  const model = pool(chain, chain.validators[0]!.address);
  const strangers = Array.from({ length: count }, (_, index) => keysOf(`candidate ${index}`).address);
  for (const [index, operator] of strangers.entries()) {
    writePool(overlay, { ...model, operator, tokens: 0n, shares: 0n });
    issueToPot(overlay, 'staked', stakeAt(index));
    deposit(overlay, operator, operator, stakeAt(index));
  }
  writeCandidates(overlay, [...listValidatorCandidates(overlay), ...strangers]);
  return { heights, crowd: strangers };
}

const payloadOf = (transaction: Transaction): Payload => transaction.body.payload;

test('staking §4.9: seats full of cheap candidates keep nobody out who stakes more, and take nobody’s stake', () => {
  const chain = stakingChain();
  const [newcomer, poorer] = chain.newcomers as [TestValidator, TestValidator];
  const validators = chain.validators.map(({ address }) => address);
  const { heights, crowd: strangers } = crowd(chain, (index) => 2n * SYN + BigInt(index), candidatesMax - 4);
  const { overlay } = heights;
  assert.equal(listValidatorCandidates(overlay).length, candidatesMax);
  assert.equal(heights.code(newcomer.address, payloadOf(create(chain, newcomer))), 'OK');
  assert.equal(heights.code(poorer.address, payloadOf(create(chain, poorer, { bond: SYN }))), 'OK');
  assert.deepEqual(listBench(overlay), [newcomer.address, poorer.address].sort());
  const events: ChainEvent[] = [];
  seatBench(overlay, chain.height, (event) => events.push(event));
  // The one with the least lost its seat, and waits with its stake untouched; members of the set, some of them poorer, did not.
  const [least] = strangers as [Address];
  assert.deepEqual(events, [{ type: 'validator.seated', validator: newcomer.address, displaced: least }]);
  const seated = listValidatorCandidates(overlay);
  assert.deepEqual(
    [newcomer.address, poorer.address, least, ...validators].map((each) => seated.includes(each)),
    [true, false, false, ...validators.map(() => true)],
  );
  assert.deepEqual(listBench(overlay), [least, poorer.address].sort());
  assert.deepEqual([readPool(overlay, least)?.status, readPool(overlay, least)?.tokens], ['active', 2n * SYN]);
  // It may leave as ever, or put up more and come back.
  assert.equal(heights.code(least, { type: 'undelegate', validator: least, amount: SYN }), 'OK');
  assert.equal(heights.code(poorer.address, { type: 'delegate', validator: poorer.address, amount: 9n * SYN }), 'OK');
  seatBench(overlay, chain.height, (event) => events.push(event));
  assert.deepEqual(events[1], { type: 'validator.seated', validator: poorer.address, displaced: strangers[1] });
  assert.ok(checkSupply(heights.state()).ok);
});

test('staking §4.9: members of the set keep their seats, however little they have', () => {
  const chain = stakingChain([1n, 1n, 1n, 1n]);
  const [newcomer] = chain.newcomers as [TestValidator];
  const { heights } = crowd(chain, () => 20n * SYN, candidatesMax - 4);
  assert.equal(heights.code(newcomer.address, payloadOf(create(chain, newcomer, { bond: 20n * SYN }))), 'OK');
  seatBench(heights.overlay, chain.height, () => assert.fail('nobody has less'));
  assert.deepEqual(listBench(heights.overlay), [newcomer.address]);
  // A seat that falls free is the first one’s who waits.
  const [stranger] = listValidatorCandidates(heights.overlay).filter(
    (each) => !chain.validators.some(({ address }) => address === each),
  ) as [Address];
  assert.equal(heights.code(stranger, { type: 'validator.exit', validator: stranger }), 'OK');
  const events: ChainEvent[] = [];
  seatBench(heights.overlay, chain.height, (event) => events.push(event));
  assert.deepEqual(events, [{ type: 'validator.seated', validator: newcomer.address, displaced: null }]);
  assert.deepEqual(listBench(heights.overlay), []);
});

test('staking §4.9: a full bench takes who has more than the least on it, and refuses who has not', () => {
  const chain = stakingChain();
  const [newcomer, second] = chain.newcomers as [TestValidator, TestValidator];
  const { heights, crowd: strangers } = crowd(chain, () => 20n * SYN, candidatesMax + benchMax - 4);
  const { overlay } = heights;
  const [waiting, seated] = [strangers.slice(0, benchMax), strangers.slice(benchMax)];
  writeCandidates(overlay, [...chain.validators.map(({ address }) => address), ...seated]);
  for (const operator of waiting)
    assert.equal(heights.code(operator, { type: 'undelegate', validator: operator, amount: 15n * SYN }), 'OK');
  for (const operator of waiting) {
    writePool(overlay, { ...readPool(overlay, operator)!, status: 'jailed' });
    heights.height += STAKING.jailHeights;
    // Release asks for a seat as well.
    assert.equal(heights.code(operator, { type: 'validator.unjail', validator: operator }), 'OK');
  }
  assert.equal(listBench(overlay).length, benchMax);
  assert.equal(
    heights.code(newcomer.address, payloadOf(create(chain, newcomer, { bond: 5n * SYN }))),
    'CANDIDATES_FULL',
  );
  assert.equal(heights.code(second.address, payloadOf(create(chain, second, { bond: 5n * SYN + 1n }))), 'OK');
  assert.equal(listBench(overlay).length, benchMax);
  assert.ok(listBench(overlay).includes(second.address));
  // More stake of one's own asks for a seat, a free one too, but not from jail.
  writeCandidates(overlay, listValidatorCandidates(overlay).slice(1));
  const more = { type: 'delegate', validator: newcomer.address, amount: 30n * SYN } as const;
  for (const status of ['jailed', 'active'] as const) {
    const nothing = { operator: newcomer.address, status, tokens: 0n, shares: 0n };
    writePool(overlay, { ...readPool(overlay, second.address)!, ...nothing });
    assert.equal(heights.code(newcomer.address, more), 'OK');
    assert.equal(listValidatorCandidates(overlay).includes(newcomer.address), status === 'active');
  }
});

test('staking §4.9: without a seat there is no vote', () => {
  const chain = stakingChain();
  const [newcomer] = chain.newcomers as [TestValidator];
  const changes = [{ name: 'windowMax', value: 700n }];
  const proposal = chain.transaction(user, { type: 'params.propose', title: 'longer', changes, deposit: 10n * SYN });
  assert.deepEqual(chain.codes(create(chain, newcomer), proposal), ['OK', 'OK']);
  const overlay = new Overlay(chain.state);
  const vote = { type: 'params.vote', proposal: transactionId(proposal.body), choice: 'yes' } as const;
  const context = { id: vote.proposal, height: chain.height + 1, params: readParams(overlay), emit: () => undefined };
  const voteOf = ({ address }: TestValidator) => applyVoting(overlay, vote, { ...context, sender: address });
  writeCandidates(
    overlay,
    listValidatorCandidates(overlay).filter((each) => each !== newcomer.address),
  );
  assert.deepEqual([newcomer, chain.validators[0]!].map(voteOf), ['VALIDATOR_NOT_ACTIVE', 'OK']);
});

/** A proposal of the user's, and how to vote on it and to propose in the next block. */
function openVote(chain: TestChain) {
  const changes = [{ name: 'windowMax', value: 700n }];
  const payload = { type: 'params.propose', title: 'longer', changes, deposit: 10n * SYN } as const;
  const first = chain.transaction(user, payload);
  assert.deepEqual(chain.codes(first), ['OK']);
  const id = transactionId(first.body);
  let made = 0;
  const context = (overlay: Overlay) => ({
    height: chain.height + 1,
    params: readParams(overlay),
    emit: () => undefined,
  });
  return {
    id,
    vote: (overlay: Overlay, sender: Address) =>
      applyVoting(overlay, { type: 'params.vote', proposal: id, choice: 'yes' }, { ...context(overlay), id, sender }),
    propose: (overlay: Overlay, sender: Address) => {
      const another = (++made).toString(16).padStart(64, '0') as Hash;
      return applyVoting(overlay, payload, { ...context(overlay), id: another, sender });
    },
  };
}

test('staking §8.3: votes of pools that came and went keep nobody from voting', () => {
  const chain = stakingChain();
  const { id, vote } = openVote(chain);
  const { heights, crowd: strangers } = crowd(chain, () => SYN, 2);
  const { overlay } = heights;
  const [seated] = strangers as [Address];
  const gone = Array.from({ length: votesPerProposalMax - 3 }, (_, index) => {
    const validator = index.toString(16).padStart(40, '0') as Address;
    return { validator, choice: 'no' } as const;
  });
  const [first, second, third] = chain.validators as [TestValidator, TestValidator, TestValidator];
  const voted = [first.address, seated].map((validator) => ({ validator, choice: 'no' }) as const);
  const before = readParamsProposal(overlay, id)!;
  writeParamsProposal(overlay, { ...before, votes: [...gone, ...voted] });
  // One in jail has its seat, and its vote counts again after its release.
  writePool(overlay, { ...readPool(overlay, seated)!, status: 'jailed' });
  const after = () => readParamsProposal(overlay, id)!.votes.map(({ validator }) => validator);
  assert.equal(vote(overlay, second.address), 'OK');
  assert.equal(after().length, votesPerProposalMax, 'while there is room, nobody’s vote goes');
  assert.equal(vote(overlay, third.address), 'OK');
  assert.deepEqual(after(), [first.address, second.address, third.address, seated].sort());
});

test('staking §8.2: deposits keep nobody from proposing who would decide', () => {
  const chain = stakingChain();
  const { propose } = openVote(chain);
  const { heights, crowd: strangers } = crowd(chain, (index) => 20n * SYN + BigInt(index), largestPoolsMax + 1);
  const { overlay } = heights;
  for (const each of [user.address, ...strangers]) credit(overlay, each, 1_000n * SYN);
  const taken = Array.from({ length: openProposalsMax }, () => propose(overlay, user.address));
  assert.deepEqual(taken, [...Array.from({ length: openProposalsMax - 1 }, () => 'OK'), 'PROPOSALS_FULL']);
  const [smallest, next] = strangers as [Address, Address];
  // Seventeen have more than the validators of genesis: the smallest of them is not among the largest.
  assert.deepEqual([propose(overlay, smallest), propose(overlay, next)], ['PROPOSALS_FULL', 'OK']);
  assert.equal(propose(overlay, next), 'PROPOSALS_FULL', 'one each');
  writePool(overlay, { ...readPool(overlay, next)!, status: 'jailed' });
  assert.equal(propose(overlay, smallest), 'OK', 'the jailed is not among the largest');
  for (const each of strangers.slice(2, -1)) assert.equal(propose(overlay, each), 'OK');
  assert.equal(listParamsProposals(overlay).length, openProposalsMax + largestPoolsMax);
  assert.equal(propose(overlay, strangers.at(-1)!), 'PROPOSALS_FULL', 'no more than so many');
});
