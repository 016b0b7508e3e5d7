/** A query that its requester ends early (market §2.4): when, by whom, and what is paid all the same. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { checkSupply, eligibleGroups, type Hash, readAccount, readReputation, transactionId } from '../../src/index.ts';
import { eventTypes, generated, type Keys, TestChain, user } from '../test-chain.ts';

const cancelBy = (chain: TestChain, sender: Keys, queryId: Hash) =>
  chain.transaction(sender, { type: 'query.cancel', queryId });

/** All who may score give 0.9 to every group; returns the receipt. */
function score(chain: TestChain, id: Hash) {
  const scores = chain.validators.map(({ address }) =>
    eligibleGroups(chain.query(id), address).map((group) => ({ group, score: 900_000 })),
  );
  chain.next({ items: new Map(scores.map((own, at) => [at, [chain.scoreCommit(id, at, own)]])) });
  return chain.next({ items: new Map(scores.map((own, at) => [at, [chain.scoreReveal(id, at, own)]])) }).results
    .receipts[0]!;
}

test('market §2.4: only the requester, only before answers are committed to the end, only once', () => {
  const chain = new TestChain();
  const id = chain.open();
  const [stranger] = chain.validators;
  assert.deepEqual(chain.codes(cancelBy(chain, user, 'ff'.repeat(32) as Hash)), ['QUERY_UNKNOWN']);
  assert.deepEqual(chain.codes(cancelBy(chain, stranger!.expert, id)), ['NOT_REQUESTER']);
  assert.deepEqual(chain.codes(cancelBy(chain, user, id), cancelBy(chain, user, id)), ['OK', 'ALREADY_CANCELLED']);
  const other = chain.open();
  chain.answer(other, [generated('Paris'), generated('Rome')]);
  assert.deepEqual(chain.codes(cancelBy(chain, user, other)), ['QUERY_PHASE_WRONG']);
});

test('market §2.4: without work by the end of the grace all returns, and nobody is blamed', () => {
  const chain = new TestChain();
  const id = chain.open();
  const { expert } = chain.query(id).respondents[0]!;
  const { events } = chain.next({ transactions: [cancelBy(chain, user, id)] });
  assert.deepEqual(eventTypes(events), ['query.cancelled']);
  const { deadline, cancelledAt } = chain.query(id);
  assert.deepEqual([deadline, cancelledAt], [chain.height + 4, chain.height]);
  while (chain.height < deadline - 1) assert.deepEqual(chain.next().results.receipts, []);
  const [receipt] = chain.next().results.receipts;
  assert.deepEqual([receipt?.outcome, receipt?.cost, receipt?.refund], ['cancelled', 0n, 1_000_000n]);
  assert.equal(readReputation(chain.state, expert, 'general').answers, 0);
  assert.ok(checkSupply(chain.state).ok);
});

test('market §2.4: a window that ends sooner than the grace stays as it is', () => {
  const chain = new TestChain();
  const id = chain.open({ answerWindow: 3 });
  const { deadline } = chain.query(id);
  chain.next({ transactions: [cancelBy(chain, user, id)] });
  assert.equal(chain.query(id).deadline, deadline);
});

test('market §2.4: what is delivered within the grace is scored and paid as always', () => {
  const paidWith = (isCancelled: boolean) => {
    const chain = new TestChain();
    const id = chain.open();
    const cancel = isCancelled ? [cancelBy(chain, user, id)] : [];
    chain.next({ transactions: [...cancel, ...chain.commits(id, [generated('Paris'), generated('Rome')])] });
    chain.next({ transactions: chain.reveals(id, [generated('Paris'), generated('Rome')]) });
    const { outcome, respondents } = score(chain, id);
    return { outcome, paid: respondents.map(({ paid }) => paid) };
  };
  assert.deepEqual(paidWith(true), paidWith(false));
  assert.ok(paidWith(true).paid.every((paid) => paid > 0n));
});

test('market §2.4: no further round begins', () => {
  const chain = new TestChain();
  const id = chain.open({ rounds: 3 });
  const answers = [generated('Paris'), generated('Rome')];
  chain.next({ transactions: [...chain.commits(id, answers), cancelBy(chain, user, id)] });
  chain.next({ transactions: chain.reveals(id, answers) });
  assert.deepEqual([chain.query(id).phase, chain.query(id).round], ['scoring', 1]);
});

test('market §2.4: before selection nobody is drawn and all returns', () => {
  const chain = new TestChain();
  const before = readAccount(chain.state, user.address).balance;
  const opening = chain.transaction(user, { type: 'query.open', contract: chain.contract() });
  assert.deepEqual(chain.codes(opening, cancelBy(chain, user, transactionId(opening.body))), ['OK', 'OK']);
  const [receipt] = chain.next().results.receipts;
  assert.deepEqual([receipt?.outcome, receipt?.respondents, receipt?.refund], ['cancelled', [], 1_000_000n]);
  assert.ok(before - readAccount(chain.state, user.address).balance < 1_000_000n, 'fees only');
});
