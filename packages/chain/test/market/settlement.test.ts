/** Payments, refunds and outcomes by numbers worked out by hand (market §7, §8). */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import {
  type Address,
  createReceipt,
  defaultChainParams,
  groupDue,
  type Hash,
  payFor,
  type QueryState,
  type Respondent,
  reputationMean,
  updateReputation,
} from '../../src/index.ts';
import { generated, keysOf, MODEL_ID, TestChain } from '../test-chain.ts';

const CONTRACT = new TestChain().contract();
const operators = ['a', 'b', 'c', 'd', 'e'].map((name) => keysOf(`settlement ${name}`).address);

const experts = [0, 1, 2, 3, 4, 5].map((index) => keysOf(`settlement expert ${index}`).address);
const owners = [0, 1, 2, 3, 4, 5].map((index) => keysOf(`settlement owner ${index}`).address);

type Plan = { readonly text: string | null; readonly priceIn?: bigint; readonly priceOut?: bigint };

/** A query at its end: one respondent per plan (equal texts grouped), and scores by scorer and group. */
function finished(plans: readonly Plan[], scores: readonly (readonly number[] | null)[], contract = {}): QueryState {
  const texts = [...new Set(plans.flatMap(({ text }) => (text === null ? [] : [text])))];
  const respondents: Respondent[] = plans.map(({ text, priceIn, priceOut }, index) => ({
    expert: experts[index]!,
    operator: owners[index]!,
    priceInPerByte: priceIn ?? 10n,
    priceOutPerByte: priceOut ?? 100n,
    priceQuotePerByte: 1n,
    modelId: MODEL_ID,
    registeredAt: 0,
    version: 0,
    rounds: text === null ? 0 : 1,
    generatedBytes: text === null ? 0 : new TextEncoder().encode(text).length,
    quotedBytes: 0,
    commitment: null,
    answerHash: null,
    group: text === null ? null : texts.indexOf(text),
  }));
  return {
    id: 'aa'.repeat(32) as Hash,
    requester: operators[0]!,
    contract: { ...CONTRACT, prompt: 'p'.repeat(10), respondents: plans.length, maxFee: 10_000n, ...contract },
    openedAt: 1,
    phase: 'scoreRevealing',
    deadline: 9,
    selection: { seed: MODEL_ID, candidates: [] },
    loadFactor: 1_000_000,
    round: 1,
    earlier: [],
    cancelledAt: null,
    respondents,
    groups: texts.map((text, group) => ({
      answerHash: MODEL_ID,
      answer: generated(text),
      members: [...respondents.keys()].filter((index) => respondents[index]!.group === group),
      verifiers: [],
    })),
    scorers: scores.map((own, index) => ({
      operator: operators[index]!,
      power: 1n,
      commitment: MODEL_ID,
      scores: own === null ? null : own.map((score, group) => ({ group, score })),
      checks: own === null ? null : [],
    })),
    misrevealed: [],
    disclosed: [],
    calibrator: null,
  };
}

const paid = (query: QueryState): bigint[] => createReceipt(query, 9).respondents.map((respondent) => respondent.paid);

test('market §7.2: base part always, the rest by quality from the threshold on', () => {
  const terms = { basePart: 200_000, threshold: 300_000 };
  assert.equal(payFor(1000n, 1_000_000, terms), 1000n);
  assert.equal(payFor(1000n, 500_000, terms), 600n);
  assert.equal(payFor(1000n, 300_000, terms), 440n);
  assert.equal(payFor(1000n, 299_999, terms), 200n);
  assert.equal(payFor(1000n, 0, terms), 200n);
  assert.equal(payFor(1000n, null, terms), 200n);
  assert.equal(payFor(999n, null, terms), 199n, 'rounded down');
});

test('market §7.1: due is metered by bytes, by the cheapest member, never above the share', () => {
  // 10 · 10 + 100 · 4 = 500; the share is 10 000 / 2.
  const query = finished([{ text: 'Bern' }, { text: 'Bern', priceOut: 50n }], []);
  assert.equal(groupDue(query, query.groups[0]!), 300n);
  const dear = finished([{ text: 'Bern', priceIn: 10_000n }, { text: null }], []);
  assert.equal(groupDue(dear, dear.groups[0]!), 5000n);
  const wide = finished([{ text: 'é' }], []);
  assert.equal(groupDue(wide, wide.groups[0]!), 300n, 'two bytes of UTF-8');
});

test('market §7.3, §7.4: a group shares one payment, the silent get nothing, the rest returns', () => {
  // Group 0: due 500, score median(0.5, 0.6, 0.9) = 0.6 → 500 · 0.68 = 340, 113 each of three. Group 1: due 600, 0.2 → base 120.
  const plans = [{ text: 'Bern' }, { text: 'Basle' }, { text: 'Bern' }, { text: null }, { text: 'Bern' }];
  const query = finished(plans, [
    [500_000, 200_000],
    [600_000, 100_000],
    [900_000, 299_999],
  ]);
  assert.deepEqual(paid(query), [113n, 120n, 113n, 0n, 113n]);
  const receipt = createReceipt(query, 9);
  assert.equal(receipt.cost, 459n);
  assert.equal(receipt.refund, 9541n);
  assert.deepEqual([receipt.outcome, receipt.best], ['answered', 0]);
  assert.deepEqual(
    receipt.respondents.map(({ score }) => score),
    [600_000, 200_000, 600_000, null, 600_000],
  );
});

test('market §7.5: outcomes and the best group', () => {
  const two = [{ text: 'Bern' }, { text: 'Rome' }];
  const outcome = (scores: readonly (readonly number[] | null)[]) => {
    const { outcome: name, best } = createReceipt(finished(two, scores), 9);
    return [name, best];
  };
  assert.deepEqual(outcome([[400_000, 500_000]]), ['answered', 1]);
  assert.deepEqual(outcome([[500_000, 500_000]]), ['answered', 0]);
  assert.deepEqual(outcome([[100_000, 200_000]]), ['belowThreshold', 1]);
  assert.deepEqual(outcome([null, null]), ['unscored', 0]);
  assert.deepEqual(outcome([[900_000], null]), ['unscored', 0], 'half is not more than half');
  assert.deepEqual(outcome([[0], [0], [0]]), ['belowThreshold', 0], 'a scored group goes before an unscored one');
});

test('market §8: Beta with forgetting, by hand', () => {
  const params = defaultChainParams({ reputationForgetting: 900_000 });
  const start = { alpha: 1_000_000, beta: 1_000_000, answers: 0, updatedAt: 0 };
  const once = updateReputation(start, 250_000, 7, params);
  assert.deepEqual(once, { alpha: 1_150_000, beta: 1_650_000, answers: 1, updatedAt: 7 });
  assert.equal(reputationMean(once), 410_714);
  assert.equal(reputationMean(start), 500_000);
});

test('escrow is conserved to the nano whatever the answers, prices and scores', () => {
  const plan = fc.record({
    text: fc.option(fc.constantFrom('a', 'bb', 'ccc', 'dddddddddd')),
    priceIn: fc.bigInt(0n, 1000n),
    priceOut: fc.bigInt(0n, 1000n),
  });
  const score = fc.option(fc.array(fc.nat(1_000_000), { minLength: 4, maxLength: 4 }));
  const terms = fc.record({
    maxFee: fc.bigInt(8n, 1_000_000n),
    basePart: fc.nat(1_000_000),
    threshold: fc.nat(800_000),
  });
  fc.assert(
    fc.property(
      fc.array(plan, { minLength: 1, maxLength: 6 }),
      fc.array(score, { maxLength: 5 }),
      terms,
      (plans, scores, contract) => {
        const query = finished(plans, scores, contract);
        const receipt = createReceipt(query, 9);
        assert.equal(receipt.cost + receipt.refund, contract.maxFee);
        assert.ok(receipt.refund >= 0n && receipt.cost >= 0n);
        for (const respondent of receipt.respondents) assert.ok(respondent.group !== null || respondent.paid === 0n);
      },
    ),
    { numRuns: 200 },
  );
});

test('the receipt names who scored what', () => {
  const receipt = createReceipt(finished([{ text: 'Bern' }], [[400_000], null]), 9);
  assert.deepEqual(receipt.scores, [{ validator: operators[0] as Address, group: 0, score: 400_000 }]);
});
