/** Who is selected (market §3). */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  type Address,
  drawRespondents,
  encodeExpert,
  explainSelection,
  type Hash,
  listExperts,
  Overlay,
  openAssignments,
  readBeacon,
  readExpert,
  selectRespondents,
  sha256,
  stateKeys,
  toHex,
  transactionId,
} from '../../src/index.ts';
import { writeHead } from '../../src/state/records.ts';
import { consentOf, type Keys, keysOf, profileOf, SYN, TestChain, type TestValidator, user } from '../test-chain.ts';
import { OPENED } from './urn.ts';

function beaconOf(index: number): Hash {
  return toHex(sha256(new TextEncoder().encode(`beacon ${index}`))) as Hash;
}

test('market §3.1, §3.7: anyone recomputes the selection from the state before and the beacon of the next height', () => {
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

test('market §3.13: without candidates the query settles at once and is refunded', () => {
  const chain = new TestChain({ powers: [10n] });
  const open = chain.transaction(user, { type: 'query.open', contract: chain.contract() });
  assert.deepEqual(chain.codes(open), ['OK']);
  const { results } = chain.next();
  assert.equal(results.receipts[0]?.outcome, 'noExperts');
  assert.equal(results.receipts[0]?.refund, 1_000_000n);
  assert.equal(results.receipts[0]?.best, null);
});

test('market §3.12: prices are those at selection', () => {
  const chain = new TestChain();
  const id = chain.open();
  for (const respondent of chain.query(id).respondents) {
    const { profile } = readExpert(chain.state, respondent.expert)!;
    assert.equal(respondent.priceInPerByte, profile.priceInPerByte);
    assert.equal(respondent.operator, profile.operator);
  }
  assert.equal(chain.query(id).scorers.length, 4);
});

test('market §3.1, §3.10: queries of one block are selected for in order, each sees the assignments of those before', () => {
  const chain = new TestChain();
  const opens = [1, 2].map(() => chain.transaction(user, { type: 'query.open', contract: chain.contract() }));
  chain.next({ transactions: opens });
  chain.next();
  const [first, second] = opens.map(({ body }) => chain.query(transactionId(body)));
  const chosen = new Set(first!.respondents.map(({ expert }) => expert));
  for (const { expert, weight } of second!.selection.candidates) {
    const before = first!.selection.candidates.find((candidate) => candidate.expert === expert)!.weight;
    // One open assignment of a capacity of 4.
    assert.equal(weight, chosen.has(expert) ? (before * 800_000n) / 1_000_000n : before);
  }
  const open = new Map<string, number>();
  for (const { expert } of [...first!.respondents, ...second!.respondents])
    open.set(expert, (open.get(expert) ?? 0) + 1);
  for (const [expert, count] of open) assert.equal(readExpert(chain.state, expert as Address)!.active, count);
});

test('market §3.9: a half-open expert is drawn for one of two queries opened in one block', () => {
  const chain = new TestChain({ powers: [10n, 10n] });
  const half = readExpert(chain.state, chain.validators[1]!.expert.address)!;
  const tripped = encodeExpert({ ...half, breaker: { failures: 3, openUntil: 1 } });
  const state = chain.state.update(new Map([[stateKeys.expert(half.address), tripped]]));
  const overlay = new Overlay(state);
  writeHead(overlay, 5);
  const query = (id: Hash) => ({ ...OPENED, id, contract: chain.contract({ respondents: 1 }) });
  const select = (index: number) => {
    const { respondents } = selectRespondents(overlay, query(beaconOf(index)), beaconOf(9));
    openAssignments(overlay, respondents);
    return respondents.map(({ expert }) => expert);
  };
  assert.deepEqual(select(1), [half.address]);
  assert.deepEqual(select(2), []);
  assert.equal(explainSelection(overlay, query(beaconOf(2)), beaconOf(9)).excluded.at(-1)?.reason, 'probing');
});

test('market §3.14: the record that a query keeps draws the same respondents again', () => {
  const chain = new TestChain();
  const id = chain.open({ respondents: 3 });
  const { selection, respondents } = chain.query(id);
  const draws = drawRespondents(selection.seed, selection.candidates, 3);
  assert.deepEqual(
    draws.map(({ chosen }) => chosen),
    respondents.map(({ expert }) => expert),
  );
  assert.deepEqual(
    selection.candidates.map(({ expert, operator }) => [expert, operator]),
    listExperts(chain.state, 'general')
      .map((expert) => [expert, readExpert(chain.state, expert)!.profile.operator] as const)
      .filter(([, operator]) => operator !== chain.validators[0]!.address),
  );
});

test('market §3.10: a query that settles takes its assignments back', () => {
  const chain = new TestChain();
  const id = chain.open({ answerWindow: 2 });
  const chosen = chain.query(id).respondents.map(({ expert }) => expert);
  assert.deepEqual(
    chosen.map((expert) => readExpert(chain.state, expert)!.active),
    [1, 1],
  );
  while (chain.query(id).phase !== 'settled') chain.next();
  assert.deepEqual(
    chosen.map((expert) => readExpert(chain.state, expert)!.active),
    [0, 0],
  );
  assert.deepEqual(
    chosen.map((expert) => readExpert(chain.state, expert)!.breaker.failures),
    [1, 1],
  );
});
