/** Which source a selection is told from: the kept record, with factors where the state before is still at hand; or the present state. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type StateView, transactionId } from '@synod/chain';
import { TestChain, user } from '../../../chain/test/test-chain.ts';
import { futureSelection, keptSelection } from '../../src/service/selection-view.ts';

function selected(count: number) {
  const chain = new TestChain();
  const opens = Array.from({ length: count }, () =>
    chain.transaction(user, { type: 'query.open', contract: chain.contract() }),
  );
  const states = new Map<number, StateView>();
  for (const transactions of [opens, []]) {
    chain.next({ transactions });
    states.set(chain.height, chain.state);
  }
  return { chain, ids: opens.map(({ body }) => transactionId(body)), stateAt: (at: number) => states.get(at) ?? null };
}

test('factors and exclusions come from the state before the draw, draws from the record', () => {
  const { chain, ids, stateAt } = selected(1);
  const query = chain.query(ids[0]!);
  const view = keptSelection(query, stateAt);
  assert.equal(view.seed, query.selection.seed);
  assert.deepEqual(
    view.draws.map(({ chosen }) => chosen),
    query.respondents.map(({ expert }) => expert),
  );
  for (const { weight, factors } of view.candidates) assert.equal(factors?.weight, weight);
  assert.deepEqual(view.excluded, [{ expert: chain.validators[0]!.expert.address, reason: 'coordinator' }]);
});

test('without that state the record alone is told', () => {
  const { chain, ids } = selected(1);
  const view = keptSelection(chain.query(ids[0]!), () => null);
  assert.equal(view.excluded, null);
  assert.ok(view.candidates.length === 3 && view.candidates.every(({ factors }) => factors === null));
  assert.equal(view.draws.length, 2);
});

test('where another query of the block made an expert busier, its factors are not those of the state before', () => {
  const { chain, ids, stateAt } = selected(2);
  const [first, second] = ids.map((id) => chain.query(id));
  const busy = new Set(first!.respondents.map(({ expert }) => expert));
  for (const { expert, factors } of keptSelection(second!, stateAt).candidates)
    assert.equal(factors === null, busy.has(expert));
});

test('a future query is asked by nobody and can pay any price', () => {
  const chain = new TestChain({ profile: { priceInPerByte: 10n ** 12n } });
  const view = futureSelection(chain.state, { domain: 'general', prompt: 'hi', respondents: 2 });
  assert.deepEqual([view.queryId, view.seed, view.draws, view.excluded], [null, null, [], []]);
  assert.equal(view.candidates.length, 4);
  assert.deepEqual(futureSelection(chain.state, { domain: 'law', prompt: 'hi', respondents: 1 }).candidates, []);
});
