/** What an epoch's queries earn at its end, on a real chain (spec: rewards §9, state §5). */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import {
  type Address,
  type ChainEvent,
  type ChainParamsOverrides,
  checkSupply,
  createReceipt,
  epochRewards,
  gatherRewards,
  type Hash,
  listEpochs,
  listTallied,
  Overlay,
  type QueryContract,
  type Receipt,
  readAccount,
  readAttendance,
  readEpoch,
  readExpert,
  readPool,
  readSupply,
  readTally,
  stateKeys,
} from '../../src/index.ts';
import { readPaidAway, writeTallied } from '../../src/rewards/reward-records.ts';
import { recordTally } from '../../src/rewards/tally.ts';
import { writeExpert } from '../../src/state/records.ts';
import { generated, type Keys, TestChain, user } from '../test-chain.ts';

const EPOCH = 40;
const EMISSION = 1_000_000_007n;

type Rewarded = Extract<ChainEvent, { type: 'epoch.rewarded' }>;
type ScoreOf = (group: number, position: number) => number | null;

const plainScore: ScoreOf = (group) => 900_000 - 300_000 * group;

function createChain(market: ChainParamsOverrides['market'] = {}, epochHeights: number = EPOCH): TestChain {
  return new TestChain({
    params: {
      staking: { epochHeights },
      market: { epochEmission: EMISSION, verificationShare: 0, ...market },
    },
  });
}

/** Asks, answers with two texts, and scores; a validator whose score is null commits and reveals nothing. */
function ask(
  chain: TestChain,
  scoreOf: ScoreOf = plainScore,
  requester: Keys = user,
  terms: Partial<QueryContract> = {},
): Hash {
  const id = chain.open({ scorerShare: 0, scoreWindow: 4, scoreRevealWindow: 4, ...terms }, requester);
  const { respondents } = chain.query(id);
  chain.answer(
    id,
    respondents.map((_, at) => generated(`Answer ${at}.`)),
  );
  const own = (at: number) => chain.eligible(id, at).map((group) => ({ group, score: scoreOf(group, at) ?? 0 }));
  const able = [0, 1, 2, 3].filter((at) => own(at).length > 0 && scoreOf(0, at) !== null);
  chain.next({ items: new Map(able.map((at) => [at, [chain.scoreCommit(id, at, own(at))]])) });
  while (chain.query(id).phase === 'scoring') chain.next();
  chain.next({ items: new Map(able.map((at) => [at, [chain.scoreReveal(id, at, own(at))]])) });
  while (chain.query(id).phase !== 'settled') chain.next();
  return id;
}

/** Goes on to the end of the epoch under way and returns what was paid there. */
function endEpoch(chain: TestChain): Rewarded {
  const { epochHeights } = chain.genesis.params.staking;
  while ((chain.height + 1) % epochHeights !== 0) chain.next();
  const { events } = chain.next();
  const rewarded = events.filter((event): event is Rewarded => event.type === 'epoch.rewarded');
  assert.equal(rewarded.length, 1);
  return rewarded[0]!;
}

const addressAt = (chain: TestChain, at: number): Address => chain.validators[at]!.address;

test('rewards §9.1: a settled query leaves its revealed scores by scorer and expert', () => {
  const chain = createChain();
  const id = ask(chain);
  const { respondents } = chain.query(id);
  assert.deepEqual(listTallied(chain.state), respondents.map(({ expert }) => expert).sort());
  for (const { expert, operator, group } of respondents) {
    const tally = readTally(chain.state, expert);
    const scorers = [0, 1, 2, 3].map((at) => addressAt(chain, at)).filter((each) => each !== operator);
    assert.deepEqual(
      tally.map(({ scorer }) => scorer),
      scorers.sort(),
    );
    for (const { sum, count } of tally) assert.deepEqual([sum, count], [plainScore(group!, 0), 1]);
  }
});

test('rewards §9.6: an epoch issues what its payments add up to, to the nano, and the supply adds up', () => {
  const chain = createChain();
  ask(chain);
  while ((chain.height + 1) % EPOCH !== 0) chain.next();
  const before = readSupply(chain.state);
  const poolsBefore = chain.validators.map(({ address }) => readPool(chain.state, address)!.tokens);
  const balances = chain.validators.map(({ expert }) => readAccount(chain.state, expert.address).balance);
  const expected = epochRewards(gatherRewards(chain.state, chain.genesis.params));
  const rewarded = endEpoch(chain);
  const after = readSupply(chain.state);
  assert.ok(rewarded.issued > 0n && rewarded.issued <= EMISSION);
  assert.equal(rewarded.issued, expected.paid);
  assert.equal(after.issued - before.issued, rewarded.issued);
  assert.equal(checkSupply(chain.state).ok, true);
  for (const [at, { address, expert }] of chain.validators.entries()) {
    const dividend = rewarded.scorers.find(({ operator }) => operator === address);
    assert.equal(
      readPool(chain.state, address)!.tokens - poolsBefore[at]!,
      (dividend?.payment ?? 0n) - (dividend?.kept ?? 0n),
    );
    const earned = rewarded.experts.find((each) => each.expert === expert.address)?.payment ?? 0n;
    assert.equal(readAccount(chain.state, expert.address).balance - balances[at]!, earned);
  }
});

test('rewards §9.6: of a dividend the operator keeps its commission and the pool gets the rest', () => {
  const chain = createChain();
  const { address } = chain.validators[0]!;
  chain.next({ transactions: [chain.transfer(user, address, 1_000_000_000n)] });
  endEpoch(chain);
  const edit = chain.transaction(chain.validators[0]!, { type: 'validator.edit', commission: 10_000 });
  assert.deepEqual(chain.codes(edit), ['OK']);
  ask(chain);
  const before = readAccount(chain.state, address).balance;
  const { scorers } = endEpoch(chain);
  const own = scorers.find(({ operator }) => operator === address)!;
  assert.equal(own.kept, (own.payment * 10_000n) / 1_000_000n);
  assert.ok(own.kept > 0n);
  assert.equal(readAccount(chain.state, address).balance - before, own.kept);
  assert.equal(checkSupply(chain.state).ok, true);
});

/** What a settled query would add to an empty tally. */
function tallyAnew(chain: TestChain, id: Hash, change: (receipt: Receipt) => Receipt = (receipt) => receipt): Overlay {
  const overlay = new Overlay(chain.state);
  for (const expert of listTallied(overlay)) overlay.delete(stateKeys.tally(expert));
  overlay.delete(stateKeys.tallied);
  recordTally(overlay, chain.query(id), change(createReceipt(chain.query(id), chain.height)));
  return overlay;
}

test('rewards §9.1: scores of an answer that its model did not write count as 0', () => {
  const chain = createChain();
  const id = ask(chain);
  const [first, second] = chain.query(id).respondents;
  for (const verdict of ['mismatch', 'error'] as const) {
    const overlay = tallyAnew(chain, id, (receipt) => ({
      ...receipt,
      respondents: receipt.respondents.map((each, at) => (at === 0 ? { ...each, verdict } : each)),
    }));
    assert.ok(readTally(overlay, first!.expert).length > 0);
    for (const { sum, count } of readTally(overlay, first!.expert)) assert.deepEqual([sum, count], [0, 1]);
    for (const { sum } of readTally(overlay, second!.expert)) assert.ok(sum > 0);
  }
});

test('rewards §9.7: of more than 256 experts those with the greatest bonds are counted', () => {
  const chain = createChain();
  const id = ask(chain);
  const [first, second] = chain.query(id).respondents;
  const unbonded = Array.from({ length: 255 }, (_, at) => `zzz${String(at).padStart(3, '0')}` as Address);
  const overlay = new Overlay(chain.state);
  writeTallied(overlay, [...unbonded, 'zzz999' as Address]);
  recordTally(overlay, chain.query(id), createReceipt(chain.query(id), chain.height));
  const listed = listTallied(overlay);
  assert.equal(listed.length, 256);
  assert.ok(listed.includes(first!.expert) && listed.includes(second!.expert), 'they have bonds');
  assert.equal(listed.includes('zzz999' as Address) || listed.includes('zzz254' as Address), false);
  const others = Array.from({ length: 256 }, (_, at) => ({ ...readExpert(chain.state, first!.expert)!, at }));
  const full = new Overlay(chain.state);
  for (const { at, ...expert } of others)
    writeExpert(full, { ...expert, address: `aaa${String(at).padStart(3, '0')}` as Address, bond: 10n ** 12n });
  writeTallied(
    full,
    others.map(({ at }) => `aaa${String(at).padStart(3, '0')}` as Address),
  );
  recordTally(full, chain.query(id), createReceipt(chain.query(id), chain.height));
  assert.equal(listTallied(full).includes(first!.expert), false, 'its bond is the least');
});

test('rewards §9.2: what an operator asks counts neither for its experts nor for its own scores', () => {
  const chain = createChain();
  const { address, expert } = chain.validators[1]!;
  chain.next({ transactions: [chain.transfer(user, address, 10_000_000_000n)] });
  for (const requester of [chain.validators[1]!, expert]) {
    ask(chain, plainScore, requester);
    for (const tallied of listTallied(chain.state))
      assert.ok(readTally(chain.state, tallied).every(({ scorer }) => scorer !== address));
  }
  assert.equal(readTally(chain.state, expert.address).length, 0, 'it is not even selected');
});

test('rewards §9.2: an operator that has delegated to another does not pay it by asking', () => {
  const chain = createChain();
  const [from, to] = [chain.validators[1]!, chain.validators[2]!];
  chain.next({ transactions: [chain.transfer(user, from.address, 10_000_000_000n)] });
  const delegate = chain.transaction(from, { type: 'delegate', validator: to.address, amount: 1_000_000_000n });
  assert.deepEqual(chain.codes(delegate), ['OK']);
  ask(chain, plainScore, from);
  const tallied = listTallied(chain.state);
  assert.equal(tallied.includes(to.expert.address), false);
  assert.ok(tallied.length > 0);
  for (const each of tallied)
    assert.ok(readTally(chain.state, each).every(({ scorer }) => scorer !== to.address && scorer !== from.address));
});

test('rewards §9.3: who is silent gets no dividends, and who is silent half of the time less than with all', () => {
  const paid = (isSilent: (query: number) => boolean) => {
    const chain = createChain();
    for (let query = 0; query < 2; query++)
      ask(chain, (_, at) => (at === 3 && isSilent(query) ? null : 800_000), user, { respondents: 3 });
    assert.ok(chain.height < EPOCH, 'one epoch');
    const attendance = readAttendance(chain.state).find(({ scorer }) => scorer === addressAt(chain, 3));
    const { scorers } = endEpoch(chain);
    const dividend = scorers.find(({ operator }) => operator === addressAt(chain, 3))?.payment ?? 0n;
    return { attendance, dividend };
  };
  const always = paid(() => false);
  const half = paid((query) => query === 0);
  const never = paid(() => true);
  assert.deepEqual([always.attendance?.revealed, half.attendance?.revealed, never.attendance?.revealed], [2, 1, 0]);
  assert.equal(never.dividend, 0n);
  assert.ok(half.dividend > 0n && half.dividend < always.dividend, `${half.dividend} of ${always.dividend}`);
});

test('rewards §9.5: bonds stay and scores begin anew; eight epochs are kept', () => {
  const chain = createChain();
  ask(chain);
  endEpoch(chain);
  assert.deepEqual(listTallied(chain.state), []);
  assert.deepEqual(readAttendance(chain.state), []);
  assert.deepEqual(listEpochs(chain.state), [1]);
  const { bonds } = gatherRewards(chain.state, chain.genesis.params);
  assert.deepEqual(bonds, [...epochRewards(readEpoch(chain.state, 1)!.input).bonds].sort(byExpert));
  assert.ok(bonds.length > 0);
  for (let epoch = 2; epoch <= 9; epoch++) assert.equal(endEpoch(chain).issued, 0n, 'nobody scored');
  assert.deepEqual(listEpochs(chain.state), [2, 3, 4, 5, 6, 7, 8, 9]);
  assert.equal(readEpoch(chain.state, 1), null);
  assert.equal(readEpoch(chain.state, 9)!.height, 9 * EPOCH);
});

function byExpert(a: { expert: string; scorer: string }, b: { expert: string; scorer: string }): number {
  return a.expert + a.scorer < b.expert + b.scorer ? -1 : 1;
}

test('rewards §9.6: no more is issued than an amount can hold', () => {
  const chain = createChain({ epochEmission: (1n << 64n) - 1n });
  ask(chain);
  const { issued } = endEpoch(chain);
  assert.ok(issued > 1n << 62n);
  assert.equal(checkSupply(chain.state).ok, true);
  ask(chain);
  endEpoch(chain);
  assert.ok(readSupply(chain.state).issued < 1n << 64n);
  assert.equal(checkSupply(chain.state).ok, true);
});

test('rewards §9.6: whatever is scored by whom, money adds up after every epoch', () => {
  const score = fc.option(fc.nat({ max: 1_000_000 }), { nil: null });
  const query = fc.record({ scores: fc.array(score, { minLength: 8, maxLength: 8 }), asks: fc.nat({ max: 2 }) });
  const history = fc.array(fc.array(query, { maxLength: 2 }), { minLength: 1, maxLength: 2 });
  fc.assert(
    fc.property(history, (epochs) => {
      const chain = createChain({}, 12);
      const own = chain.validators[1]!;
      chain.next({ transactions: [chain.transfer(user, own.address, 10_000_000_000n)] });
      for (const queries of epochs) {
        for (const { scores, asks } of queries) {
          const requester = [user, own, own.expert][asks]!;
          const silent = (at: number) => scores[at] === null;
          ask(chain, (group, at) => (silent(at) ? null : (scores[(at + 4 * group) % 8] ?? 0)), requester);
        }
        const before = readSupply(chain.state).issued;
        const { issued } = endEpoch(chain);
        assert.ok(issued <= EMISSION);
        assert.equal(readSupply(chain.state).issued - before, issued);
        assert.equal(checkSupply(chain.state).ok, true);
      }
    }),
    { numRuns: 8 },
  );
});

test('rewards §10.2: an expert is rewarded at most half of what its answers paid to scorers in other hands', () => {
  const capped = createChain();
  const id = ask(capped, plainScore, user, { scorerShare: 100_000 });
  const { respondents } = capped.query(id);
  const receipt = createReceipt(capped.query(id), capped.height);
  const all = receipt.respondents.reduce((sum, { paid }) => sum + paid, 0n);
  const { experts } = endEpoch(capped);
  for (const [index, { expert, operator }] of respondents.entries()) {
    const away = receipt.scorersPaid.filter(({ validator }) => validator !== operator);
    const part = (away.reduce((sum, { paid }) => sum + paid, 0n) * receipt.respondents[index]!.paid) / all;
    assert.ok(part > 0n);
    assert.equal(experts.find((one) => one.expert === expert)?.payment, part / 2n);
  }
  const generous = createChain({ rewardRatio: 1_000_000_000 });
  ask(generous, plainScore, user, { scorerShare: 100_000 });
  const more = endEpoch(generous).experts.reduce((sum, { payment }) => sum + payment, 0n);
  assert.ok(more > 1_000n * experts.reduce((sum, { payment }) => sum + payment, 0n));
});

test('rewards §10.2: what answers paid to scorers counts in the epoch of the payment alone', () => {
  const chain = createChain();
  const id = ask(chain, plainScore, user, { scorerShare: 100_000 });
  const [first] = chain.query(id).respondents;
  assert.ok(readPaidAway(chain.state, first!.expert) > 0n);
  endEpoch(chain);
  assert.equal(readPaidAway(chain.state, first!.expert), 0n);
  assert.deepEqual(endEpoch(chain).experts, []);
});
