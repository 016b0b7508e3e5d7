/** One query from prompt to receipt through real blocks, with payments computed by hand (market §1–§8). */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  checkSupply,
  type GroupScore,
  listOpenQueries,
  pendingWork,
  readAccount,
  readQuery,
  readReputation,
} from '../src/index.ts';
import { eventTypes, generated, SYN, TestChain, user } from './test-chain.ts';

/** Scores each validator gives: by group, only those it may score. */
function scoresOf(
  chain: TestChain,
  id: Parameters<TestChain['query']>[0],
  byGroup: readonly number[],
): Map<number, GroupScore[]> {
  const duties = chain.validators.map(({ address }) => {
    const work = pendingWork(chain.state, { operator: address, experts: [] });
    const duty = [...work.score, ...work.revealScores].find(({ query }) => query.id === id);
    return (duty?.groups ?? []).map((group) => ({ group, score: byGroup[group]! }));
  });
  return new Map([...duties.entries()].filter(([, scores]) => scores.length > 0));
}

test('market: a query is opened, selected, answered, scored in votes, settled and paid by quality', () => {
  const chain = new TestChain();
  const id = chain.open();
  const selected = chain.query(id);
  assert.equal(selected.phase, 'answering');
  assert.equal(selected.respondents.length, 2);
  assert.equal(readAccount(chain.state, user.address).balance < 1000n * SYN - 1_000_000n, true);

  const answers = [generated('Paris'), generated('Rome!')];
  const work = pendingWork(chain.state, {
    operator: chain.validators[0]!.address,
    experts: selected.respondents.map(({ expert }) => expert),
  });
  assert.equal(work.answer.length, 2);
  chain.answer(id, answers);

  const scores = scoresOf(chain, id, [900_000, 100_000]);
  assert.equal(scores.size, 4);
  chain.next({ items: new Map([...scores].map(([at, own]) => [at, [chain.scoreCommit(id, at, own)]])) });
  assert.equal(chain.query(id).phase, 'scoreRevealing');
  const balanceBefore = readAccount(chain.state, user.address).balance;
  const { results, events } = chain.next({
    items: new Map([...scores].map(([at, own]) => [at, [chain.scoreReveal(id, at, own)]])),
  });

  const receipt = results.receipts[0]!;
  // Prompt 30 bytes · 10 + answer 5 bytes · 100 = 800 nano due to each.
  // Group 0: 800 · (0.2 + 0.8 · 0.9) = 736. Group 1 is below the threshold: 800 · 0.2 = 160.
  assert.deepEqual(
    receipt.respondents.map(({ paid }) => paid),
    [736n, 160n],
  );
  assert.deepEqual(
    receipt.respondents.map(({ score }) => score),
    [900_000, 100_000],
  );
  assert.equal(receipt.outcome, 'answered');
  assert.equal(receipt.best, 0);
  assert.equal(receipt.cost, 896n);
  assert.equal(receipt.refund, 999_104n);
  assert.equal(receipt.scores.length, 6, 'two groups, each scored by the three validators without a member in it');
  assert.equal(readAccount(chain.state, user.address).balance, balanceBefore + 999_104n);
  assert.ok(eventTypes(events).includes('query.settled'));

  // α ← 0.985 · 1 + 0.9, β ← 0.985 · 1 + 0.1.
  const reputation = readReputation(chain.state, receipt.respondents[0]!.expert, 'general');
  assert.deepEqual(reputation, { alpha: 1_885_000, beta: 1_085_000, answers: 1, updatedAt: chain.height });
  assert.deepEqual(listOpenQueries(chain.state), []);
  assert.equal(chain.query(id).phase, 'settled');
  assert.equal(checkSupply(chain.state).ok, true);
});

test('market §7.7: a settled query leaves state after 128 heights', () => {
  const chain = new TestChain();
  const id = chain.open({ answerWindow: 2 });
  chain.next();
  const { results } = chain.next();
  assert.equal(results.receipts[0]?.outcome, 'noAnswer');
  for (let height = 0; height < 127; height += 1) chain.next();
  assert.notEqual(readQuery(chain.state, id), null);
  chain.next();
  assert.equal(readQuery(chain.state, id), null);
});
