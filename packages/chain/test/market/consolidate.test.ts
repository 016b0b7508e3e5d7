/** The consolidated answer (market §13), the bill (market §14) and the recheck of a receipt (market §15). */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { type Answer, bill, consolidate, type Receipt, recheckReceipt } from '../../src/index.ts';
import { sentencesOf } from '../../src/market/consolidate.ts';
import { generated, TestChain } from '../test-chain.ts';
import { settle } from './plays.ts';

/** A settled query with these answers and scores of its groups. */
function settled(texts: readonly string[], scores: readonly number[], contract = {}, market = {}): Receipt {
  const chain = new TestChain({ params: { market } });
  const terms = { respondents: texts.length, maxFee: 30_000_000n, scoreWindow: 4, scoreRevealWindow: 4, ...contract };
  const id = chain.open(terms);
  chain.answer(
    id,
    texts.map((text): Answer => generated(text)),
  );
  return settle(chain, id, { scoreOf: (group) => scores[group]! });
}

test('market §13: the best answer as it is, then sentences of other good answers that add something', () => {
  const receipt = settled(
    ['It is  Paris. It lies on the Seine.', 'It is Paris.\nTwo million live there!', 'Mars.'],
    [900_000, 800_000, 100_000],
  );
  const { text, segments, contributions } = consolidate(receipt)!;
  assert.equal(text, 'It is  Paris. It lies on the Seine.\n\nTwo million live there!');
  assert.deepEqual(segments, [
    { group: 0, text: 'It is  Paris. It lies on the Seine.' },
    { group: 1, text: 'Two million live there!' },
  ]);
  // 35 and 23 of 58 bytes.
  assert.deepEqual(
    contributions.map(({ share }) => share),
    [603_448, 396_551, 0],
  );
});

test('market §13: others stand in the order of their scores, and nothing twice', () => {
  const receipt = settled(['B. X.', 'A.', 'X. C.'], [500_000, 900_000, 700_000]);
  assert.deepEqual(
    consolidate(receipt)?.segments.map(({ text }) => text),
    ['A.', 'X. C.', 'B.'],
  );
});

test('market §13: members of a group contribute in equal parts', () => {
  const receipt = settled(['Paris.', 'Paris.', 'Lyons.'], [900_000, 900_000]);
  assert.deepEqual(
    consolidate(receipt)?.contributions.map(({ share }) => share),
    [250_000, 250_000, 500_000],
  );
});

test('market §13: where the threshold is not met there is no consolidated answer', () => {
  assert.equal(consolidate(settled(['Paris.'], [100_000])), null);
});

test('market §13: sentences end with . ! ? before white space, or with a line', () => {
  assert.deepEqual(sentencesOf(' A 3.5 %  rise.  Yes!No? \n\n Then\tthis\nA 3.5 % rise.'), [
    'A 3.5 % rise.',
    'Yes!No?',
    'Then this',
  ]);
});

test('market §14: the bill’s lines sum up to the cost, and with the refund to the escrow', () => {
  fc.assert(
    fc.property(
      fc.array(fc.constantFrom('Paris', 'Rome!', 'Bern.'), { minLength: 1, maxLength: 3 }),
      fc.record({ scorerShare: fc.nat(150_000), coordinatorShare: fc.nat(150_000), difficulty: fc.nat(1_000_000) }),
      fc.array(fc.nat(1_000_000), { minLength: 3, maxLength: 3 }),
      (texts, terms, scores) => {
        const receipt = settled(texts, scores, { ...terms, maxFee: 7919n });
        const { lines, total, refund, escrow } = bill(receipt);
        assert.equal(total, receipt.cost);
        assert.equal(refund, receipt.refund);
        assert.equal(total + refund, escrow);
        assert.equal(escrow, 7919n);
        assert.ok(lines.every(({ text }) => text !== ''));
        assert.deepEqual(recheckReceipt(receipt), []);
      },
    ),
    { numRuns: 25 },
  );
});

test('market §14: a line says in words how its amount comes about', () => {
  const terms = { scorerShare: 100_000, coordinatorShare: 50_000, difficulty: 250_000 };
  const [first, ...others] = bill(settled(['Paris', 'Paris'], [500_000], terms)).lines;
  assert.equal(
    first?.text,
    '30 bytes read at 10, 5 written at 100 nano a byte, × 1 for load × 1.25 for difficulty = 0.000001 SYN; ' +
      'score 0.5 on all but the base part of 20 %; less 15 % for coordinator and scorers; ' +
      'one payment among 2 with the same answer, by the least of their prices',
  );
  // Of 1000 · 0.6 = 600: 30 and 60 away, 510 among two.
  assert.equal(first?.amount, 255n);
  assert.deepEqual(
    others.map(({ kind, amount }) => [kind, amount]),
    [
      ['respondent', 255n],
      ['coordinator', 30n],
      ['scorer', 30n],
      ['scorer', 30n],
    ],
  );
});

test('market §15: a receipt of the chain rechecks; every number that is changed is named', () => {
  const terms = { scorerShare: 100_000, coordinatorShare: 50_000 };
  const receipt = settled(['Paris', 'Rome!', 'Paris'], [900_000, 200_000], terms, {
    verificationShare: 1_000_000,
    verifiers: 1,
  });
  assert.deepEqual(recheckReceipt(receipt), []);
  const [first, second, ...rest] = receipt.respondents;
  const respondent = (change: object) => ({ respondents: [{ ...first!, ...change }, second!, ...rest] });
  const changes: [Partial<Receipt>, RegExp][] = [
    [{ cost: receipt.cost + 1n }, /cost is/],
    [{ refund: receipt.refund - 1n }, /refund is/],
    [{ outcome: 'belowThreshold' }, /outcome is/],
    [{ best: 1 }, /best is/],
    [respondent({ paid: first!.paid + 1n }), /is paid \d+ nano, due/],
    [respondent({ score: 1 }), /score of/],
    [respondent({ verdict: null }), /verdict on/],
    [respondent({ generatedBytes: 99 }), /metered by other bytes/],
    [respondent({ slashed: 5n }), /without a finding/],
    [respondent({ group: 1 }), /members who say/],
    [{ respondents: [second!, first!, ...rest] }, /does not have the members|seed draws/],
    [{ coordinatorPaid: receipt.coordinatorPaid - 1n }, /coordinator is paid/],
    [{ scorersPaid: receipt.scorersPaid.slice(1) }, /scorers are paid/],
    [{ scores: receipt.scores.slice(1) }, /due/],
    [{ scores: [...receipt.scores, receipt.scores[0]!] }, /no say/],
    [{ checks: receipt.checks.map((check) => ({ ...check, validator: receipt.requester })) }, /not drawn to verify/],
    [{ checks: [] }, /verdict on/],
    [{ groups: receipt.groups.map((group) => ({ ...group, answer: generated('Lyons') })) }, /its hash names/],
    [
      {
        selection: {
          ...receipt.selection,
          candidates: receipt.selection.candidates.map((one, at) => ({ ...one, weight: at === 0 ? 1n : 10n ** 12n })),
        },
      },
      /seed draws/,
    ],
    [{ domain: 'other' }, /domain/],
  ];
  for (const [change, expected] of changes) {
    const problems = recheckReceipt({ ...receipt, ...change });
    assert.ok(
      problems.some((problem) => expected.test(problem)),
      `${expected}: ${problems.join('; ')}`,
    );
  }
});
