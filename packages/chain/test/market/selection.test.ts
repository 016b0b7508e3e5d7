/** Who is selected (market §3). */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { explainSelection, type Hash, listExperts, readBeacon, readExpert, sha256, toHex } from '../../src/index.ts';
import { consentOf, type Keys, keysOf, profileOf, SYN, TestChain, type TestValidator, user } from '../test-chain.ts';

function beaconOf(index: number): Hash {
  return toHex(sha256(new TextEncoder().encode(`beacon ${index}`))) as Hash;
}

test('market §3.1, §3.4: anyone recomputes the selection from the state before and the beacon of the next height', () => {
  const chain = new TestChain();
  const transaction = chain.transaction(user, { type: 'query.open', contract: chain.contract() });
  chain.next({ transactions: [transaction] });
  const [id] = [...chain.state.entries()]
    .filter(({ key }) => key.startsWith('query/'))
    .map(({ key }) => key.slice(6) as Hash);
  const before = chain.state;
  const query = chain.query(id!);
  assert.equal(query.phase, 'selecting');
  chain.next();
  const explained = explainSelection(before, query, readBeacon(chain.state, chain.height)!);
  assert.deepEqual(
    explained.draws.map(({ chosen }) => chosen),
    chain.query(id!).respondents.map(({ expert }) => expert),
  );
  assert.notDeepEqual(explained.seed, explainSelection(before, query, beaconOf(0)).seed);
  // Three new experts of one price, none at work: three equal weights, then two.
  const { weight } = explained.candidates[0]!;
  assert.deepEqual(
    explained.draws.map(({ totalWeight }) => totalWeight),
    [3n * weight, 2n * weight],
  );
});

test('market §3.2: the coordinator and the requester, by any of their experts, are never selected', () => {
  const chain = new TestChain();
  const coordinator = chain.validators[1]!;
  const second = keysOf('second expert of the coordinator');
  chain.next({ transactions: [chain.transfer(user, second.address, 50n * SYN)] });
  const third = keysOf('second expert of the requester');
  chain.next({ transactions: [chain.transfer(user, third.address, 50n * SYN)] });
  const register = (expert: Keys, operator: TestValidator) =>
    chain.transaction(expert, {
      type: 'expert.register',
      expert: profileOf(operator.address),
      bond: 10n * SYN,
      consent: consentOf(operator, expert),
    });
  assert.deepEqual(chain.codes(register(second, coordinator), register(third, chain.validators[2]!)), ['OK', 'OK']);
  // The requester is itself an expert: so its operator and the operator's other experts are out as well.
  const requester = chain.validators[2]!.expert;
  const id = chain.open({ coordinator: coordinator.address, respondents: 8, maxFee: 10_000_000n }, requester);
  const experts = chain.query(id).respondents.map(({ expert }) => expert);
  assert.deepEqual(
    experts.sort(),
    [chain.validators[0]!, chain.validators[3]!].map(({ expert }) => expert.address).sort(),
  );
  const { excluded } = explainSelection(chain.state, chain.query(id), beaconOf(1));
  const reasons = new Map(excluded.map(({ expert, reason }) => [expert, reason]));
  assert.equal(reasons.get(coordinator.expert.address), 'coordinator');
  assert.equal(reasons.get(second.address), 'coordinator');
  assert.equal(reasons.get(requester.address), 'requester');
  assert.equal(reasons.get(third.address), 'requester');
});

test('market §3.2: an operator that asks is not answered by its own expert', () => {
  const chain = new TestChain();
  const asker = chain.validators[3]!;
  chain.next({ transactions: [chain.transfer(user, asker.address, 5n * SYN)] });
  const id = chain.open({ respondents: 8, maxFee: 10_000_000n }, asker);
  assert.deepEqual(
    chain
      .query(id)
      .respondents.map(({ operator }) => operator)
      .sort(),
    [chain.validators[1]!.address, chain.validators[2]!.address].sort(),
  );
});

test('market §3.2: an expert whose least fee exceeds the share is left out', () => {
  const chain = new TestChain();
  const dear = keysOf('dear');
  chain.next({ transactions: [chain.transfer(user, dear.address, 50n * SYN)] });
  const expert = profileOf(dear.address, { priceInPerByte: 1_000_000n });
  assert.deepEqual(
    chain.codes(chain.transaction(dear, { type: 'expert.register', expert, bond: 10n * SYN, consent: null })),
    ['OK'],
  );
  const id = chain.open({ respondents: 8, maxFee: 8_000_000n });
  assert.equal(chain.query(id).respondents.length, 3);
  assert.equal(listExperts(chain.state, 'general').length, 5);
});

test('market §3.6: without candidates the query settles at once and is refunded', () => {
  const chain = new TestChain({ powers: [10n] });
  const open = chain.transaction(user, { type: 'query.open', contract: chain.contract() });
  assert.deepEqual(chain.codes(open), ['OK']);
  const { results } = chain.next();
  assert.equal(results.receipts[0]?.outcome, 'noExperts');
  assert.equal(results.receipts[0]?.refund, 1_000_000n);
  assert.equal(results.receipts[0]?.best, null);
});

test('market §3.5: prices are those at selection', () => {
  const chain = new TestChain();
  const id = chain.open();
  for (const respondent of chain.query(id).respondents) {
    const { profile } = readExpert(chain.state, respondent.expert)!;
    assert.equal(respondent.priceInPerByte, profile.priceInPerByte);
    assert.equal(respondent.operator, profile.operator);
  }
  assert.equal(chain.query(id).scorers.length, 4);
});
