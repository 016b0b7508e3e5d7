/** Parameters changed by stake-weighted vote (staking §8). */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  type Amount,
  buildBlock,
  checkSupply,
  type Hash,
  type ParamChange,
  paramsHash,
  readAccount,
  readParams,
  readParamsProposal,
  readSupply,
  type Transaction,
  tallyVotes,
  transactionId,
  type VoteChoice,
} from '../../src/index.ts';
import { delegate, runTo, stakingChain } from '../staking/staker.ts';
import { eventTypes, type Keys, poor, SYN, type TestChain, type TestValidator, user } from '../test-chain.ts';

const DEPOSIT = 10n * SYN;
const VOTING = { votingHeights: 10, depositMin: DEPOSIT };

/** Validators with 10, 20, 30 and 40 SYN, smallest first, and money for fees. The epoch ends at 4, 8, ... */
function start(): { chain: TestChain; voters: readonly TestValidator[] } {
  const chain = stakingChain([10n, 20n, 30n, 40n], { voting: VOTING });
  chain.next({ transactions: chain.validators.map(({ address, expert }) => chain.transfer(expert, address, SYN)) });
  return { chain, voters: [...chain.validators].sort((a, b) => Number(a.power - b.power)) };
}

const harmless: readonly ParamChange[] = [{ name: 'windowMax', value: 700n }];
const safety: readonly ParamChange[] = [{ name: 'staking.doubleSignSlash', value: 100_000n }];

function proposal(
  chain: TestChain,
  changes: readonly ParamChange[],
  overrides: object = {},
  by: Keys = user,
): Transaction {
  const terms = { title: 'Longer windows', changes, deposit: DEPOSIT };
  return chain.transaction(by, { type: 'params.propose', ...terms, ...overrides });
}

function propose(chain: TestChain, changes: readonly ParamChange[]): Hash {
  const transaction = proposal(chain, changes);
  assert.deepEqual(chain.codes(transaction), ['OK']);
  return transactionId(transaction.body);
}

const vote = (chain: TestChain, who: Keys, id: Hash, choice: VoteChoice): Transaction =>
  chain.transaction(who, { type: 'params.vote', proposal: id, choice });

type Ballot = readonly (VoteChoice | null)[];

/** Runs a vote to its end: choices of the voters with 10, 20, 30, 40 SYN. Returns outcome and what the proposer got back. */
function decide(changes: readonly ParamChange[], ballot: Ballot): { outcome: string; back: Amount; burnt: Amount } {
  const { chain, voters } = start();
  const id = propose(chain, changes);
  assert.ok(checkSupply(chain.state).ok);
  const { votingEndsAt } = readParamsProposal(chain.state, id)!;
  const votes = ballot.flatMap((choice, at) => (choice === null ? [] : [vote(chain, voters[at]!, id, choice)]));
  chain.next({ transactions: votes });
  runTo(chain, votingEndsAt - 1);
  const [before, burnt] = [readAccount(chain.state, user.address).balance, readSupply(chain.state).burnt];
  const { events } = chain.next();
  assert.ok(checkSupply(chain.state).ok);
  const decided = events.find((event) => event.type === 'params.decided');
  assert.ok(decided !== undefined);
  return {
    outcome: decided.outcome,
    back: readAccount(chain.state, user.address).balance - before,
    burnt: readSupply(chain.state).burnt - burnt,
  };
}

test('staking §8.4: quorum, majority and veto are counted in stake; deposits go back or are burnt', () => {
  const returned = { back: DEPOSIT, burnt: 0n };
  const lost = { back: 0n, burnt: DEPOSIT };
  const cases: readonly [readonly ParamChange[], Ballot, string, object][] = [
    [harmless, [null, null, null, 'yes'], 'passed', returned],
    [harmless, ['yes', 'yes', null, null], 'noQuorum', lost],
    [harmless, [null, null, null, null], 'noQuorum', lost],
    [harmless, ['yes', null, 'abstain', null], 'passed', returned],
    [harmless, ['abstain', null, 'abstain', null], 'rejected', returned],
    [harmless, ['yes', 'yes', 'no', null], 'rejected', returned],
    [harmless, ['no', 'no', 'yes', 'yes'], 'passed', returned],
    [harmless, ['no', 'yes', 'no', 'abstain'], 'rejected', returned],
    [harmless, ['yes', 'no', 'no', 'abstain'], 'vetoed', lost],
    [safety, ['no', 'no', 'yes', 'no'], 'vetoed', lost],
    [safety, ['no', 'yes', 'no', 'yes'], 'rejected', returned],
    [safety, ['yes', 'no', 'no', 'yes'], 'rejected', returned],
    [safety, ['abstain', 'no', null, 'yes'], 'rejected', returned],
    [safety, ['no', 'no', 'yes', 'yes'], 'passed', returned],
  ];
  for (const [changes, ballot, outcome, money] of cases) {
    assert.deepEqual(decide(changes, ballot), { outcome, ...money }, `${changes[0]!.name} ${ballot}`);
  }
});

test('staking §8.5: what passed acts after the end of the epoch; header and next block keep it', () => {
  const { chain, voters } = start();
  const id = propose(chain, harmless);
  chain.next({ transactions: voters.map((who) => vote(chain, who, id, 'yes')) });
  // Proposed at 2, decided at 12, which ends an epoch.
  runTo(chain, 11);
  const before = paramsHash(readParams(chain.state));
  const { events } = chain.next();
  assert.deepEqual(eventTypes(events), ['epoch.rewarded', 'params.decided', 'params.changed']);
  assert.equal(chain.block!.header.paramsHash, before);
  assert.equal(readParams(chain.state).windowMax, 700);
  assert.equal(readParamsProposal(chain.state, id), null);
  const { block } = buildBlock(chain.buildInput());
  assert.equal(block.header.paramsHash, paramsHash(readParams(chain.state)));
  const stale = chain.validate({ ...block, header: { ...block.header, paramsHash: before } });
  assert.equal(stale.ok ? 'OK' : stale.code, 'BLOCK_PARAMS_HASH');
  chain.next();
});

test('staking §8.5: decided within an epoch it waits for its end', () => {
  const { chain, voters } = start();
  runTo(chain, 2);
  const id = propose(chain, [{ name: 'staking.epochHeights', value: 5n }]);
  chain.next({ transactions: voters.map((who) => vote(chain, who, id, 'yes')) });
  runTo(chain, 13);
  assert.equal(readParamsProposal(chain.state, id)?.phase, 'passed');
  assert.equal(readSupply(chain.state).escrowed, 0n);
  runTo(chain, 15);
  assert.deepEqual(chain.codes(vote(chain, voters[0]!, id, 'no')), ['VOTING_OVER']);
  assert.equal(readParams(chain.state).staking.epochHeights, 5);
});

test('staking §8.2: what the table or the relations forbid is refused when proposed', () => {
  const { chain } = start();
  const refused = (...changes: ParamChange[]): string => chain.codes(proposal(chain, changes))[0]!;
  assert.equal(refused({ name: 'windowMax', value: 100_001n }), 'PARAMS_REFUSED');
  assert.equal(refused({ name: 'windowMax', value: (1n << 64n) - 1n }), 'PARAMS_REFUSED');
  assert.equal(refused({ name: 'expertBondMin', value: 0n }), 'PARAMS_REFUSED');
  assert.equal(refused({ name: 'blockBytesTarget', value: 2n * 1024n * 1024n }), 'PARAMS_REFUSED');
  assert.equal(refused({ name: 'staking.unbondingHeights', value: 74n }), 'PARAMS_REFUSED');
  assert.equal(refused({ name: 'staking.trustingPeriodMs', value: 2_900n }), 'PARAMS_REFUSED');
  // Together they hold, alone each does not.
  const longer = { name: 'blockBytesMax', value: 2048n * 1024n };
  const target = { name: 'blockBytesTarget', value: 2048n * 1024n };
  assert.deepEqual([refused(target), refused(longer, target)], ['PARAMS_REFUSED', 'OK']);
  // Stake that left under the present unbonding time must still answer; extensions on their way must still fit.
  const age = { name: 'staking.evidenceAgeHeights', value: 50n };
  assert.equal(refused({ name: 'staking.unbondingHeights', value: 1_000n }, age), 'PARAMS_REFUSED');
  assert.equal(refused({ name: 'extensionBytesMax', value: 8n * 1024n }), 'PARAMS_REFUSED');
});

test('staking §8.2: a malformed proposal may not stand in a block; each other refusal has its code', () => {
  const { chain, voters } = start();
  const malformed = [
    proposal(chain, harmless, { title: ' ' }),
    proposal(chain, harmless, { title: 'x'.repeat(129) }),
    proposal(chain, harmless, { deposit: 0n }),
    proposal(chain, []),
    proposal(chain, [...harmless, ...harmless]),
    proposal(chain, [{ name: 'toString', value: 1n }]),
    proposal(chain, [{ name: 'staking', value: 1n }]),
  ];
  const built = buildBlock(chain.buildInput({ transactions: malformed }));
  assert.deepEqual(
    built.refused.map(({ code }) => code),
    malformed.map(() => 'PAYLOAD_INVALID'),
  );
  chain.next({ transactions: [chain.transfer(user, poor.address, SYN)] });
  const id = propose(chain, harmless);
  const codes = chain.codes(
    proposal(chain, harmless, { deposit: DEPOSIT - 1n }),
    proposal(chain, harmless, {}, poor),
    vote(chain, user, id, 'yes'),
    vote(chain, voters[0]!, '00'.repeat(32) as Hash, 'yes'),
    chain.transaction(voters[1]!, { type: 'validator.exit', validator: voters[1]!.address }),
    vote(chain, voters[1]!, id, 'yes'),
    vote(chain, voters[0]!, id, 'yes'),
  );
  assert.deepEqual(codes, [
    'DEPOSIT_TOO_LOW',
    'INSUFFICIENT_BALANCE',
    'VALIDATOR_UNKNOWN',
    'PROPOSAL_UNKNOWN',
    'OK',
    'VALIDATOR_NOT_ACTIVE',
    'OK',
  ]);
  const many = Array.from({ length: 16 }, () => proposal(chain, harmless));
  assert.deepEqual(chain.codes(...many), [...Array.from({ length: 15 }, () => 'OK'), 'PROPOSALS_FULL']);
  assert.ok(checkSupply(chain.state).ok);
});

test('staking §8.3: the last vote of a validator counts, with all stake in its pool when voting ends', () => {
  const { chain, voters } = start();
  const id = propose(chain, harmless);
  const [small, , , large] = voters as [TestValidator, TestValidator, TestValidator, TestValidator];
  chain.next({ transactions: [vote(chain, large, id, 'no'), vote(chain, small, id, 'no')] });
  chain.next({ transactions: [vote(chain, large, id, 'yes'), delegate(chain, user, small.address, 60n * SYN)] });
  const tally = tallyVotes(chain.state, readParamsProposal(chain.state, id)!);
  assert.deepEqual(tally, { yes: 40n * SYN, no: 70n * SYN, abstain: 0n, total: 160n * SYN });
  const { votingEndsAt } = readParamsProposal(chain.state, id)!;
  runTo(chain, votingEndsAt - 1);
  // The last height still counts.
  chain.next({ transactions: [vote(chain, small, id, 'yes')] });
  const decided = chain.applied!.events.find((event) => event.type === 'params.decided');
  assert.deepEqual(decided?.tally, { yes: 110n * SYN, no: 0n, abstain: 0n, total: 160n * SYN });
});

test('staking §8.5: a change that fits no more when it is due is dropped, the others are made in order', () => {
  const { chain, voters } = start();
  const low = propose(chain, [{ name: 'blockBytesTarget', value: 400_000n }]);
  const smaller = [
    { name: 'blockBytesMax', value: 450_000n },
    { name: 'blockBytesTarget', value: 300_000n },
  ];
  const tight = proposal(chain, smaller);
  const wide = proposal(chain, [{ name: 'blockBytesTarget', value: 500_000n }]);
  assert.deepEqual(chain.codes(tight, wide), ['OK', 'OK']);
  const ids = [low, transactionId(tight.body), transactionId(wide.body)];
  chain.next({ transactions: voters.flatMap((who) => ids.map((id) => vote(chain, who, id, 'yes'))) });
  const ends: string[] = [];
  while (chain.height < 16) ends.push(...eventTypes(chain.next().events).filter((type) => type.startsWith('params.')));
  assert.deepEqual(ends, [
    'params.decided',
    'params.changed',
    'params.decided',
    'params.decided',
    'params.changed',
    'params.dropped',
  ]);
  const { blockBytesMax, blockBytesTarget } = readParams(chain.state);
  assert.deepEqual([blockBytesMax, blockBytesTarget], [450_000, 300_000]);
});

test('staking §8.4: the stake of a jailed validator counts neither way', () => {
  const { chain, voters } = start();
  const id = propose(chain, harmless);
  const [first, , sleeper] = voters as [TestValidator, TestValidator, TestValidator];
  chain.next({ transactions: [vote(chain, sleeper, id, 'no'), vote(chain, first, id, 'yes')] });
  const place = chain.setOf(chain.height).findIndex(({ operator }) => operator === sleeper.address);
  const before = tallyVotes(chain.state, readParamsProposal(chain.state, id)!);
  assert.deepEqual(before, { yes: 10n * SYN, no: 30n * SYN, abstain: 0n, total: 100n * SYN });
  for (let missed = 0; missed < 4; missed += 1) chain.next({ absent: [place] });
  const after = tallyVotes(chain.state, readParamsProposal(chain.state, id)!);
  assert.deepEqual(after, { yes: 10n * SYN, no: 0n, abstain: 0n, total: 70n * SYN });
});
