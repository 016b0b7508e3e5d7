/** Prices (market §11): one function for quotes, selection and settlement; the load factor's course; shares. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import {
  checkSupply,
  eligibleGroups,
  groupDue,
  type Hash,
  listLoads,
  meteredFee,
  nextFactor,
  priceOf,
  type QueryContract,
  quoteQuery,
  type Receipt,
  readAccount,
  readLoad,
  utilisation,
} from '../../src/index.ts';
import { generated, TestChain, user } from '../test-chain.ts';

const rates = { priceInPerByte: 10n, priceOutPerByte: 100n, priceQuotePerByte: 1n };

test('market §11.1: rates times bytes, the prompt once a round, quotes at their own rate', () => {
  const metered = meteredFee(rates, { promptBytes: 30, rounds: 2, generatedBytes: 5, quotedBytes: 7 });
  assert.equal(metered, 600n + 500n + 7n);
});

test('market §11.1: load and difficulty multiply, rounded down once', () => {
  assert.equal(priceOf(800n, { loadFactor: 1_000_000, difficulty: 0 }), 800n);
  assert.equal(priceOf(800n, { loadFactor: 1_500_000, difficulty: 500_000 }), 1800n);
  assert.equal(priceOf(3n, { loadFactor: 500_000, difficulty: 333_333 }), 1n, '1.9999995');
});

test('market §11.2: a factor moves by at most an eighth towards use over target, within 1/4 and 8', () => {
  assert.equal(nextFactor(1_000_000, 500_000, 500_000), 1_000_000);
  assert.equal(nextFactor(1_000_000, 1_000_000, 500_000), 1_125_000);
  assert.equal(nextFactor(1_000_000, 0, 500_000), 875_000);
  assert.equal(nextFactor(1_000_000, 510_000, 500_000), 1_020_000, 'no further than the goal');
  assert.equal(nextFactor(260_000, 0, 500_000), 250_000);
  assert.equal(nextFactor(7_900_000, 100_000_000, 500_000), 8_000_000);
  const factors = fc.integer({ min: 250_000, max: 8_000_000 });
  fc.assert(
    fc.property(factors, fc.nat(20_000_000), fc.integer({ min: 1000, max: 1_000_000 }), (factor, use, target) => {
      const next = nextFactor(factor, use, target);
      assert.ok(next >= 250_000 && next <= 8_000_000);
      assert.ok(Math.abs(next - factor) * 8 <= factor);
    }),
  );
});

test('market §11.2: use is assignments times their heights over capacity times the epoch', () => {
  assert.equal(utilisation(10, 4, 100), 200_000);
  assert.equal(utilisation(0, 4, 100), 0);
  assert.equal(utilisation(200, 1, 100), 16_000_000);
});

test('market §11.2: the factor moves at the epoch’s end, holds for queries selected from then on, and idles down', () => {
  // Four experts of capacity 1 for ten heights: two answers take 16 of 40, four fifths of the target of one half.
  const chain = new TestChain({ params: { staking: { epochHeights: 10 } }, profile: { capacity: 1 } });
  const id = chain.open();
  assert.deepEqual(readLoad(chain.state, 'general'), { factor: 1_000_000, assignments: 2 });
  while (chain.height < 10) chain.next();
  assert.deepEqual(readLoad(chain.state, 'general'), { factor: 875_000, assignments: 0 });
  assert.equal(chain.query(id).loadFactor, 1_000_000, 'fixed at selection');
  const later = chain.open();
  assert.equal(chain.query(later).loadFactor, 875_000);
  // 30 · 10 + 50 · 100 = 5300, times 0.875.
  const quote = quoteQuery(chain.state, { requester: user.address, contract: chain.contract(), answerBytes: 50 });
  assert.ok(quote.candidates.every(({ fee }) => fee === 4637n));
  assert.deepEqual(listLoads(chain.state), ['general']);
});

test('market §11.2: a busy domain gets dearer', () => {
  const chain = new TestChain({ params: { staking: { epochHeights: 10 } }, profile: { capacity: 1 } });
  const openings = [1, 2, 3, 4].map(() =>
    chain.transaction(user, { type: 'query.open', contract: chain.contract({ respondents: 3, maxFee: 3_000_000n }) }),
  );
  chain.codes(...openings);
  while (chain.height < 10) chain.next();
  assert.equal(readLoad(chain.state, 'general').factor, 1_125_000);
});

test('market §11.3: the contract’s difficulty and rounds enter the quote, and who is too dear is not a candidate', () => {
  const chain = new TestChain();
  const asked = { requester: user.address, answerBytes: 50 };
  const fees = (contract: Partial<QueryContract>) =>
    quoteQuery(chain.state, { ...asked, contract: chain.contract(contract) }).candidates.map(({ fee }) => fee);
  assert.deepEqual(fees({ difficulty: 500_000 }), [7950n, 7950n, 7950n]);
  assert.deepEqual(fees({ rounds: 2 }), [10_600n, 10_600n, 10_600n]);
  // The least fee is (30 · 10 + 100) · 1.5 = 600, and the share is 599.
  const contract = chain.contract({ difficulty: 500_000, maxFee: 1199n });
  assert.deepEqual(chain.codes(chain.transaction(user, { type: 'query.open', contract })), ['MAX_FEE_TOO_LOW']);
});

/** A query answered by two and scored by all who may; the receipt. */
function settled(chain: TestChain, contract: Partial<QueryContract>, scorers = [0, 1, 2, 3]): Receipt {
  const id = chain.open({ scoreWindow: 4, scoreRevealWindow: 4, ...contract });
  chain.answer(id, [generated('Paris'), generated('Rome!')]);
  const scores = scorers.map((at) => [at, scoresOf(chain, id, at)] as const);
  chain.next({ items: new Map(scores.map(([at, own]) => [at, [chain.scoreCommit(id, at, own)]])) });
  while (chain.query(id).phase === 'scoring') chain.next();
  let { results } = chain.next({ items: new Map(scores.map(([at, own]) => [at, [chain.scoreReveal(id, at, own)]])) });
  while (results.receipts.length === 0) ({ results } = chain.next());
  return results.receipts[0]!;
}

function scoresOf(chain: TestChain, id: Hash, at: number) {
  const groups = eligibleGroups(chain.query(id), chain.validators[at]!.address);
  return groups.map((group) => ({ group, score: 1_000_000 }));
}

test('market §11.4: of a payment the coordinator and the scorers get their parts, the members the rest', () => {
  const chain = new TestChain({ powers: [10n, 10n, 10n, 30n] });
  const coordinator = chain.contract().coordinator;
  const before = readAccount(chain.state, coordinator).balance;
  const receipt = settled(chain, { coordinatorShare: 50_000, scorerShare: 100_000 });
  // 800 nano each at score 1: 40 to the coordinator, 80 to three scorers by power, 680 to the member.
  assert.deepEqual(
    receipt.respondents.map(({ paid }) => paid),
    [680n, 680n],
  );
  assert.equal(receipt.coordinatorPaid, 80n);
  const tips = readAccount(chain.state, coordinator).balance - before;
  assert.equal(tips, 80n + (receipt.scorersPaid.find(({ validator }) => validator === coordinator)?.paid ?? 0n));
  const due = new Map<string, bigint>();
  for (const [index, group] of receipt.groups.entries()) {
    const owner = receipt.respondents[group.members[0]!]!.operator;
    const able = chain.validators.filter(({ address }) => address !== owner);
    const total = able.reduce((sum, { power }) => sum + power, 0n);
    assert.equal(receipt.scores.filter((score) => score.group === index).length, 3);
    for (const { address, power } of able) due.set(address, (due.get(address) ?? 0n) + (80n * power) / total);
  }
  assert.deepEqual(
    receipt.scorersPaid,
    [...due].map(([validator, paid]) => ({ validator, paid })).sort((a, b) => (a.validator < b.validator ? -1 : 1)),
  );
  assert.equal(receipt.cost + receipt.refund, 1_000_000n);
  assert.ok(checkSupply(chain.state).ok);
});

test('market §11.4: who revealed no score gets nothing of it', () => {
  const chain = new TestChain();
  const receipt = settled(chain, { scorerShare: 100_000 }, [0, 1, 2]);
  assert.ok(receipt.scorersPaid.every(({ validator }) => validator !== chain.validators[3]!.address));
  assert.ok(receipt.scorersPaid.length === 3);
});

test('market §11.4: a coordinator that asks itself is paid nothing, and the members no more for it', () => {
  const chain = new TestChain();
  const [first] = chain.validators;
  chain.next({ transactions: [chain.transfer(user, first!.address, 100_000_000_000n)] });
  const asked = (requester: typeof user) => {
    const opening = chain.open({ coordinatorShare: 100_000 }, requester);
    chain.answer(opening, [generated('Paris'), generated('Rome!')]);
    const scores = [0, 1, 2, 3].map((at) => [at, scoresOf(chain, opening, at)] as const);
    chain.next({ items: new Map(scores.map(([at, own]) => [at, [chain.scoreCommit(opening, at, own)]])) });
    const { results } = chain.next({
      items: new Map(scores.map(([at, own]) => [at, [chain.scoreReveal(opening, at, own)]])),
    });
    const { coordinatorPaid, respondents } = results.receipts[0]!;
    return [coordinatorPaid, ...respondents.map(({ paid }) => paid)];
  };
  assert.deepEqual(asked(user), [160n, 720n, 720n]);
  assert.deepEqual(asked(first!), [0n, 720n, 720n]);
  assert.deepEqual(asked(first!.expert), [0n, 720n, 720n], 'its expert is in its hands');
});

test('market §11.1: the least of the members’ prices, never above the share', () => {
  const chain = new TestChain();
  const id = chain.open({ difficulty: 1_000_000, maxFee: 2000n });
  chain.answer(id, [generated('Paris'), generated('Paris')]);
  const query = chain.query(id);
  assert.equal(groupDue(query, query.groups[0]!), 1000n, '1600 by rates, 1000 by the share');
});
