/** Rounds of collaborative prompting (market §5.6–§5.10): what carries over, what stands at the end, what each is bound to. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Answer, answerText, type Hash, linkOf, pendingWork, roundLink, ZERO_HASH } from '../../src/index.ts';
import { generated, TestChain } from '../test-chain.ts';

type Answers = readonly (Answer | null)[];

/** Plays one round: commits, then reveals; short windows close what somebody leaves out. */
function playRound(chain: TestChain, id: Hash, answers: Answers): void {
  const { round } = chain.query(id);
  chain.next({ transactions: chain.commits(id, answers) });
  while (isIn(chain, id, round, 'answering')) chain.next();
  if (isIn(chain, id, round, 'revealing')) chain.next({ transactions: chain.reveals(id, answers) });
  while (isIn(chain, id, round, 'revealing')) chain.next();
}

function isIn(chain: TestChain, id: Hash, round: number, phase: string): boolean {
  const query = chain.query(id);
  return query.round === round && query.phase === phase;
}

const open = (chain: TestChain, rounds: number): Hash =>
  chain.open({ rounds, respondents: 3, answerWindow: 2, revealWindow: 2, maxFee: 3_000_000n });

test('market §5.6: answering and revealing repeat for every round, with fresh commitments and running meters', () => {
  const chain = new TestChain();
  const id = open(chain, 2);
  playRound(
    chain,
    id,
    ['Rome', 'Bern', 'Rome'].map((text) => generated(text)),
  );
  const second = chain.query(id);
  assert.deepEqual([second.round, second.phase, second.deadline], [2, 'answering', chain.height + 2]);
  assert.deepEqual(second.groups, []);
  assert.deepEqual(
    second.earlier[0]?.groups.map(({ answer, members }) => [answerText(answer), members]),
    [
      ['Rome', [0, 2]],
      ['Bern', [1]],
    ],
  );
  for (const slot of second.respondents) {
    assert.deepEqual([slot.commitment, slot.answerHash, slot.rounds, slot.generatedBytes], [null, null, 1, 4]);
  }
  playRound(
    chain,
    id,
    ['Bern', 'Bern', 'Lyons'].map((text) => generated(text)),
  );
  const over = chain.query(id);
  assert.equal(over.phase, 'scoring');
  assert.deepEqual(
    over.groups.map(({ answer, members }) => [answerText(answer), members]),
    [
      ['Bern', [0, 1]],
      ['Lyons', [2]],
    ],
  );
  assert.deepEqual(
    over.respondents.map(({ rounds, generatedBytes }) => [rounds, generatedBytes]),
    [
      [2, 8],
      [2, 8],
      [2, 9],
    ],
  );
});

test('market §5.7: a commitment binds what was seen of the round before', () => {
  const chain = new TestChain();
  const id = open(chain, 3);
  assert.equal(linkOf(chain.query(id)), ZERO_HASH);
  const early = chain.commits(id, [generated('Bern'), null, null]);
  playRound(chain, id, [null, generated('Rome'), generated('Rome')]);
  const { earlier } = chain.query(id);
  assert.equal(earlier[0]?.answers[0], null);
  assert.equal(linkOf(chain.query(id)), roundLink(id, 2, earlier[0]!.answers));
  assert.notEqual(linkOf(chain.query(id)), ZERO_HASH);
  // A commitment made before the peers' answers were known opens nothing in this round.
  chain.next({ transactions: early });
  while (chain.query(id).phase === 'answering') chain.next();
  assert.deepEqual(chain.codes(...chain.reveals(id, [generated('Bern'), null, null])), ['COMMITMENT_MISMATCH']);
});

test('market §5.8: whoever was silent may answer in a later round; the last revealed answer stands', () => {
  const chain = new TestChain();
  const id = open(chain, 3);
  playRound(chain, id, [generated('Rome'), null, null]);
  playRound(chain, id, [generated('Bern'), generated('Rome'), null]);
  playRound(chain, id, [null, null, generated('Bern')]);
  const query = chain.query(id);
  assert.equal(query.phase, 'scoring');
  assert.deepEqual(
    query.groups.map(({ answer, members }) => [answerText(answer), members]),
    [
      ['Bern', [0, 2]],
      ['Rome', [1]],
    ],
  );
  assert.deepEqual(
    query.respondents.map(({ group, rounds, generatedBytes }) => [group, rounds, generatedBytes]),
    [
      [0, 2, 8],
      [1, 1, 4],
      [0, 1, 4],
    ],
  );
});

test('market §5.8: a round in which nobody commits ends without reveals, and the next one begins', () => {
  const chain = new TestChain();
  const id = open(chain, 2);
  chain.next();
  chain.next();
  assert.deepEqual([chain.query(id).round, chain.query(id).phase], [2, 'answering']);
  chain.next();
  const { results } = chain.next();
  assert.deepEqual([results.receipts[0]?.outcome, results.receipts[0]?.refund], ['noAnswer', 3_000_000n]);
});

test('market §9.2: a duty tells the round and what the peers said before, without the expert’s own words', () => {
  const chain = new TestChain();
  const id = open(chain, 2);
  const experts = chain.query(id).respondents.map(({ expert }) => expert);
  const duties = () => pendingWork(chain.state, { operator: chain.validators[0]!.address, experts }).answer;
  assert.deepEqual(
    duties().map(({ round, peers }) => [round, peers]),
    experts.map(() => [1, []]),
  );
  playRound(
    chain,
    id,
    ['Rome', 'Bern', 'Rome'].map((text) => generated(text)),
  );
  assert.deepEqual(
    duties().map(({ round, peers }) => [round, peers]),
    [
      [2, ['Rome', 'Bern']],
      [2, ['Rome']],
      [2, ['Rome', 'Bern']],
    ],
  );
});
