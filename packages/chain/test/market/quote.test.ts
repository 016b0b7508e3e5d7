/** Quotes (market §10) and duties (market §9). */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { pendingWork, quoteQuery } from '../../src/index.ts';
import { generated, keysOf, profileOf, SYN, TestChain, user } from '../test-chain.ts';

test('market §10: fees of the candidates, the most that can be charged, and what to escrow', () => {
  const chain = new TestChain();
  const dear = keysOf('dear');
  chain.next({ transactions: [chain.transfer(user, dear.address, 50n * SYN)] });
  const expert = profileOf(dear.address, { priceInPerByte: 20n });
  chain.next({
    transactions: [chain.transaction(dear, { type: 'expert.register', expert, bond: 10n * SYN, consent: null })],
  });
  const quote = quoteQuery(chain.state, { requester: user.address, contract: chain.contract(), answerBytes: 50 });
  // 30 · 10 + 50 · 100 = 5300, the dear one 300 more.
  assert.deepEqual(quote.candidates.map(({ fee }) => fee).sort(), [5300n, 5300n, 5300n, 5600n]);
  assert.equal(quote.feeMax, 10_900n);
  assert.equal(quote.escrow, 11_200n);
  assert.ok(quote.candidates.every(({ expert: { profile } }) => profile.operator !== chain.contract().coordinator));
  const id = chain.open({ maxFee: quote.escrow });
  assert.equal(chain.query(id).respondents.length, 2);
  const nowhere = quoteQuery(chain.state, {
    requester: user.address,
    contract: chain.contract({ domain: 'x' }),
    answerBytes: 9,
  });
  assert.deepEqual(nowhere, { candidates: [], feeMax: 0n, escrow: 0n });
});

test('market §9: duties appear with their phase and go when they are done', () => {
  const chain = new TestChain();
  const id = chain.open();
  const experts = chain.query(id).respondents.map(({ expert }) => expert);
  const scorer = chain.validators.findIndex(({ expert }) => !experts.includes(expert.address));
  const duties = () => {
    const work = pendingWork(chain.state, { operator: chain.validators[scorer]!.address, experts });
    return [work.answer.length, work.revealAnswer.length, work.score.length, work.revealScores.length];
  };
  const answers = [generated('Paris'), generated('Rome!')];
  assert.deepEqual(duties(), [2, 0, 0, 0]);
  const [first, second] = chain.commits(id, answers);
  chain.next({ transactions: [first!] });
  assert.deepEqual(duties(), [1, 0, 0, 0]);
  chain.next({ transactions: [second!] });
  assert.deepEqual(duties(), [0, 2, 0, 0]);
  const [opened, later] = chain.reveals(id, answers);
  chain.next({ transactions: [opened!] });
  assert.deepEqual(duties(), [0, 1, 0, 0]);
  chain.next({ transactions: [later!] });
  assert.deepEqual(duties(), [0, 0, 1, 0]);
  const scores = [0, 1].map((group) => ({ group, score: 500_000 }));
  chain.next({ items: new Map([[scorer, [chain.scoreCommit(id, scorer, scores)]]]) });
  assert.deepEqual(duties(), [0, 0, 0, 0]);
  while (chain.query(id).phase === 'scoring') chain.next();
  assert.deepEqual(duties(), [0, 0, 0, 1]);
  const none = pendingWork(chain.state, { operator: user.address, experts: [] });
  assert.deepEqual(none, { answer: [], revealAnswer: [], score: [], revealScores: [] });
});
